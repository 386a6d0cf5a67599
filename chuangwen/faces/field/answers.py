"""What the phone's own requests are answered with: JSON only, and 401 instead of a sign-in page."""

from __future__ import annotations

from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _

from chuangwen.kernel.people.rules import ANYONE
from chuangwen.kernel.screens.access import View


def answered(data: dict[str, Any], status: int = 200) -> HttpResponse:
    answer = JsonResponse(data, status=status, json_dumps_params={"ensure_ascii": False})
    patch_cache_control(answer, private=True, no_cache=True)
    return answer


def length_of(request: HttpRequest) -> int:
    """How many bytes the request says it has; 0 where it says nothing sensible."""
    told = request.headers.get("Content-Length", "")
    return int(told) if told.isascii() and told.isdigit() else 0


def phone(*methods: str) -> Any:
    """A page for signed-in persons whose every answer is JSON: a stranger gets 401 and why."""
    allowed = (*methods, "HEAD") if "GET" in methods else methods

    def wrap(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return answered({"why": _("登录已过期，登录后自动送。")}, 401)
            if request.method not in allowed:
                answer = answered({"why": _("这个地址不能这样用。")}, 405)
                answer["Allow"] = ", ".join(allowed)
                return answer
            return view(request, *args, **kwargs)

        guarded.rule = ANYONE  # type: ignore[attr-defined]
        guarded.methods = allowed  # type: ignore[attr-defined]
        return guarded

    return wrap
