"""The burden ledger (基层减负): what was asked of each unit this month, by whom and for how long; a unit sees its own line."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from chuangwen.faces.desk.burden_counts import (
    HOURS,
    KINDS,
    SORTS,
    WHY,
    Line,
    after,
    hours_of,
    moment,
    month_of,
    sheet,
    yearly,
)
from chuangwen.kernel.city import setting
from chuangwen.kernel.models import Demand, Person, Term, Unit
from chuangwen.kernel.people.models import Role
from chuangwen.kernel.people.rules import holds, in_unit
from chuangwen.kernel.screens.access import SignedIn, page
from chuangwen.kernel.workflow import history
from chuangwen.problems import rules

may_see = rules.reader | holds(Role.ADMIN) | holds(Role.LIAISON, Role.HEAD)
may_edit = holds(Role.OFFICE, Role.ADMIN)
reads_all = rules.reader | holds(Role.ADMIN)
see_demand = rules.reader | holds(Role.ADMIN) | in_unit("unit_id", Role.LIAISON, Role.HEAD)
ROWS = 500


def _asked(request: SignedIn) -> tuple[Any, str]:
    sort = request.GET.get("by", "")
    return month_of(request.GET.get("month", "")), sort if any(sort == code for code, _l, _k in SORTS) else ""


@page(may_see)
def burden(request: SignedIn) -> HttpResponse:
    """GET /burden/?month=2026-11&by=street: units by how much was asked of them, who asked, and against last year."""
    first, sort = _asked(request)
    whole = reads_all.allows(request.user, None)
    return render(request, "desk/burden.html", {
        "sheet": sheet(see_demand, request.user, first, sort), "kinds": KINDS, "first": first, "sort": sort, "sorts": SORTS,
        "previous": month_of_before(first), "next": after(first).strftime("%Y-%m"),
        "is_now": after(first) > timezone.localdate(), "month": first.strftime("%Y-%m"),
        "yearly": yearly(first) if whole else [], "whole": whole, "may_edit": may_edit.allows(request.user, None),
        "hours_of": hours_of, "days": setting("burden_same_days", 30),
    })  # fmt: skip


def month_of_before(first: Any) -> str:
    """The month before, as the address has it."""
    before = (
        first.replace(year=first.year - 1, month=12)
        if first.month == 1
        else first.replace(month=first.month - 1)
    )
    return str(before.strftime("%Y-%m"))


@page(may_see)
def export(request: SignedIn) -> HttpResponseBase:
    """GET /burden/export/?month=&by=: the month's lines as Excel."""
    from chuangwen.kernel.screens.export import stream  # openpyxl: only for who exports

    first, sort = _asked(request)
    found = sheet(see_demand, request.user, first, sort)
    titles = [
        (_t("单位"), 30),
        *((str(label), 8) for _code, label in KINDS),
        (_t("合计"), 8),
        (_t("约合小时"), 10),
        (_t("复用省下小时"), 12),
    ]
    name = f"{_t('基层负担')} {first:%Y-%m}"
    return stream(name, "xlsx", titles, (_cells(line) for line in [*found.lines, found.total]))


def _cells(line: Line) -> list[Any]:
    return [
        line.name,
        *(line.counts.get(kind, 0) for kind, _label in KINDS),
        line.whole,
        line.hours,
        hours_of(line.saved),
    ]


@page(may_see)
def unit(request: SignedIn, code: str) -> HttpResponse:
    """GET /burden/<unit>/?month=: the single demands behind one line."""
    first = month_of(request.GET.get("month", ""))
    found = Unit.objects.filter(code=code).first()
    if found is None or not (
        reads_all.allows(request.user, None) or found.pk in request.user.standing.units_as("liaison", "head")
    ):
        raise Http404
    rows = Demand.objects.filter(unit=found, asked_at__gte=moment(first), asked_at__lt=moment(after(first)))
    kind = request.GET.get("kind", "")
    if kind:
        rows = rows.filter(kind=kind)
    demands = list(
        see_demand.filter(rows, request.user).select_related("asked_by").order_by("-asked_at", "-pk")[:ROWS]
    )
    context = {"unit": found, "demands": demands, "kinds": dict(KINDS), "first": first, "kind": kind}
    return render(request, "desk/burden_unit.html", context)


# What the office estimates and explains ---------------------------------------------------------------


class MinutesForm(forms.Form):
    """Minutes one thing of each kind takes, and where the estimate is from."""

    source = forms.CharField(
        label=_("依据"), max_length=200, help_text=_("怎么估的：问了谁，哪天量的。没有依据就写“估计”。")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for code, label in KINDS:
            self.fields[code] = forms.IntegerField(label=str(label), min_value=0, max_value=10000, required=False)
        self.order_fields([*(code for code, _label in KINDS), "source"])


@page(may_edit, methods=("GET", "POST"))
def minutes(request: SignedIn) -> HttpResponse:
    """/burden/minutes/: the estimate behind the hours, by kind, with its source; every change is logged."""
    from chuangwen.faces.desk.rows import dress

    terms = {term.code: term for term in Term.objects.filter(list=HOURS)}
    start = {code: term.rank for code, term in terms.items()}
    start_source = next((term.source for term in terms.values()), "")
    form = MinutesForm(request.POST or None, initial={**start, "source": start_source})
    if request.method == "POST" and form.is_valid():
        for code, label in KINDS:
            _set_term(
                HOURS,
                code,
                str(label),
                form.cleaned_data[code],
                "",
                form.cleaned_data["source"],
                request.user,
            )
        return redirect("/burden/")
    context = {
        "form": dress(form),
        "title": _t("每件约要几分钟"),
        "save": _t("保存"),
        "back": "/burden/",
        "log": [],
    }
    return render(request, "desk/plain_form.html", context, status=400 if form.errors else 200)


@page(may_edit, methods=("POST",))
def explain(request: SignedIn) -> HttpResponse:
    """POST /burden/explain/: why there were more papers or meetings than last year; kept by year."""
    first, what = month_of(request.POST.get("month", "")), request.POST.get("what", "")
    text = request.POST.get("reason", "").strip()[:400]
    labels = {"papers": _t("发文"), "meetings": _t("会议")}
    if what not in labels:
        raise Http404
    if text:
        who = f"{request.user} {timezone.localdate():%Y-%m-%d}"
        _set_term(WHY, f"{what}:{first.year}", labels[what], first.year, text, who, request.user)
    return redirect(f"/burden/?month={first:%Y-%m}")


@transaction.atomic
def _set_term(group: str, code: str, name: str, rank: int | None, note: str, source: str, by: Person) -> None:
    """One row of a list of the city's words, with what it was before; no number takes the row away."""
    old = Term.objects.select_for_update().filter(list=group, code=code).first()
    if rank is None:
        Term.objects.filter(list=group, code=code).delete()
        return
    if old is not None and (old.rank, old.note, old.source) == (rank, note, source):
        return
    row, _made = Term.objects.update_or_create(
        list=group, code=code, defaults={"name": name, "rank": rank, "note": note, "source": source}
    )
    changes = {
        "rank": (old.rank if old else None, rank),
        "note": (old.note if old else "", note),
        "source": (old.source if old else "", source),
    }
    history.log_change(
        row, by_id=by.pk, changes={key: pair for key, pair in changes.items() if pair[0] != pair[1]}
    )
