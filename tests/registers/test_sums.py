"""The source documents' own sums (mechanisms.md §4K) hold, from the facts of the packs; broken ones are told."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chuangwen.registers.sums import FAILS, HOLDS, OPEN, ROUNDED, Number, check_share, check_sum
from tests.registers.planting import facts


def number(city: str, code: str) -> Number:
    fact = next(one for one in facts(city) if one.code == code)
    return Number(fact.value, fact.relation)


@pytest.mark.parametrize(
    ("codes", "stated", "whole"),
    [
        (("LH-023", "LH-024", "LH-025"), "LH-021", 1274),  # 5 + 59 + 1,210
        (("LH-045", "LH-046"), None, 994),  # 392 + 602
        (("LH-015", "LH-016"), None, 19479),  # 12,800 + 6,679
    ],
)
def test_the_sums_of_the_source_documents_hold(codes, stated, whole):
    parts = [number("luohe", code) for code in codes]
    total = number("luohe", stated) if stated else Number(Decimal(whole))
    checked = check_sum(parts, total)
    assert checked.verdict == HOLDS
    assert checked.worked_out == whole


@pytest.mark.parametrize(
    ("part", "percent", "about"),
    [("GY-047", "GY-048", 850000), ("GY-161", "GY-162", 268)],  # 147,000 / 17.3 %; 173 / 64.6 %
)
def test_the_shares_of_the_source_documents_hold_by_rounding(part, percent, about):
    checked = check_share(number("gongyi", part), number("gongyi", percent), Number(Decimal(about), "≈"))
    assert checked.verdict == ROUNDED
    assert checked.low <= about <= checked.high or abs(checked.worked_out - about) < 5000


@pytest.mark.parametrize(("wrong", "right"), [("1275", "1274"), ("1264", "1274"), ("12740", "1274")])
def test_a_wrong_whole_fails(wrong, right):
    parts = [Number(Decimal(5)), Number(Decimal(59)), Number(Decimal(1210))]
    assert check_sum(parts, Number(Decimal(right))).verdict == HOLDS
    checked = check_sum(parts, Number(Decimal(wrong)))
    assert checked.verdict == FAILS and checked.difference == Decimal(right) - Decimal(wrong)


def test_a_wrong_share_fails_and_an_open_one_says_so():
    part, percent = Number(Decimal(173)), Number(Decimal("64.6"))
    assert check_share(part, percent, Number(Decimal(300), "≈")).verdict == FAILS
    assert check_share(part, percent, Number(Decimal(268))).verdict == ROUNDED
    assert check_share(part, percent, Number(Decimal(267))).verdict == FAILS  # 173 / 267 is 64.8 %
    assert check_share(part, percent, None).verdict == OPEN
    with pytest.raises(ValueError, match="above 0"):
        check_share(part, Number(Decimal(0)), None)
    with pytest.raises(ValueError, match="parts"):
        check_sum([], None)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 10**7), min_size=1, max_size=8), st.integers(-5, 5))
def test_exact_parts_add_up_exactly_or_not_at_all(parts, off):
    whole = sum(parts)
    checked = check_sum([Number(Decimal(one)) for one in parts], Number(Decimal(whole + off)))
    assert (checked.verdict == HOLDS) == (off == 0)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 100000), st.integers(1, 100000))
def test_a_share_printed_with_one_decimal_always_leads_back_to_its_whole(part, more):
    whole = part + more
    percent = (Decimal(part) * 100 / whole).quantize(Decimal("0.1"))
    if percent > 0 and percent % 1:  # 60.0 is printed as 60 and says less
        assert check_share(Number(Decimal(part)), Number(percent), Number(Decimal(whole))).verdict in (
            HOLDS,
            ROUNDED,
        )
