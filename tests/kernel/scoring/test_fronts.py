"""Fronts and years: exact to the last digit, every number opens to its parts, missing data by a named rule."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chuangwen.kernel.scoring.estimate import Stratum, estimate
from chuangwen.kernel.scoring.fronts import (
    Missing,
    Origin,
    Rule,
    Sanction,
    Score,
    Threshold,
    Weight,
    compose,
    cycle_score,
    threshold,
    total_score,
    year_score,
)

D, F = Decimal, Fraction


def weights(**percents):
    return tuple(Weight(key, D(percent)) for key, percent in percents.items())


FRONTS = weights(dossier=40, site=40, survey=20)
# The shares of the 2018-20 cycle as a city guide printed them; here they only serve as figures.
RULE = Rule("sample", FRONTS, weights(first=15, second=25, third=60), D(20), D(85))


@st.composite
def scored_weights(draw):
    cuts = sorted(draw(st.lists(st.integers(0, 10_000), min_size=1, max_size=5)))
    bounds = [0, *cuts, 10_000]
    percents = [D(high - low) / 100 for low, high in pairwise(bounds)]
    points = st.decimals(0, 100, places=3)
    parts = [Weight(str(index), percent) for index, percent in enumerate(percents)]
    scores = {
        part.key: draw(st.one_of(st.none(), st.builds(Score.of, points, st.decimals(0, 15, places=2))))
        for part in parts
    }
    return tuple(parts), scores


def test_a_year_by_hand():
    # 0.4·92.5 + 0.4·81.25 + 0.2·77.7 = 37 + 32.5 + 15.54 = 85.04; margins √((0.4·10)² + (0.2·3)²) = √16.36.
    year = year_score(
        RULE,
        {"dossier": Score.of(D("92.5")), "site": Score.of(D("81.25"), 10), "survey": Score.of(D("77.7"), 3)},
    )
    assert year.value == F(8504, 100)
    assert [(part.key, part.points) for part in year.parts] == [
        ("dossier", 37), ("site", F(65, 2)), ("survey", F(1554, 100)),
    ]  # fmt: skip
    assert float(year.margin) == pytest.approx(16.36**0.5)
    assert year.low == D("85.04") - year.below
    assert year.points() == D("85.04")


def test_one_draw_for_two_fronts_adds_their_margins():
    halves = weights(a=50, b=50)
    scores = {"a": Score.of(80, 6), "b": Score.of(70, 8)}
    assert compose(halves, scores).margin == 5  # √(3² + 4²)
    together = compose(halves, scores, independent=False)
    assert (together.margin, together.independent) == (7, False)


def test_a_missing_front_follows_the_named_rule():
    scores = {"dossier": Score.of(90), "site": Score.of(80), "survey": None}
    before = {"survey": Score.of(60, 3)}
    skipped = compose(FRONTS, scores)
    assert (skipped.value, skipped.parts[2].origin) == (85, Origin.SKIPPED)
    assert [part.weight for part in skipped.parts] == [F(1, 2), F(1, 2), 0]
    assert [part.given for part in skipped.parts] == [F(2, 5), F(2, 5), F(1, 5)]
    zero = compose(FRONTS, scores, Missing.ZERO)
    assert (zero.value, zero.parts[2].origin) == (68, Origin.ZERO)
    carried = compose(FRONTS, scores, Missing.CARRY, before)
    assert (carried.value, carried.parts[2].origin, carried.margin) == (80, Origin.CARRIED, D("0.6"))
    assert compose(FRONTS, scores, Missing.CARRY, {}).value == 85
    assert compose(FRONTS, {}) is None
    assert compose(FRONTS, {}, Missing.ZERO) is None


def test_a_cycle_in_its_second_year():
    # (15·80 + 25·84) / 40 = 82.5: the year to come is not lost points.
    rule = Rule("strict", FRONTS, RULE.years, missing=Missing.ZERO)
    half = cycle_score(rule, {"first": Score.of(80), "second": Score.of(84)})
    assert (half.value, half.parts[2].origin) == (F(165, 2), Origin.SKIPPED)
    whole = cycle_score(RULE, {"first": Score.of(80), "second": Score.of(84), "third": Score.of(90)})
    assert whole.value == 87  # 12 + 21 + 54
    with pytest.raises(ValueError, match="scheme bare gives its years no weight"):
        cycle_score(Rule("bare", FRONTS), {})


def test_the_total_with_minors_and_sanctions():
    taken = [Sanction("G15", bars=True), Sanction("N3", D("1.5"))]
    total = total_score(RULE, Score.of(90, 4), Score.of(86, 3), taken)
    # 0.8·90 + 0.2·86 − 1.5 = 72 + 17.2 − 1.5.
    assert total.score.value == F(877, 10)
    assert float(total.score.margin) == pytest.approx((3.2**2 + 0.6**2) ** 0.5)
    assert (total.minors, total.barred_by, total.may_apply) == (Threshold.MET_OPEN, ("G15",), False)
    assert [(part.key, part.points) for part in total.score.parts][2] == ("N3", F(-3, 2))
    assert total_score(RULE, Score.of(90), Score.of(99)).may_apply
    alone = total_score(RULE, Score.of(90), None)
    assert (alone.score.value, alone.minors, alone.may_apply) == (90, Threshold.UNKNOWN, False)


def test_a_total_does_not_fall_below_zero():
    total = total_score(RULE, Score.of(2), Score.of(1), [Sanction("N1", D(5))])
    assert (total.score.value, total.score.parts[-1].origin) == (0, Origin.FLOOR)
    assert total.score.parts[-1].points == F(32, 10)  # 5 − (1.6 + 0.2)


@pytest.mark.parametrize(
    ("points", "margin", "state"),
    [(90, 3, "met"), (86, 3, "met_open"), (85, 0, "met"), (84, 3, "missed_open"), (80, 3, "missed")],
)
def test_a_least_score_knows_the_margin(points, margin, state):
    assert threshold(Score.of(points, margin), D(85)) == state


def test_an_estimate_becomes_points_with_uneven_distances():
    found = estimate([Stratum("A", 500, 20, 19, 19)])
    score = Score.of_estimate(found, 40)
    assert score.value == 38
    assert score.below > score.above > 0
    assert abs(score.low - 40 * found.low) < D("1e-9")
    assert abs(score.high - 40 * found.high) < D("1e-9")
    whole = compose(weights(site=100), {"site": score})
    assert (whole.value, round(whole.below, 9), round(whole.above, 9)) == (
        38, round(score.below, 9), round(score.above, 9),
    )  # fmt: skip


@given(scored_weights(), st.sampled_from(Missing))
@settings(max_examples=40, deadline=None)
def test_parts_add_up_to_the_last_digit(case, missing):
    parts, scores = case
    found = compose(parts, scores, missing)
    if found is None:
        assert all(score is None for score in scores.values()) or missing != Missing.ZERO
        return
    assert sum(part.points for part in found.parts) == found.value
    assert sum(part.weight for part in found.parts) == 1
    assert all(part.points == part.weight * part.score.value for part in found.parts if part.score)
    assert 0 <= found.value <= 100
    backwards = compose(parts[::-1], scores, missing)
    assert backwards.value == found.value
    assert abs(backwards.margin - found.margin) < D("1e-10")
    assert found.margin <= compose(parts, scores, missing, independent=False).margin + D("1e-10")


def test_faults_are_named():
    with pytest.raises(
        ValueError, match=r"scheme s, fronts weigh 95 % together, not 100 %: dossier 40, site 40, survey 15"
    ):
        Rule("s", weights(dossier=40, site=40, survey=15))
    with pytest.raises(ValueError, match=r"scheme s, years weigh 0 % together, not 100 %: first 0"):
        Rule("s", FRONTS, weights(first=0))
    with pytest.raises(ValueError, match="scheme s, fronts: site stands there twice"):
        Rule("s", (Weight("site", D(50)), Weight("site", D(50))))
    with pytest.raises(ValueError, match="minors' share is 120 %"):
        Rule("s", FRONTS, minors=D(120))
    with pytest.raises(ValueError, match="site weighs -1 %"):
        Weight("site", D(-1))
    with pytest.raises(ValueError, match="hotline: a score without a weight"):
        compose(FRONTS, {"hotline": Score.of(3)})
    with pytest.raises(ValueError, match="sanction N1 takes -2 points"):
        Sanction("N1", D(-2))
