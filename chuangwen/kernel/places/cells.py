"""Cells: the Morton code of a point's web-mercator tile at zoom 24, so that a map tile is one range of
integers.

Tile numbers are those of slippy maps (OpenStreetMap): x from 180° W to the east, y from 85.0511° N to the
south, 2^zoom of each. A cell interleaves their bits, x in the even places and y in the odd ones, 48 bits in
all, which fits a signed BIGINT. All points of a tile at any zoom are consecutive cells: `cell >> 2 * (24 -
zoom)` names the tile. At zoom 24 a tile is 2.4 m wide at the equator and 2 m at 35° N.
"""

from __future__ import annotations

from math import asin, atan, ceil, cos, degrees, floor, inf, isfinite, log, pi, radians, sin, sinh, tan

ZOOM = 24
MAX_LAT = degrees(atan(sinh(pi)))  # 85.0511…, where the square of the web-mercator map ends

# The smallest radius of curvature of WGS-84 (north-south at the equator): angles taken with it are never
# too small.
_SMALLEST_RADIUS_M = 6_335_439.0
_MOST_TILES_ACROSS = 3

# Each step moves the upper half of every group of bits to the left, until all bits have a free one between
# them.
_SPREAD = (
    (16, 0x0000FFFF0000FFFF),
    (8, 0x00FF00FF00FF00FF),
    (4, 0x0F0F0F0F0F0F0F0F),
    (2, 0x3333333333333333),
    (1, 0x5555555555555555),
)
_GATHER = (
    (1, 0x3333333333333333),
    (2, 0x0F0F0F0F0F0F0F0F),
    (4, 0x00FF00FF00FF00FF),
    (8, 0x0000FFFF0000FFFF),
    (16, 0x00000000FFFFFFFF),
)

Range = tuple[int, int]
"""Lowest and highest cell, both included: `cell BETWEEN low AND high`."""


def tile_of(lon: float, lat: float, zoom: int) -> tuple[int, int]:
    """Tile numbers (x, y) of the point; latitudes beyond the map count to its edge. Raises ValueError."""
    if not (isfinite(lon) and isfinite(lat) and abs(lon) <= 180 and abs(lat) <= 90):
        raise ValueError(f"坐标 {lon}, {lat} 超出范围:经度须在 ±180、纬度须在 ±90 之内")
    _check_zoom(zoom)
    # Cut at zoom 24 and shift, so that the tiles of one point at two zooms always lie in each other.
    x = _number((lon + 180) / 360)
    y = _number(_mercator(lat))
    return x >> (ZOOM - zoom), y >> (ZOOM - zoom)


def cell(lon: float, lat: float) -> int:
    """The cell of a WGS-84 point, 0 to 2^48 - 1. Raises ValueError for degrees that are none."""
    return _interleave(*tile_of(lon, lat, ZOOM))


def parent(cell: int, zoom: int) -> int:
    """The Morton code, at `zoom`, of the tile that holds a cell of zoom 24; equal codes make a cluster."""
    _check_zoom(zoom)
    return cell >> 2 * (ZOOM - zoom)


def cell_range(z: int, x: int, y: int) -> Range:
    """All cells in slippy tile z/x/y. Raises ValueError for a tile that is not on the map."""
    _check_zoom(z)
    if not (0 <= x < 1 << z and 0 <= y < 1 << z):
        raise ValueError(f"瓦片 {z}/{x}/{y} 不存在:{z} 级的行列号须在 0 至 {(1 << z) - 1} 之间")
    return _whole(_interleave(x, y), z)


def cell_bounds(cell: int, zoom: int = ZOOM) -> tuple[float, float, float, float]:
    """West, south, east and north in degrees of the tile whose Morton code at `zoom` is `cell`."""
    x, y = _tile(cell, zoom)
    return _lon(x, zoom), _lat(y + 1, zoom), _lon(x + 1, zoom), _lat(y, zoom)


def cell_center(cell: int, zoom: int = ZOOM) -> tuple[float, float]:
    """Longitude and latitude of the middle (on the map) of the tile whose Morton code at `zoom` is `cell`."""
    x, y = _tile(cell, zoom)
    return _lon(x + 0.5, zoom), _lat(y + 0.5, zoom)


def cover(lon: float, lat: float, radius_m: float) -> list[Range]:
    """At most nine ranges in ascending order that together hold every point within `radius_m` of the point.

    They hold more than the circle, so ask the distance of what is found. Raises ValueError for a negative
    radius and for degrees that are none.
    """
    tile_of(lon, lat, 0)
    if not 0 <= radius_m < inf:
        raise ValueError(f"半径 {radius_m} 无效,填不小于 0 的米数")
    up = degrees(radius_m / _SMALLEST_RADIUS_M)
    south, north = max(-90.0, lat - up), min(90.0, lat + up)
    if south == -90 or north == 90:
        return [_whole(0, 0)]
    # The widest reach of a circle on the sphere; it lies a little poleward of the point itself.
    aside = degrees(asin(min(1.0, sin(radians(up)) / cos(radians(lat)))))
    # The column before a left edge counts too: a point at 180° E is in the last column, where the map wraps.
    left, right = ceil(_scaled(lon - aside)) - 1, floor(_scaled(lon + aside))
    (_, top), (_, bottom) = tile_of(lon, north, ZOOM), tile_of(lon, south, ZOOM)
    shift = 0
    while (right >> shift) - (left >> shift) >= _MOST_TILES_ACROSS or (
        (bottom >> shift) - (top >> shift) >= _MOST_TILES_ACROSS
    ):
        shift += 1
    zoom = max(0, ZOOM - shift)
    across = 1 << zoom
    columns = {x % across for x in range(left >> shift, (right >> shift) + 1)}  # across the line of 180°
    rows = range(top >> shift, (bottom >> shift) + 1)
    return _joined(sorted(_whole(_interleave(x, y), zoom) for x in columns for y in rows))


def _joined(ranges: list[Range]) -> list[Range]:
    """Sorted ranges with those that follow each other without a gap made one."""
    joined: list[Range] = []
    for low, high in ranges:
        if joined and joined[-1][1] + 1 == low:
            joined[-1] = (joined[-1][0], high)
        else:
            joined.append((low, high))
    return joined


def _check_zoom(zoom: int) -> None:
    if not 0 <= zoom <= ZOOM:
        raise ValueError(f"缩放级别 {zoom} 无效,须在 0 至 {ZOOM} 之间")


def _scaled(lon: float) -> float:
    return (lon + 180) / 360 * (1 << ZOOM)


def _mercator(lat: float) -> float:
    """How far down the map the latitude lies, 0 at the northern edge and 1 at the southern."""
    held = radians(max(-MAX_LAT, min(MAX_LAT, lat)))
    return (1 - log(tan(held) + 1 / cos(held)) / pi) / 2


def _number(part: float) -> int:
    # The eastern and southern edges belong to the last tile.
    return min((1 << ZOOM) - 1, max(0, floor(part * (1 << ZOOM))))


def _lon(x: float, zoom: int) -> float:
    return x / (1 << zoom) * 360 - 180


def _lat(y: float, zoom: int) -> float:
    return degrees(atan(sinh(pi * (1 - 2 * y / (1 << zoom)))))


def _whole(code: int, zoom: int) -> Range:
    free = 2 * (ZOOM - zoom)
    return code << free, ((code + 1) << free) - 1


def _tile(code: int, zoom: int) -> tuple[int, int]:
    _check_zoom(zoom)
    if not 0 <= code < 1 << 2 * zoom:
        raise ValueError(f"网格码 {code} 不属于 {zoom} 级")
    return _gathered(code), _gathered(code >> 1)


def _interleave(x: int, y: int) -> int:
    return _spread(x) | _spread(y) << 1


def _spread(bits: int) -> int:
    for shift, mask in _SPREAD:
        bits = (bits | bits << shift) & mask
    return bits


def _gathered(bits: int) -> int:
    bits &= _SPREAD[-1][1]
    for shift, mask in _GATHER:
        bits = (bits | bits >> shift) & mask
    return bits
