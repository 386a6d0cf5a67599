"""制度 and 发文机关: standing rules by version with what is in force, and the bodies that issue papers."""

from __future__ import annotations

from typing import Any

from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen.faces.desk.changes import change_lines, save_logged
from chuangwen.faces.desk.paper_forms import BodyForm, RegulationForm
from chuangwen.faces.desk.rows import dress
from chuangwen.kernel.evidence import documents, store
from chuangwen.kernel.evidence.documents import BadDocument
from chuangwen.kernel.screens.access import SignedIn, page
from chuangwen.kernel.workflow.flow import Refused
from chuangwen.papers import numbering, rules
from chuangwen.papers.models import IssuingBody, Regulation


@page(rules.read_regulation)
def regulations(request: SignedIn) -> HttpResponse:
    """GET /regulations/: each rule's version in force first, older ones under it; 导出 Excel with ?export=xlsx."""
    rows = list(Regulation.objects.select_related("owner", "blob").order_by("code", "-from_on", "-pk"))
    if request.GET.get("export") == "xlsx":
        return _exported(rows)
    today = timezone.localdate()
    context = {"rows": rows, "today": today, "may_edit": rules.regulations.allows(request.user, None)}
    return render(request, "papers/regulations.html", context)


def _exported(rows: list[Regulation]) -> Any:
    from chuangwen.kernel.screens.export import stream  # openpyxl: only for who exports

    titles = [
        (_("编号"), 14),
        (_("名称"), 40),
        (_("版本"), 12),
        (_("文号"), 24),
        (_("施行"), 12),
        (_("废止"), 12),
        (_("负责单位"), 20),
    ]
    lines = ([r.code, r.title, r.version, r.document, r.from_on, r.to_on, str(r.owner or "")] for r in rows)
    return stream(_("制度"), "xlsx", titles, lines)


@page(rules.read_regulation)
def regulation(request: SignedIn, pk: int) -> HttpResponse:
    """GET /regulations/<id>/: one version whole, with the others of the same rule."""
    row = get_object_or_404(Regulation.objects.select_related("owner", "blob"), pk=pk)
    others = Regulation.objects.filter(code=row.code).exclude(pk=row.pk).order_by("-from_on", "-pk")
    may_edit = rules.regulations.allows(request.user, None)
    context = {
        "row": row, "others": list(others), "today": timezone.localdate(), "may_edit": may_edit,
        "log": change_lines(row) if may_edit else [],
    }  # fmt: skip
    return render(request, "papers/regulation.html", context)


@page(rules.regulations, methods=("GET", "POST"))
def edit_regulation(request: SignedIn, pk: int = 0) -> HttpResponse:
    """/regulations/new/ and /regulations/<id>/edit/: a version's text, dates, owner and file."""
    row = get_object_or_404(Regulation, pk=pk) if pk else Regulation(from_on=timezone.localdate())
    form = RegulationForm(request.POST or None, request.FILES or None, instance=row)
    if request.method == "POST" and form.is_valid():
        try:
            if form.cleaned_data["file"]:
                form.instance.blob = documents.keep(*documents.read(form.cleaned_data["file"]))
            return redirect(f"/regulations/{save_logged(form, request.user).pk}/")
        except BadDocument as fault:
            form.add_error("file", fault.sentence)
    context = {
        "form": dress(form), "title": row.title if pk else _("新制度"), "back": f"/regulations/{pk}/" if pk else "/regulations/",
    }  # fmt: skip
    return render(request, "papers/regulation_form.html", context, status=400 if form.errors else 200)


@page(rules.read_regulation)
def regulation_file(request: SignedIn, pk: int) -> HttpResponseBase:
    """GET /regulations/<id>/file/: the file as it was given."""
    row = get_object_or_404(Regulation.objects.select_related("blob"), pk=pk)
    path = store.path_of(row.blob.sha256, "original") if row.blob else None
    if path is None or row.blob is None or not path.exists():
        raise Http404
    kind = documents.KIND_OF_MIME[row.blob.mime]
    name = documents.download_name(f"{row.title} {row.version}", kind)
    answer = FileResponse(path.open("rb"), as_attachment=True, filename=name, content_type=row.blob.mime)
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


@page(rules.bodies)
def bodies(request: SignedIn) -> HttpResponse:
    """GET /papers/bodies/: who issues papers, with the last number of this year."""
    year = timezone.localdate().year
    rows = list(IssuingBody.objects.select_related("unit").order_by("code", "pk"))
    context = {"rows": [(row, numbering.last_serial(row, year)) for row in rows], "year": year}
    return render(request, "papers/bodies.html", context)


@page(rules.bodies, methods=("GET", "POST"))
def edit_body(request: SignedIn, pk: int = 0) -> HttpResponse:
    """/papers/bodies/new/ and /papers/bodies/<id>/: a body; `after` goes on behind numbers given elsewhere this year."""
    row = get_object_or_404(IssuingBody, pk=pk) if pk else IssuingBody()
    year, fault = timezone.localdate().year, ""
    form = BodyForm(request.POST if request.POST and "after" not in request.POST else None, instance=row)
    if request.method == "POST" and "after" in request.POST and pk:
        after = request.POST["after"]
        try:
            if not (after.isascii() and after.isdigit() and len(after) < 6):
                raise Refused(_("序号写数字，如 11。"))
            numbering.start_after(row, year, int(after), by=request.user)
            return redirect("/papers/bodies/")
        except Refused as refused:
            fault = str(refused)
    elif request.method == "POST" and form.is_valid():
        save_logged(form, request.user)
        return redirect("/papers/bodies/")
    context = {
        "form": dress(form), "row": row if pk else None, "fault": fault, "year": year, "log": change_lines(row) if pk else [],
        "last": numbering.last_serial(row, year) if pk else 0,
    }  # fmt: skip
    return render(request, "papers/body.html", context, status=409 if fault else 400 if form.errors else 200)
