"""Whole tables: columns and order stay, encodings are read, and what is wrong is said."""

from __future__ import annotations

import csv
import gzip
import io
from pathlib import Path

import pytest

from chuangwen.problems.suggest.files import SuggestFileError, suggest_file
from chuangwen.problems.suggest.keywords import KeywordModel

from .messages import sample

WORDS = KeywordModel([("0201", "路灯不亮", "路灯 太黑"), ("0301", "垃圾堆积", "垃圾 臭味")])
TEXT = '编号,标题,正文\r\n7,路灯不亮,\r\n3,"垃圾,\n臭味",三天没清\r\n9,,\r\n'


def _rows(path: Path, encoding: str = "utf-8") -> list[dict[str, str]]:
    data = path.read_bytes()
    data = gzip.decompress(data) if path.suffix == ".gz" else data
    return list(csv.DictReader(io.StringIO(data.decode(encoding), newline="")))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_rows_stay_and_two_columns_come(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "in.csv").write_bytes(TEXT.encode(encoding))
    summary = suggest_file(tmp_path / "in.csv", "标题+正文", tmp_path / "out.csv", model=WORDS)
    rows = _rows(tmp_path / "out.csv", encoding)
    assert list(rows[0]) == ["编号", "标题", "正文", "suggested", "confidence"]
    assert [row["编号"] for row in rows] == ["7", "3", "9"]
    assert rows[1]["标题"] == "垃圾,\n臭味"
    assert [row["suggested"] for row in rows] == ["0201", "0301", ""]
    assert 0 < float(rows[0]["confidence"]) < 1 and len(rows[0]["confidence"]) == 6
    assert float(rows[2]["confidence"]) == 0
    assert (summary.rows, summary.suggested, summary.counts) == (3, 2, {"0201": 1, "0301": 1})


def test_compressed_files_and_a_second_run(tmp_path: Path) -> None:
    (tmp_path / "in.csv.gz").write_bytes(gzip.compress(TEXT.encode()))
    suggest_file(tmp_path / "in.csv.gz", "标题", tmp_path / "a.csv.gz", model=WORDS)
    suggest_file(tmp_path / "a.csv.gz", "标题", tmp_path / "b.csv.gz", model=WORDS)
    assert _rows(tmp_path / "a.csv.gz") == _rows(tmp_path / "b.csv.gz")


def test_learning_from_a_file_reports_how_good(tmp_path: Path) -> None:
    texts, labels = sample()
    with (tmp_path / "train.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("text", "label"), *zip(texts, labels, strict=True)])
    (tmp_path / "in.csv").write_text("t\n西关路灯不亮\n垃圾 没 清运\n", encoding="utf-8")
    summary = suggest_file(
        tmp_path / "in.csv", "t", tmp_path / "out.csv", tmp_path / "train.csv", "text", "label"
    )
    assert [row["suggested"] for row in _rows(tmp_path / "out.csv")] == ["照明", "垃圾"]
    assert summary.report is not None and summary.report.count == 120
    assert "准确率" in str(summary)


@pytest.mark.parametrize(
    ("content", "column", "told"),
    [
        (TEXT.encode(), "内容", "没有列“内容”，现有的列：编号、标题、正文"),
        (b"", "t", "是空的"),
        (b"a,b\n1,2,3\n", "a", "第 2 行"),
        (b"t\n\xff\xff\xff", "t", "编码"),
        (b"\x1f\x8bbroken", "t", "读不了文件"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, content: bytes, column: str, told: str) -> None:
    (tmp_path / "in.csv").write_bytes(content)
    with pytest.raises(SuggestFileError, match=told):
        suggest_file(tmp_path / "in.csv", column, tmp_path / "out.csv", model=WORDS)
    assert not (tmp_path / "out.csv").exists()


def test_missing_file_and_missing_label_are_said(tmp_path: Path) -> None:
    with pytest.raises(SuggestFileError, match="找不到文件"):
        suggest_file(tmp_path / "no.csv", "t", tmp_path / "out.csv", model=WORDS)
    (tmp_path / "in.csv").write_text("t,l\n路灯,\n", encoding="utf-8")
    with pytest.raises(SuggestFileError, match="--label"):
        suggest_file(tmp_path / "in.csv", "t", tmp_path / "out.csv", tmp_path / "in.csv")
    with pytest.raises(SuggestFileError, match="--train"):
        suggest_file(tmp_path / "in.csv", "t", tmp_path / "out.csv")
    with pytest.raises(SuggestFileError, match="全部为空"):
        suggest_file(tmp_path / "in.csv", "t", tmp_path / "out.csv", tmp_path / "in.csv", "t", "l")
