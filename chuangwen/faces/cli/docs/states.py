"""A state diagram of each flow, in Mermaid, which GitHub and most editors draw."""

from __future__ import annotations

from django.utils import translation

from chuangwen.faces.cli.docs.markdown import page
from chuangwen.kernel.workflow.flow import Flow


def text() -> str:
    with translation.override("zh-hans"):
        parts = [_flow(subject, flow) for subject, flow in sorted(Flow.registry.items())]
    intro = (
        "Steps that leave the state as it is are listed below each diagram. A step in brackets is taken\n"
        "by the clock or by another step.\n"
    )
    return page("States", intro, *parts)


def arrows(flow: type[Flow]) -> dict[tuple[str, str], list[str]]:
    """(from, to) → labels of the steps between them; from "" is the beginning."""
    found: dict[tuple[str, str], list[str]] = {}
    for step in flow.steps:
        label = f"({step.label})" if step.by_clock else str(step.label)
        for state in step.sources or ("",):
            for target in step.targets(state):
                if state != target:
                    found.setdefault((str(state), str(target)), []).append(label)
    return found


def _flow(subject: str, flow: type[Flow]) -> str:
    lines = [f"## {flow.title} `{subject}`\n", "```mermaid", "stateDiagram-v2", "    direction LR"]
    lines += [f"    {state.value} : {state.label}" for state in flow.states]
    for (start, end), labels in arrows(flow).items():
        lines.append(f"    {start or '[*]'} --> {end} : {'、'.join(labels)}")
    lines += [f"    {state.value} --> [*]" for state in flow.states if state.value in flow.closed]
    lines.append("```\n")
    still = [
        f"{step.label} `{step.code}` ({'、'.join(str(flow.states(state).label) for state in step.sources)})"
        for step in flow.steps
        if step.to is None
    ]
    if still:
        lines.append("Without a change of state: " + "; ".join(still) + ".\n")
    return "\n".join(lines)
