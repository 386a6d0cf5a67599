"""Every table of the kernel in one place, so that Django finds it and the rest imports it from here."""

from chuangwen.kernel.evidence.arrival_models import Mask, Upload
from chuangwen.kernel.evidence.models import Blob, Evidence
from chuangwen.kernel.people.models import Duty, Person, Post, Unit
from chuangwen.kernel.people.token_models import Token
from chuangwen.kernel.places.models import City, Place, Term
from chuangwen.kernel.workflow.arrival_models import (
    Delivery,
    PhoneCode,
    RateCount,
    SetAside,
    SpentProof,
    Webhook,
)
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
    "Delivery",
    "Demand",
    "Duty",
    "Entry",
    "Evidence",
    "GateOpening",
    "Mask",
    "Message",
    "Notice",
    "Person",
    "PhoneCode",
    "Place",
    "Post",
    "RateCount",
    "Sealed",
    "SetAside",
    "SpentProof",
    "Term",
    "Token",
    "Unit",
    "Upload",
    "Webhook",
]
