"""Ideas: read before they are public, one device once, merged with their supporters, answered, put into tasks."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest

from chuangwen.kernel.models import Clock, Entry
from chuangwen.kernel.workflow import history
from chuangwen.kernel.workflow.flow import BadInput, NotAllowed, Refused
from chuangwen.tasks import ideas
from chuangwen.tasks.idea_flow import IdeaFlow
from chuangwen.tasks.idea_models import Idea, IdeaSupport
from chuangwen.tasks.ideas import Proposed, propose, support

TEXT = "杜甫路和人民路口多画一段电动车停车线"


def sent(text=TEXT, **more):
    return propose(Proposed(uuid.uuid4(), text, **more))[0]


def take(idea, code, by, **given):
    return IdeaFlow.take(idea, code, by=by, given=given).matter


@pytest.fixture
def open_idea(town):
    idea = sent(name="王某", device="d0")
    return take(idea, "release", town.people["office"], public_text="路口多画一段停车线", topic="停车")


def test_sending_twice_gives_one_idea_and_the_same_link(town):
    uid = uuid.uuid4()
    first, secret = propose(Proposed(uid, TEXT))
    again, same = propose(Proposed(uid, TEXT))
    assert (first.pk, secret) == (again.pk, same)
    assert Idea.objects.count() == Entry.objects.filter(subject="tasks.idea").count() == 1
    assert ideas.by_secret(secret) == first
    assert secret not in f"{first.secret}{first.uid}"
    assert ideas.by_secret(secret[:-1]) is None


@pytest.mark.parametrize(("text", "why"), [("太短", "多写几个字"), ("长" * 1001, "最多 1000 字")])
def test_words_that_cannot_be_read_are_refused(town, text, why):
    with pytest.raises(Refused, match=why):
        sent(text)
    assert not Idea.objects.exists()


def test_nothing_is_public_before_somebody_released_it(town):
    idea = sent("我家在紫荆路 12 号，电话 13800001111，门口要装路灯")
    assert list(ideas.public()) == []
    take(idea, "release", town.people["office"], public_text="居民楼门口加装路灯", topic="")
    assert [row.public_text for row in ideas.public()] == ["居民楼门口加装路灯"]


def test_a_public_idea_waits_for_its_answer_on_a_clock(open_idea):
    names = list(
        Clock.objects.filter(subject="tasks.idea", stopped_at__isnull=True).values_list("name", flat=True)
    )
    assert names == ["answer"]
    assert open_idea.next_due_at is not None


def test_one_device_counts_once(open_idea):
    assert [support(open_idea, device) for device in ("a", "b", "a", "")] == [True, True, False, False]
    open_idea.refresh_from_db()
    assert open_idea.supports == IdeaSupport.objects.count() == 2


def test_a_merged_idea_gives_its_supporters_and_its_sender(open_idea, town):
    other = sent("人民路口电动车没地方停，再画一段线")
    other = take(other, "release", town.people["clerk"], public_text="人民路口再画一段停车线")
    for device in ("a", "b"):
        support(open_idea, device)
    for device in ("b", "c"):
        support(other, device)
    take(other, "merge", town.people["clerk"], into=open_idea.number.lower())
    open_idea.refresh_from_db()
    assert open_idea.supports == 4  # a, b, c and who sent the other one
    assert other.pk not in [row.pk for row in ideas.public()]
    with pytest.raises(BadInput, match="并入"):
        take(open_idea, "merge", town.people["clerk"], into=other.number)
    with pytest.raises(BadInput, match="不能并入自己"):
        take(open_idea, "merge", town.people["clerk"], into=open_idea.number)


def test_an_adopted_idea_becomes_a_task_and_shows_what_was_done(open_idea, town):
    office = town.people["office"]
    with pytest.raises(BadInput, match="期限"):
        take(open_idea, "adopt", office, answer="采纳", unit=town.units["cgj"].pk)
    idea = take(open_idea, "adopt", office, answer="年内补画", unit=town.units["cgj"].pk, due_on="2027-03-31")
    assert (idea.task.unit, idea.task.due_on, idea.task.source) == (
        town.units["cgj"],
        dt.date(2027, 3, 31),
        idea.number,
    )
    assert "王某" not in f"{idea.task.title}{idea.task.text}"
    with pytest.raises(Refused, match="已经答复"):
        support(idea, "z")
    idea = take(idea, "done", office, done_text="补画 30 米，在路口东北角")
    assert [row.done_text for row in ideas.answered()] == ["补画 30 米，在路口东北角"]
    assert list(history.verify("tasks.idea", idea.pk)) == []
    assert not Clock.objects.filter(subject="tasks.idea", stopped_at__isnull=True).exists()


def test_only_the_office_decides(open_idea, town):
    for code, given in (("adopt", {"answer": "好"}), ("decline", {"answer": "不"})):
        with pytest.raises(NotAllowed):
            take(open_idea, code, town.people["clerk"], **given)
    with pytest.raises(NotAllowed):
        take(open_idea, "hide", town.people["dispatcher"], reason="不当")


def test_somebody_said_it_already(open_idea):
    assert ideas.like("人民路口多画停车线，现在乱停") == [open_idea]
    assert ideas.like("图书馆晚上延长开放时间") == []
    assert ideas.like("") == []
