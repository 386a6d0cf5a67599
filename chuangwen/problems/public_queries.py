"""Reads of what is public, for pages, feeds and interfaces; every one begins at `publishing.public()`."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator

from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone

from chuangwen.problems.models import Campaign, CaseKind, Publication, Report
from chuangwen.problems.publishing import public

ROW = ("kind", "street")
STEP = 500  # rows read at once from a stream


def public_list(kind: str = "", street: str = "", state: str = "") -> QuerySet[Publication]:
    """Public cases by code of kind, code of street, and `open` or `done`; newest report first."""
    rows = public()
    if kind:
        rows = rows.filter(kind__code=kind)
    if street:
        rows = rows.filter(street__code=street)
    if state in ("open", "done"):
        rows = rows.filter(is_open=state == "open")
    return rows.select_related(*ROW).order_by("-reported_at", "-pk")


def public_one(uid: uuid.UUID) -> Publication | None:
    """One public case by its public id; None for a draft, a withdrawn one or none."""
    return public().filter(uid=uid).select_related(*ROW, "before__blob", "after__blob").first()


def newest(most: int = 50) -> QuerySet[Publication]:
    """What was made public last, for feeds."""
    return public().select_related(*ROW)[:most]


def pairs() -> QuerySet[Publication]:
    """Solved cases with a picture before and after, the last solved first."""
    rows = public().filter(is_open=False, before__isnull=False, after__isnull=False)
    return rows.select_related(*ROW).order_by("-closed_at", "-pk")


def of_year(year: int) -> QuerySet[Publication]:
    """Public cases reported in that year of the city's time, oldest first."""
    first, after = (timezone.make_aware(dt.datetime(y, 1, 1)) for y in (year, year + 1))
    rows = public().filter(reported_at__gte=first, reported_at__lt=after)
    return rows.select_related(*ROW).order_by("reported_at", "pk")


def years() -> list[int]:
    """The years there is something public of, newest first; two queries."""
    rows = public().order_by("reported_at").values_list("reported_at", flat=True)
    first, last = rows.first(), rows.last()
    if first is None or last is None:
        return []
    return list(range(timezone.localtime(last).year, timezone.localtime(first).year - 1, -1))


def stream(rows: QuerySet[Publication]) -> Iterator[Publication]:
    """The rows one after another, without holding all of them."""
    return rows.iterator(chunk_size=STEP)


def kinds_shown() -> list[CaseKind]:
    """The kinds one may filter by: those of the catalogue in force."""
    return list(CaseKind.objects.filter(is_active=True).order_by("code"))


def campaigns() -> QuerySet[Campaign]:
    """Find-fault campaigns, the newest first."""
    return Campaign.objects.order_by("-from_on", "-pk")


def campaign_figures(campaign: Campaign) -> dict[str, int]:
    """What a campaign found: messages, public cases, solved ones; whole figures of everything it brought."""
    cases = public().filter(case__reports__campaign=campaign).order_by()
    found = cases.aggregate(
        shown=Count("pk", distinct=True), solved=Count("pk", distinct=True, filter=Q(is_open=False))
    )
    return {"told": Report.objects.filter(campaign=campaign).count(), **found}


def cases_of_campaign(campaign: Campaign, most: int = 30) -> QuerySet[Publication]:
    rows = public().filter(case__reports__campaign=campaign).distinct()
    return rows.select_related(*ROW).order_by(F("closed_at").desc(nulls_last=True), "-pk")[:most]
