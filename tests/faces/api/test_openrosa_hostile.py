"""Forms of strangers, broken posts, two at once, killed in between: nothing breaks, nothing is lost, nothing doubled."""

from __future__ import annotations

import random
import uuid
import zipfile
from pathlib import Path

import pytest
from django.utils import timezone

from chuangwen.inspections import form_intake
from chuangwen.inspections.fieldwork import taking
from chuangwen.inspections.fieldwork.records import Clock
from chuangwen.inspections.form_intake import take_post
from chuangwen.inspections.form_reading import BadForm, read_form
from chuangwen.inspections.models import FormSubmission, Observation, Visit
from chuangwen.kernel.models import Entry, Evidence, Person, SetAside
from chuangwen.problems.models import Case
from tests.faces.api.openrosa_phone import filled
from tests.faces.api.test_openrosa import phone_of, post, right, street
from tests.inspections.conftest import ground, planned, running, send
from tests.problems.test_at_once import at_once

__all__ = ["ground", "planned", "running", "send", "street"]
DATA = Path(__file__).resolve().parents[4] / "shared" / "data" / "xlsforms"
ZIPS = ("submissions_briefcase.zip", "xforms_javarosa.zip", "xforms_webforms.zip")


def strangers():
    """Every XML of the sample collections, by name."""
    if not DATA.is_dir():
        pytest.skip("left out: ../shared/data is absent")
    found = {}
    for name in ZIPS:
        with zipfile.ZipFile(DATA / name) as archive:
            found |= {
                f"{name}/{one}": archive.read(one) for one in archive.namelist() if one.endswith(".xml")
            }
    return found


@pytest.mark.django_db
def test_forms_and_submissions_of_strangers_are_refused_in_words(ground):
    person = ground.raters[0]
    clock = Clock(timezone.now())
    statuses = {name: take_post(xml, {}, by=person, clock=clock) for name, xml in strangers().items()}
    assert len(statuses) > 200
    assert {taken.status for taken in statuses.values()} <= {400, 404}
    assert all(taken.message for taken in statuses.values())
    assert not FormSubmission.objects.exists() and not SetAside.objects.exists()


@pytest.mark.django_db
def test_workbooks_and_random_bytes_are_no_forms(ground):
    chance = random.Random(7)
    sample = [chance.randbytes(n) for n in (1, 10, 500)]
    if DATA.is_dir():
        sample += [path.read_bytes() for path in sorted((DATA / "pyxform").iterdir())[:20]]
    for data in sample:
        with pytest.raises(BadForm):
            read_form(data)


@pytest.mark.django_db
def test_a_form_cut_or_bent_anywhere_never_breaks_the_door(street):
    xml = filled(street.form, right(street, note="<&>"), instance="uuid:cut")
    chance = random.Random(11)
    for _turn in range(60):
        at = chance.randrange(len(xml))
        bent = (
            xml[:at]
            + chance.choice([b"", b"<", b"\x00", b"&#0;", "𠮷".encode(), b"\xff"])
            + xml[at + chance.randrange(30) :]
        )
        taken = take_post(bent, {}, by=street.rater, clock=Clock(timezone.now()))
        assert taken.status in (201, 202, 400, 404, 409) and taken.message


@pytest.mark.django_db
@pytest.mark.parametrize(
    "told",
    [
        {"here": "91 500 0 0"}, {"here": "nan nan"}, {"here": "1e400 0 0 -3"}, {"end": "9999-12-31T23:59:59Z"},
        {"end": "0001-01-01T00:00:00+14:00"}, {"end": "gestern"},
        {"end": "2026-06-30T23:59:60Z"}, {"note": "字" * 5000}, {"accepted": "maybe"},
        {"voice": "../../etc/passwd"}, {"visit": "' or 1=1"}, {"gone": "perhaps"}, {"note": "\u202e𠮷😀"},
    ],
)  # fmt: skip
def test_impossible_answers_are_refused_or_set_aside(street, told):
    answer = post(street.phone, filled(street.form, right(street, **told)))
    assert answer.status_code in (201, 400)
    row = Visit.objects.get(pk=street.visit.pk)
    assert row.state == "done" or SetAside.objects.exists() or answer.status_code == 400
    assert row.done_at is None or row.done_at <= timezone.now()


@pytest.mark.django_db
def test_a_place_that_is_none_keeps_no_photo_out(street, make_picture):
    pk = street.items["points"]
    for number, here in enumerate(("91 500 0 0", "nan nan", "34.7 112.9 0 1e9", "hier"), 1):
        told = right(street, **{f"r{pk}": "fail", f"c{pk}": 1, f"p{pk}_1": "a.jpg", "here": here})
        assert (
            post(street.phone, filled(street.form, told), {"a.jpg": make_picture(number)}).status_code == 201
        )
    assert Evidence.objects.get(subject="inspections.visit", subject_id=street.visit.pk).findings["no_place"]


@pytest.mark.django_db
def test_counts_that_contradict_the_result_are_set_aside(street):
    pk = street.items["points"]
    for told in ({f"r{pk}": "fail", f"c{pk}": 0}, {f"r{pk}": "no_such"}, {f"r{pk}": "fail", f"c{pk}": 99999}):
        assert post(street.phone, filled(street.form, right(street, **told))).status_code == 201
    assert SetAside.objects.count() == 3 and not Observation.objects.exists()
    assert (
        post(
            street.phone, filled(street.form, right(street, **{f"r{pk}": "fail", f"c{pk}": "viele"}))
        ).status_code
        == 400
    )


@pytest.mark.django_db
def test_too_much_is_refused_before_it_is_read(street, settings, monkeypatch):
    xml = filled(street.form, right(street, voice="long.amr"))
    monkeypatch.setattr("chuangwen.faces.api.openrosa.views.MOST_FILE", 1000)
    answer = post(street.phone, xml, {"long.amr": b"#!AMR\n" + bytes(2000)})
    assert answer.status_code == 413 and not FormSubmission.objects.exists()
    settings.DATA_UPLOAD_MAX_NUMBER_FILES = 2
    many = {f"{n}.jpg": b"x" for n in range(5)}
    assert post(street.phone, xml, many).status_code == 400
    empty = street.phone.post("/openrosa/submission", b"", content_type="multipart/form-data")
    assert empty.status_code == 400
    odd = street.phone.post("/openrosa/submission", xml, content_type="text/xml")
    assert odd.status_code == 400


@pytest.mark.django_db
def test_killed_between_recording_and_noting_it_is_recorded_once(street, monkeypatch):
    xml = filled(street.form, right(street))

    def killed(*args):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(form_intake, "_closed", killed)
        with pytest.raises(KeyboardInterrupt):
            take_post(xml, {}, by=street.rater, clock=Clock(timezone.now()))
    assert (FormSubmission.objects.get().state, Visit.objects.get(pk=street.visit.pk).state) == (
        "arriving",
        "done",
    )
    assert post(street.phone, xml).status_code == 202
    assert FormSubmission.objects.get().state == "done" and Entry.objects.filter(step="visit").count() == 1


@pytest.mark.django_db
def test_killed_before_recording_the_phone_sends_again(street, monkeypatch, make_picture):
    pk = street.items["points"]
    xml = filled(street.form, right(street, **{f"r{pk}": "fail", f"c{pk}": 1, f"p{pk}_1": "a.jpg"}))
    photo = make_picture(9)

    def killed(*args, **kwargs):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(taking, "take", killed)
        with pytest.raises(KeyboardInterrupt):
            take_post(xml, {"a.jpg": [photo]}, by=street.rater, clock=Clock(timezone.now()))
    assert Visit.objects.get(pk=street.visit.pk).state == "planned"
    assert post(street.phone, xml, {"a.jpg": photo}).status_code == 201
    assert Visit.objects.get(pk=street.visit.pk).failed == 1


@pytest.mark.django_db
def test_nobody_sends_for_a_person_who_left(street):
    xml = filled(street.form, right(street))
    Person.objects.filter(pk=street.rater.pk).update(is_active=False)
    assert post(street.phone, xml).status_code == 401


@pytest.mark.django_db(transaction=True)
def test_four_posts_of_one_form_at_once_are_one_visit(running, ground, make_picture):
    row, rater = running(), ground.raters[0]
    rows = Visit.objects.filter(round=row, team__members=rater, site_type=ground.market)
    visit = rows.select_related("round", "place").order_by("pk").first()
    form = phone_of(rater).get(f"/openrosa/forms/cw_farm_market_{ground.edition.pk}/form.xml").content
    items = {way: item.pk for (code, way), item in ground.items.items() if code == "m"}
    told = {f"r{pk}": "pass" for pk in items.values()} | {
        f"r{items['bands']}": "b_A",
        f"r{items['points']}": "fail",
    }
    told |= {f"c{items['points']}": 1, f"p{items['points']}_1": "a.jpg", "visit": visit.uid, "gone": "yes"}
    xml, photo = filled(form, told, instance=f"uuid:{uuid.uuid4()}"), make_picture(55)
    clock = Clock(timezone.now())
    results = at_once(lambda i: take_post(xml, {"a.jpg": [photo]}, by=rater, clock=clock), 4)
    assert not [one for one in results if isinstance(one, Exception)], results
    assert {one.status for one in results} <= {201, 202}
    assert (
        Observation.objects.count(),
        Entry.objects.filter(step="visit").count(),
        Case.objects.count(),
    ) == (3, 1, 1)
    assert not SetAside.objects.exists() and FormSubmission.objects.get().state == "done"


@pytest.mark.django_db
def test_two_phones_at_one_visit_lose_nothing(street):
    first = filled(street.form, right(street, note="一"))
    second = filled(street.form, right(street, note="二"))
    assert [post(street.phone, xml).status_code for xml in (first, second)] == [201, 201]
    assert Visit.objects.get(pk=street.visit.pk).note == "一"
    assert SetAside.objects.get().payload["record"]["given"]["note"] == "二"
    assert Observation.objects.count() == 3
