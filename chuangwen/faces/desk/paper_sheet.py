"""A paper as the page draws it: the same parts in the same order as the printed one, for reading, not for measuring."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from chuangwen.papers.format.breaks import title_lines
from chuangwen.papers.format.content import PaperText, Part, Table, date_words, numbered


class Line(NamedTuple):
    """One paragraph with its number, or a table."""

    number: str
    block: Any
    is_table: bool


class Sheet(NamedTuple):
    """What the template of the sheet needs."""

    text: PaperText
    title: list[str]
    lines: list[Line]
    attachments: list[tuple[int, str, list[Line]]]
    date: str
    printed: str


def _lines(parts: Iterable[Part]) -> list[Line]:
    return [Line(number, block, isinstance(block, Table)) for number, block in numbered(parts)]


def sheet_of(text: PaperText | None) -> Sheet | None:
    """The sheet of a text; None for none."""
    if text is None:
        return None
    return Sheet(
        text,
        list(title_lines(text.title)),
        _lines(text.blocks),
        [(at, one.title, _lines(one.blocks)) for at, one in enumerate(text.attachments, 1)],
        date_words(text.dated_on) if text.dated_on else "",
        f"{date_words(text.printed_on)}印发" if text.printed_on else "",
    )
