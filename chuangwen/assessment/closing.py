"""Closing a month: who is ranked, and what is counted for them, frozen row by row; late facts count in the next close.

What is late is decided in docs/decisions/0019.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen.assessment import rules
from chuangwen.assessment.counting import recount, weighed
from chuangwen.assessment.measures import MEASURES, Measure
from chuangwen.assessment.ranked_subjects import Ranked, ranked
from chuangwen.assessment.ranking_flow import RankingFlow
from chuangwen.assessment.ranking_models import Ranking, RankLine, RankRule, RankState
from chuangwen.kernel.models import Person
from chuangwen.kernel.workflow.flow import NotAllowed, Refused
from chuangwen.problems.rates import Period, days

# How many closed months a late fact is looked for in.
LATE_MONTHS = 12


def close_month(
    subject: str,
    first_day: dt.date,
    *,
    by: Person,
    rule: RankRule | None = None,
    at: dt.datetime | None = None,
) -> Ranking:
    """Counts one subject's month as a draft; the ranking of that month that is there already is given back as it is.

    `first_day` is any day of the month. `at` is the moment of closing, now unless given; what is counted ends with the
    month, or at that moment where it is earlier. `rule` is the version in force for the month unless given. Raises
    NotAllowed for anybody but the office, Refused for a month that has not begun or a subject without a rule.
    """
    if not rules.edit.allows(by, None):
        raise NotAllowed(_("只有创建办能算月排名。找创建办办理。"))
    month = first_day.replace(day=1)
    whole = month_period(month)
    moment = at or timezone.now()
    cutoff = min(whole.end, moment)
    if cutoff <= whole.start:
        raise Refused(_("%(month)s 还没有开始，没有可算的。") % {"month": f"{month:%Y-%m}"})
    before = _existing(subject, month)
    if before is not None:
        return before
    chosen = rule or rule_for(subject, month)
    _check(chosen, subject)
    with transaction.atomic():
        RankRule.objects.select_for_update().get(pk=chosen.pk)  # one close of this subject at a time
        return _existing(subject, month) or _closed(subject, month, chosen, cutoff, by, moment)


def month_period(month: dt.date) -> Period:
    """One calendar month, in the city's time."""
    return days(month.replace(day=1), next_month(month) - dt.timedelta(days=1))


def next_month(month: dt.date, by: int = 1) -> dt.date:
    """The first day of the month so many months on (below 0: back)."""
    year, index = divmod(month.year * 12 + month.month - 1 + by, 12)
    return dt.date(year, index + 1, 1)


def rule_for(subject: str, month: dt.date) -> RankRule:
    """The version of the subject's rule in force at the end of that month. Raises Refused where there is none."""
    rows = RankRule.objects.filter(subject=subject, from_on__lt=next_month(month), is_current=True)
    found = rows.order_by("-from_on", "-pk").first()
    if found is None:
        raise Refused(
            _("%(month)s 没有在用的考核规则。先在考核规则里起用一版。") % {"month": f"{month:%Y-%m}"}
        )
    return found


def _existing(subject: str, month: dt.date) -> Ranking | None:
    rows = Ranking.objects.filter(subject_kind=subject, month=month).exclude(state=RankState.VOID)
    return rows.first()


def _check(rule: RankRule, subject: str) -> None:
    """The rule is of this subject and asks only for what there is."""
    if rule.subject != subject:
        raise Refused(_("规则 %(rule)s 不是这个排名对象的。换一版规则。") % {"rule": rule})
    unknown = [
        row["code"]
        for row in rule.measures
        if subject not in getattr(MEASURES.get(row["code"]), "subjects", ())
    ]
    if unknown:
        raise Refused(
            _("规则 %(rule)s 里的指标 %(codes)s 不能用于这个排名对象。改规则。")
            % {"rule": rule, "codes": "、".join(unknown)}
        )
    try:
        weighed(rule)
    except (ValueError, ZeroDivisionError, KeyError) as fault:
        raise Refused(_("规则 %(rule)s 的权重或上下限不能计算。改规则。") % {"rule": rule}) from fault


def _closed(
    subject: str, month: dt.date, rule: RankRule, cutoff: dt.datetime, by: Person, at: dt.datetime
) -> Ranking:
    whole = month_period(month)
    people = ranked(subject, month, next_month(month) - dt.timedelta(days=1))
    ranking = Ranking(
        subject_kind=subject, month=month, rule=rule, cutoff_at=cutoff, state=RankState.DRAFT, created_at=at,
        is_sample=rule.is_sample,
    )  # fmt: skip
    ranking.save(force_insert=True)
    made = RankingFlow.by_code["make"]
    told = {"subject": subject, "month": month, "rule": rule.pk, "cutoff": cutoff}
    RankingFlow.record(ranking, made, by=by, cleaned=told, at=at, from_state="")
    RankLine.objects.bulk_create(
        RankLine(ranking=ranking, key=one.key, name=one.name[:80], unit_id=one.unit_id, group_id=one.group_id)
        for one in people
    )
    _fill(ranking, Period(whole.start, cutoff), people)
    recount(ranking)
    return ranking


# Facts ----------------------------------------------------------------------------------------------


def _fill(ranking: Ranking, period: Period, people: list[Ranked]) -> None:
    """One INSERT … SELECT a measure for the month itself, one more for each closed month something may be late from."""
    keys = [one.key for one in people]
    if not keys:
        return
    known, measures = set(keys), [MEASURES[row["code"]] for row in ranking.rule.measures]
    for measure in measures:
        _insert(ranking, measure, period, keys)
    for closed in _closed_before(ranking):
        # Who or what was not ranked then was not forgotten then either.
        then = [key for key in closed.lines.values_list("key", flat=True) if key in known]
        asked = {row["code"] for row in closed.rule.measures}
        for measure in measures:
            if then and measure.code in asked:
                _insert(ranking, measure, month_period(closed.month), then, late_from=closed)


def _closed_before(ranking: Ranking) -> list[Ranking]:
    """The subject's frozen months a fact may be late from, newest first."""
    rows = Ranking.objects.filter(
        subject_kind=ranking.subject_kind, state=RankState.FROZEN, month__lt=ranking.month,
        month__gte=next_month(ranking.month, -LATE_MONTHS),
    )  # fmt: skip
    return list(rows.select_related("rule").order_by("-month"))


# What was last counted of the same thing for the same month and subject: by that month itself or by a later close.
_LAST = """
    SELECT f.value FROM assessment_rankfact f JOIN assessment_ranking r ON r.id = f.ranking_id
    WHERE f.measure = %s AND f.object_id = q.thing AND f.key = q.key AND r.subject_kind = %s AND r.state <> 'void'
        AND (f.ranking_id = %s OR (f.late_from = %s AND f.ranking_id <> %s))
    ORDER BY r.month DESC LIMIT 1
"""


def _insert(
    ranking: Ranking, measure: Measure, period: Period, keys: list[int], late_from: Ranking | None = None
) -> None:
    """The rows of one measure and period as facts of the ranking, in one statement."""
    inner, params = measure.rows(ranking.subject_kind, period).query.sql_with_params()
    marks = ", ".join(["%s"] * len(keys))
    sql = (
        "INSERT INTO assessment_rankfact (ranking_id, measure, key, object_id, value, late_from, objection_id) "
        f"SELECT %s, %s, q.key, q.thing, q.good, %s, NULL FROM ({inner}) q WHERE q.key IN ({marks})"
    )
    month = _date(late_from.month) if late_from else None
    values: list[Any] = [ranking.pk, measure.code, month, *params, *keys]
    if late_from:
        # Not counted for that month yet, or counted with another value.
        sql += f" AND q.good <> COALESCE(({_LAST}), -1)"
        values += [measure.code, ranking.subject_kind, late_from.pk, month, ranking.pk]
    with connection.cursor() as cursor:
        cursor.execute(sql + " ON CONFLICT DO NOTHING", values)


def _date(day: dt.date) -> Any:
    return connection.ops.adapt_datefield_value(day)
