"""Who may know of a round, its visits and what was seen: a secret round exists only for its maker and its teams.

A hidden round (secret, not released) is no row at all for anybody outside it, the rest of the office included
(mechanism row 39). Everything that lists, counts, exports or searches rounds goes through the rules here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from django.db.models import Q

from chuangwen.inspections.models import Round, State, Team
from chuangwen.kernel.models import Duty
from chuangwen.kernel.people.models import Role
from chuangwen.kernel.people.rules import Column, Rule, Standing, holds, in_area, in_unit, own, where

desk = holds(Role.OFFICE, Role.CLERK)
overview = holds(Role.OFFICE, Role.CLERK, Role.DISPATCHER, Role.CHECKER, Role.LEADER, Role.AUDITOR)
answerer = in_unit("unit_id", Role.LIAISON, Role.HEAD)


def _once(who: Standing, name: str, read: Callable[[], Collection[int]]) -> frozenset[int]:
    """One query for one person's standing, which lives as long as the request."""
    found: frozenset[int] | None = who.__dict__.get(name)
    if found is None:
        found = frozenset(read())
        object.__setattr__(who, name, found)  # Standing is frozen; this is its memory, no part of its value
    return found


def rounds_of(who: Standing) -> frozenset[int]:
    """The rounds this person made or visits for, secret or not."""
    mine = Q(maker=who.person_id) | Q(teams__members=who.person_id)
    return _once(who, "_rounds", lambda: set(Round.objects.filter(mine).values_list("pk", flat=True)))


def teams_of(who: Standing) -> frozenset[int]:
    return _once(
        who, "_teams", lambda: set(Team.objects.filter(members=who.person_id).values_list("pk", flat=True))
    )


def places_of(who: Standing) -> frozenset[int]:
    """Places the units of a liaison or head answer for today: sites, roads, towns."""
    units = who.units_as(Role.LIAISON, Role.HEAD)
    if not units:
        return frozenset()
    duties = Duty.objects.in_force().filter(unit__in=units)
    return _once(who, "_answered", lambda: set(duties.values_list("place_id", flat=True)))


def _shown(prefix: str) -> Rule:
    """Everybody may know of the round: it is not secret, or it was released."""
    return where(f"{prefix}is_secret", False) | where(f"{prefix}state", State.RELEASED)


def _of_place(prefix: str) -> Rule:
    """A released visit of a place of one's unit, or in one's street."""
    mine = (
        Column(f"{prefix}place_id", places_of)
        | Column(f"{prefix}street_id", places_of)
        | Column(f"{prefix}place.road_id", places_of)
        | in_area(f"{prefix}street_id", Role.GRID_KEEPER, Role.INSPECTOR)
    )
    return mine & where(f"{prefix}round.state", State.RELEASED)


def _result(prefix: str) -> Rule:
    """What was seen at a visit: until the round has ended a rater sees his own team's only, so ratings stay blind."""
    inside = Column(f"{prefix}round_id", rounds_of) & where(
        f"{prefix}round.state", State.ENDED, State.RELEASED
    )
    return (
        (overview & _shown(f"{prefix}round."))
        | own(f"{prefix}round.maker_id")
        | Column(f"{prefix}team_id", teams_of)
        | inside
        | _of_place(prefix)
    )


see_round = (overview & _shown("")) | Column("pk", rounds_of)
see_visit = (overview & _shown("round.")) | Column("round_id", rounds_of) | _of_place("")
see_result = _result("")
see_observation = _result("visit.")
see_opinion = (overview & _shown("round.")) | Column("round_id", rounds_of) | (answerer & _shown("round."))

make = desk
# Steps of a round: its maker, and for open ones the whole desk. No part of this asks the database.
manage = desk & (own("maker_id") | where("is_secret", False))


see_list = overview | holds(Role.INSPECTOR)  # other members of teams come by 今天的考察 and their notices


def may_record(person: Any, team_id: int | None, maker_id: int | None) -> bool:
    """Whether this person sends in a visit of that team: a member, or the maker who types in a paper."""
    return person.pk == maker_id or (team_id is not None and team_id in teams_of(person.standing))
