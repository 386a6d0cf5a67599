"""Plain rows keep a history of their own: who changed what, proven like a case's, personal values sealed."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client

from chuangwen.kernel.models import Entry, Person, Post, Sealed
from chuangwen.kernel.workflow import history


@pytest.fixture
def admin(town):
    client = Client()
    client.force_login(town.people["admin"])
    return client


def new_person(admin, **more):
    given = {"username": "zhang", "name": "示例 张", "phone": "13812345678", "email": "", "is_active": "on", **more}
    assert admin.post("/people/new/", given).status_code == 302
    return Person.objects.get(username="zhang")


def test_entering_and_changing_a_person_is_kept_and_proven(town, admin):
    person = new_person(admin)
    given = {"username": "zhang", "name": "示例 章", "phone": "13999999999", "email": "", "is_active": "on", "password": "a-long-password"}
    key = {"pk": person.pk, "username": person.username}[_key("people")]
    assert admin.post(f"/people/{key}/", given).status_code == 302

    first, second = Entry.objects.filter(subject="kernel.person", subject_id=person.pk).order_by("seq")
    assert (first.step, second.step, second.by) == ("enter", "change", town.people["admin"])
    assert second.given["name"] == ["示例 张", "示例 章"]
    assert second.given["password"] == ["", "set"]
    assert "13999999999" not in str(second.given) and "13812345678" not in str(second.given)
    assert Sealed.objects.get(entry=second, field="phone").value == "13999999999"
    assert list(history.verify()) == []

    page = admin.get(f"/people/{key}/").content.decode()
    log = page[page.index("cw-log") :]
    assert "示例 张 → 示例 章" in log and "13999999999" not in log
    history.shred(Entry.objects.filter(pk=second.pk))
    assert list(history.verify()) == []


def _key(slug):
    from chuangwen.faces.desk import registers

    return next(r.key for r in registers.Register.__subclasses__() if r.slug == slug)


def test_a_changed_right_shows_who_gave_it_and_an_altered_line_is_found(town, admin):
    person, unit = new_person(admin), town.units["cgj"]
    given = {"person": person.pk, "role": "liaison", "unit": unit.pk, "area": "", "title": "", "stand_in_for": "",
             "from_on": dt.date(2026, 1, 1).isoformat(), "to_on": ""}  # fmt: skip
    assert admin.post("/posts/new/", given).status_code == 302
    post = Post.objects.get(person=person)
    entry = Entry.objects.get(subject="kernel.post", subject_id=post.pk)
    assert entry.given["unit"] == [None, unit.pk] and entry.given["role"] == [None, "liaison"]
    page = admin.get(f"/posts/{post.pk}/").content.decode()
    assert "联络员" in page[page.index("cw-log") :] and "城市管理局" in page[page.index("cw-log") :]

    Entry.objects.filter(pk=entry.pk).update(given={**entry.given, "role": [None, "head"]})
    assert [(b.subject, b.what) for b in history.verify()] == [("kernel.post", "altered")]


def test_saving_without_a_change_writes_nothing(town, admin):
    person = new_person(admin)
    given = {"username": "zhang", "name": "示例 张", "phone": "13812345678", "email": "", "is_active": "on"}
    key = {"pk": person.pk, "username": person.username}[_key("people")]
    assert admin.post(f"/people/{key}/", given).status_code == 302
    assert Entry.objects.filter(subject="kernel.person", subject_id=person.pk).count() == 1
