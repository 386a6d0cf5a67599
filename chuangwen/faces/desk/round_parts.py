"""Parts of rounds with pages of their own: the printed draw, tables in and out, opinions, agreement of raters."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen.faces.desk.rounds import LINES, givers, round_or_404
from chuangwen.faces.desk.row_steps import uid_of
from chuangwen.inspections import forms, queries, releasing, rules
from chuangwen.inspections.actions import answer_opinion, note_opinion
from chuangwen.inspections.exchange import export_rows, import_observations, titles
from chuangwen.inspections.models import Opinion, State
from chuangwen.kernel.people.models import Role
from chuangwen.kernel.people.rules import holds
from chuangwen.kernel.screens.access import SignedIn, page, row_or_404
from chuangwen.kernel.screens.tables import BadTable
from chuangwen.kernel.workflow.flow import Refused
from chuangwen.standards.models import CheckItem

MOST_BYTES = 20 * 2**20
MONTHS = 6


@page()
def printed(request: SignedIn, number: str) -> HttpResponse:
    """GET /rounds/<number>/print/: the draw on paper: seed, hashes, strata, places."""
    row = round_or_404(request, number)
    if not row.draw_hash:
        raise Http404
    context = {
        "row": row,
        "teams": queries.routes(row, request.user, most=None),
        "printed_at": timezone.now(),
    }
    return render(request, "desk/round_print.html", context)


@page(rules.make, methods=("GET", "POST"))
def take_in(request: SignedIn, number: str) -> HttpResponse:
    """GET, POST /rounds/<number>/import/: observations from a table; all rows or, with every fault named, none."""
    row = round_or_404(request, number)
    if not rules.manage.allows(request.user, row):
        raise Http404
    context: dict[str, Any] = {
        "row": row,
        "fault": "",
        "done": None,
        "columns": [str(t) for t, _w in titles()],
    }
    if request.method == "POST":
        upload = request.FILES.get("file")
        if upload is None or (upload.size or 0) > MOST_BYTES:
            context["fault"] = _("没有收到表格，或大于 %(n)d MB；重选一个再传。") % {"n": MOST_BYTES // 2**20}
        else:
            try:
                context["done"] = import_observations(row, upload.read(), upload.name or "", by=request.user)
            except (BadTable, Refused) as fault:
                context["fault"] = str(fault)
    status = 422 if context["fault"] or (context["done"] and context["done"].faults) else 200
    return render(request, "desk/round_import.html", context, status=status)


@page()
def export(request: SignedIn, number: str, kind: str) -> HttpResponseBase:
    """GET /rounds/<number>/export.<kind>: the observations this person may see, readable by the import."""
    from chuangwen.kernel.screens.export import stream  # openpyxl: only for who exports

    row = round_or_404(request, number)
    return stream(f"{row.number} {row.name}", kind, titles(), export_rows(row, request.user))


@page(rules.make, methods=("POST",))
def opine(request: SignedIn, number: str) -> HttpResponse:
    """POST /rounds/<number>/opinions/: notes an opinion, by capacity."""
    row = round_or_404(request, number)
    form = forms.OpinionForm(request.POST, givers=givers())
    if not form.is_valid():
        what = next(iter(form.errors.values()))[0]
        return render(request, "screens/refused.html", {"title": _("意见没有记下"), "what": what}, status=422)
    try:
        note_opinion(row, by=request.user, uid=uid_of(request), **form.cleaned_data)
    except Refused as fault:
        return render(
            request, "screens/refused.html", {"title": _("意见没有记下"), "what": fault}, status=409
        )
    return redirect(f"{row.get_absolute_url()}#opinions")


may_see_opinions = rules.overview | holds(Role.LIAISON, Role.HEAD)


@page(may_see_opinions)
def opinions(request: SignedIn) -> HttpResponse:
    """GET /rounds/opinions/: opinions this person's units are asked to answer, open ones first."""
    rows = rules.see_opinion.filter(Opinion.objects.all(), request.user).select_related(
        "round", "place", "unit", "answered_by"
    )
    return render(request, "desk/opinions.html", {"opinions": list(rows.order_by("answered_at", "-pk")[:200]), "uid": uuid.uuid4(),
                  "may": may_answer(request)})  # fmt: skip


def may_answer(request: SignedIn) -> Any:
    return lambda opinion: (
        rules.desk.allows(request.user, None) or rules.answerer.allows(request.user, opinion)
    )


@page(may_see_opinions, methods=("POST",))
def answer(request: SignedIn, pk: int) -> HttpResponse:
    """POST /rounds/opinions/<id>/answer/: the unit's answer."""
    row = row_or_404(rules.see_opinion, Opinion.objects.select_related("round"), request.user, pk=pk)
    try:
        answer_opinion(row, request.POST.get("answer", "")[:1000], by=request.user, uid=uid_of(request))
    except Refused as fault:
        return render(
            request, "screens/refused.html", {"title": _("答复没有记下"), "what": fault}, status=409
        )
    return redirect("/rounds/opinions/")


def _month(text: str, default: dt.date) -> dt.date:
    try:
        return dt.date.fromisoformat(f"{text}-01")
    except ValueError:
        return default


@page(rules.overview)
def agreement(request: SignedIn) -> HttpResponse:
    """GET /rounds/agreement/: kappa by check item and rater over months, weak ones first; ?item= shows pictures."""
    last = _month(request.GET.get("to", ""), timezone.localdate().replace(day=1))
    first = _month(request.GET.get("from", ""), (last - dt.timedelta(days=31 * (MONTHS - 1))).replace(day=1))
    most = None if request.GET.get("items") == "all" else LINES
    by_item, by_rater = queries.agreement_of(first, last, most)
    wanted = request.GET.get("item", "")
    item = (
        CheckItem.objects.filter(pk=wanted).select_related("site_type").first() if wanted.isdigit() else None
    )
    pairs = queries.split_pairs(item, request.user) if item else []
    context = {
        "first": first, "last": last, "by_item": by_item, "by_rater": by_rater, "item": item, "pairs": pairs,
        "photos": releasing.photos_of([o for pair in pairs for o in pair]), "ended": State.RELEASED,
    }  # fmt: skip
    return render(request, "desk/agreement.html", context)
