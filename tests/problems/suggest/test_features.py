"""Features: the same message, segmented or raw, comes to the same thing."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from chuangwen.problems.suggest.duplicates import near_duplicate_groups
from chuangwen.problems.suggest.features import hashed, normalise, skeleton, words


def test_gaps_between_segmented_words_go_and_latin_words_stay_apart() -> None:
    assert normalise("A3 区 路灯 不 亮") == "a3区路灯不亮"
    assert normalise("hello world") == "hello world"


def test_full_width_and_digits_are_folded() -> None:
    assert skeleton("ＡＢ栋２０２室，电话１２３") == "ab栋0室电话0"


@given(st.lists(st.sampled_from(["路灯", "坏了", "小区", "垃圾", "没有", "清运", "12", "号楼"]), max_size=12))
@settings(max_examples=30)
def test_skeleton_does_not_see_segmentation(parts: list[str]) -> None:
    assert skeleton(" ".join(parts)) == skeleton("".join(parts))


def test_stop_worded_copy_shares_its_words_with_the_raw_text() -> None:
    raw = words("小区门口的路灯坏了，我们没有办法")
    segmented = words("小区 门口 路灯 坏 办法")
    assert set(segmented) <= set(raw)
    assert "的" not in raw and "我们" not in raw


def test_light_blocks_never_load_the_segmenter(monkeypatch) -> None:
    def refuse() -> None:
        raise AssertionError("the light model must not segment")

    monkeypatch.setattr("chuangwen.problems.suggest.features._segmenter", refuse)
    rows = hashed("路灯不亮", ["loose"], 2**12)
    # 路 灯 不 亮 路灯 灯不 不亮
    assert sum(rows[0].values()) == 7


def test_copies_share_a_group_and_others_do_not() -> None:
    raw = "我们小区门口的路灯已经坏了三天，晚上回家看不见路，希望尽快修好"
    copy = "小区 门口 路灯 已经 坏 三天 晚上 回家 看不见 路 希望 尽快 修好"
    other = "学校食堂的饭菜又贵又难吃，家长反映多次没有改进"
    groups = near_duplicate_groups([raw, other, copy, "", ""])
    assert groups[0] == groups[2]
    assert len({int(number) for number in groups}) == 3
