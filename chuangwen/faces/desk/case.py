"""One case: its page, its steps, the proof of its history, and handing it over."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms as django_forms
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen.faces.desk import case_parts as parts
from chuangwen.faces.desk.cases import units_by_id
from chuangwen.faces.desk.row_steps import uid_of
from chuangwen.faces.desk.rows import dress, shape_of
from chuangwen.kernel.evidence import store
from chuangwen.kernel.fixed_query import FixedQuery
from chuangwen.kernel.models import Person
from chuangwen.kernel.screens import words
from chuangwen.kernel.screens.access import SignedIn, go, page
from chuangwen.kernel.workflow import clocks, history
from chuangwen.kernel.workflow.flow import BadInput, Refused
from chuangwen.papers import rules as paper_rules
from chuangwen.problems import rules
from chuangwen.problems.actions import hand_over
from chuangwen.problems.findings import findings_words
from chuangwen.problems.flow import CaseFlow, HandoverFlow
from chuangwen.problems.forms import HandoverForm
from chuangwen.problems.models import Case, Handover
from chuangwen.problems.suggesting import kinds

_case = FixedQuery(lambda number: Case.objects.filter(number=number), number=str)


def case_or_404(person: Person, number: str) -> Case:
    """The case if this person may see it, with kind and units filled from the lists every process keeps."""
    case = _case.one(number=number)
    if case is None or not rules.see_case.allows(person, case):
        raise Http404
    known_kinds = {kind.pk: kind for kind in kinds().values()}
    known_units = units_by_id()
    for name, known in (
        ("kind", known_kinds), ("suggested_kind", known_kinds), ("unit", known_units), ("suggested_unit", known_units),
    ):  # fmt: skip
        row = known.get(getattr(case, f"{name}_id"))
        if row is not None:
            setattr(case, name, row)
    return case


def steps_of(case: Case, person: Person) -> list[dict[str, Any]]:
    """The buttons: the main step first, keys 1–3 for the first three that can be taken."""
    offers = sorted(CaseFlow.offers(case, person), key=lambda o: (not o.step.is_main, not o.allowed))
    found, key, main = [], 0, False
    for offer in offers:
        key += offer.allowed
        is_main = offer.step.is_main and offer.allowed and not main
        main = main or is_main
        shown = str(offer.step.label) + ("…" if offer.step.form else "")
        found.append(
            {
                "offer": offer,
                "label": shown,
                "key": key if offer.allowed and key <= 3 else 0,
                "is_main": is_main,
            }
        )
    return found


@page()
def show(request: SignedIn, number: str) -> HttpResponse:
    """GET /cases/<number>/: everything about one case on one page."""
    case, person, now = case_or_404(request.user, number), request.user, timezone.now()
    parts.fill(case)
    entries = history.history_of(case)
    running, shown = clocks.clocks_of(case), store.shown_of(case)
    handovers = []
    if any(entry.step == "pause" for entry in entries):  # a hand-over always pauses the case first
        rows = Handover.objects.filter(case=case).select_related("to_unit")
        handovers = list(rules.see_handover.filter(rows, person))
    shape, state = shape_of(case)
    context = {
        "case": case, "now": now, "shape": shape, "state": state, "uid": uuid.uuid4(),
        "due": words.due(case.due_at, case.due_unit, now, is_paused=case.is_paused, is_done=not case.is_open),
        "steps": steps_of(case, person), "path": parts.path_of(case, entries, running, now),
        "clocks": parts.clock_lines(running, now), "log": parts.log_lines(entries),
        "photos": parts.photo_pairs(shown, case.round), "kin": parts.kin_of(case, person, now),
        "voices": [one for one in shown if one.role == "voice"], "reports": case.reports.all()[:20],
        "duties": parts.duties_at(case), "handovers": handovers,
        "sees_contact": rules.see_report_contact.allows(person, case), "may_hand_over": rules.desk.allows(person, case),
        "may_paper": paper_rules.write.allows(person, case) and case.unit_id is not None,
        "may_fix": rules.responsible.allows(person, case) and case.state in ("assigned", "fixing"),
        "handover_states": HandoverFlow.states, "findings_words": findings_words, "new_uid": uuid.uuid4,
    }  # fmt: skip
    return render(request, "desk/case.html", context)


@page(methods=("GET", "POST"))
def step(request: SignedIn, number: str, code: str) -> HttpResponse:
    """/cases/<number>/steps/<step>/: GET shows the step's form, POST takes the step and goes back to the case."""
    case = case_or_404(request.user, number)
    chosen = CaseFlow.by_code.get(code)
    if chosen is None or chosen.by_clock or chosen.is_quiet or not chosen.rule.allows(request.user, case):
        raise Http404
    if request.method != "POST":
        return _form(request, case, chosen, chosen.form() if chosen.form else django_forms.Form())
    try:
        taken = CaseFlow.take(case, code, by=request.user, given=request.POST, uid=uid_of(request))
    except BadInput as fault:
        return _form(request, case, chosen, fault.form)
    except Refused as fault:
        return _form(
            request,
            case,
            chosen,
            chosen.form(request.POST) if chosen.form else django_forms.Form(),
            str(fault),
        )
    return back(request, taken.matter, request.user)


def back(request: SignedIn, case: Case, person: Person) -> HttpResponse:
    """To the case as it is now; to the first page when the step took it out of this person's sight."""
    to = case.get_absolute_url() if rules.see_case.allows(person, case) else "/"
    return go(request, to)


def _form(
    request: SignedIn, case: Case, chosen: Any, form: django_forms.Form, fault: str = ""
) -> HttpResponse:
    context = {
        "case": case, "title": chosen.label, "form": dress(form, "step"), "fault": fault, "uid": uid_of(request) or uuid.uuid4(),
        "action": f"/cases/{case.number}/steps/{chosen.code}/",
    }  # fmt: skip
    template = "desk/_step_form.html" if request.htmx else "desk/step_form.html"
    return render(request, template, context, status=409 if fault else 200)


@page()
def verify(request: SignedIn, number: str) -> HttpResponse:
    """GET /cases/<number>/verify/: the case's own chain walked now."""
    case = case_or_404(request.user, number)
    breaks = list(history.verify(case.subject, case.pk))
    context = {"case": case, "breaks": breaks, "checked_at": timezone.now()}
    return render(request, "desk/_sealed.html" if request.htmx else "desk/sealed.html", context)


@page(rules.desk, methods=("GET", "POST"))
def hand_over_page(request: SignedIn, number: str) -> HttpResponse:
    """/cases/<number>/handover/: GET shows the form, POST hands the case's file to another body."""
    case = case_or_404(request.user, number)
    form, fault = HandoverForm(request.POST or None), ""
    if request.method == "POST" and form.is_valid():
        try:
            hand_over(case, by=request.user, **form.cleaned_data)
        except Refused as refused:
            fault = str(refused)
        else:
            return back(request, Case.objects.get(pk=case.pk), request.user)
    context = {
        "case": case, "title": _("移交"), "form": dress(form, "step"), "fault": fault, "uid": uuid.uuid4(),
        "action": f"/cases/{case.number}/handover/",
    }  # fmt: skip
    return render(request, "desk/_step_form.html" if request.htmx else "desk/step_form.html", context)
