"""Who may see plans and tasks, and move them."""

from __future__ import annotations

from django.db.models import Q

from chuangwen.kernel.people.models import Role
from chuangwen.kernel.people.rules import ANYONE, Column, Standing, holds, in_unit, own, where
from chuangwen.tasks.meeting_models import Meeting, MeetingState
from chuangwen.tasks.models import State

read = ANYONE  # plans, campaigns and demonstration sites are shown to every post
desk = holds(Role.OFFICE, Role.CLERK)
edit = holds(Role.OFFICE)
overview = holds(Role.OFFICE, Role.CLERK, Role.LEADER, Role.AUDITOR, Role.ADMIN)
# A draft is the office's own until it is published.
PUBLISHED = tuple(state for state in State.values if state != State.DRAFT)
holder = in_unit("unit_id", Role.LIAISON, Role.HEAD)
claimer = holds(Role.LIAISON, Role.HEAD)
# An unclaimed task is seen by every unit that might claim it.
see_task = (
    overview
    | (holder & where("state", *PUBLISHED))
    | (own("leader_id") & where("state", *PUBLISHED))
    | (claimer & where("state", State.OPEN))
)
# Who may open the list at all: those with tasks to see.
see_list = overview | claimer

# Packs name cases of every unit: for those who may see all of them, which an administrator may not.
see_pack = holds(Role.OFFICE, Role.CLERK, Role.LEADER, Role.AUDITOR)


def _asked_to(who: Standing) -> frozenset[int]:
    """The meetings this person's units were told of, or whose confirmed minutes name them; one query for one standing."""
    units = who.units_as(Role.LIAISON, Role.HEAD)
    if not units:
        return frozenset()
    found: frozenset[int] | None = who.__dict__.get("_meetings")
    if found is None:
        told = Q(attendance__unit__in=units, attendance__invited_at__isnull=False)
        named = Q(decisions__unit__in=units, state=MeetingState.MINUTED)
        found = frozenset(Meeting.objects.filter(told | named).values_list("pk", flat=True))
        object.__setattr__(
            who, "_meetings", found
        )  # Standing is frozen; this is its memory, no part of its value
    return found


see_meeting = overview | Column("pk", _asked_to)
see_referral = overview | in_unit("task.unit_id", Role.LIAISON, Role.HEAD)
structure = holds(Role.OFFICE, Role.ADMIN)
