"""The table of steps of a resident's message: sent → taken in or waiting for a person → taken in or left out."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from chuangwen.kernel.people.rules import Nobody
from chuangwen.kernel.workflow.flow import Flow, ReasonForm, Step
from chuangwen.problems import rules
from chuangwen.problems import submission_steps as steps
from chuangwen.problems.models import Submission
from chuangwen.problems.models import SubmissionState as S


class SubmissionFlow(Flow):
    """What a resident sent, until it is a report."""

    subject = Submission
    title = _("市民来件")
    states = S
    start = S.WAITING
    closed = frozenset({S.TAKEN, S.DROPPED})
    steps = (
        Step("send", _("市民上报"), (), steps.after_send, Nobody(), ends=(S.WAITING, S.TAKEN), is_quiet=True,
             by_clock=True, tells=steps.burst),
        Step("release", _("收进"), (S.WAITING,), S.TAKEN, rules.dispatcher, is_main=True, work=steps.release),
        Step("drop", _("不收…"), (S.WAITING,), S.DROPPED, rules.dispatcher, ReasonForm),
        Step("restore", _("放回"), (S.DROPPED,), S.WAITING, rules.dispatcher),
        # By who holds the link's secret, which is nobody the system knows.
        Step("rate", _("市民评价"), (S.TAKEN,), None, Nobody(), steps.RatingForm, is_quiet=True, by_clock=True,
             guard=steps.why_no_rating, work=steps.rate, personal=("text",)),
        Step("phone", _("市民留手机"), (S.WAITING, S.TAKEN), None, Nobody(), steps.PhoneForm, is_quiet=True,
             by_clock=True, work=steps.phone, personal=("phone",)),
    )  # fmt: skip
