"""申诉: a unit's own objections, the office's to answer; one objection with its rows, both levels, and what it changed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Count, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from chuangwen.assessment import objection_rules as rules
from chuangwen.assessment.measures import MEASURES
from chuangwen.assessment.objection_flow import OPEN, ObjectionFlow
from chuangwen.assessment.objection_steps import looked_by
from chuangwen.assessment.ranking_models import Objection, ObjectionState
from chuangwen.faces.desk.ranking import frame_of, sections
from chuangwen.faces.desk.ranking_rows import things_of
from chuangwen.faces.desk.row_steps import uid_of
from chuangwen.faces.desk.rows import dress
from chuangwen.kernel.screens import words
from chuangwen.kernel.screens.access import SignedIn, page, row_or_404
from chuangwen.kernel.workflow import history
from chuangwen.kernel.workflow.flow import BadInput, Refused

SHAPES = {"raised": "new", "looked": "check", "granted": "done", "refused": "fail", "withdrawn": "void"}
SHOWN = 100


def _base() -> QuerySet[Objection]:
    return Objection.objects.select_related("unit", "line__ranking__rule", "line__group")


def _due(row: Objection) -> words.Due:
    return words.due(row.next_due_at, "work_day", timezone.now(), is_done=row.state not in OPEN)


@page(rules.see_list)
def index(request: SignedIn) -> HttpResponse:
    """/objections/: those that wait first, by their limit; `?state=` one state, `?before=` the next hundred."""
    state, before = request.GET.get("state", ""), request.GET.get("before", "")
    if state and state not in ObjectionState.values:
        raise Http404
    seen = rules.see_objection.filter(_base(), request.user)
    open_now = (
        [] if state or before else list(seen.filter(state__in=OPEN).order_by("next_due_at", "pk")[:SHOWN])
    )
    rest = seen.filter(state=state) if state else seen.exclude(pk__in=[row.pk for row in open_now])
    if before.isascii() and before.isdigit() and len(before) < 18:
        rest = rest.filter(pk__lt=int(before))
    past = list(rest.order_by("-pk")[: SHOWN + 1])
    rows = open_now + past[:SHOWN]
    counts = dict(
        Objection.facts.through.objects.filter(objection__in=[row.pk for row in rows])
        .values_list("objection_id")
        .annotate(n=Count("pk"))
    )
    parts = [("open", open_now), ("past", past[:SHOWN])]
    return render(request, "desk/objections.html", {
        "parts": [(code, [(row, SHAPES[row.state], _due(row), counts.get(row.pk, 0)) for row in found])
                  for code, found in parts if found],
        "names": dict(ObjectionState.choices), "states": ObjectionState.choices, "state": state, "here": "rankings",
        "more": past[SHOWN - 1].pk if len(past) > SHOWN else None, "sections": sections(request),
        "is_unit": not rules.overview.allows(request.user, None),
    })  # fmt: skip


@page()
def show(request: SignedIn, number: str) -> HttpResponse:
    """/objections/<number>/: ground, rows, first look, decision, and the score before and after."""
    return _shown(request, row_or_404(rules.see_objection, _base(), request.user, number=number))


def _shown(
    request: SignedIn, row: Objection, form: forms.Form | None = None, fault: str = "", code: str = ""
) -> HttpResponse:
    offers = ObjectionFlow.offers(row, request.user)
    needs = {o.step.code: dress(o.step.form(), o.step.code) for o in offers if o.step.form}
    if form is not None and code in needs:
        needs[code] = dress(form, code)
    facts = list(row.facts.order_by("measure", "value", "object_id"))
    things: dict[int, Any] = {}
    for sees in {MEASURES[fact.measure].sees for fact in facts if fact.measure in MEASURES}:
        own = [fact for fact in facts if fact.measure in MEASURES and MEASURES[fact.measure].sees == sees]
        seen = things_of(sees, own, request.user)
        things |= {fact.pk: seen.get(fact.object_id) for fact in own}
    context = {
        **frame_of(row.line.ranking), "objection": row, "offers": offers, "forms": needs, "fault": fault,
        "facts": [(fact, MEASURES.get(fact.measure), things.get(fact.pk)) for fact in facts], "due": _due(row),
        "shape": SHAPES[row.state], "state": ObjectionState(row.state).label, "entries": _entries(row),
        "is_same": row.state == ObjectionState.LOOKED and rules.decide.allows(request.user, row)
        and looked_by(row) == request.user.pk,
        "base": f"{row.line.ranking.get_absolute_url()}{row.line.key}/",
    }  # fmt: skip
    return render(request, "desk/objection.html", context, status=409 if fault else 400 if form else 200)


def _entries(row: Objection) -> list[dict[str, Any]]:
    """The history in words; a granted one says what the score was and became."""
    found = []
    for entry in history.history_of(row):
        step, given = ObjectionFlow.by_code.get(entry.step), entry.given
        said = next(
            (given[name] for name in ("ground", "advice", "reason") if isinstance(given.get(name), str)), ""
        )
        change = given.get("score") if entry.step == "grant" else None
        scores = [part["decimal"] if isinstance(part, dict) else None for part in change] if change else []
        found.append({
            "entry": entry, "label": step.label if step else entry.step, "said": said, "scores": scores,
            "places": given.get("places") or [], "rows": given.get("rows") if entry.step == "grant" else None,
        })  # fmt: skip
    return found


@page(methods=("POST",))
def step(request: SignedIn, number: str, code: str) -> HttpResponse:
    """POST /objections/<number>/<step>/: first look, grant, refuse, withdraw."""
    row = row_or_404(rules.see_objection, _base(), request.user, number=number)
    found = ObjectionFlow.by_code.get(code)
    if found is None or found.is_quiet or not found.rule.allows(request.user, row):
        raise Http404
    try:
        ObjectionFlow.take(row, code, by=request.user, given=request.POST, uid=uid_of(request))
    except BadInput as fault:
        return _shown(request, row, form=fault.form, code=code)
    except Refused as fault:
        return _shown(request, _base().get(pk=row.pk), fault=str(fault))
    return redirect(row.get_absolute_url())
