"""HTTP digest sign-in (RFC 7616, MD5 with qop=auth), which phone form apps speak also without TLS.

MD5 is what those apps speak; a nonce carries its time and our signature, lives ten minutes, and each answer to it counts
once, so a request overheard on the way cannot be sent again.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
import urllib.request
from typing import Final

from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import HttpRequest

from chuangwen.kernel.people.models import Person
from chuangwen.kernel.people.token_models import Token
from chuangwen.kernel.people.tokens import REALM, in_force, note_use
from chuangwen.kernel.workflow.arrival_models import SpentProof

LIFE_S: Final = 600
MOST_KEYS: Final = 50  # of one person that are tried
_NAMES: Final = ("username", "realm", "nonce", "uri", "response", "qop", "nc", "cnonce")


class Stale(Exception):
    """The answer is right but its nonce is too old or was answered so before: the app asks again with a new one."""


def nonce_of(now: float | None = None) -> str:
    """A new nonce: its second, chance, and our signature over both."""
    told = f"{int(now or time.time()):x}-{secrets.token_hex(8)}"
    return f"{told}-{_signed(told)}"


def _signed(told: str) -> str:
    key = settings.SECRET_KEY.encode() + b" digest nonce"
    return hmac.new(key, told.encode(), hashlib.sha256).hexdigest()[:32]


def challenge(*, is_stale: bool = False) -> str:
    """The value of WWW-Authenticate that asks for a digest."""
    return f'Digest realm="{REALM}", nonce="{nonce_of()}", qop="auth", algorithm=MD5, charset="UTF-8"' + (
        ", stale=true" if is_stale else ""
    )


def shown_digest(request: HttpRequest) -> dict[str, str] | None:
    """What the request answers to a challenge; None where it is no digest, an empty one where it cannot be read."""
    scheme, _space, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "digest":
        return None
    try:
        found = urllib.request.parse_keqv_list(urllib.request.parse_http_list(value[:4000]))
    except (ValueError, IndexError):
        return {}
    if not all(name in found for name in _NAMES):
        return {}
    try:  # the server read the header's bytes as Latin-1, as HTTP says
        return found | {"username": found["username"].encode("latin-1").decode()}
    except UnicodeError:
        return found


def person_by_digest(request: HttpRequest, shown: dict[str, str], scope: str) -> Person | None:
    """The person whose key made this digest, for this address and method; None for a wrong one. Raises Stale."""
    if not shown or shown["realm"] != REALM or shown["qop"] != "auth":
        return None
    if shown.get("algorithm", "MD5").upper() != "MD5" or shown["uri"] != request.get_full_path():
        return None
    token = _token(request, shown, scope)
    if token is None:
        return None
    told, _dash, signature = shown["nonce"].rpartition("-")
    if not hmac.compare_digest(signature.encode(), _signed(told).encode()):
        raise Stale
    if not 0 <= time.time() - int(told.partition("-")[0], 16) <= LIFE_S:
        raise Stale
    _spend(shown)
    note_use(token)
    person: Person = token.person
    return person


def _token(request: HttpRequest, shown: dict[str, str], scope: str) -> Token | None:
    rows = Token.objects.select_related("person").filter(in_force(), person__username=shown["username"])
    ha2 = _md5(f"{request.method}:{shown['uri']}")
    for row in rows.exclude(ha1="").order_by("-pk")[:MOST_KEYS]:
        wanted = _md5(f"{row.ha1}:{shown['nonce']}:{shown['nc']}:{shown['cnonce']}:auth:{ha2}")
        if scope in row.scopes and hmac.compare_digest(wanted.encode(), shown["response"].encode()):
            return row
    return None


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _spend(shown: dict[str, str]) -> None:
    """Each answer to a nonce counts once; apps count up `nc`, in whatever order their requests arrive."""
    told = "\0".join((shown["nonce"], shown["nc"], shown["cnonce"]))
    try:
        with transaction.atomic():
            SpentProof.objects.create(nonce=hashlib.sha256(told.encode()).hexdigest())
    except IntegrityError as fault:
        raise Stale from fault
