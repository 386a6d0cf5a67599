"""The table of steps of a case: 上报 → 核实 → 立案 → 派遣 → 处置 → 反馈 → 核查 → 销号 → 抽查, and every side way.

What each step does to the case's columns is in `steps.py`; who may is in `rules.py`.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from chuangwen.kernel.people.rules import Nobody
from chuangwen.kernel.workflow.flow import Flow, ReasonForm, RulingForm, Step
from chuangwen.problems import forms, rules, steps, tells
from chuangwen.problems.models import Case, Handover, HandoverState
from chuangwen.problems.models import State as S

OPEN = tuple(s.value for s in S if s not in (S.CLOSED, S.SPOT, S.MERGED, S.VOID))
WITH_UNIT = (S.ASSIGNED.value, S.FIXING.value)
BEFORE_UNIT = (S.REPORTED.value, S.VERIFIED.value, S.FILED.value)


class CaseFlow(Flow):
    """From report to closing."""

    subject = Case
    title = _("案件")
    states = S
    start = S.REPORTED
    closed = frozenset({S.CLOSED, S.SPOT, S.MERGED, S.VOID})
    steps = (
        Step("report", _("上报"), (), S.REPORTED, rules.report, is_quiet=True,
             starts=(("verify", steps.limit_of("verify")),)),
        Step("verify", _("核实"), (S.REPORTED,), S.VERIFIED, rules.dispatcher, forms.VerifyForm, is_main=True,
             work=steps.verify),
        Step("file", _("立案"), (S.VERIFIED,), S.FILED, rules.dispatcher, is_main=True, work=steps.file,
             stops=("verify",), starts=(("dispatch", steps.limit_of("dispatch")),)),
        Step("dispatch", _("派遣"), (S.FILED,), S.ASSIGNED, rules.dispatcher, forms.DispatchForm, is_main=True,
             work=steps.dispatch, stops=("dispatch",), resumes=("fix",), starts=(("fix", steps.limit_of("fix")),),
             tells=tells.assigned, asks=steps.asks_fix),
        Step("accept", _("接收"), (S.ASSIGNED,), S.FIXING, rules.responsible, is_main=True),
        Step("answer", _("反馈"), WITH_UNIT, S.ANSWERED, rules.responsible, forms.AnswerForm, is_main=True,
             guard=steps.lacks_photo, work=steps.answer, pauses=("fix",),
             starts=(("check", steps.limit_of("check")),)),
        Step("return", _("退回"), WITH_UNIT, steps.after_return, rules.responsible, forms.ReturnForm,
             ends=(S.FILED, S.DISPUTED), guard=steps.extension_waits, work=steps.give_back, pauses=("fix",),
             starts=(("dispatch", steps.limit_of("dispatch")),), tells=tells.returned),
        Step("appeal", _("申诉"), (S.FIXING, S.ANSWERED), S.APPEALED, rules.responsible, ReasonForm,
             pauses=("fix", "check"), starts=(("appeal", steps.limit_of("appeal")),), tells=tells.to_office),
        Step("rule_appeal", _("答复申诉"), (S.APPEALED,), steps.after_appeal, rules.desk, RulingForm, is_main=True,
             ends=(S.FILED, S.FIXING), work=steps.rule_appeal, stops=("appeal", "check"), resumes=("fix",),
             tells=tells.to_unit),
        Step("ask_extension", _("申请延期"), WITH_UNIT, None, rules.responsible, forms.ExtensionForm,
             guard=steps.cannot_extend, work=steps.ask_extension, tells=tells.to_office),
        Step("rule_extension", _("批延期"), WITH_UNIT, None, rules.desk, RulingForm,
             guard=steps.no_extension_asked, work=steps.rule_extension, tells=tells.to_unit),
        Step("hold", _("挂账"), WITH_UNIT, S.HELD, rules.desk, forms.HoldForm, work=steps.hold, pauses=("fix",),
             tells=tells.to_unit),
        Step("resume", _("恢复办理"), (S.HELD,), S.FIXING, rules.desk, is_main=True, work=steps.resume, resumes=("fix",),
             tells=tells.to_unit),
        Step("hold_ends", _("挂账到期"), (S.HELD,), S.FIXING, Nobody(), by_clock=True, work=steps.resume, resumes=("fix",),
             tells=tells.to_unit),
        Step("pass", _("核查通过"), (S.ANSWERED,), S.CLOSED, rules.checker, forms.SpotForm, is_main=True,
             work=steps.close, stops=("fix", "check"), tells=tells.to_unit),
        Step("reject", _("退回整改"), (S.ANSWERED,), S.FIXING, rules.checker, ReasonForm, work=steps.rework,
             stops=("check",), resumes=("fix",), tells=tells.to_unit, asks=steps.asks_fix),
        Step("decide", _("定责"), (S.DISPUTED,), S.ASSIGNED, rules.office, forms.DecideForm, is_main=True,
             work=steps.dispatch, stops=("dispatch",), resumes=("fix",), starts=(("fix", steps.limit_of("fix")),),
             tells=tells.assigned, asks=steps.asks_fix),
        Step("reassign", _("改派"), WITH_UNIT, S.ASSIGNED, rules.dispatcher, forms.DispatchForm, work=steps.dispatch,
             tells=tells.assigned, asks=steps.asks_fix),
        Step("supervise", _("督办"), OPEN, None, rules.desk, forms.SuperviseForm, work=steps.supervise,
             guard=steps.has_no_unit, tells=tells.supervised),
        Step("urge", _("催办"), WITH_UNIT, None, rules.desk, guard=steps.urged_today, tells=tells.urged),
        Step("reply", _("答复反映人"), tuple(S.values), None, rules.dispatcher, forms.ReplyForm, guard=steps.all_answered,
             work=steps.reply),
        Step("ask", _("问负责人"), OPEN, None, rules.leader, is_quiet=True, guard=steps.asked_today, tells=tells.asked),
        Step("watch", _("列入跟踪"), (*OPEN, S.CLOSED), None, rules.desk, guard=steps.is_watched, work=steps.watch),
        Step("merge", _("并案"), BEFORE_UNIT, S.MERGED, rules.dispatcher, forms.MergeForm, work=steps.merge,
             stops=("verify", "dispatch", "fix")),
        Step("absorb", _("并入一件"), OPEN, None, Nobody(), is_quiet=True, by_clock=True),
        Step("void", _("作废"), BEFORE_UNIT, S.VOID, rules.dispatcher, ReasonForm, work=steps.end,
             stops=("verify", "dispatch", "fix")),
        Step("spot", _("抽查"), (S.CLOSED,), S.SPOT, rules.checker, work=steps.spot),
        Step("draw", _("抽中复查"), (S.CLOSED,), S.SPOT, Nobody(), by_clock=True, work=steps.spot, tells=tells.to_checkers),
        Step("spot_pass", _("抽查合格"), (S.SPOT,), S.CLOSED, rules.checker, forms.SpotForm, is_main=True,
             work=steps.spot_good),
        Step("spot_fail", _("抽查不合格"), (S.SPOT,), S.FIXING, rules.checker, ReasonForm, work=steps.reopen,
             starts=(("fix", steps.limit_of("fix")),), tells=tells.to_unit, asks=steps.asks_fix),
        Step("unsolved", _("反映人说没解决"), (S.CLOSED,), S.SPOT, Nobody(), by_clock=True, work=steps.spot,
             tells=tells.to_checkers),
        # Neutral words on purpose: who may not see a hand-over must not learn of it from the case's history.
        Step("pause", _("暂停计时"), OPEN, None, Nobody(), by_clock=True,
             pauses=("verify", "dispatch", "fix", "check", "appeal")),
        Step("go_on", _("恢复计时"), OPEN, None, Nobody(), by_clock=True,
             resumes=("verify", "dispatch", "fix", "check", "appeal")),
        Step("remind", _("到期提醒"), OPEN, None, Nobody(), by_clock=True, tells=tells.reminded),
    )  # fmt: skip


class HandoverFlow(Flow):
    """A case's file with another body: sent, taken, outcome back (rows 43, 44)."""

    subject = Handover
    title = _("移交")
    states = HandoverState
    start = HandoverState.SENT
    closed = frozenset({HandoverState.BACK, HandoverState.RECALLED})
    steps = (
        Step("send", _("移交"), (), HandoverState.SENT, rules.desk, is_quiet=True, tells=tells.handed_over),
        Step("take", _("接收"), (HandoverState.SENT,), HandoverState.TAKEN, rules.receiver, is_main=True),
        Step("outcome", _("反馈结果"), (HandoverState.TAKEN,), HandoverState.BACK, rules.receiver, forms.OutcomeForm,
             is_main=True, work=steps.outcome, tells=tells.outcome_back),
        Step("recall", _("收回"), (HandoverState.SENT,), HandoverState.RECALLED, rules.office, ReasonForm,
             work=steps.recall),
    )  # fmt: skip
