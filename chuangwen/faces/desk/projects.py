"""Projects (row 65): money and progress, summed with their denominators, beside the published totals."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen.faces.desk.cases import unit_names
from chuangwen.faces.desk.tasks import due_of, sections, state_of, wan
from chuangwen.kernel.screens.access import SignedIn, page
from chuangwen.registers.models import Fact
from chuangwen.tasks import queries, rules
from chuangwen.tasks.models import State

PAGE = 100
FACTS = "65"  # the mechanism whose figures were published


def published() -> list[Fact]:
    """The published figures, each phrase once."""
    found = Fact.objects.filter(mechanism=FACTS).order_by("code")[:6]
    return list({fact.phrase: fact for fact in found}.values())


def chosen(request: SignedIn) -> Any:
    rows = queries.projects(request.user)
    unit = request.GET.get("unit", "")
    if unit:
        rows = rows.filter(unit__code=unit)
    if request.GET.get("only") == "late":
        rows = rows.filter(queries.late_q(timezone.now()))
    return rows


@page(rules.see_list)
def overview(request: SignedIn) -> HttpResponse:
    """GET /tasks/projects/?unit=&only=late: the projects with budget, spent, progress; totals above."""
    rows = chosen(request)
    context = {
        "page": Paginator(rows, PAGE).get_page(request.GET.get("page")), "money": queries.money_of(rows), "asked": request.GET.dict(),
        "facts": published(), "wan": wan, "now": timezone.now(),
        "due_of": due_of, "state_of": state_of, "sections": sections(request.user, "/tasks/projects/"),
        "may_edit": rules.edit.allows(request.user, None),
    }  # fmt: skip
    return render(request, "tasks/projects.html", context)


@page(rules.see_list)
def export(request: SignedIn) -> HttpResponseBase:
    """GET /tasks/projects/export.xlsx: the same rows as a file, in yuan."""
    from chuangwen.kernel.screens.export import stream  # openpyxl: only for who exports

    titles = [
        (_("编号"), 18), (_("项目"), 44), (_("标准"), 10), (_("单位"), 18), (_("投资（元）"), 18), (_("已完成（元）"), 18),
        (_("进度%"), 8), (_("状态"), 10), (_("期限"), 12), (_("来源"), 30),
    ]  # fmt: skip
    rows = (
        [t.number, t.title, t.requirement.node.code if t.requirement else "", unit_names().get(t.unit_id, ""), t.budget, t.spent,
         t.progress, str(State(t.state).label), t.due_on, t.source]
        for t in chosen(request).iterator(500)
    )  # fmt: skip
    return stream(_("项目 %(day)s") % {"day": timezone.localdate().isoformat()}, "xlsx", titles, rows)
