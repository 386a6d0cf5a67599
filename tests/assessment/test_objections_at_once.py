"""Two people at the same button: one objection to a row, one answer, one measure, one finding."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from chuangwen.assessment.consequence_models import Consequence
from chuangwen.assessment.consequences import (
    ConsequenceFacts,
    SpecialFacts,
    add_finding,
    record_consequence,
    record_special,
)
from chuangwen.assessment.objection_flow import ObjectionFlow
from chuangwen.assessment.objections import raise_objection
from chuangwen.assessment.ranking_models import Objection
from chuangwen.kernel.workflow import history
from chuangwen.kernel.workflow.flow import Refused
from chuangwen.tasks.models import Task
from tests.assessment.month import bad_rows, line_of, month_of
from tests.problems.test_at_once import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def wrong(results):
    return [r for r in results if isinstance(r, Exception) and not isinstance(r, Refused)]


def test_one_row_is_in_one_objection_and_one_answer_counts(town):
    line = line_of(month_of(town, {"cgj": {"fixed_in_time": (6, 4)}}), town.units["cgj"])
    people = [town.people["liaison"], town.people["head"]]
    results = at_once(lambda i: raise_objection(line, bad_rows(line)[:2], "不认", by=people[i]), 2)
    assert wrong(results) == []
    objection = Objection.objects.get()
    ObjectionFlow.take(objection, "look", by=town.people["clerk"], given={"advice": "属实"})
    steps = ["grant", "refuse", "grant"]
    results = at_once(
        lambda i: ObjectionFlow.take(objection, steps[i], by=town.people["office"], given={"reason": "是"}), 3
    )
    assert wrong(results) == []
    assert sum(not isinstance(r, Exception) for r in results) == 1
    objection.refresh_from_db()
    line.refresh_from_db()
    assert line.parts["fixed_in_time"]["count"] == (8 if objection.state == "granted" else 10)
    assert list(history.verify()) == []


def test_one_measure_and_one_finding(town):
    office, today = town.people["office"], timezone.localdate()
    facts = ConsequenceFacts("criticism", town.units["cgj"], today, "通报第 9 号")
    assert wrong(at_once(lambda i: record_consequence(facts, by=office), 3)) == []
    assert Consequence.objects.count() == 1
    special = record_special(SpecialFacts("巡察", town.units["cgj"], "一组", today, today, "示例"), by=office)
    due = today + dt.timedelta(days=9)
    assert wrong(at_once(lambda i: add_finding(special, "台账不全", due, by=office), 3)) == []
    assert Task.objects.count() == 1
    assert list(history.verify()) == []
