"""The public map: tiles of what is public, the outlines under them, and the same as a list for who has no map."""

from __future__ import annotations

import json
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from chuangwen.faces.portal.pages import show
from chuangwen.kernel.city import briefly, city
from chuangwen.kernel.models import Place
from chuangwen.problems import public_queries, public_tiles
from chuangwen.problems.models import CaseKind

BESIDE = 20  # cases in the list beside the map
STATES = ("open", "done")


def _json(value: Any, seconds: int) -> HttpResponse:
    data = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    answer = HttpResponse(data, content_type="application/json")
    answer["Cache-Control"] = f"public, max-age={seconds}"
    return answer


@briefly
def _kinds() -> dict[str, int]:
    return dict(CaseKind.objects.order_by("code").values_list("code", "pk"))


@require_safe
def tile(request: HttpRequest, z: int, x: int, y: int) -> HttpResponse:
    """GET /p/map/tiles/<z>/<x>/<y>.json?kind=&state=: public cases of a tile, grouped."""
    kind, state = request.GET.get("kind", ""), request.GET.get("state", "")
    if (kind and kind not in _kinds()) or (state and state not in STATES):
        raise Http404
    try:
        features = public_tiles.features(z, x, y, _kinds().get(kind), state)
    except ValueError as fault:  # no tile of the map
        raise Http404 from fault
    return _json({"type": "FeatureCollection", "features": features}, 60)


def _outlines() -> dict[str, Any]:
    rows = Place.objects.filter(kind__in=("city", "county", "street"), shape__isnull=False, is_active=True)
    return {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "geometry": shape, "properties": {"kind": kind, "name": name}}
            for kind, name, shape in rows.order_by("pk").values_list("kind", "short_name", "shape")
        ],
    }


_base = briefly(_outlines, seconds=600.0)


@require_safe
def base(request: HttpRequest) -> HttpResponse:
    """GET /p/map/base.geojson: outlines of the city and its streets."""
    return _json(_base(), 3600)


@require_safe
def map_page(request: HttpRequest) -> HttpResponse:
    """GET /p/map/?kind=&state=: the map; the list beside it needs no script."""
    kind, state = request.GET.get("kind", ""), request.GET.get("state", "")
    context = {
        "kind": kind, "state": state, "kinds": public_queries.kinds_shown(), "centre": city(),
        "rows": public_queries.public_list(kind, state=state)[:BESIDE],
    }  # fmt: skip
    return show(request, "portal/open_map.html", context)
