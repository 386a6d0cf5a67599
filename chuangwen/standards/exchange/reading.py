"""Reading the template: a workbook with its sheets, or a folder of CSV files, into lines that know where they stood."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from chuangwen.kernel.screens.tables import BadTable, Fault, TableRead, read_table
from chuangwen.standards.exchange.layout import BY_NAME, LAYOUTS, Layout


@dataclass(frozen=True)
class Line:
    """One row of one sheet: values by column key; `places` gives the letters and title of each column in the file."""

    file: str
    sheet: str
    number: int
    values: dict[str, Any]
    places: dict[str, tuple[str, str]]

    def text(self, key: str) -> str:
        value = self.values.get(key)
        return value if isinstance(value, str) else ""

    @property
    def edition(self) -> tuple[str, str]:
        """Code of the scheme and name of the edition the row belongs to."""
        return self.text("scheme"), self.text("edition")

    def fault(self, key: str, sentence: str) -> Fault:
        """A fault of this row at the column of that key."""
        column, title = self.places.get(key, ("", ""))
        value = self.values.get(key)
        shown = "" if value is None else str(value)[:200]
        return Fault(self.file, self.sheet, self.number, column, title, shown, sentence)


@dataclass
class Tables:
    """The eight tables as read. `rows_in` counts every row of data of the file, those at fault as well."""

    lines: dict[str, list[Line]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    rows_in: int = 0

    def rows(self, name: str) -> list[Line]:
        return self.lines.get(name, [])

    @property
    def rows_named(self) -> int:
        """Rows with at least one fault."""
        return len({(f.file, f.sheet, f.row) for f in self.faults if f.row is not None})


def read_workbook(data: bytes, name: str) -> Tables:
    """The sheets of one xlsx, xls or ods by their titles (体系, 标准 …). Raises BadTable for what is no workbook."""
    tables = Tables()
    titles = _sheet_titles(data)
    if not titles:
        raise BadTable("not_table")
    for layout in LAYOUTS:
        title = next((t for t in titles if t.strip() in (layout.title, layout.name)), None)
        if title is None:
            if layout.required:
                words = {"sheet": layout.title, "sheets": "、".join(titles)}
                sentence = _("没有名为“%(sheet)s”的工作表。文件中有：%(sheets)s。") % words
                tables.faults.append(Fault(name, layout.title, None, "", "", "", sentence))
            continue
        tables.faults.extend(_merged(data, name, title))
        _take(tables, layout, read_table(data, name, sheet=title, columns=layout.columns))
    known = {word for layout in LAYOUTS for word in (layout.title, layout.name)}
    left = [title for title in titles if title.strip() not in known]
    if left:
        tables.notes.append(_("没有读的工作表：%(sheets)s。") % {"sheets": "、".join(left)})
    return tables


def read_folder(folder: Path) -> Tables:
    """The CSV files of a pack's `standards` folder by their names; what cannot be read becomes a fault."""
    tables = Tables()
    for path in sorted(folder.glob("*.csv")):
        layout = BY_NAME.get(path.stem)
        if layout is None:
            tables.notes.append(_("没有读的文件：%(file)s。") % {"file": path.name})
            continue
        try:
            _take(tables, layout, read_table(path.read_bytes(), path.name, columns=layout.columns))
        except BadTable as fault:
            tables.faults.append(Fault(path.name, "", None, "", "", "", fault.sentence))
    for layout in LAYOUTS:
        if layout.required and not (folder / f"{layout.name}.csv").exists():
            sentence = _("缺少文件 %(file)s，补上再导入。") % {"file": f"{layout.name}.csv"}
            tables.faults.append(Fault(f"{layout.name}.csv", "", None, "", "", "", sentence))
    return tables


def _take(tables: Tables, layout: Layout, found: TableRead) -> None:
    tables.rows_in += len(found.rows)
    tables.faults.extend(found.all_faults)
    for title in found.unknown:
        words = {"title": title, "known": "、".join(column.titles[0] for column in layout.columns)}
        sentence = _("不认识的表头“%(title)s”。删去这一列，或改为其中之一：%(known)s。") % words
        tables.faults.append(Fault(found.file, found.sheet, None, "", title, "", sentence))
    tables.lines[layout.name] = [
        Line(found.file, found.sheet, row.number, row.values, found.places) for row in found.rows
    ]


def _sheet_titles(data: bytes) -> list[str]:
    """Titles of the visible sheets; a text file has none."""
    from chuangwen.kernel.screens.table_sources import (
        open_source,
    )  # loads the reader only where a file is read

    found = open_source(data, lambda rows: 0)
    return [sheet.name for sheet in found.sheets if sheet.visible and sheet.name]


def _merged(data: bytes, name: str, sheet: str) -> Iterator[Fault]:
    """Merged cells hide which rows a value is for: each range is named with what to do."""
    from python_calamine import CalamineError, load_workbook

    from chuangwen.kernel.screens.tables import letters

    try:
        ranges = load_workbook(BytesIO(data)).get_sheet_by_name(sheet).merged_cell_ranges or []
    except CalamineError:  # a kind of file that keeps no such list
        return
    for (top, left), (bottom, right) in ranges:
        place = f"{letters(left)}{top + 1}:{letters(right)}{bottom + 1}"
        sentence = _("%(place)s 是合并的单元格。取消合并，每一行都填上内容，再导入。") % {"place": place}
        yield Fault(name, sheet, top + 1, letters(left), "", place, sentence)
