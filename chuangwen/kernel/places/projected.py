"""Metres on a map sheet to degrees and back: UTM zones and the Gauss-Krüger zones of CGCS2000 (transverse Mercator).

Method: C. F. F. Karney, "Transverse Mercator with an accuracy of a few nanometers", J. Geodesy 85 (2011), series (35)
and (36) of Krüger to the sixth order of n, less than a micrometre off within a zone. Zones by EPSG number: 32601–32660
and 32701–32760 are UTM on WGS 84; of CGCS2000, 4491–4501 are 6° zones with the zone's number before the easting,
4502–4512 the same by central meridian, 4513–4533 and 4534–4554 likewise for 3° (EPSG registry). Degrees of CGCS2000
and WGS 84 are the same within centimetres.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import asinh, atan, atan2, atanh, cos, cosh, degrees, hypot, isfinite, radians, sin, sinh, sqrt, tan

WGS84_AXIS_M, WGS84_FLATTENING = 6378137.0, 1 / 298.257223563
CGCS2000_AXIS_M, CGCS2000_FLATTENING = 6378137.0, 1 / 298.257222101
MOST_OFF = 5.0  # degrees from the central meridian; a point further off was not given in this zone


@dataclass(frozen=True)
class Zone:
    """One transverse Mercator projection: degrees of its origin, its scale there, metres added; its ellipsoid."""

    meridian: float
    scale: float = 1.0
    east: float = 500_000.0
    north: float = 0.0
    latitude: float = 0.0
    axis: float = CGCS2000_AXIS_M
    flattening: float = CGCS2000_FLATTENING


def zone_of(epsg: int) -> Zone:
    """The projection of an EPSG number. Raises ValueError for one that is none of those above."""
    for first, latitude_north in ((32600, 0.0), (32700, 10_000_000.0)):
        if first < epsg <= first + 60:
            meridian = -183.0 + 6 * (epsg - first)
            return Zone(meridian, 0.9996, 500_000.0, latitude_north, 0.0, WGS84_AXIS_M, WGS84_FLATTENING)
    if 4491 <= epsg <= 4501:
        number = 13 + epsg - 4491
        return Zone(6.0 * number - 3, east=number * 1e6 + 500_000)
    if 4502 <= epsg <= 4512:
        return Zone(75.0 + 6 * (epsg - 4502))
    if 4513 <= epsg <= 4533:
        number = 25 + epsg - 4513
        return Zone(3.0 * number, east=number * 1e6 + 500_000)
    if 4534 <= epsg <= 4554:
        return Zone(75.0 + 3 * (epsg - 4534))
    raise ValueError(f"EPSG:{epsg}")


def to_degrees(east: float, north: float, zone: Zone) -> tuple[float, float]:
    """(longitude, latitude) in degrees of metres (east, north) in that zone.

    Raises ValueError for what lies outside it, as when east and north are exchanged.
    """
    if not (isfinite(east) and isfinite(north)):
        raise ValueError("not a number")
    n = _third(zone.flattening)
    radius = _radius(zone.axis, n) * zone.scale
    xi = (north - zone.north) / radius + _origin(zone, n)
    eta = (east - zone.east) / radius
    if abs(eta) > 0.15 or abs(xi) > 1.6:  # about 8 degrees of longitude; the series serve no further
        raise ValueError(f"{east}, {north}")
    xi0, eta0 = xi, eta
    for order, factor in enumerate(_back(n), 1):
        xi0 -= factor * sin(2 * order * xi) * cosh(2 * order * eta)
        eta0 -= factor * cos(2 * order * xi) * sinh(2 * order * eta)
    conformal = sin(xi0) / hypot(sinh(eta0), cos(xi0))
    lon = zone.meridian + degrees(atan2(sinh(eta0), cos(xi0)))
    lat = degrees(atan(_geographic(conformal, _eccentricity(zone.flattening))))
    if abs(lon - zone.meridian) > MOST_OFF or abs(lat) > 85:
        raise ValueError(f"{east}, {north}")
    return lon, lat


def to_metres(lon: float, lat: float, zone: Zone) -> tuple[float, float]:
    """(east, north) in metres of degrees. Raises ValueError for a point more than 5° from the central meridian."""
    if not (isfinite(lon) and isfinite(lat)) or abs(lon - zone.meridian) > MOST_OFF or abs(lat) > 85:
        raise ValueError(f"{lon}, {lat}")
    n = _third(zone.flattening)
    radius = _radius(zone.axis, n) * zone.scale
    xi, eta = _forward(radians(lon - zone.meridian), radians(lat), n, zone.flattening)
    return zone.east + radius * eta, zone.north + radius * (xi - _origin(zone, n))


def _forward(turn: float, phi: float, n: float, flattening: float) -> tuple[float, float]:
    eccentricity = _eccentricity(flattening)
    tau = tan(phi)
    sigma = sinh(eccentricity * atanh(eccentricity * tau / sqrt(1 + tau * tau)))
    conformal = tau * sqrt(1 + sigma * sigma) - sigma * sqrt(1 + tau * tau)
    xi0 = atan2(conformal, cos(turn))
    eta0 = asinh(sin(turn) / hypot(conformal, cos(turn)))
    xi, eta = xi0, eta0
    for order, factor in enumerate(_there(n), 1):
        xi += factor * sin(2 * order * xi0) * cosh(2 * order * eta0)
        eta += factor * cos(2 * order * xi0) * sinh(2 * order * eta0)
    return xi, eta


def _origin(zone: Zone, n: float) -> float:
    """The rectified northing of the zone's latitude of origin, in radii."""
    return _forward(0.0, radians(zone.latitude), n, zone.flattening)[0] if zone.latitude else 0.0


def _third(flattening: float) -> float:
    return flattening / (2 - flattening)


def _eccentricity(flattening: float) -> float:
    return sqrt(flattening * (2 - flattening))


def _radius(axis: float, n: float) -> float:
    """The radius of the circle as long as a meridian: Karney (14)."""
    return axis / (1 + n) * (1 + n**2 / 4 + n**4 / 64 + n**6 / 256)


def _there(n: float) -> tuple[float, ...]:
    """Karney (35)."""
    return (
        n / 2 - 2 * n**2 / 3 + 5 * n**3 / 16 + 41 * n**4 / 180 - 127 * n**5 / 288 + 7891 * n**6 / 37800,
        13 * n**2 / 48 - 3 * n**3 / 5 + 557 * n**4 / 1440 + 281 * n**5 / 630 - 1983433 * n**6 / 1935360,
        61 * n**3 / 240 - 103 * n**4 / 140 + 15061 * n**5 / 26880 + 167603 * n**6 / 181440,
        49561 * n**4 / 161280 - 179 * n**5 / 168 + 6601661 * n**6 / 7257600,
        34729 * n**5 / 80640 - 3418889 * n**6 / 1995840,
        212378941 * n**6 / 319334400,
    )


def _back(n: float) -> tuple[float, ...]:
    """Karney (36)."""
    return (
        n / 2 - 2 * n**2 / 3 + 37 * n**3 / 96 - n**4 / 360 - 81 * n**5 / 512 + 96199 * n**6 / 604800,
        n**2 / 48 + n**3 / 15 - 437 * n**4 / 1440 + 46 * n**5 / 105 - 1118711 * n**6 / 3870720,
        17 * n**3 / 480 - 37 * n**4 / 840 - 209 * n**5 / 4480 + 5569 * n**6 / 90720,
        4397 * n**4 / 161280 - 11 * n**5 / 504 - 830251 * n**6 / 7257600,
        4583 * n**5 / 161280 - 108847 * n**6 / 3991680,
        20648693 * n**6 / 638668800,
    )


def _geographic(conformal: float, eccentricity: float) -> float:
    """The tangent of the latitude from that of the conformal latitude, by Newton's method: Karney (19) to (21)."""
    tau, rest = conformal, 1 - eccentricity**2
    for _ in range(8):
        sigma = sinh(eccentricity * atanh(eccentricity * tau / sqrt(1 + tau * tau)))
        there = tau * sqrt(1 + sigma * sigma) - sigma * sqrt(1 + tau * tau)
        step = (conformal - there) / sqrt(1 + there * there)
        step *= (1 + rest * tau * tau) / (rest * sqrt(1 + tau * tau))
        tau += step
        if abs(step) < 1e-15 * max(1.0, abs(tau)):
            break
    return tau
