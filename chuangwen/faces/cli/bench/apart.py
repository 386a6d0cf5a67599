"""One measure in a process of its own, so that its peak of memory is its own; one thread, so one core."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from chuangwen.faces.cli.bench.servers import kilobytes


@dataclass(frozen=True)
class Figures:
    """What one process measured: seconds of each run by the clock and of the processor, queries of one run,
    megabytes it grew to above an idle one.
    """

    seconds: tuple[float, ...]
    busy: tuple[float, ...]
    queries: int
    megabytes: float

    @property
    def p95(self) -> float:
        return _p95(self.seconds)

    @property
    def busy95(self) -> float:
        return _p95(self.busy)


def _p95(seconds: Sequence[float]) -> float:
    return sorted(seconds)[int(len(seconds) * 0.95)]


def measured(what: Callable[[], object], times: int) -> Figures:
    """One run to warm the caches, one to count the queries, then the timed ones; one thread, so one core."""
    connection.ensure_connection()
    idle = kilobytes(os.getpid(), "status", "VmRSS")
    what()
    with CaptureQueriesContext(connection) as captured:
        what()
    seconds, busy = [], []
    for _n in range(times):
        began, worked = time.perf_counter(), time.process_time()
        what()
        seconds.append(time.perf_counter() - began)
        busy.append(time.process_time() - worked)
    return Figures(tuple(seconds), tuple(busy), len(captured), (_peak() - idle) / 1024)


def _peak() -> int:
    return kilobytes(os.getpid(), "status", "VmHWM")


def apart(work: Callable[[], Figures]) -> Figures:
    """Runs it in a forked process with connections and a peak of memory of its own; here where none can be forked."""
    if "fork" not in multiprocessing.get_all_start_methods():
        return work()
    connections.close_all()
    fork = multiprocessing.get_context("fork")
    here, there = fork.Pipe(duplex=False)
    child = fork.Process(target=_send, args=(work, there))
    child.start()
    there.close()
    try:
        found: Figures = here.recv()
    except EOFError:
        raise RuntimeError("a measure ended early; its fault is printed above") from None
    finally:
        child.join()
    return found


def _send(work: Callable[[], Figures], line: Connection) -> None:
    connections.close_all()
    # Writing 5 makes the kernel forget the peak taken over from the parent (proc(5), clear_refs).
    clear = Path("/proc/self/clear_refs")
    if clear.exists():
        clear.write_text("5")
    line.send(work())
    line.close()
