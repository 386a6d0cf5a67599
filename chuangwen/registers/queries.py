"""Reads of the fact ledger: what texts are held against, and whether the stated relations hold."""

from __future__ import annotations

from typing import NamedTuple

from django.db.models import F, Q, QuerySet

from chuangwen.registers.claims import FactLine, Ledger
from chuangwen.registers.models import Fact, FactSum, SumKind
from chuangwen.registers.sums import Checked, Number, check_share, check_sum

_COLUMNS = ("code", "name", "value", "relation", "measure", "period", "source", "phrase")


def fact_lines() -> list[FactLine]:
    """Facts as the matcher takes them, each year's number as one of its own (one query)."""
    rows = Fact.objects.exclude(measure="").order_by("code", "figures__year")
    lines: dict[tuple[str, int | None], FactLine] = {}
    for *plain, year, value, source in rows.values_list(
        *_COLUMNS, "figures__year", "figures__value", "figures__source"
    ):
        fact = FactLine(*plain)
        lines.setdefault((fact.code, None), fact)
        if year is not None and value is not None:
            lines[fact.code, year] = fact._replace(
                value=value, relation="=", period=f"{year}年", source=source or fact.source
            )
    return list(lines.values())


_kept: tuple[list[FactLine], Ledger] | None = None


def ledger() -> Ledger:
    """The ledger ready for asking (one query); built anew when a fact or a year's number changed."""
    global _kept
    lines = fact_lines()
    if _kept is None or _kept[0] != lines:
        _kept = (lines, Ledger(lines))
    return _kept[1]


def facts(*, word: str = "", unit: str = "", source: str = "", unsigned: bool = False) -> QuerySet[Fact]:
    """Facts by words, owner unit and source; those nobody confirmed stand first."""
    rows = Fact.objects.select_related("unit", "given_by", "confirmed_by")
    if word:
        rows = rows.filter(
            Q(name__contains=word)
            | Q(code__istartswith=word)
            | Q(phrase__contains=word)
            | Q(definition__contains=word)
        )
    if unit:
        rows = rows.filter(unit__isnull=True) if unit == "-" else rows.filter(unit__code=unit)
    if source:
        rows = rows.filter(source__startswith=source)
    if unsigned:
        rows = rows.filter(confirmed_by__isnull=True)
    return rows.order_by(F("confirmed_at").asc(nulls_first=True), "code")


class Relation(NamedTuple):
    """A stated relation with its parts in words and what checking it said."""

    row: FactSum
    parts: list[Fact]
    checked: Checked


def relations(rows: QuerySet[FactSum] | None = None) -> list[Relation]:
    """Stated relations checked against the facts as they are now (three queries)."""
    found = (
        (FactSum.objects.all() if rows is None else rows)
        .select_related("total")
        .prefetch_related("parts__fact")
    )
    return [
        Relation(row, parts, _checked(row, parts)) for row in found.order_by("code") if (parts := _parts(row))
    ]


def _parts(row: FactSum) -> list[Fact]:
    return [part.fact for part in row.parts.all()]


def _checked(row: FactSum, parts: list[Fact]) -> Checked:
    numbers = [Number(fact.value, fact.relation) for fact in parts]
    stated = Number(row.total.value, row.total.relation) if row.total else None
    if stated is None and row.stated is not None:
        stated = Number(row.stated, "≈" if row.kind == SumKind.SHARE else "=")
    if row.kind == SumKind.SHARE and len(numbers) == 2:
        return check_share(numbers[0], numbers[1], stated)
    return check_sum(numbers, stated)
