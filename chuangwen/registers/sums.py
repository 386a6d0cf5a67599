"""Stated relations of numbers: parts and whole, a part and its share of a whole. Pure: no Django, no database.

Source of the relations checked in the tests: the two source documents' own sums, mechanisms.md §4K.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from chuangwen.registers.figures import ABOUT, AT_LEAST, EXACT, NEAR, grain_of

HOLDS, ROUNDED, FAILS, OPEN = "holds", "rounded", "fails", "open"
_LEAST: Final = frozenset({AT_LEAST, ">="})
_ABOUT: Final = frozenset({ABOUT, "~"})


class Number(NamedTuple):
    """A number with its relation (=, ≥, ≈)."""

    value: Decimal
    relation: str = EXACT


class Checked(NamedTuple):
    """What a relation says: the whole worked out, the bounds the written digits leave, the whole stated, the verdict."""

    worked_out: Decimal
    low: Decimal
    high: Decimal
    stated: Decimal | None
    verdict: str

    @property
    def difference(self) -> Decimal | None:
        return None if self.stated is None else self.worked_out - self.stated


def bounds(number: Number, *, is_rounded: bool = False) -> tuple[Decimal, Decimal]:
    """The least and the most the true number may be, as far as its written digits say."""
    value, grain = number.value, grain_of(number.value)
    if number.relation in _LEAST:
        return value, value + min(grain, value / 10)
    if number.relation in _ABOUT:
        room = min(grain / 2, value * NEAR)
        return value - room, value + room
    if is_rounded:
        return value - grain / 2, value + grain / 2
    return value, value


def check_sum(parts: Sequence[Number], stated: Number | None) -> Checked:
    """Whether parts add up to the whole stated; parts and a whole that are not exact leave room. Raises ValueError without parts."""
    if not parts:
        raise ValueError("a sum needs parts")
    spans = [bounds(part) for part in parts]
    whole = sum((part.value for part in parts), Decimal(0))
    low, high = sum((span[0] for span in spans), Decimal(0)), sum((span[1] for span in spans), Decimal(0))
    return _judged(whole, low, high, stated)


def check_share(part: Number, percent: Number, stated: Number | None) -> Checked:
    """Whether a part and its percentage lead to the whole stated; the percentage counts as rounded at its last digit.

    Raises ValueError for a percentage that is not above 0.
    """
    low_share, high_share = bounds(percent, is_rounded=True)
    if low_share <= 0:
        raise ValueError("a share is above 0")
    low_part, high_part = bounds(part)
    whole = part.value * 100 / percent.value
    return _judged(whole, low_part * 100 / high_share, high_part * 100 / low_share, stated)


def _judged(whole: Decimal, low: Decimal, high: Decimal, stated: Number | None) -> Checked:
    if stated is None:
        return Checked(whole, low, high, None, OPEN)
    least, most = bounds(stated)
    verdict = HOLDS if whole == stated.value else ROUNDED if low <= most and least <= high else FAILS
    return Checked(whole, low, high, stated.value, verdict)
