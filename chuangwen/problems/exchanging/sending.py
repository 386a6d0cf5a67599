"""Sending what waits for a partner that has an address, and handing it out to one that fetches."""

from __future__ import annotations

import base64
import datetime as dt
import http.client
import ssl
import urllib.error
import urllib.request
from typing import NamedTuple
from urllib.parse import unquote, urlsplit, urlunsplit

from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen.problems.exchanging.messages import SHAPES
from chuangwen.problems.exchanging.xml_form import wrap_call
from chuangwen.problems.models import ExchangeMessage, ExchangeState, Partner

TIMEOUT = 10.0  # seconds
# Minutes to the next try after each one that failed; after the last the message is left to a person.
WAITS = (1, 5, 15, 60, 180, 360, 720, 1440)
LEASE = dt.timedelta(minutes=2)  # while one worker sends, no other does


class Target(NamedTuple):
    """Where a partner listens: its address without the account, the account, the password."""

    url: str
    account: str
    password: str


def target_of(url: str) -> Target:
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    bare = urlunsplit((parts.scheme, host, parts.path, parts.query, ""))
    return Target(bare, unquote(parts.username or ""), unquote(parts.password or ""))


def shown_url(url: str) -> str:
    """An address as a page may show it, without account and password."""
    return target_of(url).url


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: object, **kwargs: object) -> None:
        return None


class NotSent(Exception):
    """The partner did not take it; the text says why."""


def post(partner: Partner, row: ExchangeMessage) -> None:
    """Sends one message; raises NotSent. Follows no redirect and asks no proxy; only http and https."""
    target = target_of(partner.url)
    if urlsplit(target.url).scheme not in ("http", "https"):
        raise NotSent(_("回传地址不是 http 或 https。"))
    body, headers = row.body, {"Content-Type": "text/xml; charset=utf-8", "User-Agent": "chuangwen"}
    if partner.is_soap:
        body = wrap_call(row.body, SHAPES[row.kind].function, target.account, target.password)
        headers["SOAPAction"] = '""'
    elif target.account:
        pair = base64.b64encode(f"{target.account}:{target.password}".encode()).decode()
        headers["Authorization"] = f"Basic {pair}"
    request = urllib.request.Request(target.url, body.encode(), headers, method="POST")
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect())
    try:
        with opener.open(request, timeout=TIMEOUT) as answer:
            answer.read(4096)
    except urllib.error.HTTPError as fault:
        fault.close()
        raise NotSent(_("对方答 %(status)d。") % {"status": fault.code}) from fault
    except (OSError, http.client.HTTPException, ssl.SSLError, ValueError) as fault:
        raise NotSent(_("连不上对方：%(fault)s。") % {"fault": str(fault)[:200]}) from fault


def send_exchange(now: dt.datetime | None = None, most: int = 50) -> int:
    """Sends what is due, oldest first; returns how many the partners took. Safe with two workers."""
    now = now or timezone.now()
    due = ExchangeMessage.objects.filter(
        is_out=True, next_try_at__lte=now, state=ExchangeState.WAITING, partner__is_on=True
    )
    sent = 0
    for row in due.select_related("partner").order_by("next_try_at", "pk")[:most]:
        mine = ExchangeMessage.objects.filter(
            pk=row.pk, next_try_at=row.next_try_at, state=ExchangeState.WAITING
        )
        if row.partner.url and mine.update(next_try_at=now + LEASE):
            sent += _send(row, now)
    return sent


def _send(row: ExchangeMessage, now: dt.datetime) -> int:
    rows = ExchangeMessage.objects.filter(pk=row.pk)
    tries = row.tries + 1
    try:
        post(row.partner, row)
    except NotSent as fault:
        over = tries >= len(WAITS)
        rows.update(
            tries=tries, error=str(fault)[:500],
            state=ExchangeState.FAILED if over else ExchangeState.WAITING,
            next_try_at=None if over else now + dt.timedelta(minutes=WAITS[tries - 1]),
        )  # fmt: skip
        return 0
    rows.update(tries=tries, error="", state=ExchangeState.DONE, done_at=now, next_try_at=None)
    return 1


def send_again(row: ExchangeMessage) -> None:
    """Puts a message of ours back to be sent (or fetched) once more; a done one is left alone."""
    ExchangeMessage.objects.filter(pk=row.pk, is_out=True).exclude(state=ExchangeState.DONE).update(
        state=ExchangeState.WAITING,
        tries=0,
        error="",
        next_try_at=timezone.now() if row.partner.url else None,
    )


def outbox(partner: Partner, after: int, most: int = 100) -> list[ExchangeMessage]:
    """What waits for a partner to fetch, in order, after the number it saw last."""
    rows = ExchangeMessage.objects.filter(partner=partner, is_out=True, pk__gt=after)
    return list(rows.order_by("pk")[:most])


def note_fetched(partner: Partner, until: int) -> int:
    """The partner has all of ours up to this number; returns how many were noted as done now."""
    waiting = ExchangeMessage.objects.filter(
        partner=partner, is_out=True, pk__lte=until, state=ExchangeState.WAITING
    )
    return waiting.update(done_at=timezone.now(), next_try_at=None, error="", state=ExchangeState.DONE)
