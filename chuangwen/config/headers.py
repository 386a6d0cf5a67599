"""Answer headers that keep pages from running or loading anything that is not ours."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

TIANDITU = " https://*.tianditu.gov.cn" if settings.TIANDITU_KEY else ""
POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; "
    f"img-src 'self' blob:{TIANDITU}; connect-src 'self'{TIANDITU}; worker-src 'self' blob:; "
    "media-src 'self' blob:; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


class SafeHeaders:
    """Sets the content policy on every answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers.setdefault(
            "Permissions-Policy", "geolocation=(self), camera=(self), microphone=(self)"
        )
        return response


# The doors for programs say themselves, in their own form, what is wrong with a parameter.
_DOORS = ("/api/", "/open311/", "/ogc/", "/openrosa/", "/exchange/")


class NoNul:
    """Refuses addresses with the NUL character: no person types it, and PostgreSQL keeps no text that holds it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if (
            "%00" in request.META.get("QUERY_STRING", "") or "\0" in request.path
        ) and not request.path.startswith(_DOORS):
            raise BadRequest
        return self.get_response(request)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page was open too long or came from elsewhere: say so instead of a bare 403."""
    from django.shortcuts import render

    context = {
        "title": _("页面过期了"),
        "what": _("这一页开得太久，或在别处登录过。返回上一页，刷新后再办；填过的内容还在。"),
    }
    return render(request, "screens/refused.html", context, status=403)


def _refused(request: HttpRequest, status: int, title: str, what: str) -> HttpResponse:
    from django.shortcuts import render  # the template engine is not up when the settings name this module

    return render(request, "screens/refused.html", {"title": title, "what": what}, status=status)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Also what a person gets for a row he may not see: it does not exist for him."""
    return _refused(request, 404, _("没有这一页"), _("地址写错了，或这件事不在你的岗位范围内。"))


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _refused(request, 403, _("不能办"), _("这一步不归你的岗位办。"))


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _refused(request, 400, _("没有看懂"), _("送来的内容不完整或太大。返回上一页，检查后再送。"))


def broken(request: HttpRequest) -> HttpResponse:
    """Something failed here; what was sent was not half done, every action is one transaction."""
    return _refused(
        request,
        500,
        _("系统出了错"),
        _("刚才的操作没有生效，数据没有改动。稍后再试；再出错就告诉管理员时间和页面。"),
    )
