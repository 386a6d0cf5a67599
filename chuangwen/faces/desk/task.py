"""One task: its page, its steps, its proof photos, claiming, and the proof of its history."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django import forms as django_forms
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen.faces.desk.case_parts import Line
from chuangwen.faces.desk.row_steps import uid_of
from chuangwen.faces.desk.rows import dress
from chuangwen.faces.desk.tasks import due_of, sections, state_of, wan
from chuangwen.kernel.evidence import store
from chuangwen.kernel.evidence.images import BadPicture
from chuangwen.kernel.models import Entry, Person, Unit
from chuangwen.kernel.people.models import Role
from chuangwen.kernel.screens import words
from chuangwen.kernel.screens.access import SignedIn, go, page, row_or_404
from chuangwen.kernel.workflow import history
from chuangwen.kernel.workflow.flow import BadInput, Offer, Refused, Step
from chuangwen.tasks import queries, rules
from chuangwen.tasks.actions import claim_task, report_progress
from chuangwen.tasks.flow import TaskFlow
from chuangwen.tasks.models import Decision, MonthLine, ReferralState, State, Task, TaskKind

ROW = ("unit", "plan__parent", "drive", "requirement__node__edition__scheme", "leader", "place")
SAID = ("reason", "note", "unit_name", "asked")


def task_or_404(person: Person, number: str) -> Task:
    return row_or_404(rules.see_task, Task.objects.select_related(*ROW), person, number=number)


def steps_of(task: Task, person: Person) -> list[dict[str, Any]]:
    """The buttons, the main step first, keys 1–3 for the first three that can be taken."""
    offers = sorted(TaskFlow.offers(task, person), key=lambda o: (not o.step.is_main, not o.allowed))
    found, key, main = [], 0, False
    for offer in offers:
        if offer.step.code == "rule_postponement" and not offer.allowed:
            continue  # nothing was asked: a dashed button would only be in the way
        key += offer.allowed
        is_main = offer.step.is_main and offer.allowed and not main
        main = main or is_main
        found.append({"offer": offer, "label": _label(offer, person), "opens": _opens(offer.step, person),
                      "key": key if offer.allowed and key <= 3 else 0, "is_main": is_main})  # fmt: skip
    return found


def _opens(step: Step, person: Person) -> bool:
    """Whether the step asks something first; claiming for one's only unit does not."""
    if step.code == "claim":
        return len(person.standing.units_as(Role.LIAISON, Role.HEAD)) != 1
    return step.form is not None


def _label(offer: Offer, person: Person) -> str:
    return str(offer.step.label) + ("…" if _opens(offer.step, person) else "")


def log_lines(entries: list[Entry]) -> list[Line]:
    """History newest first: who took which step and said what."""
    found = []
    for entry in reversed(entries):
        step, given = TaskFlow.by_code.get(entry.step), entry.given
        said = [str(given[key]) for key in SAID if isinstance(given.get(key), str) and given[key]]
        if "percent" in given:
            said.insert(0, f"{given.get('before', 0)}% → {given['percent']}%")
        if isinstance(given.get("due_on"), dict) and entry.step != "make":
            said.append(_("期限 %(day)s") % {"day": given["due_on"].get("date", "")})
        if given.get("photos"):
            said.append(_("照片 %(n)d 张") % {"n": len(given["photos"])})
        if entry.step == "revise":
            said += [_changed(name, pair) for name, pair in given.get("changes", {}).items()]
        who = entry.by.name if entry.by else _("系统")
        text = "；".join(part.rstrip("。；") for part in said)
        found.append(
            Line(
                words.moment(entry.at),
                str(step.label) if step else entry.step,
                who,
                text,
                entry.hash[:4],
                not entry.by_id,
            )
        )
    return found


def _changed(name: str, pair: list[Any]) -> str:
    title = str(getattr(Task._meta.get_field(name), "verbose_name", name))
    old, new = (next(iter(v.values())) if isinstance(v, dict) and len(v) == 1 else v for v in pair)
    plain = all(isinstance(v, str | int) or v is None for v in (old, new))
    return f"{title} {old or '—'} → {new or '—'}" if plain else _("%(title)s有改动") % {"title": title}


@page(rules.see_list)
def show(request: SignedIn, number: str) -> HttpResponse:
    """GET /tasks/<number>/: everything about one task on one page."""
    task, person, now = task_or_404(request.user, number), request.user, timezone.now()
    entries = history.history_of(task)
    shape, state = state_of(task)
    context = {
        "task": task, "now": now, "shape": shape, "state": state, "due": due_of(task, now), "uid": uuid.uuid4(),
        "steps": steps_of(task, person), "log": log_lines(entries), "photos": store.photos_of(task),
        "assists": list(task.assists.all()), "months": list(MonthLine.objects.filter(task=task).order_by("month")),
        "siblings": _siblings(task, person), "wan": wan, "sections": sections(person, "/tasks/"),
        "may_edit": rules.edit.allows(person, task) and task.state in TaskFlow.by_code["revise"].sources,
        "state_of": state_of, "is_project": task.kind == TaskKind.PROJECT,
        "referrals": list(rules.see_referral.filter(task.referrals.select_related("task"), person)),
        "referral_states": dict(ReferralState.choices), "may_refer": rules.edit.allows(person, task) and task.state == State.DOING,
        "decision": (decision := Decision.objects.filter(task=task).select_related("meeting").first()),
        "opens_meeting": decision is not None and rules.see_meeting.allows(person, decision.meeting),
    }  # fmt: skip
    return render(request, "tasks/task.html", context)


def _siblings(task: Task, person: Person) -> list[Task]:
    """The other tasks of the same requirement that this person may see."""
    if task.requirement_id is None:
        return []
    rows = queries.tasks_seen(person).filter(requirement_id=task.requirement_id).exclude(pk=task.pk)
    return list(rows.select_related("unit").order_by("due_on", "pk")[:10])


def _form_of(chosen: Step, task: Task, person: Person, data: Any = None) -> django_forms.Form:
    """The step's form with what is known filled in and only the choices that make sense."""
    if chosen.form is None:
        return django_forms.Form(data)
    start: dict[str, Any] = {}
    if chosen.code == "report_progress":
        start = {"percent": task.progress, "spent": task.spent}
    elif chosen.code in ("postpone", "ask_postponement", "return"):
        start = {"due_on": task.due_on + dt.timedelta(days=14)} if chosen.code != "return" else {}
    elif chosen.code == "give":
        start = {"unit": task.unit_id}
    return _narrow(chosen.form(data, initial=start), chosen, task, person)


def _narrow(form: django_forms.Form, chosen: Step, task: Task, person: Person) -> django_forms.Form:
    if chosen.code == "report_progress":
        if task.kind != TaskKind.PROJECT:
            del form.fields["spent"]
        label = {TaskKind.DOCUMENT: _("文件首页照片"), TaskKind.ACTIVITY: _("活动照片")}.get(
            TaskKind(task.kind), _("现场照片")
        )
        form.fields["photo"] = django_forms.FileField(label=label, required=False)
        form.fields["photo"].widget.attrs["accept"] = "image/*"
    if chosen.code == "claim":
        mine = person.standing.units_as(Role.LIAISON, Role.HEAD)
        form.fields["unit"].queryset = Unit.objects.filter(pk__in=mine, is_active=True)  # type: ignore[attr-defined]
    return form


@page(rules.see_list, methods=("GET", "POST"))
def step(request: SignedIn, number: str, code: str) -> HttpResponse:
    """/tasks/<number>/steps/<step>/: GET shows the step's form, POST takes the step and goes back to the task."""
    task, person = task_or_404(request.user, number), request.user
    chosen = TaskFlow.by_code.get(code)
    if chosen is None or chosen.by_clock or chosen.is_quiet or not chosen.rule.allows(person, task):
        raise Http404
    if request.method != "POST":
        return _form(request, task, chosen, _form_of(chosen, task, person))
    try:
        done = _take(request, task, code)
    except BadInput as fault:
        return _form(request, task, chosen, _narrow(fault.form, chosen, task, person))
    except (Refused, BadPicture) as fault:
        said = fault.sentence if isinstance(fault, BadPicture) else str(fault)
        task.refresh_from_db()
        if not rules.see_task.allows(person, task):  # another unit was first
            return render(request, "screens/refused.html", {"title": _("没有办成"), "what": said}, status=409)
        return _form(request, task, chosen, _form_of(chosen, task, person, request.POST), said)
    to = done.get_absolute_url() if rules.see_task.allows(person, done) else "/tasks/"
    return go(request, to)


def _take(request: SignedIn, task: Task, code: str) -> Task:
    uid = uid_of(request)
    if code == "claim":
        word = request.POST.get("unit", "")
        unit = Unit.objects.filter(pk=word).first() if word.isdigit() and len(word) < 18 else None
        return claim_task(task, unit, by=request.user, uid=uid)
    if code == "report_progress":
        return report_progress(task, request.POST, by=request.user, photo=request.FILES.get("photo"), uid=uid)
    taken: Task = TaskFlow.take(task, code, by=request.user, given=request.POST, uid=uid).matter
    return taken


def _form(
    request: SignedIn, task: Task, chosen: Step, form: django_forms.Form, fault: str = ""
) -> HttpResponse:
    context = {
        "task": task, "title": chosen.label, "form": dress(form, "step"), "fault": fault, "uid": uid_of(request) or uuid.uuid4(),
        "action": f"/tasks/{task.number}/steps/{chosen.code}/", "sends_file": "photo" in form.fields,
    }  # fmt: skip
    template = "tasks/_step_form.html" if request.htmx else "tasks/step_form.html"
    return render(request, template, context, status=409 if fault else 200)


@page(rules.see_list)
def verify(request: SignedIn, number: str) -> HttpResponse:
    """GET /tasks/<number>/verify/: the task's own chain walked now."""
    task = task_or_404(request.user, number)
    breaks = list(history.verify(task.subject, task.pk))
    said = (
        _("%(n)d 条经过全部相连，没有被改过。")
        if not breaks
        else _("%(n)d 条经过里有对不上的，找管理员核对。")
    )
    template = "desk/_said.html" if request.htmx else "screens/refused.html"
    what = said % {"n": task.entries}
    return render(request, template, {"said": what, "bad": bool(breaks), "title": task.title, "what": what})


@page(rules.claimer | rules.desk, methods=("GET", "POST"))
def claims(request: SignedIn) -> HttpResponse:
    """/tasks/claim/: what is open to claim; POST claims one for the person's unit, with one click."""
    person, now, fault = request.user, timezone.now(), ""
    if request.method == "POST":
        task = task_or_none(person, request.POST.get("task", ""))
        try:
            if task is None:
                raise Refused(_("这项任务已被别的单位认领，或已收回。"))
            word = request.POST.get("unit", "")
            unit = Unit.objects.filter(pk=word).first() if word.isdigit() and len(word) < 18 else None
            return redirect(claim_task(task, unit, by=person, uid=uid_of(request)).get_absolute_url())
        except Refused as refused:
            fault = str(refused)
    mine = person.standing.units_as(Role.LIAISON, Role.HEAD)
    rows = list(queries.tasks_to_claim(person)[:201])
    context = {
        "rows": rows[:200], "has_more": len(rows) > 200, "now": now, "today": timezone.localdate(now), "fault": fault, "due_of": due_of,
        "units": list(Unit.objects.filter(pk__in=mine, is_active=True).order_by("code")), "sections": sections(person, "/tasks/claim/"),
        "lately": list(queries.tasks_seen(person).filter(Q(unit__in=mine), state=State.DOING).order_by("-changed_at", "-pk")[:8]),
    }  # fmt: skip
    return render(request, "tasks/claims.html", context, status=409 if fault else 200)


def task_or_none(person: Person, number: str) -> Task | None:
    return queries.tasks_seen(person).filter(number=number).first()
