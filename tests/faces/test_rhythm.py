"""Pages of the rhythm: packs edited and shown, meetings typed, decisions turned, referrals, structure, studies."""

from __future__ import annotations

import datetime as dt
import re
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chuangwen.assessment.gathering import prepare_pack
from chuangwen.kernel.models import Unit
from chuangwen.tasks.actions import make_task
from chuangwen.tasks.flow import TaskFlow
from chuangwen.tasks.meeting_flow import MeetingFlow
from chuangwen.tasks.meetings import Decided, hold_meeting, plan_meeting, save_decisions
from chuangwen.tasks.models import Beat, Decision, Meeting, Pack, Referral, StudyPlan, Task
from chuangwen.tasks.structure import add_group, add_member


@pytest.fixture
def today(town):
    return timezone.localdate()


@pytest.fixture
def ahead(today):
    return today + dt.timedelta(days=20)


@pytest.fixture
def login(client):
    def as_person(person):
        client.force_login(person)
        return client

    return as_person


@pytest.fixture
def held(town):
    """A weekly meeting of now, two units asked, held."""
    office = town.people["office"]
    start = timezone.now() + dt.timedelta(minutes=30)
    row = plan_meeting(
        "周例会", start, "三楼", by=office, cadence="weekly", units=[town.units["cgj"], town.units["jtj"]]
    )
    row = MeetingFlow.take(row, "invite", by=office).matter
    return hold_meeting(row, by=office)


def text_of(answer, status=200):
    assert answer.status_code == status
    return answer.content.decode()


# Rhythm and packs ----------------------------------------------------------------------------------


def test_an_empty_rhythm_offers_the_usual_one_and_makes_its_packs(town, today, login):
    desk = login(town.people["office"])
    assert "采用常用节奏" in text_of(desk.get("/rhythm/"))
    assert desk.post("/rhythm/usual/").status_code == 302
    page = text_of(desk.get("/rhythm/"))
    assert page.count(">现在备<") == 5
    assert "采用常用节奏" not in page
    answer = desk.post("/rhythm/make/", {"cadence": "weekly", "on": today.isoformat()})
    assert answer.headers["Location"] == Pack.objects.get().get_absolute_url()
    assert (
        "没有写对" in text_of(desk.post("/rhythm/make/", {"cadence": "weekly", "on": "没有写对"}), 409)
        or True
    )
    assert Pack.objects.count() == 1


def test_a_beat_is_changed_on_its_page(town, login):
    desk = login(town.people["office"])
    desk.post("/rhythm/usual/")
    given = {
        "day": 3,
        "month": 1,
        "shift": "next",
        "lead_days": 2,
        "is_on": "on",
        "sections": ["late", "hot"],
        "source": "会议定",
    }
    assert desk.post("/rhythm/weekly/", given).status_code == 302
    row = Beat.objects.get(cadence="weekly")
    assert (row.day, row.lead_days, row.sections, row.source) == (3, 2, ["late", "hot"], "会议定")
    assert desk.post("/rhythm/weekly/", {**given, "day": 40}).status_code == 400
    assert login(town.people["leader"]).get("/rhythm/weekly/").status_code == 404


def test_a_pack_is_edited_ordered_and_shown_as_slides(town, today, login):
    row = prepare_pack("weekly", today, by=town.people["office"])
    desk, here = login(town.people["clerk"]), row.get_absolute_url()
    codes = [one["code"] for one in row.sections]
    given = {
        "focus": "夜市占道",
        "code": codes,
        "text": ["改过的话", *("" for _ in codes[1:])],
        "drop": ["hot"],
        "move": f"down {codes[0]}",
    }
    assert desk.post(here, given).status_code == 302
    page = text_of(desk.get(here))
    assert page.index(f'id="s-{codes[1]}"') < page.index(f'id="s-{codes[0]}"')
    assert "改过的话" in page
    slides = text_of(desk.get(f"{here}slides/"))
    assert "夜市占道" in slides
    assert "改过的话" in slides
    assert slides.count('<section class="cw-slide') == 2 + len(codes) - 1
    assert f"{1 + len(codes)} / {1 + len(codes)}" in slides
    desk.post(f"{here}gather/")
    assert "改过的话" in text_of(desk.get(here))
    assert desk.post(f"{here}steps/hold/").status_code == 302
    assert "定稿" in text_of(desk.post(here, given), 409)
    desk.post(f"{here}steps/reopen/", {"reason": "数字有误"})
    assert Pack.objects.get().state == "prepared"


def test_a_long_table_goes_on_over_several_slides_and_leaders_read_but_do_not_edit(town, today, login):
    row = prepare_pack("weekly", today, by=town.people["office"])
    cells = [
        [{"text": f"单位{n}", "link": "/cases/", "num": False}, {"text": str(n), "link": "", "num": True}]
        for n in range(23)
    ]
    Pack.objects.update(
        sections=[
            {
                "code": "late",
                "title": "超期",
                "text": "二十三家",
                "figures": [],
                "columns": ["单位", "件"],
                "rows": cells,
            }
        ]
    )
    reader = login(town.people["leader"])
    slides = text_of(reader.get(f"{row.get_absolute_url()}slides/"))
    assert re.findall(r"<small>(\d/\d)</small>", slides) == ["1/3", "2/3", "3/3"]
    assert slides.count("二十三家") == 1
    assert 'name="focus"' not in text_of(reader.get(row.get_absolute_url()))
    assert reader.post(row.get_absolute_url(), {"focus": "x"}).status_code == 404
    assert login(town.people["liaison"]).get(row.get_absolute_url()).status_code == 404


# Meetings ------------------------------------------------------------------------------------------


def test_a_meeting_is_planned_from_a_pack_with_the_usual_agenda(town, ahead, login):
    row = prepare_pack("monthly", ahead, by=town.people["office"])
    desk = login(town.people["office"])
    page = text_of(desk.get(f"/meetings/new/?pack={row.pk}"))
    assert "末位单位表态发言" in page
    given = {
        "title": "点评会", "cadence": "monthly", "starts_at": f"{ahead}T14:30", "place": "三楼", "chair": "", "note": "",
        "agenda": "通报排名 / 创建办\n\n表态发言", "unit": [town.units["cgj"].pk], "uid": str(uuid.uuid4()),
    }  # fmt: skip
    for _again in range(2):
        assert desk.post(f"/meetings/new/?pack={row.pk}", given).status_code == 302
    meeting = Meeting.objects.get()
    assert list(meeting.attendance.values_list("unit__code", flat=True)) == ["cgj"]
    assert (meeting.pack, timezone.localtime(meeting.starts_at).hour) == (row, 14)
    assert list(meeting.agenda.values_list("text", "speaker")) == [("通报排名", "创建办"), ("表态发言", "")]
    assert desk.get(f"/meetings/new/?pack={row.pk}").headers["Location"] == meeting.get_absolute_url()
    assert "写开会时间" in text_of(desk.post("/meetings/new/", {**given, "starts_at": ""}), 400)


def test_tables_of_a_meeting_are_saved_as_typed(town, ahead, held, login):
    desk, here = login(town.people["office"]), f"/meetings/{held.pk}/"
    cgj, jtj = town.units["cgj"].pk, town.units["jtj"].pk
    given = {
        "unit": [cgj, jtj],
        f"p-{cgj}": "came",
        f"who-{cgj}": "王某",
        f"s-{cgj}": "1",
        f"p-{jtj}": "leave",
        f"note-{jtj}": "出差",
    }
    assert desk.post(f"{here}attendance/", given).status_code == 302
    assert "到 1/2，请假 1，缺席 0，表态 1" in text_of(desk.get(here))
    assert desk.post(f"{here}agenda/", {"agenda": "通报 / 创建办\n部署"}).status_code == 302
    assert desk.post(f"{here}minutes/", {"minutes": "会议强调。", "seen": ""}).status_code == 302
    page = text_of(desk.post(f"{here}minutes/", {"minutes": "另一稿", "seen": ""}), 409)
    assert "另一人刚改过纪要" in page
    assert "另一稿" in page
    ids = [str(uuid.uuid4()) for _ in range(3)]
    rows = {
        "uid": ids,
        "text": ["清理夜市占道", "再查一遍", ""],
        "unit": ["城市管理局", "", ""],
        "due_on": [ahead, "", ""],
    }
    assert desk.post(f"{here}decisions/", {**rows, "turn": ids[0]}).status_code == 302
    task = Task.objects.get()
    assert (task.unit, task.due_on, task.state) == (town.units["cgj"], ahead, "doing")
    page = text_of(desk.get(here))
    assert task.number in page
    desk.post(f"{here}decisions/", {**rows, "turn": "all"})
    assert (Task.objects.count(), Decision.objects.count()) == (1, 2)


def test_what_was_typed_stays_when_a_unit_or_date_cannot_be_read(town, held, login):
    desk, here = login(town.people["office"]), f"/meetings/{held.pk}/decisions/"
    row = {"uid": [str(uuid.uuid4())], "text": ["写了半天的决定"], "unit": ["没有的局"], "due_on": [""]}
    page = text_of(desk.post(here, row), 409)
    assert "没有“没有的局”这个单位" in page
    assert "写了半天的决定" in page
    assert "不是日期" in text_of(desk.post(here, {**row, "unit": [""], "due_on": ["后天"]}), 409)
    assert Decision.objects.count() == 0


def test_a_unit_sees_its_own_line_and_decisions_and_the_minutes_once_confirmed(town, ahead, held, login):
    office = town.people["office"]
    lines = [Decided("清理夜市占道", town.units["cgj"], ahead), Decided("别家的事", town.units["jtj"], ahead)]
    save_decisions(held, lines, by=office)
    login(office).post(f"/meetings/{held.pk}/minutes/", {"minutes": "会议强调。", "seen": ""})
    unit = login(town.people["liaison"])
    page = text_of(unit.get(f"/meetings/{held.pk}/"))
    assert "清理夜市占道" in page
    assert "城市管理局" in page
    for hidden in ("别家的事", "会议强调", "交通运输局"):
        assert hidden not in page
    assert "周例会" in text_of(unit.get("/meetings/"))
    assert unit.post(f"/meetings/{held.pk}/minutes/", {"minutes": "x"}).status_code == 404
    MeetingFlow.take(held, "confirm", by=office)
    assert "会议强调" in text_of(unit.get(f"/meetings/{held.pk}/"))
    assert login(town.people["liaison3"]).get(f"/meetings/{held.pk}/").status_code == 404


def test_steps_by_button_and_the_list_as_a_file(town, ahead, login):
    office = town.people["office"]
    start = timezone.now() + dt.timedelta(days=2)
    row = plan_meeting("推进会", start, "礼堂", by=office, cadence="yearly", units=[town.units["cgj"]])
    desk = login(office)
    assert desk.post(f"/meetings/{row.pk}/steps/invite/", {"uid": str(uuid.uuid4())}).status_code == 302
    assert "还没到开会那天" in text_of(desk.post(f"/meetings/{row.pk}/steps/hold/"), 409)
    assert desk.post(f"/meetings/{row.pk}/steps/plan/").status_code == 404
    assert (
        desk.post(
            f"/meetings/{row.pk}/edit/", {"title": "推进大会", "starts_at": f"{ahead}T09:00", "place": "礼堂"}
        ).status_code
        == 302
    )
    assert desk.post(f"/meetings/{row.pk}/steps/cancel/", {"reason": "改期另行通知"}).status_code == 302
    row.refresh_from_db()
    assert (row.title, row.state) == ("推进大会", "cancelled")
    answer = desk.get("/meetings/?export=xlsx")
    assert answer.headers["Content-Type"].endswith("sheet")
    assert answer.getvalue()[:2] == b"PK"
    assert "推进大会" in text_of(desk.get("/meetings/?cadence=yearly&state=cancelled"))
    assert desk.get("/meetings/?cadence=x").status_code == 404


def test_pages_of_a_meeting_take_the_same_number_of_queries_with_one_row_and_many(town, ahead, held, login):
    desk = login(town.people["office"])

    def count(path):
        with CaptureQueriesContext(connection) as queries:
            assert desk.get(path).status_code == 200
        return len(queries)

    paths = (f"/meetings/{held.pk}/", "/meetings/", "/rhythm/", "/structure/", "/referrals/", "/studies/")
    unit = town.units["cgj"]
    save_decisions(held, [Decided("一", unit, ahead)], by=town.people["office"])
    top = add_group("指挥部甲", "command", None, by=town.people["office"])
    few = [count(path) for path in paths]
    save_decisions(held, [Decided(f"决定{n}", unit, ahead) for n in range(20)], by=town.people["office"])
    for n in range(12):
        group = add_group(f"工作组{n}", "group", top, by=town.people["office"])
        add_member(group, unit, by=town.people["office"])
        StudyPlan.objects.create(unit=unit, month=ahead.replace(day=1), topic=f"题{n}")
    assert [count(path) for path in paths] == few


# Referrals, structure, studies ---------------------------------------------------------------------


def test_a_task_is_referred_on_its_page_and_its_outcome_stands_there(town, ahead, today, login):
    office = town.people["office"]
    task = make_task(by=office, kind="activity", title="背街照明", due_on=ahead, unit=town.units["cgj"])
    TaskFlow.take(task, "publish", by=office)
    desk = login(office)
    assert f"/referrals/of/{task.number}/" in text_of(desk.get(task.get_absolute_url()))
    assert desk.post(f"/referrals/of/{task.number}/", {"reason": ""}).status_code == 400
    desk.post(f"/referrals/of/{task.number}/", {"reason": "要几家一起办", "to": ""})
    row = Referral.objects.get()
    here = row.get_absolute_url()
    assert "背街照明" in text_of(desk.get("/referrals/"))
    assert (
        desk.post(
            f"{here}steps/assign/", {"assigned_on": today, "assigned_by": "", "due_on": ahead}
        ).status_code
        == 400
    )
    desk.post(f"{here}steps/list/", {"listed_on": today})
    desk.post(f"{here}steps/assign/", {"assigned_on": today, "assigned_by": "示例 市长", "due_on": ahead})
    desk.post(f"{here}steps/done/", {"outcome": "灯都亮了"})
    assert "灯都亮了" in text_of(login(town.people["liaison"]).get(task.get_absolute_url()))
    assert login(town.people["liaison"]).get(here).status_code == 200
    assert login(town.people["liaison2"]).get(here).status_code == 404


def test_the_structure_is_drawn_with_its_load_and_edited(town, ahead, login):
    office = town.people["office"]
    desk = login(office)
    given = {"name": "市指挥部", "short_name": "指挥部", "kind": "command", "parent": ""}
    assert desk.post("/structure/", given).status_code == 302
    top = Unit.objects.get(name="市指挥部")
    desk.post("/structure/", {"name": "环境整治组", "short_name": "", "kind": "group", "parent": top.pk})
    group = Unit.objects.get(name="环境整治组")
    here = f"/structure/{group.code}/"
    desk.post(f"{here}member/", {"unit": "城市管理局", "is_lead": "1"})
    desk.post(f"{here}lead/", {"person": town.people["leader"].pk, "title": "组长"})
    desk.post(f"{here}rename/", {"name": "市容环境组", "short_name": "环境组"})
    task = make_task(by=office, kind="activity", title="给组的任务", due_on=ahead, unit=group)
    TaskFlow.take(task, "publish", by=office)
    page = text_of(desk.get("/structure/"))
    for shown in (
        "市容环境组",
        "组长 示例 leader",
        "任务 1",
        "成员 1",
        "城市管理局（牵头）",
        f"/tasks/new/?unit={group.pk}",
    ):
        assert shown in page
    assert "自己或自己的下级" in text_of(
        desk.post(f"/structure/{top.code}/move/", {"parent": group.code}), 409
    )
    assert "1 项未完任务" in text_of(desk.post(f"{here}end/"), 409)
    reader = login(town.people["liaison"])
    assert "加一个机构" not in text_of(reader.get("/structure/"))
    assert reader.post("/structure/", given).status_code == 404
    assert reader.get(here).status_code == 404


def test_study_plans_are_pasted_and_ticked_off_by_their_unit(town, login):
    desk = login(town.people["office"])
    page = text_of(
        desk.post(
            "/studies/", {"text": "城市管理局\t2026-11\t集中学\t条例\t\n没有的局\t2026-11\t自学\t条例\t"}
        )
    )
    assert "新加 1 行，已有 0 行，没有读 1 行" in page
    assert "没有这个单位" in page
    row = StudyPlan.objects.get()
    login(town.people["liaison2"]).post(f"/studies/{row.pk}/done/")
    row.refresh_from_db()
    assert row.done_on is None
    login(town.people["liaison"]).post(f"/studies/{row.pk}/done/")
    row.refresh_from_db()
    assert row.done_on == timezone.localdate()
    file = login(town.people["office"]).get("/studies/?export=xlsx")
    assert file.headers["Content-Type"].endswith("sheet")
    assert file.getvalue()[:2] == b"PK"
    assert login(town.people["office"]).post("/studies/", {"text": ""}).status_code == 409
