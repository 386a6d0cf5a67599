"""Taking a partner's messages in: each kept as it was with what came of it; one that failed can be played again."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable
from typing import Any, NamedTuple

from django.db import DataError, IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen.kernel.models import Entry, Unit
from chuangwen.kernel.workflow import notices
from chuangwen.kernel.workflow.flow import BadInput, NotAllowed, Refused
from chuangwen.problems import rules, tells
from chuangwen.problems.actions import Told, confirm_case, take_report
from chuangwen.problems.exchanging import messages
from chuangwen.problems.exchanging.json_form import read_json
from chuangwen.problems.exchanging.messages import Message, Unreadable
from chuangwen.problems.exchanging.points import degrees_of
from chuangwen.problems.exchanging.xml_form import open_envelope, read_request
from chuangwen.problems.flow import CaseFlow
from chuangwen.problems.models import (
    Case,
    CaseKind,
    ExchangeKind,
    ExchangeMessage,
    ExchangeState,
    Partner,
    Source,
    State,
)

NOTE = 490  # characters of a step's note; the whole text stays in the log


class Unmapped(Refused):
    """A code of theirs without one of ours beside it; `what` is "kinds" or "units"."""

    def __init__(self, what: str, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.what, self.code = what, code


class Came(NamedTuple):
    """What a message came to: the case it concerns, the entry it made, and what is noted about it."""

    case: Case | None = None
    entry: Entry | None = None
    note: str = ""
    waits: bool = False


def read_body(body: str) -> Message:
    """The message in a kept body, XML or JSON. Raises Unreadable."""
    if body.lstrip("\ufeff \r\n\t").startswith("{"):
        return read_json(body)
    return read_request(open_envelope(body).request)


def receive(partner: Partner, body: str, now: dt.datetime | None = None) -> ExchangeMessage:
    """Keeps a message and does what it says; the same message again changes nothing unless it had failed.

    Never raises for what the message is: one that cannot be read is kept as failed, with the sentence.
    """
    body = body.replace("\0", "\ufffd")
    try:
        message = read_body(body)
    except Unreadable as fault:
        return _kept_unread(partner, body, fault.sentence, now)
    row, made = _kept(partner, message.mark, now, body=body, kind=message.kind, their_id=message.task[:80])
    return row if not made and row.state == ExchangeState.DONE else play(row, now=now)


def _kept(
    partner: Partner, mark: str, now: dt.datetime | None, **columns: Any
) -> tuple[ExchangeMessage, bool]:
    return ExchangeMessage.objects.get_or_create(
        partner=partner, is_out=False, mark=mark, defaults={"at": now or timezone.now(), **columns}
    )


def _kept_unread(partner: Partner, body: str, sentence: str, now: dt.datetime | None) -> ExchangeMessage:
    mark = f"unread:{hashlib.sha256(body.encode()).hexdigest()}"
    row, _made = _kept(partner, mark, now, body=body, state=ExchangeState.FAILED, error=sentence[:500])
    return row


def play(row: ExchangeMessage, now: dt.datetime | None = None) -> ExchangeMessage:
    """Does what a kept message of theirs says, once: a done one is left alone, a failed one keeps its sentence."""
    now = now or timezone.now()
    with transaction.atomic():
        rows = ExchangeMessage.objects.select_for_update(of=("self",)).select_related("partner__person")
        row = rows.get(pk=row.pk)
        if row.is_out or row.state == ExchangeState.DONE or row.kind == ExchangeKind.ORDER:
            return row
        row.tries += 1
        try:
            with transaction.atomic():
                came = _carried_out(row, now)
        except (Unreadable, Refused, IntegrityError, DataError, ValueError) as fault:
            row.state, row.error = ExchangeState.FAILED, _sentence(fault)
        else:
            row.state = ExchangeState.WAITING if came.waits else ExchangeState.DONE
            row.case, row.entry, row.error = came.case, came.entry, came.note[:500]
            row.done_at = None if came.waits else now
        row.save()
    return row


def _sentence(fault: Exception) -> str:
    if isinstance(fault, BadInput):
        names = {
            name: fault.form.fields[name].label for name in fault.form.errors if name in fault.form.fields
        }
        return "；".join(
            f"{names.get(name, '')} {errors[0]}".strip() for name, errors in fault.form.errors.items()
        )[:500]
    if isinstance(fault, IntegrityError | DataError):
        return _("这条报文的内容存不下来，核对字段的长度和编号。")
    return str(fault)[:500]


def _carried_out(row: ExchangeMessage, now: dt.datetime) -> Came:
    message = read_body(row.body)
    row.kind, row.their_id = message.kind, message.task[:80]
    if message.kind == messages.DISPATCH:
        return _dispatched(row, message, now)
    given = ExchangeMessage.objects.filter(
        partner=row.partner,
        is_out=True,
        kind=ExchangeKind.DISPATCH,
        their_id=message.task,
        case__isnull=False,
    )
    found = given.select_related("case").order_by("-pk").first()
    if found is None:
        raise Refused(_("没有把编号 %(task)s 的案件交给过这个平台，核对 TaskNum。") % {"task": message.task})
    assert found.case is not None  # by the filter
    return _ANSWERS[message.kind](row, message, found.case, now)


def kind_code(message: Message) -> str:
    """Their code of the kind, from the class down: "2/11/112"."""
    return "/".join(filter(None, (message.get(name) for name in ("EventType", "MainType", "SubType"))))


def kind_of(partner: Partner, message: Message) -> CaseKind:
    """Our kind for theirs, by the longest part of its code that is mapped. Raises Unmapped."""
    code = kind_code(message)
    parts = code.split("/")
    for size in range(len(parts), 0, -1):
        ours = partner.kinds.get("/".join(parts[:size]))
        if ours:
            found = CaseKind.objects.filter(code=ours, is_active=True).first()
            if found:
                return found
            raise Unmapped("kinds", code, _("类别 %(code)s 对照到 %(ours)s，目录里没有或已停用。在对接平台页改对照，再重放。") % {
                "code": code, "ours": ours})  # fmt: skip
    raise Unmapped("kinds", code, _("不认得类别 %(code)s。在对接平台页补上对照，再重放。") % {"code": code})


def unit_of(partner: Partner, message: Message) -> Unit | None:
    """Our unit for theirs; None where the message names none. Raises Unmapped."""
    code = message.get("DealUnit")
    if not code:
        return None
    ours = partner.units.get(code)
    found = Unit.objects.filter(code=ours, is_active=True).first() if ours else None
    if found is None:
        raise Unmapped(
            "units", code, _("不认得单位 %(code)s。在对接平台页补上对照，再重放。") % {"code": code}
        )
    return found


def _dispatched(row: ExchangeMessage, message: Message, now: dt.datetime) -> Came:
    """A task of theirs becomes a case here, with kind and unit settled where our person there may settle them."""
    partner = row.partner
    person = partner.person
    if not rules.report.allows(person, None):
        raise NotAllowed(
            _("%(name)s没有在任的岗位，不能上报。给这个账号一个岗位，再重放。") % {"name": person.name}
        )
    kind, unit = kind_of(partner, message), unit_of(partner, message)
    before = _earlier(row, message)
    if before is not None and before.is_open:
        return _again(before, kind, unit, row, now)
    odd = messages.oddities(message)
    report = take_report(_told(partner, message, kind, odd, before, row), by=person, at=now)
    case = report.case
    note = _("时间前后对不上：%(fields)s，照收。") % {"fields": "、".join(odd)} if odd else ""
    if case.state == State.REPORTED and rules.dispatcher.allows(person, None):
        try:
            with transaction.atomic():
                case = confirm_case(case, by=person, kind=kind, unit=unit, at=now)
        except Refused as fault:
            note = f"{note}{fault}"
    return Came(case, None, note)


def _earlier(row: ExchangeMessage, message: Message) -> Case | None:
    """The case made of an earlier dispatch of the same task."""
    rows = ExchangeMessage.objects.filter(
        partner=row.partner,
        is_out=False,
        kind=ExchangeKind.DISPATCH,
        their_id=message.task,
        case__isnull=False,
    ).exclude(pk=row.pk)
    found = rows.select_related("case").order_by("-pk").first()
    return found.case if found else None


def _again(case: Case, kind: CaseKind, unit: Unit | None, row: ExchangeMessage, now: dt.datetime) -> Came:
    """The task sent anew while its case is open: dispatched anew where it waits for that, else named."""
    person = row.partner.person
    given = {"unit": unit.pk} if unit else {}
    if case.state == State.FILED:
        taken = CaseFlow.take(case, "dispatch", by=person, given=given, at=now, uid=row.uid)
        return Came(taken.matter, taken.entry)
    if case.state == State.REPORTED:
        return Came(confirm_case(case, by=person, kind=kind, unit=unit, at=now, uid=row.uid))
    raise Refused(
        _("任务 %(task)s 已收过，是案件 %(number)s，现在%(state)s；这次的内容不同。核对后在案件页处理。")
        % {"task": row.their_id, "number": case.number, "state": State(case.state).label}
    )


def _told(
    partner: Partner,
    message: Message,
    kind: CaseKind,
    odd: list[str],
    before: Case | None,
    row: ExchangeMessage,
) -> Told:
    point = degrees_of(message.get("CoordinateX"), message.get("CoordinateY"), partner.projection)
    sent = messages.moment(message, "SendTime")
    raw: dict[str, Any] = {
        name: value for name, value in message.fields.items() if name != "EventDescription"
    }
    raw |= {"pictures": [each.url for each in message.pictures]} if message.pictures else {}
    raw |= {"odd": odd} if odd else {}
    number = (
        message.task if before is None else f"{message.task}-{row.pk}"
    )  # a task sent anew after its case ended
    told = Told(
        text=message.get("EventDescription"), source=Source.HOTLINE, kind=kind, uid=row.uid, raw=raw,
        address=message.get("EventAddress") or message.get("CommunityName"), channel=partner.code, order_number=number,
        received_at=_local(sent),
    )  # fmt: skip
    if point is not None:
        told.lon, told.lat, told.datum = point
    return told


def _local(moment: dt.datetime | None) -> dt.datetime | None:
    if moment is None:
        return None
    return moment if moment.tzinfo else timezone.make_aware(moment)


def _step(row: ExchangeMessage, case: Case, code: str, given: dict[str, Any], now: dt.datetime) -> Came:
    taken = CaseFlow.take(case, code, by=row.partner.person, given=given, at=now, uid=row.uid)
    return Came(taken.matter, taken.entry)


def _answered(row: ExchangeMessage, message: Message, case: Case, now: dt.datetime) -> Came:
    return _step(row, case, "answer", {"note": message.get("FeedbackMemo")[:NOTE]}, now)


def _returned(row: ExchangeMessage, message: Message, case: Case, now: dt.datetime) -> Came:
    return _step(row, case, "return", {"reason": message.get("RollbackMemo")[:NOTE]}, now)


def _delayed(row: ExchangeMessage, message: Message, case: Case, now: dt.datetime) -> Came:
    amount, unit = messages.span_of(message.get("ApplyDelayInfo"))
    given = {"amount": amount, "unit": unit, "reason": message.get("ApplyMemo")[:NOTE]}
    return _step(row, case, "ask_extension", given, now)


def _to_hold(row: ExchangeMessage, message: Message, case: Case, now: dt.datetime) -> Came:
    """Holding is the office's to decide: the wish waits, and the office is told."""
    if case.state == State.HELD:
        return Came(case)
    if case.state not in (State.ASSIGNED, State.FIXING):
        raise Refused(_("案件 %(number)s 现在是%(state)s，不能挂账。") % {
            "number": case.number, "state": State(case.state).label})  # fmt: skip
    if row.state != ExchangeState.WAITING or row.tries <= 1:
        notices.tell(tells.asked_to_hold(case), now)
    return Came(case, None, message.get("ApplyMemo"), waits=True)


_ANSWERS: dict[str, Callable[[ExchangeMessage, Message, Case, dt.datetime], Came]] = {
    messages.FEEDBACK: _answered, messages.RETURN: _returned, messages.DELAY: _delayed, messages.SUSPEND: _to_hold,
}  # fmt: skip


def unknown_codes(partner: Partner, most: int = 200) -> dict[str, list[str]]:
    """Their codes in failed dispatches that have none of ours beside them: {"kinds": […], "units": […]}."""
    rows = ExchangeMessage.objects.filter(
        partner=partner, is_out=False, kind=ExchangeKind.DISPATCH, state=ExchangeState.FAILED
    ).order_by("-at", "-pk")
    found: dict[str, list[str]] = {"kinds": [], "units": []}
    kinds = set(CaseKind.objects.filter(is_active=True).values_list("code", flat=True))
    units = set(Unit.objects.filter(is_active=True).values_list("code", flat=True))
    for body in rows.values_list("body", flat=True)[:most]:
        try:
            message = read_body(body)
        except Unreadable:
            continue
        parts = kind_code(message).split("/")
        prefixes = ["/".join(parts[:size]) for size in range(len(parts), 0, -1)]
        if (
            not any(partner.kinds.get(each) in kinds for each in prefixes)
            and prefixes[0] not in found["kinds"]
        ):
            found["kinds"].append(prefixes[0])
        unit = message.get("DealUnit")
        if unit and partner.units.get(unit) not in units and unit not in found["units"]:
            found["units"].append(unit)
    return found
