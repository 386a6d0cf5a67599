"""A month of nine cases made by real steps; `town.cases` holds them by name."""

from __future__ import annotations

import datetime as dt

import pytest

from chuangwen.problems.actions import Told, confirm_case, take_report
from chuangwen.problems.flow import CaseFlow

# Monday 2026-11-16, a working day, 09:00 in China; the kind's limit, two working days, ends on Wednesday 18:00.
MONDAY = dt.datetime(2026, 11, 16, 1, 0, tzinfo=dt.UTC)


def hours(n: float) -> dt.datetime:
    return MONDAY + dt.timedelta(hours=n)


@pytest.fixture
def month(town):
    """Nine cases: what happened to each is in its name; see the counts below."""
    town.kind.needs_photo = False
    town.kind.save()
    people = town.people

    def reported(at=0.0):
        return take_report(Told(text="垃圾桶满溢", lon=113.0, lat=34.7601), by=None, at=hours(at)).case

    def assigned(at=0.5, **more):
        return confirm_case(reported(at - 0.5), by=people["dispatcher"], at=hours(at), **more)

    def take(case, step, who, at, **given):
        return CaseFlow.take(case, step, by=people[who], given=given, at=hours(at)).matter

    good, spot_failed, reworked, returned, late, merged, void, raw = (
        *(assigned() for _ in range(5)), *(reported() for _ in range(3)))  # fmt: skip
    take(good, "answer", "liaison", 2, note="清走")
    take(good, "pass", "checker", 3)
    take(reworked, "answer", "liaison", 2, note="清走")
    take(reworked, "reject", "checker", 4, reason="还有一堆")
    take(reworked, "answer", "liaison", 5, note="清走")
    take(reworked, "pass", "checker", 6)
    take(returned, "return", "liaison", 1, reason="归交通", right_unit=town.units["jtj"].pk)
    take(returned, "dispatch", "clerk", 1)
    take(merged, "merge", "dispatcher", 1, into=late.number)
    take(void, "void", "dispatcher", 1, reason="查无此事")
    recurred = assigned(at=51)
    take(late, "answer", "liaison", 75, note="清走")
    take(late, "pass", "office", 76)
    take(spot_failed, "answer", "liaison", 2, note="清走")
    take(spot_failed, "pass", "checker", 78)
    take(good, "spot", "checker", 99)
    take(good, "spot_pass", "checker", 100)
    take(spot_failed, "spot", "checker", 99)
    take(spot_failed, "spot_fail", "checker", 100, reason="又满了")
    town.cases = {
        "good": good, "spot_failed": spot_failed, "reworked": reworked, "returned": returned, "late": late,
        "merged": merged, "void": void, "raw": raw, "recurred": recurred,
    }  # fmt: skip
    return town
