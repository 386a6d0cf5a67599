"""A subject's score from its measures, and its place among its peers; every part keeps what it was made of.

Rates and points are exact fractions; the margin is decimal. Ranks within noise are said as intervals, see rank_intervals.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from enum import StrEnum
from fractions import Fraction
from itertools import combinations

from chuangwen.kernel.scoring.estimate import DIGITS, decimal
from chuangwen.kernel.scoring.quantiles import CONTEXT, two_sided_normal
from chuangwen.kernel.scoring.shrinkage import Shrunk

HUNDRED = Fraction(100)


class MissingPart(StrEnum):
    """What counts for a measure without a row: its weight goes to the others, nothing, or the group's mean."""

    SKIP = "skip"
    ZERO = "zero"
    MEAN = "mean"


class Ties(StrEnum):
    """Equal scores have one rank; after three firsts comes the fourth (min) or the second (dense)."""

    MIN = "min"
    DENSE = "dense"


@dataclass(frozen=True)
class Weighed:
    """How one measure counts: its weight (any unit), and the rates where points begin (`floor`) and are full (`cap`).

    A rate below `veto_below` vetoes the subject. `good_is_high` false turns the rate round. Measures with the same `sees`
    look at the same things, such as cases, and so err together. Raises ValueError for a weight below 0 and for limits
    that leave no room.
    """

    code: str
    weight: Fraction
    missing: MissingPart = MissingPart.SKIP
    cap: Fraction | None = None
    floor: Fraction | None = None
    veto_below: Fraction | None = None
    good_is_high: bool = True
    sees: str = ""

    def __post_init__(self) -> None:
        if self.weight < 0:
            raise ValueError(f"measure {self.code} weighs {self.weight}: a weight is not below 0")
        if not 0 <= self.low < self.high <= 1:
            raise ValueError(
                f"measure {self.code}: points from {self.low} to {self.high} leave no room between 0 and 1"
            )

    @property
    def low(self) -> Fraction:
        return self.floor or Fraction()

    @property
    def high(self) -> Fraction:
        return Fraction(1) if self.cap is None else self.cap

    def share(self, rate: Fraction) -> Fraction:
        """Which share of the weight a rate earns, 0 to 1."""
        turned = rate if self.good_is_high else 1 - rate
        return min(Fraction(1), max(Fraction(), (turned - self.low) / (self.high - self.low)))


@dataclass(frozen=True)
class Limits:
    """The most a bonus adds and a malus takes, in points; None: no limit."""

    bonus: Fraction | None = None
    malus: Fraction | None = None

    def net(self, bonus: Fraction, malus: Fraction) -> Fraction:
        """What both come to. Raises ValueError below 0: a malus is written without its sign."""
        if bonus < 0 or malus < 0:
            raise ValueError(f"bonus {bonus} and malus {malus} are written without a sign")
        most = min(bonus, self.bonus) if self.bonus is not None else bonus
        least = min(malus, self.malus) if self.malus is not None else malus
        return most - least


@dataclass(frozen=True)
class Joint:
    """Two measures of the same things for one member: how many both looked at, sums, sums of squares and of products."""

    count: int
    one: Fraction
    other: Fraction
    one_squared: Fraction
    other_squared: Fraction
    product: Fraction


@dataclass(frozen=True)
class ScoredPart:
    """One measure in one score: the weight that counted in per cent, its points in the whole, None where it was skipped."""

    code: str
    weight: Fraction
    points: Fraction | None
    shrunk: Shrunk | None
    missing: bool


@dataclass(frozen=True)
class Scored:
    """A score from 0 to 100 (more with a bonus), its variance in points², its parts, and what vetoes it."""

    value: Fraction
    variance: Fraction
    parts: tuple[ScoredPart, ...]
    net: Fraction
    vetoed_by: tuple[str, ...] = ()

    def margin(self, confidence: Decimal) -> Decimal:
        """Half the width of the interval in points, to 12 decimals."""
        with localcontext(CONTEXT):
            return (two_sided_normal(confidence) * decimal(self.variance).sqrt()).quantize(DIGITS)


def score(
    measures: Sequence[Weighed],
    found: Mapping[str, Shrunk],
    means: Mapping[str, Fraction] | None = None,
    *,
    net: Fraction = Fraction(),
    together: Mapping[tuple[str, str], Fraction] | None = None,
) -> Scored | None:
    """The score of one subject; None where no measure has anything that counts.

    `found` has the shrunk rate of each measure with rows, `means` the group's mean of each measure, for the policy
    `mean`; where the group has none the measure is skipped. The weights that count are brought to 100 together. `net` is
    bonus less malus; the whole never falls below 0. The variance is Σ(w/(cap − floor))²·variance, and for measures
    of the same things twice the product of their deviations times the correlation in `together` (see `correlation`; pairs
    in the order of `measures`; 1, the most there is, where none is given). A rate beyond cap or floor is not taken to be
    surer than one between.
    """
    rates = {row.code: _rate(row, found, means or {}) for row in measures}
    counted = sum((row.weight for row in measures if rates[row.code] is not None), Fraction())
    if not counted or not any(row.code in found and row.weight for row in measures):
        return None
    parts, value, vetoes = [], Fraction(), []
    for row in measures:
        rate, own = rates[row.code], found.get(row.code)
        weight = HUNDRED * row.weight / counted if rate is not None else Fraction()
        points = None if rate is None else weight * _earned(row, rate, own)
        parts.append(ScoredPart(row.code, weight, points, own, own is None))
        value += points or 0
        if own is not None and row.veto_below is not None and own.rate < row.veto_below:
            vetoes.append(row.code)
    variance = _variance(measures, parts, together or {})
    return Scored(max(Fraction(), value + net), variance, tuple(parts), net, tuple(vetoes))


def ranks(scores: Mapping[int, Fraction], ties: Ties = Ties.MIN) -> dict[int, int]:
    """The rank of each key, 1 for the highest score; equal scores share one."""
    order = sorted(scores.values(), reverse=True)
    if ties == Ties.DENSE:
        order = sorted(set(order), reverse=True)
    first: dict[Fraction, int] = {}
    for place, value in enumerate(order, 1):
        first.setdefault(value, place)
    return {key: first[value] for key, value in scores.items()}


def correlation(members: Iterable[Joint]) -> Fraction:
    """How far two measures of the same things go together within the members of a group, 0 to 1.

    The pooled within-group correlation; one below 0 counts as 0, which makes no margin smaller. 1 where nothing varies:
    then nothing is known.
    """
    one = other = both = Fraction()
    for row in members:
        if row.count:
            one += row.one_squared - row.one**2 / row.count
            other += row.other_squared - row.other**2 / row.count
            both += row.product - row.one * row.other / row.count
    if not one or not other:
        return Fraction(1)
    with localcontext(CONTEXT):
        found = decimal(both) / (decimal(one).sqrt() * decimal(other).sqrt())
    return min(Fraction(1), max(Fraction(), Fraction(found.quantize(DIGITS))))


def _variance(
    measures: Sequence[Weighed], parts: Sequence[ScoredPart], together: Mapping[tuple[str, str], Fraction]
) -> Fraction:
    """Of the whole, in points²."""
    counted = [
        (row, (part.weight / (row.high - row.low)) ** 2 * part.shrunk.variance)
        for row, part in zip(measures, parts, strict=True)
        if part.shrunk is not None
    ]
    whole = sum((own for _row, own in counted), Fraction())
    with localcontext(CONTEXT):
        for (one, own), (other, its) in combinations(counted, 2):
            if one.sees and one.sees == other.sees:
                both = decimal(own).sqrt() * decimal(its).sqrt()
                whole += (
                    2 * together.get((one.code, other.code), Fraction(1)) * Fraction(both.quantize(DIGITS))
                )
    return whole


def _rate(row: Weighed, found: Mapping[str, Shrunk], means: Mapping[str, Fraction]) -> Fraction | None:
    """The rate that counts; None where the measure is left out."""
    if row.code in found:
        return found[row.code].rate
    if row.missing == MissingPart.ZERO:
        return Fraction()
    return means.get(row.code) if row.missing == MissingPart.MEAN else None


def _earned(row: Weighed, rate: Fraction, own: Shrunk | None) -> Fraction:
    """The share of the weight; nothing at all for a missing one that counts as zero, whichever direction is good."""
    return Fraction() if own is None and row.missing == MissingPart.ZERO else row.share(rate)
