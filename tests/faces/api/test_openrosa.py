"""The OpenRosa door: which forms one has, what a sent form becomes, and what is refused with which status."""

from __future__ import annotations

import datetime as dt
import uuid
from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from chuangwen.inspections.flow import RoundFlow
from chuangwen.inspections.models import FormSubmission, Observation, Round, Visit
from chuangwen.inspections.recording import reopen_visit
from chuangwen.kernel.evidence.models import Evidence
from chuangwen.kernel.models import SetAside
from chuangwen.kernel.people.tokens import make_token
from chuangwen.problems.models import Case
from tests.faces.api.openrosa_phone import files_of, filled, listed, rows_of, said
from tests.inspections.conftest import ground, planned, running, send

__all__ = ["ground", "planned", "running", "send"]
pytestmark = pytest.mark.django_db
VISIT = "inspections.visit"


def phone_of(person, scopes=("forms",)):
    ends = timezone.localdate() + dt.timedelta(days=30)
    _token, secret = make_token(person, name="手机", scopes=scopes, ends_on=ends, by=person)
    return Client(headers={"authorization": f"Bearer {secret}"})


def post(client, xml, files=None, **more):
    parts = {"xml_submission_file": SimpleUploadedFile("form.xml", xml, "text/xml"), **more}
    parts |= {name: SimpleUploadedFile(name, data, "image/jpeg") for name, data in (files or {}).items()}
    return client.post("/openrosa/submission", parts)


@pytest.fixture
def street(running, ground):
    """A running round, the phone of the first rater, his first visit to a market, and its form."""
    row, rater = running(), ground.raters[0]
    phone = phone_of(rater)
    rows = Visit.objects.filter(round=row, team__members=rater, site_type=ground.market)
    visit = rows.select_related("place", "round").order_by("pk").first()
    form_id = f"cw_farm_market_{ground.edition.pk}"
    form = phone.get(f"/openrosa/forms/{form_id}/form.xml").content
    items = {way: item.pk for (code, way), item in ground.items.items() if code == "m"}
    return SimpleNamespace(
        row=row, rater=rater, phone=phone, visit=visit, form_id=form_id, form=form, items=items, ground=ground
    )


def right(street, **more):
    """A visit where everything is right."""
    told = {f"r{pk}": "pass" for pk in street.items.values()} | {f"r{street.items['bands']}": "b_A"}
    return {"round": street.row.number, "visit": street.visit.uid, "gone": "yes", **told, **more}


def test_a_person_gets_the_forms_of_his_teams_and_nobody_elses(street, ground):
    forms = listed(street.phone.get("/openrosa/formList").content)
    wanted = set(
        Visit.objects.filter(round=street.row, team__members=street.rater).values_list(
            "site_type__code", flat=True
        )
    )
    assert set(forms) == {f"cw_{code}_{ground.edition.pk}" for code in wanted}
    media = files_of(street.phone.get(f"/openrosa/forms/{street.form_id}/manifest").content)
    assert set(media) == {"rounds.csv", "visits.csv"}
    visits = rows_of(street.phone.get(f"/openrosa/forms/{street.form_id}/visits.csv").content)
    mine = Visit.objects.filter(round=street.row, team__members=street.rater, site_type=ground.market)
    assert {row["name"] for row in visits} == {str(visit.uid) for visit in mine}
    stranger = phone_of(ground.raters[2])
    assert listed(stranger.get("/openrosa/formList").content) == {}
    for name in ("form.xml", "manifest", "visits.csv"):
        assert stranger.get(f"/openrosa/forms/{street.form_id}/{name}").status_code == 404
    assert street.phone.get(f"/openrosa/forms/{street.form_id}/other.csv").status_code == 404


def test_the_list_narrows_to_one_form_and_tells_more_when_asked(street):
    rows = listed(street.phone.get(f"/openrosa/formList?formID={street.form_id}&verbose=true").content)
    assert list(rows) == [street.form_id] and "处" in rows[street.form_id]["descriptionText"]
    assert listed(street.phone.get("/openrosa/formList?formID=cw_none_1").content) == {}
    head = street.phone.head("/openrosa/formList")
    assert (head.status_code, head.headers["X-OpenRosa-Version"], head.content) == (200, "1.0", b"")


def test_a_secret_round_is_in_the_files_of_its_own_team_only(running, ground):
    row = running(kind="covert", total=19, sizes=None)
    assert row.is_secret
    told = {}
    for number, rater in enumerate(ground.raters):
        phone, texts = phone_of(rater), []
        for form_id in listed(phone.get("/openrosa/formList").content):
            texts += [
                phone.get(f"/openrosa/forms/{form_id}/{name}").content.decode()
                for name in ("rounds.csv", "visits.csv")
            ]
            assert row.number not in phone.get(f"/openrosa/forms/{form_id}/form.xml").content.decode()
        told[number] = row.number in "".join(texts)
    assert told == {0: True, 1: True, 2: False}
    boss = phone_of(ground.people["clerk"])
    assert listed(boss.get("/openrosa/formList").content) == {}


def test_a_form_becomes_a_visit_with_points_photos_place_and_cases(street, make_picture):
    pk = street.items["points"]
    end = timezone.now().replace(microsecond=0)
    here = f"{street.visit.place.lat} {street.visit.place.lon} 110 6.5"
    told = right(street, **{f"r{pk}": "fail", f"c{pk}": 2, f"n{pk}": "地面积水", f"p{pk}_1": "a.jpg", "here": here, "note": "人多",
                            f"r{street.items['bands']}": "b_B"})  # fmt: skip
    answer = post(street.phone, filled(street.form, told, end=end), {"a.jpg": make_picture(33)})
    assert (answer.status_code, said(answer.content)) == (201, "记下了。")
    visit = Visit.objects.get(pk=street.visit.pk)
    assert (visit.state, visit.by, visit.note, visit.done_at) == ("done", street.rater, "人多", end)
    assert (visit.points, visit.full, visit.failed) == (2000 + 500 + 600, 4000, 2)
    seen = Observation.objects.get(visit=visit, check_item=pk)
    assert (seen.result, seen.count, seen.note) == (2, 2, "地面积水")
    photo = Evidence.objects.get(subject=VISIT, subject_id=visit.pk)
    assert (photo.taken_at, photo.accuracy_m, photo.findings["metres"]) == (end, 6.5, 0)
    assert Case.objects.filter(site=visit.place).count() == 2
    row = FormSubmission.objects.get()
    assert (row.state, row.visit, row.by, row.form_id) == ("done", visit, street.rater, street.form_id)


def test_sent_again_it_is_known_and_with_other_content_refused(street):
    xml = filled(street.form, right(street), instance=(name := f"uuid:{uuid.uuid4()}"))
    assert said(post(street.phone, xml).content) == "记下了。"
    assert post(street.phone, xml).status_code == 202
    other = filled(street.form, right(street, note="改了"), instance=name)
    assert post(street.phone, other).status_code == 409
    colleague = phone_of(street.ground.raters[1])
    assert post(colleague, xml).status_code == 409
    assert Observation.objects.filter(visit=street.visit).count() == 3


def test_files_come_in_several_posts_and_the_visit_is_recorded_with_the_last(street, make_picture):
    pk = street.items["points"]
    told = right(street, **{f"r{pk}": "fail", f"c{pk}": 1, f"p{pk}_1": "a.jpg", f"p{pk}_2": "b.jpg"})
    xml = filled(street.form, told)
    first = post(street.phone, xml, {"a.jpg": make_picture(40)}, **{"*isIncomplete*": "yes"})
    assert first.status_code == 201 and "1" in said(first.content)
    assert not Observation.objects.exists() and FormSubmission.objects.get().state == "arriving"
    again = post(street.phone, xml, {"a.jpg": make_picture(40)}, **{"*isIncomplete*": "yes"})
    assert again.status_code == 201
    last = post(street.phone, xml, {"b.jpg": make_picture(90)})
    assert (last.status_code, said(last.content)) == (201, "记下了。")
    assert Evidence.objects.filter(subject=VISIT, subject_id=street.visit.pk, role="found").count() == 2
    swapped = post(street.phone, xml, {"b.jpg": make_picture(91)})
    assert (
        swapped.status_code == 202
        and Evidence.objects.filter(subject=VISIT, subject_id=street.visit.pk).count() == 2
    )


def test_what_was_seen_is_kept_without_a_photo_that_never_came_or_is_none(street, make_picture):
    pk = street.items["points"]
    told = right(
        street,
        **{f"r{pk}": "fail", f"c{pk}": 1, f"p{pk}_1": "a.jpg", f"p{pk}_2": "b.jpg", f"p{pk}_3": "c.jpg"},
    )
    answer = post(
        street.phone, filled(street.form, told), {"a.jpg": b"GIF89a no picture", "c.jpg": make_picture(7)}
    )
    assert answer.status_code == 201
    assert "a.jpg" in said(answer.content) and "b.jpg" in said(answer.content)
    assert Evidence.objects.filter(subject=VISIT, subject_id=street.visit.pk).count() == 1
    assert "b.jpg" in FormSubmission.objects.get().why


def test_a_voice_note_is_kept_with_the_visit(street):
    xml = filled(street.form, right(street, voice="said.amr"))
    assert post(street.phone, xml, {"said.amr": b"#!AMR\n" + bytes(64)}).status_code == 201
    assert Evidence.objects.get(subject=VISIT, subject_id=street.visit.pk).role == "voice"


def test_not_gone_is_a_visit_skipped_with_its_reason(street):
    told = {"round": street.row.number, "visit": street.visit.uid, "gone": "no", "why": "闭店"}
    assert post(street.phone, filled(street.form, told)).status_code == 201
    visit = Visit.objects.get(pk=street.visit.pk)
    assert (visit.state, visit.why, Observation.objects.count()) == ("skipped", "闭店", 0)


def test_one_tap_says_that_what_is_left_is_right(street):
    told = right(street, rest="yes") | {f"r{pk}": "" for pk in street.items.values()}
    assert post(street.phone, filled(street.form, told)).status_code == 201
    visit = Visit.objects.get(pk=street.visit.pk)
    assert (visit.points, visit.failed) == (4000, 0)


def test_recorded_by_another_meanwhile_it_is_set_aside_whole(street, send, make_picture):
    send(street.visit)
    pk = street.items["points"]
    told = right(street, **{f"r{pk}": "fail", f"c{pk}": 3, f"p{pk}_1": "a.jpg"})
    xml = filled(street.form, told)
    answer = post(street.phone, xml, {"a.jpg": make_picture(61)})
    assert answer.status_code == 201 and "另存" in said(answer.content)
    aside = SetAside.objects.get()
    assert (aside.subject_id, aside.by, len(aside.files)) == (street.visit.pk, street.rater, 1)
    assert any(one.get("count") == 3 for one in aside.payload["record"]["given"]["seen"])
    assert Visit.objects.get(pk=street.visit.pk).failed == 0
    assert post(street.phone, xml).status_code == 202 and SetAside.objects.count() == 1


def test_a_checklist_changed_meanwhile_sets_the_form_aside(street):
    from chuangwen.standards.models import CheckItem, Grading

    xml = filled(street.form, right(street))
    CheckItem.objects.create(
        requirement=street.ground.need, code="m-new", site_type=street.ground.market, text="新的一项",
        grading=Grading.objects.get(code="pf"),
    )  # fmt: skip
    answer = post(street.phone, xml)
    assert answer.status_code == 201 and "新的一项" in said(answer.content)
    assert SetAside.objects.count() == 1 and not Observation.objects.exists()


def test_a_round_that_is_over_leaves_the_form_on_the_phone_until_it_is_opened_again(street, send):
    xml = filled(street.form, right(street))
    other = (
        Visit.objects.filter(round=street.row)
        .exclude(pk=street.visit.pk)
        .select_related("round", "team")
        .first()
    )
    send(other)
    ended = RoundFlow.take(street.row, "end", by=street.row.maker).matter
    answer = post(street.phone, xml)
    assert answer.status_code == 423 and "留在手机上" in said(answer.content)
    assert not SetAside.objects.exists() and Visit.objects.get(pk=street.visit.pk).state == "planned"
    reopen_visit(other, "补一处", by=ended.maker)
    assert Round.objects.get(pk=ended.pk).state == "running"
    assert post(street.phone, xml).status_code == 201
    assert Visit.objects.get(pk=street.visit.pk).state == "done"


def test_the_visit_of_another_team_and_one_that_is_none_sound_the_same(street):
    theirs = (
        Visit.objects.filter(round=street.row, site_type=street.ground.market)
        .exclude(team=street.visit.team)
        .first()
    )
    told = [
        said(post(street.phone, filled(street.form, right(street, visit=uid))).content)
        for uid in (theirs.uid, uuid.uuid4())
    ]
    assert told[0] == told[1] and "另存" in told[0]
    assert not Observation.objects.exists() and SetAside.objects.count() == 2


@pytest.mark.parametrize(
    ("xml", "status"),
    [
        (b"", 400),
        (b"<data", 400),
        (b"no xml at all", 400),
        (b'<?xml version="1.0" encoding="klingon"?><data/>', 400),
        (
            b'<!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><data id="cw_a_1"><instanceID>&b;</instanceID></data>',
            400,
        ),
        (b'<!DOCTYPE d SYSTEM "file:///etc/passwd"><data id="cw_a_1"><instanceID>x</instanceID></data>', 400),
        (b"<data>" + b"<a>" * 30_000 + b"</a>" * 30_000 + b"</data>", 400),
        (b'<data id="cw_a_1"><visit>x</visit></data>', 400),
        (b'<data id="cw_a_1"><meta><instanceID>uuid:1</instanceID></meta></data>', 400),
        (b'<data id="households"><meta><instanceID>uuid:1</instanceID></meta></data>', 404),
    ],
)
def test_what_is_no_form_of_ours_is_refused_in_words(ground, xml, status):
    answer = post(phone_of(ground.raters[0]), xml)
    assert answer.status_code == status and said(answer.content)
    assert not FormSubmission.objects.exists()


def test_a_form_of_another_checklist_is_not_found(street):
    xml = filled(street.form, right(street)).replace(street.form_id.encode(), b"cw_square_999")
    assert post(street.phone, xml).status_code == 404


def test_a_wrong_clock_is_set_right_by_the_date_the_phone_sends(street):
    from django.utils.http import http_date

    ahead = dt.timedelta(hours=30)
    now = timezone.now()
    xml = filled(street.form, right(street), end=now + ahead - dt.timedelta(minutes=20))
    parts = {"xml_submission_file": SimpleUploadedFile("form.xml", xml, "text/xml")}
    answer = street.phone.post(
        "/openrosa/submission", parts, headers={"date": http_date((now + ahead).timestamp())}
    )
    assert answer.status_code == 201
    done = Visit.objects.get(pk=street.visit.pk).done_at
    assert abs((now - dt.timedelta(minutes=20) - done).total_seconds()) < 5


def test_nothing_of_the_device_is_kept(street):
    xml = filled(street.form, right(street))
    answer = street.phone.post(
        "/openrosa/submission?deviceID=imei%3A990000862471854",
        {"xml_submission_file": SimpleUploadedFile("form.xml", xml, "text/xml")},
    )
    assert answer.status_code == 201
    row = FormSubmission.objects.get()
    assert "990000862471854" not in str(vars(row)) and "deviceid" not in street.form.decode().lower()


def test_every_checklist_in_force_is_written_to_a_folder(ground, tmp_path, capsys):
    from django.core.management import call_command
    from openpyxl import load_workbook

    call_command("forms", tmp_path / "forms")
    names = {
        f"cw_{code}_{ground.edition.pk}{end}"
        for code in ("farm_market", "square")
        for end in (".xlsx", ".xml")
    }
    assert {path.name for path in (tmp_path / "forms").iterdir()} == names
    book = load_workbook(tmp_path / "forms" / f"cw_square_{ground.edition.pk}.xlsx")
    assert book.sheetnames == ["survey", "choices", "settings"]
    assert "2 " in capsys.readouterr().out


def test_the_list_asks_as_many_questions_of_the_database_for_one_visit_as_for_twenty(
    street, django_assert_max_num_queries
):
    street.phone.get("/openrosa/formList")  # the forms are made
    with django_assert_max_num_queries(12):
        street.phone.get("/openrosa/formList")
    Visit.objects.filter(round=street.row).exclude(pk=street.visit.pk).delete()
    with django_assert_max_num_queries(12):
        street.phone.get("/openrosa/formList")
