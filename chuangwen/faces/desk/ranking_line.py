"""One line of a ranking opened: its measures against the group, what was added or taken, its months; then the rows behind."""

from __future__ import annotations

import uuid
from fractions import Fraction
from typing import Any, NamedTuple

from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy

from chuangwen.assessment import objection_rules, rules
from chuangwen.assessment.consequence_models import Consequence
from chuangwen.assessment.consequences import counts, signed_points
from chuangwen.assessment.counting import FULL
from chuangwen.assessment.objections import raise_objection, standing_of_facts, why_closed
from chuangwen.assessment.ranking_facts import facts as facts_of
from chuangwen.assessment.ranking_models import ObjectionState, RankFact, RankLine, RankSubject
from chuangwen.assessment.ranking_queries import Column, columns_of, course, line_of, parts_of, row_of
from chuangwen.faces.desk.ranking import door, frame_of, is_own, ranking_or_404
from chuangwen.faces.desk.ranking_rows import things_of
from chuangwen.faces.desk.ranking_table import Axis, Cell, cells_of, moved_words, percent, trimmed
from chuangwen.faces.desk.row_steps import uid_of
from chuangwen.kernel.screens.access import SignedIn, page, row_or_404
from chuangwen.kernel.workflow.flow import Refused

ROWS = 100
SIDES = {
    "whole": gettext_lazy("全部"), "short": gettext_lazy("失分的"), "late": gettext_lazy("补计的"), "out": gettext_lazy("已剔除的"),
}  # fmt: skip
OBJECTED = {"raised": "new", "looked": "check", "granted": "done", "refused": "fail", "withdrawn": "void"}


class Added(NamedTuple):
    """One consequence that changed the score."""

    row: Consequence
    points: str


def added_to(line: RankLine) -> list[Added]:
    """The month's consequences of the line's unit that count, in order of days."""
    if line.ranking.subject_kind != RankSubject.UNIT:
        return []
    rows = Consequence.objects.filter(unit=line.unit_id, month=line.ranking.month, lifted_on=None)
    rows = rows.select_related("paper").order_by("on", "pk")
    return [Added(row, trimmed(signed_points(row))) for row in rows if counts(row)]


@page(door)
def show(request: SignedIn, pk: int, key: int) -> HttpResponse:
    """/rankings/<id>/<key>/: the line opened in the table, or on a page of its own with its months."""
    ranking = ranking_or_404(request, pk)
    line = line_of(ranking, key, request.user)
    if line is None:
        raise Http404
    line.ranking = ranking
    row, columns = row_of(line), columns_of(ranking)
    may = rules.see_facts.allows(request.user, line)
    base = f"{ranking.get_absolute_url()}{line.key}/"
    context: dict[str, Any] = {
        **frame_of(ranking), "line": line, "cells": cells_of(row.parts, columns, base if may else ""),
        "added": added_to(line) if may else [], "may": may, "base": base, "wide": len(columns) + 6, "percent": percent,
        "trimmed": trimmed, "objections": list(line.objections.order_by("pk")) if may else [],
        "shapes": OBJECTED, "states": dict(ObjectionState.choices), "is_own": is_own(request, line, ranking),
    }  # fmt: skip
    if request.htmx:
        template = "desk/_ranking_closed.html" if "closed" in request.GET else "desk/_ranking_open.html"
        return render(request, template, context)
    points = course(ranking.subject_kind, line.key, person=request.user, until=ranking.month)
    context |= {
        "course": points[::-1], "axis": Axis.over([line, *(point.line for point in points)]),
        "moved": moved_words(row), "columns": columns,
    }  # fmt: skip
    return render(request, "desk/ranking_line.html", context)


class Line(NamedTuple):
    """One fact as it is shown: what it is, how good, and whether it was objected to."""

    fact: RankFact
    thing: Any
    value: str
    is_lost: bool
    objection: Any
    shape: str


@page(door, methods=("GET", "POST"))
def rows(request: SignedIn, pk: int, key: int, code: str) -> HttpResponse:
    """/rankings/<id>/<key>/<measure>/: the rows of one figure, lost ones first; the unit objects to them here."""
    ranking = ranking_or_404(request, pk)
    lines = RankLine.objects.select_related("group", "unit", "ranking").filter(ranking=ranking)
    line = row_or_404(rules.see_facts, lines, request.user, key=key)
    line.ranking = ranking
    column = next((column for column in columns_of(ranking) if column.code == code), None)
    if column is None:
        raise Http404
    if request.method != "POST":
        return _listed(request, line, column)
    if not objection_rules.of_unit.allows(request.user, line):
        raise Http404
    return _object(request, line, column)


def _object(request: SignedIn, line: RankLine, column: Column) -> HttpResponse:
    wanted = [int(pk) for pk in request.POST.getlist("fact") if pk.isascii() and pk.isdigit()][:1000]
    facts = list(RankFact.objects.filter(pk__in=wanted, ranking=line.ranking))
    if request.POST.get("everywhere"):
        facts = same_things(line, facts)
    try:
        made = raise_objection(
            line, facts, request.POST.get("ground", ""), by=request.user, uid=uid_of(request)
        )
    except Refused as fault:
        return _listed(request, line, column, str(fault), wanted)
    return redirect(made.get_absolute_url())


def same_things(line: RankLine, facts: list[RankFact]) -> list[RankFact]:
    """The given rows and all other lost rows of the line about the same things, as of one case under three measures."""
    columns = columns_of(line.ranking)
    sees = {column.code: column.measure.sees if column.measure else column.code for column in columns}
    things = {(sees.get(fact.measure), fact.object_id) for fact in facts}
    others = RankFact.objects.filter(
        ranking=line.ranking, key=line.key, value=0, object_id__in=[fact.object_id for fact in facts],
        objection__isnull=True,
    ).order_by("pk")  # fmt: skip
    more = [row for row in others if (sees.get(row.measure), row.object_id) in things]
    free = standing_of_facts([row.pk for row in more])
    chosen = {fact.pk: fact for fact in facts}
    return list((chosen | {row.pk: row for row in more if row.pk not in free}).values())


def _listed(
    request: SignedIn, line: RankLine, column: Column, fault: str = "", ticked: list[int] | None = None
) -> HttpResponse:
    side = request.GET.get("side", "whole")
    if side not in SIDES:
        raise Http404
    facts = facts_of(line, column.code, person=request.user, side=side)
    after = request.GET.get("after", "").split("-")
    if len(after) == 2 and all(part.isascii() and part.isdigit() and len(part) < 19 for part in after):
        least, thing = map(int, after)
        facts = facts.filter(Q(value=least, object_id__gt=thing) | Q(value__gt=least))
    found = list(facts[: ROWS + 1])
    last = found[ROWS - 1] if len(found) > ROWS else None
    found = found[:ROWS]
    sees = column.measure.sees if column.measure else ""
    things, standing = things_of(sees, found, request.user), standing_of_facts(fact.pk for fact in found)
    shown = []
    for fact in found:
        objection = standing.get(fact.pk)
        shape = OBJECTED[objection.state] if objection else ""
        value = percent(Fraction(fact.value, FULL))
        shown.append(Line(fact, things.get(fact.object_id), value, fact.value < FULL, objection, shape))
    base = f"{line.ranking.get_absolute_url()}{line.key}/"
    is_unit = objection_rules.of_unit.allows(request.user, line)
    context = {
        **frame_of(line.ranking), "line": line, "column": column, "rows": shown, "fault": fault,
        "ticked": ticked or [], "base": base, "cell": Cell(column, parts_of(line, [column])[0], ""), "is_unit": is_unit,
        "may_object": is_unit and not why_closed(line.ranking), "why_not": why_closed(line.ranking), "uid": uuid.uuid4(),
        "more": f"?side={side}&after={last.value}-{last.object_id}" if last else "", "side": side, "sides": SIDES,
        "states": dict(ObjectionState.choices),
        "ground": request.POST.get("ground", ""), "is_case": sees == "problems.case",
        "has_photos": any(row.thing and row.thing.photos for row in shown), "tabs": columns_of(line.ranking),
        "free": any(row.is_lost and row.objection is None for row in shown),
    }  # fmt: skip
    return render(request, "desk/ranking_rows.html", context, status=409 if fault else 200)
