"""三条线 on the first pages: the last kept forecast with its three fronts, from one row, nothing reckoned anew."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from chuangwen.assessment import rules
from chuangwen.assessment.forecasting import score_of
from chuangwen.assessment.models import Forecast, Front
from chuangwen.faces.desk.scores import Bar, Scale
from chuangwen.kernel.people.models import Person
from chuangwen.kernel.scoring.fronts import Score


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


def kept_fronts(person: Person) -> Kept | None:
    """The last forecast kept by the rule of the city in force; None for who may not read scores or without one (one query)."""
    if not rules.read.allows(person, None):
        return None
    rows = Forecast.objects.select_related("rule").filter(
        rule__is_current=True, rule__edition__is_current=True, rule__edition__scheme__kind="city"
    )
    row = rows.order_by("-at", "-pk").first()
    return _of(row) if row else None


def _of(row: Forecast) -> Kept:
    lines = [
        Bar(
            str(front.label),
            f"/scores/front/{front.value}/?year={row.year}",
            score_of(row.parts[front.value]) if row.parts.get(front.value) else None,
        )
        for front in (Front.DOSSIER, Front.SITE, Front.SURVEY)
    ]
    value = Score.of(row.value)
    ends = [Decimal(row.parts[end]) if end in row.parts else row.value for end in ("low", "high")]
    expected = Score(value.value, max(Decimal(), row.value - ends[0]), max(Decimal(), ends[1] - row.value))
    shown = [line.score for line in lines if line.score] + [expected]
    scale = Scale.over(
        [end for score in shown for end in (score.low, score.high)]
        + ([row.rule.goal] if row.rule.goal else [])
    )
    total = Bar("", f"/scores/?year={row.year}", expected, is_total=True)
    return Kept(row, (*lines, total), scale)
