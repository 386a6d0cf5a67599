"""One engine measured: load in turn for every page, queries counted in this process, memory at the end,
one table.
"""

from __future__ import annotations

import statistics
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from chuangwen.faces.cli.bench.client import Browser, Call, cookie_of
from chuangwen.faces.cli.bench.measures import Material, Measure, exists, measures
from chuangwen.faces.cli.bench.servers import Database, Web
from chuangwen.faces.cli.management.commands.serve import gather_static

MEMORY_BUDGET_MB = 300


@dataclass
class Result:
    measure: Measure
    milliseconds: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    seconds: float = 0.0
    web_ms: float = 0.0
    database_ms: float = 0.0
    queries: int | None = None
    missing: str = ""

    @property
    def bad(self) -> int:
        return sum(n for status, n in self.statuses.items() if status not in self.measure.good)

    def line(self) -> str:
        if self.missing:
            return f"{self.measure.name:<38} missing: no address {self.missing}"
        sorted_ms, n = sorted(self.milliseconds), len(self.milliseconds)
        if not n:
            return f"{self.measure.name:<38} left out: this city has no case for it, make a larger one"
        cpu = self.web_ms + self.database_ms
        budget = self.measure.budget
        p95, rate = sorted_ms[int(n * 0.95)], n / self.seconds
        limits = (
            (budget, cpu <= (budget or 0)),
            (self.measure.least, rate >= (self.measure.least or 0)),
            (self.measure.slowest, p95 <= (self.measure.slowest or 0)),
        )
        held = [is_held for limit, is_held in limits if limit is not None]
        verdict = "" if not held else "ok" if all(held) else "OVER"
        return (
            f"{self.measure.name:<38} {n:>5} {rate:>7.0f} {statistics.median(sorted_ms):>7.1f} "
            f"{p95:>7.1f} {self.web_ms:>7.1f} {self.database_ms:>7.1f} {cpu:>7.1f} "
            f"{budget or '':>6} {verdict:<4} {self.queries if self.queries is not None else '':>3}"
            + (f"  NOT GOOD: {dict(self.statuses)}" if self.bad else "")
        )


HEAD = (
    f"{'':<38} {'n':>5} {'per s':>7} {'p50 ms':>7} {'p95 ms':>7} "
    f"{'web':>7} {'db':>7} {'CPU ms':>7} {'budget':>6} {'':<4} "
    f"{'queries':>3}"
)


def run(requests: int) -> Iterator[str]:
    """Yields the lines of the table; starts the web processes and stops them again."""
    gather_static()
    material, database = Material(), Database()
    cookies = {role: cookie_of(material.person(role)) for role in ("office", "clerk", "dispatcher")}
    if not database.is_seen:
        yield "The database server is not on this machine: its CPU is not in the figures."
    yield HEAD
    with Web() as web:
        for measure in measures(material):
            yield _measured(measure, requests, web, database, cookies[measure.who], material).line()
        share, peak = web.workers_memory()
    yield (
        f"two web processes: {share:.0f} MB now (PSS), {peak:.0f} MB at their peaks; "
        f"budget {MEMORY_BUDGET_MB} MB"
    )


def _measured(
    measure: Measure, requests: int, web: Web, database: Database, cookie: str, material: Material
) -> Result:
    result = Result(measure)
    warm = 20
    calls = measure.calls(min(requests, measure.most) + warm + 1)
    if not calls:
        result.missing = "(nothing in the city to ask for)"
        return result
    if not exists(calls[0].path) and not calls[0].path.startswith("/floor/"):
        result.missing = calls[0].path
        return result
    if not calls[0].path.startswith("/floor/"):
        result.queries = queries_of(calls.pop(), material.person(measure.who))
    browsers = [Browser(web.port, cookie) for _line in range(measure.lines)]
    for n, call in enumerate(calls[:warm]):
        browsers[n % measure.lines].ask(call)
    calls = calls[warm:]
    before_web, before_database, began = web.cpu(), database.cpu(), time.perf_counter()
    threads = [
        threading.Thread(target=_load, args=(browser, calls[at :: measure.lines], result))
        for at, browser in enumerate(browsers)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    result.seconds = time.perf_counter() - began
    done = max(1, len(result.milliseconds))
    result.web_ms = (web.cpu() - before_web) * 1000 / done
    result.database_ms = (database.cpu() - before_database) * 1000 / done
    for browser in browsers:
        browser.close()
    return result


def _load(browser: Browser, calls: list[Call], result: Result) -> None:
    for call in calls:
        status, milliseconds, _length = browser.ask(call)
        result.milliseconds.append(milliseconds)
        result.statuses[status] += 1


def queries_of(call: Call, person: object) -> int:
    """How many queries one such request makes, session and person included."""
    client = Client(raise_request_exception=False, headers={"accept-language": "zh-CN"})
    client.force_login(person)  # type: ignore[arg-type]
    ask = (
        (lambda: client.get(call.path))
        if call.form is None
        else (lambda: client.post(call.path, dict(call.form or {})))
    )
    if call.form is None:
        ask()
    with CaptureQueriesContext(connection) as captured:
        ask()
    return len(captured)
