"""From a point or site to its area and road, and from there to the unit that answers for it that day, with the reason."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen.kernel.city import briefly, setting
from chuangwen.kernel.fixed_query import FixedQuery
from chuangwen.kernel.models import Duty, Place
from chuangwen.kernel.people.models import DutyKind
from chuangwen.kernel.places.around import Around
from chuangwen.kernel.places.cells import cover
from chuangwen.kernel.places.containment import Outlines
from chuangwen.kernel.places.datum import distance_m
from chuangwen.problems.models import Case, CaseKind, State, UnitRule

RANKS = {"city": 0, "county": 1, "street": 2, "village": 3, "grid": 4}
ROAD_WITHIN_M = 40.0
SITE_WITHIN_M = 60.0


class Where(NamedTuple):
    """A place as routing knows it; any part may be unknown."""

    street_id: int | None = None
    area_id: int | None = None
    road_id: int | None = None
    site_id: int | None = None
    in_city: bool | None = None  # None: the city has no outline


@briefly
def _stamp() -> tuple[int, int]:
    """Changes when an outline is added or taken away; the outlines themselves are kept until it does."""
    rows = Place.objects.filter(shape__isnull=False, is_active=True)
    last = rows.order_by("-pk").values_list("pk", flat=True).first()
    return rows.count(), last or 0


class Ground(NamedTuple):
    outlines: Outlines
    kinds: dict[int, str]
    parents: dict[int, int | None]


_ground: dict[Any, Ground] = {}


def ground() -> Ground:
    """All outlines and road lines of the city, read once per process and change."""
    key = _stamp()
    if key not in _ground:
        rows = list(
            Place.objects.filter(shape__isnull=False, is_active=True, kind__in=[*RANKS, "road"]).values_list(
                "pk", "kind", "shape", "parent_id"
            )
        )
        outlines = Outlines((pk, RANKS.get(kind, 9), shape) for pk, kind, shape, _parent in rows)
        _ground.clear()
        _ground[key] = Ground(outlines, {r[0]: r[1] for r in rows}, {r[0]: r[3] for r in rows})
    return _ground[key]


def locate(lon: float, lat: float) -> Where:
    """Which street, village or grid, and road a point (WGS-84 degrees) lies in; no query once the outlines are read."""
    known = ground()
    street = area = None
    inside = known.outlines.find(lon, lat)
    for pk in inside:  # deepest first
        kind = known.kinds[pk]
        if kind in ("village", "grid") and area is None:
            area = pk
        if kind == "street" and street is None:
            street = pk
    near = known.outlines.nearest_line(lon, lat, ROAD_WITHIN_M)
    has_outline = any(kind in ("city", "county", "street") for kind in known.kinds.values())
    return Where(
        street, area or street, near[0] if near else None, None, bool(inside) if has_outline else None
    )


def of_site(site: Place) -> Where:
    """The area and road of a site by its row, else by its point."""
    found = locate(site.lon, site.lat) if site.lon is not None and site.lat is not None else Where()
    parent = site.parent
    while parent is not None and parent.kind not in ("street", "county", "city"):
        parent = parent.parent
    street = parent.pk if parent is not None and parent.kind == "street" else found.street_id
    return Where(
        street, site.parent_id or found.area_id, site.road_id or found.road_id, site.pk, found.in_city
    )


class Held(NamedTuple):
    """A duty in force as routing reads it."""

    kind: str
    place_id: int
    unit_id: int | None
    unit: str | None
    person: str | None
    from_on: dt.date


@dataclass
class Routed:
    """The unit found, and the chain of reasons, each (question, answer) for the page."""

    unit_id: int | None = None
    why: list[dict[str, Any]] = field(default_factory=list)


_duties = FixedQuery(
    lambda day, site, road, street: Duty.objects.in_force(day)
    .filter(place_id__in=(site, road, street))
    .values_list("kind", "place_id", "unit_id", "unit__short_name", "person__name", "from_on"),
    day=dt.date, site=int, road=int, street=int,
)  # fmt: skip
_KIND_DUTY = {
    UnitRule.ROAD: (DutyKind.ROAD_CHIEF, "road_id"),
    UnitRule.SITE: (DutyKind.SITE_UNIT, "site_id"),
    UnitRule.SHOP: (DutyKind.AREA_UNIT, "street_id"),
    UnitRule.AREA: (DutyKind.AREA_UNIT, "street_id"),
}


def route(kind: CaseKind | None, where: Where, on: dt.date | None = None) -> Routed:
    """Place → duty in force that day → unit (one query); a rule without a holder falls back to the street, then to nobody."""
    on = on or timezone.localdate()
    rows = _duties(day=on, site=where.site_id or 0, road=where.road_id or 0, street=where.street_id or 0)
    duties = [Held(*row) for row in rows]
    found = Routed()
    for duty in duties:
        holder, since = duty.unit or duty.person, duty.from_on.isoformat()
        found.why.append({"duty": duty.kind, "place": duty.place_id, "holder": holder, "from": since})
    if kind is None:
        return found
    rule = UnitRule(kind.unit_rule)
    if rule == UnitRule.FIXED:
        found.unit_id = kind.unit_id
        found.why.append({"rule": rule.value, "unit": kind.unit_id})
        return found
    wanted, column = _KIND_DUTY[rule]
    for duty_kind, place_id in ((wanted, getattr(where, column)), (DutyKind.AREA_UNIT, where.street_id)):
        held = next(
            (d for d in duties if d.kind == duty_kind and d.place_id == place_id and d.unit_id), None
        )
        if held:
            found.unit_id = held.unit_id
            found.why.append({"rule": rule.value, "duty": duty_kind.value, "unit": held.unit_id})
            return found
    return found


def near(lon: float, lat: float, radius_m: float) -> Q:
    """A filter for rows whose cell lies in the few index ranges that cover the circle; the distance is checked after."""
    ranges, q = cover(lon, lat, radius_m), Q()
    for low, high in ranges:
        q |= Q(cell__gte=low, cell__lte=high)
    # Said once more as one range: SQLite reads a whole index for an "or" of ranges, but not for a range.
    return q & Q(cell__gte=ranges[0][0], cell__lte=ranges[-1][1])


def like(case: Case, radius_m: float = 100.0, most: int = 5) -> list[tuple[Case, float]]:
    """Open cases near by that may be the same problem, nearest first: same kind (or kind unknown) within `radius_m` metres."""
    if case.lon is None or case.lat is None:
        return []
    rows = Case.objects.filter(near(case.lon, case.lat, radius_m), closed_at__isnull=True).exclude(pk=case.pk)
    if case.kind_id:
        rows = rows.filter(Q(kind=case.kind_id) | Q(kind__isnull=True))
    found = []
    for row in rows.select_related("kind")[:60]:
        metres = distance_m(case.lon, case.lat, row.lon or 0.0, row.lat or 0.0)
        if metres <= radius_m:
            found.append((row, metres))
    return sorted(found, key=lambda pair: pair[1])[:most]


def _closed(kind: int, since: dt.datetime, until: dt.datetime) -> QuerySet[Case]:
    rows = Case.objects.filter(kind=kind, state=State.CLOSED, closed_at__gte=since, closed_at__lt=until)
    return rows.only("number", "recurs_of_id", "lon", "lat").order_by("-closed_at")


_SINCE_UNTIL = {"kind": int, "since": dt.datetime, "until": dt.datetime}
_closed_near = Around(_closed, 20, **_SINCE_UNTIL)
_closed_at_site = FixedQuery(
    lambda site, **closed: _closed(**closed).filter(site=site)[:1], site=int, **_SINCE_UNTIL
)


def earlier_closed(case: Case, at: dt.datetime) -> Case | None:
    """The last closed case of the same kind at the same place within the city's number of days."""
    if case.kind_id is None:
        return None
    since = at - dt.timedelta(days=int(setting("recurrence_days", 90)))
    closed = {"kind": case.kind_id, "since": since, "until": at}
    if case.site_id:
        found = _closed_at_site.one(site=case.site_id, **closed)
        if found:
            return found
    if case.lon is None or case.lat is None:
        return None
    radius = float(setting("recurrence_metres", 50))
    for row in _closed_near(case.lon, case.lat, radius, **closed):
        if distance_m(case.lon, case.lat, row.lon or 0.0, row.lat or 0.0) <= radius:
            return row
    return None


def times_recurred(case: Case) -> int:
    """How often the place had recurred up to this case: the length of the chain behind it."""
    times, row = 0, case
    while row.recurs_of_id and times < 50:
        row = Case.objects.only("pk", "recurs_of_id").get(pk=row.recurs_of_id)
        times += 1
    return times


def where_sentence(where: Where) -> str:
    return "" if where.in_city is not False else _("这个点不在本市范围内，核对坐标和坐标系。")
