"""The coverage matrix (row 28 「决不漏项、缺项」): standard × method, link by link, holes first.

Every cell is a chain of three links. Material: 责 unit, 任 task, 材 material. Site: 责, 任, 点 places seen.
Survey: 责, 题 question, 批 batch answered. Series: 责, 源 who gives it, 数 this year's figure. What the
departments, an overview or a hotline call say has 责, 任 and 证, the task's proof. A cell counts once, under
the first link that is missing.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Count, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from chuangwen.dossier.queries import material_states
from chuangwen.inspections.models import State as RoundState
from chuangwen.inspections.models import Tally
from chuangwen.kernel.people.models import Unit
from chuangwen.kernel.places.models import Place, PlaceKind
from chuangwen.standards.models import (
    CheckItem,
    Edition,
    Material,
    Method,
    Node,
    Part,
    Question,
    Requirement,
    Series,
    SeriesValue,
    Share,
    Tier,
)  # fmt: skip
from chuangwen.surveys.models import AnswerCount
from chuangwen.tasks.models import State as TaskState
from chuangwen.tasks.models import Task

YES, SOME, NO = "yes", "part", "no"

UNIT = pgettext_lazy("link", "责")
TASK = pgettext_lazy("link", "任")
LINKS: dict[str, tuple[Promise, Promise, Promise]] = {
    Method.MATERIAL: (UNIT, TASK, pgettext_lazy("link", "材")),
    Method.SITE: (UNIT, TASK, pgettext_lazy("link", "点")),
    Method.SURVEY: (UNIT, pgettext_lazy("link", "题"), pgettext_lazy("link", "批")),
    Method.SERIES: (UNIT, pgettext_lazy("link", "源"), pgettext_lazy("link", "数")),
    Method.OVERVIEW: (UNIT, TASK, pgettext_lazy("link", "证")),
    Method.DEPARTMENT: (UNIT, TASK, pgettext_lazy("link", "证")),
    Method.HOTLINE: (UNIT, TASK, pgettext_lazy("link", "证")),
}
# What a hole is called in the counts, by the first missing link.
HOLES: dict[str, Promise] = {
    "unit": _("缺责任单位"),
    "task": _("缺任务"),
    "proof": _("缺材料、点位、问题或数据"),
}


@dataclass(frozen=True, slots=True)
class Cell:
    """One requirement: its three links (yes, part, no), and what each says."""

    requirement: int
    method: str
    full: Decimal
    lead: int | None
    assists: tuple[int, ...]
    links: tuple[str, str, str]
    site_types: frozenset[int]
    is_waived: bool = False

    @property
    def hole(self) -> str:
        """What is missing first: "unit", "task" or "proof" (also the question or the source of a figure); else ""."""
        if self.is_waived:
            return ""
        names = ("unit", "proof", "proof") if self.method in (Method.SURVEY, Method.SERIES) else tuple(HOLES)
        return next((name for name, link in zip(names, self.links, strict=True) if link == NO), "")

    @property
    def verdict(self) -> str:
        """ "waived", the hole's name, "unreviewed" (complete, not all reviewed) or "complete"."""
        if self.is_waived:
            return "waived"
        return self.hole or ("unreviewed" if SOME in self.links else "complete")

    @property
    def have(self) -> int:
        return 0 if self.is_waived else sum(link != NO for link in self.links)

    @property
    def need(self) -> int:
        return 0 if self.is_waived else len(self.links)


class Line(NamedTuple):
    """One standard with its cells by method."""

    node: int
    code: str
    name: str
    item: str  # code of the 测评项目 it stands under
    full: Decimal | None
    cells: Mapping[str, Cell]

    @property
    def have(self) -> int:
        return sum(cell.have for cell in self.cells.values())

    @property
    def need(self) -> int:
        return sum(cell.need for cell in self.cells.values())

    @property
    def lead(self) -> int | None:
        return next((cell.lead for cell in self.cells.values() if cell.lead), None)

    @property
    def rank(self) -> tuple[int, int]:
        """Holes first: a missing unit before a missing task before missing proof, then not reviewed, then complete."""
        order = (*HOLES, "unreviewed", "complete", "waived")
        worst = min((order.index(cell.verdict) for cell in self.cells.values()), default=0)
        return (worst, -sum(bool(cell.hole) for cell in self.cells.values()))


@dataclass(frozen=True)
class Coverage:
    """The whole matrix of an edition in a year."""

    edition: Edition
    year: int
    lines: tuple[Line, ...]

    @property
    def cells(self) -> Iterable[Cell]:
        return (cell for line in self.lines for cell in line.cells.values())

    @property
    def counts(self) -> Counter[str]:
        """How many cells have which verdict."""
        return Counter(cell.verdict for cell in self.cells)

    @property
    def holes(self) -> list[tuple[Line, Cell]]:
        return [(line, cell) for line in self.lines for cell in line.cells.values() if cell.hole]

    @property
    def untested(self) -> list[Line]:
        """Standards without any requirement: nothing says how they are tested, a hole of its own."""
        return [line for line in self.lines if not line.cells]

    def by_unit(self) -> list[tuple[int | None, int, int]]:
        """(lead unit, cells with a hole, cells) by unit, most holes first; None are cells nobody leads."""
        holes: Counter[int | None] = Counter()
        all_cells: Counter[int | None] = Counter()
        for cell in self.cells:
            if not cell.is_waived:
                all_cells[cell.lead] += 1
                holes[cell.lead] += bool(cell.hole)
        rows = [(unit, holes[unit], n) for unit, n in all_cells.items() if holes[unit]]
        return sorted(rows, key=lambda row: (row[0] is not None, -row[1], row[0] or 0))


def _all_or_some(states: Iterable[str]) -> str:
    """yes when all are yes; no when all are no or there are none; else part."""
    found = set(states)
    if found == {YES}:
        return YES
    return NO if not found or found == {NO} else SOME


class _Facts:
    """What the chain's links are told from: a fixed number of queries, whatever the size of the tree."""

    def __init__(self, edition: Edition, year: int) -> None:
        own = Q(requirement__node__edition=edition)
        self.leads: dict[int, int] = {}
        self.assists: dict[int, list[int]] = defaultdict(list)
        for requirement, unit, part in Share.objects.filter(own).values_list(
            "requirement_id", "unit_id", "part"
        ):
            if part == Part.LEAD:
                self.leads[requirement] = unit
            else:
                self.assists[requirement].append(unit)
        self.tasks: dict[int, set[str]] = defaultdict(set)
        tasks = Task.objects.filter(
            own, Q(plan=None) | Q(plan__from_on__year__lte=year, plan__to_on__year__gte=year)
        )
        for requirement, state in (
            tasks.exclude(state=TaskState.DROPPED).values_list("requirement_id", "state").distinct()
        ):
            self.tasks[requirement].add(state)
        states = material_states(edition, year)
        known = {"accepted": YES, "under_review": SOME}  # an empty sheet that was opened proves nothing
        self.materials: dict[int, list[str]] = defaultdict(list)
        for pk, requirement in Material.objects.filter(own).values_list("pk", "requirement_id"):
            self.materials[requirement].append(known.get(states.get(pk, ""), NO))
        self._sites(edition, year, own)
        self.questions: dict[int, list[int]] = defaultdict(list)
        for pk, requirement in Question.objects.filter(own).values_list("pk", "requirement_id"):
            self.questions[requirement].append(pk)
        asked = AnswerCount.objects.filter(batch__edition=edition, batch__to_on__year=year, n__gt=0)
        self.answered = set(asked.values_list("question_id", flat=True).distinct())
        self.series: dict[int, list[tuple[int, bool]]] = defaultdict(list)
        for pk, requirement, unit in Series.objects.filter(own).values_list(
            "pk", "requirement_id", "unit_id"
        ):
            self.series[requirement].append((pk, unit is not None))
        values = SeriesValue.objects.filter(series__requirement__node__edition=edition, year=year)
        self.values = {
            pk: YES if confirmed else SOME
            for pk, confirmed in values.values_list("series_id", "confirmed_by_id")
        }

    def _sites(self, edition: Edition, year: int, own: Q) -> None:
        existing = set(
            Place.objects.filter(kind=PlaceKind.SITE, is_active=True)
            .values_list("type_id", flat=True)
            .distinct()
        )
        # A round nobody outside may know of must not show itself as "seen".
        told = Q(round__is_secret=False) | Q(round__state=RoundState.RELEASED)
        seen = Tally.objects.filter(told, round__editions=edition, round__to_on__year=year, n__gt=0)
        observed = set(seen.values_list("check_item_id", flat=True).distinct())
        self.site_types: dict[int, set[int]] = defaultdict(set)
        self.places: dict[int, list[str]] = defaultdict(list)
        for pk, requirement, kind in CheckItem.objects.filter(own).values_list(
            "pk", "requirement_id", "site_type_id"
        ):
            self.site_types[requirement].add(kind)
            self.places[requirement].append(NO if kind not in existing else YES if pk in observed else SOME)

    def links(self, requirement: int, method: str) -> tuple[str, str, str]:
        unit = YES if requirement in self.leads else NO
        states = self.tasks.get(requirement, set())
        task = NO if not states else SOME if states == {TaskState.DRAFT} else YES
        match method:
            case Method.MATERIAL:
                return unit, task, _all_or_some(self.materials[requirement])
            case Method.SITE:
                return unit, task, _all_or_some(self.places[requirement])
            case Method.SURVEY:
                questions = self.questions[requirement]
                return (
                    unit,
                    YES if questions else NO,
                    _all_or_some(YES if q in self.answered else NO for q in questions),
                )
            case Method.SERIES:
                series = self.series[requirement]
                named = _all_or_some(YES if has_unit else NO for _pk, has_unit in series)
                return unit, named, _all_or_some(self.values.get(pk, NO) for pk, _unit in series)
        return unit, task, YES if TaskState.DONE in states else SOME if TaskState.SUBMITTED in states else NO


def coverage(edition: Edition, year: int) -> Coverage:
    """The matrix of one edition: which standard × method has a unit, a task and evidence of that year, and which has not."""
    facts = _Facts(edition, year)
    nodes = {n[0]: n for n in Node.objects.filter(edition=edition).order_by("rank", "pk").values_list(
        "pk", "parent_id", "tier", "code", "name", "full")}  # fmt: skip
    cells: dict[int, dict[str, Cell]] = defaultdict(dict)
    rows = Requirement.objects.filter(node__edition=edition).values_list(
        "pk", "node_id", "method", "full", "waived_reason"
    )
    for pk, node, method, full, waived in rows:
        cells[node][method] = Cell(
            pk, method, full, facts.leads.get(pk), tuple(facts.assists.get(pk, ())), facts.links(pk, method),
            frozenset(facts.site_types.get(pk, ())), bool(waived),
        )  # fmt: skip

    def top(pk: int) -> str:
        while nodes[pk][1]:
            pk = nodes[pk][1]
        return str(nodes[pk][3])

    lines = tuple(
        Line(pk, code, name, top(pk), full, cells.get(pk, {}))
        for pk, _parent, tier, code, name, full in nodes.values()
        if tier == Tier.STANDARD
    )
    return Coverage(edition, year, lines)


class Suggestion(NamedTuple):
    """A unit that might answer for a requirement, and why it is thought so."""

    unit: Unit
    why: str
    code: str


def suggest_unit(requirement: Requirement) -> Suggestion | None:
    """The unit that led the same standard before, else another method of it, else most of its neighbours; None if none did."""
    node = requirement.node
    lead = Share.objects.filter(part=Part.LEAD, unit__is_active=True).select_related(
        "unit", "requirement__node__edition"
    )
    others = lead.exclude(requirement=requirement)
    before = others.filter(requirement__node__edition__scheme=node.edition.scheme_id).exclude(
        requirement__node__edition=node.edition_id
    )
    same = before.filter(
        Q(requirement__node__name=node.name)
        | Q(requirement__node__text=node.text, requirement__node__text__gt="")
    )
    old = same.order_by("-requirement__node__edition__year", "pk").first()
    if old:
        return Suggestion(
            old.unit,
            str(_("%(edition)s版同条由它承担")) % {"edition": old.requirement.node.edition.name},
            "before",
        )
    own = others.filter(requirement__node=node).order_by("pk").first()
    if own:
        return Suggestion(
            own.unit,
            str(_("这条的%(method)s由它承担")) % {"method": own.requirement.get_method_display()},
            "own",
        )
    near = (
        others.filter(requirement__node__parent=node.parent_id)
        .values("unit_id")
        .annotate(n=Count("pk"))
        .order_by("-n", "unit_id")
        .first()
        if node.parent_id
        else None
    )
    if near:
        unit = Unit.objects.get(pk=near["unit_id"])
        return Suggestion(unit, str(_("同一内容下的 %(n)d 项由它承担")) % {"n": near["n"]}, "near")
    return None
