"""Which tasks: due for a person, open to claim, of a plan with their figures, projects with their money."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Count, Q, QuerySet, Sum
from django.utils import timezone

from chuangwen.kernel.models import Person
from chuangwen.kernel.people.models import Role
from chuangwen.tasks import rules
from chuangwen.tasks.models import ENDED, RUNNING, MonthLine, Plan, State, Task, TaskKind

ROW = ("unit", "requirement__node", "plan")
DUE_DAYS = 7


def tasks_seen(person: Person) -> QuerySet[Task]:
    """Every task this person may see."""
    return rules.see_task.filter(Task.objects.all(), person)


def late_q(now: dt.datetime) -> Q:
    """Tasks whose unit is late; matches `Task.is_late`."""
    return Q(state__in=RUNNING, next_due_at__lt=now)


def due_tasks(person: Person, now: dt.datetime) -> QuerySet[Task]:
    """What is due for a person's own units and for a leader: late or within DUE_DAYS, the most pressing first (row 13)."""
    until = timezone.localdate(now) + dt.timedelta(days=DUE_DAYS)
    mine = person.standing.units_as(Role.LIAISON, Role.HEAD)
    own = Q(unit__in=mine) if mine else Q(pk__in=())
    if Role.LEADER in person.standing.roles:
        own |= Q(leader_id=person.pk)
    rows = Task.objects.filter(own, state=State.DOING, due_on__lte=until)
    return rows.select_related("unit").order_by("due_on", "pk")


def tasks_for_office(now: dt.datetime) -> QuerySet[Task]:
    """What waits for the office: to check, asked to postpone, late at a unit; by date."""
    waits = Q(state=State.SUBMITTED) | Q(state=State.DOING, asked_due_on__isnull=False) | late_q(now)
    return Task.objects.filter(waits).select_related("unit").order_by("due_on", "pk")


def tasks_to_claim(person: Person) -> QuerySet[Task]:
    """Published tasks without a unit."""
    rows = rules.see_task.filter(Task.objects.filter(state=State.OPEN), person)
    return rows.select_related("requirement__node", "drive").order_by("due_on", "pk")


class Figures(NamedTuple):
    """A set of tasks in numbers; `done` of `total` leaves cancelled ones out."""

    total: int
    done: int
    doing: int
    late: int
    unclaimed: int


def figures_of(rows: QuerySet[Task], now: dt.datetime) -> Figures:
    """Counts in one query."""
    alive = ~Q(state=State.DROPPED)
    counts = rows.order_by().aggregate(
        total=Count("pk", filter=alive),
        done=Count("pk", filter=Q(state=State.DONE)),
        doing=Count("pk", filter=Q(state__in=(State.DOING, State.SUBMITTED))),
        late=Count("pk", filter=late_q(now)),
        unclaimed=Count("pk", filter=Q(state=State.OPEN)),
    )
    return Figures(**counts)


def figures_by(column: str, person: Person, now: dt.datetime) -> dict[int, Figures]:
    """Figures of the tasks this person sees by their plan or drive, in one query."""
    rows = tasks_seen(person).filter(**{f"{column}__isnull": False}).order_by().values_list(column)
    counted: Any = rows.annotate(
        total=Count("pk", filter=~Q(state=State.DROPPED)),
        done=Count("pk", filter=Q(state=State.DONE)),
        doing=Count("pk", filter=Q(state__in=(State.DOING, State.SUBMITTED))),
        late=Count("pk", filter=late_q(now)),
        unclaimed=Count("pk", filter=Q(state=State.OPEN)),
    )  # fmt: skip
    return {pk: Figures(*numbers) for pk, *numbers in counted}


class Money(NamedTuple):
    """Projects in numbers; yuan. `with_budget` is the denominator of the budget: how many projects name one."""

    projects: int
    done: int
    with_budget: int
    budget: Decimal
    spent: Decimal


def projects(person: Person) -> QuerySet[Task]:
    rows = tasks_seen(person).filter(kind=TaskKind.PROJECT).exclude(state=State.DROPPED)
    return rows.select_related("unit", "requirement__node").order_by("due_on", "pk")


def money_of(rows: QuerySet[Task]) -> Money:
    """Sums in one query."""
    sums: dict[str, Any] = rows.order_by().aggregate(
        projects=Count("pk"), done=Count("pk", filter=Q(state=State.DONE)), with_budget=Count("budget"),
        budget=Sum("budget"), spent=Sum("spent"),
    )  # fmt: skip
    return Money(**{**sums, "budget": sums["budget"] or Decimal(0), "spent": sums["spent"] or Decimal(0)})


def month_lines(plan: Plan, month: dt.date, person: Person) -> QuerySet[MonthLine]:
    """The lines of one plan's tasks in one month, of the tasks this person may see."""
    rows = MonthLine.objects.filter(task__plan=plan, month=month, task__in=tasks_seen(person))
    return rows.select_related("task__unit", "carried_from").order_by("task__due_on", "task_id")


def tasks_without_line(plan: Plan, month: dt.date) -> QuerySet[Task]:
    """Open tasks of a plan that have no line in the month."""
    rows = Task.objects.filter(plan=plan).exclude(state__in=ENDED).exclude(months__month=month)
    return rows.order_by("due_on", "pk")
