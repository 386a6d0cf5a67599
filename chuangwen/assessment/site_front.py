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
from math import lcm
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
    seen = {key: _Sums.of(rows) for key, rows in _by_stratum(visits, wanted).items()}
    places = {
        **registered,
        **{key: sums.visits for key, sums in seen.items() if registered.get(key, 0) < sums.visits},
    }
    strata = [_stratum(key, n, seen.get(key)) for key, n in places.items() if n]
    result = estimate(strata, confidence)
    if result is None:
        return None
    shares = {
        figure.key: figure.share / result.covered / figure.visited
        for figure in result.strata
        if figure.visited
    }
    found = _found(seen, places, shares)
    return SiteFront(result, found, sum(sums.visits for sums in seen.values()))


# One visit over the requirements asked for: points, full points, and of each requirement its id, points and full points.
_Visit = tuple[int, int, list[tuple[str, int, int]]]


def _by_stratum(visits: Iterable[Looked], wanted: frozenset[int]) -> dict[str, list[_Visit]]:
    keys = frozenset(map(str, wanted))
    found: dict[str, list[_Visit]] = defaultdict(list)
    for visit in visits:
        own = [(key, points, full) for key, (points, full) in visit.sums.items() if full and key in keys]
        if own:
            reached, whole = sum([row[1] for row in own]), sum([row[2] for row in own])
            found[visit.stratum].append((reached, whole, own))
    return found


class _Sums(NamedTuple):
    """One stratum in whole numbers: place scores in parts of `unit`, which all full points of its visits divide.

    `total` and `squares` of the place scores (parts of unit, of unit²); by requirement full and lost shares of a visit
    (parts of unit), places looked at, places short, points, full points.
    """

    unit: int
    visits: int
    total: int
    squares: int
    by: dict[str, list[int]]

    @classmethod
    def of(cls, rows: list[_Visit]) -> _Sums:
        """Whole numbers on one unit, since adding fractions of 130,000 shares one by one takes a second."""
        unit = lcm(*(whole for _reached, whole, _own in rows))
        total = squares = 0
        by: dict[str, list[int]] = {}
        for reached, whole, own in rows:
            times = unit // whole
            score = reached * times
            total += score
            squares += score * score
            for key, points, full in own:
                row = by.get(key)
                if row is None:
                    row = by[key] = [0, 0, 0, 0, 0, 0]
                lost = full - points
                row[0] += full * times
                if lost:
                    row[1] += lost * times
                    row[3] += 1
                row[2] += 1
                row[4] += points
                row[5] += full
        return cls(unit, len(rows), total, squares, by)


def _stratum(key: str, places: int, sums: _Sums | None) -> Stratum:
    if sums is None:
        return Stratum(key, places, 0)
    squares = Fraction(sums.squares, sums.unit * sums.unit)
    return Stratum(key, places, sums.visits, Fraction(sums.total, sums.unit), squares)


def _found(
    seen: Mapping[str, _Sums], places: Mapping[str, int], shares: Mapping[str, Fraction]
) -> dict[int, Found]:
    """Adds the strata up by requirement, each with the share of one of its visits in the front."""
    weights = {key: shares[key] / sums.unit for key, sums in seen.items()}
    parts = lcm(*(weight.denominator for weight in weights.values()))
    visits = lcm(*(sums.visits for sums in seen.values()))
    rows: dict[str, list[int]] = {}
    for stratum, sums in seen.items():
        weight = weights[stratum].numerator * (parts // weights[stratum].denominator)
        each = places[stratum] * (visits // sums.visits)
        for key, (full, lost, looked, short, points, most) in sums.by.items():
            row = rows.get(key)
            if row is None:
                row = rows[key] = [0, 0, 0, 0, 0, 0, 0]
            row[0] += weight * full
            row[2] += looked
            row[5] += points
            row[6] += most
            if short:
                row[1] += weight * lost
                row[3] += short
                row[4] += each * short
    return {
        int(key): Found(
            Fraction(stake, parts),
            Fraction(loss, parts),
            Fraction(failing, visits),
            looked,
            short,
            points,
            full,
        )
        for key, (stake, loss, looked, short, failing, points, full) in rows.items()
    }


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
