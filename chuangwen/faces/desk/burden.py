"""The burden ledger (基层减负): what was asked of each unit this month, by kind; a unit sees its own line."""

from __future__ import annotations

import datetime as dt

from django.db.models import Count
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chuangwen.kernel.models import Demand, Unit
from chuangwen.kernel.people.models import Role
from chuangwen.kernel.people.rules import holds, in_unit
from chuangwen.kernel.screens.access import SignedIn, page
from chuangwen.problems import rules

# The kinds a Demand may have, in the order of the table.
KINDS = (
    ("fix", _("整改")),
    ("photo", _("照片")),
    ("form", _("填表")),
    ("visit", _("现场")),
    ("paper", _("材料")),
    ("meeting", _("会议")),
)
may_see = rules.reader | holds(Role.ADMIN) | holds(Role.LIAISON, Role.HEAD)
see_demand = rules.reader | holds(Role.ADMIN) | in_unit("unit_id", Role.LIAISON, Role.HEAD)


def month_of(text: str) -> dt.date:
    """The first day of a month written 2026-11; this month for anything else."""
    try:
        return dt.date.fromisoformat(f"{text}-01")
    except ValueError:
        return timezone.localdate().replace(day=1)


@page(may_see)
def burden(request: SignedIn) -> HttpResponse:
    """GET /burden/?month=2026-11: units by how much was asked of them."""
    first = month_of(request.GET.get("month", ""))
    after = (first + dt.timedelta(days=32)).replace(day=1)
    start, end = (timezone.make_aware(dt.datetime.combine(day, dt.time())) for day in (first, after))
    asked = see_demand.filter(Demand.objects.filter(asked_at__gte=start, asked_at__lt=end), request.user)
    by_unit: dict[int, dict[str, int]] = {}
    for row in asked.values("unit_id", "kind").annotate(n=Count("pk")).order_by():
        by_unit.setdefault(row["unit_id"], {})[row["kind"]] = row["n"]
    units = Unit.objects.in_bulk(by_unit)
    lines = sorted(
        ((units[pk], counts, sum(counts.values())) for pk, counts in by_unit.items()),
        key=lambda x: (-x[2], x[0].code),
    )
    total = {kind: sum(counts.get(kind, 0) for _u, counts, _n in lines) for kind, _label in KINDS}
    context = {
        "lines": lines,
        "kinds": KINDS,
        "total": total,
        "all": sum(total.values()),
        "first": first,
        "previous": (first - dt.timedelta(days=1)).strftime("%Y-%m"),
        "next": after.strftime("%Y-%m"),
        "is_now": after > timezone.localdate(),
    }
    return render(request, "desk/burden.html", context)


@page(may_see)
def unit(request: SignedIn, code: str) -> HttpResponse:
    """GET /burden/<unit>/?month=: the single demands behind one line."""
    first = month_of(request.GET.get("month", ""))
    after = (first + dt.timedelta(days=32)).replace(day=1)
    start, end = (timezone.make_aware(dt.datetime.combine(day, dt.time())) for day in (first, after))
    found = Unit.objects.filter(code=code).first()
    rows = see_demand.filter(
        Demand.objects.filter(unit=found, asked_at__gte=start, asked_at__lt=end), request.user
    )
    if found is None or (
        not (rules.reader | holds(Role.ADMIN)).allows(request.user, None)
        and found.pk not in request.user.standing.units_as("liaison", "head")
    ):
        raise Http404
    demands = list(rows.select_related("asked_by").order_by("-asked_at", "-pk")[:500])
    return render(
        request,
        "desk/burden_unit.html",
        {"unit": found, "demands": demands, "kinds": dict(KINDS), "first": first},
    )
