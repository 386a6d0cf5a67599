"""Cells against a naive Morton code, the published slippy-map tiles and points on and in circles."""

from __future__ import annotations

from itertools import pairwise
from math import cos, inf, log, pi, radians, sin, tan

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chuangwen.kernel.places.cells import (
    cell,
    cell_bounds,
    cell_center,
    cell_range,
    cover,
    parent,
    tile_of,
)
from chuangwen.kernel.places.datum import distance_m

few = settings(max_examples=150, deadline=None)
longitudes = st.floats(-180, 180)
latitudes = st.floats(-85, 85)
zooms = st.integers(0, 24)


def naive_tile(lon: float, lat: float, zoom: int) -> tuple[int, int]:
    across = 2**zoom
    x = int((lon + 180) / 360 * across)
    y = int((1 - log(tan(radians(lat)) + 1 / cos(radians(lat))) / pi) / 2 * across)
    return min(x, across - 1), y


def naive_morton(x: int, y: int, zoom: int) -> int:
    digits = "".join(str(2 * (y >> bit & 1) + (x >> bit & 1)) for bit in reversed(range(zoom)))
    return int(digits or "0", 4)


@few
@given(longitudes, latitudes)
def test_cell_equals_a_naive_code(lon: float, lat: float) -> None:
    assert cell(lon, lat) == naive_morton(*naive_tile(lon, lat, 24), 24)


@few
@given(longitudes, latitudes, zooms)
def test_tile_equals_a_naive_tile(lon: float, lat: float, zoom: int) -> None:
    assert tile_of(lon, lat, zoom) == naive_tile(lon, lat, zoom)


@few
@given(longitudes, latitudes, zooms)
def test_a_cell_lies_in_the_range_of_its_tile_and_in_no_neighbour(lon: float, lat: float, zoom: int) -> None:
    x, y = tile_of(lon, lat, zoom)
    code = cell(lon, lat)
    neighbours = [(x + 1, y), (x - 1, y), (x, y + 1), (x, y - 1)]

    low, high = cell_range(zoom, x, y)

    assert low <= code <= high
    assert high - low + 1 == 4 ** (24 - zoom)
    for nx, ny in neighbours:
        if 0 <= nx < 2**zoom and 0 <= ny < 2**zoom:
            other_low, other_high = cell_range(zoom, nx, ny)
            assert not other_low <= code <= other_high


@few
@given(longitudes, latitudes, zooms)
def test_parent_is_the_code_of_the_tile(lon: float, lat: float, zoom: int) -> None:
    assert parent(cell(lon, lat), zoom) == naive_morton(*naive_tile(lon, lat, zoom), zoom)


@few
@given(longitudes, latitudes, zooms)
def test_bounds_hold_the_point_and_the_center_is_in_the_tile(lon: float, lat: float, zoom: int) -> None:
    code = parent(cell(lon, lat), zoom)

    west, south, east, north = cell_bounds(code, zoom)

    hair = 1e-9  # rounding of the way back through the exponential
    assert west - hair <= lon <= east + hair
    assert south - hair <= lat <= north + hair
    assert parent(cell(*cell_center(code, zoom)), zoom) == code


def test_a_city_gets_the_tile_of_the_published_formula() -> None:
    # By hand at zoom 1: Gongyi lies in the north-eastern quarter; at zoom 0 all is one tile.
    assert (tile_of(112.98, 34.75, 0), tile_of(112.98, 34.75, 1)) == ((0, 0), (1, 0))
    assert cell_range(1, 1, 0) == (4**23, 2 * 4**23 - 1)
    assert cell_range(1, 0, 1) == (2 * 4**23, 3 * 4**23 - 1)


@pytest.mark.parametrize(("lon", "lat"), [(180.0, -90.0), (-180.0, 90.0), (180.0, 0.0)])
def test_edges_of_the_world_have_a_cell_that_fits_a_bigint(lon: float, lat: float) -> None:
    assert 0 <= cell(lon, lat) < 2**48


def held(lon: float, lat: float, ranges: list[tuple[int, int]]) -> bool:
    code = cell(lon, lat)
    return any(low <= code <= high for low, high in ranges)


@few
@example(180.0, 0.0, 0.0, 0.0, 0.0)
@example(-180.0, 34.0, 50.0, 0.0, 0.0)
@given(longitudes, latitudes, st.floats(0, 2_000_000), st.floats(0, 2 * pi), st.floats(0, 1))
def test_cover_holds_every_point_of_the_circle(
    lon: float, lat: float, radius_m: float, bearing: float, part: float
) -> None:
    degrees_out = part * radius_m / 111_195
    other_lat = lat + degrees_out * cos(bearing)
    stretch = cos(radians(min(89.0, abs(lat) + abs(degrees_out))))
    other_lon = (lon + degrees_out * sin(bearing) / stretch + 180) % 360 - 180
    if abs(other_lat) > 90 or distance_m(lon, lat, other_lon, other_lat) > radius_m:
        other_lon, other_lat = lon, lat

    ranges = cover(lon, lat, radius_m)

    assert held(other_lon, other_lat, ranges)


@few
@given(st.floats(73, 135), st.floats(18, 54), st.floats(0, 50_000))
def test_cover_is_few_sorted_ranges_apart_and_not_much_wider_than_the_circle(
    lon: float, lat: float, radius_m: float
) -> None:
    ranges = cover(lon, lat, radius_m)

    assert 1 <= len(ranges) <= 9
    assert all(low <= high for low, high in ranges)
    assert all(before[1] + 1 < after[0] for before, after in pairwise(ranges))
    cells = sum(high - low + 1 for low, high in ranges)
    side_m = 40_075_017 / 2**24 * cos(radians(lat))
    # Nine tiles, each at most as wide as the box of the circle plus a few cells.
    assert cells * side_m**2 <= 9 * (2.05 * radius_m + 4 * side_m) ** 2


def test_cover_reaches_over_the_line_of_180_degrees() -> None:
    ranges = cover(179.9999, 0.0, 100)

    assert held(-179.9999, 0.0, ranges)
    assert not held(0.0, 0.0, ranges)


def test_cover_at_a_pole_is_the_whole_map() -> None:
    assert cover(113.0, 89.9999, 1000) == [(0, 4**24 - 1)]


@pytest.mark.parametrize("radius_m", [-1.0, inf])
def test_a_faulty_radius_is_refused(radius_m: float) -> None:
    with pytest.raises(ValueError, match="半径"):
        cover(113.0, 34.0, radius_m)


def test_what_is_not_on_the_map_is_refused() -> None:
    with pytest.raises(ValueError, match="瓦片"):
        cell_range(3, 8, 0)
    with pytest.raises(ValueError, match="缩放级别"):
        tile_of(113.0, 34.0, 25)
    with pytest.raises(ValueError, match="超出范围"):
        cell(34.0, 113.0)
    with pytest.raises(ValueError, match="网格码"):
        cell_center(4**5, 5)
