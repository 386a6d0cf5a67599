"""Who is ranked in a month: units of the list, streets, units with a road, persons of a post; and in which peer group."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import NamedTuple

from django.db.models import Q

from chuangwen.assessment.ranking_models import PeerGroup, RankSubject
from chuangwen.kernel.models import Duty, Person, Place, Post, Unit
from chuangwen.kernel.people.models import DutyKind, PeriodQuerySet, Role


class Ranked(NamedTuple):
    """One who is ranked: `key` is the pk of unit, place or person; `unit_id` whose liaison answers for it."""

    key: int
    name: str
    unit_id: int | None
    group_id: int | None = None


def ranked(subject: str, first: dt.date, last: dt.date) -> list[Ranked]:
    """All that are ranked as `subject` in the days from `first` to `last`, by key. At most three queries."""
    return sorted(_BY_SUBJECT[RankSubject(subject)](first, last))


def _units(first: dt.date, last: dt.date) -> list[Ranked]:
    groups = dict(PeerGroup.units.through.objects.order_by("-pk").values_list("unit_id", "peergroup_id"))
    rows = Unit.objects.filter(is_ranked=True, is_active=True)
    return [Ranked(unit.pk, str(unit), unit.pk, groups.get(unit.pk)) for unit in rows]


def _streets(first: dt.date, last: dt.date) -> list[Ranked]:
    held = _held(DutyKind.AREA_UNIT, first, last).filter(place__kind="street").order_by("from_on", "pk")
    answering = dict(held.values_list("place_id", "unit_id"))
    rows = Place.objects.filter(kind="street", is_active=True)
    return [Ranked(place.pk, str(place), answering.get(place.pk)) for place in rows]


def _road_chiefs(first: dt.date, last: dt.date) -> list[Ranked]:
    units = Unit.objects.filter(pk__in=_held(DutyKind.ROAD_CHIEF, first, last).values("unit_id"))
    return [Ranked(unit.pk, str(unit), unit.pk) for unit in units]


def _persons(role: str) -> Callable[[dt.date, dt.date], list[Ranked]]:
    def found(first: dt.date, last: dt.date) -> list[Ranked]:
        posts = Post.objects.filter(Q(to_on__isnull=True) | Q(to_on__gte=first), role=role, from_on__lte=last)
        people = Person.objects.filter(pk__in=posts.values("person_id"))
        return [Ranked(person.pk, str(person), None) for person in people]

    return found


def _held(kind: str, first: dt.date, last: dt.date) -> PeriodQuerySet:
    """Duties of units in force on one of the days."""
    rows = Duty.objects.filter(kind=kind, unit__isnull=False, from_on__lte=last)
    return rows.filter(Q(to_on__isnull=True) | Q(to_on__gte=first))


_BY_SUBJECT: dict[RankSubject, Callable[[dt.date, dt.date], list[Ranked]]] = {
    RankSubject.UNIT: _units,
    RankSubject.STREET: _streets,
    RankSubject.ROAD_CHIEF: _road_chiefs,
    RankSubject.DISPATCHER: _persons(Role.DISPATCHER),
    RankSubject.CHECKER: _persons(Role.CHECKER),
    RankSubject.INSPECTOR: _persons(Role.INSPECTOR),
}
