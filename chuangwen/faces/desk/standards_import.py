"""导入测评体系: a file is looked at, every bad row named, a foreign table's columns set, then all of it loaded or none."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from chuangwen.kernel.places.models import Term
from chuangwen.kernel.screens.access import SignedIn, page
from chuangwen.kernel.screens.tables import BadTable
from chuangwen.kernel.workflow.flow import Refused
from chuangwen.problems.models import CaseKind
from chuangwen.standards import import_jobs, rules
from chuangwen.standards.exchange.layout import LAYOUTS
from chuangwen.standards.exchange.loading import BadTree
from chuangwen.standards.foreign import LABELS
from chuangwen.standards.models import Edition, SchemeKind, TreeImport

MOST = 20 * 2**20
SHOWN = 200


def _kinds() -> list[str]:
    return list(CaseKind.objects.values_list("code", flat=True))


@page(rules.edit, methods=("GET", "POST"))
def imports(request: SignedIn) -> HttpResponse:
    """/standards/import/: a file to look at, and those before it."""
    error = ""
    if request.method == "POST":
        file = request.FILES.get("file")
        if file is None:
            error = _("选一个 Excel 或 CSV 文件。")
        elif (file.size or 0) > MOST:
            error = _("文件超过 20 MB，分成几份再导入。")
        else:
            try:
                job = import_jobs.draft_import(file.read(), file.name or "", by=request.user)
                return redirect(job.get_absolute_url())
            except BadTable as fault:
                error = fault.sentence
    jobs = list(TreeImport.objects.select_related("by")[:30])
    context = {"jobs": jobs, "error": error, "layouts": LAYOUTS}
    return render(request, "desk/standards_imports.html", context, status=400 if error else 200)


@page(rules.edit, methods=("GET", "POST"))
def one(request: SignedIn, uid: uuid.UUID) -> HttpResponse:
    """/standards/import/<id>/: what loading would do; POST sets how it is read, or loads it."""
    job = get_object_or_404(TreeImport.objects.select_related("by"), uid=uid)
    if request.method != "POST":
        return _shown(request, job)
    act, given = request.POST.get("act"), request.POST
    try:
        if act == "read":
            year = given.get("year", "")
            if not year.isdecimal() or not 1990 <= int(year) <= 2100:
                raise Refused(_("年份写四位数字。"))
            head = {key: given.get(key, "").strip()[:80] for key in ("scheme", "edition", "name", "kind")} | {
                "year": int(year)
            }
            columns = {key: given[f"col_{key}"] for key in LABELS if f"col_{key}" in given}
            words = given.getlist("word")
            sites = dict(zip(words, given.getlist("site"), strict=False))
            import_jobs.set_reading(job, by=request.user, columns=columns, sites=sites, head=head)
        elif act in ("load", "replace"):
            import_jobs.load_import(job, by=request.user, kinds=_kinds(), replace=act == "replace")
        else:
            raise Http404
    except BadTree as fault:
        return _shown(request, job, fault.faults[0].sentence)
    except (Refused, BadTable) as fault:
        job.refresh_from_db()
        return _shown(request, job, str(fault))
    return redirect(job.get_absolute_url())


def _shown(request: SignedIn, job: TreeImport, error: str = "") -> HttpResponse:
    status = 409 if error else 200
    if job.done_at:
        editions = list(
            Edition.objects.filter(pk__in=job.result.get("editions", [])).select_related("scheme", "follows")
        )
        context: dict[str, Any] = {"job": job, "editions": editions, "error": error}
        return render(request, "desk/standards_imported.html", context, status=status)
    try:
        preview = import_jobs.preview_import(job, _kinds())
    except BadTable as fault:
        return render(
            request,
            "desk/standards_preview.html",
            {"job": job, "preview": None, "error": fault.sentence},
            status=400,
        )
    rows = [(layout.title, len(preview.tables.rows(layout.name))) for layout in LAYOUTS]
    context = {
        "job": job, "preview": preview, "error": error, "rows": rows, "shown": SHOWN, "labels": LABELS,
        "kinds": SchemeKind.choices, "head": job.head,
        "types": list(Term.objects.filter(list="site_type").order_by("rank")) if preview.is_foreign else [],
        "editions": list(Edition.objects.select_related("scheme").order_by("scheme_id", "-year")) if preview.is_foreign else [],
    }  # fmt: skip
    return render(request, "desk/standards_preview.html", context, status=status)
