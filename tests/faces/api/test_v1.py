"""Our own interface: exactly the person's rows, scopes, pages of a list, writes that may be sent again."""

from __future__ import annotations

import datetime as dt
import json
import uuid

import pytest
from django.test import Client
from django.utils import timezone

from chuangwen.faces.api.v1 import door
from chuangwen.kernel.models import City, Entry, Evidence, Person, Token
from chuangwen.kernel.people.tokens import digest_of
from chuangwen.problems import rules
from chuangwen.problems.actions import Told, confirm_case, hand_over, take_report
from chuangwen.problems.models import Case, Report
from tests.architecture.conftest import life
from tests.architecture.test_addresses import POSTS

__all__ = ["life"]


@pytest.fixture
def case(town):
    return take_report(
        Told(text="垃圾桶满溢", lon=113.0, lat=34.7601, kind=town.kind, source="patrol"), by=None
    ).case


def numbers(caller, **asked):
    """Every number the list gives, page by page."""
    found, cursor = [], None
    while True:
        said = caller.get("cases", limit=2, **asked, **({"cursor": cursor} if cursor else {})).json()
        found += [row["number"] for row in said["items"]]
        cursor = said["next"]
        if not cursor:
            return found


def test_every_post_gets_the_cases_its_rule_gives_by_list_and_by_number(life, caller):
    for post in POSTS:
        person = life.people[post]
        mine = caller(person, "read")
        seen = {case.number for case in life.cases.values() if rules.see_case.allows(person, case)}
        listed = numbers(mine)
        assert (post, sorted(listed)) == (post, sorted(seen))
        for case in life.cases.values():
            for path in (f"cases/{case.number}", f"cases/{case.number}/steps"):
                assert mine.get(path).status_code == (200 if case.number in seen else 404), (post, path)
        for name, photo in life.photos.items():
            wanted = 200 if life.cases[name].number in seen else 404
            answer = mine.get(f"photos/{photo.pk}/thumb")
            assert answer.status_code == wanted
            if wanted == 200:
                assert answer.content[:2] == b"\xff\xd8"


def test_no_answer_names_a_case_the_person_may_not_see(life, caller):
    """Every read without a name of its own in the path, for each kind of post that is kept from something."""
    paths = [
        path[len("/api/v1/") :]
        for path, said in door.interface()[1]["paths"].items()
        if "get" in said and "{" not in path
    ]
    assert len(paths) >= 10
    for post in ("nobody", "liaison", "inspector", "supervisor", "discipline", "admin"):
        mine = caller(life.people[post], "read")
        for path in paths:
            text = mine.get(path).content.decode()
            told = {name for name, case in life.cases.items() if case.number in text}
            assert told <= {
                name for name, case in life.cases.items() if rules.see_case.allows(life.people[post], case)
            }
            assert "久拖不改" not in text


def test_filters(life, caller):
    mine = caller(life.people["office"], "read")
    today = timezone.localdate()
    assert (
        set(numbers(mine, state="closed"))
        == {life.cases["closed"].number}
        == set(numbers(mine, open="false"))
    )
    assert set(numbers(mine, text="车辆")) == {life.cases["theirs"].number} == set(numbers(mine, kind="0701"))
    assert life.cases["theirs"].number not in numbers(mine, unit="cgj")
    assert len(numbers(mine, street="410181001000")) == len(life.cases)
    assert numbers(mine, to=today - dt.timedelta(days=3)) == []
    assert len(numbers(mine, **{"from": today - dt.timedelta(days=3), "to": "9999-12-31"})) == len(life.cases)


def test_a_list_costs_the_same_whether_one_row_or_many(life, caller, django_assert_max_num_queries):
    mine = caller(life.people["office"], "read")
    mine.get("cases")
    with django_assert_max_num_queries(8):
        assert len(mine.get("cases", limit=200).json()["items"]) == len(life.cases)


SCOPES = {
    "cases": ("GET", "read"),
    "me": ("GET", "read"),
    "cases#": ("POST", "report"),
    "steps": ("POST", "work"),
}


@pytest.mark.parametrize("scope", ["read", "report", "work", "forms", "exchange"])
def test_a_key_opens_what_its_scopes_say(town, case, caller, scope):
    mine = caller(town.people["dispatcher"], scope)
    assert (mine.get("cases").status_code == 200) == (scope == "read")
    assert (mine.get("me").status_code == 200) == (scope == "read")
    told = {"uid": str(uuid.uuid4()), "what": "垃圾", "site": "S1"}
    assert (mine.post("cases", told).status_code == 201) == (scope == "report")
    step = {"uid": str(uuid.uuid4()), "fields": {"kind": "0301"}}
    assert (mine.post(f"cases/{case.number}/steps/verify", step).status_code == 200) == (scope == "work")
    refused = mine.get("cases") if scope != "read" else mine.post("cases", told)
    assert refused.status_code == 403 and refused["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    "why", ["ended", "revoked", "inactive", "wrong", "none", "session", "basic of another"]
)
def test_without_a_key_in_force_nothing_is_told(town, case, key, why):
    client, person = Client(), town.people["office"]
    headers = {"Authorization": f"Bearer {(secret := key(person))}"}
    assert client.get("/api/v1/cases", headers=headers).status_code == 200
    if why == "ended":
        Token.objects.update(ends_on=timezone.localdate() - dt.timedelta(days=1))
    elif why == "revoked":
        Token.objects.update(revoked_at=timezone.now())
    elif why == "inactive":
        Person.objects.filter(pk=person.pk).update(is_active=False)
    elif why == "basic of another":
        import base64

        headers = {"Authorization": "Basic " + base64.b64encode(f"liaison:{secret}".encode()).decode()}
    else:
        headers = {"Authorization": "Bearer x"} if why == "wrong" else {}
    if why == "session":
        client.force_login(person)
    answer = client.get("/api/v1/cases", headers=headers)
    assert answer.status_code == 401 and case.number not in answer.content.decode()
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_posts_that_end_take_the_rows_with_them(town, case, caller):
    mine = caller(town.people["office"], "read")
    assert numbers(mine) == [case.number]
    town.people["office"].posts.update(to_on=timezone.localdate() - dt.timedelta(days=1))
    assert numbers(mine) == []
    assert mine.get(f"cases/{case.number}").status_code == 404


def test_too_many_requests_with_one_key(town, caller):
    City.objects.update(settings={"api_per_minute": 2})
    mine, other = caller(town.people["office"]), caller(town.people["office"])
    assert [mine.get("me").status_code for _n in range(3)] == [200, 200, 429]
    assert mine.get("me")["Retry-After"] and other.get("me").status_code == 200


def report(**more):
    return {"uid": str(uuid.uuid4()), "what": "垃圾桶满溢", "lon": 113.0, "lat": 34.7601, **more}


def test_a_report_sent_twice_is_one_case(town, caller):
    mine, told = caller(town.people["inspector"], "report"), report()
    first, second = mine.post("cases", told), mine.post("cases", told)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json() and Case.objects.count() == 1
    assert first.json()["source"] == "tour" and Report.objects.get().channel == "api"


def test_somebody_elses_id_gives_nothing_away(town, caller, case):
    told = report()
    assert caller(town.people["inspector"], "report").post("cases", told).status_code == 201
    answer = caller(town.people["liaison2"], "report").post("cases", told)
    assert answer.status_code == 409 and answer.json()["errors"][0]["loc"] == ["body", "uid"]
    taken = Entry.objects.filter(subject_id=case.pk).latest("pk")
    answer = caller(town.people["dispatcher"], "work").post(
        f"cases/{Case.objects.latest('pk').number}/steps/verify",
        {"uid": str(taken.uid), "fields": {"kind": "0301"}},
    )
    assert answer.status_code == 409
    step = {"uid": str(uuid.uuid4()), "fields": {"kind": "0301"}}
    mine = caller(town.people["dispatcher"], "work", "report")
    assert mine.post(f"cases/{case.number}/steps/verify", step).status_code == 200
    assert mine.post("cases", report(uid=step["uid"])).status_code == 409


def test_photos_come_with_the_report_and_after_it(town, caller, make_picture):
    from django.core.files.uploadedfile import SimpleUploadedFile as File

    mine = caller(town.people["inspector"], "report")
    said = mine.form(
        "cases", **report(), photos=[File("a.jpg", make_picture(3)), File("b.jpg", make_picture(70))]
    )
    assert said.status_code == 201 and len(said.json()["photos"]) == 2
    path, uid = f"cases/{said.json()['number']}/photos", str(uuid.uuid4())
    again = [
        mine.form(path, uid=uid, role="found", photo=File("c.jpg", make_picture(130))) for _n in range(2)
    ]
    assert [one.status_code for one in again] == [200, 200] and again[0].json() == again[1].json()
    assert Evidence.objects.count() == 3
    bad = mine.form(path, uid=str(uuid.uuid4()), role="found", photo=File("d.jpg", b"<svg/>"))
    assert bad.status_code == 422 and bad.json()["errors"][0]["loc"] == ["body", "photo"]
    assert (
        mine.form(path, uid=str(uuid.uuid4()), role="fixed", photo=File("e.jpg", make_picture(9))).status_code
        == 403
    )


WRONG = [
    ({"what": "垃圾"}, 422, "uid"),
    (report(what="x"), 422, "what"),
    (report(lat=None, lon=None), 422, "address"),
    (report(unknown=1), 422, "unknown"),
    (report(uid="1"), 422, "uid"),
    (report(lon="113"), 422, "lon"),
    (report(kind="0000"), 422, "kind"),
    (report(lat=None), 422, "body"),
    (report(taken_at="2026-11-22T10:00:00"), 422, "taken_at"),
    (report(what="垃\x00圾"), 422, "what"),
    (report(lon=34.76, lat=113.0), 422, "body"),
]


@pytest.mark.parametrize(("told", "status", "name"), WRONG)
def test_what_is_wrong_with_a_report_is_named(town, caller, told, status, name):
    answer = caller(town.people["office"], "report").post("cases", json.dumps(told))
    said = answer.json()
    assert (answer.status_code, said["status"]) == (status, status) and said["detail"]
    assert said["errors"][0]["loc"][-1] == name
    assert Case.objects.count() == 0


def test_a_place_outside_the_city_is_refused_in_a_sentence(town, caller):
    answer = caller(town.people["office"], "report").post("cases", report(lon=10.0, lat=50.0))
    assert answer.status_code == 422 and answer.json()["detail"]


def test_broken_bodies(town, client, key):
    headers = {"Authorization": f"Bearer {key(town.people['office'], 'report')}"}

    def send(body, kind, **more):
        return client.generic(
            "POST", "/api/v1/cases", body, content_type=kind, headers=headers, **more
        ).status_code

    assert send("{", "application/json") == 400
    assert send('{"what": "\\ud800"}', "application/json") == 400
    assert send("[" * 100_000, "application/json") == 400
    assert send("what=x", "application/x-www-form-urlencoded") == 415
    assert send("x", "multipart/form-data") == 400
    assert send("x" * (door.MOST_JSON + 1), "application/json") == 413
    assert send("[1]", "application/json") == 422


def test_a_step_is_taken_refused_and_not_allowed(town, case, caller):
    mine = caller(town.people["dispatcher"], "read", "work")
    offered = {one["code"]: one for one in mine.get(f"cases/{case.number}/steps").json()["items"]}
    assert offered["verify"]["fields"][0] == {
        "name": "kind", "label": "类别", "is_required": False, "type": "row", "choices": None, "most": None,
    }  # fmt: skip

    def step(who, code, **fields):
        return who.post(f"cases/{case.number}/steps/{code}", {"uid": str(uuid.uuid4()), "fields": fields})

    assert step(mine, "dispatch").status_code == 409  # not filed yet
    assert step(mine, "verify", kind="0000").status_code == 422
    assert step(mine, "verify", kin="0301").json()["errors"][0]["loc"] == ["body", "fields", "kin"]
    assert step(mine, "verify", kind="0301").json()["state"] == "verified"
    assert step(mine, "file").status_code == 200
    done = step(mine, "dispatch", unit="cgj")
    assert (done.json()["unit"], done.json()["steps"][-1]["step"]) == ("cgj", "dispatch")
    liaison = caller(town.people["liaison"], "work")
    assert step(liaison, "pass").status_code in (403, 409)
    refused = step(liaison, "supervise", level="1", reason="x")
    assert refused.status_code == 403 and "督办" in refused.json()["detail"]
    bad = step(liaison, "return")
    assert bad.status_code == 422 and bad.json()["errors"][0] == {
        "loc": ["body", "fields", "reason"],
        "msg": "写明理由，对方要看得懂。",
    }
    assert step(mine, "remind").status_code == step(mine, "nothing").status_code == 404
    assert step(caller(town.people["liaison2"], "work"), "accept").status_code == 404


def test_a_step_sent_twice_is_taken_once(town, case, caller):
    mine, told = (
        caller(town.people["dispatcher"], "work"),
        {"uid": str(uuid.uuid4()), "fields": {"kind": "0301"}},
    )
    said = [mine.post(f"cases/{case.number}/steps/verify", told) for _n in range(2)]
    assert [one.status_code for one in said] == [200, 200]
    assert Entry.objects.filter(step="verify").count() == 1


def test_a_hand_over_is_no_word_of_the_history(town, case, caller):
    case = confirm_case(case, by=town.people["dispatcher"])
    hand_over(case, kind="supervision", to_unit=town.units["dcj"], reason="久拖", by=town.people["clerk"])
    said = caller(town.people["liaison"], "read").get(f"cases/{case.number}").json()
    assert said["steps"][-1]["label"] == "暂停计时"
    assert "久拖" not in str(said) and "督查局" not in str(said) and "dcj" not in str(said)


UNKNOWN = ["cases?colour=red", "cases?limit=0", "cases?limit=201", "cases?limit=1.0", "cases?state=nowhere", "cases?open=yes",
           "cases?from=0", "cases?from=2026-02-30", "cases?text=%00", "cases?cursor=zzz", "cases?cursor=W10", "units?kind=x",
           "cases?state=closed&state=open", "standards/x", "photos/1/original"]  # fmt: skip


@pytest.mark.parametrize("path", UNKNOWN)
def test_unknown_and_wrong_parameters_are_named(town, caller, path):
    answer = caller(town.people["office"]).get(path)
    assert answer.status_code == 422 and answer.json()["errors"]


def test_addresses_that_are_none_and_methods_that_are_none(town, caller, client, key):
    mine = caller(town.people["office"])
    for path in (
        "nothing",
        "cases/",
        "cases/x\x00",
        "standards/99999999999999999999",
        "rankings/9999999999999999999999",
    ):
        assert mine.get(path).status_code == 404
    answer = client.delete("/api/v1/cases", headers=mine.headers)
    assert (answer.status_code, answer["Allow"]) == (405, "GET, POST")


def test_lists_for_all_are_kept_by_etag_and_a_persons_own_are_not(town, caller, client):
    mine = caller(town.people["office"])
    first = mine.get("units")
    again = client.get("/api/v1/units", headers={**mine.headers, "If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert mine.get("cases")["Cache-Control"] == mine.get("me")["Cache-Control"] == "no-store"


def test_words_in_the_language_asked_for(town, caller, client):
    mine = caller(town.people["office"], "forms")
    said = client.get("/api/v1/cases", headers={**mine.headers, "Accept-Language": "zh-CN"}).json()
    assert said["title"] == "不归你办"


def test_the_description_is_public_and_complete(client, db):
    document = client.get("/api/v1/openapi.json").json()
    operations = [op for path in document["paths"].values() for op in path.values()]
    assert len({op["operationId"] for op in operations}) == len(operations)
    for operation in operations:
        assert (
            operation["summary"] and operation["description"] and operation["security"] and operation["tags"]
        )
        assert all(row.get("description") for row in operation.get("parameters", ()) if row["in"] == "query")
    page = client.get("/api/v1/").content.decode()
    assert all(path in page for path in document["paths"]) and "//cdn" not in page


def test_the_secret_is_not_kept(town, key):
    secret = key(town.people["office"])
    assert Token.objects.get().digest == digest_of(secret) and secret not in str(Token.objects.values().get())
