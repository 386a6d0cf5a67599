"""Outlines of areas and lines of roads in memory: which areas hold a point, and which road is nearest."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from math import cos, inf, radians
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from chuangwen.kernel.places.datum import EARTH_RADIUS_M

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Key = TypeVar("Key", bound=Hashable)
Geometry = Mapping[str, Any]
"""A GeoJSON geometry as parsed: Polygon, MultiPolygon, LineString or MultiLineString, in WGS-84 degrees."""

_AREAS = ("Polygon", "MultiPolygon")
_LINES = ("LineString", "MultiLineString")
# What shapely lets through from Python when a mapping is no geometry, besides its own errors.
_NOT_A_GEOMETRY = (AttributeError, IndexError, KeyError, TypeError, ValueError)
_METRES_PER_DEGREE = radians(1) * EARTH_RADIUS_M


class Outlines(Generic[Key]):
    """Areas and lines indexed once and asked often; build it anew when an outline changes.

    `rows` are (id, rank, GeoJSON geometry); a deeper area has a higher rank (city 1, county 2, street 3 …).
    Raises ValueError, with the id and what to do, for a geometry that is none, is faulty or has degrees out
    of range.
    """

    def __init__(self, rows: Iterable[tuple[Key, int, Geometry]]) -> None:
        # Imported here because shapely and numpy take some 15 MB: a web process that asks for no area
        # never pays.
        import numpy
        import shapely

        self._numpy, self._shapely = numpy, shapely
        areas: list[tuple[int, float, Key, Any]] = []
        self._line_keys: list[Key] = []
        lines: list[Any] = []
        for key, rank, geometry in rows:
            shape = self._shape(key, geometry)
            if shape.geom_type in _LINES:
                self._line_keys.append(key)
                lines.append(shape)
            else:
                areas.append((-rank, shape.area, key, shape))
        # Deepest first, the smaller first where ranks are equal: then the order of the tree is the order of
        # answers.
        areas.sort(key=lambda area: area[:2])
        self._area_keys = [key for _, _, key, _ in areas]
        self._areas = numpy.array([shape for *_, shape in areas], dtype=object)
        self._lines = numpy.array(lines, dtype=object)
        shapely.prepare(self._areas)
        self._area_tree, self._line_tree = shapely.STRtree(self._areas), shapely.STRtree(self._lines)

    def find(self, lon: float, lat: float) -> list[Key]:
        """Ids of the areas that hold the point, highest rank first, then smallest; a border is of both."""
        point = self._shapely.Point(lon, lat)
        near = self._numpy.sort(self._area_tree.query(point))
        return [self._area_keys[at] for at in near[self._shapely.intersects(self._areas[near], point)]]

    def nearest_line(self, lon: float, lat: float, max_m: float) -> tuple[Key, float] | None:
        """Id of the nearest line within `max_m` metres and its distance in metres, or None.

        Measured on a plane that touches the sphere of `distance_m` at the point: for some kilometres they
        agree to a tenth of a percent. Of lines equally near, the first one given.
        """
        if not (len(self._line_keys) and abs(lat) < 90):
            return None
        up = max_m / _METRES_PER_DEGREE
        # Somewhat wider, since a degree of longitude is shorter a little nearer to the pole.
        aside = up / cos(radians(min(89.9, abs(lat) + up)))
        near = self._line_tree.query(self._shapely.box(lon - aside, lat - up, lon + aside, lat + up))
        best, best_m = None, inf
        for at in sorted(near):
            metres = self._metres(self._lines[at], lon, lat)
            if metres <= max_m and metres < best_m:
                best, best_m = at, metres
        return None if best is None else (self._line_keys[best], best_m)

    def _metres(self, line: Any, lon: float, lat: float) -> float:
        scale = _METRES_PER_DEGREE * self._numpy.array([cos(radians(lat)), 1.0])

        def to_plane(degrees: NDArray[np.float64]) -> NDArray[np.float64]:
            return (degrees - (lon, lat)) * scale

        on_plane = self._shapely.transform(line, to_plane)
        return float(self._shapely.distance(on_plane, self._shapely.Point(0, 0)))

    def _shape(self, key: Key, geometry: Geometry) -> Any:
        try:
            shape = self._shapely.geometry.shape(geometry)
        except (*_NOT_A_GEOMETRY, self._shapely.errors.ShapelyError) as error:
            raise ValueError(f"“{key}”的边界不是有效的 GeoJSON 几何,重新导出后再导入") from error
        if shape.geom_type not in _AREAS + _LINES:
            raise ValueError(f"“{key}”的边界是 {shape.geom_type},改为面(Polygon)或线(LineString)后再导入")
        if shape.is_empty:
            raise ValueError(f"“{key}”的边界没有坐标,补全后再导入")
        west, south, east, north = shape.bounds
        if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
            raise ValueError(f"“{key}”的边界坐标超出经纬度范围,核对是否写反或为投影坐标,改正后再导入")
        if not shape.is_valid:
            reason = self._shapely.is_valid_reason(shape)
            raise ValueError(f"“{key}”的边界有误({reason}),在制图软件中修复几何后再导入")
        return shape
