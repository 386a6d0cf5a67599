"""Notices of the signed-in person and his units: bundled by day, seen when opened."""

from __future__ import annotations

from itertools import groupby

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from chuangwen.kernel.models import Notice
from chuangwen.kernel.screens.access import SignedIn, page
from chuangwen.kernel.workflow.notices import received_by

SHOWN = 100


@page()
def notices(request: SignedIn) -> HttpResponse:
    """GET /notices/: the newest hundred; opening the page marks them seen, for the whole unit where
    they are a unit's.
    """
    rows = list(received_by(request.user).select_related("unit").order_by("-at", "-pk")[:SHOWN])
    fresh = {row.pk for row in rows if row.seen_at is None}
    if fresh and request.method == "GET":
        Notice.objects.filter(pk__in=fresh, seen_at__isnull=True).update(seen_at=timezone.now())
    days = [
        (day, list(group)) for day, group in groupby(rows, key=lambda row: timezone.localtime(row.at).date())
    ]
    return render(request, "desk/notices.html", {"days": days, "fresh": fresh, "count": len(fresh)})
