"""Seconds since 1970 as the text a database and the hash chain write, without building a datetime for
each.
"""

from __future__ import annotations

import datetime as dt
from functools import cache

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_CLOCK = [f"{s // 3600:02d}:{s // 60 % 60:02d}:{s % 60:02d}" for s in range(86_400)]


@cache
def _day(number: int) -> str:
    return (EPOCH + dt.timedelta(days=number)).strftime("%Y-%m-%d")


def written(second: int) -> str:
    """As both databases take it, in UTC."""
    return f"{_day(second // 86_400)} {_CLOCK[second % 86_400]}"


def chained(second: int) -> str:
    """As `history.entry_hash` writes a moment."""
    return f"{_day(second // 86_400)}T{_CLOCK[second % 86_400]}.000000+00:00"


def moment(second: int) -> dt.datetime:
    return EPOCH + dt.timedelta(seconds=second)


def second_of(at: dt.datetime) -> int:
    return int((at - EPOCH).total_seconds())
