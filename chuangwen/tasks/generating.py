"""A first year for a new city in one click: plans, theme months, and a draft task for each requirement nobody works on.

A second click adds only what is missing and says so; a task that was cancelled stays cancelled. What was made is
then edited like any other row.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Min, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen.kernel.city import setting
from chuangwen.kernel.models import Person
from chuangwen.kernel.workflow.flow import NotAllowed
from chuangwen.standards.models import Edition, Method, Part, Requirement
from chuangwen.tasks import rules
from chuangwen.tasks.actions import make_drive, make_plan, make_task, title_of
from chuangwen.tasks.models import Drive, DriveTemplate, MonthLine, Plan, PlanKind, Task, TaskKind
from chuangwen.tasks.spreading import due_before, month_end, month_start, months_left, spread

# What kind of duty a method asks for; a city may set its own under task_kind_by_method.
KIND_BY_METHOD = {
    Method.MATERIAL: TaskKind.DOCUMENT, Method.SITE: TaskKind.ACTIVITY, Method.SURVEY: TaskKind.ACTIVITY,
    Method.SERIES: TaskKind.DOCUMENT, Method.OVERVIEW: TaskKind.ACTIVITY, Method.DEPARTMENT: TaskKind.DOCUMENT,
    Method.HOTLINE: TaskKind.ACTIVITY,
}  # fmt: skip


@dataclass
class Generated:
    """What one click made and what was there already."""

    three_years: Plan
    plan: Plan
    tasks: list[Task] = field(default_factory=list)
    drives: list[Drive] = field(default_factory=list)
    known: int = 0
    without_lead: int = 0

    @property
    def sentence(self) -> str:
        """In one sentence what was added, what was there, and what could not be made and why."""
        if not self.tasks and not self.drives:
            said = _("没有要补的：%(n)d 项任务都已在。") % {"n": self.known}
        else:
            said = _("新拟 %(tasks)d 项任务、%(drives)d 个行动，原有 %(known)d 项没动。") % {
                "tasks": len(self.tasks), "drives": len(self.drives), "known": self.known,
            }  # fmt: skip
        if self.without_lead:
            said += _("%(n)d 格没有主责单位，没有拟任务。") % {"n": self.without_lead}
        return said


def generate_year(edition: Edition, year: int, *, by: Person, at: dt.datetime | None = None) -> Generated:
    """Makes the plans, theme months and missing tasks of one year from an edition's requirements.

    Raises NotAllowed for who may not edit plans. All in one transaction, two clicks at once make one year.
    """
    if not rules.edit.allows(by, None):
        raise NotAllowed(_("只有创建办能生成年度任务。"))
    at = at or timezone.now()
    with transaction.atomic():
        Edition.objects.select_for_update().get(pk=edition.pk)
        made = Generated(*_plans(edition, year, by, at))
        made.drives = _drives(made.plan, year, by, at)
        _tasks(made, edition, year, by, at)
    return made


def _plans(edition: Edition, year: int, by: Person, at: dt.datetime) -> tuple[Plan, Plan]:
    first, last = dt.date(year, 1, 1), dt.date(year, 12, 31)
    more: dict[str, Any] = {
        "at": at,
        "edition": edition,
        "source": _("按 %(edition)s 生成") % {"edition": edition},
    }
    rows = Plan.objects.filter(edition=edition)
    long = rows.filter(kind=PlanKind.THREE_YEARS, from_on__lte=first, to_on__gte=last).first()
    if long is None:
        name = _("%(a)d—%(b)d 年三年行动计划") % {"a": year, "b": year + 2}
        long = make_plan(PlanKind.THREE_YEARS, name, first, dt.date(year + 2, 12, 31), by=by, **more)
    plan = rows.filter(kind=PlanKind.YEAR, parent=long, from_on__year=year).first()
    if plan is None:
        plan = make_plan(
            PlanKind.YEAR, _("%(year)d 年度方案") % {"year": year}, first, last, by=by, parent=long, **more
        )
    return long, plan


def _drives(plan: Plan, year: int, by: Person, at: dt.datetime) -> list[Drive]:
    """The city's templates as campaigns of that year's months; two schemes' plans share them."""
    known = set(Drive.objects.filter(from_on__year=year).values_list("name", flat=True))
    made = []
    for template in DriveTemplate.objects.order_by("month", "pk"):
        if template.name not in known:
            first = dt.date(year, template.month, 1)
            made.append(
                make_drive(template.kind, template.name, first, month_end(first), by=by, plan=plan,
                           measure=template.measure, source=template.source, at=at)
            )  # fmt: skip
    return made


def kind_of(requirement: Requirement) -> TaskKind:
    """The kind of duty a requirement asks for: by its method; work at sites of great effort is a project."""
    chosen = setting("task_kind_by_method", {}).get(requirement.method)
    kind = TaskKind(chosen) if chosen in TaskKind.values else KIND_BY_METHOD[Method(requirement.method)]
    effort = requirement.node.effort
    if (
        requirement.method == Method.SITE
        and effort is not None
        and effort >= Decimal(str(setting("project_from_effort", 12)))
    ):
        return TaskKind.PROJECT
    return kind


def _tasks(made: Generated, edition: Edition, year: int, by: Person, at: dt.datetime) -> None:
    asked = (
        Requirement.objects.filter(node__edition=edition, waived_reason="")
        .select_related("node")
        .prefetch_related("shares__unit")
        .annotate(material_due=Min("materials__due_on", filter=Q(materials__due_on__year=year)))
        .order_by("node__rank", "node__code", "method")
    )
    # Cancelled ones count as known: whoever cancelled a task does not want it back with the next click.
    known = set(
        Task.objects.filter(Q(plan=made.plan) | Q(plan=None, due_on__year=year), requirement__node__edition=edition)
        .values_list("requirement_id", flat=True)
    )  # fmt: skip
    wanted = []
    for requirement in asked:
        lead = next((share.unit for share in requirement.shares.all() if share.part == Part.LEAD), None)
        if requirement.pk in known:
            made.known += 1
        elif lead is None:
            made.without_lead += 1
        else:
            wanted.append((requirement, lead))
    today = timezone.localdate(at)
    loose = [requirement.pk for requirement, _lead in wanted if requirement.material_due is None]
    dates = dict(zip(loose, spread(len(loose), months_left(year, today)), strict=True)) if loose else {}
    lead_days = int(setting("task_lead_days", 15))
    for requirement, lead in wanted:
        due = dates.get(requirement.pk) or due_before(requirement.material_due, lead_days, today)
        made.tasks.append(_task(made.plan, requirement, lead, due, by, at))
    MonthLine.objects.bulk_create(
        MonthLine(task=task, month=month_start(task.due_on), plan=task.title[:200]) for task in made.tasks
    )


def _task(plan: Plan, requirement: Requirement, lead: Any, due: dt.date, by: Person, at: dt.datetime) -> Task:
    kind = kind_of(requirement)
    return make_task(
        by=by, at=at, kind=kind, title=title_of(requirement, kind), due_on=due, unit=lead, plan=plan,
        requirement=requirement, text=requirement.text, is_sample=plan.is_sample,
        assists=[share.unit for share in requirement.shares.all() if share.part == Part.ASSIST],
        source=_("由标准 %(code)s 生成") % {"code": requirement.node.code},
    )  # fmt: skip
