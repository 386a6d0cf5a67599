"""A bad network between a phone and the server: loses, cuts, doubles, delays and reorders requests, by a seed."""

from __future__ import annotations

import random
import socket
import threading
import time
from collections import Counter
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import Any

# What happens to a request, and how often of a thousand; the rest passes. Only the phone's own addresses suffer.
FAULTS = {
    "lost_request": 60,  # never reaches the server
    "unanswered": 90,  # the server did it, the phone does not hear of it
    "cut_body": 40,  # the server gets a part of it
    "cut_answer": 40,  # the phone gets a part of the answer
    "doubled_request": 60,  # delivered twice, one after the other
    "twinned": 40,  # delivered twice at once
    "late": 60,  # the phone hears nothing; the server gets it after other requests
    "slow": 60,
    "gateway": 30,  # a page of somebody else's instead of an answer
}
PAGE = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 22\r\nConnection: close\r\n\r\n<html>sign in</html>\r\n"


class _Handler(StreamRequestHandler):
    server: Any

    def handle(self) -> None:
        try:
            head, body = _read(self.rfile)
        except (OSError, ValueError):
            return
        if not head:
            return
        try:
            self.server.network.carry(head, body, self.connection)
        except OSError:
            return


def _read(stream: Any) -> tuple[bytes, bytes]:
    """One request: its head (told to close the connection after) and its body."""
    lines, length = [], 0
    while (line := stream.readline(65536)) not in (b"\r\n", b""):
        name = line.partition(b":")[0].lower()
        if name == b"content-length":
            length = int(line.partition(b":")[2])
        if name not in (b"connection", b"keep-alive"):
            lines.append(line)
    if not lines:
        return b"", b""
    return b"".join(lines) + b"Connection: close\r\n\r\n", stream.read(length)


class _Server(ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def handle_error(self, request: Any, address: Any) -> None:
        """A phone that went away is what this is about."""


class Network:
    """One phone's network: a port of its own before the server at `target`; `quiet` lets everything pass."""

    def __init__(self, target: tuple[str, int]) -> None:
        self.target, self.quiet, self.is_off = target, True, False
        self.counts: Counter[str] = Counter()
        self.random = random.Random(0)
        self._guard, self._open = threading.Lock(), 0
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.network = self  # type: ignore[attr-defined]
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def seed(self, seed: str) -> None:
        self.random = random.Random(seed)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def settle(self) -> None:
        """Waits until what is under way, late requests too, has reached the server."""
        until = time.monotonic() + 20
        while self._open and time.monotonic() < until:
            time.sleep(0.005)
        assert not self._open, "a request never ended"

    def carry(self, head: bytes, body: bytes, out: socket.socket) -> None:
        with self._guard:
            self._open += 1
        try:
            self._carry(head, body, out)
        finally:
            with self._guard:
                self._open -= 1

    def _carry(self, head: bytes, body: bytes, out: socket.socket) -> None:
        is_ours = head.split(b" ", 2)[1].startswith(b"/field/")
        fault = self._fault() if is_ours else "pass"
        if is_ours:
            with self._guard:
                self.counts["requests"] += 1
                self.counts[fault] += 1
        if fault in ("off", "lost_request"):
            return
        if fault == "late":
            out.shutdown(socket.SHUT_RDWR)
            time.sleep(self._between(0.02, 0.3))
            self._ask(head, body)
            return
        if fault == "cut_body" and body:
            self._ask(head, body[: int(len(body) * self._between(0, 1))], whole=False)
            return
        if fault == "slow":
            time.sleep(self._between(0.01, 0.15))
        if fault == "gateway":
            out.sendall(PAGE)
            return
        twin = threading.Thread(target=self._ask, args=(head, body)) if fault == "twinned" else None
        if twin:
            twin.start()
        answer = self._ask(head, body)
        if twin:
            twin.join()
        if fault == "doubled_request":
            answer = self._ask(head, body)
        if fault == "unanswered":
            return
        out.sendall(answer[: int(len(answer) * self._between(0.1, 0.9))] if fault == "cut_answer" else answer)

    def _between(self, low: float, high: float) -> float:
        with self._guard:
            return self.random.uniform(low, high)

    def _fault(self) -> str:
        if self.is_off:
            return "off"
        if self.quiet:
            return "pass"
        with self._guard:
            at = self.random.randrange(1000)
        for fault, share in FAULTS.items():
            if at < share:
                return fault
            at -= share
        return "pass"

    def _ask(self, head: bytes, body: bytes, whole: bool = True) -> bytes:
        """What the server answers; nothing when the connection broke."""
        try:
            with socket.create_connection(self.target, timeout=30) as line:
                line.sendall(head + body)
                if not whole:  # the phone went out of reach in the middle
                    line.shutdown(socket.SHUT_WR)
                parts = []
                while part := line.recv(65536):
                    parts.append(part)
                return b"".join(parts)
        except OSError:
            return b""
