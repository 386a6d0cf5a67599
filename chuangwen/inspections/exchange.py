"""Observations from a table and back: every row is taken or named with its reason, nothing half done."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen.inspections import rules
from chuangwen.inspections.checklist import checklist
from chuangwen.inspections.grading import BadGrade, bands_of, grade
from chuangwen.inspections.models import Observation, Result, Round, State, Visit, VisitState
from chuangwen.inspections.recording import BadRecord, Circumstance, Seen, record_visit
from chuangwen.inspections.releasing import open_cases
from chuangwen.kernel.models import Person, Place
from chuangwen.kernel.screens.tables import Column, Row, read_table
from chuangwen.kernel.workflow.flow import NotAllowed, Refused
from chuangwen.problems import rules as case_rules
from chuangwen.problems.models import Case
from chuangwen.standards.models import CheckItem

RESULTS = {
    "达标": Result.PASS, "合格": Result.PASS, "是": Result.PASS, "不达标": Result.FAIL, "不合格": Result.FAIL, "否": Result.FAIL,
    "部分": Result.PART, "不涉及": Result.NOT_HERE, "不适用": Result.NOT_HERE,
}  # fmt: skip
COLUMNS = (
    Column("place", ("点位编码", "点位"), required=True, max_length=40),
    Column("item", ("检查项编号", "检查项"), required=True, max_length=40),
    Column("day", ("日期", "考察日期"), kind="date"),
    Column("result", ("结果",), kind="choice", choices=RESULTS),
    Column("count", ("计数", "处数"), kind="int"),
    Column("band", ("分档", "档"), max_length=10),
    Column("note", ("说明", "问题"), max_length=200),
    Column("second", ("复评",), kind="bool"),
)


def titles() -> list[tuple[str, int]]:
    """The columns of an export, with widths."""
    return [
    (_("点位编码"), 16), (_("点位"), 24), (_("点位类型"), 12), (_("镇街"), 12), (_("层"), 20), (_("考察组"), 10), (_("日期"), 12),
    (_("复评"), 6), (_("检查项编号"), 14), (_("检查内容"), 40), (_("结果"), 8), (_("计数"), 6), (_("分档"), 6), (_("得分"), 8),
    (_("满分"), 8), (_("说明"), 30), (_("案号"), 20),
    ]  # fmt: skip


class RowFault(NamedTuple):
    """One row that cannot be taken, or (None) the whole file, and why."""

    row: int | None
    sentence: str


@dataclass
class Imported:
    """What came of a file: either faults and nothing else, or visits taken in."""

    faults: list[RowFault] = field(default_factory=list)
    visits: int = 0
    rows: int = 0


@dataclass
class _Group:
    visit: Visit
    items: dict[str, CheckItem]
    rows: list[tuple[int, dict[str, Any]]] = field(default_factory=list)


def import_observations(row: Round, data: bytes, name: str, *, by: Person) -> Imported:
    """Takes in a table of observations: all of it, or (with the faults of every row) nothing; a file sent twice counts once.

    Raises BadTable for bytes that are no table, Refused or NotAllowed for a round that takes none from this person.
    """
    if not (rules.manage.allows(by, row) and rules.see_round.allows(by, row)):
        raise NotAllowed(_("导入由轮次的制定人办。"))
    if row.state != State.RUNNING:
        raise Refused(_("这一轮现在是%(state)s，不能导入记录。") % {"state": State(row.state).label})
    read = read_table(data, name, columns=COLUMNS)
    done = Imported([RowFault(fault.row, fault.sentence) for fault in read.all_faults], rows=len(read.rows))
    groups = _grouped(row, [one for one in read.rows if not one.faults], done.faults)
    if not read.rows and not done.faults:
        done.faults.append(RowFault(None, _("表里没有数据行。")))
    digest = hashlib.sha256(data).hexdigest()
    groups = [group for group in groups if not _is_sent(group, digest)]
    for group in groups:
        _check(row, group, done.faults)
    done.faults.sort(key=lambda fault: fault.row or 0)
    if done.faults:
        return done
    with transaction.atomic():
        for group in groups:
            try:
                record_visit(
                    group.visit,
                    _seen(group),
                    by=by,
                    uid=_uid(group, digest),
                    how=_how(group),
                    is_whole=False,
                    opens=False,
                )
            except BadRecord as fault:
                done.faults += [RowFault(group.rows[0][0], why) for _item, why in fault.faults]
        if done.faults:
            transaction.set_rollback(True)
            return done
    open_cases(row)
    done.visits = len(groups)
    return done


def _uid(group: _Group, digest: str) -> uuid.UUID:
    return uuid.uuid5(group.visit.uid, digest)


def _is_sent(group: _Group, digest: str) -> bool:
    """This very file brought this visit before."""
    first = next(iter(group.items.values()), None)
    if group.visit.state != VisitState.DONE or first is None:
        return False
    wanted = {uuid.uuid5(_uid(group, digest), str(item.pk)) for item in group.items.values()}
    return Observation.objects.filter(visit=group.visit, uid__in=wanted).exists()


def _grouped(row: Round, rows: list[Row], faults: list[RowFault]) -> list[_Group]:
    """The rows by visit; those whose place or check item is unknown are faults."""
    codes = {str(one.values["place"]) for one in rows}
    visits: dict[tuple[str, bool], Visit] = {
        (visit.place.code, visit.is_second): visit
        for visit in Visit.objects.filter(round=row, place__code__in=codes).select_related("place", "round")
    }
    known = set(Place.objects.filter(code__in=codes).values_list("code", flat=True))
    lists: dict[int | None, dict[str, CheckItem]] = {}
    groups: dict[int, _Group] = {}
    for one in rows:
        code, second = str(one.values["place"]), bool(one.values.get("second"))
        visit = visits.get((code, second))
        if visit is None:
            words = _("点位“%(code)s”不在这一轮里。") if code in known else _("没有编码为“%(code)s”的点位。")
            faults.append(RowFault(one.number, words % {"code": code}))
            continue
        if visit.site_type_id not in lists:
            lists[visit.site_type_id] = {item.code: item for item in checklist(visit)}
        group = groups.setdefault(visit.pk, _Group(visit, lists[visit.site_type_id]))
        if str(one.values["item"]) not in group.items:
            faults.append(
                RowFault(one.number, _("检查项“%(code)s”不是这类点位的。") % {"code": one.values["item"]})
            )
            continue
        group.rows.append((one.number, one.values))
    return [group for group in groups.values() if group.rows]


def _check(row: Round, group: _Group, faults: list[RowFault]) -> None:
    """Adds what is wrong with the rows of one visit: sent before, doubled, dates, impossible results."""
    if group.visit.state != VisitState.PLANNED:
        faults += [
            RowFault(number, _("%(place)s 已经报过。") % {"place": group.visit.place})
            for number, _v in group.rows
        ]
        return
    seen: dict[str, int] = {}
    days = {values["day"] for _n, values in group.rows if values.get("day")}
    for number, values in group.rows:
        code, day = str(values["item"]), values.get("day")
        if code in seen:
            faults.append(RowFault(number, _("和第 %(row)d 行重复。") % {"row": seen[code]}))
        seen.setdefault(code, number)
        if day is not None and not row.from_on <= day <= row.to_on:
            faults.append(RowFault(number, _("日期 %(day)s 不在这一轮的 %(first)s 到 %(last)s 之内。") % {
                "day": day, "first": row.from_on, "last": row.to_on}))  # fmt: skip
        elif day is not None and day > timezone.localdate():
            faults.append(RowFault(number, _("日期 %(day)s 还没有到。") % {"day": day}))
        elif day is not None and len(days) > 1 and day != min(days):
            faults.append(RowFault(number, _("同一处写了 %(n)d 个日期，只能是一天。") % {"n": len(days)}))
        one, item = _one(group, values), group.items[code]
        try:
            grade(
                item.grading.way,
                item.grading.params,
                item.full,
                result=one.result,
                count=one.count,
                band=one.band,
            )
        except BadGrade as fault:
            faults.append(RowFault(number, str(fault)))


def _one(group: _Group, values: dict[str, Any]) -> Seen:
    result = values.get("result")
    item = group.items[str(values["item"])]
    count, band = values.get("count"), values.get("band") or ""
    # A table that we wrote says 部分 where a count or band decides; alone it says nothing.
    tapped = None if result == Result.PART and (count is not None or band) else result
    return Seen(item.pk, None if tapped is None else int(tapped), count, band, values.get("note") or "")


def _seen(group: _Group) -> list[Seen]:
    return [_one(group, values) for _number, values in group.rows]


def _how(group: _Group) -> Circumstance:
    """A day without an hour is noon of that day, or now if it is today."""
    day = next((values["day"] for _n, values in group.rows if values.get("day")), None)
    if day is None or day == timezone.localdate():
        return Circumstance()
    return Circumstance(seen_at=timezone.make_aware(dt.datetime.combine(day, dt.time(12))))


def export_rows(row: Round, person: Person) -> Iterator[list[Any]]:
    """The observations of a round this person may see, as a table that `import_observations` reads again."""
    seen = rules.see_observation.filter(Observation.objects.filter(visit__round=row), person).select_related(
        "visit__place", "visit__site_type", "visit__street", "visit__team", "check_item__grading"
    )
    rows = list(
        seen.order_by("visit__street__code", "visit__place__code", "visit__is_second", "check_item__code")
    )
    cases = case_rules.see_case.filter(
        Case.objects.filter(pk__in={o.case_id for o in rows if o.case_id}), person
    )
    numbers: dict[int | None, str] = dict(cases.values_list("pk", "number"))
    for o in rows:
        visit, day = o.visit, timezone.localdate(o.at)
        yield [
            visit.place.code, visit.place.name, str(visit.site_type or ""), str(visit.street), visit.stratum,
            str(visit.team or ""), day, _("是") if visit.is_second else "", o.check_item.code, o.check_item.text,
            str(Result(o.result).label), None if band_of(o) else o.count, band_of(o), o.points / 1000, o.full / 1000,
            o.note, numbers.get(o.case_id, ""),
        ]  # fmt: skip


def band_of(row: Observation) -> str:
    """The letter of the band an observation was given; empty where its item has no bands."""
    rule = row.check_item.grading
    if rule.way != "bands" or row.count is None:
        return ""
    try:
        return bands_of(rule.params)[row.count][0]
    except (BadGrade, IndexError):  # the rule was changed since
        return ""
