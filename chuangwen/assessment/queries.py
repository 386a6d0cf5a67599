"""What is in force of the negative list on a day and what it does, and our own score for an official test."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import QuerySet

from chuangwen.assessment.forecasting import score_of
from chuangwen.assessment.models import Forecast, Incident, Sanction
from chuangwen.kernel.scoring.estimate import round_half_up
from chuangwen.standards.models import Scheme


def incidents_in_force(day: dt.date) -> QuerySet[Incident]:
    """Events that count on that day: happened, not expired (the day of expiry itself no longer counts), not lifted."""
    rows = Incident.objects.filter(on__lte=day, expires_on__gt=day, lifted_reason="")
    return rows.select_related("rule__scheme").order_by("rule__scheme", "-on", "pk")


@dataclass(frozen=True)
class Effect:
    """What events in force do to one scheme: points off the forecast, and until when no application is possible."""

    points: Decimal
    barred_until: dt.date | None
    incidents: tuple[Incident, ...]


def effect_of(incidents: Sequence[Incident]) -> Effect:
    """Points add up; sanctions other than a deduction bar until the last of them expires."""
    barring = [row.expires_on for row in incidents if row.rule.sanction != Sanction.DEDUCT]
    points = sum((row.points for row in incidents), Decimal())
    return Effect(points, max(barring, default=None), tuple(incidents))


def our_score(scheme: Scheme, year: int, front: str) -> tuple[Decimal | None, Decimal | None]:
    """Our last kept score of that test and its margin, in points; both None where no forecast was kept.

    It is the score before the learnt bias is taken off, since the bias is learnt from it.
    """
    row = Forecast.objects.filter(rule__edition__scheme=scheme, year=year).order_by("-at", "-pk").first()
    if row is None or front not in row.parts:
        return None, None
    score = score_of(row.parts[front])
    return round_half_up(score.value, 3), round_half_up((score.below + score.above) / 2, 3)
