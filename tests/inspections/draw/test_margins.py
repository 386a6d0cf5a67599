"""Margins against the variance over all samples there can be, and sizes against the closed form."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from itertools import combinations, product
from math import sqrt
from statistics import mean, pvariance, variance

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import t as student

from chuangwen.inspections.draw import DrawFault, allocate, margin_of, size_for_margin


def test_variance_is_that_of_all_samples_there_can_be():
    scores = {"a": [Fraction(n, 10) for n in (0, 3, 4, 10)], "b": [Fraction(n, 10) for n in (2, 2, 9, 5, 6)]}
    counts, sizes = {"a": 4, "b": 5}, {"a": 2, "b": 3}
    estimates = [
        (4 * mean(one) + 5 * mean(two)) / 9
        for one, two in product(combinations(scores["a"], 2), combinations(scores["b"], 3))
    ]
    spread = {key: Decimal(sqrt(variance(own))) for key, own in scores.items()}
    expected = sqrt(pvariance(estimates)) * student.ppf(0.975, 3)
    assert float(margin_of(counts, sizes, spread=spread)) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(("margin", "confidence"), [("0.05", "0.95"), ("0.03", "0.95"), ("0.08", "0.99")])
def test_one_stratum_is_the_closed_form(margin, confidence):
    whole = 5000
    found = size_for_margin({"all": whole}, margin=Decimal(margin), confidence=Decimal(confidence))

    def needed(n):
        # Cochran 5.9 with S² = N/(N − 1)/4 for halves of 0 and 1, at t for n − 1 degrees of freedom.
        t = student.ppf((1 + float(confidence)) / 2, min(1000, n - 1))
        first = t**2 * whole / (whole - 1) / 4 / float(margin) ** 2
        return first / (1 + first / whole)

    assert needed(found) <= found
    assert needed(found - 1) > found - 1


@given(
    st.dictionaries(st.text("abcdef", min_size=1), st.integers(1, 200), min_size=1, max_size=6),
    st.decimals("0.02", "0.3", places=2),
    st.booleans(),
    st.data(),
)
@settings(max_examples=25, deadline=None)
def test_the_margin_is_kept_and_one_place_fewer_does_not(counts, margin, by_spread, data):
    spread = data.draw(
        st.none() | st.fixed_dictionaries(dict.fromkeys(counts, st.decimals("0.01", "0.5", places=2)))
    )
    total = size_for_margin(counts, margin=margin, spread=spread, by_spread=by_spread)
    weights = spread if by_spread else None

    def reached(n):
        return margin_of(counts, allocate(counts, total=n, weights=weights), spread=spread)

    assert reached(total) <= margin
    if total > len(counts):
        assert reached(total - 1) > margin


def test_everything_visited_leaves_no_margin_and_nothing_visited_none_known():
    assert margin_of({"a": 3, "b": 0}, {"a": 3}) == 0
    assert margin_of({"a": 3, "b": 2}, {"a": 3}) is None
    assert size_for_margin({"a": 7, "b": 1}, margin=Decimal("0.000001")) == 8


def test_unequal_spreads_need_fewer_places_when_spread_by_them():
    counts = {"a": 2000, "b": 3000}
    spread = {"a": Decimal("0.5"), "b": Decimal("0.05")}
    wish = {"margin": Decimal("0.02"), "spread": spread}
    assert size_for_margin(counts, by_spread=True, **wish) < size_for_margin(counts, **wish)


@pytest.mark.parametrize(
    ("more", "kind"),
    [
        ({"margin": Decimal(0)}, "bad_margin"),
        ({"margin": Decimal("NaN")}, "bad_margin"),
        ({"confidence": Decimal(1)}, "bad_confidence"),
        ({"spread": {"b": Decimal("0.5")}}, "bad_weight"),
    ],
)
def test_wishes_that_are_none(more, kind):
    with pytest.raises(DrawFault) as refusal:
        size_for_margin({"a": 9}, **({"margin": Decimal("0.1")} | more))
    assert refusal.value.faults[0].kind == kind


def test_no_places_at_all():
    with pytest.raises(DrawFault, match="没有点位"):
        size_for_margin({}, margin=Decimal("0.1"))
