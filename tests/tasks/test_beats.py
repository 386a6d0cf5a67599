"""On which days a cadence comes round, and what it looks back on."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chuangwen.tasks.beats import When, days, next_day, span

D = dt.date
# National Day 2026 as the State Council gives it: 1–7 October off, 10 October worked.
OFF = {D(2026, 10, day) for day in range(1, 8)}
WORKED = {D(2026, 10, 10)}


def is_workday(day):
    return day in WORKED or (day.isoweekday() < 6 and day not in OFF)


@pytest.mark.parametrize(
    ("when", "first", "last", "found"),
    [
        (When("daily", shift="skip"), D(2026, 10, 8), D(2026, 10, 13), [8, 9, 10, 12, 13]),
        (When("weekly", 1), D(2026, 9, 28), D(2026, 10, 13), [28, 8, 12]),  # 5 October moves to the 8th
        (When("weekly", 1, shift="skip"), D(2026, 10, 1), D(2026, 10, 13), [12]),
        (
            When("monthly", 5, shift="previous"),
            D(2026, 9, 20),
            D(2026, 10, 20),
            [30],
        ),  # the 5th goes back over seven days
        (When("monthly", 31, shift="none"), D(2026, 2, 1), D(2026, 4, 30), [28, 31, 30]),
        (When("quarterly", 10, 1), D(2026, 10, 1), D(2026, 12, 31), [10]),  # a Saturday that is worked
        (When("yearly", 1, 3, "none"), D(2026, 1, 1), D(2027, 12, 31), [1, 1]),
    ],
)
def test_a_cadence_falls_on_these_days(when, first, last, found):
    assert [day.day for day in days(when, first, last, is_workday)] == found


@pytest.mark.parametrize(
    ("cadence", "on", "first", "last"),
    [
        ("daily", D(2026, 11, 16), D(2026, 11, 16), D(2026, 11, 16)),
        ("weekly", D(2026, 11, 16), D(2026, 11, 9), D(2026, 11, 15)),
        ("monthly", D(2026, 1, 5), D(2025, 12, 1), D(2025, 12, 31)),
        ("quarterly", D(2026, 4, 10), D(2026, 1, 1), D(2026, 3, 31)),
        ("quarterly", D(2026, 2, 10), D(2025, 10, 1), D(2025, 12, 31)),
        ("yearly", D(2026, 3, 1), D(2025, 1, 1), D(2025, 12, 31)),
    ],
)
def test_a_pack_looks_back_on_the_last_whole_span(cadence, on, first, last):
    assert span(cadence, on) == (first, last)


whens = st.builds(
    When, st.sampled_from(["daily", "weekly", "monthly", "quarterly", "yearly"]), st.integers(1, 7), st.integers(1, 3),
    st.sampled_from(["none", "next", "previous", "skip"]),
)  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(whens, st.dates(D(2026, 1, 1), D(2027, 12, 31)), st.integers(0, 60))
def test_days_are_in_order_within_the_span_and_working_ones_unless_said(when, first, length):
    found = list(days(when, first, first + dt.timedelta(days=length), is_workday))
    assert found == sorted(set(found))
    assert all(first <= day <= first + dt.timedelta(days=length) for day in found)
    assert when.shift == "none" or all(is_workday(day) for day in found)


@settings(max_examples=30, deadline=None)
@given(whens, st.dates(D(2026, 1, 1), D(2027, 12, 31)))
def test_the_next_day_is_the_first_of_the_days(when, today):
    found = next_day(when, today, is_workday)
    ahead = list(days(when, today, today + dt.timedelta(days=434), is_workday))
    assert found == (ahead[0] if ahead else None)
    # Only a day that is left out on days off may stay away for a year.
    assert found is not None or (when.shift == "skip" and when.cadence == "yearly")
