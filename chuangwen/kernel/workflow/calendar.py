"""The work calendar and the four clock units of digital city management: due moments, amounts, pauses.

The units are those of the case standards made under GB/T 30428.8 (立案、处置和结案): 紧急工作时, 工作时 and
工作日; 自然日 is added for orders that say so.

How each unit runs:

- 紧急工作时 (URGENT_HOUR): every hour of every day, nights and holidays too, from the moment of the start.
- 工作时 (WORK_HOUR): only inside the spans of working days. A limit that is used up exactly at the end of a
  span is due at that end, not at the beginning of the next span.
- 工作日 (WORK_DAY): weekends and holidays do not count, 调休 working days do.
- 自然日 (CALENDAR_DAY): every day.

The two day units follow `DayRule`. The default, START_DAY_EXCLUDED, is the rule of the Civil Code:

- 民法典第二百零一条: counted by days, the first day is left out; by hours, the agreed moment begins it.
- 民法典第二百零三条: the last day ends at 24:00 or, where there are business hours, when business stops.
- 民法典第二百零二条 is about months and years, which are not units here.
- 行政复议法 (2023) 第八十八条 and the usage of administration take 工作日 as days without 法定休假日.

So n 工作日 are due at the closing time of the n-th working day after the day of the start, whatever the
hour of the start, and n 自然日 at 23:59:59 of the n-th day after it. An amount of days is then a whole
number: how many counted days began after the day of the start. The text of GB/T 30428 was not at hand to
settle the point, and a city may let a day run to the same moment of the next one; that is
DayRule.SAME_MOMENT, where a 工作日 is the working time of one day and a 自然日 is 24 hours.

Article 203 also moves a last day that is a 法定休假日 to the day after. For 自然日 that is
`rest_day_moves_due`, off unless asked for, because a limit in 自然日 is meant to run through holidays; days
of rest here are all days that are not worked, weekends too.

All arithmetic is in whole seconds; fractions of a second of a given moment are dropped.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum
from itertools import pairwise
from zoneinfo import ZoneInfo

from chuangwen.kernel.workflow.working_days import WorkingDays

CHINA = ZoneInfo("Asia/Shanghai")
_HOUR = 3600
_DAY = 24 * _HOUR
_LAST_SECOND = time(23, 59, 59)


class Unit(StrEnum):
    """What a time limit is counted in."""

    URGENT_HOUR = "urgent_hour"
    WORK_HOUR = "work_hour"
    WORK_DAY = "work_day"
    CALENDAR_DAY = "calendar_day"


class DayRule(StrEnum):
    """How 工作日 and 自然日 are counted; see the docstring of the module."""

    START_DAY_EXCLUDED = "start_day_excluded"
    SAME_MOMENT = "same_moment"


_DAY_UNITS = (Unit.WORK_DAY, Unit.CALENDAR_DAY)


@dataclass(frozen=True)
class Limit:
    """A time limit such as 4 工作时. `amount` is above zero; raises ValueError otherwise."""

    amount: Decimal | int
    unit: Unit

    def __post_init__(self) -> None:
        if not (Decimal(self.amount).is_finite() and self.amount > 0):
            raise ValueError(f"时限 {self.amount} 无效,填大于 0 的数")


def _seconds_of(moment: time) -> int:
    return moment.hour * _HOUR + moment.minute * 60 + moment.second


@dataclass(frozen=True)
class WorkCalendar:
    """Working hours and working days of one place; immutable, so it can be shared and cached.

    `hours`: spans of a working day in order, e.g. ((08:30, 12:00), (14:30, 18:00)); the end of a span is
    outside it. `holidays`: days off, weekends need not be listed. `workdays`: weekend days that are worked
    (调休). `zone`: where the clock on the wall hangs. Raises ValueError for empty, overlapping or unordered
    spans and for a day that is both a holiday and a working day.
    """

    hours: tuple[tuple[time, time], ...]
    holidays: frozenset[date] = frozenset()
    workdays: frozenset[date] = frozenset()
    zone: tzinfo = CHINA
    day_rule: DayRule = DayRule.START_DAY_EXCLUDED
    rest_day_moves_due: bool = False
    _days: WorkingDays = field(init=False, repr=False, compare=False)
    _spans: tuple[tuple[int, int], ...] = field(init=False, repr=False, compare=False)
    _day_length: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        spans = tuple((_seconds_of(start), _seconds_of(end)) for start, end in self.hours)
        edges = [edge for span in spans for edge in span]
        if not edges or any(left >= right for left, right in pairwise(edges)):
            raise ValueError("工作时段为空、重叠或先后颠倒,按时间先后填写,例如 08:30–12:00、14:30–18:00")
        object.__setattr__(self, "_days", WorkingDays(self.holidays, self.workdays))
        object.__setattr__(self, "_spans", spans)
        object.__setattr__(self, "_day_length", sum(end - start for start, end in spans))

    def is_workday(self, day: date) -> bool:
        """Whether `day` is worked: Monday to Friday or a 调休 working day, and no holiday."""
        return self._days.contains(day.toordinal())

    def due(self, start: datetime, limit: Limit) -> datetime:
        """The moment at which `limit`, running from `start`, is used up; in the zone of the calendar.

        A matter is overdue when now is later than this moment. Raises ValueError for a naive `start`, and
        for a part of a day under START_DAY_EXCLUDED.
        """
        local = self._local(start)
        if not self._in_whole_days(limit.unit):
            return self._advance(local, self._to_seconds(limit), limit.unit)
        if limit.amount != int(limit.amount):
            raise ValueError(f"按日计算的时限须为整数,现为 {limit.amount};不足一日的改用工作时")
        day = self._move_day(local.date(), int(limit.amount), limit.unit)
        if limit.unit is Unit.WORK_DAY:
            return self._at(day, self.hours[-1][1])
        return self._at(self._without_rest(day), _LAST_SECOND)

    def elapsed(self, start: datetime, end: datetime, unit: Unit) -> Decimal:
        """Amount of `unit` between two moments; negative when `end` is before `start`.

        Additive: start to middle plus middle to end is start to end. Whole days under START_DAY_EXCLUDED.
        """
        amount = self._measure(self._local(start), self._local(end), unit)
        return Decimal(amount) / self._unit_length(unit)

    def remaining(self, now: datetime, due: datetime, unit: Unit) -> Decimal:
        """Amount of `unit` left until `due`; negative when that much has passed since.

        0 whole days means "due today", before or after closing: ask `now > due` whether the matter is
        overdue.
        """
        return self.elapsed(now, due, unit)

    def shift(self, due: datetime, paused_from: datetime, resumed_at: datetime, unit: Unit) -> datetime:
        """The new due moment after a pause: as much remains at `resumed_at` as remained at `paused_from`.

        Whole days keep the clock time of `due`. Raises ValueError when the pause ends before it begins.
        """
        begin, end, local = self._local(paused_from), self._local(resumed_at), self._local(due)
        if end < begin:
            raise ValueError("恢复计时早于暂停计时,核对两个时间后再保存")
        amount = self._measure(begin, end, unit)
        if amount == 0:
            return local
        if not self._in_whole_days(unit):
            return self._advance(local, amount, unit)
        day = self._move_day(local.date(), amount, unit)
        if unit is Unit.CALENDAR_DAY:
            day = self._without_rest(day)
        return self._at(day, local.time())

    def next_work_moment(self, moment: datetime) -> datetime:
        """`moment` itself when it lies in working time, otherwise the next opening."""
        local = self._local(moment)
        clock = _seconds_of(local.time())
        if self.is_workday(local.date()):
            for start, end in self._spans:
                if clock < end:
                    return local if clock >= start else self._at(local.date(), _clock(start))
        return self._at(self._move_day(local.date(), 1, Unit.WORK_DAY), self.hours[0][0])

    def _local(self, moment: datetime) -> datetime:
        if moment.utcoffset() is None:
            raise ValueError(f"时间 {moment.isoformat()} 没有时区,先补上时区再计算时限")
        return moment.astimezone(self.zone).replace(microsecond=0)

    def _at(self, day: date, clock: time) -> datetime:
        return datetime.combine(day, clock, tzinfo=self.zone)

    def _in_whole_days(self, unit: Unit) -> bool:
        return unit in _DAY_UNITS and self.day_rule is DayRule.START_DAY_EXCLUDED

    def _unit_length(self, unit: Unit) -> int:
        """What `_measure` counts per unit: 1 for whole days, seconds otherwise."""
        if self._in_whole_days(unit):
            return 1
        return {
            Unit.URGENT_HOUR: _HOUR,
            Unit.WORK_HOUR: _HOUR,
            Unit.WORK_DAY: self._day_length,
            Unit.CALENDAR_DAY: _DAY,
        }[unit]

    def _to_seconds(self, limit: Limit) -> int:
        # Rounded to the nearest second, so that a third of an hour that came from `elapsed` is taken back.
        seconds = Decimal(limit.amount) * self._unit_length(limit.unit)
        return max(1, int(seconds.to_integral_value(ROUND_HALF_EVEN)))

    def _measure(self, start: datetime, end: datetime, unit: Unit) -> int:
        if self._in_whole_days(unit):
            first, last = start.toordinal(), end.toordinal()
            if unit is Unit.CALENDAR_DAY:
                return last - first
            return self._days.count(last) - self._days.count(first)
        if unit in (Unit.WORK_HOUR, Unit.WORK_DAY):
            return self._work_seconds(end) - self._work_seconds(start)
        # In UTC: Python subtracts two moments of one zone by the clock on the wall, and China had summer time
        # until 1991.
        return int((end.astimezone(UTC) - start.astimezone(UTC)).total_seconds())

    def _advance(self, start: datetime, seconds: int, unit: Unit) -> datetime:
        """The earliest moment at which `seconds` (above zero) have run since `start`."""
        if unit not in (Unit.WORK_HOUR, Unit.WORK_DAY):
            return (start.astimezone(UTC) + timedelta(seconds=seconds)).astimezone(self.zone)
        full_days, into_day = divmod(self._work_seconds(start) + seconds - 1, self._day_length)
        day = date.fromordinal(self._days.nth(full_days + 1))
        into_day += 1
        for begin, end in self._spans:
            if into_day <= end - begin:
                return self._at(day, _clock(begin + into_day))
            into_day -= end - begin
        raise AssertionError("the spans of a day add up to its length")

    def _work_seconds(self, local: datetime) -> int:
        """Working seconds since the beginning of the era, the prefix sum behind every work unit."""
        ordinal, clock = local.toordinal(), _seconds_of(local.time())
        seconds = self._days.count(ordinal - 1) * self._day_length
        if self._days.contains(ordinal):
            seconds += sum(max(0, min(clock, end) - start) for start, end in self._spans)
        return seconds

    def _move_day(self, day: date, amount: int, unit: Unit) -> date:
        if unit is Unit.CALENDAR_DAY:
            return day + timedelta(days=amount)
        return date.fromordinal(self._days.nth(self._days.count(day.toordinal()) + amount))

    def _without_rest(self, day: date) -> date:
        if not self.rest_day_moves_due or self.is_workday(day):
            return day
        return self._move_day(day, 1, Unit.WORK_DAY)


def _clock(seconds: int) -> time:
    return time(seconds // _HOUR, seconds // 60 % 60, seconds % 60)
