"""Scores and ranks by hand, and what must hold of possible ranks and bands."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chuangwen.kernel.scoring.rank_intervals import Peer, moved, places
from chuangwen.kernel.scoring.ranking import (
    Joint,
    Limits,
    MissingPart,
    Ties,
    Weighed,
    correlation,
    ranks,
    score,
)
from chuangwen.kernel.scoring.shrinkage import Counted, shrink, shrunk
from chuangwen.kernel.scoring.shrinkage import Prior as P

QUICK = settings(max_examples=60, deadline=None)
LEVEL = Decimal("0.95")
peers = st.dictionaries(
    st.integers(1, 60),
    st.builds(Peer, st.fractions(0, 100, max_denominator=40), st.fractions(0, 30, max_denominator=40)),
    min_size=1, max_size=14,
)  # fmt: skip


def own(good, count):
    """A rate that nothing is mixed into."""
    return shrunk(Counted(Fraction(good), count), P(Fraction(1, 2), Fraction(), 1))


def weighed(code, weight, **more):
    return Weighed(code, Fraction(weight), **more)


def test_weights_and_missing_measures():
    found = {"a": own(9, 10), "b": own(1, 2)}
    skip = [weighed("a", 50), weighed("b", 30), weighed("c", 20)]
    assert score(skip, found).value == 100 * (50 * Fraction(9, 10) + 30 * Fraction(1, 2)) / 80
    zero = [*skip[:2], weighed("c", 20, missing=MissingPart.ZERO)]
    assert score(zero, found).value == 60
    mean = [*skip[:2], weighed("c", 20, missing=MissingPart.MEAN)]
    assert score(mean, found, {"c": Fraction(3, 4)}).value == 75
    assert score(mean, found).value == score(skip, found).value
    assert score(zero, {}) is None


def test_cap_floor_and_direction():
    banded = [weighed("a", 100, cap=Fraction(95, 100), floor=Fraction(60, 100))]
    assert score(banded, {"a": own(95, 100)}).value == 100
    assert score(banded, {"a": own(60, 100)}).value == 0
    assert score(banded, {"a": own(775, 1000)}).value == 50
    turned = [weighed("a", 100, good_is_high=False)]
    assert score(turned, {"a": own(1, 4)}).value == 75
    with pytest.raises(ValueError, match="leave no room"):
        weighed("a", 100, cap=Fraction(1, 2), floor=Fraction(1, 2))


def test_bonus_malus_and_veto():
    limits = Limits(Fraction(5), Fraction(20))
    assert limits.net(Fraction(8), Fraction(3)) == 2 and limits.net(Fraction(), Fraction(40)) == -20
    base = [weighed("a", 100, veto_below=Fraction(1, 2))]
    assert score(base, {"a": own(9, 10)}, net=Fraction(5)).value == 95
    assert score(base, {"a": own(1, 10)}, net=Fraction(-20)).value == 0
    assert (
        score(base, {"a": own(1, 10)}).vetoed_by == ("a",) and score(base, {"a": own(6, 10)}).vetoed_by == ()
    )
    with pytest.raises(ValueError, match="without a sign"):
        limits.net(Fraction(-1), Fraction())


def test_measures_of_the_same_things_err_together():
    found = {"a": own(9, 10), "b": own(9, 10)}
    kin = [weighed("a", 50, sees="case"), weighed("b", 50, sees="case")]
    apart = score([weighed("a", 50), weighed("b", 50)], found)
    whole = score([weighed("a", 100)], found)
    assert apart.variance == whole.variance / 2
    assert score(kin, found, together={("a", "b"): Fraction()}).variance == apart.variance
    assert score(kin, found).margin(LEVEL) == pytest.approx(whole.margin(LEVEL), abs=Decimal("1e-9"))
    half = score(kin, found, together={("a", "b"): Fraction(1, 2)}).variance
    assert abs(half - whole.variance * Fraction(3, 4)) < Fraction(1, 10**9)


def test_correlation_is_pooled_within_members():
    """One member 1 1 0 0 against 1 0 1 0 knows nothing; another is wholly good in both: the level itself does not count."""
    loose = Joint(4, Fraction(2), Fraction(2), Fraction(2), Fraction(2), Fraction(1))
    good = Joint(9, *[Fraction(9)] * 5)
    assert correlation([loose, good]) == 0
    assert correlation([Joint(4, *[Fraction(2)] * 5), good]) == 1
    # 1 1 0 0 against 1 1 1 0: 0.5 over √(1 · 0.75), squared a third.
    some = correlation([Joint(4, Fraction(2), Fraction(3), Fraction(2), Fraction(3), Fraction(2))])
    assert abs(some**2 - Fraction(1, 3)) < Fraction(1, 10**10)
    assert correlation([good]) == correlation([]) == 1
    assert correlation([Joint(4, Fraction(2), Fraction(2), Fraction(2), Fraction(2), Fraction())]) == 0


def test_tie_rules():
    scores = {1: Fraction(9), 2: Fraction(9), 3: Fraction(8), 4: Fraction(7)}
    assert ranks(scores) == {1: 1, 2: 1, 3: 3, 4: 4}
    assert ranks(scores, Ties.DENSE) == {1: 1, 2: 1, 3: 2, 4: 3}


def test_clear_figures_leave_one_rank_each():
    found = places({n: Peer(Fraction(90 - 10 * n), Fraction(1)) for n in range(4)}, LEVEL)
    assert [(found[n].low, found[n].high, found[n].band) for n in range(4)] == [
        (1, 1, 1), (2, 2, 2), (3, 3, 3), (4, 4, 4)
    ]  # fmt: skip


def test_holm_by_hand():
    """Two comparisons at 95 %: 2.2414 for the first, 1.9600 for the second (normal quantiles).

    Deviations of 1 each make a pair's √2; 3.2/√2 = 2.263 passes the first limit, 2.8/√2 = 1.980 the second only.
    """

    def found(one, two, three):
        scores = {1: Fraction(one), 2: Fraction(two), 3: Fraction(three)}
        where = places({key: Peer(value, Fraction(1)) for key, value in scores.items()}, LEVEL)
        return {key: (place.low, place.high, place.band) for key, place in where.items()}

    # The third is compared with both: the first is surely better, so the second need only pass 1.96.
    assert found("3.2", "2.8", 0) == {1: (1, 2, 1), 2: (1, 3, 1), 3: (3, 3, 2)}
    # 3.1/√2 = 2.192 misses the first limit: nothing is sure.
    assert found("3.1", "2.8", 0) == {1: (1, 3, 1), 2: (1, 3, 1), 3: (1, 3, 1)}


def test_a_lucky_case_does_not_top_the_table():
    """41 of 43 units do about nine in ten of many cases; one has one case, done in time."""
    many = {key: Counted(Fraction(80 + key % 15), 100) for key in range(42)}
    _prior, found = shrink({**many, 99: Counted(Fraction(1), 1)})
    scored = {key: score([weighed("a", 100)], {"a": row}) for key, row in found.items()}
    where = places({key: Peer(row.value, row.variance) for key, row in scored.items()}, LEVEL)
    assert where[99].rank > 1 and (where[99].low, where[99].high) == (1, 43)


def test_moved_only_when_no_rank_is_possible_in_both_months():
    assert [moved(1, 3, 4, 9), moved(5, 9, 1, 4), moved(1, 4, 4, 9), moved(2, 2, 1, 5)] == [
        "up",
        "down",
        "",
        "",
    ]


@QUICK
@given(peers, st.sampled_from(Ties))
def test_possible_ranks_contain_the_rank(group, ties):
    found = places(group, LEVEL, ties)
    best = max(place.rank for place in found.values())
    assert all(1 <= place.low <= place.rank <= place.high <= len(group) for place in found.values())
    assert ties == Ties.MIN or best == len({peer.value for peer in group.values()})


@QUICK
@given(peers, st.randoms())
def test_order_does_not_matter(group, chance):
    keys = list(group)
    chance.shuffle(keys)
    assert places({key: group[key] for key in keys}, LEVEL) == places(group, LEVEL)


@QUICK
@given(peers, st.integers(2, 50))
def test_more_data_never_widens(group, times):
    before, after = (
        places(group, LEVEL),
        places({key: Peer(peer.value, peer.variance / times) for key, peer in group.items()}, LEVEL),
    )
    for key in group:
        assert before[key].low <= after[key].low and after[key].high <= before[key].high


@QUICK
@given(peers)
def test_a_band_does_not_differ_from_its_first(group):
    """Bands run from the top without a gap, equal scores share one, and the next begins with one surely worse."""
    found = places(group, LEVEL)
    order = sorted(group, key=lambda key: (-group[key].value, group[key].variance, key))
    bands = [found[key].band for key in order]
    assert bands == sorted(bands) and set(bands) == set(range(1, max(bands) + 1))
    for one, other in pairwise(order):
        assert group[one].value != group[other].value or found[one].band == found[other].band
        if found[one].band != found[other].band:
            assert group[one].value > group[other].value
