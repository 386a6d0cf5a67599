"""The sample standards of one pack: made from the hand-written tables in `standards` beside this file.

The tables hold the words once for all cities and editions. Here they become one folder per pack: the trees of
that city's level, the requirement of each standard × method with its share of the points and its units, and
the materials, check items, questions and series. An older edition is the newest one with the lines of
`changes.csv` and the standards marked with its name; `holes.csv` names the requirements left without a lead.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import ROUND_DOWN, Decimal
from pathlib import Path

from packs.sample.plan import Plan

Row = dict[str, str]
Named = Callable[[str], str]
MASTERS = Path(__file__).resolve().parent / "standards"
SOURCE = "示例，本项目自拟"
CITY_SCHEMES = {"county": "city_county", "prefecture": "city_prefecture"}
POINTS = {"county": "县级分值", "prefecture": "地级分值"}
UNIT_CODES = {"county": "县级单位编号", "prefecture": "地级单位编号"}
# Order of the methods in every file, and how a standard's points are divided among those it has.
WEIGHTS = {"material": 2, "site": 3, "survey": 2, "series": 2, "overview": 1, "department": 1, "hotline": 1}
SCORING = {
    "material": "材料按齐全和质量计",
    "site": "实地按检查项得分率计",
    "survey": "问卷按各题得分率计",
    "series": "指标达到目标得满分，未达到按差距计",
    "overview": "整体观察按是否达到计",
    "department": "主管部门按评定等次计",
    "hotline": "热线按接通和答复计",
}
KINDS = {
    "report": "说明报告",
    "document": "规范文件",
    "table": "统计表格",
    "photo": "实景图片",
    "press": "媒体报道",
}
ASKED = {
    "resident": "问卷问居民{}题",
    "student": "校内无记名问卷问学生{}题",
    "staff": "问卷问企业和单位工作人员{}题",
}
REPORT_LIMIT = "500"
STEP = Decimal("0.05")


@dataclass
class Edition:
    """One edition of one scheme at the level of one city; `methods` by standard, then method: its details."""

    plan: Plan
    scheme: str
    name: str
    year: str
    group: str
    nodes: list[Row]
    methods: dict[str, dict[str, list[Row]]] = field(default_factory=dict)

    def head(self, **more: str) -> Row:
        """The columns every file has, with those given."""
        return {"体系编号": self.scheme, "版本": self.name, **more, "来源": SOURCE}

    def standards(self) -> list[Row]:
        """The standards in the order of the tree."""
        return [node for node in self.nodes if node["层级"] == "standard"]


def files_of(plan: Plan, site_type: Named) -> dict[str, list[Row]]:
    """Rows of each file of the folder; `site_type` gives the Chinese name of a site type of that pack."""
    schemes = [row for row in master("schemes") if row["适用"] in (plan.level, "all")]
    units = {row["角色"]: row[UNIT_CODES[plan.level]] for row in master("roles")}
    files: dict[str, list[Row]] = {"schemes": schemes}
    for scheme in schemes:
        edition = edition_of(plan, scheme)
        files.setdefault("nodes", []).extend(node_rows(edition))
        files.setdefault("requirements", []).extend(requirement_rows(edition, units, site_type))
        files.setdefault("materials", []).extend(material_rows(edition))
        files.setdefault("check_items", []).extend(check_rows(edition))
        files.setdefault("questions", []).extend(question_rows(edition))
        files.setdefault("series", []).extend(series_rows(edition, units))
    return files | {"grading": master("grading")}


def master(name: str) -> list[Row]:
    """The rows of one hand-written table, by title."""
    with (MASTERS / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def edition_of(plan: Plan, scheme: Row) -> Edition:
    """The tree of one edition: the standards that count at the city's level, as that edition words them."""
    group = "city" if scheme["体系编号"] in CITY_SCHEMES.values() else scheme["体系编号"]
    nodes = [
        row
        for row in master("nodes")
        if row["体系"] == group
        and row["版本"] in ("", scheme["版本"])
        and (row["层级"] != "standard" or row[POINTS[plan.level]])
    ]
    older = {
        row["编号"]: row
        for row in master("changes")
        if row["体系"] == group and row["版本"] == scheme["版本"]
    }
    for node in nodes:
        change = older.get(node["编号"], {})
        node["上级编号"] = change.get("旧上级编号") or node["上级编号"]
        node["全文"] = change.get("旧全文") or node["全文"]
        node["分值"] = change.get("旧分值") or node[POINTS[plan.level]]
    edition = Edition(plan, scheme["体系编号"], scheme["版本"], scheme["年份"], group, in_order(nodes))
    edition.methods = methods_of(edition)
    return edition


def in_order(nodes: list[Row]) -> list[Row]:
    """Parents before children, children by code; points of items and contents are the sums of theirs."""
    found: list[Row] = []

    def walk(parent: str) -> Decimal:
        total = Decimal(0)
        for node in sorted((row for row in nodes if row["上级编号"] == parent), key=lambda row: row["编号"]):
            found.append(node)
            below = walk(node["编号"])
            if node["层级"] != "standard":
                node["分值"] = plain(below)
            total += Decimal(node["分值"])
        return total

    walk("")
    return found


def methods_of(edition: Edition) -> dict[str, dict[str, list[Row]]]:
    """Standard → method → details, the methods in their fixed order; a method is there if it has details."""
    found: dict[str, dict[str, list[Row]]] = {}
    details = {
        name: [row for row in master(name) if row["体系"] == edition.group]
        for name in ("materials", "check_items", "questions", "series", "methods")
    }
    for node in edition.standards():
        own = {
            name: [row for row in rows if row["标准编号"] == node["编号"]] for name, rows in details.items()
        }
        by_method = {
            "material": own["materials"],
            "site": own["check_items"],
            "survey": own["questions"],
            "series": own["series"],
        }
        by_method |= {row["方法"]: [row] for row in own["methods"]}
        found[node["编号"]] = {method: by_method[method] for method in WEIGHTS if by_method.get(method)}
    return found


def node_rows(edition: Edition) -> list[Row]:
    """The tree, parents before children."""
    rows = []
    for node in edition.nodes:
        standard = node["层级"] == "standard"
        rules = [SCORING[method] for method in edition.methods.get(node["编号"], {})]
        rows.append(
            edition.head(
                编号=node["编号"],
                上级编号=node["上级编号"],
                层级=node["层级"],
                名称=node["名称"],
                全文=node["全文"],
                分值=plain(Decimal(node["分值"])),
                计分规则="；".join(rules) + "。" if standard else "下级得分相加。",
                适用="all" if not standard or node["县级分值"] else "prefecture",
                说明=node["说明"],
                工作量=node["工作量"],
            )
        )
    return rows


def shares(full: Decimal, methods: Iterable[str]) -> dict[str, Decimal]:
    """Divides the points by the methods' weights in steps of 0.05; what is left over goes to the heaviest."""
    parts = {method: Decimal(WEIGHTS[method]) for method in methods}
    total = sum(parts.values())
    found = {
        method: (full * weight / total / STEP).to_integral_value(ROUND_DOWN) * STEP
        for method, weight in parts.items()
    }
    heaviest = max(parts, key=lambda method: parts[method])
    found[heaviest] += full - sum(found.values())
    return found


def requirement_rows(edition: Edition, units: dict[str, str], site_type: Named) -> list[Row]:
    """One row for each standard × method, with its points, its demand and its units."""
    holes = {
        (row["标准编号"], row["方法"])
        for row in master("holes")
        if (row["体系"], row["版本"], row["资料包"]) == (edition.group, edition.name, edition.plan.folder)
    }
    rows = []
    for node in edition.standards():
        methods = edition.methods[node["编号"]]
        points = shares(Decimal(node["分值"]), methods)
        for method, details in methods.items():
            text, demand = asked(method, details, site_type)
            lead, assists = units_of(node, method, units)
            hole = (node["编号"], method) in holes
            rows.append(
                edition.head(
                    标准编号=node["编号"],
                    方法=method,
                    分值=plain(points[method]),
                    要求=text,
                    应达水平=demand,
                    主责单位编号="" if hole else lead,
                    协办单位编号=";".join(assists),
                )
            )
    return rows


def units_of(node: Row, method: str, units: dict[str, str]) -> tuple[str, list[str]]:
    """Lead and assisting units; the unit that leads on site may be another than the one for the rest."""
    lead = (node["实地主责"] if method == "site" else "") or node["主责"]
    helpers = [node["主责"], *filter(None, node["协办"].split(";"))]
    codes = [code for role in helpers for code in units[role].split(";") if code]
    return units[lead], [code for code in dict.fromkeys(codes) if code != units[lead]]


def asked(method: str, details: list[Row], site_type: Named) -> tuple[str, str]:
    """What the requirement asks for and the level it demands, in one sentence each."""
    if method == "material":
        counts: dict[str, int] = {}
        for row in details:
            counts[row["类别"]] = counts.get(row["类别"], 0) + int(row["份数"])
        listed = "、".join(f"{KINDS[kind]}{count}份" for kind, count in counts.items())
        return f"报送{listed}。", "材料齐全、在期、真实"
    if method == "site":
        types = list(dict.fromkeys(code for row in details for code in row["点位类型"].split(";")))
        named = "、".join(site_type(code) for code in types[:3])
        more = f"等{len(types)}类点位" if len(types) > 3 else ""
        return f"到{named}{more}实地查看，逐项记录。", "检查项得分率不低于90%"
    if method == "survey":
        groups = list(dict.fromkeys(row["对象"] for row in details))
        listed = "；".join(
            ASKED[group].format(sum(row["对象"] == group for row in details)) for group in groups
        )
        questions = "".join(f"“{row['问题']}”" for row in details)
        floors = list(dict.fromkeys(f"{Decimal(row['门槛']):.0%}" for row in details))
        return f"{listed}：{questions}", f"各题得分率不低于{'、'.join(floors)}"
    if method == "series":
        signs = {">=": "≥", "<=": "≤"}
        goals = [f"{row['指标名称']}{signs[row['比较']]}{row['目标']}{row['计量单位']}" for row in details]
        return f"报送年度指标：{'、'.join(row['指标名称'] for row in details)}。", "；".join(goals)
    return details[0]["要求"], details[0]["应达水平"]


def material_rows(edition: Edition) -> list[Row]:
    """The materials of the edition's year; one that is the same as another names that one."""
    there = {
        f"{row['标准编号']}-M{row['序号']}"
        for methods in edition.methods.values()
        for row in methods.get("material", [])
    }
    return [
        edition.head(
            标准编号=code,
            材料编号=f"{code}-M{row['序号']}",
            类别=row["类别"],
            要求=row["要求"],
            份数=row["份数"],
            字数上限=REPORT_LIMIT if row["类别"] == "report" else "",
            起=f"{edition.year}-01-01",
            止=f"{edition.year}-{row['报送月日']}",
            报送日期=f"{edition.year}-{row['报送月日']}",
            同材料编号=row["同材料编号"] if row["同材料编号"] in there else "",
        )
        for code, methods in edition.methods.items()
        for row in methods.get("material", [])
    ]


def check_rows(edition: Edition) -> list[Row]:
    """One row for each check item and site type, numbered within its standard."""
    rows = []
    for code, methods in edition.methods.items():
        pairs = [(row, kind) for row in methods.get("site", []) for kind in row["点位类型"].split(";")]
        for number, (row, kind) in enumerate(pairs, start=1):
            rows.append(
                edition.head(
                    标准编号=code,
                    检查项编号=f"{code}-C{number:02}",
                    点位类型=kind,
                    检查内容=row["检查内容"],
                    评分办法=row["评分办法"],
                    分值=row["分值"],
                    问题类别编号=row["问题类别编号"],
                )
            )
    return rows


def question_rows(edition: Edition) -> list[Row]:
    """The survey questions."""
    return [
        edition.head(标准编号=code, 问题编号=f"{code}-Q{row['序号']}")
        | {title: row[title] for title in ("对象", "问题", "选项", "计分", "门槛")}
        for code, methods in edition.methods.items()
        for row in methods.get("survey", [])
    ]


def series_rows(edition: Edition, units: dict[str, str]) -> list[Row]:
    """The indicators and the unit that gives each figure."""
    return [
        edition.head(标准编号=code, 序列编号=f"{code}-S{row['序号']}", 数据单位编号=units[row["数据角色"]])
        | {title: row[title] for title in ("指标名称", "计量单位", "目标", "比较")}
        for code, methods in edition.methods.items()
        for row in methods.get("series", [])
    ]


def plain(value: Decimal) -> str:
    """The number without an exponent or zeros at its end."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
