"""What the page of a round reads: sums by team and day, one day's stops of a large round, pairs counted by the database."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import pytest

from chuangwen.inspections import queries, tallies
from chuangwen.inspections.models import PairTally, Visit
from chuangwen.inspections.recording import reopen_visit, skip_visit

pytestmark = pytest.mark.django_db


def visits_of(row, **more):
    return list(
        Visit.objects.filter(round=row, **more).select_related("place", "round", "team").order_by("pk")
    )


def test_a_small_round_lists_every_stop_under_its_team_and_day(ground, running):
    row = running()
    lines = queries.routes(row, ground.people["office"])
    assert {(line.team.pk, day.day, v.pk) for line in lines for day in line.days for v in day.visits} == {
        (v.team_id, v.day, v.pk) for v in visits_of(row)
    }
    assert [(line.n, line.done, line.listed) for line in lines] == [(3, 0, 3), (3, 0, 3)]


def test_a_large_round_lists_the_asked_teams_day_and_counts_the_others(ground, running, send):
    row, office = running(total=12, minutes_per_day=90), ground.people["office"]
    visits = visits_of(row)
    days = Counter((v.team_id, v.day) for v in visits)
    assert max(Counter(team for team, _day in days).values()) > 1  # or there is nothing to choose
    (team, day), _n = sorted(days.items())[-1]
    lines = queries.routes(row, office, team, day.isoformat(), most=5)
    assert {v.pk for line in lines for v in line.visits} == {
        v.pk for v in visits if (v.team_id, v.day) == (team, day)
    }
    assert {(line.team.pk, one.day): one.n for line in lines for one in line.days} == days
    for bad in ("2026-13-77", "none"):  # a day it has not: the first one with places left
        assert len([v for line in queries.routes(row, office, team, bad, most=5) for v in line.visits]) > 0
    assert queries.routes(row, office, most=None)[0].listed == 6


def test_not_asked_it_is_the_own_team_else_the_first_day_with_places_left(ground, running, send):
    row, office = running(total=12, minutes_per_day=90), ground.people["office"]

    def shown(person):
        return {(v.team_id, v.day) for line in queries.routes(row, person, most=5) for v in line.visits}

    first, second = row.teams.order_by("pk")
    days = {team.pk: sorted({v.day for v in visits_of(row, team=team)}) for team in (first, second)}
    assert shown(office) == {(first.pk, days[first.pk][0])}
    assert shown(ground.raters[1]) == {(second.pk, days[second.pk][0])}
    for visit in visits_of(row, team=first, day=days[first.pk][0]):
        send(visit)
    assert shown(office) == {(first.pk, days[first.pk][1])}
    for visit in visits_of(row, team=first, state="planned"):
        skip_visit(visit, "闭门", by=row.maker, uid=visit.uid)
    assert shown(office) == {(second.pk, days[second.pk][0])}


def test_visits_are_counted_for_who_may_know_of_them_only(ground, running):
    row = running(kind="covert")
    assert [line.n for line in queries.routes(row, ground.people["leader"])] == [0, 0]
    assert [line.n for line in queries.routes(row, ground.raters[0])] == [3, 3]


def test_agreement_in_a_round_counts_what_pairs_in_counts(ground, running, send):
    row = running(total=8, double_share="0.5", days=0)
    other = running(seed="x", total=8, double_share="1", days=0)  # its pairs stay out
    for visit in visits_of(other):
        send(visit, {"pass": 0})
    seconds = {v.place_id for v in visits_of(row, is_second=True)}
    for at, visit in enumerate(sorted(visits_of(row), key=lambda v: (v.place_id, v.is_second))):
        wrong = {
            "pass": at % 2,
            "points": {"count": at % 3},
            "bands": 3 if at % 5 == 0 else {"band": "AB"[at % 2]},
        }
        send(visit, wrong)
    reopen_visit(visits_of(row, is_second=True)[0], "更正", by=row.maker)
    right: dict[int, list[int]] = {}
    for key, cells in tallies.pairs_in([row.pk]).items():
        have = right.setdefault(key.check_item_id, [0, 0, 0, 0])
        right[key.check_item_id] = [a + cells[name] for a, name in zip(have, tallies.CELLS, strict=True)]
    found = queries.agreement_in(row)
    assert len(seconds) == 4 and found.left == 0
    assert {line.of.pk: [n for cells in line.table.counts for n in cells] for line in found.lines} == right
    assert max(sum(cells) for cells in right.values()) <= 3
    few = queries.agreement_in(row, 2)
    assert few.lines == found.lines[:2] and few.left == len(found.lines) - 2


def test_agreement_by_rater_counts_each_pair_for_both(ground, running, send):
    row = running(total=8, double_share="1", days=0)
    for visit in visits_of(row):
        send(visit, {"pass": 0} if visit.is_second else {})
    months = PairTally.objects.values_list("month", flat=True)
    by_item, by_rater = queries.agreement_of(min(months), max(months))
    one = {line.of: line.table for line in by_rater.lines}
    pairs = sum(line.table.n for line in by_item.lines)
    assert {table.n for table in one.values()} == {pairs} and len(one) == 2
    assert one[ground.raters[0]].turned == one[ground.raters[1]]
    assert not queries.agreement_of(dt.date(2020, 1, 1), dt.date(2020, 1, 1))[0]
