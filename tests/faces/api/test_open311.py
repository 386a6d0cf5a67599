"""Open311 GeoReport v2: every resource in both forms, what is taken and kept, every fault, and which rows are shown."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from chuangwen.kernel.models import Blob, Evidence
from chuangwen.kernel.people.tokens import make_token
from chuangwen.problems import rules
from chuangwen.problems.actions import Told, confirm_case, take_report
from chuangwen.problems.models import Case, Publication, Report, Submission
from chuangwen.problems.publication_flow import PublicationFlow
from chuangwen.problems.submission_flow import SubmissionFlow
from tests.architecture.conftest import life
from tests.architecture.test_addresses import POSTS

__all__ = ["life"]
pytestmark = pytest.mark.django_db
BASE = "/open311/v2"
SCHEMAS = Path(__file__).parents[4] / "shared" / "data" / "open311" / "georeport_v2_jsonschema"


def key_of(town, person="grid_keeper", scopes=("report",)):
    ends = timezone.localdate() + dt.timedelta(days=30)
    who = town.people[person]
    return make_token(who, name="示例", scopes=scopes, ends_on=ends, by=town.people["office"])[1]


@pytest.fixture
def key(town):
    return key_of(town)


@pytest.fixture
def door():
    return Client(enforce_csrf_checks=True)


def report(door, key, form="json", **given):
    body = {
        "api_key": key,
        "service_code": "0301",
        "lat": "34.7634",
        "long": "113.0012",
        "description": "垃圾桶满了",
    }
    return door.post(f"{BASE}/requests.{form}", body | given)


def published(town, make_picture, shade=10, what="暴露垃圾", closed=False, **more):
    """A resident's case that was released for the public, with its picture."""
    told = Told("老王说三号楼门口", kind=town.kind, lon=113.00123, lat=34.76345, address="3 号楼 2 单元",
                photos=[make_picture(shade)], contact="13800138000", **more)  # fmt: skip
    case = confirm_case(take_report(told, by=None).case, by=town.people["clerk"], kind=town.kind)
    Blob.objects.update(scanned_at=timezone.now())
    row = Publication.objects.get(case=case)
    Publication.objects.filter(pk=row.pk).update(what=what)
    PublicationFlow.take(Publication.objects.get(pk=row.pk), "publish", by=town.people["clerk"])
    return Case.objects.get(pk=case.pk), Publication.objects.get(pk=row.pk)


def tree(answer):
    return ElementTree.fromstring(answer.content)


# What is told of the city


def test_discovery_and_services_in_both_forms(door, town):
    told = door.get(f"{BASE}/discovery.json").json()
    assert told["endpoints"][0]["url"] == "http://testserver/open311/v2"
    assert told["endpoints"][0]["specification"] == "http://wiki.open311.org/GeoReport_v2"
    formats = tree(door.get(f"{BASE}/discovery.xml")).findall("endpoints/endpoint/formats/format")
    assert [each.text for each in formats] == ["text/xml", "application/json"]
    services = door.get(f"{BASE}/services.json").json()
    assert services[0] == {
        "service_code": "0301", "service_name": "暴露垃圾", "description": "有堆放", "metadata": False,
        "type": "realtime", "keywords": "垃圾, 满溢, 垃圾桶", "group": "市容环境",
    }  # fmt: skip
    found = tree(door.get(f"{BASE}/services.xml"))
    assert found.tag == "services" and [each.findtext("service_code") for each in found] == ["0301", "0701"]
    assert found.findtext("service/metadata") == "false"


def test_a_kind_not_in_use_is_no_service(door, town):
    town.kind.is_active = False
    town.kind.save()
    assert [each["service_code"] for each in door.get(f"{BASE}/services.json").json()] == ["0701"]
    assert door.get(f"{BASE}/services/0301.json").status_code == 404
    assert report(door, key_of(town)).status_code == 404


def test_service_definition(door, town):
    assert door.get(f"{BASE}/services/0301.json").json() == {"service_code": "0301", "attributes": []}
    found = tree(door.get(f"{BASE}/services/0301.xml"))
    assert found.tag == "service_definition" and found.find("attributes") is not None


# What is taken in


@pytest.mark.parametrize("form", ["json", "xml"])
def test_a_report_becomes_a_case_and_nothing_of_its_sender_is_kept(door, town, key, form):
    answer = report(door, key, form, first_name="桂芬", last_name="王", email="wang@example.org", phone="13800138000",
                    device_id="phone-7", address_string="文化街 3 号")  # fmt: skip
    assert answer.status_code == 200
    case = Case.objects.get()
    found = (
        answer.json()[0]["service_request_id"]
        if form == "json"
        else tree(answer).findtext("request/service_request_id")
    )
    assert found == case.uid.hex and case.kind == town.kind and (case.lon, case.lat) == (113.0012, 34.7634)
    submission, kept = Submission.objects.get(), Report.objects.get()
    assert submission.channel == "open311" and submission.text == "垃圾桶满了"
    written = f"{submission.__dict__} {kept.__dict__} {case.__dict__}"
    assert not any(word in written for word in ("桂芬", "wang@", "13800138000", "phone-7"))


def test_a_photo_is_taken_and_a_link_is_not_fetched(door, town, key, make_picture):
    photo = SimpleUploadedFile("a.jpg", make_picture(), "image/jpeg")
    told = report(door, key, media=photo, media_url="http://127.0.0.1:9/a.jpg").json()[0]
    assert Evidence.objects.filter(subject="problems.case").count() == 1
    assert "照片链接不取" in told["service_notice"]


def test_sent_again_is_once_and_other_words_are_another(door, town, key):
    first, again = report(door, key).json(), report(door, key).json()
    assert first == again and Case.objects.count() == 1
    report(door, key, description="另一处垃圾堆在路边")
    assert Case.objects.count() == 2
    report(door, key_of(town, "inspector"))
    assert Submission.objects.count() == 3


def test_place_by_address_or_by_site(door, town, key):
    report(door, key, lat="", long="", address_string="人民路 12 号")
    assert Case.objects.get().address == "人民路 12 号"
    report(door, key, lat="", long="", address_id="S1", description="市场里面有垃圾")
    assert Case.objects.order_by("-pk")[0].site == town.site


def test_what_waits_gets_a_token_and_then_its_id(door, town, key, monkeypatch):
    from chuangwen.problems import suspicion

    judged = suspicion.Judged
    monkeypatch.setattr(suspicion, "judge", lambda *_given: judged({"alike": 9}, 9, "x", True))
    told = report(door, key).json()[0]
    assert "service_request_id" not in told and not Case.objects.exists()
    path = f"{BASE}/tokens/{told['token']}"
    assert door.get(path + ".json").json() == [{"token": told["token"]}]
    assert tree(door.get(path + ".xml")).find("request/service_request_id") is None
    SubmissionFlow.take(Submission.objects.get(), "release", by=town.people["dispatcher"])
    case = Case.objects.get()
    assert door.get(path + ".json").json() == [{"service_request_id": case.uid.hex, "token": told["token"]}]
    assert tree(door.get(path + ".xml")).findtext("request/service_request_id") == case.uid.hex
    assert door.get(f"{BASE}/tokens/{'x' * 32}.xml").status_code == 404


@pytest.mark.parametrize(
    ("given", "status", "words"),
    [
        ({"service_code": ""}, 400, "service_code"), ({"service_code": "9999"}, 404, "9999"),
        ({"lat": ""}, 400, "lat 和 long"), ({"lat": "nan"}, 400, "lat 和 long"), ({"lat": "91"}, 400, "lat 和 long"),
        ({"lat": "", "long": ""}, 400, "没有位置"), ({"address_id": "X"}, 400, "address_id"),
        ({"description": "长" * 4001}, 400, "4000"), ({"jurisdiction_id": "boston"}, 404, "410181"),
        ({"api_key": "wrong"}, 403, "api_key"), ({"api_key": ""}, 403, "api_key"),
        ({"media": SimpleUploadedFile("a.jpg", b"<svg onload=alert(1)>", "image/jpeg")}, 400, "照片"),
    ],
    ids=range(12),
)  # fmt: skip
def test_faults_of_a_report_in_both_forms(door, town, key, given, status, words):
    for form in ("json", "xml"):
        answer = report(door, key, form, **given)
        told = (
            answer.json()[0]
            if form == "json"
            else {each.tag: each.text for each in tree(answer).find("error")}
        )
        assert answer.status_code == status and int(told["code"]) == status and words in told["description"]
    assert not Submission.objects.exists()


def test_a_key_for_reading_does_not_report_and_a_session_is_no_key(town):
    door = Client()
    door.force_login(town.people["office"])
    assert report(door, key_of(town, scopes=["read"])).status_code == 403
    assert report(door, "").status_code == 403
    assert not Submission.objects.exists()


def test_too_many_of_one_key(door, town, key):
    from chuangwen.kernel.city import forget
    from chuangwen.kernel.models import City

    City.objects.update(settings={"open311_per_hour": 1})
    forget()
    assert report(door, key).status_code == 200
    assert report(door, key, description="另一处垃圾").status_code == 429


def test_control_characters_and_markup_do_not_break_the_answer(door, town, key, make_picture):
    report(door, key, description="a\x00\x0b<b>&\ufffe堆放𠮷")
    assert Submission.objects.get().text == "a<b>&堆放𠮷"
    published(town, make_picture, what="<script>&\x01”")
    row = tree(door.get(f"{BASE}/requests.xml")).find("request")
    assert row.findtext("description") == "<script>&”"


def test_wrong_methods_addresses_and_failures_are_never_pages(door, town, monkeypatch):
    answer = door.post(f"{BASE}/services.json")
    assert answer.status_code == 405 and answer["Allow"] == "GET, HEAD" and answer.json()[0]["code"] == 405
    assert door.delete(f"{BASE}/requests.xml").status_code == 405
    for path in ("services.yaml", "nothing", "requests/x.json", "requests/1.xml"):
        answer = door.get(f"{BASE}/{path}")
        assert answer.status_code == 404 and not answer["Content-Type"].startswith("text/html")
    broken = b'--x\r\nContent-Disposition: form-data; name="media"; filename="a"\r\n'
    answer = door.post(f"{BASE}/requests.json", broken, content_type="multipart/form-data; boundary=")
    assert answer.status_code == 400 and answer.json()[0]["code"] == 400


@pytest.mark.logs_errors
def test_a_failure_here_is_told_as_one(door, town, monkeypatch):
    monkeypatch.setattr("chuangwen.faces.api.open311.views._service", lambda kind: 1 / 0)
    answer = door.get(f"{BASE}/services.xml")
    assert answer.status_code == 500 and tree(answer).findtext("error/code") == "500"


# What is shown


def test_a_public_case_without_a_word_of_its_sender(door, town, make_picture):
    case, row = published(town, make_picture)
    told = door.get(f"{BASE}/requests/{case.uid.hex}.json").json()
    assert told == door.get(f"{BASE}/requests.json").json()
    assert told == [{
        "service_request_id": case.uid.hex, "status": "open", "status_notes": None, "service_name": "暴露垃圾",
        "service_code": "0301", "description": "暴露垃圾", "agency_responsible": None, "service_notice": None,
        "requested_datetime": timezone.localtime(case.reported_at).isoformat(timespec="seconds"),
        "updated_datetime": timezone.localtime(row.updated_at).isoformat(timespec="seconds"), "expected_datetime": None,
        "address": "新华路街道", "address_id": None, "zipcode": None, "lat": row.lat, "long": row.lon,
        "media_url": f"http://testserver/p/picture/{row.uid}/before/",
    }]  # fmt: skip
    assert told[0]["lat"] != case.lat and told[0]["requested_datetime"].endswith("+08:00")
    text = door.get(f"{BASE}/requests.xml").content.decode()
    assert case.number not in text and "老王" not in text and "13800138000" not in text
    picture = door.get(told[0]["media_url"])
    assert picture.status_code == 200 and b"".join(picture.streaming_content)[:2] == b"\xff\xd8"


def test_a_picture_somebody_has_yet_to_look_at_is_not_told(door, town, make_picture):
    _case, row = published(town, make_picture)
    Blob.objects.filter(pk=row.before.blob_id).update(scanned_at=None)
    assert door.get(f"{BASE}/requests.json").json()[0]["media_url"] is None


def test_what_is_taken_down_is_gone_and_a_merged_one_leads_on(door, town, make_picture):
    case, row = published(town, make_picture)
    other = take_report(Told("也是这里", kind=town.kind, lon=113.0, lat=34.76), by=None).case
    path = f"{BASE}/requests/{other.uid.hex}.json"
    assert door.get(path).status_code == 404
    Case.objects.filter(pk=other.pk).update(merged_into=case)
    assert [each["service_request_id"] for each in door.get(path).json()] == [other.uid.hex]
    PublicationFlow.take(row, "withdraw", by=town.people["clerk"], given={"reason": "有人脸"})
    assert door.get(f"{BASE}/requests.json").json() == []
    assert door.get(f"{BASE}/requests/{case.uid.hex}.xml").status_code == 404 == door.get(path).status_code


def ids(answer):
    assert answer.status_code == 200, answer.content
    return [each["service_request_id"] for each in answer.json()]


def test_filters_and_pages(door, town, make_picture):
    now = timezone.now()
    rows = [published(town, make_picture, shade)[0] for shade in (10, 60, 110)]
    for days, case in zip((1, 10, 200), rows, strict=True):
        Publication.objects.filter(case=case).update(reported_at=now - dt.timedelta(days=days))
    Publication.objects.filter(case=rows[1]).update(is_open=False)
    new, done, old = (case.uid.hex for case in rows)
    path = f"{BASE}/requests.json"
    day = (now - dt.timedelta(days=300)).date().isoformat()
    assert ids(door.get(path)) == [new, done]  # of 90 days where none are named
    assert ids(door.get(path, {"start_date": day, "end_date": now.isoformat()})) == [new, done, old]
    assert ids(door.get(path, {"end_date": (now - dt.timedelta(days=150)).isoformat()})) == [old]
    assert ids(door.get(path, {"start_date": day})) == []
    assert ids(door.get(path, {"start_date": (now - dt.timedelta(days=5)).isoformat()})) == [new]
    assert ids(door.get(path, {"status": "closed"})) == [done] and ids(
        door.get(path, {"status": "open"})
    ) == [new]
    assert ids(door.get(path, {"status": "open,closed"})) == [new, done]
    assert ids(door.get(path, {"service_code": "0301,0701"})) == [new, done]
    assert ids(door.get(path, {"service_code": "0701"})) == []
    assert ids(door.get(path, {"service_request_id": f"{old},{new},x"})) == [new, old]  # whatever their days
    assert (
        ids(door.get(path, {"page": 2, "page_size": 1})) == [done] and ids(door.get(path, {"page": 3})) == []
    )
    assert ids(door.get(path, {"jurisdiction_id": "410181"})) == [new, done]


@pytest.mark.parametrize(
    ("given", "status"),
    [({"status": "late"}, 400), ({"start_date": "yesterday"}, 400), ({"start_date": "2026-13-01"}, 400),
     ({"start_date": "0001-01-01T00:00:00Z"}, 400), ({"page": "0"}, 400), ({"page_size": "-1"}, 400), ({"page": "１"}, 400),
     ({"start_date": "2026-02-01", "end_date": "2026-01-01"}, 400), ({"jurisdiction_id": "x"}, 404), ({"api_key": "no"}, 403)],
)  # fmt: skip
def test_faults_of_a_list(door, town, given, status):
    assert door.get(f"{BASE}/requests.json", given).json()[0]["code"] == status
    assert tree(door.get(f"{BASE}/requests.xml", given)).findtext("error/code") == str(status)


def test_scripts_of_other_sites_read_what_is_public_only(door, town, key, make_picture):
    published(town, make_picture)
    open_list = door.get(f"{BASE}/requests.json")
    assert (
        open_list["Access-Control-Allow-Origin"] == "*"
        and "Access-Control-Allow-Credentials" not in open_list
    )
    mine = door.get(f"{BASE}/requests.json", {"api_key": key_of(town, "office", ["read"])})
    assert "Access-Control-Allow-Origin" not in mine and mine["Cache-Control"] == "no-store"
    assert ids(door.get(f"{BASE}/requests.json", {"api_key": key})) == ids(
        open_list
    )  # a key for reporting only


def test_a_list_costs_the_same_however_long(door, town, make_picture, django_assert_num_queries):
    for shade in (10, 60, 110):
        published(town, make_picture, shade)
    secret = key_of(town, "office", ["read"])
    door.get(f"{BASE}/requests.json", {"api_key": secret})  # notes the day of use
    with django_assert_num_queries(1):
        assert len(ids(door.get(f"{BASE}/requests.json"))) == 3
    with django_assert_num_queries(4):  # the key twice, posts, cases
        assert len(ids(door.get(f"{BASE}/requests.json", {"api_key": secret}))) == 3


# Which rows


def sees(life, post):
    """The ids the rule gives, worked out row by row."""
    return {case.uid.hex for case in life.cases.values() if rules.see_case.allows(life.people[post], case)}


def public_of(life):
    """The public cases of this city, by hand: one that was released."""
    assert Publication.objects.filter(state="public").get() == life.publication
    return [life.publication.case.uid.hex]


def test_each_post_is_shown_exactly_what_the_rule_gives(life, door):
    """One test for all: the city behind it is dear to make. A stranger is shown the public ones."""
    assert ids(door.get(f"{BASE}/requests.json")) == public_of(life)
    hidden = ",".join(case.uid.hex for case in life.cases.values())
    found = ids(door.get(f"{BASE}/requests.json", {"service_request_id": hidden}))
    assert set(found) <= set(public_of(life))
    for post in POSTS:
        secret = key_of(life.town, post, ["read"])
        found = door.get(f"{BASE}/requests.json", {"api_key": secret})
        assert set(ids(found)) == sees(life, post), post
        again = tree(door.get(f"{BASE}/requests.xml", headers={"Authorization": f"Bearer {secret}"}))
        assert {each.findtext("service_request_id") for each in again} == sees(life, post), post
        for case in life.cases.values():
            one = door.get(f"{BASE}/requests/{case.uid.hex}.json", {"api_key": secret})
            assert one.status_code == (200 if case.uid.hex in sees(life, post) else 404)


# The published schemas


def test_answers_pass_the_published_schemas(door, town, make_picture):
    if not SCHEMAS.is_dir():
        pytest.skip("left out: ../shared/data is absent")
    import jsonschema

    def check(name, data):
        schema = json.loads((SCHEMAS / f"{name}.json").read_text())
        if "$ref" in schema.get("items", {}):
            schema["items"] = json.loads((SCHEMAS / schema["items"]["$ref"]).read_text())
        jsonschema.validate(data, schema, format_checker=jsonschema.FormatChecker())

    case, _row = published(town, make_picture)
    check("services", door.get(f"{BASE}/services.json").json())
    check("service-definition", door.get(f"{BASE}/services/0301.json").json())
    check("requests", door.get(f"{BASE}/requests.json").json())
    check("request", door.get(f"{BASE}/requests/{case.uid.hex}.json").json()[0])
    mine = door.get(f"{BASE}/requests.json", {"api_key": key_of(town, "office", ["read"])}).json()
    assert len(mine) == 1 and mine[0]["expected_datetime"]
    check("requests", mine)
    with pytest.raises(jsonschema.ValidationError):
        check("requests", [{"status": "late"}])
