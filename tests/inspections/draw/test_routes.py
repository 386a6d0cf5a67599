"""Routes: every place once, every day fits, short beside all orders there are."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise, permutations
from math import acos, ceil, cos, radians, sin
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chuangwen.inspections.draw import DrawFault, Site, route

START = (113.05, 34.75)


def scattered(seed, count, minutes=20):
    random = Random(seed)
    return [
        Site(f"P{n:02}", "层", "区", 113 + random.random() / 10, 34.7 + random.random() / 10, minutes)
        for n in range(count)
    ]


def metres(a, b, detour=1.3):
    """By the law of cosines, so not the formula under test; the same to a metre at these distances."""
    (lon1, lat1), (lon2, lat2) = (map(radians, point) for point in (a, b))
    inner = sin(lat1) * sin(lat2) + cos(lat1) * cos(lat2) * cos(lon2 - lon1)
    return 6_371_008.8 * acos(min(1.0, inner)) * detour


def length(points):
    return sum(metres(a, b) for a, b in pairwise(points))


@given(st.integers(0, 10**6), st.integers(0, 18), st.integers(0, 45), st.sampled_from([240, 480]))
@settings(max_examples=25, deadline=None)
def test_every_place_once_and_every_day_fits(seed, count, minutes, day_minutes):
    sites = scattered(seed, count, minutes)
    days = route(sites, start=START, minutes_per_day=day_minutes, speed_km_h=15)
    assert sorted(stop.site.code for day in days for stop in day.stops) == [site.code for site in sites]
    for day in days:
        points = [START, *(stop.site.point for stop in day.stops), START]
        assert day.minutes <= day_minutes
        assert day.metres == pytest.approx(length(points), abs=len(points) * 2)
        at = 0.0
        for (a, b), stop in zip(pairwise(points), day.stops, strict=False):
            at += metres(a, b) / 250  # 15 km/h are 250 metres a minute
            assert stop.arrives == pytest.approx(at, abs=1.5)
            at += minutes
            assert stop.leaves == pytest.approx(at, abs=1.5)
        assert day.minutes == pytest.approx(at + metres(points[-2], START) / 250, abs=1.5)
    assert len(days) >= ceil(count * minutes / day_minutes)


@pytest.mark.parametrize("seed", range(6))
def test_beside_the_shortest_of_all_orders(seed):
    sites = scattered(seed, 7)
    days = route(sites, start=START, minutes_per_day=1000, speed_km_h=15)
    shortest = min(length([START, *way, START]) for way in permutations(site.point for site in sites))
    assert len(days) == 1
    assert days[0].metres <= shortest * 1.02 + 8
    assert days[0].km == Decimal(days[0].metres) / 1000


def test_order_given_does_not_matter():
    sites = scattered(3, 30)
    one = route(sites, start=START, minutes_per_day=400, speed_km_h=12)
    two = route(Random(1).sample(sites, 30), start=START, minutes_per_day=400, speed_km_h=12)
    assert one == two
    assert len(one) > 1


def test_without_a_start_the_way_is_between_the_places():
    line = [Site(f"P{n}", "层", "区", 113 + n / 100, 34.7, 10) for n in (2, 0, 3, 1)]
    (day,) = route(line, start=None, minutes_per_day=300, speed_km_h=Decimal("4.5"), detour=1)
    assert [stop.site.code for stop in day.stops] == ["P0", "P1", "P2", "P3"]
    assert day.metres == pytest.approx(metres((113, 34.7), (113.03, 34.7), 1), abs=3)
    assert (day.stops[0].arrives, day.stops[0].leaves, day.stops[0].metres) == (0, 10, 0)


def test_places_too_far_for_a_day_are_all_named():
    far = [Site("远", "层", "区", 114.05, 34.75), Site("久", "层", "区", *START, minutes=500)]
    with pytest.raises(DrawFault) as refusal:
        route([*far, *scattered(1, 2)], start=START, minutes_per_day=480, speed_km_h=15)
    assert [fault.figures["code"] for fault in refusal.value.faults] == ["久", "远"]
    assert refusal.value.faults[0].figures == {"code": "久", "minutes": 500, "day": 480}


def test_days_speeds_and_detours_that_are_none():
    with pytest.raises(DrawFault) as refusal:
        route([], start=None, minutes_per_day=0, speed_km_h=0, detour=0.9)
    assert [fault.kind for fault in refusal.value.faults] == ["bad_day", "bad_speed", "bad_detour"]
    assert route([], start=None, minutes_per_day=1, speed_km_h=1) == []
