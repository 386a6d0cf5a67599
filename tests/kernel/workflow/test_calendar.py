"""The work calendar against hand-made cases from the holiday notices, a naive count and its own laws."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import chinese_calendar
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from chuangwen.kernel.workflow.calendar import CHINA, DayRule, Limit, Unit, WorkCalendar
from chuangwen.kernel.workflow.holidays import ChinaDays, china_days, known_years, overlay

HOURS = ((time(8, 30), time(12)), (time(14, 30), time(18)))
DAYS = china_days(range(2024, 2027))
OFFICE = WorkCalendar(HOURS, *DAYS)
SAME_MOMENT = WorkCalendar(HOURS, *DAYS, day_rule=DayRule.SAME_MOMENT)


def at(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=CHINA)


# Written by hand from the notices of the State Council office: 国办发明电〔2024〕12号 for 2025 (Spring
# Festival 28 January to 4 February, worked 26 January and 8 February; National Day 1 to 8 October, worked
# 28 September and 11 October) and the notice of 4 November 2025 for 2026 (15 to 23 February, worked 14 and
# 28 February; 1 to 7 October, worked 20 September and 10 October).
CASES = [
    # National Day 2025: Tuesday 30 September is the last working day before eight days off.
    ("2025-09-30 17:00", 1, Unit.WORK_HOUR, "2025-09-30 18:00"),
    ("2025-09-30 17:00", 2, Unit.WORK_HOUR, "2025-10-09 09:30"),
    ("2025-09-30 17:00", 2, Unit.URGENT_HOUR, "2025-09-30 19:00"),
    ("2025-09-30 17:00", 1, Unit.WORK_DAY, "2025-10-09 18:00"),
    ("2025-09-30 17:00", 3, Unit.WORK_DAY, "2025-10-11 18:00"),
    ("2025-09-30 17:00", 4, Unit.WORK_DAY, "2025-10-13 18:00"),
    ("2025-10-04 23:00", 1, Unit.WORK_DAY, "2025-10-09 18:00"),
    ("2025-10-04 23:00", 4, Unit.WORK_HOUR, "2025-10-09 15:00"),
    ("2025-10-04 23:00", 4, Unit.URGENT_HOUR, "2025-10-05 03:00"),
    # Friday 26 September, with the worked Sunday of the 28th.
    ("2025-09-26 09:00", 1, Unit.WORK_DAY, "2025-09-28 18:00"),
    ("2025-09-26 17:30", 1, Unit.WORK_HOUR, "2025-09-28 09:00"),
    # Spring Festival 2025.
    ("2025-01-24 10:00", 1, Unit.WORK_DAY, "2025-01-26 18:00"),
    ("2025-01-24 10:00", 3, Unit.WORK_DAY, "2025-02-05 18:00"),
    ("2025-02-07 16:00", 1, Unit.WORK_DAY, "2025-02-08 18:00"),
    ("2025-01-27 14:00", 7, Unit.WORK_HOUR, "2025-02-05 12:00"),
    # Spring Festival 2026: Friday 13 February, worked Saturday the 14th, then nine days off.
    ("2026-02-13 09:00", 1, Unit.WORK_DAY, "2026-02-14 18:00"),
    ("2026-02-13 09:00", 2, Unit.WORK_DAY, "2026-02-24 18:00"),
    ("2026-02-14 11:00", 2, Unit.WORK_HOUR, "2026-02-14 15:30"),
    ("2026-02-14 16:00", 4, Unit.WORK_HOUR, "2026-02-24 10:30"),
    ("2026-02-27 12:30", 2, Unit.WORK_DAY, "2026-03-02 18:00"),
    # National Day 2026.
    ("2026-09-30 08:00", 2, Unit.WORK_DAY, "2026-10-09 18:00"),
    ("2026-09-30 08:00", 3, Unit.WORK_DAY, "2026-10-10 18:00"),
    ("2026-09-18 18:00", 1, Unit.WORK_DAY, "2026-09-20 18:00"),
    ("2026-09-30 18:00", 1, Unit.WORK_HOUR, "2026-10-08 09:30"),
]


@pytest.mark.parametrize(("start", "amount", "unit", "due"), CASES)
def test_due_follows_the_holiday_notices(start: str, amount: int, unit: Unit, due: str) -> None:
    assert OFFICE.due(at(start), Limit(amount, unit)) == at(due)


def test_due_in_calendar_days_is_the_last_second_of_the_day() -> None:
    due = OFFICE.due(at("2025-09-30 17:00"), Limit(3, Unit.CALENDAR_DAY))

    assert due == datetime(2025, 10, 3, 23, 59, 59, tzinfo=CHINA)


def test_due_in_calendar_days_leaves_a_rest_day_where_asked_for() -> None:
    calendar = WorkCalendar(HOURS, *DAYS, rest_day_moves_due=True)

    due = calendar.due(at("2025-09-30 17:00"), Limit(3, Unit.CALENDAR_DAY))

    assert due == datetime(2025, 10, 9, 23, 59, 59, tzinfo=CHINA)


@pytest.mark.parametrize(
    ("start", "amount", "unit", "due"),
    [
        ("2025-09-30 10:00", 1, Unit.WORK_DAY, "2025-10-09 10:00"),
        ("2025-09-30 17:00", Decimal("0.5"), Unit.WORK_DAY, "2025-10-09 11:00"),
        ("2025-09-30 17:00", 2, Unit.CALENDAR_DAY, "2025-10-02 17:00"),
    ],
)
def test_due_at_the_same_moment_under_the_other_rule(start: str, amount: int, unit: Unit, due: str) -> None:
    assert SAME_MOMENT.due(at(start), Limit(amount, unit)) == at(due)


def test_due_comes_in_the_zone_of_the_calendar() -> None:
    start = datetime(2025, 9, 30, 9, 0, tzinfo=UTC)

    due = OFFICE.due(start, Limit(1, Unit.WORK_HOUR))

    assert due.isoformat() == "2025-09-30T18:00:00+08:00"


def test_urgent_hours_run_through_summer_time() -> None:
    # China set its clocks forward in the night to 15 April 1990: 01:00 and two hours more are 04:00 on the
    # wall.
    due = OFFICE.due(datetime(1990, 4, 15, 1, 0, tzinfo=CHINA), Limit(2, Unit.URGENT_HOUR))

    assert due.astimezone(UTC) == datetime(1990, 4, 14, 19, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2025-09-30 07:00", "2025-09-30 08:30"),
        ("2025-09-30 08:30", "2025-09-30 08:30"),
        ("2025-09-30 12:00", "2025-09-30 14:30"),
        ("2025-09-30 15:10", "2025-09-30 15:10"),
        ("2025-09-30 18:00", "2025-10-09 08:30"),
        ("2025-10-05 10:00", "2025-10-09 08:30"),
    ],
)
def test_next_work_moment(moment: str, expected: str) -> None:
    assert OFFICE.next_work_moment(at(moment)) == at(expected)


@pytest.mark.parametrize(
    ("unit", "due", "paused", "resumed", "expected"),
    [
        (Unit.WORK_HOUR, "2025-09-30 16:00", "2025-09-30 15:00", "2025-09-30 17:30", "2025-10-09 09:00"),
        (Unit.URGENT_HOUR, "2025-10-02 03:00", "2025-10-01 22:00", "2025-10-02 01:30", "2025-10-02 06:30"),
        (Unit.WORK_DAY, "2025-09-30 18:00", "2025-09-29 10:00", "2025-10-09 10:00", "2025-10-10 18:00"),
        (Unit.WORK_DAY, "2025-09-30 18:00", "2025-09-29 09:00", "2025-09-29 17:00", "2025-09-30 18:00"),
        (Unit.WORK_DAY, "2025-10-09 18:00", "2025-10-01 10:00", "2025-10-07 10:00", "2025-10-09 18:00"),
    ],
)
def test_shift_keeps_what_remained(unit: Unit, due: str, paused: str, resumed: str, expected: str) -> None:
    assert OFFICE.shift(at(due), at(paused), at(resumed), unit) == at(expected)


def test_remaining_is_negative_after_the_due_moment() -> None:
    assert OFFICE.remaining(at("2025-10-09 10:00"), at("2025-09-30 17:00"), Unit.WORK_HOUR) == Decimal("-2.5")


# Properties -----------------------------------------------------------------------------------------------

few = settings(max_examples=60, deadline=None)
moments = st.datetimes(datetime(1990, 1, 1), datetime(2100, 12, 31), timezones=st.just(CHINA)).map(
    lambda moment: moment.replace(microsecond=0)
)
near = st.datetimes(datetime(2025, 9, 1), datetime(2026, 3, 31), timezones=st.just(CHINA)).map(
    lambda moment: moment.replace(microsecond=0)
)
units = st.sampled_from(Unit)
amounts = st.integers(1, 400)
days_near = st.dates(date(2025, 9, 1), date(2026, 3, 31))


@st.composite
def calendars(draw: st.DrawFn) -> WorkCalendar:
    edges = sorted(draw(st.sets(st.integers(0, 95), min_size=2, max_size=6)))
    clocks = [time(quarter // 4, quarter % 4 * 15) for quarter in edges[: len(edges) // 2 * 2]]
    off = draw(st.frozensets(days_near, max_size=12))
    worked = draw(st.frozensets(days_near, max_size=12)) - off
    spans = tuple(zip(clocks[::2], clocks[1::2], strict=True))
    return WorkCalendar(spans, off, worked, day_rule=draw(st.sampled_from(DayRule)))


@few
@given(calendars(), st.one_of(near, moments), amounts, units)
def test_elapsed_until_due_gives_back_the_limit(
    calendar: WorkCalendar, start: datetime, amount: int, unit: Unit
) -> None:
    due = calendar.due(start, Limit(amount, unit))

    assert due > start
    assert calendar.elapsed(start, due, unit) == amount


@few
@given(calendars(), near, near, amounts, units)
def test_a_later_start_is_never_due_earlier(
    calendar: WorkCalendar, one: datetime, other: datetime, amount: int, unit: Unit
) -> None:
    first, second = sorted((one, other))

    assert calendar.due(first, Limit(amount, unit)) <= calendar.due(second, Limit(amount, unit))


@few
@given(calendars(), near, amounts, amounts, units)
def test_a_limit_in_two_parts_is_due_with_the_whole(
    calendar: WorkCalendar, start: datetime, first: int, second: int, unit: Unit
) -> None:
    in_parts = calendar.due(calendar.due(start, Limit(first, unit)), Limit(second, unit))

    assert in_parts == calendar.due(start, Limit(first + second, unit))


@few
@given(calendars(), near, near, near, units)
def test_elapsed_adds_up(
    calendar: WorkCalendar, start: datetime, middle: datetime, end: datetime, unit: Unit
) -> None:
    parts = calendar.elapsed(start, middle, unit) + calendar.elapsed(middle, end, unit)

    # A third of an hour has no exact Decimal, hence the twentieth place.
    assert abs(parts - calendar.elapsed(start, end, unit)) < Decimal("1e-20")


@few
@given(calendars(), near, near, units)
def test_a_pause_of_no_length_changes_nothing(
    calendar: WorkCalendar, due: datetime, paused: datetime, unit: Unit
) -> None:
    assert calendar.shift(due, paused, paused, unit) == due


@few
@given(calendars(), near, amounts, near, near, units)
def test_a_pause_leaves_the_remaining_amount(
    calendar: WorkCalendar, start: datetime, amount: int, one: datetime, other: datetime, unit: Unit
) -> None:
    paused, resumed = sorted((one, other))
    due = calendar.due(start, Limit(amount, unit))

    shifted = calendar.shift(due, paused, resumed, unit)

    left_before = calendar.remaining(paused, due, unit)
    assert calendar.remaining(resumed, shifted, unit) == left_before


@few
@given(calendars(), near, st.integers(0, 6 * 24 * 60), units)
def test_elapsed_equals_a_count_by_minutes(
    calendar: WorkCalendar, start: datetime, minutes: int, unit: Unit
) -> None:
    assume(unit in (Unit.WORK_HOUR, Unit.URGENT_HOUR))
    start = start.replace(second=0)
    end = start + timedelta(minutes=minutes)

    def runs(moment: datetime) -> bool:
        day, clock = moment.date(), moment.time()
        worked = day in calendar.workdays or (day.weekday() < 5 and day not in calendar.holidays)
        return worked and any(opens <= clock < closes for opens, closes in calendar.hours)

    counted = sum(
        unit is Unit.URGENT_HOUR or runs(start + timedelta(minutes=minute)) for minute in range(minutes)
    )

    assert calendar.elapsed(start, end, unit) == Decimal(counted) / 60


@few
@given(calendars(), near, amounts)
def test_whole_working_days_equal_a_walk_over_the_days(
    calendar: WorkCalendar, start: datetime, amount: int
) -> None:
    assume(calendar.day_rule is DayRule.START_DAY_EXCLUDED)
    day, left = start.date(), amount
    while left:
        day += timedelta(days=1)
        left -= day in calendar.workdays or (day.weekday() < 5 and day not in calendar.holidays)

    due = calendar.due(start, Limit(amount, Unit.WORK_DAY))

    assert (due.date(), due.time()) == (day, calendar.hours[-1][1])


# What is refused ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("amount", [0, -1, Decimal("NaN")])
def test_a_limit_is_above_zero(amount: Decimal | int) -> None:
    with pytest.raises(ValueError, match="大于 0"):
        Limit(amount, Unit.WORK_DAY)


def test_a_part_of_a_day_is_refused_when_days_are_whole() -> None:
    with pytest.raises(ValueError, match="整数"):
        OFFICE.due(at("2025-09-30 17:00"), Limit(Decimal("0.5"), Unit.WORK_DAY))


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="时区"):
        OFFICE.due(datetime(2025, 9, 30), Limit(1, Unit.WORK_DAY))


def test_a_pause_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ValueError, match="早于"):
        OFFICE.shift(at("2025-10-01 09:00"), at("2025-09-30 17:00"), at("2025-09-30 16:00"), Unit.WORK_HOUR)


@pytest.mark.parametrize("hours", [(), ((time(12), time(8)),), ((time(8), time(12)), (time(11), time(18)))])
def test_faulty_working_hours_are_refused(hours: tuple[tuple[time, time], ...]) -> None:
    with pytest.raises(ValueError, match="工作时段"):
        WorkCalendar(hours)


def test_a_day_both_off_and_worked_is_refused() -> None:
    day = frozenset({date(2025, 10, 1)})

    with pytest.raises(ValueError, match="2025-10-01"):
        WorkCalendar(HOURS, day, day)


# Holidays -------------------------------------------------------------------------------------------------


def test_every_known_day_agrees_with_the_library() -> None:
    years = sorted(known_years())
    calendar = WorkCalendar(HOURS, *china_days(years))
    first, last = date(years[0], 1, 1), date(years[-1], 12, 31)
    every_day = [first + timedelta(days=offset) for offset in range((last - first).days + 1)]

    differing = [day for day in every_day if calendar.is_workday(day) != chinese_calendar.is_workday(day)]

    assert len(every_day) > 8000
    assert differing == []


def test_an_unknown_year_falls_back_to_weekends() -> None:
    year = max(known_years()) + 1

    assert year not in known_years()
    assert china_days([year]) == ChinaDays(frozenset(), frozenset())


def test_an_override_row_beats_the_national_day() -> None:
    rows = [(date(2025, 10, 1), True), (date(2025, 10, 9), False), (date(2025, 10, 9), True)]

    days = overlay(DAYS, [*rows, (date(2025, 10, 10), False)])
    calendar = WorkCalendar(HOURS, *days)

    worked = [calendar.is_workday(date(2025, 10, day)) for day in (1, 2, 9, 10, 11)]
    assert worked == [True, False, True, False, True]
