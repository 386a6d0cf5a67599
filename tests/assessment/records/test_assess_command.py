"""`chuangwen assess`: files written, sentences with their rows, exit status; and the real test of 2016."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from chuangwen.kernel.screens.tables import write_table

HEAD = "record_id,item,branch_item,score,lost,street,departments\n"
GOOD = (
    HEAD + "甲1,文化培育,1,0.5,0.5,东街,城管局;住建局\n甲2,文化培育,1,1,0,东街,城管局\n甲3,文明旅游,1,1,0,,\n"
)
SUZHOU = Path(__file__).resolve().parents[4] / "shared/data/assessment-suzhou-2016"


@pytest.fixture
def run(tmp_path):
    def run(text, out="out", scheme="suzhou-2016"):
        path = tmp_path / "records.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        told = io.StringIO()
        try:
            call_command("assess", str(path), scheme=scheme, out=tmp_path / out, stdout=told)
        except SystemExit as end:
            return end.code, told.getvalue()
        except CommandError as fault:
            return fault.returncode, str(fault)
        return 0, told.getvalue()

    return run


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_all_matched(run, tmp_path):
    status, told = run(GOOD)
    assert status == 0
    assert "读到记录 3 条" in told
    # 文化培育: (0.5 + 1) / 2 = 0.75
    assert (tmp_path / "out/items.csv").read_text(encoding="utf-8") == (
        "name,full,score,rate,rank\n文明旅游,1.000,1.000,1.000000,1\n文化培育,1.000,0.750,0.750000,2\n"
    )
    assert (tmp_path / "out/departments.csv").read_text(encoding="utf-8") == (
        "name,full,score,rate,rank\n城管局,2.000,1.500,0.750000,1\n住建局,1.000,0.500,0.500000,2\n"
    )
    assert rows(tmp_path / "out/total.csv")[0]["rate"] == "0.8750"
    assert rows(tmp_path / "out/unmatched.csv") == []
    assert not (tmp_path / "out/departments_corrected.csv").exists()


def test_workbook_gives_the_same_bytes(run, tmp_path):
    book = io.BytesIO()
    head, *cells = [line.split(",") for line in GOOD.splitlines()]
    typed = [[Decimal(c) if c.replace(".", "").isdigit() else c for c in line] for line in cells]
    write_table(book, [(title, 10) for title in head], typed, sheet="记录")
    assert run(GOOD)[0] == run(book.getvalue(), "book")[0] == 0
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == sorted(path.name for path in (tmp_path / "book").iterdir())
    assert all((tmp_path / "out" / n).read_bytes() == (tmp_path / "book" / n).read_bytes() for n in names)


def test_unmatched_record_is_named_and_the_rest_is_written(run, tmp_path):
    status, told = run(GOOD + "甲4,文明行为,1,0,1,,\n甲5,别的什么,1,1,0,,\n")
    assert status == 1
    assert (
        "第 5 行 甲4：项目清单里没有“文明行为”，写的是“文明行文”。应有口径计入“文明行为”（依据：别名）。"
        in told
    )
    first, second = rows(tmp_path / "out/unmatched.csv")
    assert (first["row"], first["record"], first["nearest"], first["counted_as"]) == (
        "5",
        "甲4",
        "文明行文",
        "文明行为",
    )
    assert (second["nearest"], second["counted_as"]) == ("", "")
    assert rows(tmp_path / "out/total.csv")[0]["score"] == "1.750"
    assert rows(tmp_path / "out/total_corrected.csv")[0] == {
        "name": "文明程度指数", "full": "3.000", "score": "1.750", "rate": "0.5833", "rank": "1"}  # fmt: skip


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("乙1,文化培育,1,-0.1,1.1,,", "第 5 行的得分 -0.1 小于 0"),
        ("乙1,文化培育,1,1.2,-0.2,,", "第 5 行的得分 1.2 超过满分 1"),
        ("乙1,文化培育,1,0.9,0.2,,", "第 5 行的扣分 0.2 加得分 0.9 不等于满分 1"),
        ("甲1,文化培育,1,1,0,,", "第 5 行的记录编号“甲1”与第 2 行重复"),
        ("乙1,文化培育,1,,0,,", "D5（score）没有填写"),
        ("乙1,文化培育,,1,0,,", "C5（branch_item）没有填写"),
        (",文化培育,1,1,0,,", "A5（record_id）没有填写"),
        ("乙1,文化培育,1,优,0,,", "D5（score）不是数字"),
    ],
)
def test_bad_row_is_named_and_left_out(run, tmp_path, row, said):
    assert run(GOOD)[0] == 0
    untouched = (tmp_path / "out/items.csv").read_bytes()
    status, told = run(GOOD + row + "\n")
    assert (status, said in told) == (1, True), told
    assert (tmp_path / "out/items.csv").read_bytes() == untouched
    assert [bad["row"] for bad in rows(tmp_path / "out/bad_rows.csv")] == ["5"]
    assert run(GOOD)[0] == 0
    assert not (tmp_path / "out/bad_rows.csv").exists()


def test_unknown_column_is_named(run):
    text = GOOD.replace("departments\n", "departments,天气\n")
    assert "未用的列：天气。" in run(text)[1]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "文件是空的"),
        (b"%PDF-1.7", "不是表格"),
        (HEAD, "里没有记录"),
        (HEAD + "甲1,文化培育,1,9,0,,\n", "没有一条可用的记录"),
        (GOOD.replace("score", "mark"), "表头缺少：score"),
        (GOOD.replace("street", "road"), "表头缺少：street"),
        (GOOD.replace("lost", "score"), "出现了两次"),
    ],
)
def test_what_cannot_be_read_writes_nothing(run, tmp_path, text, said):
    status, told = run(text)
    assert (status, said in told) == (2, True), told
    assert not (tmp_path / "out").exists()


def test_folder_that_is_a_file_is_refused(run, tmp_path):
    (tmp_path / "out").write_text("mine")
    assert run(GOOD)[0] == 2
    assert run(GOOD, "out/below")[0] == 2
    assert (tmp_path / "out").read_text() == "mine"
    (tmp_path / "taken/items.csv").mkdir(parents=True)
    assert run(GOOD, "taken")[0] == 2
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".part")] == []


def test_other_files_of_the_folder_stay(run, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out/notes.txt").write_text("mine")
    assert run(GOOD)[0] == 0
    assert (tmp_path / "out/notes.txt").read_text() == "mine"


def test_scheme_faults_are_told_with_their_keys(run, tmp_path):
    assert run(GOOD, scheme="nowhere")[0] == 2
    own = tmp_path / "own.yaml"
    own.write_text("title: 例\nfull: '0'\n", encoding="utf-8")
    status, told = run(GOOD, scheme=str(own))
    assert status == 2
    assert "full：应是大于 0 的数" in told
    assert "items：没有填写" in told


def test_text_a_spreadsheet_would_run_is_disarmed(run, tmp_path):
    assert run(GOOD + "甲4,文化培育,1,1,0,=1+1,\n")[0] == 0
    assert "'=1+1" in {row["name"] for row in rows(tmp_path / "out/streets.csv")}


def suzhou():
    if not SUZHOU.is_dir():
        pytest.skip("left out: ../shared/data is absent")
    return SUZHOU


def test_suzhou_comes_out_as_published(run, tmp_path):
    folder = suzhou()
    status, told = run((folder / "records_wujiang.csv").read_bytes())
    assert status == 1
    assert len(rows(tmp_path / "out/unmatched.csv")) == 41
    got = [(r["name"], r["full"], r["score"], r["rate"], r["rank"]) for r in rows(tmp_path / "out/items.csv")]
    assert got == [
        (r["item"], r["branch_items"], r["score"], r["pass_rate"], r["rank"])
        for r in rows(folder / "expected_items.csv")
    ]
    total = rows(tmp_path / "out/total.csv")
    expected = next(r for r in rows(folder / "expected_total.csv") if r["zone"] == "1")
    assert [(r["name"], r["full"], r["score"], r["rate"]) for r in total] == [
        (expected["res_item"], expected["quota"], expected["final_score"], expected["pass_rate"])
    ]
    assert "未计入 41 条" in told
    # All records counted, by hand: 诚信建设制度化 1 of 1, 文明行为 3 of 3, and of the item whose name is not known
    # 14/15 + 1 + 14/15 + 14/15 + 1/3 = 62/15 of 5; 28.473056 + 4 + 4.133333 = 36.606389 of 39.
    corrected = rows(tmp_path / "out/total_corrected.csv")[0]
    assert (corrected["full"], corrected["score"], corrected["rate"]) == ("39.000", "36.606", "0.9386")


def test_suzhou_second_total_is_the_first_record_lost(run, tmp_path):
    folder = suzhou()
    head, _first, *rest = (folder / "records_wujiang.csv").read_text(encoding="utf-8-sig").splitlines(True)
    run("".join([head, *rest]))
    expected = next(r for r in rows(folder / "expected_total.csv") if r["zone"] == "2")
    total = rows(tmp_path / "out/total.csv")[0]
    assert (total["score"], total["rate"]) == (expected["final_score"], expected["pass_rate"])


def test_suzhou_twice_gives_the_same_bytes(run, tmp_path):
    data = (suzhou() / "records_wujiang.csv").read_bytes()
    head, *lines = data.splitlines(True)
    run(data)
    run(data, "again")
    run(head + b"".join(reversed(lines)), "backwards")
    for path in (tmp_path / "out").iterdir():
        assert path.read_bytes() == (tmp_path / "again" / path.name).read_bytes()
        if path.name != "unmatched.csv":  # it names rows, which are others
            assert path.read_bytes() == (tmp_path / "backwards" / path.name).read_bytes()
