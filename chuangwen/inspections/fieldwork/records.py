"""Records as a phone sends them: read strictly, with their times set right by the phone's own clock."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from chuangwen.kernel.evidence.models import EvidenceRole
from chuangwen.kernel.places.datum import Datum
from chuangwen.problems.forms import PointForm

KINDS: Final = ("visit", "skip", "report", "recheck", "patrol")
ROLES: Final = (EvidenceRole.FOUND, EvidenceRole.FIXED, EvidenceRole.CHECK, EvidenceRole.VOICE)
SKEW_S: Final = 120  # a clock wrong by less is taken as right
MOST_RECORDS: Final = 100  # in one sending
MOST_FILES: Final = 300  # of one record
MOST_CHARS: Final = 200_000  # of one record's words, files apart


class BadSent(Exception):
    """A record the sender can mend; the text says where and what next."""


class FileSent(NamedTuple):
    """One file a record names: what it is of, and when and where the phone made it."""

    uid: uuid.UUID
    role: str
    item: int | None
    taken_at: dt.datetime | None
    point: tuple[float, float, Datum] | None
    accuracy_m: float | None
    sha256: str
    noted: dict[str, Any]


@dataclass(frozen=True)
class Clock:
    """What the server knows of a phone's clock: `skew` is server minus phone, None where it is right."""

    now: dt.datetime
    skew: dt.timedelta | None = None

    @property
    def seconds(self) -> int | None:
        return round(self.skew.total_seconds()) if self.skew is not None else None

    def right(self, told: dt.datetime | None) -> tuple[dt.datetime | None, dict[str, Any]]:
        """A time the phone told, set right and never later than now; and what is to be noted of it."""
        if told is None:
            return None, {}
        noted: dict[str, Any] = {} if self.skew is None else {"clock_s": self.seconds}
        try:
            moment = told + (self.skew or dt.timedelta())
        except OverflowError:
            return self.now, {**noted, "future": True}
        if moment > self.now + dt.timedelta(seconds=SKEW_S):
            return self.now, {**noted, "future": True}
        return min(moment, self.now), noted


@dataclass(frozen=True)
class Record:
    """One record: its own id, what was done when, what was given, and its files; `sent` is the record as it came."""

    uid: uuid.UUID
    kind: str
    at: dt.datetime
    given: dict[str, Any]
    files: tuple[FileSent, ...] = ()
    sent: dict[str, Any] = field(default_factory=dict)
    clock_s: int | None = None

    def of_item(self, item: int | None) -> list[FileSent]:
        """The photos of one check item (None: of the whole record), in order."""
        return [one for one in self.files if one.role != EvidenceRole.VOICE and one.item == item]

    @property
    def voices(self) -> list[FileSent]:
        return [one for one in self.files if one.role == EvidenceRole.VOICE]


def clock_of(told: Any, now: dt.datetime) -> Clock:
    """The phone's clock against ours; a phone that does not tell is believed."""
    phone = moment_of(told)
    if phone is None:
        return Clock(now)
    skew = now - phone
    return Clock(now, skew if abs(skew.total_seconds()) > SKEW_S else None)


def moment_of(told: Any) -> dt.datetime | None:
    """A moment with its zone; None for anything else."""
    try:
        found = parse_datetime(told) if isinstance(told, str) and len(told) <= 40 else None
        return found.astimezone(dt.UTC) if found is not None and timezone.is_aware(found) else None
    except (ValueError, OverflowError):
        return None


def is_id(value: Any) -> bool:
    """Whether it can be a row's id."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**31


def uid_of(told: Any) -> uuid.UUID | None:
    try:
        return uuid.UUID(told) if isinstance(told, str) and len(told) <= 45 else None
    except ValueError:
        return None


def parse(raw: Any, clock: Clock) -> Record:
    """A record as the phone sent it; raises BadSent. Names it does not know are kept with it and mean nothing."""
    if not isinstance(raw, dict):
        raise BadSent(_("记录的格式不对，更新页面再送。"))
    uid, kind, given = uid_of(raw.get("uid")), raw.get("kind"), raw.get("given")
    if uid is None:
        raise BadSent(_("记录没有编号，更新页面再送。"))
    if kind not in KINDS or not isinstance(given, dict):
        raise BadSent(_("没有这种记录，更新页面再送。"))
    _check_words(raw)
    at, noted = clock.right(moment_of(raw.get("at")))
    files = raw.get("files") or []
    if not isinstance(files, list) or len(files) > MOST_FILES:
        raise BadSent(_("文件最多 %(n)d 个，去掉几个再送。") % {"n": MOST_FILES})
    read = tuple(_file(one, clock, n) for n, one in enumerate(files, 1))
    if len({one.uid for one in read}) != len(read):
        raise BadSent(_("同一个文件列了两次，去掉一个再送。"))
    seconds = noted.get("clock_s") if "future" not in noted else (clock.seconds or 0)
    return Record(uid, kind, at or clock.now, given, read, raw, seconds)


def _check_words(raw: dict[str, Any]) -> None:
    """Refuses what no database keeps: lone surrogates, NUL, figures without end, words without end."""
    try:
        text = json.dumps(raw, ensure_ascii=False, allow_nan=False)
        length = len(text.encode())
    except (ValueError, RecursionError) as fault:
        raise BadSent(_("记录里有存不下的字符或数，改掉再送。")) from fault
    if length > MOST_CHARS:
        raise BadSent(_("记录太长，写短些再送。"))
    if "\\u0000" in text and _holds_nul(raw):
        raise BadSent(_("记录里有存不下的字符或数，改掉再送。"))


def _holds_nul(value: Any) -> bool:
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, dict):
        return any(_holds_nul(one) for pair in value.items() for one in pair)
    return isinstance(value, list) and any(_holds_nul(one) for one in value)


def _file(raw: Any, clock: Clock, n: int) -> FileSent:
    uid = uid_of(raw.get("uid")) if isinstance(raw, dict) else None
    if uid is None or raw.get("role") not in ROLES:
        raise BadSent(_("第 %(n)d 个文件的用途或编号不对，更新页面再送。") % {"n": n})
    item, digest = raw.get("item"), raw.get("sha256")
    if item is not None and not is_id(item):
        raise BadSent(_("第 %(n)d 个文件的检查项不对，刷新清单再送。") % {"n": n})
    if not isinstance(digest, str) or len(digest) != 64 or not set(digest) <= set("0123456789abcdef"):
        raise BadSent(_("第 %(n)d 个文件没有校验值，更新页面再送。") % {"n": n})
    point, accuracy = point_of(raw, _("第 %(n)d 个文件") % {"n": n})
    taken, noted = clock.right(moment_of(raw.get("taken_at")))
    return FileSent(uid, str(raw["role"]), item, taken, point, accuracy, digest, noted)


def point_of(
    given: dict[str, Any], where: str = ""
) -> tuple[tuple[float, float, Datum] | None, float | None]:
    """The point of a record or file and how far it may be off (metres); raises BadSent."""
    names = ("lon", "lat", "datum", "accuracy_m")
    form = PointForm({name: given.get(name) for name in names if given.get(name) is not None})
    if not form.is_valid():
        raise BadSent(f"{where} {next(iter(form.errors.values()))[0]}".strip())
    return form.point(), form.cleaned_data["accuracy_m"]


def text_of(given: dict[str, Any], name: str, most: int, label: str) -> str:
    """A text of what was given; raises BadSent where it is none or too long."""
    text = given.get(name)
    if text is None:
        return ""
    if not isinstance(text, str) or len(text.strip()) > most:
        raise BadSent(_("%(label)s最长 %(n)d 个字，改短再送。") % {"label": label, "n": most})
    return text.strip()
