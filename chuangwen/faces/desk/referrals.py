"""提交上级: tasks handed up to the government's weekly assignment meeting, what came of each there (row 15)."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.db.models import Count
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chuangwen.faces.desk.row_steps import uid_of
from chuangwen.faces.desk.rows import dress
from chuangwen.faces.desk.task import task_or_404
from chuangwen.kernel.city import setting
from chuangwen.kernel.screens import words
from chuangwen.kernel.screens.access import SignedIn, page, row_or_404
from chuangwen.kernel.workflow import history
from chuangwen.kernel.workflow.flow import BadInput, Refused
from chuangwen.tasks import rules
from chuangwen.tasks.meeting_flow import ReferralFlow
from chuangwen.tasks.models import Referral, ReferralState
from chuangwen.tasks.referrals import OPEN, refer_task

SHAPES = {"sent": "up", "listed": "new", "assigned": "doing", "done": "done", "returned": "back"}
MOST = 300


def due_of(row: Referral) -> words.Due:
    return words.due(row.next_due_at, "calendar_day", timezone.now(), is_done=row.state not in OPEN)


def _rows(request: SignedIn) -> Any:
    return rules.see_referral.filter(Referral.objects.select_related("task__unit"), request.user)


@page(rules.see_list)
def register(request: SignedIn) -> HttpResponse:
    """GET /referrals/: what was handed up, the open ones first."""
    state = request.GET.get("state", "")
    if state and state not in ReferralState.values:
        raise Http404
    rows = _rows(request)
    counts = dict(rows.order_by().values_list("state").annotate(n=Count("pk")))
    found = list((rows.filter(state=state) if state else rows).order_by("-pk")[:MOST])
    found.sort(key=lambda row: row.state not in OPEN)
    context = {
        "rows": [(row, SHAPES[row.state], due_of(row)) for row in found], "names": dict(ReferralState.choices),
        "states": ReferralState.choices, "shapes": SHAPES, "counts": counts, "state": state,
        "is_office": rules.overview.allows(request.user, None),
    }  # fmt: skip
    return render(request, "desk/referrals.html", context)


class ReferralForm(forms.Form):
    """Why a task goes up, and to which meeting."""

    reason = forms.CharField(
        label=_("提交理由"),
        max_length=500,
        widget=forms.Textarea({"rows": 3}),
        error_messages={"required": _("写明为什么要提交上去。")},
    )
    to = forms.CharField(label=_("提交到"), max_length=80, required=False)


@page(rules.edit, methods=("GET", "POST"))
def new(request: SignedIn, number: str) -> HttpResponse:
    """/referrals/of/<task>/: hands one task up."""
    task = task_or_404(request.user, number)
    start = {"to": setting("referral_to", "市委市政府重点工作周交办会议")}
    form, fault = ReferralForm(request.POST or None, initial=start), ""
    if request.method == "POST" and form.is_valid():
        try:
            row = refer_task(
                task,
                form.cleaned_data["reason"],
                by=request.user,
                to=form.cleaned_data["to"],
                uid=uid_of(request),
            )
            return redirect(row.get_absolute_url())
        except Refused as refused:
            fault = str(refused)
    context = {
        "form": dress(form), "title": f"{task.number} {task.title}", "save": _("提交"), "back": task.get_absolute_url(),
        "fault": fault,
    }  # fmt: skip
    return render(request, "tasks/form.html", context, status=409 if fault else 400 if form.errors else 200)


@page(rules.see_list)
def show(request: SignedIn, number: str) -> HttpResponse:
    """GET /referrals/<number>/: one task's way through the assignment meeting."""
    return _shown(request, row_or_404(rules.see_referral, _rows(request), request.user, number=number))


def _shown(request: SignedIn, row: Referral, form: forms.Form | None = None, fault: str = "") -> HttpResponse:
    offers = ReferralFlow.offers(row, request.user)
    needs = {o.step.code: dress(o.step.form(), o.step.code) for o in offers if o.step.form}
    for code in needs if form is not None else ():
        if form is not None and ReferralFlow.by_code[code].form is type(form):
            needs[code] = dress(form, code)
    log = [
        {"entry": e, "label": taken.label if (taken := ReferralFlow.by_code.get(e.step)) else e.step,
         "said": "；".join(str(e.given[k]) for k in ("reason", "note", "outcome") if isinstance(e.given.get(k), str))}
        for e in reversed(history.history_of(row))
    ]  # fmt: skip
    context = {
        "row": row, "shape": SHAPES[row.state], "state": ReferralState(row.state).label, "due": due_of(row), "offers": offers,
        "forms": needs, "fault": fault, "log": log, "uid": uuid.uuid4(),
    }  # fmt: skip
    return render(
        request, "desk/referral.html", context, status=409 if fault else 400 if form is not None else 200
    )


@page(rules.edit, methods=("POST",))
def step(request: SignedIn, number: str, code: str) -> HttpResponse:
    """POST /referrals/<number>/steps/<step>/: listed, assigned, done, returned."""
    row = row_or_404(rules.see_referral, _rows(request), request.user, number=number)
    found = ReferralFlow.by_code.get(code)
    if found is None or found.is_quiet:
        raise Http404
    try:
        ReferralFlow.take(row, code, by=request.user, given=request.POST, uid=uid_of(request))
    except BadInput as fault:
        return _shown(request, row, form=fault.form)
    except Refused as fault:
        row.refresh_from_db()
        return _shown(request, row, fault=str(fault))
    return redirect(row.get_absolute_url())
