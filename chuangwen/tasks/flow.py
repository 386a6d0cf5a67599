"""The table of steps of a task: 拟定 → 待认领 → 推进 → 待验收 → 完成, and every side way.

What each step does to the task's columns is in `steps.py`; who may is in `rules.py`.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from chuangwen.kernel.people.rules import Nobody
from chuangwen.kernel.workflow.flow import Flow, ReasonForm, RulingForm, Step
from chuangwen.tasks import forms, rules, steps, tells
from chuangwen.tasks.models import State as S
from chuangwen.tasks.models import Task

NOT_ENDED = (S.DRAFT, S.OPEN, S.DOING, S.SUBMITTED)
DUE = (("due", steps.due_limit),)


class TaskFlow(Flow):
    """From draft to done."""

    subject = Task
    title = _("任务")
    states = S
    start = S.DRAFT
    closed = frozenset({S.DONE, S.DROPPED})
    steps = (
        Step("make", _("拟定"), (), S.DRAFT, rules.edit, is_quiet=True),
        Step("revise", _("改内容"), (S.DRAFT, S.OPEN, S.DOING), None, rules.edit, is_quiet=True, tells=tells.revised),
        Step("publish", _("发布"), (S.DRAFT,), steps.after_publish, rules.edit, ends=(S.OPEN, S.DOING), is_main=True,
             guard=steps.cannot_publish, starts=DUE, tells=tells.published, asks=steps.asks),
        Step("give", _("交办"), (S.DRAFT, S.OPEN), S.DOING, rules.edit, forms.GiveForm, guard=steps.cannot_publish,
             work=steps.give, starts=DUE, tells=tells.given, asks=steps.asks),
        Step("claim", _("认领"), (S.OPEN,), S.DOING, rules.claimer, forms.ClaimForm, is_main=True,
             guard=steps.is_over, work=steps.give, tells=tells.claimed),
        Step("report_progress", _("报进展"), (S.DOING,), None, rules.holder, forms.ProgressForm, work=steps.progress),
        Step("submit", _("报验收"), (S.DOING,), S.SUBMITTED, rules.holder, forms.SubmitForm, is_main=True,
             guard=steps.lacks_proof, work=steps.submit, stops=("due",), starts=(("check", steps.check_limit),),
             tells=tells.to_office),
        Step("accept", _("验收通过"), (S.SUBMITTED,), S.DONE, rules.desk, forms.AcceptForm, is_main=True,
             work=steps.accept, stops=("check",), tells=tells.to_unit),
        Step("return", _("退回"), (S.SUBMITTED,), S.DOING, rules.desk, forms.ReturnForm, work=steps.give_back,
             stops=("check",), starts=DUE, tells=tells.to_unit),
        Step("ask_postponement", _("申请延期"), (S.DOING,), None, rules.holder, forms.PostponeForm,
             guard=steps.postponement_waits, work=steps.ask_postponement, tells=tells.to_office),
        Step("rule_postponement", _("批延期"), (S.DOING,), None, rules.edit, RulingForm,
             guard=steps.no_postponement_asked, work=steps.rule_postponement, tells=tells.to_unit),
        Step("postpone", _("调整期限"), (S.OPEN, S.DOING), None, rules.edit, forms.PostponeForm, work=steps.postpone,
             tells=tells.to_unit),
        Step("reassign", _("改派"), (S.DOING,), None, rules.edit, forms.ReassignForm, work=steps.reassign,
             tells=tells.given, asks=steps.asks),
        Step("urge", _("催办"), (S.DOING,), None, rules.desk, guard=steps.urged_today, tells=tells.urged),
        Step("drop", _("取消"), NOT_ENDED, S.DROPPED, rules.edit, ReasonForm, work=steps.drop, stops=("due", "check"), frees=True,
             tells=tells.to_unit),
        Step("remind", _("到期提醒"), (S.DOING,), None, Nobody(), by_clock=True, tells=tells.reminded),
    )  # fmt: skip
