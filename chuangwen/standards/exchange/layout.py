"""The documented template: eight sheets (or CSV files), their columns, and which columns name a row."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from chuangwen.kernel.screens.tables import Column

# The words of the template are its format: they stay Chinese whatever language the screen has.
KINDS: Final = {"city": "城市", "minors": "未成年人", "other": "其他体系"}
LEVELS: Final = {"all": "全部", "capital": "省会", "prefecture": "地级", "county": "县级"}
TIERS: Final = {"item": "测评项目", "content": "测评内容", "standard": "测评标准"}
METHODS: Final = {
    "material": "材料", "site": "实地", "survey": "问卷", "series": "指标", "overview": "整体观察",
    "department": "主管部门意见", "hotline": "热线实测",
}  # fmt: skip
MATERIALS: Final = {
    "report": "说明报告", "document": "规范文件", "table": "统计表格", "photo": "实景图片", "press": "媒体报道",
}  # fmt: skip
WAYS: Final = {
    "pass_fail": "达标或不达标", "points": "发现一处扣分", "bands": "分档", "count_per_metre": "按长度计数",
    "hotline": "热线实测", "timed": "定时观察",
}  # fmt: skip
AUDIENCES: Final = {"resident": "居民", "student": "学生", "staff": "工作人员"}
RELATIONS: Final = {">=": "≥", "<=": "≤"}


def _words(choices: Mapping[str, str], **more: str) -> dict[str, str]:
    """Every word a choice may be written as, with its code."""
    return {word: code for code, label in choices.items() for word in (code, label)} | more


@dataclass(frozen=True)
class Layout:
    """One sheet: its title, the name of its CSV file, its columns, and those that name a row within its edition."""

    name: str
    title: str
    columns: tuple[Column, ...]
    ident: tuple[str, ...]
    required: bool = False

    def column(self, key: str) -> Column:
        return next(column for column in self.columns if column.key == key)


def _text(key: str, title: str, length: int | None = None, required: bool = False) -> Column:
    return Column(key, (title, key), required, "text", None, length)


def _choice(key: str, title: str, choices: Mapping[str, str], required: bool = True, **more: str) -> Column:
    return Column(key, (title, key), required, "choice", _words(choices, **more))


def _number(key: str, title: str, required: bool = False) -> Column:
    return Column(key, (title, key), required, "decimal")


def _whole(key: str, title: str, required: bool = False) -> Column:
    return Column(key, (title, key), required, "int")


def _day(key: str, title: str) -> Column:
    return Column(key, (title, key), False, "date")


_SOURCE: Final = _text("source", "来源", 200)
_EDITION: Final = (_text("scheme", "体系编号", 40, True), _text("edition", "版本", 40, True))
_AT: Final = (*_EDITION, _text("node", "标准编号", 30, True))

SCHEMES: Final = Layout("schemes", "体系", (
    _text("scheme", "体系编号", 40, True), _text("name", "体系名称", 80, True), _choice("kind", "类别", KINDS),
    _text("edition", "版本", 40, True), _whole("year", "年份", True), _choice("level", "适用", LEVELS, False),
    _number("full", "满分", True), Column("current", ("在用", "current"), False, "bool"),
    Column("sample", ("示例", "sample"), False, "bool"), _SOURCE,
), (), True)  # fmt: skip
NODES: Final = Layout("nodes", "标准", (
    *_EDITION, _text("code", "编号", 30, True), _text("parent", "上级编号", 30),
    _choice("tier", "层级", TIERS, 项目="item", 内容="content", 标准="standard"), _text("name", "名称", 120, True),
    _text("text", "全文"), _number("full", "分值"), _text("scoring", "计分规则"), _choice("level", "适用", LEVELS, False),
    _text("note", "说明"), _number("effort", "工作量"), _SOURCE,
), ("code",), True)  # fmt: skip
REQUIREMENTS: Final = Layout("requirements", "要求", (
    *_AT, _choice("method", "方法", METHODS, 现场="site", 指标数据="series"), _number("full", "分值", True),
    _text("text", "要求"), _text("demand", "应达水平", 120), _text("lead", "主责单位编号"),
    _text("assists", "协办单位编号"), _SOURCE,
), ("node", "method"))  # fmt: skip
MATERIAL_SHEET: Final = Layout("materials", "材料", (
    *_AT, _text("code", "材料编号", 40, True), _choice("kind", "类别", MATERIALS), _text("text", "要求", 300, True),
    _whole("count", "份数"), _whole("limit", "字数上限"), _day("from_on", "起"), _day("to_on", "止"),
    _day("due_on", "报送日期"), _text("same_as", "同材料编号", 40), _SOURCE,
), ("code",))  # fmt: skip
GRADING: Final = Layout("grading", "评分办法", (
    _text("code", "编号", 40, True), _text("name", "名称", 80, True), _choice("way", "方式", WAYS),
    _text("params", "参数"), _SOURCE,
), ("code",))  # fmt: skip
CHECK_ITEMS: Final = Layout("check_items", "检查项", (
    *_AT, _text("code", "检查项编号", 40, True), _text("site_type", "点位类型", None, True),
    _text("text", "检查内容", 200, True), _text("grading", "评分办法", 40, True), _number("full", "分值", True),
    _text("case_kind", "问题类别编号", 10), _SOURCE,
), ("code",))  # fmt: skip
QUESTIONS: Final = Layout("questions", "问卷题", (
    *_AT, _text("code", "问题编号", 40, True), _choice("audience", "对象", AUDIENCES), _text("text", "问题", 200, True),
    _text("options", "选项", None, True), _text("scores", "计分", None, True), _number("floor", "门槛"), _SOURCE,
), ("code",))  # fmt: skip
SERIES: Final = Layout("series", "指标", (
    *_AT, _text("code", "序列编号", 40, True), _text("name", "指标名称", 120, True), _text("measure", "计量单位", 20),
    _number("target", "目标"), _choice("relation", "比较", RELATIONS, False), _text("unit", "数据单位编号"), _SOURCE,
), ("code",))  # fmt: skip
LAYOUTS: Final = (SCHEMES, NODES, REQUIREMENTS, MATERIAL_SHEET, GRADING, CHECK_ITEMS, QUESTIONS, SERIES)
BY_NAME: Final = {layout.name: layout for layout in LAYOUTS}
# Rows that hang on one method's requirement.
OF_METHOD: Final = {
    "materials": ("material",), "check_items": ("site", "overview", "hotline"), "questions": ("survey",),
    "series": ("series", "department"),
}  # fmt: skip
# What an empty cell means.
DEFAULTS: Final[Mapping[str, Mapping[str, Any]]] = {
    "schemes": {"level": "all", "current": False, "sample": False}, "nodes": {"level": "all"},
    "materials": {"count": 1}, "series": {"relation": ">="}, "grading": {"params": "{}"},
}  # fmt: skip


def canonical(name: str, values: Mapping[str, Any]) -> tuple[str, ...]:
    """The cells of a row of that sheet in their one normal form, so that two rows can be compared as text."""
    filled = {**values, **{k: v for k, v in DEFAULTS.get(name, {}).items() if values.get(k) is None}}
    return tuple(_cell(column.key, filled.get(column.key)) for column in BY_NAME[name].columns)


def _cell(key: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, dt.date):
        return value.isoformat()
    text = str(value).replace("\r\n", "\n").strip()
    if key == "params":
        return json.dumps(json.loads(text), ensure_ascii=False, sort_keys=True)
    if key in ("options", "scores"):
        return "|".join(split(text, "|"))
    return ";".join(sorted(split(text, ";"))) if key == "assists" else text


def split(text: str, mark: str) -> list[str]:
    """The parts of a cell that holds several, full-width marks and 、 taken for the mark."""
    also = {"|": "｜", ";": "；、,，"}[mark]
    for other in also:
        text = text.replace(other, mark)
    return [part.strip() for part in text.split(mark) if part.strip()]
