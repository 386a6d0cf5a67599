"""The one door of the interface: finds the operation, asks who it is and how often, and words every refusal the same way.

django-ninja and pydantic are loaded with the first request and not before: a process that serves pages only starts
without them.
"""

from __future__ import annotations

import hashlib
import re
import threading
from functools import cache
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import Resolver404, URLResolver
from django.urls.resolvers import RegexPattern
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from chuangwen.faces.api.access import WRONG_KEYS, shown_key
from chuangwen.faces.api.v1.faults import Fault, Problem
from chuangwen.kernel.city import setting
from chuangwen.kernel.models import Token
from chuangwen.kernel.people.tokens import digest_of, in_force, note_use
from chuangwen.kernel.workflow.limits import Limit, is_within, network_of

MIB = 2**20
MOST_JSON = MIB
MOST_FORM = 64 * MIB
_building = threading.Lock()


@cache
def _interface() -> tuple[URLResolver, dict[str, Any]]:
    from chuangwen.faces.api.v1.interface import build, describe

    api = build()
    return URLResolver(RegexPattern(r"^"), api.urls[0]), describe(api)


def interface() -> tuple[URLResolver, dict[str, Any]]:
    """(how addresses are resolved, the OpenAPI description); built once in each process."""
    with _building:
        return _interface()


def _bearer(request: HttpRequest, scopes: tuple[str, ...]) -> Token:
    """The token the request shows, in force and with one of these scopes. A session counts for nothing here."""
    headers = {"WWW-Authenticate": 'Bearer realm="chuangwen"'}
    name, secret = shown_key(request)
    token = None
    if 0 < len(secret) <= 200:
        rows = Token.objects.select_related("person").filter(in_force(), digest=digest_of(secret))
        token = rows.first()
    if token is None or (name and name != token.person.username):
        if secret:
            is_within("wrong key", network_of(request.META.get("REMOTE_ADDR", "")), WRONG_KEYS)
        raise Problem(401, headers=headers)
    if not set(scopes) & set(token.scopes):
        why = _("这个令牌没有需要的范围：%(scopes)s。") % {"scopes": " / ".join(scopes)}
        raise Problem(403, why, headers={"WWW-Authenticate": 'Bearer error="insufficient_scope"'})
    limit = Limit(int(setting("api_per_minute", 600)), 60)
    if not is_within("api token", str(token.pk), limit):
        why = _("这个令牌一分钟最多用 %(n)d 次，稍后再来。") % {"n": limit.most}
        raise Problem(429, why, headers={"Retry-After": "60"})
    note_use(token)
    return token


def _known_names(request: HttpRequest, operation: dict[str, Any]) -> None:
    """A parameter nobody knows is a mistake of the caller, and so is one given twice."""
    known = {row["name"] for row in operation.get("parameters", ()) if row["in"] == "query"}
    errors = [Fault(("query", name), "unknown parameter") for name in request.GET if name not in known]
    errors += [
        Fault(("query", name), "given more than once")
        for name, values in request.GET.lists()
        if len(values) > 1
    ]
    if errors:
        names = "、".join(str(fault.loc[-1])[:40] for fault in errors)
        raise Problem(422, _("没有这样的参数，或给了两次：%(names)s。") % {"names": names}, errors)


def _known_size(request: HttpRequest) -> None:
    is_form = (request.content_type or "").startswith("multipart/")
    try:
        size = int(request.headers.get("Content-Length") or 0)
    except ValueError as fault:
        raise Problem(400) from fault
    if size > (MOST_FORM if is_form else MOST_JSON):
        raise Problem(413)


@csrf_exempt
def answer(request: HttpRequest, rest: str) -> HttpResponseBase:
    """/api/v1/…: every operation of the interface."""
    try:
        return _answer(request, rest)
    except Problem as problem:
        return problem.response()
    except Http404:
        return Problem(404).response()


def _answer(request: HttpRequest, rest: str) -> HttpResponseBase:
    resolver, document = interface()
    try:
        found = resolver.resolve(rest)
    except Resolver404 as fault:
        raise Problem(404) from fault
    path = "/api/v1/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", found.route)
    known = document["paths"][path]
    operation = known.get((request.method or "").lower())
    if operation is None:
        allowed = ", ".join(sorted(name.upper() for name in known))
        raise Problem(405, headers={"Allow": allowed})
    token = _bearer(request, tuple(operation["security"][0]["token"]))
    request.token, request.person = token, token.person  # type: ignore[attr-defined]
    _known_size(request)
    _known_names(request, operation)
    response: HttpResponseBase = found.func(request, **found.kwargs)
    return _kept(request, response, bool(operation.get("x-shared")))


def _kept(request: HttpRequest, response: HttpResponseBase, is_shared: bool) -> HttpResponseBase:
    """What may be kept: lists that are the same for every person with an ETag, photos as they say themselves, else nothing."""
    if response.status_code == 200 and is_shared and isinstance(response, HttpResponse):
        etag = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
        response = get_conditional_response(request, etag=etag, response=response) or response
        response["ETag"], response["Cache-Control"] = etag, "private, no-cache"
    elif not response.has_header("Cache-Control"):
        response["Cache-Control"] = "no-store"
    return response
