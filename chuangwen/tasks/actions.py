"""What people do with plans and tasks: make, split, claim, report, carry over; each one transaction, safe to send twice."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen.kernel.city import city
from chuangwen.kernel.evidence import store
from chuangwen.kernel.models import Counter, Entry, Person, Unit
from chuangwen.kernel.workflow import history
from chuangwen.kernel.workflow.flow import Refused
from chuangwen.standards.models import Part, Requirement
from chuangwen.tasks.flow import TaskFlow
from chuangwen.tasks.models import Drive, DriveKind, Plan, PlanKind, State, Task, TaskKind
from chuangwen.tasks.steps import PROOF

# What a person may write of a task before and while it is worked on.
REVISABLE = ("kind", "title", "text", "plan", "drive", "requirement", "leader", "place", "budget", "source")
REMIND_DAYS = 3


def next_number(day: dt.date) -> str:
    """The next task number of the year, such as GY-RW-2026-0001."""
    row = city()
    return f"{row.prefix if row else 'CW'}-RW-{day.year}-{Counter.next(f'task {day.year}'):04d}"


@transaction.atomic
def make_plan(
    kind: str, name: str, from_on: dt.date, to_on: dt.date, *, by: Person | None, at: dt.datetime | None = None, **more: Any
) -> Plan:  # fmt: skip
    """A plan of three years, or of one year under it. Raises Refused for a period that ends before it begins."""
    if to_on < from_on:
        raise Refused(_("止的日期早于起的日期。"))
    parent = more.get("parent")
    if kind == PlanKind.THREE_YEARS and parent is not None:
        raise Refused(_("三年行动计划上面没有别的计划，去掉上级计划。"))
    if parent is not None and not parent.from_on <= from_on <= to_on <= parent.to_on:
        raise Refused(
            _("年度方案的日期要在上级计划的 %(a)s 到 %(b)s 之内。") % {"a": parent.from_on, "b": parent.to_on}
        )
    plan = Plan.objects.create(kind=kind, name=name, from_on=from_on, to_on=to_on, **more)
    _enter(plan, by, at, name=name, from_on=from_on, to_on=to_on)
    return plan


@transaction.atomic
def make_drive(
    kind: str, name: str, from_on: dt.date, to_on: dt.date, *, by: Person | None, at: dt.datetime | None = None, **more: Any
) -> Drive:  # fmt: skip
    """A campaign with its dates and target. Raises Refused for a period that ends before it begins."""
    if to_on < from_on:
        raise Refused(_("止的日期早于起的日期。"))
    streets = more.pop("streets", ())
    drive = Drive.objects.create(kind=DriveKind(kind), name=name, from_on=from_on, to_on=to_on, **more)
    drive.streets.set(streets)
    _enter(drive, by, at, name=name, from_on=from_on, to_on=to_on)
    return drive


def _enter(row: Plan | Drive, by: Person | None, at: dt.datetime | None, **values: Any) -> None:
    history.log_change(
        row, by_id=by.pk if by else None, changes={k: (None, v) for k, v in values.items()}, at=at
    )


@transaction.atomic
def measure_drive(
    drive: Drive, when: str, value: Decimal, *, by: Person, day: dt.date | None = None, at: dt.datetime | None = None
) -> Drive:  # fmt: skip
    """Writes what was measured before or after; `when` is "before" or "after". The before of a campaign is kept once.

    Raises Refused for a second "before" with another value: the comparison would lose its ground.
    """
    drive = Drive.objects.select_for_update().get(pk=drive.pk)
    if when == "before" and drive.before is not None:
        raise Refused(_("之前已记为 %(value)s，不再改。") % {"value": f"{drive.before.normalize():f}"})
    old = getattr(drive, when)
    setattr(drive, when, value)
    setattr(drive, f"{when}_on", day or timezone.localdate(at))
    drive.save(update_fields=[when, f"{when}_on"])
    if old != value:
        history.log_change(drive, by_id=by.pk, changes={when: (old, value)}, at=at)
    return drive


def measure_after(
    drive: Drive, value: Decimal, result: str = "", *, by: Person, at: dt.datetime | None = None
) -> Drive:
    """The figure at the end of a campaign, and in words what came of it."""
    with transaction.atomic():
        drive = measure_drive(drive, "after", value, by=by, at=at)
        if result and result != drive.result:
            history.log_change(drive, by_id=by.pk, changes={"result": (drive.result, result)}, at=at)
            drive.result = result
            drive.save(update_fields=["result"])
    return drive


def make_task(
    *, by: Person | None, kind: str, title: str, due_on: dt.date, at: dt.datetime | None = None, **more: Any
) -> Task:
    """A draft with its number; `more` are columns of the task and `assists`, the units that help."""
    at = at or timezone.now()
    assists = list(more.pop("assists", ()))
    with transaction.atomic():
        task = Task(
            kind=TaskKind(kind), title=title[:120], due_on=due_on, state=State.DRAFT, created_at=at, **more
        )
        task.number = next_number(timezone.localdate(at))
        task.save(force_insert=True)
        if assists:
            task.assists.set(assists)
        said = {"title": task.title, "due_on": due_on, "unit": task.unit, "requirement": task.requirement}
        TaskFlow.record(task, TaskFlow.by_code["make"], by=by, at=at, cleaned=said, from_state="")
    return task


def revise_task(task: Task, values: Mapping[str, Any], *, by: Person, at: dt.datetime | None = None) -> Task:
    """Changes the words and links of a task; only what differs goes into history.

    The unit and the date of a published task are not changed here: 改派 and 调整期限 give their reasons.
    Raises Refused once the task is handed in, done or dropped.
    """
    with transaction.atomic():
        task = Task.objects.select_for_update(of=("self",)).get(pk=task.pk)
        step = TaskFlow.by_code["revise"]
        why = TaskFlow.why_not(task, step, by)
        if why:
            raise Refused(why)
        names = (*REVISABLE, "unit", "due_on") if task.state == State.DRAFT else REVISABLE
        old = {name: getattr(task, name) for name in names if name in values}
        changed = {name: values[name] for name in old if old[name] != values[name]}
        for name, value in changed.items():
            setattr(task, name, value)
        if changed:
            said = {name: [history.typed(old[name]), history.typed(value)] for name, value in changed.items()}
            TaskFlow.record(task, step, by=by, at=at or timezone.now(), cleaned={"changes": said})
            task.save(update_fields=list(changed))
    return task


def claim_task(
    task: Task, unit: Unit | None, *, by: Person, at: dt.datetime | None = None, uid: uuid.UUID | None = None
) -> Task:
    """A unit takes an open task. Of two at the same moment one gets it; the other is told in Refused who has it."""
    given = {"unit": unit.pk} if unit else {}
    try:
        taken: Task = TaskFlow.take(task, "claim", by=by, given=given, at=at, uid=uid).matter
        return taken
    except Refused:
        now = Task.objects.select_related("unit").get(pk=task.pk)
        if now.state != State.OPEN and now.unit is not None:
            raise Refused(_("%(unit)s已经认领了这项任务。") % {"unit": now.unit}) from None
        raise


def report_progress(
    task: Task, given: Mapping[str, Any], *, by: Person, photo: Any = None, at: dt.datetime | None = None,
    uid: uuid.UUID | None = None,
) -> Task:  # fmt: skip
    """Percent, words, money spent and perhaps a proof photo, all or nothing.

    Raises BadPicture for a photo that cannot be used, BadInput, NotAllowed or Refused as the step does.
    """
    kept = store.read(photo) if photo else None  # before the transaction: decoding is slow
    with transaction.atomic():
        taken = TaskFlow.take(task, "report_progress", by=by, given=given, at=at, uid=uid)
        if kept is not None and not taken.repeated:
            own = uuid.uuid5(uid, "photo") if uid else None
            store.attach(kept, taken.matter, role=PROOF, by=by, at=at or timezone.now(), uid=own)
    done: Task = taken.matter
    return done


def lead_of(requirement: Requirement) -> Unit | None:
    """The unit that answers for a requirement first."""
    share = next((s for s in requirement.shares.all() if s.part == Part.LEAD), None)
    return share.unit if share else None


def split_requirement(
    requirement: Requirement, kinds: tuple[str, ...], *, by: Person, due_on: dt.date, plan: Plan | None = None
) -> list[Task]:
    """Breaks a requirement into drafts of these kinds for its lead unit (row 23); a kind already there is left alone.

    Raises Refused when nobody leads it or it asks for nothing.
    """
    unit = lead_of(requirement)
    if requirement.waived_reason:
        raise Refused(_("这一格已定为不要求：%(why)s") % {"why": requirement.waived_reason})
    if unit is None:
        raise Refused(_("这项要求还没有主责单位，先在“标准”里定主责。"))
    helpers = [s.unit for s in requirement.shares.all() if s.part == Part.ASSIST]
    with transaction.atomic():
        Requirement.objects.select_for_update().get(pk=requirement.pk)  # two clicks at once make one set
        known = set(
            Task.objects.filter(requirement=requirement, plan=plan)
            .exclude(state=State.DROPPED)
            .values_list("kind", flat=True)
        )
        return [
            make_task(
                by=by, kind=kind, title=title_of(requirement, kind), due_on=due_on, unit=unit, plan=plan,
                requirement=requirement, assists=helpers, text=requirement.text,
                source=_("由标准 %(code)s 分解") % {"code": requirement.node.code},
            )
            for kind in kinds
            if kind not in known
        ]  # fmt: skip


def title_of(requirement: Requirement, kind: str) -> str:
    words = {
        TaskKind.PROJECT: _("项目：%(name)s"), TaskKind.ACTIVITY: _("活动：%(name)s"), TaskKind.DOCUMENT: _("文件：%(name)s"),
    }  # fmt: skip
    return (words[TaskKind(kind)] % {"name": requirement.node.name})[:120]


def remind_tasks(now: dt.datetime | None = None, most: int = 500) -> int:
    """One turn of the clock: a reminder some days before the date and one after it, each once a date. Safe to run twice."""
    now = now or timezone.now()
    soon = timezone.localdate(now) + dt.timedelta(days=REMIND_DAYS)
    done = 0
    rows = Task.objects.filter(state=State.DOING, due_on__lte=soon).order_by("due_on", "pk")
    for pk in list(rows.values_list("pk", flat=True)[:most]):
        with transaction.atomic():
            task = Task.objects.select_for_update(of=("self",)).get(pk=pk)
            if task.state != State.DOING:
                continue
            given = {"due": task.due_on, "late": task.is_late(now)}
            said = (
                Entry.objects.filter(subject=task.subject, subject_id=pk, step="remind")
                .order_by("-seq")
                .first()
            )
            if said is not None and said.given == history.typed(given):
                continue
            TaskFlow.record(task, TaskFlow.by_code["remind"], by=None, at=now, cleaned=given)
            done += 1
    return done
