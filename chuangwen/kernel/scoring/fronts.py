"""Scores put together from fronts, years, the minors' share and sanctions; every number keeps the parts it is made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from enum import StrEnum
from fractions import Fraction

from chuangwen.kernel.scoring.estimate import DIGITS, Estimate, Number, decimal, exact, round_half_up
from chuangwen.kernel.scoring.quantiles import CONTEXT

HUNDRED = Decimal(100)


class Missing(StrEnum):
    """What counts for a part without a score: its weight goes to the others, 0 points, or the score before this one."""

    SKIP = "skip"
    ZERO = "zero"
    CARRY = "carry"


class Origin(StrEnum):
    """Where the points of a part come from."""

    OWN = "own"
    SKIPPED = "skipped"
    ZERO = "zero"
    CARRIED = "carried"
    SANCTION = "sanction"
    FLOOR = "floor"  # points given back because a total does not fall below 0


class Threshold(StrEnum):
    """A least score: reached or not, by more than chance or still open; unknown without a score."""

    MET = "met"
    MET_OPEN = "met_open"
    MISSED = "missed"
    MISSED_OPEN = "missed_open"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Weight:
    """A part's share in per cent of the whole. Raises ValueError below 0."""

    key: str
    percent: Decimal

    def __post_init__(self) -> None:
        if self.percent < 0:
            raise ValueError(f"{self.key} weighs {self.percent} %: a weight is not below 0")


@dataclass(frozen=True)
class Score:
    """Points with how far the truth may lie `below` and `above` them, and the parts whose points add up to `value`.

    `value` is exact; a full count has no distance. `independent` says whether the parts were taken to err independently
    (root of the sum of squares) or not (plain sum, the most any dependence makes).
    """

    value: Fraction
    below: Decimal = Decimal()
    above: Decimal = Decimal()
    parts: tuple[Part, ...] = ()
    independent: bool = True

    @classmethod
    def of(cls, value: Number, margin: Number = 0) -> Score:
        """A score as it was entered or counted, in points, with an even margin."""
        with localcontext(CONTEXT):
            return cls(Fraction(exact(value)), decimal(margin), decimal(margin))

    @classmethod
    def of_estimate(cls, found: Estimate, full: Number = 100) -> Score:
        """An estimated rate as points out of `full`."""
        with localcontext(CONTEXT):
            rate, whole = decimal(found.value), decimal(full)
            below, above = (
                (whole * max(Decimal(), side)).quantize(DIGITS)
                for side in (rate - found.low, found.high - rate)
            )
        return cls(found.value * Fraction(exact(full)), below, above)

    @property
    def low(self) -> Decimal:
        """The lower end, in points."""
        with localcontext(CONTEXT):
            return (decimal(self.value) - self.below).quantize(DIGITS)

    @property
    def high(self) -> Decimal:
        """The upper end, in points."""
        with localcontext(CONTEXT):
            return (decimal(self.value) + self.above).quantize(DIGITS)

    @property
    def margin(self) -> Decimal:
        """Half the distance between both ends, in points."""
        return (self.below + self.above) / 2

    def points(self, places: int = 2) -> Decimal:
        """The value rounded half up, as official tables print it."""
        return round_half_up(self.value, places)


@dataclass(frozen=True)
class Part:
    """One part of a score: the weight it was given and the one that counted (both shares of 1), its points in the whole."""

    key: str
    given: Fraction
    weight: Fraction
    points: Fraction
    origin: Origin
    score: Score | None = None


@dataclass(frozen=True)
class Rule:
    """How a scheme makes one total of its fronts and years; all of it data with a `source`, nothing of it a constant.

    `fronts` weigh within a year, `years` within the cycle (first year first), `minors` is the minors' share of the total
    in per cent, `minors_least` the score below which no application is possible; `full` is the full score. Raises
    ValueError unless fronts and years (where given) weigh 100 % each.
    """

    key: str
    fronts: tuple[Weight, ...]
    years: tuple[Weight, ...] = ()
    minors: Decimal = Decimal()
    minors_least: Decimal | None = None
    missing: Missing = Missing.SKIP
    full: Decimal = HUNDRED
    source: str = ""

    def __post_init__(self) -> None:
        check_weights(self.fronts, f"scheme {self.key}, fronts")
        if self.years:
            check_weights(self.years, f"scheme {self.key}, years")
        if not 0 <= self.minors <= HUNDRED:
            raise ValueError(
                f"scheme {self.key}: the minors' share is {self.minors} %, not between 0 and 100 %"
            )


@dataclass(frozen=True)
class Sanction:
    """What an entry of the negative list takes: points, or the right to apply."""

    key: str
    points: Decimal = Decimal()
    bars: bool = False

    def __post_init__(self) -> None:
        if self.points < 0:
            raise ValueError(f"sanction {self.key} takes {self.points} points: a deduction is not below 0")


@dataclass(frozen=True)
class Total:
    """The total of a city: its score, how the minors' least score stands, and the sanctions that bar an application."""

    score: Score
    minors: Threshold
    barred_by: tuple[str, ...]

    @property
    def may_apply(self) -> bool:
        """Whether nothing known stands against an application."""
        return not self.barred_by and self.minors in (Threshold.MET, Threshold.MET_OPEN)


def check_weights(weights: Sequence[Weight], what: str) -> None:
    """Raise ValueError unless the weights have keys of their own and make 100 % together."""
    keys = [weight.key for weight in weights]
    doubled = sorted({key for key in keys if keys.count(key) > 1})
    if doubled:
        raise ValueError(f"{what}: {', '.join(doubled)} stands there twice")
    total = sum((Fraction(weight.percent) for weight in weights), Fraction())
    if total != 100:
        listed = ", ".join(f"{weight.key} {weight.percent}" for weight in weights) or "none"
        raise ValueError(
            f"{what} weigh {round_half_up(total, 4).normalize():f} % together, not 100 %: {listed}"
        )


def compose(
    weights: Sequence[Weight],
    scores: Mapping[str, Score | None],
    missing: Missing = Missing.SKIP,
    before: Mapping[str, Score] | None = None,
    *,
    independent: bool = True,
) -> Score | None:
    """Weighted mean of the scores with its parts; None where no part has anything that counts.

    A part without a score follows `missing`; with nothing in `before` to carry, it is skipped. Distances are joined as
    √Σ(w·d)², each side apart: MOVER, G. Y. Zou & A. Donner, Statistics in Medicine 27 (2008) 1693-1702, which for even
    margins is the root of the sum of squares. It supposes no covariance: fronts see different things through different
    draws. Where one draw serves two parts, ask for `independent=False`: the distances then add up, the most they can.

    Raises ValueError for weights that do not make 100 % and for a score whose key has no weight.
    """
    check_weights(weights, "parts")
    strangers = sorted(set(scores) - {weight.key for weight in weights})
    if strangers:
        raise ValueError(f"{', '.join(strangers)}: a score without a weight; the rule knows no such part")
    found = [_chosen(weight.key, scores.get(weight.key), missing, before or {}) for weight in weights]
    counted = sum(
        (
            Fraction(weight.percent)
            for weight, (_, origin) in zip(weights, found, strict=True)
            if origin != Origin.SKIPPED
        ),
        Fraction(),
    )
    if not counted or all(origin == Origin.ZERO for _, origin in found):
        return None
    parts = []
    for weight, (score, origin) in zip(weights, found, strict=True):
        share = Fraction() if origin == Origin.SKIPPED else Fraction(weight.percent) / counted
        points = share * score.value if score else Fraction()
        parts.append(Part(weight.key, Fraction(weight.percent) / 100, share, points, origin, score))
    return joined(parts, independent=independent)


def year_score(
    rule: Rule, fronts: Mapping[str, Score | None], before: Mapping[str, Score] | None = None
) -> Score | None:
    """The score of one year from its fronts."""
    return compose(rule.fronts, fronts, rule.missing, before)


def cycle_score(
    rule: Rule, years: Mapping[str, Score | None], before: Mapping[str, Score] | None = None
) -> Score | None:
    """The score of a cycle from its years, each with a draw of its own.

    A year to come is skipped whatever the rule says of missing fronts, unless `before` has something to carry: a cycle
    in its second year is not half lost. Raises ValueError for a rule without years.
    """
    if not rule.years:
        raise ValueError(f"scheme {rule.key} gives its years no weight")
    policy = Missing.CARRY if rule.missing == Missing.CARRY else Missing.SKIP
    return compose(rule.years, years, policy, before)


def total_score(rule: Rule, city: Score, minors: Score | None, sanctions: Iterable[Sanction] = ()) -> Total:
    """City and minors by the rule's share, less the sanctions, never below 0.

    Without a minors' score the city's counts alone and the least score is unknown.
    """
    weights = (Weight("city", HUNDRED - rule.minors), Weight("minors", rule.minors))
    whole = compose(weights, {"city": city, "minors": minors}) or city
    taken = tuple(sanctions)
    parts = list(whole.parts) + [
        Part(sanction.key, Fraction(), Fraction(), -Fraction(sanction.points), Origin.SANCTION)
        for sanction in taken
        if sanction.points
    ]
    value = sum((part.points for part in parts), Fraction())
    if value < 0:
        parts.append(Part("floor", Fraction(), Fraction(), -value, Origin.FLOOR))
    score = joined(parts)
    barred = tuple(sanction.key for sanction in taken if sanction.bars)
    return Total(score, threshold(minors, rule.minors_least), barred)


def threshold(score: Score | None, least: Decimal | None) -> Threshold:
    """Whether a score reaches `least`; open where its interval reaches to the other side. Met where none is asked."""
    if least is None:
        return Threshold.MET
    if score is None:
        return Threshold.UNKNOWN
    if score.value >= least:
        return Threshold.MET if score.low >= least else Threshold.MET_OPEN
    return Threshold.MISSED if score.high < least else Threshold.MISSED_OPEN


def joined(parts: Sequence[Part], *, independent: bool = True) -> Score:
    """The score whose value is the sum of the parts' points and whose distances are joined from theirs."""
    with localcontext(CONTEXT):
        scored = [(decimal(part.weight), part.score) for part in parts if part.score]
        below = _together([weight * score.below for weight, score in scored], independent)
        above = _together([weight * score.above for weight, score in scored], independent)
    return Score(sum((part.points for part in parts), Fraction()), below, above, tuple(parts), independent)


def _chosen(
    key: str, score: Score | None, missing: Missing, before: Mapping[str, Score]
) -> tuple[Score | None, Origin]:
    if score is not None:
        return score, Origin.OWN
    if missing == Missing.ZERO:
        return Score(Fraction()), Origin.ZERO
    if missing == Missing.CARRY and key in before:
        return before[key], Origin.CARRIED
    return None, Origin.SKIPPED


def _together(distances: Sequence[Decimal], independent: bool) -> Decimal:
    if not independent:
        return sum(distances, Decimal()).quantize(DIGITS)
    return sum((distance * distance for distance in distances), Decimal()).sqrt().quantize(DIGITS)
