"""打包: a year's dossier asked for as a zip, seen as it is made, stopped, downloaded."""

from __future__ import annotations

import uuid

from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen.dossier import queries, rules
from chuangwen.dossier.export_jobs import ask_export, cancel_export, path_of
from chuangwen.dossier.models import ExportJob, ExportState
from chuangwen.kernel.evidence.documents import plain_name
from chuangwen.kernel.screens.access import SignedIn, page, row_or_404
from chuangwen.kernel.workflow.flow import Refused


@page(rules.door, methods=("GET", "POST"))
def exports(request: SignedIn) -> HttpResponse:
    """/dossier/exports/: GET the form and the person's own exports, POST asks for one."""
    given = request.POST if request.method == "POST" else request.GET
    edition, year, editions = queries.edition_and_year(given, timezone.localdate())
    fault = ""
    if request.method == "POST":
        try:
            if edition is None:
                raise Refused(_("还没有要材料的版本，先在标准里载入。"))
            job = ask_export(edition, year, by=request.user, is_whole="whole" in request.POST)
            return redirect(job.get_absolute_url())
        except Refused as refused:
            fault = str(refused)
    jobs = list(
        ExportJob.objects.filter(by=request.user).select_related("edition__scheme").order_by("-pk")[:20]
    )
    context = {"edition": edition, "year": year, "editions": editions, "jobs": jobs, "fault": fault}
    return render(request, "desk/dossier_exports.html", context, status=409 if fault else 200)


def _job(request: SignedIn, uid: uuid.UUID) -> ExportJob:
    return row_or_404(
        rules.own_export, ExportJob.objects.select_related("edition__scheme"), request.user, uid=uid
    )


@page(rules.door, methods=("GET", "POST"))
def progress(request: SignedIn, uid: uuid.UUID) -> HttpResponse:
    """/dossier/exports/<uid>/: GET how far it is, POST stops it."""
    job, fault = _job(request, uid), ""
    if request.method == "POST":
        try:
            cancel_export(job)
            return redirect(job.get_absolute_url())
        except Refused as refused:
            fault = str(refused)
    part = request.htmx and request.method == "GET"
    template = "desk/_dossier_export.html" if part else "desk/dossier_export.html"
    return render(request, template, {"job": job, "fault": fault}, status=409 if fault else 200)


@page(rules.door)
def file(request: SignedIn, uid: uuid.UUID) -> HttpResponseBase:
    """GET /dossier/exports/<uid>/file/: the zip, to who asked for it."""
    job = _job(request, uid)
    path = path_of(job)
    if job.state != ExportState.DONE or not path.exists():
        raise Http404
    name = plain_name(f"{job}.zip")
    answer = FileResponse(path.open("rb"), as_attachment=True, filename=name, content_type="application/zip")
    answer["X-Content-Type-Options"], answer["Cache-Control"] = "nosniff", "private, no-store"
    return answer
