"""Imports that take long: a file put down, looked at, confirmed, then taken in by the worker turn by turn."""

from __future__ import annotations

import datetime as dt
import hashlib
import time
import uuid
from collections.abc import Mapping

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen.kernel.models import Person
from chuangwen.kernel.places.datum import Datum
from chuangwen.kernel.screens.tables import BadTable
from chuangwen.kernel.workflow.flow import NotAllowed, Refused
from chuangwen.problems import rules
from chuangwen.problems.exchange import (
    ORDER_COLUMNS,
    Bad,
    Preview,
    import_orders,
    read_order_table,
    read_orders,
    titles_of,
)
from chuangwen.problems.models import ColumnMapping, ImportJob, JobState

TURN = 8.0  # seconds of one turn of the worker; deadlines and messages have theirs in between
LEASE = dt.timedelta(minutes=2)  # a worker that said nothing for so long is dead
KEYS = tuple(column.key for column in ORDER_COLUMNS)


def signature(titles: list[str]) -> str:
    """What files with the same titles, in whatever order, have in common."""
    return hashlib.sha256("\n".join(sorted(titles)).encode()).hexdigest()


def draft_job(data: bytes, name: str, *, by: Person, channel: str = "12345") -> ImportJob:
    """Puts a file down to be looked at; a file with known titles is read as the last one was.

    Raises BadTable for what is no table, NotAllowed for who may not take orders in.
    """
    _may(by)
    titles = titles_of(data)
    known = ColumnMapping.objects.filter(signature=signature(titles)).first()
    uid = uuid.uuid4()
    path = default_storage.save(f"imports/{uid}", ContentFile(data))
    return ImportJob.objects.create(
        uid=uid, name=name[:200], path=path, channel=channel, datum=Datum.WGS84.value, by=by,
        mapping=known.mapping if known else {},
    )  # fmt: skip


def _may(by: Person) -> None:
    if not rules.dispatcher.allows(by, None):
        raise NotAllowed(_("导入工单由创建办、督导员或派遣员办。"))


def data_of(job: ImportJob) -> bytes:
    with default_storage.open(job.path) as file:
        return bytes(file.read())


def preview_job(job: ImportJob) -> Preview:
    """What importing the file now would do. Raises BadTable."""
    table = read_order_table(data_of(job), job.name, job.mapping)
    return read_orders(table, channel=job.channel, datum=Datum(job.datum))


def set_reading(
    job: ImportJob, *, by: Person, channel: str, datum: Datum, mapping: Mapping[str, str], sure: bool = False
) -> None:
    """Says how the file is to be read, and remembers its columns for the next file with the same titles."""
    _may(by)
    if job.state != JobState.DRAFT:
        raise Refused(_("这个文件已经开始导入，读法不能再改。"))
    titles = titles_of(data_of(job))
    chosen = {key: title for key, title in mapping.items() if key in KEYS and (not title or title in titles)}
    job.channel, job.datum, job.mapping, job.datum_is_sure = (
        channel.strip()[:20] or "12345",
        datum.value,
        chosen,
        sure,
    )
    job.save(update_fields=["channel", "datum", "mapping", "datum_is_sure"])
    ColumnMapping.objects.update_or_create(
        signature=signature(titles), defaults={"mapping": chosen, "by": by, "changed_at": timezone.now()}
    )


def start_job(job: ImportJob, *, by: Person) -> None:
    """Hands the file to the worker; starting twice is harmless. Raises Refused when the datum is in doubt."""
    _may(by)
    preview = preview_job(job)
    if preview.likely is not None and not job.datum_is_sure:
        raise Refused(preview.datum_sentence)
    if not preview.orders:
        raise Refused(_("没有新的行可以导入。"))
    ImportJob.objects.filter(pk=job.pk, state=JobState.DRAFT).update(
        total=preview.total, known=preview.known, faults=[list(bad) for bad in preview.bad],
        changed_at=timezone.now(), state=JobState.WAITING,
    )
    job.refresh_from_db()


def cancel_job(job: ImportJob, *, by: Person) -> None:
    """Stops before the next rows; what is in stays in. Raises Refused when nothing is left to stop."""
    _may(by)
    going = [JobState.DRAFT, JobState.WAITING, JobState.RUNNING]
    if not ImportJob.objects.filter(pk=job.pk, state__in=going).update(changed_at=timezone.now(), state=JobState.CANCELLED):
        raise Refused(_("已经导完，不能再取消。"))
    job.refresh_from_db()
    _read.pop(job.pk, None)


# The file as read, kept by the process that works on it between two turns; lost with the process, and read anew.
_read: dict[int, Preview] = {}


def run_imports(seconds: float = TURN) -> int:
    """One turn of the worker: some seconds of the oldest import that waits; returns the rows taken in.

    Safe with two workers: the lease is taken by a where clause, and a row that is in already is known again.
    """
    now = timezone.now()
    free = Q(state=JobState.WAITING) | Q(state=JobState.RUNNING, changed_at__lt=now - LEASE)
    mine = Q(state=JobState.RUNNING, pk__in=list(_read))
    job = ImportJob.objects.filter(free | mine).order_by("made_at").select_related("by").first()
    if job is None:
        return 0
    mine_now = ImportJob.objects.filter(pk=job.pk, state=job.state, changed_at=job.changed_at)
    if not mine_now.update(changed_at=now, state=JobState.RUNNING):
        return 0
    try:
        return _run(job, seconds)
    except (BadTable, OSError, Refused) as fault:
        _end(job, JobState.FAILED, str(fault))
        return 0


def _run(job: ImportJob, seconds: float) -> int:
    preview = _read.get(job.pk)
    if preview is None:
        preview = _read[job.pk] = preview_job(job)
    until = time.monotonic() + seconds

    def going() -> bool:
        _note(job, preview)
        return (
            time.monotonic() < until and ImportJob.objects.filter(pk=job.pk, state=JobState.RUNNING).exists()
        )

    result = import_orders(preview, by=job.by, job=job, sure=job.datum_is_sure, going=going)
    if result.bad:
        faults = ImportJob.objects.values_list("faults", flat=True).get(pk=job.pk)
        more = [
            list(bad) for bad in result.bad if list(bad) not in faults
        ]  # once, though a restart meets it again
        ImportJob.objects.filter(pk=job.pk).update(faults=[*faults, *more])
    _note(job, preview)
    if result.finished:
        _end(job, JobState.DONE)
    elif not ImportJob.objects.filter(pk=job.pk, state=JobState.RUNNING).exists():
        _read.pop(job.pk, None)
    return result.made


def _note(job: ImportJob, preview: Preview) -> None:
    """Counts what is in: the reports themselves, so that a restart or a second worker cannot count twice."""
    made = job.reports.count()
    ImportJob.objects.filter(pk=job.pk).update(
        made=made, cursor=preview.known + preview.position, changed_at=timezone.now()
    )


def _end(job: ImportJob, state: JobState, error: str = "") -> None:
    ImportJob.objects.filter(pk=job.pk, state=JobState.RUNNING).update(
        error=error[:300], changed_at=timezone.now(), state=state
    )
    _read.pop(job.pk, None)


def faults_of(job: ImportJob) -> list[Bad]:
    """Every row that was left out, in the order of the sheet."""
    return sorted((Bad(*each) for each in job.faults), key=lambda bad: bad.row or 0)


def sweep_drafts(now: dt.datetime | None = None) -> int:
    """Removes files of imports that ended or were forgotten a week ago: they hold names and numbers of people."""
    before = (now or timezone.now()) - dt.timedelta(days=7)
    rows = (
        ImportJob.objects.filter(changed_at__lt=before)
        .exclude(path="")
        .exclude(state__in=[JobState.WAITING, JobState.RUNNING])
    )
    swept = 0
    for job in rows[:100]:
        default_storage.delete(job.path)
        ImportJob.objects.filter(pk=job.pk).update(
            path="", state=JobState.CANCELLED if job.state == JobState.DRAFT else job.state
        )
        swept += 1
    return swept
