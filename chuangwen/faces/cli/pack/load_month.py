"""Brings a pack's `month` in: rules, groups, issuing bodies, regulations, relations. What the city has changed since stays."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from chuangwen.assessment.models import ExportMap, PeerGroup, RankRule
from chuangwen.faces.cli.pack.layout import Sheet
from chuangwen.faces.cli.pack.month import columns_of, measures_of, parts_of, rows_of
from chuangwen.faces.cli.pack.month_layout import (
    BODIES,
    DEMANDS,
    GROUPS,
    MAPS,
    MEMBERS,
    MINUTES,
    RANK_RULES,
    REGULATIONS,
    SUMS,
)
from chuangwen.faces.cli.pack.read import Pack, Row
from chuangwen.kernel.models import Term, Unit
from chuangwen.papers.models import IssuingBody, Regulation
from chuangwen.registers.models import Fact, FactPart, FactSum

Note = Callable[[str, int, int, int], None]  # name, made, changed, same


def load_month(pack: Pack, note: Note) -> None:
    """Loads the tables; the pack must have been checked, its units and facts be here. Rows already here are left alone."""
    units = {unit.code: unit for unit in Unit.objects.all()}
    _groups(pack, units, note)
    _made(pack, RANK_RULES, note, _rule)
    _made(pack, BODIES, note, lambda row: IssuingBody.objects.get_or_create(
        code=row.text("code"), defaults={**_texts(row, "name", "mark", "character", "signer", "source"),
                                         "unit": units[row.text("unit")], "is_sample": bool(row.values.get("sample"))},
    ))  # fmt: skip
    _made(pack, REGULATIONS, note, lambda row: Regulation.objects.get_or_create(
        code=row.text("code"), version=row.text("version"),
        defaults={**_texts(row, "title", "document", "text", "source"), "owner": units.get(row.text("owner")),
                  "from_on": row.values["from_on"], "to_on": row.values.get("to_on"),
                  "is_sample": bool(row.values.get("sample"))},
    ))  # fmt: skip
    _made(pack, MAPS, note, lambda row: ExportMap.objects.get_or_create(
        name=row.text("name"), defaults={"columns": columns_of(row), "full": row.values["full"],
                                         "decimals": row.values["decimals"], "source": row.text("source")},
    ))  # fmt: skip
    _made(pack, MINUTES, note, lambda row: Term.objects.get_or_create(
        list=MINUTES.name, code=row.text("kind"),
        defaults={"name": DEMANDS[row.text("kind")], "rank": row.values["minutes"], "source": row.text("source")},
    ))  # fmt: skip
    facts = {fact.code: fact for fact in Fact.objects.all()} if rows_of(pack, SUMS) else {}
    _made(pack, SUMS, note, lambda row: _sum(row, facts))


def _texts(row: Row, *keys: str) -> dict[str, str]:
    return {key: row.text(key) for key in keys}


def _made(pack: Pack, sheet: Sheet, note: Note, make: Callable[[Row], tuple[Any, bool]]) -> None:
    news = [make(row)[1] for row in rows_of(pack, sheet)]
    note(sheet.title, sum(news), 0, len(news) - sum(news))


def _rule(row: Row) -> tuple[RankRule, bool]:
    """A version is never edited; the pack's comes into force only where the city has none."""
    subject = row.text("subject")
    numbers = (
        "least_rows",
        "shrinks",
        "confidence",
        "bonus_most",
        "malus_most",
        "objection_days",
        "answer_days",
        "from_on",
    )
    return RankRule.objects.get_or_create(
        subject=subject,
        version=row.text("version"),
        defaults={
            **{key: row.values[key] for key in numbers},
            "measures": measures_of(row),
            "ties": row.text("ties"),
            "source": row.text("source"),
            "is_sample": bool(row.values.get("sample")),
            "is_current": not RankRule.objects.filter(subject=subject, is_current=True).exists(),
        },
    )


def _sum(row: Row, facts: Mapping[str, Fact]) -> tuple[FactSum, bool]:
    """Through the table and not registers.actions.state_sum: that asks who does it, and would replace the city's parts."""
    found, is_new = FactSum.objects.get_or_create(
        code=row.text("code"),
        defaults={**_texts(row, "name", "kind", "source"), "total": facts.get(row.text("total")),
                  "stated": row.values.get("stated")},
    )  # fmt: skip
    if is_new:
        FactPart.objects.bulk_create(
            FactPart(sum=found, fact=facts[code], rank=rank) for rank, code in enumerate(parts_of(row))
        )
    return found, is_new


def _groups(pack: Pack, units: Mapping[str, Unit], note: Note) -> None:
    members: dict[str, list[Unit]] = {}
    for row in rows_of(pack, MEMBERS):
        members.setdefault(row.text("group"), []).append(units[row.text("unit")])
    made = same = 0
    for row in rows_of(pack, GROUPS):
        values = {**_texts(row, "name", "source"), "rank": row.values["rank"]}
        group, is_new = PeerGroup.objects.get_or_create(code=row.text("code"), defaults=values)
        if is_new:
            group.units.set(members.get(group.code, []))
        made, same = made + is_new, same + (not is_new)
    note(GROUPS.title, made, 0, same)
