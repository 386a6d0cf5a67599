"""The weakness list: exact, by hand, fair to small samples, the same in any order."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chuangwen.kernel.scoring.weakness import Item, Why, prior, rates, weaknesses, what_if

D, F = Decimal, Fraction


@st.composite
def lists(draw):
    items = []
    for number in range(draw(st.integers(1, 8))):
        visited = draw(st.integers(0, 40))
        items.append(
            Item(
                f"s{number}",
                draw(st.sampled_from("ab")),
                draw(st.integers(0, 10)),
                draw(st.decimals(0, 1, places=3)),
                visited,
                draw(st.integers(0, visited)),
                draw(st.decimals("0.5", 1, places=2)),
                draw(st.none() | st.decimals("0.5", 90, places=1)),
                failing=draw(st.none() | st.integers(0, 50)),
            )
        )
    return items


def test_the_prior_by_hand():
    # Rates 10/20, 18/20, 20/20: n = 60, p = 0.8, pq = 0.16, S = 20 (0.09 + 0.01 + 0.04) = 2.8.
    # γ = (2.8 − 0.16·2) / (0.16 (60 − 1200/60 − 2)) = 2.48 / 6.08, so the prior is worth (6.08 − 2.48) / 2.48 = 45/31
    # visits; that is below the least of four.
    group = [Item(str(k), "g", 1, 1, 20, k) for k in (10, 18, 20)]
    assert (prior(group).rate, prior(group).visits) == (F(4, 5), 4)
    # Rates 14/20, 16/20, 18/20, 16/20 vary less than chance would make them: worth all 80 visits.
    even = [Item(str(i), "g", 1, 1, 20, k) for i, k in enumerate((14, 16, 18, 16))]
    assert (prior(even).rate, prior(even).visits) == (F(4, 5), 80)
    # Rates 60/100, 80/100, 90/100, 90/100: p = 0.8, S = 100 (0.04 + 0 + 0.01 + 0.01) = 6;
    # γ = (6 − 0.48) / (0.16 (400 − 100 − 3)) = 5.52 / 47.52, worth 42 / 5.52 = 175/23 visits.
    wide = [Item(str(i), "g", 1, 1, 100, k) for i, k in enumerate((60, 80, 90, 90))]
    assert (prior(wide).rate, prior(wide).visits) == (F(4, 5), F(175, 23))
    assert rates(wide)["0"] == (60 + F(175, 23) * F(4, 5)) / (100 + F(175, 23))


def test_a_failure_of_one_visit_does_not_lead():
    steady = [Item(f"t{i}", "roads", 2, D("0.4"), 60, passed) for i, passed in enumerate((58, 57, 59, 36))]
    found = weaknesses([*steady, Item("once", "roads", 2, D("0.4"), 1, 0)])
    assert [weakness.item.key for weakness in found][:2] == ["t3", "once"]
    assert found[0].rank == 1
    reasons = {reason.code: reason.figure for reason in found[1].reasons}
    assert reasons[Why.SEEN_RATE] == 0
    assert reasons[Why.VISITED] == 1
    assert reasons[Why.BORROWED] >= F(4, 5)
    assert found[1].points == reasons[Why.AT_STAKE] * reasons[Why.GAP]


def test_points_by_hand_and_per_effort():
    # One group, all rates 3/4: nothing to draw them to. 4 points × 0.2 × (0.95 − 0.75) = 0.16; / 8 days = 0.02.
    slow = Item("slow", "g", 4, D("0.2"), 40, 30, D("0.95"), D(8), "diary", 10)
    quick = Item("quick", "g", 2, D("0.2"), 40, 30, D("0.95"), D(2))
    open_end = Item("open", "g", 1, D("0.2"), 40, 30)
    assert [w.item.key for w in weaknesses([quick, slow, open_end])] == ["slow", "quick", "open"]
    best = weaknesses([quick, slow, open_end], by_effort=True)
    assert [(w.rank, w.item.key, w.per_effort) for w in best] == [
        (1, "quick", F(4, 100)), (2, "slow", F(2, 100)), (3, "open", None),
    ]  # fmt: skip
    assert best[1].points == F(16, 100)
    assert {reason.code: reason.figure for reason in best[1].reasons}[Why.PER_PLACE] == F(16, 1000)


def test_above_its_target_there_is_nothing_to_win():
    assert weaknesses([Item("good", "g", 4, 1, 50, 50, D("0.9"))])[0].points == 0


def test_never_visited_is_taken_as_its_group_and_a_lone_one_as_all():
    group = [Item("a", "g", 1, 1, 50, 40), Item("b", "g", 1, 1, 50, 40), Item("new", "g", 1, 1, 0, 0)]
    assert rates(group)["new"] == F(4, 5)
    new = next(weakness for weakness in weaknesses(group) if weakness.item.key == "new")
    assert Why.SEEN_RATE not in {reason.code for reason in new.reasons}
    lone = Item("lone", "other", 1, 1, 1, 0)
    assert F(1, 2) < rates([*group, lone])["lone"] < F(4, 5)
    assert rates([Item("x", "g", 1, 1, 0, 0)]) == {"x": F(1, 2)}


def test_what_if_by_hand():
    items = [Item("a", "g", 10, D("0.4"), 40, 30), Item("b", "g", 5, D("0.4"), 40, 30)]
    found = what_if(items, {"a": D("0.9"), "b": D("0.7")})
    # 4 (0.9 − 0.75) = 0.6 and 2 (0.7 − 0.75) = −0.1.
    assert [change.points for change in found.changes] == [F(6, 10), F(-1, 10)]
    assert (found.before, found.after, found.difference) == (F(9, 2), 5, F(1, 2))


@given(lists(), st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_order_of_input_is_nothing(items, random):
    mixed = list(items)
    random.shuffle(mixed)
    for by_effort in (False, True):
        assert weaknesses(mixed, by_effort=by_effort) == weaknesses(items, by_effort=by_effort)


@given(lists())
@settings(max_examples=40, deadline=None)
def test_all_targets_reached_win_what_the_list_says(items):
    found = weaknesses(items)
    assert [w.points for w in found] == sorted((w.points for w in found), reverse=True)
    raised = {w.item.key: F(w.item.target) for w in found if w.points}
    result = what_if(items, raised)
    assert result.difference == sum(w.points for w in found)
    assert sum(change.points for change in result.changes) == result.difference


@given(lists())
@settings(max_examples=40, deadline=None)
def test_a_rate_lies_between_what_was_seen_and_its_group(items):
    for weakness in weaknesses(items):
        figures = {reason.code: reason.figure for reason in weakness.reasons}
        ends = sorted((figures.get(Why.SEEN_RATE, figures[Why.GROUP_RATE]), figures[Why.GROUP_RATE]))
        assert ends[0] <= weakness.rate <= ends[1]
        assert weakness.points <= weakness.item.at_stake


def test_faults_are_named():
    with pytest.raises(ValueError, match="standard s: 3 passed of 2 visited"):
        Item("s", "g", 1, 1, 2, 3)
    with pytest.raises(ValueError, match="standard s: a rate of 95 is not between 0 and 1"):
        Item("s", "g", 1, 1, 2, 1, 95)
    with pytest.raises(ValueError, match="standard s: effort 0 is not above 0"):
        Item("s", "g", 1, 1, 2, 1, effort=D(0))
    with pytest.raises(ValueError, match="standard s: -1 points"):
        Item("s", "g", -1, 1, 2, 1)
    items = [Item("s", "g", 1, 1, 2, 1)]
    with pytest.raises(ValueError, match="standard s stands there twice"):
        weaknesses(items * 2)
    with pytest.raises(ValueError, match="no standard t in the list"):
        what_if(items, {"t": 1})
    with pytest.raises(ValueError, match="standard s: a rate of 2"):
        what_if(items, {"s": 2})
