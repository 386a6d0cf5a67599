"""Search: a case number by its index; words in open and recent cases, places, units and people's
posts, all under the rule.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from chuangwen.faces.desk.rows import row_of
from chuangwen.kernel.models import Person, Place, Post, Unit
from chuangwen.kernel.screens.access import SignedIn, page
from chuangwen.problems import queries, rules
from chuangwen.problems.models import Case

SHOWN = 30
RECENT = 5000  # closed cases looked through, newest first, before 找全部 is asked for
DAYS = 90
NUMBER = re.compile(r"^[A-Za-z]{1,6}-?\d{0,4}[-\d]*$|^\d{2}-\d{3,6}$")


def cases_by_number(person: Person, word: str) -> list[Case]:
    """Cases whose number begins with the word; a short 11-00001 is this year's or last year's (index
    ranges).
    """
    starts = [word.upper()]
    if re.match(r"^\d{2}-\d{3,6}$", word):
        newest = Case.objects.order_by("-pk").values_list("number", flat=True).first() or ""
        year = timezone.localdate().year
        starts = [f"{newest.split('-')[0]}-{y}-{word}" for y in (year, year - 1)]
    q = Q()
    for start in starts:  # a range of the unique index; LIKE would not use it on every engine
        q |= Q(number__gte=start, number__lt=start + "\uffff")
    return list(
        rules.see_case.filter(Case.objects.filter(q), person)
        .select_related(*queries.ROW)
        .order_by("-number")[:SHOWN]
    )


def _words(text: str) -> Q:
    q = Q()
    for word in text.split()[:4]:
        q &= Q(what__contains=word) | Q(address__contains=word)
    return q


def cases_by_words(person: Person, text: str, *, everywhere: bool, now: dt.datetime) -> list[Case]:
    """Open cases and the newest closed of 90 days (at most RECENT of them); `everywhere` walks all,
    newest first, until SHOWN are found.
    """
    rows = rules.see_case.filter(Case.objects.all(), person)
    if everywhere:
        pks = list(rows.filter(_words(text)).order_by("-reported_at", "-pk").values_list("pk", flat=True)[:SHOWN])
    else:
        pks = list(
            rows.filter(_words(text), closed_at__isnull=True)
            .order_by("-pk")
            .values_list("pk", flat=True)[:SHOWN]
        )
        if len(pks) < SHOWN:
            since = now - dt.timedelta(days=DAYS)
            recent = Case.objects.filter(closed_at__gte=since).order_by("-closed_at", "-pk").values("pk")[:RECENT]
            pks += list(
                rows.filter(_words(text), pk__in=recent)
                .order_by("-pk")
                .values_list("pk", flat=True)[: SHOWN - len(pks)]
            )
    return list(Case.objects.filter(pk__in=pks).select_related(*queries.ROW).order_by("-reported_at", "-pk"))


def others(text: str) -> dict[str, list[Any]]:
    """Places, units and posts with the words in their names; small tables, read whole."""
    words = text.split()[:4]
    place, unit, post = Q(), Q(), Q()
    for word in words:
        place &= Q(name__contains=word) | Q(short_name__contains=word) | Q(code=word.upper())
        unit &= Q(name__contains=word) | Q(short_name__contains=word) | Q(code=word)
        post &= Q(person__name__contains=word) | Q(title__contains=word)
    return {
        "places": list(
            Place.objects.filter(place, is_active=True).select_related("parent").order_by("code")[:SHOWN]
        ),
        "units": list(Unit.objects.filter(unit, is_active=True).order_by("code")[:SHOWN]),
        "posts": list(
            Post.objects.in_force()
            .filter(post, person__is_active=True)
            .select_related("person", "unit", "area")
            .order_by("person__name", "pk")[:SHOWN]
        ),
    }


@page()
def search(request: SignedIn) -> HttpResponse:
    """GET /search/?q=: what was found by kind; the only hit opens itself. `?all=1` looks through every
    case.
    """
    text = request.GET.get("q", "").strip()[:60]
    everywhere = request.GET.get("all") == "1"
    context: dict[str, Any] = {
        "q": text,
        "everywhere": everywhere,
        "days": DAYS,
        "rows": [],
        "places": [],
        "units": [],
        "posts": [],
    }
    if not text:
        return render(request, "desk/search.html", context)
    now = timezone.now()
    cases = cases_by_number(request.user, text) if NUMBER.match(text) else []
    if not cases:
        cases = cases_by_words(request.user, text, everywhere=everywhere, now=now)
    found = others(text)
    places, units, posts = found["places"], found["units"], found["posts"]
    if len(cases) + len(places) + len(units) + len(posts) == 1 and (cases or places):
        return redirect(cases[0].get_absolute_url() if cases else f"/sites/{places[0].code}/")
    context |= {"rows": [row_of(c, request.user, now) for c in cases], "more": len(cases) >= SHOWN, **found}
    return render(request, "desk/search.html", context)
