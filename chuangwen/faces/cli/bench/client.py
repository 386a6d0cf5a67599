"""A signed-in browser over plain HTTP with keep-alive: the session is written to the database, no password
is needed.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping, Sequence
from http.client import HTTPConnection
from importlib import import_module
from typing import NamedTuple
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

from chuangwen.kernel.models import Person

TOKEN = "b" * 32  # any 32 letters are a valid CSRF secret when cookie and header agree


class Call(NamedTuple):
    """One request: `form` makes it a POST, `files` (name, bytes) a multipart one."""

    path: str
    form: Mapping[str, str] | None = None
    files: Sequence[tuple[str, bytes]] = ()


def cookie_of(person: Person) -> str:
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.create()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}; {settings.CSRF_COOKIE_NAME}={TOKEN}"


class Browser:
    """One connection; `ask` returns status, milliseconds and the length of the answer."""

    def __init__(self, port: int, cookie: str) -> None:
        self.line = HTTPConnection("127.0.0.1", port, timeout=60)
        self.headers = {"Cookie": cookie, "X-CSRFToken": TOKEN, "Accept-Language": "zh-CN"}

    def ask(self, call: Call) -> tuple[int, float, int]:
        body, kind = _body(call)
        headers = {**self.headers, **({"Content-Type": kind} if kind else {})}
        began = time.perf_counter()
        self.line.request("GET" if call.form is None else "POST", call.path, body=body, headers=headers)
        answer = self.line.getresponse()
        length = len(answer.read())
        return answer.status, (time.perf_counter() - began) * 1000, length

    def close(self) -> None:
        self.line.close()


def _body(call: Call) -> tuple[bytes | None, str]:
    if call.form is None:
        return None, ""
    if not call.files:
        return urlencode(call.form).encode(), "application/x-www-form-urlencoded"
    edge = uuid.uuid4().hex
    parts = [
        f'--{edge}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n'.encode()
        for k, v in call.form.items()
    ]
    for name, data in call.files:
        head = (
            f'--{edge}\r\nContent-Disposition: form-data; name="{name}"; filename="p.jpg"\r\n'
            "Content-Type: image/jpeg\r\n\r\n"
        )
        parts += [head.encode(), data, b"\r\n"]
    return b"".join([*parts, f"--{edge}--\r\n".encode()]), f"multipart/form-data; boundary={edge}"
