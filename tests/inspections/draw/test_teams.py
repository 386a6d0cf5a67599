"""Teams: never a conflict, as even as a search through all ways shows, second ratings by somebody else."""

from __future__ import annotations

from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chuangwen.inspections.draw import DrawFault, Site, Team, assign_second, assign_teams, double_share

UNITS = st.frozensets(st.sampled_from("甲乙丙丁"), max_size=2)


def places(answers):
    return [
        Site(f"P{n}", "层", "区", 113 + n % 5 / 100, 34 + n // 5 / 100, answers=units)
        for n, units in enumerate(answers)
    ]


def squares(loads):
    return sum(load * load for load in loads)


@given(st.lists(UNITS, max_size=6), st.lists(UNITS, min_size=1, max_size=3))
@settings(max_examples=40)
def test_no_conflict_and_no_more_even_way(answers, units):
    sites = places(answers)
    teams = [Team(f"T{n}", own, 113.0, 34.0) for n, own in enumerate(units)]
    found = assign_teams(sites, teams)
    given_to = found.team_of()
    may = {site.code: {team.code for team in teams if not team.units & site.answers} for site in sites}
    assert all(given_to[code] in may[code] for code in given_to)
    assert {site.code for site in found.nobody} == {code for code, teams_ in may.items() if not teams_}
    assert set(given_to) == {code for code, teams_ in may.items() if teams_}
    least = min(
        squares([way.count(team.code) for team in teams])
        for way in product(*(sorted(may[code]) for code in given_to))
    )
    assert squares(map(len, found.by_team.values())) == least


def test_places_nobody_may_visit_are_named():
    found = assign_teams(
        places([{"甲", "乙"}, {"甲"}]), [Team("一", frozenset("甲")), Team("二", frozenset("乙"))]
    )
    assert [site.code for site in found.nobody] == ["P0"]
    assert [fault.sentence for fault in found.faults] == [
        "点位 P0 无组可派：2 个组都须回避。增加一个与其无关的组。"
    ]
    assert found.team_of() == {"P1": "二"}


def test_two_clusters_go_to_the_two_teams_beside_them():
    east = [Site(f"E{n}", "层", "区", 113.5 + n / 1000, 34.8) for n in range(4)]
    west = [Site(f"W{n}", "层", "区", 113.1 + n / 1000, 34.8) for n in range(4)]
    teams = [Team("东", lon=113.5, lat=34.7), Team("西", lon=113.1, lat=34.7)]
    found = assign_teams([*east, *west], teams)
    assert found.by_team == {"东": tuple(east), "西": tuple(west)}
    # From one start they part all the same, either way round.
    alike = assign_teams([*east, *west], [Team("东", lon=113.3, lat=34.7), Team("西", lon=113.3, lat=34.7)])
    assert set(alike.by_team.values()) == {tuple(east), tuple(west)}


@given(st.lists(UNITS, min_size=1, max_size=25), st.decimals("0.05", "1", places=2))
@settings(max_examples=30)
def test_second_ratings_are_by_other_people(answers, share):
    people = ["ab", "cd", "da", "e", "fg"]
    teams = [
        Team(f"T{n}", frozenset("甲乙丙丁"[n % 4]), people=frozenset(own)) for n, own in enumerate(people)
    ]
    first = assign_teams(places(answers), teams)
    visited = [site for own in first.by_team.values() for site in own]
    second = assign_second(first, double_share(visited, share, "s"))
    one, two = first.team_of(), second.team_of()
    by_code = {team.code: team for team in teams}
    assert {*two, *(site.code for site in second.nobody)} == {
        site.code for site in double_share(visited, share, "s")
    }  # fmt: skip
    for team_code, own in second.by_team.items():
        for site in own:
            assert by_code[one[site.code]].people.isdisjoint(by_code[team_code].people)
            assert by_code[team_code].units.isdisjoint(site.answers)


def test_a_single_team_cannot_rate_twice():
    first = assign_teams(places([set(), set()]), [Team("一")])
    second = assign_second(first, double_share(places([set(), set()]), Decimal(1), "s"))
    assert {site.code for site in second.nobody} == {"P0", "P1"}


def test_what_a_team_already_has_counts():
    teams = [Team("一", lon=113.0, lat=34.0), Team("二", lon=120.0, lat=34.0)]
    found = assign_teams(places([set()] * 5), teams, load={"一": 3})
    assert {team: len(own) for team, own in found.by_team.items()} == {"一": 1, "二": 4}
    # Two teams of 3 and 2 places rate each other's: in all both have five.
    first = assign_teams(places([set()] * 5), teams)
    second = assign_second(first, places([set()] * 5))
    assert [len(first.by_team[team.code]) + len(second.by_team[team.code]) for team in teams] == [5, 5]


def test_teams_that_cannot_be():
    with pytest.raises(DrawFault) as refusal:
        assign_teams(places([set()]), [])
    assert refusal.value.faults[0].figures == {"places": 1}
    with pytest.raises(DrawFault, match="考察组 一 出现 2 次"):
        assign_teams(places([set()]), [Team("一"), Team("一")])
    with pytest.raises(DrawFault, match="没有坐标"):
        assign_teams([Site("P", "层", "区", None, None)], [Team("一")])
    assert assign_teams([], []).by_team == {}
