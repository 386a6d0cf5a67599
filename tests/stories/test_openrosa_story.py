"""A round without network on an app nobody here wrote: fetched, filled in, sent; equal to the same round in our pages.

The app is @getodk/xforms-engine (forms), `requests` (HTTP and its digest) and the few lines of tests/faces/api that
join them, as ODK Collect joins its parts.
"""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
import requests
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from requests.auth import HTTPDigestAuth

from chuangwen.inspections.checklist import checklist
from chuangwen.inspections.models import FormSubmission, Observation, Tally, Visit
from chuangwen.kernel.evidence.models import Evidence
from chuangwen.problems.models import Case
from tests.faces.api.openrosa_phone import Phone, rows_of, said
from tests.faces.api.test_openrosa_sign_in import key_of
from tests.inspections.conftest import ground, planned, running

__all__ = ["ground", "planned", "running"]
pytestmark = [pytest.mark.browser, pytest.mark.story, pytest.mark.django_db(transaction=True)]
ROOT = Path(__file__).resolve().parents[2]
ENGINE = ROOT / "frontend" / "node_modules" / "@getodk" / "xforms-engine" / "dist" / "index.js"
DRIVER = ROOT / "tests" / "faces" / "api" / "openrosa_engine.mjs"
CALL = """async ([form, media, answers]) => {
  const engine = await import("/engine.js");
  const { fill } = await import("/driver.mjs");
  return fill(engine, form, media, answers);
}"""


@pytest.fixture
def app(chromium):
    """The form engine on a page of its own, cut off from every network."""
    if not ENGINE.exists():
        pytest.skip("left out: frontend/node_modules/@getodk/xforms-engine is absent")
    context = chromium.new_context()
    page = context.new_page()
    served = {"engine.js": ENGINE, "driver.mjs": DRIVER}

    def serve(route):
        path = served.get(route.request.url.rpartition("/")[2])
        more = (
            {"path": str(path), "content_type": "text/javascript"}
            if path
            else {"body": "<!doctype html>", "content_type": "text/html"}
        )
        route.fulfill(**more)

    page.route("**/*", serve)
    page.goto("http://localhost:9/")  # nobody listens there; it is what browsers call a secure place
    yield lambda form, media, answers: page.evaluate(CALL, [form, media, answers])
    context.close()


def in_our_pages(person, visit, wrong, photo):
    """The same visit on our own page: what is wrong is said, the rest is right."""
    client = Client()
    client.force_login(person)
    told = {"rest": "1", "note": "人多"}
    for item in checklist(visit):
        for name, value in wrong.get(item.code.split("-")[1], {}).items():
            told[f"{name}{item.pk}"] = value
        if "p" in wrong.get(item.code.split("-")[1], {}):
            told[f"p{item.pk}"] = SimpleUploadedFile("a.jpg", photo, "image/jpeg")
    assert client.post(f"/visits/{visit.uid}/", told).status_code == 302


def seen_at(visits):
    """What was recorded, without where and when."""
    rows = Observation.objects.filter(visit__in=visits)
    return sorted(rows.values_list("check_item__code", "result", "points", "full", "count", "note"), key=str)


WRONG = {"points": {"r": "0", "c": "2", "n": "地面积水", "p": ""}, "bands": {"r": "band:B"}}


def test_a_round_of_three_visits_offline_equals_our_pages(running, ground, app, live_server, make_picture):
    rater, photo = ground.raters[0], make_picture(71)
    ours, theirs = (running(teams=1, total=3, site_types=["farm_market"], seed=seed) for seed in ("a", "b"))
    first, second, third = Visit.objects.filter(round=ours).select_related("round", "place").order_by("pk")
    in_our_pages(rater, first, WRONG, photo)
    in_our_pages(rater, second, {}, photo)
    client = Client()
    client.force_login(rater)
    client.post(f"/visits/{third.uid}/skip/", {"why": "闭店"})

    session = requests.Session()
    rater.username = "kaocha1"  # a header of HTTP carries Latin letters
    rater.save()
    session.auth = HTTPDigestAuth(rater.username, key_of(rater)[1])
    phone = Phone(session, f"{live_server.url}/openrosa")
    phone.refresh()
    form_id = f"cw_farm_market_{ground.edition.pk}"
    media = {name: data.decode() for name, data in phone.media[form_id].items()}
    form = phone.forms[form_id].decode()
    rows = rows_of(phone.media[form_id]["visits.csv"])
    assert len(rows) == 3 and {row["round"] for row in rows} == {theirs.number}

    # Without network from here: three forms are filled in.
    items = {way: item.pk for (code, way), item in ground.items.items() if code == "m"}
    start = [["round", theirs.number], ["visit", None]]
    picture = {"name": "IMG_0001.jpg", "type": "image/jpeg", "data": base64.b64encode(photo).decode()}
    wrong = [
        [f"r{items['points']}", "fail"], [f"c{items['points']}", "2"], [f"n{items['points']}", "地面积水"],
        [f"p{items['points']}_1", picture], [f"r{items['bands']}", "b_B"],
    ]  # fmt: skip
    look = [[f"r{pk}", None] for pk in items.values()]
    told = [
        [*start, ["visit", rows[0]["name"]], ["gone", "yes"], *wrong, ["rest", "yes"], ["note", "人多"]],
        [*start, ["visit", rows[1]["name"]], ["gone", "yes"], *look, ["rest", "yes"], ["note", "人多"]],
        [*start, ["visit", rows[2]["name"]], ["gone", "no"], ["why", "闭店"], ["rest", None]],
    ]  # fmt: skip
    kept = [app(form, media, answers) for answers in told]
    assert [(one["status"], one["violations"]) for one in kept] == [("ready", [])] * 3
    assert set(kept[0]["asked"]["visit"]["options"]) == {row["name"] for row in rows}
    assert kept[1]["asked"][f"r{items['bands']}"]["options"] == ["b_A", "b_B", "b_C", "not_here"]
    assert kept[2]["asked"]["rest"]["relevant"] is False
    assert kept[0]["languages"] == ["中文 (zh)", "English (en)"]

    # Back: all are sent, and once more by a phone that lost the answers.
    sent = []
    for one in kept:
        files = {file["name"]: base64.b64decode(file["data"]) for file in one["files"]}
        xml = files.pop("xml_submission_file")
        sent.append((xml, files))
    answers = [phone.send(xml, files) for xml, files in sent]
    assert [(answer.status_code, said(answer.content)) for answer in answers] == [(201, "记下了。")] * 3
    assert [phone.send(xml, files).status_code for xml, files in sent] == [202] * 3

    _equal(ours, theirs)
    assert FormSubmission.objects.filter(state="done").count() == 3
    after = Phone(session, f"{live_server.url}/openrosa")
    after.refresh()
    assert after.forms == {}  # nothing is left to do


def _equal(ours, theirs):
    """Both rounds hold the same observations, sums, tallies and photos."""
    mine = list(Visit.objects.filter(round=ours))
    yours = list(Visit.objects.filter(round=theirs))
    assert seen_at(mine) == seen_at(yours) and len(seen_at(yours)) == 6
    keys = ("state", "points", "full", "failed", "note", "why", "sums")
    assert sorted(map(str, Visit.objects.filter(round=ours).values(*keys))) == sorted(
        map(str, Visit.objects.filter(round=theirs).values(*keys))
    )
    sums = [
        sorted(Tally.objects.filter(round=row).values_list("check_item", "n", "failed", "points", "full"))
        for row in (ours, theirs)
    ]
    assert [sum(s[1] for s in one) for one in sums] == [6, 6]
    photos = [
        Evidence.objects.filter(subject="inspections.visit", subject_id__in=[v.pk for v in vs])
        for vs in (mine, yours)
    ]
    assert [rows.count() for rows in photos] == [1, 1]
    assert Case.objects.filter(site__in=[visit.place_id for visit in yours]).exists()
