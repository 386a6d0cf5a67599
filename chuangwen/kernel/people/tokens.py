"""Giving out keys for programs, and finding whose a presented key is."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Iterable

from django.db.models import Q
from django.utils import timezone

from chuangwen.kernel.people.models import Person
from chuangwen.kernel.people.token_models import Scope, Token

REALM = "chuangwen"  # of HTTP basic and digest sign-in; part of every stored ha1
LONGEST = dt.timedelta(days=366)


class BadToken(ValueError):
    """A token that cannot be made: no scope, an unknown one, an end in the past or more than a year away."""


def digest_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def make_token(
    person: Person, *, name: str, scopes: Iterable[str], ends_on: dt.date, by: Person
) -> tuple[Token, str]:
    """A new key that acts as `person`; returns the row and the secret, which is shown once and not kept.

    Raises BadToken. Who may give out keys is the caller's rule.
    """
    wanted, today = sorted(set(scopes)), timezone.localdate()
    if not wanted or not set(wanted) <= set(Scope.values):
        raise BadToken("scopes")
    if not today <= ends_on <= today + LONGEST:
        raise BadToken("ends_on")
    secret = secrets.token_urlsafe(30)
    ha1 = ""
    if Scope.FORMS in wanted:  # what the digest scheme needs of a password; it is no general password hash
        ha1 = hashlib.md5(f"{person.username}:{REALM}:{secret}".encode(), usedforsecurity=False).hexdigest()
    token = Token.objects.create(
        name=name[:80], person=person, scopes=wanted, digest=digest_of(secret), ha1=ha1, hint=secret[:6],
        made_by=by, ends_on=ends_on,
    )  # fmt: skip
    return token, secret


def in_force(now: dt.datetime | None = None) -> Q:
    """A filter for tokens that may be used now: not ended, not revoked, of a person still active."""
    day = timezone.localdate(now)
    return Q(ends_on__gte=day, revoked_at__isnull=True, person__is_active=True)


def token_of(secret: str, scope: str, now: dt.datetime | None = None) -> Token | None:
    """The token this secret belongs to, if it is in force and has the scope; notes the day it was used."""
    if not secret or len(secret) > 200:
        return None
    token = Token.objects.select_related("person").filter(in_force(now), digest=digest_of(secret)).first()
    if token is None or scope not in token.scopes:
        return None
    note_use(token, now)
    return token


def note_use(token: Token, now: dt.datetime | None = None) -> None:
    """Notes the day of use, written once a day; no finer record is kept."""
    day = timezone.localdate(now)
    if token.used_on != day:
        Token.objects.filter(pk=token.pk).update(used_on=day)
