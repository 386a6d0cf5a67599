"""A paper as .docx: written by the built-in form or the office's own template, signed ones read back as they are."""

from __future__ import annotations

from chuangwen.kernel.evidence import documents, store
from chuangwen.kernel.models import Blob
from chuangwen.papers.format.content import BadContent, PaperText, from_data
from chuangwen.papers.format.write import BadTemplate, write
from chuangwen.papers.models import Paper, Template

UNWRITABLE = (BadContent, BadTemplate)  # what stands between a paper and its file, each a sentence


def text_of(paper: Paper) -> PaperText:
    """What the paper says. Raises BadContent where its data is no paper."""
    return from_data(paper.content)


def template_of(kind: str) -> bytes | None:
    """The .docx the office uses for this kind, None for the built-in one."""
    row = Template.objects.filter(kind=kind, is_current=True).select_related("blob").first()
    return read_blob(row.blob) if row else None


def read_blob(blob: Blob) -> bytes:
    return store.path_of(blob.sha256, "original").read_bytes()


def render(text: PaperText) -> bytes:
    """The paper as .docx. Raises BadTemplate where the office's template cannot be filled."""
    return write(text, template_of(text.kind))


def docx_of(paper: Paper) -> bytes:
    """The signed file as it was kept; of a draft what it would be now."""
    return read_blob(paper.blob) if paper.blob is not None else render(text_of(paper))


def keep(data: bytes) -> Blob:
    """Stores the file once by its hash."""
    return documents.keep(documents.take_in(data, "paper.docx"), data)
