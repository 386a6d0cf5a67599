"""What the steps of a case do to its columns, what holds a step up, and the limits its clocks run by."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen.kernel.city import city, setting
from chuangwen.kernel.models import Entry, Evidence, Person, Unit
from chuangwen.kernel.workflow import clocks
from chuangwen.kernel.workflow.calendar import Limit
from chuangwen.kernel.workflow.calendar import Unit as ClockUnit
from chuangwen.kernel.workflow.flow import Asked
from chuangwen.problems import ladder, routing
from chuangwen.problems.models import Case, CaseKind, Handover, State

# Where the catalogue says nothing; a city sets its own under the same names.
DEFAULT_LIMITS = {
    "verify": ["2", "work_hour"], "dispatch": ["1", "work_hour"], "fix": ["3", "work_day"],
    "check": ["4", "work_hour"], "appeal": ["2", "work_day"],
}  # fmt: skip


def limit_of(stage: str) -> Callable[[Case], Limit]:
    """The limit of a stage for a case: the kind's, else the city's."""

    def limit(case: Case) -> Limit:
        own = case.kind.limit(stage) if case.kind else None
        if own:
            return own
        amount, unit = setting(f"limit_{stage}", DEFAULT_LIMITS[stage])
        return Limit(Decimal(amount), ClockUnit(unit))

    return limit


def verify(
    case: Case, *, by: Person | None, at: dt.datetime, kind: CaseKind, what: str = ""
) -> dict[str, Any]:
    """Settles the kind; links an earlier closed case of the same kind and place as recurrence."""
    case.kind = kind
    if what:
        case.what = what
    before = routing.earlier_closed(case, at)
    if before:
        case.recurs_of = before
        case.is_watched = True
        ladder.prepare(case, "recurred_times", routing.times_recurred(before) + 1, at)
        return {"recurs_of": before.number}
    return {}


def file(case: Case, *, by: Person | None, at: dt.datetime) -> dict[str, Any]:
    """Opens the case; the limits of that day go into history, a later change of the catalogue does not reach back."""
    case.filed_at = at
    kind = case.kind
    assert kind is not None  # verify settled it
    return {"kind": kind.code, "kind_name": kind.name, "limits": kind.limits, "open_when": kind.open_when}


def dispatch(
    case: Case,
    *,
    by: Person | None,
    at: dt.datetime,
    unit: Unit,
    note: str = "",
    reason: str = "",
    heard: Any = (),
) -> dict[str, Any]:
    case.unit = unit
    case.assigned_at = at
    case.rung = 0
    case.passes += 1
    ladder.prepare(case, "passed_times", case.passes - 1, at)
    ladder.plan(case, at)
    return {"unit_name": unit.name, "as_suggested": unit.pk == case.suggested_unit_id, "why": case.why_unit}


def asks_fix(case: Case) -> Asked:
    return Asked(case.unit_id, "fix", str(case.what))


def answer(case: Case, *, by: Person | None, at: dt.datetime, note: str) -> dict[str, Any]:
    case.answered_at = at
    case.look_at = None
    photos = _photos(case)
    return {
        "round": case.round,
        "photos": [p.blob.sha256 for p in photos],
        "findings": [p.findings for p in photos],
    }


def _photos(case: Case) -> list[Evidence]:
    rows = Evidence.objects.filter(subject=case.subject, subject_id=case.pk, role="fixed", round=case.round)
    return list(rows.select_related("blob").order_by("pk"))


def lacks_photo(case: Case) -> str | None:
    if case.kind is None or not case.kind.needs_photo:
        return None
    rows = Evidence.objects.filter(subject=case.subject, subject_id=case.pk, role="fixed", round=case.round)
    return None if rows.exists() else _("先传一张整改后的照片，再反馈。")


def give_back(
    case: Case, *, by: Person | None, at: dt.datetime, reason: str, right_unit: Unit | None = None
) -> dict[str, Any]:
    """「不归我」: counts the return, remembers whose it should be, and clears the unit."""
    before = case.unit
    case.returns += 1
    case.suggested_unit, case.unit = right_unit or case.suggested_unit, None
    if right_unit is None and case.suggested_unit_id == (before.pk if before else None):
        case.suggested_unit = None
    case.look_at = None
    ladder.prepare(case, "returned_times", case.returns, at)
    return {"from_unit": before, "times": case.returns}


def after_return(case: Case) -> str:
    """Too many returns without an owner: to the office, which hears the units and decides."""
    return State.DISPUTED if case.returns >= int(setting("returns_before_ruling", 3)) else State.FILED


def rule_appeal(
    case: Case, *, by: Person | None, at: dt.datetime, granted: bool, reason: str
) -> dict[str, Any]:
    if granted:
        before, case.unit = case.unit, None
        return {"from_unit": before}
    return {}


def after_appeal(case: Case) -> str:
    return State.FIXING if case.unit_id else State.FILED


def extension_waits(case: Case) -> str | None:
    return _("延期申请还没批，先等结果。") if case.asked_extension else None


def cannot_extend(case: Case) -> str | None:
    """Only before the limit is over, only while none waits, and at most as often as the city allows."""
    most = int(setting("extensions_at_most", 2))
    if case.asked_extension:
        return _("延期申请还没批，先等结果。")
    if case.extensions >= most:
        return _("已延期 %(n)d 次，到了上限。") % {"n": case.extensions}
    if case.due_at and case.due_at < case.now:
        return _("已超期，不能再申请延期。")
    return None


def no_extension_asked(case: Case) -> str | None:
    return None if case.asked_extension else _("没有待批的延期申请。")


def ask_extension(
    case: Case, *, by: Person | None, at: dt.datetime, amount: Decimal, unit: str, reason: str
) -> None:
    case.asked_extension = f"{amount.normalize():f} {unit}"


def rule_extension(
    case: Case, *, by: Person | None, at: dt.datetime, granted: bool, reason: str
) -> dict[str, Any]:
    """Grants or refuses; a granted extension counts and is marked in history for the scores that read it."""
    asked, case.asked_extension = case.asked_extension, ""
    if not granted:
        return {"asked": asked}
    amount, unit = asked.split()
    live = clocks.running(clocks.clocks_of(case))
    for clock in live:
        if clock.name == "fix":
            clocks.extend(clock, Limit(Decimal(amount), ClockUnit(unit)))
    case.extensions += 1
    case.wound(live)
    ladder.plan(case, at)
    return {"asked": asked, "due": case.fix_due_at}


def hold(case: Case, *, by: Person | None, at: dt.datetime, until: dt.date, reason: str) -> None:
    case.held_until = until
    case.look_at = timezone.make_aware(dt.datetime.combine(until, dt.time(8, 0)))


def resume(case: Case, *, by: Person | None, at: dt.datetime) -> None:
    case.held_until = None
    case.look_at = at  # the ladder is planned anew at the next look


def close(case: Case, *, by: Person | None, at: dt.datetime, note: str = "") -> dict[str, Any]:
    """Cancels the number; draws by the city's seed whether the place is looked at again, so that nobody can choose."""
    case.closed_at = at
    case.look_at = None
    drawn = is_drawn(case)
    if drawn:
        case.look_at = at + dt.timedelta(days=int(setting("spot_after_days", 7)))
    return {
        "on_time": bool(case.answered_at and case.fix_due_at and case.answered_at <= case.fix_due_at),
        "drawn": drawn,
    }


def is_drawn(case: Case) -> bool:
    """Whether this closing belongs to the random share that is re-checked: SHA-256(seed, number, round) < share."""
    row = city()
    key = f"{row.seed if row else 0}:{case.number}:{case.round}".encode()
    share = float(setting("spot_share", 0.05))
    return int.from_bytes(hashlib.sha256(key).digest()[:8]) < share * 2**64


def rework(case: Case, *, by: Person | None, at: dt.datetime, reason: str) -> dict[str, Any]:
    case.round += 1
    case.reworks += 1
    case.look_at = at
    ladder.prepare(case, "reworked_times", case.reworks, at)
    return {"times": case.reworks}


def spot(case: Case, *, by: Person | None, at: dt.datetime) -> None:
    case.look_at = None


def spot_good(case: Case, *, by: Person | None, at: dt.datetime, note: str = "") -> None:
    case.spotted_at, case.spot_failed = at, False


def reopen(case: Case, *, by: Person | None, at: dt.datetime, reason: str) -> dict[str, Any]:
    case.closed_at = None
    case.is_watched = True
    case.spotted_at, case.spot_failed = at, True
    return rework(case, by=by, at=at, reason=reason)


def end(case: Case, *, by: Person | None, at: dt.datetime, reason: str) -> None:
    case.closed_at = at
    case.look_at = None


def merge(case: Case, *, by: Person | None, at: dt.datetime, into: Case) -> dict[str, Any]:
    """Ends this case in another one, which notes it; both keep their reports and senders."""
    from chuangwen.problems.flow import CaseFlow  # the table names this function: a cycle if at the top

    target = Case.objects.select_for_update(of=("self",)).get(pk=into.pk)
    CaseFlow.record(target, CaseFlow.by_code["absorb"], by=by, cleaned={"number": case.number}, at=at)
    case.merged_into = target
    case.closed_at = at
    case.look_at = None
    return {"into": target.number}


def has_no_unit(case: Case) -> str | None:
    return None if case.unit_id else _("还没有责任单位，没有可督办的对象。")


def supervise(case: Case, *, by: Person | None, at: dt.datetime, level: int, reason: str) -> None:
    case.supervision = max(case.supervision, level)
    case.is_watched = True


def urged_today(case: Case) -> str | None:
    """One urging a day is enough; more is burden, not help."""
    since = case.now - dt.timedelta(hours=20)
    rows = Entry.objects.filter(subject=case.subject, subject_id=case.pk, step="urge", at__gte=since)
    return _("今天已催过。") if rows.exists() else None


def asked_today(case: Case) -> str | None:
    """A leader's question reaches the head of the unit once a day, whoever asks."""
    since = case.now - dt.timedelta(hours=20)
    rows = Entry.objects.filter(subject=case.subject, subject_id=case.pk, step="ask", at__gte=since)
    return _("今天已问过负责人。") if rows.exists() else None


def is_watched(case: Case) -> str | None:
    return _("已在跟踪。") if case.is_watched else None


def watch(case: Case, *, by: Person | None, at: dt.datetime) -> None:
    case.is_watched = True


def outcome(handover: Handover, *, by: Person | None, at: dt.datetime, outcome: str) -> None:
    """Takes the outcome back and lets the case's clocks run again."""
    handover.outcome = outcome
    _take_back(handover, by, at)


def recall(handover: Handover, *, by: Person | None, at: dt.datetime, reason: str) -> None:
    _take_back(handover, by, at)


def _take_back(handover: Handover, by: Person | None, at: dt.datetime) -> None:
    from chuangwen.problems.flow import CaseFlow  # the table names this function: a cycle if at the top

    case = Case.objects.select_for_update(of=("self",)).get(pk=handover.case_id)
    if case.is_open:
        CaseFlow.record(case, CaseFlow.by_code["go_on"], by=None, cleaned={}, at=at)
        case.look_at = at
    case.outside_unit = None
    case.save(update_fields=["outside_unit", "look_at"])


def all_answered(case: Case) -> str | None:
    """Every sender of the case has his answer; asked only when the step is tried or offered on the case's own page."""
    waiting = any(report.told_at is None for report in case.reports.all())
    return None if waiting else _("反映人都已答复。")


def reply(case: Case, *, by: Person | None, at: dt.datetime, reply: str) -> dict[str, Any]:
    """Notes the answer given to every sender of this case who has none yet; the telling itself is by the channel he used."""
    waiting = case.reports.filter(told_at__isnull=True)
    numbers = sorted(waiting.values_list("pk", flat=True))
    waiting.update(reply=reply, told_at=at)
    return {"reports": numbers}
