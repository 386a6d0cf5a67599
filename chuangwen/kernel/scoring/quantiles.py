"""Quantiles of the normal and of Student's t distribution in decimal arithmetic: the same digits on every machine."""

from __future__ import annotations

from decimal import Context, Decimal, localcontext
from functools import lru_cache

CONFIDENCE = Decimal("0.95")
# More digits than any figure needs, fixed here so that a caller's own context changes nothing.
CONTEXT = Context(prec=34)
PI = Decimal("3.141592653589793238462643383279503")
# Above this the t quantile differs from the normal one in the fourth digit; it is then read as this, never less.
MOST_FREEDOM = 1000
_STEP = Decimal("1e-14")


def two_sided_normal(confidence: Decimal = CONFIDENCE) -> Decimal:
    """z with P(|Z| ≤ z) = confidence, such as 1.959964 for 0.95, to 12 decimals.

    Raises ValueError for a confidence that is not between 0 and 1.
    """
    return _quantile(0, check_confidence(confidence))


def two_sided_t(freedom: int, confidence: Decimal = CONFIDENCE) -> Decimal:
    """t with P(|T| ≤ t) = confidence at that many degrees of freedom, such as 2.228139 for 10 and 0.95, to 12 decimals.

    Source: Student (W. S. Gosset), "The Probable Error of a Mean", Biometrika 6 (1908) 1-25; the closed forms for
    whole degrees of freedom are 26.7.3 and 26.7.4 of Abramowitz & Stegun, Handbook of Mathematical Functions (1964).
    Raises ValueError for less than one degree of freedom or a confidence that is not between 0 and 1.
    """
    if freedom < 1:
        raise ValueError(f"Student's t needs at least one degree of freedom, not {freedom}")
    return _quantile(min(freedom, MOST_FREEDOM), check_confidence(confidence))


def check_confidence(confidence: Decimal) -> Decimal:
    """The confidence as it is; ValueError unless it lies between 0 and 1."""
    if not 0 < confidence < 1:
        raise ValueError(f"a confidence lies between 0 and 1, not {confidence}")
    return confidence


@lru_cache(1024)
def _quantile(freedom: int, confidence: Decimal) -> Decimal:
    """By halving: freedom 0 stands for the normal distribution."""
    with localcontext(CONTEXT):
        low, high = Decimal(0), Decimal(1)
        while _inside(high, freedom) < confidence:
            low, high = high, 2 * high
        while high - low > _STEP * high:
            middle = (low + high) / 2
            low, high = (middle, high) if _inside(middle, freedom) < confidence else (low, middle)
        return ((low + high) / 2).quantize(Decimal("1e-12"))


def _inside(t: Decimal, freedom: int) -> Decimal:
    """P(|T| ≤ t)."""
    if not freedom:
        return _inside_normal(t)
    square = freedom / (freedom + t * t)
    sine = t / (freedom + t * t).sqrt()
    if freedom % 2 == 0:
        term = total = Decimal(1)
        for k in range(1, freedom // 2):
            term = term * square * (2 * k - 1) / (2 * k)
            total += term
        return sine * total
    angle = arctan(t / Decimal(freedom).sqrt())
    if freedom == 1:
        return 2 * angle / PI
    term = total = Decimal(1)
    for k in range(1, (freedom - 1) // 2):
        term = term * square * (2 * k) / (2 * k + 1)
        total += term
    return 2 * (angle + sine * square.sqrt() * total) / PI


def _inside_normal(z: Decimal) -> Decimal:
    """Abramowitz & Stegun 26.2.11: all terms are positive, so nothing cancels."""
    term = total = z
    k = 1
    while term > total * Decimal("1e-32"):
        term = term * z * z / (2 * k + 1)
        total += term
        k += 1
    return 2 * total * (-z * z / 2).exp() / (2 * PI).sqrt()


def arctan(x: Decimal) -> Decimal:
    """arctan x for x ≥ 0, in radians: the angle is halved until Taylor's series runs quickly."""
    halvings = 0
    while x > Decimal("0.1"):
        x = x / (1 + (1 + x * x).sqrt())
        halvings += 1
    power, total, k = x, x, 1
    while abs(power) > Decimal("1e-33"):
        power *= -x * x
        k += 2
        total += power / k
    return total * Decimal(2) ** halvings
