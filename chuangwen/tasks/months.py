"""The month-by-month plan table (row 54): lines written, results written, what is not reached carried over once."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from chuangwen.kernel.models import Person
from chuangwen.kernel.workflow import history
from chuangwen.kernel.workflow.flow import Refused
from chuangwen.tasks.models import ENDED, MonthLine, MonthState, Plan, State, Task
from chuangwen.tasks.spreading import month_start, next_month


@dataclass(frozen=True)
class Carried:
    """What one click moved: to which month, how many lines, and how many turned out to be done."""

    to: dt.date
    moved: int
    done: int
    dropped: int = 0

    @property
    def sentence(self) -> str:
        if not self.moved and not self.done:
            return _("这个月没有要结转的。")
        return _("结转 %(moved)d 项到 %(month)s，%(done)d 项记为完成。") % {
            "moved": self.moved, "month": self.to.strftime("%Y-%m"), "done": self.done,
        }  # fmt: skip


@transaction.atomic
def plan_month(
    task: Task, month: dt.date, plan: str, *, by: Person, at: dt.datetime | None = None
) -> MonthLine:
    """Writes what a task shall reach in a month; writing again changes the words of a line that is still planned.

    Raises Refused for an ended task and for a line that was carried over or done.
    """
    if task.state in ENDED:
        raise Refused(
            _("%(number)s 已%(state)s，不再排月计划。")
            % {"number": task.number, "state": State(task.state).label}
        )
    line, made = MonthLine.objects.select_for_update().get_or_create(
        task=task, month=month_start(month), defaults={"plan": plan[:200]}
    )
    if not made and line.state != MonthState.PLANNED:
        raise Refused(
            _("%(number)s 这个月已%(state)s，不能再改。")
            % {"number": task.number, "state": line.get_state_display()}
        )
    old = None if made else line.plan
    if old != plan[:200]:
        line.plan = plan[:200]
        line.save(update_fields=["plan"])
        history.log_change(line, by_id=by.pk, changes={"plan": (old, line.plan)}, at=at)
    return line


@transaction.atomic
def write_result(
    line: MonthLine, result: str, is_done: bool, *, by: Person, at: dt.datetime | None = None
) -> MonthLine:
    """What came of a line; a carried one is closed and keeps what it says. Raises Refused for that."""
    line = MonthLine.objects.select_for_update().get(pk=line.pk)
    if line.state == MonthState.CARRIED:
        raise Refused(_("这一行已结转到下个月，到那里填。"))
    state = MonthState.DONE if is_done else MonthState.PLANNED
    changes = {
        name: (old, new)
        for name, old, new in (("result", line.result, result[:200]), ("state", line.state, str(state)))
        if old != new
    }
    line.result, line.state = result[:200], state
    line.save(update_fields=["result", "state"])
    history.log_change(line, by_id=by.pk, changes=changes, at=at)
    return line


@transaction.atomic
def carry_over(
    month: dt.date, *, by: Person, plan: Plan | None = None, at: dt.datetime | None = None
) -> Carried:
    """Moves what is still planned in the month (of one plan, when given) to the next and marks the old lines, once.

    Lines of finished tasks become done; those of cancelled tasks stay as they are. A next month that has a line of
    the task already keeps its words and only remembers where it came from.
    """
    first, to = month_start(month), next_month(month)
    rows = MonthLine.objects.select_for_update(of=("self",)).filter(month=first, state=MonthState.PLANNED)
    if plan is not None:
        rows = rows.filter(task__plan=plan)
    lines = list(rows.select_related("task").order_by("pk"))
    there = {
        line.task_id: line for line in MonthLine.objects.filter(month=to, task__in=[x.task_id for x in lines])
    }
    moved = done = dropped = 0
    for line in lines:
        if line.task.state == State.DROPPED:
            dropped += 1
            continue
        is_done = line.task.state == State.DONE
        before, line.state = line.state, MonthState.DONE if is_done else MonthState.CARRIED
        line.save(update_fields=["state"])
        history.log_change(line, by_id=by.pk, changes={"state": (before, str(line.state))}, at=at)
        done, moved = done + is_done, moved + (not is_done)
        if not is_done:
            _follow(line, to, there.get(line.task_id), by, at)
    return Carried(to, moved, done, dropped)


def _follow(
    line: MonthLine, to: dt.date, there: MonthLine | None, by: Person, at: dt.datetime | None
) -> None:
    if there is None:
        new = MonthLine.objects.create(task=line.task, month=to, plan=line.plan, carried_from=line)
        history.log_change(
            new, by_id=by.pk, changes={"plan": (None, new.plan), "carried_from": (None, line.pk)}, at=at
        )
    elif there.carried_from_id is None:
        there.carried_from = line
        there.save(update_fields=["carried_from"])
        history.log_change(there, by_id=by.pk, changes={"carried_from": (None, line.pk)}, at=at)
