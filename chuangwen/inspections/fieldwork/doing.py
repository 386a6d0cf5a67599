"""From a record to the action it stands for: visit, skip, report, re-check, look on a patrol; the caller's transaction."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen.inspections import rules
from chuangwen.inspections.checklist import checklist
from chuangwen.inspections.fieldwork import files
from chuangwen.inspections.fieldwork.records import BadSent, Record, is_id, text_of, uid_of
from chuangwen.inspections.grading import PASS
from chuangwen.inspections.models import RoundKind, Visit
from chuangwen.inspections.recording import Circumstance, Seen, record_visit, skip_visit
from chuangwen.kernel.evidence import store
from chuangwen.kernel.models import Person
from chuangwen.kernel.workflow.flow import Refused
from chuangwen.problems import rules as case_rules
from chuangwen.problems.actions import Told, take_report
from chuangwen.problems.flow import CaseFlow
from chuangwen.problems.forms import QuickReportForm
from chuangwen.problems.intake import source_of
from chuangwen.problems.models import Case, Report
from chuangwen.problems.photos import add_photo
from chuangwen.registers.patrols import in_reach, note_round, object_of, patroller
from chuangwen.standards.models import CheckItem

RECHECK: Final = ("pass", "reject", "spot_pass", "spot_fail")
MOST_PHOTOS: Final = 6  # of a report


def do(record: Record, bag: files.Bag, *, by: Person, now: dt.datetime) -> None:
    """Does what the record says, its id being the action's; raises BadSent, BadRecord, BadInput (the sender mends it)
    or another Refused (nobody's fault: set aside).
    """
    _DO[record.kind](record, bag, by, now)


def _visit_of(record: Record, by: Person) -> Visit:
    """The visit a record is of; one that is not there and one not to be known of sound the same."""
    uid = uid_of(record.given.get("visit"))
    if uid is None:
        raise BadSent(_("记录没有写明是哪一处，更新页面再送。"))
    visit = Visit.objects.select_related("round", "place", "team").filter(uid=uid).first()
    if visit is None or not rules.may_record(by, visit.team_id, visit.round.maker_id):
        raise Refused(_("这一处现在不在你的清单里，记录另存，由创建办处理。"))
    return visit


def _how(record: Record) -> Circumstance:
    accepted = record.given.get("accepted")
    return Circumstance(
        seen_at=record.at, taken_at=record.at, note=text_of(record.given, "note", 300, _("说明")),
        is_accepted=accepted if isinstance(accepted, bool) else None, clock_s=record.clock_s,
    )  # fmt: skip


def _visit(record: Record, bag: files.Bag, by: Person, now: dt.datetime) -> None:
    visit, how = _visit_of(record, by), _how(record)
    if visit.round.kind == RoundKind.ACCEPTANCE and how.is_accepted is None:
        raise BadSent(_("选验收通过或不通过。"))
    _in_time(record, visit)
    seen = _seen(record, bag, {item.pk: item for item in checklist(visit)})
    record_visit(visit, seen, by=by, uid=record.uid, how=how, at=now, opens=False)
    _of_visit(record, bag, visit, by, now)


def _in_time(record: Record, visit: Visit) -> None:
    """A record of another day than the round's is for a person to look at; when it arrives does not matter."""
    day = timezone.localdate(record.at)
    if not visit.round.from_on <= day <= visit.round.to_on:
        raise Refused(_("日期 %(day)s 不在这一轮的 %(first)s 到 %(last)s 之内。") % {
            "day": day, "first": visit.round.from_on, "last": visit.round.to_on})  # fmt: skip


def _of_visit(record: Record, bag: files.Bag, visit: Visit, by: Person, now: dt.datetime) -> None:
    """Photos of the whole place and voice notes."""
    hidden = visit.round.is_hidden
    for shot in bag.of(record.of_item(None)):
        store.attach(shot.kept, visit, role="found", by=by, at=now, is_hidden=hidden, shot=shot)
    files.attach_voices(record, bag, visit, by=by, at=now, is_hidden=hidden)


def _seen(record: Record, bag: files.Bag, items: dict[int, CheckItem]) -> list[Seen]:
    told = record.given.get("seen")
    if not isinstance(told, list) or not all(isinstance(one, dict) for one in told):
        raise BadSent(_("记录里没有逐项的结果，更新页面再送。"))
    found = [_one(one, record, bag) for one in told]
    named = {one.check_item for one in found}
    if record.given.get("rest") is True:
        found += [Seen(pk, PASS, photos=bag.of(record.of_item(pk))) for pk in items if pk not in named]
        named |= set(items)
    strange = named - set(items)
    if strange and CheckItem.objects.filter(pk__in=strange).count() == len(strange):
        raise Refused(_("清单在记录之后改过，有 %(n)d 项不再检查。") % {"n": len(strange)})
    if {one.item for one in record.files if one.item is not None} - named:
        raise BadSent(_("有照片或录音的检查项没有记结果，补上再送。"))
    return found


def _one(told: dict[str, Any], record: Record, bag: files.Bag) -> Seen:
    item, result, count, band = (told.get(name) for name in ("item", "result", "count", "band"))
    whole = [value for value in (result, count) if value is not None]
    if not is_id(item) or not all(isinstance(v, int) and not isinstance(v, bool) for v in whole):
        raise BadSent(_("检查项、结果和计数要是整数，更新页面再送。"))
    if band is not None and not isinstance(band, str):
        raise BadSent(_("没有这一档，刷新清单再记。"))
    if result is None and not band and count is None:
        raise BadSent(_("第 %(pk)s 号检查项没有结果，补上再送。") % {"pk": item})
    note = text_of(told, "note", 200, _("第 %(pk)s 号检查项的说明") % {"pk": item})
    assert isinstance(item, int)
    return Seen(item, None if band else result, count, band or "", note, bag.of(record.of_item(item)))


def _skip(record: Record, bag: files.Bag, by: Person, now: dt.datetime) -> None:
    visit, why = _visit_of(record, by), text_of(record.given, "why", 200, _("原因"))
    if not why:
        raise BadSent(_("写明为什么没去成。"))
    _in_time(record, visit)
    skip_visit(visit, why, by=by, uid=record.uid, at=now, how=_how(record))
    _of_visit(record, bag, visit, by, now)


def _report(record: Record, bag: files.Bag, by: Person, now: dt.datetime) -> None:
    photos = [shot for one in record.files if one.uid in bag.shots for shot in [bag.shots[one.uid]]]
    if len(photos) > MOST_PHOTOS:
        words = {"n": len(photos), "most": MOST_PHOTOS}
        raise BadSent(_("照片有 %(n)d 张，最多 %(most)d 张，去掉几张再报。") % words)
    names = ("what", "kind", "address", "site", "lon", "lat", "datum", "accuracy_m")
    form = QuickReportForm({name: record.given[name] for name in names if record.given.get(name) is not None})
    if not form.is_valid():
        raise BadSent("；".join(str(fault) for faults in form.errors.values() for fault in faults))
    data, point = form.cleaned_data, form.point()
    told = Told(
        text=data["what"], source=source_of(by), uid=record.uid, kind=data["kind"], site=data["site"],
        accuracy_m=data["accuracy_m"], address=data["address"], photos=photos, taken_at=record.at,
        raw={"phone_at": record.at.isoformat()}, clock_s=record.clock_s,
    )  # fmt: skip
    if point:
        told.lon, told.lat, told.datum = point
    report = take_report(told, by=by, at=now)
    files.attach_voices(record, bag, report.case, by=by, at=now)
    note_problem(str(record.given.get("look") or ""), report, by=by)


def note_problem(key: str, report: Report, *, by: Person) -> None:
    """A report from a patrol is a look that found something; the report's id keeps it from counting twice."""
    row = object_of(key)
    if row is None or not patroller.allows(by, None) or not in_reach(by, row, timezone.localdate()):
        return
    note_round(
        row, by=by, at=report.received_at, uid=report.uid, is_fine=False, note=report.text,
        case_number=report.case.number,
    )  # fmt: skip


def _recheck(record: Record, bag: files.Bag, by: Person, now: dt.datetime) -> None:
    step, number = str(record.given.get("step", "")), str(record.given.get("number", ""))
    if step not in RECHECK:
        raise BadSent(_("没有这种复核结论，更新页面再送。"))
    case = case_rules.see_case.filter(Case.objects.filter(number=number), by).first()
    if case is None:
        raise Refused(_("这件案子现在不归你复核，记录另存，由创建办处理。"))
    for one in record.files:
        if one.uid in bag.shots:
            shot = bag.shots[one.uid]
            add_photo(case, shot, role="check", by=by, uid=shot.uid, at=now)
    files.attach_voices(record, bag, case, by=by, at=now, round=case.round)
    given = {name: text_of(record.given, name, 500, _("说明")) for name in ("note", "reason")}
    CaseFlow.take(case, step, by=by, given=given, at=now, uid=record.uid, noted=_noted(record))


def _noted(record: Record) -> dict[str, Any]:
    return {"phone_at": record.at} | ({} if record.clock_s is None else {"clock_s": record.clock_s})


def _patrol(record: Record, bag: files.Bag, by: Person, now: dt.datetime) -> None:
    is_fine = record.given.get("is_fine")
    if not isinstance(is_fine, bool):
        raise BadSent(_("选正常或有问题。"))
    if record.files:
        raise BadSent(_("巡查记录不带文件；有问题的，另报一件，照片随它。"))
    note = text_of(record.given, "note", 200, _("发现"))
    row = object_of(str(record.given.get("key", "")))
    if row is None or not patroller.allows(by, None) or not in_reach(by, row, timezone.localdate(now)):
        raise Refused(_("这一处现在不归你巡查，记录另存，由创建办处理。"))
    note_round(row, by=by, at=record.at, uid=record.uid, is_fine=is_fine, note=note)


_DO: Final = {"visit": _visit, "skip": _skip, "report": _report, "recheck": _recheck, "patrol": _patrol}
