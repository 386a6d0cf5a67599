"""Metres of map sheets against points others have published."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chuangwen.kernel.places.datum import distance_m
from chuangwen.kernel.places.projected import Zone, to_degrees, to_metres, zone_of

# British National Grid: EPSG Guidance Note 7-2, section 3.5.3 "Transverse Mercator", its worked example.
BRITISH = Zone(-2.0, 0.9996012717, 400_000, -100_000, 49.0, 6377563.396, 1 / 299.3249646)


def test_the_worked_example_of_the_registry():
    assert to_metres(0.5, 50.5, BRITISH) == pytest.approx((577274.99, 69740.50), abs=0.011)
    assert to_degrees(577274.99, 69740.50, BRITISH) == pytest.approx((0.5, 50.5), abs=2e-7)


def test_a_tower_everybody_knows():
    """CN Tower, Toronto: 43°38′33.24″N 79°23′13.7″W is 17N 630084 m E 4833438 m N (Wikipedia, "UTM coordinate system")."""
    east, north = to_metres(-(79 + 23 / 60 + 13.7 / 3600), 43 + 38 / 60 + 33.24 / 3600, zone_of(32617))
    assert (int(east), int(north)) == (630084, 4833438)


def test_the_lamp_of_ningbo():
    """SOURCE.md of ../shared/data/citymgmt-ningbo gives the degrees of its case."""
    assert to_degrees(360550, 3303717, zone_of(32651)) == pytest.approx((121.5563, 29.8561), abs=5e-5)


@pytest.mark.parametrize(
    ("epsg", "meridian", "east"),
    [(4491, 75, 13_500_000), (4501, 135, 23_500_000), (4502, 75, 500_000), (4513, 75, 25_500_000),
     (4526, 114, 38_500_000), (4533, 135, 45_500_000), (4534, 75, 500_000), (4547, 114, 500_000),
     (32650, 117, 500_000), (32701, -177, 500_000)],
)  # fmt: skip
def test_zones_by_their_number(epsg, meridian, east):
    """Central meridians as the EPSG registry gives them; on them the easting is the false easting."""
    zone = zone_of(epsg)
    assert zone.meridian == meridian
    assert to_metres(meridian, 0.0, zone) == pytest.approx(
        (east, 10_000_000 if epsg > 32700 else 0), abs=1e-6
    )


@pytest.mark.parametrize("epsg", [0, 3857, 4326, 4490, 4555, 32600, 32661, 2333])
def test_other_numbers_are_no_zone(epsg):
    with pytest.raises(ValueError):
        zone_of(epsg)


@pytest.mark.parametrize(
    "point", [(3303717, 360550), (float("nan"), 0), (1e300, 1e300), (0, 5e6), (120.1, 30.2)]
)
def test_points_outside_the_zone_are_named(point):
    if point == (120.1, 30.2):  # degrees taken for metres: 4.5° west of the meridian, on the equator
        assert to_degrees(*point, zone_of(32651))[1] < 1
        return
    with pytest.raises(ValueError):
        to_degrees(*point, zone_of(32651))


@given(st.floats(-3, 3), st.floats(-80, 80), st.sampled_from([4547, 32651, 4526]))
@settings(max_examples=60, deadline=None)
def test_there_and_back(off, lat, epsg):
    zone = zone_of(epsg)
    lon = zone.meridian + off
    again = to_degrees(*to_metres(lon, lat, zone), zone)
    assert distance_m(lon, lat, *again) < 1e-3
