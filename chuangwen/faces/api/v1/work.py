"""Tasks, and the rounds and visits a person may know of."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any

from django.http import Http404
from ninja import Query, Router, Schema
from pydantic import Field

from chuangwen.faces.api.v1.operations import Asked, Following, Page, get
from chuangwen.faces.api.v1.paging import cut
from chuangwen.faces.api.v1.values import OneOf, Word
from chuangwen.inspections import rules as round_rules
from chuangwen.inspections.models import Round, RoundKind, Visit, VisitState
from chuangwen.inspections.models import State as RoundState
from chuangwen.kernel.models import Person
from chuangwen.kernel.screens.access import row_or_404
from chuangwen.tasks import rules as task_rules
from chuangwen.tasks.models import State, Task, TaskKind

router = Router(tags=["work"])


class TaskLine(Schema):
    """One thing a unit is to do."""

    number: str
    kind: Annotated[str, OneOf(TaskKind)]
    title: str
    text: str = Field(description="What is asked.")
    state: Annotated[str, OneOf(State)]
    state_label: str = Field(description="The state in words.")
    unit: str | None = Field(description="Code of the unit that does it.")
    standard: str | None = Field(description="Code of the standard it serves.")
    due_on: dt.date
    progress: int = Field(description="Per cent done, 0 to 100.")


class TaskPage(Following):
    """One page of tasks."""

    items: list[TaskLine]


class TaskFilter(Page):
    """Which tasks."""

    state: Annotated[str, OneOf(State)] | None = Field(None, description="Only tasks that stand here.")
    unit: Word | None = Field(None, description="Code of the unit.")


def _task(row: Task) -> dict[str, Any]:
    names = ("number", "kind", "title", "text", "state", "due_on", "progress")
    return {name: getattr(row, name) for name in names} | {
        "state_label": str(State(row.state).label), "unit": row.unit.code if row.unit else None,
        "standard": row.requirement.node.code if row.requirement else None,
    }  # fmt: skip


def _tasks(person: Person) -> Any:
    return task_rules.see_task.filter(Task.objects.select_related("unit", "requirement__node"), person)


@get(router, "tasks", TaskPage, "List tasks")
def list_tasks(request: Asked, asked: Query[TaskFilter]) -> Any:
    """The tasks the person may see, the first due first."""
    rows = _tasks(request.person)
    if asked.state:
        rows = rows.filter(state=asked.state)
    if asked.unit:
        rows = rows.filter(unit__code=asked.unit)
    found = cut(rows, ("due_on", "id"), asked.cursor, asked.limit)
    return {"items": [_task(row) for row in found["items"]], "next": found["next"]}


@get(router, "tasks/{number}", TaskLine, "Read one task")
def read_task(request: Asked, number: str) -> Any:
    """One task."""
    found = _tasks(request.person).filter(number=number).first() if "\0" not in number else None
    if found is None:
        raise Http404
    return _task(found)


class RoundLine(Schema):
    """One round of visits."""

    number: str
    kind: Annotated[str, OneOf(RoundKind)]
    name: str
    state: Annotated[str, OneOf(RoundState)]
    state_label: str = Field(description="The state in words.")
    from_on: dt.date
    to_on: dt.date


class RoundPage(Following):
    """One page of rounds."""

    items: list[RoundLine]


def _round(row: Round) -> dict[str, Any]:
    names = ("number", "kind", "name", "state", "from_on", "to_on")
    return {name: getattr(row, name) for name in names} | {"state_label": str(RoundState(row.state).label)}


@get(router, "rounds", RoundPage, "List rounds")
def list_rounds(request: Asked, asked: Query[Page]) -> Any:
    """The rounds the person may know of, the newest first."""
    rows = round_rules.see_round.filter(Round.objects.all(), request.person)
    found = cut(rows, ("-from_on", "-id"), asked.cursor, asked.limit)
    return {"items": [_round(row) for row in found["items"]], "next": found["next"]}


class VisitLine(Schema):
    """One place to be visited by one team."""

    uid: str
    place: str = Field(description="Code of the place.")
    name: str = Field(description="Name of the place.")
    day: dt.date | None
    is_second: bool = Field(description="Whether it is a second rating of the same place.")
    state: Annotated[str, OneOf(VisitState)] | None = Field(
        description="Null where the person may not see what was found yet."
    )
    points: Decimal | None = Field(description="Points reached; null where not seen or not done.")
    full: Decimal | None = Field(description="Points that could be reached; null likewise.")


class VisitPage(Following):
    """One page of visits."""

    items: list[VisitLine]


def _visit(row: Visit, person: Person) -> dict[str, Any]:
    seen = round_rules.see_result.allows(person, row)
    done = seen and row.state == VisitState.DONE
    return {
        "uid": str(row.uid), "place": row.place.code, "name": str(row.place), "day": row.day, "is_second": row.is_second,
        "state": row.state if seen else None, "points": Decimal(row.points) / 1000 if done else None,
        "full": Decimal(row.full) / 1000 if done else None,
    }  # fmt: skip


@get(router, "rounds/{number}/visits", VisitPage, "List the visits of a round")
def list_visits(request: Asked, number: str, asked: Query[Page]) -> Any:
    """The visits of one round the person may know of; what was found only where the person may see that."""
    if "\0" in number:
        raise Http404
    of = row_or_404(round_rules.see_round, Round.objects.all(), request.person, number=number)
    rows = Visit.objects.filter(round=of).select_related("round", "place").defer("place__shape")
    found = cut(round_rules.see_visit.filter(rows, request.person), ("id",), asked.cursor, asked.limit)
    return {"items": [_visit(row, request.person) for row in found["items"]], "next": found["next"]}
