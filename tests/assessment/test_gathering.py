"""A pack gathered from a small city counted by hand; the clock makes each cadence's pack on its day, once."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chuangwen.assessment.gathering import SECTIONS, gather, prepare_due, prepare_pack
from chuangwen.kernel.models import Post
from chuangwen.kernel.workflow.flow import NotAllowed, Refused
from chuangwen.problems.models import Case, Prepared, Rung
from chuangwen.tasks.actions import make_task
from chuangwen.tasks.flow import TaskFlow
from chuangwen.tasks.meetings import Decided, hold_meeting, plan_meeting, save_decisions, turn_decision
from chuangwen.tasks.models import Beat, Pack
from chuangwen.tasks.packs import edit_pack, use_usual_beats

# Monday 2026-11-16, 09:00 in China.
MONDAY = dt.datetime(2026, 11, 16, 1, 0, tzinfo=dt.UTC)
DAY = dt.date(2026, 11, 16)


def at(hours):
    return MONDAY + dt.timedelta(hours=hours)


def case(town, n, state, reported, **more):
    given = {
        "number": f"SL-{n}", "source": "patrol", "what": f"事项{n}", "kind": town.kind, "unit": town.units["cgj"],
        "street": town.street, "state": state, "reported_at": at(reported), **more,
    }  # fmt: skip
    return Case.objects.create(**given)


@pytest.fixture
def city(town):
    """Late 2 (one watched by a red card), due on Monday 1, returned 1, closed 1; three at one market, one covert without unit."""
    town.late = case(town, 1, "fixing", -60, due_at=at(-20), supervision=2)
    case(town, 2, "fixing", -50, due_at=at(-2), unit=town.units["jtj"])
    case(town, 3, "fixing", -40, due_at=at(5), site=town.site)
    case(town, 4, "disputed", -40, due_at=at(80), site=town.site)
    case(town, 5, "closed", -100, site=town.site, closed_at=at(-90))
    case(town, 6, "filed", -10, due_at=at(-1), source="covert", unit=None)
    rung = Rung.objects.create(
        rank=1, trigger="overdue", amount=1, unit="work_day", action="yellow", source="示例"
    )
    Prepared.objects.create(case=town.late, rung=rung, ground="超期")
    office = town.people["office"]
    task = make_task(
        by=office,
        kind="activity",
        title="宣传",
        due_on=dt.date(2026, 11, 18),
        unit=town.units["cgj"],
        at=at(-48),
    )
    TaskFlow.take(task, "publish", by=office, at=at(-48))
    return town


def told(pack):
    """Figures by section: name → value."""
    return {
        one["code"]: {figure["name"]: figure["value"] for figure in one["figures"]} for one in pack.sections
    }


def rows(pack, code):
    section = next(one for one in pack.sections if one["code"] == code)
    return [[cell["text"] for cell in row] for row in section["rows"]]


def test_the_week_is_gathered_as_counted_by_hand(city):
    pack = prepare_pack("weekly", DAY, by=city.people["clerk"], at=MONDAY)
    figures = told(pack)
    assert figures["late"] == {"超期案件": "2"}
    assert figures["due"] == {
        "到期案件": "3"
    }  # in the days from Monday 00:00 on: one late at 07:00, one at 14:00, one on Thursday
    assert figures["returned"] == {"退回待定": "1"}  # the covert one is not told to a room
    assert figures["ladder"] == {"待签": "1", "黄牌督办": "0", "红牌督办": "1"}
    assert figures["hot"] == {"新热点": "1"}
    assert rows(pack, "hot") == [["文化街农贸市场", "暴露垃圾", "3", "0", "2"]]
    assert rows(pack, "late") == [["城市管理局", "1"], ["交通运输局", "1"]]
    assert rows(pack, "tasks") == [["城市管理局", "1", "0", "0"]]
    assert figures["tasks"] == {"进行中": "1", "超期": "0", "期内完成": "0"}
    assert "没有上次会议" in next(one["text"] for one in pack.sections if one["code"] == "decisions")


def test_the_days_list_names_the_cases_with_their_links(city):
    pack = prepare_pack("daily", DAY, by=None, at=MONDAY)
    assert [row[0] for row in rows(pack, "late")] == ["事项1", "事项2"]
    section = next(one for one in pack.sections if one["code"] == "late")
    assert section["rows"][0][0]["link"] == "/cases/SL-1/"
    assert all(figure["link"].startswith("/") for one in pack.sections for figure in one["figures"])
    assert all("事项6" not in str(one) for one in pack.sections)


@pytest.mark.parametrize("cadence", ["daily", "weekly", "monthly", "quarterly", "yearly"])
def test_each_cadence_has_its_pack_in_an_empty_city(town, cadence):
    pack = prepare_pack(cadence, DAY, by=None, at=MONDAY)
    assert pack.sections
    for one in pack.sections:
        assert one["title"] == str(SECTIONS[one["code"]].title)
        assert one["text"]
        assert all(len(row) == len(one["columns"]) for row in one["rows"])


def test_a_pack_takes_the_same_number_of_queries_however_many_cases(city):
    pack = prepare_pack("monthly", DAY, by=None, at=MONDAY)
    with CaptureQueriesContext(connection) as few:
        gather(pack, by=None, at=MONDAY)
    for n in range(100, 130):
        case(city, n, "fixing", -40, due_at=at(-n), site=city.site, supervision=1)
    with CaptureQueriesContext(connection) as many:
        gather(pack, by=None, at=MONDAY)
    assert len(many) <= len(few) + 2  # places and units are named once there are any
    assert len(many) < 60


def test_decisions_of_the_last_meeting_and_what_earlier_ones_left_are_on_the_next(city):
    office = city.people["office"]

    def meeting(days, *decisions):
        start = MONDAY - dt.timedelta(days=days)
        row = plan_meeting("周例会", start, "三楼", by=office, cadence="weekly", at=start)
        row = hold_meeting(row, by=office, at=start)
        lines = [Decided(text, city.units["cgj"], dt.date(2026, 11, 25)) for text in decisions]
        return save_decisions(row, lines, by=office, at=start), start

    (_old, dropped), start = meeting(14, "旧的没办", "旧的办完")
    task = turn_decision(dropped, by=office, at=start)
    TaskFlow.take(task, "drop", by=office, given={"reason": "合并"}, at=start)
    (new,), start = meeting(7, "新的")
    turn_decision(new, by=office, at=start)
    pack = prepare_pack("weekly", DAY, by=office, at=MONDAY)
    assert [(row[0], row[3]) for row in rows(pack, "decisions")] == [
        ("新的", "推进"),
        ("旧的没办", "未转任务"),
    ]


def test_edits_stay_when_the_clock_gathers_anew_the_next_day(city):
    office = city.people["office"]
    Beat.objects.create(cadence="weekly", day=3, lead_days=3)  # Wednesday, made from Sunday on
    assert prepare_due(MONDAY) == 1
    pack = Pack.objects.get()
    assert pack.on == dt.date(2026, 11, 18)
    edit_pack(pack, by=office, texts={"late": "两家在办"}, at=MONDAY)
    assert prepare_due(at(2)) == 0  # once a day is enough
    case(city, 7, "fixing", -40, due_at=at(-3))
    assert prepare_due(at(24)) == 1
    pack.refresh_from_db()
    assert pack.edits == {"late": {"text": "两家在办"}}
    assert told(pack)["late"] == {"超期案件": "4"}  # the one due on Monday afternoon is late by Tuesday


def test_the_clock_makes_the_packs_of_a_day_once_and_lets_old_ones_pass(city):
    use_usual_beats(by=city.people["office"])
    prepare_due(MONDAY)
    assert set(Pack.objects.values_list("cadence", "on")) == {("daily", DAY), ("weekly", DAY)}
    assert prepare_due(MONDAY) == 0
    prepare_due(at(24))
    found = Pack.objects.filter(cadence="daily").order_by("on").values_list("on", "state")
    assert list(found) == [(DAY, "past"), (dt.date(2026, 11, 17), "prepared")]
    prepare_due(at(5 * 24))  # Saturday: no daily list
    assert Pack.objects.filter(on=dt.date(2026, 11, 21)).count() == 0


def test_without_an_office_nothing_is_gathered(town):
    use_usual_beats(by=town.people["office"])
    Post.objects.filter(role="office").delete()
    assert prepare_due(MONDAY) == 0
    with pytest.raises(Refused, match="创建办岗位"):
        prepare_pack("daily", DAY, by=None, at=MONDAY)


def test_others_than_the_desk_gather_nothing(city):
    pack = prepare_pack("daily", DAY, by=None, at=MONDAY)
    for role in ("liaison", "leader", "nobody"):
        with pytest.raises(NotAllowed):
            gather(pack, by=city.people[role], at=MONDAY)


def test_gathering_reads_as_the_office_even_when_a_clerk_asks(city):
    pack = prepare_pack("weekly", DAY, by=city.people["clerk"], at=MONDAY)
    again = gather(pack, by=city.people["office"], at=MONDAY)
    assert again.sections == pack.sections
    assert timezone.localdate(again.gathered_at) == DAY
