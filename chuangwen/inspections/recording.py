"""Visits sent in: what was seen on each check item, once, with points, photos and sums in one transaction."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen.inspections import rules, tallies
from chuangwen.inspections.checklist import checklist
from chuangwen.inspections.flow import RoundFlow
from chuangwen.inspections.grading import BadGrade, Graded, grade
from chuangwen.inspections.models import Observation, Round, RoundKind, State, Visit, VisitState
from chuangwen.inspections.releasing import MOST_PHOTOS, open_cases, photo_uid
from chuangwen.kernel.evidence import store
from chuangwen.kernel.models import Entry, Person
from chuangwen.kernel.places.datum import Datum
from chuangwen.kernel.workflow.flow import NotAllowed, Refused
from chuangwen.standards.models import CheckItem


class BadRecord(Refused):
    """A visit that cannot be taken as it was sent; `faults` pairs a check item (None: the whole visit) with why."""

    def __init__(self, faults: Sequence[tuple[CheckItem | None, str]]) -> None:
        self.faults = tuple(faults)
        super().__init__(
            "\n".join(f"{item.code} {item.text}：{why}" if item else why for item, why in faults)
        )


@dataclass(frozen=True)
class Seen:
    """What was seen on one check item: a tapped result, a count or a band; a few words and photos where it is wrong."""

    check_item: int
    result: int | None = None
    count: int | None = None
    band: str = ""
    note: str = ""
    photos: Sequence[Any] = ()  # uploads or bytes


@dataclass(frozen=True)
class Circumstance:
    """When, where and by what phone a visit was made; everything may be unknown."""

    seen_at: dt.datetime | None = None
    taken_at: dt.datetime | None = None
    point: tuple[float, float, Datum] | None = None
    accuracy_m: float | None = None
    note: str = ""
    is_accepted: bool | None = None
    clock_s: int | None = None  # by how many seconds the phone's clock was set right


class _Graded(NamedTuple):
    seen: Seen
    item: CheckItem
    graded: Graded
    pictures: list[Any]


def record_visit(
    visit: Visit, seen: Sequence[Seen], *, by: Person, uid: uuid.UUID, how: Circumstance | None = None,
    at: dt.datetime | None = None, is_whole: bool = True, opens: bool = True,
) -> Visit:  # fmt: skip
    """Takes a visit in: observations, photos, sums; the same `uid` again changes nothing and returns the visit.

    `is_whole`: every item of the checklist must be answered. What failed becomes a case at once, unless the round is
    hidden or `opens` is false (the caller opens them after his own transaction). Raises NotAllowed, BadRecord (all
    faults at once), Refused (round not running, sent already by another), BadPicture.
    """
    how, at = how or Circumstance(), at or timezone.now()
    if _sent(uid):
        return Visit.objects.get(pk=visit.pk)
    graded = grade_all(visit, seen, how, at, is_whole)  # decoding pictures is slow: before the transaction
    with transaction.atomic():
        row = Round.objects.select_for_update(of=("self",)).get(pk=visit.round_id)
        if _sent(uid):
            return Visit.objects.get(pk=visit.pk)
        visit = _open_visit(visit, row, by)
        _write(visit, row, graded, by, uid, how, at)
    if opens:
        open_cases(row, at=at)
    return visit


def _sent(uid: uuid.UUID) -> bool:
    return Entry.objects.filter(uid=uid).exists()


def _open_visit(visit: Visit, row: Round, by: Person) -> Visit:
    """The visit as it is now, if this person may record it; raises NotAllowed or Refused."""
    if not rules.may_record(by, visit.team_id, row.maker_id):
        raise NotAllowed(_("这一处不在你的组，记录由本组的人报。"))
    if row.state != State.RUNNING:
        raise Refused(_("这一轮现在是%(state)s，不能记录考察。") % {"state": State(row.state).label})
    found = Visit.objects.select_related("place", "round").get(pk=visit.pk)
    if found.state != VisitState.PLANNED:
        raise Refused(_("%(place)s 已经报过（%(state)s），要改由轮次制定人重开。") % {
            "place": found.place, "state": found.get_state_display()})  # fmt: skip
    return found


def grade_all(
    visit: Visit, seen: Sequence[Seen], how: Circumstance, at: dt.datetime, is_whole: bool
) -> list[_Graded]:
    items = {item.pk: item for item in checklist(visit)}
    faults: list[tuple[CheckItem | None, str]] = []
    day, row = timezone.localdate(how.seen_at or at), visit.round
    if not row.from_on <= day <= row.to_on:
        faults.append((None, _("日期 %(day)s 不在这一轮的 %(first)s 到 %(last)s 之内。") % {
            "day": day, "first": row.from_on, "last": row.to_on}))  # fmt: skip
    if (how.seen_at or at) > at + dt.timedelta(minutes=10):
        faults.append((None, _("考察时间在以后，查一下手机的时钟。")))
    if not seen:
        faults.append((None, _("一项也没有记。")))
    found = []
    for pk, times in Counter(one.check_item for one in seen).items():
        if pk not in items:
            faults.append((None, _("第 %(pk)s 号检查项不是这类点位的，刷新清单再记。") % {"pk": pk}))
        elif times > 1:
            faults.append((items[pk], _("记了 %(n)d 次，只留一次。") % {"n": times}))
    for one in seen:
        if one.check_item in items:
            try:
                found.append(_grade_one(one, items[one.check_item]))
            except BadGrade as fault:
                faults.append((items[one.check_item], str(fault)))
    missing = set(items) - {one.check_item for one in seen}
    if is_whole and seen:
        faults += [(items[pk], _("还没有答。")) for pk in items if pk in missing]
    if faults:
        raise BadRecord(faults)
    return found


def _grade_one(one: Seen, item: CheckItem) -> _Graded:
    rule = item.grading
    graded = grade(rule.way, rule.params, item.full, result=one.result, count=one.count, band=one.band)
    if len(one.photos) > MOST_PHOTOS:
        raise BadGrade(_("照片最多 %(n)d 张。") % {"n": MOST_PHOTOS})
    if len(one.note) > 200:
        raise BadGrade(_("说明最长 200 个字。"))
    return _Graded(one, item, graded, [store.read(photo) for photo in one.photos])


def _write(
    visit: Visit,
    row: Round,
    graded: list[_Graded],
    by: Person,
    uid: uuid.UUID,
    how: Circumstance,
    at: dt.datetime,
) -> None:
    rows = Observation.objects.bulk_create(
        Observation(
            uid=uuid.uuid5(uid, str(one.item.pk)), visit=visit, check_item=one.item, result=one.graded.result,
            points=one.graded.points, full=one.graded.full, count=one.graded.counted, note=one.seen.note,
            at=how.seen_at or at,
        )
        for one in graded
    )  # fmt: skip
    for kept, one in zip(rows, graded, strict=True):
        for number, picture in enumerate(one.pictures):
            store.attach(picture, visit, role="found", by=by, at=at, taken_at=how.taken_at, point=how.point,
                         accuracy_m=how.accuracy_m, uid=photo_uid(kept.uid, number), is_hidden=row.is_hidden,
                         shot=one.seen.photos[number])  # fmt: skip
    sums = tallies.visit_sums(rows, {one.item.pk: one.item.requirement_id for one in graded})
    visit.state, visit.by, visit.done_at, visit.note = VisitState.DONE, by, how.seen_at or at, how.note[:300]
    visit.why = ""
    if row.kind == RoundKind.ACCEPTANCE:
        visit.is_accepted = how.is_accepted
    for name, value in sums.items():
        setattr(visit, name, value)
    visit.save(update_fields=["state", "by", "done_at", "note", "why", "is_accepted", *sums])
    if not visit.is_second:
        tallies.grow(row.pk, visit.street_id, rows)
    if not row.is_hidden:
        tallies.grow_pairs(tallies.pairs_at(visit))
    said = {
        "visit": visit.uid, "place": visit.place.code, "name": visit.place.name, "n": len(rows),
        "failed": visit.failed, "points": visit.points,
        "full": visit.full, "accepted": visit.is_accepted, "photos": [p.sha256 for one in graded for p, _d in one.pictures],
        "clock_s": how.clock_s,
    }  # fmt: skip
    RoundFlow.record(row, RoundFlow.by_code["visit"], by=by, cleaned=said, at=at, uid=uid)


def skip_visit(
    visit: Visit, why: str, *, by: Person, uid: uuid.UUID, at: dt.datetime | None = None,
    how: Circumstance | None = None,
) -> Visit:  # fmt: skip
    """A place that could not be visited, with the reason: closed, not found, under works."""
    how = how or Circumstance()
    at = at or timezone.now()
    if not why.strip():
        raise Refused(_("写明为什么没去成。"))
    with transaction.atomic():
        row = Round.objects.select_for_update(of=("self",)).get(pk=visit.round_id)
        if _sent(uid):
            return Visit.objects.get(pk=visit.pk)
        visit = _open_visit(visit, row, by)
        visit.state, visit.why, visit.by, visit.done_at = VisitState.SKIPPED, why.strip()[:200], by, how.seen_at or at
        visit.save(update_fields=["state", "why", "by", "done_at"])
        said = {"visit": visit.uid, "place": visit.place.code, "reason": visit.why, "clock_s": how.clock_s}
        RoundFlow.record(row, RoundFlow.by_code["skip"], by=by, cleaned=said, at=at, uid=uid)
    return visit


def reopen_visit(visit: Visit, reason: str, *, by: Person, at: dt.datetime | None = None) -> Visit:
    """Opens a visit again for a correction: its rows go into history as they were, its sums are taken back exactly.

    Cases opened from it stay; recording the same fault again joins them.
    """
    at = at or timezone.now()
    if not reason.strip():
        raise Refused(_("写明为什么重开。"))
    with transaction.atomic():
        row = Round.objects.select_for_update(of=("self",)).get(pk=visit.round_id)
        step = RoundFlow.by_code["reopen"]
        why = RoundFlow.why_not(row, step, by)
        if why:
            raise (Refused if step.rule.allows(by, row) else NotAllowed)(why)
        visit = Visit.objects.select_related("place", "round").get(pk=visit.pk)
        if visit.state == VisitState.PLANNED:
            raise Refused(_("%(place)s 还没有报，不用重开。") % {"place": visit.place})
        rows = list(visit.observations.select_related("check_item"))
        if not row.is_hidden:
            tallies.grow_pairs(tallies.pairs_at(visit), -1)
        if not visit.is_second:
            tallies.grow(row.pk, visit.street_id, rows, -1)
        said = {
            "visit": visit.uid, "place": visit.place.code, "reason": reason.strip(), "by": visit.by_id, "done": visit.done_at,
            "rows": [[o.uid, o.check_item.code, o.result, o.points, o.full, o.count, o.note, o.case_id] for o in rows],
        }  # fmt: skip
        visit.observations.all().delete()
        cleared: dict[str, Any] = {"state": VisitState.PLANNED, "by": None, "done_at": None, "why": "", "is_accepted": None,
                   "points": 0, "full": 0, "failed": 0, "sums": {}}  # fmt: skip
        for name, value in cleared.items():
            setattr(visit, name, value)
        visit.save(update_fields=list(cleared))
        RoundFlow.record(row, step, by=by, cleaned=said, at=at)
    return visit
