"""The big screen on a big city: one refresh with figures read anew, one answered from what was just read, beside a floor."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from unittest.mock import patch

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from chuangwen.faces.cli.management.commands.serve import gather_static
from chuangwen.kernel import city as kept
from chuangwen.kernel.models import Person
from chuangwen.problems.models import Case

BUDGET_MS = 50.0  # of one refresh with everything read anew
TIMES = 60
HEAD = f"{'':<44} {'n':>4} {'p50 ms':>8} {'p95 ms':>8} {'x floor':>8} {'budget':>7} {'':<4} {'queries':>7}"


class Later:
    """The clock of what is briefly kept, which can be set forward: the next screen comes some seconds later."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def monotonic(self) -> float:
        return time.monotonic() + self.ahead


def measures(client: Client, clock: Later) -> list[tuple[str, Callable[[], object], bool]]:
    """Name, what to run, whether the budget holds for it. All in this process: the server's own time, no line."""

    def ask_after(seconds: float) -> object:
        clock.ahead += seconds
        return client.get("/wall/events/")

    return [
        ("floor: a signed-in page that asks little", lambda: client.get("/me/"), False),
        ("refresh, all figures read anew", lambda: ask_after(4.5), True),
        ("the same with the outlines, once a minute", lambda: ask_after(61), False),
        ("refresh within seconds of another", lambda: ask_after(0), True),
        ("the page itself", lambda: client.get("/wall/"), True),
    ]


def run(times: int = TIMES) -> Iterator[str]:
    """Yields the lines of the table."""
    office = Person.objects.filter(posts__role="office", is_active=True).order_by("pk").first()
    if office is None:
        yield "wall: left out, this city has no office"
        return
    gather_static()
    client = Client(headers={"accept-language": "zh-CN"})
    client.force_login(office)
    client.get("/wall/")
    open_now = Case.objects.filter(closed_at__isnull=True).count()
    yield f"big screen, {open_now:,} open cases; in one process and thread, without the line to the browser"
    yield HEAD
    with patch.object(kept, "time", clock := Later()):
        yield from _lines(measures(client, clock), times)


def _lines(wanted: list[tuple[str, Callable[[], object], bool]], times: int) -> Iterator[str]:
    floor = 0.0
    for name, what, has_budget in wanted:
        what()
        with CaptureQueriesContext(connection) as captured:
            what()
            queries = len(captured)
        seconds = []
        for _n in range(times):
            began = time.perf_counter()
            what()
            seconds.append((time.perf_counter() - began) * 1000)
        middle, high = statistics.median(seconds), sorted(seconds)[int(times * 0.95)]
        floor = floor or middle
        verdict = ("ok" if high <= BUDGET_MS else "OVER") if has_budget else ""
        yield (
            f"{name:<44} {times:>4} {middle:>8.1f} {high:>8.1f} {middle / floor:>8.1f} "
            f"{BUDGET_MS if has_budget else '':>7} {verdict:<4} {queries:>7}"
        )
