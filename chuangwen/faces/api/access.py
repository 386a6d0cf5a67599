"""Who asks, at the doors for programs: the person behind a token, or nobody. Sessions and cookies count for nothing here.

A token is shown as `Authorization: Bearer SECRET`, or as the password of HTTP basic sign-in with the person's username.
"""

from __future__ import annotations

import base64
import binascii

from django.http import HttpRequest

from chuangwen.kernel.people.models import Person
from chuangwen.kernel.people.tokens import token_of
from chuangwen.kernel.workflow.limits import Limit, is_within, network_of

# Wrong keys of one network: enough for a badly set-up client, too few to guess with.
WRONG_KEYS = Limit(60, 600)


class BadKey(Exception):
    """A key was shown and it is not one, has ended, or is not for this."""


def shown_key(request: HttpRequest) -> tuple[str, str]:
    """(username or "", secret or "") as the request shows them; nothing readable is nothing shown."""
    scheme, _space, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return "", value.strip()
    if scheme.lower() == "basic":
        try:
            name, _colon, secret = base64.b64decode(value, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return "", ""
        return name, secret
    return "", ""


def person_of(request: HttpRequest, scope: str, *, key: str = "") -> Person | None:
    """The person whose token (or `key`, given some other way) the request shows; None when none is shown.

    Raises BadKey for one that is wrong, ended, revoked, without this scope or of another person than named, and for
    every key once a network showed too many wrong ones.
    """
    name, secret = ("", key) if key else shown_key(request)
    if not secret:
        if request.headers.get("Authorization"):
            raise BadKey
        return None
    token = token_of(secret, scope)
    if token is None or (name and name != token.person.username):
        if not is_within("wrong key", network_of(request.META.get("REMOTE_ADDR", "")), WRONG_KEYS):
            raise BadKey("many")
        raise BadKey
    person: Person = token.person
    return person
