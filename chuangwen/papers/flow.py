"""The table of steps of a paper: 拟稿 → 核稿 → 签发 → 印发, each unit's 签收 and 回复, or withdrawn with a reason.

Numbers are given by `sign`, in its transaction; after it neither text nor figures change.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from chuangwen.kernel.people.rules import Nobody
from chuangwen.kernel.workflow.flow import Flow, ReasonForm, Step
from chuangwen.papers import forms, rules, steps, tells
from chuangwen.papers.models import Paper
from chuangwen.papers.models import PaperState as S

WITH_US = rules.write | rules.of_body


class PaperFlow(Flow):
    """From draft to the last reply."""

    subject = Paper
    title = _("公文")
    states = S
    start = S.DRAFT
    closed = frozenset({S.WITHDRAWN, S.DROPPED})
    steps = (
        Step("draft", _("拟稿"), (), S.DRAFT, rules.write, is_quiet=True, personal=("content",)),
        Step("edit", _("改稿"), (S.DRAFT,), None, rules.write, is_quiet=True, personal=("content",)),
        Step("send", _("送核"), (S.DRAFT,), S.REVIEW, rules.write, is_main=True, guard=steps.is_incomplete,
             starts=(("review", steps.review_limit),), tells=tells.to_signers),
        Step("sign", _("签发"), (S.REVIEW,), S.SIGNED, rules.sign, is_main=True, guard=steps.is_incomplete,
             work=steps.sign, stops=("review",), starts=(("issue", steps.issue_limit),), tells=tells.to_drafter),
        Step("return", _("退回修改"), (S.REVIEW,), S.DRAFT, WITH_US, ReasonForm, stops=("review",),
             tells=tells.to_drafter),
        Step("issue", _("印发"), (S.SIGNED,), S.ISSUED, rules.write, is_main=True, guard=steps.is_incomplete,
             work=steps.issue, stops=("issue",), starts=(("reply", steps.reply_limit),), tells=tells.issued),
        Step("receive", _("签收"), (S.ISSUED,), None, rules.receiver, forms.ReceiptForm, is_main=True,
             work=steps.receive),
        Step("reply", _("回复"), (S.ISSUED,), None, rules.receiver, forms.ReplyForm, work=steps.reply,
             tells=tells.replied),
        Step("all_replied", _("全部回复"), (S.ISSUED,), None, Nobody(), by_clock=True, stops=("reply",)),
        Step("urge", _("催办"), (S.ISSUED,), None, rules.write, guard=steps.nothing_to_urge, tells=tells.urged),
        Step("withdraw", _("撤回"), (S.SIGNED, S.ISSUED), S.WITHDRAWN, WITH_US, ReasonForm, stops=("issue", "reply"),
             tells=tells.withdrawn, frees=True),
        Step("drop", _("不发"), (S.DRAFT, S.REVIEW), S.DROPPED, rules.write, stops=("review",)),
    )  # fmt: skip
