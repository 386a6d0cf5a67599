"""The forecast of a tiny city against figures reckoned by hand; parts and stakes add up exactly."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction
from math import sqrt

import pytest
from django.utils import timezone

from chuangwen.assessment.forecasting import current_rule, keep_forecast, standing, weak_items
from chuangwen.assessment.models import Forecast, OfficialResult, ScoreRule
from chuangwen.assessment.reactions import keep_today
from chuangwen.dossier.models import Item
from chuangwen.inspections.models import Round
from chuangwen.inspections.releasing import release_round
from chuangwen.kernel.scoring.forecast import Calibration, Move
from chuangwen.kernel.scoring.fronts import Origin, Threshold
from chuangwen.surveys.models import AnswerCount

Z = 1.959963984540054  # two-sided 95 %, normal
T3 = 3.182446305284263  # two-sided 95 %, Student, 3 degrees of freedom


def now_of(tiny):
    return standing(current_rule(), tiny.year)


def test_fronts_by_hand(tiny):
    city = now_of(tiny).city
    # Three of four materials are accepted; all of them were counted.
    assert city.paper.score.value == 75
    assert city.paper.score.margin == 0
    # 8 of 10 places are markets at (1 + 1/2) / 2, 2 of 10 squares at (1/2 + 0) / 2; the second rating counts nowhere.
    assert city.site.estimate.value == Fraction(8, 10) * Fraction(3, 4) + Fraction(2, 10) * Fraction(1, 4)
    site = city.site.found[tiny.needs["site"].pk]
    assert (site.places, site.short, site.stake, site.loss) == (4, 3, 1, Fraction(35, 100))
    # One of two markets stands for four of eight; both squares for themselves.
    assert site.failing == 4 + 2
    # Variance of eight ones and two noughts: 0.8 − 0.64, over n − 1.
    assert city.survey.score.value == 80
    assert float(city.survey.score.below) == pytest.approx(100 * Z * sqrt(0.16 / 9))


def test_year_and_total_by_hand_and_all_parts_add_up(tiny):
    found = now_of(tiny)
    assert found.year_score.value == Fraction(4 * 75 + 4 * 65 + 2 * 80, 10) == 72
    assert {part.key: part.points for part in found.year_score.parts} == {
        "dossier": 30,
        "site": 26,
        "survey": 16,
    }
    assert found.minors_score.value == 80
    # The event that expired and the one that was lifted take nothing.
    assert [incident.on.year for incident in found.incidents] == [tiny.year]
    assert found.total.score.value == Fraction(8, 10) * 72 + Fraction(2, 10) * 80 - 2
    for score in (found.year_score, found.minors_score, found.total.score):
        assert sum((part.points for part in score.parts), Fraction()) == score.value
    assert [part.points for part in found.total.score.parts if part.origin == Origin.SANCTION] == [-2]
    # Distances are joined as the root of the squares; the minors' were all counted.
    site, survey = found.city.scores["site"], found.city.scores["survey"]
    joined = 0.8 * sqrt((0.4 * float(site.below)) ** 2 + (0.2 * float(survey.below)) ** 2)
    assert float(found.total.score.below) == pytest.approx(joined)
    assert found.total.minors == Threshold.MISSED
    assert not found.total.may_apply
    assert found.total.barred_by == ()


def official(tiny, *pairs):
    for n, (ours, score) in enumerate(pairs, 1):
        OfficialResult.objects.create(
            scheme=tiny.edition.scheme,
            year=tiny.year - n,
            score=score,
            ours=ours,
            ours_margin=0,
            source="示例",
        )


def test_without_official_results_the_forecast_is_our_score(tiny):
    # One pair and no prior spread is too few to learn from.
    for pairs in ((), ((80, 83),)):
        official(tiny, *pairs)
        found = now_of(tiny)
        assert (found.expected.value, found.expected.bias) == (found.total.score.value, 0)
        assert found.expected.calibration == Calibration.NOT_YET
        assert found.expected.low == found.total.score.low


def test_one_pair_with_a_prior_spread_corrects_by_half(tiny):
    official(tiny, (80, 83))
    ScoreRule.objects.update(prior_spread=3)
    expected = now_of(tiny).expected
    assert (expected.bias, expected.calibration) == (Fraction(3, 2), Calibration.PRIOR)
    assert expected.value == Fraction("71.6") + Fraction(3, 2)


def test_three_pairs_teach_bias_and_spread(tiny):
    official(tiny, (80, 81), (80, 82), (80, 83))
    OfficialResult.objects.create(scheme=tiny.edition.scheme, year=2020, rank=3, source="只有名次")
    found = now_of(tiny)
    # Mean difference 2 of three pairs and one of the prior at nought; squares 1 + 0 + 1 and 2² × 3/4.
    assert found.expected.bias == Fraction(3, 2)
    assert found.expected.calibration == Calibration.LEARNT
    spread = (2 + 3) / 3
    assert float(found.expected.spread) == pytest.approx(sqrt(spread))
    reach = sqrt(T3**2 * spread * (1 + 1 / 4) + float(found.total.score.below) ** 2)
    assert float(found.expected.low) == pytest.approx(71.6 + 1.5 - reach, abs=1e-6)


def test_what_moved_since_the_last_kept_forecast(tiny):
    assert now_of(tiny).changes == {}
    keep_forecast(now_of(tiny), by=tiny.people["office"])
    Item.objects.filter(pk=tiny.items[3].pk).update(**{"state": "accepted"})
    changes = now_of(tiny).changes
    # Counted, so any change is real: one of four materials. In the total it drowns in what was drawn.
    assert (changes["dossier"].difference, changes["dossier"].move) == (25, Move.MORE)
    assert (changes["site"].difference, changes["site"].move) == (0, Move.WITHIN_NOISE)
    assert changes["total"].difference == Fraction(8, 10) * Fraction(4, 10) * 25
    assert changes["total"].move == Move.WITHIN_NOISE


def test_kept_twice_is_one_row(tiny):
    first = keep_forecast(now_of(tiny), by=tiny.people["office"])
    assert keep_forecast(now_of(tiny), by=tiny.people["office"]) == first
    assert keep_today(dt.datetime(tiny.year, 5, 1, tzinfo=dt.UTC)) == first
    row = Forecast.objects.get()
    assert (row.value, row.parts["round"], row.parts["dossier"]["value"]) == (Decimal("71.6"), "T-1", "75")
    AnswerCount.objects.all().delete()
    assert keep_today(dt.datetime(tiny.year, 5, 2, tzinfo=dt.UTC)) != first
    assert Forecast.objects.count() == 2


@pytest.mark.parametrize(("policy", "year", "total"), [
    # 75 and 65 weigh alike; nothing is known of last year's to carry.
    ("skip", Fraction(70), Fraction(8, 10) * 70 + Fraction(2, 10) * 80 - 2),
    ("carry", Fraction(70), Fraction(8, 10) * 70 + Fraction(2, 10) * 80 - 2),
    # The minors have papers only, 40 of a hundred parts.
    ("zero", Fraction(56), Fraction(8, 10) * 56 + Fraction(2, 10) * 32 - 2),
])  # fmt: skip
def test_a_front_without_data_counts_as_the_rule_says(tiny, policy, year, total):
    AnswerCount.objects.all().delete()
    ScoreRule.objects.update(missing=policy)
    found = now_of(tiny)
    assert found.city.survey is None
    assert (found.year_score.value, found.total.score.value) == (year, total)
    assert sum((part.points for part in found.year_score.parts), Fraction()) == year


def test_stakes_of_weak_items_add_up_to_the_share_of_the_city(tiny):
    items = weak_items(now_of(tiny))
    assert {item.key: item.at_stake for item in items} == {
        str(tiny.needs["site"].pk): 32, str(tiny.needs["material"].pk): 32, str(tiny.needs["survey"].pk): 16,
    }  # fmt: skip
    assert sum((item.at_stake for item in items), Fraction()) == 80
    ScoreRule.objects.update(minors=None)
    assert sum((item.at_stake for item in weak_items(now_of(tiny))), Fraction()) == 100


def ended(tiny):
    """The round as it was before it was made known: secret, and in no score."""
    Round.objects.filter(pk=tiny.round.pk).update(**{"state": "ended", "is_secret": True})
    tiny.round.refresh_from_db()
    assert now_of(tiny).city.site is None
    return tiny.round


def test_a_release_keeps_the_forecast_once(tiny):
    row, uid, at = ended(tiny), tiny.visits[0].uid, timezone.now()
    for _twice in range(2):
        release_round(row, by=tiny.people["office"], uid=uid, at=at)
    kept = Forecast.objects.get()
    assert (kept.by, kept.at, kept.year) == (tiny.people["office"], at, tiny.year)
    assert (kept.parts["round"], kept.parts["site"]["value"], kept.value) == ("T-1", "65", Decimal("71.6"))


def test_a_rule_that_does_not_add_up_holds_up_no_release(tiny):
    row = ended(tiny)
    ScoreRule.objects.update(fronts={"dossier": "40", "site": "40", "survey": "40"})
    release_round(row, by=tiny.people["office"])
    row.refresh_from_db()
    assert (row.state, Forecast.objects.count()) == ("released", 0)


def test_a_round_of_another_scheme_keeps_nothing(tiny):
    row = ended(tiny)
    row.editions.clear()
    release_round(row, by=tiny.people["office"])
    assert not Forecast.objects.exists()


def test_a_front_without_data_is_carried_from_the_year_before_where_the_rule_says_so(tiny):
    AnswerCount.objects.all().delete()
    without = now_of(tiny)
    kept = {"value": "50", "below": "2", "above": "2"}
    rule = current_rule()
    Forecast.objects.create(rule=rule, year=tiny.year - 1, value=60, margin=1, parts={"survey": kept, "total": kept})
    assert now_of(tiny).year_score == without.year_score
    ScoreRule.objects.filter(pk=rule.pk).update(missing="carry")
    # Two fronts weigh 40 each and stand by themselves, the third 20 with 50 points; before, 80 were stretched to 100.
    assert now_of(tiny).year_score.value == without.year_score.value * Fraction(8, 10) + 10
