"""市民来件 at the desk: what software would not take by itself, alike ones folded, the odd ones first."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import urlencode

from chuangwen.faces.desk.rows import dress
from chuangwen.kernel.screens.access import SignedIn, page, row_or_404
from chuangwen.kernel.screens.words import masked
from chuangwen.kernel.workflow import history
from chuangwen.kernel.workflow.flow import BadInput, ReasonForm, Refused
from chuangwen.problems import rules
from chuangwen.problems import submission_queries as queries
from chuangwen.problems.models import Submission, SubmissionState
from chuangwen.problems.submission_flow import SubmissionFlow
from chuangwen.problems.submission_steps import photos_of

SHOW = 50
CODES = ("release", "drop")
SHAPES = {"waiting": "new", "taken": "done", "dropped": "void"}


@page(rules.dispatcher)
def listing(request: SignedIn) -> HttpResponse:
    """GET /submissions/?state=: the queue, or the last taken or left out; ?batch= offers to take the last decision back."""
    state = request.GET.get("state", "") or SubmissionState.WAITING
    if state not in SubmissionState.values:
        raise Http404
    return _listed(request, state)


def _listed(request: SignedIn, state: str, fault: str = "", status: int = 200) -> HttpResponse:
    context: dict[str, Any] = {
        "state": state, "states": SubmissionState.choices, "signs_of": queries.signs_of, "fault": fault, "shapes": SHAPES,
        "said": _told(request), "batch": request.GET.get("batch", ""), "groups": [], "rows": [],
    }  # fmt: skip
    if state == SubmissionState.WAITING:
        groups, count, number = queries.queue(request.user, SHOW)
        context |= {"groups": groups, "more": count - len(groups), "number": number}
    else:
        rows = queries.see(request.user).filter(state=state).select_related("site", "case")
        context |= {"rows": list(rows.order_by("-changed_at", "-pk")[:SHOW])}
    return render(request, "desk/submissions.html", context, status=status)


@page(rules.dispatcher)
def group(request: SignedIn, like: str) -> HttpResponse:
    """GET /submissions/like/<key>/: all of one group, row by row."""
    rows = list(queries.of_group(request.user, like)[: queries.MOST_DECIDED])
    if not rows:
        return redirect("/submissions/")
    context = {"rows": rows, "like": like, "newest": max(r.pk for r in rows), "signs_of": queries.signs_of}
    return render(request, "desk/submission_group.html", context)


@page(rules.dispatcher, methods=("POST",))
def decide_group(request: SignedIn, like: str, code: str) -> HttpResponse:
    """POST /submissions/like/<key>/<release|drop>/: the whole group as the page showed it."""
    if code not in CODES or not request.POST.get("newest", "").isdigit():
        raise Http404
    newest, reason = int(request.POST["newest"]), request.POST.get("reason", "")
    try:
        decided = queries.decide_group(request.user, like, newest, code, reason=reason)
    except BadInput as fault:
        return _listed(request, SubmissionState.WAITING, str(fault), 400)
    return _said(decided, code)


def _said(decided: queries.Decided, code: str) -> HttpResponse:
    told: dict[str, str | int] = {"did": code, "n": decided.done, "left": decided.left}
    if code == "drop" and decided.done:
        told["batch"] = decided.batch
    return redirect(f"/submissions/?{urlencode(told)}")


@page(rules.dispatcher, methods=("POST",))
def undo(request: SignedIn) -> HttpResponse:
    """POST /submissions/undo/: puts back what the last decision left out."""
    number = queries.take_back(request.user, request.POST.get("batch", ""))
    return redirect(f"/submissions/?did=restore&n={number}")


def _told(request: SignedIn) -> str:
    """What the decision before came to; only figures stand in the address, the words are ours."""
    number, left = (request.GET.get(name, "0") for name in ("n", "left"))
    if not (number.isdigit() and left.isdigit()):
        return ""
    return queries.said(request.GET.get("did", ""), int(number), int(left))


@page(rules.dispatcher)
def show(request: SignedIn, pk: int) -> HttpResponse:
    """GET /submissions/<id>/: one message as it was sent, why it waits, what can be done."""
    rows = Submission.objects.select_related("site", "kind", "case")
    return _shown(request, row_or_404(rules.dispatcher, rows, request.user, pk=pk))


def _shown(request: SignedIn, row: Submission, fault: str = "", status: int = 200) -> HttpResponse:
    entries = history.history_of(row)
    context = {
        "row": row, "photos": photos_of(row), "signs": queries.signs_of(row.findings), "fault": fault,
        "offers": SubmissionFlow.offers(row, request.user), "form": dress(ReasonForm(), "drop"), "uid": uuid.uuid4(),
        "phone": masked(row.phone) if row.phone else "", "shape": SHAPES[row.state],
        "state_label": SubmissionState(row.state).label,
        "alike": queries.of_group(request.user, row.like).exclude(pk=row.pk).count() if row.state == "waiting" else 0,
        "log": [(e, SubmissionFlow.by_code[e.step].label) for e in reversed(entries) if e.step in SubmissionFlow.by_code],
    }  # fmt: skip
    return render(request, "desk/submission.html", context, status=status)


@page(rules.dispatcher, methods=("POST",))
def step(request: SignedIn, pk: int, code: str) -> HttpResponse:
    """POST /submissions/<id>/<release|drop|restore>/."""
    row = row_or_404(rules.dispatcher, Submission.objects.all(), request.user, pk=pk)
    found = SubmissionFlow.by_code.get(code)
    if found is None or found.is_quiet or found.by_clock:
        raise Http404
    if request.POST.get("to") == "queue" and code in CODES:
        try:
            return _said(
                queries.decide_one(request.user, row, code, reason=request.POST.get("reason", "")), code
            )
        except BadInput as fault:
            return _listed(request, SubmissionState.WAITING, str(fault), 400)
    try:
        SubmissionFlow.take(row, code, by=request.user, given=request.POST)
    except Refused as fault:
        row.refresh_from_db()
        return _shown(request, row, str(fault), 409)
    return redirect(row.get_absolute_url())
