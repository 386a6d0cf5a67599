"""Scores over ten million observations, measured in one thread beside floors of the same run."""

from __future__ import annotations

import datetime as dt
import itertools
import statistics
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from chuangwen.assessment.coverage import coverage
from chuangwen.assessment.forecasting import standing, weak_items
from chuangwen.assessment.models import ScoreRule
from chuangwen.assessment.site_front import round_front
from chuangwen.faces.cli.bench.apart import apart, measured
from chuangwen.faces.cli.bigcity.rounds import NEXT
from chuangwen.faces.cli.bigcity.tree import SCHEME
from chuangwen.inspections.models import Observation, PairTally, Round, State, Visit
from chuangwen.inspections.planning import drawn_of
from chuangwen.inspections.queries import agreement_of
from chuangwen.kernel.scoring.weakness import weaknesses
from chuangwen.standards.models import Edition, Share, Tier

BUDGET = 1.0  # seconds, p95
ADDITIONS = 1_000_000
HEAD = f"{'':<44} {'n':>4} {'p50 ms':>8} {'p95 ms':>8} {'CPU p95':>8} {'x floor':>8} {'budget':>7} {'':<4} {'queries':>7} {'MB':>5}"


def add_up() -> int:
    """A yardstick of the machine and its Python."""
    total = 0
    for n in range(ADDITIONS):
        total += n
    return total


class Asked:
    """The edition and the rounds the measures are about; each call takes the next round, month, year or seed."""

    def __init__(self) -> None:
        self.edition = Edition.objects.get(scheme__code=SCHEME)
        rounds = Round.objects.filter(editions=self.edition, state=State.RELEASED).order_by("from_on")
        self.rounds = list(rounds)
        self.next = Round.objects.get(number=NEXT)
        self.rule = ScoreRule.objects.get(edition=self.edition)
        self.turn = itertools.count()
        months = PairTally.objects.order_by("month").values_list("month", flat=True).distinct()
        self.months: list[dt.date] = list(months)
        self.years = sorted({row.to_on.year for row in self.rounds})

    def one_of(self, rows: list[Any]) -> Any:
        return rows[-1 - next(self.turn) % len(rows)]

    def front(self) -> object:
        return round_front(self.one_of(self.rounds), self.edition)

    def coverage(self) -> object:
        return coverage(self.edition, self.one_of(self.years)).counts

    def standing(self) -> object:
        return standing(self.rule, self.one_of(self.years))

    def weak(self) -> object:
        found = standing(self.rule, self.one_of(self.years))
        return weaknesses(weak_items(found), by_effort=True)

    def kappa(self) -> object:
        month = self.one_of(self.months)
        return agreement_of(month, month)

    def draw(self) -> object:
        return drawn_of(self.next, f"bench {next(self.turn)}")

    def measures(self) -> list[tuple[str, Callable[[], object], bool]]:
        """Name, what to run, whether the budget holds for it."""
        standards = self.edition.nodes.filter(tier=Tier.STANDARD).count()
        units = (
            Share.objects.filter(requirement__node__edition=self.edition).values("unit").distinct().count()
        )
        return [
            ("floor: a million additions in Python", add_up, False),
            ("floor: one row read", lambda: Edition.objects.first(), False),
            ("floor: the visits of a round read, no more", self.visits, False),
            ("front score of a round", self.front, True),
            (f"coverage matrix, {standards} standards × {units} units", self.coverage, True),
            ("forecast from all three fronts", self.standing, True),
            ("weakness list, forecast included", self.weak, True),
            ("kappa of a month, by item and by rater", self.kappa, True),
            ("draw from all sites, register included", self.draw, True),
        ]

    def visits(self) -> object:
        rows = Visit.objects.filter(round=self.one_of(self.rounds), is_second=False)
        return sum(1 for _row in rows.values_list("stratum", "sums").iterator(chunk_size=5000))


def run(times: int = 40) -> Iterator[str]:
    """Yields the lines of the table; says so where the city has no rounds."""
    if not Edition.objects.filter(scheme__code=SCHEME).exists():
        yield "scores: left out, this city has no rounds; build one with `city --observations`"
        return
    asked = Asked()
    yield f"scores over {_observations():,} observations in {len(asked.rounds)} rounds; one thread, so one core"
    yield HEAD
    floor = 0.0
    for name, what, has_budget in asked.measures():
        found = apart(partial(measured, what, times))
        middle = statistics.median(found.seconds)
        floor = floor or middle
        verdict = ("ok" if found.p95 <= BUDGET else "OVER") if has_budget else ""
        yield (
            f"{name:<44} {times:>4} {middle * 1000:>8.1f} {found.p95 * 1000:>8.1f} {found.busy95 * 1000:>8.1f} "
            f"{middle / floor:>8.1f} "
            f"{1000 * BUDGET if has_budget else '':>7} {verdict:<4} {found.queries:>7} {found.megabytes:>5.0f}"
        )


def _observations() -> int:
    """The last id: rows are only added, and counting ten million takes longer than what is measured."""
    return Observation.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
