"""Reading office tables: the header found, each cell read by kind, each fault told with its place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final, NamedTuple

from django.utils.translation import gettext as _

from chuangwen.kernel.screens.table_cells import UNSTORABLE, Column, Kind, Unreadable, plain, read_cell, shown
from chuangwen.kernel.screens.table_guard import BadTable
from chuangwen.kernel.screens.table_sources import RawRow, Sheet, open_source
from chuangwen.kernel.screens.table_writing import write_csv, write_table

__all__ = [
    "BadTable", "Column", "Fault", "Kind", "Row", "TableRead", "read_table", "write_csv", "write_table",
]

HEADER_WITHIN: Final = 20  # rows: office tables have a title, a unit and a date above their header
_ORNAMENT: Final = re.compile(r"[\s*:：]|\((?:必填|选填|必填项)\)")


@dataclass(frozen=True)
class Fault:
    """What is wrong and where: `row` as in the spreadsheet (None: whole file), `column` as letters."""

    file: str
    sheet: str
    row: int | None
    column: str
    title: str
    value: str
    sentence: str


class Bad(NamedTuple):
    """A row or cell an import leaves out: its number and column as the spreadsheet shows them, and why."""

    row: int | None
    column: str
    title: str
    value: str
    sentence: str


@dataclass(frozen=True)
class Row:
    """One row: its number in the spreadsheet, values by column key (None: empty or at fault), its faults."""

    number: int
    values: dict[str, Any]
    faults: list[Fault]


@dataclass
class TableRead:
    """A table read. `header_row` as the spreadsheet numbers it; `unknown` are titles nobody asked for."""

    file: str
    sheet: str = ""
    header_row: int | None = None
    rows: list[Row] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    places: dict[str, tuple[str, str]] = field(default_factory=dict)  # key -> letters and title as in the file

    @property
    def all_faults(self) -> list[Fault]:
        """Those of the file, then those of its rows."""
        return [*self.faults, *(fault for row in self.rows for fault in row.faults)]


@dataclass
class _Header:
    last_row: int = -1  # index from 0 of the last row of the header
    found: dict[int, Column] = field(default_factory=dict)
    titles: dict[int, str] = field(default_factory=dict)
    twice: list[tuple[int, str]] = field(default_factory=list)


def letters(column: int) -> str:
    """Name of a column counted from 0: A … Z, AA …"""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def read_table(data: bytes, name: str, *, sheet: str | None = None, columns: Sequence[Column],
               max_rows: int = 100_000) -> TableRead:
    """Read xlsx, xlsm, xls, ods, csv or tsv, known by content; `name` is only repeated in faults.

    Without `sheet`, the first visible sheet that has all required columns. Blank rows are left out. Formulas
    count as their stored results. Raises `BadTable`, and nothing else, whatever the bytes are.
    """
    try:
        return _read(data, name, sheet, columns, max_rows)
    except BadTable:
        raise
    except Exception as error:  # the promise above holds for what nobody thought of, too
        raise BadTable("broken") from error


def _read(data: bytes, name: str, sheet: str | None, columns: Sequence[Column], max_rows: int) -> TableRead:
    source = open_source(data, lambda rows: len(_find_header(rows, columns).found))
    result = TableRead(name)
    chosen, header = _choose(source.sheets, sheet, columns)
    if chosen is None:
        named = "、".join(f"“{each.name}”" for each in source.sheets if each.name) or _("没有工作表")
        result.faults.append(_about_file(result, _("没有名为“%(sheet)s”的工作表。文件中有：%(sheets)s。") % {
            "sheet": sheet or "", "sheets": named}))
        return result
    result.sheet = chosen.name
    if _header_is_usable(result, header, columns):
        _read_rows(result, chosen, header, max_rows)
    return result


def _choose(sheets: Sequence[Sheet], wanted: str | None,
            columns: Sequence[Column]) -> tuple[Sheet | None, _Header]:
    fallback: tuple[Sheet | None, _Header] = None, _Header()
    for sheet in sheets:
        if not (sheet.visible if wanted is None else sheet.name == wanted or not sheet.name):
            continue
        header = _find_header(sheet.rows(), columns)
        if wanted is not None or (header.found and not _missing(header, columns)):
            return sheet, header
        if fallback[0] is None or len(header.found) > len(fallback[1].found):
            fallback = sheet, header
    return fallback


def _title(value: object) -> str:
    return _ORNAMENT.sub("", plain(value)).casefold()


def _match(cells: Sequence[Any], by_title: Mapping[str, Column]) -> dict[int, Column]:
    return {at: by_title[title] for at, cell in enumerate(cells)
            if isinstance(cell, str) and (title := _title(cell)) in by_title}


def _find_header(rows: Iterator[RawRow], columns: Sequence[Column]) -> _Header:
    """The row among the first ones where most titles stand; a second row below merged titles joins it."""
    by_title = {_title(title): column for column in columns for title in column.titles}
    first = [(index, cells, _match(cells, by_title)) for index, cells in islice(rows, HEADER_WITHIN)]
    best = _Header()
    for position, (index, cells, matched) in enumerate(first):
        titles = {at: shown(cell) for at, cell in enumerate(cells) if shown(cell)}
        last = index
        if matched and position + 1 < len(first):
            below_index, below, more = first[position + 1]
            blank = all(at >= len(below) or not shown(below[at]) for at in matched)
            if blank and more and not {c.key for c in more.values()} & {c.key for c in matched.values()}:
                matched, last = {**matched, **more}, below_index
                titles |= {at: shown(below[at]) for at in more}
        if len({column.key for column in matched.values()}) > len(best.found):
            best = _Header(last, {}, titles)
            for at, column in sorted(matched.items()):
                if column.key in {taken.key for taken in best.found.values()}:
                    best.twice.append((at, column.titles[0]))
                else:
                    best.found[at] = column
    return best


def _missing(header: _Header, columns: Sequence[Column]) -> list[str]:
    found = {column.key for column in header.found.values()}
    return [str(column.titles[0]) for column in columns if column.required and column.key not in found]


def _about_file(result: TableRead, sentence: str, row: int | None = None, at: int | None = None,
                title: str = "") -> Fault:
    return Fault(result.file, result.sheet, row, "" if at is None else letters(at), title, "", sentence)


def _header_is_usable(result: TableRead, header: _Header, columns: Sequence[Column]) -> bool:
    if not header.found:
        wanted = "、".join(str(column.titles[0]) for column in columns)
        result.faults.append(_about_file(result, _(
            "前 %(count)s 行中没有找到表头。表头一行写明：%(titles)s。") % {
                "count": HEADER_WITHIN, "titles": wanted}))
        return False
    result.header_row = header.last_row + 1
    result.places = {column.key: (letters(at), header.titles.get(at, "")) for at, column in header.found.items()}
    result.unknown = [title for at, title in sorted(header.titles.items())
                      if at not in header.found and title not in {each for _at, each in header.twice}]
    for at, title in header.twice:
        result.faults.append(_about_file(result, _(
            "%(letter)s 列的表头“%(title)s”出现了两次，只读前一列。删去多余的一列再导入。") % {
                "letter": letters(at), "title": title}, result.header_row, at, title))
    missing = _missing(header, columns)
    if missing:
        result.faults.append(_about_file(result, _(
            "第 %(row)s 行的表头缺少：%(missing)s。加上这些列再导入。") % {
                "row": result.header_row, "missing": "、".join(missing)}, result.header_row))
    return not missing


def _read_rows(result: TableRead, sheet: Sheet, header: _Header, max_rows: int) -> None:
    above: dict[str, Any] = {}
    count = 0
    for index, cells in sheet.rows():
        if index <= header.last_row or not (
                any(cell != "" and (not isinstance(cell, str) or cell.strip()) for cell in cells)
                or any((index, at) in sheet.uncached for at in header.found)):
            continue
        count += 1
        if count <= max_rows:
            result.rows.append(_read_row(result, sheet, header, index, cells, above))
    if count > max_rows:
        raise BadTable("too_many_rows", count=count, limit=max_rows)


def _read_row(result: TableRead, sheet: Sheet, header: _Header, index: int, cells: Sequence[Any],
              above: dict[str, Any]) -> Row:
    row = Row(index + 1, {}, [])
    for at, column in header.found.items():
        raw = cells[at] if at < len(cells) else ""
        if column.fill_down and raw == "":
            raw = above.get(column.key, "")
        above[column.key] = raw
        row.values[column.key] = None
        try:
            if (index, at) in sheet.uncached:
                raise Unreadable(_("公式没有保存计算结果。用 Excel 或 WPS 打开文件，保存一次"))
            row.values[column.key] = value = read_cell(column, raw)
            if value is None and column.required:
                raise Unreadable(_("没有填写。补上内容"))
        except Unreadable as wrong:
            title = header.titles.get(at, str(column.titles[0]))
            sentence = _("单元格 %(cell)s（%(title)s）%(wrong)s，再导入。") % {
                "cell": f"{letters(at)}{row.number}", "title": title, "wrong": wrong}
            row.faults.append(Fault(result.file, result.sheet, row.number, letters(at), title,
                                    UNSTORABLE.sub("\ufffd", shown(raw)[:200]), sentence))
    return row
