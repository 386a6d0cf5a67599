"""Tables of another system: proposed columns, plain codes, and not one row lost, on the real files where they are."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from chuangwen.kernel.models import Term
from chuangwen.standards.exchange.checking import Known, check_tables
from chuangwen.standards.exchange.loading import known_here, load_tables
from chuangwen.standards.exchange.writing import rows_of
from chuangwen.standards.foreign import (
    convert,
    floor_of,
    pieces_of,
    propose,
    read_foreign,
    site_words,
    split_level,
    suggest_site,
    titles_of,
)
from chuangwen.standards.models import CheckItem, Edition, Material, Node, Question

REAL = Path(__file__).parents[3] / "shared" / "data" / "indicators-nankai-2017"
HEAD = {
    "scheme": "nankai",
    "edition": "2017",
    "name": "外来体系",
    "kind": "city",
    "year": 2017,
    "full": Decimal(0),
    "current": False,
}
SITES = {"农贸市场": "farm_market", "城市社区": "community", "主干道": "main_road"}


def turn(text, base=None, **sites):
    data = ("\ufeff" + text).encode()
    shape = propose(titles_of(data))
    shape.sites = sites
    return convert(read_foreign(data, "t.csv", shape), shape, HEAD, site_types=SITES, base=base)


@pytest.mark.parametrize(("text", "parts"), [
    ("Ⅰ-12 长效常态的创建工作机制", ("1-12", "长效常态的创建工作机制", "")),
    ("Ⅱ-36 群众广泛参与", ("2-36", "群众广泛参与", "")),
    ("Ⅲ-81 宣传动员", ("3-81", "宣传动员", "")),
    ("Ⅲ-16 制度化建设（认同率≥90%）", ("3-16", "制度化建设", "认同率≥90%")),
    ("3.学校教育", ("3", "学校教育", "")),
    ("未成年人·1.领导体制和工作机制", ("1", "领导体制和工作机制", "")),
    ("1）进教材、进课堂、进头脑。", ("1", "进教材、进课堂、进头脑。", "")),
    ("荣誉称号", ("", "荣誉称号", "")),
])  # fmt: skip
def test_codes_become_plain_digits(text, parts):
    assert split_level(text) == parts


def test_small_parts():
    assert floor_of("群众满意度调查＞80% ＞75% ≤75%") == Decimal("0.8") and floor_of("加强体系建设") is None
    assert pieces_of("①有牌 / ②有人；③有册。 / 注：只看现场") == ["有牌", "有人", "有册。", "注：只看现场"]
    assert site_words("窗口行业（邮政、移动）营业厅、医院") == ["窗口行业营业厅", "医院"]
    names = {"农贸市场": "farm_market", "广场与公园": "square_park", "医院": "hospital"}
    assert [suggest_site(w, names) for w in ("集贸市场", "社区医院", "网吧")] == [
        "farm_market",
        "hospital",
        "",
    ]
    assert site_words("公益设施，如博物馆、公共图书馆等") == ["公益设施", "博物馆", "公共图书馆"]


def test_rows_become_check_items_and_what_is_unknown_is_named():
    found = turn(
        "level1,level2,level3,site_types,requirements\n"
        "Ⅰ-1 环境,Ⅱ-3 街面,Ⅲ-7 市场,农贸市场、夜市,①地面干净 / ②有公平秤 / 注：看现场\n"
        ",,,农贸市场,没有级\n"
        "Ⅰ-1 环境,Ⅱ-3 街面,Ⅲ-8 广告,主干道,\n"
    )
    assert found.became == {2: ["3-7", "3-7-C01", "3-7-C02"]}
    assert [(f.row, f.sentence[:6]) for f in found.faults] == [(3, "单元格 A3"), (4, "没有写实地看")]
    assert [line.text("code") for line in found.tables.rows("nodes")] == [
        "1-1",
        "2-3",
        "3-7",
    ]  # 3-8 is not half made
    assert found.unknown_sites == {"夜市": [2]} and "夜市" in found.notes[0]
    assert found.tables.rows("requirements")[0].text("text").endswith("注：看现场")


def test_a_word_mapped_by_a_person_is_used():
    found = turn("level1,level2,level3,site_types,requirements\n甲,乙,丙,夜市,有人管\n", 夜市="farm_market")
    assert found.unknown_sites == {} and len(found.became[2]) == 2


def test_the_same_table_twice_adds_nothing(town):
    text = "level1,level2,level3,audience,questions\n甲,乙,Ⅲ-4 丙（≥75%）,adult,①好不好；②是否参加\n"
    first = turn(text)
    load_tables(first.tables, known=known_here(), mode="merge")
    assert [(q.code, q.floor) for q in Question.objects.all()] == [
        ("3-4-Q01", Decimal("0.75")),
        ("3-4-Q02", Decimal("0.75")),
    ]
    edition = Edition.objects.get()
    again = load_tables(turn(text, base=rows_of([edition])).tables, known=known_here(), mode="merge")
    assert (again.made, again.changed) == (0, 0) and Question.objects.count() == 2


FILES = {
    "hierarchy.csv": 71, "field_inspection.csv": 61, "field_inspection_items.csv": 122, "minors_field_inspection.csv": 10,
    "survey_topics.csv": 31, "declared_materials_partial.csv": 62,
}  # fmt: skip


def test_every_row_of_the_real_tables_becomes_something_or_is_named(town):
    if not REAL.is_dir():
        pytest.skip("left out: ../shared/data is absent")
    Term.objects.bulk_create(
        Term(list="site_type", code=f"t{n}", name=name)
        for n, name in enumerate(["主干道", "城市社区", "公共广场", "商业大街", "中小学校", "医院", "网吧"])
    )
    for name, count in FILES.items():
        data = (REAL / name).read_bytes()
        shape = propose(titles_of(data))
        known = known_here()
        edition = Edition.objects.filter(scheme__code="nankai").first()
        base = rows_of([edition]) if edition else {}
        found = convert(read_foreign(data, name, shape), shape, HEAD, site_types=known.site_types, base=base)
        named = {fault.row for fault in found.faults if fault.row}
        assert found.rows_in == count and len(found.became) + len(named) == count, name
        assert not set(found.became) & named and all(found.became.values())
        assert check_tables(found.tables, Known(known.units, known.site_types)) == []
        load_tables(found.tables, known=known, mode="merge")
    assert (
        Node.objects.filter(tier="item").count() >= 11
        and not Node.objects.filter(code__regex="[ⅠⅡⅢ]").exists()
    )
    assert (
        Question.objects.filter(audience="student").exists()
        and Question.objects.filter(floor=Decimal("0.9")).exists()
    )
    assert CheckItem.objects.count() > 50 and Material.objects.count() >= 62
