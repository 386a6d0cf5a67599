"""The tables of steps hold together: who may, what is reachable, what runs out, who moves it on."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from chuangwen.faces.cli.docs.permissions import matrix
from chuangwen.kernel.people.models import Role
from chuangwen.kernel.workflow.flow import Flow
from tests.architecture.source import ROOT, name_of, python_files

HERE = Path(__file__).parent
FLOWS = sorted(Flow.registry)
OUTSIDE = "the file is with another body, which works by its own time; the office sees it and may recall it"
# An open state without a running clock owes nothing to anybody by a limit; say who looks after it instead.
WITHOUT_CLOCK = {
    ("problems.case", "held"): "held until a named day; the worker then takes `hold_ends`",
    ("problems.handover", "sent"): OUTSIDE,
    ("problems.handover", "taken"): OUTSIDE,
    (
        "inspections.round",
        "planned",
    ): "a round runs by its own days; its maker's list of open rounds shows it",
    ("inspections.round", "drawn"): "as planned: the first day is in the plan, not a limit",
    (
        "inspections.round",
        "running",
    ): "visits left over stand on the teams' first page every day until done or skipped",
    (
        "inspections.round",
        "ended",
    ): "released when its maker says so; a secret round must not be pushed out by a clock",
    (
        "standards.dutynotice",
        "draft",
    ): "not sent yet: nobody was asked for anything; drafted and issued in one go",
    (
        "papers.paper",
        "draft",
    ): "nobody outside the office knows of it yet; the list's first tab counts the drafts",
    (
        "papers.paper",
        "issued",
    ): "all have replied, or none was asked to: who has not signed for it is in the list",
    (
        "assessment.ranking",
        "draft",
    ): "a trial of the office's own: nobody was told of it, void or published when it is right",
    (
        "tasks.pack",
        "prepared",
    ): "its day is on the rhythm's page; once a later one is there the worker takes `pass_by`",
    ("tasks.meeting", "planned"): "nobody was told of it yet; the rhythm's page lists it by its day",
    (
        "tasks.meeting",
        "invited",
    ): "a meeting runs by its own day; the clock for the minutes starts when it was held",
    ("tasks.task", "draft"): "nobody was asked for anything yet; the plan's page counts the drafts",
    ("problems.submission", "waiting"): "software held it back, nothing is promised yet; the queue counts them, a burst is told",
    ("problems.publication", "draft"): "nothing is promised by when a case is shown; the page counts the drafts",
}
# A hand-over stops and restarts all clocks of its case; it is a matter of its own with its own states.
ASIDE = {"pause", "go_on"}


def written_by_hand():
    with (HERE / "permissions.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    table = {}
    for row in rows:
        sets = {"yes": row["any row"].split(), "own": row["own row"].split()}
        assert set(sets["yes"]) | set(sets["own"]) <= set(Role.values), row
        answers = {
            role: next((a for a, roles in sets.items() if role in roles), "no") for role in Role.values
        }
        table[row["flow"], row["step"]] = answers
    assert len(table) == len(rows), "a step is written twice"
    return table


def test_every_step_is_in_the_permission_table_and_agrees():
    assert matrix() == written_by_hand()


def moves(flow):
    return [
        (step, str(state), str(target))
        for step in flow.steps
        for state in step.sources
        for target in step.targets(state)
    ]


@pytest.mark.parametrize("subject", FLOWS)
def test_every_state_is_reached_from_the_start(subject):
    flow = Flow.registry[subject]
    reached, before = {str(flow.start)}, set()
    while reached != before:
        before = set(reached)
        reached |= {target for _step, state, target in moves(flow) if state in reached}
    assert reached == set(flow.states.values)


@pytest.mark.parametrize("subject", FLOWS)
def test_every_open_state_has_a_way_out_for_a_person(subject):
    flow = Flow.registry[subject]
    left = {state for step, state, target in moves(flow) if state != target and not step.by_clock}
    assert set(flow.states.values) - set(map(str, flow.closed)) - left == set()


def wind(step, clocks):
    """The clocks after a step, as name → is it running; as `Flow._wind` does, with every limit given."""
    after = {
        name: (on or name in step.resumes) and name not in step.pauses
        for name, on in clocks
        if name not in step.stops
    }
    for name, _limit in step.starts:
        after.setdefault(name, True)
    return frozenset(after.items())


def situations(flow):
    """Every (state, clocks) a matter can come into."""
    first = next(step for step in flow.steps if not step.sources)
    seen, fresh = set(), [(str(flow.start), wind(first, frozenset()))]
    while fresh:
        state, clocks = fresh.pop()
        if (state, clocks) in seen:
            continue
        seen.add((state, clocks))
        for step in flow.steps:
            if state in map(str, step.sources) and step.code not in ASIDE:
                fresh += [(str(target), wind(step, clocks)) for target in step.targets(state)]
    return seen


@pytest.mark.parametrize("subject", FLOWS)
def test_every_open_state_has_a_running_clock_or_a_reason(subject):
    flow = Flow.registry[subject]
    standing = {
        state
        for state, clocks in situations(flow)
        if state not in flow.closed and not any(is_running for _name, is_running in clocks)
    }
    assert standing == {state for flow_of, state in WITHOUT_CLOCK if flow_of == subject}


@pytest.mark.parametrize("subject", FLOWS)
def test_no_clock_runs_in_a_closed_state(subject):
    flow = Flow.registry[subject]
    running = {
        state
        for state, clocks in situations(flow)
        if state in flow.closed and any(on for _name, on in clocks)
    }
    assert running == set()


@pytest.mark.parametrize("subject", FLOWS)
def test_clocks_that_are_moved_are_started_somewhere(subject):
    steps = Flow.registry[subject].steps
    started = {name for step in steps for name, _limit in step.starts}
    assert {name for step in steps for name in (*step.stops, *step.pauses, *step.resumes)} <= started


@pytest.mark.parametrize("subject", FLOWS)
def test_steps_are_well_formed(subject):
    flow = Flow.registry[subject]
    assert len({step.code for step in flow.steps}) == len(flow.steps)
    for step in flow.steps:
        assert set(map(str, step.sources)) <= set(flow.states.values), step.code
        assert not callable(step.to) or step.ends, f"{step.code}: a computed state needs `ends`"
        assert all(len(column) <= 30 for column in (step.code,)), "Entry.step holds 30 characters"


@pytest.mark.parametrize("subject", FLOWS)
def test_steps_without_a_button_are_taken_by_code(subject):
    """A step of the clock, or a quiet one, that no code names would never happen."""
    sources = [
        path.read_text(encoding="utf-8")
        for path in python_files()
        if path.is_relative_to(ROOT / "chuangwen")
        and path.name != "flow.py"
        and "/docs/" not in name_of(path)
    ]
    hidden = [step.code for step in Flow.registry[subject].steps if step.by_clock or step.is_quiet]
    assert [code for code in hidden if not any(f'"{code}"' in text for text in sources)] == []
