"""The difference of two editions against what the sample packs say was changed, and its laws on any two trees."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from chuangwen.standards.difference import Change, Leaf, changed_words, compare, match

PACKS = Path(__file__).parents[2] / "packs"


def rows(path):
    with path.open(encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def leaves(edition):
    """The standards of one edition of the county tree of Gongyi's pack, straight from its files."""
    folder = PACKS / "gongyi" / "standards"
    cells = {}
    for row in rows(folder / "requirements.csv"):
        if (row["体系编号"], row["版本"]) == ("city_county", edition):
            cells.setdefault(row["标准编号"], []).append((row["方法"], Decimal(row["分值"])))
    return [
        Leaf(n, row["编号"], row["上级编号"], row["名称"], row["全文"], Decimal(row["分值"]), tuple(cells.get(row["编号"], ())))
        for n, row in enumerate(rows(folder / "nodes.csv"))
        if (row["体系编号"], row["版本"], row["层级"]) == ("city_county", edition, "standard")
    ]  # fmt: skip


def test_the_sample_editions_differ_as_their_authors_wrote_down():
    written = rows(PACKS / "sample" / "standards" / "changes.csv")
    found = compare(leaves("2025"), leaves("2026"))
    for change in (Change.REMOVED, Change.MOVED, Change.REWORDED, Change.REWEIGHTED):
        wanted = {row["编号"] for row in written if row["变化"] == change}
        assert {(pair.old or pair.new).code for pair in found.pairs if change in pair.changes} == wanted
    old, new = {leaf.code for leaf in leaves("2025")}, {leaf.code for leaf in leaves("2026")}
    assert {pair.new.code for pair in found.pairs if Change.ADDED in pair.changes} == new - old
    assert found.counts[Change.ADDED] == 9 and found.counts[Change.REWORDED] == 17


def leaf(code, text, above="1", full=1, cells=()):
    return Leaf(0, code, above, "名", text, Decimal(full), cells)


def test_the_words_that_changed_are_shown():
    pieces = changed_words("每半年至少一次；渠道公开。", "每季至少一次；渠道公开，及时撤下。")
    assert [(p.kind, p.text) for p in pieces] == [
        ("same", "每"), ("del", "半年"), ("ins", "季"), ("same", "至少一次；渠道公开"), ("ins", "，及时撤下"), ("same", "。"),
    ]  # fmt: skip


def test_a_renumbered_standard_is_moved_not_removed_and_added():
    old = [leaf("1-01", "市场地面干净，垃圾日产日清，摊位整齐。"), leaf("1-02", "公园设施完好，绿地整洁。")]
    new = [
        leaf("1-01", "道路平整，路灯明亮，标线清楚。"),
        leaf("3-07", "市场地面干净，垃圾日产日清，摊位有序。", above="3"),
    ]
    found = compare(old, new)
    kinds = {(p.old and p.old.code, p.new and p.new.code): p.changes for p in found.pairs}
    assert kinds == {
        ("1-01", "3-07"): (Change.MOVED, Change.REWORDED), (None, "1-01"): (Change.ADDED,), ("1-02", None): (Change.REMOVED,),
    }  # fmt: skip


def test_a_method_that_came_or_went_is_reweighted():
    old = leaf("1", "同样的话", cells=(("site", Decimal(1)), ("survey", Decimal(1))), full=2)
    new = leaf("1", "同样的话", cells=(("site", Decimal("1.5")), ("material", Decimal("0.5"))), full=2)
    (pair,) = compare([old], [new]).pairs
    assert pair.changes == (Change.REWEIGHTED,)
    assert pair.cells == (
        ("site", Decimal(1), Decimal("1.5")), ("survey", Decimal(1), None), ("material", None, Decimal("0.5")),
    )  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(
    st.text("市场地面干净公园道路灯明，。", max_size=40), st.text("市场地面干净公园道路灯明，。", max_size=40)
)
def test_pieces_hold_both_texts_whole(old, new):
    pieces = changed_words(old, new)
    assert "".join(p.text for p in pieces if p.kind != "ins") == old
    assert "".join(p.text for p in pieces if p.kind != "del") == new


LEAVES = st.lists(
    st.builds(leaf, st.sampled_from(["1", "2", "3", "4", "5"]), st.text("市场干净公园", max_size=8)),
    max_size=6, unique_by=lambda x: x.code,
)  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(LEAVES, LEAVES)
def test_every_standard_stands_in_exactly_one_pair(old, new):
    pairs = compare(old, new).pairs
    assert sorted(p.old.code for p in pairs if p.old) == sorted(x.code for x in old)
    assert [p.new.code for p in pairs if p.new] == [x.code for x in new]
    assert match(old, new) == match(old, new)
    assert all(p.is_same for p in compare(old, old).pairs)
