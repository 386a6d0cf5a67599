"""Every table of the kernel in one place, so that Django finds it and the rest imports it from here."""

from chuangwen.kernel.evidence.models import Blob, Evidence
from chuangwen.kernel.people.models import Duty, Person, Post, Unit
from chuangwen.kernel.places.models import City, Place, Term
from chuangwen.kernel.workflow.models import (
    Checkpoint,
    Clock,
    Counter,
    DayOverride,
    Demand,
    Entry,
    GateOpening,
    Message,
    Notice,
    Sealed,
)

__all__ = [
    "Blob",
    "Checkpoint",
    "City",
    "Clock",
    "Counter",
    "DayOverride",
    "Demand",
    "Duty",
    "Entry",
    "Evidence",
    "GateOpening",
    "Message",
    "Notice",
    "Person",
    "Place",
    "Post",
    "Sealed",
    "Term",
    "Unit",
]
