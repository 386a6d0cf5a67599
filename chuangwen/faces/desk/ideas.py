"""建言 at the desk (row 75): what came in, what is public, how many said the same, and what became of each."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from chuangwen.faces.desk.row_steps import uid_of
from chuangwen.faces.desk.rows import dress
from chuangwen.kernel.screens import words
from chuangwen.kernel.screens.access import SignedIn, page, row_or_404
from chuangwen.kernel.workflow import history
from chuangwen.kernel.workflow.flow import BadInput, Refused
from chuangwen.tasks import ideas as domain
from chuangwen.tasks import rules
from chuangwen.tasks.idea_flow import IdeaFlow
from chuangwen.tasks.idea_models import Idea, IdeaState

SHOW = 50
SHAPES = {
    "received": "new",
    "open": "doing",
    "adopted": "done",
    "declined": "void",
    "merged": "hold",
    "hidden": "back",
}


def due_of(row: Idea) -> words.Due:
    return words.due(row.next_due_at, "work_day", timezone.now(), is_done=row.state in IdeaFlow.closed)


def _rows() -> Any:
    return Idea.objects.select_related("unit", "task", "into")


@page(rules.desk)
def register(request: SignedIn) -> HttpResponse:
    """GET /ideas/?state=&page=: what waits to be read first, else one state; public ones by how many support them."""
    state = request.GET.get("state", "")
    if state and state not in IdeaState.values:
        raise Http404
    counts = dict(Idea.objects.order_by().values_list("state").annotate(n=Count("pk")))
    rows = _rows().filter(state=state) if state else _rows()
    rows = (
        rows.order_by("-supports", "-received_at", "-pk")
        if state == IdeaState.OPEN
        else rows.order_by("-received_at", "-pk")
    )
    shown = Paginator(rows, SHOW).get_page(request.GET.get("page"))
    context = {
        "rows": [(row, SHAPES[row.state], due_of(row)) for row in shown], "names": dict(IdeaState.choices),
        "states": IdeaState.choices, "shapes": SHAPES, "counts": counts, "state": state, "shown": shown,
    }  # fmt: skip
    return render(request, "desk/ideas.html", context)


@page(rules.desk)
def show(request: SignedIn, number: str) -> HttpResponse:
    """GET /ideas/<number>/: one idea as it was sent, as it is public, who does it, what was done."""
    return _shown(request, row_or_404(rules.desk, _rows(), request.user, number=number))


def _shown(request: SignedIn, row: Idea, form: forms.Form | None = None, fault: str = "") -> HttpResponse:
    offers = IdeaFlow.offers(row, request.user)
    start = {"public_text": row.public_text or row.text[:300], "topic": row.topic, "done_text": row.done_text}
    needs = {o.step.code: dress(o.step.form(initial=start), o.step.code) for o in offers if o.step.form}
    for code in needs if form is not None else ():
        if form is not None and IdeaFlow.by_code[code].form is type(form):
            needs[code] = dress(form, code)
    log = [
        {"entry": e, "label": taken.label if (taken := IdeaFlow.by_code.get(e.step)) else e.step,
         "said": "；".join(str(e.given[k]) for k in ("reason", "answer", "done_text") if isinstance(e.given.get(k), str))}
        for e in reversed(history.history_of(row))
    ]  # fmt: skip
    alike = (
        [other for other in domain.like(row.text) if other.pk != row.pk]
        if row.state == IdeaState.RECEIVED
        else []
    )
    context = {
        "row": row, "shape": SHAPES[row.state], "state": IdeaState(row.state).label, "due": due_of(row), "offers": offers,
        "forms": needs, "fault": fault, "log": log, "uid": uuid.uuid4(), "alike": alike,
        "merged": list(row.merged.order_by("pk")[:SHOW]),
    }  # fmt: skip
    status = 409 if fault else 400 if form is not None else 200
    return render(request, "desk/idea.html", context, status=status)


@page(rules.desk, methods=("POST",))
def step(request: SignedIn, number: str, code: str) -> HttpResponse:
    """POST /ideas/<number>/steps/<step>/: released, merged, adopted, declined, hidden, done."""
    row = row_or_404(rules.desk, _rows(), request.user, number=number)
    found = IdeaFlow.by_code.get(code)
    if found is None or found.is_quiet:
        raise Http404
    try:
        IdeaFlow.take(row, code, by=request.user, given=request.POST, uid=uid_of(request))
    except BadInput as fault:
        return _shown(request, row, form=fault.form)
    except Refused as fault:
        row.refresh_from_db()
        return _shown(request, row, fault=str(fault))
    return redirect(row.get_absolute_url())
