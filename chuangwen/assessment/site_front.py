"""The site front from a draw: what the visited places say about all places, and where the points went.

A visit's place score is its points over its full points, over the requirements of the edition asked for. The front is
the stratified mean of place scores. What one requirement loses is the stratified mean of (full − points)/full of its
own share of each visit, so that the losses of all requirements and the score add up to 1 exactly.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from chuangwen.assessment.editions import requirement_ids
from chuangwen.inspections.models import Round, RoundKind, Visit, VisitState
from chuangwen.inspections.models import State as RoundState
from chuangwen.kernel.scoring.estimate import Estimate, Stratum, estimate
from chuangwen.kernel.scoring.quantiles import CONFIDENCE
from chuangwen.standards.models import Edition

# Rounds a score may be read from, the best first: a mock test is drawn for it.
SCORING = (RoundKind.MOCK, RoundKind.COVERT, RoundKind.OPEN)


class Looked(NamedTuple):
    """What one visit adds: its stratum and, by requirement, points and full points in thousandths."""

    stratum: str
    sums: Mapping[str, tuple[int, int]]


@dataclass(frozen=True)
class Found:
    """One requirement over all visits: the share of 1 that hangs on it and that it loses, and where it fell short.

    `places` looked at, `short` of them with points lost, `failing` the places of the register thought to be so.
    """

    stake: Fraction
    loss: Fraction
    failing: Fraction
    places: int
    short: int
    points: int
    full: int

    @property
    def rate(self) -> Fraction:
        """What is reached of what hangs on it, as the draw weighs the places."""
        return 1 - self.loss / self.stake


@dataclass(frozen=True)
class SiteFront:
    """The front of one round and edition: the estimate and what each requirement lost."""

    estimate: Estimate
    found: Mapping[int, Found]
    visits: int


def site_front(
    visits: Iterable[Looked],
    registered: Mapping[str, int],
    wanted: frozenset[int],
    confidence: Decimal = CONFIDENCE,
) -> SiteFront | None:
    """Scores one draw for the requirements in `wanted`; `registered` gives the places of each stratum in the register.

    None where no visit looked at any of them. Visits in a stratum the register does not know are of a site of their
    own: the stratum is taken to have just those places. Everything but the margin is exact.
    """
    scores: dict[str, list[tuple[int, int]]] = defaultdict(list)
    sums: dict[tuple[str, int, int], list[int]] = defaultdict(
        lambda: [0, 0]
    )  # (stratum, full, requirement): full, lost
    short: dict[tuple[str, int], int] = defaultdict(int)
    seen: dict[int, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    count = 0
    for visit in visits:
        own = [
            (int(key), points, full)
            for key, (points, full) in visit.sums.items()
            if full and int(key) in wanted
        ]
        whole = sum(full for _key, _points, full in own)
        if not whole:
            continue
        count += 1
        scores[visit.stratum].append((sum(points for _key, points, _full in own), whole))
        for key, points, full in own:
            row = seen[key]
            row[0] += 1
            row[1] += points < full
            row[2] += points
            row[3] += full
            part = sums[visit.stratum, whole, key]
            part[0] += full
            part[1] += full - points
            short[visit.stratum, key] += points < full
    places = {
        **registered,
        **{key: len(rows) for key, rows in scores.items() if registered.get(key, 0) < len(rows)},
    }
    strata = [_stratum(key, n, scores.get(key, [])) for key, n in places.items() if n]
    result = estimate(strata, confidence)
    if result is None:
        return None
    shares = {
        figure.key: figure.share / result.covered / figure.visited
        for figure in result.strata
        if figure.visited
    }
    stakes: dict[int, Fraction] = defaultdict(Fraction)
    losses: dict[int, Fraction] = defaultdict(Fraction)
    for (stratum, whole, key), (full, lost) in sums.items():
        stakes[key] += shares[stratum] * Fraction(full, whole)
        if lost:
            losses[key] += shares[stratum] * Fraction(lost, whole)
    failing: dict[int, Fraction] = defaultdict(Fraction)
    for (stratum, key), n in short.items():
        failing[key] += Fraction(n * places[stratum], len(scores[stratum]))
    found = {key: Found(stakes[key], losses[key], failing[key], *row) for key, row in seen.items()}
    return SiteFront(result, found, count)


def _stratum(key: str, places: int, rows: list[tuple[int, int]]) -> Stratum:
    """Sums the place scores by their full points first: few fractions, however many places."""
    by_full: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    for points, full in rows:
        by_full[full][0] += points
        by_full[full][1] += points * points
    total = sum((Fraction(points, full) for full, (points, _squares) in by_full.items()), Fraction())
    squares = sum((Fraction(square, full * full) for full, (_points, square) in by_full.items()), Fraction())
    return Stratum(key, places, len(rows), total, squares)


def visits_of(round_: Round) -> Iterable[Looked]:
    """First ratings made in the round: one query."""
    rows = Visit.objects.filter(round=round_, is_second=False, state=VisitState.DONE).values_list(
        "stratum", "sums"
    )
    return (Looked(stratum, sums) for stratum, sums in rows.iterator(chunk_size=5000))


def round_front(round_: Round, edition: Edition, confidence: Decimal = CONFIDENCE) -> SiteFront | None:
    """The site front of one round for one of its editions; None where nothing of it was looked at."""
    registered = {key: int(figures["N"]) for key, figures in round_.strata.items()}
    return site_front(visits_of(round_), registered, requirement_ids(edition), confidence)


def scoring_round(edition: Edition, year: int) -> Round | None:
    """The round a year's site front is read from: the last mock test made known, else the last other drawn round."""
    rows = Round.objects.filter(editions=edition, to_on__year=year, kind__in=SCORING).exclude(strata={})
    told = [
        r for r in rows if r.state == RoundState.RELEASED or (r.state == RoundState.ENDED and not r.is_secret)
    ]
    return min(
        told, key=lambda r: (SCORING.index(RoundKind(r.kind)), -r.to_on.toordinal(), -r.pk), default=None
    )
