"""What the steps of a task do to its columns, what holds a step up, and the limits its clocks run by."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any
from zlib import crc32

from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen.kernel.city import setting
from chuangwen.kernel.models import Entry, Evidence, Person, Unit
from chuangwen.kernel.workflow import clocks
from chuangwen.kernel.workflow.calendar import Limit
from chuangwen.kernel.workflow.calendar import Unit as ClockUnit
from chuangwen.kernel.workflow.flow import Asked
from chuangwen.tasks.models import State, Task, TaskKind

PROOF = "fixed"  # the evidence role of a proof photo


def today_of(task: Task) -> dt.date:
    """The day a step is taken on, on the city's wall clock."""
    return timezone.localdate(task.now)


def due_limit(task: Task) -> Limit | None:
    """Calendar days from today to the task's date; the guards and forms keep the date ahead of today."""
    days = (task.due_on - today_of(task)).days
    return Limit(days, ClockUnit.CALENDAR_DAY) if days > 0 else None


def check_limit(task: Task) -> Limit:
    amount, unit = setting("limit_task_check", ["3", "work_day"])
    return Limit(Decimal(amount), ClockUnit(unit))


def cannot_publish(task: Task) -> str | None:
    """A published task can be reached: its date is ahead, and a project says what it costs."""
    if task.kind == TaskKind.PROJECT and task.budget is None:
        return _("项目还没有填投资，先在“改内容”里填上。")
    if task.state == State.DRAFT and task.due_on <= today_of(task):
        return _("期限 %(day)s 已到，先在“改内容”里改期限。") % {"day": task.due_on}
    return None


def is_over(task: Task) -> str | None:
    """Nobody claims what is late already; the office gives it another date first."""
    if task.due_on < today_of(task):
        return _("期限 %(day)s 已过，创建办调整期限后再认领。") % {"day": task.due_on}
    return None


def after_publish(task: Task) -> str:
    return State.DOING if task.unit_id else State.OPEN


def asks(task: Task) -> Asked:
    """The same words for the same standard, place and month are the same task; one without a standard may recur."""
    if not task.requirement_id:
        return Asked(task.unit_id, "task", task.title[:100])
    words = f"{task.kind}:{task.title}:{task.text}:{task.due_on:%Y-%m}"
    about = f"task:{task.requirement_id}:{task.place_id or 0}:{crc32(words.encode()):08x}"
    return Asked(task.unit_id, "task", task.title[:100], about)


def give(task: Task, *, by: Person | None, at: dt.datetime, unit: Unit) -> dict[str, Any]:
    task.unit = unit
    return {"unit_name": unit.name}


def reassign(task: Task, *, by: Person | None, at: dt.datetime, unit: Unit, reason: str) -> dict[str, Any]:
    before, task.unit, task.asked_due_on = task.unit, unit, None
    return {"from_unit": before, "unit_name": unit.name}


def progress(
    task: Task, *, by: Person | None, at: dt.datetime, percent: int, note: str, spent: Decimal | None = None
) -> dict[str, Any]:
    before, task.progress = task.progress, percent
    if spent is not None:
        task.spent = spent
    return {"before": before}


def proofs(task: Task) -> Any:
    return Evidence.objects.filter(subject=task.subject, subject_id=task.pk, role=PROOF)


def lacks_proof(task: Task) -> str | None:
    """An activity and a document are believed by a picture of them; a project by its progress and money."""
    if task.kind == TaskKind.PROJECT or proofs(task).exists():
        return None
    if task.kind == TaskKind.ACTIVITY:
        return _("先在“报进展”里传一张活动照片，再报验收。")
    return _("先在“报进展”里传一张文件首页照片，再报验收。")


def submit(task: Task, *, by: Person | None, at: dt.datetime, note: str) -> dict[str, Any]:
    task.progress, task.asked_due_on = 100, None
    photos = list(proofs(task).order_by("pk").values_list("blob__sha256", flat=True))
    return {"photos": photos, "on_time": timezone.localdate(at) <= task.due_on}


def accept(task: Task, *, by: Person | None, at: dt.datetime, note: str = "") -> None:
    task.progress = 100


def give_back(
    task: Task, *, by: Person | None, at: dt.datetime, reason: str, due_on: dt.date | None = None
) -> dict[str, Any]:
    """Back to the unit, with a new date when the old one is over; what it had reached stays for it to correct."""
    before, task.due_on = task.due_on, due_on or task.due_on
    return {"before_due": before}


def postponement_waits(task: Task) -> str | None:
    return _("延期申请还没批，先等结果。") if task.asked_due_on else None


def no_postponement_asked(task: Task) -> str | None:
    return None if task.asked_due_on else _("没有待批的延期申请。")


def ask_postponement(task: Task, *, by: Person | None, at: dt.datetime, due_on: dt.date, reason: str) -> None:
    task.asked_due_on = due_on


def rule_postponement(
    task: Task, *, by: Person | None, at: dt.datetime, granted: bool, reason: str
) -> dict[str, Any]:
    asked, task.asked_due_on = task.asked_due_on, None
    assert asked is not None  # the guard saw it
    if granted:
        move_due(task, asked)
    return {"asked": asked.isoformat()}


def postpone(
    task: Task, *, by: Person | None, at: dt.datetime, due_on: dt.date, reason: str
) -> dict[str, Any]:
    before = task.due_on
    task.asked_due_on = None
    move_due(task, due_on)
    return {"before_due": before}


def move_due(task: Task, due_on: dt.date) -> None:
    """Sets another date and moves the running clock by the difference; also towards an earlier day."""
    live = clocks.running(clocks.clocks_of(task))
    days = dt.timedelta(days=(due_on - task.due_on).days)
    task.due_on = due_on
    for clock in live:
        if clock.name == "due":
            clock.due_at += days
            clock.save(update_fields=["due_at"])
    task.wound(live)


def drop(task: Task, *, by: Person | None, at: dt.datetime, reason: str) -> None:
    task.asked_due_on = None


def urged_today(task: Task) -> str | None:
    """One urging a day is enough; more is burden, not help."""
    since = task.now - dt.timedelta(hours=20)
    rows = Entry.objects.filter(subject=task.subject, subject_id=task.pk, step="urge", at__gte=since)
    return _("今天已催过。") if rows.exists() else None
