"""The rates of digital city management for any period: each declared once, counted and opened by one wording.

Names after GB/T 30428.4 as two systems in use print them; formulas are the plain ones. [K] marks what must be
checked against the standard's own text before a figure is published outside. What all of them share:

* A case is counted once, however often it was sent back or reworked [K: some cities count times].
* Three cohorts: cases *reported* in the period (上报), cases whose fix limit *ends* in it (应处置, 应结案), and
  cases looked at again in it (抽查). A case the day before its limit is in nobody's denominator yet.
* A limit moved by an extension counts where it ends now. Cases voided, merged into another or put on hold
  (挂账) owe nothing and are left out [K].
* Done counts only when done before the period's end, so that a past month does not become better by later work.
* 按期 compares the last answer with the fix limit; time the checkers take is not the unit's.
* A unit has a case from dispatch; 立案率, 有效上报率, 重复案件率 and 回退率 are about the time before, so the table
  by unit leaves them out: a case sent back is no longer with the unit that sent it back.
* A post's cases are those whose last dispatch (or last check) it made; nobody is counted for a stand-in's steps.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db.models import BigIntegerField, Count, F, Func, OuterRef, Q, QuerySet, Subquery, Sum
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chuangwen.kernel.models import Entry, Person, Place, Unit
from chuangwen.kernel.scoring.rates import Mean, Rate
from chuangwen.problems import rules
from chuangwen.problems.models import Case, CaseKind, State

# Readers see all, a unit's own people their unit; opened lists are cut by `rules.see_case` as well.
see_rates = rules.reader | rules.responsible


class Period(NamedTuple):
    """From the first moment of one day to the first moment after another."""

    start: dt.datetime
    end: dt.datetime


def days(first: dt.date, last: dt.date) -> Period:
    """From one day to another, both whole, in the city's time. Raises ValueError when turned round."""
    if last < first:
        raise ValueError("a period ends after it begins")
    at = [
        timezone.make_aware(dt.datetime.combine(day, dt.time()))
        for day in (first, last + dt.timedelta(days=1))
    ]
    return Period(*at)


DONE = Q(state__in=[State.CLOSED, State.SPOT])
FILED = ~Q(state__in=[State.REPORTED, State.VERIFIED, State.VOID, State.MERGED])


def _within(column: str) -> Callable[[Period], Q]:
    return lambda period: Q(**{f"{column}__gte": period.start, f"{column}__lt": period.end})


def _due(period: Period) -> Q:
    return _within("fix_due_at")(period) & ~Q(state__in=[State.VOID, State.MERGED, State.HELD])


COHORTS: dict[str, Callable[[Period], Q]] = {
    "reported": _within("reported_at"), "due": _due, "spot": _within("spotted_at"),
}  # fmt: skip


def _all(period: Period) -> Q:
    return Q()


def _fixed(period: Period) -> Q:
    return Q(state__in=[State.ANSWERED, State.CLOSED, State.SPOT], answered_at__lt=period.end)


def _answered(period: Period) -> Q:
    return Q(answered_at__lt=period.end)


def _closed(period: Period) -> Q:
    return DONE & Q(closed_at__lt=period.end)


def _in_time(part: Callable[[Period], Q]) -> Callable[[Period], Q]:
    return lambda period: part(period) & Q(answered_at__lte=F("fix_due_at"))


def _plain(q: Q) -> Callable[[Period], Q]:
    return lambda period: q


@dataclass(frozen=True)
class Declared:
    """One rate; the part is always taken within the whole, the whole within the cohort."""

    code: str
    label: str | Promise
    part_text: str | Promise
    whole_text: str | Promise
    cohort: str
    part: Callable[[Period], Q]
    whole: Callable[[Period], Q] = _all
    subjects: tuple[str, ...] = ("street", "unit", "kind")
    good_is_high: bool = True


AREAS = ("street", "kind")
RATES = (
    Declared("filed", _("立案率"), _("立案且没有作废、并案的"), _("本期上报的案件"), "reported", _plain(FILED), subjects=AREAS),
    Declared("valid", _("有效上报率"), _("核实属实的，并案的也算"), _("本期上报的案件"), "reported",
             _plain(~Q(state__in=[State.REPORTED, State.VOID])), subjects=AREAS),
    Declared("repeated", _("重复案件率"), _("并入别的案件的"), _("本期上报的案件"), "reported",
             _plain(Q(state=State.MERGED)), subjects=AREAS, good_is_high=False),
    Declared("accurate", _("准确派遣率"), _("只派过一次、没有退回的"), _("本期上报、派遣过的案件"), "reported",
             _plain(Q(passes=1, returns=0)), _plain(Q(passes__gte=1)), ("street", "kind", "dispatcher")),
    Declared("returned", _("回退率"), _("被退回过的，一案算一次"), _("本期上报、派遣过的案件"), "reported",
             _plain(Q(returns__gte=1)), _plain(Q(passes__gte=1)), ("street", "kind", "dispatcher"), False),
    Declared("fixed", _("处置率"), _("期末前已反馈、没有被退回整改的"), _("本期到期应处置的案件"), "due", _fixed),
    Declared("fixed_in_time", _("按期处置率"), _("在处置期限内反馈的"), _("本期到期应处置的案件"), "due", _in_time(_fixed)),
    Declared("closed", _("结案率"), _("期末前已销号的"), _("本期到期应结案的案件"), "due", _closed),
    Declared("closed_in_time", _("按期结案率"), _("已销号、反馈没有超过处置期限的"), _("本期到期应结案的案件"), "due", _in_time(_closed)),
    Declared("reworked", _("返工率"), _("被退回整改过的，一案算一次"), _("本期到期、期末前反馈过的案件"), "due",
             _plain(Q(reworks__gte=1)), _answered, good_is_high=False),
    Declared("passed", _("核查通过率"), _("一次核查就通过的"), _("本期到期、核查过的案件"), "due",
             _plain(DONE & Q(reworks=0)), _plain(DONE | Q(reworks__gte=1)), ("street", "unit", "kind", "checker")),
    Declared("recurred", _("复发率"), _("同一处同类问题销号后又发生的"), _("本期到期应处置的案件"), "due",
             _plain(Q(recurs_of__isnull=False)), good_is_high=False),
    Declared("spot_good", _("抽查合格率"), _("最近一次抽查合格的"), _("本期抽查过的案件"), "spot",
             _plain(Q(spot_failed=False)), subjects=("street", "unit", "kind", "checker")),
)  # fmt: skip
BY_CODE = {rate.code: rate for rate in RATES}


class Subject(NamedTuple):
    """What a table has one row for: `column` on the case, or the step whose last taker it is."""

    code: str
    label: Promise
    column: str
    model: Any
    steps: tuple[str, ...] = ()


SUBJECTS = {
    subject.code: subject
    for subject in (
        Subject("unit", _("单位"), "unit_id", Unit),
        Subject("street", _("镇街"), "street_id", Place),
        Subject("kind", _("类别"), "kind_id", CaseKind),
        Subject("dispatcher", _("派遣员"), "person_id", Person, ("dispatch", "reassign", "decide")),
        Subject("checker", _("核查员"), "person_id", Person, ("pass", "reject", "spot_pass", "spot_fail")),
    )
}


@dataclass
class Line:
    """One row: the subject's key and name, its rates by code, its mean time from dispatch to answer."""

    key: int | None
    name: str
    rates: dict[str, Rate] = field(default_factory=dict)
    mean: Mean = field(default_factory=lambda: Mean(0, 0))


def rates_of(subject: str) -> list[Declared]:
    """The rates that mean something for that subject, in the order of the table."""
    return [rate for rate in RATES if subject in rate.subjects]


def cases_of(
    code: str, side: str, period: Period, *, person: Person, subject: str = "", key: int | None = None
) -> QuerySet[Case]:
    """The cases a figure was made of: `side` is "part" or "whole"; with a subject, those of its `key` (None: of nobody).

    Raises KeyError for an unknown rate, side or subject.
    """
    rate = BY_CODE[code]
    q = {"whole": rate.whole, "part": lambda p: rate.whole(p) & rate.part(p)}[side](period)
    rows = _cohort(rate.cohort, period, person, SUBJECTS[subject] if subject else None).filter(q)
    if subject:
        column = SUBJECTS[subject].column
        rows = rows.filter(**({column: key} if key is not None else {f"{column}__isnull": True}))
    return rules.see_case.filter(rows, person)


def _cohort(cohort: str, period: Period, person: Person, subject: Subject | None) -> QuerySet[Case]:
    rows = see_rates.filter(Case.objects.filter(COHORTS[cohort](period)), person)
    if subject is not None and subject.steps:
        last = Entry.objects.filter(
            subject="problems.case", subject_id=OuterRef("pk"), step__in=subject.steps
        )
        rows = rows.annotate(person_id=Subquery(last.order_by("-seq").values("by_id")[:1]))
    return rows


class _Moment(Func):
    """A moment in whole seconds; both engines count in C, Django's own difference is a Python call per row on SQLite."""

    output_field = BigIntegerField()

    def as_sqlite(self, compiler: Any, connection: Any, **more: Any) -> Any:
        return self.as_sql(
            compiler, connection, template="CAST(strftime('%%%%s', %(expressions)s) AS INTEGER)", **more
        )

    def as_postgresql(self, compiler: Any, connection: Any, **more: Any) -> Any:
        return self.as_sql(
            compiler, connection, template="FLOOR(EXTRACT(EPOCH FROM %(expressions)s))::bigint", **more
        )


def table(subject: str, period: Period, *, person: Person) -> list[Line]:
    """Every rate of one subject: one aggregate query per cohort, one for the names. Raises KeyError for an unknown subject."""
    about = SUBJECTS[subject]
    wanted = rates_of(subject)
    lines: dict[int | None, Line] = {}
    for cohort in dict.fromkeys(rate.cohort for rate in wanted):
        here = [rate for rate in wanted if rate.cohort == cohort]
        for row in _counted(about, cohort, here, period, person):
            key = row[about.column]
            line = lines.setdefault(key, Line(key, ""))
            for rate in here:
                line.rates[rate.code] = Rate(row[f"{rate.code}_part"], row[f"{rate.code}_whole"])
            if "fixed_part" in row:
                line.mean = Mean(row["seconds"] or 0, row["fixed_part"])
    _name(about, lines)
    for line in lines.values():
        for rate in wanted:
            line.rates.setdefault(rate.code, Rate(0, 0))
    return sorted(lines.values(), key=lambda line: (line.key is None, line.name))


def _counted(
    about: Subject, cohort: str, rates: Sequence[Declared], period: Period, person: Person
) -> list[dict[str, Any]]:
    """One aggregate query; what several rates share is counted once."""
    counts: dict[str, Any] = {}
    names: dict[str, str] = {}  # figure -> the column that counts it

    def count(figure: str, q: Q) -> None:
        name = next((name for name, known in counts.items() if known == q), None)
        if name is None:
            name = f"n{len(counts)}"
            counts[name] = q
        names[figure] = name

    for rate in rates:
        whole = rate.whole(period)
        count(f"{rate.code}_whole", whole)
        count(f"{rate.code}_part", whole & rate.part(period))
    wanted: dict[str, Any] = {name: Count("pk", filter=q) if q else Count("*") for name, q in counts.items()}
    if "fixed_part" in names:
        took = _Moment("answered_at") - _Moment("assigned_at")
        wanted["seconds"] = Sum(took, filter=_fixed(period))
    rows = _cohort(cohort, period, person, about).order_by().values(about.column)
    return [
        {**row, **{figure: row[name] for figure, name in names.items()}} for row in rows.annotate(**wanted)
    ]


def _name(about: Subject, lines: dict[int | None, Line]) -> None:
    found = about.model._default_manager.in_bulk([key for key in lines if key is not None])
    for key, line in lines.items():
        line.name = str(found[key]) if key is not None else str(_("未定"))


def total(lines: Sequence[Line]) -> Line:
    """All lines together: numerators and denominators added, never a mean of percents."""
    whole = Line(None, str(_("合计")))
    for code in {code for line in lines for code in line.rates}:
        rates = [line.rates[code] for line in lines]
        whole.rates[code] = Rate(sum(r.numerator for r in rates), sum(r.denominator for r in rates))
    whole.mean = Mean(sum(line.mean.seconds for line in lines), sum(line.mean.count for line in lines))
    return whole


def one(code: str, period: Period, *, person: Person) -> Rate:
    """One rate over all cases of a period, as the table has it in its total; one query. Raises KeyError for an unknown rate."""
    rate = BY_CODE[code]
    whole = rate.whole(period)
    rows = _cohort(rate.cohort, period, person, None).order_by()
    found = rows.aggregate(
        part=Count("pk", filter=whole & rate.part(period)), whole=Count("pk", filter=whole) if whole else Count("*")
    )
    return Rate(found["part"], found["whole"])


class OpenLine(NamedTuple):
    """Open cases of one kind, and how many of them are over their limit."""

    key: int | None
    name: str
    late: Rate


def open_by_kind(now: dt.datetime, *, person: Person) -> list[OpenLine]:
    """Open cases by kind with the share over their limit at `now`; most late first. Two queries."""
    late = Q(due_at__lt=now, is_paused=False)
    rows = see_rates.filter(Case.objects.filter(closed_at__isnull=True), person).order_by().values("kind_id")
    # Not of the key: so the index of open cases answers alone, without the rows.
    found = list(rows.annotate(n=Count("*"), late=Count("due_at", filter=late)))
    kinds = CaseKind.objects.in_bulk([row["kind_id"] for row in found if row["kind_id"]])
    lines = [
        OpenLine(row["kind_id"], str(kinds.get(row["kind_id"], _("类别未定"))), Rate(row["late"], row["n"]))
        for row in found
    ]
    return sorted(lines, key=lambda line: (-line.late.numerator, -line.late.denominator, line.name))


def open_cases(now: dt.datetime, side: str, *, person: Person, kind: int | None) -> QuerySet[Case]:
    """The open cases of one kind (None: kind not settled): "whole" all, "part" those over their limit."""
    rows = see_rates.filter(Case.objects.filter(closed_at__isnull=True, kind_id=kind), person)
    if side == "part":
        rows = rows.filter(due_at__lt=now, is_paused=False)
    return rules.see_case.filter(rows, person)
