"""A pack brings its trees: checked with the rest of the pack, loaded with it, and left alone where the city went on."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from chuangwen.faces.cli.pack.check import check
from chuangwen.faces.cli.pack.load import load
from chuangwen.faces.cli.pack.read import read_pack
from chuangwen.standards.models import Edition, Node, Share

PACK = Path(__file__).parents[2] / "packs" / "luohe"


@pytest.fixture
def pack(tmp_path):
    return Path(shutil.copytree(PACK, tmp_path / "luohe"))


def spoil(path, old, new):
    text = path.read_text(encoding="utf-8-sig")
    assert text.count(old) >= 1
    path.write_text("\ufeff" + text.replace(old, new, 1), encoding="utf-8")


def test_a_fault_of_a_tree_is_told_like_any_fault_of_the_pack(pack):
    assert check(read_pack(pack)) == []
    spoil(pack / "standards" / "requirements.csv", ",publicity,", ",publicty,")
    spoil(pack / "standards" / "check_items.csv", ",museum,", ",musaeum,")
    told = [str(fault) for fault in check(read_pack(pack))]
    assert told == [
        "standards/check_items.csv 第 2 行「点位类型」：没有“musaeum”这种点位类型。改成词表 site_type 里的编码或名称。",
        "standards/requirements.csv 第 2 行「主责单位编号」：没有编号“publicty”的单位。改成单位表里的编号，或先加上这个单位。",
    ]


def test_a_pack_without_trees_is_whole(pack):
    shutil.rmtree(pack / "standards")
    shutil.rmtree(pack / "scores", ignore_errors=True)  # scores speak of the trees
    assert check(read_pack(pack)) == [] and read_pack(pack).standards is None


def test_loading_again_keeps_what_the_city_gave(db):
    load(read_pack(PACK))
    nodes, share = Node.objects.count(), Share.objects.filter(part="lead").first()
    assert Edition.objects.filter(is_current=True).count() == 4 and nodes == 176
    unit = share.unit
    share.delete()
    again = load(read_pack(PACK))
    assert Node.objects.count() == nodes and again.made["标准"] == again.changed["标准"] == 0
    assert not Share.objects.filter(requirement=share.requirement_id, unit=unit).exists()
