"""One standard: its words, each method with units, materials, check items, questions and figures, and what was changed."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen.faces.desk.case_parts import Line
from chuangwen.faces.desk.standards import own_units
from chuangwen.kernel.models import Entry, Unit
from chuangwen.kernel.screens import words
from chuangwen.kernel.screens.access import SignedIn, page
from chuangwen.kernel.workflow.flow import Refused
from chuangwen.standards import actions, rules
from chuangwen.standards.models import (
    CheckItem,
    Material,
    Node,
    Part,
    Question,
    Requirement,
    Series,
    SeriesValue,
    Share,
    Tier,
)

LINES = 60


@dataclass
class Whole:
    """One requirement with everything that hangs on it."""

    need: Requirement
    shares: list[Share] = field(default_factory=list)
    materials: list[Material] = field(default_factory=list)
    check_items: dict[str, list[CheckItem]] = field(default_factory=dict)  # by site type
    questions: list[Question] = field(default_factory=list)
    series: list[Series] = field(default_factory=list)


def wholes_of(node: Node) -> list[Whole]:
    """The requirements of a standard with all below them; seven queries whatever it holds."""
    found = {need.pk: Whole(need) for need in node.requirements.select_related("waived_by")}
    mine = {"requirement__node": node}
    for share in Share.objects.filter(**mine).select_related("unit").order_by("-part", "pk"):
        found[share.requirement_id].shares.append(share)
    for material in (
        Material.objects.filter(**mine).select_related("same_as__requirement__node").order_by("code")
    ):
        found[material.requirement_id].materials.append(material)
    items: dict[int, dict[str, list[CheckItem]]] = defaultdict(lambda: defaultdict(list))
    for item in (
        CheckItem.objects.filter(**mine)
        .select_related("site_type", "grading")
        .order_by("site_type__rank", "code")
    ):
        items[item.requirement_id][item.site_type.name].append(item)
    for pk, by_type in items.items():
        found[pk].check_items = dict(by_type)
    for question in Question.objects.filter(**mine).order_by("code"):
        found[question.requirement_id].questions.append(question)
    rows = (
        Series.objects.filter(**mine)
        .select_related("unit")
        .prefetch_related("values__given_by", "values__confirmed_by")
    )
    for one in rows.order_by("code"):
        found[one.requirement_id].series.append(one)
    return list(found.values())


def history_of(node: Node, needs: list[Requirement]) -> list[Line]:
    """What was changed by hand or by a replaced file, newest first; one query."""
    titles = {
        "shares": _("分工"), "waived_reason": _("不要求"), "text": _("全文"), "name": _("名称"), "full": _("分值"),
        "scoring": _("计分规则"), "note": _("说明"), "demand": _("应达水平"), "effort": _("工作量"), "source": _("来源"),
    }  # fmt: skip
    methods = {need.pk: str(need.get_method_display()) for need in needs}
    own = Entry.objects.filter(subject="standards.node", subject_id=node.pk)
    below = Entry.objects.filter(subject="standards.requirement", subject_id__in=list(methods))
    lines = []
    for entry in (own | below).select_related("by").order_by("-at", "-pk")[:LINES]:
        said = []
        for name, pair in entry.given.items():
            if name in titles and isinstance(pair, list):
                old, new = (_plain(value) for value in pair)
                said.append(f"{titles[name]} {old} → {new}" if old != "—" else f"{titles[name]} {new}")
        who = entry.by.name if entry.by else _("系统")
        label = (
            methods.get(entry.subject_id, _("标准"))
            if entry.subject == "standards.requirement"
            else _("标准")
        )
        lines.append(
            Line(words.moment(entry.at), label, who, "；".join(said), entry.hash[:4], entry.by_id is None)
        )
    return lines


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        value = next(iter(value.values()), "")
    return str(value) if value not in (None, "") else "—"


def standard_or_404(pk: int, code: str) -> Node:
    rows = Node.objects.select_related("edition__scheme", "parent__parent")
    return get_object_or_404(rows, edition_id=pk, code=code)


def _shown(request: SignedIn, node: Node, fault: str = "") -> HttpResponse:
    wholes = wholes_of(node)
    may_edit = rules.edit.allows(request.user, None)
    around = node.edition.nodes.filter(tier=Tier.STANDARD).order_by("rank")
    context = {
        "node": node, "edition": node.edition, "wholes": wholes, "lines": history_of(node, [w.need for w in wholes]),
        "fault": fault, "may_edit": may_edit, "parts": Part.choices, "own": own_units(request),
        "units": list(Unit.objects.filter(is_active=True).order_by("name")) if may_edit else [],
        "before": around.filter(rank__lt=node.rank).last(), "after": around.filter(rank__gt=node.rank).first(),
        "year": timezone.localdate().year, "below": list(node.children.order_by("rank")) if node.tier != Tier.STANDARD else [],
    }  # fmt: skip
    return render(request, "desk/standard.html", context, status=409 if fault else 200)


@page(rules.read)
def show(request: SignedIn, pk: int, code: str) -> HttpResponse:
    """GET /standards/<edition>/<code>/: one node of the tree."""
    return _shown(request, standard_or_404(pk, code))


@page(rules.edit, methods=("POST",))
def cell(request: SignedIn, pk: int, deed: str) -> HttpResponse:
    """POST /standards/cells/<id>/give|take|waive/: the units of a requirement, or that nothing is asked for."""
    need = get_object_or_404(Requirement.objects.select_related("node"), pk=pk)
    given = request.POST
    try:
        if deed == "waive":
            actions.waive_requirement(need, given.get("reason", ""), by=request.user)
        elif deed in ("give", "take"):
            wanted = given.get("unit", "")
            unit = Unit.objects.filter(pk=int(wanted), is_active=True).first() if wanted.isdecimal() else None
            if unit is None:
                raise Refused(_("选一个单位。"))
            if deed == "give":
                actions.give_share(
                    need, unit, given.get("part", "lead"), by=request.user, reason=given.get("reason", "")
                )
            else:
                actions.take_share(need, unit, by=request.user)
        else:
            raise Http404
    except Refused as fault:
        return _shown(request, standard_or_404(need.node.edition_id, need.node.code), str(fault))
    return redirect(f"/standards/{need.node.edition_id}/{need.node.code}/#m-{need.method}")


class ValueForm(forms.Form):
    year = forms.IntegerField(min_value=1990, max_value=2100)
    value = forms.DecimalField(max_digits=16, decimal_places=4)


@page(rules.read, methods=("POST",))
def series_value(request: SignedIn, pk: int) -> HttpResponse:
    """POST /standards/series/<id>/: the figure of one year, by its unit or the office."""
    series = get_object_or_404(Series.objects.select_related("requirement__node"), pk=pk)
    if not (rules.edit.allows(request.user, None) or series.unit_id in own_units(request)):
        raise Http404
    node = series.requirement.node
    form = ValueForm(request.POST)
    if not form.is_valid():
        return _shown(
            request, standard_or_404(node.edition_id, node.code), _("年度写四位数字，数值写数字，不带单位。")
        )
    actions.give_value(
        series, form.cleaned_data["year"], Decimal(form.cleaned_data["value"]), by=request.user,
        source=request.POST.get("source", ""),
    )  # fmt: skip
    return redirect(f"/standards/{node.edition_id}/{node.code}/#m-series")


@page(rules.edit, methods=("POST",))
def confirm(request: SignedIn, pk: int) -> HttpResponse:
    """POST /standards/values/<id>/confirm/: a figure confirmed by another person than who gave it."""
    row = get_object_or_404(SeriesValue.objects.select_related("series__requirement__node"), pk=pk)
    node = row.series.requirement.node
    try:
        actions.confirm_value(row, by=request.user)
    except Refused as fault:
        return _shown(request, standard_or_404(node.edition_id, node.code), str(fault))
    return redirect(f"/standards/{node.edition_id}/{node.code}/#m-series")
