"""The list of tasks: tabs, filters, bulk steps, export; one declaration."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any, NamedTuple
from urllib.parse import quote

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chuangwen.faces.desk.cases import unit_names
from chuangwen.kernel.models import Person, Unit
from chuangwen.kernel.people.models import Role
from chuangwen.kernel.screens import words
from chuangwen.kernel.screens.access import SignedIn
from chuangwen.kernel.screens.declare import Asked, Bulk, Choice, Column, Filter, Look, Tab, own_uid
from chuangwen.kernel.screens.screen import Screen
from chuangwen.kernel.workflow.flow import Refused
from chuangwen.tasks import queries, rules
from chuangwen.tasks.actions import lead_of
from chuangwen.tasks.flow import TaskFlow
from chuangwen.tasks.models import ENDED, Drive, Plan, State, Task, TaskKind

SHAPES = {
    State.DRAFT: "new", State.OPEN: "new", State.DOING: "doing", State.SUBMITTED: "check", State.DONE: "done",
    State.DROPPED: "void",
}  # fmt: skip
WAN = Decimal(10_000)


def sections(person: Person, here: str) -> list[tuple[str, Any, bool]]:
    """The pages of this part of the desk as (address, words, is this one)."""
    found = [("/tasks/", _("任务"))] if rules.see_list.allows(person, None) else []
    if rules.claimer.allows(person, None) or rules.desk.allows(person, None):
        found.append(("/tasks/claim/", _("认领")))
    found += [("/plans/", _("计划")), ("/drives/", _("专项行动")), ("/demos/", _("示范点"))]
    if rules.see_list.allows(person, None):
        found.append(("/tasks/projects/", _("项目")))
    return [(href, label, href == here) for href, label in found]


def due_of(task: Task, now: dt.datetime) -> words.Due:
    """The unit's deadline while it works; the office's while it checks."""
    if task.state == State.DRAFT:
        return words.Due("none", words.day(task.due_on))
    if task.asked_due_on:
        return words.Due("paused", _("申请延到 %(day)s") % {"day": words.day(task.asked_due_on)})
    unit = "work_day" if task.state == State.SUBMITTED else "calendar_day"
    return words.due(task.next_due_at, unit, now, is_done=not task.is_open)


def state_of(task: Task) -> tuple[str, str]:
    return SHAPES[State(task.state)], str(State(task.state).label)


class Line(NamedTuple):
    """A task on a first page."""

    task: Task
    shape: str
    state: str
    due: words.Due


SHOWN_DUE = 8


def due_lines(rows: QuerySet[Task], now: dt.datetime) -> dict[str, Any]:
    """The first tasks of a due list for a first page, and whether there are more; one query."""
    found = list(rows[: SHOWN_DUE + 1])
    lines = [Line(task, *state_of(task), due_of(task, now)) for task in found[:SHOWN_DUE]]
    return {"tasks_due": lines, "tasks_more": len(found) > SHOWN_DUE}


def wan(value: Decimal | None) -> str:
    """Yuan said in 万元, as projects are spoken of; unknown is a dash."""
    return words.number((value / WAN).quantize(Decimal(1))) if value is not None else "—"


def title_cell(task: Task, look: Look) -> SafeString:
    return format_html('<a href="{}">{}</a>', task.get_absolute_url(), task.title)


def standard_cell(task: Task, look: Look) -> str | SafeString:
    if task.requirement is None:
        return ""
    node = task.requirement.node
    href = f"/standards/{node.edition_id}/{quote(node.code)}/"
    return format_html('<a class="cw-ink" href="{}" title="{}">{}</a>', href, node.name, node.code)


def unit_cell(task: Task, look: Look) -> str | SafeString:
    if task.unit_id:
        return unit_names().get(task.unit_id, "")
    return format_html('<span class="cw-quiet">{}</span>', _("待认领")) if task.state == State.OPEN else ""


def state_cell(task: Task, look: Look) -> SafeString:
    shape, word = state_of(task)
    return format_html('<span class="cw-state" data-s="{}">{}</span>', shape, word)


def due_cell(task: Task, look: Look) -> SafeString | str:
    due = due_of(task, look.now)
    if not due.text:
        return ""
    look_attribute = format_html(' data-d="{}"', due.look) if due.look != "none" else ""
    return format_html('<span class="cw-due"{}>{}</span>', look_attribute, due.text)


def unit_choices(look: Look) -> list[Choice]:
    rows = Unit.objects.filter(is_active=True).exclude(kind="community").order_by("code")
    if not rules.overview.allows(look.person, None):
        rows = rows.filter(pk__in=look.person.standing.units_as(Role.LIAISON, Role.HEAD))
    return [Choice(code, name) for code, name in rows.values_list("code", "short_name")]


def _number(column: str) -> Any:
    return lambda value, look: Q(**{column: value}) if value.isdigit() and len(value) < 18 else Q(pk__in=())


def _choices_of(model: type[Plan] | type[Drive]) -> Any:
    return lambda look: [
        Choice(str(pk), name) for pk, name in model._default_manager.values_list("pk", "name")
    ]


def _name_of(model: type[Plan] | type[Drive]) -> Any:
    def name(value: str) -> str:
        found = (
            model._default_manager.filter(pk=value).first() if value.isdigit() and len(value) < 18 else None
        )
        return str(found) if found else value

    return name


DEADLINES = (
    Choice("late", gettext_lazy("已超期")), Choice("week", gettext_lazy("7 天内到期")), Choice("month", gettext_lazy("30 天内到期")),
    Choice("asked", gettext_lazy("申请延期")),
)  # fmt: skip


def due_q(value: str, look: Look) -> Q:
    if value == "late":
        return queries.late_q(look.now)
    if value == "asked":
        return Q(asked_due_on__isnull=False)
    days = {"week": 7, "month": 30}.get(value)
    if days is None:
        return Q(pk__in=())
    today = timezone.localdate(look.now)
    return Q(
        state__in=(State.OPEN, State.DOING), due_on__gte=today, due_on__lte=today + dt.timedelta(days=days)
    )


def mine_q(look: Look) -> Q:
    """What waits for this person's own step, by his posts."""
    q = Q(pk__in=())
    if rules.desk.allows(look.person, None):
        q |= Q(state=State.SUBMITTED)
    if rules.edit.allows(look.person, None):
        q |= Q(asked_due_on__isnull=False)
    if Role.LEADER in look.person.standing.roles:
        q |= Q(leader_id=look.person.pk, state=State.DOING)
    units = look.person.standing.units_as(Role.LIAISON, Role.HEAD)
    return q | Q(unit__in=units, state=State.DOING) if units else q


def step_bulk(code: str, label: Any) -> Bulk:
    step = TaskFlow.by_code[code]

    def why(task: Task, look: Look) -> str | None:
        if code == "urge":  # who was urged today is said when the step is taken: no query for each row
            return None if task.state in step.sources else _("催办：不在单位手里。")
        return TaskFlow.why_not(task, step, look.person)

    def act(task: Task, look: Look, uid: str) -> None:
        TaskFlow.take(task, code, by=look.person, uid=own_uid(uid, f"{task.number} {code}"))

    return Bulk(code, label, why, act, step.rule)


def give_why(task: Task, look: Look) -> str | None:
    why = TaskFlow.why_not(task, TaskFlow.by_code["give"], look.person)
    if why:
        return why
    return None if task.unit_id or task.requirement_id else _("没有单位也没有标准，要逐项交办。")


def give_act(task: Task, look: Look, uid: str) -> None:
    unit = task.unit or (lead_of(task.requirement) if task.requirement else None)
    if unit is None:
        raise Refused(_("标准没有主责单位，要逐项交办。"))
    TaskFlow.take(task, "give", by=look.person, given={"unit": unit.pk}, uid=own_uid(uid, f"{task.number} give"))


class TaskScreen(Screen):
    """任务."""

    slug = "tasks"
    title = gettext_lazy("任务")
    model = Task
    rule = rules.see_task
    open_to = rules.see_list
    key = "number"
    order = ("due_on", "pk")
    related = ("requirement__node", "unit")
    columns = (
        Column("number", gettext_lazy("编号"), lambda t, k: t.number.partition("-")[2], lambda t, k: t.number,
               css="cw-quiet cw-one", width=18),
        Column("title", gettext_lazy("任务"), title_cell, lambda t, k: t.title, css="cw-what", width=44),
        Column("kind", gettext_lazy("类型"), lambda t, k: t.get_kind_display(), lambda t, k: str(t.get_kind_display()),
               css="cw-quiet cw-one", width=10),
        Column("standard", gettext_lazy("标准"), standard_cell, lambda t, k: t.requirement.node.code if t.requirement else "",
               css="cw-one", width=10),
        Column("unit", gettext_lazy("单位"), unit_cell, lambda t, k: unit_names().get(t.unit_id, ""), css="cw-one", width=18),
        Column("progress", gettext_lazy("进度"), lambda t, k: f"{t.progress}%", lambda t, k: t.progress, css="cw-num cw-one",
               width=8),
        Column("state", gettext_lazy("状态"), state_cell, lambda t, k: str(State(t.state).label), css="cw-one", width=10),
        Column("due", gettext_lazy("期限"), due_cell, lambda t, k: t.due_on, sort="due_on", css="cw-one", width=14),
    )  # fmt: skip
    tabs = (
        Tab("", gettext_lazy("未完"), lambda k: ~Q(state__in=ENDED)),
        Tab("all", gettext_lazy("全部"), lambda k: Q()),
        Tab("mine", gettext_lazy("我要办的"), mine_q),
        Tab("late", gettext_lazy("超期"), lambda k: queries.late_q(k.now)),
        Tab("open", gettext_lazy("待认领"), lambda k: Q(state=State.OPEN)),
        Tab("check", gettext_lazy("待验收"), lambda k: Q(state=State.SUBMITTED)),
        Tab("draft", gettext_lazy("拟定"), lambda k: Q(state=State.DRAFT)),
    )
    filters = (
        Filter("unit", gettext_lazy("单位"), lambda v, k: Q(unit__code=v), unit_choices,
               lambda v: Unit.objects.filter(code=v).values_list("short_name", flat=True).first() or v),
        Filter("kind", gettext_lazy("类型"), lambda v, k: Q(kind=v), lambda k: [Choice(*c) for c in TaskKind.choices]),
        Filter("state", gettext_lazy("状态"), lambda v, k: Q(state=v), lambda k: [Choice(*c) for c in State.choices]),
        Filter("plan", gettext_lazy("计划"), _number("plan_id"), _choices_of(Plan), _name_of(Plan)),
        Filter("drive", gettext_lazy("专项行动"), _number("drive_id"), _choices_of(Drive), _name_of(Drive)),
        Filter("due", gettext_lazy("期限"), due_q, lambda k: DEADLINES),
        Filter("requirement", gettext_lazy("测评要求"), _number("requirement_id"), lambda k: [], lambda v: _("本格任务")),
    )  # fmt: skip
    bulk = (
        step_bulk("publish", lambda n: _("发布 %(n)d 项") % {"n": n}),
        Bulk("give", lambda n: _("交办主责 %(n)d 项") % {"n": n}, give_why, give_act, rules.edit),
        step_bulk("urge", lambda n: _("催办 %(n)d 项") % {"n": n}),
        step_bulk("accept", lambda n: _("验收 %(n)d 项") % {"n": n}),
    )

    @classmethod
    def more(cls, request: SignedIn, asked: Asked, look: Look) -> dict[str, Any]:
        acts = (
            [("/tasks/import/", _("导入")), ("/tasks/new/", _("新任务"))]
            if rules.edit.allows(look.person, None)
            else []
        )
        return {"sections": sections(look.person, "/tasks/"), "acts": acts}
