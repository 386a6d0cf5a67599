"""Who may see plans and tasks, and move them."""

from __future__ import annotations

from chuangwen.kernel.people.models import Role
from chuangwen.kernel.people.rules import ANYONE, holds, in_unit, own, where
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
