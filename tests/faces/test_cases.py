"""The list of cases, its export and bulk steps, and the page of one case: the same rows for everybody who may see them."""

from __future__ import annotations

import io
import re
import uuid

import pytest
from django.test import Client
from django.utils import timezone

from chuangwen.kernel.evidence import store
from chuangwen.kernel.models import City, Entry, Person
from chuangwen.kernel.places.datum import Datum
from chuangwen.problems import rules
from chuangwen.problems.actions import Told, confirm_case, hand_over, take_report
from chuangwen.problems.flow import CaseFlow
from chuangwen.problems.models import Case

CAST = ("office", "clerk", "dispatcher", "checker", "leader", "head", "liaison", "liaison2", "inspector", "grid_keeper",
        "supervisor", "discipline", "auditor", "admin", "nobody")  # fmt: skip


def new(town, **more):
    return take_report(Told(**{"text": "垃圾桶满溢", "lon": 113.0, "lat": 34.7601, "kind": town.kind, **more}), by=None).case


def sign_in(town, name):
    client = Client()
    client.force_login(town.people[name])
    return client


def numbers(html):
    return sorted(set(re.findall(r'href="/cases/(SL-[^"/]+)/"', html)))


@pytest.fixture
def cases(town):
    new(town)
    confirm_case(new(town), by=town.people["office"])
    confirm_case(new(town, kind=town.street_kind), by=town.people["office"])
    new(town, source="covert")
    handed = confirm_case(new(town), by=town.people["office"])
    hand_over(handed, kind="supervision", to_unit=town.units["dcj"], reason="久拖", by=town.people["clerk"])
    return list(Case.objects.order_by("pk"))


@pytest.mark.parametrize("name", CAST)
def test_list_and_export_are_the_rows_of_the_rule(town, cases, name):
    from chuangwen.kernel.screens.tables import Column, read_table

    client = sign_in(town, name)
    allowed = sorted(rules.see_case.filter(Case.objects.all(), town.people[name]).values_list("number", flat=True))
    assert numbers(client.get("/cases/").content.decode()) == allowed

    answer = client.get("/cases/export.xlsx")
    data = b"".join(answer.streaming_content)
    found = read_table(data, "x.xlsx", columns=[Column("number", ("编号",), required=True)])
    assert sorted(row.values["number"] for row in found.rows) == allowed
    for case in cases:
        wanted = 200 if case.number in allowed else 404
        assert client.get(f"/cases/{case.number}/").status_code == wanted


def test_filters_tabs_and_sort_narrow_the_same_rows(town, cases):
    client = sign_in(town, "office")

    def listed(query):
        return numbers(client.get(f"/cases/?{query}").content.decode())

    assert listed("kind=0701") == [c.number for c in cases if c.kind_id == town.street_kind.pk]
    assert len(listed("state=assigned")) == 3
    assert listed("unit=xhl") == listed("kind=0701")
    assert listed("deadline=paused") == [cases[-1].number]
    assert listed("source=covert") == [cases[3].number]
    assert listed("reported=7d") == sorted(c.number for c in cases)
    assert listed("reported=2020-01-01..2020-12-31") == []
    assert listed("kind=nonsense") == []
    day = timezone.localdate().isoformat()
    assert listed(f"reported={day}..{day}") == sorted(c.number for c in cases)
    assert client.get("/cases/?page=7&sort=-due&tab=open").status_code == 200
    assert client.get("/cases/?page=x&sort=number;drop").status_code == 200


@pytest.mark.parametrize("url", ["/cases/", "/cases/?tab=mine", "/cases/?state=reported&reported=90d"])
def test_a_list_of_one_and_of_five_asks_the_same_number_of_queries(town, url, django_assert_num_queries):
    client = sign_in(town, "office")
    new(town)
    client.get(url)
    with django_assert_num_queries(4):  # session, person, posts, rows
        client.get(url)
    for _i in range(4):
        new(town)
    with django_assert_num_queries(4):
        client.get(url)


def test_case_page_asks_a_fixed_number_of_queries(town, make_picture, django_assert_max_num_queries):
    case = confirm_case(new(town), by=town.people["office"])
    client = sign_in(town, "office")
    client.get(case.get_absolute_url())
    for shade in (10, 90):
        store.attach(store.read(make_picture(shade)), case, role="fixed", by=None, at=timezone.now(), point=(113.0, 34.7601, Datum.WGS84))
    for _i in range(3):
        new(town)
    with django_assert_max_num_queries(13):
        html = client.get(case.get_absolute_url()).content.decode()
    assert html.count("<figure>") == 2


def test_case_page_hides_a_handover_from_who_may_not_know(town, cases):
    handed = cases[-1]
    for name in ("office", "auditor"):
        assert "督查局" in sign_in(town, name).get(f"/cases/{handed.number}/").content.decode()
    for name in ("liaison", "leader", "checker"):
        html = sign_in(town, name).get(f"/cases/{handed.number}/").content.decode()
        assert "督查局" not in html and "移交" not in html


def test_contact_is_masked_and_only_for_the_desk(town):
    report = take_report(Told(text="垃圾", lon=113.0, lat=34.76, kind=town.kind, contact="13812345678"), by=None)
    confirm_case(report.case, by=town.people["office"])
    for name, shown in (("dispatcher", True), ("liaison", False), ("leader", False)):
        html = sign_in(town, name).get(f"/cases/{report.case.number}/").content.decode()
        assert "13812345678" not in html
        assert ("138****5678" in html) is shown


def test_step_by_form_keeps_what_was_typed_and_is_taken_once(town):
    case = confirm_case(new(town), by=town.people["office"])
    client = sign_in(town, "liaison")
    url = f"/cases/{case.number}/steps/ask_extension/"
    assert "延长" in client.get(url).content.decode()
    kept = client.post(url, {"amount": "2", "unit": "work_day", "reason": ""}).content.decode()
    assert 'value="2"' in kept and "写明理由" in kept
    given = {"amount": "2", "unit": "work_day", "reason": "等配件", "uid": str(uuid.uuid4())}
    for _time in (1, 2):
        assert client.post(url, given).status_code == 302
    assert Entry.objects.filter(step="ask_extension").count() == 1


def test_a_step_that_is_not_mine_does_not_exist(town):
    case = confirm_case(new(town), by=town.people["office"])
    assert sign_in(town, "liaison2").post(f"/cases/{case.number}/steps/accept/").status_code == 404
    assert sign_in(town, "liaison").post(f"/cases/{case.number}/steps/pass/").status_code == 404
    assert sign_in(town, "office").post(f"/cases/{case.number}/steps/remind/").status_code == 404
    assert sign_in(town, "liaison").get(f"/cases/{case.number}/handover/").status_code == 404
    case.refresh_from_db()
    assert case.state == "assigned"


def test_bulk_says_what_it_cannot_do_and_does_the_rest(town, make_picture):
    ready, waiting = confirm_case(new(town), by=town.people["office"]), confirm_case(new(town), by=town.people["office"])
    store.attach(store.read(make_picture()), ready, role="fixed", by=None, at=timezone.now())
    CaseFlow.take(ready, "answer", by=town.people["liaison"], given={"note": "清了"})
    client = sign_in(town, "checker")
    rows = {"row": [ready.number, waiting.number], "uid": str(uuid.uuid4())}
    bar = client.post("/cases/bulk/", rows).content.decode()
    assert "已选 2 件" in bar and "核查通过 1 件" in bar and "只在" in bar
    done = client.post("/cases/bulk/pass/", rows).content.decode()
    assert "已办 1 件" in done and waiting.number in done
    assert sorted(Case.objects.values_list("state", flat=True)) == ["assigned", "closed"]
    again = client.post("/cases/bulk/pass/", rows).content.decode()
    assert "已办 0 件" in again


def test_a_unit_receives_its_cases_at_once_and_a_reader_has_nothing_to_choose(town):
    mine = [confirm_case(new(town), by=town.people["office"]).number for _n in range(2)]
    liaison, leader = sign_in(town, "liaison"), sign_in(town, "leader")
    page = liaison.get("/cases/").content.decode()
    assert 'name="row"' in page and "录入案件" not in page
    assert "接收 2 件" in liaison.post("/cases/bulk/", {"row": mine}).content.decode()
    assert "已办 2 件" in liaison.post("/cases/bulk/accept/", {"row": mine, "uid": str(uuid.uuid4())}).content.decode()
    assert set(Case.objects.filter(number__in=mine).values_list("state", flat=True)) == {"fixing"}
    page = leader.get("/cases/").content.decode()
    assert numbers(page) == sorted(mine) and 'name="row"' not in page and "录入案件" not in page


def test_bulk_of_another_post_does_not_exist(town):
    case = new(town)
    assert sign_in(town, "leader").post("/cases/bulk/confirm/", {"row": [case.number]}).status_code == 404
    case.refresh_from_db()
    assert case.state == "reported"


def test_verify_on_the_page_finds_a_changed_entry(town):
    case = confirm_case(new(town), by=town.people["office"])
    client = sign_in(town, "auditor")
    assert "未改动" in client.get(f"/cases/{case.number}/verify/").content.decode()
    Entry.objects.filter(step="file", subject_id=case.pk).update(at=timezone.now())
    assert "被改动过" in client.get(f"/cases/{case.number}/verify/").content.decode()


def test_strangers_are_sent_to_sign_in_and_words_are_english_on_request(town, cases):
    client = Client()
    assert client.get("/cases/").headers["Location"].startswith("/accounts/login/")
    client = sign_in(town, "office")
    client.post("/language/", {"language": "en", "next": "/me/"})
    assert 'lang="en"' in client.get("/cases/").content.decode()


def test_sample_sign_in_exists_only_in_a_demo_city_on_loopback(town, settings):
    from chuangwen.kernel.city import forget

    url = "/accounts/sample/office/"
    assert Client().get(url).status_code == 405
    assert Client().post(url, REMOTE_ADDR="10.0.0.9").status_code == 404
    assert Client().post(url, HTTP_X_FORWARDED_FOR="127.0.0.1").status_code == 404
    settings.LISTEN = "0.0.0.0:8000"
    assert Client().post(url).status_code == 404
    settings.LISTEN = "127.0.0.1:8000"
    Person.objects.filter(username="clerk").update(is_sample=False)
    assert Client().post("/accounts/sample/clerk/").status_code == 404
    client = Client()
    assert client.post(url).status_code == 302
    assert client.get("/me/").status_code == 200
    City.objects.update(is_demo=False)
    forget()
    assert Client().post(url).status_code == 404
    assert "示例人员" not in Client().get("/accounts/login/").content.decode()


def test_sign_in_by_password(town):
    person = town.people["office"]
    person.set_password("a-long-password")
    person.save()
    client = Client()
    wrong = client.post("/accounts/login/", {"login": "office", "password": "wrong-password"})
    assert wrong.status_code == 200 and 'role="alert"' in wrong.content.decode()
    assert client.post("/accounts/login/", {"login": "office", "password": "a-long-password"}).status_code == 302
    assert client.get("/accounts/signup/").status_code in (200, 302, 404)
    assert not Person.objects.filter(username="stranger").exists()


def test_export_is_excel_safe(town):
    new(town, text="=HYPERLINK(1)", what="=1+1")
    from openpyxl import load_workbook

    data = b"".join(sign_in(town, "office").get("/cases/export.xlsx").streaming_content)
    cells = [cell for row in load_workbook(io.BytesIO(data)).active.iter_rows() for cell in row]
    assert any(cell.value == "=1+1" for cell in cells)
    assert all(cell.data_type != "f" for cell in cells)
