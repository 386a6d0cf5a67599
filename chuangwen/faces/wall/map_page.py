"""The wall map as a page and as a PDF: sites by state, filtered by street."""

from __future__ import annotations

import datetime as dt

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from chuangwen.faces.wall import map_pdf, outline
from chuangwen.faces.wall.sites import Site, sites_of, streets
from chuangwen.kernel.city import city
from chuangwen.kernel.models import Person, Place
from chuangwen.kernel.screens.access import SignedIn, page
from chuangwen.kernel.screens.fonts import NoFont
from chuangwen.problems import rules
from chuangwen.problems.situation import Load

STATES = ("clear", "open", "late")  # in the order they are drawn: what matters lies on top


def atlas_of(person: Person, now: dt.datetime, street: Place | None = None) -> map_pdf.Atlas:
    """What is drawn for this person, of one street or all (eight queries)."""
    among, row = streets(), city()
    roads = Place.objects.filter(kind="road", is_active=True, shape__isnull=False).order_by("pk")
    return map_pdf.Atlas(
        row.name if row else "", timezone.localtime(now), [street] if street else among, list(roads),
        sites_of(person, now, among, street), outline.sheet().is_sample,
    )  # fmt: skip


def _street(request: SignedIn) -> Place | None:
    code = request.GET.get("street", "")
    found = Place.objects.filter(kind="street", code=code, is_active=True).first() if code else None
    if code and found is None:
        raise Http404
    return found


def _frame(sites: list[Site], street: Place | None) -> outline.Frame | None:
    """The whole city, or one street with its sites."""
    if street is None:
        return outline.sheet().frame
    rings = outline.rings_of(street.shape) if street.shape else []
    points = [*(p for ring in rings for p in ring), *((s.lon, s.lat) for s in sites)]
    return outline.frame_over(points, outline.WIDTH, outline.HEIGHT, outline.EDGE)


@page(rules.wall)
def wall_map(request: SignedIn) -> HttpResponse:
    """GET /wall/map/?street=: the map with its legend; the streets beside it, or the sites of the chosen one."""
    street, now = _street(request), timezone.now()
    atlas = atlas_of(request.user, now, street)
    sites = list(atlas.sites)
    frame = _frame(sites, street)
    spots: dict[str, list[tuple[float, float, Site]]] = {state: [] for state in STATES}
    for site in sites if frame else []:
        x, y = frame.at(site.lon, site.lat) if frame else (0.0, 0.0)
        spots[site.state].append((round(x, 1), round(y, 1), site))
    context = {
        "street": street,
        "streets": streets() if street else atlas.streets,
        "paths": [
            outline.path_of(outline.rings_of(row.shape), frame)
            for row in atlas.streets
            if row.shape and frame
        ],
        "spots": spots,
        "sites": sites if street else [],
        "n": len(sites),
        "loads": [
            (row, len(here), sum((s.load for s in here), Load()))
            for row in atlas.streets
            for here in [atlas.of(row)]
        ],
        "size": (outline.WIDTH, outline.HEIGHT),
        "is_sample": atlas.is_sample,
        "papers": list(map_pdf.PAPERS),
        "here": "map",
        "at": now,
    }
    return render(request, "wall/map.html", context)


@page(rules.wall)
def as_pdf(request: SignedIn) -> HttpResponse:
    """GET /wall/map/map.pdf?size=A0|A3&street=: the same on paper."""
    size, street = request.GET.get("size", "A3"), _street(request)
    if size not in map_pdf.PAPERS:
        raise Http404
    try:
        data = map_pdf.pdf_of(atlas_of(request.user, timezone.now(), street), size, street)
    except NoFont as fault:
        return render(request, "screens/refused.html", {"title": str(fault), "what": ""}, status=503)
    answer = HttpResponse(data, content_type="application/pdf")
    name = f"sites-{street.code}-{size}.pdf" if street else f"sites-{size}.pdf"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
