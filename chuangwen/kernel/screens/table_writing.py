"""Writing office tables row by row: real dates and numbers, and text that can never run as a formula."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from io import TextIOWrapper
from math import isfinite
from typing import IO, Any, Final

from django.utils import timezone

from chuangwen.kernel.screens.table_sources import RISKY

#: Not allowed in XML 1.0 (section 2.2), and so not in a workbook.
_ILLEGAL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ESCAPE: Final = re.compile("_(?=x[0-9A-Fa-f]{4}_)")  # ECMA-376 part 1, section 22.9.2.19
_RISK: Final = re.compile(f"'*[{RISKY}]")
_NOT_IN_NAME: Final = re.compile(r"[\[\]:*?/\\]")
CELL_LIMIT: Final = 32_767  # UTF-16 units in a cell; source: Excel specifications and limits
_EXACT: Final = 10**15  # a spreadsheet keeps 15 digits of a number
_FIRST_DAY: Final = date(1900, 3, 1)  # Excel's calendar is wrong before


def clean(text: str) -> str:
    """Text as it may stand in a file: no control characters but tab and newline, newlines as LF."""
    return _ILLEGAL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def _cell_value(value: object) -> Any:
    """None, bool, int, float, Decimal, date, datetime or time as they are; anything else as text."""
    if isinstance(value, float):
        return value if isfinite(value) else None
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return value if abs(value) < _EXACT else str(value)
    if isinstance(value, Decimal):
        if not value.is_finite():
            return None
        return value if len(value.as_tuple().digits) <= 15 and abs(value) < _EXACT else str(value)
    if isinstance(value, datetime):
        value = timezone.localtime(value).replace(tzinfo=None) if value.tzinfo else value
        return value if value.date() >= _FIRST_DAY else value.isoformat(" ", "seconds")
    if isinstance(value, date):
        return value if value >= _FIRST_DAY else value.isoformat()
    if isinstance(value, time):
        return value
    return clean(str(value))


def _shortened(text: str) -> str:
    units = text.encode("utf-16-le")
    if len(units) <= 2 * CELL_LIMIT:
        return text
    return units[: 2 * CELL_LIMIT - 2].decode("utf-16-le", "ignore") + "…"


def write_table(
    stream: IO[bytes],
    columns: Sequence[tuple[str, float]],
    rows: Iterable[Sequence[object]],
    *,
    sheet: str,
    note: str | None = None,
) -> int:
    """Write an xlsx of one sheet; the number of data rows. Memory does not grow with the rows.

    `columns`: title and width in characters. `note` stands above the header. Dates to the second; a moment
    with a zone is written in the current one. Numbers of more than 15 digits become text, not rounded.
    """
    from openpyxl import Workbook
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    name = _NOT_IN_NAME.sub(" ", clean(sheet)).strip("' \n\t")[:31] or "Sheet1"
    page = book.create_sheet(name)
    for number, (_title, width) in enumerate(columns, 1):
        page.column_dimensions[get_column_letter(number)].width = width
    header = 1 if note is None else 2
    page.freeze_panes = f"A{header + 1}"
    if note is not None:
        page.append([_written(page, note)])
    titles = [_written(page, title) for title, _width in columns]
    for cell in titles:
        cell.font = Font(bold=True)
    page.append(titles)
    count = 0
    for row in rows:
        page.append([_written(page, value) for value in row])
        count += 1
    page.auto_filter.ref = f"A{header}:{get_column_letter(max(1, len(columns)))}{header + count}"
    book.save(stream)
    return count


def _written(page: Any, value: object) -> Any:
    from openpyxl.cell import WriteOnlyCell

    value = _cell_value(value)
    if not isinstance(value, str):
        cell = WriteOnlyCell(page, value)
        if isinstance(value, datetime):
            cell.number_format = "yyyy-mm-dd hh:mm:ss"
        elif isinstance(value, date):
            cell.number_format = "yyyy-mm-dd"
        return cell
    cell = WriteOnlyCell(page, _ESCAPE.sub("_x005F_", _shortened(value)))
    cell.data_type = "s"  # openpyxl takes text that begins with = for a formula, and #N/A for an error
    if _RISK.match(value):
        cell.quotePrefix = True  # stays text when somebody edits the cell
    return cell


def write_csv(stream: IO[bytes], titles: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
    """Write UTF-8 with BOM, so that Excel knows the encoding; the number of data rows.

    Text that a spreadsheet would take for a formula gets an apostrophe in front; `read_table` takes it off.
    """
    text = TextIOWrapper(stream, "utf-8-sig", newline="")
    try:
        writer = csv.writer(text)
        writer.writerow([guarded(title) for title in titles])
        count = 0
        for row in rows:
            writer.writerow([guarded(value) for value in row])
            count += 1
        return count
    finally:
        text.flush()
        text.detach()  # the stream stays open, it is the caller's


def guarded(value: object) -> object:
    """The value as a cell of a text file: what a spreadsheet would take for a formula gets an apostrophe in front."""
    value = _cell_value(value)
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds")
    return "'" + value if isinstance(value, str) and _RISK.match(value) else value
