"""Counts the working days of a calendar and finds the n-th one, in logarithmic time.

The count up to a day is arithmetic on the week (five of seven) plus the balance of the exceptions up to that
day, found by bisection. No table per year is needed and no year is out of reach.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from datetime import date
from itertools import accumulate

_REST_WEEKDAYS = (5, 6)


def _is_weekend(day: date) -> bool:
    return day.weekday() in _REST_WEEKDAYS


def _weekdays_up_to(ordinal: int) -> int:
    # Ordinal 1, the first of January of year 1, is a Monday.
    weeks, rest = divmod(ordinal, 7)
    return weeks * 5 + min(rest, 5)


class WorkingDays:
    """Monday to Friday, less `holidays`, plus `workdays` (调休上班日).

    Raises ValueError when a day is named in both.
    """

    def __init__(self, holidays: Iterable[date], workdays: Iterable[date]) -> None:
        free, moved = frozenset(holidays), frozenset(workdays)
        if both := sorted(free & moved):
            raise ValueError(f"{both[0]:%Y-%m-%d} 既列为节假日又列为调休上班日,删去其中一项后再保存")
        changes = [(day.toordinal(), -1) for day in free if not _is_weekend(day)]
        changes += [(day.toordinal(), 1) for day in moved if _is_weekend(day)]
        changes.sort()
        self._ordinals = [ordinal for ordinal, _ in changes]
        self._balance = [0, *accumulate(change for _, change in changes)]

    def count(self, ordinal: int) -> int:
        """Number of working days from the beginning of the era up to and with the day of this ordinal."""
        return _weekdays_up_to(ordinal) + self._balance[bisect_right(self._ordinals, ordinal)]

    def contains(self, ordinal: int) -> bool:
        """Whether the day of this ordinal is a working day."""
        return self.count(ordinal) > self.count(ordinal - 1)

    def nth(self, number: int) -> int:
        """Ordinal of the working day whose `count` is `number` (the inverse of `count` on working days)."""
        slack = (len(self._ordinals) // 5 + 2) * 7
        middle = number * 7 // 5
        low = max(1, middle - slack)
        return low + bisect_left(range(low, middle + slack), number, key=self.count)
