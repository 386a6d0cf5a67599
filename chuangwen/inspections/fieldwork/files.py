"""The files of a record: found where they arrived, read once, handed to the actions with their own time and place."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from chuangwen.inspections.fieldwork.records import BadSent, FileSent, Record
from chuangwen.kernel.evidence import arrival, store, voices
from chuangwen.kernel.evidence.arrival_models import Upload
from chuangwen.kernel.evidence.models import EvidenceRole
from chuangwen.kernel.evidence.store import Shot


class Lost(Exception):
    """Files that had arrived and are gone from the disk: the phone sends them again."""

    def __init__(self, uids: list[uuid.UUID]) -> None:
        self.uids = uids
        super().__init__(len(uids))


@dataclass
class Bag:
    """A record's files, read: photos and recordings by the phone's id of the file."""

    shots: dict[uuid.UUID, Shot] = field(default_factory=dict)
    voices: dict[uuid.UUID, bytes] = field(default_factory=dict)

    def of(self, files: list[FileSent]) -> list[Shot]:
        return [self.shots[one.uid] for one in files]


def arrived(record: Record, by: Any) -> tuple[list[Upload], list[uuid.UUID]]:
    """The files of a record that are here, and the ids of those that are not; raises BadSent for another file's id."""
    rows = arrival.of_person([one.uid for one in record.files], by) if record.files else {}
    for n, one in enumerate(record.files, 1):
        if one.uid in rows and rows[one.uid].sha256 != one.sha256:
            raise BadSent(_("第 %(n)d 个文件和传来的不是同一个，重选再送。") % {"n": n})
    return list(rows.values()), [one.uid for one in record.files if one.uid not in rows]


def read(record: Record, uploads: list[Upload]) -> Bag:
    """Reads and checks every file; raises BadPicture or BadVoice, Lost where the disk has lost one."""
    here = {row.uid: row for row in uploads}
    bag, lost = Bag(), []
    for one in record.files:
        try:
            data = arrival.content(here[one.uid])
        except FileNotFoundError:
            lost.append(one.uid)
            continue
        put_in(bag, record, one, data)
    if lost:
        raise Lost(lost)
    return bag


def put_in(bag: Bag, record: Record, one: FileSent, data: bytes) -> None:
    """Adds one file, read and checked, under an id that belongs to this record alone."""
    if one.role == EvidenceRole.VOICE:
        voices.take_in(data)
        bag.voices[one.uid] = data
        return
    bag.shots[one.uid] = Shot(
        store.read(data),
        evidence_uid(record.uid, one.uid),
        one.taken_at,
        one.point,
        one.accuracy_m,
        one.noted,
    )


def evidence_uid(record: uuid.UUID, file: uuid.UUID) -> uuid.UUID:
    """The id of the evidence a file becomes: of the record and the file, so another record cannot take its place."""
    return uuid.uuid5(record, str(file))


def attach_voices(record: Record, bag: Bag, matter: Any, *, by: Any, at: Any, **more: Any) -> None:
    for one in record.voices:
        noted = {**one.noted, **({"item": one.item} if one.item is not None else {})}
        voices.attach(
            bag.voices[one.uid], matter, by=by, at=at, uid=evidence_uid(record.uid, one.uid),
            taken_at=one.taken_at, noted=noted, **more,
        )  # fmt: skip


def keep(record: Record, bag: Bag) -> list[dict[str, str]]:
    """Stores the files of a record that is set aside; returns id, use and hash of each."""
    kept = []
    for one in record.files:
        if one.uid in bag.shots:
            picture, data = bag.shots[one.uid].kept
            blob = store.keep(picture, data)
        else:
            blob = voices.keep(bag.voices[one.uid], voices.take_in(bag.voices[one.uid]))
        kept.append({"uid": str(one.uid), "role": one.role, "sha256": blob.sha256, "mime": blob.mime})
    return kept


def spend(uploads: list[Upload]) -> None:
    arrival.spend(uploads)
