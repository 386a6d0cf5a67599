"""Reads and decisions of the desk's queue of residents' messages: alike ones in a group, the odd ones first."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chuangwen.kernel.models import Entry, Evidence, Person
from chuangwen.kernel.workflow.flow import BadInput, Refused
from chuangwen.problems import rules, suspicion
from chuangwen.problems.models import Submission, SubmissionState
from chuangwen.problems.submission_flow import SubmissionFlow

MOST_WAITING = 5000
MOST_DECIDED = 300  # of one click; the page says how many are left
UNDO_HOURS = 24

SIGN_WORDS = {
    suspicion.MANY_FROM_NETWORK: gettext_lazy("同一网络一小时 %(n)s 件"),
    suspicion.MANY_FROM_DEVICE: gettext_lazy("同一手机一天 %(n)s 件"),
    suspicion.SAME_TEXT: gettext_lazy("一字不差 %(n)s 件"),
    suspicion.NEAR_TEXT: gettext_lazy("差不多的话 %(n)s 件"),
    suspicion.SAME_PHOTO: gettext_lazy("照片用过"),
    suspicion.NO_PLACE: gettext_lazy("没说在哪里"),
    suspicion.OUTSIDE: gettext_lazy("不在本市"),
    suspicion.ONLY_LINK: gettext_lazy("像广告"),
    suspicion.ONE_CHARACTER: gettext_lazy("没有意思的字"),
    suspicion.TOO_SHORT: gettext_lazy("太短"),
    suspicion.RUSH: gettext_lazy("全市一小时 %(n)s 件"),
    suspicion.FULL: gettext_lazy("一小时已收进 %(n)s 件，到了上限"),
}


def signs_of(findings: dict[str, Any]) -> list[str]:
    """Why a message waits, in words."""
    return [str(words) % {"n": findings[code]} for code, words in SIGN_WORDS.items() if code in findings]


@dataclass
class Group:
    """Waiting messages alike: how many, the first few of them, the newest id seen."""

    like: str
    count: int
    rows: list[Submission]
    newest: int

    @property
    def head(self) -> Submission:
        return self.rows[0]


def see(person: Person) -> QuerySet[Submission]:
    return rules.dispatcher.filter(Submission.objects.all(), person)


def waiting(person: Person) -> int:
    return see(person).filter(state=SubmissionState.WAITING).count()


def queue(person: Person, most: int = 50, of_each: int = 3) -> tuple[list[Group], int, int]:
    """The first groups in order, how many groups there are, how many messages wait. Four queries."""
    rows = see(person).filter(state=SubmissionState.WAITING).order_by("received_at", "pk")
    told = list(rows.values_list("pk", "like", "text", "findings")[:MOST_WAITING])
    pictured = Evidence.objects.filter(subject="problems.submission").values_list("subject_id", flat=True)
    with_photo = set(pictured)
    lines = [
        suspicion.Row(pk, like, text, int(findings.get("points", 0)), pk in with_photo)
        for pk, like, text, findings in told
    ]
    groups = suspicion.groups(lines)
    shown = groups[:most]
    wanted = [row.pk for group in shown for row in group[:of_each]]
    known = Submission.objects.select_related("site", "kind").in_bulk(wanted)
    found = [
        Group(
            group[0].like,
            len(group),
            [known[row.pk] for row in group[:of_each] if row.pk in known],
            max(row.pk for row in group),
        )
        for group in shown
    ]
    return [group for group in found if group.rows], len(groups), len(lines)


def of_group(person: Person, like: str) -> QuerySet[Submission]:
    rows = see(person).filter(state=SubmissionState.WAITING, like=like)
    return rows.select_related("site", "kind").order_by("received_at", "pk")


@dataclass
class Decided:
    """What a decision over many came to; `batch` is what it can be taken back by."""

    batch: str
    done: int
    left: int


def decide_group(
    person: Person, like: str, newest: int, code: str, *, reason: str = "", at: dt.datetime | None = None
) -> Decided:
    """Takes `release` or `drop` for every waiting message of the group that was there when the page was read.

    Each is its own transaction; those another person decided meanwhile are left. Raises BadInput without a reason.
    """
    rows = of_group(person, like).filter(pk__lte=newest)
    return _decide(list(rows[:MOST_DECIDED]), rows, person, code, reason, at)


def decide_one(
    person: Person, row: Submission, code: str, *, reason: str = "", at: dt.datetime | None = None
) -> Decided:
    return _decide([row], None, person, code, reason, at)


def _decide(
    rows: list[Submission], whole: QuerySet[Submission] | None, person: Person, code: str, reason: str, at: dt.datetime | None
) -> Decided:  # fmt: skip
    batch, done = uuid.uuid4().hex, 0
    for row in rows:
        try:
            SubmissionFlow.take(row, code, by=person, given={"reason": reason}, noted={"batch": batch}, at=at)
        except BadInput:
            raise
        except Refused:  # another person was first
            continue
        done += 1
    left = whole.count() if whole is not None else 0
    return Decided(batch, done, left)


def take_back(person: Person, batch: str, *, at: dt.datetime | None = None) -> int:
    """Puts back what one decision left out, within a day; returns how many. What was taken in is a case and stays."""
    since = (at or timezone.now()) - dt.timedelta(hours=UNDO_HOURS)
    entries = Entry.objects.filter(
        at__gte=since, subject="problems.submission", step="drop", given__batch=batch
    )
    rows = see(person).filter(
        pk__in=list(entries.values_list("subject_id", flat=True)), state=SubmissionState.DROPPED
    )
    done = 0
    for row in rows.order_by("pk"):
        try:
            SubmissionFlow.take(row, "restore", by=person, at=at)
        except Refused:
            continue
        done += 1
    return done


def said(code: str, number: int, left: int) -> str:
    """What a decision over many came to, in one sentence; "" for no such decision."""
    sentences = {
        "release": _("收进 %(n)d 件。"),
        "drop": _("不收 %(n)d 件。"),
        "restore": _("放回 %(n)d 件，等人再看。"),
    }
    if code not in sentences:
        return ""
    more = _("还剩 %(n)d 件，再点一次。") % {"n": left} if left else ""
    return sentences[code] % {"n": number} + more
