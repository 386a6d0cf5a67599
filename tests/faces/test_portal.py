"""The residents' pages, without a browser: sent once, refused without losing a word, followed by the link alone."""

from __future__ import annotations

import re

import pytest

from chuangwen.faces.portal import proof
from chuangwen.problems.models import Submission

pytestmark = pytest.mark.django_db


def token_of(client, path="/p/report/", **more):
    page = client.get(path, **more).content.decode()
    return re.search(r'name="token" value="([^"]+)"', page)[1]


def worked(token):
    bits = proof.read(token).bits
    return next(str(n) for n in range(10**7) if proof.is_worked(token, str(n), bits))


def filled(client, path="/p/report/", **given):
    token = token_of(client, path)
    return {"token": token, "proof": worked(token), "text": "人民路垃圾桶满了两天", "address": "人民路 12 号", **given}


def test_a_message_is_sent_once_however_often_it_is_tapped(town, client, make_picture, tmp_path):
    given = filled(client, lon="113.0", lat="34.7601", accuracy_m="12")
    answers = []
    for _tap in range(2):
        photo = tmp_path / "a.jpg"
        photo.write_bytes(make_picture(31))
        with photo.open("rb") as file:
            answers.append(client.post("/p/report/", {**given, "photo": file}))
    assert [a.status_code for a in answers] == [303, 303]
    assert answers[0]["Location"] == answers[1]["Location"]
    row = Submission.objects.get()
    assert (row.state, row.case.reports.count()) == ("taken", 1)
    page = client.get(answers[0]["Location"])
    text = page.content.decode()
    assert "你报了" in text and "人民路垃圾桶满了两天" in text
    assert page["Referrer-Policy"] == "same-origin" and "no-store" in page["Cache-Control"]
    assert b"".join(client.get(answers[0]["Location"] + "photo/0/").streaming_content)[:2] == b"\xff\xd8"
    assert client.get(answers[0]["Location"] + "qr.svg").status_code == 200


def faults_of(answer):
    return re.findall(r"<p>([^<]+)</p>", answer.content.decode().split('role="alert"')[1].split("</div>")[0])


def test_nothing_typed_is_lost_when_something_is_missing(town, client):
    answer = client.post("/p/report/", filled(client, text="", name="老王", address="人民路 <3> 号"))
    assert answer.status_code == 422 and "写一句怎么了" in faults_of(answer)[0]
    text = answer.content.decode()
    assert 'value="人民路 &lt;3&gt; 号"' in text and 'value="老王"' in text
    assert Submission.objects.count() == 0


def test_bad_input_gets_a_sentence_and_nothing_happens(town, client, tmp_path):
    from django.core.files.uploadedfile import SimpleUploadedFile as File

    for more in (
        {"photo": File("a.svg", b"<svg onload=alert(1)>")}, {"photo": File("a.jpg", b"\xff\xd8\xff broken")},
        {"lon": "x"}, {"lon": "113"}, {"lon": "400", "lat": "34"}, {"lon": "nan", "lat": "nan"}, {"kind": "nothing"},
        {"site": "nothing"}, {"join": "nothing"}, {"text": "长" * 501}, {"name": "长" * 21},
    ):  # fmt: skip
        answer = client.post("/p/report/", filled(client, **more))
        assert answer.status_code == 422 and faults_of(answer), more
    assert Submission.objects.count() == 0


def test_strange_words_are_kept_as_they_are(town, client):
    strange = (
        "𠀀𪛖 井盖坏了 👨‍👩‍👧", "<script>alert(1)</script> 路灯坏了", "Robert'); DROP TABLE reports;--", "１２３ 号\u202e门口积水",
    )
    for text in strange:
        answer = client.post("/p/report/", filled(client, text=text))
        assert answer.status_code == 303, text
        page = client.get(answer["Location"]).content.decode()
        assert "<script>alert" not in page
    assert Submission.objects.filter(text__contains="𠀀𪛖").count() == 1
    told = client.post("/p/report/", filled(client, taken_at="2099-01-01T00:00:00Z", text="未来的照片时间"))
    assert told.status_code == 303 and Submission.objects.latest("pk").taken_at is None


def test_without_the_proof_or_with_anothers_the_puzzle_is_shown(town, client):
    given = filled(client)
    other = {**given, "token": token_of(client)}
    answer = client.post("/p/report/", other)
    assert answer.status_code == 422 and 'name="puzzle"' in answer.content.decode()
    uid = proof.read(other["token"]).uid
    assert client.get(f"/p/puzzle/{other['token']}.png").content[:4] == b"\x89PNG"
    for _try in range(5):
        assert client.post("/p/report/", {**other, "puzzle": "WRONG"}).status_code == 422
    locked = client.post("/p/report/", {**other, "puzzle": proof.letters_of(uid)})
    assert "填错太多次" in faults_of(locked)[0]
    by_sum = {**given, "token": token_of(client), "proof": ""}
    one, two = proof._sum_of(proof.read(by_sum["token"]).uid)
    assert client.post("/p/report/", {**by_sum, "puzzle": f" {one + two} "}).status_code == 303
    forged = client.post("/p/report/", {**given, "token": "x" + given["token"]})
    assert "开得太久" in faults_of(forged)[0] and "人民路垃圾桶满了两天" in forged.content.decode()


def test_beyond_the_limit_one_reads_when_to_try_again_and_keeps_the_words(town, client, monkeypatch):
    from chuangwen.faces.portal import sender
    from chuangwen.kernel.workflow.limits import Limit

    monkeypatch.setattr(sender, "DEVICE_DAY", Limit(1, 86400))
    assert client.post("/p/report/", filled(client)).status_code == 303  # makes the device's cookie
    assert client.post("/p/report/", filled(client, text="黄河路井盖松动")).status_code == 303
    given = filled(client, text="第三件写了很久")
    answer = client.post("/p/report/", given)
    assert answer.status_code == 429 and "以后再报" in faults_of(answer)[0] and "第三件写了很久" in answer.content.decode()
    told = client.post("/p/report/", given, headers={"X-Portal": "fetch"}).json()
    assert list(told["faults"]) == ["all"]
    assert Submission.objects.count() == 2


def test_the_proof_grows_with_what_a_network_sends():
    assert [proof.bits_for(n) for n in (0, 3, 4, 40, 1000)] == [13, 13, 14, 18, 18]


def test_only_who_holds_the_secret_follows_and_sees_no_more_than_his_own(town, client, make_picture):
    import uuid

    from chuangwen.problems.submitting import Sent, submit

    row, secret = submit(Sent(uuid.uuid4(), "黄河路井盖松动", name="李秘密", address="黄河路 8 号", photos=[make_picture(9)]))
    for path in (f"/p/f/{row.uid}/", f"/p/f/{row.pk}/", f"/p/f/{row.secret}/", f"/p/f/{secret[:-1]}/", f"/p/f/{secret}/photo/1/"):
        assert client.get(path).status_code == 404, path
    page = client.get(f"/p/f/{secret}/")
    assert page["X-Robots-Tag"].startswith("noindex") and row.case.number not in page.content.decode()
    for path in ("/p/", "/p/cases/", "/p/map/", "/p/data/cases.csv"):
        answer = client.get(path)
        text = b"".join(answer.streaming_content) if answer.streaming else answer.content
        assert "李秘密".encode() not in text and "黄河路 8 号".encode() not in text
    assert client.post(f"/p/f/{secret}/rate/", {"satisfied": "yes"}).status_code == 409
    assert client.post(f"/p/f/{secret}/rate/", {"satisfied": "maybe"}).status_code == 409


def test_kinds_are_offered_from_the_words(town, client):
    page = client.post("/p/suggest/", {"text": "电动车乱停占了盲道"}).content.decode()
    assert "车辆乱停放" in page and client.post("/p/suggest/", {"text": "", "lon": "x"}).status_code == 200


def test_a_phone_is_kept_only_after_its_code(town, client, settings):
    import uuid

    from chuangwen.kernel.models import Entry
    from chuangwen.problems.submitting import Sent, submit

    row, secret = submit(Sent(uuid.uuid4(), "黄河路井盖松动"))
    path = f"/p/f/{secret}/phone/"
    assert "11 位" in client.post(path, {"phone": "12345"}).content.decode()
    page = client.post(path, {"phone": "+86 139 1234 5678"}).content.decode()
    assert "13912345678" not in page and "139****5678" in page
    asked, code = re.search(r'name="asked" value="([^"]+)"', page)[1], re.search(r"验证码是 (\d{6})", page)[1]
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    assert "还可试 4 次" in client.post(path, {"asked": asked, "code": wrong}).content.decode()
    assert client.post(path, {"asked": asked, "code": code}).status_code == 302
    row.refresh_from_db()
    assert row.phone == "13912345678" and "13912345678" not in client.get(f"/p/f/{secret}/").content.decode()
    entry = Entry.objects.get(subject="problems.submission", step="phone")
    assert "13912345678" not in str(entry.given) and entry.sealed.get().value == "13912345678"
    assert client.post(path, {"asked": asked, "code": code}).status_code == 409  # used


def test_preferences_come_back_to_our_pages_only(client):
    answer = client.get("/p/look/?large=1&language=en&next=/p/report/")
    assert (answer["Location"], client.cookies["large"].value) == ("/p/report/", "1")
    for to in ("//evil.example/p/", "https://evil.example/p/", "/cases/"):
        assert client.get("/p/look/", {"next": to})["Location"] == "/p/"


def test_the_desk_decides_one_or_all(town, client):
    import uuid

    from chuangwen.problems.submitting import Sent, submit

    rows = [submit(Sent(uuid.uuid4(), f"www.abc.com/{n}"))[0] for n in range(3)]
    client.force_login(town.people["dispatcher"])
    page = client.get("/submissions/").content.decode()
    assert "收进 3 件" in page and "像广告" in page
    like = rows[0].like
    assert client.get(f"/submissions/like/{like}/").status_code == 200
    drop = f"/submissions/like/{like}/drop/"
    assert client.post(drop, {"newest": rows[2].pk}).status_code == 400  # no reason
    answer = client.post(drop, {"newest": rows[2].pk, "reason": "广告"})
    assert "不收 3 件" in client.get(answer["Location"]).content.decode()
    batch = re.search(r"batch=(\w+)", answer["Location"])[1]
    client.post("/submissions/undo/", {"batch": batch})
    assert Submission.objects.filter(state="waiting").count() == 3
    client.post(f"/submissions/{rows[0].pk}/release/")
    assert client.get(f"/submissions/{rows[0].pk}/").status_code == 200
    assert client.get("/submissions/?state=taken").status_code == 200
    client.force_login(town.people["liaison"])
    assert client.post(drop, {"newest": rows[2].pk, "reason": "x"}).status_code == 404


def test_the_queue_asks_the_same_number_of_queries_for_one_and_for_many(town, client, django_assert_num_queries):
    import uuid

    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from chuangwen.problems.submitting import Sent, submit

    client.force_login(town.people["dispatcher"])
    submit(Sent(uuid.uuid4(), "www.abc.com"))
    client.get("/submissions/")
    with CaptureQueriesContext(connection) as one:
        client.get("/submissions/")
    for n in range(30):
        submit(Sent(uuid.uuid4(), f"{chr(0x4e00 + 91 * n)}" * 6))
    with django_assert_num_queries(len(one)):
        client.get("/submissions/")
