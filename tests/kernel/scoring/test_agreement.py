"""Kappa as the papers print it, its interval in small samples, and what is said where kappa says nothing."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chuangwen.kernel.scoring.agreement import (
    Doubt,
    Scale,
    Table,
    agreement,
    kappa_of,
    rater_tables,
    weak_items,
)

D, F = Decimal, Fraction
BOTH, ABC = ("pass", "fail"), ("A", "B", "C")


def table(*rows, grades=None):
    return Table(grades or (BOTH if len(rows) == 2 else ABC), rows)


@st.composite
def tables(draw):
    size = draw(st.integers(2, 4))
    counts = st.lists(st.integers(0, 30), min_size=size, max_size=size).map(tuple)
    rows = draw(st.lists(counts, min_size=size, max_size=size).filter(lambda rows: sum(map(sum, rows)) > 0))
    return Table(tuple("ABCD"[:size]), tuple(rows))


def test_two_by_two_by_hand():
    # 20 and 15 of 50 agree: 0.7; by chance (25·30 + 25·20) / 2500 = 0.5; kappa (0.7 − 0.5) / 0.5 = 0.4.
    found = agreement(table((20, 5), (10, 15)))
    assert (found.n, found.kappa, found.observed, found.expected) == (50, F(2, 5), F(7, 10), F(1, 2))
    assert found.low < found.kappa < found.high


def test_standard_error_of_a_published_calculation():
    # ci.kappa(.05, 31, 12, 4, 58) of the R package statpsych, after Fleiss, Levin & Paik 2003: 0.6756757, SE 0.07344761.
    found = agreement(table((31, 12), (4, 58)))
    assert float(found.kappa) == pytest.approx(0.6756757, abs=5e-8)
    assert float(found.error) == pytest.approx(0.07344761, abs=5e-9)


def test_the_example_of_fleiss_cohen_and_everitt():
    # n = 200; agreed 0.53 + 0.14 + 0.03 = 0.70, by chance 0.6·0.65 + 0.3·0.25 + 0.1·0.1 = 0.475: 0.225 / 0.525 = 3/7.
    # By their formula, with 1 − kappa = 4/7: Σ p(…)² − (3/7 − 0.475·4/7)² = 0.1590, / (200 · 0.525²) = 0.002885.
    found = agreement(table((106, 10, 4), (22, 28, 10), (2, 12, 6)))
    assert found.kappa == F(3, 7)
    assert float(found.error) ** 2 == pytest.approx(0.002885, abs=5e-7)


def test_the_weighted_example_of_cohen_1968():
    # Disagreements weigh 1, 3 and 6: seen 0.90, by chance 1.38, weighted kappa 1 − 0.90 / 1.38; unweighted 0.29 / 0.59.
    seen = table((88, 14, 18), (10, 40, 10), (2, 6, 12))
    weights = [[1 - F(v, 6) for v in row] for row in ((0, 1, 3), (1, 0, 6), (3, 6, 0))]
    assert agreement(seen).kappa == F(29, 59)
    assert agreement(seen, weights).kappa == 1 - F(90, 138)


def test_one_step_apart_is_half_an_agreement():
    # 10 of 20 agree and 10 are one of two steps apart: seen 0.75. Rows 1/2, 1/2, 0; columns 1/2, 0, 1/2:
    # linear chance (1 + 0 + 1/2 + 1/2) / 4 = 1/2, kappa 1/2; quadratic chance (1 + 0 + 3/4 + 3/4) / 4 = 5/8.
    seen = table((10, 0, 0), (0, 0, 10), (0, 0, 0))
    assert agreement(seen, Scale.LINEAR).observed == F(3, 4)
    assert agreement(seen, Scale.LINEAR).kappa == F(1, 2)
    assert agreement(seen, Scale.QUADRATIC).kappa == (F(7, 8) - F(5, 8)) / F(3, 8)


def test_the_paradox_has_its_companion():
    # Agreed 118/125 = 0.944; by chance 0.984·0.96 + 0.016·0.04 = 0.94528, so kappa is below 0.
    # AC1: 2·0.972·0.028 = 0.054432; (0.944 − 0.054432) / 0.945568.
    seen = table((118, 5), (2, 0))
    found = agreement(seen)
    assert found.kappa == (F(944, 1000) - F(94528, 100000)) / (1 - F(94528, 100000))
    assert found.ac1 == F(889568, 945568)
    assert [(weak.key, weak.lopsided) for weak in weak_items({"ads": seen})] == [("ads", True)]


def test_one_grade_for_everything_leaves_kappa_undefined():
    found = agreement(table((40, 0), (0, 0)))
    assert (found.undefined, found.kappa, found.low, found.high, found.error) == (
        True,
        None,
        None,
        None,
        None,
    )
    assert (found.observed, found.ac1, found.n) == (1, 1, 40)
    assert weak_items({"all passed": table((40, 0), (0, 0))}) == ()
    assert agreement(table((0, 0), (0, 0))) is None


def test_perfect_agreement_of_few_pairs_is_not_certain():
    found = agreement(table((4, 0), (0, 2)))
    assert found.kappa == found.high == 1
    assert found.low < D("0.5")


def test_weak_items_with_their_doubt():
    found = weak_items(
        {
            "clear": table((90, 2), (3, 30)),
            "noise": table((20, 20), (20, 20)),
            "opposed": table((1, 40), (40, 1)),
            "likely": table((20, 5), (6, 19)),
            "few": table((4, 2), (2, 4)),
        }
    )
    assert [(weak.key, weak.doubt) for weak in found] == [
        ("opposed", Doubt.SURE), ("noise", Doubt.SURE), ("likely", Doubt.LIKELY),
    ]  # fmt: skip
    assert [weak.agreement.n for weak in found] == [82, 80, 50]
    assert [weak.key for weak in weak_items({"few": table((4, 2), (2, 4))}, enough=12)] == ["few"]
    assert not any(weak.lopsided for weak in found)


def test_every_rater_against_all_others():
    found = rater_tables(
        BOTH, [("li", "wu", "pass", "fail"), ("wu", "li", "pass", "pass"), ("zhao", "li", "fail", "pass")]
    )
    assert found["li"].counts == ((1, 2), (0, 0))
    assert found["wu"].counts == ((1, 0), (1, 0))
    assert found["zhao"].counts == ((0, 0), (1, 0))
    assert (found["li"] + found["wu"]).counts == ((2, 2), (1, 0))


# True kappa and share of passes by both raters; the plain interval covers 45 to 88 % of these.
@pytest.mark.parametrize(
    ("n", "passes", "truth"), [(20, 0.9, 0.3), (20, 0.9, 0.8), (30, 0.8, 0.6), (50, 0.9, 0.6)]
)
def test_the_interval_covers_in_small_samples(n, passes, truth):
    other = passes * (1 - passes)
    cells = [
        passes**2 + truth * other,
        other * (1 - truth),
        other * (1 - truth),
        (1 - passes) ** 2 + truth * other,
    ]
    rows = np.random.default_rng(5).multinomial(n, cells, size=500).tolist()
    found = [agreement(table((a, b), (c, d))) for a, b, c, d in rows]
    intervals = [(one.low, one.high) for one in found if not one.undefined]
    assert len(intervals) > 400
    assert sum(low <= truth <= high for low, high in intervals) >= 0.9 * len(intervals)


@given(tables(), st.sampled_from(Scale))
@settings(max_examples=40, deadline=None)
def test_kappa_keeps_its_bounds_and_does_not_know_who_was_first(seen, scale):
    found, turned = agreement(seen, scale), agreement(seen.turned, scale)
    assert found.kappa == turned.kappa
    assert (found.observed, found.ac1) == (turned.observed, turned.ac1)
    if found.kappa is not None:
        assert found.kappa <= 1
        assert found.low <= found.kappa + F(1, 10**11)
        assert found.kappa - F(1, 10**11) <= found.high <= 1
        assert (found.kappa == 1) == (found.observed == 1)


@given(tables(), st.integers(2, 9))
@settings(max_examples=30, deadline=None)
def test_more_of_the_same_pairs_is_the_same_kappa_and_surer(seen, times):
    more = sum([seen] * (times - 1), seen)
    once, often = agreement(seen), agreement(more)
    assert (often.n, often.kappa, often.ac1) == (once.n * times, once.kappa, once.ac1)
    if once.error:
        assert float(often.error) == pytest.approx(float(once.error) / times**0.5, rel=1e-6)


def test_faults_are_named():
    with pytest.raises(ValueError, match="2 grades need a table of 2 by 2 counts"):
        Table(BOTH, ((1, 2, 3), (1, 2, 3)))
    with pytest.raises(ValueError, match="a count of pairs is below 0"):
        table((1, -2), (1, 1))
    with pytest.raises(ValueError, match="grades pass, pass: two or more different ones"):
        Table(("pass", "pass"), ((1, 1), (1, 1)))
    with pytest.raises(ValueError, match="grade good is not one of pass, fail"):
        Table.of(BOTH, [("pass", "good")])
    with pytest.raises(ValueError, match="rater li is paired with himself"):
        rater_tables(BOTH, [("li", "li", "pass", "pass")])
    with pytest.raises(ValueError, match="cannot be added"):
        table((1, 1), (1, 1)) + Table(("good", "bad"), ((1, 1), (1, 1)))
    for weights in ([[1, 0]], [[1, 2], [0, 1]], [[0, 1], [1, 0]]):
        with pytest.raises(ValueError, match="2 by 2 numbers from 0 to 1 with 1 on the diagonal"):
            agreement(table((1, 1), (1, 1)), weights)


@given(tables())
@settings(max_examples=40, deadline=None)
def test_kappa_alone_is_that_of_the_whole_agreement(seen):
    assert kappa_of(seen) == agreement(seen).kappa


def test_kappa_alone_says_nothing_where_there_is_nothing_to_say():
    assert kappa_of(table((20, 5), (10, 15))) == F(2, 5)
    assert kappa_of(table((0, 0), (0, 0))) is None
    assert kappa_of(table((9, 0), (0, 0))) is None
