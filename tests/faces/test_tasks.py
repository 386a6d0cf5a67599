"""Pages of tasks: the list, one task and its steps, claiming, import with a preview; who sees what."""

from __future__ import annotations

import datetime as dt
import io
import re
import uuid
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chuangwen.kernel.models import Entry, Evidence, Unit
from chuangwen.tasks.actions import make_task
from chuangwen.tasks.flow import TaskFlow
from chuangwen.tasks.models import Task

SOON = timezone.localdate() + dt.timedelta(days=20)


def as_(person):
    client = Client()
    client.force_login(person)
    return client


def draft(town, title="文明交通宣传", **more):
    return make_task(by=town.people["office"], **{"kind": "activity", "title": title, "due_on": SOON, **more})


def published(town, **more):
    return TaskFlow.take(draft(town, **more), "publish", by=town.people["office"]).matter


def text_of(response, status=200):
    assert response.status_code == status, response.content.decode()[:800]
    return response.content.decode()


@pytest.fixture
def photo(make_picture):
    return lambda: SimpleUploadedFile("proof.jpg", make_picture(77), "image/jpeg")


def test_the_list_shows_what_each_post_may_see(town):
    draft(town, "甲拟定")
    published(town, title="乙待认领")
    published(town, title="丙城管的", unit=town.units["cgj"])
    seen = {
        post: {
            word
            for word in ("甲拟定", "乙待认领", "丙城管的")
            if word in text_of(as_(town.people[post]).get("/tasks/"))
        }
        for post in ("office", "leader", "liaison", "liaison2")
    }
    everything = {"甲拟定", "乙待认领", "丙城管的"}
    assert seen == {
        "office": everything, "leader": everything, "liaison": {"乙待认领", "丙城管的"}, "liaison2": {"乙待认领"},
    }  # fmt: skip
    assert as_(town.people["inspector"]).get("/tasks/").status_code == 404


def test_a_task_one_may_not_see_does_not_exist(town):
    task = published(town, unit=town.units["cgj"])
    other = as_(town.people["liaison2"])
    for path in ("", "steps/submit/", "verify/"):
        assert other.get(f"/tasks/{task.number}/{path}").status_code == 404
    assert as_(town.people["liaison"]).get(f"/tasks/{task.number}/edit/").status_code == 404


def test_a_unit_works_through_a_task_on_its_page(town, photo):
    task = published(town)
    path = f"/tasks/{task.number}/"
    unit, office = as_(town.people["liaison"]), as_(town.people["clerk"])
    assert "认领" in text_of(unit.get(path))
    assert unit.post(f"{path}steps/claim/").status_code == 302
    page = text_of(unit.get(path))
    assert "先在“报进展”里传一张活动照片" in page  # the reason stands beside the dashed button
    given = {"percent": "50", "note": "办了一场", "uid": str(uuid.uuid4()), "photo": photo()}
    assert unit.post(f"{path}steps/report_progress/", given).status_code == 302
    given["photo"] = photo()
    assert unit.post(f"{path}steps/report_progress/", given).status_code == 302  # sent twice
    assert Entry.objects.filter(step="report_progress").count() == 1
    evidence = Evidence.objects.get()
    thumb = unit.get(f"/evidence/{evidence.pk}/thumb/")
    assert (thumb.status_code, b"".join(thumb.streaming_content)[:2]) == (200, b"\xff\xd8")
    assert as_(town.people["liaison2"]).get(f"/evidence/{evidence.pk}/thumb/").status_code == 404

    assert unit.post(f"{path}steps/submit/", {"note": "办完"}).status_code == 302
    assert office.post(f"{path}steps/accept/").status_code == 302
    page = text_of(office.get(path))
    assert "0% → 50%" in page and "验收通过" in page
    assert "全部相连" in text_of(office.get(f"{path}verify/"))


def test_a_bad_form_keeps_what_was_typed_and_says_why(town):
    task = published(town, unit=town.units["cgj"])
    path = f"/tasks/{task.number}/steps/report_progress/"
    page = text_of(as_(town.people["liaison"]).post(path, {"percent": "140", "note": "快完了"}))
    assert "进度写 0 到 100 的整数" in page and "快完了" in page
    bad = SimpleUploadedFile("x.jpg", b"no picture", "image/jpeg")
    text_of(as_(town.people["liaison"]).post(path, {"percent": "40", "note": "x", "photo": bad}), 409)
    assert Task.objects.get().progress == 0


def test_the_second_unit_reads_who_was_first(town):
    task = published(town)
    first, second = as_(town.people["liaison"]), as_(town.people["liaison2"])
    assert "认领" in text_of(second.get("/tasks/claim/"))
    assert first.post("/tasks/claim/", {"task": task.number}).status_code == 302
    assert "已被别的单位认领" in text_of(second.post("/tasks/claim/", {"task": task.number}), 409)
    assert Task.objects.get().unit == town.units["cgj"]


def test_claiming_once_with_a_click_twice(town):
    task, uid = published(town), str(uuid.uuid4())
    unit = as_(town.people["liaison"])
    answers = [
        unit.post("/tasks/claim/", {"task": task.number, "uid": uid}).status_code for _time in range(2)
    ]
    assert answers == [302, 302]
    assert Entry.objects.filter(step="claim").count() == 1


def test_many_are_published_and_urged_at_once(town):
    tasks = [draft(town, f"任务{i}", unit=town.units["cgj"]) for i in range(3)]
    poor = draft(town, "没填投资", kind="project", unit=town.units["cgj"])
    office = as_(town.people["office"])
    rows = {"row": [t.number for t in (*tasks, poor)], "uid": str(uuid.uuid4())}
    bar = text_of(office.post("/tasks/bulk/", rows))
    assert "发布 3 项" in bar and "还没有填投资" in bar
    assert "已办 3 件" in text_of(office.post("/tasks/bulk/publish/", rows))
    assert "已办 3 件" in text_of(office.post("/tasks/bulk/urge/", rows))
    assert "今天已催过" in text_of(office.post("/tasks/bulk/urge/", {**rows, "uid": str(uuid.uuid4())}))
    assert as_(town.people["liaison"]).post("/tasks/bulk/publish/", rows).status_code == 404


def test_a_task_is_made_and_mended_by_form(town):
    office = as_(town.people["office"])
    given = {
        "kind": "project",
        "title": "市场改造",
        "due_on": SOON.isoformat(),
        "budget": "1000000",
        "unit": town.units["cgj"].pk,
    }
    answer = office.post("/tasks/new/", given)
    task = Task.objects.get()
    assert answer["Location"] == f"/tasks/{task.number}/"
    assert (task.budget, task.state) == (Decimal(1000000), "draft")
    past = {**given, "due_on": "2020-01-01"}
    assert "期限要晚于今天" in text_of(office.post("/tasks/new/", past))
    money = {**given, "kind": "activity"}
    assert "只有推进项目填投资" in text_of(office.post("/tasks/new/", money))
    assert "没有这个地点编号" in text_of(office.post("/tasks/new/", {**given, "place": "P9"}))
    assert office.post(f"/tasks/{task.number}/edit/", {**given, "title": "农贸市场改造"}).status_code == 302
    assert Task.objects.get().title == "农贸市场改造"
    assert Task.objects.count() == 1


def table(*lines):
    head = "任务,类型,单位,期限,投资（万元）,完成投资（万元）,标准编号"
    return SimpleUploadedFile("tasks.csv", ("\ufeff" + "\r\n".join([head, *lines])).encode(), "text/csv")


def test_import_shows_every_bad_row_and_takes_the_good_ones_once(town):
    Unit.objects.create(code="x1", name="某局一", short_name="某局", kind="department", path="x1")
    Unit.objects.create(code="x2", name="某局二", short_name="某局", kind="department", path="x2")
    due, office = SOON.isoformat(), as_(town.people["office"])
    file = table(
        f"道路改造,推进项目,城市管理局,{due},120,30,", f"清洁日,开展活动,,{due},,,", f"无此单位,开展活动,水利局,{due},,,",
        "已过期,开展活动,cgj,2020-01-01,,,", f"类型不对,会议,cgj,{due},,,", f"活动有钱,开展活动,cgj,{due},5,,",
        f"道路改造,推进项目,cgj,{due},120,30,", f",开展活动,cgj,{due},,,", "没有期限,开展活动,cgj,,,,", f"重名单位,开展活动,某局,{due},,,",
        f"标准不对,开展活动,cgj,{due},,,9-99", f"负数,推进项目,cgj,{due},-1,,",
    )  # fmt: skip
    page = text_of(office.post("/tasks/import/", {"file": file}))
    assert Task.objects.count() == 0
    for words in (
        "单位表里没有“水利局”", "期限要晚于今天", "只有推进项目填投资", "与第 2 行是同一项", "叫“某局”的单位不止一个",
        "在用的标准里没有“9-99”", "金额要在 0 到", "拟定 2 项",
    ):  # fmt: skip
        assert words in page
    bad_rows = {int(n) for n in re.findall(r'<tr><td class="cw-num">(\d+)</td><td class="cw-one">', page)}
    assert bad_rows == set(range(4, 14))
    goods = re.search(r'name="goods" value="([^"]+)"', page)[1]
    assert office.post("/tasks/import/", {"goods": goods})["Location"] == "/tasks/import/?made=2&known=0"
    assert office.post("/tasks/import/", {"goods": goods})["Location"] == "/tasks/import/?made=0&known=2"
    road = Task.objects.get(title="道路改造")
    assert (road.budget, road.spent, road.unit, road.state) == (
        Decimal(1200000),
        Decimal(300000),
        town.units["cgj"],
        "draft",
    )
    assert "这次预览已失效" in text_of(office.post("/tasks/import/", {"goods": goods[:-4] + "abcd"}), 400)


def test_a_file_that_is_no_table_is_refused_in_words(town):
    office = as_(town.people["office"])
    page = text_of(
        office.post("/tasks/import/", {"file": SimpleUploadedFile("x.xlsx", b"PK\x03\x04broken")}), 400
    )
    assert 'role="alert"' in page
    assert "选一个 Excel 或 CSV 文件" in text_of(office.post("/tasks/import/"), 400)
    assert as_(town.people["clerk"]).get("/tasks/import/").status_code == 404


def test_the_template_is_read_back_by_the_import(town):
    office = as_(town.people["office"])
    data = b"".join(office.get("/tasks/import/template.xlsx").streaming_content)
    page = text_of(office.post("/tasks/import/", {"file": SimpleUploadedFile("模板.xlsx", data)}))
    assert "拟定 1 项" in page and "1200000.00" in page


def test_projects_add_up_with_their_denominator(town):
    for n, budget in enumerate((Decimal(2_000_000), None, Decimal(1_500_000))):
        draft(town, f"项目{n}", kind="project", budget=budget, spent=Decimal(500_000) if n == 0 else None)
    office = as_(town.people["office"])
    page = text_of(office.get("/tasks/projects/"))
    assert "<b>350</b>投资（万元），2 项有数" in page and "<b>50</b>已完成（万元）" in page
    from openpyxl import load_workbook

    data = b"".join(office.get("/tasks/projects/export.xlsx").streaming_content)
    rows = list(load_workbook(io.BytesIO(data)).active.iter_rows(values_only=True))
    assert [row[4] for row in rows if str(row[1]).startswith("项目") and row[4] is not None][-2:] == [
        2_000_000,
        1_500_000,
    ]


def queries_of(client, path):
    text_of(client.get(path))
    with CaptureQueriesContext(
        connection,
    ) as seen:
        text_of(client.get(path))
    return len(seen)


@pytest.mark.parametrize("path", ["/tasks/", "/tasks/claim/", "/tasks/projects/", "/"])
def test_pages_ask_as_often_for_thirty_tasks_as_for_three(town, path):
    def more(n):
        for i in range(n):
            published(town, title=f"{n}认领{i}")
            published(town, title=f"{n}城管{i}", unit=town.units["cgj"], kind="project", budget=Decimal(1))

    office, unit = as_(town.people["office"]), as_(town.people["liaison"])
    more(3)
    few = [queries_of(client, path) for client in (office, unit)]
    more(27)
    assert [queries_of(client, path) for client in (office, unit)] == few


def tasks_on_first_page(person):
    return text_of(as_(person).get("/")).partition('id="tasks"')[2].partition("</section>")[0]


def test_first_pages_show_the_tasks_that_are_due(town):
    """Within a week for the unit and the leader who has it; what waits for the office's step at the office."""
    near = timezone.localdate() + dt.timedelta(days=5)
    ours = published(
        town,
        title="近期任务",
        unit=town.units["cgj"],
        due_on=near,
        leader=town.people["leader"],
        kind="project",
        budget=1,
    )
    published(town, title="远期任务", unit=town.units["cgj"])
    pages = {
        post: tasks_on_first_page(town.people[post]) for post in ("liaison", "liaison2", "leader", "office")
    }
    assert {post: ("近期任务" in page, "远期任务" in page) for post, page in pages.items()} == {
        "liaison": (True, False), "liaison2": (False, False), "leader": (True, False), "office": (False, False),
    }  # fmt: skip
    TaskFlow.take(ours, "submit", by=town.people["liaison"], given={"note": "完成"})
    assert "近期任务" in text_of(as_(town.people["clerk"]).get("/"))
    assert "近期任务" in text_of(as_(town.people["office"]).get("/tasks/?tab=mine"))
    assert "近期任务" not in tasks_on_first_page(town.people["liaison"])


def test_what_waits_for_the_office_counts_late_tasks(town):
    task = published(town, title="超期任务", unit=town.units["cgj"])
    Task.objects.filter(pk=task.pk).update(
        next_due_at=timezone.now() - dt.timedelta(days=2), due_on=SOON - dt.timedelta(days=22)
    )
    assert "超期任务" in text_of(as_(town.people["office"]).get("/"))
    page = text_of(as_(town.people["office"]).get("/tasks/?due=late"))
    assert "超期任务" in page and "超 2 天" in page
