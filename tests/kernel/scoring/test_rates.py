"""Rates: exact, never without their denominator, and Wilson's interval as published."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chuangwen.kernel.scoring.rates import Mean, Rate


@st.composite
def rates(draw, least=0):
    whole = draw(st.integers(least, 10**7))
    return Rate(draw(st.integers(0, whole)), whole)


def test_no_denominator_is_unknown_not_zero():
    none = Rate(0, 0)
    assert (none.value, none.percent(), none.interval(), none.share, none.text) == (
        None,
        None,
        None,
        "—",
        "— 0/0",
    )
    assert (Rate(0, 3).share, Rate(0, 3).text) == ("0.0%", "0.0% 0/3")


@pytest.mark.parametrize(("part", "whole"), [(2, 1), (-1, 4), (1, 0)])
def test_a_part_outside_its_whole_is_refused(part, whole):
    with pytest.raises(ValueError, match="no rate"):
        Rate(part, whole)


def test_text_carries_the_denominator():
    assert Rate(1081, 1157).text == "93.4% 1,081/1,157"


def test_half_is_rounded_up_as_in_official_tables():
    # 1/16 = 6.25 %, 1/800 = 0.125 %: banker's rounding would give 6.2 and 0.12.
    assert Rate(1, 16).percent() == Decimal("6.3")
    assert Rate(1, 800).percent(2) == Decimal("0.13")


@given(rates(least=1), st.integers(0, 4))
@settings(max_examples=80)
def test_percent_is_the_nearest_decimal(rate, places):
    exact = Fraction(100 * rate.numerator, rate.denominator)
    percent = rate.percent(places)
    assert percent is not None
    assert abs(Fraction(percent) - exact) <= Fraction(1, 2 * 10**places)
    assert -percent.as_tuple().exponent == places


@given(rates(least=1))
@settings(max_examples=80)
def test_interval_holds_the_rate_and_mirrors(rate):
    low, high = rate.interval()
    assert 0 <= low <= float(rate.value) + 1e-12
    assert float(rate.value) - 1e-12 <= high <= 1
    other_low, other_high = Rate(rate.denominator - rate.numerator, rate.denominator).interval()
    assert (other_low, other_high) == pytest.approx((1 - high, 1 - low), abs=1e-9)


@given(rates(least=1))
@settings(max_examples=40)
def test_interval_is_wilsons_equation(rate):
    # Its ends are the two p with (p̂ − p)² = z² p (1 − p) / n, Wilson 1927.
    z, n = 1.959963984540054, rate.denominator
    for end in rate.interval():
        assert (float(rate.value) - end) ** 2 == pytest.approx(
            z * z * end * (1 - end) / n, rel=1e-6, abs=1e-12
        )


def test_interval_narrows_with_the_denominator_and_confidence():
    small, large = Rate(9, 10).interval(), Rate(900, 1000).interval()
    assert large[1] - large[0] < small[1] - small[0]
    loose = Rate(9, 10).interval(Decimal("0.68"))
    assert small[0] < loose[0] < loose[1] < small[1]
    with pytest.raises(ValueError, match="between 0 and 1"):
        Rate(1, 2).interval(Decimal(1))


def test_mean_is_exact_and_unknown_without_cases():
    assert Mean(3 * 3600 + 1800, 2).value == Fraction(6300)
    assert Mean(3 * 3600 + 1800, 2).hours() == Decimal("1.8")  # 1.75, half up
    assert (Mean(0, 0).value, Mean(0, 0).hours()) == (None, None)
