"""Papers as data and back, numbers of headings, forms of date and number, lines of titles."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chuangwen.papers.format.breaks import title_lines, width
from chuangwen.papers.format.content import (
    Attachment,
    BadContent,
    Block,
    PaperText,
    Table,
    as_data,
    date_words,
    from_data,
    han_number,
    number_words,
    numbered,
)  # fmt: skip
from chuangwen.papers.format.kinds import KINDS, missing_parts, sample
from chuangwen.papers.models import Form, PaperKind

WORDS = st.text(alphabet="创建工作abc 12《》", max_size=8)
PARTS = st.one_of(
    st.builds(Block, WORDS, st.integers(0, 4), WORDS),
    st.builds(lambda a, b, c: Table((a, b), ((b, a),), c), WORDS, WORDS, WORDS),
)
PAPERS = st.builds(
    PaperText, st.sampled_from(["file", "letter", "minutes"]), st.sampled_from(list(KINDS)), WORDS.filter(str.strip),
    number=WORDS, to=WORDS, blocks=st.lists(PARTS, max_size=4).map(tuple), signature=st.lists(WORDS, max_size=2).map(tuple),
    dated_on=st.none() | st.dates(), sealed=st.booleans(), cc=WORDS,
    attachments=st.lists(st.builds(Attachment, WORDS.filter(str.strip), st.lists(PARTS, max_size=2).map(tuple)), max_size=2)
    .map(tuple),
)  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(PAPERS)
def test_a_paper_comes_back_from_json_as_it_was(text):
    assert from_data(json.loads(json.dumps(as_data(text)))) == text


GOOD = {"form": "file", "kind": "notice", "title": "关于某事的通知"}


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"form": "fax"}, "公文格式"), ({"title": " "}, "没有标题"), ({"kind": ""}, "没有文种"), ({"colour": "red"}, "colour"),
        ({"to": 3}, "主送机关"), ({"signature": "某办"}, "发文机关署名"), ({"dated_on": "22.11.2026"}, "成文日期"),
        ({"blocks": "x"}, "正文"), ({"blocks": ["x"]}, "正文第 1 段"), ({"blocks": [{"text": "x", "level": 7}]}, "层次"),
        ({"blocks": [{"text": "x", "level": True}]}, "层次"), ({"blocks": [{"head": ["a"], "rows": [["1", "2"]]}]}, "第 1 行"),
        ({"attachments": [{"blocks": []}]}, "附件 1"), ({"attachments": [3]}, "附件 1"),
    ],
)  # fmt: skip
def test_data_that_is_no_paper_says_where(change, word):
    with pytest.raises(BadContent, match=word):
        from_data(GOOD | change)


def test_what_xml_cannot_hold_is_left_out():
    assert from_data(GOOD | {"to": "市\x00城\x0b管局\ufffe"}).to == "市城管局"


def test_numbers_of_headings_start_anew_below_a_higher_one():
    levels = (1, 2, 2, 3, 4, 4, 3, 0, 1, 2, 3)
    found = [number for number, _block in numbered(Block("x", level) for level in levels)]
    assert found == ["一、", "（一）", "（二）", "1.", "（1）", "（2）", "2.", "", "二、", "（一）", "1."]


def test_han_numbers():
    assert [han_number(n) for n in (1, 9, 10, 11, 20, 35, 99)] == [
        "一",
        "九",
        "十",
        "十一",
        "二十",
        "三十五",
        "九十九",
    ]
    with pytest.raises(ValueError):
        han_number(100)


def test_date_and_number_are_written_without_zeros():
    assert date_words(dt.date(2026, 1, 5)) == "2026年1月5日"
    assert number_words("巩创建办", 2026, 7) == "巩创建办〔2026〕7号"
    for wrong in (("", 2026, 1), ("巩", 26, 1), ("巩", 2026, 0)):
        with pytest.raises(BadContent):
            number_words(*wrong)


def test_a_title_breaks_evenly_and_between_words():
    title = "示例市全国文明城市创建工作指挥部办公室关于开展背街小巷环境卫生集中整治的通知"
    lines = title_lines(title)
    assert "".join(lines) == title and len(lines) == 2
    assert lines[0].endswith("办公室") and lines[1].startswith("关于")
    assert title_lines("关于某事的通知") == ("关于某事的通知",)
    assert title_lines("关于某事\n的通知") == ("关于某事", "的通知")


@settings(max_examples=40, deadline=None)
@given(st.text(alphabet="关于开展全国文明城市创建工作的和2026年《》“”通知", min_size=1, max_size=70))
def test_lines_of_a_title_are_its_characters_and_fit(title):
    lines = title_lines(title)
    assert "".join(lines) == title
    assert len(lines) == 1 or max(map(width, lines)) <= 19


# Kinds ---------------------------------------------------------------------------------------------


def test_the_kinds_of_the_database_are_those_with_a_form():
    assert set(KINDS) == set(PaperKind.values)
    assert {kind.form for kind in KINDS.values()} == set(Form.values)
    assert {code: str(PaperKind(code).label) for code in KINDS} == {
        code: kind.label for code, kind in KINDS.items()
    }


@pytest.mark.parametrize("kind", KINDS)
def test_a_sample_has_every_part_its_kind_needs(kind):
    text = sample(kind)
    assert text.kind == kind and text.form == KINDS[kind].form
    assert missing_parts(text) == ()
    assert from_data(as_data(text)) == text


def test_a_test_report_has_the_chapters_of_a_third_party():
    heads = [
        block.text for block in sample("test_report").blocks if isinstance(block, Block) and block.level == 1
    ]
    assert heads == ["测评概况", "总体结果", "分项结果", "主要问题", "对策建议"]
