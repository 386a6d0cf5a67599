"""Who may see, raise and answer objections, and record what follows for units."""

from __future__ import annotations

from chuangwen.kernel.people.models import Role
from chuangwen.kernel.people.rules import holds, in_unit

overview = holds(Role.OFFICE, Role.CLERK, Role.LEADER, Role.AUDITOR)
of_unit = in_unit("unit_id", Role.LIAISON, Role.HEAD)
see_objection = overview | of_unit
# The page lists what one may see; a unit's people have a page of their own rows.
see_list = overview | holds(Role.LIAISON, Role.HEAD)
look = holds(Role.CLERK, Role.OFFICE)
decide = holds(Role.OFFICE)

record = holds(Role.OFFICE)
see_consequence = overview | of_unit
