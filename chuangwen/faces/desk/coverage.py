"""标准覆盖: standard × method, holes first; the side panel says what the chosen hole lacks and mends it (row 28)."""

from __future__ import annotations

import datetime as dt
from io import BytesIO
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen.assessment.coverage import HOLES, LINKS, Cell, Coverage, Line, coverage, suggest_unit
from chuangwen.kernel.people.models import Role, Unit
from chuangwen.kernel.people.rules import holds
from chuangwen.kernel.places.models import Term
from chuangwen.kernel.screens.access import SignedIn, page
from chuangwen.kernel.workflow.flow import Refused
from chuangwen.standards import rules
from chuangwen.standards.actions import give_share, waive_requirement
from chuangwen.standards.models import Edition, Material, Method, Part, Requirement
from chuangwen.tasks.actions import split_requirement
from chuangwen.tasks.generating import kind_of
from chuangwen.tasks.models import Plan, PlanKind

may_open = rules.overview | holds(Role.HEAD, Role.LIAISON)
FOUR = (Method.MATERIAL, Method.SITE, Method.SURVEY, Method.SERIES)
LINES = 300


class Asked:
    """What the address asks for: the edition, the year, the filters and the chosen cell."""

    def __init__(self, request: SignedIn) -> None:
        given = request.GET
        editions = Edition.objects.select_related("scheme").order_by(
            "scheme__kind", "scheme_id", "-is_current", "-year"
        )
        self.editions = list(editions)
        current = [e for e in self.editions if e.is_current]
        try:
            wanted = int(given.get("edition") or 0)
            self.year = int(given.get("year") or timezone.localdate().year)
        except ValueError as fault:
            raise Http404 from fault
        self.edition = (
            next((e for e in self.editions if e.pk == wanted), None)
            if wanted
            else next(iter(current or self.editions), None)
        )
        if wanted and self.edition is None:
            raise Http404
        self.filters = {
            name: given.get(name, "") for name in ("unit", "item", "method", "type", "hole", "order")
        }
        self.at = given.get("at", "")
        self.own = self._own(request)

    def _own(self, request: SignedIn) -> frozenset[int] | None:
        """The units whose lines a liaison sees; None for who oversees all."""
        if rules.overview.allows(request.user, None):
            return None
        return request.user.standing.units_as(Role.HEAD, Role.LIAISON)

    @staticmethod
    def short(edition: Edition) -> str:
        """A scheme's name for a narrow tab: without what stands in brackets."""
        return edition.scheme.name.split("（")[0]

    def link(self, **more: Any) -> str:
        base = {"edition": self.edition.pk if self.edition else "", "year": self.year, **self.filters}
        return "?" + urlencode({k: v for k, v in {**base, **more}.items() if v not in ("", None)})

    def _of_unit(self, line: Line, units: set[int | None]) -> bool:
        wanted = self.filters["unit"]
        if wanted == "none":
            return any(cell.lead is None for cell in line.cells.values() if not cell.is_waived)
        return not wanted or int(wanted) in units

    def takes(self, line: Line) -> bool:
        """Whether the filters keep this line."""
        units = {u for c in line.cells.values() for u in (c.lead, *c.assists)}
        wanted = self.filters
        return (
            (self.own is None or bool(units & self.own))
            and self._of_unit(line, units)
            and (not wanted["item"] or line.item == wanted["item"])
            and (not wanted["method"] or wanted["method"] in line.cells)
            and (not wanted["type"] or any(int(wanted["type"]) in c.site_types for c in line.cells.values()))
            and (not wanted["hole"] or any(c.verdict == wanted["hole"] for c in line.cells.values()))
        )  # fmt: skip


class Group(NamedTuple):
    """One head over three narrow columns; the seldom methods share one, which shows the worst of them."""

    label: Any
    links: tuple[Any, ...]
    methods: tuple[str, ...]

    def cell(self, line: Line) -> Cell | None:
        found = [line.cells[method] for method in self.methods if method in line.cells]
        return min(found, key=lambda cell: (cell.is_waived, cell.have - cell.need), default=None)


def _groups(matrix: Coverage) -> list[Group]:
    """The four main methods always, one head for the others when the edition uses them."""
    seldom = tuple(m.value for m in Method if m not in FOUR)
    groups = [Group(m.label, LINKS[m], (m.value,)) for m in FOUR]
    if any(cell.method in seldom for cell in matrix.cells):
        groups.append(Group(_("其他"), LINKS[seldom[0]], seldom))
    return groups


def _export(matrix: Coverage, lines: list[Line], units: dict[int, str]) -> HttpResponse:
    from chuangwen.kernel.screens.tables import write_table  # openpyxl is heavy and seldom wanted

    head: list[tuple[str, float]] = [
        (_("编号"), 10), (_("标准"), 30), (_("方法"), 10), (_("分值"), 8), (_("主责"), 20),
        (_("协办"), 30), (_("链条"), 24), (_("结论"), 20),
    ]  # fmt: skip
    words = {"yes": _("有"), "part": _("有，未审"), "no": _("没有")}
    names = {**HOLES, "unreviewed": _("齐但未审"), "complete": _("齐全"), "waived": _("不要求")}
    rows = []
    for line in lines:
        for cell in line.cells.values():
            links = " ".join(
                f"{name}{words[link]}" for name, link in zip(LINKS[cell.method], cell.links, strict=True)
            )
            rows.append([
                line.code, line.name, str(Method(cell.method).label), cell.full, units.get(cell.lead or 0, ""),
                "、".join(units.get(u, "") for u in cell.assists), links, str(names[cell.verdict]),
            ])  # fmt: skip
    stream = BytesIO()
    write_table(stream, head, rows, sheet=_("标准覆盖"))
    answer = HttpResponse(
        stream.getvalue(), content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    )
    answer["Content-Disposition"] = f'attachment; filename="coverage-{matrix.edition.pk}-{matrix.year}.xlsx"'
    return answer


def _panel(matrix: Coverage, at: str) -> dict[str, Any] | None:
    """What the side says about one cell: its missing link, a suggested unit, what the requirement asks for."""
    chosen = next(
        (
            (line, cell)
            for line in matrix.lines
            for cell in line.cells.values()
            if str(cell.requirement) == at
        ),
        None,
    )
    if chosen is None:
        return None
    line, cell = chosen
    requirement = Requirement.objects.select_related("node__edition__scheme", "node__parent").get(
        pk=cell.requirement
    )
    materials = list(Material.objects.filter(requirement=requirement))
    types = Term.objects.filter(pk__in=cell.site_types).order_by("rank")
    return {
        "line": line, "cell": cell, "requirement": requirement, "materials": materials, "types": [t.name for t in types],
        "links": list(zip(LINKS[cell.method], cell.links, strict=True)),
        "suggested": suggest_unit(requirement) if cell.hole == "unit" else None,
    }  # fmt: skip


@page(may_open)
def coverage_page(request: SignedIn) -> HttpResponse:
    """The matrix on screen, on paper or as Excel."""
    asked = Asked(request)
    if asked.edition is None:
        return render(request, "desk/coverage.html", {"asked": asked, "matrix": None})
    matrix = coverage(asked.edition, asked.year)
    try:
        lines = [line for line in matrix.lines if asked.takes(line)]
    except ValueError as fault:
        raise Http404 from fault
    if asked.filters["order"] != "tree":
        lines.sort(key=lambda line: line.rank)
    units = {u.pk: str(u) for u in Unit.objects.all()}
    if request.GET.get("export") == "xlsx":
        return _export(matrix, lines, units)
    hole = asked.filters["hole"] if asked.filters["hole"] in HOLES else ""
    at = asked.at or next(
        (
            str(c.requirement)
            for line in lines
            for c in line.cells.values()
            if (c.hole == hole if hole else c.hole)
        ),
        "",
    )
    shown = {
        str(cell.requirement)
        for line in (matrix.lines if asked.own is None else lines)
        for cell in line.cells.values()
    }
    types = Term.objects.filter(pk__in={t for cell in matrix.cells for t in cell.site_types}).order_by("rank")
    tops = {line.item for line in matrix.lines}
    return render(request, "desk/coverage.html", {
        "asked": asked, "matrix": matrix, "lines": lines[:LINES], "left": max(0, len(lines) - LINES), "units": units,
        "groups": _groups(matrix), "methods": [m for m in Method if m in {c.method for c in matrix.cells}],
        "counts": matrix.counts if asked.own is None else None, "holes": HOLES,
        "panel": _panel(matrix, at) if at in shown else None,
        "by_unit": matrix.by_unit()[:8] if asked.own is None else [], "types": types,
        "items": list(asked.edition.nodes.filter(tier="item", code__in=tops)),
        "all_units": sorted({u for cell in matrix.cells for u in (cell.lead, *cell.assists) if u}, key=lambda u: units.get(u, "")),
        "total": sum(1 for cell in matrix.cells if not cell.is_waived), "may_edit": rules.edit.allows(request.user, None),
        "here": "standards", "row_of": _row_of, "is_this_year": asked.year == timezone.localdate().year,
    })  # fmt: skip


def _row_of(line: Line, groups: list[Group]) -> list[tuple[Cell | None, str, bool]]:
    """The line's small cells from left to right: (cell or None, link state, first of its group)."""
    row: list[tuple[Cell | None, str, bool]] = []
    for group in groups:
        cell = group.cell(line)
        states = ("na",) * len(group.links) if cell is None or cell.is_waived else cell.links
        row += [(cell, state, place == 0) for place, state in enumerate(states)]
    return row


def _back(request: SignedIn) -> HttpResponse:
    """To the matrix as it was asked for; only our own query is followed."""
    query = request.POST.get("back", "")
    return redirect("/standards/coverage/" + (query if query.startswith("?") else ""))


def _requirement(pk: int) -> Requirement:
    return get_object_or_404(Requirement.objects.select_related("node__edition__scheme"), pk=pk)


def _refused(request: SignedIn, fault: Refused) -> HttpResponse:
    return render(request, "screens/refused.html", {"title": _("没有办成"), "what": str(fault)}, status=409)


@page(rules.edit, methods=("POST",))
def give(request: SignedIn, requirement: int) -> HttpResponse:
    """Makes a unit the lead of a requirement."""
    row = _requirement(requirement)
    unit = get_object_or_404(Unit.objects.filter(is_active=True), pk=request.POST.get("unit") or 0)
    try:
        give_share(row, unit, Part.LEAD, by=request.user, reason=_("在覆盖表里指定"))
    except Refused as fault:
        return _refused(request, fault)
    return _back(request)


@page(rules.edit, methods=("POST",))
def waive(request: SignedIn, requirement: int) -> HttpResponse:
    """Records that a requirement is not asked, with the reason."""
    reason = request.POST.get("reason", "").strip()[:200]
    if not reason:
        return _refused(request, Refused(_("写明为什么不要求，检查时要能说清。")))
    waive_requirement(_requirement(requirement), reason, by=request.user)
    return _back(request)


def _due(row: Requirement) -> dt.date:
    """The first date its materials are asked for, else the year's last day."""
    today = timezone.localdate()
    dates = row.materials.filter(due_on__gte=today).order_by("due_on").values_list("due_on", flat=True)
    return dates.first() or today.replace(month=12, day=31)


def _plan(row: Requirement) -> Plan | None:
    """The year's plan the task belongs under: that of the edition, else the only one there is."""
    today = timezone.localdate()
    plans = Plan.objects.filter(kind=PlanKind.YEAR, from_on__lte=today, to_on__gte=today)
    return plans.filter(edition=row.node.edition_id).first() or (plans.get() if plans.count() == 1 else None)


@page(rules.edit, methods=("POST",))
def make_task(request: SignedIn, requirement: int) -> HttpResponse:
    """Makes the tasks of a requirement for its lead unit."""
    try:
        row = _requirement(requirement)
        split_requirement(row, (kind_of(row),), by=request.user, due_on=_due(row), plan=_plan(row))
    except Refused as fault:
        return _refused(request, fault)
    return _back(request)


@page(rules.edit, methods=("POST",))
def make_tasks(request: SignedIn) -> HttpResponse:
    """Makes the task of every cell of an edition that has a unit and lacks only this; again makes nothing."""
    edition = get_object_or_404(Edition.objects.select_related("scheme"), pk=request.POST.get("edition") or 0)
    wanted = [
        cell.requirement
        for _line, cell in coverage(edition, timezone.localdate().year).holes
        if cell.hole == "task"
    ]
    rows = Requirement.objects.select_related("node__edition__scheme").in_bulk(wanted)
    try:
        with transaction.atomic():
            for pk in wanted:
                split_requirement(
                    rows[pk],
                    (kind_of(rows[pk]),),
                    by=request.user,
                    due_on=_due(rows[pk]),
                    plan=_plan(rows[pk]),
                )
    except Refused as fault:
        return _refused(request, fault)
    return _back(request)
