"""From bytes to rows of raw cells: workbooks through calamine, text files through csv, records of JSON by their names."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO, StringIO
from itertools import islice
from typing import Any, Final

from chuangwen.kernel.screens.table_cells import UNSTORABLE
from chuangwen.kernel.screens.table_guard import MAX_FILE, MIB, BadTable, Cell, examine_package

RawRow = tuple[int, Sequence[Any]]  # index from 0, and cells from column A

#: First characters that a spreadsheet takes for a formula when it opens a text file. Source: OWASP, "CSV
#: Injection". The full-width forms are turned into half-width ones by some of them.
RISKY: Final = r"=+\-@\t\r\n＝＋－＠"
_GUARDED: Final = re.compile(f"''*[{RISKY}]")
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MARKUP: Final = re.compile(rb"\s*<(?:!doctype|html|head|body|table|\?xml|meta|style)", re.IGNORECASE)
_BINARY: Final = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"MZ")
DELIMITERS: Final = ",\t;|"
_RECORDS: Final = re.compile(r"\s*(?:\[\s*[{\]]|\{\s*[\"}])")


@dataclass(frozen=True)
class Sheet:
    """One sheet. `rows()` reads it anew each time; `uncached` are cells whose formula has no result."""

    name: str
    rows: Callable[[], Iterator[RawRow]]
    visible: bool = True
    uncached: frozenset[Cell] = frozenset()


@dataclass(frozen=True)
class Source:
    """A file as sheets; a text file has one without a name."""

    sheets: Sequence[Sheet] = field(default_factory=tuple)


def open_source(data: bytes, fitness: Callable[[Iterator[RawRow]], int]) -> Source:
    """The sheets of a file, known by content and not by name.

    `fitness` says how well the first rows fit the table that is looked for; a text file's delimiter is the
    one that fits best. Raises `BadTable` only.
    """
    if not data.strip(b"\xef\xbb\xbf \r\n\t"):
        raise BadTable("empty")
    if len(data) > MAX_FILE:
        raise BadTable("too_large", size=len(data) // MIB, limit=MAX_FILE // MIB)
    if data.startswith(b"PK"):
        return _workbook(data, examine_package(data))
    if data.startswith(_OLE):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise BadTable("password")
        return _workbook(data, {})
    if _MARKUP.match(data.removeprefix(b"\xef\xbb\xbf")[:1024]):
        raise BadTable("page")
    if data.startswith(_BINARY):
        raise BadTable("not_table")
    text = _decoded(data)
    if _RECORDS.match(text):
        return _json_file(text)
    return _text_file(text, fitness)


def _guarded(read: Callable[[], Any]) -> Any:
    """`read()`, with whatever calamine raises turned into `BadTable`."""
    from python_calamine import PasswordError

    try:
        return read()
    except (KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except PasswordError as error:
        raise BadTable("password") from error
    except BaseException as error:  # a panic in Rust arrives as a BaseException that is no Exception
        raise BadTable("broken") from error


def _workbook(data: bytes, uncached: Mapping[str, frozenset[Cell]]) -> Source:
    from python_calamine import SheetTypeEnum, SheetVisibleEnum, load_workbook

    book = _guarded(lambda: load_workbook(BytesIO(data)))
    described = [about for about in book.sheets_metadata if about.typ == SheetTypeEnum.WorkSheet]
    return Source([
        Sheet(about.name, _sheet_rows(book, about.name), about.visible == SheetVisibleEnum.Visible,
              uncached.get(about.name, frozenset()))
        for about in described])


def _sheet_rows(book: Any, name: str) -> Callable[[], Iterator[RawRow]]:
    def rows() -> Iterator[RawRow]:
        sheet = _guarded(lambda: book.get_sheet_by_name(name))
        # Rows come from row 1, but columns from the first one used.
        indent = [""] * (sheet.start[1] if sheet.start else 0)
        cells = _guarded(sheet.iter_rows)
        for index in range(sheet.end[0] + 1 if sheet.end else 0):
            row = _guarded(lambda: next(cells, None))
            if row is None:
                return
            yield index, indent + row if indent else row

    return rows


def _decoded(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):  # "Unicode text" of Excel
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text[:4096]:
            raise BadTable("not_table")
        return text
    raise BadTable("encoding")


def _text_file(text: str, fitness: Callable[[Iterator[RawRow]], int]) -> Source:
    def reader(delimiter: str) -> Callable[[], Iterator[RawRow]]:
        return lambda: _records(text, delimiter)

    def fit(delimiter: str) -> tuple[int, int]:
        try:
            first = list(islice(_records(text, delimiter), 20))
        except BadTable:
            return -1, 0
        return fitness(iter(first)), max((len(cells) for _index, cells in first), default=0)

    return Source([Sheet("", reader(max(DELIMITERS, key=fit)))])


def _json_file(text: str) -> Source:
    """Records as [{…}, …], as {"orders": [{…}, …]} under any one name, or one a line; the first is row 1.

    Numbers stay as they are written. The names are a row before the first.
    """
    records = _parsed(text)
    titles = list(dict.fromkeys(name for record in records for name in record))
    for title in titles:
        if UNSTORABLE.search(title):
            raise BadTable("characters", value=UNSTORABLE.sub("?", title)[:40])

    def rows() -> Iterator[RawRow]:
        yield -1, titles
        for index, record in enumerate(records):
            yield index, [_cell(record.get(title)) for title in titles]

    return Source([Sheet("", rows)] if records else [])


def _parsed(text: str) -> list[dict[str, Any]]:
    def read(part: str) -> Any:
        return json.loads(part, parse_float=str, parse_int=str, parse_constant=str)

    try:
        found = read(text)
    except json.JSONDecodeError as error:
        lines = [(at, line) for at, line in enumerate(text.splitlines(), 1) if line.strip()]
        if len(lines) < 2 or not all(line.lstrip().startswith("{") for _at, line in lines):
            raise BadTable("json", row=error.lineno, column=error.colno) from error
        found = []
        for at, line in lines:
            try:
                found.append(read(line))
            except (json.JSONDecodeError, RecursionError) as fault:
                raise BadTable("json", row=at, column=getattr(fault, "colno", 1)) from fault
    except RecursionError as error:
        raise BadTable("json", row=1, column=1) from error
    if isinstance(found, dict):
        lists = [value for value in found.values() if isinstance(value, list)]
        found = lists[0] if len(lists) == 1 and all(isinstance(each, dict) for each in lists[0]) else [found]
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise BadTable("records")
    records: list[dict[str, Any]] = found
    return records


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, dict | list):
        value = json.dumps(value, ensure_ascii=False)
    return value


def _records(text: str, delimiter: str) -> Iterator[RawRow]:
    index = 0
    try:
        for index, cells in enumerate(csv.reader(StringIO(text, newline=""), delimiter=delimiter)):
            yield index, [cell[1:] if cell[:1] == "'" and _GUARDED.match(cell) else cell for cell in cells]
    except csv.Error as error:
        raise BadTable("csv", row=index + 2) from error
