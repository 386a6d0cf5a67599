"""Checks codes, references and trees: nothing twice, nothing pointing nowhere, no circle."""

from __future__ import annotations

from collections.abc import Iterator

from chuangwen.faces.cli.pack.faults import Fault
from chuangwen.faces.cli.pack.layout import (
    AREA_LEVELS,
    BY_NAME,
    CATALOGUE_UNIT,
    PLACE_SHEETS,
    SHEETS,
    TERM_CODE,
    TERM_LIST,
    Sheet,
)
from chuangwen.faces.cli.pack.read import Pack, Row

TREES = ("areas", "units")


def link_faults(pack: Pack) -> Iterator[Fault]:
    """All faults of codes, references and trees in the pack."""
    for sheet in SHEETS:
        yield from _repeats(pack, sheet)
        yield from _unknown(pack, sheet)
    for name in TREES:
        yield from _circles(pack, BY_NAME[name])
    yield from _area_levels(pack)
    yield from _duty_places(pack)
    yield from _catalogue_units(pack)


def codes(pack: Pack, target: str) -> set[str]:
    """All values of "file.column", or all codes of "terms:list"."""
    if target.startswith("terms:"):
        wanted = target.removeprefix("terms:")
        return {row.text(TERM_CODE) for row in pack.rows("terms") if row.text(TERM_LIST) == wanted}
    name, key = target.split(".")
    return {row.text(key) for row in pack.rows(name)}


def file_of(pack: Pack, name: str) -> str:
    """The file a table came from, or the one it would come from."""
    return pack.files.get(name, f"{name}.csv")


def _repeats(pack: Pack, sheet: Sheet) -> Iterator[Fault]:
    for column in sheet.columns:
        first: dict[str, int] = {}
        for row in pack.rows(sheet.name) if column.unique else ():
            value = row.text(column.key)
            if value and value in first:
                sentence = f"“{value}”与第 {first[value]} 行重复。{column.title}不能重复，改一个。"
                yield row.fault(column.title, column.key, sentence)
            elif value:
                first[value] = row.number


def _unknown(pack: Pack, sheet: Sheet) -> Iterator[Fault]:
    for column in sheet.columns:
        target = column.refers
        if not target or (target.startswith("terms:") and "terms" not in pack.files):
            continue
        known = codes(pack, target)
        name = "terms" if target.startswith("terms:") else target.split(".")[0]
        for row in pack.rows(sheet.name):
            value = row.text(column.key)
            if value and value not in known:
                sentence = f"{file_of(pack, name)} 里没有“{value}”。改为其中已有的，或先在那里加上这一行。"
                yield row.fault(column.title, column.key, sentence)


def _circles(pack: Pack, sheet: Sheet) -> Iterator[Fault]:
    """Every row that has itself above it; one fault each, so that the break can be made at any of them."""
    rows = pack.rows(sheet.name)
    parents = {row.text("code"): row.text("parent") for row in rows}
    for row in rows:
        path = [row.text("code")]
        while (above := parents.get(path[-1], "")) and above not in path:
            path.append(above)
        if above and above == path[0]:
            sentence = f"上级绕成一圈：{' → '.join([*path, above])}。改其中一行的上级。"
            yield row.fault(sheet.column("parent").title, "parent", sentence)


def _area_levels(pack: Pack) -> Iterator[Fault]:
    """Codes have 12 digits, one city stands at the top, and each area lies below one of a higher level."""
    order = list(AREA_LEVELS)
    levels = {row.text("code"): row.text("level") for row in pack.rows("areas")}
    tops: list[Row] = []
    for row in pack.rows("areas"):
        code, level, parent = row.text("code"), row.text("level"), row.text("parent")
        if code and not (len(code) == 12 and code.isdecimal()):
            yield row.fault("区划代码", "code", f"“{code}”不是 12 位数字。按统计用区划代码补足 12 位。")
        if level == "city":
            tops.append(row)
        if (
            parent in levels
            and level
            and levels[parent]
            and order.index(levels[parent]) >= order.index(level)
        ):
            above = AREA_LEVELS[levels[parent]]
            yield row.fault(
                "上级代码", "parent", f"{AREA_LEVELS[level]}的上级不能是{above}。改为更高一级的代码。"
            )
        if not parent and level and level != "city":
            yield row.fault("上级代码", "parent", f"{AREA_LEVELS[level]}没有上级。填上级的区划代码。")
    for row in tops[1:]:
        yield row.fault("层级", "level", f"第 {tops[0].number} 行已是市，只能有一个。改这一行的层级。")
    if pack.rows("areas") and not tops:
        yield Fault(file_of(pack, "areas"), "", 0, "层级", "", "没有层级为“市”（city）的一行，补上本市。")


def _duty_places(pack: Pack) -> Iterator[Fault]:
    known = {kind: codes(pack, f"{name}.code") for kind, name in PLACE_SHEETS.items()}
    for row in pack.rows("duties"):
        kind, place = row.text("place_kind"), row.text("place")
        if kind and place and place not in known[kind]:
            where = file_of(pack, PLACE_SHEETS[kind])
            yield row.fault("地点编号", "place", f"{where} 里没有“{place}”。核对地点类别和编号。")


def _catalogue_units(pack: Pack) -> Iterator[Fault]:
    known = codes(pack, "units.code")
    for row in pack.rows("catalogue"):
        value = row.text(CATALOGUE_UNIT)
        if value and value not in known:
            sentence = f"{file_of(pack, 'units')} 里没有“{value}”。改为已有的单位编号，或先加上这个单位。"
            yield row.fault(CATALOGUE_UNIT, CATALOGUE_UNIT, sentence)
