"""Voice notes: recognised by their first bytes, kept once by their hash, linked to a matter like a photo."""

from __future__ import annotations

import datetime as dt
import uuid
from hashlib import sha256
from typing import Any, ClassVar, Final

from django.utils.translation import gettext_lazy as _

from chuangwen.kernel.evidence import store
from chuangwen.kernel.evidence.models import Blob, Evidence, EvidenceRole
from chuangwen.kernel.worded import WordedError

MOST_BYTES: Final = 2 * 2**20  # some ten minutes of speech as phones record it

#: What is served; a page plays it in <audio>, nothing else is made of it.
MIMES: Final = ("audio/webm", "audio/ogg", "audio/mp4", "audio/mpeg", "audio/amr", "audio/wav")

_BRANDS: Final = {b"M4A ", b"M4B ", b"mp41", b"mp42", b"isom", b"iso2", b"iso5", b"iso6", b"3gp4", b"3gp5", b"3gp6"}


class BadVoice(WordedError):
    """A file refused as a voice note."""

    sentences: ClassVar = {
        "empty": _("录音是空的，没有收到内容。重新录一段再传。"),
        "too_large": _("录音超过 %(limit)s MB 的上限。分成几段再录。"),
        "not_voice": _("这个文件不是录音。用手机页面上的录音重录一段。"),
    }


def mime_of(data: bytes) -> str | None:
    """The media type its first bytes show; None when they are of no accepted recording.

    Sources: Matroska/WebM (EBML header and DocType), RFC 3533 (Ogg), ISO 14496-12 (ftyp), RFC 3003 and ID3v2
    (MPEG audio), RFC 4867 section 5 (AMR), RIFF WAVE.
    """
    head = data[:64]
    if head.startswith(b"\x1a\x45\xdf\xa3") and b"webm" in head:
        return "audio/webm"
    if head.startswith(b"OggS") and (b"OpusHead" in head or b"vorbis" in head):
        return "audio/ogg"
    if head[4:8] == b"ftyp" and head[8:12] in _BRANDS:
        return "audio/mp4"
    if head.startswith((b"#!AMR\n", b"#!AMR-WB\n")):
        return "audio/amr"
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        return "audio/wav"
    is_frame = len(head) > 2 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2 and head[2] & 0xF0 != 0xF0
    return "audio/mpeg" if head.startswith(b"ID3") or is_frame else None


def take_in(data: bytes) -> str:
    """The media type of a recording; raises BadVoice, and nothing else, whatever the bytes are."""
    if not data:
        raise BadVoice("empty")
    if len(data) > MOST_BYTES:
        raise BadVoice("too_large", limit=MOST_BYTES // 2**20)
    mime = mime_of(data)
    if mime is None:
        raise BadVoice("not_voice")
    return mime


def keep(data: bytes, mime: str) -> Blob:
    """Stores a file as it is, once by its hash; storing it again returns the first row."""
    digest = sha256(data).hexdigest()
    store.put(store.path_of(digest, "original"), data)
    return Blob.objects.get_or_create(sha256=digest, defaults={"mime": mime, "size": len(data)})[0]


def attach(
    data: bytes, matter: store.Subject, *, by: Any, at: dt.datetime, uid: uuid.UUID, round: int = 1,
    taken_at: dt.datetime | None = None, noted: dict[str, Any] | None = None, is_hidden: bool = False,
) -> Evidence:  # fmt: skip
    """Links a recording to a matter; the same `uid` again returns the first row. Raises BadVoice."""
    before = Evidence.objects.filter(uid=uid).first()
    if before is not None:
        return before
    blob = keep(data, take_in(data))
    return Evidence.objects.create(
        uid=uid, blob=blob, subject=matter.subject, subject_id=matter.pk, role=EvidenceRole.VOICE, round=round, by=by,
        added_at=at, taken_at=taken_at, findings=noted or {}, is_hidden=is_hidden,
    )  # fmt: skip

