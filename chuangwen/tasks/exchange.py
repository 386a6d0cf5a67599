"""Tasks and projects from office tables: every row becomes a draft or is named with its place and the reason.

Reading changes nothing. A row is known again by its title, unit and date, so that a file may be sent twice; a row
that would make half a task (an unknown unit, a date that is none) is left out whole.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.core import signing
from django.db import transaction
from django.utils.translation import gettext as _

from chuangwen.kernel.models import Person, Unit
from chuangwen.kernel.screens.tables import Bad, Column, Row, TableRead
from chuangwen.kernel.workflow.flow import Refused
from chuangwen.standards.models import Method, Requirement
from chuangwen.tasks.actions import make_task
from chuangwen.tasks.models import Drive, Plan, PlanKind, State, Task, TaskKind

KINDS = {word: kind.value for kind in TaskKind for word in (kind.value, str(kind.label))} | {
    "项目": "project", "活动": "activity", "文件": "document",
}  # fmt: skip
METHODS = {word: method.value for method in Method for word in (method.value, str(method.label))}
TASK_COLUMNS = (
    Column(
        "title", ("任务", "任务名称", "项目名称", "工作任务", "名称", "title"), required=True, max_length=120
    ),
    Column("kind", ("类型", "任务类型", "kind"), kind="choice", choices=KINDS),
    Column("text", ("要求", "工作要求", "建设内容", "内容", "text"), max_length=2000),
    Column("unit", ("单位", "责任单位", "牵头单位", "主责单位", "unit")),
    Column("due_on", ("期限", "完成时限", "完成时间", "竣工时间", "due_on"), required=True, kind="date"),
    Column("plan", ("计划", "年度方案", "plan")),
    Column("drive", ("专项行动", "行动", "drive")),
    Column("standard", ("标准编号", "标准", "standard")),
    Column("method", ("方法", "测评方法", "method"), kind="choice", choices=METHODS),
    Column("budget", ("投资（元）", "总投资（元）", "budget"), kind="decimal"),
    Column("budget_wan", ("投资（万元）", "总投资（万元）"), kind="decimal"),
    Column("spent", ("已完成（元）", "完成投资（元）", "spent"), kind="decimal"),
    Column("spent_wan", ("已完成（万元）", "完成投资（万元）"), kind="decimal"),
    Column("source", ("来源", "依据", "source"), max_length=200),
)
MOST = 2000  # rows of one file: the preview is carried to the confirmation in the page itself
_SALT = "chuangwen.tasks.import"


@dataclass(frozen=True)
class Good:
    """One row that would become a draft; ids instead of rows, so that it can be carried to the confirmation."""

    row: int
    values: dict[str, Any]


@dataclass
class Preview:
    """What an import would do."""

    name: str
    total: int = 0
    good: list[Good] = field(default_factory=list)
    known: int = 0
    bad: list[Bad] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


class _Wrong(Exception):
    def __init__(self, key: str, sentence: str) -> None:
        self.key, self.sentence = key, sentence


def read_tasks(table: TableRead, *, today: dt.date, kind: str = "") -> Preview:
    """Checks every row against itself, the city and what is already here; changes nothing.

    `kind` holds for rows that name none: a table of projects needs no column for it.
    """
    preview = Preview(table.file, len(table.rows), notes=[fault.sentence for fault in table.faults])
    if len(table.rows) > MOST:
        preview.notes.append(
            _("一次最多 %(most)d 行，只看了前 %(most)d 行；分成几份再导入。") % {"most": MOST}
        )
    reader = _Reader(table, today, kind)
    for row in table.rows[:MOST]:
        if row.faults:
            preview.bad += [Bad(f.row, f.column, f.title, f.value, f.sentence) for f in row.faults]
            continue
        try:
            good = reader.good(row)
        except _Wrong as wrong:
            preview.bad.append(_bad(table, row, wrong))
            continue
        if good is None:
            preview.known += 1
        else:
            preview.good.append(good)
    return preview


def _bad(table: TableRead, row: Row, wrong: _Wrong) -> Bad:
    letter, title = table.places.get(wrong.key, ("", str(_titles()[wrong.key])))
    value = row.values.get(wrong.key)
    return Bad(row.number, letter, title, "" if value is None else str(value)[:200], wrong.sentence)


def _titles() -> dict[str, str]:
    return {column.key: str(column.titles[0]) for column in TASK_COLUMNS}


class _Reader:
    """Turns rows into drafts one after another, remembering what it has seen in this sheet."""

    def __init__(self, table: TableRead, today: dt.date, kind: str) -> None:
        self.today, self.kind = today, kind
        self.units: dict[str, list[int]] = {}
        for pk, code, name, short in Unit.objects.filter(is_active=True).values_list(
            "pk", "code", "name", "short_name"
        ):
            for word in {code, name, short} - {""}:
                self.units.setdefault(word, []).append(pk)
        self.plans = _by_name(Plan.objects.filter(kind=PlanKind.YEAR).values_list("name", "pk"))
        self.drives = _by_name(Drive.objects.values_list("name", "pk"))
        asked = {row.values.get("standard") for row in table.rows} - {None}
        self.requirements: dict[str, dict[str, int]] = {}
        for pk, code, method in Requirement.objects.filter(
            node__edition__is_current=True, node__code__in=asked
        ).values_list("pk", "node__code", "method"):
            self.requirements.setdefault(code, {})[method] = pk
        titles = [row.values["title"] for row in table.rows if row.values.get("title")]
        self.here = {_key(*values) for values in _here(titles)}
        self.seen: dict[tuple[str, int | None, str], int] = {}

    def good(self, row: Row) -> Good | None:
        """The draft of a row, None when it is here already. Raises _Wrong."""
        given = row.values
        if given["due_on"] <= self.today:
            raise _Wrong("due_on", _("期限要晚于今天（%(today)s）。") % {"today": self.today})
        kind = given.get("kind") or self.kind
        if not kind:
            raise _Wrong("kind", _("没有写类型。写推进项目、开展活动或提供文件。"))
        budget, spent = self._yuan(given, "budget"), self._yuan(given, "spent")
        if kind != TaskKind.PROJECT and (budget is not None or spent is not None):
            raise _Wrong(
                "budget" if given.get("budget") is not None else "kind",
                _("只有推进项目填投资。改类型，或清空投资。"),
            )
        values = {
            "title": given["title"], "kind": kind, "text": given.get("text") or "", "due_on": given["due_on"].isoformat(),
            "unit_id": self._unit(given.get("unit")), "plan_id": self._named(given, "plan", self.plans),
            "drive_id": self._named(given, "drive", self.drives), "requirement_id": self._requirement(given),
            "budget": str(budget) if budget is not None else None, "spent": str(spent) if spent is not None else None,
            "source": given.get("source") or "",
        }  # fmt: skip
        key = _key(values["title"], values["unit_id"], values["due_on"])
        if key in self.here:
            return None
        if key in self.seen:
            raise _Wrong(
                "title",
                _("与第 %(row)d 行是同一项（任务、单位、期限相同），删去一行。") % {"row": self.seen[key]},
            )
        self.seen[key] = row.number
        return Good(row.number, values)

    def _yuan(self, given: Mapping[str, Any], key: str) -> Decimal | None:
        value, times, where = given.get(key), 1, key
        if value is None and given.get(f"{key}_wan") is not None:
            value, times, where = given[f"{key}_wan"], 10_000, f"{key}_wan"
        if value is None:
            return None
        if value < 0 or value * times >= Decimal(10) ** 14:
            raise _Wrong(where, _("金额要在 0 到一百万亿元之间，核对单位是元还是万元。"))
        return (value * times).quantize(Decimal("0.01"))

    def _unit(self, word: str | None) -> int | None:
        if not word:
            return None
        found = self.units.get(word, [])
        if not found:
            raise _Wrong("unit", _("单位表里没有“%(word)s”。写单位编码、全称或简称。") % {"word": word})
        if len(found) > 1:
            raise _Wrong("unit", _("叫“%(word)s”的单位不止一个，改写单位编码。") % {"word": word})
        return found[0]

    def _named(self, given: Mapping[str, Any], key: str, known: Mapping[str, list[int]]) -> int | None:
        word = given.get(key)
        if not word:
            return None
        if len(known.get(word, ())) != 1:
            raise _Wrong(key, _("没有叫“%(word)s”的，或不止一个。写页面上的全名。") % {"word": word})
        return known[word][0]

    def _requirement(self, given: Mapping[str, Any]) -> int | None:
        code = given.get("standard")
        if not code:
            return None
        cells = self.requirements.get(code)
        if not cells:
            raise _Wrong("standard", _("在用的标准里没有“%(code)s”。核对编号。") % {"code": code})
        method = given.get("method") or (next(iter(cells)) if len(cells) == 1 else "")
        if not method:
            raise _Wrong("method", _("标准 %(code)s 有几种方法，写明是哪一种。") % {"code": code})
        if method not in cells:
            raise _Wrong("method", _("标准 %(code)s 没有这种方法。") % {"code": code})
        return cells[method]


def _by_name(rows: Iterable[tuple[str, int]]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for name, pk in rows:
        found.setdefault(name, []).append(pk)
    return found


def _key(title: str, unit_id: int | None, due_on: str | dt.date) -> tuple[str, int | None, str]:
    return title, unit_id, due_on if isinstance(due_on, str) else due_on.isoformat()


def _here(titles: list[str]) -> Iterable[tuple[str, int | None, dt.date]]:
    for start in range(0, len(titles), 400):
        rows = Task.objects.filter(title__in=titles[start : start + 400]).exclude(state=State.DROPPED)
        yield from rows.values_list("title", "unit_id", "due_on")


def pack(preview: Preview) -> str:
    """The good rows as signed text: what is confirmed is what was looked at."""
    return signing.dumps([[good.row, good.values] for good in preview.good], salt=_SALT, compress=True)


def unpack(text: str) -> list[Good]:
    """Raises Refused for text that was altered or is older than a day."""
    try:
        rows = signing.loads(text, salt=_SALT, max_age=86_400)
    except (signing.BadSignature, json.JSONDecodeError):
        raise Refused(_("这次预览已失效，重新选文件再看一遍。")) from None
    return [Good(row, values) for row, values in rows]


def import_tasks(goods: list[Good], *, by: Person) -> tuple[int, int]:
    """Makes the drafts, all or none; returns (made, known by now). Confirming twice makes them once."""
    with transaction.atomic():
        # One lock for all imports: two clicks at once look one after the other.
        list(Unit.objects.select_for_update(of=("self",)).order_by("pk")[:1])
        here = {_key(*values) for values in _here([good.values["title"] for good in goods])}
        fresh = [
            good
            for good in goods
            if _key(good.values["title"], good.values["unit_id"], good.values["due_on"]) not in here
        ]
        for good in fresh:
            values: dict[str, Any] = dict(good.values)
            for name in ("budget", "spent"):
                values[name] = Decimal(values[name]) if values[name] else None
            values["due_on"] = dt.date.fromisoformat(values["due_on"])
            make_task(by=by, **values)
    return len(fresh), len(goods) - len(fresh)
