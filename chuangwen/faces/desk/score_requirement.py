"""One requirement of a score: where it lost points in the scoring round, with what was seen there; its papers and answers."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any, NamedTuple

from django.db.models import F, Q, Sum
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy

from chuangwen.assessment import rules
from chuangwen.assessment.forecasting import points
from chuangwen.assessment.site_front import scoring_round
from chuangwen.dossier import rules as dossier_rules
from chuangwen.dossier.models import Item
from chuangwen.dossier.queries import material_states
from chuangwen.faces.desk.score_fronts import year_of
from chuangwen.faces.desk.tasks import state_of
from chuangwen.inspections import rules as round_rules
from chuangwen.inspections.grading import FAULTY
from chuangwen.inspections.models import Observation, Result, Round, Tally, Visit, VisitState
from chuangwen.inspections.releasing import photos_of
from chuangwen.kernel.models import Person
from chuangwen.kernel.screens.access import SignedIn, page
from chuangwen.problems import rules as case_rules
from chuangwen.problems.models import Case
from chuangwen.standards.models import (
    CheckItem,
    Method,
    Part,
    Question,
    Requirement,
    Series,
    SeriesValue,
    Share,
)
from chuangwen.surveys.models import AnswerCount
from chuangwen.tasks import rules as task_rules
from chuangwen.tasks.models import Task

MOST = 200  # observations shown
PAPERS = {
    "none": ("void", gettext_lazy("没有交")),
    "draft": ("new", gettext_lazy("在写")),
    "under_review": ("check", gettext_lazy("在审")),
    "accepted": ("done", gettext_lazy("已入卷")),
}


class Lost(NamedTuple):
    """One visit where the requirement lost points (thousandths), with the observations that did it."""

    visit: Visit
    points: int
    full: int
    seen: list[Observation]


def lost_at(need: Requirement, round_: Round, person: Person) -> tuple[list[Lost], bool]:
    """The visits of a round that lost points here, as far as this person may see; and whether there are more (one query)."""
    visits = round_rules.see_visit.filter(
        Visit.objects.filter(round=round_, is_second=False, state=VisitState.DONE), person
    )
    rows = round_rules.see_observation.filter(
        Observation.objects.filter(visit__in=visits.values("pk"), check_item__requirement=need), person
    ).exclude(result=Result.NOT_HERE)
    lost = rows.filter(Q(points__lt=F("full")) | Q(result__in=FAULTY))
    found = lost.select_related("visit__place", "visit__street", "check_item").defer(
        "visit__place__shape", "visit__street__shape"
    )
    seen = list(found.order_by("visit__day", "visit_id", "check_item__code")[: MOST + 1])
    return _by_visit(need, seen[:MOST]), len(seen) > MOST


def _by_visit(need: Requirement, seen: Iterable[Observation]) -> list[Lost]:
    found: dict[int, Lost] = {}
    for one in seen:
        reached, full = one.visit.sums.get(str(need.pk), (0, 0))
        found.setdefault(one.visit_id, Lost(one.visit, reached, full, [])).seen.append(one)
    return list(found.values())


def _by_item(need: Requirement, round_: Round) -> list[dict[str, Any]]:
    """The check items of the requirement with how many places were looked at and failed, worst first (two queries)."""
    rows = Tally.objects.filter(round=round_, check_item__requirement=need, n__gt=0).values("check_item")
    sums = rows.annotate(looked=Sum("n"), short=Sum("failed"), got=Sum("points"), most=Sum("full")).order_by()
    items = CheckItem.objects.select_related("site_type").in_bulk([row["check_item"] for row in sums])
    lines = [
        {
            **row,
            "item": items[row["check_item"]],
            "rate": Fraction(row["got"], row["most"]) if row["most"] else None,
        }
        for row in sums
    ]
    return sorted(lines, key=lambda row: (-row["short"] / row["looked"], row["item"].code))


def _site(need: Requirement, year: int, person: Person) -> dict[str, Any]:
    round_ = scoring_round(need.node.edition, year)
    if round_ is None:
        return {"round": None}
    lost, has_more = lost_at(need, round_, person)
    rows = [one for each in lost for one in each.seen]
    cases = case_rules.see_case.filter(
        Case.objects.filter(pk__in={one.case_id for one in rows if one.case_id}), person
    )
    return {
        "round": round_, "lost": lost, "has_more": has_more, "items": _by_item(need, round_), "most": MOST,
        "photos": photos_of(rows) if rows else {}, "cases": {case.pk: case for case in cases.only("pk", "number")},
        "results": dict(Result.choices),
    }  # fmt: skip


def _papers(need: Requirement, year: int, person: Person) -> dict[str, Any]:
    """Each material with how it stands and its item, where this person may open it."""
    materials = list(need.materials.order_by("code"))
    states = material_states(need.node.edition, year) if materials else {}
    items = dossier_rules.see_item.filter(Item.objects.filter(material__in=materials, year=year), person)
    by_material = dict(items.values_list("material_id", "pk"))
    return {"papers": [(m, PAPERS[states[m.pk]], by_material.get(m.pk)) for m in materials]}


class Figure(NamedTuple):
    """One indicator with its figure of the year, and whether it counts: confirmed, and at its target."""

    series: Series
    value: SeriesValue | None
    is_met: bool


def _figures(need: Requirement, year: int, person: Person) -> dict[str, Any]:
    """The indicators and tasks a requirement without materials is counted by (three queries)."""
    rows = list(need.series.select_related("unit").order_by("code"))
    values = {row.series_id: row for row in SeriesValue.objects.filter(series__in=rows, year=year)}
    seen = task_rules.see_task.filter(Task.objects.filter(requirement=need), person)
    tasks = seen.select_related("unit").order_by("due_on", "pk")
    return {
        "figures": [Figure(row, values.get(row.pk), _is_met(row, values.get(row.pk))) for row in rows],
        "tasks": [(task, *state_of(task)) for task in tasks[:MOST]],
    }


def _is_met(row: Series, found: SeriesValue | None) -> bool:
    if found is None or found.confirmed_by_id is None:
        return False
    if row.target is None:
        return True
    return found.value <= row.target if row.relation == "<=" else found.value >= row.target


class Asked(NamedTuple):
    """One question of the year: how many answered and the mean share of the mark they gave; None without answers."""

    question: Question
    n: int
    mean: Fraction | None


def _answers(need: Requirement, year: int) -> dict[str, Any]:
    counts = AnswerCount.objects.filter(question__requirement=need, batch__to_on__year=year)
    counts = counts.filter(batch__edition=need.node.edition_id)
    given: dict[int, list[tuple[int, int]]] = {}
    for asked, option, n in counts.values_list("question_id", "option", "n"):
        given.setdefault(asked, []).append((option, n))
    found = []
    for question in need.questions.order_by("code"):
        n = sum(k for _option, k in given.get(question.pk, ()))
        total = sum(
            (Fraction(str(question.options[option][1])) * k for option, k in given.get(question.pk, ())),
            Fraction(),
        )
        found.append(Asked(question, n, total / n if n else None))
    return {"questions": found}


@page(rules.read)
def show(request: SignedIn, pk: int) -> HttpResponse:
    """GET /scores/requirement/<id>/: what was seen where this requirement lost points."""
    rows = Requirement.objects.select_related("node__edition__scheme", "node__parent")
    need = get_object_or_404(rows, pk=pk)
    year, person = year_of(request), request.user
    context: dict[str, Any] = {
        "need": need, "year": year, "points": points, "here": "scores", "edition": need.node.edition, "round": None,
        "lost": [], "papers": [], "figures": [], "tasks": [], "questions": [], "is_site": need.method == Method.SITE,
        "lead": Share.objects.filter(requirement=need, part=Part.LEAD).values_list("unit__name", flat=True).first(),
    }  # fmt: skip
    if need.method == Method.SITE:
        context |= _site(need, year, person)
    elif need.method == Method.SURVEY:
        context |= _answers(need, year)
    else:
        context |= _papers(need, year, person) | _figures(need, year, person)
    return render(request, "desk/score_requirement.html", context)
