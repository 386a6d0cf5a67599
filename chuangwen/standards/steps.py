"""What the steps of a 提示通知 do and what holds them up."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from zlib import crc32

from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen.kernel.models import Entry, Person
from chuangwen.kernel.workflow.calendar import Limit
from chuangwen.kernel.workflow.calendar import Unit as ClockUnit
from chuangwen.kernel.workflow.flow import Asked
from chuangwen.standards.models import DutyLine, DutyNotice


def reply_limit(notice: DutyNotice) -> Limit:
    """Until the end of the day the reply is asked for."""
    days = (notice.reply_on - timezone.localdate(notice.now)).days
    return Limit(max(days, 1), ClockUnit.CALENDAR_DAY)


def cannot_issue(notice: DutyNotice) -> str | None:
    if notice.reply_on <= timezone.localdate(notice.now):
        return _("回复期限已到，撤回后重新拟一份。")
    return None if notice.lines.exists() else _("没有一条内容，先给单位分标准。")


def asks(notice: DutyNotice) -> Asked:
    words = _("提示通知 %(number)s 的签收和回复") % {"number": notice.number}
    return Asked(notice.unit_id, "paper", words, about_lines(notice.edition_id, notice.lines.all()))


def about_lines(edition_id: int, lines: Iterable[DutyLine]) -> str:
    """One name for a notice's contents: the same standards, parts and dates are the same request."""
    words = "\n".join(sorted(f"{line.part} {line.due_on} {line.text}" for line in lines))
    return f"duty:{edition_id}:{crc32(words.encode()):08x}"


def reply(notice: DutyNotice, *, by: Person | None, at: dt.datetime, reply: str) -> None:
    notice.reply = reply


def urged_today(notice: DutyNotice) -> str | None:
    """One urging a day is enough."""
    since = notice.now - dt.timedelta(hours=20)
    rows = Entry.objects.filter(subject=notice.subject, subject_id=notice.pk, step="urge", at__gte=since)
    return _("今天已催过。") if rows.exists() else None
