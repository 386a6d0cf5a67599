"""Taking records in: each once, each in one transaction, each with a receipt; what cannot be taken is set aside whole."""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
import uuid
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from chuangwen.inspections import releasing
from chuangwen.inspections.fieldwork import asides, doing, files
from chuangwen.inspections.fieldwork.records import BadSent, Clock, Record, parse, uid_of
from chuangwen.inspections.models import Round
from chuangwen.inspections.recording import BadRecord
from chuangwen.kernel.evidence.images import BadPicture
from chuangwen.kernel.evidence.voices import BadVoice
from chuangwen.kernel.models import Entry, Person
from chuangwen.kernel.workflow import history
from chuangwen.kernel.workflow.arrival_models import SetAside
from chuangwen.kernel.workflow.flow import BadInput, Refused
from chuangwen.problems.actions import OutsideCity
from chuangwen.problems.models import Case
from chuangwen.registers.models import PatrolRound

log = logging.getLogger(__name__)

# Kind of a record → the subject and the steps its entry may have.
_ENTRIES = {
    "visit": ("inspections.round", {"visit"}),
    "skip": ("inspections.round", {"skip"}),
    "report": ("problems.case", {"report"}),
    "recheck": ("problems.case", set(doing.RECHECK)),
}


@dataclass(frozen=True)
class Receipt:
    """What the phone keeps instead of the record: the hash it has in our history, and the number it got."""

    hash: str
    at: dt.datetime
    number: str = ""


@dataclass(frozen=True)
class Answer:
    """What becomes of one record: kept, again, wants (files), aside, refused; with the reason in a sentence."""

    uid: str
    status: str
    receipt: Receipt | None = None
    why: str = ""
    wants: list[uuid.UUID] = field(default_factory=list)


def take_all(raws: list[Any], *, by: Person, clock: Clock) -> list[Answer]:
    """Takes each record for itself; a fault of one, even one of ours, leaves the others as they are."""
    found = []
    for raw in raws:
        told = raw.get("uid") if isinstance(raw, dict) else ""
        uid = str(uid_of(told) or str(told or "")[:45])
        try:
            found.append(take(parse(raw, clock), by=by, now=clock.now))
        except BadSent as fault:
            found.append(Answer(uid, "refused", why=str(fault)))
        except Exception:  # the phone keeps what it has no receipt for and sends it again
            log.exception("record %s of person %s", uid, by.pk)
            found.append(Answer(uid, "failed", why=_("这一条暂时没收下，留在手机上，稍后自动再送。")))
    return found


def take(record: Record, *, by: Person, now: dt.datetime) -> Answer:
    """Takes one record in, once however often and from however many connections it comes; raises BadSent."""
    uid = str(record.uid)
    before = receipt_of(record, by)
    if before:
        return before
    uploads, missing = files.arrived(record, by)
    if missing:
        return Answer(uid, "wants", wants=missing)
    try:
        bag = files.read(record, uploads)  # decoding pictures is slow: before the transaction
    except files.Lost as fault:
        return Answer(uid, "wants", wants=fault.uids)
    except (BadPicture, BadVoice) as fault:
        return Answer(uid, "refused", why=str(fault))
    for attempt in (1, 2):
        try:
            answer = _once(record, bag, by, now)
            break
        except IntegrityError:  # somebody else was quicker in something both wrote: look again
            if attempt == 2:
                raise
    files.spend(uploads)
    if record.kind == "visit" and answer.status == "kept":
        _open_cases(record, now)
    return answer


def _once(record: Record, bag: files.Bag, by: Person, now: dt.datetime) -> Answer:
    with transaction.atomic():
        # One record of a person at a time: of two of the same id, the second finds the first.
        Person.objects.select_for_update(no_key=True).get(pk=by.pk)
        before = receipt_of(record, by)
        if before:
            return before
        try:
            with transaction.atomic():
                doing.do(record, bag, by=by, now=now)
        except (BadRecord, BadInput, OutsideCity, BadVoice, BadPicture) as fault:
            return Answer(str(record.uid), "refused", why=_line(fault))
        except Refused as fault:
            row = asides.set_aside(record, bag, str(fault), by=by, now=now)
            return Answer(str(record.uid), "aside", Receipt(row.hash, row.at), row.why)
        found = receipt_of(record, by)
        assert found is not None and found.receipt is not None  # what was done has written it
        return Answer(found.uid, "kept", found.receipt)


def _line(fault: Exception) -> str:
    if isinstance(fault, BadRecord):
        return "；".join(f"{item.text}：{why}" if item else str(why) for item, why in fault.faults)
    return str(fault)


def receipt_of(record: Record, by: Person) -> Answer | None:
    """The answer of a record that was sent before; raises BadSent when its id belongs to something else."""
    uid = str(record.uid)
    taken = BadSent(_("这个编号已用在别的记录上，重记一次再送。"))
    row = SetAside.objects.filter(uid=record.uid).first()
    if row is not None:
        if row.by_id != by.pk:
            raise taken
        return Answer(uid, "aside", Receipt(row.hash, row.at), row.why)
    if record.kind == "patrol":
        look = PatrolRound.objects.filter(uid=record.uid).select_related("thing", "place").first()
        if look is None:
            return None
        if look.by_id != by.pk:
            raise taken
        return Answer(uid, "again", Receipt(look_hash(look), look.at))
    entry = Entry.objects.filter(uid=record.uid).first()
    if entry is None:
        return None
    subject, steps = _ENTRIES[record.kind]
    if entry.by_id != by.pk or entry.subject != subject or entry.step not in steps:
        raise taken
    number = ""
    if subject == "problems.case":
        number = Case.objects.values_list("number", flat=True).get(pk=entry.subject_id)
    return Answer(uid, "again", Receipt(entry.hash, entry.at, number))


def look_hash(look: PatrolRound) -> str:
    """SHA-256 over the canonical row of a look on a patrol; it has no chain of its own."""
    said = [look.uid, look.thing_id, look.place_id, look.by_id, look.at, look.is_fine, look.note]
    return hashlib.sha256(history.canonical(history.typed(said))).hexdigest()


def _open_cases(record: Record, now: dt.datetime) -> None:
    """What failed becomes cases after the commit; where that fails the clock does it."""
    uid = uid_of(record.given.get("visit"))
    row = Round.objects.filter(visits__uid=uid).first() if uid else None
    if row is not None:
        try:
            releasing.open_cases(row, at=now)
        except Exception:
            log.exception("cases of visit %s wait for the clock", uid)
