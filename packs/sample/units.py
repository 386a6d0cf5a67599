"""Unit rows: the command, its groups, departments, streets, communities, and which of them are ranked."""

from __future__ import annotations

from packs.sample import bodies
from packs.sample.plan import SEED_NOTE, Plan

Row = dict[str, str]
STRUCTURE = "来源文件「1+7+4」工作架构;6个专项组的名称按 6个提升月取，示例"
PREFECTURE_STRUCTURE = "来源文件「市创建全国文明城市指挥部办公室」「各创建处、各片区」；组名为示例"
USUAL = "示例：一般城市常设机构名称"
RANKED_IN_PREFECTURE = 105  # 「每月对全市105家创建责任单位进行考核排序」
UNDER = {
    "municipal": "city_mgmt",
    "sanitation": "city_mgmt",
    "garden": "city_mgmt",
    "digital_city": "city_mgmt",
    "property": "housing",
    "traffic_police": "police",
}


def units_of(plan: Plan, areas: list[Row]) -> list[Row]:
    """All units of one city in the order of the structure; parents come before children."""
    city = plan.code.ljust(12, "0")
    prefecture = plan.level == "prefecture"
    rows = _command(city, prefecture)
    if prefecture:
        rows += _districts(areas)
    for text, kind in _texts(prefecture):
        for code, name, short in bodies.lines(text):
            rows.append(_row(code, name, short, kind, UNDER.get(code, ""), city, "yes", USUAL))
    for code, name, short in bodies.lines(bodies.WATCHERS):
        kind = "supervision" if code == "supervision_bureau" else "discipline"
        rows.append(_row(code, name, short, kind, "", city, "no", "来源文件所列机构"))
    rows += _streets(plan, areas)
    if prefecture:
        _rank_exactly(rows, RANKED_IN_PREFECTURE)
    return rows


def road_chief_units(plan: Plan, units: list[Row]) -> list[str]:
    """Codes of the units that can answer for roads: ranked bodies of the city, built-up streets."""
    kinds = {"department", "utility", "enterprise", "media"}
    streets = {f"street-{code}" for code in plan.urban}
    return [
        row["code"]
        for row in units
        if row["ranked"] == "yes" and (row["kind"] in kinds or row["code"] in streets)
    ]


def _texts(prefecture: bool) -> list[tuple[str, str]]:
    more = [(bodies.MORE_DEPARTMENTS, "department")] if prefecture else []
    firms = [(bodies.MORE_ENTERPRISES, "enterprise")] if prefecture else []
    return [
        (bodies.WORKING_DEPARTMENTS, "department"),
        (bodies.OTHER_DEPARTMENTS, "department"),
        *more,
        (bodies.UTILITIES, "utility"),
        (bodies.MEDIA, "media"),
        (bodies.ENTERPRISES, "enterprise"),
        *firms,
    ]


def _command(city: str, prefecture: bool) -> list[Row]:
    source = PREFECTURE_STRUCTURE if prefecture else STRUCTURE
    rows = [
        _row("command", "市创建全国文明城市指挥部", "创建指挥部", "command", "", city, "no", source),
        _row(
            "creation_office",
            "市创建全国文明城市指挥部办公室",
            "创建办",
            "command",
            "command",
            city,
            "no",
            source,
        ),
    ]
    for code, name, short in bodies.lines(bodies.GROUPS):
        rows.append(_row(code, name, short, "group", "command", city, "no", source))
    for code, name, short in bodies.lines(bodies.OFFICE_GROUPS):
        rows.append(_row(code, name, short, "office_group", "creation_office", city, "no", source))
    return rows


def _districts(areas: list[Row]) -> list[Row]:
    """A 创建处 for each district or county, and 片区 below those of the three districts."""
    rows = []
    for area in (row for row in areas if row["level"] == "county"):
        code = f"district-{area['code'][:6]}"
        short = area["name"].replace("漯河经济技术", "经济") + "创建处"
        rows.append(
            _row(
                code,
                area["name"] + "创建处",
                short,
                "district_office",
                "command",
                area["code"],
                "yes",
                PREFECTURE_STRUCTURE,
            )
        )
        if area["name"].endswith("区") and not area["name"].endswith("开发区"):
            for side in ("东", "西"):
                suffix = "east" if side == "东" else "west"
                name = f"{area['name']}{side}片区"
                rows.append(
                    _row(f"{code}-{suffix}", name, name, "precinct", code, area["code"], "no", SEED_NOTE)
                )
    return rows


def _streets(plan: Plan, areas: list[Row]) -> list[Row]:
    rows = []
    for area in (row for row in areas if row["level"] == "street"):
        nine = area["code"][:9]
        parent = f"district-{nine[:6]}" if plan.level == "prefecture" else ""
        ranked = "yes" if plan.level == "county" or nine in plan.urban else "no"
        end = "办事处" if area["short_name"].endswith("街道") else "人民政府"
        rows.append(
            _row(
                f"street-{nine}",
                area["short_name"] + end,
                area["short_name"],
                "street",
                parent,
                area["code"],
                ranked,
                USUAL,
            )
        )
    for area in areas:
        if (
            area["level"] == "village"
            and area["code"][:9] in plan.urban
            and area["short_name"].endswith("社区")
        ):
            parent = f"street-{area['code'][:9]}"
            name = f"{area['name']}"
            rows.append(
                _row(
                    f"community-{area['code']}",
                    name,
                    area["short_name"],
                    "community",
                    parent,
                    area["code"],
                    "no",
                    USUAL,
                )
            )
    return rows


def _rank_exactly(rows: list[Row], wanted: int) -> None:
    """Marks exactly `wanted` rows as ranked: surplus ones, from the last department upward, are left out."""
    ranked = [row for row in rows if row["ranked"] == "yes"]
    spare = [
        row for row in ranked if row["code"] in {code for code, _, _ in bodies.lines(bodies.MORE_DEPARTMENTS)}
    ]
    for row in spare[len(spare) - (len(ranked) - wanted) :]:
        row["ranked"] = "no"
    if sum(row["ranked"] == "yes" for row in rows) != wanted:
        raise ValueError(f"{wanted} ranked units wanted, {len(ranked)} available")


def _row(
    code: str, name: str, short: str, kind: str, parent: str, area: str, ranked: str, source: str
) -> Row:
    return {
        "code": code,
        "name": name,
        "short_name": short,
        "kind": kind,
        "parent": parent,
        "area": area,
        "ranked": ranked,
        "sample": "yes",
        "source": source,
    }
