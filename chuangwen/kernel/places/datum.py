"""Converts points between WGS-84, CGCS2000, GCJ-02 and BD-09 and finds points that came in the wrong one.

Everything is stored in WGS-84. CGCS2000 is taken as WGS-84: the two differ by centimetres to some
decimetres (plate motion since 2000), below any use made of a site here. GCJ-02 is the published form of
China's map shift (Amap, Tencent), BD-09 is Baidu's second shift on top of it. Neither has an official
formula; the constants are those of the open implementations that all agree with one another (eviltransform,
coordtransform), which fit the map services to about a metre.

Points outside the usual box, 72.004–137.8347 E and 0.8293–55.8271 N, are left untouched. The box is coarse:
it holds Hong Kong, Macao, Taiwan and parts of the neighbours, where map services may not shift. Its edges
run through sea and foreign land, so no Chinese city has a jump inside; a round trip is not promised within
a kilometre of the edge.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import asin, atan2, cos, hypot, inf, isfinite, pi, radians, sin, sqrt
from statistics import median

EARTH_RADIUS_M = 6_371_008.8  # mean radius of WGS-84 (IUGG R1)

Point = tuple[float, float]
"""Longitude and latitude in degrees, in this order."""

# The Krasovsky 1940 ellipsoid, on which the published shift is scaled from metres to degrees.
_KRASOVSKY_AXIS_M = 6_378_245.0
_KRASOVSKY_ECCENTRICITY_2 = 0.00669342162296594323
# Where the shift of GCJ-02 counts from.
_ORIGIN_LON, _ORIGIN_LAT = 105.0, 35.0
# BD-09: a constant push and a ripple of 3000 waves per 180 degrees.
_BAIDU_LON, _BAIDU_LAT, _BAIDU_WAVE = 0.0065, 0.006, pi * 3000.0 / 180.0
# A tenth of a micrometre on the ground.
_CLOSE_ENOUGH_DEG = 1e-12
_MOST_STEPS = 30


class Datum(StrEnum):
    """The reference a longitude and latitude were given in."""

    WGS84 = "wgs84"
    CGCS2000 = "cgcs2000"
    GCJ02 = "gcj02"
    BD09 = "bd09"


def to_wgs84(lon: float, lat: float, datum: Datum) -> Point:
    """WGS-84 degrees of a point given in `datum`. Raises ValueError for degrees that are none."""
    _check(lon, lat)
    if _shifts(datum) and in_china_box(lon, lat):
        return _invert(lon, lat, _FORWARD[datum])
    return lon, lat


def from_wgs84(lon: float, lat: float, datum: Datum) -> Point:
    """Degrees in `datum` of a WGS-84 point. Raises ValueError for degrees that are none."""
    _check(lon, lat)
    if _shifts(datum) and in_china_box(lon, lat):
        return _FORWARD[datum](lon, lat)
    return lon, lat


def in_china_box(lon: float, lat: float) -> bool:
    """Whether the shift of GCJ-02 is applied at all; see the docstring of the module."""
    return 72.004 <= lon <= 137.8347 and 0.8293 <= lat <= 55.8271


def distance_m(lon1: float, lat1: float, lon2: float, lat2: float) -> float:
    """Metres between two points along a great circle of the mean sphere (haversine).

    Against the ellipsoid it is wrong by at most 0.6 % (north-south at the equator), in China by less than
    0.5 %.
    """
    up, right = radians(lat2 - lat1) / 2, radians(lon2 - lon1) / 2
    chord = sin(up) ** 2 + cos(radians(lat1)) * cos(radians(lat2)) * sin(right) ** 2
    return 2 * EARTH_RADIUS_M * asin(min(1.0, sqrt(chord)))


@dataclass(frozen=True)
class Reading:
    """One way of reading points: in `datum`, with longitude and latitude exchanged where `swapped`.

    `share` of the points (0 to 1) fit so; `median_m` is the middle misfit in metres, infinite where most
    are lost.
    """

    datum: Datum
    swapped: bool
    share: float
    median_m: float


def likely_datum_fault(
    points: Sequence[Point],
    declared: Datum,
    misfit: Callable[[float, float], float],
    *,
    tolerance_m: float = 50.0,
    margin: float = 0.25,
) -> Reading | None:
    """The reading of `points` that fits clearly better than the declared one, or None.

    `points` are (lon, lat) as they were given, one or a whole sheet. `misfit(lon, lat)` says how many
    metres a WGS-84 point lies from where it should be: the distance to its road, or 0 inside and infinity
    outside its area. A point in the wrong datum lands 300 to 1,200 m away, a swapped one in another
    country. A reading fits clearly better when its share of points within `tolerance_m` exceeds that of the
    declared one by `margin`. One point tells little where roads are dense; twenty points of one sheet tell
    nearly everything.
    """
    if not points:
        return None
    plain = declared if not _shifts(declared) else Datum.WGS84
    orders = [(datum, swapped) for swapped in (False, True) for datum in (plain, Datum.GCJ02, Datum.BD09)]
    readings = [_read(points, datum, swapped, misfit, tolerance_m) for datum, swapped in orders]
    as_given = next(reading for reading in readings if reading.datum is declared and not reading.swapped)
    best = min(readings, key=lambda reading: (-reading.share, reading.median_m))
    return best if best.share - as_given.share >= margin else None


def _read(
    points: Sequence[Point],
    datum: Datum,
    swapped: bool,
    misfit: Callable[[float, float], float],
    tolerance_m: float,
) -> Reading:
    misfits = []
    for lon, lat in points:
        try:
            misfits.append(misfit(*to_wgs84(*((lat, lon) if swapped else (lon, lat)), datum)))
        except ValueError:  # a latitude above 90: this cannot be the way to read it
            misfits.append(inf)
    share = sum(metres <= tolerance_m for metres in misfits) / len(misfits)
    return Reading(datum, swapped, share, median(misfits))


def _check(lon: float, lat: float) -> None:
    if not (isfinite(lon) and isfinite(lat) and abs(lon) <= 180 and abs(lat) <= 90):
        raise ValueError(
            f"坐标 {lon}, {lat} 超出范围:经度须在 ±180、纬度须在 ±90 之内,核对是否把经度和纬度写反"
        )


def _shifts(datum: Datum) -> bool:
    return datum in _FORWARD


def _gcj02_from_wgs84(lon: float, lat: float) -> Point:
    x, y = lon - _ORIGIN_LON, lat - _ORIGIN_LAT
    root = sqrt(abs(x))
    # The same ripple in both directions, in metres.
    ripple = _waves((20.0, 6 * x), (20.0, 2 * x))
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + ripple
    east += _waves((20.0, x), (40.0, x / 3), (150.0, x / 12), (300.0, x / 30))
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + ripple
    north += _waves((20.0, y), (40.0, y / 3), (160.0, y / 12), (320.0, y / 30))
    phi = radians(lat)
    bulge = 1 - _KRASOVSKY_ECCENTRICITY_2 * sin(phi) ** 2
    meridian = _KRASOVSKY_AXIS_M * (1 - _KRASOVSKY_ECCENTRICITY_2) / (bulge * sqrt(bulge))
    parallel = _KRASOVSKY_AXIS_M / sqrt(bulge) * cos(phi)
    return lon + east / radians(1) / parallel, lat + north / radians(1) / meridian


def _waves(*waves: tuple[float, float]) -> float:
    """Two thirds of the sum of sines, each an amplitude and a phase in half turns."""
    return sum(amplitude * sin(phase * pi) for amplitude, phase in waves) * 2.0 / 3.0


def _bd09_from_wgs84(lon: float, lat: float) -> Point:
    x, y = _gcj02_from_wgs84(lon, lat)
    length = hypot(x, y) + 0.00002 * sin(y * _BAIDU_WAVE)
    angle = atan2(y, x) + 0.000003 * cos(x * _BAIDU_WAVE)
    return length * cos(angle) + _BAIDU_LON, length * sin(angle) + _BAIDU_LAT


def _invert(lon: float, lat: float, forward: Callable[[float, float], Point]) -> Point:
    """The point that `forward` sends to (lon, lat), by fixed-point iteration.

    The shift changes by less than a tenth of a metre per metre, so each step gains a digit or more.
    """
    guess_lon, guess_lat = lon, lat
    for _ in range(_MOST_STEPS):
        there_lon, there_lat = forward(guess_lon, guess_lat)
        error_lon, error_lat = lon - there_lon, lat - there_lat
        guess_lon, guess_lat = guess_lon + error_lon, guess_lat + error_lat
        if abs(error_lon) < _CLOSE_ENOUGH_DEG and abs(error_lat) < _CLOSE_ENOUGH_DEG:
            break
    return guess_lon, guess_lat


_FORWARD: dict[Datum, Callable[[float, float], Point]] = {
    Datum.GCJ02: _gcj02_from_wgs84,
    Datum.BD09: _bd09_from_wgs84,
}
