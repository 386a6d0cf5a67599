"""What the steps of a resident's message do: it becomes a report of a case, is left out with a reason, is rated."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chuangwen.kernel.evidence.images import Picture
from chuangwen.kernel.evidence.store import Shot
from chuangwen.kernel.models import Evidence, Person, Post
from chuangwen.kernel.people.models import Role
from chuangwen.kernel.workflow.flow import Refused
from chuangwen.kernel.workflow.models import Entry, Notice
from chuangwen.kernel.workflow.notices import Tell
from chuangwen.problems import suspicion
from chuangwen.problems.actions import Told, join_report, take_report
from chuangwen.problems.models import Case, Report, Source, State, Submission, SubmissionState

RATE_DAYS = 7
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


class RatingForm(forms.Form):
    """What the sender says of the outcome."""

    satisfied = forms.TypedChoiceField(
        choices=[("yes", gettext_lazy("满意")), ("no", gettext_lazy("没解决"))],
        coerce=lambda value: value == "yes",
        error_messages={
            "required": gettext_lazy("选满意或没解决。"),
            "invalid_choice": gettext_lazy("选满意或没解决。"),
        },
    )
    text = forms.CharField(
        max_length=300,
        required=False,
        error_messages={"max_length": gettext_lazy("最多 300 字，删短后再送。")},
    )


class PhoneForm(forms.Form):
    """A phone that was checked by code."""

    phone = forms.CharField(max_length=20)


def case_now(submission: Submission) -> Case | None:
    """The case the message is part of today, after any merging."""
    case = submission.case if submission.report_id else None
    for _times in range(20):
        if case is None or case.merged_into is None:
            break
        case = case.merged_into
    return case


def why_no_rating(submission: Submission) -> str | None:
    """The sentence why the sender cannot rate now; None when he can. Once for each closing, changeable for seven days."""
    case = case_now(submission)
    if case is None or case.closed_at is None or case.state == State.VOID:
        return _("还没办完，办好后再评。")
    rated = submission.rated_at
    if (
        rated is not None
        and case.closed_at <= rated
        and submission.now > rated + dt.timedelta(days=RATE_DAYS)
    ):
        return _("评过已满 %(n)d 天，不能再改；又发生就另报一件。") % {"n": RATE_DAYS}
    return None


def rate(
    submission: Submission, *, by: Person | None, at: dt.datetime, satisfied: bool, text: str = ""
) -> None:
    """Keeps the first moment, from which the days to change it run; a later closing begins anew."""
    case = case_now(submission)
    closed = case.closed_at if case else None
    if submission.rated_at is None or (closed is not None and closed > submission.rated_at):
        submission.rated_at = at
    submission.is_satisfied, submission.rating_text = satisfied, text


def phone(submission: Submission, *, by: Person | None, at: dt.datetime, phone: str) -> None:
    """A checked phone, for the answer; it goes to the report as well, where the desk answers from."""
    submission.phone, submission.phone_checked_at = phone, at
    if submission.report_id:
        contact = " ".join(word for word in (submission.name, phone) if word)
        Report.objects.filter(pk=submission.report_id).update(contact=contact)


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
