"""The site front: by hand on a small draw, and the identity of score and losses on any."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from chuangwen.assessment.site_front import Looked, site_front


def test_a_small_draw_by_hand():
    # Markets: 6 registered, 2 visited, scores 1/2 and 1. Toilets: 4 registered, 1 visited, score 3/4.
    visits = [
        Looked("market", {"1": (500, 1000), "2": (500, 1000)}),
        Looked("market", {"1": (1000, 1000), "2": (1000, 1000)}),
        Looked("toilet", {"1": (1000, 1000), "2": (500, 1000)}),
    ]
    front = site_front(visits, {"market": 6, "toilet": 4}, frozenset({1, 2}))
    # (6 × 0.75 + 4 × 0.75) / 10
    assert front.estimate.value == Fraction(3, 4)
    # Requirement 1 loses a quarter of the mark at one of two markets: 0.6 × 1/2 × 1/4.
    assert front.found[1].loss == Fraction(3, 40)
    # Requirement 2 the same, and a quarter at the one toilet: + 0.4 × 1/4.
    assert front.found[2].loss == Fraction(3, 40) + Fraction(1, 10)
    assert (front.found[1].places, front.found[1].short) == (3, 1)
    assert front.found[2].stake == Fraction(1, 2)
    assert front.found[2].rate == 1 - Fraction(7, 40) / Fraction(1, 2)
    # One of two markets stands for three of six, the one toilet for all four.
    assert front.found[2].failing == 3 + 4


def test_requirements_of_another_edition_do_not_count():
    visits = [Looked("a", {"1": (0, 1000), "9": (1000, 1000)}), Looked("a", {"9": (1000, 1000)})]
    front = site_front(visits, {"a": 5}, frozenset({1}))
    assert front.visits == 1
    assert front.estimate.value == 0
    assert site_front(visits, {"a": 5}, frozenset({7})) is None


marks = st.integers(0, 4).flatmap(lambda full: st.tuples(st.integers(0, full), st.just(full)))
visit = st.builds(
    lambda stratum, sums: Looked(stratum, {str(k): (p * 250, f * 250) for k, (p, f) in sums.items()}),
    st.sampled_from("abcd"),
    st.dictionaries(st.integers(1, 6), marks, max_size=6),
)


@given(st.lists(visit, min_size=1, max_size=25), st.dictionaries(st.sampled_from("abcde"), st.integers(25, 60), min_size=4))
@settings(max_examples=40, deadline=None)
def test_score_and_losses_add_up_to_one(visits, registered):
    front = site_front(visits, registered, frozenset(range(1, 7)))
    if front is None:
        assert all(not full for v in visits for _p, full in v.sums.values())
        return
    assert front.estimate.value + sum(row.loss for row in front.found.values()) == 1
    assert sum(row.stake for row in front.found.values()) == 1
    assert front.estimate.low <= front.estimate.value <= front.estimate.high
