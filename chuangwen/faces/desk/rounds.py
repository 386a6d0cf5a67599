"""考察 at the desk: the list, a new round, one round with its teams, stops, results and steps."""

from __future__ import annotations

import secrets
import uuid
from typing import Any

from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chuangwen.faces.desk.case_parts import Line
from chuangwen.faces.desk.row_steps import uid_of
from chuangwen.faces.desk.rows import dress
from chuangwen.inspections import forms, queries, releasing, rules
from chuangwen.inspections.actions import compare_draws, draw_round, drop_team, plan_round, set_team
from chuangwen.inspections.flow import RoundFlow
from chuangwen.inspections.models import Opinion, Round, RoundKind, State, Team, Visit
from chuangwen.inspections.planning import DrawRefused, preview
from chuangwen.kernel.people.rules import ANYONE
from chuangwen.kernel.screens import words
from chuangwen.kernel.screens.access import SignedIn, page, row_or_404
from chuangwen.kernel.screens.declare import Choice, Column, Filter, Look, Tab
from chuangwen.kernel.screens.screen import Screen
from chuangwen.kernel.workflow import history
from chuangwen.kernel.workflow.flow import BadInput, Refused

SHAPES = {
    State.PLANNED: "new", State.DRAWN: "new", State.RUNNING: "doing", State.ENDED: "check", State.RELEASED: "done",
    State.CANCELLED: "void",
}  # fmt: skip
LINES = 60  # so many check items are listed unless all are asked for
OPEN = (State.PLANNED, State.DRAWN, State.RUNNING, State.ENDED)


def name_cell(row: Round, look: Look) -> SafeString:
    secret = format_html(' <span class="cw-secret">{}</span>', _("保密")) if row.is_hidden else ""
    return format_html('<a href="{}">{}</a>{}', row.get_absolute_url(), row.name, secret)


def state_cell(row: Round, look: Look) -> SafeString:
    return format_html(
        '<span class="cw-state" data-s="{}">{}</span>', SHAPES[State(row.state)], State(row.state).label
    )


class RoundScreen(Screen):
    """考察轮次."""

    slug = "rounds"
    title = gettext_lazy("考察")
    model = Round
    rule = rules.see_round
    open_to = rules.see_list
    key = "number"
    order = ("-from_on", "-pk")
    related = ("maker",)
    create = ("/rounds/new/", gettext_lazy("拟定一轮"))
    create_rule = rules.make
    links = (
        ("/rounds/today/", gettext_lazy("今天的考察"), ANYONE),
        ("/rounds/agreement/", gettext_lazy("复评一致性"), rules.overview),
        ("/rounds/opinions/", gettext_lazy("意见"), rules.overview),
    )
    columns = (
        Column("number", gettext_lazy("编号"), lambda r, k: r.number, lambda r, k: r.number, css="cw-quiet cw-one", width=18),
        Column("name", gettext_lazy("名称"), name_cell, lambda r, k: r.name, css="cw-what", width=36),
        Column("kind", gettext_lazy("类型"), lambda r, k: r.get_kind_display(), lambda r, k: str(r.get_kind_display()), css="cw-one"),
        Column("from", gettext_lazy("起"), lambda r, k: words.day(r.from_on), lambda r, k: r.from_on, sort="from_on", css="cw-one"),
        Column("to", gettext_lazy("止"), lambda r, k: words.day(r.to_on), lambda r, k: r.to_on, css="cw-one"),
        Column("places", gettext_lazy("点位"), lambda r, k: _drawn(r), lambda r, k: _drawn(r), css="cw-num", width=8),
        Column("maker", gettext_lazy("制定人"), lambda r, k: r.maker, lambda r, k: str(r.maker or ""), css="cw-one"),
        Column("state", gettext_lazy("状态"), state_cell, lambda r, k: str(State(r.state).label), css="cw-one"),
    )  # fmt: skip
    tabs = (
        Tab("", gettext_lazy("全部"), lambda k: Q()),
        Tab("open", gettext_lazy("未完"), lambda k: Q(state__in=OPEN)),
        Tab("mine", gettext_lazy("我制定的"), lambda k: Q(maker=k.person)),
    )
    filters = (
        Filter(
            "kind",
            gettext_lazy("类型"),
            lambda v, k: Q(kind=v),
            lambda k: [Choice(*c) for c in RoundKind.choices],
        ),
        Filter(
            "state",
            gettext_lazy("状态"),
            lambda v, k: Q(state=v),
            lambda k: [Choice(*c) for c in State.choices],
        ),
    )


def _drawn(row: Round) -> int | str:
    return sum(cell["n"] for cell in row.strata.values()) or ""


def round_or_404(request: SignedIn, number: str) -> Round:
    return row_or_404(rules.see_round, Round.objects.select_related("maker"), request.user, number=number)


@page(rules.make, methods=("GET", "POST"))
def new(request: SignedIn) -> HttpResponse:
    """GET, POST /rounds/new/: plans a round; "算一算" says how many places come of it and plans nothing."""
    if request.method != "POST":
        today = timezone.localdate()
        form = forms.PlanForm(
            initial={"from_on": today, "to_on": today, "kind": request.GET.get("kind", RoundKind.MOCK)}
        )
        return _planned(request, form)
    form = forms.PlanForm(request.POST)
    if not form.is_valid():
        return _planned(request, form, status=422)
    data = form.cleaned_data
    if request.POST.get("do") == "count":
        return _counted(request, form)
    try:
        row = plan_round(
            kind=data["kind"], name=data["name"], from_on=data["from_on"], to_on=data["to_on"], by=request.user,
            spec=form.spec(), is_secret=form.is_secret(), editions=data["editions"] or None, uid=uid_of(request),
        )  # fmt: skip
    except Refused as fault:
        return _planned(request, form, fault=str(fault), status=409)
    return redirect(row.get_absolute_url())


def _planned(request: SignedIn, form: forms.PlanForm, status: int = 200, **more: Any) -> HttpResponse:
    context = {
        "form": dress(form),
        "uid": request.POST.get("uid") or uuid.uuid4(),
        "fault": "",
        "counted": None,
        **more,
    }
    return render(request, "desk/round_new.html", context, status=status)


def _counted(request: SignedIn, form: forms.PlanForm) -> HttpResponse:
    data = form.cleaned_data
    row = Round(from_on=data["from_on"], to_on=data["to_on"], spec=form.spec(), maker=request.user)
    try:
        return _planned(request, form, counted=preview(row, request.user))
    except Refused as fault:
        return _planned(request, form, fault=str(fault), status=409)


@page()
def show(request: SignedIn, number: str) -> HttpResponse:
    """GET /rounds/<number>/: one round, as far as this person may know; ?hash= compares another person's draw."""
    return _shown(request, round_or_404(request, number))


def _same(request: SignedIn, row: Round) -> str:
    """What comparing with the hash in the address says; empty where none is asked."""
    other = request.GET.get("hash", "")
    if not other:
        return ""
    try:
        return (
            _("两次抽点一致。") if compare_draws(row, other) else _("两次抽点不一致。核对种子、名录和数量。")
        )
    except Refused as fault:
        return str(fault)


def lines_of(row: Round) -> list[Line]:
    """The round's history in words; who may see the round may read it."""
    found = []
    for entry in history.history_of(row):
        step = RoundFlow.by_code.get(entry.step)
        said = [
            str(entry.given[k])
            for k in ("seed", "name", "reason", "team")
            if isinstance(entry.given.get(k), str)
        ]
        label = str(step.label) if step else entry.step
        who = entry.by.name if entry.by else _("系统")
        found.append(
            Line(
                words.moment(entry.at),
                label,
                who,
                "；".join(s for s in said if s),
                entry.hash[:4],
                entry.by_id is None,
            )
        )
    return found


def _shown(request: SignedIn, row: Round, faults: tuple[str, ...] = (), form: Any = None) -> HttpResponse:
    person = request.user
    manages = rules.manage.allows(person, row)
    # Who only visits sees no sums before the end: they would tell a second rater what the first one found.
    open_sums = (
        manages
        or row.state in (State.ENDED, State.RELEASED)
        or (rules.overview.allows(person, None) and not row.is_hidden)
    )
    most = None if request.GET.get("items") == "all" else LINES
    by_item, by_street, items_left = queries.results(row, most) if open_sums else ([], [], 0)
    has_seconds = open_sums and Visit.objects.filter(round=row, is_second=True).exists()
    cases, waiting = queries.cases_of(row) if open_sums else (0, 0)
    opinions = rules.see_opinion.filter(Opinion.objects.filter(round=row), person).select_related(
        "place", "unit", "answered_by"
    )
    asks_team = manages and row.state in (State.PLANNED, State.DRAWN)
    context = {
        "row": row, "state": State(row.state).label, "shape": SHAPES[State(row.state)], "manages": manages,
        "teams": _teams(request, row), "progress": queries.progress(row), "by_item": by_item,
        "by_street": by_street, "items_left": items_left, "open_sums": open_sums, "opinions": list(opinions),
        "agreed": queries.agreement_in(row, most) if has_seconds else None,
        "offers": RoundFlow.offers(row, person), "faults": faults, "same": _same(request, row), "uid": uuid.uuid4(),
        "seed": secrets.token_hex(4), "asks_team": asks_team, "lines": lines_of(row)[-30:],
        "team_form": dress(form or forms.TeamForm(), "team") if asks_team else None,
        "opinion_form": _opinion_form(row) if manages and row.state not in (State.PLANNED, State.CANCELLED) else None,
        "cases": cases, "waiting": waiting, "editions": list(row.editions.select_related("scheme")),
    }  # fmt: skip
    return render(request, "desk/round.html", context, status=409 if faults else 200)


def _teams(request: SignedIn, row: Round) -> list[queries.TeamLine]:
    """The teams with the stops the address asks for: ?team=<id>&day=<ISO date or "none">."""
    team = request.GET.get("team", "")
    return queries.routes(
        row, request.user, int(team) if team.isdecimal() else None, request.GET.get("day", "")
    )


def _opinion_form(row: Round) -> Any:
    if row.kind not in (RoundKind.TOUR, RoundKind.DEPUTIES, RoundKind.GUIDANCE):
        return None
    return dress(forms.OpinionForm(givers=givers()), "opinion")


def givers() -> list[str]:
    """The capacities opinions are given in: the city's list, else the usual ones."""
    from chuangwen.kernel.models import Term

    found = list(Term.objects.filter(list="opinion_giver").values_list("name", flat=True))
    return found or [_("人大代表"), _("政协委员"), _("党代表"), _("市民"), _("文明监督员"), _("专家")]


@page(methods=("POST",))
def step(request: SignedIn, number: str, code: str) -> HttpResponse:
    """POST /rounds/<number>/steps/<code>/: start, end, release, cancel."""
    row = round_or_404(request, number)
    chosen = RoundFlow.by_code.get(code)
    if chosen is None or chosen.is_quiet or chosen.by_clock or not chosen.rule.allows(request.user, row):
        raise Http404
    try:
        if code == "release":
            releasing.release_round(row, by=request.user, uid=uid_of(request))
        else:
            RoundFlow.take(row, code, by=request.user, given=request.POST, uid=uid_of(request))
    except BadInput as fault:
        return _shown(request, row, (str(fault),))
    except Refused as fault:
        return _shown(request, row, (str(fault),))
    return redirect(row.get_absolute_url())


@page(rules.make, methods=("POST",))
def draw(request: SignedIn, number: str) -> HttpResponse:
    """POST /rounds/<number>/draw/: draws with the given seed; every stratum that cannot is named."""
    row = round_or_404(request, number)
    try:
        draw_round(
            row,
            request.POST.get("seed", ""),
            by=request.user,
            reason=request.POST.get("reason", ""),
            uid=uid_of(request),
        )
    except DrawRefused as fault:
        return _shown(request, row, fault.faults)
    except Refused as fault:
        return _shown(request, row, (str(fault),))
    return redirect(row.get_absolute_url())


@page(rules.make, methods=("POST",))
def team(request: SignedIn, number: str) -> HttpResponse:
    """POST /rounds/<number>/teams/: adds a team."""
    row = round_or_404(request, number)
    form = forms.TeamForm(request.POST)
    if not form.is_valid():
        return _shown(request, row, (str(next(iter(form.errors.values()))[0]),), form)
    data = form.cleaned_data
    try:
        set_team(row, name=data["name"], members=data["members"], start=data["start"], by=request.user)
    except Refused as fault:
        return _shown(request, row, (str(fault),), form)
    return redirect(row.get_absolute_url())


@page(rules.make, methods=("POST",))
def no_team(request: SignedIn, number: str, pk: int) -> HttpResponse:
    """POST /rounds/<number>/teams/<id>/drop/: takes a team away."""
    row = round_or_404(request, number)
    found = Team.objects.filter(round=row, pk=pk).select_related("round").first()
    if found is None:
        raise Http404
    try:
        drop_team(found, by=request.user)
    except Refused as fault:
        return _shown(request, row, (str(fault),))
    return redirect(row.get_absolute_url())
