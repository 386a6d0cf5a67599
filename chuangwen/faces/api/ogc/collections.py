"""The three collections: public places, areas of the city, and the cases the asking person may see."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import F, Max, Min, Q, QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chuangwen.faces.api.case_rows import Shown, cases_for
from chuangwen.faces.api.ogc.answers import Fault
from chuangwen.faces.api.ogc.asked import Asked, Box
from chuangwen.kernel.models import Person, Place
from chuangwen.kernel.places.cells import cell
from chuangwen.kernel.places.models import PlaceKind

AREAS = (PlaceKind.STREET, PlaceKind.VILLAGE)
Feature = dict[str, Any]


class Page(NamedTuple):
    """Features of one page, and the key the next page goes on from; None at the end."""

    features: list[Feature]
    after: str | None


@dataclass(frozen=True)
class Collection:
    """`page` and `one` answer for a person (None: a stranger); `extent` holds every feature a stranger may see."""

    id: str
    title: str | Promise
    description: str | Promise
    page: Callable[[Person | None, Asked], Page]
    one: Callable[[Person | None, str], Feature | None]
    extent: Callable[[], Box | None]
    has_time: bool = False


def inside(boxes: Iterable[Box]) -> Q:
    """Points in any of the boxes, and rows without a point (fc-bbox-response); no box is every row.

    Cells grow to the east and to the south, so those of a box lie between its north-west and south-east corner: one
    range of an index before degrees are compared.
    """
    found = Q()
    for west, south, east, north in boxes:
        found |= Q(cell__gte=cell(west, north), cell__lte=cell(east, south), lon__gte=west, lon__lte=east,
                   lat__gte=south, lat__lte=north)  # fmt: skip
    return found | Q(lon__isnull=True) if boxes else Q()


def _feature(fid: str, geometry: Any, properties: dict[str, Any]) -> Feature:
    return {"type": "Feature", "id": fid, "geometry": geometry, "properties": properties}


def _point(lon: float | None, lat: float | None) -> dict[str, Any] | None:
    return None if lon is None or lat is None else {"type": "Point", "coordinates": [lon, lat]}


def _cut(found: list[Any], limit: int, key: Callable[[Any], str]) -> tuple[list[Any], str | None]:
    return found[:limit], key(found[limit - 1]) if len(found) > limit else None


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise Fault(400, _("after 不是这个列表给出的。"))
    return int(text)


# Sites: what stands at a public place, and nothing of who answers for it.

_SITE = ("pk", "code", "name", "short_name", "type__code", "type__name", "parent__name", "road__name", "lon", "lat",
         "is_approximate")  # fmt: skip


def _sites() -> QuerySet[Any]:
    return Place.objects.filter(kind=PlaceKind.SITE, is_active=True).order_by("pk")


def _site(row: dict[str, Any]) -> Feature:
    told = {
        "code": row["code"], "name": row["name"], "short_name": row["short_name"], "type": row["type__code"],
        "type_name": row["type__name"], "area": row["parent__name"], "road": row["road__name"],
        "is_approximate": row["is_approximate"],
    }  # fmt: skip
    return _feature(row["code"], _point(row["lon"], row["lat"]), told)


def _sites_page(person: Person | None, asked: Asked) -> Page:
    rows = _sites().filter(inside(asked.boxes))
    if asked.after:
        rows = rows.filter(pk__gt=_number(asked.after))
    found, after = _cut(list(rows.values(*_SITE)[: asked.limit + 1]), asked.limit, lambda row: str(row["pk"]))
    return Page([_site(row) for row in found], after)


def _one_site(person: Person | None, fid: str) -> Feature | None:
    row = _sites().filter(code=fid).values(*_SITE).first()
    return _site(row) if row else None


def _bounds(rows: QuerySet[Any]) -> Box | None:
    found = rows.order_by().aggregate(w=Min("lon"), s=Min("lat"), e=Max("lon"), n=Max("lat"))
    return None if found["w"] is None else (found["w"], found["s"], found["e"], found["n"])


# Areas: streets and communities with their outline. There are a few hundred, so shapes are compared here.

_AREA = ("pk", "code", "name", "short_name", "kind", "parent__code", "parent__name", "shape")


def _areas() -> QuerySet[Any]:
    return Place.objects.filter(kind__in=AREAS, is_active=True).order_by("pk")


def _outline(shape: Any) -> dict[str, Any] | None:
    return shape if isinstance(shape, dict) and shape.get("type") in ("Polygon", "MultiPolygon") else None


def _area(row: dict[str, Any]) -> Feature:
    told = {
        "code": row["code"], "name": row["name"], "short_name": row["short_name"], "kind": row["kind"],
        "parent": row["parent__code"], "parent_name": row["parent__name"],
    }  # fmt: skip
    return _feature(row["code"], _outline(row["shape"]), told)


def _touches(shape: Any, boxes: tuple[Box, ...]) -> bool:
    from shapely import box, intersects  # heavy, and asked for with a bbox only
    from shapely.geometry import shape as made

    outline = _outline(shape)
    return outline is None or any(intersects(made(outline), box(*each)) for each in boxes)


def _areas_page(person: Person | None, asked: Asked) -> Page:
    rows = _areas().filter(pk__gt=_number(asked.after)) if asked.after else _areas()
    values = rows.values(*_AREA)
    found = [row for row in values if _touches(row["shape"], asked.boxes)] if asked.boxes else list(
        values[: asked.limit + 1]
    )  # fmt: skip
    shown, after = _cut(found, asked.limit, lambda row: str(row["pk"]))
    return Page([_area(row) for row in shown], after)


def _one_area(person: Person | None, fid: str) -> Feature | None:
    row = _areas().filter(code=fid).values(*_AREA).first()
    return _area(row) if row else None


def _areas_extent() -> Box | None:
    from shapely.geometry import shape as made

    shapes = [_outline(shape) for shape in _areas().values_list("shape", flat=True)]
    found = [made(shape).bounds for shape in shapes if shape]
    if not found:
        return None
    west, south, east, north = zip(*found, strict=True)
    return min(west), min(south), max(east), max(north)


# Cases: the same rows as Open311 gives.


def _moment(value: dt.datetime | None) -> str | None:
    return timezone.localtime(value).isoformat(timespec="seconds") if value else None


def _case(row: Shown) -> Feature:
    told: dict[str, Any] = {
        "what": row.what, "kind": row.kind, "kind_name": row.kind_name, "group": row.group,
        "status": "open" if row.is_open else "closed", "note": row.note, "street": row.street, "address": row.address,
        "reported_at": _moment(row.reported_at), "updated_at": _moment(row.updated_at), "closed_at": _moment(row.closed_at),
    }  # fmt: skip
    if row.number:
        told |= {"number": row.number, "unit": row.unit, "due_at": _moment(row.expected_at)}
    return _feature(row.id.hex, _point(row.lon, row.lat), told)


def _uid(text: str) -> UUID:
    try:
        return UUID(hex=text)
    except ValueError as fault:
        raise Fault(400, _("after 不是这个列表给出的。")) from fault


def _cases_page(person: Person | None, asked: Asked) -> Page:
    cases = cases_for(person)
    rows = cases.rows().filter(inside(asked.boxes))
    if asked.since:
        rows = rows.filter(reported_at__gte=asked.since)
    if asked.before:
        rows = rows.filter(reported_at__lt=asked.before)
    if asked.after:
        rows = rows.filter(**{f"{cases.key}__gt": _uid(asked.after)})
    found = cases.read(rows.order_by(F(cases.key).asc())[: asked.limit + 1])
    shown, after = _cut(found, asked.limit, lambda row: row.key.hex)
    return Page([_case(row) for row in shown], after)


def _one_case(person: Person | None, fid: str) -> Feature | None:
    cases = cases_for(person)
    try:
        known = UUID(hex=fid) if len(fid) == 32 else None
    except ValueError:
        known = None
    found = cases.read(cases.rows().filter(**{cases.id: known})) if known else []
    return _case(found[0]) if found else None


COLLECTIONS = {
    made.id: made
    for made in (
        Collection("sites", gettext_lazy("点位"), gettext_lazy("公共场所：名称、类型、所在社区和位置。"), _sites_page,
                   _one_site, lambda: _bounds(_sites())),
        Collection("areas", gettext_lazy("镇街和村社区"), gettext_lazy("镇街和村社区的名称和范围。"), _areas_page,
                   _one_area, _areas_extent),
        Collection("cases", gettext_lazy("问题"), gettext_lazy("已公开的问题；出示令牌时，是这个人看得到的案件。"), _cases_page,
                   _one_case, lambda: _bounds(cases_for(None).rows()), has_time=True),
    )
}  # fmt: skip
