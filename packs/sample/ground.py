"""Sample shapes: cells around the streets' centres in a rounded outline, and kinked roads."""

from __future__ import annotations

from random import Random
from typing import Any

import shapely
import shapely.ops
from shapely.geometry import LineString, MultiPoint, Point, Polygon, mapping
from shapely.geometry.base import BaseGeometry

from packs.sample.plan import Plan

Row = dict[str, str]
PLACES = 5


def cells_of(plan: Plan, streets: list[Row]) -> dict[str, Polygon]:
    """One polygon for each street code; together they tile a rounded outline, none overlaps another."""
    centres = MultiPoint([(float(row["lon"]), float(row["lat"])) for row in streets])
    outline = shapely.convex_hull(centres).buffer(0.05, quad_segs=6).simplify(0.004)
    outline = outline.buffer(0.02).buffer(-0.02, quad_segs=4).simplify(0.002)
    cells = shapely.voronoi_polygons(centres, extend_to=outline.buffer(1), ordered=True)
    return {
        row["code"]: shapely.set_precision(cell.intersection(outline), 10**-PLACES)
        for row, cell in zip(streets, cells.geoms, strict=True)
    }


def inside(
    polygon: BaseGeometry, random: Random, near: tuple[float, float] | None = None, spread: float = 0.004
) -> Point:
    """A random point well inside the polygon, within `spread` degrees of `near` when that is given."""
    core = polygon.buffer(-0.0015)
    west, south, east, north = core.bounds
    for _ in range(2000):
        if near:
            lon, lat = near[0] + random.uniform(-spread, spread), near[1] + random.uniform(-spread, spread)
        else:
            lon, lat = random.uniform(west, east), random.uniform(south, north)
        point = Point(round(lon, PLACES), round(lat, PLACES))
        if core.contains(point):
            return point
    return inside(polygon, random)


def lines_in(polygon: Polygon, each_way: int, random: Random) -> list[LineString]:
    """`each_way` roughly west-east lines, then as many south-north ones, inside the polygon."""
    core = polygon.buffer(-0.002)
    core = core if core.geom_type == "Polygon" else max(core.geoms, key=lambda part: part.area)
    west, south, east, north = core.bounds
    lines = []
    for across in (True, False):
        low, high = (south, north) if across else (west, east)
        for number in range(each_way):
            at = low + (high - low) * (number + 1) / (each_way + 1) + random.uniform(-0.0004, 0.0004)
            whole = LineString([(west, at), (east, at)] if across else [(at, south), (at, north)])
            lines.append(_kinked(core.intersection(whole), random))
    return lines


def _kinked(line: BaseGeometry, random: Random) -> LineString:
    straight = line if line.geom_type == "LineString" else max(line.geoms, key=lambda part: part.length)
    (lon1, lat1), (lon2, lat2) = straight.coords[0], straight.coords[-1]
    middle = (
        (lon1 + lon2) / 2 + random.uniform(-0.0005, 0.0005),
        (lat1 + lat2) / 2 + random.uniform(-0.0005, 0.0005),
    )
    points = [straight.coords[0], middle, straight.coords[-1]]
    return LineString([(round(x, PLACES), round(y, PLACES)) for x, y in points])


def crossing(first: LineString, second: LineString) -> LineString | None:
    """A short stretch of the first line around the place where the two cross, or None where they do not."""
    point = first.intersection(second)
    if point.geom_type != "Point":
        return None
    at = first.project(point)
    return shapely.set_precision(shapely.ops.substring(first, max(0, at - 0.0004), at + 0.0004), 10**-PLACES)


def feature(code: str, name: str, level: str, shape: BaseGeometry) -> dict[str, Any]:
    """One GeoJSON feature, marked as a sample."""
    properties = {
        "code": code,
        "name": name,
        "level": level,
        "sample": True,
        "source": "示例图形，由种子生成，不是真实界线",
    }
    return {"type": "Feature", "properties": properties, "geometry": mapping(shape)}


def area_features(areas: list[Row], cells: dict[str, Polygon]) -> list[dict[str, Any]]:
    """Features of all streets, and of each area above as the union of the streets below it."""
    parents = {row["code"]: row["parent"] for row in areas}
    below: dict[str, list[Polygon]] = {}
    for code, cell in cells.items():
        while code:
            below.setdefault(code, []).append(cell)
            code = parents[code]
    return [
        feature(row["code"], row["short_name"], row["level"], shapely.union_all(below[row["code"]]))
        for row in areas
        if row["code"] in below
    ]
