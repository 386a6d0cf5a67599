"""How things stand now, in figures for a screen on the wall: load by place, today's in and out, the ladder, hot spots."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from typing import NamedTuple

from django.db import connection
from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chuangwen.kernel.models import Person
from chuangwen.kernel.scoring.rates import Rate
from chuangwen.problems import ladder, rates, rules
from chuangwen.problems.models import AUTOMATIC, Case, LadderAction

HOT_AMONG = 200  # the most overdue open recurrences that are looked through
TIMES = 50  # as far back as `routing.times_recurred` walks


class Load(NamedTuple):
    """Open cases, and how many of them are over their limit."""

    open: int = 0
    late: int = 0

    def __add__(self, other: object) -> Load:
        if not isinstance(other, Load):
            return NotImplemented
        return Load(self.open + other.open, self.late + other.late)


def _open_parts(person: Person) -> list[QuerySet[Case]]:
    """Open cases he may see, as those in a street and those in none; both together are all.

    Said apart, because only so SQLite answers from the index of open cases by street without looking at the rows.
    """
    seen = rules.see_case.filter(Case.objects.filter(closed_at__isnull=True), person).order_by()
    return [seen.filter(street_id__gt=0), seen.filter(street__isnull=True)]


def load_by(column: str, person: Person, now: dt.datetime) -> dict[int | None, Load]:
    """Open and late cases he may see by "street_id" or "site_id"; two queries over open cases.

    The key None has those that lie in no such place: the values add up to all open cases.
    """
    late, loads = Q(is_paused=False, due_at__lt=now), defaultdict[int | None, Load](Load)
    for rows in _open_parts(person):
        # Not of the key, and without the states: so the index of open cases answers alone.
        for row in rows.values(column).annotate(n=Count("*"), late=Count("due_at", filter=late)):
            loads[row[column]] += Load(row["n"], row["late"])
    return dict(loads)


def start_of_day(now: dt.datetime) -> dt.datetime:
    return timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)


def reported_today(person: Person, now: dt.datetime) -> QuerySet[Case]:
    """Cases reported since midnight that he may see, the latest first."""
    rows = Case.objects.filter(reported_at__gte=start_of_day(now), reported_at__lte=now)
    return rules.see_case.filter(rows, person).order_by("-reported_at", "-pk")


def closed_today(person: Person, now: dt.datetime) -> QuerySet[Case]:
    """Cases closed (销号) since midnight that he may see, the latest first; voided and merged ones are not closed."""
    rows = Case.objects.filter(rates.DONE, closed_at__gte=start_of_day(now), closed_at__lte=now)
    return rules.see_case.filter(rows, person).order_by("-closed_at", "-pk")


class MonthRate(NamedTuple):
    """A rate of one month."""

    month: dt.date
    rate: Rate


def in_time_last_month(person: Person, today: dt.date) -> MonthRate:
    """按期处置率 of the month before `today`, as the table of rates has it in its total (one query)."""
    end = today.replace(day=1) - dt.timedelta(days=1)
    first = end.replace(day=1)
    return MonthRate(first, rates.one("fixed_in_time", rates.days(first, end), person=person))


class Step(NamedTuple):
    """One step of the ladder and how many open cases stand on it as their highest."""

    code: str
    label: str
    count: int  # type: ignore[assignment]  # tuple.count is of no use here


REMINDED = "reminded"


def on_ladder(person: Person) -> list[Step]:
    """Open cases by the highest step of the ladder they have reached in this round; three queries.

    A step counts from when it was prepared for signature, unless it was dropped. What goes to the discipline body
    is left out: not everybody who reads these figures may learn of it (`rules.see_handover`).
    """
    seen = rules.see_case.filter(Case.objects.filter(closed_at__isnull=True), person).order_by()
    shown: list[LadderAction] = [
        action for action in LadderAction if action not in (*AUTOMATIC, LadderAction.DISCIPLINE)
    ]
    tops = seen.filter(
        Q(prepared__is_signed=True) | Q(prepared__decided_at__isnull=True),
        prepared__round=F("round"), prepared__rung__action__in=shown,
    )  # fmt: skip
    highest: dict[int, int] = {}
    reminded = sum(rows.filter(rung__gt=0).count() for rows in _open_parts(person))
    for pk, taken, action in tops.values_list("pk", "rung", "prepared__rung__action"):
        if pk not in highest and taken:
            reminded -= 1
        highest[pk] = max(highest.get(pk, 0), shown.index(LadderAction(action)))
    counts, used = Counter(highest.values()), {rung.action for rung in ladder.rungs()}
    steps = [Step(str(a), str(a.label), counts[at]) for at, a in enumerate(shown) if a in used]
    return [Step(REMINDED, str(_("提醒")), reminded), *steps]


class Spot(NamedTuple):
    """One open case that came again, and the how manieth time it is."""

    case: Case
    times: int

    @property
    def where(self) -> str:
        return str(self.case.site or self.case.road or self.case.address or self.case.street or "")


def hot_spots(person: Person, now: dt.datetime, most: int = 3) -> list[Spot]:
    """Open recurrences, those that came most often first, then the longest over their limit; one of each place and kind.

    Three queries; looked through are the HOT_AMONG whose limit ended first.
    """
    rows = Case.objects.filter(closed_at__isnull=True, recurs_of__isnull=False)
    again = list(
        rules.see_case.filter(rows, person).order_by(F("due_at").asc(nulls_last=True), "pk")
        .values_list("pk", flat=True)[:HOT_AMONG]
    )  # fmt: skip
    times = _times(again)
    order = sorted(again, key=lambda pk: -times[pk])  # a stable sort: the limits stay in order
    rows = Case.objects.select_related("kind", "site", "road", "street").filter(pk__in=order[: most * 4])
    found = {case.pk: case for case in rows}
    spots: dict[tuple[str, int | None], Spot] = {}
    for pk in order[: most * 4]:
        spot = Spot(found[pk], times[pk] + 1)
        spots.setdefault((spot.where, spot.case.kind_id), spot)
    return list(spots.values())[:most]


def _times(cases: list[int]) -> dict[int, int]:
    """For each case the length of the chain of recurrences behind it, as `routing.times_recurred` counts; one query."""
    if not cases:
        return {}
    sql = (
        "WITH RECURSIVE chain (top, at, n) AS (SELECT id, recurs_of_id, 1 FROM problems_case "
        f"WHERE id IN ({', '.join(['%s'] * len(cases))}) UNION ALL "
        "SELECT chain.top, c.recurs_of_id, chain.n + 1 FROM chain JOIN problems_case c ON c.id = chain.at "
        f"WHERE c.recurs_of_id IS NOT NULL AND chain.n < {TIMES}) SELECT top, MAX(n) FROM chain GROUP BY top"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, cases)
        return dict(cursor.fetchall())
