"""Objections: who may, to what, until when, only once; two persons answer; a granted one changes score and history."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal

import pytest
from django.utils import timezone

from chuangwen.assessment.objection_flow import ObjectionFlow
from chuangwen.assessment.objections import raise_objection
from chuangwen.assessment.ranking_flow import RankingFlow
from chuangwen.assessment.ranking_models import Objection, RankFact, Ranking
from chuangwen.kernel.models import Clock, Entry, Notice, Person, Post
from chuangwen.kernel.workflow import history
from chuangwen.kernel.workflow.flow import BadInput, NotAllowed, Refused
from tests.assessment.month import bad_rows, line_of, month_of

ROWS = {
    "cgj": {"fixed_in_time": (6, 4), "passed_first": (10, 0)},
    "jtj": {"fixed_in_time": (9, 1), "passed_first": (10, 0)},
}


@pytest.fixture
def month(town):
    return month_of(town, ROWS)


@pytest.fixture
def line(town, month):
    return line_of(month, town.units["cgj"])


def second_of_office(town):
    person = Person.objects.create(username="office2", name="示例 office2")
    Post.objects.create(person=person, role="office", unit=town.units["office"], from_on=dt.date(2026, 1, 1))
    return person


def objected(town, line, rows=2):
    return raise_objection(line, bad_rows(line)[:rows], "不是本单位的路段", by=town.people["liaison"])


def test_two_rows_taken_out_change_the_score_and_say_why(town, month, line):
    assert line.score == Decimal("76.0000")  # 60 × 6/10 + 40
    objection = objected(town, line)
    ObjectionFlow.take(objection, "look", by=town.people["clerk"], given={"advice": "属实，路段不归城管"})
    ObjectionFlow.take(objection, "grant", by=town.people["office"], given={"reason": "路段分界图"})

    line.refresh_from_db()
    assert line.score == Decimal("85.0000")  # 60 × 6/8 + 40
    assert RankFact.objects.filter(objection=objection).count() == 2
    entry = Entry.objects.get(subject="assessment.objection", subject_id=objection.pk, step="grant")
    assert entry.given["rows"] == 2
    assert entry.given["score"] == [{"decimal": "76.0000"}, {"decimal": "85.0000"}]
    assert entry.given["reason"] == "路段分界图"
    assert list(history.verify()) == []
    told = Notice.objects.filter(unit=town.units["cgj"], subject="assessment.objection")
    assert "已采纳" in told.get().text


def test_refused_one_leaves_the_score_and_is_answered_with_a_reason(town, month, line):
    objection = objected(town, line)
    ObjectionFlow.take(objection, "look", by=town.people["clerk"], given={"advice": "照片有日期"})
    with pytest.raises(BadInput):
        ObjectionFlow.take(objection, "refuse", by=town.people["office"], given={})
    ObjectionFlow.take(objection, "refuse", by=town.people["office"], given={"reason": "反馈晚了两天"})
    line.refresh_from_db()
    assert line.score == Decimal("76.0000")
    assert not RankFact.objects.filter(objection__isnull=False).exists()
    assert "不采纳" in Notice.objects.get(unit=town.units["cgj"], subject="assessment.objection").text


def test_two_persons_answer(town, line):
    objection = objected(town, line)
    office = town.people["office"]
    with pytest.raises(Refused):  # not before the first look
        ObjectionFlow.take(objection, "grant", by=office, given={"reason": "是"})
    ObjectionFlow.take(objection, "look", by=office, given={"advice": "属实"})
    with pytest.raises(NotAllowed, match="两个人"):
        ObjectionFlow.take(objection, "grant", by=office, given={"reason": "是"})
    done = ObjectionFlow.take(objection, "grant", by=second_of_office(town), given={"reason": "是"})
    assert done.matter.state == "granted"


@pytest.mark.parametrize("post", ["liaison2", "office", "clerk", "nobody", "inspector"])
def test_only_the_unit_itself_objects(town, line, post):
    with pytest.raises(NotAllowed):
        raise_objection(line, bad_rows(line)[:1], "不认", by=town.people[post])
    assert not Objection.objects.exists()


def test_only_in_the_preview_and_before_its_end(town, line, month):
    liaison = town.people["liaison"]
    with pytest.raises(Refused, match="截止"):
        raise_objection(line, bad_rows(line)[:1], "不认", by=liaison, at=month.preview_until)
    Ranking.objects.filter(pk=month.pk).update(state="draft")
    with pytest.raises(Refused, match="试算"):
        raise_objection(line, bad_rows(line)[:1], "不认", by=liaison)
    Ranking.objects.filter(pk=month.pk).update(state="frozen")
    with pytest.raises(Refused, match="定稿"):
        raise_objection(line, bad_rows(line)[:1], "不认", by=liaison)


def test_only_own_rows_that_lost_something_and_each_once(town, month, line):
    liaison, other = town.people["liaison"], line_of(month, town.units["jtj"])
    good = RankFact.objects.filter(ranking=month, key=line.key, value=10_000).first()
    for rows, words in (([], "勾选"), (bad_rows(other), "不在本单位"), ([good], "没有失分")):
        with pytest.raises(Refused, match=words):
            raise_objection(line, rows, "不认", by=liaison)
    with pytest.raises(Refused, match="理由"):
        raise_objection(line, bad_rows(line)[:1], "  ", by=liaison)
    first = objected(town, line)
    with pytest.raises(Refused, match=first.number):
        raise_objection(line, bad_rows(line)[1:3], "不认", by=liaison)
    ObjectionFlow.take(first, "withdraw", by=liaison)
    assert raise_objection(line, bad_rows(line)[1:3], "不认", by=liaison).facts.count() == 2


def test_sent_twice_is_there_once(town, line):
    uid = uuid.uuid4()
    rows = bad_rows(line)[:2]
    made = [raise_objection(line, rows, "不认", by=town.people["liaison"], uid=uid) for _twice in (1, 2)]
    assert made[0] == made[1]
    assert Objection.objects.count() == 1


def test_the_answer_has_a_limit_and_an_open_one_holds_the_freeze(town, month, line):
    objection = objected(town, line)
    clock = Clock.objects.get(subject="assessment.objection", subject_id=objection.pk)
    assert (clock.name, clock.amount, clock.unit) == ("answer", 3, "work_day")
    late = month.preview_until + dt.timedelta(minutes=1)
    with pytest.raises(Refused, match="申诉"):
        RankingFlow.take(month, "freeze", by=town.people["office"], at=late)
    ObjectionFlow.take(objection, "withdraw", by=town.people["liaison"])
    clock.refresh_from_db()
    assert clock.stopped_at is not None
    frozen = RankingFlow.take(month, "freeze", by=town.people["office"], at=late).matter
    assert frozen.state == "frozen"


def test_a_frozen_month_is_not_changed_by_a_late_answer(town, month, line):
    objection = objected(town, line)
    ObjectionFlow.take(objection, "look", by=town.people["clerk"], given={"advice": "属实"})
    Ranking.objects.filter(pk=month.pk).update(state="frozen", frozen_at=timezone.now())
    with pytest.raises(Refused, match="不能再改"):
        ObjectionFlow.take(objection, "grant", by=town.people["office"], given={"reason": "是"})
    assert not RankFact.objects.filter(objection__isnull=False).exists()
