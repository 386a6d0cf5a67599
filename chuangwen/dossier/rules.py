"""Who may see, write, review and take out what stands in the dossier."""

from __future__ import annotations

from chuangwen.kernel.people.models import Role
from chuangwen.kernel.people.rules import Nobody, holds, in_unit, own

writer = in_unit("unit_id", Role.LIAISON, Role.HEAD)
sender = own("sent_by_id")
head = in_unit("unit_id", Role.HEAD)
office = holds(Role.OFFICE, Role.CLERK)
final = holds(Role.OFFICE)
overview = holds(Role.OFFICE, Role.CLERK, Role.LEADER, Role.AUDITOR)
see_item = overview | writer
reviewer = head | office
# Who finds something here at all, before any row is asked.
door = holds(Role.OFFICE, Role.CLERK, Role.LEADER, Role.AUDITOR, Role.LIAISON, Role.HEAD)
own_export = own("by_id")
nobody = Nobody()
