"""The text of a paper as a person types it: plain lines, levels by their usual marks, tables as lines of cells.

一、 （一） 1. （1） begin a heading; its own number is dropped, as the writer counts. A line that begins with | is a
row of a table, the first of them its head; 表题： before it names the table.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from chuangwen.papers.format.content import Attachment, Block, Part, Table, numbered

_HAN = "一二三四五六七八九十"
_MARKS = (
    re.compile(rf"[{_HAN}]{{1,3}}、\s*(?P<rest>\S.*)"),
    re.compile(rf"[（(][{_HAN}]{{1,3}}[）)]\s*(?P<rest>\S.*)"),
    re.compile(r"\d{1,2}[.．](?!\d)\s*(?P<rest>\S.*)"),
    re.compile(r"[（(]\d{1,2}[）)]\s*(?P<rest>\S.*)"),
)
_CAPTION = "表题："


def blocks_of(typed: str) -> tuple[Part, ...]:
    """The paragraphs, headings and tables of what was typed; empty lines part nothing but tables."""
    found: list[Part] = []
    caption = ""
    rows: list[tuple[str, ...]] = []
    for line in [*typed.splitlines(), ""]:
        line = line.strip(" \t\u3000")
        if line.startswith("|"):
            rows.append(tuple(cell.strip() for cell in line.strip("|").split("|")))
            continue
        if rows:
            found.append(_table(rows, caption))
            rows, caption = [], ""
        if line.startswith(_CAPTION):
            caption = line.removeprefix(_CAPTION).strip()
        elif line:
            found.append(_block(line))
    return tuple(found)


def _table(rows: list[tuple[str, ...]], caption: str) -> Table:
    """Short rows are filled, long ones cut: the head says how many columns there are."""
    head, *rest = rows
    width = len(head)
    return Table(head, tuple((*row[:width], *[""] * (width - len(row))) for row in rest), caption)


def _block(line: str) -> Block:
    for level, mark in enumerate(_MARKS, 1):
        found = mark.fullmatch(line)
        if found:
            head, stop, more = found["rest"].partition("。")
            return Block(head + stop, level, more) if more and level > 1 else Block(found["rest"], level)
    return Block(line)


def typed_of(blocks: Iterable[Part]) -> str:
    """The lines to be edited again; `blocks_of` of them gives the same blocks."""
    return "\n".join(_lines(blocks))


def _lines(blocks: Iterable[Part]) -> Iterator[str]:
    for number, block in numbered(blocks):
        if isinstance(block, Table):
            if block.caption:
                yield _CAPTION + block.caption
            for row in (block.head, *block.rows):
                yield "| " + " | ".join(cell.replace("|", "／").replace("\n", " ") for cell in row) + " |"
            yield ""
        else:
            yield number + block.text + block.more


_ATTACHMENT = re.compile(r"附件\s*\d*\s*[：:]\s*(?P<title>\S.*)")


def attachments_of(typed: str) -> tuple[Attachment, ...]:
    """Attachments as typed: a line 附件：名称 begins one, what follows is its text. Text before the first is left out."""
    found: list[tuple[str, list[str]]] = []
    for line in typed.splitlines():
        head = _ATTACHMENT.fullmatch(line.strip(" \t\u3000"))
        if head:
            found.append((head["title"].strip(), []))
        elif found:
            found[-1][1].append(line)
    return tuple(Attachment(title, blocks_of("\n".join(lines))) for title, lines in found)


def typed_attachments(attachments: Iterable[Attachment]) -> str:
    """The lines to be edited again."""
    return "\n".join(f"附件：{one.title}\n{typed_of(one.blocks)}" for one in attachments)
