"""Who may see and change the fact ledger."""

from __future__ import annotations

from chuangwen.kernel.people.models import Role
from chuangwen.kernel.people.rules import ANYONE, holds, in_unit

read = ANYONE  # the ledger is what papers may quote
edit = holds(Role.OFFICE, Role.CLERK, Role.ADMIN)
owner = in_unit("unit_id", Role.LIAISON, Role.HEAD)
give = edit | owner
confirm = holds(Role.OFFICE, Role.ADMIN) | in_unit("unit_id", Role.HEAD)
# Without a row: who may reach the pages where a fact is then looked at with the rules above.
give_door = edit | holds(Role.LIAISON, Role.HEAD)
confirm_door = holds(Role.OFFICE, Role.ADMIN, Role.HEAD)
