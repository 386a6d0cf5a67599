"""Tasks made and edited by the office: one by one, from a requirement, or in a table of drafts."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen.faces.desk.rows import dress
from chuangwen.faces.desk.task import task_or_404
from chuangwen.faces.desk.task_forms import SplitForm, TaskForm
from chuangwen.kernel.screens.access import SignedIn, page
from chuangwen.kernel.workflow.flow import Refused
from chuangwen.standards.models import Requirement
from chuangwen.tasks import rules
from chuangwen.tasks.actions import lead_of, make_task, revise_task, split_requirement
from chuangwen.tasks.forms import answering_units
from chuangwen.tasks.models import Plan, PlanKind, State, Task, TaskKind
from chuangwen.tasks.steps import today_of

TABLE = 50


def _page(
    request: SignedIn, form: forms.BaseForm, title: str, save: str, back: str, fault: str = "", **more: Any
) -> HttpResponse:
    context = {
        "form": dress(form),
        "title": title,
        "save": save,
        "back": back,
        "fault": fault,
        **more,
    }
    return render(request, "tasks/form.html", context, status=409 if fault else 200)


@page(rules.edit, methods=("GET", "POST"))
def new(request: SignedIn) -> HttpResponse:
    """/tasks/new/?plan=&drive=&unit=&kind=: makes a draft."""
    today = timezone.localdate()
    start = {
        k: v
        for k, v in request.GET.items()
        if k in ("plan", "drive", "unit", "kind", "title", "standard", "method", "place")
    }
    form = TaskForm(request.POST or None, initial=start, today=today)
    if request.method == "POST" and form.is_valid():
        task = make_task(by=request.user, **form.values())
        return redirect(task.get_absolute_url())
    return _page(request, form, _("新任务"), _("存为拟定"), "/tasks/")


@page(rules.edit, methods=("GET", "POST"))
def edit(request: SignedIn, number: str) -> HttpResponse:
    """/tasks/<number>/edit/: words and links of a task; unit and date of a published one have steps of their own."""
    task = task_or_404(request.user, number)
    form = TaskForm(request.POST or None, instance=task, today=today_of(task))
    fault = ""
    if request.method == "POST" and form.is_valid():
        try:
            return redirect(revise_task(task, form.values(), by=request.user).get_absolute_url())
        except Refused as refused:
            fault = str(refused)
    return _page(request, form, task.number, _("保存"), f"/tasks/{number}/", fault)


@page(rules.edit, methods=("GET", "POST"))
def split(request: SignedIn, pk: int) -> HttpResponse:
    """/tasks/split/<requirement>/: breaks a requirement into projects, activities, documents for its lead unit (row 23)."""
    rows = Requirement.objects.select_related("node__edition").prefetch_related("shares__unit")
    requirement = get_object_or_404(rows, pk=pk)
    form, fault = SplitForm(request.POST or None), ""
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            made = split_requirement(
                requirement,
                tuple(given["kinds"]),
                by=request.user,
                due_on=given["due_on"],
                plan=given["plan"],
            )
        except Refused as refused:
            fault = str(refused)
        else:
            if made:
                return redirect(f"/tasks/?tab=all&requirement={pk}")
            fault = _("选的几种都已有任务，没有新增。")
    note = _("主责单位：%(unit)s。%(text)s") % {"unit": lead_of(requirement) or "—", "text": requirement.text}
    title = _("分解 %(code)s %(name)s") % {"code": requirement.node.code, "name": requirement.node.name}
    return _page(request, form, title, _("拟任务"), f"/tasks/?tab=all&requirement={pk}", fault, note=note)


class RowForm(forms.Form):
    """One line of the table of drafts."""

    kind = forms.ChoiceField(choices=TaskKind.choices)
    title = forms.CharField(max_length=120, error_messages={"required": "—"})
    unit = forms.ModelChoiceField(answering_units(), required=False)
    due_on = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    budget = forms.DecimalField(max_digits=16, decimal_places=2, min_value=0, required=False)


@page(rules.edit, methods=("GET", "POST"))
def table(request: SignedIn, pk: int) -> HttpResponse:
    """/plans/<id>/table/?after=: the drafts of a plan to edit in a table, 50 at a time; each row saved for itself."""
    plan = get_object_or_404(Plan.objects.filter(kind=PlanKind.YEAR), pk=pk)
    after = request.GET.get("after", "0")
    if not after.isdigit() or len(after) > 17:
        raise Http404
    drafts = (
        Task.objects.filter(plan=plan, state=State.DRAFT, pk__gt=int(after))
        .select_related("requirement__node")
        .order_by("pk")
    )
    tasks = list(drafts[: TABLE + 1])
    units = [("", str(_("由单位认领"))), *((u.pk, str(u)) for u in answering_units())]
    lines, saved, wrong = [], 0, 0
    for task in tasks[:TABLE]:
        form = _row_form(request, task)
        form.fields["unit"].widget.choices = units
        said = _save_row(request, task, form) if form.is_bound else ""
        wrong += bool(said)
        saved += form.is_bound and form.has_changed() and not said
        lines.append({"task": task, "form": dress(form, f"t{task.pk}"), "fault": said})
    if request.method == "POST" and not wrong:
        return redirect(f"/plans/{pk}/table/?after={after}&saved={saved}")
    said = request.GET.get("saved", "")
    context = {
        "plan": plan, "lines": lines, "wrong": wrong, "saved": saved or (int(said) if said.isdigit() else 0),
        "has_said": bool(said) or wrong, "next": tasks[TABLE - 1].pk if len(tasks) > TABLE else 0, "after": after,
    }  # fmt: skip
    return render(request, "tasks/table.html", context, status=409 if wrong else 200)


def _row_form(request: SignedIn, task: Task) -> RowForm:
    start = {name: getattr(task, name) for name in ("kind", "title", "due_on", "budget")} | {
        "unit": task.unit_id
    }
    bound = request.POST if request.method == "POST" and f"t{task.pk}-title" in request.POST else None
    return RowForm(bound, prefix=f"t{task.pk}", initial=start)


def _save_row(request: SignedIn, task: Task, form: RowForm) -> str:
    """Saves one line; the sentence why not, or nothing."""
    if not form.is_valid():
        return str(next(iter(form.errors.values()))[0])
    data: dict[str, Any] = form.cleaned_data
    if data["due_on"] <= timezone.localdate() and data["due_on"] != task.due_on:
        return _("期限要晚于今天。")
    if data["budget"] is not None and data["kind"] != TaskKind.PROJECT:
        return _("只有推进项目填投资。")
    try:
        revise_task(task, data, by=request.user)
    except Refused as refused:
        return str(refused)
    return ""
