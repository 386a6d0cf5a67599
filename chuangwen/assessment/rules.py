"""Who may see scores and forecasts, and enter official results and incidents."""

from __future__ import annotations

from chuangwen.kernel.people.models import Role
from chuangwen.kernel.people.rules import holds

edit = holds(Role.OFFICE)
read = holds(Role.OFFICE, Role.CLERK, Role.LEADER, Role.AUDITOR)
