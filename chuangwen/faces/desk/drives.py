"""Campaigns (rows 22, 53): theme months, hard problems, weaknesses; before, target and after, tasks and cases in scope."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen.faces.desk.changes import change_lines, save_logged
from chuangwen.faces.desk.rows import dress
from chuangwen.faces.desk.task_forms import DriveForm, MeasureForm, TemplateForm
from chuangwen.faces.desk.tasks import due_of, sections, state_of
from chuangwen.kernel.models import Person
from chuangwen.kernel.screens.access import SignedIn, page
from chuangwen.kernel.workflow.flow import Refused
from chuangwen.problems import rules as case_rules
from chuangwen.problems.models import Case
from chuangwen.problems.suggesting import kinds
from chuangwen.tasks import queries, rules
from chuangwen.tasks.actions import measure_after, measure_drive
from chuangwen.tasks.models import Drive, DriveTemplate, State

SHOWN = 50


def cases_in_scope(drive: Drive, person: Person) -> Any:
    """Open cases of the campaign's kind in its streets that this person may see; none when it is measured otherwise."""
    kind = kinds().get(drive.case_kind) if drive.case_kind else None
    if kind is None:
        return Case.objects.none()
    rows = case_rules.see_case.filter(Case.objects.filter(kind=kind, closed_at__isnull=True), person)
    streets = [street.pk for street in drive.streets.all()]
    return rows.filter(street__in=streets) if streets else rows


@page(rules.read)
def overview(request: SignedIn) -> HttpResponse:
    """GET /drives/: all campaigns with before, target, after and their tasks' figures."""
    person, now = request.user, timezone.now()
    rows = list(Drive.objects.select_related("unit", "plan").order_by("-from_on", "pk")[:200])
    context = {
        "rows": rows, "figures": queries.figures_by("drive", person, now), "empty": queries.Figures(0, 0, 0, 0, 0),
        "today": timezone.localdate(now), "may_edit": rules.edit.allows(person, None),
        "sections": sections(person, "/drives/"), "templates": list(DriveTemplate.objects.all()),
    }  # fmt: skip
    return render(request, "tasks/drives.html", context)


def _drive_or_404(pk: int) -> Drive:
    return get_object_or_404(Drive.objects.select_related("unit", "plan").prefetch_related("streets"), pk=pk)


@page(rules.read, methods=("GET", "POST"))
def show(request: SignedIn, pk: int) -> HttpResponse:
    """/drives/<id>/: one campaign; POST writes what was measured before or after."""
    drive, person, now, fault = _drive_or_404(pk), request.user, timezone.now(), ""
    may_edit = rules.edit.allows(person, None)
    form = MeasureForm(request.POST or None)
    if request.method == "POST" and may_edit:
        if form.is_valid():
            given = form.cleaned_data
            try:
                if given["when"] == "after":
                    measure_after(drive, given["value"], given["result"], by=person)
                else:
                    measure_drive(drive, "before", given["value"], by=person)
                return redirect(drive.get_absolute_url())
            except Refused as refused:
                fault = str(refused)
        else:
            fault = str(next(iter(form.errors.values()))[0])
    tasks = queries.tasks_seen(person).filter(drive=drive)
    some = list(
        tasks.exclude(state=State.DROPPED).select_related("unit").order_by("due_on", "pk")[: SHOWN + 1]
    )
    kind = kinds().get(drive.case_kind) if drive.case_kind else None
    context = {
        "drive": drive, "figures": queries.figures_of(tasks, now), "tasks": some[:SHOWN], "has_more": len(some) > SHOWN,
        "kind": kind, "open_now": cases_in_scope(drive, person).count() if kind else None, "may_edit": may_edit,
        "sees_all": case_rules.reader.allows(person, None), "log": change_lines(drive), "fault": fault, "now": now,
        "sections": sections(person, "/drives/"), "due_of": due_of, "state_of": state_of, "uid": uuid.uuid4(),
        "demos": list(drive.demos.select_related("place")), "today": timezone.localdate(now),
    }  # fmt: skip
    return render(request, "tasks/drive.html", context, status=409 if fault else 200)


@page(rules.edit, methods=("GET", "POST"))
def edit(request: SignedIn, pk: int = 0) -> HttpResponse:
    """/drives/new/ and /drives/<id>/edit/: a campaign's form, its history below."""
    drive = _drive_or_404(pk) if pk else Drive()
    known = [(code, f"{kind.group} · {kind.name}") for code, kind in kinds().items()]
    start = {k: v for k, v in request.GET.items() if k in ("plan", "kind", "name")}
    form = DriveForm(request.POST or None, instance=drive, kinds=known, initial=start)
    if request.method == "POST" and form.is_valid():
        return redirect(save_logged(form, request.user).get_absolute_url())  # type: ignore[attr-defined]
    context = {
        "form": dress(form), "title": drive.name if pk else _("新专项行动"), "save": _("保存"),
        "back": drive.get_absolute_url() if pk else "/drives/", "log": change_lines(drive) if pk else [],
    }  # fmt: skip
    return render(request, "desk/plain_form.html", context)


@page(rules.edit, methods=("GET", "POST"))
def template(request: SignedIn, pk: int = 0) -> HttpResponse:
    """/drives/templates/new/ and /drives/templates/<id>/: what every generated year begins with."""
    row = get_object_or_404(DriveTemplate, pk=pk) if pk else DriveTemplate()
    form = TemplateForm(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid():
        save_logged(form, request.user)
        return redirect("/drives/#templates")
    context = {
        "form": dress(form), "title": row.name if pk else _("新年度行动模板"), "save": _("保存"), "back": "/drives/#templates",
        "log": change_lines(row) if pk else [],
    }  # fmt: skip
    return render(request, "desk/plain_form.html", context)
