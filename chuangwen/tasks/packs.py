"""What people and the clock do with packs: make one for its day, fill it, edit it beside what was gathered, let it pass."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen.kernel.city import calendar
from chuangwen.kernel.models import Person
from chuangwen.kernel.workflow import history
from chuangwen.kernel.workflow.flow import NotAllowed, Refused
from chuangwen.tasks import beats, rules
from chuangwen.tasks.meeting_flow import PackFlow
from chuangwen.tasks.meeting_models import Beat, Cadence, Pack, PackState, Shift

Section = dict[str, Any]
# (cadence, day, month, what on a day off, days ahead) a city begins with; it changes them on its own page.
USUAL = (
    (Cadence.DAILY, 1, 1, Shift.SKIP, 0),
    (Cadence.WEEKLY, 1, 1, Shift.NEXT, 3),
    (Cadence.MONTHLY, 5, 1, Shift.NEXT, 3),
    (Cadence.QUARTERLY, 10, 1, Shift.NEXT, 7),
    (Cadence.YEARLY, 1, 3, Shift.NEXT, 14),
)


@transaction.atomic
def use_usual_beats(*, by: Person) -> int:
    """Puts in the beats that are missing, as a sample to change; returns how many. Twice is once."""
    if not rules.edit.allows(by, None):
        raise NotAllowed(_("工作节奏由创建办定。"))
    made = 0
    for cadence, day, month, shift, lead in USUAL:
        row, is_new = Beat.objects.get_or_create(
            cadence=cadence,
            defaults={"day": day, "month": month, "shift": shift, "lead_days": lead, "source": _("常用安排，可改")},
        )  # fmt: skip
        if is_new:
            made += 1
            history.log_change(
                row, by_id=by.pk, changes={"cadence": (None, str(cadence)), "day": (None, day)}
            )
    return made


def when_of(beat: Beat) -> beats.When:
    return beats.When(beat.cadence, beat.day, beat.month, beat.shift)


def days_due(beat: Beat, today: dt.date) -> list[dt.date]:
    """The days whose pack is to be there today: from today to `lead_days` ahead."""
    if not beat.is_on:
        return []
    until = today + dt.timedelta(days=beat.lead_days)
    return list(beats.days(when_of(beat), today, until, calendar().is_workday))


def make_pack(
    cadence: str, on: dt.date, *, by: Person | None, at: dt.datetime | None = None
) -> tuple[Pack, bool]:
    """The pack of a cadence for a day and whether it is new; by the clock (`by=None`) or the desk. One a day, whoever asks."""
    if by is not None and not rules.desk.allows(by, None):
        raise NotAllowed(_("材料由创建办备。"))
    at = at or timezone.now()
    first, last = beats.span(Cadence(cadence).value, on)
    with transaction.atomic():
        pack, made = Pack.objects.get_or_create(
            cadence=cadence,
            on=on,
            defaults={"from_on": first, "to_on": last, "state": PackState.PREPARED, "created_at": at},
        )
        if made:
            said = {"cadence": cadence, "on": on}
            PackFlow.record(pack, PackFlow.by_code["make"], by=by, cleaned=said, at=at, from_state="")
    return pack, made


def _open(pack: Pack, code: str, by: Person | None) -> Pack:
    row = Pack.objects.select_for_update(of=("self",)).get(pk=pack.pk)
    step = PackFlow.by_code[code]
    why = PackFlow.why_not(row, step, by)
    if why:
        raise Refused(why) if by is None or step.rule.allows(by, row) else NotAllowed(why)
    return row


@transaction.atomic
def fill_pack(
    pack: Pack, sections: Sequence[Section], *, by: Person | None, at: dt.datetime | None = None
) -> Pack:
    """What was gathered, in place of what was gathered before; edits are kept apart and stay. Refused once held."""
    row = _open(pack, "gather", by)
    at = at or timezone.now()
    changed = list(sections) != row.sections
    row.sections, row.gathered_at = list(sections), at
    row.save(update_fields=["sections", "gathered_at"])
    if changed:
        said = {"sections": [one["code"] for one in sections]}
        PackFlow.record(row, PackFlow.by_code["gather"], by=by, cleaned=said, at=at)
    return row


@transaction.atomic
def edit_pack(
    pack: Pack, *, by: Person, focus: str | None = None, texts: Mapping[str, str] | None = None,
    dropped: Sequence[str] | None = None, order: Sequence[str] | None = None, at: dt.datetime | None = None,
) -> Pack:  # fmt: skip
    """The focus, sections' texts by code, which are left out, and their order; what is None stays.

    A text that is emptied or equals the gathered one gives the section back to what is gathered.
    """
    row = _open(pack, "edit", by)
    gathered = {one["code"]: one for one in row.sections}
    edits = {code: dict(edit) for code, edit in row.edits.items()}
    for code, text in (texts or {}).items():
        if code not in gathered:
            continue
        text = text.replace("\r\n", "\n").strip()
        edits.setdefault(code, {}).pop("text", None)
        if text and text != gathered[code]["text"].strip():
            edits[code]["text"] = text[:4000]
    if dropped is not None:
        for code in gathered:
            edits.setdefault(code, {})["dropped"] = code in dropped
    if order is not None:
        for rank, code in enumerate(order):
            if code in gathered:
                edits.setdefault(code, {})["rank"] = rank
    edits = {
        code: kept
        for code, edit in edits.items()
        if (kept := {k: v for k, v in edit.items() if v is not False})
    }
    changes: dict[str, Any] = {}
    if focus is not None and focus.strip() != row.focus:
        changes["focus"] = [row.focus, focus.strip()]
        row.focus = focus.strip()[:2000]
    if edits != row.edits:
        changes["sections"] = sorted(
            code for code in {*edits, *row.edits} if edits.get(code) != row.edits.get(code)
        )
        row.edits = edits
    if changes:
        row.save(update_fields=["focus", "edits"])
        PackFlow.record(
            row, PackFlow.by_code["edit"], by=by, cleaned={"changes": changes}, at=at or timezone.now()
        )
    return row


def shown(pack: Pack, *, all_of_them: bool = False) -> list[Section]:
    """The sections as they are shown: in the edited order, with edited texts, without those left out.

    Each has besides `gathered` (the text as gathered), `is_edited` and `is_dropped`.
    """
    found = []
    for at, section in enumerate(pack.sections):
        edit = pack.edits.get(section["code"], {})
        line = {
            **section, "gathered": section["text"], "text": edit.get("text", section["text"]), "is_edited": "text" in edit,
            "is_dropped": bool(edit.get("dropped")),
        }  # fmt: skip
        found.append((edit.get("rank", at), at, line))
    ordered = [line for _rank, _at, line in sorted(found, key=lambda x: x[:2])]
    return ordered if all_of_them else [line for line in ordered if not line["is_dropped"]]


def pass_by(today: dt.date, now: dt.datetime) -> int:
    """Packs nobody held whose day is over and which have a follower are past; returns how many. Safe to run twice."""
    done = 0
    rows = Pack.objects.filter(state=PackState.PREPARED, on__lt=today, meeting=None).order_by("pk")
    for pack in list(rows[:200]):
        if not Pack.objects.filter(cadence=pack.cadence, on__gt=pack.on, on__lte=today).exists():
            continue
        try:
            PackFlow.take(pack, "pass_by", by=None, at=now)
            done += 1
        except Refused:  # another worker was there first
            continue
    return done
