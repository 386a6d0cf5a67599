"""What closing a month stands on in a pack: sound as shipped, faults named with their place, loaded once."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from chuangwen.faces.cli.pack.load_month import load_month
from chuangwen.faces.cli.pack.month import columns_of, measures_of, month_faults
from chuangwen.faces.cli.pack.month_layout import SUBJECTS, TIES
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

    assert {subject.value: str(subject.label) for subject in RankSubject} == SUBJECTS
    assert {code: str(label) for code, label in RankRule._meta.get_field("ties").choices} == TIES


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
