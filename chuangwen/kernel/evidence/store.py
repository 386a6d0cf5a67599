"""Keeping pictures: once by content, originals private, public views re-encoded; and what a picture is worth as proof."""

from __future__ import annotations

import datetime as dt
import os
import tempfile
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from chuangwen.kernel.evidence.images import BadPicture, Picture, public_of, take_in
from chuangwen.kernel.evidence.models import Blob, Evidence
from chuangwen.kernel.evidence.phash import SAME_PHOTO, likeness
from chuangwen.kernel.fixed_query import FixedQuery
from chuangwen.kernel.places.datum import Datum, distance_m

KINDS = ("original", "public", "thumb")


CAMERA_OFF_M = 500.0  # a camera may write a position it found some minutes ago


class Subject(Protocol):
    """What a picture can hang on: any matter, of which this layer knows no more than its name."""

    pk: Any

    @property
    def subject(self) -> str: ...


def path_of(sha256: str, kind: str) -> Path:
    """Where one form of a file lies; raises ValueError for a name that is no hash or an unknown form."""
    if kind not in KINDS or len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
        raise ValueError("no such file")
    return Path(settings.MEDIA_ROOT) / kind / sha256[:2] / sha256


def put(path: Path, data: bytes) -> None:
    """Writes whole or not at all, and never over an existing file."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)


def file_of(sha256: str, kind: str) -> Path | None:
    """Where one form of a stored file lies, the public copy of a picture made now if nobody looked before; else None."""
    path, original = path_of(sha256, kind), path_of(sha256, "original")
    if kind == "public" and not path.exists() and original.exists():
        try:
            put(path, public_of(original.read_bytes()))
        except BadPicture:  # a document, not a picture
            return None
    return path if path.exists() else None


@dataclass(frozen=True)
class Shot:
    """A photo read already, with what the phone knows of this very one; where it knows nothing the record's word holds.

    `uid` is the id its evidence gets (where the action does not give one itself), `noted` goes into its findings.
    """

    kept: tuple[Picture, bytes]
    uid: uuid.UUID | None = None
    taken_at: dt.datetime | None = None
    point: tuple[float, float, Datum] | None = None
    accuracy_m: float | None = None
    noted: dict[str, Any] | None = None


def read(upload: Any) -> tuple[Picture, bytes]:
    """Reads and checks an uploaded file (or bytes); raises BadPicture with a sentence for the user."""
    if isinstance(upload, Shot):
        return upload.kept
    data = upload if isinstance(upload, bytes) else upload.read()
    return take_in(data), data


def once_more(evidence: Evidence) -> Shot:
    """A stored picture for a use more, with its own time and place; nothing is decoded or written again."""
    blob = evidence.blob
    picture = Picture(
        blob.sha256, blob.mime, blob.width or 0, blob.height or 0, None, blob.lon, blob.lat, blob.phash or 0, b""
    )
    point = None
    if evidence.lon is not None and evidence.lat is not None:
        point = (evidence.lon, evidence.lat, Datum.WGS84)
    return Shot((picture, b""), taken_at=evidence.taken_at, point=point, accuracy_m=evidence.accuracy_m)


def keep(picture: Picture, data: bytes) -> Blob:
    """Stores a picture once by its hash; storing it again returns the first row."""
    for kind, content in (("original", data), ("thumb", picture.thumb)):
        if content:  # empty for one that is stored already
            put(path_of(picture.sha256, kind), content)
    blob, _made = Blob.objects.get_or_create(
        sha256=picture.sha256,
        defaults={
            "mime": picture.mime, "size": len(data), "width": picture.width, "height": picture.height,
            "phash": picture.phash, "lon": picture.lon, "lat": picture.lat,
            "taken_at": timezone.make_aware(picture.taken_at) if picture.taken_at else None,
        },
    )  # fmt: skip
    return blob


def attach(
    kept: tuple[Picture, bytes], matter: Subject, *, role: str, by: Any, at: dt.datetime, round: int = 1,
    taken_at: dt.datetime | None = None, point: tuple[float, float, Datum] | None = None,
    accuracy_m: float | None = None, uid: uuid.UUID | None = None, since: dt.datetime | None = None,
    limit_m: float = 50.0, is_hidden: bool = False, shot: Any = None,
) -> Evidence:  # fmt: skip
    """Links a picture to a matter, with what the truth check finds; sending the same `uid` again returns the first row.

    Where the picture came as a Shot, `shot`, its own time and place come before the record's.
    """
    noted: dict[str, Any] = {}
    if isinstance(shot, Shot):
        uid, taken_at, noted = uid or shot.uid, shot.taken_at or taken_at, shot.noted or {}
        if shot.point is not None:
            point, accuracy_m = shot.point, shot.accuracy_m
    uid = uid or uuid.uuid4()
    before = Evidence.objects.filter(uid=uid).first()
    if before is not None:
        return before
    blob = keep(*kept)
    evidence = Evidence(
        uid=uid, blob=blob, subject=matter.subject, subject_id=matter.pk, role=role, round=round, by=by, added_at=at,
        accuracy_m=accuracy_m, taken_at=taken_at or blob.taken_at, time_source="phone" if taken_at else "exif",
        is_hidden=is_hidden,
    )  # fmt: skip
    if point is None and blob.lon is not None and blob.lat is not None:
        point = (blob.lon, blob.lat, Datum.WGS84)
    if point is not None:
        evidence.locate(*point)
    evidence.findings = findings(evidence, blob, matter, since=since, limit_m=limit_m, at=at) | noted
    evidence.save(force_insert=True)
    return evidence


def findings(
    evidence: Evidence, blob: Blob, matter: Any, *, since: dt.datetime | None, limit_m: float, at: dt.datetime
) -> dict[str, Any]:
    """What speaks against a picture as proof: too far, no place, taken too early or in the future, used before.

    Keys: `metres` (distance to the matter), `far`, `no_place`, `early`, `future`, `no_time`, `reused_of` (id of
    the earlier evidence). An empty dictionary with `metres` alone means nothing speaks against it.
    """
    found: dict[str, Any] = {}
    if evidence.lon is None or getattr(matter, "lon", None) is None:
        found["no_place"] = True
    else:
        found["metres"] = round(distance_m(evidence.lon, evidence.lat or 0.0, matter.lon, matter.lat))
        if found["metres"] > limit_m + (evidence.accuracy_m or 0.0):
            found["far"] = True
        if blob.lon is not None and blob.lat is not None:  # what the camera itself wrote into the picture
            own = round(distance_m(blob.lon, blob.lat, matter.lon, matter.lat))
            if own > max(limit_m, CAMERA_OFF_M) + (evidence.accuracy_m or 0.0):
                found["metres"], found["far"] = max(own, found["metres"]), True
    if evidence.taken_at is None:
        found["no_time"] = True
    elif since is not None and evidence.taken_at < since:
        found["early"] = True
    elif evidence.taken_at > at + dt.timedelta(minutes=10):
        found["future"] = True
    same = used_before(blob, evidence)
    if same is not None:
        found["reused_of"] = same.pk
    return found


def used_before(blob: Blob, evidence: Evidence) -> Evidence | None:
    """An earlier use of the same or nearly the same picture: by content hash, else by perceptual hash.

    Nearly the same is looked for among the newest pictures of this matter and of the same place (cells within
    about 300 m), which is where a picture is used twice; the whole city would be a scan. Pictures of a hidden matter
    are told to that matter alone.
    """
    own = Q(subject=evidence.subject, subject_id=evidence.subject_id)
    rows = Evidence.objects.exclude(uid=evidence.uid).filter(Q(is_hidden=False) | own)
    exact = rows.filter(blob=blob).order_by("pk").first()
    if exact is not None or blob.phash is None:
        return exact
    near = own
    if evidence.cell is not None:
        near |= Q(cell__gte=evidence.cell - 2**16, cell__lte=evidence.cell + 2**16)
    for row in rows.filter(near).select_related("blob").order_by("-pk")[:200]:
        if row.blob.phash is not None and likeness(row.blob.phash, blob.phash) <= SAME_PHOTO:
            return row
    return None


_photos = FixedQuery(
    lambda subject, pk: (
        Evidence.objects.filter(subject=subject, subject_id=pk)
        .exclude(role="document")
        .select_related("by", "blob")
        .only("role", "round", "taken_at", "added_at", "findings", "blob__sha256", "by__name")
        .order_by("pk")
    ),
    subject=str,
    pk=int,
)


def shown_of(matter: Subject) -> list[Evidence]:
    """The matter's photos and voice notes, oldest first, as pages show them: of who added it, the name alone."""
    return _photos(subject=matter.subject, pk=matter.pk)


def photos_of(matter: Subject) -> list[Evidence]:
    """The photos alone."""
    return [row for row in shown_of(matter) if row.role != "voice"]
