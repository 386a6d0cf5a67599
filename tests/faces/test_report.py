"""Quick entry: little is enough, nothing is doubled, every fault stands at its field."""

from __future__ import annotations

import re
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from chuangwen.kernel.models import Entry, Evidence
from chuangwen.kernel.workflow import history
from chuangwen.problems.actions import Told, confirm_case, take_report
from chuangwen.problems.models import Case, Report
from tests.problems.test_at_once import at_once

HERE = {"lon": 113.0, "lat": 34.7601}
SCRIPT_OR_STYLE = re.compile(r"<script(?![^>]*src=)|<style|\sstyle=|\son\w+=")


@pytest.fixture
def as_(town):
    def client(who, **headers):
        found = Client(headers=headers)
        found.force_login(town.people[who])
        return found

    return client


def send(client, path="/report/", **given):
    return client.post(path, {"uid": uuid.uuid4(), "what": "南门垃圾桶满溢两天", **HERE, **given})


def photo(data, name="a.jpg"):
    return SimpleUploadedFile(name, data, content_type="image/jpeg")


def test_photo_words_and_place_make_a_case_with_suggestion(as_, town, make_picture):
    answer = send(
        as_("grid_keeper"), photos=photo(make_picture(44)), accuracy_m="8", taken_at="2026-11-22T06:00:00Z"
    )
    case = Case.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/report/done/{case.number}/")
    assert (case.source, case.reporter, case.street, case.state) == (
        "patrol",
        town.people["grid_keeper"],
        town.street,
        "reported",
    )
    assert (case.suggested_kind, case.suggested_unit, case.kind) == (town.kind, town.units["cgj"], None)
    taken = Evidence.objects.get()
    assert (taken.role, taken.accuracy_m, taken.lon) == ("found", 8, 113.0)
    receipt = as_("grid_keeper").get(answer["Location"]).content.decode()
    assert f'href="/cases/{case.number}/"' in receipt
    assert "把握" in receipt


def test_words_and_an_address_are_enough(as_):
    assert send(as_("liaison"), lon="", lat="", address="新兴路 118 号").status_code == 302
    assert Case.objects.get().address == "新兴路 118 号"


def test_site_code_on_the_spot_fills_the_place(as_, town):
    page = as_("inspector").get("/report/?site=S1").content.decode()
    assert 'name="site" value="S1" checked' in page
    assert send(as_("inspector"), lon="", lat="", site="S1").status_code == 302
    case = Case.objects.get()
    assert (case.site, case.address, case.source, case.lon) == (town.site, "文化街农贸市场", "tour", 113.0)


@pytest.mark.parametrize(
    ("given", "field", "sentence"),
    [
        ({"what": ""}, "what", "写几个字说是什么问题。"),
        ({"what": "脏"}, "what", "多写几个字，别人才看得懂。"),
        ({"lon": "", "lat": ""}, "address", "说明在哪里：开定位、选点位，或写地址。"),
        ({"lon": 116.4, "lat": 39.9}, "address", "这个点不在本市范围内，核对坐标和坐标系。"),
        ({"lon": "", "lat": "", "site": "none"}, "site", "没有这个点位，改用定位或写地址。"),
        ({"kind": "9999"}, "kind", "没有这个类别，另选一个。"),
    ],
)
def test_fault_stands_at_its_field_and_nothing_is_lost(as_, given, field, sentence):
    answer = send(as_("grid_keeper"), **given)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert re.search(rf'id="fault-{field}"[^>]*>{sentence}</p>', text)
    assert given.get("what", "南门垃圾桶满溢两天") in text
    part = send(as_("grid_keeper", **{"HX-Request": "true"}), **given)
    assert part.status_code == 422
    assert re.search(rf'id="fault-{field}" hx-swap-oob="true">{sentence}</p>', part.content.decode())
    assert "<form" not in part.content.decode()  # the form, and the photo chosen in it, stay as they are
    assert Case.objects.count() == 0


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"lon": 34.76, "lat": 113.0}, "经度和纬度像是写反了：纬度不会是 113，对调后再报。"),
        ({"lon": 500, "lat": 34}, "坐标超出地球的范围，核对经度和纬度。"),
        ({"lon": 113.0, "lat": ""}, "只有经度或只有纬度，两个都要有。"),
        ({"join": "SL-0000-00-00000"}, None),
    ],
)
def test_fault_of_the_whole(as_, given, sentence):
    answer = send(as_("grid_keeper"), **given)
    if sentence is None:
        assert answer.status_code == 404
    else:
        assert answer.status_code == 422
        assert sentence in answer.content.decode()
    assert Case.objects.count() == 0


@pytest.mark.parametrize("data", [b"<html>", b"%PDF-1.4", b"\xff\xd8\xff\xe0broken"])
def test_what_is_no_photo_is_refused_with_a_sentence_and_no_case(as_, data):
    answer = send(as_("grid_keeper"), photos=photo(data))
    assert answer.status_code == 422
    assert re.search('role="alert">照片|role="alert">这个文件', answer.content.decode())
    assert (Case.objects.count(), Evidence.objects.count()) == (0, 0)


def test_too_many_photos(as_, make_picture):
    data = make_picture(3)
    answer = send(as_("grid_keeper"), photos=[photo(data) for _ in range(7)])
    assert "照片有 7 张，最多 6 张" in answer.content.decode()


def test_sent_again_is_harmless_but_a_used_page_is_not_taken_for_a_new_report(as_):
    client, uid = as_("grid_keeper"), uuid.uuid4()
    first, again = (send(client, uid=uid)["Location"] for _ in range(2))
    assert first == again
    other = send(client, uid=uid, what="另一件：井盖缺失")
    assert other.status_code == 422
    assert f"这一页已经报过 {Case.objects.get().number}" in other.content.decode()
    assert "no-store" in client.get("/report/")["Cache-Control"]


def test_htmx_is_led_to_the_receipt(as_):
    answer = send(as_("grid_keeper", **{"HX-Request": "true"}))
    assert answer.status_code == 204
    assert answer["HX-Redirect"] == f"/report/done/{Case.objects.get().number}/"


def suggest(client, **given):
    return client.post("/report/suggest/", {"what": "南门垃圾桶满溢", **HERE, **given}).content.decode()


def test_suggestions_say_how_sure_and_whose(as_):
    text = suggest(as_("grid_keeper"))
    assert re.search(r"暴露垃圾 <span class=\"cw-quiet\">把握 \d+%", text)
    assert "<b>城市管理局</b>" in text
    assert "限 2 工作日" in text
    assert "“暴露垃圾”的责任规则：指定单位" in text
    assert "新华路街道" in text
    assert Case.objects.count() == 0


def test_kind_chosen_by_hand_changes_the_unit(as_):
    text = suggest(as_("grid_keeper"), kind="0701")
    assert "<b>新华路街道办</b>" in text
    assert "新华路街道 属地单位：新华路街道办，2026-01-01 起" in text


def test_unsure_is_said(as_, monkeypatch, town):
    monkeypatch.setattr(
        "chuangwen.problems.intake.suggest_kind", lambda text: [(town.kind, 0.31), (town.street_kind, 0.3)]
    )
    text = suggest(as_("grid_keeper"))
    assert "拿不准" in text
    assert "把握 31%" in text


def test_outside_is_said_while_writing(as_):
    text = suggest(as_("grid_keeper"), lon=116.4, lat=39.9)
    assert "这个点不在本市范围内" in text


def test_sites_near_and_by_name(as_):
    assert 'value="S1"> 文化街农贸市场 <span class="cw-quiet">111 米' in suggest(
        as_("grid_keeper"), lat=34.764
    )  # 0.001° × 111.2 km
    assert 'value="S1"> 文化街农贸市场' in suggest(as_("grid_keeper"), lon="", lat="", address="农贸市场")


@pytest.fixture
def near(town):
    report = take_report(
        Told(text="垃圾桶满溢", kind=town.kind, lon=113.0, lat=34.7602, source="patrol"), by=None
    )
    return confirm_case(report.case, by=town.people["dispatcher"])


def test_same_problem_near_by_is_offered_and_joined(as_, near, make_picture):
    client = as_("grid_keeper")
    text = suggest(client)
    assert "附近已有 1 件：" in text
    assert "相距 11 米" in text  # 0.0001° × 111.2 km
    uid = uuid.uuid4()
    for _ in range(2):
        answer = send(client, join=near.number, uid=uid, photos=photo(make_picture(50)))
        assert answer["Location"] == f"/report/done/{near.number}/"
    assert (Case.objects.count(), near.reports.count(), Evidence.objects.count()) == (1, 2, 1)
    assert Entry.objects.filter(step="absorb").count() == 1
    assert list(history.verify()) == []
    assert "共 2 份" in client.get(answer["Location"]).content.decode()


def test_a_case_one_may_not_see_is_neither_offered_nor_joined(as_, near, town):
    assert "附近已有" not in suggest(as_("liaison2"))
    assert send(as_("liaison2"), join=near.number).status_code == 404
    take_report(Told(text="暗访垃圾桶满溢", kind=town.kind, lon=113.0, lat=34.7601, source="covert"), by=None)
    assert "附近已有 1 件" in suggest(as_("grid_keeper"))
    assert "附近已有 2 件" in suggest(as_("office"))


def test_an_ended_case_is_not_joined(as_, near):
    Case.objects.filter(pk=near.pk).update(state="closed")
    answer = send(as_("grid_keeper"), join=near.number)
    assert answer.status_code == 422
    assert "那件已结束" in answer.content.decode()


def test_desk_form_takes_source_channel_contact_and_datum(as_):
    page = as_("clerk").get("/cases/new/").content.decode()
    assert "媒体" in page
    assert "bd09" in page
    # The same place in BD-09; the shift is some 700 m, far inside the small city.
    answer = send(
        as_("clerk"),
        "/cases/new/",
        source="press",
        channel="郑州晚报",
        contact="13800000000",
        datum="bd09",
        kind="0301",
    )
    report = Report.objects.get()
    assert answer["Location"] == f"/report/done/{report.case.number}/?desk=1"
    assert (report.source, report.channel, report.contact, report.case.datum) == (
        "press",
        "郑州晚报",
        "13800000000",
        "bd09",
    )
    assert report.case.lon != 113.0
    assert (report.case.kind.code, report.case.suggested_kind) == ("0301", None)
    assert send(as_("clerk"), "/cases/new/", source="").status_code == 422
    assert as_("liaison").get("/cases/new/").status_code == 404


def test_number_of_queries_does_not_grow(as_, town, near, django_assert_max_num_queries):
    for i in range(8):
        take_report(Told(text=f"垃圾 {i}", kind=town.kind, lon=113.0, lat=34.7601, source="patrol"), by=None)
    client = as_("grid_keeper")
    suggest(client)
    with django_assert_max_num_queries(13):
        suggest(client)


def test_pages_have_no_inline_script_or_style(as_, near):
    pages = [
        ("grid_keeper", "/report/"),
        ("clerk", "/cases/new/"),
        ("grid_keeper", f"/report/done/{near.number}/"),
    ]
    for who, path in pages:
        assert not SCRIPT_OR_STYLE.search(as_(who).get(path).content.decode()), path
    assert not SCRIPT_OR_STYLE.search(suggest(as_("grid_keeper")))


def test_nobody_and_strangers(as_):
    assert as_("nobody").get("/report/").status_code == 404
    assert Client().get("/report/").status_code == 302
    assert Client(enforce_csrf_checks=True).post("/report/").status_code in (302, 403)


@pytest.mark.django_db(transaction=True)
def test_ten_taps_at_once_are_one_report(town, make_picture):
    uid, data = uuid.uuid4(), make_picture(77)
    clients = [Client() for _ in range(10)]
    for client in clients:
        client.force_login(town.people["grid_keeper"])
    results = at_once(lambda i: send(clients[i], uid=uid, photos=photo(data)).status_code, 10)
    assert results == [302] * 10
    assert (Case.objects.count(), Report.objects.count(), Evidence.objects.count()) == (1, 1, 1)
