"""Doors for other systems: their messages in, ours out, a hotline's orders and the answers to them.

Who knocks shows a token with the scope `exchange` of the partner's own person: as a bearer, as the password of basic
sign-in, or as SPPWD inside an envelope. Anybody else gets 401; a partner there is not, or not his, is 404.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from chuangwen.faces.api.access import BadKey, person_of
from chuangwen.kernel.evidence import store
from chuangwen.kernel.people.token_models import Scope
from chuangwen.kernel.screens.tables import BadTable
from chuangwen.kernel.workflow.flow import Refused
from chuangwen.problems.exchanging import giving, sending, taking
from chuangwen.problems.exchanging.messages import Unreadable
from chuangwen.problems.exchanging.orders import order_answer, take_orders
from chuangwen.problems.exchanging.xml_form import (
    MOST_BYTES,
    Opened,
    decode,
    open_envelope,
    without_password,
    wrap_answer,
    write_answer,
)
from chuangwen.problems.models import ExchangeMessage, ExchangeState, Partner

MOST_ORDERS = 10 * 2**20
TAKEN, KEPT, UNREAD = 0, 1, 2
_HARMLESS = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox; default-src 'none'",
             "Cache-Control": "no-store"}  # fmt: skip

View = Callable[..., HttpResponseBase]


def _partner(request: HttpRequest, code: str, key: str = "") -> Partner:
    """The partner whose person the request shows the key of. Raises BadKey or Http404."""
    person = person_of(request, Scope.EXCHANGE, key=key)
    if person is None:
        raise BadKey
    found = Partner.objects.filter(code=code, is_on=True, person=person).select_related("person").first()
    if found is None:
        raise Http404
    return found


def _refused(status: int, sentence: str) -> JsonResponse:
    return JsonResponse(
        {"error": sentence}, status=status, headers=_HARMLESS, json_dumps_params={"ensure_ascii": False}
    )


def _no_key() -> HttpResponse:
    answer = _refused(401, _("没有出示有效的令牌，或令牌不是给平台交换用的。"))
    answer["WWW-Authenticate"] = 'Bearer realm="chuangwen", Basic realm="chuangwen", charset="UTF-8"'
    return answer


def _door(view: Callable[..., HttpResponseBase]) -> View:
    """A view for one partner: the key is asked first, refusals become answers."""

    @wraps(view)
    def guarded(request: HttpRequest, code: str, **kwargs: Any) -> HttpResponseBase:
        try:
            return view(request, _partner(request, code), **kwargs)
        except BadKey:
            return _no_key()
        except (Unreadable, BadTable) as fault:
            return _refused(400, fault.sentence)
        except Refused as fault:
            return _refused(403, str(fault))

    return guarded


@csrf_exempt
@require_POST
def messages(request: HttpRequest, code: str) -> HttpResponse:
    """POST /exchange/<partner>/: one message, XML (plain or in an envelope) or JSON.

    200 with code 0: done; 202 with code 1: kept in the log, not done, with the sentence why; 400 with code 2: not
    readable (kept as well). Sent again it changes nothing, and one that failed is tried again.
    """
    try:
        text, opened, unread = _read(request)
        try:
            partner = _partner(request, code, opened.password if opened else "")
        except BadKey:
            return _no_key()
    except Unreadable as fault:
        return _no_key() if not _has_key(request) else _refused(400, fault.sentence)
    row = taking.receive(partner, without_password(text))
    return _told(request, row, is_soap=bool(opened and opened.is_soap), unread=unread)


def _read(request: HttpRequest) -> tuple[str, Opened | None, bool]:
    """The body as text, its envelope where there is one that can be opened, and whether opening failed."""
    data = request.read(MOST_BYTES + 1)
    text = decode(data)
    if text.lstrip("\ufeff \r\n\t").startswith("{"):
        return text, None, False
    try:
        return text, open_envelope(text), False
    except Unreadable:
        return text, None, True


def _has_key(request: HttpRequest) -> bool:
    try:
        return person_of(request, Scope.EXCHANGE) is not None
    except BadKey:
        return False


def _told(request: HttpRequest, row: ExchangeMessage, *, is_soap: bool, unread: bool) -> HttpResponse:
    done = row.state != ExchangeState.FAILED
    code = TAKEN if done else UNREAD if unread or row.mark.startswith("unread:") else KEPT
    status = {TAKEN: 200, KEPT: 202, UNREAD: 400}[code]
    sentence = row.error or (str(row.get_state_display()) if done else "")
    case = row.case.number if row.case else ""
    if "json" in (request.content_type or ""):
        said = {"task": row.their_id, "code": code, "desc": sentence, "case": case}
        return JsonResponse(said, status=status, headers=_HARMLESS, json_dumps_params={"ensure_ascii": False})
    xml = write_answer(row.their_id, code, f"{sentence} {case}".strip())
    if is_soap:  # a fault would hide the sentence from their client: the result carries it
        xml, status = wrap_answer(xml), 200
    return HttpResponse(xml, status=status, content_type="text/xml; charset=utf-8", headers=_HARMLESS)


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@_door
def outbox(request: HttpRequest, partner: Partner) -> HttpResponse:
    """GET /exchange/<partner>/outbox?after=N: ours after number N, in order, at most 100; POST got=N: they have these."""
    if request.method == "POST":
        until = _number(request.POST.get("got", ""))
        return JsonResponse({"noted": sending.note_fetched(partner, until)}, headers=_HARMLESS)
    rows = sending.outbox(partner, _number(request.GET.get("after", "0")))
    found = [
        {"id": row.pk, "kind": row.kind, "task": row.their_id, "at": row.at.isoformat(), "state": row.state,
         "body": row.body} for row in rows
    ]  # fmt: skip
    last = rows[-1].pk if rows else None
    return JsonResponse(
        {"messages": found, "last": last}, headers=_HARMLESS, json_dumps_params={"ensure_ascii": False}
    )


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise Unreadable("number", field="after", value=text[:20])
    return int(text)


@csrf_exempt
@require_POST
@_door
def orders(request: HttpRequest, partner: Partner) -> HttpResponse:
    """POST /exchange/<partner>/orders: a table of orders (JSON, CSV, xlsx); 200, or 207 when rows were left out."""
    data = request.read(MOST_ORDERS + 1)
    if len(data) > MOST_ORDERS:
        raise BadTable("too_large", size=len(data) // 2**20 + 1, limit=MOST_ORDERS // 2**20)
    _row, told = take_orders(partner, data)
    status = 400 if told.get("error") else 207 if told["left_out"] else 200
    return JsonResponse(told, status=status, headers=_HARMLESS, json_dumps_params={"ensure_ascii": False})


@require_GET
@_door
def order(request: HttpRequest, partner: Partner, number: str) -> HttpResponse:
    """GET /exchange/<partner>/orders/<number>: where the order stands and the answer to its sender."""
    found = order_answer(partner, number)
    if found is None:
        raise Http404
    return JsonResponse(found, headers=_HARMLESS, json_dumps_params={"ensure_ascii": False})


@require_GET
@_door
def photo(request: HttpRequest, partner: Partner, sha256: str) -> HttpResponseBase:
    """GET /exchange/<partner>/photos/<hash>: the fix of a case that came from this partner, without EXIF."""
    if not giving.may_have_photo(partner, sha256):
        raise Http404
    path = store.file_of(sha256, "public")
    if path is None:
        raise Http404
    return FileResponse(path.open("rb"), content_type="image/jpeg", headers=_HARMLESS)
