"""Handing a task up to the government's weekly assignment meeting (row 15); the steps there are in `meeting_flow`."""

from __future__ import annotations

import datetime as dt
import uuid

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen.kernel.city import city, setting
from chuangwen.kernel.models import Counter, Person
from chuangwen.kernel.workflow.flow import NotAllowed, Refused
from chuangwen.tasks import rules
from chuangwen.tasks.meeting_flow import ReferralFlow
from chuangwen.tasks.meeting_models import Referral, ReferralState
from chuangwen.tasks.models import ENDED, Task

OPEN = (ReferralState.SENT, ReferralState.LISTED, ReferralState.ASSIGNED)


def next_number(day: dt.date) -> str:
    """The next number of the year, such as GY-JB-2026-001."""
    row = city()
    return f"{row.prefix if row else 'CW'}-JB-{day.year}-{Counter.next(f'referral {day.year}'):03d}"


def refer_task(
    task: Task, reason: str, *, by: Person, to: str = "", at: dt.datetime | None = None, uid: uuid.UUID | None = None
) -> Referral:  # fmt: skip
    """提交: hands an open task up with the reason; a task has one open referral, and sending again gives that one.

    Raises NotAllowed for anybody but the office, Refused for a task that has ended or a missing reason.
    """
    if not rules.edit.allows(by, None):
        raise NotAllowed(_("提交交办由创建办办。"))
    if not reason.strip():
        raise Refused(_("写明为什么要提交上去。"))
    at = at or timezone.now()
    with transaction.atomic():
        task = Task.objects.select_for_update(of=("self",)).get(pk=task.pk)
        known = Referral.objects.filter(task=task, state__in=OPEN).first()
        if known is not None:
            return known
        if task.state in ENDED:
            raise Refused(_("%(number)s 已经结束，不用提交。") % {"number": task.number})
        where = to.strip() or setting("referral_to", "市委市政府重点工作周交办会议")
        row = Referral(
            number=next_number(timezone.localdate(at)), task=task, to=where[:80], reason=reason.strip()[:500],
            state=ReferralState.SENT, is_sample=task.is_sample, created_at=at,
        )  # fmt: skip
        row.save(force_insert=True)
        said = {"task": task, "to": row.to, "reason": row.reason}
        ReferralFlow.record(
            row, ReferralFlow.by_code["send"], by=by, cleaned=said, at=at, uid=uid, from_state=""
        )
    return row
