"""Places: the register by street, site and road (row 10), and a place's own page where grid, shop duty
and road chief meet (row 21).
"""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import condition

from chuangwen.faces.desk.rows import row_of
from chuangwen.inspections.queries import visits_at
from chuangwen.kernel.models import Duty, Place, Term
from chuangwen.kernel.people.models import DutyKind, Role
from chuangwen.kernel.people.rules import holds
from chuangwen.kernel.places.datum import distance_m
from chuangwen.kernel.places.models import PlaceKind
from chuangwen.kernel.screens.access import SignedIn, page
from chuangwen.problems import queries, rules
from chuangwen.problems.models import Case, State
from chuangwen.problems.routing import near
from chuangwen.registers.models import PatrolRound, Thing

PAGE = 100
NEAR_M = 100.0
# The column of a case that a kind of place is found by; grids and shops have none.
COLUMN = {"street": "street", "village": "area", "road": "road", "site": "site"}
KINDS = (("site", PlaceKind.SITE), ("road", PlaceKind.ROAD), ("shop", PlaceKind.SHOP))


def streets() -> list[dict[str, Any]]:
    """Every street with its sites and roads, and its open and late cases (four queries)."""
    rows = list(Place.objects.filter(kind="street", is_active=True).order_by("code"))
    counts: dict[str, dict[str, int]] = {row.code: {"site": 0, "road": 0} for row in rows}
    for kind, path in Place.objects.filter(kind__in=("site", "road"), is_active=True).values_list(
        "kind", "path"
    ):
        for code in path.split("/"):
            if code in counts:
                counts[code][kind] += 1
    late = Q(is_paused=False, due_at__lt=timezone.now())
    open_cases = Case.objects.filter(closed_at__isnull=True).values("street_id")
    load = {
        r["street_id"]: r
        for r in open_cases.annotate(open=Count("pk"), late=Count("pk", filter=late)).order_by()
    }
    return [{"place": r, **counts[r.code], "load": load.get(r.pk, {"open": 0, "late": 0})} for r in rows]


@page()
def register(request: SignedIn) -> HttpResponse:
    """GET /sites/?kind=site&street=&type=&q=: streets first, then the sites or roads of the chosen
    one.
    """
    kind = request.GET.get("kind", "site")
    rows = Place.objects.filter(kind=kind if kind in dict(KINDS) else "site", is_active=True)
    street = Place.objects.filter(kind="street", code=request.GET.get("street", "")).first()
    if street:
        rows = rows.under(street)
    if request.GET.get("type"):
        rows = rows.filter(type__code=request.GET["type"])
    word = request.GET.get("q", "").strip()
    if word:
        rows = rows.filter(Q(name__contains=word) | Q(code__startswith=word.upper()))
    pages = Paginator(rows.select_related("type", "parent", "road").order_by("code"), PAGE)
    shown = pages.get_page(request.GET.get("page"))
    holders: dict[int, dict[str, Any]] = {}
    for duty in (
        Duty.objects.in_force().filter(place__in=[p.pk for p in shown]).select_related("unit", "person")
    ):
        holders.setdefault(duty.place_id, {})[duty.kind] = duty.holder
    by_street = [s for s in streets() if rules.reader.allows(request.user, None)] or None
    context = {
        "page": shown,
        "holders": holders,
        "kind": kind,
        "kinds": KINDS,
        "street": street,
        "q": word,
        "streets": by_street,
        "all_streets": list(Place.objects.filter(kind="street", is_active=True).order_by("code")),
        "types": list(Term.objects.filter(list="site_type")),
        "type": request.GET.get("type", ""),
    }
    return render(request, "desk/sites.html", context)


def above(place: Place) -> list[Place]:
    """The places above this one, the city first (one query)."""
    codes = place.path.split("/")[:-1]
    found = {p.code: p for p in Place.objects.filter(code__in=codes)}
    return [found[code] for code in codes if code in found]


def duties_here(place: Place, chain: list[Place]) -> list[Duty]:
    """All duties in force on this place, its road and the areas above it, the nearest first (one
    query).
    """
    order = [place.pk, *([place.road_id] if place.road_id else []), *(p.pk for p in reversed(chain))]
    rows = Duty.objects.in_force().filter(place__in=order).select_related("unit", "person", "place")
    wanted = [
        d
        for d in rows
        if d.place_id == place.pk
        or d.kind
        in (
            DutyKind.ROAD_CHIEF,
            DutyKind.ROAD_LEADER,
            DutyKind.AREA_LEADER,
            DutyKind.AREA_UNIT,
            DutyKind.GRID_KEEPER,
        )
    ]
    return sorted(wanted, key=lambda d: (order.index(d.place_id), d.kind))


def shops_near(place: Place) -> list[tuple[Place, int | None]]:
    """Shops with duty within 100 m of a site, or along a road, with their distance."""
    rows = Place.objects.filter(kind="shop", is_active=True)
    if place.kind == "road":
        return [(shop, None) for shop in rows.filter(road=place).order_by("code")[:50]]
    if place.kind != "site" or place.lon is None or place.lat is None:
        return []
    found = []
    for shop in rows.filter(near(place.lon, place.lat, NEAR_M))[:100]:
        metres = distance_m(place.lon, place.lat, shop.lon or 0.0, shop.lat or 0.0)
        if metres <= NEAR_M:
            found.append((shop, round(metres)))
    return sorted(found, key=lambda pair: pair[1] or 0)


def cases_here(request: SignedIn, place: Place) -> dict[str, Any]:
    """Open cases and the last ten closed of a place as far as this person may see them, and how many
    came again.
    """
    column, now = COLUMN.get(place.kind), timezone.now()
    if column is None:
        return {"open": [], "open_count": 0, "closed": [], "again": 0, "year": 0}
    seen = rules.see_case.filter(Case.objects.filter(**{column: place}), request.user)
    open_here = seen.filter(closed_at__isnull=True, state__in=queries.OPEN_STATES).order_by("due_at", "pk")
    rows = [row_of(c, request.user, now) for c in open_here.select_related(*queries.ROW)[:50]]
    here: dict[str, Any] = {
        "open": rows,
        "open_count": queries.bounded(open_here),
        "closed": [],
        "again": 0,
        "year": 0,
    }
    if place.kind in ("site", "street"):  # the two with an index over closed cases
        closed = seen.filter(state=State.CLOSED).order_by("-reported_at").select_related("unit", "kind")
        here["closed"] = list(closed[:10])
    if place.kind == "site":
        year = seen.filter(reported_at__gte=now - dt.timedelta(days=365))
        here |= year.aggregate(year=Count("pk"), again=Count("pk", filter=Q(recurs_of__isnull=False)))
    return here


@page()
def place(request: SignedIn, code: str) -> HttpResponse:
    """GET /sites/<code>/: everything about one place."""
    row = get_object_or_404(Place.objects.select_related("type", "road", "parent"), code=code)
    chain = above(row)
    things = list(Thing.objects.filter(place=row).select_related("kind").order_by("kind__rank", "code")[:50])
    patrols = PatrolRound.objects.filter(Q(place=row) | Q(thing__in=[t.pk for t in things]))
    inside = (
        Place.objects.under(row).exclude(pk=row.pk).filter(is_active=True)
        if row.kind in ("street", "village")
        else None
    )
    context = {
        "place": row,
        "chain": chain,
        "duties": duties_here(row, chain),
        "shops": shops_near(row),
        "things": things,
        "patrols": list(patrols.select_related("thing", "by").order_by("-at")[:8]),
        "cases": cases_here(request, row),
        "visits": visits_at(row, request.user) if row.kind == "site" else [],
        "inside": dict(inside.values_list("kind").annotate(n=Count("pk")).order_by())
        if inside is not None
        else {},
        "may_edit": holds(Role.OFFICE, Role.ADMIN).allows(request.user, None),
        "kinds": dict(PlaceKind.choices),
        "case_column": COLUMN.get(row.kind),
        "today": timezone.localdate(),
        "along": list(Place.objects.filter(kind="site", road=row, is_active=True).order_by("code")[:50])
        if row.kind == "road"
        else [],
    }
    return render(request, "desk/place.html", context)


def report_address(request: HttpRequest, place: Place) -> str:
    """Where the QR on the ground leads: the residents' report with this place filled in."""
    return request.build_absolute_uri(f"/p/s/{place.code}/" if place.kind == "site" else "/p/report/")


@page()
@condition(etag_func=lambda request, code: f'"{request.get_host()}-{code}"')
def qr(request: SignedIn, code: str) -> HttpResponse:
    """GET /sites/<code>/qr.svg: the QR code for the board, error correction M."""
    import segno  # only this address draws codes

    row = get_object_or_404(Place, code=code)
    stream = io.BytesIO()
    segno.make(report_address(request, row), error="m", micro=False).save(
        stream, kind="svg", scale=4, border=2, svgclass=None, lineclass=None
    )
    return HttpResponse(stream.getvalue(), content_type="image/svg+xml")
