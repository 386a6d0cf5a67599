"""The table of steps of a 提示通知: 拟稿 → 待签收 → 待回复 → 已回复, or withdrawn with a reason (row 27)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from chuangwen.kernel.workflow.flow import Flow, ReasonForm, Step
from chuangwen.standards import forms, rules, steps, tells
from chuangwen.standards.models import DutyNotice
from chuangwen.standards.models import NoticeState as S

WITH_UNIT = (S.ISSUED, S.RECEIVED)


class DutyNoticeFlow(Flow):
    """From draft to the unit's reply."""

    subject = DutyNotice
    title = _("提示通知")
    states = S
    start = S.DRAFT
    closed = frozenset({S.REPLIED, S.WITHDRAWN})
    steps = (
        Step("draft", _("拟稿"), (), S.DRAFT, rules.issue, is_quiet=True),
        Step("issue", _("发出"), (S.DRAFT,), S.ISSUED, rules.issue, is_main=True, guard=steps.cannot_issue,
             starts=(("reply", steps.reply_limit),), tells=tells.issued, asks=steps.asks),
        Step("receive", _("签收"), (S.ISSUED,), S.RECEIVED, rules.receiver, is_main=True),
        Step("reply", _("回复"), WITH_UNIT, S.REPLIED, rules.receiver, forms.ReplyForm, is_main=True, work=steps.reply,
             stops=("reply",), tells=tells.replied),
        Step("urge", _("催办"), WITH_UNIT, None, rules.issue, guard=steps.urged_today, tells=tells.urged),
        Step("withdraw", _("撤回"), (S.DRAFT, S.ISSUED, S.RECEIVED), S.WITHDRAWN, rules.issue, ReasonForm,
             stops=("reply",), tells=tells.withdrawn, frees=True),
    )  # fmt: skip
