"""标准: the tree of an edition, folded by item, searched, with who leads each method; and its export."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import render

from chuangwen.kernel.people.models import Role, Unit
from chuangwen.kernel.screens.access import SignedIn, page, row_or_404
from chuangwen.standards import rules
from chuangwen.standards.models import Edition, Method, Node, Part, Requirement, Share, Tier


@dataclass
class Cell:
    """One requirement as the tree shows it."""

    need: Requirement
    lead: str = ""
    assists: int = 0
    units: set[int] = field(default_factory=set)

    @property
    def method(self) -> Any:
        return Method(self.need.method).label


@dataclass
class Branch:
    """One node with its cells and what hangs below it."""

    node: Node
    cells: list[Cell] = field(default_factory=list)
    below: list[Branch] = field(default_factory=list)

    @property
    def standards(self) -> int:
        return sum(b.standards for b in self.below) + (self.node.tier == Tier.STANDARD)

    @property
    def points(self) -> str:
        return "" if self.node.full is None else f"{self.node.full.normalize():f}"


def editions() -> list[Edition]:
    """All editions, those in use first within each scheme."""
    rows = Edition.objects.select_related("scheme")
    return list(rows.order_by("scheme__kind", "scheme_id", "-is_current", "-year", "-pk"))


def chosen(known: list[Edition], wanted: str) -> Edition | None:
    """The edition asked for; the first in use when none is. Raises Http404 for one that is not there."""
    if not wanted:
        return next((e for e in known if e.is_current), known[0] if known else None)
    found = next((e for e in known if str(e.pk) == wanted), None)
    if found is None:
        raise Http404
    return found


def cells_of(edition: Edition) -> dict[int, list[Cell]]:
    """The requirements of an edition by standard, with their units; two queries."""
    units: dict[int, list[Share]] = defaultdict(list)
    for share in Share.objects.filter(requirement__node__edition=edition).select_related("unit"):
        units[share.requirement_id].append(share)
    found: dict[int, list[Cell]] = defaultdict(list)
    order = {method: rank for rank, method in enumerate(Method.values)}
    for need in sorted(Requirement.objects.filter(node__edition=edition), key=lambda r: order[r.method]):
        shares = units[need.pk]
        lead = next((str(s.unit) for s in shares if s.part == Part.LEAD), "")
        assists = sum(1 for s in shares if s.part == Part.ASSIST)
        found[need.node_id].append(Cell(need, lead, assists, {s.unit_id for s in shares}))
    return found


def branches(edition: Edition, word: str, units: frozenset[int], method: str) -> list[Branch]:
    """The tree as far as the filters keep it; an item stays while one of its standards does. Three queries."""
    cells = cells_of(edition)
    nodes = list(Node.objects.filter(edition=edition).order_by("rank", "pk"))
    by_pk = {node.pk: Branch(node, cells.get(node.pk, [])) for node in nodes}
    kept: set[int] = set()
    parents = {node.pk: node.parent_id for node in nodes}
    for node in nodes:
        branch = by_pk[node.pk]
        fits = (
            not word
            or word in node.code
            or word in node.name
            or word in node.text
            or any(word in c.lead for c in branch.cells)
        )
        fits = fits and (not units or any(c.units & units for c in branch.cells))
        fits = fits and (not method or any(c.need.method == method for c in branch.cells))
        above: int | None = node.pk
        while fits and above is not None and above not in kept:
            kept.add(above)
            above = parents[above]
    tops = []
    for node in nodes:
        if node.pk not in kept:
            continue
        if node.parent_id is None:
            tops.append(by_pk[node.pk])
        else:
            by_pk[node.parent_id].below.append(by_pk[node.pk])
    return tops


def own_units(request: SignedIn) -> frozenset[int]:
    """The units this person speaks for."""
    return request.user.standing.units_as(Role.LIAISON, Role.HEAD)


@page(rules.read)
def tree(request: SignedIn) -> HttpResponse:
    """GET /standards/: `edition`, `q`, `method`, `unit` (mine or a unit's id) narrow it."""
    known = editions()
    edition = chosen(known, request.GET.get("edition", ""))
    mine = own_units(request)
    asked = {key: request.GET.get(key, "").strip()[:60] for key in ("q", "method", "unit")}
    if asked["unit"] not in ("", "mine") and not asked["unit"].isdecimal():
        raise Http404
    units = mine if asked["unit"] == "mine" else frozenset({int(asked["unit"])} if asked["unit"] else ())
    tops = branches(edition, asked["q"], units, asked["method"]) if edition else []
    narrowed = any(asked.values())

    def link(**more: Any) -> str:
        base = {"edition": edition.pk if edition else "", **asked, **more}
        return "?" + urlencode({k: v for k, v in base.items() if v not in ("", None)})

    siblings = [e for e in known if edition and e.scheme_id == edition.scheme_id]
    first = {e.scheme_id: e for e in reversed(known)}  # the edition in use, or the newest, of each scheme
    with_share = (
        Unit.objects.filter(standard_shares__requirement__node__edition=edition).distinct()
        if edition
        else Unit.objects.none()
    )
    context = {
        "edition": edition, "tops": tops, "schemes": list(reversed(first.values())), "siblings": siblings, "asked": asked,
        "link": link, "methods": Method.choices, "units": list(with_share.order_by("name")), "has_own": bool(mine),
        "count": sum(top.standards for top in tops), "is_open": narrowed, "may_edit": rules.edit.allows(request.user, None),
        "may_issue": rules.issue.allows(request.user, None), "may_see_coverage": bool(mine) or rules.overview.allows(request.user, None),
        "may_compare": rules.overview.allows(request.user, None),
    }  # fmt: skip
    return render(request, "desk/standards.html", context)


@page(rules.overview)
def export(request: SignedIn, pk: int) -> HttpResponse:
    """GET /standards/<edition>/export/: the whole edition in the template of imports."""
    from chuangwen.standards.exchange.writing import write_workbook  # openpyxl is heavy and seldom wanted

    edition = row_or_404(rules.overview, Edition.objects.select_related("scheme"), request.user, pk=pk)
    stream = BytesIO()
    write_workbook(stream, [edition])
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    answer = HttpResponse(stream.getvalue(), content_type=kind)
    answer["Content-Disposition"] = (
        f'attachment; filename="standards-{edition.scheme.code}-{edition.pk}.xlsx"'
    )
    return answer
