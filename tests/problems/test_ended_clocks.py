"""A case that ended before any unit had it keeps no clock of an earlier round."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from chuangwen.kernel.models import Clock
from chuangwen.problems.actions import Told, confirm_case, take_report
from chuangwen.problems.flow import CaseFlow


@pytest.mark.parametrize("end", ["void", "merge"])
def test_a_returned_case_that_ends_leaves_no_clock(town, end):
    now = timezone.now()
    dispatcher = town.people["dispatcher"]
    target = take_report(Told(text="垃圾", lon=113.0, lat=34.76, kind=town.kind), by=None, at=now).case
    case = take_report(Told(text="垃圾桶满溢", lon=113.0, lat=34.76, kind=town.kind), by=None, at=now).case
    case = confirm_case(case, by=dispatcher, at=now)
    case = CaseFlow.take(
        case, "return", by=town.people["liaison"], given={"reason": "不归我单位"}, at=now
    ).matter
    given = {"reason": "重复上报", "into": target.number}
    case = CaseFlow.take(case, end, by=dispatcher, given=given, at=now + dt.timedelta(minutes=5)).matter

    live = Clock.objects.filter(subject=case.subject, subject_id=case.pk, stopped_at__isnull=True)
    assert list(live) == []
    assert (case.due_at, case.is_paused) == (None, False)
