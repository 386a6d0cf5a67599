"""Makes the shipped city packs again from the official area lists and each city's seed.

Run from the root of the repository: `python -m packs.make_samples path/to/admin-division`. The same
lists and the same seed give the same files. It writes every file of a pack but catalogue.csv, terms.csv,
facts.csv, ladder.csv, drives.csv and the two README files, which are kept by hand. Without the lists,
`python -m packs.make_samples standards` writes only the folders `standards`, `scores` and `month` of each pack.
"""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import Any

from chuangwen.faces.cli.pack.layout import SHEETS, Sheet
from packs.sample import areas, duties, ground, roads, sites, staff, stock, units
from packs.sample.month_files import write_month
from packs.sample.plan import PLANS, Plan
from packs.sample.score_files import write_scores
from packs.sample.tree_files import write_standards

PACKS = Path(__file__).resolve().parent
Row = dict[str, str]


def city_rows(plan: Plan) -> list[Row]:
    """The key-value rows that describe the city itself."""
    level = {"county": "县级市", "prefecture": "地级市"}[plan.level]
    hours = "示例，以本市作息文件为准"
    lines = (
        ("name", plan.name, level),
        ("code", plan.code.ljust(12, "0"), "统计用区划代码"),
        ("level", plan.level, "county 县级,prefecture 地级"),
        ("demo", "yes", "演示资料:人员、电话、点位、门店、责任均为示例"),
        ("timezone", "Asia/Shanghai", ""),
        ("work_hours", "08:30-12:00,14:30-18:00", hours),
        ("summer_hours", "", "如夏季另有作息，写法同上"),
        ("summer_from", "", "夏季作息起，写作 06-01"),
        ("summer_to", "", "夏季作息止，写作 09-30"),
        ("lon", f"{plan.lon:.2f}", "WGS-84,约略,GeoNames"),
        ("lat", f"{plan.lat:.2f}", "WGS-84,约略,GeoNames"),
        ("seed", str(plan.seed), "示例资料的种子"),
        ("number_prefix", plan.prefix, "案号、文号字头"),
    )
    return [{"key": key, "value": value, "note": note} for key, value, note in lines]


def write_sheet(folder: Path, sheet: Sheet, rows: list[Row]) -> None:
    """Writes one file with Chinese titles, in UTF-8 with a byte order mark so that Excel opens it."""
    with (folder / f"{sheet.name}.csv").open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([column.title for column in sheet.columns])
        writer.writerows([[row.get(column.key, "") for column in sheet.columns] for row in rows])


def write_shapes(folder: Path, features: list[dict[str, Any]]) -> None:
    """Writes the GeoJSON with one feature a line, so that a change shows as one line."""
    lines = ",\n".join(json.dumps(feature, ensure_ascii=False, separators=(",", ":")) for feature in features)
    text = '{"type":"FeatureCollection","sample":true,"features":[\n' + lines + "\n]}\n"
    (folder / "shapes.geojson").write_text(text, encoding="utf-8")


def make(plan: Plan, official: Path, folder: Path) -> None:
    """Makes all sample files of one city; `official` is the folder of the official area lists."""
    rows: dict[str, list[Row]] = {"city": city_rows(plan), "areas": areas.rows_of(plan, official)}
    cells = ground.cells_of(plan, [row for row in rows["areas"] if row["level"] == "street"])
    sites.place_villages(plan, rows["areas"], cells)
    rows["units"] = units.units_of(plan, rows["areas"])
    rows["people"], rows["posts"], keepers = staff.staff_of(plan, rows["areas"], rows["units"])
    rows["roads"], lines = roads.roads_of(plan, cells)
    rows["sites"] = sites.sites_of(plan, rows["areas"], cells, rows["roads"], lines)
    rows["shops"] = stock.shops_of(plan, rows["areas"], rows["roads"], lines)
    rows["things"] = stock.things_of(plan, rows["sites"], rows["roads"])
    rows["duties"] = duties.duties_of(
        plan, rows["areas"], rows["units"], rows["roads"], rows["sites"], rows["shops"], keepers
    )
    for sheet in SHEETS:
        write_sheet(folder, sheet, rows[sheet.name])
    shapes = ground.area_features(rows["areas"], cells)
    shapes += [
        ground.feature(road["code"], road["name"], "road", lines[road["code"]]) for road in rows["roads"]
    ]
    write_shapes(folder, shapes)


def main() -> None:
    """Makes every city; the one argument is the folder of the official area lists, or the word `standards`."""
    if len(sys.argv) != 2:
        sys.exit(
            "用法:python -m packs.make_samples 官方区划表所在文件夹（或 standards，只写标准、计分和月考核）"
        )
    for plan in PLANS:
        folder = PACKS / plan.folder
        if sys.argv[1] != "standards":
            make(plan, Path(sys.argv[1]), folder)
        write_standards(plan, folder / "terms.csv", folder / "standards")
        write_scores(plan, folder / "scores")
        write_month(plan, folder / "month")


if __name__ == "__main__":
    main()
