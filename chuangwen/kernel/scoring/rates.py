"""Rates and means that never part from their denominator: exact fractions, percent text, Wilson's interval."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import lru_cache
from math import sqrt
from statistics import NormalDist

UNKNOWN = "—"


@dataclass(frozen=True)
class Rate:
    """`numerator` cases out of `denominator`; the first are among the second.

    Raises ValueError for a negative count or a numerator above its denominator: then one of both was counted
    by another definition.
    """

    numerator: int
    denominator: int

    def __post_init__(self) -> None:
        if not 0 <= self.numerator <= self.denominator:
            raise ValueError(
                f"{self.numerator}/{self.denominator} is no rate: the part is not within the whole"
            )

    @property
    def value(self) -> Fraction | None:
        """The exact rate, 0 to 1; None without a denominator, which is not the same as zero."""
        return Fraction(self.numerator, self.denominator) if self.denominator else None

    def percent(self, places: int = 1) -> Decimal | None:
        """The rate in per cent, rounded half up to that many decimals as official tables do; None without a denominator."""
        if not self.denominator:
            return None
        # One whole division: rounding a rounded quotient would round twice.
        scaled = 10 ** (places + 2) * self.numerator
        whole, rest = divmod(scaled, self.denominator)
        return Decimal(whole + (2 * rest >= self.denominator)).scaleb(-places)

    @property
    def share(self) -> str:
        """The percent alone, such as 93.4%; a dash without a denominator."""
        percent = self.percent()
        return UNKNOWN if percent is None else f"{percent}%"

    @property
    def counts(self) -> str:
        """Numerator and denominator, such as 1,081/1,157."""
        return f"{self.numerator:,}/{self.denominator:,}"

    @property
    def text(self) -> str:
        """Percent with its denominator: 93.4% 1,081/1,157."""
        return f"{self.share} {self.counts}"

    def interval(self, confidence: Decimal = Decimal("0.95")) -> tuple[float, float] | None:
        """Wilson's score interval, both ends 0 to 1; None without a denominator.

        Source: E. B. Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", JASA 22
        (1927) 209-212. It says how far a small unit's rate may be luck; it is no sampling error of a full count.
        Raises ValueError for a confidence that is not between 0 and 1.
        """
        if not self.denominator:
            return None
        z, n = _z(confidence), self.denominator
        p = self.numerator / n
        centre, spread = p + z * z / (2 * n), z * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
        low, high = (centre - spread) / (1 + z * z / n), (centre + spread) / (1 + z * z / n)
        # At 0 and n the ends are exact; floating point misses them by a hair.
        return (0.0 if self.numerator == 0 else max(0.0, low), 1.0 if self.numerator == n else min(1.0, high))


@dataclass(frozen=True)
class Mean:
    """A sum of seconds over a count of cases."""

    seconds: int
    count: int

    @property
    def value(self) -> Fraction | None:
        """Mean seconds, exact; None where there is nothing to take a mean of."""
        return Fraction(self.seconds, self.count) if self.count else None

    def hours(self, places: int = 1) -> Decimal | None:
        """Mean hours, rounded half up; None where there is nothing to take a mean of."""
        if not self.count:
            return None
        exact = Decimal(self.seconds) / Decimal(3600 * self.count)
        return exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


@lru_cache(8)
def _z(confidence: Decimal) -> float:
    if not 0 < confidence < 1:
        raise ValueError(f"a confidence lies between 0 and 1, not {confidence}")
    return NormalDist().inv_cdf((1 + float(confidence)) / 2)
