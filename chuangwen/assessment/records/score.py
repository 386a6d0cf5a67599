"""Scores of a test from its records, in exact fractions: by item, by department, by street and in total."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from chuangwen.assessment.records.match import Matching, Record, match
from chuangwen.assessment.records.scheme import TABLES, Scheme, TableRule


@dataclass(frozen=True)
class Line:
    """One row of a table: exact `score` out of `full`, and the `records` behind it."""

    name: str
    full: Fraction
    score: Fraction
    records: int
    rank: int = 0

    @property
    def rate(self) -> Fraction:
        """Score by full marks, 0 to 1."""
        return self.score / self.full


@dataclass(frozen=True)
class Tables:
    """The four tables of one way of counting, each in the order of its ranks."""

    items: tuple[Line, ...]
    departments: tuple[Line, ...]
    streets: tuple[Line, ...]
    total: tuple[Line, ...]

    def of(self, which: str) -> tuple[Line, ...]:
        """The table of that name, one of TABLES."""
        found: tuple[Line, ...] = getattr(self, which)
        return found


@dataclass(frozen=True)
class Result:
    """Both ways of counting the same records, and to which item each record was given."""

    records: tuple[Record, ...]
    matching: Matching
    published: Tables
    corrected: Tables

    @property
    def unmatched(self) -> list[int]:
        """Places of the records the published tables by item left out, in the order of their rows."""
        left = [at for at, name in enumerate(self.matching.published) if name is None]
        return sorted(left, key=lambda at: self.records[at].row)

    def differing(self) -> list[str]:
        """Names of the tables in which the two ways differ."""
        return [which for which in TABLES if self.published.of(which) != self.corrected.of(which)]


def assess(records: Sequence[Record], scheme: Scheme) -> Result:
    """Score `records` as the test published it, and as it should have been; the order of records is no matter."""
    matching = match(records, scheme)
    own = [item.as_published for item in scheme.items if item.as_published]
    names = [item.name for item in scheme.items]
    published = _tables(records, matching.published, scheme, own)
    corrected = _tables(records, matching.corrected, scheme, names)
    return Result(tuple(records), matching, published, corrected)


def rounded(value: Fraction, places: int, rounding: str) -> Decimal:
    """`value`, not negative, with that many decimals: half_up, half_even or down. Decided on the exact fraction."""
    whole, rest = divmod(value * 10**places, 1)
    up = rest > Fraction(1, 2) or (rest == Fraction(1, 2) and (rounding == "half_up" or whole % 2 == 1))
    number = int(whole) + (up and rounding != "down")
    # Built from its digits: arithmetic on Decimal would round to the context's 28 digits.
    return Decimal((0, tuple(int(digit) for digit in str(number)), -places))


def _tables(
    records: Sequence[Record], names: Sequence[str | None], scheme: Scheme, listed: Sequence[str]
) -> Tables:
    def naming(rule: TableRule) -> list[Record]:
        return [each for each, name in zip(records, names, strict=True) if name or not rule.only_matched]

    items = _by_item(records, names, scheme.full)
    rules = scheme.tables
    departments = _by_name(
        ((name, each) for each in naming(rules["departments"]) for name in each.departments), scheme.full
    )
    streets = _by_name(((each.street, each) for each in naming(rules["streets"]) if each.street), scheme.full)
    return Tables(
        items=_ranked(items, rules["items"], listed),
        departments=_ranked(departments, rules["departments"], ()),
        streets=_ranked(streets, rules["streets"], ()),
        total=_total(items, rules["total"]),
    )


def _by_item(records: Sequence[Record], names: Sequence[str | None], full: Fraction) -> list[Line]:
    """Score of an item: sum of the averages of its branches; full: as many times the marks of one record."""
    branches: dict[str, dict[str, list[Fraction]]] = defaultdict(lambda: defaultdict(list))
    for each, name in zip(records, names, strict=True):
        if name is not None:
            branches[name][each.branch].append(each.score)
    return [
        Line(
            name,
            full * len(marks),
            sum((sum(of_one, Fraction()) / len(of_one) for of_one in marks.values()), Fraction()),
            sum(map(len, marks.values())),
        )
        for name, marks in branches.items()
    ]


def _by_name(named: Iterable[tuple[str, Record]], full: Fraction) -> list[Line]:
    """Score: sum of all records that name it; full: the marks all of them could have had."""
    sums: dict[str, Fraction] = defaultdict(Fraction)
    counts: Counter[str] = Counter()
    for name, each in named:
        sums[name] += each.score
        counts[name] += 1
    return [Line(name, full * counts[name], score, counts[name]) for name, score in sums.items()]


def _total(items: Sequence[Line], rule: TableRule) -> tuple[Line, ...]:
    if not items:
        return ()
    full = sum((line.full for line in items), Fraction())
    score = sum((line.score for line in items), Fraction())
    return (Line(rule.name, full, score, sum(line.records for line in items), 1),)


def _ranked(lines: Iterable[Line], rule: TableRule, listed: Sequence[str]) -> tuple[Line, ...]:
    """By exact rate, highest first; equal rates by the rule's order, at last by name. Ranks are never shared."""
    order = rule.ties if isinstance(rule.ties, tuple) else listed if rule.ties == "listed" else ()
    place: Mapping[str, int] = {name: at for at, name in enumerate(order)}

    def key(line: Line) -> tuple[Fraction, int, int, str]:
        by_records = -line.records if rule.ties == "records" else 0
        return -line.rate, place.get(line.name, len(place)), by_records, line.name

    return tuple(
        Line(line.name, line.full, line.score, line.records, rank)
        for rank, line in enumerate(sorted(lines, key=key), 1)
    )
