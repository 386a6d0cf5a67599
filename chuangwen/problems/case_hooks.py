"""What webhooks hear of a case: its number, where it stands and whose it is; no words of a reporter, no point, no person."""

from __future__ import annotations

from typing import Any

from chuangwen.kernel.workflow.webhooks import tell_webhooks
from chuangwen.problems import rules
from chuangwen.problems.models import Case


def about_case(case: Case) -> dict[str, Any]:
    """The columns of a case that name nobody; moments in ISO 8601."""
    moments = {
        name: value.isoformat() if (value := getattr(case, name)) else None
        for name in ("reported_at", "due_at", "answered_at", "closed_at")
    }
    return {
        "number": case.number, "state": case.state, "kind": case.kind.code if case.kind else None,
        "unit": case.unit.code if case.unit else None, "street": case.street.code if case.street else None,
        "is_paused": case.is_paused, "round": case.round, **moments,
    }  # fmt: skip


tell_webhooks(Case, rules.see_case, about_case)
