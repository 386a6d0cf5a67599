"""What the steps of packs, meetings and referrals do, what holds them up, and the limits their clocks run by."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen.kernel.city import setting
from chuangwen.kernel.models import Person
from chuangwen.kernel.workflow import notices
from chuangwen.kernel.workflow.calendar import Limit
from chuangwen.kernel.workflow.calendar import Unit as ClockUnit
from chuangwen.kernel.workflow.flow import Asked
from chuangwen.tasks.meeting_models import Attendance, Meeting, MeetingState, Pack, Referral

OVER = (MeetingState.HELD, MeetingState.MINUTED)


def meeting_is_over(pack: Pack) -> str | None:
    """What a meeting was held on is not opened again."""
    if Meeting.objects.filter(pack=pack, state__in=OVER).exists():
        return _("会已开过，材料不再改。")
    return None


def minutes_limit(meeting: Meeting) -> Limit:
    amount, unit = setting("limit_meeting_minutes", ["3", "work_day"])
    return Limit(Decimal(amount), ClockUnit(unit))


def cannot_invite(meeting: Meeting) -> str | None:
    if meeting.starts_at <= meeting.now:
        return _("开会时间已过，先在“改会议”里改时间。")
    if not meeting.attendance.filter(invited_at__isnull=True).exists():
        return _("没有要通知的单位，先在参会表里加单位。")
    return None


def invite(meeting: Meeting, *, by: Person | None, at: dt.datetime) -> dict[str, Any]:
    """Notes who is told now and counts it in the burden ledger; those told before are not told again."""
    rows = list(
        Attendance.objects.filter(meeting=meeting, invited_at__isnull=True)
        .select_related("unit")
        .order_by("pk")
    )
    for row in rows:
        notices.demand(meeting, Asked(row.unit_id, "meeting", meeting.title[:100]), by, at)
    Attendance.objects.filter(pk__in=[row.pk for row in rows]).update(invited_at=at)
    return {"units": [row.unit_id for row in rows]}


def cannot_hold(meeting: Meeting) -> str | None:
    if timezone.localdate(meeting.starts_at) > timezone.localdate(meeting.now):
        return _("还没到开会那天。日期有变，先在“改会议”里改时间。")
    return None


def lacks_minutes(meeting: Meeting) -> str | None:
    return None if meeting.minutes.strip() else _("纪要还是空的，先写纪要。")


def listing_limit(referral: Referral) -> Limit:
    amount, unit = setting("limit_referral_listing", ["7", "calendar_day"])
    return Limit(Decimal(amount), ClockUnit(unit))


def referral_due(referral: Referral) -> Limit | None:
    """Calendar days to the date the assignment meeting gave; the form keeps it ahead."""
    if referral.due_on is None:
        return None
    days = (referral.due_on - timezone.localdate(referral.now)).days
    return Limit(days, ClockUnit.CALENDAR_DAY) if days > 0 else None


def put_on_list(
    referral: Referral, *, by: Person | None, at: dt.datetime, listed_on: dt.date, note: str = ""
) -> None:
    referral.listed_on = listed_on


def assign(
    referral: Referral, *, by: Person | None, at: dt.datetime, assigned_on: dt.date, assigned_by: str, due_on: dt.date,
    note: str = "",
) -> None:  # fmt: skip
    referral.assigned_on, referral.assigned_by, referral.due_on = assigned_on, assigned_by, due_on


def finish(referral: Referral, *, by: Person | None, at: dt.datetime, outcome: str) -> None:
    referral.outcome = outcome


def send_back(referral: Referral, *, by: Person | None, at: dt.datetime, reason: str) -> None:
    referral.outcome = reason
