"""The simulated city's time: lives that go on at the moments they name, in order, one transaction per day."""

from __future__ import annotations

import datetime as dt
import heapq
import random
import uuid
from collections.abc import Callable, Generator, Sequence
from decimal import Decimal
from itertools import count
from typing import Any, TypeVar

from django.db import transaction
from django.utils import timezone

from chuangwen.kernel.city import calendar
from chuangwen.kernel.workflow.calendar import Limit, Unit
from chuangwen.kernel.workflow.flow import Refused

T = TypeVar("T")
Life = Generator[dt.datetime, None, None]
"""One course of events; it yields the moment at which it wants to go on."""

MINUTE, HOUR, DAY = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)


class World:
    """Runs lives between `start` and `until` (aware moments); all chance comes from `random`, nothing from
    the wall clock.
    """

    def __init__(self, seed: int, start: dt.datetime, until: dt.datetime) -> None:
        self.random = random.Random(seed)
        self.start, self.until, self.now = start, until, start
        self.refused: list[str] = []
        self._queue: list[tuple[dt.datetime, int, Life]] = []
        self._turn = count()

    def begin(self, life: Life, at: dt.datetime) -> None:
        """Lets a life begin at that moment; one beyond the end never begins."""
        if at <= self.until:
            heapq.heappush(self._queue, (at, next(self._turn), life))

    def run(self, after_day: Callable[[dt.date], object]) -> None:
        """Runs to the end; `after_day` is called with each day before its transaction is committed."""
        while self._queue:
            day = timezone.localdate(self._queue[0][0])
            night = timezone.make_aware(dt.datetime.combine(day + DAY, dt.time()))
            with transaction.atomic():
                while self._queue and self._queue[0][0] < night:
                    self._go_on()
                after_day(day)

    def _go_on(self) -> None:
        self.now, _turn, life = heapq.heappop(self._queue)
        try:
            again = next(life)
        except StopIteration:
            return
        except Refused as no:  # a pack with other lists or settings may not allow every course
            self.refused.append(str(no))
            return
        self.begin(life, max(again, self.now + dt.timedelta(seconds=1)))

    def uid(self) -> uuid.UUID:
        return uuid.UUID(int=self.random.getrandbits(128), version=4)

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def pick(self, rows: Sequence[T]) -> T:
        return rows[self.random.randrange(len(rows))]

    def desk(self, low: float, high: float) -> dt.datetime:
        """A moment after that many working hours at a desk."""
        hours = Decimal(round(self.random.uniform(low, high), 3))
        return calendar().due(self.now, Limit(max(hours, Decimal("0.01")), Unit.WORK_HOUR))

    def outside(self, low: float, high: float) -> dt.datetime:
        """A moment after that many hours by the clock on the wall."""
        return self.now + self.random.uniform(low, high) * HOUR

    def between(self, low: dt.datetime, high: dt.datetime) -> dt.datetime:
        return low + self.random.random() * max(high - low, dt.timedelta(0))

    def at_work(self, moment: dt.datetime) -> dt.datetime:
        return calendar().next_work_moment(moment)

    def start_for(self, limit: Limit, low: dt.datetime, high: dt.datetime) -> dt.datetime | None:
        """A moment (before the end) from which `limit` is used up between `low` and `high`; None when
        there is none.
        """
        first = self._earliest(limit, low)
        last = min(self._earliest(limit, high + MINUTE) - MINUTE, self.until - 2 * MINUTE)
        return self.between(first, last) if first <= last else None

    def _earliest(self, limit: Limit, due: dt.datetime) -> dt.datetime:
        """The earliest start (to the minute) whose due moment is not before `due`: the due moment grows
        with the start.
        """
        low, high = due - 100 * DAY, due
        while high - low > MINUTE:
            middle = low + (high - low) / 2
            if calendar().due(middle, limit) >= due:
                high = middle
            else:
                low = middle
        return high


def given(**values: Any) -> dict[str, Any]:
    """What a form would send: rows by their number, nothing where nothing is."""
    return {key: getattr(value, "pk", value) for key, value in values.items() if value is not None}
