"""Who may see and change the trees, and who receives a 提示通知."""

from __future__ import annotations

from chuangwen.kernel.people.models import Role
from chuangwen.kernel.people.rules import ANYONE, holds, in_unit

read = ANYONE  # what is tested is no secret; which unit lacks what is shown to the unit and the office
edit = holds(Role.OFFICE, Role.ADMIN)
overview = holds(Role.OFFICE, Role.CLERK, Role.LEADER, Role.AUDITOR, Role.ADMIN)

receiver = in_unit("unit_id", Role.LIAISON, Role.HEAD)
see_notice = overview | receiver
issue = holds(Role.OFFICE)
