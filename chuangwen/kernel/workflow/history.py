"""History: typed values, the hash chain of one matter, the daily checkpoint over all, and the proof.

The chain: hash(n) = SHA-256 over the canonical JSON of the entry and hash(n−1). A personal value is
not in the chain itself but as a commitment SHA-256(salt, value), so that the value and its salt can be
shredded (PIPL art. 47) while the chain stays provable.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import secrets
import uuid
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.db import models, transaction
from django.utils import timezone

from chuangwen.kernel.fixed_query import FixedQuery
from chuangwen.kernel.workflow.models import Checkpoint, Entry, Matter, Sealed


def typed(value: Any) -> Any:
    """A value as history keeps it: plain JSON, or a small object naming its type.

    Raises TypeError for a value no rule exists for, so that nothing is written as meaningless text.
    """
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return {"float": repr(value)}
    if isinstance(value, Decimal):
        return {"decimal": str(value)}
    if isinstance(value, dt.datetime):
        return {"time": value.astimezone(dt.UTC).isoformat()}
    if isinstance(value, dt.date):
        return {"date": value.isoformat()}
    if isinstance(value, uuid.UUID):
        return {"uuid": str(value)}
    if isinstance(value, models.Model):
        return {"row": value._meta.label_lower, "id": value.pk}
    if isinstance(value, dict):
        return {str(key): typed(item) for key, item in value.items()}
    if isinstance(value, Iterable):
        return [typed(item) for item in value]
    raise TypeError(f"history has no form for {type(value).__name__}")


def canonical(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def entry_hash(
    previous: str, subject: str, subject_id: int, seq: int, step: str, from_state: str, to_state: str,
    by_id: int | None, at: dt.datetime, given: Any,
) -> str:  # fmt: skip
    """The link of the chain; every column that means something is in it."""
    moment = at.astimezone(dt.UTC).isoformat(timespec="microseconds")
    line = [previous, subject, subject_id, seq, step, from_state, to_state, by_id, moment, given]
    return hashlib.sha256(canonical(line)).hexdigest()


def commitment(salt: str, value: str) -> str:
    return hashlib.sha256(canonical([salt, value])).hexdigest()


def add_entry(
    matter: Matter, step: str, from_state: str, *, by_id: int | None, at: dt.datetime,
    given: dict[str, Any], personal: dict[str, str] | None = None, uid: uuid.UUID | None = None,
) -> Entry:  # fmt: skip
    """Appends one entry to the matter's chain; the caller saves the matter in the same transaction."""
    values = typed(given)
    salts = {field: secrets.token_hex(16) for field, value in (personal or {}).items() if value}
    for field, salt in salts.items():
        values[field] = {"sealed": commitment(salt, (personal or {})[field])}
    matter.entries += 1
    matter.head = entry_hash(
        matter.head, matter.subject, matter.pk, matter.entries, step, from_state, matter.state, by_id, at, values
    )
    entry = Entry.objects.create(
        uid=uid or uuid.uuid4(), subject=matter.subject, subject_id=matter.pk, seq=matter.entries, step=step,
        from_state=from_state, to_state=matter.state, by_id=by_id, at=at, given=values, hash=matter.head,
    )  # fmt: skip
    if salts:
        Sealed.objects.bulk_create(
            Sealed(entry=entry, field=field, salt=salt, value=(personal or {})[field]) for field, salt in salts.items()
        )
    return entry


_entries = FixedQuery(
    lambda subject, pk: Entry.objects.filter(subject=subject, subject_id=pk)
    .select_related("by")
    .only("seq", "step", "from_state", "to_state", "at", "given", "hash", "by__name")
    .order_by("seq"),
    subject=str,
    pk=int,
)


def history_of(matter: Matter) -> list[Entry]:
    """The matter's entries, oldest first, as pages show them: of who did it, the name alone."""
    return _entries(subject=matter.subject, pk=matter.pk)


def log_change(
    row: models.Model, *, by_id: int | None, changes: Mapping[str, tuple[Any, Any]], personal: Collection[str] = (),
    at: dt.datetime | None = None,
) -> Entry | None:  # fmt: skip
    """Appends one entry to the chain of a row that is no matter (a post, a unit, a thing); None when nothing changed.

    `changes` gives (old, new) by column; the new values of columns in `personal` are sealed and the old ones left
    out. Such a row has no head of its own, so a cut-off tail shows only against the daily checkpoint. The caller has
    saved the row in the same transaction.
    """
    if not changes:
        return None
    subject = row._meta.label_lower
    type(row)._default_manager.select_for_update().get(pk=row.pk)  # one writer of this chain at a time
    last = Entry.objects.filter(subject=subject, subject_id=row.pk).order_by("-seq").first()
    at, seq, step = at or timezone.now(), last.seq + 1 if last else 1, "change" if last else "enter"
    salts = {name: secrets.token_hex(16) for name in personal if name in changes and changes[name][1]}
    values: dict[str, Any] = {name: typed(list(pair)) for name, pair in changes.items() if name not in personal}
    values |= {name: {"sealed": commitment(salt, str(changes[name][1]))} for name, salt in salts.items()}
    entry = Entry.objects.create(
        subject=subject, subject_id=row.pk, seq=seq, step=step, from_state="", to_state="", by_id=by_id, at=at,
        given=values, hash=entry_hash(last.hash if last else "", subject, row.pk, seq, step, "", "", by_id, at, values),
    )  # fmt: skip
    Sealed.objects.bulk_create(
        Sealed(entry=entry, field=name, salt=salt, value=str(changes[name][1])) for name, salt in salts.items()
    )
    return entry


def changes_of(row: models.Model) -> models.QuerySet[Entry]:
    """The changes of a row that is no matter, newest first."""
    entries = Entry.objects.filter(subject=row._meta.label_lower, subject_id=row.pk)
    return entries.select_related("by").order_by("-seq")


@dataclass(frozen=True)
class Break:
    """One place where history does not hold together."""

    subject: str
    subject_id: int
    seq: int
    what: str  # altered, missing, cut, state, sealed, checkpoint


def verify(subject: str | None = None, subject_id: int | None = None) -> Iterator[Break]:
    """Walks all chains (or one matter's) and yields every place that was altered, removed or cut off."""
    rows = Entry.objects.order_by("subject", "subject_id", "seq")
    if subject:
        rows = rows.filter(subject=subject)
    if subject_id:
        rows = rows.filter(subject_id=subject_id)
    here: tuple[str, int] | None = None
    previous, seq, state = "", 0, ""
    ends: dict[tuple[str, int], tuple[int, str, str]] = {}
    for row in rows.iterator(5000):
        if (row.subject, row.subject_id) != here:
            if here:
                ends[here] = (seq, previous, state)
            here, previous, seq = (row.subject, row.subject_id), "", 0
        seq += 1
        if row.seq != seq:
            yield Break(row.subject, row.subject_id, seq, "missing")
            seq = row.seq
        wanted = entry_hash(
            previous, row.subject, row.subject_id, row.seq, row.step, row.from_state, row.to_state,
            row.by_id, row.at, row.given,
        )  # fmt: skip
        if wanted != row.hash:
            yield Break(row.subject, row.subject_id, row.seq, "altered")
        previous, state = row.hash, row.to_state
    if here:
        ends[here] = (seq, previous, state)
    yield from _broken_ends(ends, subject, subject_id)
    yield from _broken_seals(subject, subject_id)
    if subject_id is None:
        yield from _broken_checkpoints()


def _broken_ends(
    ends: dict[tuple[str, int], tuple[int, str, str]], subject: str | None, subject_id: int | None
) -> Iterator[Break]:
    """A matter whose own count, head or state does not match the end of its chain; plain rows keep no such end."""
    plain = {model._meta.label_lower for model in apps.get_models() if not issubclass(model, Matter)}
    for model in apps.get_models():
        if not issubclass(model, Matter) or (subject and model._meta.label_lower != subject):
            continue
        rows = model._default_manager.all()
        if subject_id:
            rows = rows.filter(pk=subject_id)
        name = model._meta.label_lower
        for pk, entries, head, state in rows.values_list("pk", "entries", "head", "state").iterator(5000):
            seq, last, to_state = ends.pop((name, pk), (0, "", ""))
            if (seq, last) != (entries, head):
                yield Break(name, pk, seq, "cut")
            elif to_state != state:
                yield Break(name, pk, seq, "state")
    for name, pk in ends:
        if name not in plain:
            yield Break(name, pk, 0, "missing")


def _broken_seals(subject: str | None, subject_id: int | None) -> Iterator[Break]:
    rows = Sealed.objects.select_related("entry")
    if subject:
        rows = rows.filter(entry__subject=subject)
    if subject_id:
        rows = rows.filter(entry__subject_id=subject_id)
    for row in rows.iterator(5000):
        if row.entry.given.get(row.field) != {"sealed": commitment(row.salt, row.value)}:
            yield Break(row.entry.subject, row.entry.subject_id, row.entry.seq, "sealed")


def shred(entries: models.QuerySet[Entry]) -> int:
    """Destroys the personal values of these entries; returns how many. The chain still verifies."""
    return Sealed.objects.filter(entry__in=entries).delete()[0]


def _day_hash(day: dt.date, previous: str) -> tuple[int, str]:
    start = timezone.make_aware(dt.datetime.combine(day, dt.time()))
    digest, count = hashlib.sha256(previous.encode()), 0
    rows = Entry.objects.filter(at__gte=start, at__lt=start + dt.timedelta(days=1)).order_by("pk")
    for link in rows.values_list("hash", flat=True).iterator(5000):
        digest.update(link.encode())
        count += 1
    return count, digest.hexdigest()


def make_checkpoints(today: dt.date | None = None) -> int:
    """Makes the checkpoints of all finished days that have none yet; returns how many. Safe to run twice."""
    today = today or timezone.localdate()
    last = Checkpoint.objects.order_by("-day").first()
    if last is None:
        first = Entry.objects.order_by("at").values_list("at", flat=True).first()
        if first is None:
            return 0
        day, previous = timezone.localtime(first).date(), ""
    else:
        day, previous = last.day + dt.timedelta(days=1), last.hash
    made = 0
    while day < today:
        count, digest = _day_hash(day, previous)
        with transaction.atomic():
            Checkpoint.objects.get_or_create(day=day, defaults={"count": count, "hash": digest})
        day, previous, made = day + dt.timedelta(days=1), digest, made + 1
    return made


def _broken_checkpoints() -> Iterator[Break]:
    previous = ""
    for row in Checkpoint.objects.order_by("day"):
        count, digest = _day_hash(row.day, previous)
        if (count, digest) != (row.count, row.hash):
            yield Break("kernel.checkpoint", row.pk, row.day.toordinal(), "checkpoint")
        previous = row.hash
