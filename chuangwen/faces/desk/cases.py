"""The list of cases: tabs, filters, bulk steps, export; one declaration."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chuangwen.faces.desk.rows import shape_of
from chuangwen.kernel.city import briefly
from chuangwen.kernel.models import Place, Unit
from chuangwen.kernel.people.models import Role
from chuangwen.kernel.people.rules import ANYONE
from chuangwen.kernel.screens import words
from chuangwen.kernel.screens.declare import (
    Bulk,
    Choice,
    Column,
    Filter,
    Look,
    Tab,
    own_uid,
    recent_days,
    since_days,
)
from chuangwen.kernel.screens.screen import Screen
from chuangwen.problems import queries, rules
from chuangwen.problems.actions import confirm_case
from chuangwen.problems.flow import CaseFlow
from chuangwen.problems.models import Case, Source, State, Supervision
from chuangwen.problems.suggesting import kinds


@briefly
def units_by_id() -> dict[int, Unit]:
    return {unit.pk: unit for unit in Unit.objects.all()}


@briefly
def unit_names() -> dict[int, str]:
    return {pk: str(unit) for pk, unit in units_by_id().items()}


@briefly
def street_names() -> dict[int, str]:
    return dict(Place.objects.filter(kind="street", is_active=True).values_list("pk", "short_name"))


@briefly
def kind_names() -> dict[int, str]:
    return {kind.pk: kind.name for kind in kinds().values()}


def what_cell(case: Case, look: Look) -> SafeString:
    return format_html('<a href="{}">{}</a>', case.get_absolute_url(), case.what)


def unit_cell(case: Case, look: Look) -> str | SafeString:
    if case.unit_id:
        return unit_names().get(case.unit_id, "")
    if case.returns and case.is_open:
        return format_html('<b class="cw-bad">{}</b>', _("无人认领"))
    return ""


def state_cell(case: Case, look: Look) -> SafeString:
    shape, word = shape_of(case)
    return format_html('<span class="cw-state" data-s="{}">{}</span>', shape, word)


def due_of(case: Case, look: Look) -> words.Due:
    if case.state == State.HELD and case.held_until:
        return words.Due("paused", _("到 %(day)s") % {"day": words.day(case.held_until)})
    if case.state in (State.CLOSED, State.SPOT) and case.fix_due_at and case.answered_at:
        return words.Due("met", _("按期")) if case.answered_at <= case.fix_due_at else words.Due("none", _("超期办结"))
    return words.due(case.due_at, case.due_unit, look.now, is_paused=case.is_paused, is_done=not case.is_open)


def due_cell(case: Case, look: Look) -> SafeString | str:
    due = due_of(case, look)
    if not due.text:
        return ""
    look_attribute = format_html(' data-d="{}"', due.look) if due.look != "none" else ""
    return format_html('<span class="cw-due"{}>{}</span>', look_attribute, due.text)


def kind_cell(case: Case, look: Look) -> str | SafeString:
    if case.kind_id:
        return kind_names().get(case.kind_id, "")
    guess = kind_names().get(case.suggested_kind_id or 0, "")
    return format_html('<span class="cw-quiet">{}</span>', _("像是%(kind)s") % {"kind": guess}) if guess else ""


def kind_choices(look: Look) -> list[Choice]:
    return [Choice(code, f"{kind.group} · {kind.name}") for code, kind in kinds().items()]


def unit_choices(look: Look) -> list[Choice]:
    rows = Unit.objects.filter(is_active=True).exclude(kind="community").order_by("code")
    mine = look.person.standing.units_as(Role.LIAISON, Role.HEAD)
    if not rules.reader.allows(look.person, None):
        rows = rows.filter(pk__in=mine)
    return [Choice(code, name) for code, name in rows.values_list("code", "short_name")]


def name_of_kind(code: str) -> str:
    return kinds()[code].name if code in kinds() else code


def name_of_unit(code: str) -> str:
    return Unit.objects.filter(code=code).values_list("short_name", flat=True).first() or code


DAYS, DAY_SPANS = recent_days(7, 30, 90, 365)
DEADLINES = (Choice("late", gettext_lazy("已超期")), Choice("today", gettext_lazy("今天到期")), Choice("paused", gettext_lazy("暂停计时")))


def deadline_q(value: str, look: Look) -> Q:
    open_now = Q(closed_at__isnull=True)
    if value == "late":
        return open_now & Q(is_paused=False, due_at__lt=look.now)
    if value == "today":
        return open_now & Q(is_paused=False, due_at__gte=look.now, due_at__lte=queries.end_of_day(look.now))
    return open_now & Q(is_paused=True)


def mine_q(look: Look) -> Q:
    """What waits for this person's own step, by his posts."""
    person, q = look.person, Q(pk__in=())
    if rules.dispatcher.allows(person, None):
        q |= Q(state__in=(State.REPORTED, State.VERIFIED, State.FILED))
    if rules.checker.allows(person, None):
        q |= Q(state__in=(State.ANSWERED, State.SPOT))
    if rules.office.allows(person, None):
        q |= Q(state__in=(State.DISPUTED, State.APPEALED))
    return q | (rules.responsible.q(person.standing) & Q(state__in=(State.ASSIGNED, State.FIXING)))


def step_bulk(code: str, label: Any) -> Bulk:
    step = CaseFlow.by_code[code]

    def act(case: Case, look: Look, uid: str) -> None:
        CaseFlow.take(case, code, by=look.person, uid=own_uid(uid, case.number))

    return Bulk(code, label, lambda case, look: CaseFlow.why_not(case, step, look.person), act, step.rule)


def confirm_why(case: Case, look: Look) -> str | None:
    why = CaseFlow.why_not(case, CaseFlow.by_code["verify"], look.person)
    if why:
        return why
    return None if case.suggested_kind_id or case.kind_id else _("没有类别建议，要逐件核实。")


def confirm_act(case: Case, look: Look, uid: str) -> None:
    confirm_case(case, by=look.person, uid=own_uid(uid, case.number))


def urge_why(case: Case, look: Look) -> str | None:
    """As the step says, without asking history for each row; who was urged today is refused when the step is taken."""
    step = CaseFlow.by_code["urge"]
    if case.state not in step.sources:
        return _("催办：不在单位手里。")
    return None if step.rule.allows(look.person, case) else _("催办不归你的岗位办。")


def urge_act(case: Case, look: Look, uid: str) -> None:
    CaseFlow.take(case, "urge", by=look.person, uid=own_uid(uid, case.number))


class CaseScreen(Screen):
    """案件."""

    slug = "cases"
    title = gettext_lazy("案件")
    model = Case
    rule = rules.see_case
    open_to = ANYONE
    key = "number"
    order = ("-reported_at", "pk")
    create = ("/cases/new/", gettext_lazy("录入案件"))
    create_rule = rules.dispatcher
    only = (
        "number", "what", "address", "kind_id", "unit_id", "source", "reported_at", "state", "returns", "reworks", "due_at",
        "due_unit", "is_paused", "held_until", "fix_due_at", "answered_at", "street_id", "closed_at", "recurs_of_id",
        "suggested_kind_id",
    )  # fmt: skip
    columns = (
        Column("number", gettext_lazy("编号"), lambda c, k: c.number[3:] if len(c.number) > 14 else c.number,
               lambda c, k: c.number, css="cw-quiet cw-one", width=20),
        Column("what", gettext_lazy("事项"), what_cell, lambda c, k: c.what, css="cw-what", width=40),
        Column("address", gettext_lazy("位置"), lambda c, k: c.address or street_names().get(c.street_id, ""),
               lambda c, k: c.address, css="cw-where", width=36),
        Column("kind", gettext_lazy("类别"), kind_cell, lambda c, k: kind_names().get(c.kind_id, ""), css="cw-one"),
        Column("unit", gettext_lazy("责任单位"), unit_cell, lambda c, k: unit_names().get(c.unit_id, ""), css="cw-one", width=18),
        Column("source", gettext_lazy("来源"), lambda c, k: c.get_source_display(), lambda c, k: str(c.get_source_display()),
               css="cw-quiet cw-one", width=8),
        Column("reported", gettext_lazy("上报"), lambda c, k: words.moment(c.reported_at), lambda c, k: c.reported_at,
               sort="reported_at", css="cw-quiet cw-one", width=17),
        Column("state", gettext_lazy("状态"), state_cell, lambda c, k: str(State(c.state).label), css="cw-one", width=10),
        Column("due", gettext_lazy("期限"), due_cell, lambda c, k: c.due_at, sort="due_at", css="cw-one", width=17),
    )  # fmt: skip
    tabs = (
        Tab("", gettext_lazy("全部"), lambda k: Q()),
        Tab("open", gettext_lazy("未销号"), lambda k: Q(closed_at__isnull=True), ("due_at", "pk")),
        Tab("mine", gettext_lazy("我要办的"), mine_q, ("due_at", "pk")),
        Tab("late", gettext_lazy("超期"), lambda k: deadline_q("late", k), ("due_at", "pk")),
        Tab("again", gettext_lazy("复发"), lambda k: Q(recurs_of__isnull=False)),
        Tab("watched", gettext_lazy("跟踪"), lambda k: Q(is_watched=True, closed_at__isnull=True), ("due_at", "pk")),
    )
    filters = (
        Filter("reported", gettext_lazy("上报"), since_days("reported_at", DAY_SPANS), lambda k: DAYS),
        Filter("state", gettext_lazy("状态"), lambda v, k: Q(state=v), lambda k: [Choice(*c) for c in State.choices]),
        Filter("kind", gettext_lazy("类别"), lambda v, k: Q(kind_id=kinds()[v].pk) if v in kinds() else Q(pk__in=()),
               kind_choices, name_of_kind),
        Filter("unit", gettext_lazy("单位"), lambda v, k: Q(unit__code=v), unit_choices, name_of_unit),
        Filter("street", gettext_lazy("镇街"), lambda v, k: Q(street__code=v),
               lambda k: [Choice(*row) for row in Place.objects.filter(kind="street").values_list("code", "short_name")]),
        Filter("deadline", gettext_lazy("期限"), deadline_q, lambda k: DEADLINES),
        Filter("source", gettext_lazy("来源"), lambda v, k: Q(source=v), lambda k: [Choice(*c) for c in Source.choices]),
        Filter("supervision", gettext_lazy("督办"), lambda v, k: Q(supervision=v if v.isdigit() else -1),
               lambda k: [Choice(str(v), label) for v, label in Supervision.choices if v]),
        Filter("road", gettext_lazy("路段"), lambda v, k: Q(road__code=v),
               lambda k: [Choice(*row) for row in Place.objects.filter(kind="road").values_list("code", "name")]),
    )  # fmt: skip
    bulk = (
        Bulk("confirm", lambda n: _("核实派遣 %(n)d 件") % {"n": n}, confirm_why, confirm_act, rules.dispatcher),
        Bulk("urge", lambda n: _("催办 %(n)d 件") % {"n": n}, urge_why, urge_act, rules.desk),
        step_bulk("pass", lambda n: _("核查通过 %(n)d 件") % {"n": n}),
        step_bulk("accept", lambda n: _("接收 %(n)d 件") % {"n": n}),
    )


