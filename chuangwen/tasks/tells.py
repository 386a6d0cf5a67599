"""Whom each step of a task tells, in one sentence that says what and until when."""

from __future__ import annotations

from django.utils.translation import gettext as _

from chuangwen.kernel.models import Entry, Post
from chuangwen.kernel.people.models import Role
from chuangwen.kernel.workflow.notices import Tell
from chuangwen.tasks.models import State, Task


def _line(task: Task, words: str) -> str:
    return f"{words}{task.title}（{task.number}）"


def _unit(task: Task, kind: str, words: str, role: str = Role.LIAISON, urgent: bool = False) -> list[Tell]:
    return [
        Tell(
            task,
            kind,
            _line(task, words),
            unit_id=task.unit_id,
            role=role,
            url=task.get_absolute_url(),
            urgent=urgent,
        )
    ]


def _due(task: Task) -> dict[str, str]:
    return {"day": task.due_on.strftime("%m-%d")}


def given(task: Task, entry: Entry) -> list[Tell]:
    return _unit(task, "given", _("新任务，%(day)s 到期：") % _due(task))


def published(task: Task, entry: Entry) -> list[Tell]:
    """A task with a unit goes to it; an open one stands in the claim list and disturbs nobody."""
    return given(task, entry) if task.state == State.DOING else []


def revised(task: Task, entry: Entry) -> list[Tell]:
    return _unit(task, "revised", _("任务内容有改动：")) if task.state == State.DOING else []


def claimed(task: Task, entry: Entry) -> list[Tell]:
    words = _line(task, _("%(unit)s 认领了：") % {"unit": task.unit})
    return _posts(task, entry.step, words, Role.OFFICE)


def to_unit(task: Task, entry: Entry) -> list[Tell]:
    words = {
        "accept": _("验收通过："), "return": _("验收没通过，要补："), "rule_postponement": _("延期申请有了结果："),
        "postpone": _("期限改为 %(day)s：") % _due(task), "drop": _("任务取消："),
    }  # fmt: skip
    return _unit(task, entry.step, words[entry.step])


def to_office(task: Task, entry: Entry) -> list[Tell]:
    words = _("任务待验收：") if entry.step == "submit" else _("任务申请延期：")
    return _posts(task, entry.step, _line(task, words), Role.CLERK if entry.step == "submit" else Role.OFFICE)


def urged(task: Task, entry: Entry) -> list[Tell]:
    return _unit(task, "urge", _("催办，%(day)s 到期：") % _due(task))


def reminded(task: Task, entry: Entry) -> list[Tell]:
    """Before the date the liaison; after it the head as well sees it as his."""
    late = bool(entry.given.get("late"))
    words = _("已超期（%(day)s）：") if late else _("快到期（%(day)s）：")
    return _unit(task, "remind", words % _due(task), Role.HEAD if late else Role.LIAISON)


def _posts(task: Task, kind: str, words: str, *roles: str) -> list[Tell]:
    people = Post.objects.in_force().filter(role__in=roles).values_list("person_id", flat=True).distinct()
    return [Tell(task, kind, words, person_id=pk, url=task.get_absolute_url()) for pk in people]
