"""核对: a text or a .docx held against the fact ledger, and against other texts."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from chuangwen.kernel.evidence.documents import BadDocument
from chuangwen.kernel.evidence.documents import read as read_document
from chuangwen.kernel.evidence.reading import text_of
from chuangwen.kernel.screens.access import SignedIn, page
from chuangwen.registers import rules
from chuangwen.registers.between import disagreements
from chuangwen.registers.claims import answered, claims
from chuangwen.registers.queries import ledger

MOST = 100_000  # characters of a text that are read
FILES = 5


@page(rules.read, methods=("GET", "POST"))
def check(request: SignedIn) -> HttpResponse:
    """/facts/check/: what a pasted text or uploaded documents say otherwise than the ledger, with the line it stands in."""
    texts, faults = _texts(request)
    kept, found, counted, known = ledger(), [], 0, 0
    for title, text in texts:
        counted += len(claims(text))
        for clash, agrees in answered(text, kept):
            known += 1
            if not agrees:
                found.append((title, clash))
    return render(request, "desk/facts_check.html", {
        "texts": texts, "found": found, "counted": counted, "known": known, "faults": faults,
        "between": disagreements(texts), "pasted": request.POST.get("text", "")[:MOST], "facts": len(kept.known),
    }, status=400 if faults and not texts else 200)  # fmt: skip


def _texts(request: SignedIn) -> tuple[list[tuple[str, str]], list[str]]:
    """(title, text) of what was sent, and what could not be read."""
    if request.method != "POST":
        return [], []
    texts, faults = [], []
    pasted = request.POST.get("text", "").strip()
    if pasted:
        texts.append((_("粘贴的文字"), pasted[:MOST]))
    for upload in request.FILES.getlist("file")[:FILES]:
        try:
            paper, data = read_document(upload)
        except BadDocument as fault:
            faults.append(f"{upload.name}：{fault}")
            continue
        text = text_of(data, paper.kind, most=MOST)
        if text.strip():
            texts.append((upload.name or "", text))
        else:
            faults.append(_("%(name)s：读不出文字，换成 .docx 再选。") % {"name": upload.name})
    if not texts and not faults:
        faults.append(_("粘贴一段文字，或选一个文件。"))
    return texts, faults
