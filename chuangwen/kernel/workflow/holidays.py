"""Public holidays and moved working days of China, from the `chinesecalendar` library, and a city's changes.

The State Council gives each year's days in a notice in the autumn before; the library follows with a release.
A year it does not know falls back to plain weekends, so a caller compares its years with `known_years()` and
says so, or overlays the rows of the notice.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import cache
from typing import NamedTuple

# The tables alone: the functions of the library raise for years it does not know.
from chinese_calendar.constants import holidays as _holidays
from chinese_calendar.constants import workdays as _workdays


class ChinaDays(NamedTuple):
    """Days off (weekends need not be listed) and weekend days that are worked (调休)."""

    holidays: frozenset[date]
    workdays: frozenset[date]


@cache
def known_years() -> frozenset[int]:
    """The years whose official arrangement is known: those whose National Day is listed.

    National Day is the last holiday of a notice, so a year known only by a New Year bridge does not pass.
    """
    return frozenset(day.year for day in _holidays if (day.month, day.day) == (10, 1))


def china_days(years: Iterable[int]) -> ChinaDays:
    """The holidays and moved working days of `years`; none for a year outside `known_years()`."""
    wanted = known_years().intersection(years)
    return ChinaDays(
        frozenset(day for day in _holidays if day.year in wanted),
        frozenset(day for day in _workdays if day.year in wanted),
    )


def overlay(days: ChinaDays, rows: Iterable[tuple[date, bool]]) -> ChinaDays:
    """`days` changed by `rows` of (day, is it worked); a row beats the nation's, the last row wins."""
    changes = dict(rows)
    return ChinaDays(
        (days.holidays - changes.keys()) | {day for day, is_work in changes.items() if not is_work},
        (days.workdays - changes.keys()) | {day for day, is_work in changes.items() if is_work},
    )
