"""What a draw of places says about all places: the stratified mean with its interval, small strata said by name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

from chuangwen.kernel.scoring.quantiles import CONFIDENCE, CONTEXT, check_confidence, two_sided_t

Number = int | Decimal | Fraction
DIGITS = Decimal("1e-12")
# Sums rounded to six decimals may put the squares below what the mean allows by this much per place.
ROUNDING = Fraction(1, 10**5)

# Where the spread of a stratum comes from.
OWN, POOLED, COLLAPSED, UNKNOWN, ALL_VISITED, NOT_VISITED = (
    "own",
    "pooled",
    "collapsed",
    "unknown",
    "all_visited",
    "not_visited",
)
NO_SPREAD = "no_spread"


@dataclass(frozen=True)
class Stratum:
    """One stratum of a draw: `places` in the register, `visited` of them, the sum and the sum of squares of their scores.

    A place score is points / full points, 0 to 1; both sums are exact, so kept aggregates serve as well as rows.
    `weight` is the stratum's share in the total (any unit) where it is not the number of places. Raises ValueError for
    more visits than places and for sums that no such scores can have.
    """

    key: str
    places: int
    visited: int
    total: Number = 0
    squares: Number = 0
    weight: Number | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.visited <= self.places:
            raise ValueError(f"stratum {self.key}: {self.visited} visited of {self.places} places cannot be")
        if self.weight is not None and self.weight < 0:
            raise ValueError(f"stratum {self.key}: weight {self.weight} is below 0")
        total, squares, n = exact(self.total), exact(self.squares), self.visited
        possible = 0 <= total <= n and squares <= total and squares * n >= total * total
        if not possible and not self._rounded(total, squares):
            raise ValueError(
                f"stratum {self.key}: no {n} scores from 0 to 1 have the sum {self.total} and the squares {self.squares}"
            )

    def _rounded(self, total: int | Fraction, squares: int | Fraction) -> bool:
        """Whether the sums are possible but for rounding."""
        n, slack = self.visited, ROUNDING * self.visited
        return 0 <= total <= n and squares <= total + slack and (squares + slack) * n >= total * total

    @classmethod
    def of(cls, key: str, places: int, scores: Iterable[Number], weight: Number | None = None) -> Stratum:
        """The stratum of these place scores, one per visited place. Raises ValueError for a score outside 0 to 1."""
        seen = [exact(score) for score in scores]
        for score in seen:
            if not 0 <= score <= 1:
                raise ValueError(f"stratum {key}: score {score} is not between 0 and 1")
        return cls(key, places, len(seen), sum(seen), sum(score * score for score in seen), weight)

    @property
    def mean(self) -> Fraction | None:
        """Mean score of the visited places; None without a visit."""
        return Fraction(exact(self.total)) / self.visited if self.visited else None

    @property
    def rest(self) -> Decimal:
        """1 − n/N, the finite-population correction."""
        return Decimal(self.places - self.visited) / max(1, self.places)

    @property
    def deviations(self) -> Decimal:
        """Sum of squared deviations from the stratum's own mean."""
        total = decimal(self.total)
        found = decimal(self.squares) - total * total / max(1, self.visited)
        # Below that it is the division's last digit, and equal scores do not vary.
        return found if found > DIGITS else Decimal()


@dataclass(frozen=True)
class StratumFigure:
    """What a stratum gave to the estimate: mean score, share in the total, variance of one place score and whence it is."""

    key: str
    places: int
    visited: int
    share: Fraction
    mean: Fraction | None
    spread: Decimal
    spread_from: str


@dataclass(frozen=True)
class Note:
    """Why a figure is less sure than it looks: a code, the stratum, the number that goes with it.

    `pooled`: one visit, the spread is that of `figure` strata with more visits. `collapsed`: one visit, the spread is
    that between all `figure` strata with one visit. `unknown`: one visit and nothing to learn the spread from.
    `not_visited`: not covered, `figure` is its share in the total; it counts as the mean of the others, the interval is
    wider by the spread between strata. `no_spread`: no stratum varies within itself; the spread of all `figure`
    visited places together stands in.
    """

    code: str
    stratum: str
    figure: Fraction


@dataclass(frozen=True)
class Estimate:
    """A mean place score of all places, 0 to 1, seen through a draw.

    `value` is exact; `low` and `high` enclose the truth with `confidence`; `margin` is half their distance. `covered`
    is the share of the total in strata with a visit, `effective` the size of a simple draw that would be as sure (None
    where every place was visited), `freedom` the degrees of freedom of the spread.
    """

    value: Fraction
    margin: Decimal
    low: Decimal
    high: Decimal
    visited: int
    places: int
    confidence: Decimal
    covered: Fraction
    effective: Decimal | None
    freedom: int
    strata: tuple[StratumFigure, ...]
    notes: tuple[Note, ...]

    def points(self, full: Number = 100, places: int = 1) -> tuple[Decimal, Decimal]:
        """Value and margin in points out of `full`, rounded half up."""
        return round_half_up(self.value * Fraction(full), places), round_half_up(
            Fraction(self.margin) * Fraction(full), places
        )


def estimate(strata: Iterable[Stratum], confidence: Decimal = CONFIDENCE) -> Estimate | None:
    """Mean score of all places from a stratified draw; None where nothing was visited.

    Value: W. G. Cochran, Sampling Techniques, 3rd ed. (1977), (5.1), exact. Variance: (5.7) with finite-population
    correction; strata with one visit take the pooled spread of the others or, where that is less sure, the spread of
    all such strata collapsed into one (§5A.12), which is never too small on average. Interval: E. B. Wilson's (JASA 22,
    1927, 209-212) on the effective size p(1 − p)/variance, with Student's t at visits − strata degrees of freedom
    (E. L. Korn & B. I. Graubard, Survey Methodology 24, 1998, 193-201; compared for small draws by C. Franco, R. J.
    Little, T. A. Louis & E. V. Slud, JSSAM 7, 2019, 334-364). It holds for scores between pass and fail too, since
    their variance is at most p(1 − p). tools/simulate_coverage.py prints how often it covers.

    Raises ValueError for two strata of one key, for weights that are all 0 and for a confidence outside 0 to 1.
    """
    check_confidence(confidence)
    rows = tuple(strata)
    if len({row.key for row in rows}) < len(rows):
        raise ValueError("two strata have the same key: add their places and sums first")
    visited = sum(row.visited for row in rows)
    if not visited:
        return None
    weights = [exact(row.places if row.weight is None else row.weight) for row in rows]
    whole = Fraction(sum(weights))
    if not whole:
        raise ValueError("all strata weigh 0: there is no total to estimate")
    seen = sum(weight for row, weight in zip(rows, weights, strict=True) if row.visited)
    if not seen:
        return None
    covered, value = seen / whole, _mean(rows, weights) / seen
    shares = [weight / whole for weight in weights]
    with localcontext(CONTEXT):
        figures, freedom = _figures(rows, shares)
        notes = _notes(figures)
        variance, unit = _variance(rows, figures, value, covered)
        effective = _effective(rows, value, variance, unit)
        if effective is not None and variance == 0 and 0 < value < 1:
            notes += (Note(NO_SPREAD, "", Fraction(visited)),)
        low, high = _wilson(value, effective, freedom, confidence)
        margin = (high - low) / 2
    return Estimate(
        value, margin, low, high, visited, sum(row.places for row in rows), confidence, covered,
        effective, freedom, figures, notes,
    )  # fmt: skip


def decimal(value: Number) -> Decimal:
    """The number as a decimal of the present context."""
    return Decimal(value.numerator) / value.denominator if isinstance(value, Fraction) else Decimal(value)


def exact(value: Number) -> int | Fraction:
    """The number without loss, in a form that whole numbers and fractions can be added to."""
    return Fraction(value) if isinstance(value, Decimal) else value


def round_half_up(value: Number, places: int = 1) -> Decimal:
    """The exact number rounded half away from zero to that many decimals, as official tables do."""
    number = exact(value)
    whole, rest = divmod(abs(number.numerator) * 10**places, number.denominator)
    rounded = Decimal(whole + (2 * rest >= number.denominator)).scaleb(-places)
    return -rounded if number < 0 else rounded


def _mean(rows: Sequence[Stratum], weights: Sequence[int | Fraction]) -> Fraction:
    """Sum of weight × mean over the visited strata; strata of one size are added before they are divided, for speed."""
    by_size: dict[int, int | Fraction] = {}
    for row, weight in zip(rows, weights, strict=True):
        if row.visited:
            by_size[row.visited] = by_size.get(row.visited, 0) + weight * exact(row.total)
    return sum((Fraction(total) / visited for visited, total in by_size.items()), Fraction())


def _figures(rows: Sequence[Stratum], shares: Sequence[Fraction]) -> tuple[tuple[StratumFigure, ...], int]:
    """Each stratum with the variance of one score in it, and the degrees of freedom of them all."""
    freedom = sum(row.visited - 1 for row in rows if row.visited > 1)
    singles = [decimal(row.total) for row in rows if row.visited == 1 < row.places]
    spread, origin = Decimal(), POOLED
    if singles and freedom >= max(1, len(singles) - 1):
        spread = sum((row.deviations for row in rows), Decimal()) / freedom
    elif len(singles) > 1:
        freedom += len(singles) - 1
        middle = sum(singles, Decimal()) / len(singles)
        found = sum(((single - middle) ** 2 for single in singles), Decimal())
        # As in `deviations`: below that it is the division's last digit, and equal scores do not vary.
        spread = found / (len(singles) - 1) if found > DIGITS else Decimal()
        origin = COLLAPSED
    elif singles:
        # One visit in all: no score from 0 to 1 can vary more than a coin.
        spread, origin = Decimal("0.25"), UNKNOWN
    figures = []
    for row, share in zip(rows, shares, strict=True):
        own, of = spread, origin
        if not row.visited:
            own, of = Decimal(), NOT_VISITED
        elif row.visited == row.places:
            own, of = Decimal(), ALL_VISITED
        elif row.visited > 1:
            own, of = row.deviations / (row.visited - 1), OWN
        figures.append(StratumFigure(row.key, row.places, row.visited, share, row.mean, own, of))
    return tuple(figures), max(1, freedom)


def _notes(figures: Sequence[StratumFigure]) -> tuple[Note, ...]:
    count = {
        POOLED: sum(figure.visited > 1 for figure in figures),
        COLLAPSED: sum(figure.spread_from == COLLAPSED for figure in figures),
        UNKNOWN: 0,
    }
    return tuple(
        Note(figure.spread_from, figure.key, figure.share)
        if figure.spread_from == NOT_VISITED
        else Note(figure.spread_from, figure.key, Fraction(count[figure.spread_from]))
        for figure in figures
        if figure.spread_from in count or (figure.spread_from == NOT_VISITED and figure.share)
    )


def _variance(
    rows: Sequence[Stratum], figures: Sequence[StratumFigure], value: Fraction, covered: Fraction
) -> tuple[Decimal, Decimal]:
    """Variance of the estimate, and what it would be if every score had variance 1."""
    variance = unit = Decimal()
    between, whole = _between(figures, value, covered), decimal(covered)
    for row, figure in zip(rows, figures, strict=True):
        if row.visited:
            factor = (decimal(figure.share) / whole) ** 2 * row.rest / row.visited
            variance += factor * figure.spread
        else:
            factor = decimal(figure.share) ** 2
            variance += factor * between
        unit += factor
    return variance, unit


def _between(figures: Sequence[StratumFigure], value: Fraction, covered: Fraction) -> Decimal:
    """Variance between stratum means, for strata that nobody visited; with one mean only, the greatest there can be.

    It holds the sampling noise of the means too, so it is too large rather than too small.
    """
    if all(figure.mean is not None for figure in figures):
        return Decimal()
    seen = [(figure.share / covered, figure.mean) for figure in figures if figure.mean is not None]
    if len(seen) == 1:
        return decimal(value * (1 - value))
    return decimal(
        sum((share * (mean - value) ** 2 for share, mean in seen), Fraction()) * len(seen) / (len(seen) - 1)
    )


def _effective(rows: Sequence[Stratum], value: Fraction, variance: Decimal, unit: Decimal) -> Decimal | None:
    """Size of a simple draw that would be as sure; None where nothing is left unseen."""
    if not unit:
        return None
    chance = decimal(value * (1 - value))
    if not chance:
        return 1 / unit
    if not variance:
        # Every stratum agrees with itself, which few visits do by luck: the draw as one stratum may not.
        n = sum(row.visited for row in rows)
        total = Fraction(sum(exact(row.total) for row in rows))
        squares = Fraction(sum(exact(row.squares) for row in rows))
        variance = unit * decimal((squares - total * total / n) / (n - 1))
    # All scores the same and neither 0 nor 1: as unsure as a coin of that chance.
    return chance / variance if variance else 1 / unit


def _wilson(
    value: Fraction, effective: Decimal | None, freedom: int, confidence: Decimal
) -> tuple[Decimal, Decimal]:
    p = decimal(value)
    if effective is None:
        return p.quantize(DIGITS, ROUND_HALF_UP), p.quantize(DIGITS, ROUND_HALF_UP)
    t = two_sided_t(freedom, confidence)
    weight = t * t / effective
    centre = p + weight / 2
    reach = t * (p * (1 - p) / effective + weight / (4 * effective)).sqrt()
    low, high = (centre - reach) / (1 + weight), (centre + reach) / (1 + weight)
    return max(Decimal(), low.quantize(DIGITS)), min(Decimal(1), high.quantize(DIGITS))
