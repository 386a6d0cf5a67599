"""A meeting from plan to confirmed minutes, who is told, decisions into tasks once, and what each post may not do."""

from __future__ import annotations

import datetime as dt
import threading
import uuid

import pytest
from django.db import connection

from chuangwen.kernel.models import Clock, Demand, Entry, Notice
from chuangwen.kernel.workflow import history
from chuangwen.kernel.workflow.flow import NotAllowed, Refused
from chuangwen.tasks import rules
from chuangwen.tasks.meeting_flow import MeetingFlow
from chuangwen.tasks.meetings import (
    Came,
    Decided,
    hold_meeting,
    list_units,
    plan_meeting,
    record_attendance,
    revise_meeting,
    save_decisions,
    set_agenda,
    turn_decision,
    write_minutes,
)
from chuangwen.tasks.models import Attendance, Decision, Meeting, Pack, Task
from chuangwen.tasks.packs import fill_pack, make_pack

# Monday 2026-11-16, 09:00 in China; the meeting is on Wednesday at 14:30.
MONDAY = dt.datetime(2026, 11, 16, 1, 0, tzinfo=dt.UTC)
WEDNESDAY = dt.datetime(2026, 11, 18, 6, 30, tzinfo=dt.UTC)
AFTER = WEDNESDAY + dt.timedelta(hours=3)
DUE = dt.date(2026, 11, 30)


def planned(town, **more):
    given = {
        "cadence": "monthly", "units": [town.units["cgj"], town.units["jtj"]], "agenda": [("通报排名", "创建办"), ("表态发言", "")],
        "at": MONDAY, "by": town.people["office"], **more,
    }  # fmt: skip
    return plan_meeting("十月点评会", WEDNESDAY, "三楼会议室", **given)


def take(meeting, code, person, at=MONDAY, **given):
    return MeetingFlow.take(meeting, code, by=person, given=given, at=at).matter


def invited(town, **more):
    return take(planned(town, **more), "invite", town.people["office"])


def held(town, **more):
    return hold_meeting(invited(town, **more), by=town.people["office"], at=AFTER)


def decided(town, meeting, text="清理夜市占道", unit="cgj", due_on=DUE):
    line = Decided(text, town.units[unit] if unit else None, due_on, uuid.uuid4())
    return save_decisions(meeting, [line], by=town.people["clerk"], at=AFTER)[-1]


def test_a_meeting_runs_from_plan_to_minutes_and_its_decision_is_a_task(town):
    office = town.people["office"]
    meeting = held(town)
    record_attendance(
        meeting,
        [Came(town.units["cgj"].pk, "came", "王某", True), Came(town.units["jtj"].pk, "leave", note="出差")],
        by=office,
        at=AFTER,
    )
    decision = decided(town, meeting)
    task = turn_decision(decision, by=office, at=AFTER)
    write_minutes(meeting, "会议听取了排名通报。", by=office, at=AFTER)
    meeting = take(meeting, "confirm", office, at=AFTER)
    assert (meeting.state, meeting.number, meeting.next_due_at) == ("minuted", "SL-HY-2026-001", None)
    assert (task.state, task.unit, task.due_on, task.text) == (
        "doing",
        town.units["cgj"],
        DUE,
        "清理夜市占道",
    )
    assert meeting.number in task.source
    assert list(meeting.agenda.values_list("rank", "text", "speaker")) == [
        (1, "通报排名", "创建办"),
        (2, "表态发言", ""),
    ]
    rows = meeting.attendance.order_by("unit__code").values_list(
        "unit__code", "presence", "who", "has_spoken", "note"
    )
    assert list(rows) == [("cgj", "came", "王某", True, ""), ("jtj", "leave", "", False, "出差")]
    assert [str(row.step) for row in history.history_of(meeting)] == [
        "plan", "invite", "hold", "attend", "decide", "turn", "write", "confirm",
    ]  # fmt: skip
    assert list(history.verify("tasks.meeting", meeting.pk)) == []
    told = Notice.objects.filter(subject="tasks.meeting", kind="confirm").values_list("unit__code", flat=True)
    assert list(told) == ["cgj"]


def test_invitation_is_told_and_counted_once_for_each_unit(town):
    office = town.people["office"]
    meeting = invited(town)
    with pytest.raises(Refused, match="先在参会表里加单位"):
        take(meeting, "invite", office)
    list_units(meeting, [town.units["cgj"], town.units["xhl"]], by=office, at=MONDAY)
    take(meeting, "invite", office)
    asked = Demand.objects.filter(kind="meeting").order_by("pk").values_list("unit__code", "purpose")
    assert list(asked) == [("cgj", "十月点评会"), ("jtj", "十月点评会"), ("xhl", "十月点评会")]
    # A unit that was told stays on the list; one that was not can be taken off.
    assert Notice.objects.filter(kind="invite").count() == 3
    assert meeting.attendance.count() == 3
    words = Notice.objects.filter(kind="invite").first().text
    assert "11-18 14:30" in words
    assert "三楼会议室" in words


def test_a_new_time_is_told_to_those_who_knew_the_old_one_and_other_words_are_not(town):
    office = town.people["office"]
    meeting = invited(town)
    revise_meeting(meeting, {"chair": "示例 副市长"}, by=office, at=MONDAY)
    assert Notice.objects.filter(kind="moved").count() == 0
    later = WEDNESDAY + dt.timedelta(days=1)
    revise_meeting(meeting, {"starts_at": later, "title": "十月点评会"}, by=office, at=MONDAY)
    revise_meeting(meeting, {"starts_at": later}, by=office, at=MONDAY)
    assert Notice.objects.filter(kind="moved").count() == 2
    assert Entry.objects.filter(subject="tasks.meeting", step="revise").count() == 2
    take(meeting, "cancel", office, reason="改为书面")
    assert Notice.objects.filter(kind="cancel").count() == 2
    with pytest.raises(Refused):
        revise_meeting(meeting, {"place": "别处"}, by=office, at=MONDAY)


def test_the_minutes_are_owed_within_three_working_days(town):
    meeting = held(town)
    clock = Clock.objects.get(subject="tasks.meeting", subject_id=meeting.pk)
    # From Wednesday 17:30: three working days on, Monday 2026-11-23.
    assert (clock.name, clock.due_at.date()) == ("minutes", dt.date(2026, 11, 23))
    with pytest.raises(Refused, match="先写纪要"):
        take(meeting, "confirm", town.people["office"], at=AFTER)


def test_a_meeting_is_not_held_before_its_day(town):
    with pytest.raises(Refused, match="还没到开会那天"):
        hold_meeting(invited(town), by=town.people["office"], at=MONDAY)


def test_holding_a_meeting_freezes_its_pack(town):
    office = town.people["office"]
    pack, _made = make_pack("monthly", dt.date(2026, 11, 18), by=office, at=MONDAY)
    section = {"code": "late", "title": "超期", "text": "3 件", "figures": [], "columns": [], "rows": []}
    fill_pack(pack, [section], by=office, at=MONDAY)
    meeting = held(town, pack=pack)
    pack.refresh_from_db()
    assert pack.state == "held"
    with pytest.raises(Refused, match="定稿"):
        fill_pack(pack, [], by=office, at=AFTER)
    with pytest.raises(Refused, match="已经安排了会议"):
        planned(town, pack=pack)
    assert Pack.objects.get().sections == [section]
    assert meeting.pack_id == pack.pk


def test_sent_twice_is_once(town):
    office, uid = town.people["office"], uuid.uuid4()
    assert planned(town, uid=uid) == planned(town, uid=uid)
    meeting = held(town)
    line = Decided("清理夜市占道", town.units["cgj"], DUE, uuid.uuid4())
    for _again in range(2):
        save_decisions(meeting, [line, Decided("", uid=uuid.uuid4())], by=office, at=AFTER)
        set_agenda(meeting, [("通报排名", "创建办"), ("表态发言", "")], by=office, at=AFTER)
        record_attendance(meeting, [Came(town.units["cgj"].pk)], by=office, at=AFTER)
    first, again = (turn_decision(Decision.objects.get(), by=office, at=AFTER) for _ in range(2))
    assert first == again
    assert (Meeting.objects.count(), Task.objects.count(), Decision.objects.count()) == (2, 1, 1)
    steps = Entry.objects.filter(subject="tasks.meeting", subject_id=meeting.pk).order_by("seq")
    assert list(steps.values_list("step", flat=True)) == [
        "plan",
        "invite",
        "hold",
        "decide",
        "attend",
        "turn",
    ]


def test_a_decision_is_changed_or_taken_away_until_it_is_a_task(town):
    office = town.people["office"]
    meeting = held(town)
    one, two = decided(town, meeting), decided(town, meeting, "再查一遍", None, None)
    with pytest.raises(Refused, match="还没有单位或期限"):
        turn_decision(two, by=office, at=AFTER)
    save_decisions(
        meeting,
        [Decided("", uid=two.uid), Decided("改了字", town.units["jtj"], DUE, one.uid)],
        by=office,
        at=AFTER,
    )
    one.refresh_from_db()
    assert [row.text for row in meeting.decisions.all()] == ["改了字"]
    turn_decision(one, by=office, at=AFTER)
    save_decisions(meeting, [Decided("", uid=one.uid)], by=office, at=AFTER)
    assert Decision.objects.get().text == "改了字"


def test_a_decision_whose_date_is_over_makes_no_task(town):
    meeting = held(town)
    decision = decided(town, meeting, due_on=dt.date(2026, 11, 18))
    with pytest.raises(Refused, match="期限要晚于今天"):
        turn_decision(decision, by=town.people["office"], at=AFTER)
    assert Task.objects.count() == 0


def test_two_who_write_minutes_do_not_overwrite_each_other(town):
    meeting = held(town)
    write_minutes(meeting, "甲写的", by=town.people["clerk"], seen="", at=AFTER)
    with pytest.raises(Refused, match="另一人刚改过纪要"):
        write_minutes(meeting, "乙写的", by=town.people["office"], seen="", at=AFTER)
    meeting.refresh_from_db()
    assert meeting.minutes == "甲写的"


@pytest.mark.parametrize("role", ["liaison", "leader", "auditor", "checker", "admin", "nobody"])
def test_others_than_the_desk_change_nothing(town, role):
    meeting, person = held(town), town.people[role]
    decision = decided(town, meeting)
    for act in (
        lambda: plan_meeting("会", WEDNESDAY, "楼", by=person),
        lambda: set_agenda(meeting, [("甲", "")], by=person, at=AFTER),
        lambda: list_units(meeting, [], by=person, at=AFTER),
        lambda: record_attendance(meeting, [Came(town.units["cgj"].pk)], by=person, at=AFTER),
        lambda: write_minutes(meeting, "字", by=person, at=AFTER),
        lambda: save_decisions(meeting, [Decided("字")], by=person, at=AFTER),
        lambda: turn_decision(decision, by=person, at=AFTER),
    ):
        with pytest.raises(NotAllowed):
            act()
    assert Attendance.objects.filter(presence="came").count() == 0


def test_units_see_the_meetings_they_were_asked_to_and_no_others(town):
    other = planned(town, units=[town.units["xhl"]])
    mine = invited(town, units=[town.units["cgj"]])
    seen = {
        role: set(rules.see_meeting.filter(Meeting.objects.all(), town.people[role]))
        for role in ("office", "leader", "liaison", "liaison2", "liaison3", "nobody")
    }
    assert seen == {
        "office": {mine, other}, "leader": {mine, other}, "liaison": {mine}, "liaison2": set(), "liaison3": set(), "nobody": set(),
    }  # fmt: skip


def test_a_unit_that_was_not_there_sees_the_meeting_once_its_minutes_name_it(town):
    office, other = town.people["office"], town.people["liaison3"]
    meeting = held(town)
    decided(town, meeting, unit="xhl")
    write_minutes(meeting, "会议听取了通报。", by=office, at=AFTER)
    assert not rules.see_meeting.filter(Meeting.objects.all(), other).exists()
    take(meeting, "confirm", office, at=AFTER)
    del other._standing  # as with the next request
    assert rules.see_meeting.filter(Meeting.objects.all(), other).get() == meeting
    assert rules.see_meeting.allows(other, meeting)
    assert Notice.objects.get(kind="confirm").unit == town.units["xhl"]


@pytest.mark.django_db(transaction=True)
def test_two_turn_the_same_decision_at_the_same_moment(town):
    decision = decided(town, held(town))
    gate, made = threading.Barrier(2), []

    def run(person):
        gate.wait()
        try:
            made.append(turn_decision(decision, by=person, at=AFTER).number)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(town.people["office"],)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 1
    assert len(made) == 2
    assert Task.objects.count() == 1


def test_minutes_and_pack_become_one_draft_each(town):
    from chuangwen.papers.models import IssuingBody, Paper
    from chuangwen.tasks.meeting_papers import draft_minutes, draft_pack

    office = town.people["office"]
    pack, _made = make_pack("monthly", dt.date(2026, 11, 18), by=office, at=MONDAY)
    figure = {"name": "超期案件", "value": "3", "link": "/today/late/", "definition": "已过期限"}
    row = [{"text": "城市管理局", "link": "", "num": False}, {"text": "3", "link": "", "num": True}]
    section = {
        "code": "late",
        "title": "超期",
        "text": "3 件",
        "figures": [figure],
        "columns": ["单位", "件数"],
        "rows": [row],
    }
    fill_pack(pack, [section], by=office, at=MONDAY)
    meeting = held(town, pack=pack)
    lines = [Came(town.units["cgj"].pk, "came", "王某"), Came(town.units["jtj"].pk, "leave")]
    record_attendance(meeting, lines, by=office, at=AFTER)
    decided(town, meeting)
    with pytest.raises(Refused, match="再出会议纪要"):
        draft_minutes(meeting, by=office)
    write_minutes(meeting, "会议听取了通报。", by=office, at=AFTER)
    with pytest.raises(Refused, match="发文机关"):
        draft_minutes(meeting, by=office)
    IssuingBody.objects.create(
        code="office", unit=town.units["office"], name="示例创建办", mark="示例创建办文件", character="示创办"
    )
    with pytest.raises(NotAllowed):
        draft_minutes(meeting, by=town.people["liaison"])
    paper = draft_minutes(meeting, by=office, at=AFTER)
    assert draft_minutes(meeting, by=office) == paper
    assert (paper.kind, paper.form, paper.about_id) == ("minutes", "minutes", meeting.pk)
    assert paper.content["attend"] == ["王某（城市管理局）"]
    assert paper.content["leave"] == ["交通运输局"]
    words = [block["text"] for block in paper.content["blocks"]]
    assert "会议听取了通报。" in words
    assert words[-1] == "清理夜市占道。责任单位：城市管理局。完成期限：2026年11月30日。"
    assert set(paper.receipts.values_list("unit__code", flat=True)) == {"cgj", "jtj"}
    bulletin = draft_pack(pack, by=office, at=AFTER)
    assert draft_pack(pack, by=office) == bulletin
    assert [(one["name"], one["value"], one["link"]) for one in bulletin.figures] == [
        ("超期 超期案件", "3", "/today/late/")
    ]
    assert bulletin.content["blocks"][-1] == {"head": ["单位", "件数"], "rows": [["城市管理局", "3"]]}
    assert Paper.objects.count() == 2
