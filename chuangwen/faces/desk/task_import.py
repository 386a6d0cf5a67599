"""Tasks and projects from a file: looked at first, every row that is left out named, then taken in by one click."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen.faces.desk.tasks import sections
from chuangwen.kernel.models import Unit
from chuangwen.kernel.screens.access import SignedIn, page
from chuangwen.kernel.screens.tables import BadTable, read_table
from chuangwen.kernel.workflow.flow import Refused
from chuangwen.tasks import exchange, rules
from chuangwen.tasks.models import TaskKind

MOST = 10 * 2**20
SHOWN = 200


@page(rules.edit, methods=("GET", "POST"))
def imports(request: SignedIn) -> HttpResponse:
    """/tasks/import/: the form, the preview of a file, and the confirmation."""
    if request.method != "POST":
        said = [request.GET.get(name, "") for name in ("made", "known")]
        done = [int(word) for word in said] if all(word.isdigit() for word in said) else None
        return _page(request, done=done)
    if "goods" in request.POST:
        try:
            made, known = exchange.import_tasks(exchange.unpack(request.POST["goods"]), by=request.user)
        except Refused as refused:
            return _page(request, str(refused))
        return redirect(f"/tasks/import/?made={made}&known={known}")
    file, kind = request.FILES.get("file"), request.POST.get("kind", "")
    if file is None:
        return _page(request, _("选一个 Excel 或 CSV 文件。"))
    if (file.size or 0) > MOST:
        return _page(request, _("文件超过 10 MB，分成几份再导入。"))
    try:
        table = read_table(file.read(), file.name or "", columns=exchange.TASK_COLUMNS)
    except BadTable as fault:
        return _page(request, fault.sentence)
    preview = exchange.read_tasks(
        table, today=timezone.localdate(), kind=kind if kind in TaskKind.values else ""
    )
    return _page(request, preview=preview)


def _page(request: SignedIn, error: str = "", **more: Any) -> HttpResponse:
    preview = more.get("preview")
    units = dict(Unit.objects.values_list("pk", "short_name")) if preview else {}
    context = {
        "error": error, "columns": exchange.TASK_COLUMNS, "kinds": TaskKind.choices, "preview": preview, "units": units,
        "goods": exchange.pack(preview) if preview and preview.good else "", "shown": SHOWN, "done": more.get("done"),
        "sections": sections(request.user, "/tasks/"), "labels": dict(TaskKind.choices),
    }  # fmt: skip
    return render(request, "tasks/import.html", context, status=400 if error else 200)


@page(rules.edit)
def template(request: SignedIn) -> HttpResponseBase:
    """GET /tasks/import/template.xlsx: a file with the titles and one example row."""
    from chuangwen.kernel.screens.export import stream  # openpyxl: only for who asks for the file

    titles = [(str(column.titles[0]), 18) for column in exchange.TASK_COLUMNS]
    year = timezone.localdate().year + 1
    example = {
        "title": _("示例：农贸市场升级改造"),
        "kind": str(TaskKind.PROJECT.label),
        "due_on": f"{year}-06-30",
        "budget_wan": 120,
    }
    return stream(
        _("任务导入模板"), "xlsx", titles, [[example.get(column.key, "") for column in exchange.TASK_COLUMNS]]
    )
