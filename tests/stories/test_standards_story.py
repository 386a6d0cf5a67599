"""Story 6: the standards clerk in January. From an Excel file with three bad rows to notices that are answered."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone
from openpyxl.utils import get_column_letter

from chuangwen.assessment.coverage import coverage
from chuangwen.standards.exchange.loading import known_here, load_tables
from chuangwen.standards.exchange.reading import read_workbook
from chuangwen.standards.models import Carry, DutyNotice, Edition, Share
from chuangwen.tasks.models import Task
from tests.standards.conftest import TITLES, book

pytestmark = [pytest.mark.browser, pytest.mark.story, pytest.mark.django_db(transaction=True)]

# The clerk's whole day: importing twice, comparing, twelve standards, two groups of holes and the notices.
BUDGET = 30
# The liaison: opens the notice from the first page, signs, writes, sends.
LIAISON_BUDGET = 4

STANDARDS = {
    "1-01": ("市场干净", "农贸市场地面干净，垃圾日产日清。", "cgj"),
    "1-02": ("垃圾分类", "分类投放点整洁，桶身无破损。", "cgj"),
    "1-03": ("公厕开放", "公厕按时开放，无异味。", "cgj"),
    "1-04": ("工地围挡", "围挡完整，出入口有冲洗。", "cgj"),
    "1-05": ("公交站台", "站台整洁，站牌清晰。", "jtj"),
    "1-06": ("出租车容", "车容整洁，司机着装规范。", "jtj"),
    "1-07": ("斑马线礼让", "机动车在斑马线前礼让行人。", "jtj"),
    "1-08": ("交通标线", "标线清晰完整。", "jtj"),
    "1-09": ("社区活动室", "活动室每周开放五天。", "xhl"),
    "1-10": ("楼道清洁", "楼道无堆物，无小广告。", "xhl"),
    "1-11": ("志愿服务站", "每个社区有一处服务站。", "xhl"),
    "1-12": ("公益广告", "主要街道有公益广告。", "xhl"),
}
REMOVED = ("1-06", "1-12")
REWORDED = {
    "1-01": "农贸市场地面干净，垃圾日产日清，摊位整齐。",
    "1-05": "站台整洁，站牌清晰，有无障碍设施。",
    "1-09": "活动室每周开放六天。",
}
ADDED = {
    "1-13": ("充电设施", "居住区有电动自行车充电处。", None),
    "1-14": ("文明养犬", "公共场所遛狗牵绳。", None),
    "1-15": ("网约车管理", "网约车在划定处停靠。", None),
}


def sheets(
    name: str, year: int, standards: dict[str, tuple[str, str, str | None]]
) -> dict[str, list[list[Any]]]:
    """The rows of the template: each standard by one material of 2 points."""
    head, full = ["city", name], 2 * len(standards)
    return {
        "体系": [["city", "城市测评", "城市", name, year, "县级", full, "是", "否", "示例"]],
        "标准": [
            [*head, "1", None, "测评项目", "环境", None, full, None, "全部", None, None, "示例"],
            [*head, "1-1", "1", "测评内容", "街面", None, full, None, "全部", None, None, "示例"],
            *([*head, code, "1-1", "测评标准", title, text, 2, None, "全部", None, None, "示例"]
              for code, (title, text, _unit) in standards.items()),
        ],
        "要求": [[*head, code, "材料", 2, None, None, unit, None, "示例"] for code, (_t, _x, unit) in standards.items()],
        "材料": [
            [*head, code, f"{code}-M", "说明报告", "写清做法。", 1, 500, None, None, f"{year}-11-20", None, "示例"]
            for code in standards
        ],
    }  # fmt: skip


def next_year() -> dict[str, list[list[Any]]]:
    """The file of the province: units are not in it."""
    left = {
        code: (title, REWORDED.get(code, text), None)
        for code, (title, text, _unit) in STANDARDS.items()
        if code not in REMOVED
    }
    return sheets("2027", 2027, left | ADDED)


def spoil(rows: dict[str, list[list[Any]]]) -> list[tuple[str, int, str, str]]:
    """Three rows as people get them wrong; returns sheet, row of the file, letter of the column, what is written."""
    named = []
    for sheet, line, title, wrong in (
        ("标准", 4, "层级", "评测标准"), ("要求", 2, "主责单位编号", "城管局"), ("材料", 6, "报送日期", "下个月底"),
    ):  # fmt: skip
        column = TITLES[sheet].index(title)
        rows[sheet][line][column] = wrong
        named.append((sheet, line + 2, get_column_letter(column + 1), wrong))
    return named


def counted(page: Any) -> dict[str, str]:
    """The figures over a list by their words."""
    figures = {}
    for link in page.locator(".cw-figs a").all():
        figure = link.locator("b").evaluate("b => b.firstChild.textContent")
        figures[link.inner_text().split("\n")[-1].strip()] = figure
    return figures


def imports(page: Any, tmp_path: Any) -> None:
    """The bad file, its three rows, the mended file, all of it loaded."""
    bad, mended = tmp_path / "2027.xlsx", tmp_path / "2027-mended.xlsx"
    rows = next_year()
    mended.write_bytes(book(rows))
    wrong = spoil(rows)
    bad.write_bytes(book(rows))
    page.get_by_role("link", name="导入…").click()
    page.locator("input[type=file]").set_input_files(bad)
    page.get_by_role("button", name="先看一遍").click()
    faults = page.locator("section").filter(has_text="有误的地方").locator("tbody tr")
    assert faults.count() == len(wrong)
    for sheet, row, column, value in wrong:
        cells = faults.filter(has_text=value).locator("td").all_inner_texts()
        assert (cells[0], cells[1], cells[2].split()[0]) == (sheet, str(row), column)
    assert not page.get_by_role("button", name="导入 ").is_visible()
    assert Edition.objects.count() == 1
    page.get_by_role("link", name="换一个文件").click()
    page.locator("input[type=file]").set_input_files(mended)
    page.get_by_role("button", name="先看一遍").click()
    page.get_by_role("button", name="导入 ").click()
    page.get_by_role("link", name="与 2026 版比").click()


def carries(page: Any) -> None:
    """What changed; all that did not is carried over at once, what was reworded or removed is decided."""
    figures = counted(page)
    assert (figures["新增"], figures["删去"], figures["改写"]) == ("3", "2", "3")
    row = page.locator(".cw-diff tbody tr").filter(has_text="社区活动室")
    assert (row.locator("del").inner_text(), row.locator("ins").inner_text()) == ("五", "六")
    page.get_by_role("button", name="沿用未变的 7 条").click()
    for name in ("市场干净", "公交站台", "社区活动室"):
        row = page.locator(".cw-diff tbody tr").filter(has_text=name)
        row.get_by_role("button", name="沿用", exact=True).click()
        row.locator(".cw-state", has_text="沿用").wait_for()
    for name in ("出租车容", "公益广告"):
        row = page.locator(".cw-diff tbody tr").filter(has_text=name)
        row.get_by_role("button", name="不沿用").click()
        row.locator(".cw-state", has_text="不沿用").wait_for()
    assert counted(page)["待定沿用"] == "0"


def covers(page: Any) -> None:
    """Units for the new standards, then tasks for all, until neither is lacking."""
    page.get_by_role("link", name="新的，去分单位").first.click()
    assert counted(page)["缺责任单位"] == "3"
    page.locator("#panel").get_by_text("另选单位…").click()
    page.get_by_label("单位", exact=True).select_option(label="新华路街道办")
    page.get_by_role("button", name="指定主责").click()
    for left in ("2", "1"):
        page.locator(".cw-figs a", has_text="缺责任单位").locator("b", has_text=left).wait_for()
        page.get_by_role("button", name="按建议指定").click()
    page.locator(".cw-figs a", has_text="缺责任单位").locator("b", has_text="0").wait_for()
    assert counted(page)["缺任务"] == "13"
    page.locator(".cw-figs a", has_text="缺任务").click()
    page.get_by_role("button", name="给缺任务的 13 格都生成").click()
    page.locator(".cw-figs a", has_text="缺任务").locator("b", has_text="0").wait_for()
    assert (counted(page)["缺责任单位"], counted(page)["缺任务"]) == ("0", "0")


def test_6_the_clerk_takes_a_new_edition_to_answered_notices(town, desk, tmp_path):
    load_tables(read_workbook(book(sheets("2026", 2026, STANDARDS)), "2026.xlsx"), known=known_here())
    clerk = desk(town.people["office"])
    page = clerk.open("/standards/")
    imports(page, tmp_path)
    carries(page)
    covers(page)
    day = timezone.localdate() + dt.timedelta(days=10)
    page.get_by_role("link", name="发提示通知…").click()
    page.get_by_label("回复期限").fill(day.isoformat())
    page.get_by_role("button", name="发给勾选的单位").click()
    page.locator(".cw-figs a", has_text="待签收").locator("b", has_text="3").wait_for()
    assert clerk.clicks <= BUDGET

    new = Edition.objects.get(name="2027")
    assert sorted(Carry.objects.filter(edition=new).values_list("old__code", "decision")) == [
        (code, "drop" if code in REMOVED else "carry") for code in STANDARDS
    ]
    shares = dict(
        Share.objects.filter(requirement__node__edition=new).values_list(
            "requirement__node__code", "unit__code"
        )
    )
    assert len(shares) == 13
    assert {code: shares[code] for code in STANDARDS if code not in REMOVED} == {
        code: unit for code, (_t, _x, unit) in STANDARDS.items() if code not in REMOVED
    }
    assert sorted(Task.objects.values_list("requirement__node__code", flat=True)) == sorted(shares)
    matrix = coverage(new, timezone.localdate().year)
    assert (matrix.counts["unit"], matrix.counts["task"]) == (0, 0)
    assert set(DutyNotice.objects.values_list("edition_id", "unit__code", "state", "reply_on")) == {
        (new.pk, unit, "issued", day) for unit in ("cgj", "jtj", "xhl")
    }
    _answers(town, desk, shares)


def _answers(town: Any, desk: Any, shares: dict[str, str]) -> None:
    notice = DutyNotice.objects.get(unit__code="cgj")
    liaison = desk(town.people["liaison"], width=390, height=844, has_touch=True)
    page = liaison.open("/")
    page.get_by_role("link", name="提示通知").first.click()
    told = {code for code in page.locator(".cw-duty tbody td:first-child").all_inner_texts() if code}
    assert told == {code for code, unit in shares.items() if unit == "cgj"}
    page.get_by_role("button", name="签收").click()
    page.get_by_label("回复").fill("已分到环卫处，下月初报计划。")
    page.get_by_role("button", name="回复", exact=True).click()
    page.locator(".cw-head .cw-state", has_text="已回复").wait_for()
    assert liaison.clicks <= LIAISON_BUDGET
    notice.refresh_from_db()
    assert (notice.state, notice.reply) == ("replied", "已分到环卫处，下月初报计划。")
