"""Checks of a pack's folder `month`: rank rules whose weights make 100, groups of units that are there."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

from chuangwen.faces.cli.pack.faults import Fault
from chuangwen.faces.cli.pack.layout import Sheet
from chuangwen.faces.cli.pack.month_layout import (
    BODIES,
    GROUPS,
    KEYS,
    MAPS,
    MEMBERS,
    MONTH,
    RANK_RULES,
    REGULATIONS,
    SHEETS,
)
from chuangwen.faces.cli.pack.read import Pack, Row

SIGN = "|"


def rows_of(pack: Pack, sheet: Sheet) -> list[Row]:
    """The rows of one of the six tables."""
    return pack.rows(f"{MONTH}/{sheet.name}")


def measures_of(row: Row) -> list[dict[str, Any]]:
    """The measures as RankRule keeps them, from fixed_in_time:35|tasks_in_time:15:zero. Raises ValueError where misspelt."""
    found = []
    for part in row.text("measures").split(SIGN):
        pieces = [piece.strip() for piece in part.split(":")]
        if len(pieces) not in (2, 3) or not pieces[0]:
            raise ValueError(part)
        try:
            weight = Decimal(pieces[1])
        except InvalidOperation as fault:
            raise ValueError(part) from fault
        missing = pieces[2] if len(pieces) == 3 else "skip"
        if missing not in ("skip", "zero", "mean"):
            raise ValueError(part)
        found.append({"code": pieces[0], "weight": f"{weight:f}", "missing": missing})
    return found


def columns_of(row: Row) -> list[list[str]]:
    """The columns of an export, from 单位=name|得分=score. Raises ValueError where misspelt."""
    pairs = [part.split("=") for part in row.text("columns").split(SIGN)]
    if any(len(pair) != 2 or not all(piece.strip() for piece in pair) for pair in pairs):
        raise ValueError(row.text("columns"))
    return [[title.strip(), source.strip()] for title, source in pairs]


def month_faults(pack: Pack) -> Iterator[Fault]:
    """Every fault of the six tables: doubled rows, unknown units and groups, weights that do not make 100."""
    for sheet in SHEETS:
        yield from _doubled(pack, sheet)
    units = {row.text("code") for row in pack.rows("units")}
    groups = {row.text("code") for row in rows_of(pack, GROUPS)}
    for sheet, key, title in (
        (MEMBERS, "unit", "单位编号"),
        (BODIES, "unit", "单位编号"),
        (REGULATIONS, "owner", "负责单位编号"),
    ):
        for row in rows_of(pack, sheet):
            if row.text(key) and row.text(key) not in units:
                yield row.fault(title, key, f"units.csv 里没有单位“{row.text(key)}”。核对编号。")
    for row in rows_of(pack, MEMBERS):
        if row.text("group") not in groups:
            yield row.fault("组编号", "group", f"peer_groups.csv 里没有组“{row.text('group')}”。核对编号。")
    for row in rows_of(pack, RANK_RULES):
        yield from _rule(row)
    for row in rows_of(pack, MAPS):
        try:
            columns_of(row)
        except ValueError:
            yield row.fault("列", "columns", "列写作 单位=name|得分=score。核对写法。")


def _doubled(pack: Pack, sheet: Sheet) -> Iterator[Fault]:
    first: dict[tuple[object, ...], int] = {}
    for row in rows_of(pack, sheet):
        key = tuple(row.values.get(name) for name in KEYS[sheet.name])
        if first.setdefault(key, row.number) != row.number:
            column = sheet.column(KEYS[sheet.name][-1])
            yield row.fault(column.title, column.key, f"与第 {first[key]} 行重复。只留一行。")


def _rule(row: Row) -> Iterator[Fault]:
    from chuangwen.assessment.measures import MEASURES  # the application's list, read when a pack is checked

    try:
        measures = measures_of(row)
    except ValueError:
        yield row.fault("指标", "measures", "指标写作 fixed_in_time:35|tasks_in_time:15:zero。核对写法。")
        return
    for measure in measures:
        if measure["code"] not in MEASURES:
            yield row.fault("指标", "measures", f"没有指标“{measure['code']}”，可以是{'、'.join(MEASURES)}。")
    total = sum((Decimal(measure["weight"]) for measure in measures), Decimal())
    if total != 100:
        yield row.fault("指标", "measures", f"权重合计 {total}，应是 100。")
