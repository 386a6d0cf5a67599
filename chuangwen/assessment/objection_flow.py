"""The table of steps of an objection: 待初核 → 待决定 → 采纳 or 不采纳, or withdrawn by the unit (row 16)."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from chuangwen.assessment import objection_rules as rules
from chuangwen.assessment import objection_steps as steps
from chuangwen.assessment import objection_tells as tells
from chuangwen.assessment.ranking_models import Objection
from chuangwen.assessment.ranking_models import ObjectionState as S
from chuangwen.kernel.workflow.flow import Flow, ReasonForm, Step

OPEN = (S.RAISED, S.LOOKED)


class AdviceForm(forms.Form):
    """What the first look found, and why."""

    advice = forms.CharField(
        label=_("初核意见"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("写明建议采纳还是不采纳，凭什么。")},
    )  # fmt: skip


class ObjectionFlow(Flow):
    """From the unit's ground to the office's answer; two persons look at it."""

    subject = Objection
    title = _("申诉")
    states = S
    start = S.RAISED
    closed = frozenset({S.GRANTED, S.REFUSED, S.WITHDRAWN})
    steps = (
        Step("raise", _("申诉"), (), S.RAISED, rules.of_unit, is_quiet=True,
             starts=(("answer", steps.answer_limit),), tells=tells.raised),
        Step("look", _("初核"), (S.RAISED,), S.LOOKED, rules.look, AdviceForm, is_main=True, work=steps.look,
             tells=tells.looked),
        Step("grant", _("采纳"), (S.LOOKED,), S.GRANTED, rules.decide, ReasonForm, is_main=True, guard=steps.cannot_decide,
             work=steps.grant, stops=("answer",), tells=tells.answered),
        Step("refuse", _("不采纳"), (S.LOOKED,), S.REFUSED, rules.decide, ReasonForm, guard=steps.cannot_decide,
             work=steps.refuse, stops=("answer",), tells=tells.answered),
        Step("withdraw", _("撤回"), OPEN, S.WITHDRAWN, rules.of_unit, stops=("answer",), tells=tells.withdrawn),
    )  # fmt: skip
