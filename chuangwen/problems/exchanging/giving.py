"""What we send to partners: the steps of cases that came from them, and cases of ours that they are to do."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen.kernel.city import briefly
from chuangwen.kernel.models import Entry, Evidence, Person
from chuangwen.kernel.screens.words import amount
from chuangwen.kernel.workflow.flow import NotAllowed, Refused, reacts_to
from chuangwen.problems import rules
from chuangwen.problems.exchanging import messages
from chuangwen.problems.exchanging.messages import SHAPES, Message, Picture, compose
from chuangwen.problems.exchanging.points import written
from chuangwen.problems.exchanging.xml_form import write_xml
from chuangwen.problems.models import (
    Case,
    ExchangeKind,
    ExchangeMessage,
    ExchangeState,
    Partner,
    Source,
    State,
)

# Step of a case that came from a partner → the message that tells of it.
TOLD = {
    "answer": messages.FEEDBACK, "return": messages.RETURN, "void": messages.RETURN, "ask_extension": messages.DELAY,
    "hold": messages.SUSPEND,
}  # fmt: skip


@briefly
def _has_partners() -> bool:
    return Partner.objects.filter(is_on=True).exists()


def came_from(case: Case) -> ExchangeMessage | None:
    """The dispatch this case was made of, if a partner that is on sent it; no query in a city without partners."""
    if not _has_partners():
        return None
    rows = ExchangeMessage.objects.filter(
        case=case, is_out=False, kind=ExchangeKind.DISPATCH, partner__is_on=True
    ).select_related("partner")
    return rows.order_by("-pk").first()


def _told(case: Case, entry: Entry, by: Person | None) -> None:
    """Writes the message that tells a partner of a step of its case, in the step's own transaction."""
    origin = came_from(case)
    if origin is None:
        return
    kind = TOLD[entry.step]
    fields, pictures = _fields(case, entry, origin), []
    if kind == messages.FEEDBACK:
        pictures = pictures_of(case, origin.partner)
    put_out(origin.partner, compose(kind, fields, pictures), case=case, entry=entry, mark=str(entry.uid))


for _code in TOLD:
    reacts_to("problems.case", _code)(_told)


def _fields(case: Case, entry: Entry, origin: ExchangeMessage) -> dict[str, str]:
    given: dict[str, Any] = entry.given
    when = timezone.localtime(entry.at).strftime("%Y-%m-%d %H:%M:%S")
    who = _their_unit(case, entry, origin.partner)
    kind, reason = TOLD[entry.step], str(given.get("reason") or "")
    if kind == messages.FEEDBACK:
        return {"TaskNum": origin.their_id, "FeedbackDate": when, "FeedbackMemo": str(given.get("note") or ""),
                "FeedbackOpter": who}  # fmt: skip
    if kind == messages.RETURN:
        return {
            "TaskNum": origin.their_id,
            "RollbackOpter": who,
            "RollbackDate": when,
            "RollbackMemo": reason,
        }
    asked = ""
    if kind == messages.DELAY and case.asked_extension:
        number, unit = case.asked_extension.split()
        asked = amount(Decimal(number), unit)
    until = (
        f"（{_('挂账至')} {case.held_until.isoformat()}）"
        if kind == messages.SUSPEND and case.held_until
        else ""
    )
    return {"TaskNum": origin.their_id, "ApplayOpter": who, "ApplyDelayInfo": asked, "ApplyDate": when,
            "ApplyMemo": reason + until}  # fmt: skip


def _their_unit(case: Case, entry: Entry, partner: Partner) -> str:
    """Their code of the unit that took the step, else ours."""
    code = case.unit.code if case.unit else ""
    if not code and isinstance(entry.given.get("from_unit"), dict):
        from chuangwen.kernel.models import Unit

        unit = Unit.objects.filter(pk=entry.given["from_unit"].get("id")).first()
        code = unit.code if unit else ""
    return next((theirs for theirs, ours in partner.units.items() if ours == code), code)


def pictures_of(case: Case, partner: Partner) -> list[Picture]:
    """Links to the photos of this round's fix, served to this partner's key only (re-encoded, without EXIF)."""
    rows = Evidence.objects.filter(
        subject=case.subject, subject_id=case.pk, role="fixed", round=case.round, is_hidden=False
    ).order_by("pk")
    hashes = rows.values_list("blob__sha256", flat=True)
    return [Picture(f"{each[:16]}.jpg", f"/exchange/{partner.code}/photos/{each}") for each in hashes]


def may_have_photo(partner: Partner, sha256: str) -> bool:
    """Whether this photo shows the fix of a case that came from this partner."""
    if len(sha256) != 64:
        return False
    cases = Evidence.objects.filter(
        subject="problems.case", blob__sha256=sha256, role="fixed", is_hidden=False
    ).values("subject_id")
    return ExchangeMessage.objects.filter(
        partner=partner, is_out=False, kind=ExchangeKind.DISPATCH, case__in=cases
    ).exists()


def put_out(
    partner: Partner, message: Message, *, case: Case, entry: Entry | None, mark: str
) -> ExchangeMessage:
    """Writes a message for the partner to be sent or fetched; the same mark again changes nothing."""
    row, _made = ExchangeMessage.objects.get_or_create(
        partner=partner, is_out=True, mark=f"{message.kind}:{message.task[:60]}:{mark}"[:120],
        defaults={
            "kind": message.kind, "their_id": message.task[:80], "body": write_xml(message), "case": case, "entry": entry,
            "next_try_at": timezone.now() if partner.url else None,
        },
    )  # fmt: skip
    return row


@transaction.atomic
def give_case(case: Case, partner: Partner, *, by: Person, at: dt.datetime | None = None) -> ExchangeMessage:
    """Gives a case that a unit has to a partner as a task of theirs: what, where, until when; not who reported it nor how
    to reach him. Twice in one dispatch is once.

    Raises NotAllowed, or Refused for a case without a unit, a covert one, or a kind this partner has no code for.
    """
    case = Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
    if not rules.dispatcher.allows(by, case):
        raise NotAllowed(_("交给平台由创建办、督导员或派遣员办。"))
    if case.state not in (State.ASSIGNED, State.FIXING):
        raise Refused(_("案件 %(number)s 现在是%(state)s；先派给单位，再交给平台。") % {
            "number": case.number, "state": State(case.state).label})  # fmt: skip
    if case.source == Source.COVERT:
        raise Refused(_("暗访发现的问题不交给外部平台。"))
    if came_from(case) is not None:
        raise Refused(_("这件是平台交来的，不再交出。"))
    return put_out(
        partner, _task(case, partner, at or timezone.now()), case=case, entry=None, mark=str(case.passes)
    )


def _task(case: Case, partner: Partner, at: dt.datetime) -> Message:
    assert case.kind is not None  # a case with a unit has its kind
    code = next((theirs for theirs, ours in partner.kinds.items() if ours == case.kind.code), "")
    if not code:
        raise Refused(
            _("类别“%(kind)s”在这个平台没有对照。在对接平台页补上，再交。") % {"kind": case.kind.name}
        )
    parts = [*code.split("/"), "", ""][:3]
    x, y = (
        written(case.lon, case.lat, partner.projection)
        if case.lon is not None and case.lat is not None
        else ("", "")
    )
    unit = case.unit.code if case.unit else ""
    due = case.fix_due_at
    return compose(messages.DISPATCH, {
        "TaskNum": case.number, "FindTime": _moment(case.reported_at), "EventType": parts[0],
        "MainType": parts[1] or parts[0], "SubType": parts[2], "StreetName": str(case.street or ""),
        "CommunityName": str(case.area or ""), "CoordinateX": x, "CoordinateY": y, "EventAddress": case.address,
        "EventDescription": f"{case.kind.name}：{case.what}",
        "SendTime": _moment(at), "DealEndTime": _moment(due) if due else "",
        "DealUnit": next((theirs for theirs, ours in partner.units.items() if ours == unit), unit),
    })  # fmt: skip


def _moment(at: dt.datetime) -> str:
    return timezone.localtime(at).strftime("%Y-%m-%d %H:%M:%S")


@reacts_to("problems.case", "hold")
def _hold_granted(case: Case, entry: Entry, by: Person | None) -> None:
    """A partner's wish to put off a case it has is granted: its message is done."""
    if _has_partners():
        ExchangeMessage.objects.filter(
            case=case, is_out=False, kind=ExchangeKind.SUSPEND, state=ExchangeState.WAITING
        ).update(done_at=entry.at, entry=entry, state=ExchangeState.DONE)


def settle(row: ExchangeMessage, sentence: str, *, by: Person) -> None:
    """The office says no to a partner's wish that waits, or that a failed message needs nothing more; with its reason."""
    if not rules.desk.allows(by, None):
        raise NotAllowed(_("由创建办或督导员办。"))
    if not sentence.strip():
        raise Refused(_("写明理由，对方要看得懂。"))
    said = f"{by.name}：{sentence.strip()}"[:500]
    now = timezone.now()
    open_rows = ExchangeMessage.objects.filter(pk=row.pk).exclude(state=ExchangeState.DONE)
    if not open_rows.update(error=said, done_at=now, next_try_at=None, state=ExchangeState.DONE):
        raise Refused(_("这一条已经办了。"))


def functions() -> list[str]:
    """The functions of all messages, for people who set a partner up."""
    return list(dict.fromkeys(shape.function for shape in SHAPES.values()))
