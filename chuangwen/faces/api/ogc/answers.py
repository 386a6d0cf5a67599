"""Answers of the map door in JSON and plain HTML, its faults (always JSON), and what every request goes through."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from chuangwen.faces.api.access import BadKey, person_of
from chuangwen.kernel.models import Person
from chuangwen.kernel.people.token_models import Scope

log = logging.getLogger(__name__)
JSON, GEOJSON, HTML = "application/json", "application/geo+json", "text/html"
FORMS = ("json", "html")


class Fault(Exception):
    """A request that cannot be answered as it is, with its HTTP status and the sentence."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status, self.sentence = status, sentence


@dataclass(frozen=True)
class Answer:
    """What is told, and as which media type when it is not shown as a page."""

    title: str
    data: dict[str, Any]
    media: str = JSON
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Asking:
    """Who asks, in which form (`json` or `html`), and the root address of this door as he wrote it."""

    person: Person | None
    form: str
    root: str
    given: dict[str, str]

    def url(self, path: str = "", **given: str) -> str:
        query = urlencode({name: value for name, value in given.items() if value})
        return f"{self.root}{path}" + (f"?{query}" if query else "")


def link(href: str, rel: str, media: str, title: str) -> dict[str, str]:
    return {"href": href, "rel": rel, "type": media, "title": title}


def own_links(asking: Asking, path: str, media: str = JSON, **given: str) -> list[dict[str, str]]:
    """`self` for the form that is answered, `alternate` for the other."""
    urls = {form: link(asking.url(path, **given, f=form), "", kind, form.upper())
            for form, kind in (("json", media), ("html", HTML))}  # fmt: skip
    return [{**made, "rel": "self" if form == asking.form else "alternate"} for form, made in urls.items()]


def refusal(status: int, sentence: str) -> HttpResponse:
    """The exception body of OGC API – Features."""
    body = json.dumps({"code": str(status), "description": sentence}, ensure_ascii=False)
    answer = HttpResponse(body, status=status, content_type=JSON)
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "no-store"
    answer["Access-Control-Allow-Origin"] = "*"
    if status == 401:
        answer["WWW-Authenticate"] = 'Bearer realm="chuangwen", Basic realm="chuangwen", charset="UTF-8"'
    return answer


def door(*known: str) -> Callable[[Callable[..., Answer]], Callable[..., HttpResponse]]:
    """A view for GET that takes the parameters `known` and `f`; all else of the query is a fault (7.6 of the standard)."""

    def wrap(view: Callable[..., Answer]) -> Callable[..., HttpResponse]:
        @csrf_exempt
        @wraps(view)
        def guarded(request: HttpRequest, **kwargs: Any) -> HttpResponse:
            if request.method not in ("GET", "HEAD"):
                answer = refusal(405, _("这个地址只读，用 GET。"))
                answer["Allow"] = "GET, HEAD"
                return answer
            try:
                asking = _asking(request, (*known, "f"))
                return _written(request, asking, view(asking, **kwargs))
            except Fault as fault:
                return refusal(fault.status, fault.sentence)
            except BadKey:
                return refusal(401, _("令牌不对、到期了，或没有“读数据”范围。核对后再试。"))
            except Http404:
                return refusal(404, _("没有这一项。核对地址后再试。"))
            except Exception:
                log.exception("ogc failed at %s", request.path)
                return refusal(500, _("系统出了错，稍后再试。"))

        return guarded

    return wrap


def _asking(request: HttpRequest, known: tuple[str, ...]) -> Asking:
    wrong = [name for name in request.GET if name not in known]
    if wrong:
        raise Fault(400, _("没有参数“%(name)s”；这里能用：%(known)s。") % {
            "name": wrong[0][:40], "known": "、".join(known)})  # fmt: skip
    twice = [name for name, values in request.GET.lists() if len(values) > 1]
    if twice:
        raise Fault(400, _("参数“%(name)s”给了两次。") % {"name": twice[0]})
    form = request.GET.get("f") or _wanted(request)
    if form not in FORMS:
        raise Fault(400, _("f 只能是 json 或 html。"))
    given = {name: str(value) for name, value in request.GET.items() if name != "f"}
    return Asking(person_of(request, Scope.READ), form, request.build_absolute_uri("/ogc/"), given)


def _wanted(request: HttpRequest) -> str:
    """The form by the Accept header: a page only for who names it before JSON, as browsers do."""
    best = request.get_preferred_type([GEOJSON, JSON, HTML]) if request.headers.get("Accept") else None
    return "html" if best == HTML else "json"


def _written(request: HttpRequest, asking: Asking, told: Answer) -> HttpResponse:
    if asking.form == "html":
        answer = render(request, "api/ogc.html", {"title": told.title, "data": told.data})
    else:
        body = json.dumps(told.data, ensure_ascii=False).encode("utf-8", "replace")
        answer = HttpResponse(body, content_type=told.media)
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Vary"] = "Accept, Accept-Language, Authorization"
    answer["Cache-Control"] = "no-store" if asking.person else "public, max-age=60"
    if asking.person is None:
        answer["Access-Control-Allow-Origin"] = "*"
    for name, value in told.headers.items():
        answer[name] = value
    return answer


@csrf_exempt
def nothing(request: HttpRequest, rest: str) -> HttpResponse:
    """Any other address below /ogc/."""
    return refusal(404, _("没有这个地址，从 /ogc/ 开始。"))
