"""What follows for a unit (row 17), special inspections and their findings (row 18): recorded with ground, never removed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen.assessment import objection_rules as rules
from chuangwen.assessment.consequence_models import Consequence, ConsequenceKind, Special, SpecialFinding
from chuangwen.assessment.counting import recount
from chuangwen.assessment.ranking_models import Ranking, RankState, RankSubject
from chuangwen.kernel.models import Person, Unit
from chuangwen.kernel.workflow import history
from chuangwen.kernel.workflow.flow import NotAllowed, Refused
from chuangwen.tasks.actions import make_task
from chuangwen.tasks.flow import TaskFlow
from chuangwen.tasks.models import Task, TaskKind

ADDS = (ConsequenceKind.BONUS, ConsequenceKind.COMMEND)
# Kinds that are nothing without points.
NEED_POINTS = (ConsequenceKind.DEDUCT, ConsequenceKind.BONUS)
MOST_POINTS = Decimal(100)


def counts(row: Consequence) -> bool:
    """Whether it changes a score."""
    return bool(row.points) or row.kind == ConsequenceKind.VETO


def signed_points(row: Consequence) -> Decimal:
    """The points with their sign: added for a bonus or praise, taken off for all else."""
    return row.points if row.kind in ADDS else -row.points


@dataclass(frozen=True)
class ConsequenceFacts:
    """One measure taken: for or against whom, when, on what ground, which paper, how many points, in which month.

    `points` are written without a sign; the kind says whether they add. `month` is any day of the month it counts in, the
    month of `on` unless given. `person` only where the paper names him.
    """

    kind: str
    unit: Unit
    on: dt.date
    ground: str
    document: str = ""
    points: Decimal = Decimal()
    month: dt.date | None = None
    person: Person | None = None
    paper: Any = None
    is_sample: bool = False


def _may(by: Person) -> None:
    if not rules.record.allows(by, None):
        raise NotAllowed(_("奖惩和专项巡察由创建办登记。"))


def _check(facts: ConsequenceFacts, month: dt.date) -> None:
    if facts.kind not in ConsequenceKind.values:
        raise Refused(_("措施没有选对，从列表中选一种。"))
    if not facts.ground.strip():
        raise Refused(_("依据没有写。写明哪件事、按哪一条。"))
    if facts.on > timezone.localdate():
        raise Refused(_("日期还没有到。核对日期。"))
    if not 0 <= facts.points <= MOST_POINTS:
        raise Refused(_("分数在 0 到 100 之间，不加正负号；加还是减由措施定。"))
    if facts.kind in NEED_POINTS and not facts.points:
        raise Refused(_("考核加分、扣分要写分数。"))
    if month < facts.on.replace(day=1):
        raise Refused(_("计入月份不能早于日期所在的月。"))


def _open_ranking(month: dt.date) -> Ranking | None:
    """That month's ranking of units, locked, if it can still change. Raises Refused where it is frozen."""
    rows = Ranking.objects.select_for_update(of=("self",)).filter(subject_kind=RankSubject.UNIT, month=month)
    row = rows.exclude(state=RankState.VOID).first()
    if row is not None and row.state == RankState.FROZEN:
        raise Refused(
            _("%(month)s 的排名已定稿，分数不能再变。计入月份改为以后的月。") % {"month": f"{month:%Y-%m}"}
        )
    return row


@transaction.atomic
def record_consequence(facts: ConsequenceFacts, *, by: Person, at: dt.datetime | None = None) -> Consequence:
    """Records a measure for or against a unit; what changes the score counts at once in that month, if it is not frozen.

    The same measure (kind, unit, day, ground) sent twice is there once. Raises Refused for a month that is frozen or lies
    before the day, for missing ground or points; NotAllowed for anybody but the office.
    """
    _may(by)
    month = (facts.month or facts.on).replace(day=1)
    _check(facts, month)
    Unit.objects.select_for_update(of=("self",)).get(pk=facts.unit.pk)  # one writer of this unit's list
    same = Consequence.objects.filter(
        kind=facts.kind, unit=facts.unit, on=facts.on, ground=facts.ground.strip()[:300], lifted_on=None
    ).first()
    if same is not None:
        return same
    row = Consequence(
        kind=facts.kind, unit=facts.unit, on=facts.on, month=month, ground=facts.ground.strip(), by=by,
        document=facts.document.strip(), points=facts.points, person=facts.person, paper=facts.paper,
        is_sample=facts.is_sample,
    )  # fmt: skip
    ranking = _open_ranking(month) if counts(row) else None
    plain = {
        "kind": row.kind, "unit": facts.unit.pk, "on": row.on, "month": month, "ground": row.ground,
        "document": row.document, "points": row.points, "person": facts.person.pk if facts.person else None,
        "paper": facts.paper.pk if facts.paper else None,
    }  # fmt: skip
    _save(row, by, {k: (None, v) for k, v in plain.items() if v not in (None, "")}, at)
    if ranking is not None:
        recount(ranking)
    return row


@transaction.atomic
def lift_consequence(
    row: Consequence, reason: str, *, by: Person, at: dt.datetime | None = None
) -> Consequence:
    """Lifts a measure with a reason; it stays in the list, and a month that is not frozen is counted without it.

    A frozen month keeps its figures. Lifting twice changes nothing. Raises Refused without a reason.
    """
    _may(by)
    reason = reason.strip()[:200]
    if not reason:
        raise Refused(_("撤销要写明原因和依据。"))
    row = Consequence.objects.select_for_update(of=("self",)).get(pk=row.pk)
    if row.lifted_on:
        return row
    row.lifted_on, row.lifted_reason = timezone.localdate(at), reason
    changes = {"lifted_on": (None, row.lifted_on), "lifted_reason": ("", reason)}
    _save(row, by, changes, at)
    if counts(row):
        try:
            ranking = _open_ranking(row.month)
        except Refused:  # frozen: history is not rewritten
            ranking = None
        if ranking is not None:
            recount(ranking)
    return row


def _save(row: Model, by: Person, changes: Mapping[str, tuple[Any, Any]], at: dt.datetime | None) -> None:
    try:
        row.full_clean()
    except ValidationError as fault:
        raise Refused("".join(fault.messages)) from fault
    row.save()
    history.log_change(row, by_id=by.pk, changes=changes, at=at)


# Special inspections ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class SpecialFacts:
    """One special inspection: of which unit, by whom, from when to when, on what mandate."""

    name: str
    unit: Unit
    inspectors: str
    from_on: dt.date
    to_on: dt.date
    mandate: str
    summary: str = ""


@transaction.atomic
def record_special(
    facts: SpecialFacts, *, by: Person, row: Special | None = None, at: dt.datetime | None = None
) -> Special:
    """Enters or mends a special inspection; the same name and unit sent twice is there once."""
    _may(by)
    if facts.to_on < facts.from_on:
        raise Refused(_("止的日期早于起的日期。"))
    Unit.objects.select_for_update(of=("self",)).get(pk=facts.unit.pk)
    if row is None:
        row = Special.objects.filter(name=facts.name, unit=facts.unit, from_on=facts.from_on).first()
        if row is not None:
            return row
        row = Special(by=by)
    changes = {}
    for name, value in vars(facts).items():
        old = getattr(row, name) if row.pk else None
        if old != value and not (row.pk is None and value == ""):
            kept = [v.pk if isinstance(v, Model) else v for v in (old, value)]
            changes[name] = (kept[0], kept[1])
        setattr(row, name, value)
    _save(row, by, changes, at)
    return row


@transaction.atomic
def add_finding(
    special: Special, text: str, due_on: dt.date, *, by: Person, at: dt.datetime | None = None
) -> SpecialFinding:
    """One finding and its task, given to the inspected unit at once; the same words sent twice are there once.

    Raises Refused for no words and for a date that is not ahead.
    """
    _may(by)
    text = text.strip()[:300]
    if not text:
        raise Refused(_("写明查出的问题。"))
    if due_on <= timezone.localdate(at):
        raise Refused(_("整改期限要晚于今天。"))
    special = Special.objects.select_for_update(of=("self",)).select_related("unit").get(pk=special.pk)
    same = SpecialFinding.objects.filter(special=special, text=text).first()
    if same is not None:
        return same
    source = f"{special.name}（{special.mandate}）"[: Task._meta.get_field("source").max_length]
    task = make_task(
        by=by, kind=TaskKind.DOCUMENT, title=text[:120], text=text, due_on=due_on, unit=special.unit,
        source=source, at=at,
    )  # fmt: skip
    TaskFlow.take(task, "publish", by=by, at=at)
    finding = SpecialFinding.objects.create(special=special, text=text, due_on=due_on, task=task)
    changes = {"text": (None, text), "due_on": (None, due_on), "task": (None, task.pk)}
    history.log_change(finding, by_id=by.pk, changes=changes, at=at)
    return finding
