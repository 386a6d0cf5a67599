"""What is wrong with a .docx against the standard, as pages and signing use it: place, found, wanted, clause."""

from __future__ import annotations

from typing import NamedTuple

from django.utils.translation import gettext as _


class Unreadable(ValueError):
    """A file that is no .docx; the message is a sentence for who gave it."""


class Finding(NamedTuple):
    """One fault: where, what is there, what should be, by which clause; `is_content` when its words are at fault."""

    place: str
    found: str
    wanted: str
    clause: str
    is_content: bool

    @property
    def sentence(self) -> str:
        return _("%(place)s：现在是%(found)s，应是%(wanted)s（%(clause)s）。") % self._asdict()


def findings_of(data: bytes) -> list[Finding]:
    """All faults of a file, in the order of the page. Raises UnreadableDocx of the format where it is no .docx."""
    from chuangwen.papers.format.check import check  # python-docx is heavy: only where a file is checked

    return [Finding("", "", "", "", False) for one in check(data).findings]
