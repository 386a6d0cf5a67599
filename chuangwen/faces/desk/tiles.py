"""What a map tile holds: single cases or sites where they can be told apart, else clusters counted in SQL.

A tile is one range of cells. All that a tile groups, colours and filters by stands in the index
`case_open_cell`, so the rows themselves are read for single cases only.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db.models import Avg, BigIntegerField, Count, F, Func, Min, Q, QuerySet

from chuangwen.kernel.models import Place
from chuangwen.kernel.places.cells import ZOOM, cell_range, tile_of
from chuangwen.problems import queries
from chuangwen.problems.models import Case

SINGLE_FROM = 15  # from this zoom on every case is a pin of its own
SITES_FROM = 13
MOST_PINS = 600  # of one tile; more of them cannot be told apart anyway and are grouped
CELLS_ACROSS = 3  # a tile is parted in 2^3 × 2^3 groups, some 64 px wide

Feature = dict[str, Any]


def shape_of_pin(
    due_at: dt.datetime | None, is_paused: bool, recurs_of_id: int | None, now: dt.datetime
) -> str:
    """open, soon, late or again: which marker stands for a case that is open; lateness before recurrence."""
    if due_at is not None and not is_paused:
        if due_at < now:
            return "late"
        if recurs_of_id is None and due_at <= queries.end_of_day(now):
            return "soon"
    return "open" if recurs_of_id is None else "again"


def feature(lon: float, lat: float, **properties: Any) -> Feature:
    point = {"type": "Point", "coordinates": [round(lon, 6), round(lat, 6)]}
    return {"type": "Feature", "geometry": point, "properties": properties}


def in_tile(z: int, x: int, y: int) -> Q:
    """Rows whose cell lies in the slippy tile. Raises ValueError for a tile that is not on the map."""
    low, high = cell_range(z, x, y)
    return Q(cell__gte=low, cell__lte=high)


def in_box(west: float, south: float, east: float, north: float) -> Q:
    """Rows within the degrees: the cells of at most nine tiles that cover the box, then the exact bounds."""
    zoom = ZOOM
    while True:
        (left, top), (right, bottom) = tile_of(west, north, zoom), tile_of(east, south, zoom)
        if right - left < 3 and bottom - top < 3:
            break
        zoom -= 1
    cells = Q()
    for x in range(left, right + 1):
        for y in range(top, bottom + 1):
            cells |= in_tile(zoom, x, y)
    return cells & Q(lon__gte=west, lon__lte=east, lat__gte=south, lat__lte=north)


def late_q(now: dt.datetime) -> Q:
    return Q(is_paused=False, due_at__lt=now)


def _grouped(rows: QuerySet[Any], z: int) -> QuerySet[Any]:
    """By `cell >> bits`, which both engines write alike; the bits are ours, not the user's."""
    bits = 2 * (ZOOM - min(ZOOM, z + CELLS_ACROSS))
    group = Func(F("cell"), template=f"(%(expressions)s >> {bits})", output_field=BigIntegerField())
    return rows.order_by().annotate(group=group).values("group")


def case_clusters(rows: QuerySet[Case], z: int, now: dt.datetime) -> list[Feature]:
    """Groups of the tile with their number and how many are late; a group of one is a pin."""
    counted = _grouped(rows, z).annotate(
        n=Count("pk"), late=Count("pk", filter=late_q(now)), one=Min("pk"), lon=Avg("lon"), lat=Avg("lat")
    )
    found = list(counted.values_list("n", "late", "one", "lon", "lat"))
    alone = [one for n, _late, one, _lon, _lat in found if n == 1]
    features = [feature(lon, lat, n=n, late=late) for n, late, _one, lon, lat in found if n > 1]
    return features + (case_pins(Case.objects.filter(pk__in=alone), now) if alone else [])


def case_pins(rows: QuerySet[Case], now: dt.datetime) -> list[Feature]:
    """Each case of the tile as a pin."""
    columns = ("number", "what", "lon", "lat", "due_at", "is_paused", "recurs_of_id")
    found = rows.order_by().values_list(*columns)[: MOST_PINS + 1]
    return [
        feature(lon, lat, id=number, what=what, s=shape_of_pin(due_at, is_paused, recurs, now))
        for number, what, lon, lat, due_at, is_paused, recurs in found
    ]


def case_features(rows: QuerySet[Case], z: int, now: dt.datetime) -> list[Feature]:
    """A tile's cases: pins from SINGLE_FROM on, unless there are too many of them."""
    if z >= SINGLE_FROM:
        pins = case_pins(rows, now)
        if len(pins) <= MOST_PINS:
            return pins
    return case_clusters(rows, z, now)


def site_features(rows: QuerySet[Place], z: int) -> list[Feature]:
    """A tile's sites with their type; grouped where they would lie over each other."""
    if z >= SITES_FROM:
        columns = ("code", "short_name", "lon", "lat", "type__name")
        found = list(rows.order_by().values_list(*columns)[: MOST_PINS + 1])
        if len(found) <= MOST_PINS:
            return [
                feature(lon, lat, id=code, what=name, type=kind or "") for code, name, lon, lat, kind in found
            ]
    groups = _grouped(rows, z).annotate(n=Count("pk"), lon=Avg("lon"), lat=Avg("lat"))
    return [feature(lon, lat, n=n) for n, lon, lat in groups.values_list("n", "lon", "lat")]


def collection(features: Iterable[Feature]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features)}
