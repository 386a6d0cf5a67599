"""How figures, moments and deadlines are said: the clock's own unit, no number without its denominator."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import NamedTuple

from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen.kernel.city import calendar
from chuangwen.kernel.workflow.calendar import Unit

MINUS = "−"


def local(value: dt.datetime) -> dt.datetime:
    """The moment on the city's wall clock."""
    return timezone.localtime(value)


def day(value: dt.date | dt.datetime | None) -> str:
    if value is None:
        return "—"
    if isinstance(value, dt.datetime):
        value = timezone.localtime(value)
    return value.strftime("%m-%d")


def moment(value: dt.datetime | None) -> str:
    return timezone.localtime(value).strftime("%m-%d %H:%M") if value else "—"


def full_moment(value: dt.datetime | None) -> str:
    return timezone.localtime(value).strftime("%Y-%m-%d %H:%M") if value else "—"


def number(value: int | float | Decimal | None) -> str:
    """1,157; unknown is a dash, zero is zero."""
    if value is None:
        return "—"
    return f"{value:,}".replace("-", MINUS)


def plain_number(value: Decimal | None) -> str:
    """2.5 and 100, never 1E+2 or 2.500; unknown is a dash."""
    return "—" if value is None else f"{value.normalize():f}".replace("-", MINUS)


def percent(part: int | None, whole: int | None) -> str:
    """One decimal; a dash where there is no denominator."""
    return f"{100 * part / whole:.1f}%" if part is not None and whole else "—"


class Due(NamedTuple):
    """A deadline in words and in one of the five looks: none, soon, late, paused, met."""

    look: str
    text: str


_UNIT_WORDS = {
    Unit.URGENT_HOUR: lambda n: _("%(n)s 紧急工作时") % {"n": n},
    Unit.WORK_HOUR: lambda n: _("%(n)s 工作时") % {"n": n},
    Unit.WORK_DAY: lambda n: _("%(n)s 工作日") % {"n": n},
    Unit.CALENDAR_DAY: lambda n: _("%(n)s 天") % {"n": n},
}


def amount(value: Decimal | float, unit: str) -> str:
    """An amount of a clock unit in words: hours to one decimal, days whole."""
    rounded = Decimal(value).quantize(Decimal("0.1")).normalize()
    return str(_UNIT_WORDS[Unit(unit)](f"{rounded:f}"))


def due(
    due_at: dt.datetime | None, unit: str, now: dt.datetime, *, is_paused: bool = False, is_done: bool = False
) -> Due:
    """剩 38 分、剩 2 工作时、今天 17:30、超 1 天 …: amber from the day the limit falls due, red when over."""
    if due_at is None or is_done:
        return Due("none", "")
    if is_paused:
        return Due("paused", _("暂停"))
    clock = Unit(unit or Unit.WORK_HOUR)
    if due_at < now:
        over = _over(due_at, now, clock)
        return Due("late", _("超 %(amount)s") % {"amount": over} if over else _("已超期"))
    left = due_at - now
    today = timezone.localtime(due_at).date() == timezone.localtime(now).date()
    if left < dt.timedelta(hours=1):
        return Due("soon", _("剩 %(n)d 分") % {"n": max(1, int(left.total_seconds() // 60))})
    if clock in (Unit.WORK_DAY, Unit.CALENDAR_DAY):
        if today:
            return Due("soon", _("今天 %(time)s") % {"time": timezone.localtime(due_at).strftime("%H:%M")})
        days = int(calendar().elapsed(now, due_at, clock))
        return Due("none", _("剩 %(amount)s") % {"amount": amount(max(days, 1), clock)})
    hours = calendar().elapsed(now, due_at, clock)
    shown = amount(hours.quantize(Decimal("1")) or Decimal("0.5"), clock)
    return Due("soon" if today else "none", _("剩 %(amount)s") % {"amount": shown})


def _over(due_at: dt.datetime, now: dt.datetime, clock: Unit) -> str:
    """How far over, in the clock's own unit; under one day in working hours, under one hour in minutes.

    Empty when no working time has passed since, as on a Sunday after a Friday evening.
    """
    over = calendar().elapsed(due_at, now, clock)
    if over >= 1:
        return amount(int(over), clock)
    if clock in (Unit.WORK_DAY, Unit.CALENDAR_DAY):
        return _over(due_at, now, Unit.WORK_HOUR)
    minutes = int(over * 60)
    return _("%(n)d 分") % {"n": minutes} if minutes else ""


def masked(contact: str) -> str:
    """A phone number or address of a person as the desk may show it: its ends only."""
    if len(contact) >= 9:
        return f"{contact[:3]}****{contact[-4:]}"
    return f"{contact[:1]}***" if contact else ""
