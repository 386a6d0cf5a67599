"""The words in a document, for comparing figures and finding copied text; empty where no reader is installed.

DOCX is read with python-docx, XLSX and XLS with calamine, OFD by its text codes. PDF and DOC have no reader among the
locked libraries: `can_read` says so, and the page tells it to whoever reviews.
"""

from __future__ import annotations

import re
import zipfile
from io import BytesIO
from itertools import islice
from typing import Final

MOST: Final = 200_000  # characters; a dossier's papers are far shorter
_READABLE: Final = frozenset({"docx", "xlsx", "xls", "ofd"})
_ROWS: Final = 5_000
_TEXT_CODE: Final = re.compile(r"<(?:\w+:)?TextCode[^>]*>([^<]*)<")


def can_read(kind: str) -> bool:
    """Whether the words of this kind of document can be read here."""
    return kind in _READABLE


def text_of(data: bytes, kind: str, *, most: int = MOST) -> str:
    """The words of a document that `documents.take_in` has let in, at most `most` characters; "" where they cannot be read."""
    readers = {"docx": _docx, "xlsx": _sheets, "xls": _sheets, "ofd": _ofd}
    if kind not in readers:
        return ""
    try:
        return readers[kind](data, most).replace("\0", "")[:most]
    except Exception:  # a reader's own faults must not refuse a document that people can open
        return ""


def _docx(data: bytes, most: int) -> str:
    from docx import Document  # lxml and its 10 MB: only for who uploads

    book = Document(BytesIO(data))
    lines, size = [], 0
    for part in book.iter_inner_content():
        if size > most:
            break
        if hasattr(part, "rows"):
            text = "\n".join("\t".join(cell.text for cell in row.cells) for row in islice(part.rows, _ROWS))
        else:
            text = part.text
        lines.append(text)
        size += len(text)
    return "\n".join(lines)


def _sheets(data: bytes, most: int) -> str:
    from python_calamine import CalamineWorkbook

    lines: list[str] = []
    size = 0
    book = CalamineWorkbook.from_filelike(BytesIO(data))
    for name in book.sheet_names[:50]:
        for row in islice(book.get_sheet_by_name(name).iter_rows(), _ROWS):
            if size > most:
                return "\n".join(lines)
            text = "\t".join(_cell(value) for value in row[:200]).rstrip("\t")
            lines.append(text)
            size += len(text)
    return "\n".join(lines)


def _cell(value: object) -> str:
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def _ofd(data: bytes, most: int) -> str:
    lines: list[str] = []
    size = 0
    with zipfile.ZipFile(BytesIO(data)) as package:
        for name in sorted(package.namelist()):
            if size > most or not name.endswith("Content.xml"):
                continue
            with package.open(name) as stream:
                found = _TEXT_CODE.findall(stream.read(20 * most).decode("utf-8", "replace"))
            lines.append("".join(found))
            size += len(lines[-1])
    return "\n".join(lines)
