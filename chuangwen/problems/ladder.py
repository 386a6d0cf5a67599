"""The escalation ladder (row 42): reminders go by themselves, everything beyond is prepared for a person's signature.

The rungs are the city's rows. A case keeps the next moment it must be looked at (`look_at`) and how many
timed rungs of this round it has taken (`rung`), so the clock reads one small index and nothing else.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.utils.translation import gettext as _

from chuangwen.kernel.city import briefly, calendar
from chuangwen.kernel.workflow.calendar import Limit, Unit
from chuangwen.problems.models import AUTOMATIC, Case, Prepared, Rung


@briefly
def rungs() -> list[Rung]:
    return list(Rung.objects.order_by("rank"))


def timed() -> list[Rung]:
    """The rungs bound to the limit, in the order in which they come due."""
    order = {Rung.Trigger.BEFORE: -1, Rung.Trigger.AFTER: 1}
    rows = [rung for rung in rungs() if rung.trigger in order]
    return sorted(rows, key=lambda r: (order[Rung.Trigger(r.trigger)], r.rank))


def moment(rung: Rung, due: dt.datetime) -> dt.datetime:
    """When a timed rung comes due for a limit that ends at `due`."""
    if rung.amount == 0:
        return due
    limit = Limit(rung.amount, Unit(rung.unit))
    return calendar().due(due, limit) if rung.trigger == Rung.Trigger.AFTER else before(due, limit)


def before(due: dt.datetime, limit: Limit) -> dt.datetime:
    """The latest moment (to the minute) at which `limit` is still left until `due`."""
    low, high = due - dt.timedelta(days=60), due
    while high - low > dt.timedelta(minutes=1):
        middle = low + (high - low) / 2
        if calendar().elapsed(middle, due, limit.unit) >= limit.amount:
            low = middle
        else:
            high = middle
    return low


def plan(case: Case, at: dt.datetime) -> None:
    """Sets the next moment the clock must look at this case; none when the ladder is at its end or the clock stands."""
    steps = timed()
    case.look_at = None
    if case.fix_due_at is None or case.is_paused or case.state not in ("assigned", "fixing"):
        if case.state in ("filed", "disputed"):
            case.look_at = at  # being given to a unit: plan when the fix clock stands
        return
    if case.rung < len(steps):
        case.look_at = moment(steps[case.rung], case.fix_due_at)


def prepare(case: Case, trigger: str, times: int, at: dt.datetime) -> list[Prepared]:
    """Prepares the rungs reached by a count (returned, reworked, recurred)."""
    made = []
    for rung in rungs():
        if rung.trigger == trigger and rung.amount == Decimal(times) and rung.action not in AUTOMATIC:
            made.append(
                prepare_rung(
                    case, rung, at, _("%(what)s %(n)d 次") % {"what": rung.get_trigger_display(), "n": times}
                )
            )
    return made


def prepare_rung(case: Case, rung: Rung, at: dt.datetime, ground: str) -> Prepared:
    row, _made = Prepared.objects.get_or_create(
        case=case, rung=rung, round=case.round, defaults={"ground": ground, "made_at": at}
    )
    return row
