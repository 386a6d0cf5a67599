"""The fact ledger as an office table: columns in and out, and what a table would change before it changes it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from chuangwen.kernel.models import Person, Unit
from chuangwen.kernel.screens.tables import Column, read_table
from chuangwen.kernel.workflow.flow import Refused
from chuangwen.registers.actions import NUMBER, FactGiven, correct_fact, enter_fact
from chuangwen.registers.models import Fact

COLUMNS = (
    Column("code", ("编号", "code"), required=True, max_length=20),
    Column("name", ("名称", "指标名称", "name"), required=True, max_length=120),
    Column("value", ("数值", "数", "value"), required=True, kind="decimal"),
    Column("relation", ("比较", "比较词"), choices={"=": "=", "≥": "≥", "≈": "≈", ">=": "≥", "~": "≈"}),
    Column("measure", ("计量单位", "单位", "measure"), max_length=20),
    Column("period", ("时点或期间", "时点", "期间"), max_length=60),
    Column("definition", ("口径", "定义"), max_length=300),
    Column("source", ("来源", "来源文件"), required=True, max_length=200),
    Column("dated_on", ("来源日期",), kind="date"),
    Column("phrase", ("原文", "原文短语"), max_length=200),
    Column("unit", ("数据单位", "责任单位"), max_length=120),
)
WIDTHS = (12, 30, 14, 6, 10, 18, 30, 40, 12, 40, 20)


@dataclass(frozen=True)
class Change:
    """One row that would change the ledger: new (`old` is None) or another number or wording."""

    row: int
    given: FactGiven
    old: Fact | None
    is_number: bool

    @property
    def columns(self) -> list[str]:
        return [
            name for name, value in vars(self.given).items() if self.old and getattr(self.old, name) != value
        ]


@dataclass
class FactPreview:
    """What a table would do: changes, how many rows are as they are, and what cannot be read, with its place."""

    changes: list[Change] = field(default_factory=list)
    same: int = 0
    faults: list[str] = field(default_factory=list)


def preview_facts(data: bytes, name: str) -> FactPreview:
    """Reads a table and compares it with the ledger; writes nothing. Raises BadTable for what is no table."""
    table = read_table(data, name, columns=COLUMNS, max_rows=5000)
    found = FactPreview(faults=[fault.sentence for fault in table.all_faults])
    known = Fact.objects.select_related("unit").in_bulk(field_name="code")
    units = {name: unit for unit in Unit.objects.filter(is_active=True) for name in (unit.code, unit.name)}
    seen: set[str] = set()
    for row in table.rows:
        if row.faults:
            continue
        values = dict(row.values)
        unit_name = values.pop("unit", None)
        if values["code"] in seen:
            found.faults.append(
                _("第 %(row)d 行：编号 %(code)s 出现两次，删去一行。")
                % {"row": row.number, "code": values["code"]}
            )
            continue
        seen.add(values["code"])
        if unit_name and unit_name not in units:
            found.faults.append(
                _("第 %(row)d 行：没有名为“%(unit)s”的单位。") % {"row": row.number, "unit": unit_name}
            )
            continue
        old = known.get(values["code"])
        given = _given(values, units.get(unit_name) if unit_name else None, old, set(table.places))
        change = Change(
            row.number,
            given,
            old,
            old is None or any(getattr(old, key) != getattr(given, key) for key in NUMBER),
        )
        if old is not None and not change.columns:
            found.same += 1
        else:
            found.changes.append(change)
    return found


def _given(values: dict[str, Any], unit: Unit | None, old: Fact | None, present: set[str]) -> FactGiven:
    """A column the table has not is left as it is."""
    plain = {key: value if value is not None else "" for key, value in values.items() if key != "dated_on"}
    plain["relation"] = plain.get("relation") or "="
    given: dict[str, Any] = {**plain, "dated_on": values.get("dated_on"), "unit": unit}
    if old is not None:
        given["mechanism"] = old.mechanism
        for key in ("relation", "measure", "period", "definition", "dated_on", "phrase", "unit"):
            if key not in present:
                given[key] = getattr(old, key)
    return FactGiven(**given)


@transaction.atomic
def take_in_facts(preview: FactPreview, reason: str, *, by: Person) -> tuple[int, int]:
    """Enters and corrects what a preview found, all or nothing; (entered, corrected). Raises Refused."""
    if any(change.old is not None and change.is_number for change in preview.changes) and not reason.strip():
        raise Refused(_("有数要更正，写明理由。"))
    for change in preview.changes:
        if change.old is None:
            enter_fact(change.given, by=by)
        else:
            correct_fact(change.old, change.given, by=by, reason=reason)
    new = sum(change.old is None for change in preview.changes)
    return new, len(preview.changes) - new


def fact_cells(fact: Fact) -> list[Any]:
    """One fact in the order of COLUMNS."""
    unit = fact.unit.name if fact.unit else ""
    return [
        fact.code, fact.name, fact.value.normalize() + 0, fact.relation, fact.measure, fact.period, fact.definition,
        fact.source, fact.dated_on, fact.phrase, unit,
    ]  # fmt: skip
