"""The city's outlines as SVG paths in the sheet of the big screen, and where the names of its areas stand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import cos, radians
from typing import Any, NamedTuple

from chuangwen.kernel.city import briefly, city
from chuangwen.kernel.models import Place

WIDTH, HEIGHT = 1040, 718  # of the map on the screen, in its own pixels
EDGE = 16

Ring = Sequence[Sequence[float]]


class Frame(NamedTuple):
    """From degrees to a sheet: equal lengths east and north at the middle latitude, the y axis pointing down."""

    west: float
    north: float
    squeeze: float  # of a degree of longitude against one of latitude
    scale: float  # units of the sheet in a degree of latitude
    left: float
    top: float

    def at(self, lon: float, lat: float) -> tuple[float, float]:
        return (
            self.left + (lon - self.west) * self.squeeze * self.scale,
            self.top + (self.north - lat) * self.scale,
        )


def frame_over(points: Iterable[Sequence[float]], width: float, height: float, edge: float) -> Frame | None:
    """The frame that fits these points (lon, lat) into a sheet; None without any."""
    known = [(p[0], p[1]) for p in points]
    if not known:
        return None
    west, east = min(p[0] for p in known), max(p[0] for p in known)
    south, north = min(p[1] for p in known), max(p[1] for p in known)
    squeeze = cos(radians((south + north) / 2))
    wide, high = max((east - west) * squeeze, 1e-6), max(north - south, 1e-6)
    scale = min((width - 2 * edge) / wide, (height - 2 * edge) / high)
    return Frame(west, north, squeeze, scale, (width - wide * scale) / 2, (height - high * scale) / 2)


def rings_of(shape: dict[str, Any]) -> list[Ring]:
    """The rings of a polygon or of several; a line has none."""
    read: dict[str, Callable[[Any], list[Ring]]] = {
        "Polygon": list,
        "MultiPolygon": lambda parts: [ring for part in parts for ring in part],
    }
    return read.get(shape["type"], lambda _c: [])(shape["coordinates"])


def lines_of(shape: dict[str, Any]) -> list[Ring]:
    """The lines of a road; an area has none."""
    read: dict[str, Callable[[Any], list[Ring]]] = {"LineString": lambda c: [c], "MultiLineString": list}
    return read.get(shape["type"], lambda _c: [])(shape["coordinates"])


def path_of(rings: Iterable[Ring], frame: Frame, *, closed: bool = True) -> str:
    """The SVG path of these rings, to a tenth of a unit."""
    parts = []
    for ring in rings:
        at = [frame.at(p[0], p[1]) for p in ring]
        parts.append("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in at) + ("Z" if closed else ""))
    return "".join(parts)


@dataclass(frozen=True)
class Area:
    """One street on the sheet: its path, where its name stands best, how far from the edge that is."""

    pk: int
    code: str
    name: str
    path: str
    x: float
    y: float
    room: float


@dataclass(frozen=True)
class Sheet:
    """All that does not change from minute to minute."""

    areas: tuple[Area, ...]
    frame: Frame | None
    is_sample: bool  # of a demonstration, or of some area: then the shapes are no real borders


SHORTER = ("街道", "镇", "乡")  # of a name the wall shows what tells it apart


def short(name: str) -> str:
    """新华路 for 新华路街道, 米河 for 米河镇; two characters at least remain."""
    for end in SHORTER:
        if name.endswith(end) and len(name) - len(end) >= 2:
            return name.removesuffix(end)
    return name


def heart(rings: Sequence[Ring], frame: Frame) -> tuple[float, float, float]:
    """Where a name stands best on the sheet, the point farthest from any edge, and how far that is."""
    import shapely  # heavy, and only areas need it

    polygons = [shapely.Polygon([frame.at(p[0], p[1]) for p in ring]) for ring in rings if len(ring) > 3]
    if not polygons:
        return 0.0, 0.0, 0.0
    largest = max(polygons, key=lambda polygon: polygon.area).buffer(0)
    line = shapely.maximum_inscribed_circle(largest, tolerance=2.0)
    x, y = line.coords[0]
    return x, y, line.length


def _sheet() -> Sheet:
    rows = Place.objects.filter(kind__in=("city", "street"), shape__isnull=False, is_active=True)
    found = list(rows.order_by("pk").values_list("pk", "kind", "code", "short_name", "shape", "is_sample"))
    rings = {pk: rings_of(shape) for pk, _kind, _code, _name, shape, _sample in found}
    frame = frame_over((p for some in rings.values() for ring in some for p in ring), WIDTH, HEIGHT, EDGE)
    areas = [
        Area(pk, code, short(name), path_of(rings[pk], frame), *heart(rings[pk], frame))
        for pk, kind, code, name, _shape, _sample in found
        if kind == "street" and frame is not None and rings[pk]
    ]
    row = city()
    return Sheet(tuple(areas), frame, bool(row and row.is_demo) or any(one[5] for one in found))


sheet = briefly(_sheet, seconds=60.0)


def _dots() -> str:
    frame = sheet().frame
    if frame is None:
        return ""
    rows = Place.objects.filter(kind="site", is_active=True, lon__isnull=False, lat__isnull=False)
    spots = {tuple(round(part) for part in frame.at(lon, lat)) for lon, lat in rows.values_list("lon", "lat")}
    return "".join(f"M{x} {y}h0" for x, y in sorted(spots))


# All sites as dots of one path; those within the same pixel are one.
dots = briefly(_dots, seconds=60.0)
