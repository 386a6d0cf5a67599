"""What the pages of rounds ask: today's visits, progress, results by item and street, who agrees with whom."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db.models import Count, Q, QuerySet, Sum

from chuangwen.inspections import rules
from chuangwen.inspections.models import Observation, PairTally, Round, State, Tally, Team, Visit, VisitState
from chuangwen.kernel.models import Person, Place
from chuangwen.kernel.scoring.agreement import Agreement, Table, WeakItem, agreement, weak_of
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


class TeamLine(NamedTuple):
    """One team of a round: its visits and how many are done."""

    team: Team
    visits: list[Visit]

    @property
    def done(self) -> int:
        return sum(visit.state != VisitState.PLANNED for visit in self.visits)

    @property
    def days(self) -> list[tuple[dt.date | None, list[Visit]]]:
        found: dict[dt.date | None, list[Visit]] = {}
        for visit in self.visits:
            found.setdefault(visit.day, []).append(visit)
        return list(found.items())


def teams_with_visits(row: Round, person: Person) -> list[TeamLine]:
    """The teams of a round with the visits this person may know of, in their order (three queries)."""
    visits = rules.see_visit.filter(Visit.objects.filter(round=row), person).select_related("round", *ROW)
    by_team: dict[int | None, list[Visit]] = {}
    for visit in visits.defer("place__shape", "street__shape").order_by("day", "seq", "pk"):
        by_team.setdefault(visit.team_id, []).append(visit)
    return [TeamLine(team, by_team.get(team.pk, [])) for team in row.teams.prefetch_related("members")]


class Sums(NamedTuple):
    """One line of results: what it is of, how many were rated, how many failed, points of full points."""

    of: Any
    n: int
    failed: int
    points: int
    full: int


def results(row: Round) -> tuple[list[Sums], list[Sums]]:
    """The results of a round by check item (worst first) and by street, from the tallies (four queries)."""
    rows = Tally.objects.filter(round=row, n__gt=0)
    sums = {"a": Sum("n"), "b": Sum("failed"), "c": Sum("points"), "d": Sum("full")}
    by_item: list[Any] = list(rows.values("check_item").annotate(**sums).order_by())
    by_street: list[Any] = list(rows.values("street").annotate(**sums).order_by())
    items = CheckItem.objects.select_related("site_type").in_bulk([line["check_item"] for line in by_item])
    streets = Place.objects.defer("shape").in_bulk([line["street"] for line in by_street])
    first = [Sums(items[x["check_item"]], x["a"], x["b"], x["c"], x["d"]) for x in by_item]
    second = [Sums(streets[x["street"]], x["a"], x["b"], x["c"], x["d"]) for x in by_street]
    return (
        sorted(first, key=lambda s: (s.points / s.full if s.full else 2, -s.failed, s.of.code)),
        sorted(second, key=lambda s: s.of.code),
    )


def progress(row: Round) -> dict[str, int]:
    """How many visits of a round stand where (one query)."""
    counts = dict(Visit.objects.filter(round=row).values_list("state").annotate(n=Count("pk")).order_by())
    return {state: counts.get(state, 0) for state in VisitState.values}


def visits_at(place: Place, person: Person, most: int = 5) -> list[Visit]:
    """The latest visits of a place whose results this person may see (one query)."""
    rows = rules.see_result.filter(Visit.objects.filter(place=place, state=VisitState.DONE), person)
    return list(rows.select_related("round").order_by("-done_at")[:most])


class Agreed(NamedTuple):
    """How two raters agreed on one thing (a check item, a rater)."""

    of: Any
    table: Table
    agreement: Agreement
    weak: WeakItem | None


GRADES = ("pass", "fail")


def _tables(rows: QuerySet[PairTally], *names: str) -> dict[tuple[Any, ...], Table]:
    cells = {"a": Sum("both_pass"), "b": Sum("pass_fail"), "c": Sum("fail_pass"), "d": Sum("both_fail")}
    return {
        tuple(line[name] for name in names): Table(GRADES, ((line["a"], line["b"]), (line["c"], line["d"])))
        for line in rows.values(*names).annotate(**cells).order_by()
    }


def _agreed(tables: dict[Any, Table], names: dict[Any, Any]) -> list[Agreed]:
    """The weak ones first, the surest at the top; then by kappa."""
    kept = {str(key): (key, table) for key, table in tables.items() if table.n and key in names}
    seen = {key: how for key, (_pk, table) in kept.items() if (how := agreement(table)) is not None}
    weak = {item.key: item for item in weak_of(seen)}
    order = {key: at for at, key in enumerate(weak)}
    found = []
    for key, how in seen.items():
        pk, table = kept[key]
        line = Agreed(names[pk], table, how, weak.get(key))
        found.append((order.get(key, len(order)), how.kappa is None, how.kappa or 0, line))
    return [line for *_sort, line in sorted(found, key=lambda row: row[:3])]


def agreement_of(first: dt.date, last: dt.date) -> tuple[list[Agreed], list[Agreed]]:
    """Agreement by check item and by rater over months; only rounds everybody may know of are in it (five queries)."""
    rows = PairTally.objects.filter(month__gte=first, month__lte=last)
    by_item = {key[0]: table for key, table in _tables(rows, "check_item").items()}
    by_pair = _tables(rows, "first_by", "second_by")
    by_rater: dict[int, Table] = {}
    for (one, two), table in by_pair.items():
        for pk, own in ((one, table), (two, table.turned)):
            by_rater[pk] = by_rater[pk] + own if pk in by_rater else own
    items = CheckItem.objects.select_related("site_type").in_bulk(list(by_item))
    return _agreed(dict(by_item), dict(items)), _agreed(
        dict(by_rater), dict(Person.objects.in_bulk(list(by_rater)))
    )


def agreement_in(row: Round, pairs: Iterable[tuple[int, str]]) -> list[Agreed]:
    """Agreement by check item within one round, from its pairs as (check item id, cell)."""
    from chuangwen.inspections.tallies import CELLS

    counts: dict[int, list[int]] = {}
    for item, cell in pairs:
        counts.setdefault(item, [0, 0, 0, 0])[CELLS.index(cell)] += 1
    tables = {pk: Table(GRADES, ((c[0], c[1]), (c[2], c[3]))) for pk, c in counts.items()}
    return _agreed(dict(tables), dict(CheckItem.objects.select_related("site_type").in_bulk(list(tables))))


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
