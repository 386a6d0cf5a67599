"""The big screen: its figures are the desk's, its events are right, only readers open it, queries stay few."""

from __future__ import annotations

import datetime as dt
import json
import re
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chuangwen.faces.wall import figures
from chuangwen.kernel.city import forget
from chuangwen.kernel.models import City
from chuangwen.problems import queries, rates, situation
from chuangwen.problems.actions import Told, confirm_case, take_report
from chuangwen.problems.ladder import prepare_rung
from chuangwen.problems.models import Case, Rung, State

pytestmark = pytest.mark.django_db
READERS = ("office", "clerk", "leader", "auditor")


def report(town, text="南门垃圾桶满溢两天", **more):
    return take_report(
        Told(text=text, lon=113.0, lat=34.7601, **{"source": "resident", "kind": town.kind, **more}), by=None
    ).case


def assigned(town, text="南门垃圾桶满溢两天", late_days=0, **changes):
    case = confirm_case(report(town, text), by=town.people["dispatcher"])
    if late_days:
        due = timezone.now() - dt.timedelta(days=late_days)
        changes |= {"due_at": due, "fix_due_at": due}
    if changes:
        Case.objects.filter(pk=case.pk).update(**changes)
        case.refresh_from_db()
    return case


def as_(person):
    client = Client()
    client.force_login(person)
    forget()
    return client


@pytest.fixture
def busy(town):
    """Late, running, new, closed, void and covert cases, some without a street."""
    now = timezone.now()
    last_month = now.replace(day=1) - dt.timedelta(days=3)
    assigned(town, "超期一件", late_days=2)
    assigned(town, "在办一件")
    assigned(town, "暂停一件", late_days=1, is_paused=True)
    report(town, "新报一件")
    Case.objects.filter(pk=report(town, "没有街道").pk).update(street=None)
    Case.objects.filter(pk=report(town, "暗访一件").pk).update(source="covert")
    done = {"state": State.CLOSED, "answered_at": now, "closed_at": now}
    assigned(town, "今天销号", **done)
    assigned(town, "作废一件", state=State.VOID, closed_at=now)
    for text, answered in (
        ("上月按期", last_month - dt.timedelta(hours=5)),
        ("上月超期", last_month + dt.timedelta(hours=5)),
    ):
        assigned(
            town, text, state=State.CLOSED, fix_due_at=last_month, answered_at=answered, closed_at=answered
        )
    return town


@pytest.mark.parametrize("post", [*READERS, "liaison", "inspector"])
def test_figures_are_those_of_the_desk(busy, post):
    """Also for posts that see a part only: what one may not see is not counted here either."""
    person, now = busy.people[post], timezone.now()
    found = figures.read(person, now)

    assert found.total.open == queries.open_cases(person).count()
    assert found.total.late == queries.cases_overdue(person, now).count()
    by_site = sum(situation.load_by("site_id", person, now).values(), situation.Load())
    assert by_site == found.total


def test_today_and_last_month(busy):
    office, now = busy.people["office"], timezone.now()
    found = figures.read(office, now)
    first, last = found.month.month, now.date().replace(day=1) - dt.timedelta(days=1)
    table = rates.total(rates.table("unit", rates.days(first, last), person=office))

    assert (found.month.rate.numerator, found.month.rate.denominator) == (1, 2)
    assert found.month.rate == table.rates["fixed_in_time"]
    assert found.closed == 1
    assert found.reported == Case.objects.filter(reported_at__date=timezone.localdate(now)).count()
    assert found.total == situation.Load(6, 1)
    client = as_(office)
    for code, n in (("reported", found.reported), ("closed", found.closed)):
        page = client.get(f"/wall/today/{code}/").content.decode()
        assert page.count('<td class="cw-one"><a href="/cases/') == n


def test_ladder_counts_the_highest_step_once(town):
    office, now = town.people["office"], timezone.now()
    low = Rung.objects.create(
        rank=1,
        trigger="before_due",
        amount=Decimal(1),
        unit="work_day",
        action="remind_liaison",
        source="示例",
    )
    circular = Rung.objects.create(
        rank=2, trigger="after_due", amount=Decimal(1), unit="work_day", action="circular", source="示例"
    )
    yellow = Rung.objects.create(
        rank=3,
        trigger="after_due",
        amount=Decimal(2),
        unit="work_day",
        action="supervise_yellow",
        source="示例",
    )
    body = Rung.objects.create(
        rank=4,
        trigger="after_due",
        amount=Decimal(9),
        unit="work_day",
        action="hand_discipline",
        source="示例",
    )
    forget()
    assigned(town, "提醒过", rung=1)
    twice = assigned(town, "两级", rung=3)
    prepare_rung(twice, circular, now, "示例")
    prepare_rung(twice, yellow, now, "示例")
    prepare_rung(twice, body, now, "示例")
    dropped = prepare_rung(assigned(town, "不发", rung=2), circular, now, "示例")
    dropped.decided_at, dropped.is_signed = now, False
    dropped.save()
    prepare_rung(assigned(town, "已销号", state=State.CLOSED, closed_at=now), yellow, now, "示例")

    steps = {step.code: step.count for step in situation.on_ladder(office)}
    assert low.action not in steps
    assert steps == {"reminded": 2, "circular": 0, "supervise_yellow": 1}


def test_hot_spots_count_the_chain(town):
    first = assigned(town, "头一次", state=State.CLOSED, closed_at=timezone.now(), site=town.site)
    second = assigned(
        town, "第二次", state=State.CLOSED, closed_at=timezone.now(), recurs_of=first, site=town.site
    )
    third = assigned(town, "第三次", recurs_of=second, site=town.site)
    assigned(town, "另一处", recurs_of=first, address="北门")

    spots = situation.hot_spots(town.people["office"], timezone.now())

    assert (spots[0].case.pk, spots[0].times) == (third.pk, 3)
    assert spots[0].where == "文化街农贸市场"
    assert [spot.times for spot in spots] == [3, 2]


def test_page_shows_the_figures_and_no_free_text(busy):
    page = as_(busy.people["office"]).get("/wall/")
    text = page.content.decode()

    assert page.status_code == 200
    for figure, label in (("6", "未销号"), ("1", "超期"), ("50.0%", "按期处置")):
        assert re.search(rf"<b>{figure}</b>[^b]*{label}", text), label
    assert "示意图形，非真实边界" in text  # a demonstration's outlines are none
    assert "超期一件" not in text  # what a resident wrote has no place in a room
    City.objects.update(is_demo=False)
    real = as_(busy.people["office"]).get("/wall/?sites=1").content.decode()
    assert "示意图形" not in real
    assert real.count("h0") == 1  # the one site as a dot


def test_content_policy_is_strict(busy):
    page = as_(busy.people["office"]).get("/wall/")
    text = page.content.decode()
    assert "script-src 'self'; style-src 'self'" in page.headers["Content-Security-Policy"]
    assert not re.search(r"<script(?![^>]*\bsrc=)|\sstyle=|\son\w+=", text)


def test_who_may(town):
    for role in (
        "office",
        "clerk",
        "leader",
        "auditor",
        "dispatcher",
        "checker",
        "head",
        "liaison",
        "inspector",
        "nobody",
    ):
        expected = 200 if role in READERS else 404
        for path in ("/wall/", "/wall/events/", "/wall/map/"):
            assert as_(town.people[role]).get(path).status_code == expected, (role, path)
    assert Client().get("/wall/events/").status_code == 302


def event(text):
    fields = dict(line.split(": ", 1) for line in text.strip().split("\n"))
    return fields, json.loads(fields["data"])


def test_events_end_at_once_and_repeat_nothing(town):
    case = assigned(town, late_days=1)
    client = as_(town.people["office"])
    answer = client.get("/wall/events/")

    assert answer["Content-Type"].startswith("text/event-stream")
    assert not answer.streaming
    assert answer.content.endswith(b"\n\n")
    fields, data = event(answer.content.decode())
    assert (fields["event"], fields["retry"]) == ("figures", "5000")
    assert answer["ETag"] == f'"{fields["id"]}"'
    assert set(data["html"]) == set(figures.PARTS)
    assert data["fill"] == {town.street.code: 4}

    same, kept = event(client.get("/wall/events/", headers={"Last-Event-ID": fields["id"]}).content.decode())
    assert (same["event"], set(kept)) == ("same", {"at"})
    assert event(client.get(f"/wall/events/?known={fields['id']}").content.decode())[0]["event"] == "same"

    Case.objects.filter(pk=case.pk).update(state=State.CLOSED, closed_at=timezone.now())
    forget()
    after, changed = event(
        client.get("/wall/events/", headers={"Last-Event-ID": fields["id"]}).content.decode()
    )
    assert after["event"] == "figures"
    assert after["id"] != fields["id"]
    assert changed["fill"] == {town.street.code: 0}


def test_queries_do_not_grow_and_a_second_screen_asks_none(busy, django_assert_max_num_queries):
    client = as_(busy.people["office"])
    assigned(busy, "先有一件复发", late_days=1)  # so that every query has something to read

    def asked():
        forget()
        with CaptureQueriesContext(connection) as found:
            client.get("/wall/events/")
        return len(found)

    few = asked()
    for n in range(5):
        assigned(busy, f"再来{n}", late_days=1)
    assert asked() == few
    with django_assert_max_num_queries(3):  # session, person, posts
        client.get("/wall/events/")
