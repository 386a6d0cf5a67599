"""The web server and the database as processes: started here, measured through /proc, stopped by their
numbers.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from http.client import HTTPConnection
from pathlib import Path
from types import TracebackType

from django.conf import settings
from django.db import connection

TICKS = os.sysconf("SC_CLK_TCK")


def children_of(pid: int) -> list[int]:
    """All processes below one, at any depth."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:  # gone meanwhile
                continue
            parents.setdefault(int(fields[1]), []).append(int(entry.name))
    found, waiting = [], [pid]
    while waiting:
        below = parents.get(waiting.pop(), [])
        found += below
        waiting += below
    return found


def cpu_seconds(pid: int, with_ended: bool = False) -> float:
    """User and system time of a process, with that of its ended children if wanted; 0 when it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(int(fields[at]) for at in ((11, 12, 13, 14) if with_ended else (11, 12))) / TICKS


def kilobytes(pid: int, file: str, name: str) -> int:
    try:
        lines = Path(f"/proc/{pid}/{file}").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith(f"{name}:")), 0)


class Database:
    """The PostgreSQL server behind the connection, where it runs on this machine; nothing for SQLite."""

    def __init__(self) -> None:
        self.postmaster = 0
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                backend = cursor.fetchone()[0]
            stat = Path(f"/proc/{backend}/stat")
            if stat.exists():
                self.postmaster = int(stat.read_text().rpartition(")")[2].split()[1])

    @property
    def is_seen(self) -> bool:
        return connection.vendor == "sqlite" or self.postmaster > 0

    def cpu(self) -> float:
        """CPU seconds of all its processes up to now."""
        if not self.postmaster:
            return 0.0
        own = cpu_seconds(self.postmaster, with_ended=True)
        return own + sum(cpu_seconds(pid) for pid in children_of(self.postmaster))


class Web:
    """Two granian processes on a free loopback port; a context manager that leaves nothing running."""

    def __init__(self, workers: int = 2, threads: int = 2) -> None:
        self.workers, self.threads = workers, threads

    def __enter__(self) -> Web:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        command = [
            str(Path(sys.executable).parent / "granian"), "--interface", "wsgi",
            "chuangwen.config.wsgi:application",
            "--host", "127.0.0.1", "--port", str(self.port), "--workers", str(self.workers),
            "--blocking-threads",
            str(self.threads), "--log-level", "warning", "--workers-kill-timeout", "3",
        ]  # fmt: skip
        own = {
            "CHUANGWEN_BENCH": "1",
            "CHUANGWEN_DATA": str(settings.DATA),
            "DATABASE_URL": settings.DATABASE_URL,
        }
        self.process = subprocess.Popen(
            command, env={**os.environ, **own}, cwd=settings.ROOT, start_new_session=True
        )
        end = time.monotonic() + 30
        while time.monotonic() < end and self.process.poll() is None:
            try:
                line = HTTPConnection("127.0.0.1", self.port, timeout=5)
                line.request("GET", "/floor/")
                if line.getresponse().status == 200:
                    return self
            except OSError:
                time.sleep(0.1)
        self.__exit__(None, None, None)
        raise RuntimeError("the web server did not start")

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def pids(self) -> list[int]:
        return [self.process.pid, *children_of(self.process.pid)]

    def cpu(self) -> float:
        return sum(cpu_seconds(pid) for pid in self.pids())

    def workers_memory(self) -> tuple[float, float]:
        """Megabytes of the worker processes together: proportional share now, and the sum of their peaks."""
        workers = children_of(self.process.pid)
        share = sum(kilobytes(pid, "smaps_rollup", "Pss") for pid in workers) / 1024
        peak = sum(kilobytes(pid, "status", "VmHWM") for pid in workers) / 1024
        return share, peak
