"""What cases refer to: kinds of problems, units, places, and who answers for a place today."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from django.db.models import Q
from django.http import Http404
from ninja import Query, Router, Schema
from pydantic import Field

from chuangwen.faces.api.v1.operations import Asked, Following, WordPage, get
from chuangwen.faces.api.v1.paging import cut
from chuangwen.faces.api.v1.values import OneOf, Word
from chuangwen.kernel.models import Duty, Place, Unit
from chuangwen.kernel.people.models import DutyKind, UnitKind
from chuangwen.kernel.places.models import PlaceKind
from chuangwen.problems.models import CaseKind

router = Router(tags=["city"])
BY_CODE = ("code",)


class KindLine(Schema):
    """One kind of problem of the city's catalogue."""

    code: str
    group: str = Field(description="What it stands under.")
    name: str
    open_when: str = Field(description="When a case is opened.")
    close_when: str = Field(description="When it may be closed.")
    limits: dict[str, list[str]] = Field(
        description="Limit of each stage as [amount, clock unit].", examples=[{"fix": ["2", "work_day"]}]
    )
    source: str = Field(description="Where the row comes from.")


class KindPage(Following):
    """One page of kinds."""

    items: list[KindLine]


@get(router, "case-kinds", KindPage, "List kinds of problems", shared=True)
def list_kinds(request: Asked, asked: Query[WordPage]) -> Any:
    """The kinds in use, by code."""
    rows = CaseKind.objects.filter(is_active=True)
    if asked.text:
        rows = rows.filter(Q(name__contains=asked.text) | Q(code__contains=asked.text))
    found = cut(rows, BY_CODE, asked.cursor, asked.limit)
    names = ("code", "group", "name", "open_when", "close_when", "source")
    items = []
    for row in found["items"]:
        limits = {
            stage: [str(part) for part in limit] for stage, limit in (row.limits or {}).items() if limit
        }
        items.append({name: getattr(row, name) for name in names} | {"limits": limits})
    return {"items": items, "next": found["next"]}


class UnitLine(Schema):
    """One body that can answer for something."""

    code: str
    name: str
    short_name: str
    kind: Annotated[str, OneOf(UnitKind)]
    parent: str | None = Field(description="Code of the unit above.")


class UnitPage(Following):
    """One page of units."""

    items: list[UnitLine]


@get(router, "units", UnitPage, "List units", shared=True)
def list_units(request: Asked, asked: Query[WordPage]) -> Any:
    """The units in use, by code."""
    rows = Unit.objects.filter(is_active=True).select_related("parent")
    if asked.text:
        rows = rows.filter(Q(name__contains=asked.text) | Q(code__contains=asked.text))
    found = cut(rows, BY_CODE, asked.cursor, asked.limit)
    items = [
        {name: getattr(row, name) for name in ("code", "name", "short_name", "kind")}
        | {"parent": row.parent.code if row.parent else None}
        for row in found["items"]
    ]
    return {"items": items, "next": found["next"]}


class PlaceLine(Schema):
    """One place someone can answer for."""

    code: str
    kind: Annotated[str, OneOf(PlaceKind)]
    name: str
    short_name: str
    type: str | None = Field(description="Code of the type of a site, such as farm_market.")
    parent: str | None = Field(description="Code of the area it lies in.")
    lon: float | None = Field(description="Longitude, WGS-84 degrees.")
    lat: float | None = Field(description="Latitude, WGS-84 degrees.")
    is_approximate: bool = Field(description="Whether the point is only roughly known.")


class PlacePage(Following):
    """One page of places."""

    items: list[PlaceLine]


class PlaceFilter(WordPage):
    """Which places."""

    kind: Annotated[str, OneOf(PlaceKind)] | None = Field(None, description="Only places of this kind.")
    type: Word | None = Field(None, description="Code of the type of sites.")
    under: Word | None = Field(None, description="Code of an area: only what lies in it, itself included.")


def _place(row: Place) -> dict[str, Any]:
    names = ("code", "kind", "name", "short_name", "lon", "lat", "is_approximate")
    return {name: getattr(row, name) for name in names} | {
        "type": row.type.code if row.type else None, "parent": row.parent.code if row.parent else None,
    }  # fmt: skip


@get(router, "places", PlacePage, "List places", shared=True)
def list_places(request: Asked, asked: Query[PlaceFilter]) -> Any:
    """Areas, roads, sites and shops in use, by code."""
    rows = (
        Place.objects.filter(is_active=True).select_related("type", "parent").defer("shape", "parent__shape")
    )
    if asked.kind:
        rows = rows.filter(kind=asked.kind)
    if asked.type:
        rows = rows.filter(type__code=asked.type)
    if asked.under:
        above = Place.objects.filter(code=asked.under).only("pk", "path").first()
        rows = (
            rows.filter(Q(pk=above.pk) | Q(path__gte=f"{above.path}/", path__lt=f"{above.path}0"))
            if above
            else rows.none()
        )
    if asked.text:
        rows = rows.filter(Q(name__contains=asked.text) | Q(code__contains=asked.text))
    found = cut(rows, BY_CODE, asked.cursor, asked.limit)
    return {"items": [_place(row) for row in found["items"]], "next": found["next"]}


def place_of(code: str) -> Place:
    """The place of that code; Http404."""
    rows = (
        Place.objects.filter(is_active=True).select_related("type", "parent").defer("shape", "parent__shape")
    )
    found = rows.filter(code=code).first() if "\0" not in code else None
    if found is None:
        raise Http404
    return found


@get(router, "places/{code}", PlaceLine, "Read one place", shared=True)
def read_place(request: Asked, code: str) -> Any:
    """One place."""
    return _place(place_of(code))


class DutyLine(Schema):
    """Who answers for a place in one way."""

    kind: Annotated[str, OneOf(DutyKind)]
    label: str = Field(description="The way in words.")
    unit: str | None = Field(description="Code of the unit that answers.")
    person: str | None = Field(description="Name of the person who answers, as on the board at the place.")
    from_on: dt.date = Field(description="First day.")
    to_on: dt.date | None = Field(description="Last day, if it ends.")
    source: str


class DutyList(Schema):
    """The duties in force of one place."""

    items: list[DutyLine]


@get(router, "places/{code}/duties", DutyList, "List the duties of a place")
def list_duties(request: Asked, code: str) -> Any:
    """Who answers for this place today."""
    rows = Duty.objects.in_force().filter(place=place_of(code)).select_related("unit", "person")
    return {
        "items": [
            {
                "kind": row.kind, "label": str(DutyKind(row.kind).label), "unit": row.unit.code if row.unit else None,
                "person": row.person.name if row.person else None, "from_on": row.from_on, "to_on": row.to_on,
                "source": row.source,
            }
            for row in rows.order_by("kind", "pk")
        ]
    }  # fmt: skip
