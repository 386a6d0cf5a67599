"""How wide the interval of a draw will be, and how many places a wished margin needs."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, localcontext
from fractions import Fraction

from chuangwen.inspections.draw.faults import FaultKind, fault, refuse
from chuangwen.inspections.draw.strata import allocate, count_faults, weight_faults
from chuangwen.kernel.scoring.quantiles import CONFIDENCE, CONTEXT, two_sided_t


def size_for_margin(
    counts: Mapping[str, int],
    *,
    margin: Decimal,
    confidence: Decimal = CONFIDENCE,
    spread: Mapping[str, Decimal] | None = None,
    minimum: int = 1,
    by_spread: bool = False,
) -> int:
    """The total that `allocate` must spread for a margin of at most `margin`.

    `counts`: places per stratum; `margin`: half the width of the interval, in the unit of the scores (0.03 for three
    points of a hundred where scores run from 0 to 1); `spread`: standard deviation of a score in each stratum, in the
    same unit; None takes the greatest that scores from 0 to 1 can have. `minimum`: as in `allocate`; `by_spread`: the
    total will be spread with the spreads as weights, not in proportion.

    The margin of a total is that of `margin_of` for the whole numbers that come out of `allocate`. W. G. Cochran,
    Sampling Techniques, 3rd ed. 1977, 5.9, gives the same in closed form, n₀ = ΣWS²·t²/d² and n = n₀/(1 + n₀/N), where
    strata need not be whole numbers. Found by halving: the result keeps the margin, one place less does not.

    Raises DrawFault for no places at all, a margin or confidence that is none and for spreads that do not fit the strata.
    """
    faults = list(count_faults(counts))
    if not margin.is_finite() or margin <= 0:
        faults.append(fault(FaultKind.BAD_MARGIN, margin=margin))
    if not 0 < confidence < 1:
        faults.append(fault(FaultKind.BAD_CONFIDENCE, confidence=confidence))
    if spread is not None:
        faults.extend(weight_faults(counts, spread))
    refuse(faults)
    weights = spread if by_spread else None
    fewest = sum(min(minimum, count) for count in counts.values())

    def keeps(total: int) -> bool:
        sizes = allocate(counts, total=total, minimum=minimum, weights=weights)
        found = margin_of(counts, sizes, confidence=confidence, spread=spread)
        return found is not None and found <= margin

    if fewest and keeps(fewest):
        return fewest
    too_few, enough = fewest, sum(counts.values())
    while enough - too_few > 1:
        middle = (too_few + enough) // 2
        too_few, enough = (too_few, middle) if keeps(middle) else (middle, enough)
    return enough


def margin_of(
    counts: Mapping[str, int],
    sizes: Mapping[str, int],
    *,
    confidence: Decimal = CONFIDENCE,
    spread: Mapping[str, Decimal] | None = None,
) -> Decimal | None:
    """Half the width of the interval of a draw of these sizes; None where a stratum with places gives none.

    Variance ΣW²·S²/n·(1 − n/N) with the finite-population correction (Cochran, 3rd ed. 1977, theorem 5.3), times
    Student's t at visits − strata degrees of freedom, as the estimate after the round reckons it. Without `spread`,
    S² = N/(N − 1)/4, a stratum of which one half has 0 and the other 1. To 12 decimals, rounded up.
    """
    whole = sum(counts.values())
    variance = Fraction()
    for key, count in counts.items():
        if not count:
            continue
        size = sizes.get(key, 0)
        if not size:
            return None
        if size < count:
            square = Fraction(count, 4 * (count - 1)) if spread is None else Fraction(spread[key]) ** 2
            variance += Fraction(count, whole) ** 2 * square / size * (1 - Fraction(size, count))
    if not variance:
        return Decimal(0)
    freedom = sum(size - 1 for key, size in sizes.items() if size and counts.get(key))
    with localcontext(CONTEXT):
        root = (Decimal(variance.numerator) / Decimal(variance.denominator)).sqrt()
        return (root * two_sided_t(max(1, freedom), confidence)).quantize(Decimal("1e-12"), "ROUND_CEILING")
