"""Reads a pack from its folder; every row remembers the file, sheet and row it came from."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from chuangwen.faces.cli.pack.faults import Fault
from chuangwen.faces.cli.pack.layout import SHAPES, SHEETS, STANDARDS, Sheet
from chuangwen.faces.cli.pack.layout import Column as Declared
from chuangwen.faces.cli.pack.month_layout import MONTH
from chuangwen.faces.cli.pack.month_layout import SHEETS as MONTH_SHEETS
from chuangwen.faces.cli.pack.score_layout import SCORES
from chuangwen.faces.cli.pack.score_layout import SHEETS as SCORE_SHEETS
from chuangwen.kernel.screens.table_cells import shown
from chuangwen.kernel.screens.table_sources import RawRow, open_source
from chuangwen.kernel.screens.tables import BadTable, Column, read_table
from chuangwen.standards.exchange.reading import Tables, read_folder

SUFFIXES = (".csv", ".xlsx")
INNER = {SCORES: SCORE_SHEETS, MONTH: MONTH_SHEETS}


@dataclass(frozen=True)
class Row:
    """One row; `values` by column key: str, int, Decimal, date, bool; None if empty or at fault."""

    file: str
    sheet: str
    number: int
    values: Mapping[str, Any]

    def text(self, key: str) -> str:
        """The value of a text, code or choice column, "" where there is none."""
        value = self.values.get(key)
        return value if isinstance(value, str) else ""

    def day(self, key: str) -> dt.date | None:
        """The value of a date column."""
        value = self.values.get(key)
        return value if isinstance(value, dt.date) else None

    def fault(self, column: str, key: str, sentence: str) -> Fault:
        """A fault of this row at the column of that title and key."""
        value = self.values.get(key)
        return Fault(
            self.file, self.sheet, self.number, column, "" if value is None else str(value), sentence
        )


@dataclass(frozen=True)
class Shape:
    """One feature of the shapes file; `number` counts features from 1, `geometry` is plain GeoJSON."""

    number: int
    code: str
    properties: Mapping[str, Any]
    geometry: Mapping[str, Any]


@dataclass
class Pack:
    """A whole pack as read: rows by file name without extension, shapes, and what could not be read."""

    folder: Path
    files: dict[str, str] = field(default_factory=dict)
    tables: dict[str, list[Row]] = field(default_factory=dict)
    shapes: list[Shape] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    standards: Tables | None = None  # the trees of the folder `standards`, where there is one

    def rows(self, name: str) -> list[Row]:
        """The rows of "areas", "units" …; rows of a file without declared columns are keyed by its titles."""
        return self.tables.get(name, [])

    @property
    def city(self) -> dict[str, str]:
        """The key-value pairs of the city file."""
        return {row.text("key"): row.text("value") for row in self.rows("city")}


def read_pack(folder: Path) -> Pack:
    """Reads all files of the folder; what cannot be read becomes a fault. Raises NotADirectoryError."""
    if not folder.is_dir():
        raise NotADirectoryError(f"没有资料包文件夹 {folder}，核对路径。")
    pack = Pack(folder)
    declared = {sheet.name: sheet for sheet in SHEETS}
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() in SUFFIXES and not path.name.startswith(("~", ".")):
            _read_file(pack, path, declared.get(path.stem))
    for sheet in SHEETS:
        if sheet.required and sheet.name not in pack.files:
            sentence = f"缺少{sheet.title}表，补上 {sheet.name}.csv 或 {sheet.name}.xlsx。"
            pack.faults.append(Fault(f"{sheet.name}.csv", "", 0, "", "", sentence))
    _read_shapes(pack, folder / SHAPES)
    if (folder / STANDARDS).is_dir():
        pack.standards = read_folder(folder / STANDARDS)
    for inner, sheets in INNER.items():
        for sheet in sheets:
            if (folder / inner / f"{sheet.name}.csv").exists():
                _read_inner(pack, inner, sheet)
    return pack


def _read_inner(pack: Pack, inner: str, sheet: Sheet) -> None:
    """One table of a folder within the pack, kept under "scores/…"; its rows and faults name it so."""
    name, alone = f"{inner}/{sheet.name}.csv", Pack(pack.folder)
    pack.files[f"{inner}/{sheet.name}"] = name
    try:
        rows = _declared_rows(alone, pack.folder / name, sheet)
    except BadTable as error:
        pack.faults.append(Fault(name, "", 0, "", "", error.sentence))
        return
    pack.faults += [replace(fault, file=name) for fault in alone.faults]
    pack.tables[f"{inner}/{sheet.name}"] = [replace(row, file=name) for row in rows]


def _read_file(pack: Pack, path: Path, sheet: Sheet | None) -> None:
    name = path.stem
    if name in pack.files:
        sentence = f"与 {pack.files[name]} 是同一张表，只留一份。"
        pack.faults.append(Fault(path.name, "", 0, "", "", sentence))
        return
    pack.files[name] = path.name
    try:
        pack.tables[name] = _declared_rows(pack, path, sheet) if sheet else list(_plain_rows(path))
    except BadTable as error:
        pack.faults.append(Fault(path.name, "", 0, "", "", error.sentence))


def _declared_rows(pack: Pack, path: Path, sheet: Sheet) -> list[Row]:
    found = read_table(path.read_bytes(), path.name, columns=[_sought(column) for column in sheet.columns])
    for fault in found.all_faults:
        where = (fault.file, fault.sheet, fault.row or 0, fault.title)
        pack.faults.append(Fault(*where, fault.value, fault.sentence))
    for title in found.unknown:
        known = "、".join(column.title for column in sheet.columns)
        sentence = f"不认识的表头“{title}”。删去这一列，或改为其中之一：{known}。"
        pack.faults.append(Fault(path.name, found.sheet, found.header_row or 0, title, title, sentence))
    return [Row(path.name, found.sheet, row.number, row.values) for row in found.rows]


def _sought(column: Declared) -> Column:
    """The column for the table reader: its title or key as header, a code or its title as choice."""
    words = {word: code for code, title in column.choices.items() for word in (code, title)}
    return Column(
        column.key, (column.title, column.key), column.required, column.kind, words or None,
        column.max_length or None,
    )  # fmt: skip


def _plain_rows(path: Path) -> Iterator[Row]:
    """Rows of a file without declared columns; its first row holds the titles."""

    def width(rows: Iterator[RawRow]) -> int:
        return max((len(cells) for _index, cells in rows), default=0)

    sheet = next(sheet for sheet in open_source(path.read_bytes(), width).sheets if sheet.visible)
    titles: list[str] = []
    for index, cells in sheet.rows():
        texts = [shown(cell) for cell in cells]
        if not titles:
            titles = texts
        elif any(texts):
            values = {title: text or None for title, text in zip(titles, texts, strict=False) if title}
            yield Row(path.name, sheet.name, index + 1, values)


def _read_shapes(pack: Pack, path: Path) -> None:
    if not path.exists():
        return
    try:
        for number, feature in enumerate(
            json.loads(path.read_text(encoding="utf-8-sig"))["features"], start=1
        ):
            properties = feature.get("properties") or {}
            geometry = feature.get("geometry") or {}
            pack.shapes.append(Shape(number, str(properties.get("code", "")), properties, geometry))
    except (ValueError, KeyError, TypeError, AttributeError):
        sentence = "不是 GeoJSON 要素集（FeatureCollection）。从地图软件重新导出一份。"
        pack.faults.append(Fault(path.name, "", 0, "", "", sentence))
