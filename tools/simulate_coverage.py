"""Prints how often the interval of a draw covers the truth in simulated cities: tools/simulate_coverage.py [CITIES] [SEED]

Each city has 5,000 places in 30 to 50 strata of very unequal size. The rate of a stratum is spread around that of its
city, which lies between 60 % and 98 %; places pass or fail, or are graded in tenths. Draws are allocated in proportion
with at least one or two visits per stratum (see SETTINGS).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from chuangwen.kernel.scoring.estimate import Stratum, estimate

PLACES = 5000
TENTHS = 10
Ints = np.ndarray[tuple[int], np.dtype[np.int64]]


@dataclass(frozen=True)
class Setting:
    """A draw of `visits` places with at least `least` in each stratum; `graded` scores in tenths, else pass or fail."""

    visits: int
    least: int
    graded: bool

    def __str__(self) -> str:
        kind = "graded in tenths" if self.graded else "pass or fail"
        return f"{self.visits:>4} visits, at least {self.least} per stratum, {kind}"


SETTINGS = tuple(
    Setting(visits, least, graded)
    for graded in (False, True)
    for visits, least in ((78, 1), (150, 1), (150, 2), (300, 2))
)


@dataclass(frozen=True)
class City:
    """Places per stratum; for all places, stratum by stratum and shuffled within it, the sums of scores so far.

    The first n places of a stratum are thus a random draw of n, and a longer draw holds the shorter one. Sums stand
    by graded (in tenths) or not.
    """

    sizes: Ints
    sums: dict[bool, tuple[Ints, Ints]]

    def truth(self, graded: bool) -> Fraction:
        """The mean score of all places."""
        return Fraction(int(self.sums[graded][0][-1]), PLACES * (TENTHS if graded else 1))


def make_city(rng: np.random.Generator) -> City:
    """A city of 5,000 places with unequal strata and rates, many of them near 1."""
    shares = rng.lognormal(0, 1, rng.integers(30, 51))
    sizes = np.maximum(4, np.floor(PLACES * shares / shares.sum())).astype(np.int64)
    sizes[np.argmax(sizes)] += PLACES - sizes.sum()
    strata = np.repeat(np.arange(len(sizes)), sizes)
    middle, alike = rng.uniform(0.6, 0.98), rng.choice([5, 15, 50])
    rates = rng.beta(middle * alike, (1 - middle) * alike, len(sizes))[strata]
    spread = rng.choice([1.5, 4, 12])
    own = rng.beta(np.maximum(rates * spread, 1e-9), np.maximum((1 - rates) * spread, 1e-9))
    passed, graded = (rng.random(PLACES) < rates).astype(np.int64), rng.binomial(TENTHS, own)
    shuffled = np.lexsort((rng.random(PLACES), strata))
    return City(sizes, {False: sums(passed[shuffled]), True: sums(graded[shuffled])})


def sums(scores: Ints) -> tuple[Ints, Ints]:
    """Sum and sum of squares of the first 0, 1, 2, … scores."""
    return np.concatenate([[0], np.cumsum(scores)]), np.concatenate([[0], np.cumsum(scores**2)])


def allocate(sizes: Ints, setting: Setting) -> Ints:
    """Visits per stratum: in proportion, at least `least`, never more than there are places."""
    ideal = setting.visits * sizes / sizes.sum()
    least = np.minimum(sizes, setting.least)
    visits = np.clip(np.floor(ideal).astype(np.int64), least, sizes)
    while visits.sum() < setting.visits:
        visits[np.argmax(np.where(visits < sizes, ideal - visits, -np.inf))] += 1
    while visits.sum() > max(setting.visits, least.sum()):
        visits[np.argmax(np.where(visits > least, visits - ideal, -np.inf))] -= 1
    return visits


def draw(city: City, setting: Setting) -> Iterator[Stratum]:
    """The visited strata with their exact sums."""
    starts, visits = np.cumsum(city.sizes) - city.sizes, allocate(city.sizes, setting)
    totals, squares = (whole[starts + visits] - whole[starts] for whole in city.sums[setting.graded])
    columns = (starts, city.sizes, visits, totals, squares)
    for start, size, count, total, square in zip(*(column.tolist() for column in columns), strict=True):
        exact = (Fraction(total, TENTHS), Fraction(square, TENTHS**2)) if setting.graded else (total, square)
        yield Stratum(str(start), size, count, *exact)


@dataclass
class Tally:
    """How many intervals there were, how many covered the truth, how many lay wholly below or above it, half widths."""

    intervals: int = 0
    covered: int = 0
    below: int = 0
    above: int = 0
    margins: Decimal = Decimal()

    def add(self, truth: Fraction, low: Decimal, high: Decimal) -> None:
        self.intervals += 1
        self.below += high < truth
        self.above += low > truth
        self.covered += low <= truth <= high
        self.margins += (high - low) / 2

    @property
    def share(self) -> Fraction:
        """Covered intervals out of all, exact."""
        return Fraction(self.covered, self.intervals)


def simulate(cities: int, seed: int, settings: tuple[Setting, ...] = SETTINGS) -> dict[Setting, Tally]:
    """Every setting drawn once in each of so many cities, always the same for the same seed."""
    rng = np.random.default_rng(seed)
    tallies = {setting: Tally() for setting in settings}
    for _ in range(cities):
        city = make_city(rng)
        for setting, tally in tallies.items():
            found = estimate(draw(city, setting))
            if found is not None:
                tally.add(city.truth(setting.graded), found.low, found.high)
    return tallies


def main() -> None:
    cities, seed = (int(word) for word in (sys.argv[1:] + ["2000", "1"][len(sys.argv) - 1 :])[:2])
    print(f"{cities} cities, seed {seed}: 95 % intervals that cover the truth")
    for setting, tally in simulate(cities, seed).items():
        half = 100 * tally.margins / tally.intervals
        print(
            f"{setting!s:<56} {100 * float(tally.share):5.2f} %   too low {100 * tally.below / cities:4.2f} %   "
            f"too high {100 * tally.above / cities:4.2f} %   margin ±{half:.1f} points"
        )


if __name__ == "__main__":
    main()
