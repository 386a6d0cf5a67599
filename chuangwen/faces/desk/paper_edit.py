"""A paper is written: kind, receivers, plain lines, and beside them the sheet as it will be."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from chuangwen.faces.desk.paper import paper_or_404
from chuangwen.faces.desk.paper_forms import PaperForm, bare, composed, start_of
from chuangwen.faces.desk.paper_sheet import sheet_of
from chuangwen.faces.desk.rows import dress
from chuangwen.kernel.people.models import UnitKind
from chuangwen.kernel.screens.access import SignedIn, page
from chuangwen.kernel.workflow.flow import NotAllowed, Refused
from chuangwen.papers import rules
from chuangwen.papers.actions import draft_paper, edit_paper
from chuangwen.papers.composing import default_body
from chuangwen.papers.flow import PaperFlow
from chuangwen.papers.format.content import PaperText
from chuangwen.papers.format.kinds import KINDS
from chuangwen.papers.models import Paper, PaperKind
from chuangwen.papers.rendering import text_of


def _kind(request: SignedIn) -> str:
    kind = request.GET.get("kind") or request.POST.get("kind") or ""
    if kind and kind not in PaperKind.values:
        raise Http404
    return kind


def _page(
    request: SignedIn, kind: str, form: PaperForm, paper: Paper | None = None, fault: str = ""
) -> HttpResponse:
    text = None
    if form.is_bound and form.is_valid():
        text = composed(form, kind, _empty(kind))
    elif paper is not None:
        text = text_of(paper)
    dress(form, "p")
    context = {
        "kind": kind, "kind_label": PaperKind(kind).label, "form": form, "paper": paper, "fault": fault, "sheet": sheet_of(text),
        "uid": uuid.uuid4(), "groups": {name: _by_kind(form, name) for name in ("receivers", "copies")},
        "chosen_kinds": request.POST.getlist("kinds"), "minutes": kind == PaperKind.MINUTES,
        "today": timezone.localdate(),
    }  # fmt: skip
    return render(
        request, "papers/edit.html", context, status=409 if fault else 400 if form.is_bound and form.errors else 200
    )  # fmt: skip


def _by_kind(form: PaperForm, name: str) -> list[tuple[UnitKind, list[Any]]]:
    """The tick boxes of one field under the kind of their units."""
    found: dict[str, list[Any]] = {}
    for box in form[name].subwidgets:
        found.setdefault(box.data["value"].instance.kind, []).append(box)
    return [(UnitKind(kind), boxes) for kind, boxes in found.items()]


def _empty(kind: str) -> PaperText:
    return PaperText(form=KINDS[kind].form, kind=kind, title="")


@page(rules.write, methods=("GET", "POST"))
def new(request: SignedIn) -> HttpResponse:
    """/papers/new/?kind=: without a kind the kinds to choose from; with one the form; POST drafts it."""
    kind = _kind(request)
    if not kind:
        return render(request, "papers/kinds.html", {"kinds": PaperKind.choices, "body": default_body()})
    form = PaperForm(request.POST or None, kind=kind, initial={"body": default_body()})
    if request.method != "POST" or not form.is_valid():
        return _page(request, kind, form)
    given = form.cleaned_data
    try:
        paper = draft_paper(
            kind, title=given["title"], content=form.as_text(_empty(kind)), body=given["body"], by=request.user,
            receivers=form.main, copies=given["copies"], reply_on=given["reply_on"], is_urgent=given["is_urgent"],
        )  # fmt: skip
    except Refused as fault:
        return _page(request, kind, form, fault=str(fault))
    return redirect(paper.get_absolute_url())


@page(rules.write, methods=("GET", "POST"))
def edit(request: SignedIn, code: str) -> HttpResponse:
    """/papers/<code>/edit/: the draft's form; what somebody else changed meanwhile is not written over."""
    paper = paper_or_404(request, code)
    if PaperFlow.why_not(paper, PaperFlow.by_code["edit"], request.user):
        return redirect(paper.get_absolute_url())  # its page says where it stands
    text = text_of(paper)
    form = PaperForm(request.POST or None, kind=paper.kind, initial=start_of(paper, text))
    if request.method != "POST" or not form.is_valid():
        return _page(request, paper.kind, form, paper)
    given = form.cleaned_data
    try:
        edit_paper(
            paper, title=given["title"], content=form.as_text(bare(paper, text)), receivers=form.main, by=request.user,
            copies=given["copies"], reply_on=given["reply_on"], is_urgent=given["is_urgent"], body=given["body"],
            seen=given["seen"],
        )  # fmt: skip
    except NotAllowed:
        raise Http404 from None
    except Refused as fault:
        return _page(request, paper.kind, form, paper, str(fault))
    return redirect(paper.get_absolute_url())


@page(rules.write, methods=("POST",))
def preview(request: SignedIn) -> HttpResponse:
    """POST /papers/preview/: the sheet of what stands in the form now."""
    kind = _kind(request)
    if not kind:
        raise Http404
    form = PaperForm(request.POST, kind=kind)
    context: dict[str, Any] = {"sheet": None, "fault": ""}
    if form.is_valid():
        context["sheet"] = sheet_of(composed(form, kind, _empty(kind)))
    else:
        context["fault"] = next(iter(form.errors.values()))[0]
    return render(request, "papers/_preview.html", context)
