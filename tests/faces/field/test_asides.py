"""Records set aside: who sees them, beside what is there now, taken after reopening or left with a reason."""

from __future__ import annotations

import threading
import uuid

import pytest
from django.db import connection
from django.test import Client

from chuangwen.inspections.fieldwork import asides, taking
from chuangwen.inspections.fieldwork.records import Clock, parse
from chuangwen.inspections.models import Observation, Visit
from chuangwen.inspections.recording import reopen_visit
from chuangwen.kernel.models import Entry, Evidence, Notice, Person
from chuangwen.kernel.workflow import history
from chuangwen.kernel.workflow.arrival_models import SetAside
from tests.faces.field.conftest import Phone, all_right, item_of, record
from tests.faces.field.test_sending import VOICE


def second_record(phones, visit, make_picture):
    first, second = phones
    assert first.one(record("visit", all_right(visit)))["status"] == "kept"
    wrong = item_of(visit, "pass")
    given = all_right(visit, seen=[{"item": wrong, "result": 0, "note": "门口有垃圾"}])
    files = [second.file(make_picture(61), "found", wrong), second.file(VOICE, "voice")]
    sent = record("visit", given, files)
    assert second.one(sent)["status"] == "aside"
    return sent, SetAside.objects.get()


@pytest.fixture
def office(ground):
    client = Client()
    client.force_login(ground.people["office"])
    return client


@pytest.mark.django_db
def test_the_desk_sees_the_record_beside_what_is_there(phones, visits, make_picture, office):
    _sent, row = second_record(phones, visits[0], make_picture)
    assert Notice.objects.filter(kind="aside", url=f"/asides/{row.pk}/").exists()
    listed = office.get("/asides/").content.decode()
    assert f"/asides/{row.pk}/" in listed and visits[0].place.name in listed
    shown = office.get(f"/asides/{row.pk}/").content.decode()
    assert "门口有垃圾" in shown and "<b>不达标</b>" in shown and "达标</td>" in shown and "<audio" in shown
    small = office.get(f"/asides/{row.pk}/files/0/")
    assert small["Content-Type"] == "image/jpeg" and b"".join(small.streaming_content)[:2] == b"\xff\xd8"
    voice = office.get(f"/asides/{row.pk}/files/1/", headers={"Range": "bytes=0-3"})
    assert (voice.status_code, voice.content, voice["Content-Type"]) == (206, VOICE[:4], "audio/webm")
    assert voice["X-Content-Type-Options"] == "nosniff"
    assert office.get(f"/asides/{row.pk}/files/2/").status_code == 404


@pytest.mark.django_db
def test_taken_after_the_visit_was_opened_again(phones, visits, make_picture, office, ground):
    sent, row = second_record(phones, visits[0], make_picture)
    refused = office.post(f"/asides/{row.pk}/", {"take": "1"})
    assert refused.status_code == 409 and "已经报过" in refused.content.decode()
    reopen_visit(Visit.objects.get(pk=visits[0].pk), "以后一条为准", by=ground.people["office"])
    assert office.post(f"/asides/{row.pk}/", {"take": "1"}).status_code == 302
    visit = Visit.objects.get(pk=visits[0].pk)
    assert (visit.state, visit.by, visit.failed) == ("done", phones[1].person, 1)
    assert Entry.objects.get(uid=sent["uid"]).by == phones[1].person
    assert Observation.objects.get(visit=visit, result=0).case_id
    assert Evidence.objects.filter(subject="inspections.visit", role="voice").count() == 1
    row.refresh_from_db()
    assert row.decided_by == ground.people["office"] and row.decision == "采用"
    assert list(history.verify("kernel.setaside", row.pk)) == []
    again = office.post(f"/asides/{row.pk}/", {"take": "1"})
    assert again.status_code == 409 and "有人处理过" in again.content.decode()
    assert phones[1].one(sent)["receipt"]["hash"] == row.hash  # the phone's receipt stays what it was


@pytest.mark.django_db
def test_left_aside_with_a_reason(phones, visits, make_picture, office):
    _sent, row = second_record(phones, visits[0], make_picture)
    assert office.post(f"/asides/{row.pk}/", {"reason": " "}).status_code == 409
    assert office.post(f"/asides/{row.pk}/", {"reason": "同一件事"}).status_code == 302
    row.refresh_from_db()
    assert row.decision == "不采用：同一件事" and "同一件事" in office.get("/asides/").content.decode()


@pytest.mark.django_db
def test_what_belongs_to_a_secret_round_only_its_maker_sees(running, ground, office):
    row = running(kind="covert", teams=1)
    row.teams.get().members.add(ground.raters[1])
    visit = Visit.objects.filter(round=row).first()
    for rater in ground.raters[:2]:
        Phone(rater).one(record("visit", all_right(visit)))
    kept = SetAside.objects.get()
    clerk = Client()
    clerk.force_login(ground.people["clerk"])
    assert office.get(f"/asides/{kept.pk}/").status_code == 200
    assert clerk.get(f"/asides/{kept.pk}/").status_code == 404
    assert visit.place.name not in clerk.get("/asides/").content.decode()
    with pytest.raises(Exception, match="不归你"):
        asides.adopt(kept, by=ground.people["clerk"])
    assert not Notice.objects.filter(kind="aside").exclude(person=row.maker).exists()


@pytest.mark.django_db
def test_a_record_of_another_day_is_set_aside_and_any_words_in_it_are_shown(phones, visits, office):
    import datetime as dt

    from django.utils import timezone

    phone, long_ago = phones[0], timezone.now() - dt.timedelta(days=40)
    odd = {"visit": str(uuid.uuid4()), "seen": {"item": [1]}, "why": "<b>关门</b>"}
    sent = [
        record("skip", {"visit": str(visits[0].uid), "why": "关门"}, at=long_ago),
        record("visit", odd), record("visit", {**odd, "seen": [{"item": 2**70, "result": [2], "band": {}}]}),
    ]  # fmt: skip
    assert [one["status"] for one in phone.send(*sent)] == ["aside"] * 3
    for row in SetAside.objects.all():
        shown = office.get(f"/asides/{row.pk}/")
        assert shown.status_code == 200 and "<b>关门</b>" not in shown.content.decode()
        assert office.post(f"/asides/{row.pk}/", {"take": "1"}).status_code == 409


@pytest.mark.django_db
def test_voice_notes_play_on_the_pages_of_visit_and_case(phones, visits, office, ground):
    phone = phones[0]
    phone.one(record("visit", all_right(visits[0]), [phone.file(VOICE, "voice")]))
    voice = Evidence.objects.get(role="voice")
    tag = f'<audio controls preload="none" src="/evidence/{voice.pk}/public/"></audio>'
    assert tag in office.get(f"/visits/{visits[0].uid}/").content.decode()
    answer = office.get(f"/evidence/{voice.pk}/public/")
    assert (answer["Content-Type"], answer.content) == ("audio/webm", VOICE)
    assert "sandbox" in answer["Content-Security-Policy"]
    assert office.get(f"/evidence/{voice.pk}/thumb/").status_code == 404
    stranger = Client()
    stranger.force_login(ground.people["liaison"])
    assert stranger.get(f"/evidence/{voice.pk}/public/").status_code == 404
    keeper = Phone(ground.people["grid_keeper"])
    told = {"what": "垃圾桶满溢", "site": "S1"}
    answer = keeper.one(record("report", told, [keeper.file(VOICE + b"1", "voice")]))
    page = office.get(f"/cases/{answer['receipt']['number']}/").content.decode()
    assert page.count("<audio") == 1


@pytest.mark.django_db(transaction=True)
def test_two_phones_and_doubled_sendings_at_once(phones, visits, make_picture):
    """Four connections: each of two phones sends its record of one visit twice, all at the same moment."""
    from django.utils import timezone

    visit, faults, answers = visits[0], [], {}
    sent = [
        record("visit", all_right(visit), [phone.file(make_picture(n))]) for n, phone in enumerate(phones)
    ]
    start = threading.Barrier(4)

    def send(n):
        try:
            person = Person.objects.get(pk=phones[n % 2].person.pk)
            parsed = parse(sent[n % 2], Clock(timezone.now()))
            start.wait(10)
            answers[n] = taking.take(parsed, by=person, now=timezone.now())
        except Exception as fault:
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=send, args=(n,)) for n in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert faults == []
    by_record = [{answers[n].status, answers[n + 2].status} for n in (0, 1)]
    assert sorted(by_record, key=len) == [{"aside"}, {"kept", "again"}]
    assert all(answers[n].receipt.hash == answers[n + 2].receipt.hash for n in (0, 1))
    assert Entry.objects.filter(step="visit").count() == SetAside.objects.count() == 1
    assert Observation.objects.filter(visit=visit).count() == 3
    assert Evidence.objects.filter(subject="inspections.visit").count() == 1


@pytest.mark.django_db(transaction=True)
def test_one_report_from_four_connections_is_one_case(town):
    from django.utils import timezone

    from chuangwen.problems.models import Case

    person, faults, start = town.people["grid_keeper"], [], threading.Barrier(4)
    sent = record("report", {"what": "垃圾桶满溢", "site": "S1"}, uid=uuid.uuid4())
    hashes = set()

    def send():
        try:
            parsed = parse(sent, Clock(timezone.now()))
            start.wait(10)
            hashes.add(
                taking.take(parsed, by=Person.objects.get(pk=person.pk), now=timezone.now()).receipt.hash
            )
        except Exception as fault:
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _n in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert faults == [] and Case.objects.count() == 1 and len(hashes) == 1
