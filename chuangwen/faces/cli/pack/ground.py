"""Checks shapes and points: polygons valid and apart, points in their area and in the right datum."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import shapely
from shapely.geometry import Point, shape
from shapely.geometry.base import BaseGeometry

from chuangwen.faces.cli.pack.faults import Fault
from chuangwen.faces.cli.pack.layout import BY_NAME, SHAPES
from chuangwen.faces.cli.pack.links import codes
from chuangwen.faces.cli.pack.read import Pack, Row
from chuangwen.kernel.places.datum import Datum, to_wgs84

# Degrees. Rounding on a border is no fault; a rough position may be a kilometre off.
NEAR, ROUGH = 0.00003, 0.015
# Square degrees, some 100 m²: less is what rounding leaves along a common border.
OVERLAP = 1e-8
POINTS = ("areas", "sites", "shops")


def ground_faults(pack: Pack) -> Iterator[Fault]:
    """All faults of the shapes file and of every point in the pack."""
    geometries: dict[str, BaseGeometry] = {}
    yield from _shapes(pack, geometries)
    yield from _overlaps(pack, geometries)
    finder = _Finder(pack, geometries)
    for name in POINTS:
        for row in pack.rows(name):
            yield from finder.faults(name, row)


def _shapes(pack: Pack, geometries: dict[str, BaseGeometry]) -> Iterator[Fault]:
    """Checks every feature; those that can be used are put into `geometries` by code."""
    known = codes(pack, "areas.code") | codes(pack, "roads.code")
    roads = codes(pack, "roads.code")
    for feature in pack.shapes:
        code = feature.code

        def fault(
            sentence: str, column: str = "geometry", code: str = code, row: int = feature.number
        ) -> Fault:
            return Fault(SHAPES, "", row, column, code, f"第 {row} 个图形“{code}”{sentence}")

        if code not in known:
            yield fault("的 code 不在区划表和路段表里。改 code 或删去图形。", "code")
            continue
        if code in geometries:
            yield fault("的 code 已有图形，只留一个。", "code")
            continue
        try:
            geometry = shape(feature.geometry)
        except (ValueError, TypeError, KeyError, IndexError, AttributeError, shapely.errors.ShapelyError):
            yield fault("没有可用的坐标。重新画一次。")
            continue
        wanted = ("LineString", "MultiLineString") if code in roads else ("Polygon", "MultiPolygon")
        if geometry.is_empty or geometry.geom_type not in wanted:
            yield fault(f"应是{'线' if code in roads else '面'}。换成正确的图形。")
        elif not geometry.is_valid:
            reason = shapely.is_valid_reason(geometry)
            yield fault(f"不是有效的面（{reason}）。边线自相交处改直，或重新画。")
        else:
            geometries[code] = geometry


def _overlaps(pack: Pack, geometries: dict[str, BaseGeometry]) -> Iterator[Fault]:
    """Areas of one level that cover the same ground."""
    levels: dict[str, list[str]] = {}
    for row in pack.rows("areas"):
        if row.text("code") in geometries:
            levels.setdefault(row.text("level"), []).append(row.text("code"))
    numbers = {feature.code: feature.number for feature in pack.shapes}
    for same in levels.values():
        tree = shapely.STRtree([geometries[code] for code in same])
        for index, code in enumerate(same):
            for other in tree.query(geometries[code], predicate="intersects"):
                if other < index and geometries[code].intersection(geometries[same[other]]).area > OVERLAP:
                    row_number = numbers[code]
                    sentence = (
                        f"第 {row_number} 个图形“{code}”与“{same[other]}”有一块重叠。改边线，使两者只相接。"
                    )
                    yield Fault(SHAPES, "", row_number, "geometry", code, sentence)


class _Finder:
    """Knows the city's outline and, for each area, the nearest outline at or above it."""

    def __init__(self, pack: Pack, geometries: dict[str, BaseGeometry]) -> None:
        self.parents = {row.text("code"): row.text("parent") for row in pack.rows("areas")}
        tops = [row.text("code") for row in pack.rows("areas") if row.text("level") == "city"]
        self.names = {row.text("code"): row.text("short_name") for row in pack.rows("areas")}
        self.shapes = geometries
        self.city = geometries.get(tops[0]) if tops else None
        self.wide: dict[tuple[str, float], Any] = {}

    def faults(self, name: str, row: Row) -> Iterator[Fault]:
        """Faults of the point of one row of that file."""
        lon, lat = row.values.get("lon"), row.values.get("lat")
        if lon is None and lat is None:
            return
        if lon is None or lat is None:
            if not BY_NAME[name].column("lon").required:  # otherwise the empty cell is a fault already
                title, key = ("经度", "lon") if lon is None else ("纬度", "lat")
                yield row.fault(title, key, "经度和纬度只填了一个，补上另一个或都留空。")
            return
        area = row.text("code" if name == "areas" else "area")
        sentence = self._wrong(float(lon), float(lat), row, area)
        if sentence:
            yield row.fault("经度", "lon", sentence)

    def _wrong(self, lon: float, lat: float, row: Row, area: str) -> str:
        if abs(lon) > 180 or abs(lat) > 180:
            return f"{lon}, {lat} 不是经纬度，像以米计的平面坐标。换算成 WGS-84 经纬度再填。"
        if abs(lat) > 90 or (self.city is not None and self._holds(self.city, lat, lon, ROUGH)):
            return f"{lon}, {lat} 的经度和纬度写反了，对调两列。"
        datum = row.text("datum") or "wgs84"
        spot = to_wgs84(lon, lat, Datum(datum))
        margin = ROUGH if row.values.get("approx") else NEAR
        code, outline = self._outline(area)
        if outline is None or self._holds(outline, *spot, margin):
            return ""
        if datum == "wgs84" and (likely := self._likely(lon, lat, outline, margin)):
            where = self.names[code]
            return f"{lon}, {lat} 按 {likely} 换算才落在“{where}”内。在坐标系一列写 {likely}，或换算后再填。"
        if self.city is not None and not self._holds(self.city, *spot, margin):
            return f"{lon}, {lat} 不在本市范围内。核对坐标，或改图形。"
        return f"{lon}, {lat} 不在“{self.names[code]}”的图形内。核对坐标或所在区划代码。"

    def _likely(self, lon: float, lat: float, outline: BaseGeometry, margin: float) -> str:
        """The shifted datum in which the point would lie inside the outline, if there is one."""
        for datum in (Datum.GCJ02, Datum.BD09):
            if self._holds(outline, *to_wgs84(lon, lat, datum), margin):
                return datum.value
        return ""

    def _outline(self, area: str) -> tuple[str, BaseGeometry | None]:
        seen = set()
        while area and area not in self.shapes and area not in seen:
            seen.add(area)
            area = self.parents.get(area, "")
        return area, self.shapes.get(area)

    def _holds(self, outline: BaseGeometry, lon: float, lat: float, margin: float) -> bool:
        key = (str(id(outline)), margin)
        if key not in self.wide:
            self.wide[key] = outline.buffer(margin)
            shapely.prepare(self.wide[key])
        return bool(self.wide[key].covers(Point(lon, lat)))
