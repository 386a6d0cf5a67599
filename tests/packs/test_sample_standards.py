"""The sample standards of the packs: whole trees, points that add up, codes that exist, and what each method needs."""

from __future__ import annotations

import csv
import filecmp
import json
from collections import Counter, defaultdict
from decimal import Decimal
from pathlib import Path

import pytest

from packs.sample.plan import PLANS, Plan
from packs.sample.tree_files import TITLES, write_standards
from packs.sample.trees import WEIGHTS, shares

ROOT = Path(__file__).resolve().parents[2]
Row = dict[str, str]
Edition = tuple[str, str]
MAIN = {"city_county", "city_prefecture", "minors"}
DETAILS = {
    "material": ("materials", "材料编号"),
    "site": ("check_items", "检查项编号"),
    "survey": ("questions", "问题编号"),
    "series": ("series", "序列编号"),
}
WAYS = {"pass_fail", "points", "bands", "count_per_metre", "hotline", "timed"}
COUNTY = "gongyi"
HOLES = {("2-22", "material"), ("2-05", "material"), ("3-11", "site"), ("5-07", "material")}


def rows_of(folder: str, name: str) -> list[Row]:
    """Rows of a file of a pack by column title."""
    with (ROOT / "packs" / folder / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def by_edition(rows: list[Row]) -> dict[Edition, list[Row]]:
    found: dict[Edition, list[Row]] = defaultdict(list)
    for row in rows:
        found[row["体系编号"], row["版本"]].append(row)
    return found


class Standards:
    """All files of the folder `standards` of one pack."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.rows = {name: rows_of(folder, f"standards/{name}") for name in TITLES}
        self.nodes = by_edition(self.rows["nodes"])
        self.requirements = by_edition(self.rows["requirements"])

    def standards(self, edition: Edition) -> dict[str, Row]:
        return {row["编号"]: row for row in self.nodes[edition] if row["层级"] == "standard"}


@pytest.fixture(scope="module", params=[plan.folder for plan in PLANS])
def pack(request: pytest.FixtureRequest) -> Standards:
    return Standards(request.param)


@pytest.fixture(scope="module")
def county() -> Standards:
    return Standards(COUNTY)


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.folder)
def test_the_generator_makes_the_shipped_files_again(plan: Plan, tmp_path: Path) -> None:
    folder = ROOT / "packs" / plan.folder
    write_standards(plan, folder / "terms.csv", tmp_path / "standards")
    names = [f"{name}.csv" for name in TITLES]
    assert filecmp.cmpfiles(folder / "standards", tmp_path / "standards", names, shallow=False) == (
        names,
        [],
        [],
    )


def test_every_scheme_is_a_sample_with_one_edition_in_use(pack: Standards) -> None:
    schemes = pack.rows["schemes"]
    assert {row["体系编号"] for row in schemes} >= {"minors", "sanitary", "urban_service"}
    assert all(row["示例"] == "yes" and row["来源"] == "示例，本项目自拟" for row in schemes)
    used = Counter(row["体系编号"] for row in schemes if row["在用"] == "yes")
    assert set(used) == {row["体系编号"] for row in schemes} and set(used.values()) == {1}
    assert {(row["体系编号"], row["版本"]) for row in schemes} == set(pack.nodes) == set(pack.requirements)


def test_codes_are_unique_and_every_parent_stands_before_its_child(pack: Standards) -> None:
    above = {"content": "item", "standard": "content"}
    for nodes in pack.nodes.values():
        seen: dict[str, str] = {}
        for node in nodes:
            assert node["编号"] not in seen
            assert seen.get(node["上级编号"]) == above.get(node["层级"]), node["编号"]
            seen[node["编号"]] = node["层级"]
        parents = {node["上级编号"] for node in nodes}
        assert {code for code, tier in seen.items() if tier != "standard"} <= parents


def test_points_of_children_add_up_to_the_parent_and_items_to_the_full_mark(pack: Standards) -> None:
    full = {(row["体系编号"], row["版本"]): Decimal(row["满分"]) for row in pack.rows["schemes"]}
    for edition, nodes in pack.nodes.items():
        below: dict[str, Decimal] = defaultdict(Decimal)
        for node in nodes:
            below[node["上级编号"]] += Decimal(node["分值"])
        assert below.pop("") == full[edition] == 100
        points = {node["编号"]: Decimal(node["分值"]) for node in nodes}
        assert {code: points[code] for code in below} == below
        assert min(points.values()) > 0


def test_requirements_of_a_standard_add_up_to_its_points(pack: Standards) -> None:
    for edition, requirements in pack.requirements.items():
        total: dict[str, Decimal] = defaultdict(Decimal)
        for row in requirements:
            assert row["方法"] in WEIGHTS and Decimal(row["分值"]) > 0
            assert row["要求"] and 0 < len(row["应达水平"]) <= 120
            total[row["标准编号"]] += Decimal(row["分值"])
        assert total == {code: Decimal(row["分值"]) for code, row in pack.standards(edition).items()}
        assert max(Counter((row["标准编号"], row["方法"]) for row in requirements).values()) == 1


def test_every_method_has_its_details_and_no_detail_is_without_its_method(pack: Standards) -> None:
    for method, (name, code) in DETAILS.items():
        details = by_edition(pack.rows[name])
        for edition, requirements in pack.requirements.items():
            wanted = {row["标准编号"] for row in requirements if row["方法"] == method}
            assert wanted == {row["标准编号"] for row in details[edition]}, (edition, method)
            codes = [row[code] for row in details[edition]]
            assert len(codes) == len(set(codes))


def test_units_site_types_kinds_of_case_and_gradings_exist_in_the_pack(pack: Standards) -> None:
    units = {row["单位编号"] for row in rows_of(pack.folder, "units")}
    for row in pack.rows["requirements"]:
        named = [code for code in (row["主责单位编号"], *row["协办单位编号"].split(";")) if code]
        assert set(named) <= units and len(named) == len(set(named)), row
    assert {row["数据单位编号"] for row in pack.rows["series"]} <= units
    types = {row["编码"] for row in rows_of(pack.folder, "terms") if row["词表"] == "site_type"}
    catalogue = {row["编码"] for row in rows_of(pack.folder, "catalogue")}
    gradings = {row["编号"] for row in pack.rows["grading"]}
    for row in pack.rows["check_items"]:
        assert row["点位类型"] in types, row
        assert row["问题类别编号"] in catalogue, row
        assert row["评分办法"] in gradings, row
        assert 0 < len(row["检查内容"]) <= 40 and Decimal(row["分值"]) > 0


def test_the_city_tree_checks_every_site_type_at_least_six_times_and_no_item_twice(pack: Standards) -> None:
    types = {row["编码"] for row in rows_of(pack.folder, "terms") if row["词表"] == "site_type"}
    for edition, items in by_edition(pack.rows["check_items"]).items():
        pairs = Counter((row["点位类型"], row["检查内容"], row["标准编号"]) for row in items)
        assert max(pairs.values()) == 1
        if edition[0].startswith("city") and edition[1] == "2026":
            counts = Counter(row["点位类型"] for row in items)
            assert set(counts) == types and len(types) >= 40
            assert min(counts.values()) >= 6, counts.most_common()[-1]


def test_there_are_enough_standards_and_questions() -> None:
    counts: dict[str, int] = {}
    questions: dict[str, int] = defaultdict(int)
    for plan in PLANS:
        standards = Standards(plan.folder)
        counts |= {
            edition[0]: len(standards.standards(edition))
            for edition in standards.nodes
            if edition[1] == "2026"
        }
    for row in standards.rows["questions"]:
        questions["student" if row["对象"] == "student" else "adult"] += 1
    assert sum(counts[scheme] for scheme in MAIN) >= 120
    assert counts["city_county"] >= 66 and counts["city_prefecture"] >= 78 and counts["minors"] == 30
    assert counts["sanitary"] == 8 and counts["urban_service"] == 6
    assert questions["adult"] >= 22 and questions["student"] >= 8


def test_options_and_marks_fit_each_other(pack: Standards) -> None:
    for row in pack.rows["questions"]:
        options, marks = row["选项"].split("|"), [Decimal(mark) for mark in row["计分"].split("|")]
        assert len(options) == len(marks) == len(set(options)) == 3, row
        assert (marks[0] == 1 and marks[-1] == 0) or marks == sorted(marks, reverse=True), row
        assert all(0 <= mark <= 1 for mark in marks) and 0 < Decimal(row["门槛"]) <= 1


def test_gradings_are_readable_and_figures_read_elsewhere_say_so(pack: Standards) -> None:
    for row in pack.rows["grading"]:
        params = json.loads(row["参数"])
        assert row["方式"] in WAYS and isinstance(params, dict)
        if row["方式"] == "bands":
            marks = [Decimal(mark) for mark in params.values()]
            assert marks == sorted(marks, reverse=True) and marks[0] == 1
    quoted = {row["编号"] for row in pack.rows["grading"] if "转引，待核" in row["来源"]}
    assert {"ads_main_300", "ads_lane_100", "queue_15", "redlight_10", "toilet_500"} <= quoted


def test_a_material_asked_before_is_named_and_is_not_itself_another(pack: Standards) -> None:
    reused = 0
    for materials in by_edition(pack.rows["materials"]).values():
        same = {row["材料编号"]: row["同材料编号"] for row in materials}
        for code, other in same.items():
            assert not other or (other != code and same[other] == ""), code
            reused += bool(other)
        for row in materials:
            assert row["起"] < row["止"] <= row["报送日期"] and int(row["份数"]) > 0
            assert (row["字数上限"] == "500") == (row["类别"] == "report")
    assert reused >= 6


def test_only_the_named_requirements_have_no_lead(pack: Standards) -> None:
    for edition, requirements in pack.requirements.items():
        holes = {(row["标准编号"], row["方法"]) for row in requirements if not row["主责单位编号"]}
        assert holes == (HOLES if edition == ("city_county", "2026") else set())


def test_the_difference_of_the_two_county_editions(county: Standards) -> None:
    old, new = county.standards(("city_county", "2025")), county.standards(("city_county", "2026"))
    both = old.keys() & new.keys()
    differing = {
        title: {code for code in both if old[code][title] != new[code][title]}
        for title in ("全文", "上级编号", "分值", "名称")
    }
    assert len(new.keys() - old.keys()) == 9
    assert len(old.keys() - new.keys()) == 4
    assert len(differing["全文"]) == 17
    assert len(differing["上级编号"]) == 3
    assert len(differing["分值"]) == 3
    assert differing["名称"] == set()
    assert sum(map(len, differing.values())) == len(set().union(*differing.values()))


def test_shares_give_every_method_something_and_lose_nothing() -> None:
    for full in (Decimal(1), Decimal("1.5"), Decimal(2), Decimal(20)):
        found = shares(full, ["material", "site", "survey", "series", "overview"])
        assert sum(found.values()) == full and min(found.values()) > 0
        assert max(found, key=lambda method: found[method]) == "site"
