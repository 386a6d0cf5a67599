"""Who may take which step: every flow, every step, every role, read from the steps' rules without any row."""

from __future__ import annotations

from django.utils import translation

from chuangwen.faces.cli.docs.markdown import page, table
from chuangwen.kernel.people.models import Role
from chuangwen.kernel.people.rules import NOTHING, Rule, Standing
from chuangwen.kernel.workflow.flow import Flow, Step

YES, OWN, NO = "yes", "own", "no"


def may(rule: Rule, role: str) -> str:
    """What the rule says to a person whose only post is `role`, in some unit and some area.

    `yes`: any row; `own`: only rows that point at the person, the unit or the area; `no`: no row at all.
    """
    one = frozenset({1})
    q = rule.q(Standing(1, frozenset({role}), {role: one}, {role: one}))
    return NO if q == NOTHING else OWN if q else YES


def taker(step: Step, role: str) -> str:
    """As `may`; a step of the clock is nobody's."""
    return NO if step.by_clock else may(step.rule, role)


def matrix() -> dict[tuple[str, str], dict[str, str]]:
    """(flow's subject, step) → role → yes, own or no."""
    return {
        (subject, step.code): {role: taker(step, role) for role in Role.values}
        for subject, flow in sorted(Flow.registry.items())
        for step in flow.steps
    }


def text() -> str:
    with translation.override("zh-hans"):
        parts = [_flow(subject, flow) for subject, flow in sorted(Flow.registry.items())]
    intro = (
        "● any row · ○ only rows of the own unit, area or person · empty: no. A step with ⏱ is taken by the\n"
        "clock or by another step, never by a button. Rules: `rules.py` of each app; tables: `flow.py`.\n"
        "What a change here must pass: `tests/architecture/permissions.csv`, written by hand.\n"
    )
    return page("Who may take which step", intro, *parts)


def _flow(subject: str, flow: type[Flow]) -> str:
    signs = {YES: "●", OWN: "○", NO: ""}
    rows = []
    for step in flow.steps:
        name = f"{step.label} `{step.code}`" + (" ⏱" if step.by_clock else "")
        rows.append([name, *(signs[taker(step, role)] for role in Role.values)])
    return f"## {flow.title} `{subject}`\n\n" + table(["Step", *(str(role.label) for role in Role)], rows)
