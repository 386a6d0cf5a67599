"""What a person types becomes levels and tables, and comes back as it was."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chuangwen.papers.format.content import Block, Table
from chuangwen.papers.typed import blocks_of, typed_of


def test_levels_by_their_marks():
    typed = "各单位：\n一、总体要求\n（一）目标。全市达标。\n1. 市场\n（1）地面\n3.5万人受益\n(二) 步骤"
    assert blocks_of(typed) == (
        Block("各单位："), Block("总体要求", 1), Block("目标。", 2, "全市达标。"), Block("市场", 3), Block("地面", 4),
        Block("3.5万人受益"), Block("步骤", 2),
    )  # fmt: skip


def test_a_table_with_its_name():
    typed = "见下表。\n表题：清扫安排\n| 单位 | 日期 |\n| 城管局 | 11月3日 |\n| 街道 |\n\n完。"
    table = Table(("单位", "日期"), (("城管局", "11月3日"), ("街道", "")), "清扫安排")
    assert blocks_of(typed) == (Block("见下表。"), table, Block("完。"))


@pytest.mark.parametrize("typed", ["", "\n \n", "\u3000\u3000"])
def test_nothing_typed_is_no_block(typed):
    assert blocks_of(typed) == ()


words = st.text("各单位要做好市场清扫工作目标", min_size=1, max_size=12)
cells = st.text("城管局街道市场", min_size=1, max_size=5)
blocks = st.one_of(
    words.map(Block),
    st.tuples(words, st.integers(1, 4)).map(lambda two: Block(*two)),
    st.tuples(words, st.integers(2, 4), words).map(lambda t: Block(t[0] + "。", t[1], t[2])),
    st.tuples(cells, cells, words).map(lambda t: Table((t[0], t[1]), ((t[1], t[0]),), t[2])),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(blocks, max_size=8))
def test_lines_give_the_same_blocks_again(parts):
    assert blocks_of(typed_of(parts)) == tuple(parts)
