"""What the office enters about scores: official results, events of the negative list, and versions of the rule."""

from __future__ import annotations

import calendar
import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen.assessment import rules
from chuangwen.assessment.forecasting import scoring_rule
from chuangwen.assessment.models import Front, Incident, NegativeRule, OfficialResult, ScoreRule
from chuangwen.assessment.queries import our_score
from chuangwen.kernel.people.models import Person
from chuangwen.kernel.workflow import history
from chuangwen.kernel.workflow.flow import NotAllowed, Refused
from chuangwen.standards.models import Edition, Scheme, SchemeKind


def _may(by: Person) -> None:
    if not rules.edit.allows(by, None):
        raise NotAllowed(_("只有创建办能录入计分数据。找创建办办理。"))


def _save(row: Model, by: Person, changes: dict[str, tuple[Any, Any]]) -> None:
    """Saves a row with one line of history; raises Refused with the table's own sentence where it does not allow it."""
    try:
        row.full_clean()
    except ValidationError as fault:
        raise Refused("".join(fault.messages)) from fault
    row.save()
    history.log_change(row, by_id=by.pk, changes=changes)


def _entered(facts: object) -> dict[str, tuple[Any, Any]]:
    """A new row's columns as history keeps them."""
    plain = {key: value.pk if isinstance(value, Model) else value for key, value in vars(facts).items()}
    return {key: (None, value) for key, value in plain.items() if value not in (None, "", [], {})}


# Official results ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ResultFacts:
    """A published result: the score, or the rank and whom it is among (`pool`, `among` how many), with its source.

    `ours` is our own score for that test and `ours_margin` its margin, in points; what bias is learnt from.
    """

    scheme: Scheme
    year: int
    source: str
    front: str = Front.TOTAL
    score: Decimal | None = None
    rank: int | None = None
    pool: str = ""
    among: int | None = None
    ours: Decimal | None = None
    ours_margin: Decimal | None = None


@transaction.atomic
def enter_result(facts: ResultFacts, *, by: Person, row: OfficialResult | None = None) -> OfficialResult:
    """Enters or mends an official result; where ours is not given, our last kept score for that test is taken.

    Sent twice it is there once. Raises Refused where neither score nor rank is given, or such a result is there already.
    """
    _may(by)
    if facts.score is None and facts.rank is None:
        raise Refused(_("得分和名次都没有填。至少填一项，另一项不知道就空着。"))
    if facts.rank is not None and facts.among is not None and facts.rank > facts.among:
        raise Refused(
            _("名次 %(rank)d 大于参评数 %(among)d。核对两个数。") % {"rank": facts.rank, "among": facts.among}
        )
    if facts.ours_margin is not None and (facts.ours is None or facts.ours_margin < 0):
        raise Refused(_("我们的误差要与我们的得分一起填，不小于 0。"))
    if facts.year > timezone.localdate().year:
        raise Refused(_("%(year)d 年还没有到。核对年度。") % {"year": facts.year})
    Scheme.objects.select_for_update().get(pk=facts.scheme.pk)  # one writer: sent twice at once makes one row
    values = dict(vars(facts))
    if facts.ours is None and facts.score is not None and row is None:
        values["ours"], values["ours_margin"] = our_score(facts.scheme, facts.year, facts.front)
    others = OfficialResult.objects.filter(scheme=facts.scheme, year=facts.year, front=facts.front)
    if row is not None:
        others = others.exclude(pk=row.pk)
    same = others.filter(pool=facts.pool).first()
    if same is not None:
        if row is None and all(getattr(same, k) == v for k, v in values.items()):
            return same
        raise Refused(_("%(year)d 年这一项在同一排名范围内已有结果。打开那一条修改。") % {"year": facts.year})
    if facts.score is not None and others.filter(score__isnull=False).exists():
        raise Refused(_("%(year)d 年这一项已有得分。打开那一条修改，或这里只填名次。") % {"year": facts.year})
    return _keep_result(values, row, by)


def _keep_result(values: dict[str, Any], row: OfficialResult | None, by: Person) -> OfficialResult:
    if row is None:
        made = OfficialResult(**values)
        plain = {
            k: (None, v.pk if isinstance(v, Model) else v) for k, v in values.items() if v not in (None, "")
        }
        _save(made, by, plain)
        return made
    row = OfficialResult.objects.select_for_update().get(pk=row.pk)
    changes = {}
    for key, value in values.items():
        old = getattr(row, key)
        if old != value:
            changes[key] = tuple(v.pk if isinstance(v, Model) else v for v in (old, value))
            setattr(row, key, value)
    _save(row, by, changes)
    return row


# The negative list ------------------------------------------------------------------------------------


def months_later(day: dt.date, months: int) -> dt.date:
    """The same day so many months on; the last of the month where it has no such day (31 January + 1: 28 February)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


@dataclass(frozen=True)
class IncidentFacts:
    """An event: under which entry, when, what, by which document; `points` and `expires_on` as the entry says unless given."""

    rule: NegativeRule
    on: dt.date
    what: str
    document: str
    points: Decimal | None = None
    expires_on: dt.date | None = None


@transaction.atomic
def register_incident(facts: IncidentFacts, *, by: Person) -> Incident:
    """Registers an event of the negative list; the same event (entry, day, document) sent twice is registered once."""
    _may(by)
    if not facts.document.strip() or not facts.what.strip():
        raise Refused(_("情况和依据文件都要写。没有文件的，等文件到了再登记。"))
    if facts.on > timezone.localdate():
        raise Refused(_("日期还没有到。核对日期。"))
    expires = facts.expires_on or months_later(facts.on, facts.rule.months)
    if expires <= facts.on:
        raise Refused(_("失效日期要晚于发生日期。核对日期。"))
    points = facts.rule.points if facts.points is None else facts.points
    if points < 0:
        raise Refused(_("扣分不能小于 0。写扣去的分数，不加负号。"))
    NegativeRule.objects.select_for_update().get(pk=facts.rule.pk)  # one writer of this entry
    old = Incident.objects.filter(
        rule=facts.rule, on=facts.on, document=facts.document, lifted_reason=""
    ).first()
    if old is not None:
        return old
    row = Incident(
        rule=facts.rule,
        on=facts.on,
        what=facts.what,
        document=facts.document,
        points=points,
        expires_on=expires,
    )
    entered = _entered(facts) | {"points": (None, points), "expires_on": (None, expires)}
    _save(row, by, entered)
    return row


@transaction.atomic
def lift_incident(incident: Incident, *, reason: str, by: Person) -> Incident:
    """Takes an event off the forecast with a reason; the event stays in the list. Lifting twice changes nothing."""
    _may(by)
    reason = reason.strip()
    if not reason:
        raise Refused(_("撤销要写明原因和依据。"))
    row = Incident.objects.select_for_update().get(pk=incident.pk)
    if row.lifted_reason:
        return row
    row.lifted_reason = reason
    _save(row, by, {"lifted_reason": ("", reason)})
    return row


# The rule of scoring ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class RuleFacts:
    """How a score is put together: `fronts` and `years` in per cent, each adding up to 100; see models.ScoreRule."""

    edition: Edition
    fronts: dict[str, str]
    source: str
    years: tuple[str, ...] = ()
    first_year: int | None = None
    minors: Edition | None = None
    minors_share: Decimal = Decimal()
    minors_floor: Decimal | None = None
    goal: Decimal | None = None
    confidence: Decimal = Decimal("0.950")
    missing: str = "skip"
    prior_spread: Decimal | None = None

    @property
    def columns(self) -> dict[str, Any]:
        return {**vars(self), "years": list(self.years)}


def _check_rule(facts: RuleFacts) -> None:
    for title, weights in (
        (_("三条线权重"), list(facts.fronts.values())),
        (_("三年权重"), list(facts.years)),
    ):
        total = sum((Decimal(weight) for weight in weights), Decimal())
        if any(Decimal(weight) < 0 for weight in weights) or (weights and total != 100):
            raise Refused(
                _("%(title)s合计 %(total)s，应是 100。改到合计 100。") % {"title": title, "total": total}
            )
    if facts.minors and facts.minors.scheme.kind != SchemeKind.MINORS:
        raise Refused(_("未成年人体系要选未成年人类的版本。"))
    if not 0 <= facts.minors_share < 100 or (facts.minors_share and not facts.minors):
        raise Refused(_("未成年人占比在 0 到 100 之间；有占比就要选未成年人体系。"))
    if not Decimal("0.5") <= facts.confidence < 1:
        raise Refused(_("置信水平写 0.5 到 1 之间的小数，例如 0.95。"))
    if facts.prior_spread is not None and facts.prior_spread <= 0:
        raise Refused(_("未校准时的离散要大于 0；不知道就空着。"))
    if facts.years and facts.first_year is None:
        raise Refused(_("有三年权重就要写周期首年。"))


@transaction.atomic
def make_rule_version(facts: RuleFacts, *, by: Person) -> ScoreRule:
    """Puts a new version of the edition's rule in force; older versions stay as they were, with the forecasts made by them.

    The same rule sent twice makes one version. Raises Refused for weights that do not add up to 100.
    """
    _may(by)
    _check_rule(facts)
    Edition.objects.select_for_update().get(
        pk=facts.edition.pk
    )  # one writer: sent twice at once makes one version
    rows = ScoreRule.objects.filter(edition=facts.edition)
    last = rows.order_by("-version").first()
    if last and last.is_current and all(getattr(last, key) == value for key, value in facts.columns.items()):
        return last
    row = ScoreRule(**facts.columns, version=last.version + 1 if last else 1)
    try:
        scoring_rule(row)
    except ValueError as fault:  # the arithmetic refuses what the sentences above did not foresee
        raise Refused(_("这套权重算不出得分。核对权重和年份。")) from fault
    for old in rows.filter(is_current=True):
        old.is_current = False
        _save(old, by, {"is_current": (True, False)})
    _save(row, by, _entered(facts))
    return row
