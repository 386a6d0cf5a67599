"""The rows behind one figure of a ranking: which cases, tasks, materials, visits, each with its link where one may open it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import QuerySet

from chuangwen.assessment import rules
from chuangwen.assessment.counting import FULL
from chuangwen.assessment.measures import CASE, ITEM, MEASURES, NOTICE, RECEIPT, TASK, VISIT
from chuangwen.assessment.ranking_models import RankFact, RankLine
from chuangwen.dossier import rules as dossier_rules
from chuangwen.dossier.models import Item
from chuangwen.inspections import rules as visit_rules
from chuangwen.inspections.models import Visit
from chuangwen.kernel.models import Person
from chuangwen.papers.models import Receipt
from chuangwen.problems import rules as case_rules
from chuangwen.problems.models import Case
from chuangwen.standards import rules as notice_rules
from chuangwen.standards.models import DutyNotice
from chuangwen.tasks import rules as task_rules
from chuangwen.tasks.models import Task


class Kind(NamedTuple):
    """How things of one kind are read, cut by the reader's rights, named and linked."""

    rows: Callable[[Person], QuerySet[Any]]
    name: Callable[[Any], str]
    link: Callable[[Any], str]


def _link(thing: Any) -> str:
    return str(thing.get_absolute_url())


KINDS = {
    CASE: Kind(lambda who: case_rules.see_case.filter(Case.objects.all(), who), str, _link),
    TASK: Kind(lambda who: task_rules.see_task.filter(Task.objects.all(), who), str, _link),
    ITEM: Kind(
        lambda who: dossier_rules.see_item.filter(Item.objects.select_related("material"), who), str, _link
    ),
    NOTICE: Kind(
        lambda who: notice_rules.see_notice.filter(DutyNotice.objects.select_related("unit"), who), str, _link
    ),
    VISIT: Kind(
        lambda who: visit_rules.see_visit.filter(Visit.objects.select_related("place", "round"), who),
        lambda visit: f"{visit.place} {visit.round.name}",
        lambda visit: f"/visits/{visit.uid}/",
    ),
    RECEIPT: Kind(
        lambda who: rules.see_receipt.filter(Receipt.objects.select_related("paper"), who),
        lambda receipt: str(receipt.paper),
        lambda receipt: _link(receipt.paper),
    ),
}


@dataclass(frozen=True)
class FactRow:
    """One fact with the thing it is about; `thing` is None and `link` empty where the reader may no longer open it."""

    fact: RankFact
    name: str
    link: str
    thing: Any

    @property
    def share(self) -> Decimal:
        """How good it was, 0 to 1."""
        return Decimal(self.fact.value) / FULL

    @property
    def is_good(self) -> bool:
        return self.fact.value == FULL

    @property
    def is_out(self) -> bool:
        """Taken out by a granted objection: it stays to be seen and counts nothing."""
        return self.fact.objection_id is not None


def facts(line: RankLine, code: str, *, person: Person, side: str = "whole") -> QuerySet[RankFact]:
    """The rows one measure counted for one line, those that lost most first; none for who may not see them.

    `side`: "whole" all, "short" those that are not wholly good, "part" those that are, "late" those of closed months,
    "out" those an objection took out. Index-served; slice it for a page. Raises KeyError for an unknown side.
    """
    cut: dict[str, dict[str, Any]] = {
        "whole": {}, "short": {"value__lt": FULL}, "part": {"value": FULL}, "late": {"late_from__isnull": False},
        "out": {"objection__isnull": False},
    }  # fmt: skip
    rows = RankFact.objects.filter(ranking_id=line.ranking_id, measure=code, key=line.key, **cut[side])
    if not rules.see_facts.allows(person, line):
        return rows.none()
    return rows.order_by("value", "object_id")


def opened(rows: Iterable[RankFact], *, person: Person) -> list[FactRow]:
    """The facts with their things: one query for each kind of thing among them."""
    listed = list(rows)
    kinds = {
        measure: MEASURES[measure].sees for measure in {row.measure for row in listed} if measure in MEASURES
    }
    found: dict[str, dict[int, Any]] = {}
    for kind in set(kinds.values()):
        wanted = [row.object_id for row in listed if kinds.get(row.measure) == kind]
        found[kind] = KINDS[kind].rows(person).in_bulk(wanted)
    return [_row(fact, kinds.get(fact.measure, ""), found) for fact in listed]


def _row(fact: RankFact, kind: str, found: dict[str, dict[int, Any]]) -> FactRow:
    thing = found.get(kind, {}).get(fact.object_id)
    if thing is None:
        return FactRow(fact, "", "", None)
    return FactRow(fact, KINDS[kind].name(thing), KINDS[kind].link(thing), thing)
