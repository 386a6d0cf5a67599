"""Hand-overs (rows 15, 43, 44): the file of a case for the body that takes it over; nobody else learns
that it exists.
"""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen.faces.desk.row_steps import uid_of
from chuangwen.faces.desk.rows import dress
from chuangwen.kernel.evidence import store
from chuangwen.kernel.models import Clock, Entry, Evidence, Sealed
from chuangwen.kernel.screens.access import SignedIn, page, row_or_404
from chuangwen.kernel.workflow import history
from chuangwen.kernel.workflow.flow import BadInput, Refused
from chuangwen.papers import rules as paper_rules
from chuangwen.problems import queries, rules
from chuangwen.problems.flow import CaseFlow, HandoverFlow
from chuangwen.problems.models import Case, Handover, HandoverState


def handover_or_404(request: SignedIn, pk: int) -> Handover:
    rows = Handover.objects.select_related(
        "to_unit", "case", *(f"case__{name}" for name in queries.ROW), "case__road", "case__area"
    )
    return row_or_404(rules.see_handover, rows, request.user, pk=pk)


def lines_of(matter: Case | Handover) -> list[dict[str, Any]]:
    """History for reading: the step's word, who, when, what was said; a fixed number of queries."""
    flow = CaseFlow if isinstance(matter, Case) else HandoverFlow
    sealed: dict[int, dict[str, str]] = {}
    for row in Sealed.objects.filter(entry__subject=matter.subject, entry__subject_id=matter.pk):
        sealed.setdefault(row.entry_id, {})[row.field] = row.value
    found = []
    for entry in history.history_of(matter):
        step = flow.by_code.get(entry.step)
        found.append(
            {
                "entry": entry,
                "label": step.label if step else entry.step,
                "said": _said(entry, sealed.get(entry.pk, {})),
            }
        )
    return found


def _said(entry: Entry, sealed: dict[str, str]) -> str:
    words = [
        str(entry.given[key])
        for key in ("reason", "note", "reply", "outcome", "what", "unit_name", "into", "number")
        if isinstance(entry.given.get(key), str)
    ]
    return "；".join(w for w in [*words, *sealed.values()] if w)


def file_of(handover: Handover) -> dict[str, Any]:
    """The whole file: facts, messages as they came, photos with the truth check, clocks, history,
    earlier cases here.
    """
    case = handover.case
    return {
        "case": case,
        "reports": list(case.reports.order_by("received_at", "pk")),
        "lines": lines_of(case),
        "photos": store.photos_of(case),
        "handover_lines": lines_of(handover),
        "clocks": list(
            Clock.objects.filter(subject=case.subject, subject_id=case.pk).order_by("started_at", "pk")
        ),
        "prepared": list(case.prepared.select_related("rung", "decided_by").order_by("made_at", "pk")),
        "earlier": case.recurs_of,
        "merged": list(case.merged.order_by("number")[:50]),
    }


def _shown(
    request: SignedIn, handover: Handover, form: forms.Form | None = None, fault: str = ""
) -> HttpResponse:
    offers = HandoverFlow.offers(handover, request.user)
    needs = {o.step.code: dress(o.step.form(), o.step.code) for o in offers if o.step.form}
    if form is not None:
        for code in needs:
            if HandoverFlow.by_code[code].form is type(form):
                needs[code] = dress(form, code)
    context = {
        **file_of(handover),
        "handover": handover,
        "offers": offers,
        "forms": needs,
        "fault": fault,
        "uid": uuid.uuid4(),
        "state": HandoverState(handover.state).label,
        "may_paper": paper_rules.write.allows(request.user, None),
    }
    return render(request, "desk/handover.html", context, status=409 if fault else 200)


@page()
def handover(request: SignedIn, pk: int) -> HttpResponse:
    """GET /handovers/<id>/: the file and what this body may do with it."""
    return _shown(request, handover_or_404(request, pk))


@page(methods=("POST",))
def step(request: SignedIn, pk: int, code: str) -> HttpResponse:
    """POST /handovers/<id>/<step>/: take, outcome, recall."""
    row = handover_or_404(request, pk)
    chosen = HandoverFlow.by_code.get(code)
    if chosen is None or chosen.is_quiet or not chosen.rule.allows(request.user, row):
        raise Http404
    try:
        HandoverFlow.take(row, code, by=request.user, given=request.POST, uid=uid_of(request))
    except BadInput as fault:
        return _shown(request, row, form=fault.form)
    except Refused as fault:
        return _shown(request, handover_or_404(request, pk), fault=str(fault))
    return redirect(f"/handovers/{pk}/")


@page()
def file(request: SignedIn, pk: int) -> HttpResponse:
    """GET /handovers/<id>/file/: everything on one page for printing; the browser makes the PDF."""
    row = handover_or_404(request, pk)
    breaks = [*history.verify(row.case.subject, row.case.pk), *history.verify(row.subject, row.pk)]
    context = {
        **file_of(row),
        "handover": row,
        "breaks": breaks,
        "printed_at": timezone.now(),
        "state": HandoverState(row.state).label,
    }
    return render(request, "desk/handover_file.html", context)


@page()
def photo(request: SignedIn, pk: int, evidence: int) -> FileResponse:
    """GET /handovers/<id>/photo/<n>/: one photo of the file, its clean copy, under the hand-over's
    rule.
    """
    row = handover_or_404(request, pk)
    found = (
        Evidence.objects.filter(pk=evidence, subject=row.case.subject, subject_id=row.case_id)
        .select_related("blob")
        .first()
    )
    path = store.file_of(found.blob.sha256, "public") if found else None
    if path is None:
        raise Http404
    return FileResponse(path.open("rb"), content_type="image/jpeg")


@page()
def register(request: SignedIn) -> HttpResponse:
    """GET /handovers/: the hand-overs this person may know of."""
    rows = list(queries.handovers(request.user)[:200])
    if (
        not rows
        and not rules.see_handover.allows(request.user, None)
        and not request.user.standing.units_as("supervisor", "discipline")
    ):
        raise Http404
    return render(request, "desk/handovers.html", {"handovers": rows, "title": _("移交")})
