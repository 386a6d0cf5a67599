"""Answers of Open311 in XML and JSON, faults included, and the one door every request goes through."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any
from xml.etree import ElementTree

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from chuangwen.faces.api.access import BadKey

log = logging.getLogger(__name__)
TYPES = {"json": "application/json; charset=utf-8", "xml": "text/xml; charset=utf-8"}
# What stands inside a list, by the name of the list (GeoReport v2, XML).
INSIDE = {
    "services": "service", "service_requests": "request", "attributes": "attribute", "endpoints": "endpoint",
    "formats": "format", "errors": "error",
}  # fmt: skip
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
HEADERS = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox; default-src 'none'"}


class Fault(Exception):
    """Something the sender must change, with the HTTP status and the sentence."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status, self.sentence = status, sentence


@dataclass(frozen=True)
class Answer:
    """What is told: `root` names the XML element around it; `is_open` when it is the same for everybody."""

    root: str
    data: Any
    is_open: bool = True
    headers: dict[str, str] = field(default_factory=dict)


def plain(value: object) -> str:
    """Text without what XML 1.0 cannot hold (§2.2): control characters, lone surrogates."""
    return _NOT_XML.sub("", str(value))


def element(name: str, value: Any) -> ElementTree.Element:
    """The element for a value: members of a list stand in elements of their own, None is an empty element."""
    made = ElementTree.Element(name)
    if isinstance(value, dict):
        made.extend(element(key, inner) for key, inner in value.items())
    elif isinstance(value, list):
        made.extend(element(INSIDE[name], inner) for inner in value)
    elif isinstance(value, bool):
        made.text = "true" if value else "false"
    elif value is not None:
        made.text = plain(value)
    return made


def written(form: str, root: str, data: Any) -> bytes:
    """The body in this form, `json` or `xml`."""
    if form == "json":
        return json.dumps(data, ensure_ascii=False).encode("utf-8", "replace")
    return bytes(ElementTree.tostring(element(root, data), encoding="utf-8", xml_declaration=True))


def respond(form: str, root: str, data: Any, status: int = 200) -> HttpResponse:
    return HttpResponse(written(form, root, data), status=status, content_type=TYPES[form], headers=HEADERS)


def refusal(form: str, status: int, sentence: str) -> HttpResponse:
    """A fault as GeoReport v2 has it: a list, with code and description."""
    return respond(form, "errors", [{"code": status, "description": sentence}], status)


def door(*methods: str) -> Callable[[Callable[..., Answer]], Callable[..., HttpResponse]]:
    """A view that returns an Answer: every fault becomes an answer in the form that was asked for, never a page.

    Cookies count for nothing here, so there is no CSRF token. What is the same for everybody may be read by scripts of
    any site.
    """
    allowed = (*methods, "HEAD") if "GET" in methods else methods

    def wrap(view: Callable[..., Answer]) -> Callable[..., HttpResponse]:
        @csrf_exempt
        @wraps(view)
        def guarded(request: HttpRequest, form: str, **kwargs: Any) -> HttpResponse:
            if request.method not in allowed:
                sentence = _("这个地址只接受：%(methods)s。") % {"methods": "、".join(methods)}
                answer = refusal(form, 405, sentence)
                answer["Allow"] = ", ".join(allowed)
                return answer
            return _asked(view, request, form, kwargs)

        return guarded

    return wrap


def _asked(
    view: Callable[..., Answer], request: HttpRequest, form: str, kwargs: dict[str, Any]
) -> HttpResponse:
    try:
        told = view(request, **kwargs)
    except Fault as fault:
        return refusal(form, fault.status, fault.sentence)
    except BadKey as fault:
        if str(fault) == "many":
            return refusal(form, 429, _("错的令牌太多，过十分钟再试。"))
        return refusal(form, 403, _("api_key 不对、到期了，或没有“上报问题”范围。核对后再试。"))
    except Http404:
        return refusal(form, 404, _("没有这一项。核对编号后再试。"))
    except RequestDataTooBig:
        return refusal(form, 400, _("送来的内容太大。照片缩小后再送。"))
    except (MultiPartParserError, SuspiciousOperation, UnreadablePostError):
        return refusal(form, 400, _("送来的内容不完整，重新送一次。"))
    except Exception:
        log.exception("open311 failed at %s", request.path)
        return refusal(form, 500, _("系统出了错，没有收下。稍后再送。"))
    answer = respond(form, told.root, told.data)
    answer["Vary"] = "Authorization, Accept-Language"
    answer["Cache-Control"] = "public, max-age=60" if told.is_open else "no-store"
    if told.is_open:
        answer["Access-Control-Allow-Origin"] = "*"
    for name, value in told.headers.items():
        answer[name] = value
    return answer


@csrf_exempt
def nothing(request: HttpRequest, rest: str) -> HttpResponse:
    """Any other address below /open311/v2/."""
    return refusal(
        "json" if rest.endswith(".json") else "xml", 404, _("没有这个地址。能用的地址见 discovery.xml。")
    )
