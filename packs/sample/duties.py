"""Sample duties: who answers for each town, road, site, shop and yard, with a few gaps planted on purpose."""

from __future__ import annotations

from itertools import cycle

from packs.sample.plan import SEED_NOTE, SINCE, Plan
from packs.sample.sites import SITE_TYPES
from packs.sample.units import road_chief_units

Row = dict[str, str]
# Planted so that the list of gaps shows something: positions in the lists, that of the street from the end.
STREET_WITHOUT_LEADER = 4
ROADS_WITHOUT_LEADER = (5, 17)
ROAD_WITHOUT_CHIEF = 9
SITES_WITHOUT_LEADER = (3, 40, 77, 120, 200)
SITE_WITH_TWO_LEADERS = 11
SITES_WITHOUT_UNIT = (15, 90)
PAIRED_YARDS = 40


def duties_of(
    plan: Plan,
    areas: list[Row],
    units: list[Row],
    roads: list[Row],
    sites: list[Row],
    shops: list[Row],
    keepers: dict[str, list[str]],
) -> list[Row]:
    """All duty rows of one city."""
    leaders = [f"leader{number}" for number in range(1, plan.leaders + 1)]
    streets = [row for row in areas if row["level"] == "street"]
    rows = _leader_rows(streets, roads, sites, leaders)
    rows += _road_chiefs(plan, units, roads)
    rows += _site_units(areas, units, sites)
    for street in streets:
        rows.append(_row("area_unit", "area", street["code"], unit=f"street-{street['code'][:9]}"))
    rows += _keepers(plan, areas, keepers)
    parents = {row["code"]: row["parent"] for row in areas}
    for shop in shops:
        unit = f"street-{parents[shop['area']][:9]}"
        rows.append(
            _row("shop_duty", "shop", shop["code"], unit=unit, board=f"门前责任：{shop['duty_items']}")
        )
    yards = [site for site in sites if site["type"] == "residential_yard"][:PAIRED_YARDS]
    departments = [row["code"] for row in units if row["kind"] == "department" and row["ranked"] == "yes"]
    for yard, unit in zip(yards, departments, strict=False):
        rows.append(_row("yard_pairing", "site", yard["code"], unit=unit, board="一联四帮结对楼院"))
    return rows


def _leader_rows(streets: list[Row], roads: list[Row], sites: list[Row], leaders: list[str]) -> list[Row]:
    """One leader each: towns and roads in turn, a site by the leader of its town where there is one."""
    rows = []
    of_street: dict[str, str] = {}
    turn = cycle(leaders)
    for number, street in enumerate(reversed(streets)):
        if number != STREET_WITHOUT_LEADER:
            of_street[street["code"]] = next(turn)
            rows.append(_row("area_leader", "area", street["code"], person=of_street[street["code"]]))
    turn = cycle(leaders)
    for number, road in enumerate(roads):
        if number not in ROADS_WITHOUT_LEADER:
            rows.append(_row("road_leader", "road", road["code"], person=next(turn)))
    turn = cycle(leaders)
    for number, site in enumerate(sites):
        if number not in SITES_WITHOUT_LEADER:
            rows.append(_row("site_leader", "site", site["code"], person=next(turn)))
        if number == SITE_WITH_TWO_LEADERS:
            rows.append(_row("site_leader", "site", site["code"], person=next(turn)))
    first = rows[0]
    rows.append(first | {"person": "leader-former", "from": "2024-03-01", "to": "2025-12-31"})
    return rows


def _road_chiefs(plan: Plan, units: list[Row], roads: list[Row]) -> list[Row]:
    chiefs = road_chief_units(plan, units)
    names = {row["code"]: row["short_name"] for row in units}
    rows = []
    turn = cycle(chiefs)
    for number, road in enumerate(roads):
        if number != ROAD_WITHOUT_CHIEF:
            unit = next(turn)
            board = f"路段：{road['name']}（{road['extent']}）；路长单位：{names[unit]}；监督电话：12319"
            rows.append(_row("road_chief", "road", road["code"], unit=unit, board=board))
    return rows


def _site_units(areas: list[Row], units: list[Row], sites: list[Row]) -> list[Row]:
    parents = {row["code"]: row["parent"] for row in areas}
    known = {row["code"] for row in units}
    rows = []
    for number, site in enumerate(sites):
        street = site["area"] if site["area"].endswith("000") else parents[site["area"]]
        unit = SITE_TYPES[site["type"]][1]
        if unit == "community":
            unit = f"community-{site['area']}"
        if unit not in known:
            unit = f"street-{street[:9]}"
        if number not in SITES_WITHOUT_UNIT:
            rows.append(_row("site_unit", "site", site["code"], unit=unit))
    return rows


def _keepers(plan: Plan, areas: list[Row], keepers: dict[str, list[str]]) -> list[Row]:
    """Each community of a built-up street has a keeper; a town is shared by its keepers as a whole."""
    rows = []
    turns = {street: cycle(names) for street, names in keepers.items()}
    for area in areas:
        if area["level"] == "village" and area["code"][:9] in plan.urban:
            rows.append(_row("grid_keeper", "area", area["code"], person=next(turns[area["parent"]])))
        elif area["level"] == "street" and area["code"][:9] not in plan.urban:
            rows += [_row("grid_keeper", "area", area["code"], person=name) for name in keepers[area["code"]]]
    return rows


def _row(kind: str, place_kind: str, place: str, *, person: str = "", unit: str = "", board: str = "") -> Row:
    return {
        "kind": kind,
        "place_kind": place_kind,
        "place": place,
        "person": person,
        "unit": unit,
        "from": SINCE,
        "to": "",
        "board": board,
        "source": SEED_NOTE,
    }
