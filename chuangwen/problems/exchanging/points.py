"""A partner's coordinates as degrees and back: an EPSG zone in metres, or degrees in a named datum; either order of the two."""

from __future__ import annotations

import re

from chuangwen.kernel.places.datum import Datum, from_wgs84, to_wgs84
from chuangwen.kernel.places.projected import Zone, to_degrees, to_metres, zone_of
from chuangwen.problems.exchanging.messages import Unreadable

_EPSG = re.compile(r"(?:epsg:)?\s*(\d{4,5})", re.IGNORECASE)


def reading_of(projection: str) -> Zone | Datum:
    """What a partner's setting stands for: 32651, EPSG:4547, gcj02. Raises Unreadable."""
    text = projection.strip()
    number = _EPSG.fullmatch(text)
    try:
        if number is None:
            return Datum(text.casefold())
        return {4326: Datum.WGS84, 4490: Datum.CGCS2000}.get(int(number[1])) or zone_of(int(number[1]))
    except ValueError as fault:
        raise Unreadable("projection", projection=text[:20]) from fault


def degrees_of(x: str, y: str, projection: str) -> tuple[float, float, Datum] | None:
    """(longitude, latitude, datum) of a pair of theirs; None where none was set (empty, or both 0).

    Some systems give north first. In no zone can a point of China be read both ways, so the order that reads is the
    one that was meant. Raises Unreadable.
    """
    if not x.strip() and not y.strip():
        return None
    a, b = _number("CoordinateX", x), _number("CoordinateY", y)
    if a == 0 and b == 0:
        return None
    reading = reading_of(projection)
    for first, second in ((a, b), (b, a)):
        try:
            if isinstance(reading, Datum):
                to_wgs84(first, second, reading)
                return first, second, reading
            lon, lat = to_degrees(first, second, reading)
        except ValueError:
            continue
        if abs(lon - reading.meridian) <= 4 and abs(lat) >= 1:  # Gauss-Krüger and UTM zones with some overlap
            return lon, lat, Datum.WGS84
    raise Unreadable("point", x=x.strip()[:20], y=y.strip()[:20], projection=projection)


def written(lon: float, lat: float, projection: str) -> tuple[str, str]:
    """A WGS-84 point as this partner writes it; ("", "") for a point outside its zone. Raises Unreadable."""
    reading = reading_of(projection)
    if isinstance(reading, Datum):
        there = from_wgs84(lon, lat, reading)
        return f"{there[0]:.7f}", f"{there[1]:.7f}"
    try:
        east, north = to_metres(lon, lat, reading)
    except ValueError:
        return "", ""
    return f"{east:.2f}", f"{north:.2f}"


def _number(name: str, text: str) -> float:
    try:
        found = float(text)
    except ValueError as fault:
        raise Unreadable("number", field=name, value=text[:30]) from fault
    if abs(found) > 1e9 or found != found:
        raise Unreadable("number", field=name, value=text[:30])
    return found
