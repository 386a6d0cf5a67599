"""Study plans by body (row 81, 四学联动): a plain list that is pasted or read from a table; nothing hangs on it."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field

from django.db import transaction
from django.utils.translation import gettext as _

from chuangwen.kernel.models import Person, Unit
from chuangwen.kernel.screens.tables import Bad, Column, Row, TableRead
from chuangwen.kernel.workflow import history
from chuangwen.kernel.workflow.flow import NotAllowed
from chuangwen.tasks import rules
from chuangwen.tasks.meeting_models import StudyPlan

COLUMNS = (
    Column("unit", ("单位", "学习单位", "unit"), required=True, max_length=80),
    Column("month", ("月份", "学习月份", "month"), required=True, max_length=20),
    Column("way", ("学习方式", "方式", "way"), max_length=30),
    Column("topic", ("内容", "学习内容", "主题", "topic"), required=True, max_length=200),
    Column("done_on", ("完成日期", "done_on"), kind="date"),
    Column("source", ("来源", "source"), max_length=200),
)
HEAD = "\t".join(str(column.titles[0]) for column in COLUMNS[:5])
_MONTH = re.compile(r"(\d{4})\s*[-./年]?\s*(\d{1,2})(?:\D|$)")


@dataclass
class Taken:
    """What came of a table: how many new, how many known or filled in, what was left out and why."""

    made: int = 0
    known: int = 0
    bad: list[Bad] = field(default_factory=list)


def as_table(text: str) -> bytes:
    """Pasted lines as a file with titles; where the first line is no head, the usual one is put in front."""
    first = text.lstrip().split("\n", 1)[0]
    return (text if "单位" in first or "unit" in first.lower() else f"{HEAD}\n{text}").encode()


def month_of(text: str) -> dt.date | None:
    """2026-11, 2026年11月, 202611: the first day of that month; None for anything else."""
    found = _MONTH.match(text.strip())
    if found is None or not 1 <= int(found[2]) <= 12:
        return None
    return dt.date(int(found[1]), int(found[2]), 1)


@transaction.atomic
def take_in(table: TableRead, *, by: Person) -> Taken:
    """Takes in every row that can be read; a known topic of a body and month only gets its date. Raises NotAllowed."""
    if not rules.edit.allows(by, None):
        raise NotAllowed(_("学习计划由创建办导入。"))
    units: dict[str, Unit] = {}
    for unit in Unit.objects.filter(is_active=True):
        units |= {unit.code: unit, unit.name: unit, unit.short_name: unit}
    taken = Taken()
    for row in table.rows:
        if row.faults:
            taken.bad += [Bad(f.row, f.column, f.title, f.value, f.sentence) for f in row.faults]
            continue
        found, month = units.get(row.values["unit"]), month_of(str(row.values["month"]))
        if found is None:
            taken.bad.append(_bad(table, row, "unit", _("没有这个单位，用简称、全称或编码。")))
        elif month is None:
            taken.bad.append(_bad(table, row, "month", _("月份写成 2026-11。")))
        else:
            _keep(taken, row, found, month, by)
    return taken


def _bad(table: TableRead, row: Row, key: str, sentence: str) -> Bad:
    letter, title = table.places.get(key, ("", key))
    return Bad(row.number, letter, title, str(row.values.get(key) or "")[:200], sentence)


def _keep(taken: Taken, row: Row, unit: Unit, month: dt.date, by: Person) -> None:
    values = {"way": row.values.get("way") or "", "source": row.values.get("source") or ""}
    done_on = row.values.get("done_on")
    plan, made = StudyPlan.objects.get_or_create(
        unit=unit, month=month, topic=row.values["topic"], defaults={**values, "done_on": done_on}
    )
    taken.made, taken.known = taken.made + made, taken.known + (not made)
    if made:
        changes = {"topic": (None, plan.topic), "month": (None, month), "done_on": (None, done_on)}
        history.log_change(plan, by_id=by.pk, changes=changes)
    elif done_on and plan.done_on != done_on:
        mark_done(plan, done_on, by=by)


@transaction.atomic
def mark_done(plan: StudyPlan, day: dt.date | None, *, by: Person) -> StudyPlan:
    """When the topic was studied; None takes the date back. Raises NotAllowed for anybody but the office and the body."""
    if not (rules.edit.allows(by, None) or rules.holder.allows(by, plan)):
        raise NotAllowed(_("完成日期由本单位或创建办填。"))
    plan = StudyPlan.objects.select_for_update(of=("self",)).get(pk=plan.pk)
    before, plan.done_on = plan.done_on, day
    if before != day:
        plan.save(update_fields=["done_on"])
        history.log_change(plan, by_id=by.pk, changes={"done_on": (before, day)})
    return plan
