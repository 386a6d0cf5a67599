"""Reading office tables as people really make them, and writing ones that come back the same."""

from __future__ import annotations

import csv
import gzip
import json
import tracemalloc
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chuangwen.kernel.screens.tables import Column, TableRead, read_table, write_csv, write_table

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
UNIT = Column("unit", ("单位", "责任单位"), required=True)
COUNT = Column("count", ("数量",), kind="int")
DAY = Column("day", ("日期", "填报日期"), kind="date")
COLUMNS = (UNIT, COUNT, DAY)


def shared(name: str) -> Path:
    file = DATA / name
    if not file.exists():
        pytest.skip("left out: ../shared/data is absent")
    return file


def xlsx(rows: Iterable[Sequence[Any]], sheet: str = "台账", merged: Sequence[str] = ()) -> bytes:
    book = openpyxl.Workbook()
    page = book.active
    page.title = sheet
    for row in rows:
        page.append(list(row))
    for area in merged:
        page.merge_cells(area)
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def values(table: TableRead) -> list[tuple[Any, ...]]:
    assert table.all_faults == []
    return [tuple(row.values.values()) for row in table.rows]


def test_the_header_is_found_below_title_rows() -> None:
    data = xlsx([["2026年3月整改台账"], ["填报单位：", "城管局"], [],
                 ["序号", "责任 单位*", "数量（必填）", "日期："], [1, "城管局", 5, datetime(2026, 3, 1)], [],
                 [2, "住建局", 6, "2026年3月2日"]], merged=["A1:D1"])
    table = read_table(data, "台账.xlsx", columns=COLUMNS)
    assert (table.sheet, table.header_row, table.unknown) == ("台账", 4, ["序号"])
    assert [row.number for row in table.rows] == [5, 7]
    assert values(table) == [("城管局", 5, date(2026, 3, 1)), ("住建局", 6, date(2026, 3, 2))]


def test_a_header_of_two_rows_is_joined() -> None:
    contact = (UNIT, Column("name", ("姓名",)), Column("phone", ("电话",)))
    data = xlsx([["单位", "联系人", ""], ["", "姓名", "电话"], ["城管局", "张三", "0371"]],
                merged=["A1:A2", "B1:C1"])
    table = read_table(data, "x.xlsx", columns=contact)
    assert table.header_row == 2
    assert values(table) == [("城管局", "张三", "0371")]


def test_merged_cells_are_filled_down_where_asked() -> None:
    data = xlsx([["单位", "数量"], ["城管局", 1], [None, 2], ["住建局", None], [None, 4]], merged=["A2:A3"])
    filled = (Column("unit", ("单位",), required=True, fill_down=True), COUNT)
    assert values(read_table(data, "x.xlsx", columns=filled)) == [
        ("城管局", 1), ("城管局", 2), ("住建局", None), ("住建局", 4)]
    (fault, other) = read_table(data, "x.xlsx", columns=(UNIT, COUNT)).all_faults
    assert (fault.file, fault.sheet, fault.row) == ("x.xlsx", "台账", 3)
    assert (fault.column, fault.title) == ("A", "单位")
    assert "A3" in fault.sentence and "没有填写" in fault.sentence and other.row == 5


def test_a_table_that_does_not_begin_in_a1_keeps_its_places() -> None:
    data = xlsx([[], [], [None, None, "单位", "数量"], [None, None, "城管局", "多"]])
    (fault,) = read_table(data, "x.xlsx", columns=(UNIT, COUNT)).all_faults
    assert (fault.row, fault.column, fault.value) == (4, "D", "多")


def test_a_formula_without_a_result_names_its_cell() -> None:
    data = xlsx([["单位", "数量"], ["城管局", "=1+1"], ["住建局", 2]])
    table = read_table(data, "x.xlsx", columns=(UNIT, COUNT))
    (fault,) = table.all_faults
    assert "B2" in fault.sentence and "公式" in fault.sentence
    assert [row.values["count"] for row in table.rows] == [None, 2]


def test_sheets_are_chosen_by_name_or_by_what_they_hold() -> None:
    book = openpyxl.Workbook()
    book.active.title = "填表说明"
    book.active.append(["数量一栏填整数"])
    hidden = book.create_sheet("隐藏")
    hidden.append(["单位", "数量", "日期"])
    hidden.sheet_state = "hidden"
    book.create_sheet("数据").append(["单位", "数量"])
    book["数据"].append(["城管局", 3])
    stream = BytesIO()
    book.save(stream)
    assert read_table(stream.getvalue(), "x.xlsx", columns=COLUMNS).sheet == "数据"
    wrong = read_table(stream.getvalue(), "x.xlsx", sheet="三月", columns=COLUMNS)
    assert wrong.rows == [] and len(wrong.faults) == 1
    assert all(name in wrong.faults[0].sentence for name in ("三月", "填表说明", "隐藏", "数据"))


def test_missing_and_repeated_titles_are_told() -> None:
    missing = read_table("数量,日期\n1,2026-03-01\n".encode("gb18030"), "x.csv", columns=COLUMNS)
    assert missing.rows == [] and "单位" in missing.faults[0].sentence and missing.faults[0].row == 1
    none = read_table(b"a,b\n1,2\n", "x.csv", columns=COLUMNS)
    assert none.header_row is None and "没有找到表头" in none.faults[0].sentence
    twice = read_table("单位,数量,数量\n城管局,1,2\n".encode(), "x.csv", columns=COLUMNS)
    assert twice.rows[0].values["count"] == 1 and twice.faults[0].column == "C"


@pytest.mark.parametrize("written, meant", [
    ("2020/1/6 12:09:38", datetime(2020, 1, 6, 12, 9, 38)),
    ("2017-06-08 17:31:20", datetime(2017, 6, 8, 17, 31, 20)),
    ("2019-04-25  9:32:09", datetime(2019, 4, 25, 9, 32, 9)), ("2020年1月6日", datetime(2020, 1, 6)),
    ("2020 年 1 月 6 日 8时05分", datetime(2020, 1, 6, 8, 5)), ("2020.1.6", datetime(2020, 1, 6)),
    ("２０２０／１／６", datetime(2020, 1, 6)), ("20200106", datetime(2020, 1, 6)),
    ("2020/1/6 下午 3:05", datetime(2020, 1, 6, 15, 5)),
    ("2020-01-06T08:05:01.123", datetime(2020, 1, 6, 8, 5, 1)),
    (43836, datetime(2020, 1, 6)), (43836.5, datetime(2020, 1, 6, 12)), ("43836", datetime(2020, 1, 6)),
    (20200106, datetime(2020, 1, 6)), (datetime(2020, 1, 6, 7), datetime(2020, 1, 6, 7)),
    ("2020-02-30", None), ("20-1-6", None), ("2020年1月", None), ("昨天", None), (-3, None), (True, None),
    ("2020-1-6 25:00", None), ("9" * 400, None)], ids=str)
def test_moments(written: Any, meant: datetime | None) -> None:
    table = read_table(xlsx([["时间"], [written]]), "x.xlsx",
                       columns=[Column("at", ("时间",), kind="datetime")])
    assert table.rows[0].values["at"] == meant
    assert bool(table.all_faults) == (meant is None)


@pytest.mark.parametrize("written, meant", [
    ("1,234,567", 1234567), ("１２３４", 1234), ("１，２３４", 1234), ("-5", -5), (7.0, 7), (" 8 ", 8),
    ("1 234", 1234), ("1,23", None), ("3.5", None), (3.5, None), ("五", None), ("12个", None), ("1e3", 1000),
    ("9" * 5000, None), (True, None), ("NaN", None), ("∞", None), (".", None), ("e5", None)],
    ids=lambda value: str(value)[:9])
def test_whole_numbers(written: Any, meant: int | None) -> None:
    table = read_table(xlsx([["数量"], [written]]), "x.xlsx", columns=[COUNT])
    assert table.rows[0].values["count"] == meant
    assert bool(table.all_faults) == (meant is None)


@pytest.mark.parametrize("written, meant", [
    (0.1 + 0.2, "0.3"), ("12.50", "12.50"), ("85%", "0.85"), ("８５．５％", "0.855"),
    ("-1,234.5", "-1234.5"), (3, "3")])
def test_decimals_are_exact(written: Any, meant: str) -> None:
    columns = [Column("n", ("得分",), kind="decimal")]
    table = read_table(xlsx([["得分"], [written]]), "x.xlsx", columns=columns)
    assert values(table) == [(Decimal(meant),)]


def test_yes_no_choices_and_lengths() -> None:
    columns = [Column("done", ("完成",), kind="bool"),
               Column("kind", ("类别",), kind="choice", choices={"市容": 1, "交通": 2}),
               Column("note", ("备注",), max_length=4)]
    data = "完成,类别,备注\n是,市容,好\n×, 交通 ,\n也许,卫生,五个字太长\n".encode("gb18030")
    table = read_table(data, "x.csv", columns=columns)
    assert [tuple(row.values.values()) for row in table.rows] == [
        (True, 1, "好"), (False, 2, None), (None, None, None)]
    sentences = [fault.sentence for fault in table.all_faults]
    assert len(sentences) == 3
    assert "市容、交通" in sentences[1] and "最多 4 个字" in sentences[2]


def test_an_identity_number_spoiled_by_the_spreadsheet_is_told() -> None:
    table = read_table(xlsx([["证号"], [410181199001011234], ["410181199001011234"], [12345]]), "x.xlsx",
                       columns=[Column("id", ("证号",))])
    assert [row.values["id"] for row in table.rows] == [None, "410181199001011234", "12345"]
    assert "15 位" in table.all_faults[0].sentence


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_text_files(delimiter: str, encoding: str) -> None:
    text = f'标题行\n单位{delimiter}数量\n"城管局{delimiter}\n""二队"""{delimiter}3\n\n住建局{delimiter}4\n'
    table = read_table(text.encode(encoding), "x.csv", columns=COLUMNS)
    assert [row.number for row in table.rows] == [3, 5]  # a quoted newline makes no row, a blank line does
    assert values(table) == [(f'城管局{delimiter}\n"二队"', 3), ("住建局", 4)]


def test_real_complaints_have_readable_times() -> None:
    folder = shared("complaints-zh")
    columns = [Column("raw", ("time_raw",), kind="datetime", required=True), Column("iso", ("time",))]
    for name in ("messages_with_votes", "messages_with_replies", "messages_more", "labelled_raw"):
        data = gzip.decompress((folder / f"{name}.csv.gz").read_bytes())
        rows = values(read_table(data, name, columns=columns))
        assert len(rows) > 1000
        assert all(raw.isoformat() == iso for raw, iso in rows)


@pytest.mark.parametrize("name", [
    "comma_in_quotes", "empty", "empty_crlf", "escaped_quotes", "json", "newlines", "newlines_crlf",
    "quotes_and_newlines", "simple", "simple_crlf", "utf8"])
def test_csv_spectrum(name: str) -> None:
    folder = shared("strings-and-tables/csv-spectrum")
    expected = json.loads((folder / f"json__{name}.json").read_bytes())
    columns = [Column(key, (key,)) for key in expected[0]]
    table = read_table((folder / f"csvs__{name}.csv").read_bytes(), name, columns=columns)
    # The copy of newlines_crlf.csv has lost its CR on the way, so both are compared with LF.
    assert [{key: value and value.replace("\r\n", "\n") for key, value in row.values.items()}
            for row in table.rows] == [
        {key: value.strip().replace("\r\n", "\n") or None for key, value in row.items()} for row in expected]


@pytest.mark.parametrize("name", [
    "table.csv", "table.xls", "table.xlsx", "table.ods", "bom.csv", "delimiter.csv",
    "sheet2.xls", "sheet2.xlsx", "skip-rows-before-headers.csv"])
def test_the_same_table_in_each_format(name: str) -> None:
    file = shared(f"strings-and-tables/frictionless/{name}")
    columns = [Column("id", ("id",), kind="int"), Column("name", ("name",))]
    assert values(read_table(file.read_bytes(), name, columns=columns)) == [(1, "english"), (2, "中国人")]


@pytest.mark.parametrize("kind", ["xls", "ods"])
def test_numbers_and_dates_of_old_and_open_formats(kind: str) -> None:
    file = shared(f"strings-and-tables/frictionless/table-with-ints-floats-dates.{kind}")
    columns = [Column("i", ("Int",), kind="int"), Column("f", ("Float",), kind="decimal"),
               Column("d", ("Date",), kind="date")]
    assert values(read_table(file.read_bytes(), kind, columns=columns)) == [
        (2013, Decimal("3.3"), date(2009, 8, 16)), (1997, Decimal("5.6"), date(2009, 9, 20)),
        (1969, Decimal("11.7"), date(2012, 8, 23))]


BACK = [Column("n", ("号",), kind="int"), Column("text", ("文字",)),
        Column("number", ("数",), kind="decimal"),
        Column("at", ("时间",), kind="datetime"), Column("yes", ("是否",), kind="bool")]
TITLES = [(column.titles[0], 12) for column in BACK]


def through_xlsx(rows: Sequence[Sequence[Any]], note: str | None = None) -> TableRead:
    stream = BytesIO()
    assert write_table(stream, TITLES, iter(rows), sheet="导出", note=note) == len(rows)
    return read_table(stream.getvalue(), "x.xlsx", columns=BACK)


def through_csv(rows: Sequence[Sequence[Any]], note: str | None = None) -> TableRead:
    stream = BytesIO()
    assert write_csv(stream, [title for title, _width in TITLES], iter(rows)) == len(rows)
    assert stream.getvalue().startswith(b"\xef\xbb\xbf")
    return read_table(stream.getvalue(), "x.csv", columns=BACK)


letters = st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")
texts = st.one_of(st.text(letters, max_size=30), st.text("=+-@'＝\t\n_x0041 A\"", max_size=8))
records = st.tuples(
    texts, st.none() | st.decimals(-10**9, 10**9, places=3),
    st.none() | st.datetimes(datetime(1901, 1, 1), datetime(2199, 1, 1)).map(
        lambda at: at.replace(microsecond=0)),
    st.none() | st.booleans())


@pytest.mark.parametrize("through", [through_xlsx, through_csv])
@settings(max_examples=40, deadline=None)
@given(written=st.lists(records, max_size=6), note=st.none() | st.just("2026年3月 导出"))
def test_what_is_written_comes_back(through: Any, written: list[tuple[Any, ...]], note: str | None) -> None:
    table = through([(n, *record) for n, record in enumerate(written)], note)
    assert values(table) == [(n, text.strip() or None, *rest) for n, (text, *rest) in enumerate(written)]


def hostile_cells() -> Iterator[str]:
    yield from ["=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", "\n=1", "＝1+1", "'=1", "''=1"]
    yield from ["a_x0041_b", "#N/A"]
    file = DATA / "upload-hostile-lists/csv_formula_cells.json"
    yield from json.loads(file.read_bytes()) if file.exists() else []


def test_no_cell_can_run_as_a_formula() -> None:
    cells = list(hostile_cells())
    stream = BytesIO()
    write_table(stream, [("=A1", 9), ("号", 5)], [(cell, 1) for cell in cells], sheet="a", note="=B2")
    page = openpyxl.load_workbook(BytesIO(stream.getvalue())).active
    kinds = {cell.data_type for row in page.iter_rows() for cell in row if isinstance(cell.value, str)}
    assert kinds <= {"s", "inlineStr"}
    assert all(row[0].quotePrefix for row in page.iter_rows(min_row=3) if row[0].value[:1] in "=+-@")
    stream = BytesIO()
    write_csv(stream, ["=A1"], [[cell] for cell in cells])
    for (cell,) in csv.reader(stream.getvalue().decode("utf-8-sig").splitlines(keepends=True)):
        assert cell[:1] not in ("=", "+", "-", "@", "\t", "\r", "\n", "＝")


@pytest.mark.parametrize("through", [through_xlsx, through_csv])
def test_naughty_strings_come_back(through: Any) -> None:
    strings = [*hostile_cells(), *json.loads(shared("strings-and-tables/blns.json").read_bytes())]
    table = through([(n, text, None, None, None) for n, text in enumerate(strings)])
    allowed = [text.replace("\r\n", "\n").replace("\r", "\n") for text in strings]
    allowed = ["".join(c for c in text if c in "\t\n" or (c >= " " and c not in "\ufffe\uffff"))
               for text in allowed]
    assert [row[1] for row in values(table)] == [text.strip() or None for text in allowed]


def test_the_written_sheet_is_ready_for_the_office() -> None:
    stream = BytesIO()
    long = "😀" * 20_000
    write_table(stream, [("日期", 12), ("数", 8)], [
        (date(2026, 3, 1), 5), (date(1899, 1, 1), 10**17), (None, float("nan")), (long, Decimal("1.5"))],
        sheet="一[二]:三/" + "长" * 40, note="说明")
    page = openpyxl.load_workbook(BytesIO(stream.getvalue())).active
    assert page.title.startswith("一") and len(page.title) <= 31
    assert (page.freeze_panes, page.auto_filter.ref, page.column_dimensions["A"].width) == ("A3", "A2:B6", 12)
    assert page["A2"].font.b and not page["A3"].font.b
    assert (page["A1"].value, page["A3"].value, page["A3"].number_format) == (
        "说明", datetime(2026, 3, 1), "yyyy-mm-dd")
    assert (page["B3"].value, page["A4"].value, page["B4"].value) == (5, "1899-01-01", str(10**17))
    assert page["A5"].value is None and page["B5"].value is None and page["B6"].value == 1.5
    assert len(page["A6"].value.encode("utf-16-le")) // 2 <= 32_767 and page["A6"].value.endswith("…")


def test_writing_needs_no_more_memory_for_more_rows() -> None:
    def peak_of(count: int) -> int:
        stream = BytesIO()
        tracemalloc.start()
        try:
            rows = ((f"单位{n}" * 9, n) for n in range(count))
            write_table(stream, [("单位", 20), ("数量", 8)], rows, sheet="大表")
            return tracemalloc.get_traced_memory()[1] - len(stream.getvalue())
        finally:
            tracemalloc.stop()

    peak_of(10)  # loads what is loaded once
    assert peak_of(4_000) < 1.5 * peak_of(400) + 256 * 1024


def test_a_hundred_thousand_rows() -> None:
    """Built as bare XML: the largest sheet that is read, in the size a city's register has."""
    def text(place: str, value: str) -> str:
        return f'<c r="{place}" t="inlineStr"><is><t>{value}</t></is></c>'

    head = f'<row r="1">{text("A1", "单位")}{text("B1", "数量")}{text("C1", "日期")}</row>'
    rows = "".join(
        f'<row r="{n}">{text(f"A{n}", f"单位{n}")}<c r="B{n}"><v>{n}</v></c>'
        f'{text(f"C{n}", "2026年3月1日")}</row>'
        for n in range(2, 100_002))
    stream = BytesIO()
    with zipfile.ZipFile(BytesIO(xlsx([]))) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            body = (f'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
                    f"{head}{rows}</sheetData></worksheet>")
            new.writestr(name, body if name.endswith("sheet1.xml") else old.read(name))
    table = read_table(stream.getvalue(), "大表.xlsx", columns=COLUMNS)
    assert len(table.rows) == 100_000 and not table.all_faults
    assert table.rows[-1].number == 100_001
    assert table.rows[-1].values == {"unit": "单位100001", "count": 100_001, "day": date(2026, 3, 1)}
