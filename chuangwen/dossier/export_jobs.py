"""Exports asked for on a page: written by the worker turn by turn, seen as they go on, stopped when asked."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, NamedTuple

from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen.dossier import rules
from chuangwen.dossier.export import PIECE, plan_export, write_export
from chuangwen.dossier.models import ExportJob, ExportState
from chuangwen.kernel.models import Person
from chuangwen.kernel.workflow.flow import NotAllowed, Refused
from chuangwen.standards.models import Edition

TURN = 8.0  # seconds of one turn of the worker; deadlines and messages have theirs in between
LEASE = dt.timedelta(minutes=2)  # a worker that said nothing for so long is dead
KEPT = dt.timedelta(days=7)


class _Going(NamedTuple):
    stream: IO[bytes]
    writing: Iterator[int]


# The exports this process is at, between two turns; lost with the process, and begun anew by another.
_going: dict[int, _Going] = {}


def ask_export(edition: Edition, year: int, *, by: Person, is_whole: bool = False) -> ExportJob:
    """Puts an export down for the worker; asked again while one like it goes on, that one is returned.

    Raises NotAllowed for who sees no item, Refused when there is nothing to export.
    """
    if not rules.door.allows(by, None):
        raise NotAllowed(_("打包材料不归你的岗位办。"))
    waiting = [ExportState.WAITING, ExportState.RUNNING]
    same = ExportJob.objects.filter(edition=edition, year=year, by=by, is_whole=is_whole, state__in=waiting)
    before = same.order_by("-pk").first()
    if before is not None:
        return before
    total = len(plan_export(edition, year, by=by, is_whole=is_whole).entries)
    if not total:
        raise Refused(_("没有可打包的材料：这一年还没有入卷的。"))
    return ExportJob.objects.create(edition=edition, year=year, by=by, is_whole=is_whole, total=total)


def cancel_export(job: ExportJob) -> None:
    """Stops an export; nothing of it stays. Raises Refused when it is over."""
    waiting = [ExportState.WAITING, ExportState.RUNNING]
    stopped = {"changed_at": timezone.now(), "state": ExportState.CANCELLED}
    if not ExportJob.objects.filter(pk=job.pk, state__in=waiting).update(**stopped):
        raise Refused(_("已经打包完，不能再取消。"))
    job.refresh_from_db()
    with suppress(PermissionError):  # Windows keeps a file its worker has open; the worker removes it itself
        _part(job).unlink(missing_ok=True)


def path_of(job: ExportJob) -> Path:
    return Path(settings.MEDIA_ROOT) / "exports" / f"{job.uid}.zip"


def run_exports(seconds: float = TURN) -> int:
    """One turn of the worker: some seconds of the oldest export that waits; returns the files written so far.

    Safe with two workers: the lease is taken by a where clause. An export whose worker died is begun anew.
    """
    now = timezone.now()
    _drop_stopped()
    free = Q(state=ExportState.WAITING) | Q(state=ExportState.RUNNING, changed_at__lt=now - LEASE)
    mine = Q(state=ExportState.RUNNING, pk__in=list(_going))
    job = (
        ExportJob.objects.filter(free | mine)
        .order_by("made_at")
        .select_related("by", "edition__scheme")
        .first()
    )
    if job is None:
        return 0
    lease = ExportJob.objects.filter(pk=job.pk, state=job.state, changed_at=job.changed_at)
    if not lease.update(changed_at=now, state=ExportState.RUNNING):
        return 0
    try:
        return _run(job, seconds)
    except (Refused, OSError) as fault:
        _drop(job.pk)
        _part(job).unlink(missing_ok=True)
        _end(job, ExportState.FAILED, error=str(fault)[:300])
        return 0


def _part(job: ExportJob) -> Path:
    return path_of(job).with_suffix(".part")


def _run(job: ExportJob, seconds: float) -> int:
    going = _going.get(job.pk)
    if going is None:
        plan = plan_export(job.edition, job.year, by=job.by, is_whole=job.is_whole)
        path_of(job).parent.mkdir(parents=True, exist_ok=True)
        stream = _part(job).open("wb")
        going = _going[job.pk] = _Going(stream, write_export(plan, stream))
        ExportJob.objects.filter(pk=job.pk).update(total=len(plan.entries), done=0)
    until, done = time.monotonic() + seconds, 0
    for done in going.writing:
        if time.monotonic() > until:
            ExportJob.objects.filter(pk=job.pk).update(done=done, changed_at=timezone.now())
            return done
    going.stream.flush()
    os.fsync(going.stream.fileno())
    _drop(job.pk)
    _finish(job, done)
    return done


def _finish(job: ExportJob, done: int) -> None:
    digest, size = hashlib.sha256(), 0
    with _part(job).open("rb") as stream:
        while piece := stream.read(PIECE):
            digest.update(piece)
            size += len(piece)
    os.replace(_part(job), path_of(job))
    name = f"exports/{job.uid}.zip"
    if not _end(job, ExportState.DONE, done=done, path=name, sha256=digest.hexdigest(), size=size):
        path_of(job).unlink(missing_ok=True)  # cancelled in the last moment


def _end(job: ExportJob, state: ExportState, **more: object) -> int:
    values = {"changed_at": timezone.now(), "state": state, **more}
    return ExportJob.objects.filter(pk=job.pk, state=ExportState.RUNNING).update(**values)


def _drop(pk: int) -> None:
    going = _going.pop(pk, None)
    if going is not None:
        going.writing.close()  # type: ignore[attr-defined]
        going.stream.close()


def _drop_stopped() -> None:
    """Lets go of what was cancelled since the last turn, and of its half file."""
    if not _going:
        return
    for job in ExportJob.objects.filter(pk__in=list(_going)).exclude(state=ExportState.RUNNING):
        _drop(job.pk)
        _part(job).unlink(missing_ok=True)


def sweep_exports(now: dt.datetime | None = None) -> int:
    """Removes files of exports older than a week; they can be made again."""
    before = (now or timezone.now()) - KEPT
    swept = 0
    for job in ExportJob.objects.filter(changed_at__lt=before, state=ExportState.DONE).exclude(path="")[:100]:
        path_of(job).unlink(missing_ok=True)
        ExportJob.objects.filter(pk=job.pk).update(path="")
        swept += 1
    return swept
