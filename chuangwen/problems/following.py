"""What the sender of a message sees of it: its path in residents' words, who else told of it, the outcome, his say.

No person is named, no reason meant for inside is shown, and nothing tells that a case is with another body: a pause is
no stage, and a limit is told only while a clock runs.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chuangwen.kernel.evidence import masking
from chuangwen.kernel.models import Blob, Entry
from chuangwen.kernel.places.datum import distance_m
from chuangwen.kernel.screens import words
from chuangwen.problems import routing
from chuangwen.problems import submission_steps as steps
from chuangwen.problems.flow import CaseFlow
from chuangwen.problems.models import (
    Case,
    CaseKind,
    Publication,
    PublicationState,
    Report,
    Source,
    State,
    Submission,
    SubmissionState,
)
from chuangwen.problems.submission_flow import SubmissionFlow

UNSOLVED_MOST = 3  # times one message sends its case back; then a person talks to the sender
NEAR_M = 100.0
BY_RESIDENTS = (Source.RESIDENT, Source.WECHAT, Source.HOTLINE, Source.MAIL, Source.PHONE)

# Step of a case → shape and words. What is not here is not told.
WORDS = {
    "file": ("done", gettext_lazy("受理了")),
    "return": ("back", gettext_lazy("换单位办")),
    "appeal": ("wait", gettext_lazy("单位有异议，在核")),
    "answer": ("done", gettext_lazy("办好了")),
    "reject": ("back", gettext_lazy("退回重办")),
    "pass": ("done", gettext_lazy("核查过了，办结")),
    "hold": ("wait", gettext_lazy("一时办不了，先列着，到日子再办")),
    "resume": ("done", gettext_lazy("接着办")),
    "hold_ends": ("done", gettext_lazy("接着办")),
    "merge": ("done", gettext_lazy("和别人报的同一件合在一起办")),
    "void": ("back", gettext_lazy("没有受理")),
    "spot": ("wait", gettext_lazy("派人到现场再看")),
    "draw": ("wait", gettext_lazy("派人到现场再看")),
    "unsolved": ("back", gettext_lazy("有人说没解决，派人到现场再看")),
    "spot_pass": ("done", gettext_lazy("再看过，没有问题")),
    "spot_fail": ("back", gettext_lazy("又有问题，退回重办")),
}
WITH_UNIT = ("dispatch", "decide", "reassign")
NOW = {
    State.REPORTED: gettext_lazy("正在核实"),
    State.VERIFIED: gettext_lazy("正在核实"),
    State.FILED: gettext_lazy("正在定由谁办"),
    State.DISPUTED: gettext_lazy("正在定由谁办"),
    State.ASSIGNED: gettext_lazy("正在办"),
    State.FIXING: gettext_lazy("正在办"),
    State.ANSWERED: gettext_lazy("正在核查"),
    State.APPEALED: gettext_lazy("正在核查"),
}


@dataclass(frozen=True)
class Stage:
    """One line of the path: shape (done, back, wait, now), words, when, and what more there is to say."""

    mark: str
    words: str
    at: dt.datetime | None = None
    more: str = ""


def public_moment(value: dt.datetime | None) -> str:
    """11 月 16 日 8:42, as dates are written in public."""
    if value is None:
        return ""
    local = timezone.localtime(value)
    clock = f"{local.hour}:{local.minute:02d}"
    return _("%(month)d 月 %(day)d 日 %(clock)s") % {"month": local.month, "day": local.day, "clock": clock}


def path_of(submission: Submission, now: dt.datetime | None = None) -> list[Stage]:
    """The path of a message from sending to today; in five queries at most, one more for each merging."""
    now = now or timezone.now()
    found = [Stage("done", _("你报了"), submission.received_at)]
    if submission.report_id is None:
        return [*found, _undecided(submission)]
    case: Case | None = submission.case
    since = submission.received_at
    for _times in range(20):
        if case is None:
            break
        rows = list(Entry.objects.filter(subject="problems.case", subject_id=case.pk).order_by("seq"))
        given = [entry for entry in rows if entry.at < since and entry.step in WITH_UNIT]
        told = given[-1:] + [entry for entry in rows if entry.at >= since]
        found += [stage for entry in told if (stage := _stage(entry)) is not None]
        if case.merged_into is None or case.merged_into.source == Source.COVERT:
            break
        since, case = case.closed_at or since, case.merged_into
    if case is not None:
        found += _today(steps.case_now(submission) or case, now)
    return found


def _undecided(submission: Submission) -> Stage:
    if submission.state == SubmissionState.WAITING:
        return Stage("now", _("等人看过再受理"), None, _("工作日一般当天看。"))
    dropped = Entry.objects.filter(subject=submission.subject, subject_id=submission.pk, step="drop")
    entry = dropped.order_by("-seq").first()
    reason = str(entry.given.get("reason", "")) if entry else ""
    return Stage("back", _("没有收"), entry.at if entry else None, reason)


def _stage(entry: Entry) -> Stage | None:
    if entry.step in WITH_UNIT:
        unit = entry.given.get("unit_name", "")
        label = _("交给%(unit)s") % {"unit": unit} if unit else _("交给负责的单位")
        return Stage("done", label, entry.at)
    if entry.step not in WORDS:
        return None
    mark, told = WORDS[entry.step]
    more = ""
    if entry.step == "file":
        limit = (entry.given.get("limits") or {}).get("fix")
        more = _("限 %(amount)s") % {"amount": words.amount(limit[0], limit[1])} if limit else ""
    return Stage(mark, str(told), entry.at, more)


def _today(case: Case, now: dt.datetime) -> list[Stage]:
    if case.state not in NOW:
        return []
    more = ""
    if case.due_at and not case.is_paused and case.state not in (State.REPORTED, State.VERIFIED):
        if case.due_at < now:
            more = words.due(case.due_at, case.due_unit, now).text
        else:
            more = _("%(day)s前有结果") % {"day": public_moment(case.due_at)}
    return [Stage("now", str(NOW[State(case.state)]), None, more)]


def others_of(submission: Submission) -> int:
    """How many other residents told of the same; the city's own reports are not counted."""
    case = steps.case_now(submission)
    if case is None:
        return 0
    rows = Report.objects.filter(Q(case=case) | Q(case__merged_into=case), source__in=BY_RESIDENTS)
    return rows.exclude(submission=submission).count()


def others_words(number: int) -> str:
    return _("另有 %(n)d 人也报了") % {"n": number} if number else ""


def own_photos(submission: Submission) -> list[Blob]:
    """The sender's own photos, in the order they were sent."""
    entries = Entry.objects.filter(subject=submission.subject, subject_id=submission.pk, step="send")
    entry = entries.order_by("seq").first()
    hashes: list[str] = list(entry.given.get("photos", [])) if entry else []
    known = {blob.sha256: blob for blob in Blob.objects.filter(sha256__in=hashes)}
    return [known[name] for name in hashes if name in known]


def publication_of(submission: Submission) -> Publication | None:
    """What everybody may see of the message's case, if anything."""
    case = steps.case_now(submission)
    if case is None:
        return None
    rows = Publication.objects.filter(case=case, state=PublicationState.PUBLIC)
    return rows.select_related("before__blob", "after__blob").first()


def after_picture(publication: Publication | None) -> Any:
    """The file of the mended place's picture, drawn for the public; None while it is not public."""
    if publication is None or publication.after is None:
        return None
    drawn = masking.drawn(publication.after.blob, "large")
    return drawn[1] if drawn else None


def rate(
    submission: Submission, *, satisfied: bool, text: str = "", at: dt.datetime | None = None
) -> Submission:
    """The sender's say; 没解决 sends a closed case back to the checker, at most UNSOLVED_MOST times by one message.

    Raises Refused while it is not done, when the days to change it are over, or for words that are too long.
    """
    given = {"satisfied": "yes" if satisfied else "no", "text": text.strip()}
    with transaction.atomic():
        taken = SubmissionFlow.take(submission, "rate", by=None, given=given, at=at)
        row: Submission = taken.matter
        case = steps.case_now(row)
        if satisfied or case is None or case.state != State.CLOSED:
            return row
        said = Entry.objects.filter(subject=row.subject, subject_id=row.pk, step="rate").values_list(
            "given", flat=True
        )
        if sum(1 for values in said if values.get("satisfied") is False) <= UNSOLVED_MOST:
            CaseFlow.take(case, "unsolved", by=None, at=at, noted={"submission": row.pk})
    return row


def keep_phone(submission: Submission, phone: str, *, at: dt.datetime | None = None) -> Submission:
    """Keeps a phone that was checked by code (kernel.workflow.phone_codes) for the answer."""
    taken = SubmissionFlow.take(submission, "phone", by=None, given={"phone": phone}, at=at)
    row: Submission = taken.matter
    return row


def near_public(
    lon: float, lat: float, kind: CaseKind | None, most: int = 3
) -> list[tuple[Publication, int]]:
    """Open public cases within 100 m (WGS-84 degrees), with metres, nearest first; those of the kind's group before others."""
    rows = Publication.objects.filter(
        routing.near(lon, lat, NEAR_M),
        state=PublicationState.PUBLIC,
        is_open=True,
        case__closed_at__isnull=True,
    )
    found = []
    for row in rows.select_related("kind").order_by("-reported_at", "-pk")[:60]:
        metres = distance_m(lon, lat, row.lon or 0.0, row.lat or 0.0)
        is_kin = kind is None or row.kind is None or row.kind.group == kind.group
        if metres <= NEAR_M and (is_kin or metres <= NEAR_M / 4):
            found.append((not is_kin, metres, row.pk, row))
    found.sort(key=lambda one: one[:3])
    return [(row, round(metres)) for _kin, metres, _pk, row in found[:most]]


def publication_counts(since: dt.datetime) -> tuple[int, int]:
    """Of public cases: how many were reported since then, and how many of those are done."""
    rows = Publication.objects.filter(state=PublicationState.PUBLIC, reported_at__gte=since).order_by()
    found = rows.aggregate(shown=Count("pk"), done=Count("pk", filter=Q(is_open=False)))
    return found["shown"], found["done"]
