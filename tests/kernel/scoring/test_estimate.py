"""The stratified estimate: computed by hand, exact, the same in any order, and plain about small strata."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chuangwen.kernel.scoring.estimate import Note, Stratum, estimate, round_half_up

F = Fraction
# Student's t of the printed table at 8 degrees of freedom, 95 % two-sided.
T8 = 2.306004


@st.composite
def draws(draw, least=1, most=6):
    rows = []
    for key in range(draw(st.integers(1, most))):
        scores = draw(st.lists(st.fractions(0, 1, max_denominator=12), min_size=least, max_size=5))
        rows.append(Stratum.of(str(key), len(scores) + draw(st.integers(0, 60)), scores))
    return rows


def test_two_strata_by_hand():
    # A: mean 3/4, s² = (1 + 1 + 1 − 9/4) / 3 = 1/4.  B: mean 1/2, s² = (3 − 9/6) / 5 = 3/10.  W = 1/4 and 3/4.
    # ȳ = 1/4·3/4 + 3/4·1/2 = 9/16.
    # v = (1/16)(6/10)(1/4)/4 + (9/16)(24/30)(3/10)/6 = 0.00234375 + 0.0225 = 0.02484375 (Cochran 5.7).
    # Effective size (9/16)(7/16) / 0.02484375 = 9.9056604; degrees of freedom 10 − 2 = 8.
    found = estimate([Stratum.of("A", 10, [1, 1, 1, 0]), Stratum.of("B", 30, [1, 0, 1, 0, 1, 0])])
    assert found is not None
    assert found.value == F(9, 16)
    assert (found.visited, found.places, found.freedom, found.covered) == (10, 40, 8, 1)
    assert [figure.spread for figure in found.strata] == [Decimal("0.25"), Decimal("0.3")]
    assert [(figure.share, figure.mean) for figure in found.strata] == [
        (F(1, 4), F(3, 4)),
        (F(3, 4), F(1, 2)),
    ]
    assert float(found.effective) == pytest.approx(9.9056604)
    for end in (float(found.low), float(found.high)):
        # Wilson's equation with the effective size: (p̂ − p)² = t² p (1 − p) / n*.
        assert (0.5625 - end) ** 2 == pytest.approx(T8**2 * end * (1 - end) / 9.9056604, rel=1e-6)
    assert found.low < found.value < found.high
    assert found.margin == (found.high - found.low) / 2
    assert found.notes == ()


def test_jiaozuos_seventy_eight_sites():
    # 78 visits of 5,000 places near 70 %, pass or fail, one stratum: 1.96 √(0.705 · 0.295 / 78) is 10.1 points.
    value, margin = estimate([Stratum("all", 5000, 78, 55, 55)]).points()
    assert value == Decimal("70.5")
    assert abs(margin - Decimal("10.1")) <= Decimal("0.1")


def test_every_place_visited_leaves_no_doubt():
    found = estimate([Stratum.of("A", 2, [1, 0]), Stratum.of("B", 1, [1])])
    assert (found.value, found.margin, found.low, found.high, found.effective) == (
        F(2, 3), 0, Decimal("0.666666666667"), Decimal("0.666666666667"), None,
    )  # fmt: skip
    assert {figure.spread_from for figure in found.strata} == {"all_visited"}


def test_one_visit_takes_the_spread_of_the_others():
    # A: s² = (2 − 4/3) / 2 = 1/3, the only one there is.
    found = estimate([Stratum.of("A", 9, [1, 1, 0]), Stratum.of("B", 9, [1])])
    assert [(figure.spread_from, round(figure.spread, 9)) for figure in found.strata] == [
        ("own", Decimal("0.333333333")),
        ("pooled", Decimal("0.333333333")),
    ]
    assert found.notes == (Note("pooled", "B", F(1)),)
    assert found.freedom == 2


def test_many_single_visits_are_collapsed_into_one_stratum():
    # Three single scores 1, 1/2, 0: variance 1/4; A alone has one degree of freedom, they have two.
    singles = [Stratum.of(key, 9, [score]) for key, score in zip("BCD", (1, F(1, 2), 0), strict=True)]
    found = estimate([Stratum.of("A", 9, [1, 0]), *singles])
    assert [figure.spread_from for figure in found.strata] == ["own", *["collapsed"] * 3]
    assert [figure.spread for figure in found.strata] == [Decimal("0.5"), *[Decimal("0.25")] * 3]
    assert [note.figure for note in found.notes] == [3, 3, 3]
    assert found.freedom == 3


def test_a_lone_visit_says_next_to_nothing():
    found = estimate([Stratum.of("A", 50, [1])])
    assert found.value == 1
    assert found.high == 1
    assert found.low < Decimal("0.01")
    assert found.notes == (Note("unknown", "A", F(0)),)


def test_a_stratum_nobody_visited_is_said_and_widens():
    seen = [Stratum.of("A", 50, [1, 1, 1, 0, 1]), Stratum.of("B", 50, [1, 0, 0, 1, 0])]
    without, found = estimate(seen), estimate([*seen, Stratum("C", 20, 0)])
    assert found.value == without.value == F(3, 5)
    assert found.covered == F(5, 6)
    assert found.notes == (Note("not_visited", "C", F(1, 6)),)
    assert found.low < without.low < without.high < found.high
    # All the same in what was seen does not make the unseen sure.
    same = [Stratum.of("A", 50, [1] * 40), Stratum("C", 50, 0)]
    assert estimate(same).low < estimate(same[:1]).low - Decimal("0.3")


def test_strata_that_agree_with_themselves_by_luck_do_not_shrink_the_interval():
    found = estimate([Stratum.of("A", 100, [1, 1]), Stratum.of("B", 100, [0, 0])])
    assert found.value == F(1, 2)
    assert found.margin > Decimal("0.4")
    assert found.notes == (Note("no_spread", "", F(4)),)
    even = estimate([Stratum.of("A", 100, [F(2, 3)] * 3)])
    assert even.value == F(2, 3)
    assert even.margin > Decimal("0.3")


def test_all_passed_is_no_proof_of_perfection():
    few, many = estimate([Stratum("A", 500, 5, 5, 5)]), estimate([Stratum("A", 500, 50, 50, 50)])
    assert few.high == many.high == 1
    assert few.low < many.low < 1


def test_weights_stand_in_for_places():
    rows = [
        Stratum.of("A", 10, [1, 0], weight=Decimal("7.5")),
        Stratum.of("B", 900, [1, 1], weight=Decimal("2.5")),
    ]
    assert estimate(rows).value == F(3, 4) * F(1, 2) + F(1, 4)


def test_nothing_visited_is_unknown():
    assert estimate([]) is None
    assert estimate([Stratum("A", 5, 0)]) is None


@given(draws(), st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_order_changes_nothing_and_the_value_is_exact(rows, random):
    found = estimate(rows)
    mixed = list(rows)
    random.shuffle(mixed)
    again = estimate(mixed)
    assert (again.value, again.freedom) == (found.value, found.freedom)
    assert abs(again.low - found.low) < Decimal("1e-10")
    assert found.value == sum(figure.share * figure.mean for figure in found.strata)
    assert sum(figure.share for figure in found.strata) == 1
    assert 0 <= found.low <= found.value + F(1, 10**12)
    assert found.value - F(1, 10**12) <= found.high <= 1


@given(draws())
@settings(max_examples=40, deadline=None)
def test_failures_mirror_passes(rows):
    mirrored = [
        Stratum(r.key, r.places, r.visited, r.visited - r.total, r.visited - 2 * r.total + r.squares)
        for r in rows
    ]
    found, other = estimate(rows), estimate(mirrored)
    assert other.value == 1 - found.value
    assert float(other.low) == pytest.approx(1 - float(found.high), abs=1e-9)
    assert float(other.high) == pytest.approx(1 - float(found.low), abs=1e-9)


def test_equal_single_scores_have_no_spread_of_rounding():
    # 2/3 and 2/3: 2/3 + 2/3 over 2 differs from 2/3 in the last digit of a decimal.
    pair = [Stratum(key, 2, 1, F(2, 3), F(4, 9)) for key in "ab"]
    assert estimate(pair).effective == 4
    assert [note.code for note in estimate(pair).notes][-1] == "no_spread"


@given(draws(least=2))
@settings(max_examples=30, deadline=None)
def test_more_confidence_is_a_wider_interval(rows):
    usual, surer = estimate(rows), estimate(rows, Decimal("0.99"))
    assert surer.value == usual.value
    assert surer.low <= usual.low <= usual.high <= surer.high


def test_rounded_sums_are_taken_impossible_ones_are_not():
    # Three scores of 2/3: squares are 4/3, kept to six decimals a hair below what the mean allows.
    assert Stratum("A", 9, 3, 2, Decimal("1.333333")).visited == 3
    for total, squares in ((4, 4), (-1, 1), (2, 1), (1, 2)):
        with pytest.raises(ValueError, match="stratum A: no 3 scores from 0 to 1 have the sum"):
            Stratum("A", 9, 3, total, squares)


def test_what_no_draw_can_be_is_refused():
    with pytest.raises(ValueError, match="stratum A: 4 visited of 3 places"):
        Stratum("A", 3, 4, 4, 4)
    with pytest.raises(ValueError, match="stratum A: score 5 is not between 0 and 1"):
        Stratum.of("A", 3, [5])
    with pytest.raises(ValueError, match="stratum A: weight -1 is below 0"):
        Stratum("A", 3, 0, weight=-1)
    with pytest.raises(ValueError, match="two strata have the same key"):
        estimate([Stratum("A", 3, 1, 1, 1), Stratum("A", 3, 0)])
    with pytest.raises(ValueError, match="all strata weigh 0"):
        estimate([Stratum("A", 3, 1, 1, 1, weight=0)])
    with pytest.raises(ValueError, match="between 0 and 1, not 95"):
        estimate([Stratum("A", 3, 1, 1, 1)], Decimal(95))


def test_halves_go_away_from_zero_as_in_official_tables():
    assert round_half_up(F(1, 16) * 100) == Decimal("6.3")
    assert round_half_up(F(-1, 16) * 100) == Decimal("-6.3")
    assert round_half_up(Decimal("2.345"), 2) == Decimal("2.35")
    assert round_half_up(7, 0) == 7
