"""一日两巡: what is due in one's own area, one tap a thing, a problem that becomes a case."""

from __future__ import annotations

import datetime as dt
import re
import uuid

import pytest
from django.test import Client
from django.utils import timezone

from chuangwen.kernel.models import City, Duty, Place, Term
from chuangwen.problems.models import Case
from chuangwen.registers.models import PatrolRound, Thing
from tests.problems.test_at_once import at_once


@pytest.fixture
def things(town):
    """A thing due yesterday and one due next week in the village, one due in another street."""
    today = timezone.localdate()
    toilet = Term.objects.create(list="thing_kind", code="public_toilet", name="公厕")
    Term.objects.create(list="check_point", code="public_toilet__clean", name="地面洁净无异味")
    Term.objects.create(list="check_point", code="farm_market__floor", name="通道不占用")
    far = Place.objects.create(
        kind="street",
        code="410181002000",
        name="别处街道",
        short_name="别处",
        path="410181000000/410181002000",
    )
    rows = (("T1", town.village, -1), ("T2", town.village, 7), ("T3", far, -1))
    for code, place, days in rows:
        Thing.objects.create(
            code=code,
            kind=toilet,
            name=f"公厕 {code}",
            place=place,
            next_check_on=today + dt.timedelta(days=days),
        )
    return town


@pytest.fixture
def as_(town):
    def client(who, **headers):
        found = Client(headers=headers)
        found.force_login(town.people[who])
        return found

    return client


def test_due_things_and_sites_of_the_own_area(as_, things):
    text = as_("grid_keeper").get("/patrol/").content.decode()
    assert "公厕 T1" in text and "地面洁净无异味" in text
    assert "文化街农贸市场" in text and "通道不占用" in text
    assert "公厕 T2" not in text and "公厕 T3" not in text
    assert "今天 0/2 次" in text
    assert "不签到，不传轨迹" in text
    assert not re.search(r"<script(?![^>]*src=)|<style|\sstyle=|geolocation", text)


def test_liaison_patrols_the_sites_of_the_unit(as_, things):
    assert "今天没有要看的" in as_("liaison").get("/patrol/").content.decode()
    Duty.objects.create(
        kind="site_unit", place=things.site, unit=things.units["cgj"], from_on=dt.date(2026, 1, 1)
    )
    text = as_("liaison").get("/patrol/").content.decode()
    assert "文化街农贸市场" in text and "公厕" not in text


@pytest.mark.parametrize("who", ["office", "leader", "auditor", "supervisor", "nobody"])
def test_not_for_other_posts(as_, things, who):
    assert as_(who).get("/patrol/").status_code == 404
    assert as_(who).post("/patrol/fine/", {"key": "thing:T1", "uid": uuid.uuid4()}).status_code == 404


def test_one_tap_keeps_what_was_looked_at(as_, things):
    client, uid = as_("grid_keeper", **{"HX-Request": "true"}), uuid.uuid4()
    for _ in range(3):
        answer = client.post("/patrol/fine/", {"key": "thing:T1", "uid": uid})
        assert "都正常：地面洁净无异味" in answer.content.decode()
    found = PatrolRound.objects.get()
    assert (found.thing.code, found.is_fine, found.looked_at, found.by.username) == (
        "T1",
        True,
        ["地面洁净无异味"],
        "grid_keeper",
    )
    assert "今天 1/2 次" in client.get("/patrol/").content.decode()


def test_looks_of_yesterday_do_not_count(as_, things):
    thing = Thing.objects.get(code="T1")
    at = timezone.now() - dt.timedelta(days=1)
    PatrolRound.objects.create(
        uid=uuid.uuid4(), thing=thing, by=things.people["grid_keeper"], at=at, is_fine=True
    )
    assert "今天 1/2 次" not in as_("grid_keeper").get("/patrol/").content.decode()


def test_the_city_may_choose_how_often(as_, things):
    from chuangwen.kernel.city import forget

    City.objects.update(settings={"patrols_per_day": 1})
    forget()
    as_("grid_keeper").post("/patrol/fine/", {"key": "thing:T1", "uid": uuid.uuid4()})
    text = as_("grid_keeper").get("/patrol/").content.decode()
    assert "今天 1/1 次" in text
    assert re.search(r'<span class="cw-quiet">1/2</span></header>', text)  # one of two objects is done


@pytest.mark.parametrize(
    "key", ["thing:T3", "thing:none", "site:none", "thing:", "", "case:1", "site:410181001001"]
)
def test_nothing_beyond_the_own_area(as_, things, key):
    assert as_("grid_keeper").post("/patrol/fine/", {"key": key, "uid": uuid.uuid4()}).status_code == 404
    assert PatrolRound.objects.count() == 0


def test_a_problem_is_a_case_and_a_look(as_, things):
    client, uid = as_("grid_keeper"), uuid.uuid4()
    page = client.get("/report/?look=site:S1").content.decode()
    assert 'name="site" value="S1" checked' in page and 'name="look" value="site:S1"' in page
    assert 'value="公厕 T1"' in client.get("/report/?look=thing:T1").content.decode()
    for _ in range(2):
        assert (
            client.post(
                "/report/", {"uid": uid, "what": "下水口堵了", "site": "S1", "look": "site:S1"}
            ).status_code
            == 302
        )
    case, found = Case.objects.get(), PatrolRound.objects.get()
    assert (found.place, found.is_fine, found.note, found.case_number) == (
        things.site,
        False,
        "下水口堵了",
        case.number,
    )


def test_another_area_cannot_be_marked_through_a_report(as_, things):
    given = {"uid": uuid.uuid4(), "what": "下水口堵了", "address": "别处", "look": "thing:T3"}
    assert as_("grid_keeper").post("/report/", given).status_code == 302
    assert PatrolRound.objects.count() == 0


def test_number_of_queries_does_not_grow(as_, things, django_assert_max_num_queries):
    client = as_("grid_keeper")
    client.get("/patrol/")
    with django_assert_max_num_queries(10):
        client.get("/patrol/")
    kind = Term.objects.get(code="public_toilet")
    for n in range(20):
        Thing.objects.create(
            code=f"M{n}",
            kind=kind,
            name=f"公厕 {n}",
            place=things.village,
            next_check_on=timezone.localdate(),
        )
    with django_assert_max_num_queries(10):
        assert client.get("/patrol/").content.decode().count("都正常") == 22


@pytest.mark.django_db(transaction=True)
def test_ten_taps_at_once_are_one_look(things):
    uid, clients = uuid.uuid4(), [Client() for _ in range(10)]
    for client in clients:
        client.force_login(things.people["grid_keeper"])
    results = at_once(
        lambda i: clients[i].post("/patrol/fine/", {"key": "thing:T1", "uid": uid}).status_code, 10
    )
    assert results == [302] * 10
    assert PatrolRound.objects.count() == 1


def test_a_kind_without_check_points_still_says_what_was_looked_at(as_, things):
    Term.objects.filter(list="check_point").delete()
    as_("grid_keeper").post("/patrol/fine/", {"key": "thing:T1", "uid": uuid.uuid4()})
    assert PatrolRound.objects.get().looked_at == ["外观", "周边环境"]
