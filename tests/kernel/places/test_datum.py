"""Datum conversion against published pairs, its own laws, and real points that came in GCJ-02."""

from __future__ import annotations

import csv
import json
from math import inf, nan
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chuangwen.kernel.places.containment import Outlines
from chuangwen.kernel.places.datum import (
    Datum,
    Point,
    distance_m,
    from_wgs84,
    in_china_box,
    likely_datum_fault,
    to_wgs84,
)

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"

few = settings(max_examples=100, deadline=None)
shifted = st.sampled_from([Datum.GCJ02, Datum.BD09])
inside_china = st.tuples(st.floats(73.6, 135.0), st.floats(3.6, 53.5))


# The pairs in the README of wandergis/coordtransform, which other implementations test against as well.
@pytest.mark.parametrize(
    ("datum", "expected"),
    [
        (Datum.GCJ02, (116.41024449916938, 39.91640428150164)),
        (Datum.BD09, (116.41662724378733, 39.922699552216216)),
        (Datum.WGS84, (116.404, 39.915)),
        (Datum.CGCS2000, (116.404, 39.915)),
    ],
)
def test_from_wgs84_gives_the_published_pairs(datum: Datum, expected: Point) -> None:
    assert from_wgs84(116.404, 39.915, datum) == pytest.approx(expected, abs=1e-10)


def test_to_wgs84_undoes_the_published_pair() -> None:
    assert to_wgs84(116.41024449916938, 39.91640428150164, Datum.GCJ02) == pytest.approx(
        (116.404, 39.915), abs=1e-9
    )


@few
@given(inside_china, shifted)
def test_round_trip_is_below_a_tenth_of_a_metre(point: Point, datum: Datum) -> None:
    back = to_wgs84(*from_wgs84(*point, datum), datum)

    assert distance_m(*point, *back) < 0.1


@few
@given(inside_china, shifted)
def test_the_way_back_round_trips_too(point: Point, datum: Datum) -> None:
    there = from_wgs84(*to_wgs84(*point, datum), datum)

    assert distance_m(*point, *there) < 0.1


@few
@given(inside_china, shifted, st.floats(-1e-4, 1e-4), st.floats(-1e-4, 1e-4))
def test_neighbours_stay_neighbours(point: Point, datum: Datum, right: float, up: float) -> None:
    neighbour = point[0] + right, point[1] + up

    moved = distance_m(*from_wgs84(*point, datum), *from_wgs84(*neighbour, datum))

    assert abs(moved - distance_m(*point, *neighbour)) < 0.6  # of up to 16 m


@few
@given(st.tuples(st.floats(-180, 180), st.floats(-90, 90)), st.sampled_from(Datum))
def test_points_outside_the_box_are_untouched(point: Point, datum: Datum) -> None:
    if in_china_box(*point):
        point = -abs(point[0]), point[1]

    assert from_wgs84(*point, datum) == point
    assert to_wgs84(*point, datum) == point


@pytest.mark.parametrize("point", [(181.0, 30.0), (34.0, 113.0), (nan, 30.0), (113.0, inf)])
def test_degrees_out_of_range_are_refused(point: Point) -> None:
    with pytest.raises(ValueError, match="超出范围"):
        to_wgs84(*point, Datum.GCJ02)


@pytest.mark.parametrize(
    ("one", "other", "metres"),
    [
        # A quarter of the meridian is 10,001.966 km on WGS-84, a quarter of the equator 10,018.754 km.
        ((0.0, 0.0), (0.0, 90.0), 10_001_966),
        ((0.0, 0.0), (90.0, 0.0), 10_018_754),
        # One degree of latitude at 34.5 to 35.5 N is 110,941 m on WGS-84.
        ((113.0, 34.5), (113.0, 35.5), 110_941),
    ],
)
def test_distance_is_within_its_stated_error(one: Point, other: Point, metres: float) -> None:
    assert distance_m(*one, *other) == pytest.approx(metres, rel=0.006)


# Faults ---------------------------------------------------------------------------------------------------

HOME = (113.02, 34.75)


def metres_from_home(lon: float, lat: float) -> float:
    return distance_m(*HOME, lon, lat)


@pytest.mark.parametrize("came_in", [Datum.WGS84, Datum.GCJ02, Datum.BD09])
@pytest.mark.parametrize("declared", Datum)
def test_one_point_in_the_wrong_datum_is_named(came_in: Datum, declared: Datum) -> None:
    fault = likely_datum_fault([from_wgs84(*HOME, came_in)], declared, metres_from_home)

    right = declared is came_in or {declared, came_in} == {Datum.WGS84, Datum.CGCS2000}
    assert (fault and (fault.datum, fault.swapped)) == (None if right else (came_in, False))


def test_a_swapped_point_is_named() -> None:
    fault = likely_datum_fault([(HOME[1], HOME[0])], Datum.WGS84, metres_from_home)

    assert fault is not None
    assert (fault.datum, fault.swapped, fault.share) == (Datum.WGS84, True, 1.0)


def test_a_point_that_fits_no_reading_is_no_datum_fault() -> None:
    assert likely_datum_fault([(120.0, 30.0)], Datum.WGS84, metres_from_home) is None


def test_no_points_are_no_fault() -> None:
    assert likely_datum_fault([], Datum.WGS84, metres_from_home) is None


def features(name: str) -> list[dict[str, object]]:
    path = DATA / name
    if not path.exists():
        pytest.skip("left out: ../shared/data is absent")
    found: list[dict[str, object]] = json.loads(path.read_text(encoding="utf-8"))["features"]
    return found


def shops_in_gongyi() -> list[Point]:
    path = DATA / "poi-gongyi" / "catering_gongyi.csv"
    if not path.exists():
        pytest.skip("left out: ../shared/data is absent")
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return [(float(row["lon_gcj02"]), float(row["lat_gcj02"])) for row in csv.DictReader(lines)]


def test_gongyi_shops_with_swapped_columns_are_found_by_the_outline() -> None:
    shops = shops_in_gongyi()
    city = features("boundaries/gongyi_410181_gcj02.geojson")[0]
    outlines = Outlines([("巩义市", 2, city["geometry"])])  # type: ignore[list-item]

    def misfit(lon: float, lat: float) -> float:
        return 0.0 if outlines.find(*from_wgs84(lon, lat, Datum.GCJ02)) else inf

    assert likely_datum_fault(shops, Datum.GCJ02, misfit) is None
    swapped = likely_datum_fault([(lat, lon) for lon, lat in shops], Datum.GCJ02, misfit)
    assert swapped is not None and swapped.swapped and swapped.share == 1.0


@pytest.mark.parametrize("came_in", [Datum.WGS84, Datum.GCJ02, Datum.BD09])
@pytest.mark.parametrize("declared", [Datum.WGS84, Datum.GCJ02, Datum.BD09])
def test_a_sheet_of_points_on_real_roads_is_read_right(came_in: Datum, declared: Datum) -> None:
    roads = features("roads-zhengzhou-osm/roads_zhengzhou_jingkai_wgs84.geojson")
    lines = Outlines((at, 1, road["geometry"]) for at, road in enumerate(roads))  # type: ignore[misc]
    starts = [road["geometry"]["coordinates"][0] for road in roads[::20]]  # type: ignore[index]

    def misfit(lon: float, lat: float) -> float:
        found = lines.nearest_line(lon, lat, 100)
        return inf if found is None else found[1]

    sheet = [from_wgs84(lon, lat, came_in) for lon, lat in starts]
    fault = likely_datum_fault(sheet, declared, misfit, tolerance_m=20)

    assert (fault and fault.datum) == (None if came_in is declared else came_in)
