"""What people do with meetings: plan, agenda, who comes, what was decided, decisions into tasks; safe to send twice."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen.kernel.city import city
from chuangwen.kernel.models import Counter, Entry, Person, Unit
from chuangwen.kernel.workflow import history
from chuangwen.kernel.workflow.flow import NotAllowed, Refused
from chuangwen.tasks.actions import make_task
from chuangwen.tasks.flow import TaskFlow
from chuangwen.tasks.meeting_flow import MeetingFlow, PackFlow
from chuangwen.tasks.meeting_models import (
    AgendaItem,
    Attendance,
    Decision,
    Meeting,
    MeetingState,
    Pack,
    PackState,
    Presence,
)
from chuangwen.tasks.models import Task, TaskKind

REVISABLE = ("title", "starts_at", "place", "chair", "note")


def next_number(day: dt.date) -> str:
    """The next meeting number of the year, such as GY-HY-2026-001."""
    row = city()
    return f"{row.prefix if row else 'CW'}-HY-{day.year}-{Counter.next(f'meeting {day.year}'):03d}"


def _before(uid: uuid.UUID | None) -> Meeting | None:
    entry = Entry.objects.filter(uid=uid, subject="tasks.meeting").first() if uid else None
    return Meeting.objects.get(pk=entry.subject_id) if entry else None


def _open(meeting: Meeting, code: str, by: Person, at: dt.datetime | None) -> Meeting:
    """The meeting, locked, with the step checked: state and rule. Raises Refused or NotAllowed."""
    row = Meeting.objects.select_for_update(of=("self",)).get(pk=meeting.pk)
    row.moment = at
    step = MeetingFlow.by_code[code]
    why = MeetingFlow.why_not(row, step, by)
    if why:
        raise Refused(why) if step.rule.allows(by, row) else NotAllowed(why)
    return row


def _record(
    row: Meeting, code: str, by: Person, at: dt.datetime | None, uid: uuid.UUID | None = None, **said: Any
) -> None:
    MeetingFlow.record(row, MeetingFlow.by_code[code], by=by, cleaned=said, at=at or timezone.now(), uid=uid)


def plan_meeting(
    title: str, starts_at: dt.datetime, place: str, *, by: Person, cadence: str = "", pack: Pack | None = None, chair: str = "",
    note: str = "", units: Iterable[Unit] = (), agenda: Sequence[tuple[str, str]] = (), is_sample: bool = False,
    at: dt.datetime | None = None, uid: uuid.UUID | None = None,
) -> Meeting:  # fmt: skip
    """A meeting with its number, units and agenda (topic, who speaks); a pack belongs to one meeting at most.

    The same `uid` again gives the meeting made first. Raises NotAllowed for anybody but the office, Refused for an empty
    title or place, or a pack that has a meeting already.
    """
    if not MeetingFlow.by_code["plan"].rule.allows(by, None):
        raise NotAllowed(_("会议由创建办安排。"))
    if not title.strip() or not place.strip():
        raise Refused(_("会议名称和地点都要写。"))
    at = at or timezone.now()
    with transaction.atomic():
        if pack is not None:
            pack = Pack.objects.select_for_update().get(
                pk=pack.pk
            )  # one writer: sent twice at once makes one
        if known := _before(uid):
            return known
        if pack is not None and Meeting.objects.filter(pack=pack).exists():
            raise Refused(_("这份材料已经安排了会议。"))
        row = Meeting(
            number=next_number(timezone.localdate(starts_at)), title=title.strip()[:100], cadence=cadence, pack=pack,
            starts_at=starts_at, place=place.strip()[:100], chair=chair.strip()[:60], note=note.strip()[:300],
            is_sample=is_sample, state=MeetingState.PLANNED, created_at=at,
        )  # fmt: skip
        row.save(force_insert=True)
        Attendance.objects.bulk_create(Attendance(meeting=row, unit=unit) for unit in dict.fromkeys(units))
        _put_agenda(row, agenda)
        said = {
            "title": row.title,
            "starts_at": starts_at,
            "place": row.place,
            "agenda": [x for x, _who in agenda],
        }
        MeetingFlow.record(
            row, MeetingFlow.by_code["plan"], by=by, cleaned=said, at=at, uid=uid, from_state=""
        )
    return row


@transaction.atomic
def revise_meeting(
    meeting: Meeting, values: Mapping[str, Any], *, by: Person, at: dt.datetime | None = None
) -> Meeting:
    """Changes words, time and place; those told already are told of a new time or place. Only what differs is kept."""
    row = _open(meeting, "revise", by, at)
    old = {name: getattr(row, name) for name in REVISABLE if name in values}
    changed = {name: values[name] for name in old if old[name] != values[name]}
    if any(name in changed and not str(changed[name]).strip() for name in ("title", "place")):
        raise Refused(_("会议名称和地点都要写。"))
    for name, value in changed.items():
        setattr(row, name, value)
    if changed:
        row.save(update_fields=list(changed))
        pairs = {name: [history.typed(old[name]), history.typed(value)] for name, value in changed.items()}
        _record(row, "revise", by, at, changes=pairs)
    return row


def _put_agenda(row: Meeting, agenda: Sequence[tuple[str, str]]) -> None:
    row.agenda.all().delete()
    AgendaItem.objects.bulk_create(
        AgendaItem(meeting=row, rank=i, text=text.strip()[:200], speaker=who.strip()[:60])
        for i, (text, who) in enumerate(((t, w) for t, w in agenda if t.strip()), 1)
    )


@transaction.atomic
def set_agenda(
    meeting: Meeting, agenda: Sequence[tuple[str, str]], *, by: Person, at: dt.datetime | None = None
) -> Meeting:
    """The agenda as a whole, in order: (topic, who speaks). Empty topics are left out; the same again changes nothing."""
    row = _open(meeting, "set_agenda", by, at)
    wanted = [(text.strip()[:200], who.strip()[:60]) for text, who in agenda if text.strip()]
    if wanted != list(row.agenda.values_list("text", "speaker")):
        _put_agenda(row, wanted)
        _record(row, "set_agenda", by, at, agenda=[f"{text} {who}".strip() for text, who in wanted])
    return row


@transaction.atomic
def list_units(
    meeting: Meeting, units: Iterable[Unit], *, by: Person, at: dt.datetime | None = None
) -> Meeting:
    """Which units are asked to come; a unit that was told already stays on the list."""
    row = _open(meeting, "list_units", by, at)
    wanted = {unit.pk for unit in units}
    there = dict(row.attendance.values_list("unit_id", "invited_at"))
    gone = [pk for pk, told in there.items() if pk not in wanted and told is None]
    new = sorted(wanted - set(there))
    row.attendance.filter(unit__in=gone, invited_at__isnull=True, presence=Presence.UNKNOWN).delete()
    Attendance.objects.bulk_create(Attendance(meeting=row, unit_id=pk) for pk in new)
    if new or gone:
        _record(row, "list_units", by, at, added=new, removed=sorted(gone))
    return row


@dataclass(frozen=True)
class Came:
    """One line of the attendance table."""

    unit_id: int
    presence: str = Presence.CAME
    who: str = ""
    has_spoken: bool = False
    note: str = ""


@transaction.atomic
def record_attendance(
    meeting: Meeting, lines: Iterable[Came], *, by: Person, at: dt.datetime | None = None
) -> Meeting:
    """Who came, is on leave, is absent, and who spoke (表态发言); only lines that differ are written.

    Raises Refused for a unit that is not on the meeting's list or a word that is none of Presence.
    """
    row = _open(meeting, "attend", by, at)
    known = {
        one.unit_id: one for one in row.attendance.select_for_update(of=("self",)).select_related("unit")
    }
    said: dict[str, Any] = {}
    for line in lines:
        one = known.get(line.unit_id)
        if one is None:
            raise Refused(_("名单里没有这个单位，先加到参会单位。"))
        if line.presence not in Presence.values:
            raise Refused(_("到会情况只有未记、到会、请假、缺席。"))
        new = (line.presence, line.who.strip()[:60], line.has_spoken, line.note.strip()[:100])
        if new == (one.presence, one.who, one.has_spoken, one.note):
            continue
        one.presence, one.who, one.has_spoken, one.note = new
        one.save(update_fields=["presence", "who", "has_spoken", "note"])
        said[one.unit.code] = list(new)
    if said:
        _record(row, "attend", by, at, lines=said)
    return row


def hold_meeting(
    meeting: Meeting, *, by: Person, at: dt.datetime | None = None, uid: uuid.UUID | None = None
) -> Meeting:
    """会已开: the meeting's pack is frozen with it, in one transaction."""
    with transaction.atomic():
        row: Meeting = MeetingFlow.take(meeting, "hold", by=by, at=at, uid=uid).matter
        pack = Pack.objects.filter(meeting=row).first()
        if pack is not None and pack.state == PackState.PREPARED:
            PackFlow.take(pack, "hold", by=by, at=at)
    return row


@transaction.atomic
def write_minutes(
    meeting: Meeting, text: str, *, by: Person, seen: str | None = None, at: dt.datetime | None = None
) -> Meeting:
    """The text of the minutes; `seen` is the text the writer began from, and Refused when another changed it since."""
    row = _open(meeting, "write", by, at)
    text = text.replace("\r\n", "\n").strip()
    if text == row.minutes:
        return row
    if seen is not None and seen.replace("\r\n", "\n").strip() != row.minutes:
        raise Refused(_("另一人刚改过纪要，重新打开再改；你写的还在下面。"))
    row.minutes = text
    row.save(update_fields=["minutes"])
    _record(row, "write", by, at, text=text)
    return row


@dataclass(frozen=True)
class Decided:
    """One line of the table of decisions; `uid` is the line's own, so that sending it twice makes one."""

    text: str
    unit: Unit | None = None
    due_on: dt.date | None = None
    uid: uuid.UUID | None = None


@transaction.atomic
def save_decisions(
    meeting: Meeting, lines: Sequence[Decided], *, by: Person, at: dt.datetime | None = None
) -> list[Decision]:
    """The table of decisions as given, in order. A known line whose text is emptied goes; one with a task stays as it is.

    Lines of the meeting that are not given stay: two people at one table do not remove each other's.
    """
    row = _open(meeting, "decide", by, at)
    known = {one.uid: one for one in row.decisions.select_for_update(of=("self",)).all()}
    last = max((one.rank for one in known.values()), default=0)
    said: list[list[Any]] = []
    for line in lines:
        uid, text = line.uid or uuid.uuid4(), line.text.strip()[:300]
        old = known.get(uid)
        if old is not None and old.task_id:
            continue
        if old is None and text:
            last += 1
            Decision.objects.create(
                uid=uid, meeting=row, rank=last, text=text, unit=line.unit, due_on=line.due_on
            )
        elif old is not None and not text:
            old.delete()
        elif old is not None and (old.text, old.unit_id, old.due_on) != (
            text,
            line.unit and line.unit.pk,
            line.due_on,
        ):
            old.text, old.unit, old.due_on = text, line.unit, line.due_on
            old.save(update_fields=["text", "unit", "due_on"])
        else:
            continue
        said.append([str(uid), text, line.unit.code if line.unit else None, line.due_on])
    if said:
        _record(row, "decide", by, at, lines=said)
    return list(row.decisions.select_related("unit", "task"))


@transaction.atomic
def turn_decision(decision: Decision, *, by: Person, at: dt.datetime | None = None) -> Task:
    """转任务: the decision as a task of its unit until its date, published at once; a second click gives the same task.

    Raises NotAllowed for anybody but the office, Refused for a decision without unit or date or with a date that is over.
    """
    row = _open(Meeting(pk=decision.meeting_id), "turn", by, at)
    decision = (
        Decision.objects.select_for_update(of=("self",)).select_related("task", "unit").get(pk=decision.pk)
    )
    if decision.task is not None:
        return decision.task
    if decision.unit is None or decision.due_on is None:
        raise Refused(_("“%(text)s”还没有单位或期限，填上再转任务。") % {"text": decision.text[:20]})
    if decision.due_on <= timezone.localdate(at):
        raise Refused(_("“%(text)s”的期限要晚于今天。") % {"text": decision.text[:20]})
    task = make_task(
        by=by, kind=TaskKind.ACTIVITY, title=decision.text[:120], text=decision.text, due_on=decision.due_on, unit=decision.unit,
        source=_("会议决定 %(number)s %(title)s") % {"number": row.number, "title": row.title}, is_sample=row.is_sample, at=at,
    )  # fmt: skip
    task = TaskFlow.take(task, "publish", by=by, at=at).matter
    decision.task = task
    decision.save(update_fields=["task"])
    _record(row, "turn", by, at, decision=str(decision.uid), task=task.number)
    return task
