"""The first page of each post: "what must I do now?". Which page it is follows from the posts a person
holds today.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any, NamedTuple

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chuangwen.assessment.kept import kept_fronts
from chuangwen.faces.desk import dossier, gaps, homes
from chuangwen.faces.desk.rows import is_sure, row_of
from chuangwen.faces.desk.tasks import due_lines
from chuangwen.inspections.queries import visits_today
from chuangwen.kernel.city import calendar
from chuangwen.kernel.models import Person
from chuangwen.kernel.people.models import Role
from chuangwen.kernel.screens.access import SignedIn, page
from chuangwen.problems import queries, rules
from chuangwen.problems.models import Case
from chuangwen.tasks.queries import tasks_for_office

Lister = Callable[[Person, dt.datetime], queries.Cases]


class Pile(NamedTuple):
    """One of the lists of the office's first page."""

    code: str
    shape: str
    label: Promise
    cases: Lister
    show: int


PILES = (
    Pile("late", "late", _("已超期"), queries.cases_overdue, 8),
    Pile("today", "soon", _("今天到期"), queries.cases_due_today, 8),
    Pile("back", "back", _("退回待定"), lambda p, n: queries.cases_returned(p), 6),
    Pile("check", "check", _("待我核查"), lambda p, n: queries.cases_to_check(p), 9),
    Pile("new", "new", _("新报未核实"), lambda p, n: queries.new_reports(p), 30),
)
MORE = (
    Pile("extensions", "soon", _("待批延期"), lambda p, n: queries.extensions_asked(p), 5),
    Pile("watched", "again", _("跟踪"), lambda p, n: queries.cases_watched(p), 5),
)
HELD = Pile("held", "hold", _("挂账"), lambda p, n: queries.cases_held(p), 5)
BY_CODE = {pile.code: pile for pile in (*PILES, *MORE, HELD)}
PAGE = 50


class DayLine(NamedTuple):
    day: dt.date
    is_workday: bool
    is_today: bool
    count: int  # type: ignore[assignment]  # tuple.count is of no use here


def week_of(person: Person, today: dt.date) -> list[DayLine]:
    """Monday to Sunday with the open cases whose limit ends on each day."""
    monday = today - dt.timedelta(days=today.weekday())
    days = [monday + dt.timedelta(days=i) for i in range(7)]
    counts = queries.due_per_day(person, days)
    return [
        DayLine(day, calendar().is_workday(day), day == today, n) for day, n in zip(days, counts, strict=True)
    ]


def _new_rows(cases: list[Case], person: Person, now: dt.datetime) -> list[dict[str, Any]]:
    """New reports with what the suggester said and the open case near by they may belong to."""
    near = queries.similar_open(cases, person) if rules.dispatcher.allows(person, None) else {}
    return [
        {"row": row_of(case, person, now), "is_sure": is_sure(case), "near": near.get(case.pk)}
        for case in cases
    ]


def office_home(request: SignedIn) -> HttpResponse:
    """Five counts, five lists with the next step in the row; beside them the week, signatures,
    extensions, gaps.
    """
    person, now = request.user, timezone.now()
    piles = (*PILES, *MORE)
    parts = queries.first_of({p.code: p.cases(person, now) for p in piles}, {p.code: p.show for p in piles})
    sections = [
        {
            "pile": pile,
            "some": parts[pile.code],
            "rows": [row_of(c, person, now) for c in parts[pile.code].rows],
        }
        for pile in piles
    ]
    signs = rules.desk.allows(person, None)
    context = {
        "now": now,
        "sections": sections[:4],
        "new": sections[4],
        "more": sections[5:],
        "signs": signs,
        "figures": [(s["pile"], s["some"]) for s in sections[:5]],
        "new_rows": _new_rows(parts["new"].rows, person, now),
        "may_confirm": rules.dispatcher.allows(person, None),
        "pick_sure": request.GET.get("pick") == "sure",
        "uid": uuid.uuid4(),
        "week": week_of(person, timezone.localdate(now)),
        "prepared": list(queries.prepared_waiting(person)[:5]) if signs else [],
        "prepared_count": queries.bounded(queries.prepared_waiting(person)) if signs else 0,
        "gaps": gaps.first_figures() if gaps.may_see.allows(person, None) else [],
        "homes": homes_of(person),
        "kept": kept_fronts(person),
        "visits": visits_today(person, timezone.localdate(now)),
        "materials": dossier.due_rows(person),
        **(due_lines(tasks_for_office(now), now) if signs else {"tasks_due": None, "tasks_more": False}),
    }
    return render(request, "desk/today.html", context)


HOMES: tuple[tuple[str, Promise, frozenset[str], Callable[[SignedIn], HttpResponse]], ...] = (
    ("office", _("办公室"), frozenset({Role.OFFICE, Role.CLERK, Role.DISPATCHER, Role.CHECKER}), office_home),
    ("outside", _("移交"), frozenset({Role.SUPERVISOR, Role.DISCIPLINE}), homes.outside_home),
    ("leader", _("分包"), frozenset({Role.LEADER}), homes.leader_home),
    ("unit", _("单位"), frozenset({Role.LIAISON, Role.HEAD}), homes.unit_home),
    ("street", _("巡查"), frozenset({Role.INSPECTOR, Role.GRID_KEEPER}), homes.street_home),
    ("audit", _("审计"), frozenset({Role.AUDITOR}), homes.audit_home),
    ("admin", _("管理"), frozenset({Role.ADMIN}), homes.admin_home),
)


def homes_of(person: Person) -> list[tuple[str, Promise]]:
    """The first pages this person's posts give; one page needs no choice."""
    found = [(code, label) for code, label, roles, _view in HOMES if roles & person.standing.roles]
    return found if len(found) > 1 else []


@page()
def today(request: SignedIn) -> HttpResponse:
    """GET /: the first page of the person's first post; `?as=` another one he holds."""
    wanted = request.GET.get("as", "")
    mine = [(code, view) for code, _label, roles, view in HOMES if roles & request.user.standing.roles]
    for code, view in mine:
        if not wanted or code == wanted:
            return view(request)
    if wanted:
        raise Http404
    return render(request, "desk/no_post.html", {})


@page(rules.reader)
def pile(request: SignedIn, code: str) -> HttpResponse:
    """GET /today/<pile>/: the whole list behind a count, 50 to a page."""
    chosen = BY_CODE.get(code)
    if chosen is None:
        raise Http404
    person, now = request.user, timezone.now()
    start = max(0, int(request.GET["from"])) if request.GET.get("from", "").isdigit() else 0
    cases = list(chosen.cases(person, now).select_related(*queries.ROW)[start : start + PAGE + 1])
    is_new = code == "new"
    context = {
        "pile": chosen,
        "start": start,
        "next_start": start + PAGE if len(cases) > PAGE else None,
        "rows": [] if is_new else [row_of(c, person, now) for c in cases[:PAGE]],
        "new_rows": _new_rows(cases[:PAGE], person, now) if is_new else [],
        "count": len(cases[:PAGE]),
        "may_confirm": rules.dispatcher.allows(person, None),
        "pick_sure": request.GET.get("pick") == "sure",
        "uid": uuid.uuid4(),
        "previous_start": max(0, start - PAGE) if start else None,
    }
    return render(request, "desk/pile.html", context)
