"""The template: what is taken, what is named, what goes back out, and what a second file may do to a first."""

from __future__ import annotations

import io
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chuangwen.standards.exchange.checking import check_tables
from chuangwen.standards.exchange.layout import LAYOUTS, canonical
from chuangwen.standards.exchange.loading import BadTree, known_here, load_tables
from chuangwen.standards.exchange.reading import read_folder, read_workbook
from chuangwen.standards.exchange.writing import rows_of, write_folder, write_workbook
from chuangwen.standards.models import (
    CheckItem,
    Edition,
    Material,
    Node,
    Question,
    Requirement,
    Scheme,
    Share,
)
from tests.standards.conftest import ROWS, book

PACKS = Path(__file__).parents[2] / "packs"


def faults(rows, merge=None):
    return [
        (f.sheet, f.row, f.title, f.sentence)
        for f in check_tables(read_workbook(book(rows, merge), "t.xlsx"), known_here({"0301"}))
    ]


def load(rows, **more):
    return load_tables(read_workbook(book(rows), "t.xlsx"), known=known_here({"0301"}), **more)


def cells(tables, known):
    """Every row of every sheet in normal form."""
    found = {}
    for layout in LAYOUTS:
        rows = [dict(line.values) for line in tables.rows(layout.name)]
        for row in rows if layout.name == "check_items" else ():
            row["site_type"] = known.site_types[row["site_type"]]
        found[layout.title] = sorted(canonical(layout.name, row) for row in rows)
    return found


def test_every_row_becomes_a_row(tree):
    total = sum(len(lines) for lines in ROWS.values())
    assert Node.objects.count() == 4 and Requirement.objects.count() == 4 and CheckItem.objects.count() == 2
    again = load(ROWS)
    assert (again.rows_in, again.taken, again.same, again.made, again.changed) == (total, total, total, 0, 0)
    assert Question.objects.get().options == [["常看到", "1"], ["偶尔", "0.5"], ["没有", "0"]]
    assert Material.objects.get(code="1-01-M2").same_as.code == "1-01-M1"
    assert {(s.unit.code, s.part) for s in Share.objects.filter(requirement__method="material")} == {
        ("cgj", "lead"), ("jtj", "assist"), ("xhl", "assist")}  # fmt: skip
    assert Node.objects.get(code="1-01").parent.code == "1-1"
    assert tree.edition.is_current and tree.edition.full == Decimal(10)


def test_export_gives_the_same_file_back(tree):
    out = io.BytesIO()
    assert write_workbook(out, [tree.edition]) == sum(len(lines) for lines in ROWS.values())
    back, sent = read_workbook(out.getvalue(), "back.xlsx"), read_workbook(book(ROWS), "sent.xlsx")
    assert back.faults == [] and back.notes == []
    assert cells(back, known_here()) == cells(sent, known_here())


def test_a_pack_goes_through_the_database_and_comes_back_cell_for_cell(town, tmp_path):
    from chuangwen.kernel.models import Term, Unit

    sent = read_folder(PACKS / "luohe" / "standards")
    wanted = {row.text(k) for row in sent.rows("requirements") for k in ("lead",)} | {
        row.text("unit") for row in sent.rows("series")}  # fmt: skip
    wanted |= {code for row in sent.rows("requirements") for code in row.text("assists").split(";")}
    have = set(Unit.objects.values_list("code", flat=True))
    Unit.objects.bulk_create(
        Unit(code=c, name=c, short_name=c, kind="department", path=c) for c in wanted - have - {""}
    )
    have = set(Term.objects.values_list("code", flat=True))
    sites = {row.text("site_type") for row in sent.rows("check_items")} - have
    Term.objects.bulk_create(Term(list="site_type", code=c, name=c) for c in sites)
    loaded = load_tables(sent, known=known_here())
    assert loaded.rows_in == loaded.taken == loaded.made > 1000
    assert write_folder(tmp_path / "out", loaded.editions) == loaded.rows_in
    back = read_folder(tmp_path / "out")
    assert back.faults == [] and cells(back, known_here()) == cells(sent, known_here())


@pytest.mark.parametrize(("sheet", "row", "column", "value", "where", "said"), [
    ("标准", 1, 3, "1-01", ("标准", 3, "上级编号"), "绕成一圈"),
    ("标准", 2, 3, "9-9", ("标准", 4, "上级编号"), "没有编号“9-9”的上级"),
    ("标准", 3, 2, "1-01", ("标准", 5, "编号"), "与第 4 行重复"),
    ("标准", 3, 7, 5, ("标准", 3, "分值"), "写的是 10，下级合计是 11，差 1"),
    ("要求", 0, 4, 2.25, ("标准", 4, "分值"), "写的是 6，各测法合计是 6.25，差 0.25"),
    ("体系", 0, 6, 100, ("体系", 2, "满分"), "写的是 100，各测评项目合计是 10，差 90"),
    ("要求", 0, 7, "ghost", ("要求", 2, "主责单位编号"), "没有编号“ghost”的单位"),
    ("检查项", 0, 4, "moon", ("检查项", 2, "点位类型"), "没有“moon”这种点位类型"),
    ("检查项", 0, 8, "9999", ("检查项", 2, "问题类别编号"), "没有“9999”"),
    ("检查项", 0, 6, "nope", ("检查项", 2, "评分办法"), "没有编号“nope”"),
    ("要求", 3, 2, "1-09", ("要求", 5, "标准编号"), "没有编号“1-09”的标准"),
    ("要求", 3, 2, "1-1", ("要求", 5, "标准编号"), "是测评内容"),
    ("要求", 3, 4, -2, ("要求", 5, "分值"), "负数"),
    ("要求", 3, 4, "两分半", ("要求", 5, "分值"), "不是数字"),
    ("要求", 3, 3, "电话", ("要求", 5, "方法"), "不在可选的值之中"),
    ("材料", 0, 9, "2026-02-30", ("材料", 2, "止"), "不是认得的日期"),
    ("材料", 0, 8, "2026-12-30", ("材料", 2, "止"), "止早于起"),
    ("材料", 1, 11, "没有", ("材料", 3, "同材料编号"), "没有材料“没有”"),
    ("问卷题", 0, 7, "1|0.5", ("问卷题", 2, "计分"), "3 个选项、2 个计分"),
    ("问卷题", 0, 7, "1|2|0", ("问卷题", 2, "计分"), "0 到 1 之间"),
    ("评分办法", 1, 3, "一半", ("评分办法", 3, "参数"), "读不懂"),
    ("体系", 0, 4, 26, ("体系", 2, "年份"), "不像年份"),
    ("问卷题", 0, 1, "2031", ("问卷题", 2, "版本"), "没有 city 的版本 2031"),
])  # fmt: skip
def test_a_bad_row_is_named_with_sheet_row_and_column(town, sheets, sheet, row, column, value, where, said):
    sheets[sheet][row][column] = value
    found = faults(sheets)
    assert any(each[:3] == where and said in each[3] for each in found), found
    with pytest.raises(BadTree):
        load(sheets)
    assert (Scheme.objects.count(), Node.objects.count(), Share.objects.count()) == (0, 0, 0)


def test_merged_cells_are_named_with_their_range(town, sheets):
    found = faults(sheets, merge=("要求", "C2:C3"))
    assert ("要求", 2, "", "C2:C3 是合并的单元格。取消合并，每一行都填上内容，再导入。") in found


def test_a_sheet_that_is_missing_and_one_that_is_strange(town, sheets):
    lines = sheets.pop("标准")
    assert any("没有名为“标准”的工作表" in each[3] for each in faults(sheets))
    sheets["标准"], tables = lines, None
    from openpyxl import load_workbook

    opened = load_workbook(io.BytesIO(book(sheets)))
    opened.create_sheet("填表说明").append(["随便"])
    out = io.BytesIO()
    opened.save(out)
    tables = read_workbook(out.getvalue(), "t.xlsx")
    assert tables.notes == ["没有读的工作表：填表说明。"]


def test_the_same_name_with_other_content_asks(tree, sheets):
    sheets["标准"][2][6] = "农贸市场地面干净，垃圾不过夜。"
    with pytest.raises(BadTree) as caught:
        load(sheets)
    fault = caught.value.faults[0]
    assert (fault.sheet, fault.row, fault.title) == ("体系", 2, "版本")
    assert "标准 2 行" in fault.sentence and "替换" in fault.sentence
    done = load(sheets, mode="replace", by=tree.people["office"])
    assert (done.changed, done.made, done.removed) == (1, 0, 0)
    from chuangwen.kernel.workflow import history

    node = Node.objects.get(code="1-01")
    assert node.text.endswith("垃圾不过夜。")
    assert history.changes_of(node)[0].given["text"] == [
        "农贸市场地面干净，垃圾日产日清。",
        "农贸市场地面干净，垃圾不过夜。",
    ]
    assert list(history.verify()) == []


def test_replacing_takes_away_what_is_gone_but_not_what_is_in_use(tree, sheets):
    from chuangwen.standards.models import SeriesValue

    sheets["检查项"].pop()
    assert load(sheets, mode="replace").removed == 1
    assert CheckItem.objects.count() == 1
    need = Requirement.objects.get(method="series")
    SeriesValue.objects.create(series=need.series.get(), year=2026, value=3)
    sheets["指标"].pop()
    sheets["检查项"].pop()
    with pytest.raises(BadTree) as caught:
        load(sheets, mode="replace")
    assert "指标序列有 1 条已经用上" in caught.value.faults[0].sentence
    assert CheckItem.objects.count() == 1  # the whole file or nothing


def test_a_pack_loaded_again_leaves_what_the_city_decided(tree, sheets):
    cell = Requirement.objects.get(method="survey")
    cell.shares.update(unit=tree.units["xhl"])
    Edition.objects.update(is_current=False)
    done = load(sheets, mode="merge", keep_shares=True)
    assert done.changed == 0
    assert cell.shares.get().unit == tree.units["xhl"] and not Edition.objects.get().is_current


def test_a_new_edition_in_use_takes_the_place_of_the_old(tree, sheets):
    for lines in sheets.values():
        for line in lines:
            line[:] = ["2027" if value == "2026" else value for value in line]
    sheets["体系"][0][3], sheets["体系"][0][4] = "2027", 2027
    sheets["评分办法"] = sheets["评分办法"][:2]
    new = load(sheets).editions[0]
    tree.edition.refresh_from_db()
    assert new.is_current and not tree.edition.is_current and new.follows == tree.edition


@settings(max_examples=25, deadline=None)
@given(
    points=st.lists(st.integers(1, 4000), min_size=1, max_size=6),
    spoilt=st.integers(-1, 5),
    gap=st.integers(1, 50),
)
def test_sums_are_exact_to_the_last_digit(points, spoilt, gap):
    """Weights in thousandths: a tree whose parts add up passes, one moved by any thousandth is told with both sums."""
    from chuangwen.standards.exchange.checking import Known
    from chuangwen.standards.exchange.reading import Line, Tables

    total = Decimal(sum(points)) / 1000
    told = total + (Decimal(gap) / 1000 if spoilt >= 0 else 0)
    head = {"scheme": "s", "edition": "e"}
    rows = [{"code": "1", "tier": "item", "name": "n", "full": told}]
    rows += [{"code": f"1-{n}", "parent": "1", "tier": "standard", "name": "n", "full": Decimal(p) / 1000}
             for n, p in enumerate(points)]  # fmt: skip
    tables = Tables({"nodes": [Line("f", "标准", n, head | row, {}) for n, row in enumerate(rows, 2)],
                     "schemes": [Line("f", "体系", 2, head | {"name": "n", "full": told}, {})]})  # fmt: skip
    found = [f.sentence for f in check_tables(tables, Known((), {}))]
    assert bool(found) == (spoilt >= 0)
    if found:
        assert f"写的是 {told.normalize():f}，下级合计是 {total.normalize():f}" in found[0]


def test_rows_of_nothing_are_no_rows(db):
    assert rows_of([]) == {layout.name: [] for layout in LAYOUTS}
