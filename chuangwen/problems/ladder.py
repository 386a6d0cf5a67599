"""The escalation ladder (row 42): reminders go by themselves, everything beyond is prepared for a person's signature.

The rungs are the city's rows. A case keeps the next moment it must be looked at (`look_at`) and how many
timed rungs of this round it has taken (`rung`), so the clock reads one small index and nothing else.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from chuangwen.kernel.city import briefly, calendar
from chuangwen.kernel.people.models import Role
from chuangwen.kernel.workflow import notices
from chuangwen.kernel.workflow.calendar import Limit, Unit
from chuangwen.problems.models import AUTOMATIC, Case, LadderAction, Prepared, Rung


@briefly
def rungs() -> list[Rung]:
    return list(Rung.objects.order_by("rank"))


def timed(case: Case) -> list[tuple[dt.datetime, Rung]]:
    """The rungs bound to this case's fix limit with the moment each comes due, earliest first.

    A rung counted in hours or calendar days is for limits in that unit; one in working days, after the limit,
    is for all. A reminder before the limit needs a limit longer than itself.
    """
    if case.fix_due_at is None or case.assigned_at is None:
        return []
    found = []
    for rung in rungs():
        after = rung.trigger == Rung.Trigger.AFTER
        if not after and rung.trigger != Rung.Trigger.BEFORE:
            continue
        if rung.unit != case.due_unit and not (after and rung.unit == Unit.WORK_DAY):
            continue
        when = moment(rung, case.fix_due_at)
        if after or when > case.assigned_at:
            found.append((when, rung))
    return sorted(found, key=lambda pair: (pair[0], pair[1].rank))


def moment(rung: Rung, due: dt.datetime) -> dt.datetime:
    """When a timed rung comes due for a limit that ends at `due`."""
    if rung.amount == 0:
        return due
    limit = Limit(rung.amount, Unit(rung.unit))
    return calendar().due(due, limit) if rung.trigger == Rung.Trigger.AFTER else before(due, limit)


def before(due: dt.datetime, limit: Limit) -> dt.datetime:
    """The latest moment (to the minute) at which `limit` is still left until `due`; of days, at the hour of `due`."""
    low, high = due - dt.timedelta(days=60), due
    while high - low > dt.timedelta(minutes=1):
        middle = low + (high - low) / 2
        if calendar().elapsed(middle, due, limit.unit) >= limit.amount:
            low = middle
        else:
            high = middle
    if limit.unit in (Unit.WORK_DAY, Unit.CALENDAR_DAY):
        local = timezone.localtime(low)
        return min(low, local.replace(hour=timezone.localtime(due).hour, minute=timezone.localtime(due).minute))
    return low


def plan(case: Case, at: dt.datetime) -> None:
    """Sets the next moment the clock must look at this case; none when the ladder is at its end or the clock stands."""
    case.look_at = None
    if case.fix_due_at is None or case.is_paused or case.state not in ("assigned", "fixing"):
        if case.state in ("filed", "disputed"):
            case.look_at = at  # being given to a unit: plan when the fix clock stands
        return
    steps = timed(case)
    if case.rung < len(steps):
        case.look_at = steps[case.rung][0]


def prepare(case: Case, trigger: str, times: int, at: dt.datetime) -> None:
    """Reaches the rungs bound to a count (returned, passed on, reworked, recurred): reminders go, the rest is prepared."""
    for rung in rungs():
        if rung.trigger != trigger or rung.amount != Decimal(times):
            continue
        with translation.override(settings.LANGUAGE_CODE):  # kept and read by others than who acts
            ground = _("%(what)s %(n)d") % {"what": rung.get_trigger_display(), "n": times}
        if rung.action in AUTOMATIC:
            role = Role.HEAD if rung.action == LadderAction.REMIND_HEAD else Role.LIAISON
            words = f"{ground}：{case.number} {case.what}"
            notices.tell([notices.Tell(case, "remind", words, unit_id=case.unit_id, role=role, url=case.get_absolute_url())], at)
        else:
            prepare_rung(case, rung, at, ground)


def prepare_rung(case: Case, rung: Rung, at: dt.datetime, ground: str) -> Prepared:
    row, _made = Prepared.objects.get_or_create(
        case=case, rung=rung, round=case.round, defaults={"ground": ground, "made_at": at}
    )
    return row
