"""The tables of steps of packs, meetings and referrals upward."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from chuangwen.kernel.people.rules import Nobody
from chuangwen.kernel.workflow.flow import Flow, ReasonForm, Step
from chuangwen.tasks import meeting_forms as forms
from chuangwen.tasks import meeting_steps as steps
from chuangwen.tasks import meeting_tells as tells
from chuangwen.tasks import rules
from chuangwen.tasks.meeting_models import (
    Meeting,
    MeetingState,
    Pack,
    PackState,
    Referral,
    ReferralState,
)

P, M, R = PackState, MeetingState, ReferralState


class PackFlow(Flow):
    """A pack is gathered and edited until it is held; what nobody used is past."""

    subject = Pack
    title = _("会议材料")
    states = P
    start = P.PREPARED
    closed = frozenset({P.HELD, P.PAST})
    steps = (
        Step("make", _("备材料"), (), P.PREPARED, rules.desk, is_quiet=True),
        Step("gather", _("重新汇集"), (P.PREPARED,), None, rules.desk, is_quiet=True),
        Step("edit", _("改材料"), (P.PREPARED,), None, rules.desk, is_quiet=True),
        Step("hold", _("定稿"), (P.PREPARED,), P.HELD, rules.desk, is_main=True),
        Step("reopen", _("改回"), (P.HELD,), P.PREPARED, rules.desk, ReasonForm, guard=steps.meeting_is_over),
        Step("pass_by", _("过期"), (P.PREPARED,), P.PAST, Nobody(), by_clock=True),
    )  # fmt: skip


class MeetingFlow(Flow):
    """拟开 → 已通知 → 已开 → 纪要已定, or cancelled with a reason."""

    subject = Meeting
    title = _("会议")
    states = M
    start = M.PLANNED
    closed = frozenset({M.MINUTED, M.CANCELLED})
    steps = (
        Step("plan", _("拟开会议"), (), M.PLANNED, rules.edit, is_quiet=True),
        Step("revise", _("改会议"), (M.PLANNED, M.INVITED), None, rules.edit, is_quiet=True, tells=tells.moved),
        Step("set_agenda", _("排议程"), (M.PLANNED, M.INVITED, M.HELD), None, rules.desk, is_quiet=True),
        Step("list_units", _("定参会单位"), (M.PLANNED, M.INVITED, M.HELD), None, rules.desk, is_quiet=True),
        Step("invite", _("发会议通知"), (M.PLANNED, M.INVITED), M.INVITED, rules.edit, is_main=True,
             guard=steps.cannot_invite, work=steps.invite, tells=tells.invited),
        Step("attend", _("记到会"), (M.PLANNED, M.INVITED, M.HELD), None, rules.desk, is_quiet=True),
        Step("hold", _("会已开"), (M.PLANNED, M.INVITED), M.HELD, rules.desk, is_main=True, guard=steps.cannot_hold,
             starts=(("minutes", steps.minutes_limit),)),
        Step("write", _("写纪要"), (M.INVITED, M.HELD), None, rules.desk, is_quiet=True),
        Step("decide", _("记决定"), (M.INVITED, M.HELD), None, rules.desk, is_quiet=True),
        Step("confirm", _("纪要定稿"), (M.HELD,), M.MINUTED, rules.edit, is_main=True, guard=steps.lacks_minutes,
             stops=("minutes",), tells=tells.minuted),
        Step("turn", _("转任务"), (M.INVITED, M.HELD, M.MINUTED), None, rules.edit, is_quiet=True),
        Step("cancel", _("取消"), (M.PLANNED, M.INVITED), M.CANCELLED, rules.edit, ReasonForm, tells=tells.cancelled),
    )  # fmt: skip


class ReferralFlow(Flow):
    """A task handed up to the weekly assignment meeting, and what came of it there (row 15)."""

    subject = Referral
    title = _("提交交办")
    states = R
    start = R.SENT
    closed = frozenset({R.DONE, R.RETURNED})
    steps = (
        Step("send", _("提交"), (), R.SENT, rules.edit, is_quiet=True, starts=(("listing", steps.listing_limit),)),
        Step("list", _("已列入"), (R.SENT,), R.LISTED, rules.edit, forms.ListForm, is_main=True, work=steps.put_on_list,
             stops=("listing",), starts=(("assigning", steps.listing_limit),)),
        Step("assign", _("已交办"), (R.SENT, R.LISTED), R.ASSIGNED, rules.edit, forms.AssignForm, is_main=True,
             work=steps.assign, stops=("listing", "assigning"), starts=(("due", steps.referral_due),), tells=tells.referred),
        Step("done", _("已办结"), (R.ASSIGNED,), R.DONE, rules.edit, forms.OutcomeForm, is_main=True, work=steps.finish,
             stops=("due",), tells=tells.referred),
        Step("return", _("被退回"), (R.SENT, R.LISTED, R.ASSIGNED), R.RETURNED, rules.edit, ReasonForm, work=steps.send_back,
             stops=("listing", "assigning", "due"), tells=tells.referred),
    )  # fmt: skip
