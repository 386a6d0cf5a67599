"""Shredding persons from what is finished: contacts of those who reported, and personal values sealed in history.

Least data for the shortest time (PIPL arts. 19, 47): history keeps its chain, because only commitments are in it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import NamedTuple

from chuangwen.kernel.workflow.models import Sealed

# Upper apps register what they destroy: (name, function of the moment before which a matter must have ended).
Shredder = Callable[[dt.datetime], int]
SHREDDERS: dict[str, Shredder] = {}


class Shredded(NamedTuple):
    what: str
    number: int


def shreds(name: str) -> Callable[[Shredder], Shredder]:
    """Registers an app's own way to destroy personal data of what ended before a moment."""

    def register(shredder: Shredder) -> Shredder:
        SHREDDERS[name] = shredder
        return shredder

    return register


def shred_before(moment: dt.datetime) -> list[Shredded]:
    """Destroys personal data of everything that ended before the moment; returns what and how many."""
    found = [Shredded(name, shredder(moment)) for name, shredder in SHREDDERS.items()]
    sealed = Sealed.objects.filter(entry__at__lt=moment)
    return [*found, Shredded("sealed values", sealed.delete()[0])]
