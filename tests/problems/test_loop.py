"""The closed loop on real rows: from a report to a cancelled number, and the side ways."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from django.utils import timezone, translation

from chuangwen.kernel.city import calendar
from chuangwen.kernel.evidence import store
from chuangwen.kernel.models import Clock, Demand, Entry, Notice
from chuangwen.kernel.places.datum import Datum
from chuangwen.kernel.workflow import history
from chuangwen.kernel.workflow.calendar import Limit, Unit
from chuangwen.kernel.workflow.flow import BadInput, NotAllowed, Refused
from chuangwen.problems.actions import (
    OutsideCity,
    Told,
    confirm_case,
    hand_over,
    look_at_cases,
    sign,
    take_report,
)
from chuangwen.problems.flow import CaseFlow, HandoverFlow
from chuangwen.problems.models import Case, Handover, Prepared, Report, Rung

# Monday 2026-11-16, a working day, 09:00 in China.
MONDAY = dt.datetime(2026, 11, 16, 1, 0, tzinfo=dt.UTC)


def hours(n: float) -> dt.datetime:
    return MONDAY + dt.timedelta(hours=n)


def reported(town, **more):
    told = Told(text="南门垃圾桶满溢两天", lon=113.0, lat=34.7601, **{"source": "resident", **more})
    return take_report(told, by=None, at=MONDAY).case


def assigned(town, **more):
    return confirm_case(reported(town, **more), by=town.people["dispatcher"], at=hours(0.5))


def fixed_photo(case, make_picture, shade=200, **more):
    given = {"point": (113.0, 34.7601, Datum.WGS84), "taken_at": hours(2), **more}
    return store.attach(store.read(make_picture(shade)), case, role="fixed", by=None, at=hours(2), round=case.round, **given)


def test_report_finds_place_kind_and_unit(town):
    case = reported(town)

    assert case.number == "SL-2026-11-00001"
    assert (case.state, case.street, case.road) == ("reported", town.street, town.road)
    assert (case.suggested_kind, case.suggested_unit) == (town.kind, town.units["cgj"])
    assert Report.objects.get().case == case
    clock = Clock.objects.get()
    assert (clock.name, clock.due_at) == ("verify", hours(2))


def test_loop_to_closing(town, make_picture):
    case = assigned(town)
    assert (case.state, case.unit) == ("assigned", town.units["cgj"])
    # 2 working days from Monday end at the close of Wednesday, 18:00 China time.
    assert case.due_at == dt.datetime(2026, 11, 18, 10, 0, tzinfo=dt.UTC)
    assert Notice.objects.get(kind="assigned").unit == town.units["cgj"]
    assert Demand.objects.get().kind == "fix"

    liaison, checker = town.people["liaison"], town.people["checker"]
    case = CaseFlow.take(case, "accept", by=liaison, at=hours(1)).matter
    fixed_photo(case, make_picture)
    case = CaseFlow.take(case, "answer", by=liaison, given={"note": "清走两桶"}, at=hours(2)).matter
    assert case.state == "answered"
    case = CaseFlow.take(case, "pass", by=checker, at=hours(3)).matter

    assert (case.state, case.closed_at) == ("closed", hours(3))
    assert [e.step for e in history.history_of(case)] == ["report", "verify", "file", "dispatch", "accept", "answer", "pass"]
    assert not Clock.objects.filter(stopped_at__isnull=True).exists()
    assert list(history.verify()) == []


def test_answer_without_photo_is_refused(town):
    case = assigned(town)
    with pytest.raises(Refused, match="先传一张整改后的照片"):
        CaseFlow.take(case, "answer", by=town.people["liaison"], given={"note": "好了"})


def test_wrong_post_is_not_allowed_and_wrong_state_refused(town):
    case = assigned(town)
    with pytest.raises(NotAllowed):
        CaseFlow.take(case, "accept", by=town.people["liaison2"])
    with pytest.raises(Refused, match="只在"):
        CaseFlow.take(case, "pass", by=town.people["checker"])
    with pytest.raises(BadInput, match="写明理由"):
        CaseFlow.take(case, "return", by=town.people["liaison"], given={})
    assert Entry.objects.filter(subject="problems.case").count() == 4


def test_same_submission_twice_changes_nothing(town):
    uid = uuid.uuid4()
    first = take_report(Told(text="垃圾", lon=113.0, lat=34.76, uid=uid), by=None)
    again = take_report(Told(text="垃圾", lon=113.0, lat=34.76, uid=uid), by=None)
    assert first == again
    assert (Case.objects.count(), Entry.objects.count()) == (1, 1)

    step = uuid.uuid4()
    taken = CaseFlow.take(first.case, "verify", by=town.people["dispatcher"], given={"kind": town.kind.pk}, uid=step)
    same = CaseFlow.take(first.case, "verify", by=town.people["dispatcher"], given={"kind": town.kind.pk}, uid=step)
    assert (taken.entry, same.repeated) == (same.entry, True)


def test_point_outside_the_city_is_refused_whole(town):
    with pytest.raises(OutsideCity, match="不在本市范围内"):
        take_report(Told(text="垃圾", lon=34.76, lat=113.0 - 50), by=None)
    assert (Case.objects.count(), Report.objects.count()) == (0, 0)


def test_third_return_goes_to_the_office_which_hears_and_decides(town):
    case = assigned(town)
    for name, unit in (("liaison", "jtj"), ("liaison2", "xhl")):
        given = {"reason": "不归我单位", "right_unit": town.units[unit].pk}
        case = CaseFlow.take(case, "return", by=town.people[name], given=given, at=hours(1)).matter
        assert case.state == "filed"
        case = CaseFlow.take(case, "dispatch", by=town.people["dispatcher"], at=hours(1)).matter
        assert case.unit == town.units[unit]
    case = CaseFlow.take(case, "return", by=town.people["liaison3"], given={"reason": "也不归我"}, at=hours(1)).matter
    assert (case.state, case.returns, case.unit) == ("disputed", 3, None)

    with pytest.raises(BadInput, match="听取"):
        CaseFlow.take(case, "decide", by=town.people["office"], given={"reason": "按职责", "unit": town.units["cgj"].pk})
    given = {"reason": "按职责", "unit": town.units["cgj"].pk, "heard": [u.pk for u in town.units.values()][:3]}
    case = CaseFlow.take(case, "decide", by=town.people["office"], given=given, at=hours(2)).matter
    assert (case.state, case.unit) == ("assigned", town.units["cgj"])
    assert list(history.verify()) == []


def test_rework_keeps_rounds_and_lets_the_fix_clock_run_on(town, make_picture):
    case = assigned(town)
    due = case.fix_due_at
    fixed_photo(case, make_picture)
    case = CaseFlow.take(case, "answer", by=town.people["liaison"], given={"note": "清了"}, at=hours(2)).matter
    case = CaseFlow.take(case, "reject", by=town.people["checker"], given={"reason": "还有一堆"}, at=hours(4)).matter

    assert (case.state, case.round, case.reworks) == ("fixing", 2, 1)
    assert case.fix_due_at >= due
    with pytest.raises(Refused, match="先传一张"):
        CaseFlow.take(case, "answer", by=town.people["liaison"], given={"note": "清了"})


def test_far_and_reused_photos_are_flagged(town, make_picture):
    case = assigned(town)
    far = fixed_photo(case, make_picture, shade=10, point=(113.004, 34.7601, Datum.WGS84))
    assert far.findings["far"] and 300 < far.findings["metres"] < 420
    good = fixed_photo(case, make_picture, shade=60, since=case.assigned_at)
    assert good.findings == {"metres": 0}
    again = fixed_photo(case, make_picture, shade=60)
    assert again.findings["reused_of"] == good.pk
    early = fixed_photo(case, make_picture, shade=90, since=hours(3))
    assert early.findings["early"]


def test_recurrence_is_linked(town, make_picture):
    case = assigned(town)
    fixed_photo(case, make_picture)
    CaseFlow.take(case, "answer", by=town.people["liaison"], given={"note": "清走"}, at=hours(2))
    CaseFlow.take(case, "pass", by=town.people["checker"], at=hours(3))
    told = Told(text="垃圾桶又满溢", lon=113.0001, lat=34.7601)
    again = confirm_case(take_report(told, by=None, at=hours(50)).case, by=town.people["dispatcher"], at=hours(51))
    assert (again.recurs_of, again.is_watched) == (case, True)


def test_merge_keeps_every_report(town):
    first, second = assigned(town), reported(town)
    merged = CaseFlow.take(second, "merge", by=town.people["dispatcher"], given={"into": first.number}).matter
    assert (merged.state, merged.merged_into) == ("merged", first)
    assert Report.objects.filter(case__in=[first, merged]).count() == 2
    assert list(history.verify()) == []


def test_extension_is_capped_and_moves_the_limit(town):
    now = timezone.now()
    case = take_report(Told(text="垃圾", lon=113.0, lat=34.7601), by=None, at=now).case
    case = confirm_case(case, by=town.people["dispatcher"], at=now)
    ask = {"amount": "2", "unit": "work_day", "reason": "等配件"}
    for _time in (1, 2):
        due = case.fix_due_at
        case = CaseFlow.take(case, "ask_extension", by=town.people["liaison"], given=ask).matter
        with pytest.raises(Refused, match="还没批"):
            CaseFlow.take(case, "ask_extension", by=town.people["liaison"], given=ask)
        ruling = {"granted": "yes", "reason": "同意"}
        case = CaseFlow.take(case, "rule_extension", by=town.people["clerk"], given=ruling).matter
        assert case.fix_due_at == calendar().due(due, Limit(2, Unit.WORK_DAY))
    with pytest.raises(Refused, match="已延期 2 次"):
        CaseFlow.take(case, "ask_extension", by=town.people["liaison"], given=ask)


def test_ladder_reminds_by_itself_and_prepares_the_rest(town):
    source = "示例"
    Rung.objects.create(rank=1, trigger="before_due", amount=1, unit="work_day", action="remind_liaison", source=source)
    Rung.objects.create(rank=2, trigger="after_due", amount=1, unit="work_day", action="supervise_yellow", source=source)
    case = assigned(town)
    look_at_cases(hours(1))
    case.refresh_from_db()
    # One working day before Wednesday 18:00 is Tuesday 18:00.
    assert case.look_at.replace(second=0, microsecond=0) == dt.datetime(2026, 11, 17, 10, 0, tzinfo=dt.UTC)

    look_at_cases(dt.datetime(2026, 11, 18, 4, 0, tzinfo=dt.UTC))
    assert Notice.objects.filter(kind="remind").count() == 1
    look_at_cases(dt.datetime(2026, 11, 20, 4, 0, tzinfo=dt.UTC))
    assert look_at_cases(dt.datetime(2026, 11, 20, 4, 0, tzinfo=dt.UTC)) == 0
    prepared = Prepared.objects.get()
    assert prepared.is_signed is None
    case.refresh_from_db()
    assert case.supervision == 0

    sign(prepared, signed=True, by=town.people["clerk"])
    case.refresh_from_db()
    assert case.supervision == 1
    with pytest.raises(Refused, match="已经有人处理过"):
        sign(prepared, signed=True, by=town.people["office"])


def test_handover_pauses_the_case_and_takes_the_outcome_back(town):
    case = assigned(town)
    handover = hand_over(case, kind="supervision", to_unit=town.units["dcj"], reason="久拖不改", by=town.people["clerk"], at=hours(1))
    case.refresh_from_db()
    assert (case.is_paused, case.outside_unit) == (True, town.units["dcj"])
    with pytest.raises(Refused, match="已经在外单位"):
        hand_over(case, kind="discipline", to_unit=town.units["jw"], reason="再交", by=town.people["clerk"])

    supervisor = town.people["supervisor"]
    HandoverFlow.take(handover, "take", by=supervisor, at=hours(2))
    HandoverFlow.take(handover, "outcome", by=supervisor, given={"outcome": "已约谈，限期整改"}, at=hours(25))
    case.refresh_from_db()
    assert (case.is_paused, case.outside_unit) == (False, None)
    assert Handover.objects.get().outcome == "已约谈，限期整改"
    assert list(history.verify()) == []


def test_altered_history_is_found(town):
    case = assigned(town)
    Entry.objects.filter(step="file").update(to_state="closed")
    breaks = list(history.verify())
    assert [(b.subject_id, b.what) for b in breaks] == [(case.pk, "altered")]


def test_cut_tail_and_changed_state_are_found(town):
    case = assigned(town)
    Entry.objects.filter(step="dispatch").delete()
    assert [b.what for b in history.verify()] == ["cut"]
    other = reported(town)
    Case.objects.filter(pk=other.pk).update(state="closed")
    assert sorted(b.what for b in history.verify()) == ["cut", "state"]
    assert case.pk != other.pk


def test_notices_are_written_in_the_citys_language_whoever_acts(town):
    with translation.override("en"):
        assigned(town)
    assert Notice.objects.get(kind="assigned").text.startswith("新案件")
