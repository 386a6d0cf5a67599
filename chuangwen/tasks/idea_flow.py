"""The table of steps of ideas (row 75): read before it is public, merged, answered, put into a task, shown when done."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from chuangwen.kernel.city import setting
from chuangwen.kernel.models import Person, Unit
from chuangwen.kernel.people.rules import Nobody
from chuangwen.kernel.workflow.calendar import Limit
from chuangwen.kernel.workflow.calendar import Unit as ClockUnit
from chuangwen.kernel.workflow.flow import Flow, ReasonForm, Step
from chuangwen.tasks import idea_forms as forms
from chuangwen.tasks import rules
from chuangwen.tasks.actions import make_task
from chuangwen.tasks.idea_models import Idea, IdeaState, IdeaSupport

S = IdeaState


def reading_limit(idea: Idea) -> Limit:
    return Limit(Decimal(setting("idea_read_days", 3)), ClockUnit.WORK_DAY)


def answer_limit(idea: Idea) -> Limit:
    return Limit(Decimal(setting("idea_answer_days", 20)), ClockUnit.WORK_DAY)


def release(idea: Idea, *, by: Person | None, at: dt.datetime, public_text: str, topic: str) -> None:
    idea.public_text, idea.topic = public_text, topic


def merge(idea: Idea, *, by: Person | None, at: dt.datetime, into: Idea) -> None:
    """The one it says again takes over its supporters; a device that supported both counts once."""
    idea.into = into
    devices = list(idea.supporters.values_list("device", flat=True))
    known = set(into.supporters.filter(device__in=devices).values_list("device", flat=True))
    new = [device for device in devices if device not in known]
    IdeaSupport.objects.bulk_create(IdeaSupport(idea=into, device=device, at=at) for device in new)
    # Who sent it is one supporter too.
    Idea.objects.filter(pk=into.pk).update(supports=F("supports") + len(new) + 1)


def answer(idea: Idea, *, by: Person | None, at: dt.datetime, answer: str) -> None:
    idea.answer, idea.answered_at = answer, at
    idea.public_text = idea.public_text or idea.text[:300]


def adopt(
    idea: Idea, *, by: Person | None, at: dt.datetime, answer: str, unit: Unit | None, due_on: dt.date | None
) -> Mapping[str, Any]:
    idea.answer, idea.answered_at, idea.unit = answer, at, unit
    if unit is None or due_on is None:
        return {}
    idea.task = make_task(
        by=by, kind="activity", title=idea.public_text[:120], due_on=due_on, at=at, unit=unit,
        text=_t("来自建言 %(number)s：%(text)s") % {"number": idea.number, "text": idea.public_text},
        source=idea.number, is_sample=idea.is_sample,
    )  # fmt: skip
    return {"task": idea.task.number}


def finish(idea: Idea, *, by: Person | None, at: dt.datetime, done_text: str) -> None:
    idea.done_text, idea.done_at = done_text, at


class IdeaFlow(Flow):
    """待审 → 公开征集 → 采纳 or 不采纳; merged with one alike, or kept from the public with a reason."""

    subject = Idea
    title = _("建言")
    states = S
    start = S.RECEIVED
    closed = frozenset({S.ADOPTED, S.DECLINED, S.MERGED, S.HIDDEN})
    steps = (
        Step("send", _("建言"), (), S.RECEIVED, Nobody(), is_quiet=True, starts=(("read", reading_limit),)),
        Step("release", _("公开征集"), (S.RECEIVED, S.HIDDEN), S.OPEN, rules.desk, forms.ReleaseForm, is_main=True,
             work=release, stops=("read",), starts=(("answer", answer_limit),)),
        Step("reword", _("改公开的话"), (S.OPEN,), None, rules.desk, forms.ReleaseForm, work=release),
        Step("merge", _("并入另一条"), (S.RECEIVED, S.OPEN), S.MERGED, rules.desk, forms.MergeIdeaForm, work=merge,
             stops=("read", "answer")),
        Step("adopt", _("采纳"), (S.OPEN,), S.ADOPTED, rules.edit, forms.AdoptForm, is_main=True, work=adopt,
             stops=("answer",)),
        Step("decline", _("不采纳"), (S.OPEN,), S.DECLINED, rules.edit, forms.AnswerForm, work=answer, stops=("answer",)),
        Step("hide", _("不公开"), (S.RECEIVED, S.OPEN), S.HIDDEN, rules.desk, ReasonForm, stops=("read", "answer")),
        Step("done", _("写做了什么"), (S.ADOPTED,), None, rules.desk, forms.DoneForm, work=finish),
    )  # fmt: skip
