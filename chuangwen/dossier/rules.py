"""Who may see and review what stands in the dossier."""

from __future__ import annotations

from chuangwen.kernel.people.models import Role
from chuangwen.kernel.people.rules import holds, in_unit

writer = in_unit("unit_id", Role.LIAISON, Role.HEAD)
head = in_unit("unit_id", Role.HEAD)
office = holds(Role.OFFICE, Role.CLERK)
final = holds(Role.OFFICE)
overview = holds(Role.OFFICE, Role.CLERK, Role.LEADER, Role.AUDITOR)
see_item = overview | writer
