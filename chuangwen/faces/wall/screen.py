"""The big screen: one page, and its figures as server-sent events whose answer ends at once, so that no thread is held."""

from __future__ import annotations

import json

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chuangwen.faces.wall import figures, outline
from chuangwen.kernel.city import setting
from chuangwen.kernel.screens.access import SignedIn, page
from chuangwen.problems import rules, situation
from chuangwen.problems.models import State


@page(rules.wall)
def wall(request: SignedIn) -> HttpResponse:
    """GET /wall/: everything at one look, for 1920 × 1080 and 3840 × 2160; ?sites=1 with the sites as dots."""
    context = {
        "drawn": figures.drawn(request.user),
        "sheet": outline.sheet(),
        "size": (outline.WIDTH, outline.HEIGHT),
        "dots": outline.dots() if request.GET.get("sites") else "",
        "seconds": every(),
    }
    answer = render(request, "wall/wall.html", context)
    answer["Cache-Control"] = "no-store"
    return answer


def every() -> int:
    """After how many seconds a screen asks again, a choice of the city."""
    return max(1, int(setting("wall_seconds", 5)))


@page(rules.wall)
def events(request: SignedIn) -> HttpResponse:
    """GET /wall/events/: one event and the end; the browser asks again after `retry`, saying what it has.

    `figures` carries all parts, `same` only the minute: what the screen has (Last-Event-ID, at first ?known=) still holds.
    """
    drawn = figures.drawn(request.user)
    known = request.headers.get("Last-Event-ID") or request.GET.get("known", "")
    kind, data = "same", {"at": drawn.at}
    if known != drawn.version:
        kind, data = "figures", {"at": drawn.at, "html": drawn.html, "fill": drawn.fill}  # type: ignore[dict-item]
    said = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    text = f"retry: {every() * 1000}\nid: {drawn.version}\nevent: {kind}\ndata: {said}\n\n"
    answer = HttpResponse(text, content_type="text/event-stream; charset=utf-8")
    answer["Cache-Control"], answer["ETag"] = "no-cache", f'"{drawn.version}"'
    return answer


TODAY = {
    "reported": (_("今天新报"), situation.reported_today),
    "closed": (_("今天销号"), situation.closed_today),
}
SHOW = 500


@page(rules.wall)
def today(request: SignedIn, code: str) -> HttpResponse:
    """GET /wall/today/<reported|closed>/: the cases behind one of today's two figures, the latest SHOW."""
    title, rows = TODAY[code]
    found = list(rows(request.user, timezone.now()).select_related("kind", "unit", "street")[: SHOW + 1])
    context = {
        "title": title,
        "cases": found[:SHOW],
        "more": len(found) > SHOW,
        "show": SHOW,
        "here": "cases",
    }
    context["states"] = dict(State.choices)
    return render(request, "wall/today.html", context)
