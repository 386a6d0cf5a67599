"""Closing a month, opening its ranking and writing its notices, measured in one thread; nothing of it is kept."""

from __future__ import annotations

import datetime as dt
import itertools
import os
import statistics
import time
from collections.abc import Callable, Iterator
from functools import partial

from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chuangwen.assessment.closing import close_month, next_month
from chuangwen.assessment.measures import measures_of
from chuangwen.assessment.models import Ranking, RankRule, RankSubject
from chuangwen.faces.cli.bench.apart import Figures
from chuangwen.faces.cli.bench.scores import add_up
from chuangwen.faces.cli.bench.servers import kilobytes
from chuangwen.faces.cli.management.commands.serve import gather_static
from chuangwen.kernel.models import Person, Unit
from chuangwen.problems.models import Case

UNITS = 150
NOTICES = 150
PAGES = 60
CLOSING_S, PAPERS_S, DRILL_MS = 30.0, 30.0, 100.0
HEAD = f"{'':<52} {'n':>4} {'p50 ms':>9} {'p95 ms':>9} {'x floor':>8} {'budget':>8} {'':<4} {'queries':>7} {'MB':>5}"


def run() -> Iterator[str]:
    """Yields the lines of the table; all is rolled back at the end."""
    if not Case.objects.filter(fix_due_at__isnull=False).exists():
        yield "month: left out, this city has no cases; build one with `city`"
        return
    gather_static()
    with transaction.atomic():
        lines = _month()
        transaction.set_rollback(True)
    yield from lines
    yield from _papers()


def _timed(what: Callable[[], object], times: int) -> Figures:
    idle = kilobytes(os.getpid(), "status", "VmRSS")
    queries = 0
    seconds = []
    for _n in range(times):
        with CaptureQueriesContext(connection) as captured:
            began = time.perf_counter()
            what()
            seconds.append(time.perf_counter() - began)
        queries = len(captured)
    return Figures(tuple(seconds), (), queries, (kilobytes(os.getpid(), "status", "VmHWM") - idle) / 1024)


def _line(name: str, found: Figures, floor: float, budget_ms: float | None = None) -> str:
    middle = statistics.median(found.seconds)
    verdict = "" if budget_ms is None else "ok" if found.p95 * 1000 <= budget_ms else "OVER"
    return (
        f"{name:<52} {len(found.seconds):>4} {middle * 1000:>9.1f} {found.p95 * 1000:>9.1f} {middle / floor:>8.1f} "
        f"{budget_ms or '':>8} {verdict:<4} {found.queries:>7} {max(0, found.megabytes):>5.0f}"
    )


def _month() -> list[str]:
    """The last whole month before the newest limit: closed for 150 units, then opened three levels deep."""
    floor = statistics.median(_timed(add_up, 5).seconds)
    newest = (
        Case.objects.filter(fix_due_at__lte=timezone.now())
        .order_by("-fix_due_at")
        .values_list("fix_due_at", flat=True)[0]
    )
    month = next_month(timezone.localdate(newest), -1)
    office = Person.objects.filter(posts__role="office", is_active=True).order_by("pk")[0]
    rule = _rule(month)
    made: list[Ranking] = []
    closing = _timed(lambda: made.append(close_month(RankSubject.UNIT, month, by=office, rule=rule)), 1)
    ranking = made[0]
    facts = ranking.facts.count()
    lines = [
        f"closing {month:%Y-%m}: {ranking.lines.count()} units, {facts:,} rows counted, over {_last(Case):,} cases; one thread",
        HEAD,
        _line("floor: a million additions in Python", _timed(add_up, 5), floor),
        _line("closing the month for all units", closing, floor, CLOSING_S * 1000),
    ]
    browser = Client(headers={"accept-language": "zh-CN"})
    browser.force_login(office)
    keys = itertools.cycle(
        ranking.lines.filter(rank__isnull=False).order_by("pk").values_list("key", flat=True)
    )
    page = f"/rankings/{ranking.pk}/"
    code = rule.measures[0]["code"]
    asked: tuple[tuple[str, Callable[[], str]], ...] = (
        ("ranking of the month", lambda: page),
        ("one unit's measures", lambda: f"{page}{next(keys)}/"),
        ("the rows behind one measure", lambda: f"{page}{next(keys)}/{code}/"),
    )
    for name, path in asked:
        _seen(browser, path())
        look = partial(_look, browser, path)
        lines.append(_line(f"page: {name}", _timed(look, PAGES), floor, DRILL_MS))
    return lines


def _look(browser: Client, path: Callable[[], str]) -> None:
    _seen(browser, path())


def _seen(browser: Client, path: str) -> None:
    answer = browser.get(path)
    if answer.status_code != 200:
        raise RuntimeError(f"{path} answered {answer.status_code}")


def _last(model: type[Case]) -> int:
    """The last id: rows are only added, and counting a million takes time."""
    return model.objects.order_by("-pk").values_list("pk", flat=True)[0]


def _rule(month: dt.date) -> RankRule:
    """All measures of units, equally weighed; 150 units are made to take part where fewer do."""
    lacking = UNITS - Unit.objects.filter(is_ranked=True, is_active=True).count()
    more = Unit.objects.filter(is_ranked=False, is_active=True).order_by("pk").values_list("pk", flat=True)
    Unit.objects.filter(pk__in=list(more[: max(0, lacking)])).update(is_ranked=True)
    codes = [measure.code for measure in measures_of(RankSubject.UNIT)]
    weights = [100 // len(codes) + (n < 100 % len(codes)) for n in range(len(codes))]
    return RankRule.objects.create(
        subject=RankSubject.UNIT, version=f"bench {timezone.now():%H%M%S}", from_on=month, source="bench",
        measures=[{"code": code, "weight": str(weight), "missing": "skip"} for code, weight in zip(codes, weights, strict=True)],
    )  # fmt: skip


def _papers() -> Iterator[str]:
    """150 notices of about two pages as .docx."""
    from dataclasses import replace

    from chuangwen.papers.format.kinds import sample
    from chuangwen.papers.format.write import write

    floor = statistics.median(_timed(add_up, 3).seconds)
    one = sample("duty_notice")
    blocks = tuple(itertools.islice(itertools.cycle(one.blocks), 40))
    texts = [replace(one, title=f"{one.title}（{n}）", blocks=blocks) for n in range(NOTICES)]
    yield _line(
        f"{NOTICES} notices of two pages as .docx",
        _timed(lambda: [write(text) for text in texts], 1),
        floor,
        PAPERS_S * 1000,
    )
