"""What the steps of a resident's message do: it becomes a report of a case, is left out with a reason, is rated."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.utils.translation import gettext as _

from chuangwen.kernel.evidence.images import Picture
from chuangwen.kernel.evidence.store import Shot
from chuangwen.kernel.models import Evidence, Person, Post
from chuangwen.kernel.people.models import Role
from chuangwen.kernel.workflow.flow import Refused
from chuangwen.kernel.workflow.models import Entry, Notice
from chuangwen.kernel.workflow.notices import Tell
from chuangwen.problems import suspicion
from chuangwen.problems.actions import Told, join_report, take_report
from chuangwen.problems.models import Case, Report, Source, Submission, SubmissionState

BURST = 10  # waiting messages of one hour that are worth a notice


def after_send(submission: Submission) -> str:
    return SubmissionState.TAKEN if submission.report_id else SubmissionState.WAITING


def told_of(submission: Submission, photos: list[Shot]) -> Told:
    """The message as the inbox takes it in; a point outside the city is left to the words of the place."""
    is_outside = suspicion.OUTSIDE in submission.findings
    contact = submission.phone if submission.phone_checked_at else ""
    return Told(
        text=submission.text, source=Source.RESIDENT, uid=submission.uid, kind=submission.kind, site=submission.site,
        lon=None if is_outside else submission.lon, lat=None if is_outside else submission.lat,
        accuracy_m=submission.accuracy_m, address=submission.address, channel=submission.channel,
        contact=" ".join(word for word in (submission.name, contact) if word), received_at=submission.received_at,
        photos=photos, taken_at=submission.taken_at, is_sample=submission.is_sample,
    )  # fmt: skip


def make_report(submission: Submission, photos: list[Shot], joined: Case | None, at: dt.datetime) -> Report:
    """Opens a case for the message, or adds it to the case it says it saw as well; sets the message's columns."""
    told = told_of(submission, photos)
    report = None
    if joined is not None:
        try:
            report = join_report(joined, told, by=None, at=at)
        except Refused:  # that case ended meanwhile: what is seen now is a new one
            submission.is_joined = False
    report = report or take_report(told, by=None, at=at)
    submission.report, submission.case = report, report.case
    return report


def photos_of(submission: Submission) -> list[Evidence]:
    """The photos that hang on a message that waits, oldest first."""
    rows = Evidence.objects.filter(subject=submission.subject, subject_id=submission.pk)
    return list(rows.select_related("blob").order_by("pk"))


def release(submission: Submission, *, by: Person | None, at: dt.datetime) -> dict[str, Any]:
    """A person found it true: it is taken in, its photos go over to the case."""
    kept = photos_of(submission)
    joined = submission.case if submission.is_joined else None
    report = make_report(submission, [] if joined else [_shot(row) for row in kept], joined, at)
    rows = Evidence.objects.filter(pk__in=[row.pk for row in kept])
    rows.update(subject="problems.case", subject_id=report.case_id, round=report.case.round)
    return {"case": report.case.number, "photos": [row.blob.sha256 for row in kept]}


def _shot(row: Evidence) -> Shot:
    """A photo that is stored already, under its own id: attaching it again finds it."""
    blob = row.blob
    picture = Picture(
        sha256=blob.sha256, mime=blob.mime, width=blob.width or 0, height=blob.height or 0, taken_at=None, lon=None,
        lat=None, phash=blob.phash or 0, thumb=b"",
    )  # fmt: skip
    return Shot((picture, b""), uid=row.uid)


def rate(
    submission: Submission, *, by: Person | None, at: dt.datetime, satisfied: bool, text: str = ""
) -> None:
    submission.is_satisfied, submission.rating_text = satisfied, text[:300]
    first = submission.rated_at
    closed = submission.case.closed_at if submission.case else None
    if first is None or (closed is not None and closed > first):
        submission.rated_at = at


def photo_uid(submission: uuid.UUID, number: int) -> uuid.UUID:
    """The id of the n-th photo of a message: sending it twice is harmless."""
    return uuid.uuid5(submission, f"photo {number}")


def burst(submission: Submission, entry: Entry) -> list[Tell]:
    """Tells the dispatchers once an hour that many messages wait; never one notice per message."""
    if entry.to_state != SubmissionState.WAITING:
        return []
    since = entry.at - dt.timedelta(hours=1)
    number = Submission.objects.filter(state=SubmissionState.WAITING, received_at__gte=since).count()
    told = Notice.objects.filter(kind="submissions_wait", at__gte=since)
    if number < BURST or told.exists():
        return []
    words = _("市民来件里有一批要辨别：一小时 %(n)d 件。") % {"n": number}
    posts = Post.objects.in_force().filter(role=Role.DISPATCHER).order_by("person_id")
    people = posts.values_list("person_id", flat=True).distinct()
    return [Tell(submission, "submissions_wait", words, person_id=pk, url="/submissions/") for pk in people]
