"""The table of steps of a round: 拟定 → 已抽点 → 进行 → 结束 → 已公布, and 取消; what is recorded leaves an entry each.

Who may is in `rules.py`, what a step does in `steps.py`; drawing, recording and releasing are functions of
`actions.py`, `recording.py` and `releasing.py`, which take the quiet steps of this table.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from chuangwen.inspections import rules, steps, tells
from chuangwen.inspections.models import Round
from chuangwen.inspections.models import State as S
from chuangwen.kernel.people.rules import Nobody
from chuangwen.kernel.workflow.flow import Flow, ReasonForm, Step

OPEN = (S.PLANNED, S.DRAWN, S.RUNNING)
BY_MEMBER = Nobody()  # asked in `recording.py`: the members of the visit's team, and the maker


class RoundFlow(Flow):
    """From plan to release."""

    subject = Round
    title = _("考察轮次")
    states = S
    start = S.PLANNED
    closed = frozenset({S.RELEASED, S.CANCELLED})
    steps = (
        Step("plan", _("拟定"), (), S.PLANNED, rules.make, is_quiet=True),
        Step("revise", _("改方案"), (S.PLANNED, S.DRAWN), S.PLANNED, rules.manage, is_quiet=True),
        Step("draw", _("抽点"), (S.PLANNED, S.DRAWN), S.DRAWN, rules.manage, is_quiet=True),
        Step("start", _("开始"), (S.DRAWN,), S.RUNNING, rules.manage, is_main=True, tells=tells.started),
        Step("visit", _("记录考察"), (S.RUNNING,), None, BY_MEMBER, is_quiet=True, by_clock=True),
        Step("skip", _("未能去"), (S.RUNNING,), None, BY_MEMBER, is_quiet=True, by_clock=True),
        Step("reopen", _("重开一处"), (S.RUNNING, S.ENDED), S.RUNNING, rules.manage, is_quiet=True),
        Step("end", _("结束"), (S.RUNNING,), S.ENDED, rules.manage, is_main=True, guard=steps.nothing_recorded),
        Step("release", _("公布"), (S.ENDED,), S.RELEASED, rules.manage, is_main=True, work=steps.release,
             tells=tells.released),
        Step("opine", _("记意见"), (S.DRAWN, S.RUNNING, S.ENDED, S.RELEASED), None, rules.manage, is_quiet=True),
        Step("answer", _("答复意见"), (S.DRAWN, S.RUNNING, S.ENDED, S.RELEASED), None, BY_MEMBER, is_quiet=True,
             by_clock=True),
        Step("cancel", _("取消"), OPEN, S.CANCELLED, rules.manage, ReasonForm),
    )  # fmt: skip
