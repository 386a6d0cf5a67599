"""The day on the phone: what is in it, who sees what, and what it costs."""

from __future__ import annotations

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chuangwen.inspections.models import Visit
from tests.faces.field.conftest import Phone, all_right, item_of, record

pytestmark = pytest.mark.django_db


def day(phone, **headers):
    return phone.client.get("/field/day.json", headers=headers)


def test_the_day_has_all_a_phone_needs(phones, visits, ground):
    told = day(phones[0]).json()
    assert told["me"]["name"] == phones[0].person.name and told["limits"]["piece"] == 262144
    assert {one["uid"] for one in told["visits"]} == {
        str(v.uid) for v in visits if v.day is None or v.day <= v.round.from_on
    }
    one = told["visits"][0]
    assert one["round"] == told["rounds"][0]["number"] and one["place"]["lon"]
    items = told["checklists"][one["checklist"]]["items"]
    assert [item["way"] for item in items] == ["bands", "pass_fail", "points"]
    assert items[0]["bands"] == ["A", "B", "C"] and items[2]["count"] == 1 and items[2]["count_label"]
    assert any(kind["code"] == "0301" and "垃圾" in kind["keywords"] for kind in told["kinds"])
    assert told["rechecks"] == [] and told["looks"] == []


def test_an_unchanged_day_is_not_sent_again(phones, visits):
    first = day(phones[0])
    again = day(phones[0], **{"If-None-Match": first["ETag"]})
    assert again.status_code == 304 and again.content == b"" and again["ETag"] == first["ETag"]
    phones[1].one(record("visit", all_right(visits[0])))
    assert day(phones[0], **{"If-None-Match": first["ETag"]}).status_code == 200


def test_what_failed_last_time_stands_beside_the_visit(phones, visits, running, ground):
    first = phones[0]
    wrong = item_of(visits[0], "pass")
    given = all_right(visits[0], seen=[{"item": wrong, "result": 0, "note": "垃圾"}])
    assert first.one(record("visit", given))["status"] == "kept"
    later = running(seed="seed-1", teams=1)
    Visit.objects.filter(round=later).exclude(place=visits[0].place).delete()
    made, _new = Visit.objects.get_or_create(
        round=later, place=visits[0].place, is_second=False,
        defaults={"team": later.teams.get(), "site_type": visits[0].site_type, "street": visits[0].street},
    )  # fmt: skip
    Visit.objects.filter(pk=made.pk).update(day=None)
    told = {one["uid"]: one for one in day(first).json()["visits"]}
    before = told[str(made.uid)]["before"]
    assert before["failed"] == 1 and before["items"] == [f"{visits[0].site_type.name}pass检查"]
    assert told[str(visits[0].uid)]["before"] is None  # its own round says nothing of itself


def test_nobody_takes_along_what_is_not_his(phones, running, ground):
    hidden = running(kind="covert", teams=1)
    stranger = Phone(ground.people["office"])
    assert hidden.number not in day(Phone(ground.raters[2])).content.decode()
    assert day(stranger).json()["visits"] == []
    assert hidden.number in day(phones[0]).content.decode()


def test_queries_do_not_grow_with_the_visits(phones, visits, ground, answered_cases):
    def cost():
        day(phones[0])  # what a process learns once
        with CaptureQueriesContext(
            connection,
        ) as seen:
            answer = day(phones[0])
        return len(seen), len(json.loads(answer.content)["visits"])

    Visit.objects.filter(round=visits[0].round).update(day=None)
    many, all_of_them = cost()
    Visit.objects.filter(pk__in=[v.pk for v in visits[1:]]).delete()
    few, one = cost()
    assert (all_of_them, one) == (len(visits), 1) and many == few <= 22


@pytest.fixture
def answered_cases(town, make_picture):
    """Two cases that wait for a re-check, so that their photos are asked for too."""
    from chuangwen.problems.models import Case

    for n in (1, 2):
        Case.objects.create(
            number=f"SL-{n}", source="patrol", what="示例", state="answered", street=town.street
        )
