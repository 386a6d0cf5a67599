"""Records of a phone: each kept once with a receipt, refused with a sentence, or set aside whole."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from django.utils import timezone

from chuangwen.inspections.fieldwork import doing, files
from chuangwen.inspections.flow import RoundFlow
from chuangwen.inspections.models import Observation, Visit
from chuangwen.kernel.models import Entry, Evidence, Person
from chuangwen.kernel.places.datum import Datum
from chuangwen.kernel.workflow import history
from chuangwen.kernel.workflow.arrival_models import SetAside
from chuangwen.problems.models import Case, Report
from chuangwen.registers.models import PatrolRound
from tests.faces.field.conftest import Phone, all_right, item_of, record

pytestmark = pytest.mark.django_db
VOICE = b"\x1a\x45\xdf\xa3\x9fB\x86\x81\x01B\xf7\x81\x01B\xf2\x81\x04B\xf3\x81\x08B\x82\x84webm" + b"\0" * 40


def test_a_visit_is_kept_with_photos_notes_and_a_receipt_of_history(phones, visits, make_picture):
    phone, visit = phones[0], visits[0]
    wrong, right = item_of(visit, "pass"), item_of(visit, "points")
    taken = timezone.now() - dt.timedelta(minutes=30)
    photo = phone.file(make_picture(90), "found", wrong, taken_at=taken.isoformat(), lon=113.0, lat=34.76,
                       datum="wgs84", accuracy_m=12)  # fmt: skip
    seen = [{"item": wrong, "result": 0, "note": "门口"}, {"item": right, "result": 1, "note": "刚扫过"}]
    sent = record(
        "visit", all_right(visit, seen=seen, note="下雨"), [photo, phone.file(VOICE, "voice")], taken
    )
    answer = phone.one(sent)
    entry = Entry.objects.get(uid=sent["uid"])
    assert answer["status"] == "kept" and answer["receipt"]["hash"] == entry.hash
    visit.refresh_from_db()
    assert (visit.state, visit.note, visit.by, visit.done_at) == ("done", "下雨", phone.person, taken)
    notes = dict(Observation.objects.filter(visit=visit).values_list("check_item", "note"))
    assert notes[wrong] == "门口" and notes[right] == "刚扫过" and len(notes) == 3
    shown = Evidence.objects.get(subject="inspections.visit", subject_id=visit.pk, role="found")
    seen_uid = uuid.uuid5(uuid.UUID(sent["uid"]), str(wrong))
    assert shown.uid == uuid.uuid5(seen_uid, "photo 0")
    assert (shown.taken_at, shown.accuracy_m, shown.blob.sha256) == (taken, 12, photo["sha256"])
    voice = Evidence.objects.get(subject="inspections.visit", subject_id=visit.pk, role="voice")
    assert voice.blob.mime == "audio/webm"
    assert Observation.objects.get(uid=seen_uid).case_id  # what failed is a case at once
    assert list(history.verify("inspections.round", visit.round_id)) == []


def test_the_same_record_again_changes_nothing_and_has_the_same_receipt(phones, visits, make_picture):
    phone, visit = phones[0], visits[0]
    sent = record("visit", all_right(visit), [phone.file(make_picture(), "found")])
    first, again = phone.one(sent), phone.one(sent)
    assert again == {**first, "status": "again"}
    both = phone.send(sent, sent)
    assert [one["status"] for one in both] == ["again", "again"]
    assert Entry.objects.filter(step="visit").count() == 1 and Evidence.objects.count() == 1


def test_a_record_waits_for_its_files_and_says_which(phones, visits, make_picture):
    phone, visit = phones[0], visits[0]
    data = make_picture(7)
    here, missing = phone.file(make_picture(5)), phone.file(data, arrives=False)
    sent = record("visit", all_right(visit), [here, missing])
    assert phone.one(sent) == {
        "uid": sent["uid"], "status": "wants", "receipt": None, "why": "", "wants": [missing["uid"]]
    }  # fmt: skip
    assert Visit.objects.get(pk=visit.pk).state == "planned"
    phone.piece(missing["uid"], data)
    assert phone.one(sent)["status"] == "kept" and Evidence.objects.count() == 2


def test_the_second_phone_at_the_same_visit_is_set_aside_whole(phones, visits, make_picture):
    first, second = phones
    visit = visits[0]
    first.one(record("visit", all_right(visit)))
    wrong = item_of(visit, "pass")
    data = make_picture(44)
    given = all_right(visit, seen=[{"item": wrong, "result": 0, "note": "垃圾"}])
    sent = record("visit", given, [second.file(data, "found", wrong)])
    answer = second.one(sent)
    assert answer["status"] == "aside" and "已经报过" in answer["why"]
    row = SetAside.objects.get(uid=sent["uid"])
    assert row.payload["record"] == sent and row.hash == answer["receipt"]["hash"]
    assert [one["sha256"] for one in row.files] == [sent["files"][0]["sha256"]]
    assert second.one(sent) == answer  # sent again: the same answer, no second row
    assert SetAside.objects.count() == 1 and Observation.objects.filter(result=0).count() == 0


@pytest.mark.logs_errors
def test_records_are_independent_one_bad_one_harms_none(phones, visits, monkeypatch):
    phone = phones[0]
    good = record("visit", all_right(visits[0]))
    other = record("skip", {"visit": str(visits[1].uid), "why": "关门"})
    broken = record("skip", {"visit": str(visits[2].uid), "why": "施工"})
    whole = doing.skip_visit

    def fails(visit, *args, **more):
        if visit.pk == visits[2].pk:
            raise RuntimeError("a fault of ours")
        return whole(visit, *args, **more)

    monkeypatch.setattr(doing, "skip_visit", fails)
    answers = phone.send({"uid": "x", "kind": "visit"}, "words", good, broken, other)
    assert [one["status"] for one in answers] == ["refused", "refused", "kept", "failed", "kept"]
    assert all(one["why"] for one in answers if one["status"] in ("refused", "failed"))


@pytest.mark.parametrize("breaks", ["attach_voices", "record_visit", "_of_visit"])
@pytest.mark.logs_errors
def test_killed_in_the_middle_leaves_nothing_and_the_next_sending_all(
    phones, visits, monkeypatch, make_picture, breaks
):
    phone, visit = phones[0], visits[0]
    sent = record("visit", all_right(visit), [phone.file(make_picture(3)), phone.file(VOICE, "voice")])
    module = files if breaks == "attach_voices" else doing
    whole = getattr(module, breaks)

    def dies(*args, **more):
        whole(*args, **more)
        raise SystemError("killed")

    monkeypatch.setattr(module, breaks, dies)
    assert phone.one(sent)["status"] == "failed"
    assert not Entry.objects.filter(uid=sent["uid"]).exists() and Evidence.objects.count() == 0
    assert Visit.objects.get(pk=visit.pk).state == "planned"
    monkeypatch.undo()
    assert phone.one(sent)["status"] == "kept" and Evidence.objects.count() == 2


def test_a_wrong_clock_is_set_right_and_noted(phones, visits, make_picture):
    phone, visit = phones[0], visits[0]
    ahead = dt.timedelta(hours=7)
    told = timezone.now() - dt.timedelta(minutes=10) + ahead
    photo = phone.file(make_picture(8), "found", taken_at=told.isoformat())
    sent = record("visit", all_right(visit), [photo], told)
    phone.one(sent, clock=timezone.now() + ahead)
    row = Evidence.objects.get()
    seconds = Entry.objects.get(uid=sent["uid"]).given["clock_s"]
    assert abs(seconds + ahead.total_seconds()) <= 2 and row.findings["clock_s"] == seconds
    assert abs((row.taken_at - (told - ahead)).total_seconds()) <= 2
    visit.refresh_from_db()
    assert abs((visit.done_at - (told - ahead)).total_seconds()) <= 2


def test_times_in_the_future_become_now_and_are_noted(phones, visits, make_picture):
    phone, visit = phones[0], visits[0]
    later = timezone.now() + dt.timedelta(days=400)
    photo = phone.file(make_picture(8), "found", taken_at=later.isoformat())
    assert phone.one(record("visit", all_right(visit), [photo], later))["status"] == "kept"
    row = Evidence.objects.get()
    assert row.taken_at <= timezone.now() and row.findings["future"] is True
    visit.refresh_from_db()
    assert visit.done_at <= timezone.now()


def test_a_small_difference_of_clocks_is_left_alone(phones, visits):
    sent = record("skip", {"visit": str(visits[0].uid), "why": "关门"})
    phones[0].one(sent, clock=timezone.now() - dt.timedelta(seconds=60))
    assert "clock_s" not in Entry.objects.get(uid=sent["uid"]).given


def test_after_the_round_has_ended_a_record_is_set_aside(phones, visits, round_of_two):
    phones[0].one(record("visit", all_right(visits[0])))
    RoundFlow.take(round_of_two, "end", by=round_of_two.maker)
    answer = phones[0].one(record("visit", all_right(visits[1])))
    assert answer["status"] == "aside" and "结束" in answer["why"] and len(answer["receipt"]["hash"]) == 64


def test_a_visit_one_may_not_know_of_sounds_like_none(running, ground):
    hidden = running(kind="covert", teams=1)
    visit = Visit.objects.filter(round=hidden).first()
    phone = Phone(ground.raters[2])
    other = phone.one(record("visit", all_right(visit)))
    none = phone.one(record("visit", {**all_right(visit), "visit": str(uuid.uuid4())}))
    assert other["status"] == none["status"] == "aside" and other["why"] == none["why"]
    assert Visit.objects.get(pk=visit.pk).state == "planned"


def test_somebody_elses_record_id_is_refused_and_tells_nothing(phones, visits):
    sent = record("visit", all_right(visits[0]))
    phones[0].one(sent)
    answer = phones[1].one(sent)
    assert answer["status"] == "refused" and answer["receipt"] is None
    other_kind = phones[0].one({**sent, "kind": "report", "given": {"what": "垃圾满溢", "site": "S1"}})
    assert other_kind["status"] == "refused" and Report.objects.count() == 0


def test_somebody_elses_file_is_not_taken(phones, visits, make_picture):
    first, second = phones
    photo = first.file(make_picture(9))
    answer = second.one(record("visit", all_right(visits[0]), [photo]))
    assert answer["status"] == "wants" and answer["wants"] == [photo["uid"]]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"seen": "all"}, "逐项"),
        ({"seen": [{"item": 1}]}, "没有结果"),
        ({"seen": [{"item": 2**40, "result": 1}]}, "整数"),
        ({"seen": [{"item": 999_999, "result": 1}]}, "刷新清单"),
        ({"seen": [{"item": True, "result": 1}]}, "整数"),
        ({"seen": [], "rest": False}, "一项也没有记"),
        ({"note": "长" * 301}, "最长 300"),
        ({"note": "a\0b"}, "存不下"),
        ({"note": "\ud800"}, "存不下"),
        ({"visit": None}, "哪一处"),
    ],
)
def test_what_the_sender_can_mend_is_refused_with_a_sentence(phones, visits, given, words):
    answer = phones[0].one(record("visit", {**all_right(visits[0]), **given}))
    assert answer["status"] == "refused" and words in answer["why"]
    assert Visit.objects.get(pk=visits[0].pk).state == "planned" and SetAside.objects.count() == 0


def test_unknown_fields_mean_nothing_and_rare_letters_stay(phones, visits):
    sent = record("visit", all_right(visits[0], note="𠮷野家😀", unknown={"a": [1]}))
    assert phones[0].one({**sent, "more": "x"})["status"] == "kept"
    visits[0].refresh_from_db()
    assert visits[0].note == "𠮷野家😀"


def test_a_broken_photo_is_refused_and_can_be_replaced(phones, visits, make_picture):
    phone, visit = phones[0], visits[0]
    sent = record("visit", all_right(visit), [phone.file(make_picture()[:900])])
    assert phone.one(sent)["status"] == "refused"
    sent["files"] = [phone.file(make_picture())]
    assert phone.one(sent)["status"] == "kept"


def test_a_page_is_no_voice_note(phones, visits):
    phone = phones[0]
    answer = phone.one(
        record("visit", all_right(visits[0]), [phone.file(b"<html><script>1</script>", "voice")])
    )
    assert answer["status"] == "refused" and "不是录音" in answer["why"]


def test_a_report_becomes_a_case_once_with_each_photos_own_place(ground, make_picture):
    phone = Phone(ground.people["grid_keeper"])
    photo = phone.file(make_picture(70), lon=113.001, lat=34.761, datum="wgs84", accuracy_m=9,
                       taken_at=timezone.now().isoformat())  # fmt: skip
    given = {"what": "垃圾桶满溢", "kind": "0301", "lon": 113.0, "lat": 34.76, "datum": "wgs84",
             "accuracy_m": 20, "look": "site:S1"}  # fmt: skip
    sent = record("report", given, [photo, phone.file(VOICE, "voice")])
    answer = phone.one(sent)
    case = Case.objects.get()
    assert answer["receipt"]["number"] == case.number and case.kind.code == "0301"
    assert phone.one(sent)["receipt"] == answer["receipt"] and Report.objects.count() == 1
    row = Evidence.objects.get(role="found")
    assert (row.accuracy_m, row.uid) == (9, uuid.uuid5(uuid.UUID(sent["uid"]), photo["uid"]))
    assert Evidence.objects.filter(role="voice", subject_id=case.pk).count() == 1
    look = PatrolRound.objects.get()
    assert look.case_number == case.number and not look.is_fine


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"what": ""}, "什么问题"), ({"kind": "9"}, "类别"), ({"lon": 5, "lat": 5}, "示例市"), ({"lat": None}, "经度"),
    ],
)  # fmt: skip
def test_a_report_with_a_fault_is_refused_with_its_sentence(ground, given, words):
    phone = Phone(ground.people["grid_keeper"])
    whole = {"what": "垃圾桶满溢", "lon": 113.0, "lat": 34.76}
    answer = phone.one(record("report", {**whole, **given}))
    assert answer["status"] == "refused" and answer["why"], answer
    assert Case.objects.count() == 0


@pytest.fixture
def answered(town, make_picture):
    """A case that waits for its re-check."""
    from chuangwen.problems.actions import Told, confirm_case, take_report
    from chuangwen.problems.flow import CaseFlow
    from chuangwen.problems.photos import add_photo

    told = Told(text="垃圾满溢", kind=town.kind, site=town.site, photos=[make_picture(20)])
    case = take_report(told, by=town.people["dispatcher"]).case
    case = confirm_case(case, by=town.people["dispatcher"], kind=town.kind)
    liaison = town.people["liaison"]
    add_photo(case, make_picture(30), role="fixed", by=liaison, point=(113.0, 34.765, Datum.WGS84))
    CaseFlow.take(case, "accept", by=liaison)
    return CaseFlow.take(case, "answer", by=liaison, given={"note": "已清"}).matter


def test_a_recheck_closes_the_case_and_a_later_one_is_set_aside(town, answered, make_picture):
    phone = Phone(town.people["checker"])
    seen = phone.client.get("/field/day.json").json()["rechecks"]
    assert [one["number"] for one in seen] == [answered.number]
    assert [(s["code"], s["needs_reason"]) for s in seen[0]["steps"]] == [("pass", False), ("reject", True)]
    assert seen[0]["before"] and seen[0]["after"]
    given = {"number": answered.number, "step": "pass", "note": "干净"}
    sent = record("recheck", given, [phone.file(make_picture(31), "check")])
    answer = phone.one(sent)
    assert answer["status"] == "kept" and answer["receipt"]["number"] == answered.number
    assert Case.objects.get(pk=answered.pk).state == "closed"
    assert Evidence.objects.filter(role="check", subject_id=answered.pk).count() == 1
    late = {"number": answered.number, "step": "reject", "reason": "还有"}
    answer = Phone(town.people["clerk"]).one(record("recheck", late))
    assert answer["status"] == "aside" and SetAside.objects.get().subject_id == answered.pk


def test_a_recheck_without_its_reason_is_refused(town, answered):
    phone = Phone(town.people["checker"])
    answer = phone.one(record("recheck", {"number": answered.number, "step": "reject", "reason": " "}))
    assert answer["status"] == "refused"
    assert phone.one(record("recheck", {"number": answered.number, "step": "void"}))["status"] == "refused"


def test_a_look_on_a_patrol_is_kept_once(ground):
    phone = Phone(ground.people["grid_keeper"])
    sent = record("patrol", {"key": "site:S1", "is_fine": True})
    first, again = phone.one(sent), phone.one(sent)
    assert first["status"] == "kept" and again["receipt"] == first["receipt"]
    assert PatrolRound.objects.count() == 1
    far = Phone(ground.raters[0]).one(record("patrol", {"key": "site:S1", "is_fine": True}))
    assert far["status"] == "aside"


def test_limits_of_one_sending(phones, visits):
    phone = phones[0]
    assert "一次最多" in phone.send(*[{}] * 101, status=413)["why"]
    answer = phone.client.post("/field/send/", "{", content_type="application/json")
    assert answer.status_code == 400 and answer.json()["why"]
    assert phone.one(record("visit", all_right(visits[0], note="x" * 200_001)))["status"] == "refused"


def test_strangers_get_json_and_the_reason(client):
    for method, path in (("get", "/field/day.json"), ("post", "/field/send/"),
                         ("post", f"/field/pieces/{uuid.uuid4()}/")):  # fmt: skip
        answer = getattr(client, method)(path)
        assert answer.status_code == 401 and "登录" in answer.json()["why"]


def test_a_page_elsewhere_cannot_send_for_the_person(ground):
    phone = Phone(ground.raters[0], enforce_csrf_checks=True)
    answer = phone.client.post("/field/send/", "{}", content_type="application/json")
    assert answer.status_code == 403
    token = phone.client.get("/field/day.json").json()["csrf"]
    answer = phone.client.post(
        "/field/send/", '{"records": []}', content_type="application/json", headers={"X-CSRFToken": token}
    )
    assert answer.status_code == 200


def test_no_track_and_no_sign_in_by_place_is_taken(phones, visits):
    """What a phone might tell of where it went is not kept: only a record's own point is."""
    from chuangwen.kernel import gates

    assert not gates.is_open("check_in") and not gates.is_open("track_upload")
    for kind in ("track", "check_in", "position"):
        assert phones[0].one(record(kind, {"points": [[113.0, 34.7]]}))["status"] == "refused"
    sent = record("visit", all_right(visits[0], track=[[113.0, 34.7], [113.1, 34.7]]))
    phones[0].one(sent)
    assert "113.1" not in str(Entry.objects.get(uid=sent["uid"]).given)
    assert Person.objects.count() and Evidence.objects.count() == 0
