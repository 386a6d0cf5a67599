"""Points from what was seen: each way of grading, what cannot be, and that points never leave their bounds."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chuangwen.inspections.grading import FAIL, NOT_HERE, PART, PASS, BadGrade, Graded, grade

BANDS = {"A": "1", "B": "0.6", "C": "0"}
ADS = {"count": 5, "metres": 300, "each": "0.2"}
CASES = [
    ("pass_fail", {}, "2", {"result": PASS}, Graded(PASS, 2000, 2000, None)),
    ("pass_fail", {}, "2", {"result": FAIL}, Graded(FAIL, 0, 2000, None)),
    ("pass_fail", {}, "2", {"result": NOT_HERE}, Graded(NOT_HERE, 0, 0, None)),
    ("points", {"each": "0.25"}, "1", {"count": 1}, Graded(PART, 750, 1000, 1)),
    ("points", {"each": "0.25"}, "1", {"count": 9, "result": FAIL}, Graded(FAIL, 0, 1000, 9)),
    ("points", {"each": "0.25"}, "1", {"result": PASS}, Graded(PASS, 1000, 1000, None)),
    ("bands", BANDS, "1.5", {"band": "B"}, Graded(PART, 900, 1500, 1)),
    ("bands", BANDS, "1.5", {"result": FAIL}, Graded(FAIL, 0, 1500, 2)),
    ("count_per_metre", ADS, "1", {"count": 3}, Graded(PART, 600, 1000, 3)),
    ("count_per_metre", ADS, "1", {"count": 8}, Graded(PASS, 1000, 1000, 8)),
    ("hotline", {"rings": 6}, "1", {"count": 6}, Graded(PASS, 1000, 1000, 6)),
    ("hotline", {"rings": 6}, "1", {"result": FAIL}, Graded(FAIL, 0, 1000, None)),
    ("timed", {"minutes": 10, "most": 2}, "1", {"count": 3}, Graded(FAIL, 0, 1000, 3)),
    ("timed", {"minutes": 180, "least": 8}, "1", {"count": 3}, Graded(PART, 375, 1000, 3)),
]
IMPOSSIBLE = [
    ("pass_fail", {}, {}, "没有结果"),
    ("pass_fail", {}, {"result": 7}, "没有“7”"),
    ("pass_fail", {}, {"result": PART}, "只有达标或不达标"),
    ("pass_fail", {}, {"result": PASS, "band": "A"}, "不分档"),
    ("points", {"each": "0.5"}, {"count": -1}, "-1"),
    ("points", {"each": "0.5"}, {"result": FAIL}, "写明计数"),
    ("points", {"each": "0.5"}, {"result": PASS, "count": 1}, "对不上"),
    ("points", {"each": "0.5"}, {"result": FAIL, "count": 0}, "对不上"),
    ("points", {}, {"count": 1}, "缺“each”"),
    ("bands", BANDS, {"band": "E"}, "没有“E”"),
    ("bands", {"A": "2"}, {"band": "A"}, "分档不对"),
    ("bands", {"A": "rot"}, {"band": "A"}, "缺“A”"),
    ("timed", {"minutes": 9, "least": 0}, {"count": 1}, "不能用"),
    ("guess", {}, {"count": 1}, "不认识"),
]


@pytest.mark.parametrize(("way", "params", "full", "seen", "wanted"), CASES)
def test_each_way_of_grading(way, params, full, seen, wanted):
    assert grade(way, params, Decimal(full), **seen) == wanted


@pytest.mark.parametrize(("way", "params", "seen", "words"), IMPOSSIBLE)
def test_what_cannot_be_is_refused_in_words(way, params, seen, words):
    with pytest.raises(BadGrade, match=words):
        grade(way, params, Decimal(1), **seen)


@pytest.mark.parametrize("full", ["0.0005", "NaN", "-1"])
def test_a_full_mark_that_is_no_number_of_thousandths_is_refused(full):
    with pytest.raises(BadGrade, match="分值"):
        grade("pass_fail", {}, Decimal(full), result=PASS)


@settings(max_examples=40)
@given(
    full=st.integers(0, 20_000).map(lambda n: Decimal(n) / 1000),
    each=st.integers(0, 1000).map(lambda n: str(Decimal(n) / 1000)),
    count=st.integers(0, 9999),
)
def test_points_stay_between_nothing_and_full_and_more_faults_give_no_more(full, each, count):
    first, next_ = (grade("points", {"each": each}, full, count=n) for n in (count, min(9999, count + 1)))
    assert 0 <= next_.points <= first.points <= first.full == full * 1000
    assert (first.result == PASS) == (Decimal(each) * count == 0)
