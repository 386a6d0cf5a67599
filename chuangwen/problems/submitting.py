"""What a resident sends, from any public door, becomes a row: taken into the inbox at once, or waiting where it looks like junk."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from chuangwen.kernel.city import setting
from chuangwen.kernel.evidence import phash, store
from chuangwen.kernel.evidence.store import Shot
from chuangwen.kernel.models import Evidence, Place
from chuangwen.kernel.people.tokens import digest_of
from chuangwen.kernel.places.datum import Datum
from chuangwen.problems import routing, suspicion
from chuangwen.problems import submission_steps as steps
from chuangwen.problems.models import CaseKind, Publication, PublicationState, Submission
from chuangwen.problems.submission_flow import SubmissionFlow

SEEN_ROWS = 300  # the newest messages of a day a new one is weighed against
SEEN_PHOTOS = 200


@dataclass(frozen=True)
class Sent:
    """One message as a door hands it in. `uid` is the sender's own id: whoever knows it can send it again, nothing more
    than once; it must come from a good random source and is never shown. `device` and `origin` are veiled already
    (kernel.workflow.limits). `phone` is kept only when `phone_checked`.
    """

    uid: UUID
    text: str
    kind: CaseKind | None = None
    site: Place | None = None
    lon: float | None = None
    lat: float | None = None
    datum: Datum = Datum.WGS84
    accuracy_m: float | None = None
    address: str = ""
    photos: Sequence[Any] = ()
    taken_at: dt.datetime | None = None
    channel: str = "portal"
    name: str = ""
    phone: str = ""
    phone_checked: bool = False
    device: str = ""
    origin: str = ""
    join: Publication | None = None
    is_sample: bool = False


def secret_of(uid: UUID) -> str:
    """The secret of the link that follows this message, 32 characters; made from the id and the installation's key."""
    made = hmac.new(settings.SECRET_KEY.encode(), b"resident link\0" + uid.bytes, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(made[:24]).decode()


def by_secret(secret: str) -> Submission | None:
    """The message this link follows, with its case and report; None for no such link."""
    rows = Submission.objects.select_related("case__kind", "report", "kind", "site")
    return rows.filter(secret=digest_of(secret)).first()


def bounds() -> suspicion.Bounds:
    """The figures signs count from, as the city chose them."""
    return suspicion.Bounds(
        wait_from=int(setting("submission_wait_points", 3)),
        network_hour=int(setting("submission_network_hour", 8)),
        device_day=int(setting("submission_device_day", 6)),
        alike_day=int(setting("submission_alike_day", 4)),
        rush_hour=int(setting("submission_rush_hour", 60)),
        taken_hour=int(setting("submission_taken_hour", 60)),
    )


def submit(sent: Sent, *, at: dt.datetime | None = None) -> tuple[Submission, str]:
    """Takes one message in; returns its row and the secret of its link. The same `uid` again: same row, same secret.

    Row, case, report and photos are one transaction. Raises BadPicture for a photo that cannot be used.
    """
    secret = secret_of(sent.uid)
    before = Submission.objects.filter(uid=sent.uid).first()
    if before is not None:
        return before, secret
    kept = [store.read(photo) for photo in sent.photos]  # before the transaction: decoding is slow
    try:
        with transaction.atomic():
            return _submit(sent, kept, secret, at or timezone.now()), secret
    except IntegrityError:
        before = Submission.objects.filter(uid=sent.uid).first()
        if before is None:
            raise
        return before, secret


def _submit(sent: Sent, kept: list[Any], secret: str, at: dt.datetime) -> Submission:
    submission = Submission(
        uid=sent.uid, secret=digest_of(secret), text=sent.text, kind=sent.kind, site=sent.site, address=sent.address[:120],
        accuracy_m=sent.accuracy_m, taken_at=sent.taken_at, channel=sent.channel, name=sent.name[:20],
        phone=sent.phone if sent.phone_checked else "", phone_checked_at=at if sent.phone_checked else None,
        device=sent.device, origin=sent.origin, received_at=at, created_at=at, is_sample=sent.is_sample,
    )  # fmt: skip
    if sent.lon is not None and sent.lat is not None:
        submission.locate(sent.lon, sent.lat, sent.datum)
    joined = sent.join.case if sent.join and sent.join.state == PublicationState.PUBLIC else None
    submission.is_joined, submission.case = joined is not None, joined
    judged = _judge(submission, kept, at)
    submission.findings, submission.like = judged.findings | {"points": judged.points}, judged.like
    submission.save(force_insert=True)
    photos = [
        Shot(one, uid=steps.photo_uid(sent.uid, number), taken_at=sent.taken_at)
        for number, one in enumerate(kept)
    ]
    if judged.waits:
        for one, shot in zip(kept, photos, strict=True):
            store.attach(one, submission, role="found", by=None, at=at, taken_at=sent.taken_at, shot=shot)
    else:
        steps.make_report(submission, photos, joined, at)
    noted = {"findings": submission.findings, "photos": [picture.sha256 for picture, _data in kept]}
    SubmissionFlow.record(
        submission, SubmissionFlow.by_code["send"], by=None, cleaned=noted, at=at, from_state=""
    )
    submission.save(update_fields=["report", "case", "is_joined"])
    return submission


def _judge(submission: Submission, kept: list[Any], at: dt.datetime) -> suspicion.Judged:
    since = at - dt.timedelta(days=1)
    rows = Submission.objects.filter(received_at__gte=since, received_at__lte=at).order_by(
        "-received_at", "-pk"
    )
    columns = ("text", "like", "origin", "device", "received_at", "report_id")
    seen = [
        suspicion.Seen(text, like, origin, device, (at - received).total_seconds() / 60, report is not None)
        for text, like, origin, device, received, report in rows.values_list(*columns)[:SEEN_ROWS]
    ]
    known, photo_like = _photos_known(kept, since)
    is_outside = False
    if submission.lon is not None and submission.lat is not None:
        is_outside = routing.locate(submission.lon, submission.lat).in_city is False
    message = suspicion.Message(
        text=submission.text, is_outside=is_outside, photos=len(kept), photos_known=known, photo_like=photo_like,
        has_place=submission.lon is not None or submission.site_id is not None or bool(submission.address.strip()),
        origin=submission.origin, device=submission.device, is_phone_checked=submission.phone_checked_at is not None,
    )  # fmt: skip
    hour = rows.order_by().filter(received_at__gte=at - dt.timedelta(hours=1), report__isnull=False)
    return suspicion.judge(message, seen, bounds(), hour.count())


def _photos_known(kept: list[Any], since: dt.datetime) -> tuple[int, str]:
    """How many of these photos were sent before, and the group of the waiting message that had one of them."""
    if not kept:
        return 0, ""
    hashes = {picture.sha256 for picture, _data in kept}
    same = set(Evidence.objects.filter(blob__sha256__in=hashes).values_list("blob__sha256", flat=True))
    rows = Evidence.objects.filter(role="found", is_hidden=False, added_at__gte=since).order_by("-pk")
    recent = list(rows.values_list("blob__sha256", "blob__phash", "subject", "subject_id")[:SEEN_PHOTOS])
    known, holder = 0, 0
    for picture, _data in kept:
        match = next(
            (
                row for row in recent
                if row[0] == picture.sha256
                or (row[1] is not None and phash.likeness(row[1], picture.phash) <= phash.SAME_PHOTO // 2)
            ),
            None,
        )  # fmt: skip
        known += match is not None or picture.sha256 in same
        if match is not None and match[2] == "problems.submission":
            holder = holder or match[3]
    like = Submission.objects.filter(pk=holder).values_list("like", flat=True).first() if holder else None
    return known, like or ""


def recent_from(origin: str, now: dt.datetime | None = None) -> int:
    """How many messages this veiled network sent within the hour."""
    since = (now or timezone.now()) - dt.timedelta(hours=1)
    return Submission.objects.filter(received_at__gte=since, origin=origin).count() if origin else 0
