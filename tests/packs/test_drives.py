"""The campaigns a pack brings: shipped ones are sound, bad rows are named, loading twice makes them once."""

from __future__ import annotations

from pathlib import Path

import pytest

from chuangwen.faces.cli.pack.drives import drive_faults, drive_rows
from chuangwen.faces.cli.pack.load import Loaded, bring
from chuangwen.faces.cli.pack.read import Pack, Row
from chuangwen.tasks.models import DriveTemplate

PACKS = Path(__file__).parents[2] / "packs"


def pack_of(*rows):
    titles = ("名称", "类型", "月份", "衡量", "来源")
    pack = Pack(Path("x"))
    pack.tables["drives"] = [
        Row("drives.csv", "", number, dict(zip(titles, row, strict=True)))
        for number, row in enumerate(rows, 2)
    ]
    return pack


def test_bad_rows_are_named_with_their_place():
    pack = pack_of(
        ("环境卫生提升月", "提升月", "5", "", "示例"), ("环境卫生提升月", "提升月", "6", "", "示例"),
        ("无来源", "theme_month", "13", "", None), ("怪类型", "大会战", "x", "", "示例"),
    )  # fmt: skip
    found = {(fault.row, fault.column) for fault in drive_faults(pack)}
    assert found == {(3, "名称"), (4, "来源"), (4, "月份"), (5, "类型"), (5, "月份")}


@pytest.mark.parametrize("city", ["gongyi", "luohe"])
@pytest.mark.django_db
def test_the_shipped_campaigns_load_once(city):
    from chuangwen.faces.cli.pack.read import _plain_rows

    pack = Pack(PACKS / city)
    pack.tables["drives"] = list(_plain_rows(PACKS / city / "drives.csv"))
    assert list(drive_faults(pack)) == []
    for _time in range(2):
        bring(Loaded(), DriveTemplate, ("name",), drive_rows(pack))
    assert sorted(DriveTemplate.objects.values_list("month", flat=True)) == sorted(
        r["month"] for r in drive_rows(pack)
    )
    assert DriveTemplate.objects.count() == 6
    assert all(DriveTemplate.objects.values_list("source", flat=True))
