"""On which days a cadence comes round, and what span a pack of it looks back on. Pure arithmetic on dates; no database."""

from __future__ import annotations

import datetime as dt
from calendar import monthrange
from collections.abc import Callable, Iterator
from dataclasses import dataclass

IsWorkday = Callable[[dt.date], bool]
FAR = 20  # days a shift may move at most: longer than any holiday with its bridge


@dataclass(frozen=True)
class When:
    """The day of one cadence: weekday 1–7, or day of the month (its last where the month is shorter) and month."""

    cadence: str  # daily, weekly, monthly, quarterly, yearly
    day: int = 1
    month: int = 1
    shift: str = "next"  # none, next, previous, skip


def _of_month(year: int, month: int, day: int) -> dt.date:
    return dt.date(year, month, min(day, monthrange(year, month)[1]))


def _falls(when: When, day: dt.date) -> bool:
    """Whether the cadence falls on that day before it is shifted."""
    if when.cadence == "daily":
        return True
    if when.cadence == "weekly":
        return day.isoweekday() == when.day
    if day != _of_month(day.year, day.month, when.day):
        return False
    if when.cadence == "monthly":
        return True
    if when.cadence == "quarterly":
        return (day.month - 1) % 3 + 1 == when.month
    return day.month == when.month


def _shifted(day: dt.date, shift: str, is_workday: IsWorkday) -> dt.date | None:
    """The working day instead of `day`; None where it is left out, or where no working day is near."""
    if shift == "none" or is_workday(day):
        return day
    if shift == "skip":
        return None
    step = dt.timedelta(days=1 if shift == "next" else -1)
    found = (day + step * i for i in range(1, FAR))
    return next((each for each in found if is_workday(each)), None)


def days(when: When, first: dt.date, last: dt.date, is_workday: IsWorkday) -> Iterator[dt.date]:
    """The days the cadence comes round from `first` to `last`, both included, in order, each once."""
    if first > last:
        return
    pad = dt.timedelta(days=0 if when.cadence == "daily" and when.shift == "skip" else FAR)
    seen: set[dt.date] = set()
    day = first - pad
    while day <= last + pad:
        moved = _shifted(day, when.shift, is_workday) if _falls(when, day) else None
        if moved is not None and first <= moved <= last:
            seen.add(moved)
        day += dt.timedelta(days=1)
    yield from sorted(seen)


def next_day(when: When, today: dt.date, is_workday: IsWorkday) -> dt.date | None:
    """The first day from `today` on; None where none is found within fourteen months."""
    for months in (1, 3, 14):
        found = next(days(when, today, today + dt.timedelta(days=31 * months), is_workday), None)
        if found is not None:
            return found
    return None


def span(cadence: str, on: dt.date) -> tuple[dt.date, dt.date]:
    """First and last day of what the pack of that day looks back on.

    The day itself for the daily list, else the seven days before it, or the last whole month, quarter or year.
    """
    if cadence == "daily":
        return on, on
    if cadence == "weekly":
        return on - dt.timedelta(days=7), on - dt.timedelta(days=1)
    if cadence == "yearly":
        return dt.date(on.year - 1, 1, 1), dt.date(on.year - 1, 12, 31)
    months = 1 if cadence == "monthly" else 3
    start = dt.date(on.year, on.month - (on.month - 1) % months, 1)
    last = start - dt.timedelta(days=1)
    return dt.date(last.year, last.month - months + 1, 1), last
