"""Plans over three years and one (row 1), a year generated in one click, and the month plan table (row 54)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Count, Q
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen.faces.desk.changes import change_lines, save_logged
from chuangwen.faces.desk.rows import dress
from chuangwen.faces.desk.task_forms import GenerateForm, PlanForm
from chuangwen.faces.desk.tasks import due_of, sections, state_of
from chuangwen.kernel.screens.access import SignedIn, page
from chuangwen.kernel.workflow.flow import Refused
from chuangwen.standards.models import Edition
from chuangwen.tasks import queries, rules
from chuangwen.tasks.generating import Generated, generate_year
from chuangwen.tasks.models import Drive, MonthLine, MonthState, Plan, PlanKind, State, Task
from chuangwen.tasks.months import carry_over, plan_month, write_result
from chuangwen.tasks.spreading import month_start, next_month

SHOWN = 50
PASTED = 300
MONTH_SHAPES = {MonthState.PLANNED: "doing", MonthState.DONE: "done", MonthState.CARRIED: "again"}


@page(rules.read)
def overview(request: SignedIn) -> HttpResponse:
    """GET /plans/: three-year plans with their years, each with its figures; the office generates a year here."""
    return _overview(request)


def _overview(request: SignedIn, form: GenerateForm | None = None) -> HttpResponse:
    rows = list(Plan.objects.select_related("edition__scheme").order_by("-from_on", "-kind", "name"))
    now = timezone.now()
    figures = queries.figures_by("plan", request.user, now)
    long = [p for p in rows if p.kind == PlanKind.THREE_YEARS]
    children: dict[int | None, list[Plan]] = {}
    for plan in sorted((p for p in rows if p.kind == PlanKind.YEAR), key=lambda p: p.from_on):
        children.setdefault(plan.parent_id, []).append(plan)
    may_edit = rules.edit.allows(request.user, None)
    if form is None and may_edit:
        first = Edition.objects.filter(is_current=True).order_by("pk").first()
        form = GenerateForm(initial={"year": timezone.localdate(now).year, "edition": first})
    context = {
        "long": long, "children": children, "figures": figures, "empty": queries.Figures(0, 0, 0, 0, 0), "may_edit": may_edit,
        "form": dress(form, "generate") if form else None, "sections": sections(request.user, "/plans/"),
    }  # fmt: skip
    return render(request, "tasks/plans.html", context, status=400 if form and form.is_bound else 200)


@page(rules.edit, methods=("POST",))
def generate(request: SignedIn) -> HttpResponse:
    """POST /plans/generate/: a year's plans, theme months and tasks; a second click adds only what is missing."""
    form = GenerateForm(request.POST)
    if not form.is_valid():
        return _overview(request, form)
    made = generate_year(form.cleaned_data["edition"], form.cleaned_data["year"], by=request.user)
    return _show(request, made.plan, made)


def _show(request: SignedIn, plan: Plan, made: Generated | None = None) -> HttpResponse:
    person, now = request.user, timezone.now()
    if plan.kind == PlanKind.THREE_YEARS:
        tasks = queries.tasks_seen(person).filter(plan__parent=plan)
    else:
        tasks = queries.tasks_seen(person).filter(plan=plan)
    some = list(
        tasks.exclude(state=State.DROPPED)
        .select_related("unit", "requirement__node")
        .order_by("due_on", "pk")[: SHOWN + 1]
    )
    drives = Drive.objects.filter(Q(plan=plan) | Q(plan__parent=plan)).annotate(
        n=Count("tasks", filter=~Q(tasks__state=State.DROPPED))
    )
    context = {
        "plan": plan, "figures": queries.figures_of(tasks, now), "tasks": some[:SHOWN], "has_more": len(some) > SHOWN,
        "drives": list(drives.order_by("from_on", "pk")), "children": list(plan.children.order_by("from_on", "pk")), "now": now,
        "all_figures": queries.figures_by("plan", person, now), "empty": queries.Figures(0, 0, 0, 0, 0),
        "made": made, "log": change_lines(plan),
        "may_edit": rules.edit.allows(person, None), "sections": sections(person, "/plans/"),
        "due_of": due_of, "state_of": state_of, "today": timezone.localdate(now),
        "drafts": Task.objects.filter(plan=plan, state=State.DRAFT).count() if rules.edit.allows(person, None) else 0,
    }  # fmt: skip
    return render(request, "tasks/plan.html", context)


def _plan_or_404(pk: int) -> Plan:
    return get_object_or_404(Plan.objects.select_related("parent", "edition__scheme"), pk=pk)


@page(rules.read)
def show(request: SignedIn, pk: int) -> HttpResponse:
    """GET /plans/<id>/: a plan, what stands above and below it, its campaigns, and its tasks traced to standards."""
    return _show(request, _plan_or_404(pk))


@page(rules.edit, methods=("GET", "POST"))
def edit(request: SignedIn, pk: int = 0) -> HttpResponse:
    """/plans/new/ and /plans/<id>/edit/: a plan's form, its history below."""
    plan = _plan_or_404(pk) if pk else Plan(kind=PlanKind.YEAR)
    form = PlanForm(request.POST or None, instance=plan)
    if request.method == "POST" and form.is_valid():
        return redirect(save_logged(form, request.user).get_absolute_url())  # type: ignore[attr-defined]
    context = {
        "form": dress(form), "title": plan.name if pk else _("新计划"), "save": _("保存"),
        "back": plan.get_absolute_url() if pk else "/plans/", "log": change_lines(plan) if pk else [],
    }  # fmt: skip
    return render(request, "desk/plain_form.html", context)


def _month(text: str, plan: Plan, today: dt.date) -> dt.date:
    """The month asked for as 2026-05; without one, today's when it lies in the plan, else the plan's first."""
    if not text:
        return month_start(today) if plan.from_on <= today <= plan.to_on else month_start(plan.from_on)
    try:
        return dt.date.fromisoformat(f"{text}-01")
    except ValueError:
        raise Http404 from None


@page(rules.read, methods=("GET", "POST"))
def months(request: SignedIn, pk: int) -> HttpResponse:
    """/plans/<id>/months/?month=2026-05: the month's table; the office writes it, pastes into it, carries it over."""
    plan, today = get_object_or_404(Plan, pk=pk, kind=PlanKind.YEAR), timezone.localdate()
    month = _month(request.GET.get("month", ""), plan, today)
    may_edit, said = rules.edit.allows(request.user, None), ""
    faults: list[str] = []
    if request.method == "POST":
        if not may_edit:
            raise Http404
        said, faults = _write(request, plan, month)
    lines = list(queries.month_lines(plan, month, request.user))
    context = {
        "plan": plan, "month": month, "lines": lines, "may_edit": may_edit, "said": said, "faults": faults, "today": today,
        "shapes": MONTH_SHAPES, "is_over": next_month(month) <= today, "state_of": state_of,
        "months": _months_of(plan), "left": list(queries.tasks_without_line(plan, month)[:300]) if may_edit else [],
        "counts": {s: sum(line.state == s for line in lines) for s in MonthState.values},
        "next": next_month(month), "sections": sections(request.user, "/plans/"),
    }  # fmt: skip
    return render(request, "tasks/months.html", context, status=409 if faults else 200)


def _months_of(plan: Plan) -> list[tuple[dt.date, int]]:
    """The months of a plan with how many lines each has, in one query."""
    counted = (
        MonthLine.objects.filter(task__plan=plan).order_by().values_list("month").annotate(n=Count("pk"))
    )
    counts: dict[Any, int] = dict(counted)
    found: list[tuple[dt.date, int]] = []
    month = month_start(plan.from_on)
    while month <= plan.to_on and len(found) < 36:
        found.append((month, counts.get(month, 0)))
        month = next_month(month)
    return found


def _write(request: SignedIn, plan: Plan, month: dt.date) -> tuple[str, list[str]]:
    """What was done in one sentence, and why each row that was left out was left."""
    act = request.POST.get("act")
    if act == "carry":
        return carry_over(month, by=request.user, plan=plan).sentence, []
    if act == "paste":
        return _paste(request, plan, month)
    if act != "save":
        raise Http404
    saved, faults = 0, []
    for line in queries.month_lines(plan, month, request.user):
        result = request.POST.get(f"result-{line.pk}")
        if result is None or line.state == MonthState.CARRIED:
            continue
        try:
            done = f"done-{line.pk}" in request.POST
            if (result.strip(), done) != (line.result, line.state == MonthState.DONE):
                write_result(line, result.strip(), done, by=request.user)
                saved += 1
        except Refused as refused:
            faults.append(str(refused))
    return _("记了 %(n)d 行。") % {"n": saved}, faults


def _paste(request: SignedIn, plan: Plan, month: dt.date) -> tuple[str, list[str]]:
    """Rows of two columns from a spreadsheet: number or title of a task, and what it shall reach this month."""
    tasks: dict[str, list[Task]] = {}
    for task in Task.objects.filter(plan=plan).exclude(state=State.DROPPED):
        for word in (task.number, task.title):
            tasks.setdefault(word, []).append(task)
    made, faults = 0, []
    lines = [line for line in request.POST.get("rows", "").splitlines() if line.strip()]
    if len(lines) > PASTED:
        faults.append(_("一次最多贴 %(n)d 行，多出的没有读。") % {"n": PASTED})
    for number, text in enumerate(lines[:PASTED], 1):
        name, _tab, words = (part.strip() for part in text.partition("\t"))
        found = tasks.get(name, [])
        try:
            if len(found) != 1:
                raise Refused(
                    _("这个计划里没有“%(name)s”，或同名的不止一项；写任务编号。") % {"name": name[:40]}
                )
            if not words:
                raise Refused(_("没有写本月计划。两列之间用制表符隔开，从 Excel 复制就是。"))
            plan_month(found[0], month, words, by=request.user)
            made += 1
        except Refused as refused:
            faults.append(_("第 %(n)d 行：%(why)s") % {"n": number, "why": refused})
    return _("写入 %(n)d 行。") % {"n": made}, faults


@page(rules.read)
def months_export(request: SignedIn, pk: int) -> HttpResponseBase:
    """GET /plans/<id>/months/export.xlsx?month=: the month's table as a file."""
    from chuangwen.kernel.screens.export import stream  # openpyxl: only for who exports

    plan = get_object_or_404(Plan, pk=pk, kind=PlanKind.YEAR)
    month = _month(request.GET.get("month", ""), plan, timezone.localdate())
    titles = [
        (_("编号"), 18),
        (_("任务"), 44),
        (_("单位"), 18),
        (_("本月计划"), 44),
        (_("完成情况"), 44),
        (_("状态"), 10),
        (_("期限"), 12),
    ]
    rows = (
        [
            x.task.number,
            x.task.title,
            str(x.task.unit or ""),
            x.plan,
            x.result,
            str(x.get_state_display()),
            x.task.due_on,
        ]
        for x in queries.month_lines(plan, month, request.user)
    )
    return stream(
        _("%(plan)s %(month)s 月计划") % {"plan": plan.name, "month": month.strftime("%Y-%m")},
        "xlsx",
        titles,
        rows,
    )
