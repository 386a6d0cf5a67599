"""Who may see and enter what residents answered."""

from __future__ import annotations

from chuangwen.kernel.people.models import Role
from chuangwen.kernel.people.rules import holds

edit = holds(Role.OFFICE)
read = holds(Role.OFFICE, Role.CLERK, Role.LEADER, Role.AUDITOR)
