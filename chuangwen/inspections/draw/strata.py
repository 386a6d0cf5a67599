"""Strata of a draw and how many places each gives: exact whole numbers, no floating point."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from fractions import Fraction

from chuangwen.inspections.draw.faults import Fault, FaultKind, fault, refuse

JOIN = "×"
REST = "其余"


def strata_of(kinds: Iterable[tuple[str, str]], *, least: int = 2) -> dict[tuple[str, str], str]:
    """The stratum of each (site type, area), given once per place of the register.

    A stratum is a site type × an area. Areas with fewer than `least` places of a type (2: fewer give no variance)
    are merged into one stratum “type×其余” of that type; if that is still too small it takes in the next smallest
    area, by name where equal. A type left with one stratum is named by the type alone. Types are never mixed, since
    each has its own check items; a type with fewer than `least` places in all stays one small stratum.
    """
    areas: dict[str, list[tuple[int, str]]] = {}
    for (kind, area), count in Counter(kinds).items():
        areas.setdefault(kind, []).append((count, area))
    found: dict[tuple[str, str], str] = {}
    for kind, counted in sorted(areas.items()):
        merged: set[str] = set()
        held = 0
        for count, area in sorted(counted):
            if count >= least and (not merged or held >= least):
                break
            merged.add(area)
            held += count
        alone = len(merged) == len(counted) or len(counted) == 1
        for _count, area in counted:
            own = REST if area in merged else area
            found[kind, area] = kind if alone else f"{kind}{JOIN}{own}"
    return found


def allocate(
    counts: Mapping[str, int], *, total: int, minimum: int = 1, weights: Mapping[str, Decimal] | None = None
) -> dict[str, int]:
    """How many of `total` places each stratum gives; the sum is exactly `total`.

    `counts`: places per stratum. Without `weights` in proportion to them (Cochran, Sampling Techniques, 3rd ed. 1977,
    5.3); with `weights`, the spread of a score in each stratum, in proportion to count × spread (J. Neyman, JRSS 97,
    1934, 558-625; Cochran 5.5). No stratum gives fewer than `minimum` or all it has, nor more than it has; what it may
    not give goes to the others in proportion (Cochran 5.8). Fractions go to the largest remainders, equal ones to the
    larger stratum, then by name.

    Raises DrawFault: total above all places or below what the minima need, a negative figure, a stratum unweighted.
    """
    refuse(_faults(counts, total, minimum, weights))
    low = {key: min(minimum, count) for key, count in counts.items()}
    pull = {key: Fraction(counts[key]) * (Fraction(weights[key]) if weights else 1) for key in counts}
    quotas = _quotas(pull, low, dict(counts), total)
    sizes = {key: int(quota) for key, quota in quotas.items()}
    by_remainder = sorted(counts, key=lambda key: (sizes[key] - quotas[key], -counts[key], key))
    for key in by_remainder[: total - sum(sizes.values())]:
        sizes[key] += 1
    return dict(sorted(sizes.items()))


def _quotas(
    pull: Mapping[str, Fraction], low: Mapping[str, int], high: Mapping[str, int], total: int
) -> dict[str, Fraction]:
    """For each stratum factor × pull, held between low and high, with the one factor that makes the sum `total`."""
    drawn = [key for key in pull if pull[key]]
    idle = [key for key in pull if not pull[key]]
    spare = total - sum(high[key] for key in drawn) - sum(low[key] for key in idle)
    if spare >= 0:
        # Strata without spread are asked for more only when all others give everything.
        full = {key: Fraction(high[key]) for key in drawn}
        if not idle:
            return full
        sizes = {key: Fraction(high[key]) for key in idle if high[key]}
        rest = total - sum(high[key] for key in drawn)
        return full | {key: Fraction() for key in idle} | _quotas(sizes, low, high, rest)
    factor = _factor(pull, low, high, drawn, total - sum(low[key] for key in idle))
    held = {key: min(max(factor * pull[key], Fraction(low[key])), Fraction(high[key])) for key in drawn}
    return held | {key: Fraction(low[key]) for key in idle}


def _factor(
    pull: Mapping[str, Fraction], low: Mapping[str, int], high: Mapping[str, int], keys: list[str], total: int
) -> Fraction:
    """The sum of held quotas grows with the factor in straight pieces; walk to the piece that meets `total`."""
    turns = sorted(
        [(low[key] / pull[key], pull[key]) for key in keys]
        + [(high[key] / pull[key], -pull[key]) for key in keys]
    )
    reached, slope, at = Fraction(sum(low[key] for key in keys)), Fraction(), Fraction()
    for turn, change in turns:
        if slope and reached + slope * (turn - at) >= total:
            return at + (total - reached) / slope
        reached += slope * (turn - at)
        slope, at = slope + change, turn
    return at


def _faults(
    counts: Mapping[str, int], total: int, minimum: int, weights: Mapping[str, Decimal] | None
) -> Iterator[Fault]:
    yield from count_faults(counts)
    if minimum < 0:
        yield fault(FaultKind.BAD_MINIMUM, minimum=minimum)
    if weights is not None:
        yield from weight_faults(counts, weights)
    places, needed = sum(counts.values()), sum(min(minimum, count) for count in counts.values())
    if total > places > 0:
        yield fault(FaultKind.TOTAL_TOO_LARGE, total=total, places=places)
    elif places and total < max(0, needed):
        yield fault(
            FaultKind.TOTAL_TOO_SMALL, total=total, strata=len(counts), minimum=minimum, needed=needed
        )


def count_faults(counts: Mapping[str, int]) -> Iterator[Fault]:
    """Strata with fewer than no places, or no places at all."""
    for key, count in sorted(counts.items()):
        if count < 0:
            yield fault(FaultKind.BAD_COUNT, stratum=key, count=count)
    if not any(counts.values()):
        yield fault(FaultKind.EMPTY_REGISTER)


def weight_faults(counts: Mapping[str, int], weights: Mapping[str, Decimal]) -> Iterator[Fault]:
    """Strata whose spread is missing, negative or no number; spreads of strata that do not exist."""
    for key in sorted({*counts, *weights}):
        weight = weights.get(key)
        if key not in counts:
            yield fault(FaultKind.UNKNOWN_STRATUM, stratum=key, wanted=0)
        elif weight is None or not weight.is_finite() or weight < 0:
            yield fault(FaultKind.BAD_WEIGHT, stratum=key, weight="—" if weight is None else weight)
