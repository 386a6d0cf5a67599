"""The two shipped packs hold what the source documents say and what their README promises."""

from __future__ import annotations

import csv
import filecmp
from collections import Counter
from pathlib import Path

import pytest
import shapely
from shapely.geometry import Point, shape

from chuangwen.faces.cli.pack.layout import SHEETS
from chuangwen.faces.cli.pack.read import Pack, read_pack
from packs.make_samples import make
from packs.sample.plan import PLANS

ROOT = Path(__file__).resolve().parents[3]
OFFICIAL = ROOT.parent / "shared" / "data" / "admin-division"
SOURCES = ROOT.parent / "shared" / "source-documents"
CITIES = ("gongyi", "luohe")
SITE_TYPES = 44


@pytest.fixture(scope="module", params=CITIES)
def pack(request: pytest.FixtureRequest) -> Pack:
    return read_pack(ROOT / "packs" / request.param)


def gongyi() -> Pack:
    return read_pack(ROOT / "packs" / "gongyi")


def luohe() -> Pack:
    return read_pack(ROOT / "packs" / "luohe")


def duties(pack: Pack, kind: str) -> list[tuple[str, str]]:
    """Place and holder of every duty of that kind that has not ended."""
    return [
        (row.text("place"), row.text("person") or row.text("unit"))
        for row in pack.rows("duties")
        if row.text("kind") == kind and row.day("to") is None
    ]


def test_area_codes_and_names_are_the_official_ones(pack: Pack) -> None:
    if not OFFICIAL.is_dir():
        pytest.skip("left out: ../shared/data is absent")
    prefix = pack.city["code"].rstrip("0")
    official = {}
    for name, code, title in (
        ("streets_zhengzhou_luohe.csv", "street_code", "street_name"),
        (f"villages_{pack.folder.name}.csv", "village_code", "village_name"),
    ):
        with (OFFICIAL / name).open(encoding="utf-8-sig", newline="") as file:
            lines = [line for line in csv.DictReader(file) if line[code].startswith(prefix)]
        official |= {line[code].ljust(12, "0"): line[title] for line in lines}
    ours = {
        row.text("code"): row.text("name")
        for row in pack.rows("areas")
        if row.text("level") in ("street", "village")
    }
    assert ours == official


def test_area_counts() -> None:
    def counts(pack: Pack) -> dict[str, int]:
        return dict(Counter(row.text("level") for row in pack.rows("areas")))

    assert counts(gongyi()) == {"city": 1, "street": 20, "village": 320}
    assert counts(luohe()) == {"city": 1, "county": 6, "street": 58, "village": 1281}


def test_short_names_drop_the_committee(pack: Pack) -> None:
    for row in pack.rows("areas"):
        assert "委员会" not in row.text("short_name")
        assert "民员委" not in row.text("short_name")


def test_the_command_is_one_seven_four() -> None:
    kinds = Counter(row.text("kind") for row in gongyi().rows("units"))
    assert (kinds["group"], kinds["office_group"]) == (7, 4)
    names = {row.text("short_name") for row in gongyi().rows("units")}
    assert {"综合督导组", "综合组", "材料组", "宣教组", "督导组", "创建指挥部"} <= names
    titles = [row.text("title") for row in gongyi().rows("posts") if row.text("role") == "leader"]
    assert (titles.count("政委"), titles.count("指挥长")) == (1, 1)


def test_figures_of_gongyi() -> None:
    pack = gongyi()
    chiefs = {unit for _road, unit in duties(pack, "road_chief")}
    assert len(chiefs) == 65
    totals: Counter[str] = Counter()
    rows: Counter[str] = Counter()
    for row in pack.rows("things"):
        totals[row.text("kind")] += int(row.values["count"])
        rows[row.text("kind")] += 1
    assert (rows["public_toilet"], rows["parking_lot"], totals["parking_lot"]) == (54, 50, 26000)
    assert totals["toilet_sign"] + totals["road_name_plate"] + totals["road_chief_board"] == 700
    assert totals["enforcement_camera"] + totals["traffic_sign"] + totals["traffic_signal"] == 498
    assert (totals["waste_sorting_point"], totals["waste_container"]) == (228, 3854)


def test_exactly_105_units_are_ranked_in_luohe() -> None:
    assert sum(row.values["ranked"] is True for row in luohe().rows("units")) == 105


def test_every_unit_has_a_head_and_a_liaison(pack: Pack) -> None:
    units = {row.text("code") for row in pack.rows("units")}
    for role in ("head", "liaison"):
        assert {row.text("unit") for row in pack.rows("posts") if row.text("role") == role} == units


def test_every_street_has_grid_keepers(pack: Pack) -> None:
    streets = {row.text("code") for row in pack.rows("areas") if row.text("level") == "street"}
    assert {row.text("area") for row in pack.rows("posts") if row.text("role") == "grid_keeper"} == streets


def test_nobody_is_real_and_no_number_can_be_dialled(pack: Pack) -> None:
    people = pack.rows("people")
    assert all(row.values["sample"] is True for row in people)
    assert all(row.text("phone").startswith("000") and len(row.text("phone")) == 11 for row in people)
    if not SOURCES.is_dir():
        pytest.skip("left out: ../shared/source-documents is absent")
    text = "".join(path.read_text(encoding="utf-8") for path in SOURCES.glob("*.txt"))
    assert [row.text("name") for row in people if row.text("name") in text] == []


def test_leaders_are_unique_but_for_the_planted_gaps(pack: Pack) -> None:
    streets = {row.text("code") for row in pack.rows("areas") if row.text("level") == "street"}
    roads = {row.text("code") for row in pack.rows("roads")}
    sites = {row.text("code") for row in pack.rows("sites")}
    assert len(roads) >= 65
    for kind, places, gaps, doubled in (
        ("area_leader", streets, 1, 0), ("road_leader", roads, 2, 0), ("site_leader", sites, 5, 1),
        ("road_chief", roads, 1, 0), ("site_unit", sites, 2, 0), ("area_unit", streets, 0, 0),
    ):  # fmt: skip
        held = Counter(place for place, _holder in duties(pack, kind))
        assert len(places - held.keys()) == gaps, kind
        assert sum(count > 1 for count in held.values()) == doubled, kind


def test_sites_cover_all_types_and_lie_in_their_street(pack: Pack) -> None:
    shapes = {feature.code: shape(feature.geometry) for feature in pack.shapes}
    parents = {row.text("code"): row.text("parent") for row in pack.rows("areas")}
    sites = pack.rows("sites")
    assert len({row.text("type") for row in sites}) == SITE_TYPES
    for row in sites:
        area = row.text("area")
        street = area if area in shapes else parents[area]
        assert shapes[street].covers(Point(float(row.values["lon"]), float(row.values["lat"]))), row


def test_streets_tile_the_city(pack: Pack) -> None:
    shapes = {feature.code: shape(feature.geometry) for feature in pack.shapes}
    streets = [shapes[row.text("code")] for row in pack.rows("areas") if row.text("level") == "street"]
    city = shapes[pack.city["code"]]
    whole = shapely.union_all(streets)
    assert whole.symmetric_difference(city).area < 1e-9
    assert abs(sum(street.area for street in streets) - city.area) < 1e-9
    assert all(feature.properties["sample"] is True for feature in pack.shapes)
    assert (pack.folder / "shapes.geojson").stat().st_size < 600_000


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.folder)
def test_the_generator_makes_the_shipped_files_again(plan: object, tmp_path: Path) -> None:
    if not OFFICIAL.is_dir():
        pytest.skip("left out: ../shared/data is absent")
    make(plan, OFFICIAL, tmp_path)  # type: ignore[arg-type]
    names = [f"{sheet.name}.csv" for sheet in SHEETS] + ["shapes.geojson"]
    folder = ROOT / "packs" / plan.folder  # type: ignore[attr-defined]
    assert filecmp.cmpfiles(folder, tmp_path, names, shallow=False) == (names, [], [])
