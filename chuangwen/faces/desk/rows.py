"""How a case stands in a list: its state as shape and word, its deadline, and the one step that is
next for this person.
"""

from __future__ import annotations

import datetime as dt
import uuid
from typing import NamedTuple

from django import forms
from django.utils.translation import gettext as _

from chuangwen.kernel.city import setting
from chuangwen.kernel.models import Person
from chuangwen.kernel.screens import words
from chuangwen.kernel.workflow.flow import Step
from chuangwen.problems import rules
from chuangwen.problems.flow import CaseFlow
from chuangwen.problems.models import Case, State

_SHAPES = {
    State.REPORTED: "new",
    State.VERIFIED: "new",
    State.FILED: "doing",
    State.ASSIGNED: "doing",
    State.FIXING: "doing",
    State.ANSWERED: "check",
    State.SPOT: "check",
    State.DISPUTED: "back",
    State.APPEALED: "back",
    State.HELD: "hold",
    State.CLOSED: "done",
    State.MERGED: "void",
    State.VOID: "void",
}
# Steps that need the whole case before the eyes: the row only leads there.
_LOOK_FIRST = {"pass": _("核查"), "spot_pass": _("复看"), "answer": _("反馈")}


class Next(NamedTuple):
    """The step in the row: `way` is post (one click), open (its form opens in place) or go (the case's
    own page).
    """

    code: str
    label: str
    way: str
    href: str


class Row(NamedTuple):
    case: Case
    shape: str
    state: str
    due: words.Due
    next: Next | None
    uid: uuid.UUID


def shape_of(case: Case) -> tuple[str, str]:
    """The shape and the word of a case's state; how often it came back is part of the word."""
    shape, word = _SHAPES[State(case.state)], str(State(case.state).label)
    if case.state in (State.FILED, State.DISPUTED) and case.returns:
        return "back", _("退回 %(n)d 次") % {"n": case.returns}
    if case.state == State.FIXING and case.reworks:
        return "back", _("返工 %(n)d 次") % {"n": case.reworks}
    return shape, word


def _step(case: Case, person: Person, now: dt.datetime) -> Step | None:
    """The step that is next; the rule and the state are asked, a guard only when it is taken (no query
    per row).
    """
    if case.state in (State.ASSIGNED, State.FIXING) and case.is_late(now) and rules.desk.allows(person, case):
        over = case.due_at is not None and now - case.due_at > dt.timedelta(days=1)
        return CaseFlow.by_code["supervise" if over and not case.supervision else "urge"]
    if case.asked_extension and rules.desk.allows(person, case):
        return CaseFlow.by_code["rule_extension"]
    for step in CaseFlow.steps:
        if step.is_main and case.state in step.sources and step.rule.allows(person, case):
            return step
    if case.state in (State.ASSIGNED, State.FIXING) and rules.desk.allows(person, case):
        return CaseFlow.by_code["urge"]
    return None


def next_of(case: Case, person: Person, now: dt.datetime) -> Next | None:
    step = _step(case, person, now)
    if step is None:
        return None
    if step.code in _LOOK_FIRST:
        return Next(step.code, str(_(_LOOK_FIRST[step.code])), "go", case.get_absolute_url())
    href = f"/today/step/{case.number}/{step.code}/"
    return Next(
        step.code, str(step.label) + ("…" if step.form else ""), "open" if step.form else "post", href
    )


def row_of(case: Case, person: Person, now: dt.datetime) -> Row:
    shape, word = shape_of(case)
    due = words.due(case.due_at, case.due_unit, now, is_paused=case.is_paused, is_done=not case.is_open)
    return Row(case, shape, word, due, next_of(case, person, now), uuid.uuid4())


def is_sure(case: Case) -> bool:
    """Whether the suggestion is good enough to be taken with one look: kind, unit, and as sure as the
    city asks.
    """
    return bool(
        (case.confidence or 0) >= float(setting("sure_from", 0.8))
        and (case.kind_id or case.suggested_kind_id)
        and case.suggested_unit_id
    )


def dress(form: forms.BaseForm, prefix: str = "f") -> forms.BaseForm:
    """Gives a form's fields the look of the pages and ids of their own."""
    form.auto_id = f"{prefix}_%s"
    for field in form.fields.values():
        widget = field.widget
        if isinstance(widget, forms.CheckboxInput | forms.RadioSelect | forms.CheckboxSelectMultiple):
            widget.attrs["class"] = "form-check-input"
        elif isinstance(widget, forms.Select):
            widget.attrs["class"] = "form-select"
        else:
            widget.attrs["class"] = "form-control"
        field.required = field.required and not isinstance(widget, forms.HiddenInput)
    return form
