"""Taking a filled-in form in: its posts and files until all are here, then the visit it stands for, once.

A form that cannot be recorded as it is (the visit was recorded by somebody else, the checklist has changed) is set
aside whole; a phone may forget it after our answer, so nothing it sent is thrown away. Only where the round is over
the phone keeps it (423): the round's maker opens the visit again, and the phone sends it again.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any, Final, NamedTuple

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from chuangwen.inspections import rules
from chuangwen.inspections.fieldwork import asides, files, taking
from chuangwen.inspections.fieldwork.records import BadSent, Clock, Record, parse, uid_of
from chuangwen.inspections.form_catalogue import form_id_at, may_be_form
from chuangwen.inspections.form_models import FormState, FormSubmission
from chuangwen.inspections.form_reading import BadForm, Filled, asked, read_form, record_of
from chuangwen.inspections.models import State, Visit
from chuangwen.kernel.evidence import arrival
from chuangwen.kernel.evidence.arrival_models import Upload
from chuangwen.kernel.evidence.images import BadPicture
from chuangwen.kernel.evidence.voices import BadVoice
from chuangwen.kernel.models import Person
from chuangwen.standards.models import CheckItem

KEPT, AGAIN, BAD, STRANGE, OTHER, TOO_LARGE, LOCKED, LATER = 201, 202, 400, 404, 409, 413, 423, 503
MOST_FILE: Final = arrival.MOST_BYTES


class Taken(NamedTuple):
    """What became of one post: the HTTP status of the answer and a sentence for the person with the phone."""

    status: int
    message: str


class Refusal(Exception):
    """A post that is not taken; the phone keeps what it sent."""

    def __init__(self, status: int, message: str) -> None:
        self.status, self.message = status, message
        super().__init__(message)


def take_post(
    xml: bytes, sent: Mapping[str, Iterable[bytes]], *, by: Person, clock: Clock, is_last: bool = True
) -> Taken:
    """Takes one post of a form: its XML and some of its files (by name, in pieces); `is_last` is what the phone says.

    Once all files the form names are here, or the last post is, it is recorded. Sending again changes nothing.
    """
    try:
        filled = read_form(xml)
        row = _row(filled, xml, by, clock.now)
        if row.state != FormState.ARRIVING:
            return Taken(AGAIN, _("这份表单已经收过，不用再发。"))
        missing = _take_files(row, filled, sent, by, clock.now)
        if missing and not is_last:
            return Taken(KEPT, _("还差 %(n)d 个文件，接着传。") % {"n": len(missing)})
        return _recorded(row, filled, missing, by, clock)
    except Refusal as fault:
        return Taken(fault.status, fault.message)
    except (BadForm, BadSent) as fault:
        return Taken(BAD, str(fault))


def _row(filled: Filled, xml: bytes, by: Person, now: dt.datetime) -> FormSubmission:
    """The row of this form, made at its first post; raises Refusal."""
    digest = hashlib.sha256(xml).hexdigest()
    row = FormSubmission.objects.filter(instance_id=filled.instance_id).first()
    if row is None:
        _check_form(filled, by)
        made = {
            "form_id": filled.form_id,
            "version": filled.version,
            "xml": xml.decode(errors="replace").replace("\0", ""),
        }
        with suppress(IntegrityError), transaction.atomic():  # of two posts at once one makes it
            FormSubmission.objects.create(instance_id=filled.instance_id, hash=digest, by=by, at=now, **made)
        row = FormSubmission.objects.get(instance_id=filled.instance_id)
    if row.hash != digest or row.by_id != by.pk:
        raise Refusal(OTHER, _("同一编号的表单已经收过，内容不一样。新填一份再发。"))
    if row.state == FormState.ARRIVING:
        _check_round(filled, by)
    return row


def _check_form(filled: Filled, by: Person) -> None:
    if not may_be_form(filled.form_id):
        raise Refusal(STRANGE, _("没有这份表单，从表单列表重新下载。"))
    visit = _visit(filled, by)
    if visit is not None and form_id_at(visit) != filled.form_id:
        raise Refusal(STRANGE, _("这一处不用这份表单记，从表单列表重新下载。"))


def _check_round(filled: Filled, by: Person) -> None:
    visit = _visit(filled, by)
    if visit is not None and visit.round.state != State.RUNNING:
        words = {"name": visit.round.name, "state": State(visit.round.state).label}
        raise Refusal(
            LOCKED, _("%(name)s现在是%(state)s，不收记录。表单留在手机上，等轮次制定人重开再发。") % words
        )


def _visit(filled: Filled, by: Person) -> Visit | None:
    """The visit the form is of, if this person may record it: others are as good as none."""
    uid = uid_of(filled.told("visit"))
    if uid is None:
        raise BadForm(_("表单没有选哪一处，选好再发。"))
    row = Visit.objects.select_related("round", "site_type").filter(uid=uid).first()
    return row if row and rules.may_record(by, row.team_id, row.round.maker_id) else None


def _take_files(
    row: FormSubmission, filled: Filled, sent: Mapping[str, Iterable[bytes]], by: Person, now: dt.datetime
) -> list[str]:
    """Keeps the files of this post that the form names; returns the names still missing."""
    found = {}
    for name, pieces in sent.items():
        if name in filled.files:
            digest = _keep(filled.file_uid(name), b"".join(pieces), by, now)
            if digest:
                found[name] = digest
    with transaction.atomic():
        row = FormSubmission.objects.select_for_update().get(pk=row.pk)
        if found.items() - row.files.items():
            row.files = {**row.files, **found}
            row.save(update_fields=["files"])
    return [name for name in filled.files if name not in row.files]


def _keep(uid: uuid.UUID, data: bytes, by: Person, now: dt.datetime) -> str:
    """Puts a file where records find theirs; returns its SHA-256, empty for an empty file."""
    if not data:
        return ""
    digest, total = hashlib.sha256(data).hexdigest(), len(data)
    try:
        for start in range(0, total, arrival.MOST_PIECE):
            piece = data[start : start + arrival.MOST_PIECE]
            arrival.take_piece(uid, arrival.Piece(start, total, digest, piece), by=by, now=now)
    except arrival.BadPiece as fault:
        raise Refusal(fault.status, fault.why) from fault
    except arrival.Foreign as fault:
        raise Refusal(OTHER, _("这个编号已用在另一个文件上。")) from fault
    return digest


def _recorded(row: FormSubmission, filled: Filled, missing: list[str], by: Person, clock: Clock) -> Taken:
    """Records the visit; without files that never came or cannot be read, since what was seen is worth more."""
    hashes = FormSubmission.objects.values_list("files", flat=True).get(pk=row.pk)
    items = CheckItem.objects.select_related("grading").in_bulk(asked(filled))
    record = parse(record_of(filled, items, hashes), clock)
    answer = taking.take(record, by=by, now=clock.now)
    if answer.status == "refused":
        broken = _broken(record, filled, by)
        missing += broken
        record = parse(record_of(filled, items, {k: v for k, v in hashes.items() if k not in broken}), clock)
        answer = taking.take(record, by=by, now=clock.now) if broken else answer
    if answer.status == "refused":
        answer = _set_aside(record, answer.why, by, clock.now)
    if answer.status == "wants":  # the disk lost a file that was here
        FormSubmission.objects.filter(pk=row.pk, state=FormState.ARRIVING).update(files={})
        raise Refusal(LATER, _("暂时没收下，表单留在手机上，稍后再发。"))
    return _closed(row, filled, answer, missing, clock.now)


def _broken(record: Record, filled: Filled, by: Person) -> list[str]:
    """The names of files that are no photo or recording, or cannot be read."""
    names = {filled.file_uid(name): name for name in filled.files}
    here, _missing = files.arrived(record, by)
    found, rows = [], {row.uid: row for row in here}
    for one in record.files:
        try:
            files.put_in(files.Bag(), record, one, arrival.content(rows[one.uid]))
        except (BadPicture, BadVoice):
            found.append(names[one.uid])
    return found


def _set_aside(record: Record, why: str, by: Person, now: dt.datetime) -> taking.Answer:
    uploads: list[Upload] = files.arrived(record, by)[0]
    bag = files.read(record, uploads)
    with transaction.atomic():
        Person.objects.select_for_update(no_key=True).get(pk=by.pk)
        before = taking.receipt_of(record, by)
        if before is None:
            made = asides.set_aside(record, bag, why, by=by, now=now)
            before = taking.Answer(str(record.uid), "aside", taking.Receipt(made.hash, made.at), made.why)
    files.spend(uploads)
    return before


def _closed(
    row: FormSubmission, filled: Filled, answer: taking.Answer, missing: list[str], now: dt.datetime
) -> Taken:
    is_aside = answer.status == "aside"
    told = [answer.why] if is_aside and answer.why else []
    if missing:
        told.append(_("没收到或打不开的文件：%(names)s") % {"names": "、".join(missing)})
    uid = uid_of(filled.told("visit"))
    visit = Visit.objects.filter(uid=uid).first() if uid else None
    made: dict[str, Any] = {
        "state": FormState.ASIDE if is_aside else FormState.DONE, "visit": visit, "done_at": now, "why": "；".join(told)[:300],
    }  # fmt: skip
    FormSubmission.objects.filter(pk=row.pk, state=FormState.ARRIVING).update(**made)
    words = _("没有直接记下，另存了，由创建办处理。") if is_aside else _("记下了。")
    return Taken(AGAIN if answer.status == "again" else KEPT, "".join([words, *told]))
