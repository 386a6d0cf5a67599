"""查格式: any .docx against GB/T 9704-2012; and the templates, tried and checked before they are taken."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from chuangwen.faces.desk.paper import DOCX
from chuangwen.kernel.evidence.documents import plain_name
from chuangwen.kernel.screens.access import SignedIn, page
from chuangwen.kernel.workflow.flow import Refused
from chuangwen.papers import checking, rules, templates
from chuangwen.papers.models import PaperKind, Template
from chuangwen.papers.rendering import read_blob

MOST = 20 * 2**20


def _given(request: SignedIn) -> tuple[bytes, str]:
    """The uploaded file and its name. Raises Refused with what to do."""
    file = request.FILES.get("file")
    if file is None:
        raise Refused(_("选一个 Word 文件（.docx）。"))
    if (file.size or 0) > MOST:
        raise Refused(_("文件超过 20 MB，去掉图片再查。"))
    return file.read(), plain_name(file.name or "")


@page(rules.door, methods=("GET", "POST"))
def check(request: SignedIn) -> HttpResponse:
    """/papers/check/: a .docx is looked at and not kept; each finding with its place and clause."""
    context: dict[str, Any] = {"paper": None, "findings": [], "name": "", "fault": "", "is_checked": False}
    if request.method == "POST":
        try:
            data, context["name"] = _given(request)
            context["findings"], context["is_checked"] = checking.findings_of(data), True
        except (Refused, checking.Unreadable) as fault:
            context["fault"] = str(fault)
    return render(request, "papers/check.html", context, status=400 if context["fault"] else 200)


def _kind_or_404(kind: str) -> str:
    if kind not in PaperKind.values:
        raise Http404
    return kind


@page(rules.templates)
def overview(request: SignedIn) -> HttpResponse:
    """GET /papers/templates/: each kind with the template in use, its versions, and the built-in one."""
    return _overview(request)


def _overview(request: SignedIn, fault: str = "", at: str = "", findings: Any = ()) -> HttpResponse:
    rows: dict[str, list[Template]] = {kind: [] for kind in PaperKind.values}
    for row in Template.objects.select_related("by", "blob").order_by("kind", "-at", "-pk"):
        rows[row.kind].append(row)
    context = {
        "kinds": [(kind, label, rows[kind]) for kind, label in PaperKind.choices], "fault": fault, "at": at,
        "findings": findings,
    }  # fmt: skip
    return render(request, "papers/templates.html", context, status=409 if fault else 200)


@page(rules.templates, methods=("POST",))
def put(request: SignedIn, kind: str) -> HttpResponse:
    """POST /papers/templates/<kind>/: a changed template; taken when its sample can be written and is right."""
    _kind_or_404(kind)
    try:
        data, name = _given(request)
        templates.put_template(kind, data, name, by=request.user)
    except templates.Wrong as fault:
        return _overview(request, str(fault), kind, fault.findings)
    except Refused as fault:
        return _overview(request, str(fault), kind)
    return redirect("/papers/templates/")


@page(rules.templates, methods=("POST",))
def choose(request: SignedIn, kind: str, pk: int) -> HttpResponse:
    """POST /papers/templates/<kind>/use/<id>/: an older version again; 0 is the built-in one."""
    _kind_or_404(kind)
    row = get_object_or_404(Template, pk=pk, kind=kind) if pk else None
    templates.use_template(kind, row, by=request.user)
    return redirect("/papers/templates/")


@page(rules.templates)
def file(request: SignedIn, kind: str, pk: int) -> HttpResponse:
    """GET /papers/templates/<kind>/file/<id>/: one version, 0 the built-in one, to be changed in Word or WPS."""
    _kind_or_404(kind)
    label = PaperKind(kind).label
    if pk:
        row = get_object_or_404(Template.objects.select_related("blob"), pk=pk, kind=kind)
        data, name = read_blob(row.blob), row.name
    else:
        data, name = templates.built_in(kind), _("%(kind)s模板.docx") % {"kind": label}
    answer = HttpResponse(data, content_type=DOCX)
    answer["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return answer
