"""The fact rows of the city packs against the two source documents they were read from.

Checks that every phrase stands literally in one paragraph of the text, that the value can be read
out of the phrase, and that no number of the text was left out. The texts are not in the
repository; tests that need them are left out where ``../shared`` is absent.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT.parent / "shared" / "source-documents"
PACKS = ("gongyi", "luohe")
COLUMNS = ["编号", "名称", "数值", "计量单位", "比较词", "口径", "时点或期间", "原文短语", "机制行号", "来源"]
SCALES = {"百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000}
DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"两": 2}
SIGN_OF_WORD = {"": "=", "余": "≥", "多": "≥", "以上": "≥", "近": "≈", "约": "≈"}
ARABIC = re.compile(r"(\d+(?:\.\d+)?)[余多]?([百千万亿]?)")
CHINESE = re.compile(r"[一二三四五六七八九两十百千]+")

# Numbers of the texts that are no figure, by the exact words they stand in, with the reason.
EXCEPTIONS: dict[str, dict[str, str]] = {
    "gongyi": {
        "2021-01-1316:12": "date and time in the page header",
        "2017年以优异成绩创成": "year: stands in the period column",
        "2018年、2019年、2020年": "years: stand in the period column",
        "2017-2019“感动巩义”": "years: stand in the period column",
        "70周年—我家好家风": "part of the name of an event",
        "“12319”热线": "telephone number",
    },
    "luohe": {
        "2020年11月,": "date: stands in the period column",
        "2020年4月,": "date: stands in the period column",
        "今年4月": "date: stands in the period column",
        "2020年3月1日正式实施": "date on which a rule came into force",
        "2019年10月,": "date: stands in the period column",
        "2018年8月以来": "date: stands in the period column",
        "今年7月": "date: stands in the period column",
        "今年8月": "date of an event without a figure",
        "今年9月": "date: stands in the period column",
        "2019年以来": "date: stands in the period column",
        "2020年初": "date: stands in the period column",
    },
}


def read_rows(pack: str) -> list[dict[str, str]]:
    """Rows of the pack's facts.csv by column title."""
    with (ROOT / "packs" / pack / "facts.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def read_paragraphs(pack: str) -> list[str]:
    """Paragraphs of the source text without spaces; a phrase may not run over their ends."""
    path = SOURCES / f"{pack}.txt"
    if not path.is_file():
        pytest.skip("left out: ../shared/source-documents is absent")
    lines = path.read_text(encoding="utf-8").splitlines()
    return [bare for line in lines if (bare := re.sub(r"\s", "", line))]


def chinese_number(word: str) -> int:
    """Value of a Chinese numeral below ten thousand, e.g. 十八 → 18, 两 → 2."""
    total, digit = 0, 0
    for char in word:
        if char in DIGITS:
            digit = DIGITS[char]
        else:
            total += (digit or 1) * {"十": 10, "百": 100, "千": 1000}[char]
            digit = 0
    return total + digit


def numbers_in(phrase: str) -> set[Decimal]:
    """Every number written in the phrase, Arabic with 万/亿 scaled out, and Chinese."""
    found = {Decimal(n) * SCALES.get(scale, 1) for n, scale in ARABIC.findall(phrase)}
    return found | {Decimal(chinese_number(word)) for word in CHINESE.findall(phrase)}


def places(paragraph: str, words: str) -> Iterator[range]:
    """Each place at which the words stand in the paragraph."""
    for match in re.finditer(re.escape(words), paragraph):
        yield range(*match.span())


@pytest.mark.parametrize(
    ("phrase", "value"),
    [("14.7万余人", "147000"), ("1128亿元", "112800000000"), ("160余万元", "1600000"),
     ("第十八名", "18"), ("两个", "2"), ("十多项", "10"), ("99.83%", "99.83")],
)
def test_reader_of_numbers(phrase: str, value: str) -> None:
    assert Decimal(value) in numbers_in(phrase)


@pytest.mark.parametrize("pack", PACKS)
def test_rows_are_complete(pack: str) -> None:
    rows = read_rows(pack)
    assert list(rows[0]) == COLUMNS
    for column in ("编号", "名称"):
        assert len({row[column] for row in rows}) == len(rows), column
    for row in rows:
        assert row["计量单位"] and row["来源"], row
        assert SIGN_OF_WORD[row["口径"]] == row["比较词"], row
        assert row["口径"] in row["原文短语"], row
        assert not row["机制行号"] or 1 <= int(row["机制行号"]) <= 104, row


@pytest.mark.parametrize("pack", PACKS)
def test_value_can_be_read_in_its_phrase(pack: str) -> None:
    for row in read_rows(pack):
        assert len(row["原文短语"]) <= 60, row
        assert Decimal(row["数值"]) in numbers_in(row["原文短语"]), row


@pytest.mark.parametrize("pack", PACKS)
def test_phrase_is_verbatim(pack: str) -> None:
    paragraphs = read_paragraphs(pack)
    missing = [
        row["原文短语"] for row in read_rows(pack)
        if not any(re.sub(r"\s", "", row["原文短语"]) in paragraph for paragraph in paragraphs)
    ]
    assert missing == []


@pytest.mark.parametrize("pack", PACKS)
def test_no_number_of_the_text_is_left_out(pack: str) -> None:
    """Each Arabic number is the value of a fact whose phrase covers it, or a named exception."""
    rows = read_rows(pack)
    left_out = []
    for paragraph in read_paragraphs(pack):
        excepted = {i for words in EXCEPTIONS[pack] for span in places(paragraph, words) for i in span}
        phrases = [(span, Decimal(row["数值"])) for row in rows
                   for span in places(paragraph, re.sub(r"\s", "", row["原文短语"]))]
        for match in ARABIC.finditer(paragraph):
            value = Decimal(match[1]) * SCALES.get(match[2], 1)
            covered = any(match.start() in span and value == own for span, own in phrases)
            if not covered and match.start() not in excepted:
                left_out.append(paragraph[max(0, match.start() - 12):match.end() + 6])
    assert left_out == []


@pytest.mark.parametrize("pack", PACKS)
def test_every_exception_is_needed(pack: str) -> None:
    text = "\n".join(read_paragraphs(pack))
    assert [words for words in EXCEPTIONS[pack] if words not in text] == []


def test_sums_the_documents_allow() -> None:
    """The checks of mechanisms 4K, computed from the rows."""
    luohe = {row["名称"]: Decimal(row["数值"]) for row in read_rows("luohe")}
    assert (luohe["文明实践中心个数"] + luohe["文明实践所个数"] + luohe["文明实践站个数"]
            == luohe["文明实践中心（所、站）总数"] == 1274)
    assert luohe["底子薄弱三无楼院个数"] + luohe["现状一般三无楼院个数"] == 994
    assert luohe["不文明行为实地问卷份数"] + luohe["不文明行为网上问卷份数"] == 19479
    unsolved = luohe["随手拍曝光问题个数"] * (1 - luohe["随手拍问题整改率"] / 100)
    assert round(unsolved) == 123
    assert luohe["分包市直部门个数"] != luohe["月度考核责任单位家数"]

    gongyi = {row["名称"]: Decimal(row["数值"]) for row in read_rows("gongyi")}
    residents = gongyi["注册志愿者人数"] / (gongyi["注册志愿者占全市人口比例"] / 100)
    assert round(residents, -4) == 850_000
    assert round(gongyi["巩义市文明村个数"] / (gongyi["文明村占比"] / 100)) == 268
    assert gongyi["专项工作组数"] + 1 == gongyi["综合督导组与专项工作组合计"]
    assert gongyi["工作机制数（顶层设计部分）"] == gongyi["工作机制数（机制建设部分）"]
    still_open = gongyi["督导发现问题个数"] * (1 - gongyi["督导问题整改率"] / 100)
    assert round(still_open) == 34
