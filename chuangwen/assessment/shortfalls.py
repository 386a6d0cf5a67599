"""Where one requirement lost its points: the places of the round with what was seen there, as far as a person may know."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db.models import F

from chuangwen.inspections import rules
from chuangwen.inspections.models import Observation, Round, Visit, VisitState
from chuangwen.inspections.releasing import photos_of
from chuangwen.kernel.models import Person
from chuangwen.problems import rules as case_rules
from chuangwen.problems.models import Case
from chuangwen.standards.models import Requirement

MOST = 200  # places shown; the round's own page and export have all


@dataclass
class Short:
    """One place that fell short: its visit, the observations with points lost, their photos and cases by observation."""

    visit: Visit
    seen: list[Observation] = field(default_factory=list)
    photos: dict[int, list[Any]] = field(default_factory=dict)
    cases: dict[int, Case] = field(default_factory=dict)

    @property
    def lost(self) -> int:
        """Points lost here, thousandths."""
        return sum(row.full - row.points for row in self.seen)

    @property
    def full(self) -> int:
        """Full points of what was lost on, thousandths."""
        return sum(row.full for row in self.seen)


def shortfalls(round_: Round, need: Requirement, person: Person, most: int = MOST) -> list[Short]:
    """Places where first ratings of the round lost points on the requirement, the most first (three queries).

    Only what the person may see of the round and of the cases; a hidden round shows nothing.
    """
    rows = Observation.objects.filter(
        visit__round=round_, visit__is_second=False, visit__state=VisitState.DONE, check_item__requirement=need,
        points__lt=F("full"),
    )  # fmt: skip
    seen = rules.see_observation.filter(rows, person).select_related(
        "check_item", "visit__place", "visit__site_type", "visit__street", "visit__round", "visit__by"
    )
    by_visit: dict[int, Short] = {}
    for row in seen.order_by("visit_id", "check_item__code", "pk"):
        by_visit.setdefault(row.visit_id, Short(row.visit)).seen.append(row)
    found = sorted(by_visit.values(), key=lambda short: (-short.lost, short.visit.pk))[:most]
    shown = [row for short in found for row in short.seen]
    photos = photos_of(shown) if shown else {}
    numbers = {row.case_id for row in shown if row.case_id is not None}
    cases = (
        case_rules.see_case.filter(Case.objects.filter(pk__in=numbers), person).in_bulk() if numbers else {}
    )
    for short in found:
        short.photos = {row.pk: photos.get(row.pk, []) for row in short.seen}
        short.cases = {row.pk: cases[row.case_id] for row in short.seen if row.case_id in cases}
    return found
