"""Strata and their sizes: whole, exact, within bounds, in proportion."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chuangwen.inspections.draw import DrawFault, allocate, strata_of


def test_small_areas_of_a_type_are_merged_and_types_are_not():
    register = (
        [("公园", "城关")] * 5 + [("公园", "东")] * 1 + [("公园", "西")] * 1
        + [("车站", "城关")] * 4 + [("车站", "东")] * 3 + [("车站", "西")]
        + [("剧院", "东")] + [("剧院", "西")]
        + [("医院", "东")]
    )  # fmt: skip
    assert strata_of(register, least=2) == {
        ("公园", "城关"): "公园×城关", ("公园", "东"): "公园×其余", ("公园", "西"): "公园×其余",
        ("车站", "城关"): "车站×城关", ("车站", "东"): "车站×其余", ("车站", "西"): "车站×其余",
        ("剧院", "东"): "剧院", ("剧院", "西"): "剧院",
        ("医院", "东"): "医院",
    }  # fmt: skip


@given(
    st.lists(st.tuples(st.sampled_from("甲乙丙"), st.sampled_from("东南西北中")), max_size=60),
    st.integers(1, 6),
)
@settings(max_examples=40)
def test_no_stratum_is_small_unless_its_type_is(register, least):
    named = strata_of(register, least=least)
    assert set(named) == set(register)
    for stratum in set(named.values()):
        members = [pair for pair in register if named[pair] == stratum]
        kind = {each for each, _area in members}
        assert len(kind) == 1
        whole = sum(each in kind for each, _area in register)
        assert len(members) >= min(least, whole)


@st.composite
def wishes(draw_from):
    """Counts, a minimum, a total the two allow, and weights or none."""
    sizes = draw_from(st.lists(st.integers(0, 40), min_size=1, max_size=7).filter(any))
    counts = {f"层{n}": size for n, size in enumerate(sizes)}
    minimum = draw_from(st.integers(0, 3))
    total = draw_from(st.integers(sum(min(minimum, size) for size in sizes), sum(sizes)))
    weight = st.decimals("0", "0.5", places=3)
    weights = draw_from(st.none() | st.fixed_dictionaries(dict.fromkeys(counts, weight)))
    return counts, minimum, total, weights


@given(wishes())
@settings(max_examples=40)
def test_sum_and_bounds_are_exact_and_shares_in_proportion(wish):
    counts, minimum, total, weights = wish
    sizes = allocate(counts, total=total, minimum=minimum, weights=weights)
    assert sum(sizes.values()) == total
    assert all(min(minimum, counts[key]) <= sizes[key] <= counts[key] for key in counts)
    pull = {key: counts[key] * Fraction(weights[key] if weights else 1) for key in counts}
    # One factor fits all: nobody who could give one fewer stands above anybody who could give one more.
    fewest = [(sizes[k] - 1) / pull[k] for k in counts if pull[k] and sizes[k] > min(minimum, counts[k])]
    most = [(sizes[k] + 1) / pull[k] for k in counts if pull[k] and sizes[k] < counts[k]]
    assert not fewest or not most or max(fewest) < min(most)
    # Strata without spread wait for the others.
    if any(sizes[key] > min(minimum, counts[key]) for key in counts if not pull[key]):
        assert all(sizes[key] == counts[key] for key in counts if pull[key])


@given(st.dictionaries(st.text("abcdef", min_size=1), st.integers(1, 500), min_size=1, max_size=9), st.data())
@settings(max_examples=30)
def test_without_bounds_it_is_the_method_of_largest_remainders(counts, data):
    whole = sum(counts.values())
    total = data.draw(st.integers(0, whole))
    expected = {key: total * count // whole for key, count in counts.items()}
    order = sorted(counts, key=lambda key: (-(total * counts[key] % whole), -counts[key], key))
    for key in order[: total - sum(expected.values())]:
        expected[key] += 1
    assert allocate(counts, total=total, minimum=0) == expected


def test_equal_remainders_go_to_the_larger_stratum_then_by_name():
    assert allocate({"a": 1, "b": 3}, total=2, minimum=0) == {"a": 0, "b": 2}
    assert allocate({"b": 2, "a": 2}, total=1, minimum=0) == {"a": 1, "b": 0}


def test_neyman_by_hand():
    # N·S = 100·0.5, 300·0.1, 100·0.2 = 50, 30, 20: of 10 places 5, 3 and 2.
    weights = {"a": Decimal("0.5"), "b": Decimal("0.1"), "c": Decimal("0.2")}
    assert allocate({"a": 100, "b": 300, "c": 100}, total=10, weights=weights) == {"a": 5, "b": 3, "c": 2}
    # A stratum that has only 3 gives all, the other 7 go 30 : 20.
    assert allocate({"a": 3, "b": 300, "c": 100}, total=10, weights=weights | {"a": Decimal(90)}) == {
        "a": 3, "b": 4, "c": 3,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("counts", "total", "more", "kind", "figures"),
    [
        ({"a": 2, "b": 3}, 6, {}, "total_too_large", {"total": 6, "places": 5}),
        ({"a": 2, "b": 3, "c": 1}, 4, {"minimum": 2}, "total_too_small",
         {"total": 4, "strata": 3, "minimum": 2, "needed": 5}),
        ({"a": 2}, -1, {"minimum": 0}, "total_too_small", {"total": -1, "strata": 1, "minimum": 0, "needed": 0}),
        ({}, 0, {}, "empty_register", {}),
        ({"a": -2, "b": 9}, 3, {}, "bad_count", {"stratum": "a", "count": -2}),
        ({"a": 2}, 1, {"minimum": -1}, "bad_minimum", {"minimum": -1}),
        ({"a": 2}, 1, {"weights": {}}, "bad_weight", {"stratum": "a", "weight": "—"}),
        ({"a": 2}, 1, {"weights": {"a": Decimal("NaN")}}, "bad_weight", None),
        ({"a": 2}, 1, {"weights": {"a": Decimal(1), "b": Decimal(1)}}, "unknown_stratum",
         {"stratum": "b", "wanted": 0}),
    ],
)  # fmt: skip
def test_what_cannot_be_spread_is_refused(counts, total, more, kind, figures):
    with pytest.raises(DrawFault) as refusal:
        allocate(counts, total=total, **more)
    found = refusal.value.faults[0]
    assert found.kind == kind
    assert figures is None or found.figures == figures
