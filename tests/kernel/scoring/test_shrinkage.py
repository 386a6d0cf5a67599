"""Shrinkage by hand, and what must hold of it whatever the counts."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chuangwen.kernel.scoring.shrinkage import Counted, prior_of, shrink

QUICK = settings(max_examples=60, deadline=None)
counts = st.integers(1, 300).flatmap(lambda n: st.integers(0, n).map(lambda x: Counted(Fraction(x), n)))
groups = st.dictionaries(st.integers(1, 99), counts, min_size=4, max_size=12)


def members(*pairs):
    return {key: Counted(Fraction(x), n) for key, (x, n) in enumerate(pairs)}


def test_kleinman_by_hand():
    """Four of 10 with 10, 8, 6 and 4 good: p = 28/40, S = 10·(.3² + .1² + .1² + .3²) = 2, pq = .21.

    S/pq = 200/21, the weights give 40 − 400/40 = 30, so ρ = (200/21 − 3)/(30 − 3) = 137/567 and k = 430/137.
    """
    prior = prior_of(members((10, 10), (8, 10), (6, 10), (4, 10)))
    assert prior.mean == Fraction(7, 10) and prior.strength == Fraction(430, 137)
    _prior, found = shrink(members((10, 10), (8, 10), (6, 10), (4, 10)))
    assert found[0].rate == (10 + Fraction(430, 137) * Fraction(7, 10)) / (10 + Fraction(430, 137))


def test_no_more_spread_than_chance_leaves_the_mean():
    _prior, found = shrink(members((5, 10), (5, 10), (50, 100), (49, 100)))
    assert {row.rate for row in found.values()} == {Fraction(109, 220)}
    assert all(row.variance > 0 for row in found.values())


def test_all_good_is_all_good_with_a_margin():
    prior, found = shrink(members((3, 3), (9, 9), (1, 1), (200, 200)))
    assert prior.strength is None
    assert {row.rate for row in found.values()} == {Fraction(1)}
    assert found[3].variance < found[1].variance < found[0].variance < found[2].variance


def test_a_group_of_one_to_three_keeps_its_own_rates():
    for pairs in (((1, 1),), ((1, 1), (3, 9)), ((1, 1), (3, 9), (20, 40))):
        _prior, found = shrink(members(*pairs))
        assert [row.rate for row in found.values()] == [Fraction(x, n) for x, n in pairs]
        assert all(row.variance > 0 for row in found.values())


def test_nobody_with_rows_is_no_prior():
    assert shrink(members((0, 0), (0, 0))) == (None, {})
    with pytest.raises(ValueError, match="cannot sum up"):
        Counted(Fraction(3), 2)


@QUICK
@given(groups)
def test_shrunk_rates_lie_between_own_and_mean(group):
    prior, found = shrink(group)
    for row in found.values():
        low, high = sorted((row.counted.rate, prior.mean))
        assert low <= row.rate <= high and row.variance > 0


@QUICK
@given(groups, st.randoms())
def test_order_of_members_does_not_matter(group, chance):
    keys = list(group)
    chance.shuffle(keys)
    assert shrink({key: group[key] for key in keys})[1] == shrink(group)[1]


@QUICK
@given(groups)
def test_without_shrinking_rates_are_the_counts(group):
    _prior, found = shrink(group, shrinks=False)
    assert {key: row.rate for key, row in found.items()} == {key: row.rate for key, row in group.items()}


@QUICK
@given(groups, st.integers(2, 20))
def test_more_rows_of_the_same_rate_are_surer(group, times):
    """One prior, one rate, more rows: the variance falls."""
    from chuangwen.kernel.scoring.shrinkage import shrunk

    prior = prior_of(group)
    for row in group.values():
        if row.rate == prior.mean or not prior.strength:
            more = Counted(row.total * times, row.count * times)
            assert shrunk(more, prior).variance < shrunk(row, prior).variance
