"""One paper: as it will be printed, its steps, receivers, figures, files, and the texts before."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from chuangwen.faces.desk.paper_sheet import sheet_of
from chuangwen.faces.desk.papers import due_of, shape_of
from chuangwen.faces.desk.row_steps import uid_of
from chuangwen.faces.desk.rows import dress
from chuangwen.kernel.evidence.documents import plain_name
from chuangwen.kernel.screens.access import SignedIn, go, page, row_or_404
from chuangwen.kernel.workflow import history
from chuangwen.kernel.workflow.flow import BadInput, Refused
from chuangwen.papers import checking, queries, rules
from chuangwen.papers.actions import take_step
from chuangwen.papers.flow import PaperFlow
from chuangwen.papers.format.content import BadContent, PaperText, from_data
from chuangwen.papers.models import Paper, PaperState
from chuangwen.papers.rendering import UNWRITABLE, docx_of, text_of

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
# Receipts are signed and answered in their own row.
IN_ROW = ("receive", "reply")


def paper_or_404(request: SignedIn, code: str) -> Paper:
    rows = Paper.objects.select_related("body__unit", "made_by", "signed_by", "blob")
    return row_or_404(rules.see_paper, rows, request.user, code=code)


def _writes(request: SignedIn, paper: Paper) -> bool:
    """Whether the person takes part in writing it, and so may read what it said before."""
    return rules.write.allows(request.user, paper) or rules.of_body.allows(request.user, paper)


def _entries(paper: Paper, sees_all: bool) -> list[dict[str, Any]]:
    """History for reading; what other units answered is theirs and the office's."""
    found = []
    for entry in history.history_of(paper):
        if entry.step in IN_ROW and not sees_all:
            continue
        step = PaperFlow.by_code.get(entry.step)
        words = [entry.given.get(key) for key in ("number", "reason", "unit_name")]
        said = "；".join(word for word in words if isinstance(word, str))
        has_text = "content" in entry.given
        found.append(
            {"entry": entry, "label": step.label if step else entry.step, "said": said, "has_text": has_text}
        )
    return found


def _text(paper: Paper) -> PaperText | None:
    try:
        return text_of(paper)
    except BadContent:
        return None


def _shown(request: SignedIn, paper: Paper, form: forms.Form | None = None, fault: str = "") -> HttpResponse:
    person, today = request.user, timezone.localdate()
    offers = [o for o in PaperFlow.offers(paper, person) if o.step.code not in IN_ROW]
    needs = {o.step.code: dress(o.step.form(), o.step.code) for o in offers if o.step.form}
    for code in needs if form is not None else ():
        if PaperFlow.by_code[code].form is type(form):
            needs[code] = dress(form, code)
    receipts = queries.receipts_of(paper)
    mine = person.standing.units_as(*rules.RECEIVERS)
    sees_all = rules.see_receipts.allows(person, paper) or rules.of_body.allows(person, paper)
    shown = [row for row in receipts if sees_all or row.unit_id in mine]
    context = {
        "paper": paper, "sheet": sheet_of(_text(paper)), "offers": offers, "forms": needs, "fault": fault, "uid": uuid.uuid4(),
        "shape": shape_of(paper), "due": due_of(paper, timezone.now()), "entries": _entries(paper, sees_all),
        "receipts": [(row, queries.is_late(paper, row, today) and paper.issued_at, row.unit_id in mine) for row in shown],
        "all_count": len(receipts), "sees_all": sees_all,
        "may_edit": PaperFlow.why_not(paper, PaperFlow.by_code["edit"], person) is None,
        "own_draft": paper.state == PaperState.REVIEW and paper.made_by_id == person.pk,
        "is_open": paper.state == PaperState.ISSUED, "may_see_texts": _writes(request, paper),
    }  # fmt: skip
    status = 409 if fault else 400 if form is not None else 200
    return render(request, "papers/paper.html", context, status=status)


@page(rules.door)
def show(request: SignedIn, code: str) -> HttpResponse:
    """GET /papers/<code>/: the paper and what may be done with it; the same page prints as the paper."""
    return _shown(request, paper_or_404(request, code))


@page(rules.door, methods=("POST",))
def step(request: SignedIn, code: str, step: str) -> HttpResponse:
    """POST /papers/<code>/steps/<step>/: send, sign, return, issue, urge, withdraw, drop."""
    paper = paper_or_404(request, code)
    found = PaperFlow.by_code.get(step)
    if found is None or found.is_quiet or found.by_clock or not found.rule.allows(request.user, paper):
        raise Http404
    try:
        take_step(paper, step, by=request.user, given=request.POST, uid=uid_of(request))
    except BadInput as fault:
        return _shown(request, paper, form=fault.form)
    except Refused as fault:
        paper.refresh_from_db()
        return _shown(request, paper, fault=str(fault))
    return go(request, paper.get_absolute_url())


def _download(data: bytes, name: str, kind: str, mime: str) -> HttpResponse:
    answer = HttpResponse(data, content_type=mime)
    disposition = content_disposition_header(True, f"{plain_name(name, 100)}.{kind}")
    answer["Content-Disposition"] = disposition or "attachment"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


def _file_name(paper: Paper) -> str:
    return f"{paper.number} {paper.title}".strip() if paper.number else f"{paper.code} {paper.title}"


@page(rules.door)
def docx(request: SignedIn, code: str) -> HttpResponse:
    """GET /papers/<code>/file.docx: the signed file as it was kept, of a draft what it would be now."""
    paper = paper_or_404(request, code)
    try:
        return _download(docx_of(paper), _file_name(paper), "docx", DOCX)
    except UNWRITABLE as fault:
        return _shown(request, paper, fault=str(fault))


@page(rules.door)
def pdf(request: SignedIn, code: str) -> HttpResponse:
    """GET /papers/<code>/file.pdf: the same file through LibreOffice, with a sentence where there is none."""
    from chuangwen.papers.pdf import NoPdf, to_pdf  # starts another program: only where a PDF is asked for

    paper = paper_or_404(request, code)
    try:
        return _download(to_pdf(docx_of(paper)), _file_name(paper), "pdf", "application/pdf")
    except (*UNWRITABLE, NoPdf) as fault:
        return _shown(request, paper, fault=str(fault))


@page(rules.door)
def findings(request: SignedIn, code: str) -> HttpResponse:
    """GET /papers/<code>/check/: what the format check says of this paper's file."""
    paper = paper_or_404(request, code)
    try:
        found = checking.findings_of(docx_of(paper))
    except UNWRITABLE as fault:
        return _shown(request, paper, fault=str(fault))
    context = {"paper": paper, "findings": found, "name": _file_name(paper), "fault": "", "is_checked": True}
    return render(request, "papers/check.html", context)


@page(rules.door)
def version(request: SignedIn, code: str, seq: int) -> HttpResponse:
    """GET /papers/<code>/versions/<n>/: the text as one entry of history wrote it; the office and the signers."""
    paper = paper_or_404(request, code)
    if not _writes(request, paper):
        raise Http404
    found = next((one for one in queries.versions(paper) if one.seq == seq), None)
    if found is None:
        raise Http404
    context = {
        "paper": paper,
        "version": found,
        "sheet": sheet_of(from_data(found.data)),
        "title": _("第 %(n)d 步的稿") % {"n": seq},
    }
    return render(request, "papers/version.html", context)
