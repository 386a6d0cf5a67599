"""What people do with reports and cases: take in, confirm, hand over, sign; each one transaction, each safe to send twice."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen.kernel.city import briefly, city
from chuangwen.kernel.evidence import store
from chuangwen.kernel.models import Counter, Duty, Person, Place, Unit
from chuangwen.kernel.people.models import LEADER_DUTIES
from chuangwen.kernel.places.datum import Datum
from chuangwen.kernel.screens.words import amount
from chuangwen.kernel.workflow.flow import NotAllowed, Refused
from chuangwen.problems import ladder, routing, rules
from chuangwen.problems.flow import CaseFlow, HandoverFlow
from chuangwen.problems.models import (
    Campaign,
    Case,
    CaseKind,
    Handover,
    LadderAction,
    Prepared,
    Report,
    Source,
    State,
)
from chuangwen.problems.papers import draft_for_prepared
from chuangwen.problems.suggesting import suggest_kind


class OutsideCity(Refused):
    """The point is not in the city: swapped, in another datum, or simply elsewhere."""


@dataclass
class Told:
    """One report as it reaches the inbox from any channel."""

    text: str
    source: str = Source.RESIDENT
    uid: uuid.UUID | None = None
    what: str = ""
    kind: CaseKind | None = None
    site: Place | None = None
    lon: float | None = None
    lat: float | None = None
    datum: Datum = Datum.WGS84
    accuracy_m: float | None = None
    address: str = ""
    contact: str = ""
    channel: str = ""
    order_number: str = ""
    received_at: dt.datetime | None = None
    raw: dict[str, Any] | None = None
    photos: Sequence[Any] = ()  # bytes-like uploads
    taken_at: dt.datetime | None = None
    is_sample: bool = False
    clock_s: int | None = None  # by how many seconds the sender's clock was set right


def next_number(at: dt.datetime) -> str:
    """The next case number of the month, such as GY-2026-11-04812; one row is locked for the moment it takes."""
    month = timezone.localtime(at).strftime("%Y-%m")
    row = city()
    return f"{row.prefix if row else 'CW'}-{month}-{Counter.next(f'case {month}'):05d}"


def take_report(told: Told, *, by: Person | None, at: dt.datetime | None = None) -> Report:
    """Takes one report in and opens a case in state 上报 for it; the same `uid` or order number changes nothing.

    Raises OutsideCity when the point lies outside the city's outline, BadPicture for a photo that cannot be used.
    """
    uid = told.uid or uuid.uuid4()
    pictures = [store.read(photo) for photo in told.photos]  # before the transaction: decoding is slow
    for attempt in (1, 2):
        try:
            with transaction.atomic():
                return _take_report(told, uid, pictures, by, at or told.received_at or timezone.now())
        except IntegrityError:
            before = _sent_before(told, uid)
            if before is not None:
                return before
            if attempt == 2:
                raise
    raise AssertionError("unreachable")


def _sent_before(told: Told, uid: uuid.UUID) -> Report | None:
    rows = Report.objects.select_related("case")
    found = rows.filter(uid=uid).first()
    if found is None and told.order_number:
        found = rows.filter(channel=told.channel, order_number=told.order_number).first()
    return found


def _take_report(
    told: Told, uid: uuid.UUID, pictures: list[Any], by: Person | None, at: dt.datetime
) -> Report:
    case = Case(source=told.source, what=(told.what or told.text)[:60], address=told.address[:120], reported_at=at, created_at=at,
                reporter=by, accuracy_m=told.accuracy_m, state=State.REPORTED, is_sample=told.is_sample)  # fmt: skip
    where = _place(case, told)
    _suggest(case, told, where)
    case.number = next_number(at)
    case.save(force_insert=True)
    report = Report.objects.create(
        uid=uid, case=case, source=told.source, channel=told.channel, order_number=told.order_number, text=told.text,
        address=told.address[:200], contact=told.contact, received_at=told.received_at or at, raw=told.raw or {},
        campaign_id=campaign_of(told, at),
    )  # fmt: skip
    for picture, shot in zip(pictures, told.photos, strict=True):
        store.attach(
            picture,
            case,
            role="found",
            by=by,
            at=at,
            taken_at=told.taken_at,
            point=_point(told),
            accuracy_m=told.accuracy_m,
            shot=shot,
        )
    CaseFlow.record(
        case, CaseFlow.by_code["report"], by=by, at=at, uid=uid, from_state="",
        cleaned={"source": str(told.source), "report": report.pk, "photos": [picture.sha256 for picture, _data in pictures],
                 "clock_s": told.clock_s},
    )  # fmt: skip
    return report


def join_report(case: Case, told: Told, *, by: Person | None, at: dt.datetime | None = None) -> Report:
    """Adds one more report, with its photos, to a case that is open already: 「就是它，并进去」; the same `uid` changes nothing.

    Raises Refused when the case has ended, BadPicture for a photo that cannot be used. The caller asks `see_case`.
    """
    at, uid = at or told.received_at or timezone.now(), told.uid or uuid.uuid4()
    pictures = [store.read(photo) for photo in told.photos]
    try:
        with transaction.atomic():
            case = Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
            before = _sent_before(told, uid)
            return before if before else _join_report(case, told, uid, pictures, by, at)
    except IntegrityError:
        before = _sent_before(told, uid)
        if before is None:
            raise
        return before


def _join_report(
    case: Case, told: Told, uid: uuid.UUID, pictures: list[Any], by: Person | None, at: dt.datetime
) -> Report:
    if not case.is_open:
        raise Refused(_("那件已结束，不能再并入；若又发生，另报一件。"))
    report = Report.objects.create(
        uid=uid, case=case, source=told.source, channel=told.channel, order_number=told.order_number, text=told.text,
        address=told.address[:200], contact=told.contact, received_at=told.received_at or at, raw=told.raw or {},
        campaign_id=campaign_of(told, at),
    )  # fmt: skip
    for picture in pictures:
        store.attach(picture, case, role="found", by=by, at=at, round=case.round, taken_at=told.taken_at,
                     point=_point(told), accuracy_m=told.accuracy_m)  # fmt: skip
    said = {"source": str(told.source), "report": report.pk, "photos": [picture.sha256 for picture, _data in pictures]}
    CaseFlow.record(case, CaseFlow.by_code["absorb"], by=by, at=at, uid=uid, cleaned=said)
    return report


@briefly
def _campaigns() -> list[Campaign]:
    return list(Campaign.objects.order_by("pk"))


def campaign_of(told: Told, at: dt.datetime) -> int | None:
    """The find-fault campaign a resident's report falls into (row 45), by the day it came."""
    if told.source not in (Source.RESIDENT, Source.WECHAT):
        return None
    day = timezone.localdate(at)
    return next((c.pk for c in _campaigns() if c.from_on <= day <= c.to_on), None)


def _point(told: Told) -> tuple[float, float, Datum] | None:
    return (told.lon, told.lat, told.datum) if told.lon is not None and told.lat is not None else None


def _place(case: Case, told: Told) -> routing.Where:
    where = routing.Where()
    point = _point(told)
    if told.site is not None:
        where = routing.of_site(told.site)
        if point is None and told.site.lon is not None and told.site.lat is not None:
            point = (told.site.lon, told.site.lat, Datum.WGS84)
        case.address = case.address or told.site.name
    if point is not None:
        case.locate(*point)
        assert case.lon is not None and case.lat is not None
        here = routing.locate(case.lon, case.lat)
        if here.in_city is False:
            raise OutsideCity(routing.where_sentence(here))
        if told.site is None:
            where = here
    case.street_id, case.area_id, case.road_id, case.site_id = where[:4]
    return where


def _suggest(case: Case, told: Told, where: routing.Where) -> None:
    """Suggests a kind from the words and a unit from place and kind; a person decides."""
    guesses = [] if told.kind else suggest_kind(told.text)
    case.kind = told.kind
    if guesses:
        case.suggested_kind, case.confidence = guesses[0]
    routed = routing.route(told.kind or case.suggested_kind, where)
    case.suggested_unit_id, case.why_unit = routed.unit_id, routed.why


def route_case(case: Case, kind: CaseKind) -> int | None:
    """Routes a case anew for a kind settled by a person; returns the unit's id."""
    where = routing.Where(case.street_id, case.area_id, case.road_id, case.site_id)
    routed = routing.route(kind, where)
    case.suggested_unit_id, case.why_unit = routed.unit_id, routed.why
    return routed.unit_id


def confirm_case(
    case: Case, *, by: Person, kind: CaseKind | None = None, unit: Unit | None = None, what: str = "",
    at: dt.datetime | None = None, uid: uuid.UUID | None = None,
) -> Case:  # fmt: skip
    """核实、立案、派遣 in one go, for a report whose suggestion is right or mended; all three steps or none.

    Raises Refused when no unit can be found: then the kind is settled, and a unit must be chosen.
    """
    with transaction.atomic():
        settled = kind or case.kind or case.suggested_kind
        given = {"kind": settled.pk if settled else "", "what": what}
        taken = CaseFlow.take(case, "verify", by=by, given=given, at=at, uid=uid)
        if taken.repeated:
            return taken.matter
        case = taken.matter
        assert case.kind is not None  # verify settled it
        route_case(case, case.kind)
        case.save(update_fields=["suggested_unit_id", "why_unit"])
        case = CaseFlow.take(case, "file", by=by, at=at).matter
        chosen = unit.pk if unit else case.suggested_unit_id
        if chosen is None:
            raise Refused(_("责任规则没有找到单位，选一个再派。"))
        return CaseFlow.take(case, "dispatch", by=by, given={"unit": chosen}, at=at).matter


def hand_over(
    case: Case, *, kind: str, to_unit: Unit, reason: str, by: Person, at: dt.datetime | None = None
) -> Handover:
    """Hands the case's file to another body; its clocks stand until the outcome is back (rows 43, 44, 15)."""
    at = at or timezone.now()
    if not rules.desk.allows(by, case):
        raise NotAllowed(_("移交由创建办或督导员办。"))
    if not reason.strip():
        raise Refused(_("写明移交的理由。"))
    try:
        with transaction.atomic():
            case = Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
            if not case.is_open:
                raise Refused(_("案件已结束，不用移交。"))
            handover = Handover(
                kind=kind, case=case, to_unit=to_unit, reason=reason, state="sent", created_at=at
            )
            handover.save(force_insert=True)
            HandoverFlow.record(
                handover,
                HandoverFlow.by_code["send"],
                by=by,
                cleaned={"reason": reason, "to": to_unit},
                at=at,
                from_state="",
            )
            CaseFlow.record(case, CaseFlow.by_code["pause"], by=None, cleaned={}, at=at)
            case.outside_unit, case.look_at = to_unit, None
            case.save(update_fields=["outside_unit", "look_at"])
    except IntegrityError as fault:
        raise Refused(_("这件案子已经在外单位，先收回或等反馈。")) from fault
    return handover


def sign(
    prepared: Prepared, *, signed: bool, by: Person, reason: str = "", at: dt.datetime | None = None
) -> Prepared:
    """A person signs what the clock prepared, or drops it; signing takes the step the rung names, once."""
    at = at or timezone.now()
    if not rules.desk.allows(by, prepared.case):
        raise NotAllowed(_("签发由创建办或督导员办。"))
    with transaction.atomic():
        taken = Prepared.objects.filter(pk=prepared.pk, decided_at__isnull=True)
        if not taken.update(decided_at=at, decided_by=by, is_signed=signed):
            raise Refused(_("这一条已经有人处理过。"))
        prepared.refresh_from_db()
        if signed:
            _carry_out(prepared, by, reason or prepared.ground, at)
    return prepared


def _carry_out(prepared: Prepared, by: Person, reason: str, at: dt.datetime) -> None:
    action, case = prepared.rung.action, prepared.case
    levels = {LadderAction.CIRCULAR: 1, LadderAction.YELLOW: 1, LadderAction.RED: 2}
    if action in levels:
        words = {
            "level": levels[LadderAction(action)],
            "reason": f"{prepared.rung.get_action_display()}：{reason}",
        }
        CaseFlow.take(case, "supervise", by=by, given=words, at=at)
        case.refresh_from_db()
        draft_for_prepared(prepared, by=by, at=at)
        return
    kind, unit_kind = (
        (Handover.Kind.SUPERVISION, "supervision")
        if action == LadderAction.SUPERVISION
        else (Handover.Kind.DISCIPLINE, "discipline")
    )
    unit = Unit.objects.filter(kind=unit_kind, is_active=True).order_by("pk").first()
    if unit is None:
        raise Refused(_("单位表里没有这类机构，先在单位表里加上。"))
    hand_over(case, kind=kind, to_unit=unit, reason=reason, by=by, at=at)


def ask_head(case: Case, *, by: Person, at: dt.datetime | None = None, uid: uuid.UUID | None = None) -> Case:
    """A leader asks the head of the unit (the office where no unit has it) about a case in what he answers for.

    Raises NotAllowed for a case outside his towns, roads and sites, Refused when it was asked today already.
    """
    places = Duty.objects.in_force().filter(person=by, kind__in=LEADER_DUTIES).values_list("place_id", flat=True)
    if not {case.street_id, case.road_id, case.site_id} & set(places):
        raise NotAllowed(_("这件案子不在你分包的镇街、路段和点位里。"))
    return CaseFlow.take(case, "ask", by=by, at=at, uid=uid).matter


def look_at_cases(now: dt.datetime | None = None, most: int = 500) -> int:
    """One turn of the clock: every case whose next moment has come gets its reminder, its prepared rung or its re-check.

    Safe to run twice and by two workers: the old moment is in the where clause, so one of them wins.
    """
    now = now or timezone.now()
    done = 0
    due = Case.objects.filter(look_at__lte=now).order_by("look_at").values_list("pk", "look_at")[:most]
    for pk, moment in list(due):
        with transaction.atomic():
            if Case.objects.filter(pk=pk, look_at=moment).update(look_at=None):
                _look(Case.objects.select_for_update(of=("self",)).get(pk=pk), now)
                done += 1
    return done


def _look(case: Case, now: dt.datetime) -> None:
    if case.state == State.CLOSED:
        CaseFlow.take(case, "draw", by=None, at=now)
        return
    if case.state == State.HELD:
        CaseFlow.take(case, "hold_ends", by=None, at=now)
        return
    if case.state in (State.ASSIGNED, State.FIXING) and case.fix_due_at and not case.is_paused:
        steps = ladder.timed(case)
        while case.rung < len(steps) and steps[case.rung][0] <= now:
            rung = steps[case.rung][1]
            case.rung += 1
            if rung.action in (LadderAction.REMIND_LIAISON, LadderAction.REMIND_HEAD):
                step = CaseFlow.by_code["remind"]
                CaseFlow.record(
                    case, step, by=None, cleaned={"action": rung.action, "rung": rung.rank}, at=now
                )
            else:
                ladder.prepare_rung(
                    case, rung, now, f"{rung.get_trigger_display()} {amount(rung.amount, rung.unit)}"
                )
    ladder.plan(case, now)
    case.save(update_fields=["rung", "look_at"])
