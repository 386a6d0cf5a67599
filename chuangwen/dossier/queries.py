"""Reads over the dossier of a year: how each material stands, how complete each unit and standard is, what is due."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from chuangwen.dossier import rules
from chuangwen.dossier.models import Item, Use
from chuangwen.dossier.models import State as S
from chuangwen.dossier.naming import natural
from chuangwen.kernel.models import Person, Unit
from chuangwen.standards.models import Edition, Material, Node, Part, Share

NONE, DRAFT, UNDER_REVIEW, ACCEPTED = "none", "draft", "under_review", "accepted"
_ORDER = (NONE, DRAFT, UNDER_REVIEW, ACCEPTED)
_CODES = {
    S.DRAFT: DRAFT, S.UNIT_CHECK: UNDER_REVIEW, S.OFFICE_CHECK: UNDER_REVIEW, S.FINAL_CHECK: UNDER_REVIEW,
    S.ACCEPTED: ACCEPTED, S.VOID: NONE,
}  # fmt: skip


def code_of(state: str) -> str:
    """none, draft, under_review or accepted; what is not needed is not there."""
    return _CODES[S(state)]


def roots_of(pairs: Iterable[tuple[int, int | None]]) -> dict[int, int]:
    """Material → the one that is asked for it, following `same_as`; a loop ends at its smallest id."""
    above = dict(pairs)
    found = {}
    for one in above:
        path, here = [one], above[one]
        while here is not None and here in above and here not in path:
            path.append(here)
            here = above[here]
        looped = here in path if here is not None else False
        found[one] = min(path[path.index(here) :]) if looped and here is not None else path[-1]
    return found


def material_states(edition: Edition, year: int) -> dict[int, str]:
    """Material id → none, draft, under_review or accepted, for every material of the edition (three queries).

    A material stands as well as the best item that serves it: its own, that of a material it is the same as, or one
    that was let serve it.
    """
    pairs = list(Material.objects.filter(requirement__node__edition=edition).values_list("pk", "same_as"))
    roots = roots_of(pairs)
    best = dict.fromkeys(roots.values(), NONE)
    own = Item.objects.filter(year=year, material__requirement__node__edition=edition)
    used = Use.objects.filter(item__year=year, material__requirement__node__edition=edition)
    rows = [*own.values_list("material", "state"), *used.values_list("material", "item__state")]
    for material, state in rows:
        root = roots[material]
        best[root] = max(best[root], code_of(state), key=_ORDER.index)
    return {material: best[root] for material, root in roots.items()}


@dataclass
class Count:
    """How many materials stand where."""

    none: int = 0
    draft: int = 0
    under_review: int = 0
    accepted: int = 0

    def add(self, code: str) -> None:
        setattr(self, code, getattr(self, code) + 1)

    @property
    def total(self) -> int:
        return self.none + self.draft + self.under_review + self.accepted


class UnitLine(NamedTuple):
    unit: Unit | None
    count: Count  # type: ignore[assignment]  # tuple.count is of no use here


class StandardLine(NamedTuple):
    node: Node
    count: Count  # type: ignore[assignment]
    lacking: list[Material]


@dataclass
class Completeness:
    """A year's dossier by unit (holes first) and by standard (in the order of the tree)."""

    whole: Count = field(default_factory=Count)
    units: list[UnitLine] = field(default_factory=list)
    standards: list[StandardLine] = field(default_factory=list)


def completeness(edition: Edition, year: int, *, units: Iterable[int] | None = None) -> Completeness:
    """How complete the dossier of an edition and year is (six queries); `units`: only what these lead.

    A waived requirement asks for nothing. A material without a lead unit stands under no unit.
    """
    states = material_states(edition, year)
    rows = Material.objects.filter(requirement__node__edition=edition, requirement__waived_reason="")
    materials = list(
        rows.select_related("requirement__node").order_by("requirement__node__rank", "code", "pk")
    )
    leads = dict(
        Share.objects.filter(requirement__node__edition=edition, part=Part.LEAD).values_list(
            "requirement", "unit"
        )
    )
    wanted = None if units is None else set(units)
    found = Completeness()
    by_unit: dict[int | None, Count] = {}
    by_node: dict[int, StandardLine] = {}
    for material in materials:
        unit_id, code = leads.get(material.requirement_id), states[material.pk]
        if wanted is not None and unit_id not in wanted:
            continue
        found.whole.add(code)
        by_unit.setdefault(unit_id, Count()).add(code)
        node = material.requirement.node
        line = by_node.setdefault(node.pk, StandardLine(node, Count(), []))
        line.count.add(code)
        if code == NONE:
            line.lacking.append(material)
    known = Unit.objects.in_bulk([pk for pk in by_unit if pk])
    lines = [UnitLine(known.get(pk) if pk else None, count) for pk, count in by_unit.items()]
    found.units = sorted(
        lines, key=lambda line: (-line.count.none, -line.count.draft, line.unit.code if line.unit else "")
    )
    found.standards = sorted(by_node.values(), key=lambda line: natural(line.node.code))
    return found


def asked_by(material: Material, year: int) -> Item | None:
    """The item that brings this material in this year already: its own, of the same one, or one let serve it."""
    edition = material.requirement.node.edition_id
    pairs = Material.objects.filter(requirement__node__edition=edition).values_list("pk", "same_as")
    roots = roots_of(pairs)
    group = [pk for pk, root in roots.items() if root == roots[material.pk]]
    rows = Item.objects.filter(Q(material__in=group) | Q(uses__material__in=group), year=year)
    return rows.exclude(state=S.VOID).select_related("material", "unit").order_by("pk").first()


def serves(item: Item) -> list[Material]:
    """The other materials this item stands for: those said to be the same, those it was let serve."""
    edition = item.material.requirement.node.edition_id
    roots = roots_of(Material.objects.filter(requirement__node__edition=edition).values_list("pk", "same_as"))
    group = [pk for pk, root in roots.items() if root == roots[item.material_id]]
    rows = Material.objects.filter(Q(pk__in=group) | Q(used__item=item)).exclude(pk=item.material_id)
    return list(
        rows.select_related("requirement__node").distinct().order_by("requirement__node__rank", "code")
    )


def items(person: Person | None) -> QuerySet[Item]:
    """The items this person may see; without a person (the command line) all."""
    rows = Item.objects.all()
    return rules.see_item.filter(rows, person) if person is not None else rows


def mine(person: Person) -> Q:
    """What waits for this person's own step."""
    who = person.standing
    q = Q(pk__in=())
    if rules.final.allows(person, None):
        q |= Q(state=S.FINAL_CHECK)
    if rules.office.allows(person, None):
        q |= Q(state=S.OFFICE_CHECK)
    return q | (rules.head.q(who) & Q(state=S.UNIT_CHECK)) | (rules.writer.q(who) & Q(state=S.DRAFT))


def due_items(person: Person, most: int = 8) -> list[Item]:
    """The materials this person has to write or review, the first due first; one query, for the first pages."""
    rows = Item.objects.filter(mine(person)).select_related("material", "unit")
    return list(rows.order_by(F("next_due_at").asc(nulls_last=True), "pk")[:most])


def holder(item: Item) -> str:
    """Who holds it now, from its state."""
    if item.state in (S.DRAFT, S.UNIT_CHECK):
        return str(item.unit)
    return _("创建办") if item.state in (S.OFFICE_CHECK, S.FINAL_CHECK) else ""


def editions_with_material() -> QuerySet[Edition]:
    """The editions that ask for material, the ones in force first."""
    asked = Material.objects.values("requirement__node__edition")
    return (
        Edition.objects.filter(pk__in=asked)
        .select_related("scheme")
        .order_by("-is_current", "scheme", "-year")
    )


def edition_and_year(given: Any, today: dt.date) -> tuple[Edition | None, int, list[Edition]]:
    """What a page's address asks for, else the edition in force and this year; and the editions there are."""
    known = list(editions_with_material())
    wanted = str(given.get("edition", ""))
    edition = next((one for one in known if str(one.pk) == wanted), known[0] if known else None)
    year = str(given.get("year", ""))
    return edition, int(year) if year.isascii() and year.isdigit() and len(year) == 4 else today.year, known
