"""提示通知: the office sends each unit exactly its standards and sees who has not answered; the unit signs and replies."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django import forms
from django.db.models import Count, Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen.faces.desk.row_steps import uid_of
from chuangwen.faces.desk.rows import dress
from chuangwen.faces.desk.standards import chosen, editions, own_units
from chuangwen.kernel.models import Unit
from chuangwen.kernel.screens import words
from chuangwen.kernel.screens.access import SignedIn, page, row_or_404
from chuangwen.kernel.workflow import history
from chuangwen.kernel.workflow.flow import BadInput, Refused
from chuangwen.standards import rules
from chuangwen.standards.actions import OPEN, issue_notices
from chuangwen.standards.flow import DutyNoticeFlow
from chuangwen.standards.models import DutyNotice, Edition, NoticeState

SHAPES = {"draft": "new", "issued": "new", "received": "doing", "replied": "done", "withdrawn": "void"}
MOST = 300
DAYS = 7  # a week to answer is proposed


def _rows(request: SignedIn) -> Any:
    return rules.see_notice.filter(DutyNotice.objects.select_related("unit", "edition__scheme"), request.user)


def _due(notice: DutyNotice) -> words.Due:
    open_now = notice.state in OPEN
    return words.due(notice.next_due_at, "calendar_day", timezone.now(), is_done=not open_now)


@page(methods=("GET", "POST"))
def register(request: SignedIn) -> HttpResponse:
    """/standards/notices/: the notices one may see; the office sends new ones from here."""
    may_issue = rules.issue.allows(request.user, None)
    if not (may_issue or rules.overview.allows(request.user, None) or own_units(request)):
        raise Http404
    if request.method == "POST":
        if not may_issue:
            raise Http404
        return _send(request)
    return _listed(request)


def _send(request: SignedIn) -> HttpResponse:
    edition = chosen(editions(), request.POST.get("edition", ""))
    if edition is None:
        raise Http404
    wanted = [int(pk) for pk in request.POST.getlist("unit") if pk.isdecimal()][:MOST]
    try:
        day = forms.DateField(error_messages={"required": _("写回复期限。")}).clean(
            request.POST.get("reply_on", "")
        )
        if not wanted:
            raise Refused(_("勾选要发的单位。"))
        units = list(Unit.objects.filter(pk__in=wanted, is_active=True).order_by("name"))
        sent = issue_notices(edition, units, day, by=request.user, note=request.POST.get("note", "").strip())
    except forms.ValidationError as fault:
        return _listed(request, edition, fault.messages[0])
    except Refused as fault:
        return _listed(request, edition, str(fault))
    if sent.left:
        return _listed(request, edition, made=len(sent.made), left=sent.left)
    return redirect(f"/standards/notices/?edition={edition.pk}")


def _listed(
    request: SignedIn, edition: Edition | None = None, fault: str = "", made: int = 0, left: list[tuple[Unit, str]] | None = None
) -> HttpResponse:  # fmt: skip
    known = editions()
    edition = edition or chosen(known, request.GET.get("edition", ""))
    state = request.GET.get("state", "")
    if state and state not in NoticeState.values:
        raise Http404
    rows = _rows(request).filter(edition=edition) if edition else DutyNotice.objects.none()
    counts = dict(rows.order_by().values_list("state").annotate(n=Count("pk")))
    shown = list((rows.filter(state=state) if state else rows).annotate(n=Count("lines"))[:MOST])
    may_issue = rules.issue.allows(request.user, None)
    waiting = (
        set(DutyNotice.objects.filter(edition=edition, state__in=OPEN).values_list("unit_id", flat=True))
        if may_issue
        else set()
    )
    cells = Count(
        "standard_shares",
        filter=Q(
            standard_shares__requirement__node__edition=edition,
            standard_shares__requirement__waived_reason="",
        ),
    )
    units = (
        list(Unit.objects.filter(is_active=True).annotate(n=cells).filter(n__gt=0).order_by("name"))
        if may_issue and edition
        else []
    )
    context = {
        "edition": edition, "editions": known, "state": state, "states": NoticeState.choices,
        "names": dict(NoticeState.choices), "counts": counts,
        "notices": [(row, SHAPES[row.state], _due(row)) for row in shown], "fault": fault, "made": made, "left": left or [],
        "may_issue": may_issue, "units": units, "waiting": waiting, "uid": uuid.uuid4(), "whole": sum(counts.values()),
        "reply_on": timezone.localdate() + dt.timedelta(days=DAYS), "tomorrow": timezone.localdate() + dt.timedelta(days=1),
    }  # fmt: skip
    return render(request, "desk/duty_notices.html", context, status=409 if fault else 200)


@page()
def notice(request: SignedIn, number: str) -> HttpResponse:
    """GET /standards/notices/<number>/: the notice as sent, with what one may do; the same page prints."""
    return _shown(request, row_or_404(rules.see_notice, _base(), request.user, number=number))


def _base() -> Any:
    return DutyNotice.objects.select_related("unit", "edition__scheme")


def _shown(
    request: SignedIn, row: DutyNotice, form: forms.Form | None = None, fault: str = ""
) -> HttpResponse:
    offers = DutyNoticeFlow.offers(row, request.user)
    needs = {o.step.code: dress(o.step.form(), o.step.code) for o in offers if o.step.form}
    for code in needs if form is not None else ():
        if form is not None and DutyNoticeFlow.by_code[code].form is type(form):
            needs[code] = dress(form, code)
    lines = list(row.lines.select_related("requirement__node"))
    entries = []
    for entry in history.history_of(row):
        step = DutyNoticeFlow.by_code.get(entry.step)
        said = "；".join(
            str(entry.given[k]) for k in ("reply", "reason", "note") if isinstance(entry.given.get(k), str)
        )
        entries.append({"entry": entry, "label": step.label if step else entry.step, "said": said})
    context = {
        "notice": row, "lines": lines, "offers": offers, "forms": needs, "fault": fault, "uid": uuid.uuid4(), "entries": entries,
        "shape": SHAPES[row.state],
        "state": NoticeState(row.state).label, "due": _due(row), "standards": len({line.requirement.node_id for line in lines}),
        "may_paper": rules.issue.allows(request.user, None),
        "is_reader": bool(own_units(request)) or rules.overview.allows(request.user, None),
    }  # fmt: skip
    return render(
        request, "desk/duty_notice.html", context, status=409 if fault else 400 if form is not None else 200
    )


@page(methods=("POST",))
def step(request: SignedIn, number: str, code: str) -> HttpResponse:
    """POST /standards/notices/<number>/<step>/: sign, reply, urge, withdraw."""
    row = row_or_404(rules.see_notice, _base(), request.user, number=number)
    found = DutyNoticeFlow.by_code.get(code)
    if found is None or found.is_quiet or not found.rule.allows(request.user, row):
        raise Http404
    try:
        DutyNoticeFlow.take(row, code, by=request.user, given=request.POST, uid=uid_of(request))
    except BadInput as fault:
        return _shown(request, row, form=fault.form)
    except Refused as fault:
        row.refresh_from_db()
        return _shown(request, row, fault=str(fault))
    return redirect(row.get_absolute_url())
