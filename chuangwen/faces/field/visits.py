"""考察 on the phone: my visits of today in order, and one checklist sent once; works without script."""

from __future__ import annotations

import re
import uuid
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _

from chuangwen.inspections import queries, releasing, rules
from chuangwen.inspections.checklist import bands_asked, checklist, count_asked
from chuangwen.inspections.exchange import band_of
from chuangwen.inspections.grading import NOT_HERE, PASS
from chuangwen.inspections.models import Observation, Result, RoundKind, State, Visit, VisitState
from chuangwen.inspections.recording import (
    BadRecord,
    Circumstance,
    Seen,
    record_visit,
    reopen_visit,
    skip_visit,
)
from chuangwen.kernel.evidence import store
from chuangwen.kernel.evidence.images import BadPicture
from chuangwen.kernel.screens.access import SignedIn, page, row_or_404
from chuangwen.kernel.workflow.flow import Refused
from chuangwen.problems import rules as case_rules
from chuangwen.problems.forms import PointForm
from chuangwen.problems.models import Case
from chuangwen.registers.patrols import patroller
from chuangwen.standards.models import CheckItem


@page()
def today(request: SignedIn) -> HttpResponse:
    """GET /rounds/today/: this person's visits of running rounds, in the order of the route."""
    now = timezone.now()
    visits = queries.visits_today(request.user, timezone.localdate(now))
    context = {
        "visits": visits, "items": queries.item_counts(visits), "now": now,
        "done": sum(visit.state != VisitState.PLANNED for visit in visits),
        "may_patrol": patroller.allows(request.user, None),
    }  # fmt: skip
    return render(request, "field/visits_today.html", context)


class Ask:
    """One check item as the phone asks for it: what can be tapped, and what a wrong one needs."""

    def __init__(self, item: CheckItem, given: Any = None) -> None:
        rule, params = item.grading, item.grading.params
        self.item, self.way, self.params = item, rule.way, params
        self.bands = bands_asked(item)
        self.count_label, self.count = count_asked(item)
        pk = item.pk
        self.result = str(given.get(f"r{pk}", "")) if given else ""
        self.note = str(given.get(f"n{pk}", "")) if given else ""
        if given and given.get(f"c{pk}"):
            self.count = given[f"c{pk}"]


def visit_or_404(request: SignedIn, uid: uuid.UUID) -> Visit:
    rows = Visit.objects.select_related("round", "team", "by", *queries.ROW)
    return row_or_404(rules.see_visit, rows, request.user, uid=uid)


def _asks(visit: Visit, person: Any) -> bool:
    """Whether this person is to fill the checklist now."""
    return (
        visit.state == VisitState.PLANNED
        and visit.round.state == State.RUNNING
        and rules.may_record(person, visit.team_id, visit.round.maker_id)
    )


@page(methods=("GET", "POST"))
def visit(request: SignedIn, uid: uuid.UUID) -> HttpResponse:
    """GET /visits/<uid>/: the checklist, or what was seen; POST sends the whole checklist once."""
    row = visit_or_404(request, uid)
    if request.method == "POST":
        return _send(request, row)
    if _asks(row, request.user):
        return _checklist(request, row)
    return _seen(request, row)


def _checklist(request: SignedIn, row: Visit, faults: Any = (), status: int = 200) -> HttpResponse:
    given = request.POST if request.method == "POST" else None
    asks = [Ask(item, given) for item in checklist(row)]
    before = [v for v in queries.visits_at(row.place, request.user) if v.round_id != row.round_id]
    context = {
        "visit": row, "asks": asks, "groups": _groups(asks), "faults": faults, "before": before[0] if before else None,
        "uid": given.get("uid") if given else uuid.uuid4(), "acceptance": row.round.kind == RoundKind.ACCEPTANCE,
        "note": given.get("note", "") if given else "",
    }  # fmt: skip
    answer = render(request, "field/checklist.html", context, status=status)
    patch_cache_control(answer, no_store=True)  # "back" must not bring an id that was used
    return answer


def _groups(asks: list[Ask]) -> list[tuple[Any, list[Ask]]]:
    """The items under the standard they belong to, in order."""
    found: list[tuple[Any, list[Ask]]] = []
    for ask in asks:
        node = ask.item.requirement.node
        if not found or found[-1][0].pk != node.pk:
            found.append((node, []))
        found[-1][1].append(ask)
    return found


def _seen(request: SignedIn, row: Visit, fault: str = "") -> HttpResponse:
    person = request.user
    may = rules.see_result.allows(person, row)
    seen = Observation.objects.filter(visit=row).select_related(
        "check_item__grading", "check_item__requirement__node"
    )
    rows = list(seen.order_by("check_item__requirement__node__rank", "check_item__code")) if may else []
    cases = case_rules.see_case.filter(
        Case.objects.filter(pk__in={o.case_id for o in rows if o.case_id}), person
    )
    photos = releasing.photos_of(rows)
    of_items = {one.pk for shown in photos.values() for one in shown}
    shown = [one for one in store.shown_of(row) if one.pk not in of_items] if may else []
    context = {
        "visit": row, "rows": rows, "may": may, "photos": photos, "band_of": band_of, "fault": fault,
        "voices": [one for one in shown if one.role == "voice"], "whole": [one for one in shown if one.role != "voice"],
        "cases": {case.pk: case for case in cases}, "uid": uuid.uuid4(),
        "may_reopen": rules.manage.allows(person, row.round) and row.state != VisitState.PLANNED
        and row.round.state in (State.RUNNING, State.ENDED),
        "results": dict(Result.choices),
    }  # fmt: skip
    return render(request, "field/visit.html", context, status=409 if fault else 200)


def _one(request: SignedIn, item: CheckItem, rest: bool) -> Seen | None:
    """What was sent for one item; None when it was left open. `rest`: what is left open is right."""
    told, pk = str(request.POST.get(f"r{item.pk}", "")), item.pk
    if not told and rest:
        told = str(int(PASS))
    if not told:
        return None
    band = told.removeprefix("band:") if told.startswith("band:") else ""
    count = str(request.POST.get(f"c{pk}", "")).strip()
    photos = [file for file in request.FILES.getlist(f"p{pk}") if file.size]
    is_wrong = bool(band) or told not in (str(int(PASS)), str(NOT_HERE))
    return Seen(
        pk,
        None if band else int(told) if told.isdigit() else -1,
        int(count) if is_wrong and not band and re.fullmatch(r"\d{1,6}", count) else None,
        band,
        str(request.POST.get(f"n{pk}", "")).strip() if is_wrong else "",
        photos if is_wrong else (),
    )


def _send(request: SignedIn, row: Visit) -> HttpResponse:
    try:
        uid = uuid.UUID(str(request.POST.get("uid", "")))
    except ValueError:
        uid = uuid.uuid4()
    form = PointForm(request.POST)
    rest = request.POST.get("rest") == "1"
    seen = [one for one in (_one(request, item, rest) for item in checklist(row)) if one]
    at = _moment(request.POST.get("taken_at"))
    accepted = {"yes": True, "no": False}.get(str(request.POST.get("accepted", "")))
    how = Circumstance(
        taken_at=at, point=form.point() if form.is_valid() else None, note=str(request.POST.get("note", ""))[:300],
        accuracy_m=form.cleaned_data.get("accuracy_m") if form.is_valid() else None, is_accepted=accepted,
    )  # fmt: skip
    if row.round.kind == RoundKind.ACCEPTANCE and accepted is None and row.state == VisitState.PLANNED:
        return _refused(request, row, [_("选验收通过或不通过。")])
    try:
        record_visit(row, seen, by=request.user, uid=uid, how=how)
    except BadRecord as fault:
        return _refused(request, row, [f"{item.text}：{why}" if item else why for item, why in fault.faults])
    except BadPicture as fault:
        return _refused(request, row, [fault.sentence])
    except Refused as fault:
        return _refused(request, row, [str(fault)], 409)
    if request.htmx:
        return HttpResponse(headers={"HX-Redirect": "/rounds/today/"})
    return redirect("/rounds/today/")


def _moment(text: Any) -> Any:
    from django.utils.dateparse import parse_datetime

    try:
        found = parse_datetime(str(text or ""))
    except ValueError:
        return None
    return found if found and timezone.is_aware(found) else None


def _refused(request: SignedIn, row: Visit, faults: list[str], status: int = 422) -> HttpResponse:
    if request.htmx:
        return render(request, "field/_visit_faults.html", {"faults": faults}, status=status)
    if not _asks(row, request.user):
        return _seen(request, row, "；".join(faults))
    return _checklist(request, row, faults, status)


@page(methods=("POST",))
def skip(request: SignedIn, uid: uuid.UUID) -> HttpResponse:
    """POST /visits/<uid>/skip/: could not be visited, and why."""
    row = visit_or_404(request, uid)
    try:
        sent = uuid.UUID(str(request.POST.get("uid", "")))
    except ValueError:
        sent = uuid.uuid4()
    try:
        skip_visit(row, str(request.POST.get("why", "")), by=request.user, uid=sent)
    except Refused as fault:
        return render(request, "screens/refused.html", {"title": _("没有记下"), "what": fault}, status=409)
    return redirect("/rounds/today/")


@page(rules.make, methods=("POST",))
def reopen(request: SignedIn, uid: uuid.UUID) -> HttpResponse:
    """POST /visits/<uid>/reopen/: opens a visit for a correction, with the reason."""
    row = visit_or_404(request, uid)
    if not rules.manage.allows(request.user, row.round):
        raise Http404
    try:
        reopen_visit(row, str(request.POST.get("reason", "")), by=request.user)
    except Refused as fault:
        return _seen(request, row, str(fault))
    return redirect(f"/visits/{uid}/")
