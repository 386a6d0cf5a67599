"""Whom each step of a meeting and of a referral tells."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen.kernel.models import Entry
from chuangwen.kernel.people.models import Role
from chuangwen.kernel.workflow.notices import Tell
from chuangwen.tasks.meeting_models import Attendance, Decision, Meeting, Referral


def _tell(meeting: Meeting, kind: str, text: str, unit_id: int) -> Tell:
    return Tell(meeting, kind, text, unit_id=unit_id, role=Role.LIAISON, url=meeting.get_absolute_url())


def _when(meeting: Meeting) -> str:
    return f"{timezone.localtime(meeting.starts_at):%m-%d %H:%M} {meeting.place}"


def _told(meeting: Meeting) -> list[int]:
    rows = Attendance.objects.filter(meeting=meeting, invited_at__isnull=False)
    return list(rows.order_by("pk").values_list("unit_id", flat=True))


def invited(meeting: Meeting, entry: Entry) -> list[Tell]:
    """Those told now, each with whether it has to speak."""
    rows = Attendance.objects.filter(meeting=meeting, unit__in=entry.given["units"]).order_by("pk")
    line = _("会议通知：%(title)s，%(when)s") % {"title": meeting.title, "when": _when(meeting)}
    return [
        _tell(meeting, "invite", line + (_("，要作表态发言") if row.has_spoken else ""), row.unit_id)
        for row in rows
    ]


def moved(meeting: Meeting, entry: Entry) -> list[Tell]:
    """A new time or place is told to those who were told the old one; other words are not."""
    if not {"starts_at", "place"} & set(entry.given.get("changes", {})):
        return []
    line = _("会议改为 %(when)s：%(title)s") % {"title": meeting.title, "when": _when(meeting)}
    return [_tell(meeting, "moved", line, unit_id) for unit_id in _told(meeting)]


def cancelled(meeting: Meeting, entry: Entry) -> list[Tell]:
    line = _("会议取消：%(title)s，原定 %(when)s") % {"title": meeting.title, "when": _when(meeting)}
    return [_tell(meeting, "cancel", line, unit_id) for unit_id in _told(meeting)]


def minuted(meeting: Meeting, entry: Entry) -> list[Tell]:
    """Units a decision names; what became a task was told with it."""
    counts: dict[int, int] = {}
    rows = Decision.objects.filter(meeting=meeting, unit__isnull=False).order_by("rank", "pk")
    for unit_id in rows.values_list("unit_id", flat=True):
        counts[unit_id] = counts.get(unit_id, 0) + 1
    line = _("纪要已定，%(n)d 项决定与你单位有关：%(title)s")
    return [
        _tell(meeting, "confirm", line % {"n": n, "title": meeting.title}, unit) for unit, n in counts.items()
    ]


def referred(referral: Referral, entry: Entry) -> list[Tell]:
    words = {
        "assign": _("%(to)s已交办，%(day)s 到期："), "done": _("%(to)s交办的事项已办结："), "return": _("%(to)s退回："),
    }[entry.step]  # fmt: skip
    day = referral.due_on.strftime("%m-%d") if referral.due_on else ""
    task = referral.task
    text = words % {"to": referral.to, "day": day} + task.title
    return [
        Tell(referral, entry.step, text, unit_id=task.unit_id, role=Role.LIAISON, url=task.get_absolute_url())
    ]
