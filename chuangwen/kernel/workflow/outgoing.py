"""One HTTP POST to an address somebody typed in: only where it may go, never elsewhere, and never for long.

The host is looked up once and the connection goes to the address that was checked, so that a name which answers
differently a moment later reaches nothing else. No redirect is followed, no proxy is asked, no answer is read but its
status.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Mapping
from contextlib import suppress
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

TIMEOUT_S = 10.0
_PORTS = {"http": 80, "https": 443}


class BadAddress(ValueError):
    """An address nothing may be sent to; the text says why."""


class NotReached(OSError):
    """Nobody answered in time."""


def may_reach(address: str) -> bool:
    """Whether a message may go to this IP address: a public one, or one of the city's own networks (settings)."""
    found = ipaddress.ip_address(address)
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    for network in map(ipaddress.ip_network, settings.WEBHOOK_NETWORKS):
        if found.version == network.version and found in network:
            return True
    return found.is_global and not found.is_multicast


def target_of(url: str) -> tuple[str, str, int, str]:
    """(scheme, host, port, path with query) of an address; raises BadAddress for anything but plain http and https."""
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError as fault:
        raise BadAddress(_("地址读不懂，核对后再填。")) from fault
    if parts.scheme not in _PORTS or not parts.hostname:
        raise BadAddress(_("地址要以 http:// 或 https:// 开头。"))
    if parts.username is not None or parts.password is not None:
        raise BadAddress(_("地址里不能带用户名和口令。"))
    if any(ord(letter) < 33 or ord(letter) > 126 for letter in url):
        raise BadAddress(_("地址里有空格或中文，改成编码后的写法。"))
    return (
        parts.scheme,
        parts.hostname,
        port,
        (parts.path or "/") + (f"?{parts.query}" if parts.query else ""),
    )


def look_up(host: str, port: int) -> str:
    """The IP address to connect to; every address the name has must be one a message may go to.

    Raises BadAddress, or NotReached where the name is not known.
    """
    try:
        rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as fault:
        raise NotReached(_("找不到主机 %(host)s。") % {"host": host[:80]}) from fault
    found = [str(row[4][0]) for row in rows]
    if not found or not all(may_reach(address) for address in found):
        raise BadAddress(
            _("%(host)s 是内部地址，没有放行。由运维在 CHUANGWEN_WEBHOOK_NETWORKS 里放行网段。")
            % {"host": host[:80]}
        )
    return found[0]


class _Pinned(http.client.HTTPConnection):
    """A connection to the address that was checked; the certificate is checked against the name."""

    def __init__(self, host: str, port: int, address: str, context: ssl.SSLContext | None) -> None:
        super().__init__(host, port, timeout=TIMEOUT_S)
        self.address, self.context = address, context

    def connect(self) -> None:
        raw = socket.create_connection((self.address, self.port), TIMEOUT_S)
        try:
            self.sock = self.context.wrap_socket(raw, server_hostname=self.host) if self.context else raw
        except Exception:
            raw.close()
            raise

    def cut(self) -> None:
        """Ends a conversation that drips on for longer than the timeout allows."""
        if self.sock is not None:
            with suppress(OSError):
                self.sock.shutdown(socket.SHUT_RDWR)


def post(url: str, body: bytes, headers: Mapping[str, str]) -> int:
    """Sends one POST and returns the status of the answer; raises BadAddress or NotReached."""
    scheme, host, port, path = target_of(url)
    address = look_up(host, port)
    connection = _Pinned(host, port, address, ssl.create_default_context() if scheme == "https" else None)
    watch = threading.Timer(TIMEOUT_S, connection.cut)
    watch.daemon = True
    try:
        connection.connect()
        watch.start()
        connection.request("POST", path, body, {**headers, "Connection": "close"})
        return connection.getresponse().status
    except (OSError, http.client.HTTPException) as fault:
        raise NotReached(f"{type(fault).__name__}: {fault}"[:200]) from fault
    finally:
        watch.cancel()
        connection.close()
