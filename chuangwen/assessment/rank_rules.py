"""Versions of how a subject is ranked, and peer groups: a version is never edited, the next one follows from a day on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from chuangwen.assessment import rules
from chuangwen.assessment.counting import weighed
from chuangwen.assessment.measures import MEASURES
from chuangwen.assessment.ranking_models import PeerGroup, RankRule, RankSubject
from chuangwen.kernel.models import Person, Unit
from chuangwen.kernel.workflow import history
from chuangwen.kernel.workflow.flow import NotAllowed, Refused


@dataclass(frozen=True)
class Measured:
    """One measure of a rule: its weight in per cent, what counts without data, and the rates of its limits, all as text."""

    code: str
    weight: str
    missing: str = "skip"
    cap: str | None = None
    floor: str | None = None
    veto_below: str | None = None


@dataclass(frozen=True)
class RankRuleFacts:
    """A version: see models.RankRule; weights add up to 100, limits are rates from 0 to 1."""

    subject: str
    version: str
    from_on: dt.date
    source: str
    measures: Sequence[Measured]
    least_rows: int = 5
    shrinks: bool = True
    confidence: Decimal = Decimal("0.950")
    bonus_most: Decimal = Decimal(5)
    malus_most: Decimal = Decimal(20)
    ties: str = "min"
    objection_days: int = 3
    answer_days: int = 3

    @property
    def columns(self) -> dict[str, Any]:
        return {**vars(self), "measures": [vars(measure) for measure in self.measures]}


def _may(by: Person) -> None:
    if not rules.edit.allows(by, None):
        raise NotAllowed(_("考核规则和同类组由创建办定。"))


def _check(facts: RankRuleFacts) -> None:
    """The weights make 100, every measure is one of this subject's and stands there once."""
    codes = [measure.code for measure in facts.measures]
    for code in codes:
        known = MEASURES.get(code)
        if known is None or facts.subject not in known.subjects:
            raise Refused(_("指标 %(code)s 不能用于这个排名对象。换一个指标。") % {"code": code})
    if len(set(codes)) < len(codes):
        raise Refused(_("同一个指标写了两次。合成一行。"))
    try:
        total = sum((Decimal(measure.weight) for measure in facts.measures), Decimal())
    except InvalidOperation as fault:
        raise Refused(_("权重要写数字，例如 35 或 12.5。")) from fault
    if total != 100:
        raise Refused(_("权重合计 %(total)s，应是 100。改到合计 100。") % {"total": total})
    if not Decimal("0.5") <= facts.confidence < 1:
        raise Refused(_("置信水平写 0.5 到 1 之间的小数，例如 0.95。"))


@transaction.atomic
def make_rank_rule(facts: RankRuleFacts, *, by: Person) -> RankRule:
    """Puts a version in force from its day on; rankings keep the version they were made by. Sent twice it is there once.

    Raises NotAllowed for anybody but the office, Refused for weights that do not make 100, for measures or limits that
    cannot be, and for a version's name that other rules have already.
    """
    _may(by)
    if facts.subject not in RankSubject.values:
        raise Refused(_("没有这种排名对象。"))
    _check(facts)
    old = RankRule.objects.select_for_update().filter(subject=facts.subject, version=facts.version).first()
    if old is not None:
        if all(getattr(old, name) == value for name, value in facts.columns.items()):
            return old
        raise Refused(_("版本 %(version)s 已有，内容不同。换一个版本号。") % {"version": facts.version})
    row = RankRule(**facts.columns)
    try:
        weighed(row)
        row.full_clean()
    except ValidationError as fault:
        raise Refused("".join(fault.messages)) from fault
    except (ValueError, ZeroDivisionError, TypeError) as fault:
        raise Refused(_("权重、封顶和保底不能计算。封顶要高于保底，都在 0 到 1 之间。")) from fault
    row.save(force_insert=True)
    history.log_change(
        row, by_id=by.pk, changes={name: (None, value) for name, value in facts.columns.items()}
    )
    return row


@transaction.atomic
def set_peer_group(code: str, name: str, units: Iterable[Unit], *, by: Person, rank: int = 0) -> PeerGroup:
    """Sets a group's name, place and members; a unit that was in another group leaves it. Closed months keep their groups.

    Raises NotAllowed for anybody but the office, Refused without a name.
    """
    _may(by)
    if not code.strip() or not name.strip():
        raise Refused(_("同类组要有编号和名称。"))
    wanted = sorted({unit.pk for unit in units})
    group, is_new = PeerGroup.objects.select_for_update().get_or_create(
        code=code.strip(), defaults={"name": name.strip(), "rank": rank}
    )
    before = (None, None, []) if is_new else (group.name, group.rank, _members(group))
    left = set(PeerGroup.units.through.objects.filter(unit__in=wanted).values_list("peergroup_id", flat=True))
    for other in PeerGroup.objects.select_for_update().filter(pk__in=left - {group.pk}).order_by("pk"):
        was = _members(other)
        other.units.remove(*wanted)
        history.log_change(other, by_id=by.pk, changes={"units": (was, _members(other))})
    group.name, group.rank = name.strip(), rank
    group.save()
    group.units.set(wanted)
    after = (group.name, group.rank, wanted)
    changes = {
        name: pair
        for name, pair in zip(("name", "rank", "units"), zip(before, after, strict=True), strict=True)
        if pair[0] != pair[1]
    }
    history.log_change(group, by_id=by.pk, changes=changes)
    return group


def _members(group: PeerGroup) -> list[int]:
    return sorted(group.units.values_list("pk", flat=True))
