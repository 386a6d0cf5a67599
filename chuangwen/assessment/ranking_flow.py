"""The table of steps of a month's ranking: 试算 → 预告中 → 已定稿, or 作废 with a reason (row 16)."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from chuangwen.assessment import ranking_steps, ranking_tells, rules
from chuangwen.assessment.ranking_models import Ranking
from chuangwen.assessment.ranking_models import RankState as S
from chuangwen.kernel.workflow.flow import Flow, ReasonForm, Step


class CommentForm(forms.Form):
    """What the office says about the month (月点评)."""

    comment = forms.CharField(
        label=_("点评"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 6})
    )


class RankingFlow(Flow):
    """From a trial count to a month that no longer changes."""

    subject = Ranking
    title = _("月排名")
    states = S
    start = S.DRAFT
    closed = frozenset({S.FROZEN, S.VOID})
    steps = (
        Step("make", _("试算"), (), S.DRAFT, rules.edit, is_quiet=True),
        Step("publish", _("预告"), (S.DRAFT,), S.PREVIEW, rules.edit, is_main=True, guard=ranking_steps.cannot_publish,
             work=ranking_steps.publish, starts=(("objection", ranking_steps.objection_limit),),
             tells=ranking_tells.published),
        Step("freeze", _("定稿冻结"), (S.PREVIEW,), S.FROZEN, rules.edit, is_main=True,
             guard=ranking_steps.cannot_freeze, work=ranking_steps.freeze, stops=("objection",),
             tells=ranking_tells.frozen),
        Step("comment", _("点评"), (S.DRAFT, S.PREVIEW, S.FROZEN), None, rules.edit, CommentForm,
             work=ranking_steps.comment),
        Step("void", _("作废"), (S.DRAFT, S.PREVIEW), S.VOID, rules.edit, ReasonForm, guard=ranking_steps.objected,
             stops=("objection",), tells=ranking_tells.voided),
    )  # fmt: skip
