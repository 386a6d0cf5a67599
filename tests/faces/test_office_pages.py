"""Places, duties, gaps, search, things and the registers: what they show to whom, and that forms keep
the one-holder rule.
"""

from __future__ import annotations

import datetime as dt
import io

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from chuangwen.kernel.models import Demand, Duty, GateOpening, Person, Place, Post, Term, Unit
from chuangwen.kernel.places.duties import DutyFault, end_duty, give_duty
from chuangwen.problems.actions import Told, confirm_case, take_report
from chuangwen.registers.models import Thing

MARCH = dt.date(2026, 3, 1)


def as_(person):
    client = Client()
    client.force_login(person)
    return client


def text_of(response):
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def report(town, text="南门垃圾桶满溢", **more):
    told = Told(
        text=text, lon=113.0, lat=34.7651, site=town.site, **{"source": "resident", "kind": town.kind, **more}
    )
    return take_report(told, by=None).case


def test_a_new_leader_ends_the_old_one_the_day_before(town):
    office = town.people["office"]
    other = town.people["head"]
    first = Duty.objects.get(kind="area_leader")
    new = give_duty("area_leader", town.street, person=other, from_on=MARCH, by=office)
    again = give_duty("area_leader", town.street, person=other, from_on=MARCH, by=office)
    first.refresh_from_db()
    assert (new, first.to_on) == (again, dt.date(2026, 2, 28))
    for day, holder in ((dt.date(2026, 2, 28), first.person), (MARCH, other)):
        assert [
            d.person for d in Duty.objects.in_force(day).filter(kind="area_leader", place=town.street)
        ] == [holder]
    with pytest.raises(DutyFault, match="已担这项责任"):
        give_duty("area_leader", town.street, person=first.person, from_on=dt.date(2026, 2, 1), by=office)
    with pytest.raises(DutyFault, match="不能落在"):
        give_duty("site_leader", town.road, person=other, from_on=MARCH, by=office)
    with pytest.raises(DutyFault, match="写明单位或人"):
        give_duty("site_leader", town.site, from_on=MARCH, by=office)
    with pytest.raises(DutyFault, match="早于"):
        end_duty(new, dt.date(2026, 2, 1))


def test_gap_is_mended_from_its_own_link(town):
    client = as_(town.people["office"])
    page = text_of(client.get("/gaps/site_leader/"))
    assert (
        "/duties/new/?kind=site_leader&amp;place=S1" in page
        or "/duties/new/?kind=site_leader&place=S1" in page
    )
    assert "<b>1</b><small>/1 个</small>" in page
    given = {
        "kind": "site_leader",
        "place": "S1",
        "person": town.people["leader"].username,
        "from_on": "2026-03-01",
    }
    assert client.post("/duties/new/", given).headers["Location"] == "/sites/S1/"
    assert "<b>0</b><small>/1 个</small>" in text_of(client.get("/gaps/site_leader/"))
    assert "没有这个人" in text_of(client.post("/duties/new/", {**given, "person": "无此人"}))
    assert as_(town.people["liaison"]).get("/duties/new/").status_code == 404


def test_gaps_count_what_lacks(town):
    page = text_of(as_(town.people["office"]).get("/gaps/"))
    assert '<a href="/gaps/street_leader/">0</a>' in page
    assert '<a href="/gaps/site_unit/">1</a>' in page
    Duty.objects.create(kind="area_leader", place=town.street, person=town.people["head"], from_on=MARCH)
    Post.objects.filter(person=town.people["checker"]).update(to_on=dt.date(2026, 2, 1))
    page = text_of(as_(town.people["office"]).get("/gaps/"))
    assert '<a href="/gaps/street_leaders/">1</a>' in page
    assert town.people["checker"].name in text_of(as_(town.people["office"]).get("/gaps/post_ended/"))
    book = load_workbook(io.BytesIO(as_(town.people["office"]).get("/gaps/site_unit/export/").content))
    assert "文化街农贸市场" in [cell.value for row in book.active for cell in row]


def test_place_page_shows_unit_road_chief_and_cases_under_the_rule(town):
    town.site.road = town.road
    town.site.save()
    Duty.objects.create(
        kind="site_unit", place=town.site, unit=town.units["cgj"], from_on=MARCH, board_text="垃圾归城管局"
    )
    ours = confirm_case(report(town, "我方垃圾"), by=town.people["dispatcher"])
    theirs = confirm_case(report(town, "对方乱停", kind=town.street_kind), by=town.people["dispatcher"])
    report(town, "暗访店外经营", source="covert")
    page = text_of(as_(town.people["clerk"]).get("/sites/S1/"))
    for words in (
        "交通运输局",
        "垃圾归城管局",
        "新华路街道",
        ours.what,
        theirs.what,
        "店外经营",
        "/sites/S1/qr.svg",
    ):
        assert words in page, words
    unit = text_of(as_(town.people["liaison"]).get("/sites/S1/"))
    assert ours.what in unit and theirs.what not in unit and "店外经营" not in unit
    assert as_(town.people["clerk"]).get("/sites/none/").status_code == 404


def test_place_page_has_a_fixed_number_of_queries(town):
    client = as_(town.people["clerk"])
    seen = []
    for rows in (1, 2):
        for n in range(rows):
            confirm_case(report(town, f"垃圾{rows}{n}"), by=town.people["dispatcher"])
        client.get("/sites/S1/")
        with CaptureQueriesContext(connection) as queries:
            client.get("/sites/S1/")
        seen.append(len(queries))
    assert seen == [16, 16]


def test_qr_is_a_picture_of_its_own(town):
    answer = as_(town.people["clerk"]).get("/sites/S1/qr.svg")
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/svg+xml")
    assert b"<svg" in answer.content and b"style=" not in answer.content


def test_leader_list_and_checks(town):
    page = text_of(as_(town.people["office"]).get("/duties/"))
    assert "示例 leader" in page
    assert "<b>1</b><small>/1</small>" in page  # the one street has exactly one leader
    assert "新华路街道" in text_of(as_(town.people["office"]).get("/duties/of/leader/"))
    assert as_(town.people["office"]).get("/duties/of/nobody/").status_code == 404


def test_organisation_names_posts_stand_ins_and_load(town):
    group = Unit.objects.create(
        code="g1",
        name="市容组",
        short_name="市容组",
        kind="group",
        parent=town.units["office"],
        path="office/g1",
    )
    head = Post.objects.create(
        person=town.people["head"], role="head", unit=group, title="组长", from_on=MARCH
    )
    Post.objects.create(
        person=town.people["nobody"],
        role="head",
        unit=group,
        title="副组长",
        stand_in_for=head,
        from_on=MARCH,
    )
    confirm_case(report(town), by=town.people["dispatcher"], unit=group)
    page = text_of(as_(town.people["office"]).get("/organisation/"))
    assert "组长 <b>示例 head</b>" in page and "（代 示例 head）" in page
    assert page.count("<b>1</b><small>未销号") == 2  # the group's own, and the office above it


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("农贸", "/sites/S1/"),
        ("新华路", "新华路街道办"),
        ("示例 leader", "示例 leader"),
        ("垃圾桶", "南门垃圾桶满溢"),
        ("南门 满溢", "南门垃圾桶满溢"),
    ],
)
def test_search_finds_chinese_substrings(town, word, found):
    report(town)
    take_report(Told(text="农贸市场外垃圾", lon=113.0, lat=34.765, kind=town.kind), by=None)
    assert found in text_of(as_(town.people["clerk"]).get("/search/", {"q": word}, follow=True))


def test_search_by_number_opens_the_only_hit(town):
    case = report(town)
    client = as_(town.people["clerk"])
    assert client.get("/search/", {"q": case.number.lower()}).headers["Location"] == case.get_absolute_url()
    assert (
        client.get("/search/", {"q": "".join(case.number[8:])}).headers["Location"] == case.get_absolute_url()
    )
    assert "没有" in text_of(as_(town.people["liaison2"]).get("/search/", {"q": case.number}))


def test_old_closed_cases_are_found_on_request(town):
    case = report(town, "旧案沟渠淤堵")
    long_ago = dt.datetime(2025, 1, 1, tzinfo=dt.UTC)
    type(case).objects.filter(pk=case.pk).update(state="closed", closed_at=long_ago, reported_at=long_ago)
    report(town, "旧案沟渠再堵")
    report(town, "旧案沟渠又堵")
    client = as_(town.people["clerk"])
    assert "旧案沟渠淤堵" not in text_of(client.get("/search/", {"q": "旧案沟渠"}))
    assert "旧案沟渠淤堵" in text_of(client.get("/search/", {"q": "旧案沟渠", "all": "1"}))


def test_things_by_kind_export_and_edit(town):
    kind = Term.objects.create(list="thing_kind", code="toilet", name="公厕")
    Thing.objects.create(
        code="T1", kind=kind, name="北公厕", place=town.site, count=2, state="good", next_check_on=MARCH
    )
    Thing.objects.create(code="T2", kind=kind, name="南公厕", count=3, state="broken")
    client = as_(town.people["office"])
    page = text_of(client.get("/things/"))
    assert '<td class="cw-num">5</td>' in page and "北公厕" in page and "南公厕" in page
    assert "南公厕" not in text_of(client.get("/things/", {"due": "1"}))
    book = load_workbook(io.BytesIO(client.get("/things/export/", {"state": "broken"}).content))
    values = [cell.value for row in book.active for cell in row]
    assert "南公厕" in values and "北公厕" not in values and "损坏" in values
    given = {
        "code": "T2",
        "kind": kind.pk,
        "name": "南公厕",
        "count": 4,
        "state": "good",
        "next_check_on": "",
        "place_code": "S1",
    }
    assert client.post("/things/T2/", given).status_code == 302
    assert (Thing.objects.get(code="T2").count, Thing.objects.get(code="T2").place) == (4, town.site)
    assert as_(town.people["liaison"]).get("/things/T2/").status_code == 404


def test_gates_are_shown_and_opened_for_a_time_with_reason(town):
    client = as_(town.people["admin"])
    assert "关，不得开" in text_of(client.get("/gates/"))
    given = {"gate": "check_in", "ground": "emergency", "reason": "", "until": "2099-01-01T00:00"}
    assert "写明理由" in text_of(client.post("/gates/", given))
    assert client.post("/gates/", {**given, "reason": "防汛值守"}).status_code == 302
    client.post("/gates/", {**given, "reason": "再开一次"})
    row = GateOpening.objects.get()
    assert (row.reason, row.opened_by) == ("防汛值守", town.people["admin"])
    assert "防汛值守" in text_of(as_(town.people["auditor"]).get("/gates/"))
    assert as_(town.people["auditor"]).post(f"/gates/{row.pk}/close/").status_code == 404
    client.post(f"/gates/{row.pk}/close/")
    row.refresh_from_db()
    assert row.closed_at is not None
    assert as_(town.people["clerk"]).get("/gates/").status_code == 404


def test_burden_is_counted_and_a_unit_sees_its_own(town):
    confirm_case(report(town), by=town.people["dispatcher"])
    confirm_case(report(town, kind=town.street_kind), by=town.people["dispatcher"])
    assert Demand.objects.count() == 2
    office, unit = (
        text_of(as_(town.people["office"]).get("/burden/")),
        text_of(as_(town.people["liaison"]).get("/burden/")),
    )
    assert "城市管理局" in office and "新华路街道办" in office
    assert "城市管理局" in unit and "新华路街道办" not in unit
    assert "南门垃圾桶满溢" in text_of(as_(town.people["liaison"]).get("/burden/cgj/"))
    assert as_(town.people["liaison"]).get("/burden/xhl/").status_code == 404


def test_registers_are_kept_by_office_and_administrator(town):
    client = as_(town.people["admin"])
    given = {
        "username": "new1",
        "name": "新人",
        "phone": "",
        "email": "",
        "is_active": "on",
        "password": "a-long-enough-one",
    }
    assert client.post("/people/new/", given).status_code == 302
    person = Person.objects.get(username="new1")
    assert person.check_password("a-long-enough-one")
    post = {
        "person": person.pk,
        "role": "liaison",
        "unit": town.units["jtj"].pk,
        "title": "联络员",
        "from_on": "2026-03-01",
    }
    assert client.post("/posts/new/", post).status_code == 302
    assert person.standing.units_as("liaison") == {town.units["jtj"].pk}
    unit = {
        "code": "jtj",
        "name": "交通运输局",
        "short_name": "交通局",
        "kind": "department",
        "parent": town.units["office"].pk,
        "is_active": "on",
    }
    assert client.post("/units/jtj/", unit).status_code == 302
    assert Unit.objects.get(code="jtj").path == "office/jtj"
    for post_name in ("clerk", "liaison", "auditor", "nobody"):
        assert as_(town.people[post_name]).get("/people/").status_code == 404, post_name
    assert Place.objects.filter(code="S1").exists()
