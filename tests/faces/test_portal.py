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
