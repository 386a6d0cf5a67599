"""导入: a file of orders is looked at, mended, confirmed, taken in by the worker, and opened to what came of it."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from chuangwen.kernel.places.datum import Datum
from chuangwen.kernel.screens.access import SignedIn, page
from chuangwen.kernel.screens.tables import BadTable
from chuangwen.kernel.workflow.flow import Refused
from chuangwen.problems import import_jobs, rules
from chuangwen.problems.exchange import DATUM_NAMES, ORDER_COLUMNS, titles_of
from chuangwen.problems.models import ImportJob, JobState, Report

MOST = 50 * 2**20
SHOWN = 200
LIST = 100
LABELS = {column.key: column.titles[0] for column in ORDER_COLUMNS} | {"channel": "渠道（按行）"}


def _job(request: SignedIn, uid: uuid.UUID) -> ImportJob:
    """The job; whoever takes orders in may see every import, since every report of it is theirs to handle."""
    job = ImportJob.objects.filter(uid=uid).select_related("by").first()
    if job is None:
        raise Http404
    return job


@page(rules.dispatcher, methods=("GET", "POST"))
def imports_page(request: SignedIn) -> HttpResponse:
    """The form for a file, and the last imports."""
    error = ""
    if request.method == "POST":
        file = request.FILES.get("file")
        if file is None:
            error = _("选一个 Excel 或 CSV 文件。")
        elif (file.size or 0) > MOST:
            error = _("文件超过 50 MB，分成几份再导入。")
        else:
            try:
                job = import_jobs.draft_job(
                    file.read(),
                    file.name or "",
                    by=request.user,
                    channel=request.POST.get("channel", "").strip()[:20] or "12345",
                )
                return redirect(job.get_absolute_url())
            except BadTable as fault:
                error = fault.sentence
    jobs = list(ImportJob.objects.select_related("by").order_by("-pk")[:30])
    return render(request, "desk/imports.html", {"jobs": jobs, "error": error, "columns": ORDER_COLUMNS},
                  status=400 if error else 200)  # fmt: skip


@page(rules.dispatcher, methods=("GET", "POST"))
def import_page(request: SignedIn, uid: uuid.UUID) -> HttpResponse:
    """One import: its preview while it is a draft, then how far it is, then what came of it."""
    job = _job(request, uid)
    if request.method == "POST":
        return _act(request, job)
    if job.state != JobState.DRAFT:
        return _progress(request, job)
    return _preview(request, job)


def _act(request: SignedIn, job: ImportJob) -> HttpResponse:
    given, act = request.POST, request.POST.get("act")
    try:
        if act == "cancel":
            import_jobs.cancel_job(job, by=request.user)
        elif act in ("read", "start"):
            if given.get("datum") not in DATUM_NAMES:
                raise Refused(_("选一个坐标系。"))
            mapping = {key: given[f"col_{key}"] for key in import_jobs.KEYS if f"col_{key}" in given}
            import_jobs.set_reading(
                job, by=request.user, channel=given.get("channel", ""), datum=Datum(given["datum"]),
                mapping=mapping, sure="sure" in given,
            )  # fmt: skip
            if act == "start":
                import_jobs.start_job(job, by=request.user)
        else:
            raise Http404
    except (Refused, BadTable) as fault:
        job.refresh_from_db()
        if job.state != JobState.DRAFT:
            return _progress(request, job, str(fault))
        return _preview(request, job, str(fault))
    return redirect(job.get_absolute_url())


def _preview(request: HttpRequest, job: ImportJob, error: str = "") -> HttpResponse:
    preview, titles, fault = None, [], error
    try:
        preview = import_jobs.preview_job(job)
        titles = titles_of(import_jobs.data_of(job))
    except BadTable as wrong:
        fault = wrong.sentence
    context: dict[str, Any] = {
        "job": job, "preview": preview, "error": fault, "titles": titles, "labels": LABELS,
        "chosen": _chosen(job, titles), "datums": DATUM_NAMES, "shown": SHOWN,
    }  # fmt: skip
    return render(request, "desk/import_preview.html", context, status=400 if fault else 200)


def _chosen(job: ImportJob, titles: list[str]) -> dict[str, str]:
    """For each column the title it is read from: as set, else the first one that is called so."""
    chosen = dict(job.mapping)
    for column in ORDER_COLUMNS:
        if column.key not in chosen:
            chosen[column.key] = next((title for title in titles if title.casefold() in column.titles), "")
    return chosen


def _progress(request: HttpRequest, job: ImportJob, error: str = "") -> HttpResponse:
    faults = import_jobs.faults_of(job)
    part = request.headers.get("HX-Request") == "true" and not error
    template = "desk/_import_progress.html" if part else "desk/import_progress.html"
    context = {"job": job, "faults": faults[:SHOWN], "left_out": len({bad.row for bad in faults}),
               "more": max(0, len(faults) - SHOWN), "error": error}  # fmt: skip
    return render(request, template, context, status=400 if error else 200)


@page(rules.dispatcher)
def reports_page(request: SignedIn, uid: uuid.UUID) -> HttpResponse:
    """The reports an import made, in the order of the sheet, each with its case."""
    job = _job(request, uid)
    after = request.GET.get("after", "0")
    if not after.isascii() or not after.isdigit() or len(after) > 18:
        raise Http404
    rows = Report.objects.filter(job=job, pk__gt=int(after)).select_related("case__kind").order_by("pk")
    found = list(rows[: LIST + 1])
    return render(request, "desk/import_reports.html", {
        "job": job, "reports": found[:LIST], "after": found[LIST - 1].pk if len(found) > LIST else 0,
    })  # fmt: skip


@page(rules.dispatcher)
def faults_page(request: SignedIn, uid: uuid.UUID) -> HttpResponse:
    """The rows that were left out, as a table to mend and send again."""
    from io import BytesIO

    from chuangwen.kernel.screens.tables import write_csv

    job = _job(request, uid)
    out = BytesIO()
    bad = import_jobs.faults_of(job) if job.state != JobState.DRAFT else import_jobs.preview_job(job).bad
    write_csv(out, [_("行"), _("列"), _("表头"), _("内容"), _("原因")], bad)
    answer = HttpResponse(out.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="left-out-{job.pk}.csv"'
    return answer
