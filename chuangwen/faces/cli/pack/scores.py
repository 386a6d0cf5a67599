"""Checks of what scores stand on in a pack: the five tables of its folder `scores`, against its trees."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal

from chuangwen.faces.cli.pack.faults import Fault
from chuangwen.faces.cli.pack.layout import Sheet
from chuangwen.faces.cli.pack.read import Pack, Row
from chuangwen.faces.cli.pack.score_layout import (
    ANSWERS,
    BATCHES,
    KEYS,
    NEGATIVE,
    RESULTS,
    RULES,
    SCORES,
    SHEETS,
)


def rows_of(pack: Pack, sheet: Sheet) -> list[Row]:
    """The rows of one of the five tables."""
    return pack.rows(f"{SCORES}/{sheet.name}")


def score_faults(pack: Pack) -> Iterator[Fault]:
    """Every fault of the five tables: unknown trees, doubled rows, weights and counts that cannot be."""
    lines = pack.standards.rows("schemes") if pack.standards else []
    editions = {line.edition for line in lines}
    for sheet in SHEETS:
        yield from doubled(rows_of(pack, sheet), sheet, KEYS[sheet.name])
        for row in rows_of(pack, sheet):
            if row.text("scheme") and row.text("scheme") not in {scheme for scheme, _edition in editions}:
                yield row.fault(
                    "体系编号",
                    "scheme",
                    f"standards/schemes.csv 里没有体系“{row.text('scheme')}”。核对编号。",
                )
            elif "edition" in row.values and (row.text("scheme"), row.text("edition")) not in editions:
                yield row.fault(
                    "版本", "edition", f"standards/schemes.csv 里没有版本“{row.text('edition')}”。核对版本。"
                )
    for row in rows_of(pack, RULES):
        yield from _rule(row, editions)
    for row in rows_of(pack, RESULTS):
        if row.values.get("score") is None and row.values.get("rank") is None:
            yield row.fault("得分", "score", "得分和名次都没有。至少填一项。")
    for row in rows_of(pack, NEGATIVE):
        if _number(row, "points") < 0 or _number(row, "months") < 1:
            yield row.fault("扣分", "points", "扣分不小于 0，有效月数不小于 1。核对两个数。")
    yield from _surveys(pack)


def _number(row: Row, key: str) -> Decimal:
    value = row.values.get(key)
    return Decimal(value) if isinstance(value, int | Decimal) else Decimal(1)


def doubled(rows: Sequence[Row], sheet: Sheet, keys: Sequence[str]) -> Iterator[Fault]:
    """The rows of a table that is known by `keys` and has them twice."""
    first: dict[tuple[object, ...], int] = {}
    for row in rows:
        key = tuple(row.values.get(name) for name in keys)
        if first.setdefault(key, row.number) != row.number:
            column = sheet.column(keys[-1])
            yield row.fault(column.title, column.key, f"与第 {first[key]} 行重复。只留一行。")


def years_of(row: Row) -> list[str]:
    """The years' weights as written, 15|25|60."""
    return [part.strip() for part in row.text("years").split("|") if part.strip()]


def _rule(row: Row, editions: set[tuple[str, str]]) -> Iterator[Fault]:
    total = sum((_number(row, key) for key in ("dossier", "site", "survey")), Decimal())
    if total != 100:
        yield row.fault("材料权重", "dossier", f"三条线权重合计 {total}，应是 100。")
    try:
        years = sum((Decimal(year) for year in years_of(row)), Decimal())
    except ArithmeticError:
        years = Decimal(-1)
    if years_of(row) and years != 100:
        yield row.fault("三年权重", "years", "三年权重写作 15|25|60，合计 100。")
    minors = (row.text("minors_scheme"), row.text("minors_edition"))
    if any(minors) and minors not in editions:
        yield row.fault(
            "未成年人版本", "minors_edition", "standards/schemes.csv 里没有这个未成年人版本。核对编号和版本。"
        )


def _surveys(pack: Pack) -> Iterator[Fault]:
    """Batches that cannot be, and answers to what was not asked or by more people than there were."""
    batches = {(*_edition(row), row.text("name")): row for row in rows_of(pack, BATCHES)}
    for row in batches.values():
        begins, ends = row.day("from_on"), row.day("to_on")
        if begins and ends and ends < begins:
            yield row.fault("止", "to_on", "止的日期早于起的日期。核对日期。")
        if _number(row, "valid") > _number(row, "given"):
            yield row.fault("有效", "valid", "有效份数多于发放份数。核对份数。")
    asked = {
        (*line.edition, line.text("code")): line.text("options").split("|")
        for line in (pack.standards.rows("questions") if pack.standards else [])
    }
    totals: dict[tuple[str, ...], Decimal] = defaultdict(Decimal)
    for row in rows_of(pack, ANSWERS):
        at = (*_edition(row), row.text("batch"))
        options = asked.get((*_edition(row), row.text("question")))
        if at not in batches:
            yield row.fault("批次", "batch", f"batches.csv 里没有批次“{row.text('batch')}”。核对名称。")
            continue
        if options is None:
            yield row.fault("问题编号", "question", f"这个版本没有问题“{row.text('question')}”。核对编号。")
        elif row.text("option") not in options:
            yield row.fault("选项", "option", f"没有这个选项，可以是{'、'.join(options)}。改正选项。")
        totals[(*at, row.text("question"))] += max(Decimal(), _number(row, "n"))
        if _number(row, "n") < 0 or totals[(*at, row.text("question"))] > _number(batches[at], "valid"):
            yield row.fault("份数", "n", "份数小于 0，或这一题合计多于批次的有效份数。核对份数。")


def _edition(row: Row) -> tuple[str, str]:
    return row.text("scheme"), row.text("edition")
