"""Forecasts as they were kept: the last one with its three fronts, the course of a year, what moved since last month."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chuangwen.assessment import rules
from chuangwen.assessment.forecasting import points, score_of
from chuangwen.assessment.models import Forecast, Front
from chuangwen.kernel.people.models import Person
from chuangwen.kernel.scoring.forecast import Change, Move, moved
from chuangwen.kernel.scoring.fronts import Score

FRONTS = (Front.DOSSIER, Front.SITE, Front.SURVEY)
MOVES: dict[str, Promise] = {
    Move.WITHIN_NOISE: _("在误差内"),
    Move.MORE: _("高于误差，是真的变化"),
    Move.LESS: _("低于误差，是真的变化"),
}


class Scale(NamedTuple):
    """One scale for all bars of a list: its ends in points; places are per cent for SVG attributes."""

    low: int
    high: int

    def at(self, value: Fraction | Decimal) -> str:
        part = (Decimal(str(float(value))) - self.low) * 100 / (self.high - self.low)
        return f"{min(Decimal(100), max(Decimal(), part)):.1f}%"

    @classmethod
    def over(cls, values: Sequence[Fraction | Decimal]) -> Scale:
        """From the ten below the least value to the ten above the highest, not over 100."""
        low = int(min((float(v) for v in values), default=0)) // 10 * 10
        high = min(100, -(-int(max((float(v) for v in values), default=100) + 0.999) // 10) * 10)
        return cls(low, max(high, low + 10))


@dataclass(frozen=True)
class Bar:
    """A score as a line of the list: words, interval, and where it stood last time."""

    label: str
    href: str
    score: Score | None
    note: str = ""
    was: Score | None = None
    is_total: bool = False

    @property
    def value(self) -> str:
        return points(self.score.value, 1) if self.score else "—"

    @property
    def margin(self) -> str:
        return f"± {points(self.score.margin, 1)}" if self.score and self.score.margin else ""


@dataclass(frozen=True)
class Kept:
    """The forecast as it was kept: its row, the lines, the scale they share."""

    row: Forecast
    lines: tuple[Bar, ...]
    scale: Scale

    @property
    def ends(self) -> tuple[bool, bool]:
        """Whether the low and the high end of the scale are written: not where the word of the goal stands over them."""
        goal, low, high = self.row.rule.goal, self.scale.low, self.scale.high
        if goal is None:
            return True, True
        return (goal - low) * 4 > high - low, (high - goal) * 4 > high - low


def expected_of(row: Forecast) -> Score:
    """The official score a kept forecast expects, with both distances."""
    ends = [Decimal(row.parts[end]) if end in row.parts else row.value for end in ("low", "high")]
    value = Score.of(row.value).value
    return Score(value, max(Decimal(), row.value - ends[0]), max(Decimal(), ends[1] - row.value))


def front_of(row: Forecast, front: Front) -> Score | None:
    """One front of a kept forecast; None where it had no data."""
    return score_of(row.parts[front.value]) if row.parts.get(front.value) else None


def _of_the_city(person: Person) -> QuerySet[Forecast] | None:
    """Forecasts by the city's rule in force, for who may read scores."""
    if not rules.read.allows(person, None):
        return None
    return Forecast.objects.select_related("rule").filter(
        rule__is_current=True, rule__edition__is_current=True, rule__edition__scheme__kind="city"
    )


def kept_fronts(person: Person) -> Kept | None:
    """The last forecast kept by the rule of the city in force; None for who may not read scores or without one (one query)."""
    rows = _of_the_city(person)
    row = rows.order_by("-at", "-pk").first() if rows is not None else None
    return lines_of(row) if row else None


def lines_of(row: Forecast, before: Forecast | None = None) -> Kept:
    """The lines of one kept forecast, each beside where an earlier one had it; nothing is reckoned anew."""
    lines = [
        Bar(
            str(front.label),
            f"/scores/front/{front.value}/?year={row.year}",
            front_of(row, front),
            was=front_of(before, front) if before else None,
        )
        for front in FRONTS
    ]
    expected = expected_of(row)
    shown = [line.score for line in lines if line.score] + [expected]
    scale = Scale.over(
        [end for score in shown for end in (score.low, score.high)]
        + ([row.rule.goal] if row.rule.goal else [])
    )
    was = expected_of(before) if before else None
    total = Bar("", f"/scores/?year={row.year}", expected, was=was, is_total=True)
    return Kept(row, (*lines, total), scale)


@dataclass(frozen=True)
class Course:
    """The last forecast of each month, oldest first, and what moved since the month before (None in the first month)."""

    rows: tuple[Forecast, ...]

    @property
    def last(self) -> Forecast:
        return self.rows[-1]

    @property
    def before(self) -> Forecast | None:
        return self.rows[-2] if len(self.rows) > 1 else None

    @property
    def change(self) -> Change | None:
        return moved(expected_of(self.last), expected_of(self.before)) if self.before else None


def course(person: Person, months: int = 6, today: dt.date | None = None) -> Course | None:
    """The course of the kept forecasts: of each of so many months back the last one kept (two queries).

    None for who may not read scores, or where none was kept in that time.
    """
    rows = _of_the_city(person)
    if rows is None:
        return None
    today = today or timezone.localdate()
    ahead = today.year * 12 + today.month - months
    first = timezone.make_aware(dt.datetime(ahead // 12, ahead % 12 + 1, 1))
    last_of: dict[tuple[int, int], int] = {}
    for pk, at in rows.filter(at__gte=first).order_by("at", "pk").values_list("pk", "at"):
        day = timezone.localdate(at)
        last_of[day.year, day.month] = pk
    found = rows.in_bulk(last_of.values())
    return Course(tuple(found[pk] for pk in last_of.values())) if found else None
