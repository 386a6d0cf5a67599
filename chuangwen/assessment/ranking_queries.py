"""What pages read of rankings: one month's table with its bands, what changed since the month before, the course over months.

The rows behind one figure are in `ranking_facts`.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from django.db.models import QuerySet

from chuangwen.assessment import rules
from chuangwen.assessment.measures import MEASURES, Measure
from chuangwen.assessment.ranking_models import PeerGroup, Ranking, RankLine, RankState
from chuangwen.kernel.models import Person
from chuangwen.kernel.scoring.rank_intervals import moved

TOLD = (RankState.PREVIEW, RankState.FROZEN)


class Column(NamedTuple):
    """One measure as the rule has it: the measure, its weight in per cent as text, and how it treats a missing one."""

    code: str
    measure: Measure | None
    weight: str
    missing: str
    cap: str | None
    floor: str | None

    @property
    def label(self) -> str:
        return str(self.measure.label) if self.measure else self.code


@dataclass(frozen=True)
class Part:
    """One measure of one line, numbers exact: good of count, rate, the group's mean, the shrunk rate, points of weight."""

    code: str
    good: Decimal
    count: int
    rate: Decimal | None
    mean: Decimal | None
    shrunk: Decimal | None
    weight: Decimal
    points: Decimal | None
    late: int

    @property
    def is_missing(self) -> bool:
        return self.count == 0

    @property
    def is_whole(self) -> bool:
        """Whether what is good can be counted in things, such as 187 of 190 cases."""
        return self.good == self.good.to_integral_value()

    @property
    def lost(self) -> Decimal:
        """How many things' worth is missing."""
        return self.count - self.good

    @property
    def against_mean(self) -> Decimal | None:
        """Points more (below 0: fewer) than the group's mean rate would earn without cap and floor."""
        if self.shrunk is None or self.mean is None:
            return None
        return (self.shrunk - self.mean) * self.weight


@dataclass
class Row:
    """One line with its parts in the order of the rule, and the same subject's line of the month compared with."""

    line: RankLine
    parts: list[Part]
    before: RankLine | None = None

    @property
    def change(self) -> Decimal | None:
        """Points more than in the month compared with; None where one of both has no score."""
        if self.before is None or self.line.score is None or self.before.score is None:
            return None
        return self.line.score - self.before.score

    @property
    def is_sure(self) -> bool:
        """Whether the change is more than both margins leave open."""
        change = self.change
        if change is None or self.before is None:
            return False
        margins = [Fraction(line.margin or 0) for line in (self.line, self.before)]
        return Fraction(change) ** 2 > sum(margin**2 for margin in margins)

    @property
    def moved(self) -> str:
        """`up`, `down` or nothing: said only where possible ranks of both months, in one group, do not overlap."""
        now, then = self.line, self.before
        if then is None or now.group_id != then.group_id:
            return ""
        if now.rank_low is None or now.rank_high is None or then.rank_low is None or then.rank_high is None:
            return ""
        return moved(now.rank_low, now.rank_high, then.rank_low, then.rank_high)

    @property
    def late(self) -> int:
        """Facts of closed months among what was counted."""
        return sum(part.late for part in self.parts)


@dataclass
class Band:
    """One band: its rows in order of score, the first and last rank they have by score."""

    number: int
    rows: list[Row] = field(default_factory=list)

    @property
    def first(self) -> int | None:
        return min((row.line.rank for row in self.rows if row.line.rank), default=None)

    @property
    def last(self) -> int | None:
        return max((row.line.rank for row in self.rows if row.line.rank), default=None)


@dataclass
class GroupTable:
    """One peer group (None: all together): its bands, and those that are listed but not ranked."""

    group: PeerGroup | None
    bands: list[Band] = field(default_factory=list)
    unranked: list[Row] = field(default_factory=list)

    @property
    def ranked(self) -> int:
        return sum(len(band.rows) for band in self.bands)


@dataclass
class Table:
    """One ranking as a page shows it; `before` is the month compared with."""

    ranking: Ranking
    columns: list[Column]
    groups: list[GroupTable]
    before: Ranking | None = None

    @property
    def rows(self) -> list[Row]:
        return [
            row
            for group in self.groups
            for row in [*(row for band in group.bands for row in band.rows), *group.unranked]
        ]

    @property
    def is_rule_changed(self) -> bool:
        """Scores by another version of the rule are not one course."""
        return self.before is not None and self.before.rule_id != self.ranking.rule_id


def rankings(person: Person, subject: str = "") -> QuerySet[Ranking]:
    """The rankings this person may see, newest month first; void ones last asked for are among them."""
    rows = rules.see_ranking.filter(Ranking.objects.select_related("rule"), person)
    if subject:
        rows = rows.filter(subject_kind=subject)
    return rows.order_by("-month", "subject_kind", "-pk")


def lines_of(ranking: Ranking, person: Person) -> QuerySet[RankLine]:
    """The lines this person may see as published, best first in each group."""
    rows = RankLine.objects.filter(ranking=ranking).select_related("ranking__rule", "unit", "group")
    return rules.see_line.filter(rows, person).order_by("group__rank", "group_id", "rank", "-score", "pk")


def line_of(ranking: Ranking, key: int, person: Person) -> RankLine | None:
    """One subject's line, or None where there is none or this person may not see it."""
    return lines_of(ranking, person).filter(key=key).first()


def ranking_table(ranking: Ranking, *, person: Person) -> Table:
    """The table of one ranking under the rules: three queries with the month compared with, two without."""
    lines = list(lines_of(ranking, person))
    before = previous(ranking)
    old = {}
    if before is not None:
        old = {line.key: line for line in RankLine.objects.filter(ranking=before)}
    columns = columns_of(ranking)
    table = Table(ranking, columns, [], before)
    found: dict[int | None, GroupTable] = {}
    for line in lines:
        group = found.get(line.group_id)
        if group is None:
            group = found[line.group_id] = GroupTable(line.group)
            table.groups.append(group)
        row = Row(line, parts_of(line, columns), old.get(line.key))
        if line.rank is None:
            group.unranked.append(row)
        else:
            _into_band(group, row)
    # A group's own order; those in no group at the end.
    table.groups.sort(key=lambda one: (one.group is None, one.group.rank if one.group else 0))
    return table


def columns_of(ranking: Ranking) -> list[Column]:
    """The rule's measures in its order."""
    return [
        Column(
            row["code"], MEASURES.get(row["code"]), str(row["weight"]), row.get("missing", "skip"), row.get("cap"),
            row.get("floor"),
        )
        for row in ranking.rule.measures
    ]  # fmt: skip


def parts_of(line: RankLine, columns: Sequence[Column]) -> list[Part]:
    """The line's parts in the order of the columns; one without data has count 0 and no points."""
    return [_part(column.code, line.parts.get(column.code, {})) for column in columns]


def row_of(line: RankLine) -> Row:
    """One line opened: its parts and its line of the month compared with. Two queries."""
    before = previous(line.ranking)
    then = RankLine.objects.filter(ranking=before, key=line.key).first() if before else None
    return Row(line, parts_of(line, columns_of(line.ranking)), then)


def previous(ranking: Ranking) -> Ranking | None:
    """The ranking of the same subject to compare with: the last earlier month that units have seen."""
    rows = Ranking.objects.filter(subject_kind=ranking.subject_kind, month__lt=ranking.month, state__in=TOLD)
    return rows.order_by("-month").first()


def most_improved(table: Table, most: int = 5) -> list[Row]:
    """Who gained most points on the month compared with; more than noise first. Nothing to compare with: nobody."""
    gained = [row for row in table.rows if row.change is not None and row.change > 0 and row.line.rank]
    gained.sort(key=lambda row: (not row.is_sure, -(row.change or 0), row.line.key))
    return gained[:most]


class Point(NamedTuple):
    """One month of a subject's course; `of` is how many were ranked in its group."""

    ranking: Ranking
    line: RankLine
    of: int


def course(
    subject: str, key: int, *, person: Person, months: int = 12, until: dt.date | None = None
) -> list[Point]:
    """One subject's lines over the months, oldest first, by what this person may see. Two queries."""
    rows = RankLine.objects.filter(ranking__subject_kind=subject, ranking__state__in=TOLD, key=key)
    if until:
        rows = rows.filter(ranking__month__lte=until)
    seen = rules.see_line.filter(rows.select_related("ranking__rule", "group"), person)
    lines = list(seen.order_by("-ranking__month")[:months])[::-1]
    counts = _ranked_in([line.ranking_id for line in lines])
    return [Point(line.ranking, line, counts[line.ranking_id, line.group_id]) for line in lines]


def _ranked_in(rankings: Iterable[int]) -> dict[tuple[int, int | None], int]:
    """(ranking, group) → how many have a rank."""
    rows = RankLine.objects.filter(ranking__in=list(rankings), rank__isnull=False).values_list(
        "ranking_id", "group_id"
    )
    found: dict[tuple[int, int | None], int] = defaultdict(int)
    for pair in rows:
        found[pair] += 1
    return found


def _into_band(group: GroupTable, row: Row) -> None:
    number = row.line.band or 0
    if not group.bands or group.bands[-1].number != number:
        group.bands.append(Band(number))
    group.bands[-1].rows.append(row)


def _part(code: str, kept: dict[str, Any]) -> Part:
    def number(name: str) -> Decimal | None:
        return None if kept.get(name) is None else Decimal(kept[name])

    return Part(
        code, number("good") or Decimal(), kept.get("count", 0), number("rate"), number("mean"), number("shrunk"),
        number("weight") or Decimal(), number("points"), kept.get("late", 0),
    )  # fmt: skip
