"""A pack with mistakes planted in it is reported at exactly the file, row and column of each mistake."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from shapely.geometry import Point, mapping, shape

from chuangwen.faces.cli.pack import layout
from chuangwen.faces.cli.pack.check import check
from chuangwen.faces.cli.pack.read import read_pack
from chuangwen.kernel.places.datum import Datum, from_wgs84

PACKS = Path(__file__).resolve().parents[3] / "packs"
Place = tuple[str, int, str]


class Edited:
    """A copy of the Gongyi pack whose cells a test changes by row number and column title."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def lines(self, name: str) -> list[list[str]]:
        with (self.folder / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
            return list(csv.reader(file))

    def write(self, name: str, lines: list[list[str]]) -> None:
        with (self.folder / f"{name}.csv").open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerows(lines)

    def find(self, name: str, **wanted: str) -> int:
        """Number of the first row whose columns (by key) have these values."""
        columns = [column.key for column in layout.BY_NAME[name].columns]
        for number, line in enumerate(self.lines(name), start=1):
            if all(line[columns.index(key)] == value for key, value in wanted.items()):
                return number
        raise LookupError(f"{name}: {wanted}")

    def cell(self, name: str, row: int, key: str) -> str:
        columns = [column.key for column in layout.BY_NAME[name].columns]
        return self.lines(name)[row - 1][columns.index(key)]

    def put(self, name: str, row: int, key: str, value: str) -> Place:
        """Changes one cell; returns the place at which a fault of it must be reported."""
        column = layout.BY_NAME[name].column(key)
        lines = self.lines(name)
        lines[row - 1][lines[0].index(column.title)] = value
        self.write(name, lines)
        return f"{name}.csv", row, column.title

    def shapes(self) -> dict[str, Any]:
        return json.loads((self.folder / layout.SHAPES).read_text(encoding="utf-8"))  # type: ignore[no-any-return]

    def write_shapes(self, collection: dict[str, Any]) -> None:
        (self.folder / layout.SHAPES).write_text(json.dumps(collection), encoding="utf-8")

    def places(self) -> set[Place]:
        return {(fault.file, fault.row, fault.column) for fault in check(read_pack(self.folder))}


@pytest.fixture
def pack(tmp_path: Path) -> Edited:
    return Edited(Path(shutil.copytree(PACKS / "gongyi", tmp_path / "pack")))


@pytest.mark.parametrize("city", ["gongyi", "luohe"])
def test_the_shipped_packs_are_clean(city: str) -> None:
    assert [str(fault) for fault in check(read_pack(PACKS / city))] == []


@pytest.mark.parametrize(
    ("name", "row", "key", "value", "words"),
    [
        ("units", 5, "short_name", "", "没有填写"),
        ("posts", 10, "unit", "no_such_unit", "units.csv 里没有"),
        ("posts", 11, "stand_in_for", "nobody", "people.csv 里没有"),
        ("posts", 12, "from", "2026-13-45", "不是认得的日期"),
        ("posts", 13, "role", "emperor", "不在可选的值之中"),
        ("posts", 14, "to", "2025-12-31", "早于"),
        ("roads", 4, "class", "motorway", "不在可选的值之中"),
        ("sites", 9, "type", "castle", "terms.csv 里没有"),
        ("sites", 30, "lon", "", "没有填写"),
        ("sites", 31, "lon", "114.90000", "不在本市范围内"),
        ("sites", 32, "datum", "mars", "不在可选的值之中"),
        ("things", 7, "code", "T0001", "与第 2 行重复"),
        ("things", 8, "count", "一百", "不是数字"),
        ("things", 9, "count", "-3", "负数"),
        ("things", 10, "kind", "moon_base", "terms.csv 里没有"),
        ("duties", 2, "to", "2025-12-31", "早于"),
        ("duties", 2, "person", "", "要落到人"),
        ("duties", 3, "place", "410181999000", "areas.csv 里没有"),
        ("city", 3, "value", "410182000000", "两处改成一致"),
        ("city", 7, "value", "8:30-12:00", "不对"),
    ],
)
def test_one_bad_cell_is_reported_at_its_place(
    pack: Edited, name: str, row: int, key: str, value: str, words: str
) -> None:
    place = pack.put(name, row, key, value)
    faults = check(read_pack(pack.folder))
    assert {(fault.file, fault.row, fault.column) for fault in faults} == {place}
    assert any(words in fault.sentence for fault in faults)


def test_a_circle_of_units_is_reported_at_each_of_its_rows(pack: Edited) -> None:
    row = pack.find("units", code="command")
    pack.put("units", row, "parent", "office_general")
    circle = [row, pack.find("units", code="creation_office"), pack.find("units", code="office_general")]
    assert pack.places() == {("units.csv", number, "上级编号") for number in circle}


def test_an_area_below_one_of_its_own_level_is_reported(pack: Edited) -> None:
    first = pack.find("areas", level="village")
    assert pack.cell("areas", first + 1, "parent") == pack.cell("areas", first, "parent")
    assert pack.places() == set()
    place = pack.put("areas", first + 1, "parent", pack.cell("areas", first, "code"))
    assert pack.places() == {place}


def test_swapped_degrees_are_told_from_a_point_elsewhere(pack: Edited) -> None:
    lon, lat = pack.cell("shops", 20, "lon"), pack.cell("shops", 20, "lat")
    place = pack.put("shops", 20, "lon", lat)
    pack.put("shops", 20, "lat", lon)
    [fault] = check(read_pack(pack.folder))
    assert (fault.file, fault.row, fault.column) == place
    assert "写反" in fault.sentence


def test_metres_are_told_from_degrees(pack: Edited) -> None:
    place = pack.put("sites", 40, "lon", "360550")
    pack.put("sites", 40, "lat", "3303717")
    [fault] = check(read_pack(pack.folder))
    assert (fault.file, fault.row, fault.column) == place
    assert "平面坐标" in fault.sentence


def test_a_gcj02_point_called_wgs84_is_recognised_near_a_border(pack: Edited) -> None:
    outlines = {f["properties"]["code"]: shape(f["geometry"]) for f in pack.shapes()["features"]}
    for row in range(2, len(pack.lines("sites")) + 1):
        street = pack.cell("sites", row, "area")[:9] + "000"
        truth = float(pack.cell("sites", row, "lon")), float(pack.cell("sites", row, "lat"))
        shifted = from_wgs84(*truth, Datum.GCJ02)
        if outlines[street].distance(Point(shifted)) > 0.0005:
            break
    else:
        pytest.fail("no site lies near enough to a border to show the shift")
    place = pack.put("sites", row, "lon", f"{shifted[0]:.5f}")
    pack.put("sites", row, "lat", f"{shifted[1]:.5f}")
    [fault] = check(read_pack(pack.folder))
    assert (fault.file, fault.row, fault.column) == place
    assert "gcj02" in fault.sentence
    pack.put("sites", row, "datum", "GCJ-02")
    assert pack.places() == set()


def test_a_duty_about_the_wrong_kind_of_place(pack: Edited) -> None:
    place = pack.put("duties", 2, "place_kind", "site")
    assert pack.places() == {place, ("duties.csv", 2, "地点编号")}


def test_the_same_duty_twice(pack: Edited) -> None:
    lines = pack.lines("duties")
    pack.write("duties", [*lines, lines[4]])
    assert pack.places() == {("duties.csv", len(lines) + 1, "")}


def test_a_catalogue_row_that_names_an_unknown_unit(pack: Edited) -> None:
    lines = pack.lines("catalogue")
    column = lines[0].index(layout.CATALOGUE_UNIT)
    lines[3][column] = "no_such_unit"
    pack.write("catalogue", lines)
    assert pack.places() == {("catalogue.csv", 4, layout.CATALOGUE_UNIT)}


def test_titles_unknown_and_missing(pack: Edited) -> None:
    lines = pack.lines("things")
    lines[0][lines[0].index("计量单位")] = "单位名"
    pack.write("things", lines)
    faults = check(read_pack(pack.folder))
    assert {(fault.file, fault.row) for fault in faults} == {("things.csv", 1)}
    assert any("单位名" in fault.sentence for fault in faults)
    assert any("缺少：计量单位" in fault.sentence for fault in faults)


def _crossed(feature: dict[str, Any]) -> None:
    west, south, east, north = shape(feature["geometry"]).bounds
    ring = [[west, south], [east, north], [east, south], [west, north], [west, south]]
    feature["geometry"] = {"type": "Polygon", "coordinates": [ring]}


def _unclosed(feature: dict[str, Any]) -> None:
    feature["geometry"] = {"type": "Polygon", "coordinates": [[[112.9, 34.7], [113.0, 34.7]]]}


def _line(feature: dict[str, Any]) -> None:
    feature["geometry"] = {"type": "LineString", "coordinates": [[112.9, 34.7], [113.0, 34.7]]}


def _empty(feature: dict[str, Any]) -> None:
    feature["geometry"] = None


@pytest.mark.parametrize("spoil", [_crossed, _unclosed, _line, _empty])
def test_a_bad_polygon_is_reported_by_its_number(
    pack: Edited, spoil: Callable[[dict[str, Any]], None]
) -> None:
    shapes = pack.shapes()
    assert shapes["features"][4]["properties"]["level"] == "street"
    spoil(shapes["features"][4])
    pack.write_shapes(shapes)
    assert pack.places() == {(layout.SHAPES, 5, "geometry")}


def test_overlapping_streets_and_shapes_of_nothing(pack: Edited) -> None:
    shapes = pack.shapes()
    grown = shape(shapes["features"][2]["geometry"]).buffer(0.001)
    shapes["features"][2]["geometry"] = mapping(grown)
    shapes["features"][-1]["properties"]["code"] = "R999"
    pack.write_shapes(shapes)
    faults = check(read_pack(pack.folder))
    assert (layout.SHAPES, len(shapes["features"]), "code") in {(f.file, f.row, f.column) for f in faults}
    overlaps = [fault for fault in faults if "重叠" in fault.sentence]
    assert overlaps
    assert {fault.file for fault in faults} == {layout.SHAPES}


def test_files_missing_doubled_or_broken(pack: Edited) -> None:
    (pack.folder / "posts.csv").unlink()
    (pack.folder / "things.csv").write_bytes(b"PK\x03\x04 no workbook")
    shutil.copy(pack.folder / "shops.csv", pack.folder / "shops.xlsx")
    (pack.folder / layout.SHAPES).write_text("[]", encoding="utf-8")
    assert pack.places() == {
        ("posts.csv", 0, ""), ("things.csv", 0, ""), ("shops.xlsx", 0, ""), (layout.SHAPES, 0, "")
    }  # fmt: skip


def test_an_excel_file_is_read_in_place_of_csv_with_chinese_words(pack: Edited) -> None:
    before = read_pack(pack.folder).rows("roads")
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "路段"
    for line in pack.lines("roads"):
        sheet.append([layout.ROAD_CLASSES.get(cell, "是" if cell == "yes" else cell) for cell in line])
    book.save(pack.folder / "roads.xlsx")
    (pack.folder / "roads.csv").unlink()
    after = read_pack(pack.folder)
    assert check(after) == []
    assert [(row.number, row.values) for row in after.rows("roads")] == [
        (row.number, row.values) for row in before
    ]
    assert {(row.file, row.sheet) for row in after.rows("roads")} == {("roads.xlsx", "路段")}


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotADirectoryError, match="nowhere"):
        read_pack(tmp_path / "nowhere")


def test_the_words_of_the_layout_are_those_of_the_database() -> None:
    from chuangwen.kernel.models import Place
    from chuangwen.kernel.people.models import DutyKind, Role, UnitKind
    from chuangwen.kernel.places.models import DATUM_CHOICES, PlaceKind

    assert set(layout.UNIT_KINDS) == set(UnitKind.values)
    assert set(layout.ROLES) == set(Role.values)
    assert set(layout.DUTY_KINDS) == set(DutyKind.values) == set(layout.DUTY_PLACES)
    assert set(layout.DATUMS) == {code for code, _name in DATUM_CHOICES}
    assert set(layout.AREA_LEVELS) <= set(PlaceKind.values)
    assert Place._meta.get_field("name").max_length == layout.SITES.column("name").max_length
