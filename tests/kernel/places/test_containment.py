"""Outlines and roads in memory: small drawn cases, and real outlines, shops and roads where at hand."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chuangwen.kernel.places.containment import Outlines
from chuangwen.kernel.places.datum import distance_m

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"


def square(west: float, south: float, side: float) -> dict[str, Any]:
    east, north = west + side, south + side
    return {
        "type": "Polygon",
        "coordinates": [[[west, south], [east, south], [east, north], [west, north], [west, south]]],
    }


def line(*points: tuple[float, float]) -> dict[str, Any]:
    return {"type": "LineString", "coordinates": [list(point) for point in points]}


def features(name: str) -> list[dict[str, Any]]:
    path = DATA / name
    if not path.exists():
        pytest.skip("left out: ../shared/data is absent")
    found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["features"]
    return found


NESTED = Outlines(
    [
        ("city", 1, square(112, 34, 2)),
        ("street", 3, square(112.4, 34.4, 0.2)),
        ("county", 2, square(112.3, 34.3, 0.5)),
        ("ring road", 2, line((112.3, 34.3), (112.8, 34.3))),
    ]
)


@pytest.mark.parametrize(
    ("point", "expected"),
    [
        ((112.5, 34.5), ["street", "county", "city"]),
        ((112.7, 34.7), ["county", "city"]),
        ((113.9, 35.9), ["city"]),
        ((111.9, 34.5), []),
        ((112.4, 34.5), ["street", "county", "city"]),  # on the border of the street
    ],
)
def test_find_names_the_deepest_area_first(point: tuple[float, float], expected: list[str]) -> None:
    assert NESTED.find(*point) == expected


def test_find_names_the_smaller_of_equal_rank_first_and_a_border_with_both_sides() -> None:
    outlines = Outlines([(1, 1, square(0, 0, 3)), (2, 1, square(3, 0, 2))])

    assert outlines.find(3, 1) == [2, 1]


def test_a_hole_is_outside() -> None:
    ring = square(0, 0, 3)
    ring["coordinates"] += square(1, 1, 1)["coordinates"]

    assert Outlines([(1, 1, ring)]).find(1.5, 1.5) == []


def test_no_outlines_hold_nothing() -> None:
    empty: Outlines[str] = Outlines([])

    assert (empty.find(113, 34), empty.nearest_line(113, 34, 1e6)) == ([], None)


def test_nearest_line_gives_the_nearer_road_and_metres() -> None:
    roads = Outlines(
        [("far", 1, line((113, 34.02), (114, 34.02))), ("near", 1, line((113, 34.01), (114, 34.01)))]
    )

    found = roads.nearest_line(113.5, 34, 5000)

    assert found is not None
    assert found[0] == "near"
    assert found[1] == pytest.approx(distance_m(113.5, 34, 113.5, 34.01), rel=1e-6)


def test_nearest_line_knows_no_road_beyond_its_reach() -> None:
    roads = Outlines([("road", 1, line((113, 34.01), (114, 34.01)))])

    assert roads.nearest_line(113.5, 34, 1100) is None
    assert roads.nearest_line(113.5, 34, 1120) is not None


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.tuples(st.floats(113, 113.05), st.floats(34, 34.05)), min_size=2, max_size=6, unique=True),
    st.floats(113, 113.05),
    st.floats(34, 34.05),
)
def test_nearest_line_equals_a_walk_along_the_lines(
    corners: list[tuple[float, float]], lon: float, lat: float
) -> None:
    pairs = list(pairwise(corners))
    roads = Outlines((at, 1, line(*pair)) for at, pair in enumerate(pairs))
    steps = 2000

    def walk(start: tuple[float, float], end: tuple[float, float]) -> float:
        parts = (step / steps for step in range(steps + 1))
        along = ((start[0] + (end[0] - start[0]) * t, start[1] + (end[1] - start[1]) * t) for t in parts)
        return min(distance_m(lon, lat, *point) for point in along)

    found = roads.nearest_line(lon, lat, 20_000)

    # A step is at most 4 m, and plane and sphere differ by a thousandth.
    assert found is not None
    walked = [walk(*pair) for pair in pairs]
    assert found[1] == pytest.approx(min(walked), rel=2e-3, abs=4)
    assert walked[found[0]] == pytest.approx(found[1], rel=2e-3, abs=4)


@pytest.mark.parametrize(
    ("geometry", "sentence"),
    [
        (None, "不是有效的 GeoJSON"),
        ({"type": "Polygon"}, "不是有效的 GeoJSON"),
        ({"type": "Polygon", "coordinates": [[1, 2]]}, "不是有效的 GeoJSON"),
        ({"type": "Point", "coordinates": [113, 34]}, "面.*或线"),
        ({"type": "Polygon", "coordinates": []}, "没有坐标"),
        ({"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}, "修复几何"),
        (line((34, 113), (34.1, 113)), "写反"),
        (line((38_500_000, 3_840_000), (38_500_100, 3_840_000)), "投影坐标"),
    ],
)
def test_a_faulty_geometry_is_refused_with_its_name(geometry: Any, sentence: str) -> None:
    with pytest.raises(ValueError, match=f"“杜甫路街道”.*{sentence}"):
        Outlines([("杜甫路街道", 3, geometry)])


def test_shapely_is_not_loaded_before_it_is_needed() -> None:
    asked = "import sys, chuangwen.kernel.places.containment; print({'shapely', 'numpy'} & set(sys.modules))"

    answer = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)

    assert answer.stdout == "set()\n"


# Real input -----------------------------------------------------------------------------------------------


def test_every_shop_of_gongyi_is_in_gongyi_then_zhengzhou() -> None:
    counties = features("boundaries/zhengzhou_counties_gcj02.geojson")
    cities = features("boundaries/henan_cities_gcj02.geojson")
    rows = [(410100, 1, next(city["geometry"] for city in cities if city["properties"]["adcode"] == 410100))]
    rows += [(feature["properties"]["adcode"], 2, feature["geometry"]) for feature in counties]
    with (DATA / "poi-gongyi/catering_gongyi.csv").open(encoding="utf-8-sig", newline="") as lines:
        shops = [(float(row["lon_gcj02"]), float(row["lat_gcj02"])) for row in csv.DictReader(lines)]

    outlines = Outlines(rows)

    # Outlines and shops are both GCJ-02, so they are compared as they are.
    assert len(shops) == 880
    assert {tuple(outlines.find(*shop)) for shop in shops} == {(410181, 410100)}


def test_the_published_outline_of_xuchang_is_refused_with_the_place_of_its_fault() -> None:
    cities = features("boundaries/henan_cities_gcj02.geojson")
    xuchang = next(city["geometry"] for city in cities if city["properties"]["adcode"] == 411000)

    with pytest.raises(ValueError, match=r"“许昌市”.*113\.8\d+ 33\.8\d+.*修复几何"):
        Outlines([("许昌市", 1, xuchang)])


def test_every_corner_of_a_real_road_lies_on_a_road() -> None:
    roads = features("roads-zhengzhou-osm/roads_zhengzhou_jingkai_wgs84.geojson")
    lines = Outlines((at, 1, road["geometry"]) for at, road in enumerate(roads))
    corners = [point for road in roads[::25] for point in road["geometry"]["coordinates"]]

    found = [lines.nearest_line(lon, lat, 10) for lon, lat in corners]

    assert [hit for hit in found if hit is None or hit[1] > 0.01] == []
    assert len(found) > 100
