"""What the pages of rounds ask: today's visits, progress, results by item and street, who agrees with whom."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from fractions import Fraction
from typing import Any, NamedTuple

from django.db.models import Count, F, Max, Q, QuerySet, Sum
from django.utils import timezone

from chuangwen.inspections import rules
from chuangwen.inspections.grading import FAULTY
from chuangwen.inspections.models import (
    Observation,
    PairTally,
    Result,
    Round,
    State,
    Tally,
    Team,
    Visit,
    VisitState,
)  # fmt: skip
from chuangwen.kernel.models import Person, Place
from chuangwen.kernel.scoring.agreement import FLOOR, Agreement, Table, WeakItem, agreement, kappa_of, weak_of
from chuangwen.standards.models import CheckItem

ROW = ("place", "site_type", "street", "team")


def visits_today(person: Person, day: dt.date, most: int = 100) -> list[Visit]:
    """This person's visits of running rounds: those of today (done ones too) and those left over, in order (one query)."""
    mine = Visit.objects.filter(team__members=person, round__state=State.RUNNING)
    due = Q(day=day) | Q(day__lt=day, state=VisitState.PLANNED) | Q(day__isnull=True)
    rows = mine.filter(due).select_related("round", *ROW).defer("place__shape", "street__shape")
    return list(rows.order_by("day", "seq", "pk")[:most])


def item_counts(visits: Iterable[Visit]) -> dict[int, int]:
    """How many check items each of these visits has (two queries)."""
    visits = list(visits)
    through = Round.editions.through.objects.filter(round__in={visit.round_id for visit in visits})
    editions: dict[int, list[int]] = {}
    for round_id, edition_id in through.values_list("round_id", "edition_id"):
        editions.setdefault(round_id, []).append(edition_id)
    items = CheckItem.objects.filter(
        site_type__in={visit.site_type_id for visit in visits if visit.site_type_id}, requirement__waived_reason="",
        requirement__node__edition__in={pk for pks in editions.values() for pk in pks},
    )  # fmt: skip
    counts: dict[tuple[int | None, int], int] = {}
    by_edition = (
        items.values_list("site_type_id", "requirement__node__edition_id").annotate(n=Count("pk")).order_by()
    )
    for site_type, edition, n in by_edition:
        counts[site_type, edition] = n
    return {
        visit.pk: sum(counts.get((visit.site_type_id, pk), 0) for pk in editions.get(visit.round_id, ()))
        for visit in visits
    }


class DayLine(NamedTuple):
    """One day of one team: how many visits, how many of them are done or given up, and those read for the page."""

    day: dt.date | None
    n: int
    done: int
    visits: list[Visit]


class TeamLine(NamedTuple):
    """One team of a round with its days, those without a date last."""

    team: Team
    days: list[DayLine]

    @property
    def n(self) -> int:
        return sum(day.n for day in self.days)

    @property
    def done(self) -> int:
        return sum(day.done for day in self.days)

    @property
    def left(self) -> int:
        return self.n - self.done

    @property
    def listed(self) -> int:
        """How many of its visits were read."""
        return len(self.visits)

    @property
    def visits(self) -> list[Visit]:
        return [visit for day in self.days for visit in day.visits]


STOPS = 60  # so many visits of a round are listed at once; of a larger one, one team's day


def routes(
    row: Round, person: Person, team: int | None = None, day: str = "", most: int | None = STOPS
) -> list[TeamLine]:
    """The teams of a round and how far they are, as far as this person may know (four queries).

    A round of at most `most` visits has them all in its lines (`most` None: any round). Of a larger one only the chosen
    day of the chosen team has: `day` is an ISO date or "none". Not chosen, it is the person's own team, else the first
    with places left, and its first day with places left.
    """
    seen = rules.see_visit.filter(Visit.objects.filter(round=row, team__isnull=False), person)
    done = Count("pk", filter=~Q(state=VisitState.PLANNED))
    counts: dict[int, list[DayLine]] = {}
    for pk, on, n, gone in seen.values_list("team_id", "day").annotate(n=Count("pk"), gone=done).order_by():
        counts.setdefault(pk, []).append(DayLine(on, n, gone, []))
    lines = [
        TeamLine(one, sorted(counts.get(one.pk, []), key=lambda d: (d.day is None, d.day)))
        for one in row.teams.prefetch_related("members")
    ]
    if most is not None and sum(line.n for line in lines) > most:
        picked = _picked(lines, person, team, day)
        if picked is None:
            return lines
        seen = seen.filter(team=picked[0].team, day=picked[1].day)
    into = {(line.team.pk, one.day): one.visits for line in lines for one in line.days}
    stops = seen.select_related(*ROW[:3]).defer("place__shape", "street__shape", "sums").order_by("seq", "pk")
    for visit in stops if most is None else stops[:most]:
        into[visit.team_id or 0, visit.day].append(visit)
    return lines


def _picked(
    lines: list[TeamLine], person: Person, team: int | None, day: str
) -> tuple[TeamLine, DayLine] | None:
    """The team's day to list, as `routes` says; None where no team has any."""
    some = [line for line in lines if line.days]
    if not some:
        return None

    def rank(line: TeamLine) -> tuple[bool, bool, bool]:
        return line.team.pk != team, person not in line.team.members.all(), not line.left

    chosen = min(some, key=rank)
    wanted = [one for one in chosen.days if day == (one.day.isoformat() if one.day else "none")]
    left = [one for one in chosen.days if one.done < one.n]
    return chosen, (wanted or left or chosen.days)[0]


class Sums(NamedTuple):
    """One line of results: what it is of, how many were rated, how many failed, points of full points."""

    of: Any
    n: int
    failed: int
    points: int
    full: int


def results(row: Round, most: int | None = None) -> tuple[list[Sums], list[Sums], int]:
    """The results of a round by check item (worst first, `most` of them) and by street; how many items were left out.

    From the tallies (four queries).
    """
    rows = Tally.objects.filter(round=row, n__gt=0)
    sums = {"a": Sum("n"), "b": Sum("failed"), "c": Sum("points"), "d": Sum("full")}
    by_item = [
        Sums(*line) for line in rows.values_list("check_item").annotate(**sums).order_by("check_item__code")
    ]
    by_item.sort(key=lambda s: (s.points / s.full if s.full else 2, -s.failed))
    by_street = [Sums(*line) for line in rows.values_list("street").annotate(**sums).order_by("street__code")]
    shown = by_item if most is None else by_item[:most]
    items = CheckItem.objects.select_related("site_type").in_bulk([line.of for line in shown])
    streets = Place.objects.defer("shape").in_bulk([line.of for line in by_street])
    return (
        [line._replace(of=items[line.of]) for line in shown],
        [line._replace(of=streets[line.of]) for line in by_street],
        len(by_item) - len(shown),
    )


def progress(row: Round) -> dict[str, int]:
    """How many visits of a round stand where (one query)."""
    counts = dict(Visit.objects.filter(round=row).values_list("state").annotate(n=Count("pk")).order_by())
    return {state: counts.get(state, 0) for state in VisitState.values}


def cases_of(row: Round) -> tuple[int, int]:
    """How many cases a round opened, and how many of its failed items have none yet (one query).

    None waits while the round is hidden or when it was cancelled, as `releasing.waiting` says.
    """
    failed = Observation.objects.filter(visit__round=row, result__in=FAULTY)
    found = failed.aggregate(
        cases=Count("case_id", distinct=True), waiting=Count("pk", filter=Q(case_id__isnull=True))
    )
    waits = row.state != State.CANCELLED and (not row.is_secret or row.state == State.RELEASED)
    return found["cases"], found["waiting"] if waits else 0


def visits_at(place: Place, person: Person, most: int = 5) -> list[Visit]:
    """The latest visits of a place whose results this person may see (one query)."""
    rows = rules.see_result.filter(Visit.objects.filter(place=place, state=VisitState.DONE), person)
    return list(rows.select_related("round").order_by("-done_at", "-pk")[:most])


def last_visits(person: Person) -> dict[int, dt.date]:
    """By place the day of its last visit whose result this person may see (one query)."""
    rows = rules.see_result.filter(Visit.objects.filter(state=VisitState.DONE, done_at__isnull=False), person)
    found = rows.order_by().values_list("place_id").annotate(at=Max("done_at"))
    return {place: timezone.localdate(at) for place, at in found}


class Agreed(NamedTuple):
    """How two raters agreed on one thing (a check item, a rater)."""

    of: Any
    table: Table
    agreement: Agreement
    weak: WeakItem | None


GRADES = ("pass", "fail")
RATED = tuple(result for result in Result if result != Result.NOT_HERE)


def _cells(rows: QuerySet[PairTally], *names: str) -> Iterable[tuple[Any, ...]]:
    """What the rows are of by these names, then their four cells."""
    cells = {"a": Sum("both_pass"), "b": Sum("pass_fail"), "c": Sum("fail_pass"), "d": Sum("both_fail")}
    return rows.values_list(*names).annotate(**cells).order_by()


def _table(a: int, b: int, c: int, d: int) -> Table:
    return Table(GRADES, ((a, b), (c, d)))


class Ranked(NamedTuple):
    """Lines of agreement in order, and how many more there are."""

    lines: list[Agreed]
    left: int

    def __bool__(self) -> bool:
        return bool(self.lines)


def _agreed(
    tables: dict[int, Table], rows: QuerySet[CheckItem] | QuerySet[Person], most: int | None
) -> Ranked:
    """The weak ones first, the surest at the top; then by kappa, those without one last. `most` of them, from `rows`."""
    kept = {str(pk): table for pk, table in tables.items() if table.n}
    known = {table: kappa_of(table) for table in set(kept.values())}  # many items share one table
    low = {key: how for key, table in kept.items() if _below(known[table]) and (how := agreement(table))}
    weak = {item.key: item for item in weak_of(low)}
    order = {key: at for at, key in enumerate(weak)}

    def rank(key: str) -> tuple[int, bool, Any]:
        kappa = known[kept[key]]
        return order.get(key, len(order)), kappa is None, kappa or 0

    keys = sorted(kept, key=rank)
    shown = keys if most is None else keys[:most]
    names: dict[Any, Any] = dict(rows.in_bulk([int(key) for key in shown]))
    lines = [
        Agreed(names[int(key)], kept[key], how, weak.get(key))
        for key in shown
        if (how := low.get(key) or agreement(kept[key])) is not None
    ]
    return Ranked(lines, len(keys) - len(shown))


def _below(kappa: Fraction | None) -> bool:
    """Whether it may be weak: only then its interval is wanted."""
    return kappa is not None and kappa < FLOOR


def _items() -> QuerySet[CheckItem]:
    return CheckItem.objects.select_related("site_type")


def agreement_of(first: dt.date, last: dt.date, most: int | None = None) -> tuple[Ranked, Ranked]:
    """Agreement by check item (`most` of them) and by rater over months (four queries).

    Only rounds everybody may know of are in it.
    """
    rows = PairTally.objects.filter(month__gte=first, month__lte=last)
    by_item = {pk: _table(*cells) for pk, *cells in _cells(rows, "check_item")}
    sums: dict[int, list[int]] = {}
    for one, two, a, b, c, d in _cells(rows, "first_by", "second_by"):
        for pk, own in ((one, (a, b, c, d)), (two, (a, c, b, d))):
            sums[pk] = [x + y for x, y in zip(sums.get(pk, (0, 0, 0, 0)), own, strict=True)]
    by_rater = {pk: _table(*cells) for pk, cells in sums.items()}
    return _agreed(by_item, _items(), most), _agreed(by_rater, Person.objects.all(), None)


def agreement_in(row: Round, most: int | None = None) -> Ranked:
    """Agreement by check item within one round, `most` of them (two queries); what `tallies.pairs_in` counts."""
    second = "visit__place__visits"
    # One filter() for all of `second`: so they are said of one and the same visit.
    pairs = Observation.objects.filter(
        **{
            "visit__round": row, "visit__is_second": False, "visit__state": VisitState.DONE,
            "visit__by__isnull": False, "visit__done_at__isnull": False, f"{second}__round": row.pk,
            f"{second}__is_second": True, f"{second}__state": VisitState.DONE, f"{second}__by__isnull": False,
            f"{second}__observations__check_item": F("check_item"), "result__in": RATED,
            f"{second}__observations__result__in": RATED,
        }
    )  # fmt: skip
    ours, theirs = Q(result=Result.PASS), Q(**{f"{second}__observations__result": Result.PASS})
    cells = [
        Count("pk", filter=both) for both in (ours & theirs, ours & ~theirs, ~ours & theirs, ~ours & ~theirs)
    ]
    counted = dict(zip("abcd", cells, strict=True))
    tables = {
        pk: _table(*found) for pk, *found in pairs.values_list("check_item").annotate(**counted).order_by()
    }
    return _agreed(tables, _items(), most)


def split_pairs(item: CheckItem, person: Person, most: int = 6) -> list[tuple[Observation, Observation]]:
    """Places where two raters saw one check item differently, as far as this person may see: to calibrate on."""
    seen = rules.see_observation.filter(Observation.objects.filter(check_item=item), person)
    seconds = (
        seen.filter(visit__is_second=True)
        .select_related("visit__place", "visit__by", "visit__round")
        .order_by("-pk")[:200]
    )
    keys = {(o.visit.round_id, o.visit.place_id): o for o in seconds}
    firsts = seen.filter(
        visit__is_second=False, visit__round__in={k[0] for k in keys}, visit__place__in={k[1] for k in keys}
    )
    found = []
    for first in firsts.select_related("visit__place", "visit__by", "visit__round").order_by("-pk")[:400]:
        second = keys.get((first.visit.round_id, first.visit.place_id))
        if second and (first.result == 1) != (second.result == 1) and 3 not in (first.result, second.result):
            found.append((first, second))
    return found[:most]
