"""The problem catalogue, the word lists and the ladder of each city pack: shape and consistency."""

from __future__ import annotations

import csv
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

PACKS_FOLDER = Path(__file__).resolve().parents[2] / "packs"
PACKS = ("gongyi", "luohe")
# Longest limit a kind may have, by clock unit; longer work belongs to a project, not to a case.
LONGEST = {"urgent_hour": 24, "work_hour": 16, "work_day": 30, "calendar_day": 60}
STAGES = (("处置时限", "时限单位"), ("核实时限", "核实时限单位"),
          ("派遣时限", "派遣时限单位"), ("核查时限", "核查时限单位"))
RULES = {"area_unit", "road_chief", "site_unit", "shop_duty"}
CLASSES = {"公用设施", "交通设施", "市容环境", "园林绿化", "宣传广告", "施工管理", "街面秩序",
           "社区管理", "窗口服务", "突发事件", "其他"}
SITE_TYPES = {
    "street_office", "community", "residential_yard", "urban_fringe", "main_road", "back_lane",
    "square_park", "public_toilet", "culture_venue", "scenic_spot", "bookshop", "hotel", "farm_market",
    "restaurant", "service_window", "mall", "crossing", "cinema", "construction_site", "river",
    "school_surroundings", "school", "training_centre", "counselling_station", "net_cafe", "hospital",
    "bus_station", "train_station", "bus_stop", "bank", "pharmacy", "waste_station", "parking_lot",
    "practice_station", "village", "sports_venue", "elderly_home", "express_point", "telecom_hall",
    "power_hall", "fire_station", "cemetery", "library", "museum",
}
LISTS = {"site_type", "thing_kind", "return_reason", "void_reason", "delay_reason", "escalation_level",
         "check_point"}
TRIGGERS = {"before_due", "after_due", "returned_times", "reworked_times", "passed_times", "recurred_times"}
REMINDERS = {"remind_liaison", "remind_head"}


def read_rows(pack: str, name: str) -> list[dict[str, str]]:
    """Rows of one file of the pack by column title; the file must carry a BOM for Excel."""
    path = PACKS_FOLDER / pack / name
    assert path.read_bytes().startswith(b"\xef\xbb\xbf"), path
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def unit_codes(pack: str) -> set[str]:
    """Codes of the pack's units.csv."""
    if not (PACKS_FOLDER / pack / "units.csv").is_file():
        pytest.skip(f"left out: packs/{pack}/units.csv is absent")
    return {row["单位编号"] for row in read_rows(pack, "units.csv")}


@pytest.mark.parametrize("pack", PACKS)
def test_catalogue_has_enough_distinct_kinds(pack: str) -> None:
    rows = read_rows(pack, "catalogue.csv")
    assert len(rows) >= 100
    for column in ("编码", "名称"):
        assert len({row[column] for row in rows}) == len(rows), column
    assert {row["大类"] for row in rows} >= CLASSES
    of_class = {(row["编码"][:2], row["大类"], row["部件/事件"]) for row in rows}
    assert len({code for code, _, _ in of_class}) == len(of_class)
    assert {kind for _, _, kind in of_class} == {"component", "event"}
    for row in rows:
        assert len(row["编码"]) == 4 and row["编码"].isdigit(), row
        assert 0 < len(row["名称"]) <= 10, row
        assert row["立案条件"] and row["结案条件"] and row["来源"], row
        assert row["需现场照片"] in {"yes", "no"}, row


@pytest.mark.parametrize("pack", PACKS)
def test_limits_are_sane(pack: str) -> None:
    for row in read_rows(pack, "catalogue.csv"):
        for number, unit in STAGES:
            assert 0 < Decimal(row[number]) <= LONGEST[row[unit]], (row["名称"], number)


@pytest.mark.parametrize("pack", PACKS)
def test_danger_runs_on_the_urgent_clock(pack: str) -> None:
    """A missing manhole cover and everything sudden must not wait for office hours."""
    rows = {row["名称"]: row for row in read_rows(pack, "catalogue.csv")}
    assert (rows["雨污水井盖缺损"]["处置时限"], rows["雨污水井盖缺损"]["时限单位"]) == ("2", "urgent_hour")
    assert (rows["暴露垃圾"]["处置时限"], rows["暴露垃圾"]["时限单位"]) == ("4", "work_hour")
    for row in rows.values():
        if row["大类"] == "突发事件" and "淤泥" not in row["名称"]:
            assert row["时限单位"] == "urgent_hour", row["名称"]


@pytest.mark.parametrize("pack", PACKS)
def test_keywords_tell_kinds_apart(pack: str) -> None:
    rows = read_rows(pack, "catalogue.csv")
    kinds_of_word: Counter[str] = Counter()
    for row in rows:
        words = row["关键词"].split()
        assert 6 <= len(words) <= 20 and len(set(words)) == len(words), row["名称"]
        kinds_of_word.update(words)
    assert {word: n for word, n in kinds_of_word.items() if n > 3} == {}


@pytest.mark.parametrize("pack", PACKS)
def test_responsibility_names_a_unit_of_the_pack(pack: str) -> None:
    rows = read_rows(pack, "catalogue.csv")
    for row in rows:
        fixed = row["责任规则"].startswith("unit:")
        assert fixed or row["责任规则"] in RULES, row
        assert row["责任规则"] == f"unit:{row['责任单位编码']}" if fixed else row["责任单位编码"] == "", row
    assert {row["责任单位编码"] for row in rows} - {""} <= unit_codes(pack)


def test_shop_duty_differs_between_the_cities() -> None:
    """Gongyi runs 门前四包, Luohe 门前三包 (mechanism 56)."""
    names = {pack: {row["名称"] for row in read_rows(pack, "catalogue.csv")} for pack in PACKS}
    assert "门前四包不落实" in names["gongyi"] - names["luohe"]
    assert "门前三包不落实" in names["luohe"] - names["gongyi"]


@pytest.mark.parametrize("pack", PACKS)
def test_word_lists(pack: str) -> None:
    rows = read_rows(pack, "terms.csv")
    slugs: dict[str, list[str]] = {name: [] for name in LISTS}
    for row in rows:
        slugs[row["词表"]].append(row["编码"])
        assert row["名称"] and row["来源"], row
        assert row["编码"].isascii() and row["编码"].replace("_", "").isalnum(), row
    for name, codes in slugs.items():
        assert len(set(codes)) == len(codes), name
        order = [int(row["顺序"]) for row in rows if row["词表"] == name]
        assert order == list(range(1, len(codes) + 1)), name
    assert set(slugs["site_type"]) == SITE_TYPES
    assert len(slugs["thing_kind"]) >= 25
    checked = Counter(code.partition("__")[0] for code in slugs["check_point"])
    assert set(checked) == SITE_TYPES and min(checked.values()) >= 3


@pytest.mark.parametrize("pack", PACKS)
def test_ladder(pack: str) -> None:
    rows = read_rows(pack, "ladder.csv")
    levels = {row["编码"] for row in read_rows(pack, "terms.csv") if row["词表"] == "escalation_level"}
    assert [int(row["顺序"]) for row in rows] == list(range(1, len(rows) + 1))
    for row in rows:
        timed = row["触发"] in {"before_due", "after_due"}
        assert row["触发"] in TRIGGERS and row["动作"] in levels, row
        assert row["单位"] in LONGEST if timed else row["单位"] == "times", row
        assert int(row["数量"]) > 0 and row["来源"], row
        assert (row["自动/需签发"] == "自动") == (row["动作"] in REMINDERS), row
    assert {(row["触发"], row["数量"]) for row in rows} >= {("reworked_times", "3"), ("passed_times", "3")}
    assert {row["触发"] for row in rows} == TRIGGERS


@pytest.mark.parametrize("pack", PACKS)
def test_ladder_grows_harder_with_delay(pack: str) -> None:
    order = [row["编码"] for row in read_rows(pack, "terms.csv") if row["词表"] == "escalation_level"]
    days = [(int(row["数量"]), order.index(row["动作"])) for row in read_rows(pack, "ladder.csv")
            if (row["触发"], row["单位"]) == ("after_due", "work_day")]
    assert days == sorted(days) and len({level for _, level in days}) == len(days) >= 5


@pytest.mark.parametrize(("file", "column", "name"), [("sites.csv", "点位类型", "site_type"),
                                                      ("things.csv", "设施类型", "thing_kind")])
@pytest.mark.parametrize("pack", PACKS)
def test_registers_use_only_words_of_the_lists(pack: str, file: str, column: str, name: str) -> None:
    if not (PACKS_FOLDER / pack / file).is_file():
        pytest.skip(f"left out: packs/{pack}/{file} is absent")
    words = {row["编码"] for row in read_rows(pack, "terms.csv") if row["词表"] == name}
    assert {row[column] for row in read_rows(pack, file)} - words == set()
