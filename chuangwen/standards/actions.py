"""What people do with a tree: give a requirement to a unit, waive it, confirm a figure, send 提示通知."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen.kernel.city import city
from chuangwen.kernel.models import Counter, Person, Unit
from chuangwen.kernel.workflow import burden, history
from chuangwen.kernel.workflow.flow import NotAllowed, Refused
from chuangwen.standards import rules
from chuangwen.standards.flow import DutyNoticeFlow
from chuangwen.standards.models import (
    DutyLine,
    DutyNotice,
    Edition,
    Material,
    NoticeState,
    Part,
    Requirement,
    Series,
    SeriesValue,
    Share,
)
from chuangwen.standards.steps import about_lines

OPEN = (NoticeState.DRAFT, NoticeState.ISSUED, NoticeState.RECEIVED)


def _may_edit(by: Person) -> None:
    if not rules.edit.allows(by, None):
        raise NotAllowed(_("标准的分工由创建办定。"))


def _names(need: Requirement) -> str:
    """Who answers for it, as history keeps it: lead first."""
    shares = need.shares.select_related("unit").order_by("-part", "pk")
    return "、".join(f"{share.unit}（{share.get_part_display()}）" for share in shares)


@transaction.atomic
def give_share(
    need: Requirement, unit: Unit, part: str = Part.LEAD, *, by: Person, reason: str = ""
) -> Share:
    """Gives a requirement to a unit; a new lead takes the old one's place, who stays as help. Twice is once."""
    _may_edit(by)
    if part not in Part.values:
        raise Refused(_("分工只有主责和协办。"))
    need = Requirement.objects.select_for_update().get(pk=need.pk)
    if need.waived_reason:
        raise Refused(_("这一格记为不要求，先恢复再分工。"))
    before = _names(need)
    if part == Part.LEAD:
        need.shares.filter(part=Part.LEAD).exclude(unit=unit).update(part=Part.ASSIST)
    share, _made = Share.objects.update_or_create(
        requirement=need, unit=unit, defaults={"part": part, "reason": reason[:200]}
    )
    _log(need, by, "shares", before, _names(need))
    return share


@transaction.atomic
def take_share(need: Requirement, unit: Unit, *, by: Person) -> None:
    """Takes a requirement from a unit again; nothing happens when it had no part in it."""
    _may_edit(by)
    need = Requirement.objects.select_for_update().get(pk=need.pk)
    before = _names(need)
    need.shares.filter(unit=unit).delete()
    _log(need, by, "shares", before, _names(need))


@transaction.atomic
def waive_requirement(need: Requirement, reason: str, *, by: Person) -> Requirement:
    """不要求: decided by a person, with the reason; an empty reason asks for it again."""
    _may_edit(by)
    need = Requirement.objects.select_for_update().get(pk=need.pk)
    before, need.waived_reason = need.waived_reason, reason.strip()[:200]
    need.waived_by = by if need.waived_reason else None
    need.save(update_fields=["waived_reason", "waived_by"])
    _log(need, by, "waived_reason", before, need.waived_reason)
    return need


def _log(need: Requirement, by: Person, name: str, old: str, new: str) -> None:
    if old != new:
        history.log_change(need, by_id=by.pk, changes={name: (old, new)})


@transaction.atomic
def give_value(
    series: Series, year: int, value: Decimal, *, by: Person, source: str = "", at: dt.datetime | None = None
) -> SeriesValue:
    """The figure of one year, by the office or the unit that gives it; a changed figure is to be confirmed anew."""
    in_unit = series.unit_id in by.standing.units_as("liaison", "head")
    if not (in_unit or rules.edit.allows(by, None)):
        raise NotAllowed(_("这个指标的数由数据单位或创建办填。"))
    series = Series.objects.select_for_update().get(pk=series.pk)
    old = SeriesValue.objects.filter(series=series, year=year).first()
    if old is not None and old.value == value:
        return old
    row, _made = SeriesValue.objects.update_or_create(
        series=series,
        year=year,
        defaults={"value": value, "given_by": by, "confirmed_by": None, "source": source[:200]},
    )
    history.log_change(row, by_id=by.pk, changes={"value": (old.value if old else None, value)}, at=at)
    return row


@transaction.atomic
def confirm_value(row: SeriesValue, *, by: Person, at: dt.datetime | None = None) -> SeriesValue:
    """Confirmed by another person of the office than who gave it."""
    _may_edit(by)
    row = SeriesValue.objects.select_for_update().get(pk=row.pk)
    if row.confirmed_by_id:
        return row
    if row.given_by_id == by.pk:
        raise Refused(_("自己填的数由另一人确认。"))
    row.confirmed_by = by
    row.save(update_fields=["confirmed_by"])
    history.log_change(row, by_id=by.pk, changes={"confirmed_by": (None, by.pk)}, at=at)
    return row


@dataclass
class Sent:
    """What came of sending 提示通知: the new ones, and the units left out with the reason."""

    made: list[DutyNotice] = field(default_factory=list)
    left: list[tuple[Unit, str]] = field(default_factory=list)


def next_number(year: int) -> str:
    """The next number of the year, such as GY-TZ-2026-0001."""
    row = city()
    return f"{row.prefix if row else 'CW'}-TZ-{year}-{Counter.next(f'duty notice {year}'):04d}"


def lines_for(edition: Edition, units: Iterable[Unit]) -> dict[int, list[DutyLine]]:
    """Unsaved lines by unit: each of its requirements, and as lead each material with its date. Three queries."""
    shares = (
        Share.objects.filter(
            requirement__node__edition=edition, requirement__waived_reason="", unit__in=list(units)
        )
        .select_related("requirement__node")
        .order_by("requirement__node__rank", "requirement_id")
    )
    materials: dict[int, list[Material]] = defaultdict(list)
    own = Material.objects.filter(requirement__node__edition=edition, same_as=None)
    for material in own.order_by("due_on", "code"):
        materials[material.requirement_id].append(material)
    lines: dict[int, list[DutyLine]] = defaultdict(list)
    for share in shares:
        need = share.requirement
        words = f"{need.node} · {need.get_method_display()} {need.full.normalize():f}"
        text = f"{words}：{need.text}" if need.text else words
        lines[share.unit_id].append(DutyLine(requirement=need, part=share.part, text=text[:400]))
        for material in materials[need.pk] if share.part == Part.LEAD else ():
            count = f" × {material.count}" if material.count > 1 else ""
            limit = _("（不超过 %(n)d 字）") % {"n": material.limit} if material.limit else ""
            words = f"{material.get_kind_display()}：{material.text}{count}{limit}"
            lines[share.unit_id].append(
                DutyLine(requirement=need, part=share.part, text=words[:400], due_on=material.due_on)
            )
    return lines


def issue_notices(
    edition: Edition, units: Iterable[Unit], reply_on: dt.date, *, by: Person, note: str = "", at: dt.datetime | None = None
) -> Sent:  # fmt: skip
    """One 提示通知 a unit with its lines frozen as they are now, drafted and issued; all or none.

    A unit with an open one, or without a line, is left out and named. Raises Refused for a date that is not ahead,
    NotAllowed for anybody but the office.
    """
    at, units = at or timezone.now(), list(dict.fromkeys(units))
    if not rules.issue.allows(by, None):
        raise NotAllowed(_("提示通知由创建办发。"))
    if reply_on <= timezone.localdate(at):
        raise Refused(_("回复期限要晚于今天。"))
    try:
        with transaction.atomic():
            Edition.objects.select_for_update().get(pk=edition.pk)
            return _issue(edition, units, reply_on, by, note, at)
    except IntegrityError as fault:
        raise Refused(_("另一人正在给同一个单位发通知，过一会儿看列表。")) from fault


def _issue(
    edition: Edition, units: list[Unit], reply_on: dt.date, by: Person, note: str, at: dt.datetime
) -> Sent:
    sent, lines = Sent(), lines_for(edition, units)
    waiting = dict(
        DutyNotice.objects.filter(edition=edition, unit__in=units, state__in=OPEN).values_list(
            "unit_id", "number"
        )
    )
    for unit in units:
        if unit.pk in waiting:
            sent.left.append(
                (unit, _("%(number)s 还没回复，先等回复或撤回。") % {"number": waiting[unit.pk]})
            )
        elif not lines[unit.pk]:
            sent.left.append((unit, _("没有分到一条标准。")))
        elif before := burden.asked_before(unit.pk, "paper", about_lines(edition.pk, lines[unit.pk]), at=at):
            sent.left.append((unit, burden.pointer_to(before)))
        else:
            notice = DutyNotice(
                number=next_number(timezone.localdate(at).year), edition=edition, unit=unit, reply_on=reply_on,
                note=note[:300], state=NoticeState.DRAFT, created_at=at,
            )  # fmt: skip
            notice.save(force_insert=True)
            for line in lines[unit.pk]:
                line.notice = notice
            DutyLine.objects.bulk_create(lines[unit.pk])
            drafted = DutyNoticeFlow.by_code["draft"]
            told = {"lines": len(lines[unit.pk]), "reply_on": reply_on, "note": note[:300]}
            DutyNoticeFlow.record(notice, drafted, by=by, cleaned=told, at=at, from_state="")
            sent.made.append(DutyNoticeFlow.take(notice, "issue", by=by, at=at).matter)
    return sent
