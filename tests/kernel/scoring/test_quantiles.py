"""Quantiles against the printed tables and the normal distribution of the standard library."""

from __future__ import annotations

from decimal import Decimal
from statistics import NormalDist

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chuangwen.kernel.scoring.quantiles import two_sided_normal, two_sided_t

# Student's t, 95 % and 99 % two-sided, as printed in any table of the distribution.
TABLE = {
    (1, "0.95"): "12.706",
    (2, "0.95"): "4.303",
    (3, "0.95"): "3.182",
    (5, "0.95"): "2.571",
    (10, "0.95"): "2.228",
    (21, "0.95"): "2.080",
    (30, "0.95"): "2.042",
    (120, "0.95"): "1.980",
    (1, "0.99"): "63.657",
    (4, "0.99"): "4.604",
    (15, "0.99"): "2.947",
}


@pytest.mark.parametrize("freedom", TABLE)
def test_t_is_the_printed_table(freedom):
    degrees, confidence = freedom
    assert round(two_sided_t(degrees, Decimal(confidence)), 3) == Decimal(TABLE[freedom])


@given(st.decimals("0.01", "0.999", places=3))
@settings(max_examples=30)
def test_normal_is_that_of_the_standard_library(confidence):
    other = NormalDist().inv_cdf((1 + float(confidence)) / 2)
    assert float(two_sided_normal(confidence)) == pytest.approx(other, abs=1e-9)


@given(st.integers(1, 200), st.decimals("0.5", "0.99", places=2))
@settings(max_examples=25, deadline=None)
def test_t_comes_down_to_the_normal(freedom, confidence):
    here, more = two_sided_t(freedom, confidence), two_sided_t(freedom + 1, confidence)
    assert here > more > two_sided_normal(confidence)


def test_what_no_distribution_has_is_refused():
    with pytest.raises(ValueError, match="at least one degree of freedom, not 0"):
        two_sided_t(0)
    with pytest.raises(ValueError, match="between 0 and 1, not 1"):
        two_sided_normal(Decimal(1))
    with pytest.raises(ValueError, match="between 0 and 1, not 95"):
        two_sided_t(5, Decimal(95))
