"""The parts of a case's page, read in a fixed number of queries: path, clocks, reasons, photos, kindred cases, history."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chuangwen.faces.desk.rows import shape_of
from chuangwen.kernel.city import calendar
from chuangwen.kernel.fixed_query import FixedQuery
from chuangwen.kernel.models import Clock, Duty, Entry, Evidence, Person, Place, Sealed
from chuangwen.kernel.places.around import Around
from chuangwen.kernel.places.datum import distance_m
from chuangwen.kernel.screens import words
from chuangwen.kernel.workflow.calendar import Unit
from chuangwen.problems import rules
from chuangwen.problems.findings import findings_words
from chuangwen.problems.flow import CaseFlow
from chuangwen.problems.models import Case, Report, State

DAYS = (Unit.WORK_DAY, Unit.CALENDAR_DAY)
CLOCK_NAMES = {
    "verify": gettext_lazy("核实立案"), "dispatch": gettext_lazy("派遣"), "fix": gettext_lazy("处置"),
    "check": gettext_lazy("核查"), "appeal": gettext_lazy("申诉"),
}  # fmt: skip
# Each stage of the path: its word, the steps that end it, the states in which it is going on.
STAGES = (
    (gettext_lazy("上报"), ("report",), ()),
    (gettext_lazy("核实"), ("verify",), (State.REPORTED,)),
    (gettext_lazy("立案"), ("file",), (State.VERIFIED,)),
    (gettext_lazy("派遣"), ("dispatch", "decide", "reassign"), (State.FILED, State.DISPUTED)),
    (gettext_lazy("处置"), ("answer",), (State.ASSIGNED, State.FIXING, State.HELD, State.APPEALED)),
    (gettext_lazy("核查"), ("pass",), (State.ANSWERED,)),
    (gettext_lazy("抽查"), ("spot_pass",), (State.SPOT,)),
)


class Stage(NamedTuple):
    label: str
    shape: str
    at: str
    took: str
    is_now: bool
    is_next: bool


def span(delta: dt.timedelta) -> str:
    """23 分, 3 小时, 2 天: how long in the largest whole unit."""
    minutes = int(delta.total_seconds() // 60)
    if minutes < 60:
        return _("%(n)d 分") % {"n": max(minutes, 0)}
    if minutes < 48 * 60:
        return _("%(n)d 小时") % {"n": minutes // 60}
    return _("%(n)d 天") % {"n": minutes // 1440}


def path_of(case: Case, entries: list[Entry], clocks: list[Clock], now: dt.datetime) -> list[Stage]:
    """The stages with their moment and duration; the fix stage turns red when its limit was missed."""
    last = {entry.step: entry.at for entry in entries}
    late_fix = any(c.name == "fix" and (c.stopped_at or c.paused_at or now) > c.due_at for c in clocks)
    stages, before, passed = [], None, True
    for label, steps, states in STAGES:
        at = max((last[s] for s in steps if s in last), default=None)
        is_now = case.state in states
        if is_now:
            at, passed = None, False
        done = at is not None and passed
        shape = "done" if done else shape_of(case)[0] if is_now else "new"
        if steps == ("answer",) and late_fix and (done or is_now):
            shape = "late"
        took = span(at - before) if done and at and before and at >= before else ""
        stages.append(Stage(str(label), shape, words.moment(at) if done else "", took, is_now, not done and not is_now))
        before = at if done else before
    return stages


class ClockLine(NamedTuple):
    label: str
    limit: str
    used: str
    due: words.Due


def clock_lines(clocks: list[Clock], now: dt.datetime) -> list[ClockLine]:
    """Each clock with its limit, what was used of it, and how it ended or stands."""
    found = []
    for clock in clocks:
        end = clock.stopped_at or clock.paused_at or now
        unit = Unit(clock.unit)
        if unit in DAYS:
            used = words.amount(calendar().elapsed(clock.started_at, end, Unit.WORK_HOUR), Unit.WORK_HOUR)
        else:
            left = calendar().elapsed(end, clock.due_at, unit)
            used = words.amount(max(clock.amount - left, Decimal(0)), unit)
        if clock.stopped_at:
            met = clock.stopped_at <= clock.due_at
            due = words.Due("met", _("按期")) if met else words.due(clock.due_at, clock.unit, clock.stopped_at)
        else:
            due = words.due(clock.due_at, clock.unit, now, is_paused=clock.paused_at is not None)
        label = str(CLOCK_NAMES[clock.name])
        if clock.round > 1:
            label += _(" · 第 %(n)d 次") % {"n": clock.round}
        found.append(ClockLine(label, words.amount(clock.amount, clock.unit), used, due))
    return found


class Line(NamedTuple):
    at: str
    label: str
    who: str
    text: str
    hash: str
    by_system: bool


# What a line of history says, in this order, when the entry has it.
SAID = ("reason", "note", "reply", "unit_name", "kind_name", "into", "number", "recurs_of", "outcome", "asked")


def log_lines(entries: list[Entry]) -> list[Line]:
    """History newest first; values of persons are read from where they are sealed."""
    sealed = sealed_of(entries)
    found = []
    for entry in reversed(entries):
        step = CaseFlow.by_code.get(entry.step)
        said = [str(entry.given[key]) for key in SAID if isinstance(entry.given.get(key), str) and entry.given[key]]
        if entry.given.get("photos"):
            said.append(_("照片 %(n)d 张") % {"n": len(entry.given["photos"])})
        said += sealed.get(entry.pk, [])
        who = entry.by.name if entry.by else _("系统")
        label = str(step.label) if step else entry.step
        text = "；".join(part.rstrip("。；") for part in said)
        found.append(Line(words.moment(entry.at), label, who, text, entry.hash[:4], entry.by_id is None))
    return found


def sealed_of(entries: list[Entry]) -> dict[int, list[str]]:
    """The sealed values of these entries by entry; asks only when there are any."""
    ids = [e.pk for e in entries if any(isinstance(v, dict) and "sealed" in v for v in e.given.values())]
    found: dict[int, list[str]] = {}
    for entry_id, value in Sealed.objects.filter(entry__in=ids).values_list("entry_id", "value") if ids else ():
        found.setdefault(entry_id, []).append(value)
    return found


class Photo(NamedTuple):
    evidence: Evidence
    findings: list[tuple[str, str]]
    by: str


def photo_pairs(photos: list[Evidence], round: int) -> dict[str, Any]:
    """The found photos, this round's fix photos with their truth check, and those of earlier rounds."""

    def seen(evidence: Evidence) -> Photo:
        checked = findings_words(evidence.findings) if evidence.role == "fixed" else []
        return Photo(evidence, checked, evidence.by.name if evidence.by else "")

    fixed = [seen(e) for e in photos if e.role == "fixed"]
    return {
        "before": [seen(e) for e in photos if e.role == "found"],
        "after": [p for p in fixed if p.evidence.round == round] or fixed[-1:],
        "earlier": [p for p in fixed if p.evidence.round < round],
        "check": [seen(e) for e in photos if e.role == "check"],
    }


class Kin(NamedTuple):
    shape: str
    word: str
    case: Case
    note: str
    may_merge: bool


KIN = (
    "number", "what", "reported_at", "closed_at", "merged_into_id", "recurs_of_id", "lon", "lat", "kind_id",
    "suggested_kind_id", "state", *rules.SEEN_BY,
)  # fmt: skip
_linked = FixedQuery(
    lambda pk, before, into: Case.objects.filter(Q(recurs_of=pk) | Q(merged_into=pk) | Q(pk=before) | Q(pk=into))
    .only(*KIN).order_by("-reported_at")[:100],
    pk=int, before=int, into=int,
)  # fmt: skip


_open_near = Around(lambda: Case.objects.filter(closed_at__isnull=True).only(*KIN), 60)


def kin_of(case: Case, person: Person, now: dt.datetime) -> list[Kin]:
    """Recurrences, merged cases and open ones near by, under the rule (two queries)."""
    found = []
    linked = _linked(pk=case.pk, before=case.recurs_of_id or 0, into=case.merged_into_id or 0)
    for other in [row for row in linked if rules.see_case.allows(person, row)][:10]:
        merged = other.merged_into_id == case.pk or case.merged_into_id == other.pk
        note = span(abs(case.reported_at - (other.closed_at or other.reported_at)))
        shape, word = ("done", _("并入")) if merged else ("again", _("复发"))
        found.append(Kin(shape, word, other, _("隔 %(span)s") % {"span": note}, False))
    if case.is_open and case.lon is not None and case.lat is not None:
        may_merge = case.state in CaseFlow.by_code["merge"].sources and rules.dispatcher.allows(person, case)
        kind = case.kind_id or case.suggested_kind_id
        for other in _open_near(case.lon, case.lat, 100) if kind else ():
            metres = distance_m(case.lon, case.lat, other.lon or 0.0, other.lat or 0.0)
            same = other.pk != case.pk and metres <= 100 and kind in (other.kind_id, other.suggested_kind_id)
            if same and rules.see_case.allows(person, other):
                found.append(Kin("doing", _("附近"), other, _("相距 %(n)d 米") % {"n": round(metres)}, may_merge))
    return found[:12]


_places = FixedQuery(
    lambda a, b, c, d: Place.objects.filter(pk__in=(a, b, c, d))
    .select_related("type").only("kind", "code", "name", "short_name", "type__name"),
    a=int, b=int, c=int, d=int,
)  # fmt: skip
_reports = FixedQuery(lambda pk: Report.objects.filter(case=pk).order_by("pk"), pk=int)
_duties = FixedQuery(
    lambda day, a, b, c, d: Duty.objects.in_force(day).filter(place__in=(a, b, c, d))
    .select_related("unit", "person").only("kind", "place_id", "unit__name", "unit__short_name", "person__name"),
    day=dt.date, a=int, b=int, c=int, d=int,
)  # fmt: skip


def _where(case: Case) -> dict[str, int]:
    return {"a": case.street_id or 0, "b": case.area_id or 0, "c": case.road_id or 0, "d": case.site_id or 0}


def fill(case: Case) -> None:
    """Reads the case's places and reports (two queries); the reports once for the page and the guard of 答复."""
    places = {place.pk: place for place in _places(**_where(case))}
    for name in ("street", "area", "road", "site"):
        if getattr(case, f"{name}_id") in places:
            setattr(case, name, places[getattr(case, f"{name}_id")])
    rows: Any = Report.objects.filter(case=case)
    rows._result_cache, rows._prefetch_done = _reports(pk=case.pk), True
    vars(case)["_prefetched_objects_cache"] = {"reports": rows}  # where Django keeps what was fetched ahead


def duties_at(case: Case) -> dict[tuple[int, str], Duty]:
    """The duties in force at the case's places on the day it was given (or today), by place and kind (one query)."""
    day = timezone.localdate(case.assigned_at) if case.assigned_at else timezone.localdate()
    return {(duty.place_id, duty.kind): duty for duty in _duties(day=day, **_where(case))}
