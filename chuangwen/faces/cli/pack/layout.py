"""What a city pack holds: each file, its columns with their Chinese titles, and what refers to what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["text", "int", "decimal", "date", "bool", "choice"]

CITY_LEVELS = {"county": "县级", "prefecture": "地级"}
AREA_LEVELS = {"city": "市", "county": "区县", "street": "镇街", "village": "村社区"}
# The values of kernel UnitKind, Role and DutyKind; a test holds both sides together.
UNIT_KINDS = {
    "command": "指挥部",
    "group": "专项工作组",
    "office_group": "办公室工作组",
    "department": "部门",
    "district_office": "区县创建处",
    "precinct": "片区",
    "street": "镇街",
    "community": "村社区",
    "utility": "公用企业",
    "enterprise": "企业",
    "media": "媒体",
    "supervision": "督查机构",
    "discipline": "纪检监察",
}
ROLES = {
    "office": "创建办",
    "clerk": "督导员",
    "dispatcher": "派遣员",
    "checker": "核查员",
    "inspector": "巡查员",
    "leader": "市领导",
    "head": "单位负责人",
    "liaison": "联络员",
    "grid_keeper": "网格员",
    "supervisor": "督查局",
    "discipline": "纪委监委",
    "auditor": "审计员",
    "admin": "系统管理员",
}
ROAD_CLASSES = {"main": "主干道", "secondary": "次干道", "lane": "背街小巷", "crossing": "路口"}
PLACE_KINDS = {"area": "区域", "road": "路段", "site": "点位", "shop": "门店"}
DUTY_KINDS = {
    "area_leader": "分包镇街",
    "road_leader": "分包路段",
    "site_leader": "分包点位",
    "road_chief": "路长单位",
    "site_unit": "点位责任单位",
    "area_unit": "属地单位",
    "grid_keeper": "网格员",
    "shop_duty": "门前责任",
    "yard_pairing": "楼院结对",
}
# What kind of place each duty is about, and whether a person or a unit must hold it.
DUTY_PLACES = {
    "area_leader": ("area", "person"),
    "road_leader": ("road", "person"),
    "site_leader": ("site", "person"),
    "road_chief": ("road", "unit"),
    "site_unit": ("site", "unit"),
    "area_unit": ("area", "unit"),
    "grid_keeper": ("area", "person"),
    "shop_duty": ("shop", "unit"),
    "yard_pairing": ("site", "unit"),
}
DATUMS = {"wgs84": "WGS-84", "cgcs2000": "CGCS2000", "gcj02": "GCJ-02", "bd09": "BD-09"}
THING_STATES = {"good": "完好", "worn": "陈旧", "broken": "损坏", "missing": "缺失"}


@dataclass(frozen=True)
class Column:
    """One column: `refers` names "file.column" or "terms:list"; `unique` columns may not repeat a value."""

    key: str
    title: str
    required: bool = False
    kind: Kind = "text"
    choices: Mapping[str, str] = field(default_factory=dict)
    refers: str = ""
    unique: bool = False
    max_length: int = 0


@dataclass(frozen=True)
class Sheet:
    """One file of the pack; `name` without extension is the file name, `title` is what people call it."""

    name: str
    title: str
    columns: tuple[Column, ...]
    required: bool = True

    def column(self, key: str) -> Column:
        """The column of that key; raises KeyError for an unknown one."""
        return {column.key: column for column in self.columns}[key]


def _code(title: str = "编号") -> Column:
    return Column("code", title, required=True, unique=True, max_length=40)


def _name(length: int = 100) -> Column:
    return Column("name", "名称", required=True, max_length=length)


def _area(title: str = "所在区划代码", required: bool = True) -> Column:
    return Column("area", title, required=required, refers="areas.code")


def _point(required: bool) -> tuple[Column, Column]:
    return Column("lon", "经度", required, "decimal"), Column("lat", "纬度", required, "decimal")


_DATUM = Column("datum", "坐标系", kind="choice", choices=DATUMS)
_SAMPLE = Column("sample", "示例", kind="bool")
_SOURCE = Column("source", "来源", max_length=200)
_FROM = Column("from", "起", required=True, kind="date")
_TO = Column("to", "止", kind="date")

CITY = Sheet(
    "city",
    "城市",
    (Column("key", "项", True, unique=True), Column("value", "值"), Column("note", "说明")),
)
AREAS = Sheet(
    "areas",
    "区划",
    (
        _code("区划代码"),
        _name(),
        Column("short_name", "简称", True, max_length=60),
        Column("level", "层级", True, "choice", AREA_LEVELS),
        Column("parent", "上级代码", refers="areas.code"),
        Column("urban_rural", "城乡分类"),
        *_point(False),
        Column("approx", "位置约略", kind="bool"),
        _SOURCE,
    ),
)
UNITS = Sheet(
    "units",
    "单位",
    (
        Column("code", "单位编号", True, unique=True, max_length=32),
        _name(80),
        Column("short_name", "简称", True, max_length=30),
        Column("kind", "类型", True, "choice", UNIT_KINDS),
        Column("parent", "上级编号", refers="units.code"),
        _area("区划代码", required=False),
        Column("ranked", "参加排名", kind="bool"),
        _SAMPLE,
        _SOURCE,
    ),
)
PEOPLE = Sheet(
    "people",
    "人员",
    (
        Column("username", "登录名", True, unique=True, max_length=60),
        Column("name", "姓名", True, max_length=60),
        Column("phone", "电话", max_length=20),
        _SAMPLE,
    ),
)
POSTS = Sheet(
    "posts",
    "任职",
    (
        Column("username", "登录名", True, refers="people.username"),
        Column("role", "角色", True, "choice", ROLES),
        Column("unit", "单位编号", refers="units.code"),
        _area("区划代码", required=False),
        Column("title", "职务", max_length=60),
        _FROM,
        _TO,
        Column("stand_in_for", "代理(登录名)", refers="people.username"),
        _SAMPLE,
    ),
)
ROADS = Sheet(
    "roads",
    "路段",
    (
        _code("路段编号"),
        _name(),
        Column("extent", "起止", True, max_length=100),
        Column("class", "等级", True, "choice", ROAD_CLASSES),
        _area(),
        _SAMPLE,
        _SOURCE,
    ),
)
SITES = Sheet(
    "sites",
    "点位",
    (
        _code("点位编号"),
        _name(),
        Column("type", "点位类型", True, refers="terms:site_type"),
        _area(),
        Column("road", "所在路段", refers="roads.code"),
        *_point(True),
        _DATUM,
        _SAMPLE,
        _SOURCE,
    ),
)
SHOPS = Sheet(
    "shops",
    "门店",
    (
        _code("门店编号"),
        _name(),
        Column("road", "所在路段", refers="roads.code"),
        _area(),
        *_point(True),
        _DATUM,
        Column("duty_items", "责任事项", True, max_length=200),
        _SAMPLE,
        _SOURCE,
    ),
    required=False,
)
THINGS = Sheet(
    "things",
    "设施",
    (
        _code("设施编号"),
        Column("kind", "设施类型", True, refers="terms:thing_kind"),
        _name(),
        Column("site", "所在点位", refers="sites.code"),
        Column("road", "所在路段", refers="roads.code"),
        _area(required=False),
        Column("count", "数量", True, "int"),
        Column("measure", "计量单位", True, max_length=20),
        Column("state", "状态", True, "choice", THING_STATES),
        Column("next_check", "下次检查", kind="date"),
        _SAMPLE,
        _SOURCE,
    ),
    required=False,
)
DUTIES = Sheet(
    "duties",
    "责任",
    (
        Column("kind", "责任类型", True, "choice", DUTY_KINDS),
        Column("place_kind", "地点类别", True, "choice", PLACE_KINDS),
        Column("place", "地点编号", True),
        Column("person", "责任人(登录名)", refers="people.username"),
        Column("unit", "责任单位编号", refers="units.code"),
        _FROM,
        _TO,
        Column("board", "牌面文字", max_length=200),
        _SOURCE,
    ),
)
SHEETS = (CITY, AREAS, UNITS, PEOPLE, POSTS, ROADS, SITES, SHOPS, THINGS, DUTIES)
PLACE_SHEETS = {"area": "areas", "road": "roads", "site": "sites", "shop": "shops"}
BY_NAME = {sheet.name: sheet for sheet in SHEETS}
# Kept by hand beside the others and read as they are: title of each column as key.
TERM_LIST, TERM_CODE = "词表", "编码"
CATALOGUE_UNIT = "责任单位编码"
SHAPES = "shapes.geojson"
STANDARDS = "standards"  # folder of the trees, in the template of standards.exchange
CITY_KEYS = ("name", "code", "level", "demo", "timezone", "work_hours", "lon", "lat", "seed", "number_prefix")
