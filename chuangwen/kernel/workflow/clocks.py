"""Clocks on matters: start, pause, resume, stop. Overdue is computed from `due_at`, never stored."""

from __future__ import annotations

import datetime as dt

from chuangwen.kernel.city import calendar
from chuangwen.kernel.fixed_query import FixedQuery
from chuangwen.kernel.workflow.calendar import Limit, Unit
from chuangwen.kernel.workflow.models import Clock, Matter

_clocks = FixedQuery(
    lambda subject, pk: Clock.objects.filter(subject=subject, subject_id=pk).order_by("started_at", "pk"),
    subject=str,
    pk=int,
)


def clocks_of(matter: Matter) -> list[Clock]:
    return _clocks(subject=matter.subject, pk=matter.pk)


def running(clocks: list[Clock]) -> list[Clock]:
    return [clock for clock in clocks if clock.stopped_at is None]


def start(matter: Matter, name: str, limit: Limit, at: dt.datetime, round: int = 1) -> Clock:
    return Clock.objects.create(
        subject=matter.subject, subject_id=matter.pk, name=name, round=round, amount=limit.amount,
        unit=limit.unit.value, started_at=at, due_at=calendar().due(at, limit),
    )  # fmt: skip


def stop(clock: Clock, at: dt.datetime) -> None:
    if clock.paused_at:
        resume(clock, at)
    clock.stopped_at = at
    clock.save(update_fields=["stopped_at"])


def pause(clock: Clock, at: dt.datetime) -> None:
    if clock.paused_at is None:
        clock.paused_at = at
        clock.save(update_fields=["paused_at"])


def resume(clock: Clock, at: dt.datetime) -> None:
    """Moves the due moment so that what was left at the pause is left now."""
    if clock.paused_at is not None:
        clock.due_at = calendar().shift(clock.due_at, clock.paused_at, at, Unit(clock.unit))
        clock.paused_at = None
        clock.save(update_fields=["due_at", "paused_at"])


def extend(clock: Clock, limit: Limit) -> None:
    """Adds an amount to a running clock, counted from its due moment."""
    clock.due_at = calendar().due(clock.due_at, limit)
    clock.save(update_fields=["due_at"])
