"""From three fronts to the score a city may expect, with what moved since the last forecast and where points are lost."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, localcontext
from fractions import Fraction
from functools import cached_property
from typing import Any

from django.db import transaction
from django.db.models import Case, Value, When
from django.utils import timezone

from chuangwen.assessment.counted_fronts import CountedFront, paper_front, survey_front
from chuangwen.assessment.models import Forecast, Front, Incident, OfficialResult, Sanction, ScoreRule
from chuangwen.assessment.site_front import SiteFront, round_front, scoring_round
from chuangwen.inspections.models import Round
from chuangwen.kernel.city import setting
from chuangwen.kernel.people.models import Person
from chuangwen.kernel.scoring import forecast as forecasts
from chuangwen.kernel.scoring import fronts as scoring
from chuangwen.kernel.scoring import weakness
from chuangwen.kernel.scoring.estimate import round_half_up
from chuangwen.kernel.scoring.quantiles import CONTEXT
from chuangwen.standards.models import Edition, Requirement


@dataclass(frozen=True)
class Fronts:
    """The three fronts of one edition in one year, each None where there is nothing to tell it from."""

    edition: Edition
    year: int
    round: Round | None
    site: SiteFront | None
    paper: CountedFront | None
    survey: CountedFront | None

    @property
    def scores(self) -> dict[str, scoring.Score | None]:
        return {
            Front.DOSSIER.value: self.paper.score if self.paper else None,
            Front.SITE.value: scoring.Score.of_estimate(self.site.estimate) if self.site else None,
            Front.SURVEY.value: self.survey.score if self.survey else None,
        }


def fronts_of(edition: Edition, year: int, confidence: Decimal) -> Fronts:
    """Reads the three fronts; the site front from the year's last drawn round that is known."""
    found = scoring_round(edition, year)
    site = round_front(found, edition, confidence) if found else None
    return Fronts(
        edition, year, found, site, paper_front(edition, year), survey_front(edition, year, confidence)
    )


def scoring_rule(rule: ScoreRule) -> scoring.Rule:
    """The row as the arithmetic reads it. Raises ValueError for weights that do not make 100 %."""
    weights = tuple(scoring.Weight(key, Decimal(str(percent))) for key, percent in rule.fronts.items())
    first = rule.first_year
    years = (
        tuple(scoring.Weight(str(first + i), Decimal(str(w))) for i, w in enumerate(rule.years))
        if first
        else ()
    )
    return scoring.Rule(
        str(rule),
        weights,
        years,
        rule.minors_share,
        rule.minors_floor,
        scoring.Missing(rule.missing),
        source=rule.source,
    )


@dataclass(frozen=True)
class Standing:
    """Where the city stands in a year: fronts, the year's total, the cycle's, and the official score to expect."""

    row: ScoreRule
    rule: scoring.Rule
    city: Fronts
    minors: Fronts | None
    year_score: scoring.Score | None
    minors_score: scoring.Score | None
    total: scoring.Total | None
    cycle: scoring.Score | None
    expected: forecasts.Forecast | None
    before: Forecast | None
    incidents: tuple[Incident, ...]

    @cached_property
    def changes(self) -> dict[str, forecasts.Change]:
        """By front and "total": the change since the last kept forecast, and whether it is more than noise."""
        if self.before is None:
            return {}
        kept = self.before.parts
        now: dict[str, scoring.Score | None] = {
            **self.city.scores,
            "total": self.total.score if self.total else None,
        }
        return {
            key: forecasts.moved(score, score_of(kept[key]))
            for key, score in now.items()
            if score and kept.get(key)
        }


def score_of(kept: Mapping[str, str]) -> scoring.Score:
    """A score as a kept forecast holds it."""
    return scoring.Score(Fraction(kept["value"]), Decimal(kept["below"]), Decimal(kept["above"]))


def kept(score: scoring.Score) -> dict[str, str]:
    """A score as it is kept: the value exact, both distances."""
    return {"value": str(score.value), "below": str(score.below), "above": str(score.above)}


def current_rule(edition: Edition | None = None) -> ScoreRule | None:
    """The rule in force: of that edition, else of the city scheme's edition in force."""
    rows = ScoreRule.objects.select_related("edition__scheme", "minors__scheme").filter(is_current=True)
    rows = (
        rows.filter(edition=edition)
        if edition
        else rows.filter(edition__is_current=True, edition__scheme__kind="city")
    )
    return rows.order_by("-version").first()


def incidents_on(rule: ScoreRule, year: int) -> tuple[Incident, ...]:
    """Events of the negative list that count in that year: begun by its end, not expired before it, not lifted."""
    rows = Incident.objects.select_related("rule").filter(
        rule__scheme=rule.edition.scheme_id, on__year__lte=year, expires_on__year__gte=year, lifted_reason=""
    )
    return tuple(rows)


def pairs_of(rule: ScoreRule) -> list[forecasts.Pair]:
    """Official totals with what we had forecast for them."""
    rows = OfficialResult.objects.filter(
        scheme=rule.edition.scheme_id, front=Front.TOTAL, score__isnull=False, ours__isnull=False
    )
    return [
        forecasts.Pair(str(row.year), scoring.Score.of(row.ours, row.ours_margin or 0), row.score)
        for row in rows.order_by("year")
        if row.ours is not None and row.score is not None
    ]


def _sanctions(incidents: Iterable[Incident]) -> list[scoring.Sanction]:
    return [
        scoring.Sanction(str(row.pk), row.points, bars=row.rule.sanction != Sanction.DEDUCT)
        for row in incidents
    ]


def _cycle(rule: ScoreRule, arithmetic: scoring.Rule, year: int, now: scoring.Score) -> scoring.Score | None:
    """The cycle's score: official totals of its earlier years where entered, this year's as it stands."""
    if not arithmetic.years or str(year) not in {w.key for w in arithmetic.years}:
        return None
    official = OfficialResult.objects.filter(
        scheme=rule.edition.scheme_id,
        front=Front.TOTAL,
        score__isnull=False,
        year__lt=year,
        year__gte=rule.first_year,
    )
    years: dict[str, scoring.Score | None] = {
        str(row.year): scoring.Score.of(row.score) for row in official if row.score is not None
    }
    return scoring.cycle_score(arithmetic, {**years, str(year): now})


def _before(row: ScoreRule, year: int, now: scoring.Score | None) -> Forecast | None:
    """What the forecast is compared with: of those that said something else, the last one a person kept.

    The worker keeps one a day; against yesterday's nothing ever moves. Where nobody has kept one, the last before this
    month, else the last. Where none said anything else, the last one of all.
    """
    month = timezone.localtime().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    rank = Case(When(by__isnull=False, then=Value(0)), When(at__lt=month, then=Value(1)), default=Value(2))
    last = list(Forecast.objects.filter(rule=row, year=year).order_by(rank, "-at", "-pk")[:20])
    said = kept(now) if now else None
    return next((one for one in last if one.parts.get("total") != said), last[0] if last else None)


def _carried(row: ScoreRule, year: int) -> dict[str, scoring.Score]:
    """The fronts of the year before, as the last forecast kept in it has them."""
    rows = Forecast.objects.filter(rule__edition__scheme=row.edition.scheme_id, year=year - 1)
    last = rows.order_by("-at", "-pk").first()
    fronts = (Front.DOSSIER.value, Front.SITE.value, Front.SURVEY.value)
    return {front: score_of(last.parts[front]) for front in fronts if last.parts.get(front)} if last else {}


def standing(row: ScoreRule, year: int) -> Standing:
    """Everything the forecast page shows, in a number of queries that does not grow with the city."""
    city = fronts_of(row.edition, year, row.confidence)
    minors = fronts_of(row.minors, year, row.confidence) if row.minors else None
    carried = _carried(row, year) if row.missing == scoring.Missing.CARRY else {}
    found = compose(row, city, minors, incidents_on(row, year), pairs_of(row), carried)
    if found.total is None:
        return replace(found, before=_before(row, year, None))
    return replace(
        found,
        before=_before(row, year, found.total.score),
        cycle=_cycle(row, found.rule, year, found.total.score),
    )


def compose(
    row: ScoreRule,
    city: Fronts,
    minors: Fronts | None,
    incidents: Sequence[Incident] = (),
    pairs: Sequence[forecasts.Pair] = (),
    carried: Mapping[str, scoring.Score] | None = None,
) -> Standing:
    """The fronts put together by the rule, those without data as `carried` has them; reads nothing.

    Parts of every score add up to it; what hangs on the requirements adds up to what their fronts weigh.
    """
    arithmetic = scoring_rule(row)
    own = scoring.year_score(arithmetic, city.scores, carried)
    theirs = scoring.year_score(arithmetic, minors.scores) if minors else None
    total = scoring.total_score(arithmetic, own, theirs, _sanctions(incidents)) if own else None
    prior = forecasts.PriorSpread(row.prior_spread, row.source) if row.prior_spread else None
    expected = forecasts.forecast(total.score, pairs, prior, confidence=row.confidence) if total else None
    return Standing(row, arithmetic, city, minors, own, theirs, total, None, expected, None, tuple(incidents))


def keep_forecast(found: Standing, *, by: Person | None, at: dt.datetime | None = None) -> Forecast | None:
    """Keeps the forecast as it stands, unless the last kept one says the same; returns the kept row, None without a score."""
    if found.total is None or found.expected is None:
        return None
    scores: dict[str, scoring.Score | None] = {
        **found.city.scores,
        "total": found.total.score,
        "minors": found.minors_score,
    }
    parts: dict[str, Any] = {key: kept(score) for key, score in scores.items() if score}
    parts["round"] = found.city.round.number if found.city.round else ""
    parts["low"], parts["high"] = str(found.expected.low), str(found.expected.high)
    with transaction.atomic():
        ScoreRule.objects.select_for_update().get(pk=found.row.pk)  # sent twice: one row
        last = Forecast.objects.filter(rule=found.row, year=found.city.year).order_by("-at", "-pk").first()
        # What the worker kept unseen and a person now keeps is kept once more: it is what later ones are compared with.
        if last and last.parts == parts and (by is None or last.by_id is not None):
            return last
        value, margin = round_half_up(found.expected.value, 3), round_half_up(found.expected.margin, 3)
        return Forecast.objects.create(
            rule=found.row,
            year=found.city.year,
            at=at or timezone.now(),
            value=value,
            margin=margin,
            parts=parts,
            by=by,
        )


def reachable() -> dict[str, Decimal]:
    """The rate thought reachable on each front, a choice of the city."""
    chosen = setting("reachable_rates", {"dossier": "1", "site": "0.95", "survey": "0.9"})
    return {key: Decimal(str(value)) for key, value in chosen.items()}


# Person-days and their source, by requirement.
Efforts = Mapping[int, tuple[Decimal | None, str]]


def weak_items(found: Standing) -> list[weakness.Item]:
    """Every requirement of the city's edition that a front has seen, with what hangs on it in the year's total."""
    rows = Requirement.objects.filter(node__edition=found.city.edition)
    effort = {
        pk: (days, source) for pk, days, source in rows.values_list("pk", "node__effort", "node__source")
    }
    return items_of(found, effort, reachable())


def items_of(found: Standing, effort: Efforts, targets: Mapping[str, Decimal]) -> list[weakness.Item]:
    """The same from what was read: effort by requirement, the reachable rate by front."""
    share = Fraction(1) if found.minors_score is None else 1 - Fraction(found.rule.minors) / 100
    weights = {part.key: part.weight * share for part in found.year_score.parts} if found.year_score else {}
    items = []
    if found.city.site:
        weight, target = weights[Front.SITE.value], targets[Front.SITE.value]
        for key, row in found.city.site.found.items():
            items.append(weakness.Item(
                str(key), Front.SITE.value, 100 * row.stake, weight, row.places, row.places * _short(row.rate),
                target, *effort.get(key, (None, "")), row.failing,
            ))  # fmt: skip
    for name, front in ((Front.DOSSIER.value, found.city.paper), (Front.SURVEY.value, found.city.survey)):
        if front is None:
            continue
        whole = sum((Fraction(row.full) for row in front.found.values()), Fraction())
        for key, counted in front.found.items():
            items.append(weakness.Item(
                str(key), name, 100 * Fraction(counted.full) / whole, weights[name], counted.parts,
                counted.parts * counted.share, targets[name], *effort.get(key, (None, "")),
                is_counted=name == Front.DOSSIER.value,
            ))  # fmt: skip
    return items


def _short(rate: Fraction) -> Fraction:
    """The rate to twelve decimals: the list multiplies rates of all requirements, and exact ones of a draw of thousands
    have hundreds of digits each, so that their products have tens of thousands."""
    return Fraction(round_half_up(rate, 12))


def points(value: Fraction | Decimal | None, places: int = 2) -> str:
    """Points as pages print them, half up; a dash for nothing."""
    if value is None:
        return "—"
    with localcontext(CONTEXT):
        return f"{round_half_up(value, places):f}"
