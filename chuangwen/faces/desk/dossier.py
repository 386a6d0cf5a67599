"""材料: the list of the year's items with bulk steps, how complete the year is, and asking the units for it."""

from __future__ import annotations

import datetime as dt
from typing import Any, cast

from django.db.models import F, Q
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chuangwen.dossier import queries, rules
from chuangwen.dossier.actions import open_items
from chuangwen.dossier.flow import CHECKS, ItemFlow
from chuangwen.dossier.models import Item, State
from chuangwen.faces.desk.cases import name_of_unit, unit_names
from chuangwen.kernel.models import Person, Unit
from chuangwen.kernel.people.models import Role
from chuangwen.kernel.screens import words
from chuangwen.kernel.screens.access import SignedIn, page
from chuangwen.kernel.screens.declare import Bulk, Choice, Column, Filter, Look, Tab, own_uid
from chuangwen.kernel.screens.screen import Screen
from chuangwen.kernel.workflow.flow import Refused
from chuangwen.standards.models import Edition, MaterialKind

_SHAPES = {
    State.DRAFT: "new", State.UNIT_CHECK: "check", State.OFFICE_CHECK: "check", State.FINAL_CHECK: "check",
    State.ACCEPTED: "done", State.VOID: "void",
}  # fmt: skip


def shape_of(item: Item) -> tuple[str, str]:
    """The shape and the word of an item's state; what came back says so."""
    if item.state == State.DRAFT and item.version:
        return "back", _("待改 · 第 %(n)d 版后") % {"n": item.version}
    return _SHAPES[State(item.state)], str(State(item.state).label)


def due_of(item: Item, look: Look) -> words.Due:
    unit = "calendar_day" if item.state == State.DRAFT else "work_day"
    return words.due(item.next_due_at, unit, look.now, is_done=item.state in ItemFlow.closed)


class Row:
    """What a first page shows of an item: its state and deadline in words."""

    def __init__(self, item: Item, look: Look) -> None:
        self.item = item
        self.shape, self.state = shape_of(item)
        self.due = due_of(item, look)


def due_rows(person: Person) -> list[Row]:
    """The materials a person has to write or review, for the first pages; one query."""
    look = Look(person, timezone.now())
    return [Row(item, look) for item in queries.due_items(person)] if rules.door.allows(person, None) else []


def _what(item: Item, look: Look) -> SafeString:
    return format_html('<a href="{}">{}</a>', item.get_absolute_url(), item.material.text)


def _state(item: Item, look: Look) -> SafeString:
    return format_html('<span class="cw-state" data-s="{}">{}</span>', *shape_of(item))


def _due(item: Item, look: Look) -> SafeString | str:
    due = due_of(item, look)
    if not due.text:
        return ""
    mark = format_html(' data-d="{}"', due.look) if due.look != "none" else ""
    return format_html('<span class="cw-due"{}>{}</span>', mark, due.text)


def _standard(item: Item) -> str:
    return f"{item.material.requirement.node.code} {item.material.requirement.node.name}"


def _next_step(item: Item, codes: tuple[str, ...], person: Person) -> tuple[str, str | None]:
    """Of some steps the one for the item's state, and why it cannot be taken."""
    for code in codes:
        step = ItemFlow.by_code[code]
        if item.state in step.sources:
            why = ItemFlow.why_not(item, step, person)
            if why is None or code == codes[-1] or not step.rule.allows(person, item):
                return code, why
    return codes[0], _("现在是%(state)s，不用办。") % {"state": State(item.state).label}


PASS = ("pass_unit", "pass_office", "accept", "accept_final")
BACK = ("return_unit", "return_office", "return_final")


def _bulk(code: str, label: Any, codes: tuple[str, ...], **given: Any) -> Bulk:
    def why(item: Item, look: Look) -> str | None:
        return _next_step(item, codes, look.person)[1]

    def act(item: Item, look: Look, uid: str) -> None:
        step, _why = _next_step(item, codes, look.person)
        ItemFlow.take(item, step, by=look.person, given=given, uid=own_uid(uid, str(item.pk)))

    return Bulk(code, label, why, act, rules.door)


def _urge_why(item: Item, look: Look) -> str | None:
    """As the step says, without asking history for each row; who was urged today is refused when the step is taken."""
    step = ItemFlow.by_code["urge"]
    if item.state not in step.sources:
        return _("不在单位手里，不用催。")
    return None if step.rule.allows(look.person, item) else _("催报不归你的岗位办。")


def _urge(item: Item, look: Look, uid: str) -> None:
    ItemFlow.take(item, "urge", by=look.person, uid=own_uid(uid, str(item.pk)))


def _due_q(value: str, look: Look) -> Q:
    late = Q(next_due_at__lt=look.now)
    soon = Q(next_due_at__gte=look.now, next_due_at__lt=look.now + dt.timedelta(days=7))
    return {"late": late, "week": soon}.get(value, Q(pk__in=()))


def _holder_q(value: str, look: Look) -> Q:
    states = {"unit": (State.DRAFT, State.UNIT_CHECK), "office": (State.OFFICE_CHECK, State.FINAL_CHECK)}
    return Q(state__in=states.get(value, ()))


def _units(look: Look) -> list[Choice]:
    rows = Unit.objects.filter(is_active=True, dossier_items__isnull=False).distinct().order_by("code")
    if not rules.overview.allows(look.person, None):
        rows = rows.filter(pk__in=look.person.standing.units_as(Role.LIAISON, Role.HEAD))
    return [Choice(code, name) for code, name in rows.values_list("code", "short_name")]


def _number_q(column: str, value: str) -> Q:
    return (
        Q(**{column: int(value)}) if value.isascii() and value.isdigit() and len(value) < 10 else Q(pk__in=())
    )


def _editions(look: Look) -> list[Choice]:
    return [Choice(str(one.pk), str(one)) for one in queries.editions_with_material()]


def _standards(look: Look) -> list[Choice]:
    rows = queries.items(look.person).order_by("material__requirement__node__rank")
    found = rows.values_list(
        "material__requirement__node__code", "material__requirement__node__name"
    ).distinct()
    return [Choice(code, f"{code} {name}") for code, name in dict.fromkeys(found)]


def _years(look: Look) -> list[Choice]:
    years = queries.items(look.person).order_by("-year").values_list("year", flat=True).distinct()
    return [Choice(str(year), str(year)) for year in years]


class ItemScreen(Screen):
    """材料."""

    slug = "dossier"
    title = gettext_lazy("材料")
    model = Item
    rule = rules.see_item
    open_to = rules.door
    # What has no deadline any more stands last on both engines.
    order = (cast(str, F("next_due_at").asc(nulls_last=True)), "pk")
    create = ("/dossier/complete/", gettext_lazy("齐不齐"))
    related = ("material__requirement__node",)
    columns = (
        Column("standard", gettext_lazy("标准"), lambda i, k: _standard(i), lambda i, k: _standard(i), css="cw-quiet cw-one", width=24),
        Column("what", gettext_lazy("材料"), _what, lambda i, k: i.material.text, css="cw-what", width=44),
        Column("code", gettext_lazy("材料编号"), lambda i, k: i.material.code, lambda i, k: i.material.code,
               css="cw-quiet cw-one"),
        Column("kind", gettext_lazy("类别"), lambda i, k: i.material.get_kind_display(),
               lambda i, k: str(i.material.get_kind_display()), css="cw-one"),
        Column("year", gettext_lazy("年度"), lambda i, k: i.year, lambda i, k: i.year, css="cw-num", width=8),
        Column("unit", gettext_lazy("单位"), lambda i, k: unit_names().get(i.unit_id, ""),
               lambda i, k: unit_names().get(i.unit_id, ""), css="cw-one", width=18),
        Column("state", gettext_lazy("状态"), _state, lambda i, k: shape_of(i)[1], css="cw-one", width=14),
        Column("holder", gettext_lazy("在谁手里"),
               lambda i, k: unit_names().get(i.unit_id, "") if i.state in ("draft", "unit_check") else queries.holder(i),
               lambda i, k: queries.holder(i), css="cw-one", width=18),
        Column("due", gettext_lazy("期限"), _due, lambda i, k: i.next_due_at, sort="next_due_at", css="cw-one", width=17),
    )  # fmt: skip
    tabs = (
        Tab("", gettext_lazy("全部"), lambda k: Q()),
        Tab("mine", gettext_lazy("我要办的"), lambda k: queries.mine(k.person)),
        Tab("late", gettext_lazy("超期"), lambda k: _due_q("late", k)),
        Tab("check", gettext_lazy("审核中"), lambda k: Q(state__in=CHECKS)),
        Tab("accepted", gettext_lazy("已入卷"), lambda k: Q(state=State.ACCEPTED)),
    )
    filters = (
        Filter("unit", gettext_lazy("单位"), lambda v, k: Q(unit__code=v), _units, name_of_unit),
        Filter("state", gettext_lazy("状态"), lambda v, k: Q(state=v), lambda k: [Choice(*c) for c in State.choices]),
        Filter("kind", gettext_lazy("类别"), lambda v, k: Q(material__kind=v), lambda k: [Choice(*c) for c in MaterialKind.choices]),
        Filter("holder", gettext_lazy("在谁手里"), _holder_q,
               lambda k: [Choice("unit", _("单位")), Choice("office", _("创建办"))]),
        Filter("due", gettext_lazy("期限"), _due_q, lambda k: [Choice("late", _("已超期")), Choice("week", _("七天内"))]),
        Filter("standard", gettext_lazy("标准"), lambda v, k: Q(material__requirement__node__code=v), _standards),
        Filter("edition", gettext_lazy("版本"), lambda v, k: _number_q("material__requirement__node__edition", v), _editions),
        Filter("year", gettext_lazy("年度"), lambda v, k: _number_q("year", v), _years),
    )  # fmt: skip
    bulk = (
        _bulk("pass", lambda n: _("通过 %(n)d 份") % {"n": n}, PASS),
        _bulk(
            "return",
            lambda n: _("退回 %(n)d 份") % {"n": n},
            BACK,
            reason=gettext_lazy("成批退回：对照材料要求和预审的提醒改好再报。"),
        ),
        Bulk("urge", lambda n: _("催报 %(n)d 份") % {"n": n}, _urge_why, _urge, rules.office),
    )


# How complete the year is ----------------------------------------------------------------------------


def _mine(person: Person) -> frozenset[int] | None:
    """The units whose materials a person may count; None: all."""
    return None if rules.overview.allows(person, None) else person.standing.units_as(Role.LIAISON, Role.HEAD)


def _complete(request: SignedIn, more: dict[str, Any] | None = None, status: int = 200) -> HttpResponse:
    given = request.POST if request.method == "POST" else request.GET
    edition, year, editions = queries.edition_and_year(given, timezone.localdate())
    found = queries.completeness(edition, year, units=_mine(request.user)) if edition else None
    context = {
        "edition": edition, "year": year, "editions": editions, "found": found,
        "holes": [line for line in found.standards if line.count.none] if found else [],
        "may_ask": rules.office.allows(request.user, None), "opened": None, "fault": "", **(more or {}),
    }  # fmt: skip
    return render(request, "desk/dossier_complete.html", context, status=status)


@page(rules.door)
def complete(request: SignedIn) -> HttpResponse:
    """GET /dossier/complete/?edition&year: by unit and by standard, holes first."""
    return _complete(request)


@page(rules.office, methods=("POST",))
def ask(request: SignedIn) -> HttpResponse:
    """POST /dossier/ask/: asks the lead units for everything that is not asked yet, and says what was left and why."""
    edition = (
        Edition.objects.filter(pk=int(request.POST["edition"])).first()
        if request.POST.get("edition", "").isdigit()
        else None
    )
    year = request.POST.get("year", "")
    if edition is None or not (year.isascii() and year.isdigit() and 2000 <= int(year) <= 2100):
        return _complete(request, {"fault": _("选版本，年度写四位数字，如 2026。")}, 400)
    try:
        opened = open_items(edition, int(year), by=request.user)
    except Refused as fault:
        return _complete(request, {"fault": str(fault)}, 409)
    return _complete(request, {"opened": opened})
