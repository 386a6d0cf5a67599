"""From our score to the official one: learnt bias, an interval for the next result, and whether a change is news."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from enum import StrEnum
from fractions import Fraction

from chuangwen.kernel.scoring.estimate import DIGITS, Number, decimal, exact
from chuangwen.kernel.scoring.fronts import Score
from chuangwen.kernel.scoring.quantiles import (
    CONFIDENCE,
    CONTEXT,
    check_confidence,
    two_sided_normal,
    two_sided_t,
)

# Below that many pairs the spread is not learnt from them alone.
FEW = 3


class Calibration(StrEnum):
    """How far official results stand behind a forecast."""

    NOT_YET = "not_yet"  # none, or too few and no prior spread: our own margin only
    PRIOR = "prior"  # one or two pairs and a prior spread
    LEARNT = "learnt"  # three pairs or more


class Move(StrEnum):
    """A change against the noise of both scores."""

    WITHIN_NOISE = "within_noise"
    MORE = "more"
    LESS = "less"


@dataclass(frozen=True)
class Pair:
    """Our score of a round and what the official test then gave, both in points of the same full score."""

    key: str
    ours: Score
    official: Number

    @property
    def difference(self) -> Fraction:
        """Official less ours, exact."""
        return Fraction(exact(self.official)) - self.ours.value


@dataclass(frozen=True)
class PriorSpread:
    """How far official results fall from ours before any of ours are known: standard deviation in points, with its source.

    It counts like `worth` pairs without bias. Raises ValueError for a spread or worth that is not above 0.
    """

    spread: Decimal
    source: str
    worth: int = 1

    def __post_init__(self) -> None:
        if self.spread <= 0 or self.worth < 1:
            raise ValueError(f"prior spread {self.spread} worth {self.worth} pairs: both are above 0")


@dataclass(frozen=True)
class Forecast:
    """The official score to expect, in points, with an interval for the result itself.

    `value` is ours plus `bias`, exact; `spread` is the standard deviation of official results around ours plus bias,
    our own sampling error taken out, None where not calibrated; `pairs` are what it was learnt from, `prior` what it
    was begun with, `freedom` the degrees of freedom of the spread.
    """

    value: Fraction
    low: Decimal
    high: Decimal
    bias: Fraction
    spread: Decimal | None
    calibration: Calibration
    freedom: int | None
    confidence: Decimal
    pairs: tuple[Pair, ...]
    prior: PriorSpread | None

    @property
    def margin(self) -> Decimal:
        """Half the distance between both ends, in points."""
        return (self.high - self.low) / 2


@dataclass(frozen=True)
class Change:
    """Now less before in points, with its interval, and the word for it."""

    difference: Fraction
    low: Decimal
    high: Decimal
    move: Move


def forecast(
    ours: Score,
    pairs: Sequence[Pair] = (),
    prior: PriorSpread | None = None,
    *,
    full: Number = 100,
    confidence: Decimal = CONFIDENCE,
) -> Forecast:
    """The official score to expect from ours.

    Differences official − ours are taken as normal around a bias; bias and spread have the conjugate prior of A. Gelman
    et al., Bayesian Data Analysis, 3rd ed. (2013), §3.3: no bias and the prior spread, worth `prior.worth` pairs (one
    pair and no spread of its own where none is given). So the bias is the mean difference shrunk by pairs / (pairs +
    worth), and the next result follows Student's t. Our own sampling error is taken out of the spread learnt from past
    rounds and joined again as the margin it has now (root of the sum of squares): a round with more visits forecasts
    better. All margins of `ours` and `pairs`
    are read at `confidence`. Without pairs, or with one or two and no prior spread, nothing is corrected and the
    interval is our own margin: not yet calibrated.

    Raises ValueError for doubled pairs, official scores outside 0 to `full` and a confidence outside 0 to 1.
    """
    check_confidence(confidence)
    _check_pairs(pairs, full)
    with localcontext(CONTEXT):
        if not pairs or (prior is None and len(pairs) < FEW):
            low, high = _within(ours.value, ours.below, ours.above, full)
            state = Calibration.NOT_YET
            return Forecast(
                ours.value, low, high, Fraction(), None, state, None, confidence, tuple(pairs), prior
            )
        bias, spread, bias_variance, freedom = _learn(pairs, prior, confidence)
        learnt = two_sided_t(freedom, confidence) ** 2 * (spread + bias_variance)
        below, above = ((learnt + side * side).sqrt() for side in (ours.below, ours.above))
        value = ours.value + bias
        low, high = _within(value, below, above, full)
        state = Calibration.LEARNT if len(pairs) >= FEW else Calibration.PRIOR
        root = spread.sqrt().quantize(DIGITS)
    return Forecast(value, low, high, bias, root, state, freedom, confidence, tuple(pairs), prior)


def moved(now: Score, before: Score, linked: Number = 0) -> Change:
    """Whether a change is more than the noise of both scores.

    The interval of the difference joins both by MOVER (G. Y. Zou & A. Donner, Statistics in Medicine 27, 2008,
    1693-1702). `linked` is the correlation of both errors: 0 for draws of their own; where places were visited both
    times, their share × how alike the same place scores twice (L. Kish, Survey Sampling, 1965, §12.4). Leaving it at 0
    for overlapping draws makes the interval too wide, never too narrow: a small real change may then pass as noise.
    Raises ValueError for a link outside 0 to 1.
    """
    if not 0 <= linked <= 1:
        raise ValueError(f"two draws are linked by 0 to 1, not {linked}")
    difference = now.value - before.value
    with localcontext(CONTEXT):
        link = decimal(linked)
        low = (decimal(difference) - _apart(now.below, before.above, link)).quantize(DIGITS)
        high = (decimal(difference) + _apart(now.above, before.below, link)).quantize(DIGITS)
    move = Move.WITHIN_NOISE
    if difference > 0 and low > 0:
        move = Move.MORE
    elif difference < 0 and high < 0:
        move = Move.LESS
    return Change(difference, low, high, move)


def _check_pairs(pairs: Sequence[Pair], full: Number) -> None:
    keys = [pair.key for pair in pairs]
    for pair in pairs:
        if keys.count(pair.key) > 1:
            raise ValueError(f"official result {pair.key} stands there twice")
        if not 0 <= pair.official <= full:
            raise ValueError(
                f"official result {pair.key}: {pair.official} is not between 0 and {full} points"
            )


def _learn(
    pairs: Sequence[Pair], prior: PriorSpread | None, confidence: Decimal
) -> tuple[Fraction, Decimal, Decimal, int]:
    """Bias, variance of official results around it, variance of the bias, degrees of freedom."""
    n, worth = len(pairs), prior.worth if prior else 1
    mean = sum((pair.difference for pair in pairs), Fraction()) / n
    bias = mean * n / (n + worth)
    squares = sum(((pair.difference - mean) ** 2 for pair in pairs), Fraction())
    squares += mean**2 * worth * n / (n + worth)
    own = sum((pair.ours.margin**2 for pair in pairs), Decimal()) / n / two_sided_normal(confidence) ** 2
    begun = worth * prior.spread**2 if prior else Decimal()
    freedom = n + (worth if prior else 0)
    spread = (begun + max(Decimal(), decimal(squares) - (n - 1) * own)) / freedom
    return bias, spread, (spread + own) / (n + worth), freedom


def _within(value: Fraction, below: Decimal, above: Decimal, full: Number) -> tuple[Decimal, Decimal]:
    middle = decimal(value)
    low, high = max(Decimal(), middle - below), min(decimal(full), middle + above)
    return low.quantize(DIGITS), high.quantize(DIGITS)


def _apart(one: Decimal, other: Decimal, link: Decimal) -> Decimal:
    return max(Decimal(), one * one + other * other - 2 * link * one * other).sqrt()
