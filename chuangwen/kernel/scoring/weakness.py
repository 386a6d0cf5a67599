"""Where points can be won back: expected points per standard and per unit of effort, with the figures of the reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from chuangwen.kernel.scoring.estimate import Number, exact

# A. Agresti & B. A. Coull, The American Statistician 52 (1998) 119-126: four visits of the prior steady a small sample.
LEAST_PRIOR = 4


@dataclass(frozen=True)
class Item:
    """A standard as it stands in the total.

    `full` points, each worth `weight` points of the total; `visited` places with the sum of their scores `passed` (each
    0 to 1, so passes or graded rates); `target` the rate that can be reached. `effort` in person-days with its source;
    `failing` the estimated number of places that fail. `is_counted`: all of it was counted, nothing is
    drawn towards its group. Items of one `group` (site type, front) fail alike. Raises
    ValueError for figures that cannot be.
    """

    key: str
    group: str
    full: Number
    weight: Number
    visited: int
    passed: Number
    target: Number = 1
    effort: Number | None = None
    effort_source: str = ""
    failing: Number | None = None
    is_counted: bool = False

    def __post_init__(self) -> None:
        if self.full < 0 or self.weight < 0:
            raise ValueError(
                f"standard {self.key}: {self.full} points with weight {self.weight}: neither is below 0"
            )
        if not 0 <= self.passed <= self.visited:
            raise ValueError(f"standard {self.key}: {self.passed} passed of {self.visited} visited cannot be")
        _check_rate(self.key, self.target)
        if self.effort is not None and self.effort <= 0:
            raise ValueError(
                f"standard {self.key}: effort {self.effort} is not above 0; leave it out where unknown"
            )

    @property
    def at_stake(self) -> Fraction:
        """Points of the total that hang on this standard."""
        return Fraction(exact(self.full)) * exact(self.weight)


class Why(StrEnum):
    """What a figure of a reason is."""

    AT_STAKE = "at_stake"  # points of the total that hang on the standard
    GAP = "gap"  # reachable rate less the rate now, 0 to 1
    SEEN_RATE = "seen_rate"  # rate as visited, before it was drawn towards its group
    GROUP_RATE = "group_rate"  # rate of the group
    BORROWED = "borrowed"  # share of the group's rate in the rate, 0 to 1
    VISITED = "visited"  # visits behind the rate
    FAILING = "failing"  # places that fail, estimated
    PER_PLACE = "per_place"  # points won back per failing place


@dataclass(frozen=True)
class Reason:
    """One figure of why a standard stands where it stands."""

    code: Why
    figure: Fraction


@dataclass(frozen=True)
class Weakness:
    """Points of the total expected back if a standard reaches its target; `per_effort` per person-day, None if unknown."""

    rank: int
    item: Item
    rate: Fraction
    points: Fraction
    per_effort: Fraction | None
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class Change:
    """A standard's rate before and after in a what-if, and the points of the total it moves."""

    key: str
    before: Fraction
    after: Fraction
    points: Fraction


@dataclass(frozen=True)
class WhatIf:
    """Points of all standards together before and after; the changes add up to the difference."""

    before: Fraction
    after: Fraction
    changes: tuple[Change, ...]

    @property
    def difference(self) -> Fraction:
        """Points won, below 0 where lost."""
        return self.after - self.before


@dataclass(frozen=True)
class Prior:
    """What a group says of a standard before it is visited: its rate, and how many visits that is worth."""

    rate: Fraction
    visits: Fraction


def weaknesses(items: Sequence[Item], *, by_effort: bool = False) -> tuple[Weakness, ...]:
    """Standards by expected points won back, most first; `by_effort`: by points per person-day, unknown effort last.

    Equal ones stand in order of their keys, whatever order they came in. Raises ValueError for doubled keys.
    """
    found = [_weakness(item, prior) for item, prior in zip(items, _priors(items), strict=True)]
    if by_effort:
        found.sort(key=lambda w: (w.per_effort is None, -(w.per_effort or 0), -w.points, w.item.key))
    else:
        found.sort(key=lambda w: (-w.points, w.item.key))
    return tuple(
        Weakness(rank, w.item, w.rate, w.points, w.per_effort, w.reasons) for rank, w in enumerate(found, 1)
    )


def rates(items: Sequence[Item]) -> dict[str, Fraction]:
    """The rate of every standard, small samples drawn towards their group; None is drawn wholly. See `prior`."""
    return {item.key: _rate(item, prior) for item, prior in zip(items, _priors(items), strict=True)}


def what_if(items: Sequence[Item], changes: Mapping[str, Number]) -> WhatIf:
    """What the total gains if the named standards stood at these rates (0 to 1) and all others as they are.

    Raises ValueError for a standard that is not there and for a rate outside 0 to 1.
    """
    now = rates(items)
    strangers = sorted(set(changes) - set(now))
    if strangers:
        raise ValueError(f"no standard {', '.join(strangers)} in the list")
    for key, rate in changes.items():
        _check_rate(key, rate)
    before = sum((item.at_stake * now[item.key] for item in items), Fraction())
    moved = tuple(
        Change(item.key, now[item.key], to, item.at_stake * (to - now[item.key]))
        for item in items
        if item.key in changes
        for to in [Fraction(exact(changes[item.key]))]
    )
    return WhatIf(before, before + sum((change.points for change in moved), Fraction()), moved)


def prior(items: Sequence[Item]) -> Prior:
    """The beta prior of a group's rates by moments, exact: empirical Bayes for the beta-binomial.

    Source: J. C. Kleinman, "Proportions with Extraneous Variance: Single and Independent Samples", JASA 68 (1973)
    46-54, weights n: γ = (S − pq(k−1)) / (pq(n − Σnᵢ²/n − (k−1))) with S = Σnᵢ(pᵢ−p)²; the prior is worth
    (1−γ)/γ visits. Where rates vary no more than chance makes them, or single visits cannot tell, it is worth all visits
    of the group; it is never worth less than four (Agresti & Coull), so that one failure of one visit does not lead.
    """
    seen = [(item.visited, Fraction(exact(item.passed))) for item in items if item.visited]
    visits = sum(n for n, _ in seen)
    if not visits:
        # Nothing seen at all: even chances, worth the least.
        return Prior(Fraction(1, 2), Fraction(LEAST_PRIOR))
    p = sum((passed for _, passed in seen), Fraction()) / visits
    chance = p * (1 - p)
    extra = sum((n * (passed / n - p) ** 2 for n, passed in seen), Fraction()) - chance * (len(seen) - 1)
    room = chance * (visits - Fraction(sum(n * n for n, _ in seen), visits) - (len(seen) - 1))
    most = Fraction(max(visits, LEAST_PRIOR))
    if extra <= 0 or room <= 0:
        return Prior(p, most)
    return Prior(p, min(most, max(Fraction(LEAST_PRIOR), (room - extra) / extra)))


def _priors(items: Sequence[Item]) -> list[Prior]:
    """The prior of each item: that of its group, or of all items where the group has nobody else to learn from."""
    keys = [item.key for item in items]
    if len(set(keys)) < len(keys):
        doubled = sorted({key for key in keys if keys.count(key) > 1})
        raise ValueError(f"standard {', '.join(doubled)} stands there twice: add its figures first")
    groups: dict[str, list[Item]] = {}
    for item in items:
        groups.setdefault(item.group, []).append(item)
    everything = prior(items)
    of = {
        group: prior(members) if sum(bool(item.visited) for item in members) > 1 else everything
        for group, members in groups.items()
    }
    return [of[item.group] for item in items]


def _rate(item: Item, before: Prior) -> Fraction:
    """Posterior mean: (passed + visits of the prior × its rate) / all visits."""
    if item.is_counted and item.visited:
        return Fraction(exact(item.passed)) / item.visited
    return (exact(item.passed) + before.visits * before.rate) / (item.visited + before.visits)


def _weakness(item: Item, before: Prior) -> Weakness:
    rate = _rate(item, before)
    gap = max(Fraction(), exact(item.target) - rate)
    points = item.at_stake * gap
    figures: list[tuple[Why, Number | None]] = [
        (Why.AT_STAKE, item.at_stake),
        (Why.GAP, gap),
        (Why.SEEN_RATE, Fraction(exact(item.passed)) / item.visited if item.visited else None),
        (Why.GROUP_RATE, None if item.is_counted else before.rate),
        (
            Why.BORROWED,
            Fraction()
            if item.is_counted and item.visited
            else before.visits / (item.visited + before.visits),
        ),
        (Why.VISITED, item.visited),
        (Why.FAILING, item.failing),
        (Why.PER_PLACE, points / exact(item.failing) if item.failing else None),
    ]
    reasons = tuple(Reason(code, Fraction(exact(figure))) for code, figure in figures if figure is not None)
    return Weakness(
        0, item, rate, points, points / exact(item.effort) if item.effort is not None else None, reasons
    )


def _check_rate(key: str, rate: Number) -> None:
    if not 0 <= rate <= 1:
        raise ValueError(f"standard {key}: a rate of {rate} is not between 0 and 1")
