"""The first pages outside the office: a unit, a leader, a street, the supervision bodies, the auditor,
the administrator.
"""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen.assessment.kept import kept_fronts
from chuangwen.faces.desk import dossier
from chuangwen.faces.desk.papers import receipt_lines
from chuangwen.faces.desk.ranking import previews
from chuangwen.faces.desk.row_steps import uid_of
from chuangwen.faces.desk.rows import row_of
from chuangwen.faces.desk.tasks import due_lines
from chuangwen.inspections.queries import visits_today
from chuangwen.kernel import gates
from chuangwen.kernel.models import (
    Checkpoint,
    DayOverride,
    GateOpening,
    Notice,
    Person,
    Place,
    Post,
    Term,
    Unit,
)
from chuangwen.kernel.people.models import Role
from chuangwen.kernel.people.rules import holds
from chuangwen.kernel.screens.access import SignedIn, page, row_or_404
from chuangwen.kernel.workflow import history, notices
from chuangwen.kernel.workflow.flow import Refused
from chuangwen.problems import queries, rules
from chuangwen.problems.actions import ask_head
from chuangwen.problems.flow import HandoverFlow
from chuangwen.problems.models import Campaign, Case, CaseKind, Rung, State, UnitRule
from chuangwen.registers.models import Thing
from chuangwen.tasks.queries import due_tasks

SHOW = 50


def unit_home(request: SignedIn) -> HttpResponse:
    """What the unit must do now: its cases by deadline with where, why and until when, then what waits
    for others.
    """
    person, now = request.user, timezone.now()
    todo = queries.cases_of_units(person, State.ASSIGNED, State.FIXING).select_related(*queries.ROW)
    cases = list(todo[: SHOW + 1])
    waiting = queries.cases_of_units(person, State.ANSWERED, State.APPEALED, State.HELD).select_related(
        *queries.ROW
    )
    due = [c for c in cases if c.due_at and c.due_at <= queries.end_of_day(now) and not c.is_late(now)]
    context = {
        "now": now,
        "rows": [row_of(c, person, now) for c in cases[:SHOW]],
        "has_more": len(cases) > SHOW,
        "late": sum(c.is_late(now) for c in cases),
        "due_today": len(due),
        "count": len(cases),
        "why": _why(cases[:SHOW]),
        "waiting": [row_of(c, person, now)._replace(next=None) for c in waiting[:10]],
        "notices": list(notices.unseen(person)[:8]),
        "materials": dossier.due_rows(person),
        "papers": receipt_lines(person),
        "previews": previews(person),
        **due_lines(due_tasks(person, now), now),
    }
    return render(request, "desk/unit_home.html", context)


def _why(cases: list[Case]) -> dict[int, str]:
    """Why each case is the unit's, in one short sentence from the chain kept at dispatch; no query."""
    said = {}
    for case in cases:
        rule = next((link["rule"] for link in reversed(case.why_unit or []) if "rule" in link), "")
        known = rule in UnitRule.values and case.kind
        words = {"kind": case.kind, "rule": UnitRule(rule).label} if known else {}
        said[case.pk] = _("%(kind)s归%(rule)s") % words if words else ""
    return said


def leader_home(request: SignedIn) -> HttpResponse:
    """Three numbers, what got worse since last week, the two matters only he can move; made for a
    phone.
    """
    person, now = request.user, timezone.now()
    mine = queries.places_of_leader(person)
    context = {
        "now": now,
        "duties": mine.duties,
        "figures": queries.leader_figures(person, mine, now),
        "worse": queries.got_worse(person, mine, now)[:3],
        "matters": [row_of(c, person, now) for c in queries.only_he_can_move(person, mine)],
        "late": [
            row_of(c, person, now)
            for c in queries.cases_of_leader(person, mine)
            .filter(is_paused=False, due_at__lt=now)
            .select_related(*queries.ROW)
            .order_by("due_at", "pk")[:3]
        ],
        "notices": list(notices.unseen(person)[:5]),
        "kept": kept_fronts(person),
        **due_lines(due_tasks(person, now), now),
    }
    return render(request, "desk/leader_home.html", context)


@page(rules.leader)
def leader_list(request: SignedIn, code: str) -> HttpResponse:
    """GET /mine/<open|late|again>/: the cases behind a leader's three numbers."""
    person, now = request.user, timezone.now()
    rows = queries.cases_of_leader(person, queries.places_of_leader(person)).select_related(*queries.ROW)
    titles = {"open": _("未销号"), "late": _("超期"), "again": _("复发")}
    if code == "late":
        rows = rows.filter(is_paused=False, due_at__lt=now)
    elif code == "again":
        rows = rows.filter(recurs_of__isnull=False)
    found = [row_of(c, person, now) for c in rows.order_by("due_at", "pk")[:200]]
    return render(request, "desk/leader_list.html", {"rows": found, "title": titles[code], "code": code})


@page(rules.leader, methods=("POST",))
def ask(request: SignedIn, number: str) -> HttpResponse:
    """POST /mine/ask/<number>/: asks the head of the unit, once a day."""
    case = row_or_404(rules.see_case, Case.objects.all(), request.user, number=number)
    try:
        ask_head(case, by=request.user, uid=uid_of(request))
        said, bad = _("已问到负责人"), False
    except Refused as fault:
        said, bad = str(fault), True
    if not request.htmx:
        return redirect("/")
    return render(request, "desk/_said.html", {"said": said, "bad": bad})


def street_home(request: SignedIn) -> HttpResponse:
    """An inspector's or grid keeper's phone page: report, own reports, what is due for a look, the
    street's cases to check.
    """
    person, now = request.user, timezone.now()
    areas = person.standing.areas_as(Role.INSPECTOR, Role.GRID_KEEPER)
    things = Thing.objects.none()
    for place in Place.objects.filter(pk__in=areas):
        things = things | Thing.objects.filter(place__in=Place.objects.under(place))
    visits = visits_today(person, timezone.localdate(now))
    to_check = queries.cases_in_my_areas(person, State.ANSWERED, State.SPOT).select_related(*queries.ROW)
    context = {
        "now": now,
        "visits": visits,
        "checks": [row_of(c, person, now) for c in to_check[:20]],
        "mine": [
            row_of(c, person, now) for c in queries.cases_i_reported(person).select_related(*queries.ROW)[:20]
        ],
        "things": list(
            things.filter(next_check_on__lte=timezone.localdate(now))
            .select_related("place", "kind")
            .order_by("next_check_on", "pk")[:20]
        ),
    }
    return render(request, "desk/street_home.html", context)


def outside_home(request: SignedIn) -> HttpResponse:
    """The supervision office's and the discipline body's page: files to take, files in hand, outcomes
    sent back.
    """
    rows = list(queries.handovers(request.user)[:100])
    parts = [
        (_("待接收"), "new", [h for h in rows if h.state == "sent"]),
        (_("在办"), "doing", [h for h in rows if h.state == "taken"]),
        (_("已反馈"), "done", [h for h in rows if h.state in HandoverFlow.closed]),
    ]
    context = {
        "now": timezone.now(),
        "parts": parts,
        "uid": uuid.uuid4(),
        "notices": list(notices.unseen(request.user)[:8]),
    }
    return render(request, "desk/outside_home.html", context)


def audit_home(request: SignedIn) -> HttpResponse:
    """Chains and checkpoints, hand-overs, openings of what the law closes."""
    context = {
        "checkpoints": list(Checkpoint.objects.order_by("-day")[:10]),
        "handovers": list(queries.handovers(request.user)[:20]),
        "openings": list(GateOpening.objects.select_related("opened_by").order_by("-opened_at", "-pk")[:10]),
        "gates": gates.GATES,
        "now": timezone.now(),
    }
    return render(request, "desk/audit_home.html", context)


@page(holds(Role.AUDITOR, Role.OFFICE, Role.SUPERVISOR, Role.DISCIPLINE))
def verify(request: SignedIn) -> HttpResponse:
    """GET /verify/?case=<number>: walks the chain of one case (or hand-over) and says whether it
    holds.
    """
    number = request.GET.get("case", "").strip()
    case = rules.see_case.filter(Case.objects.all(), request.user).filter(number=number).first()
    context: dict[str, Any] = {"number": number, "case": case, "breaks": [], "at": timezone.now()}
    if case is not None:
        context["breaks"] = list(history.verify(case.subject, case.pk))
    return render(request, "desk/verify.html", context)


def admin_home(request: SignedIn) -> HttpResponse:
    """The registers an administrator keeps, each with how many rows it has."""
    registers = [
        (_("人员"), "/people/", Person.objects.filter(is_active=True).count()),
        (_("任职"), "/posts/", Post.objects.in_force().count()),
        (_("单位"), "/units/", Unit.objects.filter(is_active=True).count()),
        (_("责任"), "/duties/", None),
        (_("问题类别"), "/kinds/", CaseKind.objects.filter(is_active=True).count()),
        (_("词条"), "/terms/", Term.objects.count()),
        (_("特定日"), "/days/", DayOverride.objects.count()),
        (_("督办阶梯"), "/ladder/", Rung.objects.count()),
        (_("找茬活动"), "/campaigns/", Campaign.objects.count()),
        (_("本市"), "/city/", None),
        (_("法定开关"), "/gates/", None),
        (_("事实台账"), "/facts/", None),
    ]
    waiting = Notice.objects.filter(told_at__isnull=True).order_by()[:1000].count()
    return render(request, "desk/admin_home.html", {"registers": registers, "waiting": waiting})
