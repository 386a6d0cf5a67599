"""What closing a month stands on in a pack: sound as shipped, faults named with their place, loaded once."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from chuangwen.faces.cli.pack.load_month import load_month
from chuangwen.faces.cli.pack.month import columns_of, measures_of, month_faults, parts_of
from chuangwen.faces.cli.pack.month_layout import DEMANDS, SUBJECTS, SUM_KINDS, TIES
from chuangwen.faces.cli.pack.read import Pack, Row, read_pack

PACKS = Path(__file__).parents[2] / "packs"


def row(name, number=2, /, **values):
    return Row(f"month/{name}.csv", "", number, values)


def pack_of(**tables):
    pack = Pack(Path("x"))
    pack.tables["units"] = [Row("units.csv", "", 2, {"code": "water"})]
    for name, rows in tables.items():
        pack.tables[f"month/{name}"] = rows
    return pack


def rule(measures, number=2, version="1"):
    return row("rank_rules", number, subject="unit", version=version, measures=measures)


def test_choices_are_those_of_the_tables():
    from chuangwen.assessment.models import RankRule, RankSubject
    from chuangwen.faces.desk.burden_counts import KINDS
    from chuangwen.registers.models import SumKind

    assert {subject.value: str(subject.label) for subject in RankSubject} == SUBJECTS
    assert {code: str(label) for code, label in RankRule._meta.get_field("ties").choices} == TIES
    assert {kind.value: str(kind.label) for kind in SumKind} == SUM_KINDS
    assert {code: str(label) for code, label in KINDS} == DEMANDS


def test_measures_and_columns_are_read_or_named():
    found = measures_of(rule("fixed_in_time:60|tasks_in_time:40:zero"))
    assert found == [
        {"code": "fixed_in_time", "weight": "60", "missing": "skip"},
        {"code": "tasks_in_time", "weight": "40", "missing": "zero"},
    ]
    assert columns_of(row("export_maps", columns="单位=name|得分=score")) == [
        ["单位", "name"],
        ["得分", "score"],
    ]
    for bad in ("fixed_in_time", "fixed_in_time:x", "fixed_in_time:60:maybe", ":60"):
        with pytest.raises(ValueError, match=r".*"):
            measures_of(rule(bad))


def test_faults_name_row_and_column():
    pack = pack_of(
        rank_rules=[
            rule("fixed_in_time:60|tasks_in_time:30"), rule("fixed_in_time", 3, "2"), rule("unheard:100", 4, "3"),
            rule("fixed_in_time:100", 5, "1"),
        ],
        peer_groups=[row("peer_groups", code="a")],
        peer_units=[
            row("peer_units", group="a", unit="water"), row("peer_units", 3, group="b", unit="water"),
            row("peer_units", 4, group="a", unit="moon"),
        ],
        issuing_bodies=[row("issuing_bodies", code="office", unit="nobody")],
        export_maps=[row("export_maps", name="表", columns="单位")],
    )  # fmt: skip
    found = {
        (fault.file.removeprefix("month/").removesuffix(".csv"), fault.row, fault.column)
        for fault in month_faults(pack)
    }
    assert found == {
        ("rank_rules", 2, "指标"), ("rank_rules", 3, "指标"), ("rank_rules", 4, "指标"), ("rank_rules", 5, "版本"),
        ("peer_units", 3, "组编号"), ("peer_units", 3, "单位编号"), ("peer_units", 4, "单位编号"),
        ("issuing_bodies", 2, "单位编号"), ("export_maps", 2, "列"),
    }  # fmt: skip


def test_faults_of_minutes_and_relations_name_row_and_column():
    def relation(number, parts, **more):
        return row("fact_sums", number, **{"code": f"S{number}", "kind": "sum", "parts": parts, **more})

    pack = pack_of(
        burden_minutes=[
            row("burden_minutes", kind="fix", minutes=0), row("burden_minutes", 3, kind="form", minutes=30),
            row("burden_minutes", 4, kind="form", minutes=20),
        ],
        fact_sums=[
            relation(2, "A|B", total="C"), relation(3, "A|X"), relation(4, "A|B", total="X"), relation(5, "A"),
            relation(6, "A|A"), relation(7, "A|B", kind="share"), relation(8, "A|P", kind="share"),
            relation(9, "A|B", total="C", stated=Decimal(3)),
        ],
    )  # fmt: skip
    pack.tables["facts"] = [
        Row("facts.csv", "", 2, {"编号": code, "计量单位": "%" if code == "P" else "个"}) for code in "ABCP"
    ]
    found = {
        (fault.file.removeprefix("month/").removesuffix(".csv"), fault.row, fault.column)
        for fault in month_faults(pack)
    }
    assert found == {
        ("burden_minutes", 2, "分钟"), ("burden_minutes", 4, "事项"),
        ("fact_sums", 3, "组成"), ("fact_sums", 4, "总数编号"), ("fact_sums", 5, "组成"), ("fact_sums", 6, "组成"),
        ("fact_sums", 7, "组成"), ("fact_sums", 9, "写明的总数"),
    }  # fmt: skip


def test_an_unknown_kind_is_named(tmp_path):
    (tmp_path / "month").mkdir()
    for name, text in (
        ("burden_minutes", "事项,分钟,来源\nsong,5,示例\n"),
        ("fact_sums", "编号,名称,关系,组成,来源\nS1,甲,product,A|B,示例\n"),
    ):
        (tmp_path / "month" / f"{name}.csv").write_text(text, encoding="utf-8")
    found = {(fault.file, fault.row, fault.column) for fault in read_pack(tmp_path).faults if fault.row}
    assert found == {("month/burden_minutes.csv", 2, "事项"), ("month/fact_sums.csv", 2, "关系")}


def bring_facts(pack):
    from chuangwen.faces.cli.pack.load import Loaded, _registers

    alone = Pack(pack.folder, tables={"facts": pack.rows("facts")})
    loaded = Loaded()
    _registers(loaded, alone, {}, {})
    return loaded


@pytest.mark.parametrize(
    ("city", "wholes"),
    [
        ("gongyi", {"GY-S1": (850000, "rounded"), "GY-S2": (268, "rounded")}),
        ("luohe", {"LH-S1": (1274, "holds"), "LH-S2": (994, "holds"), "LH-S3": (19479, "holds")}),
    ],
)  # mechanisms.md §4K
@pytest.mark.django_db
def test_the_sums_of_the_source_documents_hold_on_the_loaded_facts(city, wholes):
    from chuangwen.kernel.models import Term
    from chuangwen.registers.models import FactSum
    from chuangwen.registers.queries import relations

    whole = read_pack(PACKS / city)
    bring_facts(whole)
    names = ("month/fact_sums", "month/burden_minutes")
    pack = Pack(whole.folder, tables={name: whole.rows(name) for name in names})
    Term.objects.create(list="burden_minutes", code="fix", name="整改", rank=45, source="本市核定")
    load_month(pack, lambda *counts: None)
    found = {one.row.code: (one.checked.stated, one.checked.verdict) for one in relations()}
    assert found == wholes
    for one in whole.rows("month/fact_sums"):
        assert [
            fact.fact.code for fact in FactSum.objects.get(code=one.text("code")).parts.all()
        ] == parts_of(one)
    minutes = dict(Term.objects.filter(list="burden_minutes").values_list("code", "rank"))
    assert set(minutes) == set(DEMANDS) and minutes["fix"] == 45  # what the city has set stays
    first = FactSum.objects.order_by("code").first()
    first.parts.first().delete()
    load_month(pack, lambda *counts: None)
    assert first.parts.count() == len(parts_of(whole.rows("month/fact_sums")[0])) - 1


@pytest.mark.django_db
def test_a_fact_the_city_has_changed_stays():
    from django.utils import timezone

    from chuangwen.kernel.workflow.history import log_change
    from chuangwen.registers.models import Fact

    pack = read_pack(PACKS / "luohe")
    bring_facts(pack)
    Fact.objects.filter(code="LH-021").update(value=1275, source="更正")
    Fact.objects.filter(code="LH-023").update(version=2, source="更正")
    Fact.objects.filter(code="LH-024").update(confirmed_at=timezone.now(), name="所")
    Fact.objects.filter(code="LH-025").update(name="站")
    log_change(Fact.objects.get(code="LH-025"), by_id=None, changes={"name": ("文明实践站个数", "站")})
    Fact.objects.filter(code="LH-015").update(
        mechanism=""
    )  # nobody of the city: the pack's own words come back
    loaded = bring_facts(pack)
    facts = {fact.code: fact for fact in Fact.objects.all()}
    assert (facts["LH-021"].value, facts["LH-021"].source, facts["LH-023"].source) == (1275, "更正", "更正")
    assert (facts["LH-024"].name, facts["LH-025"].name, facts["LH-015"].mechanism) == ("所", "站", "73")
    assert (loaded.made["事实"], loaded.changed["事实"], loaded.same["事实"]) == (0, 1, len(facts) - 1)


@pytest.mark.parametrize(("city", "ranked"), [("gongyi", None), ("luohe", 105)])
@pytest.mark.django_db
def test_the_shipped_months_are_sound_and_load_once(city, ranked):
    from chuangwen.assessment.models import PeerGroup, RankRule
    from chuangwen.kernel.models import Unit
    from chuangwen.papers.models import IssuingBody

    pack = read_pack(PACKS / city)
    assert [fault for fault in pack.faults if fault.file.startswith("month/")] == []
    assert list(month_faults(pack)) == []
    for line in pack.rows("units"):
        Unit.objects.create(
            code=line.text("code"), name=line.text("name"), short_name=line.text("short_name"), kind=line.text("kind"),
            path=line.text("code"), is_ranked=bool(line.values.get("ranked")),
        )  # fmt: skip
    bring_facts(pack)
    notes = []
    for _time in range(2):
        load_month(pack, lambda *counts: notes.append(counts))
    half = len(notes) // 2
    assert all(made for _title, made, _changed, _same in notes[:half])
    assert not any(made for _title, made, _changed, _same in notes[half:])
    groups = Counter(unit.pk for group in PeerGroup.objects.all() for unit in group.units.all())
    assert set(groups) == set(Unit.objects.filter(is_ranked=True).values_list("pk", flat=True))
    assert set(groups.values()) == {1}
    assert ranked in (None, len(groups))  # 「每月对全市105家创建责任单位进行考核排序」
    for found in RankRule.objects.all():
        assert sum(Decimal(measure["weight"]) for measure in found.measures) == 100
        assert found.source
    assert RankRule.objects.filter(is_current=True).count() == len(SUBJECTS)
    assert IssuingBody.objects.filter(unit__code="creation_office").exists()


@pytest.mark.django_db
def test_an_outline_marked_as_sample_says_so():
    from chuangwen.faces.cli.pack.load import Loaded, _places
    from chuangwen.faces.cli.pack.read import Shape

    line = {"type": "Polygon", "coordinates": [[[113, 34], [114, 34], [114, 35], [113, 34]]]}
    areas = [
        Row("areas.csv", "", 2, {"code": code, "level": "street", "name": code, "short_name": code})
        for code in ("made", "real", "bare")
    ]
    shapes = [Shape(1, "made", {"sample": True}, line), Shape(2, "real", {}, line)]
    pack = Pack(Path("x"), tables={"areas": areas}, shapes=shapes)
    found = _places(Loaded(), pack, {})
    assert {code: place.is_sample for code, place in found.items()} == {
        "made": True,
        "real": False,
        "bare": False,
    }
    alone = _places(Loaded(), Pack(Path("x"), tables={"areas": areas}), {})
    assert alone["made"].is_sample  # the table by itself says nothing about outlines
