"""Who sends, as far as limits need it: a network and a device, both veiled before they are kept, and what is too much."""

from __future__ import annotations

import datetime as dt
import secrets

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen.faces.portal.pages import YEAR
from chuangwen.kernel.workflow.limits import Limit, is_within, network_of, veiled
from chuangwen.problems.following import public_moment

COOKIE, SALT = "cw_device", "portal.device"
# Our own bounds, well above what people do: a whole office behind one address, one eager walker with one phone.
NETWORK_HOUR, DEVICE_DAY = Limit(60, 3600), Limit(30, 86400)
BY_PUZZLE_HOUR = Limit(10, 3600)  # of one network without the computed proof
PUZZLE_TRIES = Limit(5, 3600)  # of one message
SUGGESTS_HOUR = Limit(600, 3600)  # of one network: some ten for each message


def network(request: HttpRequest) -> str:
    """The sender's network; behind the proxy that speaks TLS for us, what that proxy saw, never what a sender wrote."""
    address = request.META.get("REMOTE_ADDR", "")
    told = request.META.get("HTTP_X_FORWARDED_FOR", "")
    if settings.BEHIND_TLS and told:
        address = told.rsplit(",", 1)[-1].strip()
    return network_of(address)


def device(request: HttpRequest) -> str:
    """The device's own name from its signed cookie; "" before its first message or for a cookie not of ours."""
    try:
        return str(signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=YEAR))
    except signing.BadSignature:
        return ""


def remember(request: HttpRequest, answer: HttpResponse, name: str) -> None:
    """Gives the device its cookie at its first message, and at no other time."""
    if not device(request):
        answer.set_cookie(
            COOKIE, signing.dumps(name, salt=SALT), max_age=YEAR, httponly=True, samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
        )  # fmt: skip


def new_device() -> str:
    return secrets.token_urlsafe(12)


def origin_of(request: HttpRequest) -> str:
    """The network as it is kept with a message: veiled, "" where nothing is known."""
    found = network(request)
    return veiled("origin", found) if found else ""


def device_of(name: str) -> str:
    return veiled("device", name) if name else ""


def _again(limit: Limit, now: dt.datetime) -> str:
    """When the window that holds this moment ends, in words."""
    end = dt.datetime.fromtimestamp((int(now.timestamp()) // limit.seconds + 1) * limit.seconds, dt.UTC)
    return public_moment(end)


def too_many(request: HttpRequest, by_puzzle: bool) -> str | None:
    """Counts one message; the sentence when network or device sent too many, with the moment to try again."""
    now = timezone.now()
    found, name = network(request), device(request)
    rules = [("send network", found, NETWORK_HOUR), ("send device", name, DEVICE_DAY)]
    if by_puzzle:
        rules.append(("send by puzzle", found, BY_PUZZLE_HOUR))
    for kind, value, limit in rules:
        if not is_within(kind, value, limit, now):
            return _("这里报得太多了，%(moment)s 以后再报；写的内容还在。急事打 12345。") % {
                "moment": _again(limit, now)
            }
    return None
