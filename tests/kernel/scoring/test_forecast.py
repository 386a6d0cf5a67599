"""The forecast of an official score by hand, its interval on simulated rounds, and news against noise."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chuangwen.kernel.scoring.forecast import Calibration, Move, Pair, PriorSpread, forecast, moved
from chuangwen.kernel.scoring.fronts import Score

D, F = Decimal, Fraction
points = st.decimals(30, 95, places=2)
margins = st.decimals(0, 8, places=2)
scores = st.builds(Score.of, points, margins)


@st.composite
def pairs(draw, least=0):
    found = draw(st.lists(st.tuples(scores, points), min_size=least, max_size=6))
    return [Pair(str(index), *pair) for index, pair in enumerate(found)]


def three(margin=0):
    return [
        Pair(key, Score.of(80, margin), official)
        for key, official in (("2017", 78), ("2018", 76), ("2019", 77))
    ]


def test_without_official_results_it_is_our_own_margin():
    found = forecast(Score.of(80, 6))
    assert (found.value, found.low, found.high, found.bias, found.spread) == (80, 74, 86, 0, None)
    assert found.calibration == Calibration.NOT_YET
    two = forecast(Score.of(80, 6), three()[:2])
    assert (two.calibration, two.bias, two.margin, len(two.pairs)) == (Calibration.NOT_YET, 0, 6, 2)
    assert forecast(Score.of(80, 6), prior=PriorSpread(D(3), "x")).calibration == Calibration.NOT_YET


def test_one_pair_and_a_prior_spread_by_hand():
    # Difference −4, worth one pair against one without bias: −2. Squares 16·1/2 = 8, with 3² begun: 17 / 2 = 8.5 at two
    # degrees of freedom; of the bias 8.5 / 2; 4.302653 √12.75 = 15.3635.
    prior = PriorSpread(D(3), "spread of provinces, 2018")
    found = forecast(Score.of(80), [Pair("2018", Score.of(80), 76)], prior)
    assert (found.value, found.bias, found.freedom, found.calibration) == (78, -2, 2, Calibration.PRIOR)
    assert float(found.spread) ** 2 == pytest.approx(8.5)
    assert float(found.margin) == pytest.approx(15.3635, abs=1e-4)
    assert found.prior is prior


def test_three_pairs_by_hand():
    # Differences −2, −4, −3: mean −3, bias −3·3/4. Squares 2 + 9·3/4 = 8.75, / 3; of the bias a quarter of that;
    # 3.182446 √(2.916667 + 0.729167) = 6.0765.
    found = forecast(Score.of(82), three())
    assert (found.bias, found.value, found.freedom) == (F(-9, 4), 82 - F(9, 4), 3)
    assert found.calibration == Calibration.LEARNT
    assert float(found.high - found.low) / 2 == pytest.approx(6.0765, abs=1e-4)


def test_our_own_sampling_error_is_taken_out_and_put_in_again():
    # As above with a standard error of 1 in every round: (8.75 − 2) / 3 = 2.25, of the bias (2.25 + 1) / 4:
    # 3.182446² (2.25 + 0.8125) = 31.0168, with the margin now √(31.0168 + 1.959964²) = 5.9041.
    z = D("1.959963984540")
    found = forecast(Score.of(82, z), three(z))
    assert float(found.spread) == pytest.approx(1.5)
    assert float(found.margin) == pytest.approx(5.9041, abs=1e-4)
    assert (
        forecast(Score.of(82, 3 * z), three(z)).margin
        > found.margin
        > forecast(Score.of(82), three(z)).margin
    )


def test_a_forecast_stays_within_the_full_score():
    found = forecast(Score.of(97, 5), [Pair("a", Score.of(90), 99)], PriorSpread(D(4), "x"))
    assert found.high == 100
    assert found.low < found.value
    assert forecast(Score.of(38, 5), full=40).high == 40


# Bias, spread of official results and our standard error, in points, with the prior spread that was guessed for them.
@pytest.mark.parametrize(("bias", "spread", "own", "guess"), [(-4, 3, 3, 4), (3, 3, 2, 3), (0, 2, 5, 4)])
def test_the_interval_holds_the_next_official_result(bias, spread, own, guess):
    rng = np.random.default_rng(11)
    prior = PriorSpread(D(guess), "a guess")

    def round_of(key):
        truth = 70 + rng.normal(0, 4)
        ours = Score.of(D(f"{truth + rng.normal(0, own):.3f}"), D(f"{1.96 * own:.3f}"))
        return Pair(key, ours, D(f"{truth + bias + rng.normal(0, spread):.3f}"))

    for count in (1, 3, 8):
        held = 0
        for _ in range(300):
            *known, coming = (round_of(str(index)) for index in range(count + 1))
            found = forecast(coming.ours, known, prior)
            held += found.low <= coming.official <= found.high
        assert held >= 300 * 0.92


@given(scores, pairs(least=1), st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_the_bias_is_shrunk_and_knows_no_order(ours, known, random):
    prior = PriorSpread(D(3), "x", 2)
    found = forecast(ours, known, prior)
    mean = sum(pair.difference for pair in known) / F(len(known))
    assert found.bias == mean * len(known) / (len(known) + 2)
    assert found.value == ours.value + found.bias
    mixed = list(known)
    random.shuffle(mixed)
    again = forecast(ours, mixed, prior)
    assert (again.value, again.freedom) == (found.value, found.freedom)
    assert abs(again.low - found.low) < D("1e-10")


def test_a_change_within_the_joint_margin_is_no_news():
    # √(3² + 4²) = 5.
    assert moved(Score.of(80, 3), Score.of(75, 4)).move == Move.WITHIN_NOISE
    assert moved(Score.of(80, 3), Score.of(D("74.9"), 4)).move == Move.MORE
    less = moved(Score.of(D("74.9"), 4), Score.of(80, 3))
    assert (less.move, less.difference, less.high) == (Move.LESS, F(-51, 10), D("-0.1"))
    assert moved(Score.of(80, 3), Score.of(76, 4)).move == Move.WITHIN_NOISE
    assert moved(Score.of(80, 3), Score.of(76, 4), D("0.5")).move == Move.MORE  # √(9 + 16 − 12) = 3.6
    assert moved(Score.of(80), Score.of(80)).move == Move.WITHIN_NOISE
    assert moved(Score.of(D("80.1")), Score.of(80)).move == Move.MORE


@given(scores, scores, st.decimals(0, 1, places=2))
@settings(max_examples=40, deadline=None)
def test_there_and_back_is_the_same_change(now, before, linked):
    there, back = moved(now, before, linked), moved(before, now, linked)
    assert there.difference == -back.difference
    assert (there.low, there.high) == (-back.high, -back.low)
    turned = {Move.MORE: Move.LESS, Move.LESS: Move.MORE, Move.WITHIN_NOISE: Move.WITHIN_NOISE}
    assert back.move == turned[there.move]


def test_faults_are_named():
    with pytest.raises(ValueError, match="official result 2018 stands there twice"):
        forecast(Score.of(80), [Pair("2018", Score.of(80), 76)] * 2)
    with pytest.raises(ValueError, match="official result 2018: 176 is not between 0 and 100 points"):
        forecast(Score.of(80), [Pair("2018", Score.of(80), 176)])
    with pytest.raises(ValueError, match="prior spread 0 worth 1 pairs: both are above 0"):
        PriorSpread(D(0), "x")
    with pytest.raises(ValueError, match="linked by 0 to 1, not 2"):
        moved(Score.of(1), Score.of(2), 2)
    with pytest.raises(ValueError, match="between 0 and 1, not 95"):
        forecast(Score.of(80), confidence=D(95))
