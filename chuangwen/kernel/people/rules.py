"""Rule: one object that answers both "may this person?" and "which rows?".

A rule is built from statements about columns of the row, so the row filter (`filter`) and the
question about a loaded row (`allows`) are two readings of the same statement and cannot drift apart.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet
from django.utils import timezone

from chuangwen.kernel.fixed_query import FixedQuery
from chuangwen.kernel.people.models import Person, Post, Role, Unit

M = TypeVar("M", bound=Model)


@dataclass(frozen=True)
class Standing:
    """What a person's posts in force today amount to."""

    person_id: int
    roles: frozenset[str] = frozenset()
    units: dict[str, frozenset[int]] = field(default_factory=dict)  # role -> unit ids, sub-units included
    areas: dict[str, frozenset[int]] = field(default_factory=dict)  # role -> area ids

    def units_as(self, *roles: str) -> frozenset[int]:
        return frozenset().union(*(self.units.get(role, frozenset()) for role in roles))

    def areas_as(self, *roles: str) -> frozenset[int]:
        return frozenset().union(*(self.areas.get(role, frozenset()) for role in roles))


_posts = FixedQuery(
    lambda person, day: (
        Post.objects.in_force(day)
        .filter(person=person)
        .values_list("role", "unit_id", "unit__path", "area_id")
    ),
    person=int,
    day=dt.date,
)


def standing_of(person: Person) -> Standing:
    """Reads the posts in force today (one query, two when the person's units have sub-units to look up)."""
    if not person.is_active:
        return Standing(person.pk)
    units: dict[str, set[int]] = {}
    areas: dict[str, set[int]] = {}
    roles: set[str] = set()
    below = Q()
    for role, unit_id, path, area_id in _posts(person=person.pk, day=timezone.localdate()):
        roles.add(role)
        if unit_id:
            units.setdefault(role, set()).add(unit_id)
        if unit_id and role == Role.HEAD:
            below |= Q(path__gte=f"{path}/", path__lt=f"{path}0")  # "0" is the character after "/"
        if area_id:
            areas.setdefault(role, set()).add(area_id)
    if below:
        units[Role.HEAD] |= set(Unit.objects.filter(below).values_list("pk", flat=True))
    return Standing(
        person.pk,
        frozenset(roles),
        {role: frozenset(ids) for role, ids in units.items()},
        {role: frozenset(ids) for role, ids in areas.items()},
    )


class Rule:
    """Base: combine with `&` and `|`."""

    def q(self, who: Standing) -> Q:
        """The row filter for this person; `Q(pk__in=[])` for nothing."""
        raise NotImplementedError

    def test(self, who: Standing, row: Any) -> bool:
        """Whether the statement holds for this loaded row; reads columns only, no query."""
        raise NotImplementedError

    def filter(self, rows: QuerySet[M], person: Person) -> QuerySet[M]:
        return rows.filter(self.q(person.standing))

    def allows(self, person: Person, row: Any) -> bool:
        return self.test(person.standing, row)

    def reaches(self, person: Person) -> bool:
        """Whether there may be a row it allows this person at all; asks no row and no query."""
        return self.q(person.standing) != NOTHING

    def __and__(self, other: Rule) -> Rule:
        return _All((self, other))

    def __or__(self, other: Rule) -> Rule:
        return _Any((self, other))


NOTHING = Q(pk__in=())


@dataclass(frozen=True)
class _All(Rule):
    parts: tuple[Rule, ...]

    def q(self, who: Standing) -> Q:
        result = Q()
        for part in self.parts:
            q = part.q(who)
            if q == NOTHING:
                return NOTHING
            result &= q
        return result

    def test(self, who: Standing, row: Any) -> bool:
        return all(part.test(who, row) for part in self.parts)


@dataclass(frozen=True)
class _Any(Rule):
    parts: tuple[Rule, ...]

    def q(self, who: Standing) -> Q:
        found = [q for q in (part.q(who) for part in self.parts) if q != NOTHING]
        if not found:
            return NOTHING
        result = found[0]
        for q in found[1:]:
            if not q or not result:  # one part lets everything through: no filter at all
                return Q()
            result |= q
        return result

    def test(self, who: Standing, row: Any) -> bool:
        return any(part.test(who, row) for part in self.parts)


@dataclass(frozen=True)
class Holds(Rule):
    """The person holds one of these roles; says nothing about the row."""

    roles: frozenset[str]

    def q(self, who: Standing) -> Q:
        return Q() if self.roles & who.roles else NOTHING

    def test(self, who: Standing, row: Any) -> bool:
        return bool(self.roles & who.roles)


@dataclass(frozen=True)
class Column(Rule):
    """The row's column (dotted path of attributes) is among values that depend on the person."""

    column: str
    values: Callable[[Standing], Collection[Any]]

    def q(self, who: Standing) -> Q:
        values = self.values(who)
        return Q(**{f"{self.column.replace('.', '__')}__in": sorted(values)}) if values else NOTHING

    def test(self, who: Standing, row: Any) -> bool:
        for name in self.column.split("."):
            row = getattr(row, name, None)
        return row is not None and row in self.values(who)


@dataclass(frozen=True)
class Anyone(Rule):
    """Everybody who is signed in."""

    def q(self, who: Standing) -> Q:
        return Q()

    def test(self, who: Standing, row: Any) -> bool:
        return True


@dataclass(frozen=True)
class Nobody(Rule):
    """No person; the step is taken by the clock or by another action."""

    def q(self, who: Standing) -> Q:
        return NOTHING

    def test(self, who: Standing, row: Any) -> bool:
        return False


ANYONE = Anyone()


def holds(*roles: str) -> Rule:
    """The person holds one of these roles."""
    return Holds(frozenset(str(role) for role in roles))


def in_unit(column: str, *roles: str) -> Rule:
    """The row's unit (`column` holds its id) is one where the person holds one of these roles."""
    return Column(column, lambda who: who.units_as(*roles))


def in_area(column: str, *roles: str) -> Rule:
    """The row's area (`column` holds its id) is one where the person holds one of these roles."""
    return Column(column, lambda who: who.areas_as(*roles))


def own(column: str) -> Rule:
    """The row's person (`column` holds the id) is this person."""
    return Column(column, lambda who: (who.person_id,))


def where(column: str, *values: Any) -> Rule:
    """The row's column has one of these values, whoever asks."""
    wanted = frozenset(values)
    return Column(column, lambda who: wanted)
