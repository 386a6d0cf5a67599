"""The table of steps of a dossier item: 编写 → 单位审核 → 创建办审核 → 终审 → 入卷, with return, withdrawal and reopening.

Which levels are used is the city's choice (`dossier_levels`); the last one used accepts.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from chuangwen.dossier import forms, rules, steps, tells
from chuangwen.dossier.models import Item
from chuangwen.dossier.models import State as S
from chuangwen.kernel.workflow.flow import Flow, ReasonForm, Step

CHECKS = (S.UNIT_CHECK.value, S.OFFICE_CHECK.value, S.FINAL_CHECK.value)
LIVE = (S.DRAFT.value, *CHECKS, S.ACCEPTED.value)
SEND = (("send", steps.limit_of_send),)
CHECK = (("check", steps.limit_of_check),)


class ItemFlow(Flow):
    """From asking a unit to a paper in the dossier."""

    subject = Item
    title = _("材料")
    states = S
    start = S.DRAFT
    closed = frozenset({S.ACCEPTED, S.VOID})
    steps = (
        Step("open", _("要材料"), (), S.DRAFT, rules.office, is_quiet=True, starts=SEND, tells=tells.opened,
             asks=steps.asks_material),
        Step("write", _("写报告"), (S.DRAFT,), None, rules.writer, forms.WriteForm, is_quiet=True, work=steps.write),
        Step("attach", _("加佐证"), (S.DRAFT,), None, rules.writer, is_quiet=True),
        Step("describe", _("改佐证"), (S.DRAFT,), None, rules.writer, is_quiet=True),
        Step("detach", _("去掉佐证"), (S.DRAFT,), None, rules.writer, is_quiet=True),
        Step("put_back", _("恢复佐证"), (S.DRAFT,), None, rules.writer, is_quiet=True),
        Step("send_up", _("报送"), (S.DRAFT,), steps.next_level, rules.writer, forms.SendForm, ends=CHECKS, is_main=True,
             guard=steps.held_up, work=steps.send, stops=("send",), starts=CHECK, tells=tells.to_reviewer),
        Step("withdraw", _("撤回"), CHECKS, S.DRAFT, rules.sender & rules.writer, guard=steps.is_looked_at,
             stops=("check",), starts=SEND),
        Step("look", _("打开审核"), CHECKS, None, rules.reviewer, is_quiet=True, guard=steps.is_looked_at, work=steps.look),
        Step("pass_unit", _("通过"), (S.UNIT_CHECK,), steps.next_level, rules.head, forms.PassForm,
             ends=(S.OFFICE_CHECK, S.FINAL_CHECK), is_main=True, work=steps.passed, stops=("check",), starts=CHECK,
             tells=tells.to_reviewer),
        Step("return_unit", _("退回"), (S.UNIT_CHECK,), S.DRAFT, rules.head, ReasonForm, stops=("check",), starts=SEND,
             tells=tells.to_unit),
        Step("pass_office", _("通过"), (S.OFFICE_CHECK,), S.FINAL_CHECK, rules.office, forms.PassForm, is_main=True,
             guard=steps.no_more_levels, work=steps.passed, stops=("check",), starts=CHECK, tells=tells.to_reviewer),
        Step("accept", _("入卷"), (S.OFFICE_CHECK,), S.ACCEPTED, rules.office, forms.PassForm, is_main=True,
             guard=steps.not_last, work=steps.passed, stops=("check", "send"), tells=tells.to_unit),
        Step("return_office", _("退回"), (S.OFFICE_CHECK,), S.DRAFT, rules.office, ReasonForm, stops=("check",),
             starts=SEND, tells=tells.to_unit),
        Step("accept_final", _("入卷"), (S.FINAL_CHECK,), S.ACCEPTED, rules.final, forms.PassForm, is_main=True,
             work=steps.passed, stops=("check", "send"), tells=tells.to_unit),
        Step("return_final", _("退回"), (S.FINAL_CHECK,), S.DRAFT, rules.final, ReasonForm, stops=("check",), starts=SEND,
             tells=tells.to_unit),
        Step("urge", _("催报"), (S.DRAFT, S.UNIT_CHECK), None, rules.office, guard=steps.urged_today, tells=tells.urged),
        Step("serve", _("共用"), LIVE, None, rules.office, forms.ServeForm, work=steps.serve),
        Step("unserve", _("不再共用"), LIVE, None, rules.office, is_quiet=True),
        Step("reopen", _("重报"), (S.ACCEPTED, S.VOID), S.DRAFT, rules.office, ReasonForm, work=steps.reopen, starts=SEND,
             tells=tells.to_unit),
        Step("void", _("不需要"), (S.DRAFT, *CHECKS), S.VOID, rules.final, ReasonForm, stops=("send", "check"), frees=True,
             tells=tells.to_unit),
    )  # fmt: skip
