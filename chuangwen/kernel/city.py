"""The city this installation serves: its row, its work calendar and its chosen settings, briefly cached per process."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from chuangwen.kernel.places.models import City
from chuangwen.kernel.workflow.calendar import WorkCalendar
from chuangwen.kernel.workflow.holidays import china_days, known_years, overlay
from chuangwen.kernel.workflow.models import DayOverride

T = TypeVar("T")
CACHE_SECONDS = 5.0
_epoch = 0


def forget() -> None:
    """Drops what is cached here; for set-up and tests, other processes see changes within CACHE_SECONDS."""
    global _epoch
    _epoch += 1


def briefly(read: Callable[[], T], seconds: float = CACHE_SECONDS) -> Callable[[], T]:
    """Caches a slowly changing read for some seconds in this process."""
    kept: list[Any] = [-1, 0.0, None]

    @wraps(read)
    def cached() -> T:
        now = time.monotonic()
        if kept[0] != _epoch or now - kept[1] > seconds:
            kept[:] = [_epoch, now, read()]
        result: T = kept[2]
        return result

    return cached


@briefly
def city() -> City | None:
    """The city's row, or None before set-up."""
    return City.objects.first()


def setting(name: str, default: Any) -> Any:
    """A value the city may choose; the default holds until it does."""
    row = city()
    return row.settings.get(name, default) if row else default


def hours_of(text: str) -> tuple[tuple[dt.time, dt.time], ...]:
    """Reads "08:30-12:00,14:30-18:00" into spans; raises ValueError for anything else."""
    spans = []
    for part in text.replace("，", ",").replace("—", "-").split(","):
        start, _, end = part.strip().partition("-")
        spans.append((dt.time.fromisoformat(start.strip()), dt.time.fromisoformat(end.strip())))
    return tuple(spans)


_built: dict[Any, WorkCalendar] = {}


@briefly
def calendar() -> WorkCalendar:
    """The city's work calendar: national days, the city's own overrides, its working hours."""
    row = city()
    hours = row.hours if row else "08:30-12:00,14:30-18:00"
    overrides = tuple(DayOverride.objects.order_by("day").values_list("day", "is_work"))
    key = (hours, overrides)
    if key not in _built:  # building is dear, the rows seldom change
        days = overlay(china_days(sorted(known_years())), overrides)
        _built.clear()
        _built[key] = WorkCalendar(hours=hours_of(hours), holidays=days.holidays, workdays=days.workdays)
    return _built[key]
