"""学习计划 (row 81): a plain list by body and month; pasted or read from a file."""

from __future__ import annotations

import datetime as dt

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen.kernel.people.models import Role
from chuangwen.kernel.screens.access import SignedIn, page
from chuangwen.kernel.screens.tables import BadTable, read_table
from chuangwen.kernel.workflow.flow import Refused
from chuangwen.tasks import rules, studies
from chuangwen.tasks.models import StudyPlan

MOST = 500
BYTES = 2 * 2**20


@page(rules.overview | rules.claimer, methods=("GET", "POST"))
def register(request: SignedIn) -> HttpResponseBase:
    """/studies/: the list; POST takes in pasted lines or a file."""
    if request.method == "GET" and request.GET.get("export") == "xlsx":
        return _export()
    if request.method != "POST":
        return _listed(request)
    if not rules.edit.allows(request.user, None):
        return _listed(request, fault=_("学习计划由创建办导入。"))
    file, text = request.FILES.get("file"), request.POST.get("text", "")
    if file is None and not text.strip():
        return _listed(request, fault=_("粘贴几行，或选一个文件。"))
    if file is not None and (file.size or 0) > BYTES:
        return _listed(request, fault=_("文件超过 2 MB，分成几份再导入。"))
    try:
        data, name = (file.read(), file.name or "") if file else (studies.as_table(text), _("粘贴"))
        taken = studies.take_in(read_table(data, name, columns=studies.COLUMNS), by=request.user)
    except (BadTable, Refused) as fault:
        return _listed(request, fault=str(fault), text=text)
    return _listed(request, taken=taken)


def _listed(
    request: SignedIn, fault: str = "", taken: studies.Taken | None = None, text: str = ""
) -> HttpResponse:
    today = timezone.localdate()
    rows = list(StudyPlan.objects.select_related("unit").order_by("-month", "unit__code", "pk")[:MOST])
    may_edit = rules.edit.allows(request.user, None)
    mine = request.user.standing.units_as(Role.LIAISON, Role.HEAD)
    context = {
        "rows": [(row, row.done_on is None and row.month < today.replace(day=1), may_edit or row.unit_id in mine) for row in rows],
        "fault": fault, "taken": taken, "text": text, "may_edit": may_edit, "today": today, "columns": studies.COLUMNS[:5],
        "done": sum(row.done_on is not None for row in rows), "is_office": rules.overview.allows(request.user, None),
    }  # fmt: skip
    return render(request, "desk/studies.html", context, status=409 if fault else 200)


def _export() -> HttpResponseBase:
    from chuangwen.kernel.screens.export import stream  # openpyxl: only for who asks for the file

    rows = StudyPlan.objects.select_related("unit").order_by("-month", "unit__code", "pk")[:5000]
    titles = [(str(column.titles[0]), 20) for column in studies.COLUMNS]
    lines = ((str(r.unit), f"{r.month:%Y-%m}", r.way, r.topic, r.done_on, r.source) for r in rows)
    return stream(_("学习计划"), "xlsx", titles, lines)


@page(rules.overview | rules.claimer, methods=("POST",))
def done(request: SignedIn, pk: int) -> HttpResponse:
    """POST /studies/<pk>/done/: studied today; sent for one that is done, takes the date back."""
    row = get_object_or_404(StudyPlan, pk=pk)
    day: dt.date | None = None if request.POST.get("back") else timezone.localdate()
    try:
        studies.mark_done(row, day, by=request.user)
    except Refused as fault:
        return _listed(request, fault=str(fault))
    return redirect("/studies/")
