"""Rates of small counts pulled towards their group: one lucky case says little, a hundred say what they say.

Each member of a peer group has `count` rows with a value from 0 to 1 each, and their sum. The true rates of a group are
taken to vary as a beta distribution around the group's mean; how much they vary beyond chance is read from the group
itself by the method of moments.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

# With fewer members a group says nothing about how its members vary; Morris's correction has 3 in its denominator.
LEAST_MEMBERS = 4


@dataclass(frozen=True)
class Counted:
    """`count` rows and the exact sum of their values, each from 0 to 1. Raises ValueError for what cannot be."""

    total: Fraction
    count: int

    def __post_init__(self) -> None:
        if not 0 <= self.total <= self.count:
            raise ValueError(f"{self.count} values from 0 to 1 cannot sum up to {self.total}")

    @property
    def rate(self) -> Fraction | None:
        """The plain rate; None without a row."""
        return self.total / self.count if self.count else None


@dataclass(frozen=True)
class Prior:
    """What a group says about a member one knows nothing of: its mean, and how many rows that is worth.

    `strength` is the number of rows of the group's mean mixed in (k of n/(n + k)): None where the members do not vary more
    than chance makes them, so that each is as good as the mean; 0 where the group is too small to learn from.
    """

    mean: Fraction
    strength: Fraction | None
    members: int

    def pull(self, count: int) -> Fraction:
        """The share of the group's mean in the shrunk rate of a member with so many rows: 0 own rate, 1 the mean."""
        if self.strength is None:
            return Fraction(1)
        return self.strength / (count + self.strength) if count + self.strength else Fraction(1)


@dataclass(frozen=True)
class Shrunk:
    """A member's rate, its group's mean, the shrunk rate and the variance of the shrunk rate about the truth."""

    counted: Counted
    mean: Fraction
    rate: Fraction
    variance: Fraction


def prior_of(members: Mapping[str, Counted] | Mapping[int, Counted]) -> Prior | None:
    """The beta prior of a group by the method of moments; None where nobody has a row.

    Source: J. C. Kleinman, "Proportions with Extraneous Variance: Single and Independent Samples", JASA 68 (1973) 46-54,
    with the counts as weights: p = Σx/Σn, S = Σn(x/n − p)², and from E(S) = pq[ρ(Σn − Σn²/Σn) + (1 − ρ)(m − 1)]
    the correlation ρ within a member, cut to 0…1; the prior is worth k = (1 − ρ)/ρ rows. Values between 0 and 1 vary less
    than yes and no of the same mean, which only makes k larger.
    """
    rows = [row for row in members.values() if row.count]
    if not rows:
        return None
    whole = sum(row.count for row in rows)
    mean = Fraction(sum((row.total for row in rows), Fraction())) / whole
    if len(rows) < LEAST_MEMBERS:
        return Prior(mean, Fraction(), len(rows))
    chance = mean * (1 - mean)
    weight = whole - Fraction(sum(row.count**2 for row in rows), whole)
    free = len(rows) - 1
    if not chance:  # all wholly good or all wholly bad: nobody differs
        return Prior(mean, None, len(rows))
    spread = sum((row.total**2 / row.count for row in rows), Fraction()) - whole * mean**2
    over = spread / chance - free
    if over <= 0:
        return Prior(mean, None, len(rows))
    if weight <= free:  # one row each: what varies within a member and what between them cannot be told apart
        return Prior(mean, None, len(rows))
    rho = min(Fraction(1), over / (weight - free))
    return Prior(mean, (1 - rho) / rho, len(rows))


def shrunk(counted: Counted, prior: Prior) -> Shrunk | None:
    """One member's shrunk rate with its variance; None where it has no row.

    The rate is the mean of the beta posterior, (x + kp)/(n + k). Its variance is that of C. N. Morris, "Parametric
    Empirical Bayes Inference: Theory and Applications", JASA 78 (1983) 47-55, for a common mean:
    V(1 − B(1 − 1/m)) + 2/(m − 3)·B²(x/n − p)², so that a rate pulled wholly to the mean is not taken to be sure. V is that
    of a proportion with one good and one bad row added (A. Agresti & B. Caffo, The American Statistician 54 (2000) 280-288):
    one case that went well has a margin too.
    """
    if not counted.count:
        return None
    own = counted.total / counted.count
    pull = prior.pull(counted.count)
    rate = own + pull * (prior.mean - own)
    chance = _chance(rate, counted.count)
    members = prior.members
    variance = chance * (1 - pull * (1 - Fraction(1, members)))
    if pull and members >= LEAST_MEMBERS:
        variance += Fraction(2, members - 3) * pull**2 * (own - prior.mean) ** 2
    return Shrunk(counted, prior.mean, rate, variance)


def plain(counted: Counted, mean: Fraction) -> Shrunk | None:
    """One member's own rate without shrinking; None where it has no row."""
    return shrunk(counted, Prior(mean, Fraction(), 1))


def shrink(members: Mapping[int, Counted], *, shrinks: bool = True) -> tuple[Prior | None, dict[int, Shrunk]]:
    """All members of one group on one measure: the prior, and each member's shrunk rate; those without rows are left out.

    With `shrinks` false the rates stay as counted, the group's mean is still given.
    """
    prior = prior_of(members)
    if prior is None:
        return None, {}
    if not shrinks:
        prior = Prior(prior.mean, Fraction(), prior.members)
    found = {key: shrunk(row, prior) for key, row in members.items()}
    return prior, {key: row for key, row in found.items() if row is not None}


def _chance(rate: Fraction, count: int) -> Fraction:
    """Variance of a rate from so many rows, one good and one bad row added."""
    added = (rate * count + 1) / (count + 2)
    return added * (1 - added) / (count + 2)
