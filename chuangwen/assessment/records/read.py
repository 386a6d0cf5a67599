"""Records read from an office table by the columns a scheme names; every bad row is told and left out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final

from django.utils.translation import gettext as _

from chuangwen.assessment.records.match import Record
from chuangwen.assessment.records.scheme import COLUMNS, OPTIONAL_COLUMNS, Scheme
from chuangwen.kernel.screens.tables import Column, Row, TableRead, read_table

LONGEST_NAME: Final = 200
_IN_EVERY_ROW: Final = ("record", "branch", "score")
_NUMBERS: Final = ("score", "lost")


@dataclass(frozen=True)
class BadRow:
    """A row left out: its number in the spreadsheet, its record as far as it names one, and what is wrong."""

    row: int
    record: str
    sentence: str


@dataclass(frozen=True)
class Reading:
    """Records and bad rows in the order of the file; `unknown` are titles the scheme does not name."""

    records: tuple[Record, ...]
    bad: tuple[BadRow, ...]
    unknown: tuple[str, ...]


class UnreadableRecords(ValueError):
    """A table without the columns of the scheme, or without one usable record; one sentence a line."""


def read_records(data: bytes, name: str, scheme: Scheme) -> Reading:
    """Read the records in `data` (CSV, xlsx, xls, ods); `name` is only repeated in sentences.

    Raises BadTable for what is no table, UnreadableRecords for one that lacks a column or any usable record.
    """
    table = read_table(data, name, columns=[
        Column(key, titles, required=key in _IN_EVERY_ROW, kind="decimal" if key in _NUMBERS else "text",
               max_length=LONGEST_NAME)
        for key, titles in scheme.columns.items()
    ])  # fmt: skip
    _refuse_wrong_header(table, scheme)
    records: list[Record] = []
    bad: list[BadRow] = []
    first: dict[str, int] = {}
    for row in table.rows:
        named = row.values["record"] or ""
        wrong = [fault.sentence for fault in row.faults] or list(_impossible(row, scheme.full))
        if named and first.setdefault(named, row.number) != row.number:
            wrong.append(_("第 %(row)s 行的记录编号“%(record)s”与第 %(first)s 行重复，只算前一行。") % {
                "row": row.number, "record": named, "first": first[named]})  # fmt: skip
        if wrong:
            bad.append(BadRow(row.number, named, " ".join(wrong)))
        else:
            records.append(_record(row, scheme))
    if not records:
        told = [each.sentence for each in bad[:20]] or [_("%(file)s 里没有记录。") % {"file": name}]
        raise UnreadableRecords("\n".join([*told, _("没有一条可用的记录，未写结果。")]))
    unknown = [title for title in table.unknown if title not in scheme.ignored_columns]
    return Reading(tuple(records), tuple(bad), tuple(unknown))


def _refuse_wrong_header(table: TableRead, scheme: Scheme) -> None:
    told = [fault.sentence for fault in table.faults]
    lacking = [scheme.columns[key][0] for key in COLUMNS
               if key not in (*table.places, *_IN_EVERY_ROW, *OPTIONAL_COLUMNS)]  # fmt: skip
    if lacking and table.header_row is not None:
        told.append(_("第 %(row)s 行的表头缺少：%(missing)s。加上这些列，或在方案的 columns 里写明所用的列名。") % {
            "row": table.header_row, "missing": "、".join(lacking)})  # fmt: skip
    if told:
        raise UnreadableRecords("\n".join(told))


def _impossible(row: Row, full: Fraction) -> Iterator[str]:
    marks: dict[str, Decimal] = {key: row.values[key] for key in _NUMBERS if row.values.get(key) is not None}
    given = {"row": row.number, "full": _plain(full), "score": marks["score"], "lost": marks.get("lost")}
    if marks["score"] < 0:
        yield _("第 %(row)s 行的得分 %(score)s 小于 0，核对后改正。") % given
    if Fraction(marks["score"]) > full:
        yield _("第 %(row)s 行的得分 %(score)s 超过满分 %(full)s，核对后改正。") % given
    if "lost" in marks and Fraction(marks["lost"]) + Fraction(marks["score"]) != full:
        yield _("第 %(row)s 行的扣分 %(lost)s 加得分 %(score)s 不等于满分 %(full)s，核对后改正。") % given


def _plain(number: Fraction) -> str:
    return str(
        number.numerator if number.denominator == 1 else Decimal(number.numerator) / number.denominator
    )


def _record(row: Row, scheme: Scheme) -> Record:
    departments = (row.values["departments"] or "").split(scheme.separator)
    return Record(
        row=row.number,
        record=row.values["record"],
        item=row.values["item"] or "",
        branch=row.values["branch"],
        score=Fraction(row.values["score"]),
        street=row.values["street"] or "",
        # One that is named twice in one record is one department.
        departments=tuple(dict.fromkeys(each.strip() for each in departments if each.strip())),
    )
