"""The format check as pages and signing use it: findings by look, which hold a signing, and by words, which warn."""

from __future__ import annotations

from collections.abc import Iterable

from chuangwen.papers.format.codes import Finding
from chuangwen.papers.format.reading import Unreadable

__all__ = ["Finding", "Unreadable", "faults_of_form", "findings_of"]


def findings_of(data: bytes) -> tuple[Finding, ...]:
    """All findings of a .docx in the order of the page. Raises Unreadable where it is none."""
    from chuangwen.papers.format.check import (
        check,  # reads XML by itself; loaded only where a file is checked
    )

    return check(data).findings


def faults_of_form(findings: Iterable[Finding]) -> list[Finding]:
    """Those that are the program's or the template's doing, not the drafter's words."""
    return [one for one in findings if not one.is_content]
