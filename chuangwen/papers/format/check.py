"""Checks any .docx against GB/T 9704-2012: what is found, what should be, by which clause.

Only the file is read, nothing is laid out: what depends on where a page ends (an even last page, a seal over a date,
a line drawn by hand) is not judged. docs/decisions names every tolerance.
"""

from __future__ import annotations

from dataclasses import dataclass

from chuangwen.papers.format.check_head import head_findings
from chuangwen.papers.format.check_page import page_findings
from chuangwen.papers.format.check_tail import tail_findings
from chuangwen.papers.format.check_text import text_findings
from chuangwen.papers.format.codes import CODES, Finding, gathered
from chuangwen.papers.format.content import Form
from chuangwen.papers.format.reading import Unreadable, read
from chuangwen.papers.format.roles import find_roles


@dataclass(frozen=True)
class Report:
    """What a check found; `form` is the form the file was taken for."""

    form: Form
    title: str
    findings: tuple[Finding, ...]

    @property
    def is_clean(self) -> bool:
        return not self.findings


def check(data: bytes) -> Report:
    """All findings of a .docx in the order of the page. Raises Unreadable for what is no .docx or is hostile."""
    sheet = read(data)
    if not any(para.words for para in sheet.paras):
        raise Unreadable("文件里没有文字，没有可查的内容。")
    roles = find_roles(sheet)
    findings = gathered(
        (
            *page_findings(sheet, roles),
            *head_findings(sheet, roles),
            *text_findings(roles),
            *tail_findings(sheet, roles),
        )
    )
    return Report(roles.form, roles.title_text, findings)


__all__ = ["CODES", "Finding", "Report", "Unreadable", "check"]
