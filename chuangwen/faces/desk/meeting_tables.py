"""The tables of one meeting as they are typed: agenda, units, attendance, decisions, minutes; each saved as a whole."""

from __future__ import annotations

import datetime as dt
import uuid

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from chuangwen.faces.desk.meetings import agenda_of, meeting_or_404, shown, unit_named
from chuangwen.kernel.screens.access import SignedIn, page
from chuangwen.kernel.workflow.flow import Refused
from chuangwen.tasks import rules
from chuangwen.tasks.forms import answering_units
from chuangwen.tasks.meetings import (
    Came,
    Decided,
    list_units,
    record_attendance,
    save_decisions,
    set_agenda,
    turn_decision,
    write_minutes,
)
from chuangwen.tasks.models import Decision, Meeting, Presence


@page(rules.desk, methods=("POST",))
def agenda(request: SignedIn, pk: int) -> HttpResponse:
    """POST /meetings/<pk>/agenda/: the agenda as lines."""
    row = meeting_or_404(request, pk)
    try:
        set_agenda(row, agenda_of(request.POST.get("agenda", "")), by=request.user)
    except Refused as fault:
        return shown(request, meeting_or_404(request, pk), str(fault), at="agenda")
    return redirect(f"{row.get_absolute_url()}#agenda")


@page(rules.desk, methods=("POST",))
def units(request: SignedIn, pk: int) -> HttpResponse:
    """POST /meetings/<pk>/units/: who is asked to come."""
    row = meeting_or_404(request, pk)
    wanted = [int(key) for key in request.POST.getlist("unit") if key.isdecimal() and len(key) < 18]
    try:
        list_units(row, answering_units().filter(pk__in=wanted), by=request.user)
    except Refused as fault:
        return shown(request, meeting_or_404(request, pk), str(fault), at="attendance")
    return redirect(f"{row.get_absolute_url()}#attendance")


@page(rules.desk, methods=("POST",))
def attendance(request: SignedIn, pk: int) -> HttpResponse:
    """POST /meetings/<pk>/attendance/: the table of who came."""
    row = meeting_or_404(request, pk)
    given = request.POST
    lines = []
    for key in given.getlist("unit"):
        if not key.isdecimal() or len(key) > 17:
            raise Http404
        lines.append(
            Came(
                int(key), given.get(f"p-{key}", Presence.UNKNOWN), given.get(f"who-{key}", ""), f"s-{key}" in given,
                given.get(f"note-{key}", ""),
            )
        )  # fmt: skip
    try:
        record_attendance(row, lines, by=request.user)
    except Refused as fault:
        return shown(request, meeting_or_404(request, pk), str(fault), at="attendance")
    return redirect(f"{row.get_absolute_url()}#attendance")


def _uid(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError as fault:
        raise Http404 from fault


def _day(text: str) -> dt.date | None:
    if not text.strip():
        return None
    try:
        return forms.DateField().clean(text.strip())
    except forms.ValidationError as fault:
        raise Refused(_("“%(text)s”不是日期，写成 2026-11-30。") % {"text": text[:20]}) from fault


@page(rules.desk, methods=("POST",))
def decisions(request: SignedIn, pk: int) -> HttpResponse:
    """POST /meetings/<pk>/decisions/: the table of decisions; with `turn` the rows that can be become tasks as well."""
    row = meeting_or_404(request, pk)
    columns = [request.POST.getlist(name) for name in ("uid", "text", "unit", "due_on")]
    typed = [
        dict(zip(("uid", "text", "unit", "due_on"), line, strict=True))
        for line in zip(*columns, strict=False)
    ]
    try:
        names = {name: unit for unit in answering_units() for name in (unit.code, unit.name, str(unit))}
        lines = [
            Decided(line["text"], unit_named(line["unit"], names), _day(line["due_on"]), _uid(line["uid"]))
            for line in typed
        ]
        save_decisions(row, lines, by=request.user)
        if "turn" in request.POST:
            _turn(row, request)
    except Refused as fault:
        fresh = meeting_or_404(request, pk)
        known = {str(uid) for uid in fresh.decisions.values_list("uid", flat=True)}
        left = [line for line in typed if line["uid"] not in known]
        return shown(request, fresh, str(fault), at="decisions", typed=left or None)
    return redirect(f"{row.get_absolute_url()}#decisions")


def _turn(row: Meeting, request: SignedIn) -> None:
    """One decision by its id, or every one that has a unit and a date."""
    wanted, open_rows = request.POST["turn"], Decision.objects.filter(meeting=row, task=None)
    if wanted == "all":
        for one in open_rows.filter(unit__isnull=False, due_on__isnull=False).order_by("rank", "pk"):
            turn_decision(one, by=request.user)
        return
    found = Decision.objects.filter(meeting=row, uid=_uid(wanted)).first()
    if found is None:
        raise Refused(_("这一行是空的，写上决定再转任务。"))
    turn_decision(found, by=request.user)


@page(rules.desk, methods=("POST",))
def minutes(request: SignedIn, pk: int) -> HttpResponse:
    """POST /meetings/<pk>/minutes/: the text of the minutes."""
    row = meeting_or_404(request, pk)
    text = request.POST.get("minutes", "")
    try:
        write_minutes(row, text, by=request.user, seen=request.POST.get("seen"))
    except Refused as fault:
        return shown(request, meeting_or_404(request, pk), str(fault), at="minutes", minutes=text)
    return redirect(f"{row.get_absolute_url()}#minutes")
