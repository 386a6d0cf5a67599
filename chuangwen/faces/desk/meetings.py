"""会议: the list, a new one, one meeting with agenda, attendance, decisions that become tasks, and minutes."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django import forms
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from chuangwen.faces.desk.row_steps import uid_of
from chuangwen.faces.desk.rows import dress
from chuangwen.faces.desk.tasks import due_of, state_of
from chuangwen.kernel.models import Entry, Unit
from chuangwen.kernel.people.models import Role
from chuangwen.kernel.screens import words
from chuangwen.kernel.screens.access import SignedIn, page, row_or_404
from chuangwen.kernel.workflow import history
from chuangwen.kernel.workflow.flow import BadInput, Refused
from chuangwen.papers import queries as paper_queries
from chuangwen.papers import rules as paper_rules
from chuangwen.tasks import rules
from chuangwen.tasks.forms import ANSWERING, answering_units
from chuangwen.tasks.meeting_flow import MeetingFlow
from chuangwen.tasks.meeting_papers import MEETING
from chuangwen.tasks.meetings import hold_meeting, plan_meeting, revise_meeting
from chuangwen.tasks.models import Attendance, Cadence, Decision, Meeting, MeetingState, Pack, Presence

SHAPES = {"planned": "new", "invited": "doing", "held": "check", "minuted": "done", "cancelled": "void"}
PAGE = 50
WORKING = (MeetingState.PLANNED, MeetingState.INVITED, MeetingState.HELD)
BLANKS = 3
AGENDA = {
    Cadence.WEEKLY.value: (_("上次会议决定落实"), _("本周到期和超期"), _("本周重点")),
    Cadence.MONTHLY.value: (_("上月考核排名点评"), _("前列单位发言"), _("末位单位表态发言"), _("下月重点")),
    Cadence.QUARTERLY.value: (_("本季三条线与预测"), _("排名变化讲评"), _("下季重点")),
    Cadence.YEARLY.value: (_("上年总结"), _("本年方案和任务"), _("单位表态发言"), _("动员")),
}


def seen(request: SignedIn) -> QuerySet[Meeting]:
    """Those who oversee the whole see all; units see the meetings they were told of or that decided something for them."""
    return rules.see_meeting.filter(Meeting.objects.all(), request.user)


def meeting_or_404(request: SignedIn, pk: int) -> Meeting:
    return row_or_404(rules.see_meeting, Meeting.objects.select_related("pack"), request.user, pk=pk)


def _filtered(request: SignedIn) -> QuerySet[Any]:
    rows, cadence, state = seen(request), request.GET.get("cadence", ""), request.GET.get("state", "")
    if (cadence and cadence not in Cadence.values) or (state and state not in MeetingState.values):
        raise Http404
    rows = rows.filter(**{k: v for k, v in (("cadence", cadence), ("state", state)) if v})
    counts = {
        "units": Count("attendance", distinct=True),
        "came": Count("attendance", filter=Q(attendance__presence=Presence.CAME), distinct=True),
        "decided": Count("decisions", distinct=True),
        "turned": Count("decisions", filter=Q(decisions__task__isnull=False), distinct=True),
    }
    return rows.annotate(**counts).order_by("-starts_at", "-pk")


@page(rules.overview | rules.claimer)
def register(request: SignedIn) -> HttpResponseBase:
    """GET /meetings/: the meetings one may see, the next first; `?export=xlsx` as a file."""
    rows = _filtered(request)
    if request.GET.get("export") == "xlsx":
        return _export(rows)
    start = int(request.GET["from"]) if request.GET.get("from", "").isdecimal() else 0
    found = list(rows[start : start + PAGE + 1])
    context = {
        "meetings": [(m, SHAPES[m.state]) for m in found[:PAGE]], "names": dict(MeetingState.choices), "cadences": Cadence.choices,
        "cadence": request.GET.get("cadence", ""), "state": request.GET.get("state", ""), "states": MeetingState.choices,
        "more": start + PAGE if len(found) > PAGE else None, "may_plan": rules.edit.allows(request.user, None),
        "is_office": rules.overview.allows(request.user, None),
    }  # fmt: skip
    return render(request, "desk/meetings.html", context)


def _export(rows: QuerySet[Any]) -> HttpResponseBase:
    from chuangwen.kernel.screens.export import stream  # openpyxl: only for who asks for the file

    titles = [
        (_t("编号"), 18), (_t("会议"), 30), (_t("节奏"), 12), (_t("时间"), 18), (_t("地点"), 20), (_t("状态"), 10),
        (_t("应到"), 8), (_t("到会"), 8), (_t("决定"), 8), (_t("转任务"), 8),
    ]  # fmt: skip
    names = dict(MeetingState.choices)
    lines = (
        (m.number, m.title, m.get_cadence_display(), words.full_moment(m.starts_at), m.place, str(names[m.state]), m.units,
         m.came, m.decided, m.turned)
        for m in rows[:5000]
    )  # fmt: skip
    return stream(_t("会议"), "xlsx", titles, lines)


class MeetingForm(forms.Form):
    """When, where, on what; the units and the agenda of a new one."""

    title = forms.CharField(label=_("名称"), max_length=100, error_messages={"required": _("写会议名称。")})
    cadence = forms.ChoiceField(label=_("节奏"), choices=[("", _("其他")), *Cadence.choices], required=False)
    starts_at = forms.DateTimeField(
        label=_("时间"),
        widget=forms.DateTimeInput({"type": "datetime-local"}, "%Y-%m-%dT%H:%M"),
        error_messages={"required": _("写开会时间。"), "invalid": _("时间写成 2026-11-25 14:30。")},
    )
    place = forms.CharField(label=_("地点"), max_length=100, error_messages={"required": _("写地点。")})
    chair = forms.CharField(label=_("主持"), max_length=60, required=False)
    note = forms.CharField(label=_("会务说明"), max_length=300, required=False)
    agenda = forms.CharField(
        label=_("议程"), required=False, max_length=3000, widget=forms.Textarea({"rows": 5}),
        help_text=_("一行一个议题，“议题 / 汇报人”"),
    )  # fmt: skip

    def __init__(self, *args: Any, is_new: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in () if is_new else ("cadence", "agenda"):
            del self.fields[name]


def agenda_of(text: str) -> list[tuple[str, str]]:
    """Lines "topic / who speaks" as the agenda."""
    lines = (line.partition("/") for line in text.replace("／", "/").splitlines() if line.strip())
    return [(topic.strip(), who.strip()) for topic, _sign, who in lines]


def _start(request: SignedIn, pack: Pack | None) -> dict[str, Any]:
    """What a new meeting begins with: the day and title of its pack, the usual agenda, units that came last time."""
    cadence = pack.cadence if pack else request.GET.get("cadence", "")
    on = pack.on if pack else timezone.localdate() + dt.timedelta(days=1)
    title = (
        f"{on.year} 年 {on.month} 月 {on.day} 日{Cadence(cadence).label}" if cadence in Cadence.values else ""
    )
    last = (
        Meeting.objects.filter(cadence=cadence).exclude(state=MeetingState.CANCELLED)
        if cadence
        else Meeting.objects.none()
    )
    before = last.order_by("-starts_at", "-pk").first()
    # As last time; the first time those that are ranked, where a meeting is about the ranking.
    ranked = Unit.objects.filter(is_active=True, is_ranked=True, kind__in=ANSWERING)
    units = before.attendance.values_list("unit_id", flat=True) if before else []
    if before is None and cadence in (Cadence.MONTHLY, Cadence.QUARTERLY, Cadence.YEARLY):
        units = ranked.values_list("pk", flat=True)
    return {
        "title": title, "cadence": cadence, "starts_at": dt.datetime.combine(on, dt.time(9)), "units": list(units),
        "place": before.place if before else "", "chair": before.chair if before else "",
        "agenda": "\n".join(str(line) for line in AGENDA.get(cadence, ())),
    }  # fmt: skip


@page(rules.edit, methods=("GET", "POST"))
def new(request: SignedIn) -> HttpResponse:
    """/meetings/new/?pack=&cadence=: plans a meeting, perhaps on a pack."""
    key = request.GET.get("pack", "")
    pack = Pack.objects.filter(pk=int(key)).first() if key.isdecimal() and len(key) < 18 else None
    if pack is not None and (known := Meeting.objects.filter(pack=pack).first()) and request.method == "GET":
        return redirect(known.get_absolute_url())
    start = _start(request, pack) if request.method == "GET" else {}
    units = list(answering_units())
    chosen = set(start.pop("units", ())) or {
        int(key) for key in request.POST.getlist("unit") if key.isdecimal()
    }
    form, fault = MeetingForm(request.POST or None, initial=start, is_new=True), ""
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            row = plan_meeting(
                given["title"], given["starts_at"], given["place"], by=request.user, cadence=given["cadence"], pack=pack,
                chair=given["chair"], note=given["note"], units=[unit for unit in units if unit.pk in chosen],
                agenda=agenda_of(given["agenda"]), uid=uid_of(request),
            )  # fmt: skip
            return redirect(row.get_absolute_url())
        except Refused as refused:
            fault = str(refused)
    context = {
        "form": dress(form), "pack": pack, "fault": fault, "uid": uid_of(request) or uuid.uuid4(), "units": units, "chosen": chosen,
    }  # fmt: skip
    return render(
        request, "desk/meeting_new.html", context, status=409 if fault else 400 if form.errors else 200
    )


@page(rules.edit, methods=("GET", "POST"))
def edit(request: SignedIn, pk: int) -> HttpResponse:
    """/meetings/<pk>/edit/: title, time, place; those told already are told of a new time or place."""
    row = meeting_or_404(request, pk)
    start = {name: getattr(row, name) for name in ("title", "place", "chair", "note")}
    start["starts_at"] = timezone.localtime(row.starts_at).replace(tzinfo=None)
    form, fault = MeetingForm(request.POST or None, initial=start, is_new=False), ""
    if request.method == "POST" and form.is_valid():
        try:
            return redirect(revise_meeting(row, form.cleaned_data, by=request.user).get_absolute_url())
        except Refused as refused:
            fault = str(refused)
    context = {
        "form": dress(form),
        "title": row.number,
        "save": _t("保存"),
        "back": row.get_absolute_url(),
        "fault": fault,
    }
    return render(request, "tasks/form.html", context, status=409 if fault else 400 if form.errors else 200)


@page(rules.overview | rules.claimer)
def show(request: SignedIn, pk: int) -> HttpResponse:
    """GET /meetings/<pk>/: everything of one meeting."""
    return shown(request, meeting_or_404(request, pk))


def shown(
    request: SignedIn, row: Meeting, fault: str = "", *, at: str = "", minutes: str | None = None,
    typed: list[dict[str, str]] | None = None,
) -> HttpResponse:  # fmt: skip
    """The page; after a refusal with the sentence at its place and with what was typed still there."""
    person, now = request.user, timezone.now()
    is_office = rules.overview.allows(person, None)
    mine = person.standing.units_as(Role.LIAISON, Role.HEAD)
    decisions = (
        Decision.objects.filter(meeting=row).select_related("unit", "task__unit").order_by("rank", "pk")
    )
    attendance = list(row.attendance.select_related("unit").order_by("unit__code"))
    may_see_minutes = is_office or row.state == MeetingState.MINUTED
    context = {
        "meeting": row, "shape": SHAPES[row.state], "state": MeetingState(row.state).label, "offers": MeetingFlow.offers(row, person),
        "agenda": list(row.agenda.all()), "attendance": [a for a in attendance if is_office or a.unit_id in mine],
        "counts": _counts(attendance), "presences": Presence.choices, "is_office": is_office, "may_see_minutes": may_see_minutes,
        "decisions": [_line(d, now) for d in decisions if may_see_minutes or d.unit_id in mine], "fault": fault, "at": at,
        "may": {
            code: row.state in MeetingFlow.by_code[code].sources and MeetingFlow.by_code[code].rule.allows(person, row)
            for code in ("revise", "set_agenda", "list_units", "attend", "decide", "write", "turn")
        },
        "units": list(answering_units()) if is_office else [], "earlier": _earlier(row, now) if is_office else [],
        "log": _log(row) if is_office else [], "due": words.due(row.next_due_at, "work_day", now), "uid": uuid.uuid4(),
        "papers": paper_queries.papers_about(MEETING, row.pk, person), "may_write": paper_rules.write.allows(person, None),
        "minutes": row.minutes if minutes is None else minutes, "blanks": typed or [{"uid": str(uuid.uuid4())} for _ in range(BLANKS)],
        "listed": {a.unit_id for a in attendance}, "told": {a.unit_id for a in attendance if a.invited_at}, "pack": row.pack,
        "ready": sum(d.task_id is None and bool(d.unit_id and d.due_on) for d in decisions),
    }  # fmt: skip
    return render(request, "desk/meeting.html", context, status=409 if fault else 200)


def _counts(rows: list[Attendance]) -> dict[str, int]:
    found = {code: sum(row.presence == code for row in rows) for code in Presence.values}
    return {**found, "all": len(rows), "spoke": sum(row.has_spoken for row in rows)}


def _line(row: Decision, now: dt.datetime) -> dict[str, Any]:
    task = row.task
    return {"row": row, "state": state_of(task) if task else None, "due": due_of(task, now) if task else None}


def _earlier(row: Meeting, now: dt.datetime) -> list[dict[str, Any]]:
    """What the meeting before of the same cadence decided, and how far it is (one query)."""
    if not row.cadence:
        return []
    last = Meeting.objects.filter(
        cadence=row.cadence, starts_at__lt=row.starts_at, state__in=(MeetingState.HELD, MeetingState.MINUTED)
    ).order_by("-starts_at", "-pk")  # fmt: skip
    rows = Decision.objects.filter(meeting__in=last.values("pk")[:1]).select_related(
        "unit", "task__unit", "meeting"
    )
    return [_line(one, now) for one in rows.order_by("rank", "pk")]


SAID = ("reason", "text", "task")


def _log(row: Meeting) -> list[dict[str, Any]]:
    found = []
    for entry in reversed(history.history_of(row)):
        step = MeetingFlow.by_code.get(entry.step)
        found.append({"entry": entry, "label": step.label if step else entry.step, "said": _said(entry)})
    return found


def _said(entry: Entry) -> str:
    given = entry.given
    if entry.step == "invite":
        return _t("%(n)d 个单位") % {"n": len(given.get("units", []))}
    if entry.step in ("attend", "decide"):
        return _t("%(n)d 行") % {"n": len(given.get("lines", []))}
    return "；".join(str(given[key])[:80] for key in SAID if isinstance(given.get(key), str))


@page(rules.desk, methods=("POST",))
def step(request: SignedIn, pk: int, code: str) -> HttpResponse:
    """POST /meetings/<pk>/steps/<step>/: invite, held, minutes confirmed, cancelled."""
    row = meeting_or_404(request, pk)
    found = MeetingFlow.by_code.get(code)
    if found is None or found.is_quiet or not found.rule.allows(request.user, row):
        raise Http404
    try:
        if code == "hold":
            hold_meeting(row, by=request.user, uid=uid_of(request))
        else:
            MeetingFlow.take(row, code, by=request.user, given=request.POST, uid=uid_of(request))
    except (BadInput, Refused) as fault:
        row = meeting_or_404(request, pk)
        return shown(request, row, str(fault))
    return redirect(row.get_absolute_url())


def unit_named(text: str, units: dict[str, Unit]) -> Unit | None:
    """A unit by its short or whole name or code, as it was typed. Raises Refused for one nobody knows."""
    text = text.strip()
    if text and text not in units:
        raise Refused(_t("没有“%(name)s”这个单位，从名单里选。") % {"name": text})
    return units.get(text)
