"""Records that could not be taken as they were sent: kept whole, decided by a person, never lost."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen.inspections import releasing, rules
from chuangwen.inspections.fieldwork import doing, files
from chuangwen.inspections.fieldwork.records import BadSent, Clock, Record, moment_of, parse, uid_of
from chuangwen.inspections.models import Visit
from chuangwen.kernel.evidence import store
from chuangwen.kernel.models import Person
from chuangwen.kernel.workflow import history
from chuangwen.kernel.workflow.arrival_models import SetAside
from chuangwen.kernel.workflow.flow import NotAllowed, Refused
from chuangwen.kernel.workflow.notices import Tell, tell
from chuangwen.problems.models import Case

VISIT, CASE = Visit._meta.label_lower, Case._meta.label_lower


def set_aside(record: Record, bag: files.Bag, why: str, *, by: Person, now: dt.datetime) -> SetAside:
    """Keeps a record and its files; the caller's transaction. The hash of the canonical record is its receipt."""
    kept = files.keep(record, bag)
    subject, row = _about(record)
    clock = {"at": record.at.isoformat(), "clock_s": record.clock_s}
    payload = {"record": record.sent, "clock": clock}
    digest = hashlib.sha256(history.canonical([by.pk, payload, kept])).hexdigest()
    made = SetAside.objects.create(
        uid=record.uid, kind=record.kind, subject=subject, subject_id=row.pk if row else None, by=by, at=now,
        why=why[:300], payload=payload, files=kept, hash=digest,
    )  # fmt: skip
    if isinstance(row, Visit) and row.round.maker_id:
        words = _("有一条手机记录没有收下，另存了，等你看。")
        tell(
            [Tell(row.round, "aside", words, person_id=row.round.maker_id, url=f"/asides/{made.pk}/")],
            now,
        )
    return made


def _about(record: Record) -> tuple[str, Any]:
    """What the record is about, whether its sender may see it or not."""
    if record.kind in ("visit", "skip"):
        uid = uid_of(record.given.get("visit"))
        return VISIT, Visit.objects.select_related("round").filter(uid=uid).first() if uid else None
    if record.kind == "recheck":
        return CASE, Case.objects.filter(number=str(record.given.get("number", ""))).first()
    return "", None


def seen_by(person: Person) -> QuerySet[SetAside]:
    """The records set aside this person decides on: the desk's, those of secret rounds their maker's alone."""
    if not rules.desk.allows(person, None):
        return SetAside.objects.none()
    hidden = Visit.objects.filter(round__is_secret=True).exclude(round__maker=person)
    # A subquery without nulls: NOT IN over a null would hide every row.
    rows = SetAside.objects.exclude(subject=VISIT, subject_id__in=hidden.order_by().values("pk"))
    return rows.select_related("by", "decided_by").order_by("-at", "-pk")


def record_of(row: SetAside) -> tuple[Record, files.Bag]:
    """The record as it was sent, with its files from the store."""
    clock = row.payload.get("clock", {})
    seconds = clock.get("clock_s")
    skew = dt.timedelta(seconds=seconds) if seconds else None
    record = parse(row.payload["record"], Clock(row.at, skew))
    record = Record(
        record.uid, record.kind, moment_of(clock.get("at")) or record.at, record.given, record.files,
        record.sent, seconds,
    )  # fmt: skip
    bag, kept = files.Bag(), {one["uid"]: one["sha256"] for one in row.files}
    for one in record.files:
        files.put_in(bag, record, one, store.path_of(kept[str(one.uid)], "original").read_bytes())
    return record, bag


def adopt(row: SetAside, *, by: Person, now: dt.datetime | None = None) -> None:
    """Takes the record now as its sender's, where that can be done; raises Refused with what stands against it."""
    now = now or timezone.now()
    try:
        record, bag = record_of(row)
    except (BadSent, FileNotFoundError) as fault:
        raise Refused(_("记录或它的文件读不出来，不能采用。")) from fault
    with transaction.atomic():
        row = _undecided(row, by)
        try:
            with transaction.atomic():
                doing.do(record, bag, by=row.by, now=now)
        except BadSent as fault:
            raise Refused(str(fault)) from fault
        _decide(row, _("采用"), by, now)
    about = _about(record)[1]
    if isinstance(about, Visit):
        releasing.open_cases(about.round, at=now)


def decline(row: SetAside, reason: str, *, by: Person, now: dt.datetime | None = None) -> None:
    """Leaves the record aside for good, with the reason; it stays readable."""
    if not reason.strip():
        raise Refused(_("写明为什么不采用。"))
    with transaction.atomic():
        _decide(
            _undecided(row, by), _("不采用：%(why)s") % {"why": reason.strip()}, by, now or timezone.now()
        )


def _undecided(row: SetAside, by: Person) -> SetAside:
    if not seen_by(by).filter(pk=row.pk).exists():
        raise NotAllowed(_("这一条不归你处理。"))
    found = SetAside.objects.select_for_update(of=("self",)).select_related("by").get(pk=row.pk)
    if found.decided_at is not None:
        raise Refused(_("这一条已经有人处理过。"))
    return found


def _decide(row: SetAside, decision: str, by: Person, now: dt.datetime) -> None:
    row.decided_at, row.decided_by, row.decision = now, by, decision[:300]
    row.save(update_fields=["decided_at", "decided_by", "decision"])
    history.log_change(row, by_id=by.pk, changes={"decision": ("", row.decision)}, at=now)
