"""The first page for residents, and the outlines the small map draws."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from chuangwen.faces.portal.pages import show
from chuangwen.kernel.city import briefly
from chuangwen.kernel.models import Place
from chuangwen.problems.following import publication_counts

# What there is to see beside reporting; a page that is not there is not linked.
LINKS = (
    ("/p/cases/", gettext_lazy("大家报的：在办的和办好的")),
    ("/p/map/", gettext_lazy("地图")),
    ("/p/done/", gettext_lazy("办好前后")),
    ("/p/figures/", gettext_lazy("每月数字")),
    ("/p/ideas/", gettext_lazy("点子：提建议，看答复")),
    ("/p/campaigns/", gettext_lazy("大家来找茬")),
    ("/p/data/", gettext_lazy("开放数据")),
)


@briefly
def links() -> list[tuple[str, Any]]:
    found = []
    for address, words in LINKS:
        try:
            resolve(address)
        except Resolver404:
            continue
        found.append((address, words))
    return found


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """GET /p/: report, what was done lately, where to look."""
    shown, done = publication_counts(timezone.now() - dt.timedelta(days=30))
    context = {"links": links(), "shown": shown, "done": done, "days": 30}
    return show(request, "portal/home.html", context)


@briefly
def _ground() -> tuple[bytes, str]:
    rows = Place.objects.filter(kind__in=("city", "street", "road"), shape__isnull=False, is_active=True)
    features = [
        {"type": "Feature", "geometry": shape, "properties": {"kind": kind}}
        for kind, shape in rows.order_by("pk").values_list("kind", "shape")
    ]
    data = json.dumps({"type": "FeatureCollection", "features": features}, separators=(",", ":")).encode()
    return data, hashlib.sha256(data).hexdigest()[:16]


@require_safe
def ground(request: HttpRequest) -> HttpResponse:
    """GET /p/ground.geojson: outlines of city and streets and the lines of roads, WGS-84; the same for everybody."""
    data, etag = _ground()
    answer = get_conditional_response(request, etag=f'"{etag}"')
    if answer is None:
        answer = HttpResponse(data, content_type="application/geo+json")
    answer["ETag"], answer["Cache-Control"] = f'"{etag}"', "public, max-age=86400"
    return answer
