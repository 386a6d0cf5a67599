"""Tiles of the public map: what is public counted by squares, single cases where they can be told apart.

Far out a tile would count all there is. So the whole is counted once, by squares of zoom 17 (some 250 m), in one pass
over the index `publication_cell`, kept some minutes and summed for each tile; near by the index range of the tile is
counted. Public points lie on a grid of their own (`publishing.GRID_ZOOM`), so a group may never part: its link is the
list of the cases in its square.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import Any, NamedTuple

from django.db.models import BigIntegerField, Count, F, Func, Min, Q, QuerySet, Sum

from chuangwen.kernel.city import briefly
from chuangwen.kernel.places.cells import ZOOM, cell_range
from chuangwen.problems.models import Publication
from chuangwen.problems.publishing import GRID_ZOOM, public

GRID = 17  # zoom of the squares the whole is counted by
ACROSS = 3  # a tile is parted in 2^3 × 2^3 squares, some 64 px wide
WIDE = GRID - ACROSS  # up to this zoom tiles are sums of those squares
KEEP_SECONDS = 300.0
MOST_GRIDS = 12  # one for each kind somebody chose

Feature = dict[str, Any]


class Square(NamedTuple):
    """One square with something public in it: its code at its zoom, how many, how many open, sums of degrees, one pk."""

    code: int
    n: int
    open: int
    lon: float
    lat: float
    one: int


def _counted(rows: QuerySet[Publication], zoom: int) -> list[Square]:
    """The squares of that zoom in order of their codes; the bits are ours, not the user's."""
    bits = 2 * (ZOOM - zoom)
    code = Func(F("cell"), template=f"(%(expressions)s >> {bits})", output_field=BigIntegerField())
    found = rows.order_by().annotate(code=code).values("code").annotate(
        n=Count("pk"), opened=Count("pk", filter=Q(is_open=True)), x=Sum("lon"), y=Sum("lat"), one=Min("pk")
    )  # fmt: skip
    return sorted(Square(*row) for row in found.values_list("code", "n", "opened", "x", "y", "one"))


def _mapped(kind: int | None, state: str) -> QuerySet[Publication]:
    rows = public().filter(cell__isnull=False)
    if kind is not None:
        rows = rows.filter(kind_id=kind)
    return rows.filter(is_open=state == "open") if state in ("open", "done") else rows


def _none() -> dict[Any, list[Square]]:
    return {}


_grids = briefly(_none, seconds=KEEP_SECONDS)


def _grid(kind: int | None, state: str, zoom: int) -> list[Square]:
    """All squares of a zoom up to GRID, kept some minutes; coarser ones are put together from the next finer."""
    kept, key = _grids(), (kind, state, zoom)
    if key not in kept:
        if len(kept) >= MOST_GRIDS * GRID:
            kept.clear()
        finer = zoom < GRID
        kept[key] = (
            _merged(_grid(kind, state, zoom + 1), 2) if finer else _counted(_mapped(kind, state), GRID)
        )
    return kept[key]


def _merged(squares: list[Square], bits: int) -> list[Square]:
    """Squares in order put together into larger ones, `bits` of their codes shorter."""
    found: list[Square] = []
    for square in squares:
        code = square.code >> bits
        if found and found[-1].code == code:
            last = found[-1]
            found[-1] = Square(
                code, last.n + square.n, last.open + square.open, last.lon + square.lon, last.lat + square.lat,
                min(last.one, square.one),
            )  # fmt: skip
        else:
            found.append(square._replace(code=code))
    return found


def squares_of(z: int, x: int, y: int, kind: int | None = None, state: str = "") -> tuple[int, list[Square]]:
    """The zoom of the squares of a tile, and those with something in them. Raises ValueError for no tile."""
    low, high = cell_range(z, x, y)
    if z > WIDE:
        zoom = min(z + ACROSS, GRID_ZOOM)
        return zoom, _counted(_mapped(kind, state).filter(cell__gte=low, cell__lte=high), zoom)
    zoom = z + ACROSS
    grid, bits = _grid(kind, state, zoom), 2 * (ZOOM - zoom)
    first = bisect_left(grid, low >> bits, key=lambda square: square.code)
    after = bisect_left(grid, (high >> bits) + 1, key=lambda square: square.code)
    return zoom, grid[first:after]


def features(z: int, x: int, y: int, kind: int | None = None, state: str = "") -> list[Feature]:
    """GeoJSON features of a tile: `n` with `open` and the square's name `at`, or one case with its public id."""
    zoom, squares = squares_of(z, x, y, kind, state)
    alone = [square.one for square in squares if square.n == 1]
    single = {
        row[0]: row[1:]
        for row in public().filter(pk__in=alone).order_by().values_list("pk", "uid", "what", "is_open")
    }
    found = []
    for square in squares:
        told: dict[str, Any]
        if square.n == 1:
            if square.one not in single:
                continue  # taken down since the squares were counted
            uid, what, is_open = single[square.one]
            told = {"id": str(uid), "what": what, "s": "open" if is_open else "done"}
        else:
            told = {"n": square.n, "open": square.open, "at": f"{zoom}.{square.code}"}
        point = [round(square.lon / square.n, 6), round(square.lat / square.n, 6)]
        found.append(
            {"type": "Feature", "geometry": {"type": "Point", "coordinates": point}, "properties": told}
        )
    return found


def in_square(name: str) -> Q | None:
    """Rows in a square named by a tile ("17.15237001"); None for a name that is none."""
    zoom, _dot, code = name.partition(".")
    if not (zoom.isdigit() and code.isdigit() and len(code) < 16 and int(zoom) <= ZOOM):
        return None
    bits = 2 * (ZOOM - int(zoom))
    low = int(code) << bits
    return Q(cell__gte=low, cell__lte=low + (1 << bits) - 1) if low < 1 << 2 * ZOOM else None
