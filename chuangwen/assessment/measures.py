"""What a month's ranking may measure: each a named query of single things, who answers for it, and how good it was.

A measure gives rows (key, object_id, value): whom it counts for, which thing, how good in ten-thousandths. What cases mean
is said once, in `problems.rates`; the same cohorts and the same words are used here. Nothing here reads how much anybody
uses the software, and nothing may (国办函〔2026〕12号; gate `usage_ranking`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import (
    BigIntegerField,
    Case,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Cast, TruncDate
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chuangwen.assessment.counting import FULL
from chuangwen.assessment.ranking_models import RankSubject
from chuangwen.dossier.models import Item
from chuangwen.dossier.models import State as ItemState
from chuangwen.inspections.models import Round, RoundKind, Visit, VisitState
from chuangwen.inspections.models import State as RoundState
from chuangwen.kernel.models import Duty, Entry, Post
from chuangwen.kernel.people.models import DutyKind, Role
from chuangwen.papers.models import PaperState, Receipt, ReceiverPart
from chuangwen.problems import rates
from chuangwen.problems.models import Case as ProblemCase
from chuangwen.problems.rates import Period
from chuangwen.standards.models import DutyNotice, NoticeState
from chuangwen.tasks.models import State as TaskState
from chuangwen.tasks.models import Task

Rows = QuerySet[Any, Any]
CASE, TASK, ITEM, NOTICE, VISIT, RECEIPT = (
    "problems.case", "tasks.task", "dossier.item", "standards.dutynotice", "inspections.visit", "papers.receipt",
)  # fmt: skip
# Visits that judge; guidance is help, and what citizens or deputies say on a tour is an opinion, not a rating.
JUDGING = (RoundKind.PATROL, RoundKind.OPEN, RoundKind.COVERT, RoundKind.MOCK)


@dataclass(frozen=True)
class Measure:
    """One measure: `code` (20 characters at most), what is counted (`part_text`) out of what (`whole_text`), of what things.

    `queries` gives for each subject the rows of a period; see `rows`. `sees` is the kind of thing looked at.
    """

    code: str
    label: str | Promise
    part_text: str | Promise
    whole_text: str | Promise
    sees: str
    queries: Mapping[str, Callable[[Period], Rows]]

    @property
    def subjects(self) -> tuple[str, ...]:
        return tuple(self.queries)

    def rows(self, subject: str, period: Period) -> Rows:
        """(key, object_id, value) of the things of one period as known now: whom (None: nobody), which, how good of 10,000.

        Raises KeyError for a subject it does not measure.
        """
        return self.queries[subject](period).order_by().values_list("key", "thing", "good")


def _good(part: Q) -> Case:
    return Case(When(part, then=Value(FULL)), default=Value(0), output_field=IntegerField())


def _named(rows: Rows, key: Any, good: Any) -> Rows:
    return rows.annotate(key=key, thing=F("pk"), good=good)


def _days(period: Period) -> tuple[dt.date, dt.date]:
    """First day of a period and the day after its last."""
    last = timezone.localdate(period.end - dt.timedelta(microseconds=1))
    return timezone.localdate(period.start), last + dt.timedelta(days=1)


# Cases: cohorts and words of problems.rates ----------------------------------------------------------


def _cases(code: str, period: Period) -> Rows:
    """The cases of one declared rate."""
    rate = rates.BY_CODE[code]
    return ProblemCase.objects.filter(rates.COHORTS[rate.cohort](period) & rate.whole(period))


def _graded(rows: Rows, code: str, period: Period, key: Any) -> Rows:
    """Good are those in the rate's part; in a rate that is good when low, the others."""
    rate = rates.BY_CODE[code]
    part = rate.part(period)
    return _named(rows, key, _good(part if rate.good_is_high else ~part))


def _of_column(code: str, column: str) -> Callable[[Period], Rows]:
    return lambda period: _graded(_cases(code, period), code, period, F(column))


def _of_road(code: str) -> Callable[[Period], Rows]:
    """The unit whose road it was on the day the limit ended."""

    def query(period: Period) -> Rows:
        rows = _cases(code, period).filter(road__isnull=False).alias(limit_on=TruncDate("fix_due_at"))
        held = _holder("road_id", "limit_on", DutyKind.ROAD_CHIEF)
        return _graded(rows, code, period, Subquery(held))

    return query


def _of_taker(code: str, subject: str) -> Callable[[Period], Rows]:
    """The person who last took the post's step, as `problems.rates` has it."""

    def query(period: Period) -> Rows:
        last = Entry.objects.filter(
            subject=CASE, subject_id=OuterRef("pk"), step__in=rates.SUBJECTS[subject].steps
        )
        taker = Subquery(last.order_by("-seq").values("by_id")[:1])
        return _graded(_cases(code, period), code, period, taker)

    return query


def _of_inspector(period: Period) -> Rows:
    """Reports of those who held a post of an inspector in the period."""
    first, after = _days(period)
    posts = Post.objects.filter(person=OuterRef("reporter_id"), role=Role.INSPECTOR, from_on__lt=after)
    held = posts.filter(Q(to_on__isnull=True) | Q(to_on__gte=first))
    return _graded(_cases("valid", period).filter(Exists(held)), "valid", period, F("reporter_id"))


def _holder(place: str, day: str, *kinds: str) -> QuerySet[Any, Any]:
    """The unit that held one of these duties for a row's place on a row's day."""
    held = Duty.objects.filter(
        Q(to_on__isnull=True) | Q(to_on__gte=OuterRef(day)), place=OuterRef(place), kind__in=kinds,
        unit__isnull=False, from_on__lte=OuterRef(day),
    )  # fmt: skip
    return held.order_by("-from_on", "pk").values("unit_id")[:1]


# Tasks, materials, notices, papers -------------------------------------------------------------------


def _last_step(subject: str, *steps: str) -> Subquery:
    """When one of these steps was last taken on a row."""
    entries = Entry.objects.filter(subject=subject, subject_id=OuterRef("pk"), step__in=steps)
    return Subquery(entries.order_by("-seq").values("at")[:1])


def _tasks(period: Period) -> Rows:
    first, after = _days(period)
    given = (TaskState.DOING, TaskState.SUBMITTED, TaskState.DONE)
    rows = Task.objects.filter(due_on__gte=first, due_on__lt=after, state__in=given)
    rows = rows.alias(handed=_last_step(TASK, "submit"), handed_on=TruncDate("handed"))
    in_time = Q(state__in=(TaskState.SUBMITTED, TaskState.DONE), handed_on__lte=F("due_on"))
    return _named(rows, F("unit_id"), _good(in_time))


def _items(period: Period) -> Rows:
    """Materials with the reviewers are nobody's yet: they count when decided, in the next month where that is later."""
    first, after = _days(period)
    decided = (ItemState.DRAFT, ItemState.UNIT_CHECK, ItemState.ACCEPTED)
    rows = Item.objects.filter(due_on__gte=first, due_on__lt=after, state__in=decided)
    return _named(rows, F("unit_id"), _good(Q(state=ItemState.ACCEPTED, sent_at__lt=period.end)))


def _notices(period: Period) -> Rows:
    first, after = _days(period)
    sent = (NoticeState.ISSUED, NoticeState.RECEIVED, NoticeState.REPLIED)
    rows = DutyNotice.objects.filter(reply_on__gte=first, reply_on__lt=after, state__in=sent)
    rows = rows.alias(replied=_last_step(NOTICE, "reply"), replied_on=TruncDate("replied"))
    return _named(rows, F("unit_id"), _good(Q(state=NoticeState.REPLIED, replied_on__lte=F("reply_on"))))


def _receipts(period: Period) -> Rows:
    first, after = _days(period)
    rows = Receipt.objects.filter(
        paper__state=PaperState.ISSUED,
        paper__reply_on__gte=first,
        paper__reply_on__lt=after,
        part=ReceiverPart.MAIN,
    )
    in_time = Q(replied_on__lte=F("paper__reply_on"))
    return _named(rows.alias(replied_on=TruncDate("replied_at")), F("unit_id"), _good(in_time))


# Visits ----------------------------------------------------------------------------------------------


def _visits(period: Period, key: Any) -> Rows:
    """First ratings of rounds made known in the period: a round one may not know of is in no score (decision 0014)."""
    # A list of rounds, not a join: the index of visits by round then serves, where a join would read all visits.
    told = Round.objects.filter(
        released_at__gte=period.start, released_at__lt=period.end, state=RoundState.RELEASED, kind__in=JUDGING
    )
    rows = Visit.objects.filter(
        round__in=told,
        state=VisitState.DONE,
        is_second=False,
        full__gt=0,
        points__gte=0,
        points__lte=F("full"),
    )
    share = Cast("points", BigIntegerField()) * (2 * FULL) + F("full")
    # Whole numbers: half a ten-thousandth is rounded up.
    return _named(rows, key, Cast(share / (Cast("full", BigIntegerField()) * 2), IntegerField()))


def _of_place(place: str, *kinds: str) -> Callable[[Period], Rows]:
    """The unit that answered for the place on the day of the visit."""
    return lambda period: _visits(period, Subquery(_holder(place, "day", *kinds)))


def _of_street(period: Period) -> Rows:
    return _visits(period, F("street_id"))


UNIT, STREET, ROAD, DISPATCHER, CHECKER, INSPECTOR = (
    RankSubject.UNIT.value, RankSubject.STREET.value, RankSubject.ROAD_CHIEF.value, RankSubject.DISPATCHER.value,
    RankSubject.CHECKER.value, RankSubject.INSPECTOR.value,
)  # fmt: skip
ALL = (
    Measure("fixed_in_time", _("按期处置"), _("在处置期限内反馈的"), _("本月到期应处置的案件"), CASE,
            {UNIT: _of_column("fixed_in_time", "unit_id"), STREET: _of_column("fixed_in_time", "street_id"),
             ROAD: _of_road("fixed_in_time")}),
    Measure("passed_first", _("一次合格"), _("一次核查就通过的"), _("本月到期、核查过的案件"), CASE,
            {UNIT: _of_column("passed", "unit_id"), STREET: _of_column("passed", "street_id"), ROAD: _of_road("passed")}),
    Measure("not_recurred", _("未复发"), _("不是同一处同类问题销号后又发生的"), _("本月到期应处置的案件"), CASE,
            {UNIT: _of_column("recurred", "unit_id"), STREET: _of_column("recurred", "street_id"),
             ROAD: _of_road("recurred")}),
    Measure("tasks_in_time", _("任务按期"), _("在期限内报验收、没有被退回的"), _("本月到期的任务"), TASK, {UNIT: _tasks}),
    Measure("dossier_whole", _("材料完整"), _("入卷的"), _("本月应报送、已有审核结论或还没报的材料"), ITEM, {UNIT: _items}),
    Measure("notices_replied", _("提示通知按期回复"), _("在回复期限内回复的"), _("本月应回复的提示通知"), NOTICE,
            {UNIT: _notices}),
    Measure("site_score", _("实地得分"), _("得到的分"), _("本月公布的考察中首次评分的满分"), VISIT,
            {UNIT: _of_place("place_id", DutyKind.SITE_UNIT, DutyKind.ROAD_CHIEF, DutyKind.AREA_UNIT),
             STREET: _of_street, ROAD: _of_place("place__road_id", DutyKind.ROAD_CHIEF)}),
    Measure("papers_replied", _("公文按期回复"), _("在回复期限内回复的"), _("本月应回复的公文，主送单位"), RECEIPT,
            {UNIT: _receipts}),
    Measure("accurate", _("准确派遣"), _("只派过一次、没有退回的"), _("本月上报、派遣过的案件"), CASE,
            {DISPATCHER: _of_taker("accurate", "dispatcher")}),
    Measure("spot_good", _("抽查合格"), _("最近一次抽查合格的"), _("本月抽查过的案件"), CASE,
            {CHECKER: _of_taker("spot_good", "checker")}),
    Measure("valid_reports", _("有效上报"), _("核实属实的，并案的也算"), _("本月上报的案件"), CASE,
            {INSPECTOR: _of_inspector}),
)  # fmt: skip
MEASURES = {measure.code: measure for measure in ALL}


def measures_of(subject: str) -> list[Measure]:
    """The measures that can be asked of that subject, in their order."""
    return [measure for measure in ALL if subject in measure.queries]
