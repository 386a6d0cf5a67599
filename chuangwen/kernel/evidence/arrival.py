"""Files that arrive piece by piece over a bad network: each byte once, whatever is repeated, lost or cut.

The row says how many bytes are surely on disk: pieces are written and synced before it moves on, and whatever lies
behind it in the file is cut off before the next piece. So a process may die at any point between two instructions.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import uuid
from pathlib import Path
from typing import Final, NamedTuple

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen.kernel.evidence import store
from chuangwen.kernel.evidence.arrival_models import Upload
from chuangwen.kernel.people.models import Person

PIECE: Final = 256 * 1024  # what a phone sends at once
MOST_PIECE: Final = 4 * PIECE
MOST_BYTES: Final = 20 * 2**20
MOST_OPEN: Final = 1000  # unfinished files of one person; a long day has a few hundred
KEPT_DAYS: Final = 30


class BadPiece(Exception):
    """A piece that cannot be taken; `status` is the answer's HTTP status, `received` where to go on."""

    def __init__(self, status: int, received: int, why: str) -> None:
        self.status, self.received, self.why = status, received, why
        super().__init__(why)


class Foreign(Exception):
    """The id belongs to another person's file."""


class Piece(NamedTuple):
    """Bytes `start` … of a file of `total` bytes whose SHA-256 is `sha256` (64 hex characters)."""

    start: int
    total: int
    sha256: str
    data: bytes


def path_of(uid: uuid.UUID) -> Path:
    """Where the bytes of a file lie while it arrives."""
    return Path(settings.MEDIA_ROOT) / "arriving" / uid.hex[:2] / uid.hex


def take_piece(uid: uuid.UUID, piece: Piece, *, by: Person, now: dt.datetime | None = None) -> Upload:
    """Takes one piece in and returns the row; a piece that was here already changes nothing.

    Raises Foreign, or BadPiece: 413 too large, 409 a gap before it or another file under this id, 422 the whole
    file has another hash than promised (then it begins again at 0).
    """
    _check(piece)
    now = now or timezone.now()
    _begun(uid, piece, by, now)
    with transaction.atomic():
        row = Upload.objects.select_for_update().get(uid=uid)
        if row.by_id != by.pk:
            raise Foreign
        if (row.sha256, row.size) != (piece.sha256, piece.total):
            raise BadPiece(409, row.received, _("这个编号已用在另一个文件上。"))
        if row.done_at is not None and _is_here(row):
            return row
        if row.done_at is not None:  # the disk lost it: from the beginning
            row.received, row.done_at = 0, None
        row.received = _written(row, piece)
        row.changed_at = now
        is_right = row.received < row.size or _hash_of(path_of(uid)) == row.sha256
        if row.received == row.size:
            row.done_at, row.received = (now, row.size) if is_right else (None, 0)
        row.save(update_fields=["received", "changed_at", "done_at"])
    if not is_right:  # said after the commit: the way back to 0 must stay
        raise BadPiece(422, 0, _("文件传坏了，从头再传。"))
    return row


def _check(piece: Piece) -> None:
    if piece.total > MOST_BYTES:
        raise BadPiece(
            413, 0, _("文件超过 %(limit)s MB 的上限，缩小后再传。") % {"limit": MOST_BYTES // 2**20}
        )
    if len(piece.data) > MOST_PIECE:
        raise BadPiece(413, 0, _("一片太大，分小再传。"))
    if not piece.data or piece.start < 0 or piece.start + len(piece.data) > piece.total:
        raise BadPiece(400, 0, _("这一片的位置不对，从头再传。"))


def _begun(uid: uuid.UUID, piece: Piece, by: Person, now: dt.datetime) -> None:
    """Makes the row at the first piece; of two at once one makes it."""
    if Upload.objects.filter(uid=uid).exists():
        return
    if Upload.objects.filter(by=by, done_at__isnull=True).count() >= MOST_OPEN:
        raise BadPiece(413, 0, _("没传完的文件太多，先把它们传完。"))
    try:
        with transaction.atomic():
            Upload.objects.create(
                uid=uid, by=by, sha256=piece.sha256, size=piece.total, began_at=now, changed_at=now
            )
    except IntegrityError:
        return


def _written(row: Upload, piece: Piece) -> int:
    """Writes what is new of the piece behind what is surely here; returns how many bytes are now."""
    path = path_of(row.uid)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(handle, "r+b") as file:
        here = min(row.received, file.seek(0, os.SEEK_END))
        if piece.start > here:
            raise BadPiece(409, here, _("前面缺一段，从缺的地方接着传。"))
        fresh = piece.data[here - piece.start :]
        if not fresh:
            return here
        file.truncate(here)
        file.seek(here)
        file.write(fresh)
        file.flush()
        os.fsync(file.fileno())
    return here + len(fresh)


def _hash_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _is_here(row: Upload) -> bool:
    return path_of(row.uid).exists() or store.path_of(row.sha256, "original").exists()


def of_person(uids: list[uuid.UUID], by: Person) -> dict[uuid.UUID, Upload]:
    """This person's files of these ids that have arrived whole (one query)."""
    rows = Upload.objects.filter(uid__in=uids, by=by, done_at__isnull=False)
    return {row.uid: row for row in rows if _is_here(row)}


def content(row: Upload) -> bytes:
    """The bytes of a file that has arrived whole; raises FileNotFoundError where the disk has lost it."""
    path = path_of(row.uid)
    return (path if path.exists() else store.path_of(row.sha256, "original")).read_bytes()


def spend(rows: list[Upload]) -> None:
    """Removes the bytes of files the store holds now; their rows still answer a phone that asks."""
    for row in rows:
        if store.path_of(row.sha256, "original").exists():
            path_of(row.uid).unlink(missing_ok=True)


def sweep(now: dt.datetime | None = None) -> int:
    """Removes files nobody went on with for a month; returns how many. The phone still has what it never got a receipt for."""
    before = (now or timezone.now()) - dt.timedelta(days=KEPT_DAYS)
    rows = list(Upload.objects.filter(changed_at__lt=before).order_by("pk")[:5000])
    for row in rows:
        with transaction.atomic():
            if Upload.objects.filter(pk=row.pk, changed_at__lt=before).delete()[0]:
                path_of(row.uid).unlink(missing_ok=True)
    return len(rows)
