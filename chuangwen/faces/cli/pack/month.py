"""Checks of a pack's folder `month`: weights that make 100, units that are there, relations of known facts."""

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
    MINUTES,
    MONTH,
    RANK_RULES,
    REGULATIONS,
    SHEETS,
    SUMS,
)
from chuangwen.faces.cli.pack.read import Pack, Row
from chuangwen.faces.cli.pack.scores import doubled

SIGN = "|"
MOST_MINUTES = 10000


def rows_of(pack: Pack, sheet: Sheet) -> list[Row]:
    """The rows of one of the tables."""
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


def parts_of(row: Row) -> list[str]:
    """The codes of the facts a relation is made of, from LH-023|LH-024|LH-025."""
    return [part.strip() for part in row.text("parts").split(SIGN) if part.strip()]


def month_faults(pack: Pack) -> Iterator[Fault]:
    """Every fault of the tables: doubled rows, unknown units, groups and facts, weights that do not make 100."""
    for sheet in SHEETS:
        yield from doubled(rows_of(pack, sheet), sheet, KEYS[sheet.name])
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
    for row in rows_of(pack, MINUTES):
        if row.text("kind") and not 0 < (row.values.get("minutes") or 0) <= MOST_MINUTES:
            yield row.fault("分钟", "minutes", f"分钟填 1 到 {MOST_MINUTES}。")
    yield from _sums(pack)


def _sums(pack: Pack) -> Iterator[Fault]:
    """Relations as the ledger takes them: known facts, two parts or more, of a share a number and its percentage."""
    measures = {row.text("编号"): row.text("计量单位") for row in pack.rows("facts")}
    for row in rows_of(pack, SUMS):
        parts, total = parts_of(row), row.text("total")
        for code in parts:
            if code not in measures:
                yield row.fault("组成", "parts", f"facts.csv 里没有事实“{code}”。核对编号。")
        if total and total not in measures:
            yield row.fault("总数编号", "total", f"facts.csv 里没有事实“{total}”。核对编号。")
        if total and row.values.get("stated") is not None:
            yield row.fault("写明的总数", "stated", "总数编号和写明的总数只填一项。")
        if len(set(parts)) < len(parts) or len(parts) < 2:
            yield row.fault("组成", "parts", "组成写作 LH-023|LH-024，至少两项，各写一次。")
        elif row.text("kind") == "share" and (len(parts) != 2 or measures.get(parts[1], "%") != "%"):
            yield row.fault("组成", "parts", "占比要两项：先是数，后是百分比。")


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
