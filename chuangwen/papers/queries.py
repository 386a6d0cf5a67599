"""Reads of papers: lists with how many receivers have answered, what waits for a unit, older versions of a text."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any, NamedTuple

from django.db.models import Count, F, Q, QuerySet

from chuangwen.kernel.models import Person, Sealed
from chuangwen.papers import rules
from chuangwen.papers.models import Paper, PaperState, Receipt, ReceiverPart

_MAIN = Q(receipts__part=ReceiverPart.MAIN)


def papers(person: Person) -> QuerySet[Paper]:
    """The papers this person may see, newest first, with body and drafter."""
    rows = Paper.objects.select_related("body__unit", "made_by", "signed_by", "blob")
    return rules.see_paper.filter(rows, person).order_by("-pk")


def with_counts(rows: QuerySet[Paper]) -> QuerySet[Any]:
    """Adds receivers, how many signed for it, how many main ones there are and replied."""
    return rows.annotate(
        n_all=Count("receipts"),
        n_received=Count("receipts", filter=Q(receipts__received_at__isnull=False)),
        n_main=Count("receipts", filter=_MAIN),
        n_replied=Count("receipts", filter=_MAIN & Q(receipts__replied_at__isnull=False)),
    )


def receipts_of(paper: Paper) -> list[Receipt]:
    """The receipts in the order of their copies."""
    return list(
        paper.receipts.select_related("unit", "received_by").order_by(F("part").desc(), "copy_no", "pk")
    )


def is_late(paper: Paper, row: Receipt, today: dt.date) -> bool:
    """Whether a main receiver's reply came after its day, or is still missing then. Needs the city's local date."""
    from django.utils import timezone

    if paper.reply_on is None or row.part != ReceiverPart.MAIN:
        return False
    day = timezone.localdate(row.replied_at) if row.replied_at else today
    return day > paper.reply_on


def waiting_receipts(person: Person) -> QuerySet[Receipt]:
    """What this person's units still owe: papers to sign for, and replies; what falls due first, first."""
    units = person.standing.units_as(*rules.RECEIVERS)
    owes_reply = Q(paper__reply_on__isnull=False, part=ReceiverPart.MAIN, replied_at__isnull=True)
    rows = Receipt.objects.filter(unit_id__in=sorted(units), paper__state=PaperState.ISSUED)
    return (
        rows.filter(Q(received_at__isnull=True) | owes_reply)
        .select_related("paper__body", "unit")
        .order_by(F("paper__reply_on").asc(nulls_last=True), "pk")
    )


class Version(NamedTuple):
    """One text of a paper as it was kept: which entry wrote it, when, by whom, and the data."""

    seq: int
    at: dt.datetime
    by: str
    data: dict[str, Any]


def versions(paper: Paper) -> list[Version]:
    """All texts the draft went through, oldest first; a shredded one is left out."""
    rows = Sealed.objects.filter(
        entry__subject=paper.subject, entry__subject_id=paper.pk, field="content"
    ).select_related("entry__by")
    return [
        Version(row.entry.seq, row.entry.at, row.entry.by.name if row.entry.by else "", json.loads(row.value))
        for row in rows.order_by("entry__seq")
    ]


def papers_about(about: str, pk: int, person: Person) -> list[Paper]:
    """The papers made of one thing, as far as this person may see them."""
    return list(papers(person).filter(about=about, about_id=pk)[:20])
