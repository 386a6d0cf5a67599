"""Files in pieces: repeated, overlapping, cut, wrong, somebody else's, two at once, killed in the middle."""

from __future__ import annotations

import datetime as dt
import hashlib
import threading
import uuid

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chuangwen.kernel.evidence import arrival
from chuangwen.kernel.evidence.arrival import BadPiece, Piece
from chuangwen.kernel.evidence.arrival_models import Upload
from tests.faces.field.conftest import Phone

DATA = bytes(range(256)) * 40


@pytest.fixture
def phone(town):
    return Phone(town.people["inspector"])


@pytest.mark.django_db
def test_pieces_add_up_whatever_is_repeated_or_overlaps(phone):
    uid = uuid.uuid4()
    assert phone.client.get(f"/field/pieces/{uid}/").status_code == 404
    assert phone.piece(uid, DATA, 0, 4000).json() == {"received": 4000, "done": False}
    assert phone.piece(uid, DATA, 0, 4000).json()["received"] == 4000
    assert phone.piece(uid, DATA, 2000, 6000).json()["received"] == 6000
    gap = phone.piece(uid, DATA, 7000, 8000)
    assert gap.status_code == 409 and gap.json()["received"] == 6000
    assert phone.client.get(f"/field/pieces/{uid}/").json() == {"received": 6000, "done": False}
    assert phone.piece(uid, DATA, 5000).json() == {"received": len(DATA), "done": True}
    assert phone.piece(uid, DATA).json() == {"received": len(DATA), "done": True}
    assert arrival.content(Upload.objects.get()) == DATA


@pytest.mark.django_db
def test_a_wrong_hash_at_the_end_begins_anew(phone):
    uid, digest = uuid.uuid4(), hashlib.sha256(DATA).hexdigest()
    bad = phone.piece(uid, b"x" * len(DATA), digest=digest)
    assert bad.status_code == 422 and bad.json()["received"] == 0
    assert phone.client.get(f"/field/pieces/{uid}/").json() == {"received": 0, "done": False}
    assert phone.piece(uid, DATA, digest=digest).json()["done"] is True
    assert arrival.content(Upload.objects.get()) == DATA


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Range": "bytes 0-9/30000000"}, 413),
        ({"Content-Range": "bytes 0-8/10"}, 400),
        ({"Content-Range": "bytes 5-14/10"}, 400),
        ({"Content-Range": "all"}, 400),
        ({"X-Sha256": "0"}, 400),
    ],
)
def test_a_piece_that_cannot_be_is_refused_with_a_sentence(phone, headers, status):
    sent = {"Content-Range": "bytes 0-9/10", "X-Sha256": "0" * 64, **headers}
    answer = phone.client.post(
        f"/field/pieces/{uuid.uuid4()}/", b"0123456789", content_type="application/octet-stream", headers=sent
    )
    assert answer.status_code == status and answer.json()["why"]
    assert Upload.objects.count() == 0


@pytest.mark.django_db
def test_too_large_a_piece_and_another_file_under_the_same_id(phone):
    uid = uuid.uuid4()
    large = b"0" * (arrival.MOST_PIECE + 1)
    assert phone.piece(uid, large).status_code == 413
    phone.piece(uid, DATA, 0, 100)
    assert phone.piece(uid, DATA[::-1]).status_code == 409


@pytest.mark.django_db
def test_somebody_elses_file_does_not_exist(phone, town):
    uid, other = uuid.uuid4(), Phone(town.people["liaison"])
    phone.piece(uid, DATA, 0, 5000)
    assert other.client.get(f"/field/pieces/{uid}/").status_code == 404
    assert other.piece(uid, DATA).status_code == 404
    assert Upload.objects.get().received == 5000


@pytest.mark.django_db
@pytest.mark.logs_errors
def test_killed_between_file_and_row_the_next_piece_cuts_off_what_is_not_sure(phone, monkeypatch):
    uid = uuid.uuid4()
    phone.piece(uid, DATA, 0, 1000)
    whole = arrival._written

    def dies(row, piece):
        whole(row, piece)
        raise SystemError("killed")

    monkeypatch.setattr(arrival, "_written", dies)
    with pytest.raises(SystemError):
        phone.piece(uid, DATA, 1000, 5000)
    monkeypatch.undo()
    assert arrival.path_of(uid).stat().st_size == 5000 and Upload.objects.get().received == 1000
    assert phone.piece(uid, DATA, 1000, 2000).json()["received"] == 2000
    assert phone.piece(uid, DATA, 2000).json()["done"] is True
    assert arrival.content(Upload.objects.get()) == DATA


@pytest.mark.django_db
def test_a_file_the_disk_has_lost_is_asked_for_again(phone):
    uid = uuid.uuid4()
    phone.piece(uid, DATA)
    arrival.path_of(uid).unlink()
    assert arrival.of_person([uid], phone.person) == {}
    assert phone.piece(uid, DATA).json()["done"] is True
    assert arrival.content(Upload.objects.get()) == DATA


@pytest.mark.django_db
def test_the_sweep_takes_what_lay_for_a_month(phone):
    from django.utils import timezone

    old, new = uuid.uuid4(), uuid.uuid4()
    phone.piece(old, DATA, 0, 10)
    phone.piece(new, DATA, 0, 10)
    Upload.objects.filter(uid=old).update(changed_at=timezone.now() - dt.timedelta(days=31))
    assert arrival.sweep() == 1 and arrival.sweep() == 0
    assert not arrival.path_of(old).exists() and arrival.path_of(new).exists()
    assert list(Upload.objects.values_list("uid", flat=True)) == [new]


@pytest.mark.django_db
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.lists(st.tuples(st.integers(0, 299), st.integers(1, 120)), max_size=12))
def test_any_order_of_pieces_never_gives_another_file(phone, cuts):
    """The bytes that are here are always the beginning of the file, and a whole pass always ends it."""
    data, uid = bytes(i * 7 % 256 for i in range(300)), uuid.uuid4()
    digest = hashlib.sha256(data).hexdigest()
    for start, length in cuts:
        part = data[start : start + length]
        try:
            row = arrival.take_piece(uid, Piece(start, 300, digest, part), by=phone.person)
        except BadPiece as fault:
            assert fault.status == 409 and fault.received < start
            continue
        assert arrival.path_of(uid).read_bytes()[: row.received] == data[: row.received]
    assert arrival.take_piece(uid, Piece(0, 300, digest, data), by=phone.person).done_at is not None


@pytest.mark.django_db(transaction=True)
def test_the_same_piece_from_two_connections_at_once_is_there_once(town):
    from chuangwen.kernel.models import Person

    uid, faults = uuid.uuid4(), []
    person = Person.objects.get(pk=town.people["inspector"].pk)
    digest, start = hashlib.sha256(DATA).hexdigest(), threading.Barrier(4)

    def send():
        try:
            start.wait(10)
            for at in range(0, len(DATA), 2048):
                part = DATA[at : at + 2048]
                arrival.take_piece(uid, Piece(at, len(DATA), digest, part), by=person)
        except Exception as fault:
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _n in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert faults == []
    row = Upload.objects.get()
    assert row.done_at is not None and arrival.content(row) == DATA
