"""Sample road segments and crossings of the built-up streets, with their lines."""

from __future__ import annotations

from shapely.geometry import LineString, Polygon

from packs.sample.ground import crossing, lines_in
from packs.sample.plan import Plan

Row = dict[str, str]


def roads_of(plan: Plan, cells: dict[str, Polygon]) -> tuple[list[Row], dict[str, LineString]]:
    """Road rows and the line of each code."""
    random = plan.random("roads")
    rows: list[Row] = []
    lines: dict[str, LineString] = {}
    used: dict[str, int] = {}
    names = list(plan.road_names)
    position = 0
    for street in plan.urban:
        area = street + "000"
        half = plan.lines_each_way
        found = lines_in(cells[area], half, random)
        here = [names[(position + number) % len(names)] for number in range(len(found))]
        position += len(found)
        for number, (name, line) in enumerate(zip(here, found, strict=True)):
            others = here[half:] if number < half else here[:half]
            used[name] = used.get(name, 0) + 1
            stretch = "" if used[name] == 1 else f"{'一二三四'[used[name] - 1]}段"
            grade = ("main", "secondary", "lane")[number % half % 3]
            _add(rows, lines, plan, name + stretch, f"{others[0]}至{others[-1]}", grade, area, line)
        corners = [(i, j, crossing(found[i], found[j])) for i in range(half) for j in range(half, 2 * half)]
        for i, j, at in [corner for corner in corners if corner[2]][:: half + 1][: plan.crossings]:
            _add(rows, lines, plan, f"{here[i]}与{here[j]}路口", "路口四角各 50 米", "crossing", area, at)
    return rows, lines


def _add(
    rows: list[Row],
    lines: dict[str, LineString],
    plan: Plan,
    name: str,
    extent: str,
    grade: str,
    area: str,
    line: LineString,
) -> None:
    code = f"R{len(rows) + 1:03d}"
    lines[code] = line
    rows.append(
        {
            "code": code,
            "name": name,
            "extent": extent,
            "class": grade,
            "area": area,
            "sample": "yes",
            "source": plan.road_source,
        }
    )
