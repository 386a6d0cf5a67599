"""工作节奏: the five cadences with their next day and pack, a pack edited beside what was gathered, its slides."""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from chuangwen.assessment.gathering import SECTIONS, gather, prepare_pack, sections_for
from chuangwen.faces.desk.changes import change_lines, save_logged
from chuangwen.faces.desk.row_steps import uid_of
from chuangwen.faces.desk.rows import dress
from chuangwen.kernel.city import calendar
from chuangwen.kernel.screens.access import SignedIn, page, row_or_404
from chuangwen.kernel.workflow import history
from chuangwen.kernel.workflow.flow import Refused
from chuangwen.papers import queries as paper_queries
from chuangwen.papers import rules as paper_rules
from chuangwen.tasks import beats, rules
from chuangwen.tasks.meeting_flow import PackFlow
from chuangwen.tasks.meeting_papers import PACK
from chuangwen.tasks.models import Beat, Cadence, Decision, Meeting, MeetingState, Pack, PackState, Referral
from chuangwen.tasks.packs import edit_pack, shown, use_usual_beats, when_of
from chuangwen.tasks.referrals import OPEN

SHAPES = {PackState.PREPARED: "doing", PackState.HELD: "done", PackState.PAST: "void"}
AHEAD = 31
LAST = 12  # packs of the past the page lists
LINES = 10  # rows of a table one slide holds so that the last row of the room reads it


class Line(NamedTuple):
    """One cadence: its row if it has one, the next day, the pack for that day, the last one before."""

    code: str
    label: Any
    beat: Beat | None
    on: dt.date | None
    pack: Pack | None
    last: Pack | None


def lines(today: dt.date) -> list[Line]:
    """The five cadences (three queries, whatever there is)."""
    known = {beat.cadence: beat for beat in Beat.objects.all()}
    newest: dict[str, Pack] = {}
    ahead: dict[tuple[str, dt.date], Pack] = {}
    recent = Pack.objects.filter(on__gte=today - dt.timedelta(days=400)).defer("sections", "edits")
    for pack in recent.order_by("on", "pk"):
        if pack.on >= today:
            ahead[pack.cadence, pack.on] = pack
        else:
            newest[pack.cadence] = pack
    found = []
    for code, label in Cadence.choices:
        beat = known.get(code)
        on = beats.next_day(when_of(beat), today, calendar().is_workday) if beat and beat.is_on else None
        found.append(Line(code, label, beat, on, ahead.get((code, on)) if on else None, newest.get(code)))
    return found


@page(rules.see_pack)
def overview(request: SignedIn) -> HttpResponse:
    """GET /rhythm/: what is due today, this week, this month."""
    return _overview(request)


def _overview(request: SignedIn, fault: str = "") -> HttpResponse:
    today = timezone.localdate()
    found = lines(today)
    until = timezone.now() + dt.timedelta(days=AHEAD)
    soon = rules.see_meeting.filter(Meeting.objects.all(), request.user).filter(
        state__in=(MeetingState.PLANNED, MeetingState.INVITED, MeetingState.HELD), starts_at__lt=until
    )
    waiting = Decision.objects.filter(
        task=None, meeting__state__in=(MeetingState.HELD, MeetingState.MINUTED)
    ).select_related("meeting", "unit")
    context = {
        "lines": found, "today": today, "week_ends": today + dt.timedelta(days=6 - today.weekday()), "fault": fault,
        "month_ends": beats.span("monthly", (today.replace(day=1) + dt.timedelta(days=32)).replace(day=1))[1],
        "meetings": list(soon.order_by("starts_at", "pk")[:20]), "meeting_states": dict(MeetingState.choices),
        "waiting": list(waiting.order_by("meeting__starts_at", "rank", "pk")[:20]),
        "packs": list(Pack.objects.defer("sections", "edits").order_by("-on", "-pk")[:LAST]),
        "referrals": Referral.objects.filter(state__in=OPEN).count(), "shapes": SHAPES, "states": dict(PackState.choices),
        "has_beats": any(line.beat for line in found), "may_edit": rules.edit.allows(request.user, None),
        "may_make": rules.desk.allows(request.user, None),
    }  # fmt: skip
    return render(request, "desk/rhythm.html", context, status=409 if fault else 200)


@page(rules.edit, methods=("POST",))
def usual(request: SignedIn) -> HttpResponse:
    """POST /rhythm/usual/: the beats that are missing, as a sample."""
    use_usual_beats(by=request.user)
    return redirect("/rhythm/")


@page(rules.desk, methods=("POST",))
def make(request: SignedIn) -> HttpResponse:
    """POST /rhythm/make/: the pack of a cadence for a day, now."""
    cadence = request.POST.get("cadence", "")
    if cadence not in Cadence.values:
        raise Http404
    try:
        on = forms.DateField(error_messages={"required": _t("写哪一天。")}).clean(request.POST.get("on", ""))
        return redirect(prepare_pack(cadence, on, by=request.user).get_absolute_url())
    except forms.ValidationError as fault:
        return _overview(request, fault.messages[0])
    except Refused as fault:
        return _overview(request, str(fault))


class BeatForm(forms.ModelForm):
    """When a cadence comes round and what its pack holds."""

    sections = forms.MultipleChoiceField(
        label=_("内容"), choices=[(kind.code, kind.title) for kind in SECTIONS.values()], required=False,
        help_text=_("都不选就用常用的"),
    )  # fmt: skip

    class Meta:
        model = Beat
        fields = ("day", "month", "shift", "lead_days", "is_on", "sections", "source")
        help_texts = {
            "day": _("周例会写 1—7（周一到周日），其余写几号"), "month": _("推进大会写几月，季讲评写季度里第几个月"),
        }  # fmt: skip


@page(rules.edit, methods=("GET", "POST"))
def beat(request: SignedIn, cadence: str) -> HttpResponse:
    """/rhythm/<cadence>/: the day and the contents of one cadence."""
    if cadence not in Cadence.values:
        raise Http404
    row = Beat.objects.filter(cadence=cadence).first() or Beat(cadence=cadence)
    start = {"sections": [kind.code for kind in sections_for(cadence, row.sections)]}
    form = BeatForm(request.POST or None, instance=row, initial=start)
    if request.method == "POST" and form.is_valid():
        save_logged(form, request.user)
        return redirect("/rhythm/")
    context = {
        "form": dress(form), "title": Cadence(cadence).label, "save": _t("保存"), "back": "/rhythm/",
        "log": change_lines(row) if row.pk else [],
    }  # fmt: skip
    return render(request, "desk/plain_form.html", context, status=400 if form.errors else 200)


# One pack -----------------------------------------------------------------------------------------


def pack_or_404(request: SignedIn, pk: int) -> Pack:
    return row_or_404(rules.see_pack, Pack.objects.all(), request.user, pk=pk)


@page(rules.see_pack, methods=("GET", "POST"))
def pack(request: SignedIn, pk: int) -> HttpResponse:
    """/packs/<pk>/: the focus and each section; POST saves words, order and what is left out."""
    row = pack_or_404(request, pk)
    if request.method != "POST":
        return _pack(request, row)
    if not rules.desk.allows(request.user, None):
        raise Http404
    codes = request.POST.getlist("code")
    texts = dict(zip(codes, request.POST.getlist("text"), strict=False))
    try:
        edit_pack(
            row, by=request.user, focus=request.POST.get("focus", ""), texts=texts, dropped=request.POST.getlist("drop"),
            order=_order(codes, request.POST.get("move", "")),
        )  # fmt: skip
    except Refused as fault:
        row.refresh_from_db()
        return _pack(request, row, str(fault))
    return redirect(row.get_absolute_url())


def _order(codes: list[str], move: str) -> list[str]:
    """The codes as the page had them, one of them a place up or down: "up late", "down late"."""
    way, _space, code = move.partition(" ")
    if code in codes:
        at = codes.index(code)
        to = at + (-1 if way == "up" else 1)
        if 0 <= to < len(codes):
            codes[at], codes[to] = codes[to], codes[at]
    return codes


def _pack(request: SignedIn, row: Pack, fault: str = "") -> HttpResponse:
    log = [
        {
            "entry": e,
            "label": taken.label if (taken := PackFlow.by_code.get(e.step)) else e.step,
            "said": e.given.get("reason", ""),
        }
        for e in history.history_of(row)
    ]
    context = {
        "pack": row, "sections": shown(row, all_of_them=True), "fault": fault, "offers": PackFlow.offers(row, request.user),
        "shape": SHAPES[PackState(row.state)], "state": PackState(row.state).label, "log": log,
        "meeting": Meeting.objects.filter(pack=row).first(), "is_open": row.state == PackState.PREPARED,
        "may_edit": row.state == PackState.PREPARED and rules.desk.allows(request.user, None),
        "may_plan": rules.edit.allows(request.user, None), "may_write": paper_rules.write.allows(request.user, None),
        "papers": paper_queries.papers_about(PACK, row.pk, request.user),
    }  # fmt: skip
    return render(request, "desk/pack.html", context, status=409 if fault else 200)


@page(rules.desk, methods=("POST",))
def gather_again(request: SignedIn, pk: int) -> HttpResponse:
    """POST /packs/<pk>/gather/: what the figures are now; what was edited stays."""
    row = pack_or_404(request, pk)
    try:
        gather(row, by=request.user)
    except Refused as fault:
        return _pack(request, row, str(fault))
    return redirect(row.get_absolute_url())


@page(rules.desk, methods=("POST",))
def step(request: SignedIn, pk: int, code: str) -> HttpResponse:
    """POST /packs/<pk>/steps/<step>/: hold it, or open it again with a reason."""
    row = pack_or_404(request, pk)
    found = PackFlow.by_code.get(code)
    if found is None or found.is_quiet or found.by_clock:
        raise Http404
    try:
        PackFlow.take(row, code, by=request.user, given=request.POST, uid=uid_of(request))
    except Refused as fault:
        row.refresh_from_db()
        return _pack(request, row, str(fault))
    return redirect(row.get_absolute_url())


def _slides(row: Pack) -> list[dict[str, Any]]:
    """What each slide shows: a long table goes on over several, with its head."""
    found: list[dict[str, Any]] = []
    for one in shown(row):
        rows = one["rows"]
        parts = [rows[i : i + LINES] for i in range(0, len(rows), LINES)] or [[]]
        for n, part in enumerate(parts):
            found.append(
                {
                    **one,
                    "rows": part,
                    "part": n + 1,
                    "parts": len(parts),
                    "text": one["text"] if n == 0 else "",
                }
            )
    return found


@page(rules.see_pack)
def slides(request: SignedIn, pk: int) -> HttpResponse:
    """GET /packs/<pk>/slides/: the pack before a room, one slide a screen; printed, one a page."""
    row = pack_or_404(request, pk)
    found = _slides(row)
    decisions = Meeting.objects.filter(pack=row).first()
    count = 1 + bool(row.focus) + len(found)
    context = {"pack": row, "slides": found, "meeting": decisions, "count": count}
    return render(request, "desk/slides.html", context)
