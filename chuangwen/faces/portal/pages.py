"""How a page of the portal is answered: the large mode, and pages nobody may keep or find."""

from __future__ import annotations

from typing import Any, TypeVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_safe

YEAR = 365 * 86400
Answer = TypeVar("Answer", bound=HttpResponseBase)


def show(
    request: HttpRequest, template: str, context: dict[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    """A page of the portal; `?large=1` (or 0) in its address is kept in a cookie."""
    answer = render(request, template, context, status=status)
    asked = request.GET.get("large")
    if asked in ("0", "1"):
        _keep(answer, "large", asked)
    return answer


def _keep(answer: HttpResponse, name: str, value: str) -> None:
    answer.set_cookie(name, value, max_age=YEAR, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE)


def unseen(answer: Answer) -> Answer:
    """For the page of one sender: not kept by any cache, not found by search, its address told to no other site."""
    answer["Cache-Control"] = "no-store, private"
    answer["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    # Not "no-referrer": browsers then send "Origin: null" with the page's own forms, and the CSRF check refuses them.
    answer["Referrer-Policy"] = "same-origin"
    return answer


def _next(request: HttpRequest) -> str:
    to = request.GET.get("next", "")
    is_ours = to.startswith("/p/") and url_has_allowed_host_and_scheme(to, allowed_hosts=None)
    return to if is_ours else "/p/"


@require_safe
def look(request: HttpRequest) -> HttpResponse:
    """GET /p/look/?large=1|0&language=…&next=…: keeps how one wants to read in a cookie and goes back."""
    answer = HttpResponseRedirect(_next(request))
    if request.GET.get("large") in ("0", "1"):
        _keep(answer, "large", request.GET["large"])
    if request.GET.get("language") in dict(settings.LANGUAGES):
        _keep(answer, settings.LANGUAGE_COOKIE_NAME, request.GET["language"])
    return answer
