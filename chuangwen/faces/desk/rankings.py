"""月排名: the months by subject, the next step of each, 关账 in one click; the rules by version."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from typing import Any, NamedTuple

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen.assessment import rules
from chuangwen.assessment.closing import close_month, next_month
from chuangwen.assessment.measures import MEASURES
from chuangwen.assessment.objection_flow import OPEN
from chuangwen.assessment.ranking_flow import RankingFlow
from chuangwen.assessment.ranking_models import (
    Objection,
    PeerGroup,
    Ranking,
    RankLine,
    RankRule,
    RankState,
    RankSubject,
)
from chuangwen.assessment.ranking_queries import rankings
from chuangwen.faces.desk.ranking import SHAPES, STATES, door, is_own, ranking_or_404, sections
from chuangwen.faces.desk.ranking_table import percent, places_of, said, trimmed
from chuangwen.faces.desk.row_steps import uid_of
from chuangwen.faces.desk.rows import dress
from chuangwen.kernel.screens.access import SignedIn, page
from chuangwen.kernel.workflow import history
from chuangwen.kernel.workflow.flow import BadInput, Refused

MOST = 200  # months listed


class Month(NamedTuple):
    """One ranking in the list, with the person's own lines in it and what waits."""

    ranking: Ranking
    shape: str
    own: list[RankLine]
    waiting: int
    todo: str


@dataclass(frozen=True)
class Subject:
    """One subject with its months; `close` is the month that can be closed now, None where it is there."""

    code: str
    label: str
    months: list[Month]
    close: dt.date | None
    has_rule: bool


def last_month(today: dt.date | None = None) -> dt.date:
    """The first day of the month that ended last."""
    return next_month((today or timezone.localdate()).replace(day=1), -1)


@page(door)
def index(request: SignedIn) -> HttpResponse:
    """/rankings/: what to do now, then the months; a fixed number of queries."""
    return _index(request)


def _index(request: SignedIn, fault: str = "") -> HttpResponse:
    found = list(rankings(request.user).exclude(state=RankState.VOID)[:MOST])
    own = _own_lines(request, found)
    waiting: dict[int, int] = defaultdict(int)
    if rules.ranking_overview.allows(request.user, None):
        open_now = Objection.objects.filter(state__in=OPEN, line__ranking__in=[row.pk for row in found])
        for pk in open_now.values_list("line__ranking_id", flat=True):
            waiting[pk] += 1
    may_edit = rules.edit.allows(request.user, None)
    ruled = set(RankRule.objects.filter(is_current=True).values_list("subject", flat=True))
    month, subjects = last_month(), []
    for code, label in RankSubject.choices:
        rows = [
            Month(
                row,
                SHAPES[row.state],
                own[row.pk],
                waiting[row.pk],
                _todo(row, waiting[row.pk]) if may_edit else "",
            )
            for row in found
            if row.subject_kind == code
        ]
        is_there = any(row.ranking.month == month for row in rows)
        if rows or may_edit:
            close = None if is_there or code not in ruled or not may_edit else month
            subjects.append(Subject(code, str(label), rows, close, code in ruled))
    return render(request, "desk/rankings.html", {
        "subjects": subjects, "may_edit": may_edit, "month": month, "here": "rankings", "sections": sections(request),
        "fault": fault, "places_of": places_of, "said": said, "rank_states": STATES,
    }, status=409 if fault else 200)  # fmt: skip


def _own_lines(request: SignedIn, found: list[Ranking]) -> dict[int, list[RankLine]]:
    units = request.user.standing.units_as("liaison", "head")
    rows = RankLine.objects.filter(ranking__in=[row.pk for row in found])
    mine = rows.filter(unit__in=units) | rows.filter(unit=None, key=request.user.pk)
    by_pk, kept = {row.pk: row for row in found}, defaultdict(list)
    for line in mine.order_by("pk"):
        if is_own(request, line, by_pk[line.ranking_id]):
            kept[line.ranking_id].append(line)
    return kept


def _todo(row: Ranking, waiting: int) -> str:
    """The next thing the office does with a month."""
    if row.state == RankState.DRAFT:
        return _("核对后预告")
    if row.state == RankState.PREVIEW:
        if waiting:
            return _("答复 %(n)d 件申诉") % {"n": waiting}
        if row.preview_until and row.preview_until > timezone.now():
            until = timezone.localtime(row.preview_until)
            return _("等申诉到 %(when)s，过后定稿") % {"when": until.strftime("%m-%d %H:%M")}
        return _("定稿冻结")
    return ""


@page(rules.edit, methods=("POST",))
def close(request: SignedIn) -> HttpResponse:
    """POST /rankings/close/: closes one subject's month, last month unless another is named."""
    subject, given = request.POST.get("subject", ""), request.POST.get("month", "")
    if subject not in RankSubject.values:
        raise Http404
    try:
        month = dt.date.fromisoformat(f"{given}-01") if given else last_month()
    except ValueError as fault:
        raise Http404 from fault
    try:
        made = close_month(subject, month, by=request.user)
    except Refused as fault:
        return _index(request, str(fault))
    return redirect(made.get_absolute_url())


@page(door, methods=("GET", "POST"))
def step(request: SignedIn, pk: int, code: str) -> HttpResponse:
    """/rankings/<id>/steps/<step>/: publish, freeze, comment, make void; GET shows the form of a step that has one."""
    ranking = ranking_or_404(request, pk)
    found = RankingFlow.by_code.get(code)
    if found is None or found.is_quiet or not found.rule.allows(request.user, ranking):
        raise Http404
    if request.method != "POST":
        if found.form is None:
            raise Http404
        start = {"comment": ranking.comment} if code == "comment" else {}
        return _form(request, ranking, code, found.form(initial=start))
    try:
        RankingFlow.take(ranking, code, by=request.user, given=request.POST, uid=uid_of(request))
    except BadInput as fault:
        return _form(request, ranking, code, fault.form)
    except Refused as fault:
        context = {"title": _("没有办成"), "what": str(fault)}
        return render(request, "screens/refused.html", context, status=409)
    return redirect("/rankings/" if code == "void" else ranking.get_absolute_url())


def _form(request: SignedIn, ranking: Ranking, code: str, form: forms.Form) -> HttpResponse:
    label = str(RankingFlow.by_code[code].label)
    return render(request, "desk/plain_form.html", {
        "form": dress(form), "title": f"{label} {ranking}", "save": label, "back": ranking.get_absolute_url(), "log": [],
        "here": "rankings",
    }, status=400 if form.errors else 200)  # fmt: skip


# Rules -----------------------------------------------------------------------------------------------


@page(door)
def rules_page(request: SignedIn) -> HttpResponse:
    """/rankings/rules/: every version by subject, the one in force first; the peer groups."""
    rows = list(RankRule.objects.order_by("subject", "-is_current", "-from_on", "-pk"))
    by_subject: dict[str, list[RankRule]] = defaultdict(list)
    for row in rows:
        by_subject[row.subject].append(row)
    groups = list(PeerGroup.objects.prefetch_related("units").order_by("rank", "code"))
    subjects = [(label, by_subject[code]) for code, label in RankSubject.choices if by_subject[code]]
    return render(request, "desk/rank_rules.html", {
        "subjects": subjects, "groups": groups, "here": "rankings", "sections": sections(request), "rank_states": STATES,
    })  # fmt: skip


@page(door)
def rule_page(request: SignedIn, pk: int) -> HttpResponse:
    """/rankings/rules/<id>/: one version: measures with their definitions, limits, source, and which months used it."""
    rule = RankRule.objects.filter(pk=pk).first()
    if rule is None:
        raise Http404
    measures: list[dict[str, Any]] = [{**row, "measure": MEASURES.get(row["code"])} for row in rule.measures]
    used = rankings(request.user).filter(rule=rule).exclude(state=RankState.VOID)
    others = RankRule.objects.filter(subject=rule.subject).exclude(pk=rule.pk).order_by("-from_on", "-pk")
    entries = history.changes_of(rule)[:20]
    return render(request, "desk/rank_rule.html", {
        "rule": rule, "measures": measures, "used": list(used[:24]), "others": list(others), "here": "rankings",
        "level": f"{trimmed(rule.confidence * 100, sign=False)}%", "entries": list(entries), "percent": percent,
        "sections": sections(request), "rank_states": STATES,
    })  # fmt: skip
