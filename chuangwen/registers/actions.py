"""What people do with the fact ledger: enter a number, correct it, confirm it, give a year's number, state a relation."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen.kernel.models import Person, Unit
from chuangwen.kernel.workflow import history
from chuangwen.kernel.workflow.flow import NotAllowed, Refused
from chuangwen.registers import rules
from chuangwen.registers.models import Fact, FactFigure, FactPart, FactSum, FactVersion, SumKind

T = TypeVar("T", Fact, FactFigure)
RELATIONS = ("=", "≥", "≈")
#: What makes a number another one; a change of these is a new version.
NUMBER = ("value", "relation", "measure", "period", "source")


@dataclass(frozen=True)
class FactGiven:
    """A fact as it is entered or corrected; `relation` is =, ≥ (余、多、以上) or ≈ (近、约)."""

    code: str
    name: str
    value: Decimal
    source: str
    relation: str = "="
    measure: str = ""
    period: str = ""
    phrase: str = ""
    definition: str = ""
    dated_on: dt.date | None = None
    unit: Unit | None = None
    mechanism: str = ""


def _check(given: FactGiven, by: Person, fact: Fact | None) -> None:
    allowed = rules.give.allows(by, fact) if fact is not None else rules.edit.allows(by, None)
    if not allowed:
        raise NotAllowed(_("事实台账由创建办登记，数据单位更正自己的数。"))
    if (
        fact is not None
        and fact.unit_id != (given.unit.pk if given.unit else None)
        and not rules.edit.allows(by, None)
    ):
        raise NotAllowed(_("数据单位由创建办定。"))
    if given.relation not in RELATIONS:
        raise Refused(_("比较只有 =、≥、≈ 三种。"))
    if not given.source.strip():
        raise Refused(_("写明数出自哪份文件。"))


@transaction.atomic
def enter_fact(given: FactGiven, *, by: Person, at: dt.datetime | None = None) -> Fact:
    """A new number in the ledger, to be confirmed by another person. Sent twice with the same values it is entered once."""
    _check(given, by, None)
    known = Fact.objects.filter(code=given.code).first()
    if known is not None:
        if _differing(known, given):
            raise Refused(_("编号 %(code)s 已有。打开那一条更正，或换一个编号。") % {"code": given.code})
        return known
    at = at or timezone.now()
    try:
        with transaction.atomic():
            fact = Fact.objects.create(**vars(given), given_by=by, given_at=at)
    except IntegrityError as fault:
        raise Refused(_("编号 %(code)s 刚被另一人用了，换一个编号。") % {"code": given.code}) from fault
    history.log_change(
        fact, by_id=by.pk, changes={"value": (None, fact.value), "source": ("", fact.source)}, at=at
    )
    return fact


def _differing(fact: Fact, given: FactGiven) -> dict[str, tuple[Any, Any]]:
    return {
        name: (_plain(getattr(fact, name)), _plain(value))
        for name, value in vars(given).items()
        if getattr(fact, name) != value
    }


def _plain(value: Any) -> Any:
    return value.pk if isinstance(value, Unit) else value


@transaction.atomic
def correct_fact(
    fact: Fact, given: FactGiven, *, by: Person, reason: str = "", at: dt.datetime | None = None
) -> Fact:
    """Changes a fact; another number, unit of measure, period or source is a new version, the old one is kept.

    A new version needs a reason and is to be confirmed anew; a better name or definition needs neither. Nothing happens
    when nothing differs. Raises NotAllowed, and Refused for a missing reason.
    """
    fact = Fact.objects.select_for_update().get(pk=fact.pk)
    _check(given, by, fact)
    if given.code != fact.code:
        raise Refused(_("编号不改。要用新编号，另登记一条。"))
    changes = _differing(fact, given)
    at = at or timezone.now()
    if any(name in changes for name in NUMBER):
        if not reason.strip():
            raise Refused(_("写明为什么更正，旧数会留着。"))
        _keep_version(fact, reason.strip(), by, at)
        fact.version += 1
        fact.given_by, fact.given_at, fact.confirmed_by, fact.confirmed_at = by, at, None, None
    if changes:
        for name, value in vars(given).items():
            setattr(fact, name, value)
        fact.save()
        if reason.strip():
            changes["reason"] = ("", reason.strip()[:200])
        history.log_change(fact, by_id=by.pk, changes=changes, at=at)
    return fact


def _keep_version(fact: Fact, reason: str, by: Person, at: dt.datetime) -> None:
    FactVersion.objects.create(
        fact=fact, no=fact.version, value=fact.value, relation=fact.relation, measure=fact.measure, period=fact.period,
        source=fact.source, given_by=fact.given_by, confirmed_by=fact.confirmed_by, reason=reason[:200],
        replaced_by=by, replaced_at=at,
    )  # fmt: skip


@transaction.atomic
def confirm_fact(fact: Fact, *, by: Person, at: dt.datetime | None = None) -> Fact:
    """The number is confirmed by another person than who gave it: the owner unit's head or the office. Twice is once."""
    fact = Fact.objects.select_for_update().get(pk=fact.pk)
    return _confirm(fact, fact, by, at)


@transaction.atomic
def give_figure(
    fact: Fact, year: int, value: Decimal, *, by: Person, source: str = "", at: dt.datetime | None = None
) -> FactFigure:
    """The number of one year, by the office or the owner unit; a changed one is to be confirmed anew."""
    if not rules.give.allows(by, fact):
        raise NotAllowed(_("年度数由数据单位或创建办填。"))
    at = at or timezone.now()
    if not 1990 <= year <= timezone.localdate(at).year:
        raise Refused(_("年度填 1990 到今年。"))
    Fact.objects.select_for_update().get(pk=fact.pk)
    old = FactFigure.objects.filter(fact=fact, year=year).first()
    if old is not None and old.value == value and (old.source == source or not source):
        return old
    defaults = {
        "value": value, "source": source[:200], "given_by": by, "given_at": at, "confirmed_by": None, "confirmed_at": None,
    }  # fmt: skip
    row, _made = FactFigure.objects.update_or_create(fact=fact, year=year, defaults=defaults)
    history.log_change(row, by_id=by.pk, changes={"value": (old.value if old else None, value)}, at=at)
    return row


@transaction.atomic
def confirm_figure(row: FactFigure, *, by: Person, at: dt.datetime | None = None) -> FactFigure:
    """A year's number confirmed by another person than who gave it. Twice is once."""
    row = FactFigure.objects.select_for_update(of=("self",)).select_related("fact").get(pk=row.pk)
    return _confirm(row, row.fact, by, at)


def _confirm(row: T, fact: Fact, by: Person, at: dt.datetime | None) -> T:
    if not rules.confirm.allows(by, fact):
        raise NotAllowed(_("数由数据单位负责人或创建办确认。"))
    if row.confirmed_by_id:
        return row
    if row.given_by_id == by.pk:
        raise Refused(_("自己填的数由另一人确认。"))
    row.confirmed_by, row.confirmed_at = by, at or timezone.now()
    row.save(update_fields=["confirmed_by", "confirmed_at"])
    history.log_change(row, by_id=by.pk, changes={"confirmed_by": (None, by.pk)}, at=row.confirmed_at)
    return row


@transaction.atomic
def state_sum(
    code: str, name: str, parts: Sequence[Fact], *, by: Person, kind: str = SumKind.SUM, total: Fact | None = None,
    stated: Decimal | None = None, source: str = "",
) -> FactSum:  # fmt: skip
    """States that facts add up (or that a part has a share); stating it again under the same code replaces its parts."""
    if not rules.edit.allows(by, None):
        raise NotAllowed(_("数量关系由创建办登记。"))
    wanted = list(dict.fromkeys(parts))
    if kind == SumKind.SHARE and (len(wanted) != 2 or wanted[1].measure != "%"):
        raise Refused(_("占比要两项：先是数，后是百分比。"))
    if kind == SumKind.SUM and len(wanted) < 2:
        raise Refused(_("合计至少两项。"))
    row, made = FactSum.objects.update_or_create(
        code=code,
        defaults={"name": name, "kind": kind, "total": total, "stated": stated, "source": source[:200]},
    )
    before = [] if made else list(row.parts.values_list("fact__code", flat=True))
    row.parts.all().delete()
    FactPart.objects.bulk_create(FactPart(sum=row, fact=fact, rank=rank) for rank, fact in enumerate(wanted))
    codes = [fact.code for fact in wanted]
    if before != codes:
        history.log_change(row, by_id=by.pk, changes={"parts": ("、".join(before), "、".join(codes))})
    return row
