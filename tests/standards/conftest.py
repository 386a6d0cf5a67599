"""A small tree everybody in these tests knows, as the rows of the template."""

from __future__ import annotations

import copy
import io
from typing import Any

import pytest

from chuangwen.standards.exchange.layout import LAYOUTS
from chuangwen.standards.exchange.loading import known_here, load_tables
from chuangwen.standards.exchange.reading import read_workbook

HEAD = ["city", "2026"]
ROWS: dict[str, list[list[Any]]] = {
    "体系": [["city", "城市测评", "城市", "2026", 2026, "县级", 10, "是", "是", "示例"]],
    "标准": [
        [*HEAD, "1", None, "测评项目", "环境", None, 10, "下级相加", "全部", None, None, "示例"],
        [*HEAD, "1-1", "1", "测评内容", "街面", None, 10, None, "全部", None, None, "示例"],
        [*HEAD, "1-01", "1-1", "测评标准", "市场干净", "农贸市场地面干净，垃圾日产日清。", 6, None, "全部", "县级：每镇一处。", 8, "示例"],
        [*HEAD, "1-02", "1-1", "测评标准", "有宣传", "公共场所有公益广告。", 4, None, "全部", None, 2.5, "示例"],
    ],
    "要求": [
        [*HEAD, "1-01", "材料", 2, "报送说明报告。", "齐全", "cgj", "jtj;xhl", "示例"],
        [*HEAD, "1-01", "实地", 4, "到市场看。", "得分率90%", "cgj", None, "示例"],
        [*HEAD, "1-02", "问卷", 1.5, "问居民。", None, "jtj", None, "示例"],
        [*HEAD, "1-02", "指标", 2.5, "看数。", None, None, None, "示例"],
    ],
    "材料": [
        [*HEAD, "1-01", "1-01-M1", "说明报告", "写清做法。", 1, 500, "2026-01-01", "2026-11-20", "2026-11-20", None, "示例"],
        [*HEAD, "1-01", "1-01-M2", "实景图片", "市场照片。", 4, None, None, None, None, "1-01-M1", "示例"],
    ],
    "评分办法": [
        ["pass_fail", "达标或不达标", "达标或不达标", "{}", "示例"],
        ["half", "一处扣半", "发现一处扣分", '{"each": "0.5"}', "示例"],
    ],
    "检查项": [
        [*HEAD, "1-01", "1-01-C1", "farm_market", "地面无积水、无垃圾", "pass_fail", 1, "0301", "示例"],
        [*HEAD, "1-01", "1-01-C2", "农贸市场", "垃圾桶不满溢", "half", 2.5, None, "示例"],
    ],
    "问卷题": [[*HEAD, "1-02", "1-02-Q1", "居民", "常看到公益广告吗？", "常看到|偶尔|没有", "1|0.5|0", 0.8, "示例"]],
    "指标": [[*HEAD, "1-02", "1-02-S1", "广告数", "幅", 100, "≥", "jtj", "示例"]],
}  # fmt: skip
TITLES = {layout.title: [column.titles[0] for column in layout.columns] for layout in LAYOUTS}


def book(rows: dict[str, list[list[Any]]], merge: tuple[str, str] | None = None) -> bytes:
    """A workbook of these rows; `merge` joins cells of one sheet as people do."""
    from openpyxl import Workbook

    made = Workbook()
    made.remove(made.active)
    for title, lines in rows.items():
        page = made.create_sheet(title)
        page.append(TITLES[title])
        for line in lines:
            page.append(line)
    if merge:
        made[merge[0]].merge_cells(merge[1])
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


@pytest.fixture
def sheets() -> dict[str, list[list[Any]]]:
    """The rows, to be spoilt."""
    return copy.deepcopy(ROWS)


@pytest.fixture
def tree(town: Any) -> Any:
    """The small tree loaded into the small town; `town.edition` is it."""
    loaded = load_tables(read_workbook(book(ROWS), "tree.xlsx"), known=known_here({"0301"}))
    town.edition = loaded.editions[0]
    return town
