"""The map: cases of the list and sites as tiles, outlines under them, the list beside them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import get_conditional_response

from chuangwen.faces.desk import tiles
from chuangwen.faces.desk.cases import CaseScreen, due_of, kind_choices, unit_choices
from chuangwen.faces.desk.rows import row_of, shape_of
from chuangwen.kernel.city import briefly, city
from chuangwen.kernel.models import Place
from chuangwen.kernel.screens.access import SignedIn, page, row_or_404
from chuangwen.kernel.screens.declare import Asked, Look
from chuangwen.problems import queries, rules
from chuangwen.problems.models import Case

SHOW = 50
MOST_KEPT = 300  # tiles of one web process, at most some 100 kB each
COUNT_TO = 1000  # beyond it the side says 1,000+; the list has the rest
# Zoom to find a city in: a county fills the page.
ZOOM = 11.2
TABS = ("open", "mine", "late", "again", "watched")


def asked_of(given: QueryDict) -> Asked:
    """What the address asks, in the words of the case list; only open cases are mapped: 全部 is 未销号."""
    asked = CaseScreen.asked(given)
    asked.tab, asked.page = asked.tab or "open", 1
    return asked


def rows_of(asked: Asked, look: Look) -> Any:
    """The rows of the list with a point, open ones only."""
    return CaseScreen.rows(asked, look).filter(closed_at__isnull=True, cell__isnull=False)


def _no_tiles() -> dict[Any, bytes]:
    return {}


# Tiles just made; `briefly` throws the whole away, so that nothing in it is ever older. A tile of a city
# groups every open case of it (20 ms for 30,000), and what it shows changes little in half a minute.
_kept = briefly(_no_tiles)
_kept_wide = briefly(_no_tiles, seconds=30.0)
WIDE = 11  # up to this zoom


def _tile(z: int, key: tuple[Any, ...], features: Callable[[], list[tiles.Feature]]) -> HttpResponse:
    kept = _kept_wide() if z <= WIDE else _kept()
    if len(kept) >= MOST_KEPT:
        kept.clear()
    if key not in kept:
        try:
            kept[key] = json.dumps(
                tiles.collection(features()), ensure_ascii=False, separators=(",", ":")
            ).encode()
        except ValueError as fault:  # a tile that is not on the map
            raise Http404 from fault
    return HttpResponse(
        kept[key], content_type="application/json", headers={"Cache-Control": "private, max-age=5"}
    )


@page()
def case_tile(request: SignedIn, z: int, x: int, y: int) -> HttpResponse:
    """GET /map/cases/<z>/<x>/<y>.json: open cases he may see, by the filters of the list."""
    asked, look = asked_of(request.GET), Look(request.user, timezone.now())
    # Two people share a tile only when the rule gives them the same rows; 我要办的 depends on the person.
    rule = repr(rules.see_case.q(request.user.standing))
    who = request.user.pk if asked.tab == "mine" else 0
    key = ("case", z, x, y, rule, who, asked.tab, tuple(sorted(asked.chosen.items())))
    return _tile(
        z, key, lambda: tiles.case_features(rows_of(asked, look).filter(tiles.in_tile(z, x, y)), z, look.now)
    )


@page()
def site_tile(request: SignedIn, z: int, x: int, y: int) -> HttpResponse:
    """GET /map/sites/<z>/<x>/<y>.json: sites with their type; the register of sites is open to every post."""
    rows = Place.objects.filter(kind="site", is_active=True)
    return _tile(z, ("site", z, x, y), lambda: tiles.site_features(rows.filter(tiles.in_tile(z, x, y)), z))


@briefly
def base() -> tuple[bytes, str]:
    """The outlines under the map as GeoJSON, and their hash."""
    rows = Place.objects.filter(
        kind__in=("city", "county", "street", "road"), shape__isnull=False, is_active=True
    )
    features = [
        {
            "type": "Feature",
            "geometry": shape,
            "properties": {"kind": kind, "code": code, "name": name, "at": label_point(shape)},
        }
        for kind, code, name, shape in rows.order_by("pk").values_list("kind", "code", "short_name", "shape")
    ]
    data = json.dumps(tiles.collection(features), ensure_ascii=False, separators=(",", ":")).encode()
    return data, hashlib.sha256(data).hexdigest()[:16]


def label_point(shape: dict[str, Any]) -> list[float] | None:
    """Where the name of an area stands: the centroid of its largest ring (degrees); None for a line."""
    rings = {"Polygon": lambda c: [c[0]], "MultiPolygon": lambda c: [part[0] for part in c]}.get(
        shape["type"]
    )
    if rings is None:
        return None
    best: tuple[float, list[float]] | None = None
    for ring in rings(shape["coordinates"]):
        twice = [(a[0] * b[1] - b[0] * a[1], a, b) for a, b in zip(ring, [*ring[1:], ring[0]], strict=True)]
        area = sum(cross for cross, _a, _b in twice)
        if area and (best is None or abs(area) > best[0]):
            middle = [sum(cross * (a[i] + b[i]) for cross, a, b in twice) / (3 * area) for i in (0, 1)]
            best = (abs(area), [round(part, 5) for part in middle])
    return best[1] if best else None


@page()
def base_map(request: SignedIn) -> HttpResponse:
    """GET /map/base.geojson: city, streets and roads; asked for by hash, so it is kept long."""
    data, etag = base()
    answer = get_conditional_response(request, etag=f'"{etag}"')
    if answer is None:
        answer = HttpResponse(data, content_type="application/geo+json")
    answer["ETag"], answer["Cache-Control"] = f'"{etag}"', "private, max-age=86400"
    return answer


def box_of(text: str) -> tuple[float, float, float, float] | None:
    """Reads "west,south,east,north"; None for anything else."""
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        return None
    on_earth = -180 <= west < east <= 180 and -85 <= south < north <= 85
    return (west, south, east, north) if on_earth else None


@page()
def map_page(request: SignedIn) -> HttpResponse:
    """GET /map/?tab=&kind=&unit=&box=: map and list; with `box` the list holds what is in view."""
    look, asked = Look(request.user, timezone.now()), asked_of(request.GET)
    box = box_of(request.GET.get("box", ""))
    rows = rows_of(asked, look)
    if box:
        rows = rows.filter(tiles.in_box(*box))
    dues = list(rows.order_by().values_list("due_at", "is_paused")[: COUNT_TO + 1])
    found = rows.only(*CaseScreen.only, "lon", "lat").order_by("due_at", "pk")[:SHOW]
    row = city()
    context = {
        "asked": asked,
        "count": len(dues),
        "count_to": COUNT_TO,
        "in_view": box is not None,
        "late": sum(due is not None and not paused and due < look.now for due, paused in dues),
        "rows": [(case, shape_of(case), due_of(case, look)) for case in found],
        "show": SHOW,
    }
    if request.htmx:
        return render(request, "desk/_map_side.html", context)
    chosen = {f.key: (f, v) for f in CaseScreen.filters if (v := asked.chosen.get(f.key))}
    context |= {
        "tabs": [t for t in CaseScreen.tabs if t.key in TABS],
        "base_version": base()[1],
        "zoom": ZOOM,
        "opens_wall": rules.wall.allows(request.user, None),
        "centre": row,
        "kind_choices": kind_choices(look),
        "unit_choices": unit_choices(look),
        "focus": rules.see_case.filter(rows_of(Asked(tab="open"), look), request.user)
        .filter(number=request.GET["case"])
        .first()
        if "case" in request.GET
        else None,
        "other": [
            (key, f.label, f.words(v, look)) for key, (f, v) in chosen.items() if key not in ("kind", "unit")
        ],
    }
    return render(request, "desk/map.html", context)


@page()
def card(request: SignedIn, number: str) -> HttpResponse:
    """GET /map/card/<number>/: one case in short, with the step that is next."""
    rows = Case.objects.select_related(*queries.ROW, "road", "area")
    case = row_or_404(rules.see_case, rows, request.user, number=number)
    return render(
        request, "desk/_map_card.html", {"row": row_of(case, request.user, timezone.now()), "case": case}
    )
