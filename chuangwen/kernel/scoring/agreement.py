"""Whether two raters see the same: Cohen's kappa with its interval, from counts, and the items to calibrate on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from enum import StrEnum
from fractions import Fraction

from chuangwen.kernel.scoring.estimate import DIGITS, Number, decimal, exact
from chuangwen.kernel.scoring.quantiles import CONFIDENCE, CONTEXT, two_sided_normal

FLOOR = Decimal("0.6")
# With fewer pairs a kappa under the floor is judged by its interval alone; a setting, given here as the usual choice.
ENOUGH = 30

Matrix = Sequence[Sequence[Number]]
Exact = list[list[int | Fraction]]


class Scale(StrEnum):
    """How much a pair of different grades still agrees: not at all, by steps apart, by steps apart squared."""

    SAME = "same"
    LINEAR = "linear"
    QUADRATIC = "quadratic"


@dataclass(frozen=True)
class Table:
    """Pairs of ratings of one place: `counts[i][j]` times the first rater gave `grades[i]` and the second `grades[j]`.

    Grades stand in order, such as pass and fail or A, B, C. Raises ValueError for less than two grades, a table that is
    not square or a count below 0.
    """

    grades: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]

    def __post_init__(self) -> None:
        size = len(self.grades)
        if size < 2 or len(set(self.grades)) < size:
            raise ValueError(
                f"grades {', '.join(self.grades) or 'none'}: two or more different ones are needed"
            )
        if len(self.counts) != size or any(len(row) != size for row in self.counts):
            raise ValueError(f"{size} grades need a table of {size} by {size} counts")
        if any(count < 0 for row in self.counts for count in row):
            raise ValueError("a count of pairs is below 0")

    @classmethod
    def of(cls, grades: Sequence[str], pairs: Iterable[tuple[str, str]]) -> Table:
        """The table of these pairs (first rater, second rater). Raises ValueError for a grade that is not among `grades`."""
        place = {grade: index for index, grade in enumerate(grades)}
        counts = [[0] * len(place) for _ in place]
        for pair in pairs:
            strange = [grade for grade in pair if grade not in place]
            if strange:
                raise ValueError(f"grade {strange[0]} is not one of {', '.join(grades)}")
            counts[place[pair[0]]][place[pair[1]]] += 1
        return cls(tuple(grades), tuple(map(tuple, counts)))

    @property
    def n(self) -> int:
        """Number of pairs."""
        return sum(map(sum, self.counts))

    @property
    def turned(self) -> Table:
        """The same with first and second rater exchanged."""
        return Table(self.grades, tuple(zip(*self.counts, strict=True)))

    def __add__(self, other: Table) -> Table:
        if self.grades != other.grades:
            raise ValueError(f"grades {', '.join(self.grades)} and {', '.join(other.grades)} cannot be added")
        return Table(
            self.grades,
            tuple(
                tuple(a + b for a, b in zip(mine, theirs, strict=True))
                for mine, theirs in zip(self.counts, other.counts, strict=True)
            ),
        )


@dataclass(frozen=True)
class Agreement:
    """Kappa of `n` pairs: 1 full agreement, 0 as much as chance makes, below 0 less.

    `kappa` is exact, None where both raters gave one grade to everything: chance then explains all there is to explain.
    `error` is its standard error, `low` and `high` enclose it. `observed` is the share of agreement (weighted as asked),
    `expected` that by chance, `ac1` Gwet's coefficient, which stays steady where nearly all places get one grade.
    """

    n: int
    kappa: Fraction | None
    error: Decimal | None
    low: Decimal | None
    high: Decimal | None
    observed: Fraction
    expected: Fraction
    ac1: Fraction

    @property
    def undefined(self) -> bool:
        """Both raters gave everything the same one grade."""
        return self.kappa is None


class Doubt(StrEnum):
    """Why an item is weak: even the upper end is under the floor, or the value is and there are enough pairs."""

    SURE = "sure"
    LIKELY = "likely"


@dataclass(frozen=True)
class WeakItem:
    """A check item on which raters do not agree enough.

    `lopsided`: AC1 reaches the floor, so it is the rarity of one grade rather than the raters that holds kappa down
    (Feinstein & Cicchetti, Journal of Clinical Epidemiology 43, 1990, 543-549); look at the pairs before blaming.
    """

    key: str
    doubt: Doubt
    lopsided: bool
    agreement: Agreement


def agreement(
    table: Table, scale: Scale | Matrix = Scale.SAME, confidence: Decimal = CONFIDENCE
) -> Agreement | None:
    """Cohen's kappa of a table; None without pairs.

    Sources: J. Cohen, Educational and Psychological Measurement 20 (1960) 37-46; weighted: Psychological Bulletin 70
    (1968) 213-220; standard error: J. L. Fleiss, J. Cohen & B. S. Everitt, Psychological Bulletin 72 (1969) 323-327;
    AC1: K. L. Gwet, British Journal of Mathematical and Statistical Psychology 61 (2008) 29-48.

    The interval is that of the same formulas after two pairs are spread evenly over the cells (one half in each of four:
    J. B. S. Haldane, Annals of Human Genetics 20, 1956, 309-311), widened to hold kappa. Without it, twenty pairs with
    few failures give an interval that covers the true kappa in 45 to 92 % of cases; with it, in 91 % and more.

    `scale` may also be a matrix of agreement weights, 1 on the diagonal and 0 to 1 elsewhere. Raises ValueError else.
    """
    n = table.n
    if not n:
        return None
    weights = _weights(len(table.grades), scale)
    cells: Exact = [list(row) for row in table.counts]
    observed = Fraction(_observed(cells, weights)) / n
    expected = Fraction(_expected(cells, weights)) / (n * n)
    ac1 = _ac1(cells)
    if expected == 1:
        return Agreement(n, None, None, None, None, observed, expected, ac1)
    kappa, variance = _kappa(cells, weights, n)
    with localcontext(CONTEXT):
        error = decimal(variance).sqrt().quantize(DIGITS)
        low, high = _interval(table, weights, kappa, two_sided_normal(confidence))
    return Agreement(n, kappa, error, low, high, observed, expected, ac1)


def kappa_of(table: Table) -> Fraction | None:
    """Only the kappa of `agreement(table)`, without its interval: a tenth of the work, to put many tables in order.

    None without pairs and where both raters gave one grade to everything.
    """
    n, counts = table.n, table.counts
    matched = sum(row[i] for i, row in enumerate(counts))
    chance = sum(
        sum(row) * sum(column) for row, column in zip(counts, zip(*counts, strict=True), strict=True)
    )
    return Fraction(n * matched - chance, n * n - chance) if n * n > chance else None


def rater_tables(grades: Sequence[str], pairs: Iterable[tuple[str, str, str, str]]) -> dict[str, Table]:
    """Every rater against all who rated with him: pairs of (rater, other rater, his grade, the other's grade)."""
    seen: dict[str, list[tuple[str, str]]] = {}
    for first, second, grade, other in pairs:
        if first == second:
            raise ValueError(f"rater {first} is paired with himself: a second look needs a second rater")
        seen.setdefault(first, []).append((grade, other))
        seen.setdefault(second, []).append((other, grade))
    return {rater: Table.of(grades, found) for rater, found in sorted(seen.items())}


def weak_items(
    tables: Mapping[str, Table],
    floor: Decimal = FLOOR,
    *,
    enough: int = ENOUGH,
    scale: Scale | Matrix = Scale.SAME,
    confidence: Decimal = CONFIDENCE,
) -> tuple[WeakItem, ...]:
    """Items (or raters) whose agreement is under the floor, the surest and lowest first.

    An item is weak if the upper end of kappa is under the floor, or kappa is and there are `enough` pairs. Items that
    only ever got one grade have no kappa and full agreement: they are not weak.
    """
    seen = {key: agreement(table, scale, confidence) for key, table in tables.items()}
    return weak_of({key: how for key, how in seen.items() if how is not None}, floor, enough=enough)


def weak_of(
    found: Mapping[str, Agreement], floor: Decimal = FLOOR, *, enough: int = ENOUGH
) -> tuple[WeakItem, ...]:
    """The same of agreements that are known already."""
    weak = []
    for key, seen in found.items():
        if seen.kappa is None or seen.high is None or seen.kappa >= floor:
            continue
        if seen.high < floor:
            weak.append(WeakItem(key, Doubt.SURE, seen.ac1 >= floor, seen))
        elif seen.n >= enough:
            weak.append(WeakItem(key, Doubt.LIKELY, seen.ac1 >= floor, seen))
    return tuple(
        sorted(weak, key=lambda item: (item.doubt != Doubt.SURE, item.agreement.kappa or 0, item.key))
    )


def _weights(size: int, scale: Scale | Matrix) -> Exact:
    if isinstance(scale, Scale):
        power = {Scale.LINEAR: 1, Scale.QUADRATIC: 2}.get(scale)
        if power is None:
            return [[int(i == j) for j in range(size)] for i in range(size)]
        return [
            [1 - Fraction(abs(i - j) ** power, (size - 1) ** power) for j in range(size)] for i in range(size)
        ]
    found = [[exact(weight) for weight in row] for row in scale]
    square = len(found) == size and all(len(row) == size for row in found)
    if (
        not square
        or any(found[i][i] != 1 for i in range(size))
        or any(not 0 <= w <= 1 for row in found for w in row)
    ):
        raise ValueError(
            f"weights of agreement: {size} by {size} numbers from 0 to 1 with 1 on the diagonal are needed"
        )
    return found


# All of these take counts and not shares: whole numbers are five times as quick as fractions.


def _margins(cells: Exact) -> tuple[list[int | Fraction], list[int | Fraction]]:
    return [sum(row) for row in cells], [sum(column) for column in zip(*cells, strict=True)]


def _observed(cells: Exact, weights: Exact) -> int | Fraction:
    """Weighted count of agreement: its share × n."""
    return sum(w * p for row, ps in zip(weights, cells, strict=True) for w, p in zip(row, ps, strict=True))


def _expected(cells: Exact, weights: Exact) -> int | Fraction:
    """That by chance: its share × n²."""
    first, second = _margins(cells)
    return sum(weights[i][j] * a * b for i, a in enumerate(first) for j, b in enumerate(second))


def _kappa(cells: Exact, weights: Exact, n: Number) -> tuple[Fraction, Fraction]:
    """Kappa and its large-sample variance for n pairs, Fleiss, Cohen & Everitt 1969, both sides times powers of the sum."""
    first, second = _margins(cells)
    size, whole = range(len(cells)), sum(first)
    observed, expected = _observed(cells, weights), _expected(cells, weights)
    chance, missed = whole * whole - expected, whole * (whole - observed)  # 1 - kappa = missed / chance
    above = whole * observed - expected
    rows = [sum(weights[i][j] * second[j] for j in size) for i in size]
    columns = [sum(weights[i][j] * first[i] for i in size) for j in size]
    spread = sum(
        cells[i][j] * (weights[i][j] * whole * chance - (rows[i] + columns[j]) * missed) ** 2
        for i in size
        for j in size
    )
    centre = above * whole * whole - expected * missed
    return Fraction(above) / chance, Fraction(spread * whole - centre**2) / (exact(n) * chance**4)


def _interval(table: Table, weights: Exact, kappa: Fraction, z: Decimal) -> tuple[Decimal, Decimal]:
    cells = len(table.grades) ** 2
    # Two pairs spread evenly, all counts times the number of cells.
    steadied: Exact = [[count * cells + 2 for count in row] for row in table.counts]
    centre, variance = _kappa(steadied, weights, table.n + 2)
    reach = z * decimal(variance).sqrt()
    low = min(decimal(kappa), max(Decimal(-1), decimal(centre) - reach))
    high = max(decimal(kappa), min(Decimal(1), decimal(centre) + reach))
    return low.quantize(DIGITS), high.quantize(DIGITS)


def _ac1(cells: Exact) -> Fraction:
    """Gwet 2008: chance agreement is Σπ(1 − π) / (grades − 1), π the mean share of a grade."""
    first, second = _margins(cells)
    both = [a + b for a, b in zip(first, second, strict=True)]
    n, others = sum(first), len(cells) - 1
    chance = sum(given * (2 * n - given) for given in both)
    agreed = sum(cells[i][i] for i in range(len(cells)))
    return Fraction(4 * n * others * agreed - chance) / (4 * n * n * others - chance)
