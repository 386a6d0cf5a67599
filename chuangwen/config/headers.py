"""Answer headers that keep pages from running or loading anything that is not ours."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

TIANDITU = " https://*.tianditu.gov.cn" if settings.TIANDITU_KEY else ""
POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; "
    f"img-src 'self' blob:{TIANDITU}; connect-src 'self'{TIANDITU}; worker-src 'self' blob:; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


class SafeHeaders:
    """Sets the content policy on every answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers.setdefault("Permissions-Policy", "geolocation=(self), camera=(self), microphone=()")
        return response


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page was open too long or came from elsewhere: say so instead of a bare 403."""
    from django.shortcuts import render

    context = {
        "title": _("页面过期了"),
        "what": _("这一页开得太久，或在别处登录过。返回上一页，刷新后再办；填过的内容还在。"),
    }
    return render(request, "screens/refused.html", context, status=403)
