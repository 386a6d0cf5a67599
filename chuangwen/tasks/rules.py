"""Who may see plans and tasks, and move them."""

from __future__ import annotations

from chuangwen.kernel.people.models import Role
from chuangwen.kernel.people.rules import holds, in_unit, own, where
from chuangwen.tasks.models import State

desk = holds(Role.OFFICE, Role.CLERK)
edit = holds(Role.OFFICE)
overview = holds(Role.OFFICE, Role.CLERK, Role.LEADER, Role.AUDITOR, Role.ADMIN)
holder = in_unit("unit_id", Role.LIAISON, Role.HEAD)
claimer = holds(Role.LIAISON, Role.HEAD)
# An unclaimed task is seen by every unit that might claim it.
see_task = overview | holder | own("leader_id") | (claimer & where("state", State.OPEN))
