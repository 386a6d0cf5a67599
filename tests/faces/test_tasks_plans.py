"""Pages of plans, month tables, campaigns and demonstration sites: generating twice, carrying twice, who may."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chuangwen.problems.actions import Told, take_report
from chuangwen.problems.flow import CaseFlow
from chuangwen.problems.models import Case
from chuangwen.standards.models import Edition, Node, Requirement, Scheme, Share
from chuangwen.tasks.actions import make_drive, make_plan, make_task
from chuangwen.tasks.models import Adoption, Demo, Drive, DriveTemplate, MonthLine, Plan, Task
from chuangwen.tasks.months import plan_month
from chuangwen.tasks.spreading import month_end, month_start, next_month

TODAY = timezone.localdate()
YEAR = TODAY.year + 1  # a year whose dates all lie ahead
MONTH = dt.date(YEAR, 3, 1)


def as_(person):
    client = Client()
    client.force_login(person)
    return client


def text_of(response, status=200):
    assert response.status_code == status, response.content.decode()[:800]
    return response.content.decode()


@pytest.fixture
def edition(town):
    scheme = Scheme.objects.create(code="city", name="示例体系", kind="city")
    edition = Edition.objects.create(
        scheme=scheme, name="示例", year=YEAR, full=Decimal(100), is_current=True
    )
    for n in range(4):
        node = Node.objects.create(edition=edition, tier="standard", code=f"1-{n}", name=f"标准{n}", rank=n)
        cell = Requirement.objects.create(node=node, method="site", full=Decimal(1))
        if n:
            Share.objects.create(requirement=cell, unit=town.units["cgj"], part="lead")
    return edition


@pytest.fixture
def plan(town):
    return make_plan(
        "year", f"{YEAR} 年度方案", dt.date(YEAR, 1, 1), dt.date(YEAR, 12, 31), by=town.people["office"]
    )


def task_of(town, plan, title="甲", **more):
    given = {"kind": "activity", "title": title, "due_on": dt.date(YEAR, 6, 30), "plan": plan, **more}
    return make_task(by=town.people["office"], **given)


def test_a_year_is_generated_once_however_often_one_clicks(town, edition):
    DriveTemplate.objects.create(name="环境卫生提升月", kind="theme_month", month=5, source="示例")
    office = as_(town.people["office"])
    assert "选标准版本和年份" in text_of(office.get("/plans/"))
    given = {"edition": edition.pk, "year": YEAR}
    page = text_of(office.post("/plans/generate/", given))
    assert "新拟 3 项任务、1 个行动" in page and "1 格没有主责单位" in page
    assert "没有要补的：3 项任务都已在" in text_of(office.post("/plans/generate/", given))
    assert (Plan.objects.count(), Task.objects.count(), Drive.objects.count()) == (2, 3, 1)
    assert f"{YEAR} 年度方案" in text_of(as_(town.people["leader"]).get("/plans/"))
    for path in (f"/plans/{Plan.objects.get(kind='year').pk}/", "/tasks/"):  # each task leads to its standard
        links = re.findall(r'href="(/standards/[^"]+)"', text_of(office.get(path)))
        assert f"/standards/{edition.pk}/1-1/" in links and office.get(links[0]).status_code == 200
    assert as_(town.people["clerk"]).post("/plans/generate/", given).status_code == 404
    assert "年份写 2020 到 2100" in text_of(office.post("/plans/generate/", {**given, "year": 99}), 400)


def test_a_unit_does_not_see_drafts_in_a_plan(town, edition):
    as_(town.people["office"]).post("/plans/generate/", {"edition": edition.pk, "year": YEAR})
    plan = Plan.objects.get(kind="year")
    month = MonthLine.objects.order_by("month").first().month.strftime("%Y-%m")
    for path in (f"/plans/{plan.pk}/", f"/plans/{plan.pk}/months/?month={month}"):
        assert "标准1" in text_of(as_(town.people["office"]).get(path))
        assert "标准1" not in text_of(as_(town.people["liaison"]).get(path))


def test_drafts_are_edited_in_a_table_row_by_row(town, plan):
    good, bad = task_of(town, plan, "甲"), task_of(town, plan, "乙")
    office = as_(town.people["office"])
    page = text_of(office.get(f"/plans/{plan.pk}/table/"))
    assert 'value="甲"' in page
    due = f"{YEAR}-09-30"
    data = {
        f"t{good.pk}-kind": "document", f"t{good.pk}-title": "甲改", f"t{good.pk}-due_on": due,
        f"t{good.pk}-unit": town.units["cgj"].pk, f"t{bad.pk}-kind": "activity", f"t{bad.pk}-title": "乙改",
        f"t{bad.pk}-due_on": "2020-01-01",
    }  # fmt: skip
    page = text_of(office.post(f"/plans/{plan.pk}/table/", data), 409)
    assert "存了 1 项" in page and "期限要晚于今天" in page and "乙改" in page
    good.refresh_from_db(), bad.refresh_from_db()
    assert (good.title, good.kind, good.unit, good.due_on) == (
        "甲改",
        "document",
        town.units["cgj"],
        dt.date(YEAR, 9, 30),
    )
    assert bad.title == "乙"
    data[f"t{bad.pk}-due_on"] = due
    assert office.post(f"/plans/{plan.pk}/table/", data)["Location"].endswith("saved=1")


def test_the_month_table_takes_pasted_rows_and_names_the_others(town, plan):
    a, b = task_of(town, plan, "甲"), task_of(town, plan, "乙")
    office, path = as_(town.people["office"]), f"/plans/{plan.pk}/months/?month={YEAR}-03"
    rows = f"{a.number}\t完成招标\n乙\t进场\n丙\t没有这项\n甲\n"
    page = text_of(office.post(path, {"act": "paste", "rows": rows}), 409)
    assert "写入 2 行" in page and "第 3 行：这个计划里没有“丙”" in page and "第 4 行：没有写本月计划" in page
    assert {line.task: line.plan for line in MonthLine.objects.all()} == {a: "完成招标", b: "进场"}
    line = MonthLine.objects.get(task=a)
    data = {"act": "save", f"result-{line.pk}": "已招标", f"done-{line.pk}": "on"}
    assert "记了 1 行" in text_of(office.post(path, data))
    line.refresh_from_db()
    assert (line.result, line.state) == ("已招标", "done")
    assert as_(town.people["liaison"]).post(path, data).status_code == 404


def test_carrying_over_twice_carries_once(town, plan):
    plan_month(task_of(town, plan, "甲"), MONTH, "进场", by=town.people["office"])
    other = make_plan("year", "另一个", dt.date(YEAR, 1, 1), dt.date(YEAR, 12, 31), by=town.people["office"])
    plan_month(task_of(town, other, "别的"), MONTH, "不动", by=town.people["office"])
    office, path = as_(town.people["office"]), f"/plans/{plan.pk}/months/?month={YEAR}-03"
    assert f"结转 1 项到 {YEAR}-04" in text_of(office.post(path, {"act": "carry"}))
    assert "没有要结转的" in text_of(office.post(path, {"act": "carry"}))
    assert sorted(MonthLine.objects.values_list("month", "state", "plan")) == [
        (MONTH, "carried", "进场"), (MONTH, "planned", "不动"), (dt.date(YEAR, 4, 1), "planned", "进场"),
    ]  # fmt: skip
    assert f"从 {YEAR}-03 结转" in text_of(office.get(f"/plans/{plan.pk}/months/?month={YEAR}-04"))
    assert office.get(f"/plans/{plan.pk}/months/?month=soon").status_code == 404


def test_a_drive_counts_open_cases_of_its_kind_in_its_streets(town):
    def report(text):
        case = take_report(
            Told(text=text, lon=113.0, lat=34.7601, source="phone", kind=town.kind), by=None
        ).case
        return CaseFlow.take(
            case, "verify", by=town.people["dispatcher"], given={"kind": town.kind.pk}
        ).matter

    cases = [report(f"垃圾{n}") for n in range(3)]
    Case.objects.filter(pk=cases[0].pk).update(closed_at=timezone.now())
    first = month_start(TODAY)
    drive = make_drive(
        "hard_problem",
        "垃圾围点攻坚",
        first,
        month_end(first),
        by=town.people["office"],
        case_kind=town.kind.code,
        streets=[town.street],
    )
    office, path = as_(town.people["office"]), f"/drives/{drive.pk}/"
    assert re.search(rf'href="/cases/\?kind={town.kind.code}&tab=open">2<', text_of(office.get(path)))
    assert office.post(path, {"when": "before", "value": "2"}).status_code == 302
    assert "不再改" in text_of(office.post(path, {"when": "before", "value": "9"}), 409)
    assert office.post(path, {"when": "after", "value": "0", "result": "清零"}).status_code == 302
    drive.refresh_from_db()
    assert (drive.before, drive.after, drive.result) == (Decimal(2), Decimal(0), "清零")
    assert as_(town.people["liaison"]).post(path, {"when": "after", "value": "5"}).status_code == 200
    drive.refresh_from_db()
    assert drive.after == Decimal(0)


def test_a_practice_goes_from_one_site_to_another_and_is_asked_once(town):
    office = as_(town.people["office"])
    given = {"trade": "农贸市场", "place": "S1", "practice": "分区经营，日清洗", "chosen_on": "2026-03-01"}
    demo_at = office.post("/demos/new/", given)["Location"]
    assert "已是“农贸市场”的示范点" in text_of(office.post("/demos/new/", given))
    demo = Demo.objects.get()
    visit = {"form": "visit", "on": "2026-04-02", "guests": "各镇街", "count": 40, "note": "看分区"}
    assert office.post(demo_at, visit).status_code == 302
    adoption = {"form": "adoption", "place": "R1", "state": "planned"}
    assert office.post(demo_at, adoption).status_code == 302
    assert "写哪天推广的" in text_of(office.post(demo_at, {**adoption, "state": "adopted"}))
    assert office.post(demo_at, {**adoption, "state": "adopted", "on": "2026-05-01"}).status_code == 302
    assert "这就是示范点自己" in text_of(office.post(demo_at, {**adoption, "place": "S1"}))
    assert Adoption.objects.get().state == "adopted"
    page = text_of(as_(town.people["liaison"]).get("/demos/"))
    assert "观摩 1 场 40 人次；推广 1/1 处" in page
    assert (demo.visits.count(), as_(town.people["liaison"]).get("/demos/new/").status_code) == (1, 404)


def test_plan_and_drive_forms_say_what_is_wrong(town, plan):
    office = as_(town.people["office"])
    long = make_plan(
        "three_years", "三年", dt.date(YEAR, 1, 1), dt.date(YEAR + 2, 12, 31), by=town.people["office"]
    )
    given = {
        "kind": "year",
        "name": "越界",
        "parent": long.pk,
        "from_on": f"{YEAR - 1}-01-01",
        "to_on": f"{YEAR - 1}-12-31",
    }
    assert "日期要在上级计划的" in text_of(office.post("/plans/new/", given))
    backwards = {"kind": "theme_month", "name": "倒置", "from_on": f"{YEAR}-05-31", "to_on": f"{YEAR}-05-01"}
    assert "止的日期早于起的日期" in text_of(office.post("/drives/new/", backwards))
    thirteenth = {"name": "x", "kind": "theme_month", "month": 13, "source": "示例"}
    assert "月份写 1 到 12" in text_of(office.post("/drives/templates/new/", thirteenth))
    assert (
        Plan.objects.filter(name="越界").exists(),
        Drive.objects.count(),
        DriveTemplate.objects.count(),
    ) == (False, 0, 0)


@pytest.mark.parametrize(
    "path", ["/plans/", "/plans/{plan}/", "/plans/{plan}/months/?month={month}", "/drives/", "/demos/"]
)
def test_pages_ask_as_often_for_many_rows_as_for_few(town, plan, path):
    def more(n):
        for i in range(n):
            task = task_of(town, plan, f"{n}-{i}", unit=town.units["cgj"])
            plan_month(task, MONTH, "进场", by=town.people["office"])
            make_drive(
                "theme_month", f"{n}-{i}", MONTH, next_month(MONTH), by=town.people["office"], plan=plan
            )
            Demo.objects.create(trade=f"行业{n}-{i}", place=town.site, practice="做法", chosen_on=TODAY)

    def count():
        with CaptureQueriesContext(connection) as seen:
            text_of(office.get(path.format(plan=plan.pk, month=f"{YEAR}-03")))
        return len(seen)

    office = as_(town.people["office"])
    more(2)
    count()
    few = count()
    more(20)
    assert count() == few
