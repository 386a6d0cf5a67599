"""Packs: one a day, edits beside what was gathered, frozen when held; referrals upward; study plans."""

from __future__ import annotations

import datetime as dt

import pytest

from chuangwen.kernel.models import Clock, DayOverride, Entry, Notice
from chuangwen.kernel.screens.tables import read_table
from chuangwen.kernel.workflow.flow import BadInput, NotAllowed, Refused
from chuangwen.tasks import studies
from chuangwen.tasks.actions import make_task
from chuangwen.tasks.flow import TaskFlow
from chuangwen.tasks.meeting_flow import PackFlow, ReferralFlow
from chuangwen.tasks.models import Beat, Pack, Referral, StudyPlan
from chuangwen.tasks.packs import days_due, edit_pack, fill_pack, make_pack, pass_by, shown, use_usual_beats
from chuangwen.tasks.referrals import refer_task

MONDAY = dt.datetime(2026, 11, 16, 1, 0, tzinfo=dt.UTC)
DAY = dt.date(2026, 11, 16)


def gathered(*codes, text="甲"):
    return [
        {"code": code, "title": code, "text": f"{text}{code}", "figures": [], "columns": [], "rows": []}
        for code in codes
    ]


@pytest.fixture
def pack(town):
    row, _made = make_pack("weekly", DAY, by=town.people["office"], at=MONDAY)
    return fill_pack(row, gathered("late", "due", "hot"), by=town.people["office"], at=MONDAY)


def test_a_pack_is_there_once_a_day_and_knows_its_span(town, pack):
    again, made = make_pack("weekly", DAY, by=None, at=MONDAY)
    assert (again, made) == (pack, False)
    assert (pack.from_on, pack.to_on) == (dt.date(2026, 11, 9), dt.date(2026, 11, 15))


def test_gathering_again_never_overwrites_an_edit(town, pack):
    office = town.people["office"]
    edit_pack(
        pack, by=office, focus="夜市占道", texts={"late": "办公室写的", "due": "甲due"}, dropped=["hot"], order=["due", "late", "hot"],
        at=MONDAY,
    )  # fmt: skip
    pack = fill_pack(pack, gathered("late", "due", "hot", text="乙"), by=office, at=MONDAY)
    found = [(one["code"], one["text"], one["gathered"], one["is_edited"]) for one in shown(pack)]
    assert found == [("due", "乙due", "乙due", False), ("late", "办公室写的", "乙late", True)]
    assert [one["code"] for one in shown(pack, all_of_them=True) if one["is_dropped"]] == ["hot"]
    assert pack.focus == "夜市占道"
    # An emptied text gives the section back to what is gathered.
    pack = edit_pack(pack, by=office, texts={"late": ""}, dropped=[], at=MONDAY)
    assert [one["text"] for one in shown(pack)] == ["乙due", "乙late", "乙hot"]
    assert Entry.objects.filter(subject="tasks.pack", step="edit").count() == 2


def test_the_same_edit_again_and_the_same_gathering_write_no_history(town, pack):
    office = town.people["office"]
    for _again in range(2):
        edit_pack(pack, by=office, focus="夜市占道", texts={"late": "字"}, dropped=["hot"], at=MONDAY)
        fill_pack(pack, gathered("late", "due", "hot"), by=office, at=MONDAY)
    steps = Entry.objects.filter(subject="tasks.pack").order_by("seq").values_list("step", flat=True)
    assert list(steps) == ["make", "gather", "edit"]


def test_a_held_pack_is_frozen_until_it_is_opened_again_with_a_reason(town, pack):
    office = town.people["office"]
    PackFlow.take(pack, "hold", by=office, at=MONDAY)
    for act in (
        lambda: fill_pack(pack, [], by=office, at=MONDAY),
        lambda: edit_pack(pack, by=office, focus="别的"),
    ):
        with pytest.raises(Refused):
            act()
    PackFlow.take(pack, "reopen", by=office, given={"reason": "数字有误"}, at=MONDAY)
    assert edit_pack(pack, by=office, focus="别的", at=MONDAY).focus == "别的"


@pytest.mark.parametrize("role", ["liaison", "leader", "auditor", "nobody"])
def test_others_than_the_desk_make_and_change_no_pack(town, pack, role):
    person = town.people[role]
    for act in (
        lambda: make_pack("daily", DAY, by=person),
        lambda: edit_pack(pack, by=person, focus="别的"),
        lambda: fill_pack(pack, [], by=person),
        lambda: PackFlow.take(pack, "hold", by=person),
    ):
        with pytest.raises(NotAllowed):
            act()


def test_what_nobody_used_is_past_once_a_later_one_is_there(town, pack):
    assert pass_by(dt.date(2026, 11, 20), MONDAY) == 0  # no later one yet
    make_pack("weekly", dt.date(2026, 11, 23), by=None, at=MONDAY)
    assert pass_by(dt.date(2026, 11, 20), MONDAY) == 0
    assert pass_by(dt.date(2026, 11, 23), MONDAY) == 1
    assert pass_by(dt.date(2026, 11, 23), MONDAY) == 0
    assert list(Pack.objects.order_by("on").values_list("state", flat=True)) == ["past", "prepared"]


def test_usual_beats_are_put_in_once_and_days_off_move_them(town):
    office = town.people["office"]
    assert use_usual_beats(by=office) == 5
    assert use_usual_beats(by=office) == 0
    weekly = Beat.objects.get(cadence="weekly")
    assert days_due(weekly, dt.date(2026, 11, 13)) == [DAY]  # three days ahead
    DayOverride.objects.create(day=DAY, is_work=False, source="示例")
    from chuangwen.kernel.city import forget

    forget()
    assert days_due(weekly, dt.date(2026, 11, 14)) == [dt.date(2026, 11, 17)]
    assert days_due(Beat.objects.get(cadence="daily"), DAY) == []
    with pytest.raises(NotAllowed):
        use_usual_beats(by=town.people["leader"])


# Referrals -----------------------------------------------------------------------------------------


@pytest.fixture
def task(town):
    office = town.people["office"]
    row = make_task(
        by=office,
        kind="activity",
        title="背街小巷照明",
        due_on=dt.date(2026, 12, 30),
        unit=town.units["cgj"],
        at=MONDAY,
    )
    return TaskFlow.take(row, "publish", by=office, at=MONDAY).matter


def test_a_task_is_handed_up_listed_assigned_and_its_outcome_comes_back(town, task):
    office = town.people["office"]
    row = refer_task(task, "要几家一起办", by=office, at=MONDAY)
    assert row == refer_task(task, "再来一次", by=office, at=MONDAY)
    assert (row.number, row.to) == ("SL-JB-2026-001", "市委市政府重点工作周交办会议")
    assert [c.name for c in Clock.objects.filter(subject="tasks.referral", stopped_at=None)] == ["listing"]
    ReferralFlow.take(row, "list", by=office, given={"listed_on": "2026-11-18"}, at=MONDAY)
    assigned = {
        "assigned_on": "2026-11-16",
        "assigned_by": "示例 市长",
        "due_on": "2026-12-01",
        "note": "两周办完",
    }
    row = ReferralFlow.take(row, "assign", by=office, given=assigned, at=MONDAY).matter
    assert row.next_due_at == dt.datetime(2026, 12, 1, 15, 59, 59, tzinfo=dt.UTC)
    row = ReferralFlow.take(row, "done", by=office, given={"outcome": "灯亮了"}, at=MONDAY).matter
    assert (row.state, row.outcome, row.next_due_at) == ("done", "灯亮了", None)
    told = Notice.objects.filter(subject="tasks.referral", unit=town.units["cgj"]).values_list(
        "kind", flat=True
    )
    assert sorted(told) == ["assign", "done"]
    # It has come to its end: the task may be handed up again.
    assert refer_task(task, "又坏了", by=office, at=MONDAY) != row


def test_referring_asks_for_a_reason_an_open_task_and_the_office(town, task):
    office = town.people["office"]
    with pytest.raises(Refused, match="为什么"):
        refer_task(task, " ", by=office)
    with pytest.raises(NotAllowed):
        refer_task(task, "理由", by=town.people["liaison"])
    TaskFlow.take(task, "drop", by=office, given={"reason": "不办了"}, at=MONDAY)
    with pytest.raises(Refused, match="已经结束"):
        refer_task(task, "理由", by=office)
    assert Referral.objects.count() == 0


def test_an_assignment_has_its_date_ahead_and_its_day_behind(town, task):
    row = refer_task(task, "要几家一起办", by=town.people["office"], at=MONDAY)
    given = {"assigned_on": "2026-11-17", "assigned_by": "示例 市长", "due_on": "2026-11-16"}
    with pytest.raises(BadInput) as fault:
        ReferralFlow.take(row, "assign", by=town.people["office"], given=given, at=MONDAY)
    assert set(fault.value.form.errors) == {"assigned_on", "due_on"}


# Study plans ---------------------------------------------------------------------------------------

PASTED = (
    "城市管理局\t2026-11\t集中学\t条例\t\n没有的局\t2026-11\t自学\t条例\t\n交通运输局\t去年\t自学\t条例\t\n"
)


def test_study_plans_are_pasted_and_what_cannot_be_read_is_named(town):
    office = town.people["office"]
    taken = studies.take_in(
        read_table(studies.as_table(PASTED), "粘贴.txt", columns=studies.COLUMNS), by=office
    )
    assert (taken.made, taken.known) == (1, 0)
    assert [(bad.title, bad.value) for bad in taken.bad] == [("单位", "没有的局"), ("月份", "去年")]
    done = "单位\t月份\t学习方式\t内容\t完成日期\n城市管理局\t2026年11月\t集中学\t条例\t2026-11-20\n"
    taken = studies.take_in(
        read_table(studies.as_table(done), "粘贴.txt", columns=studies.COLUMNS), by=office
    )
    assert (taken.made, taken.known) == (0, 1)
    assert StudyPlan.objects.get().done_on == dt.date(2026, 11, 20)
    with pytest.raises(NotAllowed):
        studies.mark_done(StudyPlan.objects.get(), None, by=town.people["liaison2"])
    assert studies.mark_done(StudyPlan.objects.get(), None, by=town.people["liaison"]).done_on is None
