"""The edition of the big city: a tree of standards with its shares, tasks, materials, questions and figures.

Rows carry no history of their own: what is measured reads none of it.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeVar

from django.db.models import Model

from chuangwen.assessment.models import ScoreRule
from chuangwen.dossier.models import Item
from chuangwen.dossier.models import State as ItemState
from chuangwen.kernel.models import Person, Term, Unit
from chuangwen.standards.models import (
    CheckItem,
    Edition,
    Grading,
    Material,
    MaterialKind,
    Method,
    Node,
    Part,
    Question,
    Requirement,
    Scheme,
    Series,
    SeriesValue,
    Share,
    Tier,
    Way,
)  # fmt: skip
from chuangwen.surveys.models import AnswerCount, Batch, Channel
from chuangwen.tasks.models import Plan, PlanKind, Task, TaskKind
from chuangwen.tasks.models import State as TaskState

M = TypeVar("M", bound=Model)
SCHEME = "big"
SOURCE = "示例，由种子生成"
# Which share of the standards is tested by which method: 2.4 methods a standard, figures of our own choosing.
SHARES = {
    Method.MATERIAL: 0.72, Method.SITE: 0.68, Method.SURVEY: 0.44, Method.SERIES: 0.32, Method.OVERVIEW: 0.12,
    Method.DEPARTMENT: 0.08, Method.HOTLINE: 0.04,
}  # fmt: skip
OPTIONS = [["很好", "1"], ["较好", "0.8"], ["一般", "0.5"], ["不好", "0"]]
GRADINGS: dict[str, dict[str, str]] = {
    "pass_fail": {},
    "points": {"each": "0.5"},
    "bands": {"A": "1", "B": "0.6", "C": "0"},
}


@dataclass
class Tree:
    """The edition with what the visits need: its check items by site type."""

    edition: Edition
    years: Sequence[int]
    requirements: list[Requirement] = field(default_factory=list)
    by_type: dict[int, list[CheckItem]] = field(default_factory=dict)


def plant(seed: int, years: Sequence[int], *, standards: int = 250, per_type: int = 50) -> Tree:
    """Makes the edition with `per_type` check items on every type of site; the same seed gives the same tree."""
    chance = random.Random(f"tree {seed}")
    scheme = Scheme.objects.create(code=SCHEME, name="大样本测评体系", kind="other", source=SOURCE)
    edition = Edition.objects.create(
        scheme=scheme, name=str(years[-1]), year=years[-1], full=Decimal(100), is_current=True,
        is_sample=True, source=SOURCE,
    )  # fmt: skip
    tree = Tree(edition, years)
    nodes = _nodes(edition, standards, chance)
    tree.requirements = _requirements(nodes, chance)
    units = list(Unit.objects.filter(is_active=True).order_by("code"))
    _shares(tree, units, chance)
    _check_items(tree, per_type, chance)
    _tasks(tree, units, chance)
    _materials(tree, units, chance)
    _surveys(tree, chance)
    _series(tree, units, chance)
    ScoreRule.objects.create(
        edition=edition,
        fronts={"dossier": "40", "site": "40", "survey": "20"},
        prior_spread=Decimal(2),
        source=SOURCE,
    )
    return tree


def _made(model: type[M], rows: list[M]) -> list[M]:
    return model._default_manager.bulk_create(rows, batch_size=500)


def _nodes(edition: Edition, standards: int, chance: random.Random) -> list[Node]:
    """25 standards an item, five a content; returns the standards."""

    def row(tier: Tier, parent: Node | None, number: int) -> Node:
        code = f"{parent.code}.{number}" if parent else str(number)
        return Node(edition=edition, parent=parent, tier=tier, code=code, rank=next(ranks), name=f"{tier.label}{code}",
                    effort=Decimal(chance.randrange(10, 400)) / 10 if tier == Tier.STANDARD else None, source=SOURCE)  # fmt: skip

    ranks = iter(range(1, standards * 2 + 10))
    items = _made(Node, [row(Tier.ITEM, None, n + 1) for n in range(max(1, standards // 25))])
    contents = _made(Node, [row(Tier.CONTENT, item, n + 1) for item in items for n in range(5)])
    return _made(
        Node,
        [row(Tier.STANDARD, contents[n % len(contents)], n // len(contents) + 1) for n in range(standards)],
    )


def _requirements(nodes: list[Node], chance: random.Random) -> list[Requirement]:
    found = []
    for method, share in SHARES.items():
        for node in chance.sample(nodes, max(1, round(share * len(nodes)))):
            full = Decimal(chance.choice(("0.2", "0.4", "0.5", "1")))
            found.append(Requirement(node=node, method=method, full=full, source=SOURCE))
    return _made(Requirement, found)


def _of(tree: Tree, method: Method) -> list[Requirement]:
    return [row for row in tree.requirements if row.method == method]


def _shares(tree: Tree, units: list[Unit], chance: random.Random) -> None:
    """Nearly each requirement has a lead and two that help; some have nobody, as in life."""
    rows = []
    for requirement in tree.requirements:
        lead, *assists = chance.sample(units, min(3, len(units)))
        if chance.random() < 0.96:
            rows.append(Share(requirement=requirement, unit=lead, part=Part.LEAD))
        rows += [Share(requirement=requirement, unit=unit, part=Part.ASSIST) for unit in assists]
    _made(Share, rows)


def _gradings() -> list[Grading]:
    """The rules of the loaded pack; three of our own where it has none."""
    rows = list(Grading.objects.exclude(way__in=(Way.HOTLINE, Way.TIMED)).order_by("code"))
    return rows or _made(
        Grading,
        [
            Grading(code=f"big_{way}", name=way, way=way, params=p, source=SOURCE)
            for way, p in GRADINGS.items()
        ],
    )


def _check_items(tree: Tree, per_type: int, chance: random.Random) -> None:
    gradings, sites = _gradings(), _of(tree, Method.SITE)
    rows = []
    for kind in Term.objects.filter(list="site_type").order_by("rank", "code"):
        of_kind = chance.sample(sites, min(len(sites), max(1, per_type // 2)))
        for n in range(per_type):
            full = Decimal(chance.choice(("0.5", "1", "1.5", "2")))
            rows.append(CheckItem(
                requirement=of_kind[n % len(of_kind)], code=f"{kind.code}-{n + 1}", site_type=kind, full=full,
                text=f"{kind.name}检查项{n + 1}", grading=chance.choice(gradings), source=SOURCE,
            ))  # fmt: skip
    for item in _made(CheckItem, rows):
        tree.by_type.setdefault(item.site_type_id, []).append(item)


def _tasks(tree: Tree, units: list[Unit], chance: random.Random) -> None:
    states = [
        TaskState.DONE,
        TaskState.SUBMITTED,
        TaskState.DOING,
        TaskState.OPEN,
        TaskState.DRAFT,
        TaskState.DROPPED,
    ]
    rows: list[Task] = []
    for year in tree.years:
        first, last = dt.date(year, 1, 1), dt.date(year, 12, 31)
        plan = Plan.objects.create(
            kind=PlanKind.YEAR, name=f"{year}年度方案", edition=tree.edition, from_on=first, to_on=last, is_sample=True,
            source=SOURCE,
        )  # fmt: skip
        for requirement in tree.requirements:
            for _n in range(chance.choice((0, 1, 1, 1, 2, 2, 3))):
                rows.append(Task(
                    number=f"B-RW-{year}-{len(rows):05d}", kind=chance.choice(TaskKind.values), title=f"任务{len(rows)}",
                    plan=plan, requirement=requirement, unit=chance.choice(units), due_on=last, is_sample=True,
                    state=chance.choices(states, (50, 8, 30, 6, 4, 2))[0],
                ))  # fmt: skip
    _made(Task, rows)


def _materials(tree: Tree, units: list[Unit], chance: random.Random) -> None:
    kinds = MaterialKind.values
    rows = _made(Material, [
        Material(requirement=requirement, code=f"M{n + 1}", kind=chance.choice(kinds), text=f"材料{n + 1}", source=SOURCE)
        for requirement in _of(tree, Method.MATERIAL) for n in range(chance.choice((1, 2, 2, 3, 4)))
    ])  # fmt: skip
    for row in rows[1:]:
        if chance.random() < 0.08:
            row.same_as = rows[0]
    Material.objects.bulk_update(rows, ["same_as"], batch_size=500)
    states = [ItemState.ACCEPTED, ItemState.OFFICE_CHECK, ItemState.UNIT_CHECK, ItemState.DRAFT]
    _made(Item, [
        Item(material=row, year=year, unit=chance.choice(units), state=chance.choices(states, (70, 12, 8, 10))[0])
        for year in tree.years for row in rows if row.same_as is None and chance.random() < 0.95
    ])  # fmt: skip


def _surveys(tree: Tree, chance: random.Random) -> None:
    questions = _made(Question, [
        Question(requirement=requirement, code=f"Q{n + 1}", text=f"问题{n + 1}", options=OPTIONS, source=SOURCE)
        for requirement in _of(tree, Method.SURVEY) for n in range(chance.choice((1, 2)))
    ])  # fmt: skip
    counts = []
    for year in tree.years:
        for month in (3, 6, 9, 11):
            batch = Batch.objects.create(
                edition=tree.edition, name=f"{year}-{month}", channel=Channel.STREET, from_on=dt.date(year, month, 1),
                to_on=dt.date(year, month, 20), given=300, valid=280, is_sample=True, source=SOURCE,
            )  # fmt: skip
            for question in questions:
                said = chance.choices(range(len(OPTIONS)), (50, 30, 15, 5), k=280)
                counts += [
                    AnswerCount(batch=batch, question=question, option=option, n=said.count(option))
                    for option in range(len(OPTIONS))
                ]
    _made(AnswerCount, counts)


def _series(tree: Tree, units: list[Unit], chance: random.Random) -> None:
    rows = _made(Series, [
        Series(requirement=requirement, code=f"S{n + 1}", name=f"指标{n + 1}", target=Decimal(90), unit=chance.choice(units),
               source=SOURCE)
        for requirement in _of(tree, Method.SERIES) for n in range(chance.choice((1, 1, 2)))
    ])  # fmt: skip
    giver: Any = Person.objects.order_by("pk").first()
    _made(SeriesValue, [
        SeriesValue(series=row, year=year, value=Decimal(chance.randrange(8000, 10000)) / 100, given_by=giver,
                    confirmed_by=giver if chance.random() < 0.8 else None)
        for year in tree.years for row in rows if chance.random() < 0.9
    ])  # fmt: skip
