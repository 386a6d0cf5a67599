"""Who may in at the OpenRosa door, and the headers and words every answer there has (OpenRosa 1.0)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any
from xml.sax.saxutils import escape

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.utils.http import http_date
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from chuangwen.faces.api.access import WRONG_KEYS, BadKey, person_of
from chuangwen.faces.api.digest import Stale, challenge, person_by_digest, shown_digest
from chuangwen.kernel.people.models import Person
from chuangwen.kernel.people.token_models import Scope
from chuangwen.kernel.people.tokens import REALM
from chuangwen.kernel.workflow.limits import is_within, network_of

XML = "text/xml; charset=utf-8"
# Bytes of one post, as told to phones: they send what is more in several posts, of fewer files than Django takes at once.
TOLD_POST = 10_000_000
MOST_POST = 100 * 2**20  # what is refused
Door = Callable[..., HttpResponse]


class Challenged(HttpResponse):
    """401 with both ways to sign in, each in a header of its own, the digest first."""

    def __init__(self, message: str, *, is_stale: bool = False) -> None:
        super().__init__(response_xml(message, "error"), content_type=XML, status=401)
        self.headers["WWW-Authenticate"] = challenge(is_stale=is_stale)

    def items(self) -> Iterable[tuple[str, str]]:
        return [*super().items(), ("WWW-Authenticate", f'Basic realm="{REALM}", charset="UTF-8"')]


def response_xml(message: str, nature: str = "") -> str:
    """The envelope of an answer, with a sentence for the person who holds the phone."""
    kind = f' nature="{nature}"' if nature else ""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<OpenRosaResponse xmlns="http://openrosa.org/http/response">'
        f"<message{kind}>{escape(message)}</message></OpenRosaResponse>"
    )


def answer(message: str, status: int) -> HttpResponse:
    nature = "error" if status >= 400 else "submit_success"
    return HttpResponse(response_xml(message, nature), content_type=XML, status=status)


def door(*methods: str) -> Callable[[Door], Door]:
    """Lets in who shows a key with the scope `forms` (digest, basic or bearer); sessions and cookies count for nothing.

    The view gets the person as its second argument.
    """

    def wrap(view: Door) -> Door:
        @csrf_exempt
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            found = _asker(request)
            if isinstance(found, HttpResponse):
                return _dressed(found)
            if request.method not in methods:
                return _dressed(HttpResponseNotAllowed(methods))
            return _dressed(view(request, found, *args, **kwargs))

        return guarded

    return wrap


def _dressed(response: HttpResponse) -> HttpResponse:
    response.headers["X-OpenRosa-Version"] = "1.0"
    response.headers["X-OpenRosa-Accept-Content-Length"] = str(TOLD_POST)
    response.headers["Date"] = http_date()
    response.headers["Cache-Control"] = "no-store"
    return response


def _asker(request: HttpRequest) -> Person | HttpResponse:
    shown = shown_digest(request)
    try:
        if shown is not None:
            person = person_by_digest(request, shown, Scope.FORMS)
            if person is None:
                _count_wrong(request)
        else:
            person = person_of(request, Scope.FORMS)
    except Stale:
        return Challenged(_("登录过了时，再试一次。"), is_stale=True)
    except BadKey as fault:
        if str(fault) == "many":
            return answer(_("错的密码太多，过十分钟再试。"), 429)
        person = None
    if person is None:
        return Challenged(_("用户名是你的账号，密码是“填报表单”的令牌；核对后再试。"))
    return person


def _count_wrong(request: HttpRequest) -> None:
    if not is_within("wrong key", network_of(request.META.get("REMOTE_ADDR", "")), WRONG_KEYS):
        raise BadKey("many")
