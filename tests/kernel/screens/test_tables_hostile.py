"""Files that would hurt: each is refused with a sentence, none ends the process or fills the memory."""

from __future__ import annotations

import struct
import zipfile
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chuangwen.kernel.screens import table_guard
from chuangwen.kernel.screens.tables import BadTable, Column, read_table

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
COLUMNS = [Column("unit", ("单位",)), Column("count", ("数量",), kind="int")]


def refused(data: bytes, **limits: int) -> BadTable:
    with pytest.raises(BadTable) as caught:
        read_table(data, "x.xlsx", columns=COLUMNS, **limits)
    assert caught.value.sentence.endswith("。") and "%(" not in caught.value.sentence
    return caught.value


def workbook() -> bytes:
    book = openpyxl.Workbook()
    for row in (["单位", "数量"], ["城管局", 1], ["住建局", 2], ["交通局", 3]):
        book.active.append(row)
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


GOOD = workbook()


def changed(**parts: str | bytes) -> bytes:
    """The good workbook with parts replaced or added; a name's `__` stands for a slash and `_` for a dot."""
    given_parts = {name.replace("__", "/").replace("_", "."): text for name, text in parts.items()}
    stream = BytesIO()
    with zipfile.ZipFile(BytesIO(GOOD)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for name in {**dict.fromkeys(old.namelist()), **given_parts}:
            new.writestr(name, given_parts.get(name, old.read(name) if name in old.namelist() else b""))
    return stream.getvalue()


def sheet(body: str, head: str = "") -> bytes:
    return changed(xl__worksheets__sheet1_xml=f'{head}<worksheet xmlns="http://schemas.openxmlformats.org/'
                   f'spreadsheetml/2006/main"><sheetData>{body}</sheetData></worksheet>')


def ods(body: str) -> bytes:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        package.writestr("META-INF/manifest.xml", "<m/>")
        package.writestr("content.xml", (
            '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
            'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
            'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>'
            f'<table:table table:name="S">{body}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>"))
    return stream.getvalue()


def ods_cell(text: str, again: int = 1) -> str:
    return (f'<table:table-cell office:value-type="string" table:number-columns-repeated="{again}">'
            f"<text:p>{text}</text:p></table:table-cell>")


def cell(place: str, text: str = "x") -> str:
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


def test_the_base_of_these_tests_is_readable() -> None:
    assert len(read_table(GOOD, "x.xlsx", columns=COLUMNS).rows) == 3
    assert len(read_table(changed(), "x.xlsx", columns=COLUMNS).rows) == 3
    table = read_table(ods(f"<table:table-row>{ods_cell('单位')}{ods_cell('数量')}</table:table-row>"
                           f"<table:table-row>{ods_cell('城管局')}{ods_cell('7')}"
                           '<table:table-cell table:number-columns-repeated="16382"/></table:table-row>'
                           '<table:table-row table:number-rows-repeated="1048574">'
                           '<table:table-cell table:number-columns-repeated="16384"/></table:table-row>'),
                       "x.ods", columns=COLUMNS)
    assert [row.values for row in table.rows] == [{"unit": "城管局", "count": 7}]


@pytest.mark.parametrize("body", [
    f'<row r="1">{cell("A1")}</row><row r="1048576">{cell("XFD1048576")}</row>',
    f'<row r="1048576">{cell("XFD1048576")}{cell("A1")}</row>',
    f"<row r='1'>{cell('A1')}<c r='&#88;FD1048576'><v>1</v></c></row>",
    '<x:row xmlns:x="y" r="1"><x:c r="A1"><x:v>1</x:v></x:c></x:row>'
    f'<row r="900000">{cell("ZZZ900000")}</row>'])
def test_two_far_cells_do_not_allocate_what_lies_between(body: str) -> None:
    assert refused(sheet(body)).code == "bomb"


def test_a_sheet_cannot_hide_under_another_name_or_in_bad_xml() -> None:
    far = f'<worksheet><sheetData>{cell("A1")}{cell("XFD1048576")}</sheetData></worksheet>'
    assert refused(changed(xl__media__image1_png="junk" + far)).code == "broken"
    assert refused(changed(xl__media__image1_png=far)).code == "bomb"
    assert refused(changed(xl__worksheets__sheet1_xml="junk" + far)).code == "broken"


def test_a_shared_string_named_by_many_cells_is_refused() -> None:
    strings = f"<sst><si><t>{'长' * 200_000}</t></si><si><t>短</t></si></sst>"
    many = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, 3001))
    few = many.replace("<v>0<", "<v>1<")
    for body, bad in ((many, True), (few, False)):
        data = changed(xl__sharedStrings_xml=strings, xl__worksheets__sheet1_xml=(
            f"<worksheet><sheetData>{body}</sheetData></worksheet>"))
        if bad:
            assert refused(data).code == "bomb"
        else:
            assert "没有找到表头" in read_table(data, "x.xlsx", columns=COLUMNS).faults[0].sentence


@pytest.mark.parametrize("body", [
    f"<table:table-row>{ods_cell('x', 4_000_000_000)}</table:table-row>",
    f'<table:table-row table:number-rows-repeated="1000000">{ods_cell("x", 16_384)}</table:table-row>',
    f'<table:table-row table:number-rows-repeated="500">{ods_cell("长" * 100_000, 16_384)}</table:table-row>',
    "<table:table-row>" + ods_cell('<text:s text:c="4000000000"/>') + "</table:table-row>"],
    ids=["columns", "rows", "text", "blanks"])
def test_repeated_open_document_cells_are_counted(body: str) -> None:
    assert refused(ods(body)).code == "bomb"


def test_what_unpacks_too_large_is_refused_before_unpacking(monkeypatch: pytest.MonkeyPatch) -> None:
    data = changed(xl__media__a_bin=bytes(table_guard.MAX_UNPACKED + 1))

    def unpacked(*_args: object) -> None:
        raise AssertionError("a part was unpacked")

    monkeypatch.setattr(zipfile.ZipFile, "open", unpacked)
    assert refused(data).code == "bomb"


def test_an_absurd_ratio_is_refused() -> None:
    assert refused(changed(xl__media__a_bin=bytes(60 * 1024 * 1024))).code == "bomb"


def test_a_directory_that_lies_about_sizes_is_refused() -> None:
    data = bytearray(changed(xl__media__a_bin=bytes(1_000_000)))
    at = data.index(struct.pack("<I", 1_000_000), data.index(b"PK\x01\x02"))
    data[at:at + 4] = struct.pack("<I", 10)
    assert refused(bytes(data)).code == "broken"


LAUGHS = ('<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "ha">'
          + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True))
          + "]>")


def test_billion_laughs_are_not_laughed() -> None:
    assert refused(sheet(f'<row r="1">{cell("A1", "&i;")}</row>', LAUGHS)).code == "bomb"
    assert refused(changed(xl__sharedStrings_xml=LAUGHS + "<sst><si><t>&i;</t></si></sst>")).code == "bomb"


def test_passwords_are_named() -> None:
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
    assert refused(ole + "EncryptedPackage".encode("utf-16-le") + bytes(1000)).code == "password"
    data = bytearray(GOOD)
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = -1
        while (at := data.find(mark, at + 1)) >= 0:
            data[at + offset] |= 1
    assert refused(bytes(data)).code == "password"


@pytest.mark.parametrize("data, code", [
    (b"", "empty"), (b"\xef\xbb\xbf \r\n", "empty"), (b"PK\x03\x04", "broken"),
    (GOOD[:len(GOOD) // 2], "broken"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000), "broken"), (b"%PDF-1.7", "not_table"),
    (b"<html><table><tr><td>1", "page"), (b"<?xml version='1.0'?><Workbook>", "page"),
    (b"\x89PNG\r\n\x1a\n", "not_table"), (b"a\0b\0c", "not_table"), (b"\xff\xfea", "encoding"),
    (b"a,b\n\x81\x20\xff\xff", "encoding"), (b'a,"' + b"x" * 200_000, "csv"),
    (b"\xff" * 50, "encoding")], ids=lambda v: str(v)[:20])
def test_refusals_name_their_reason(data: bytes, code: str) -> None:
    assert refused(data).code == code


def test_other_packages_are_no_tables() -> None:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w") as package:
        package.writestr("word/document.xml", "<w/>")
    assert refused(stream.getvalue()).code == "not_table"
    assert refused(changed(xl__workbook_bin=b"x")).code == "xlsb"


def test_too_many_rows_are_counted() -> None:
    bad = refused(GOOD, max_rows=2)
    assert bad.code == "too_many_rows" and "3 行" in bad.sentence and "2 行" in bad.sentence
    assert len(read_table(GOOD, "x.xlsx", columns=COLUMNS, max_rows=3).rows) == 3


def test_no_known_file_raises_anything_else() -> None:
    if not DATA.exists():
        pytest.skip("left out: ../shared/data is absent")
    files = [f for folder in ("strings-and-tables/frictionless", "images-malformed", "upload-hostile-lists")
             for f in sorted((DATA / folder).iterdir())]
    assert len(files) > 80
    for file in files:
        try:
            table = read_table(file.read_bytes(), file.name, columns=COLUMNS)
        except BadTable as bad:
            assert bad.sentence
        else:
            assert table.rows or table.faults


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_damaged_files_raise_nothing_but_bad_table(draw: st.DataObject) -> None:
    good = [GOOD, "单位,数量\n城管局,1\n".encode(), ods(ods_cell("单位"))]
    data = bytearray(draw.draw(st.sampled_from(good)))
    for _ in range(draw.draw(st.integers(1, 6))):
        data[draw.draw(st.integers(0, len(data) - 1))] = draw.draw(st.integers(0, 255))
    cut = draw.draw(st.integers(0, len(data)) | st.just(len(data)))
    try:
        table = read_table(bytes(data[:cut]), "x", columns=COLUMNS)
    except BadTable as bad:
        assert bad.sentence
    else:
        assert table.rows or table.faults or table.header_row


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=300), st.sampled_from([b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
                                                "单位,数量\n".encode(), b"\xff\xfe"]))
def test_random_bytes_raise_nothing_but_bad_table(data: bytes, head: bytes) -> None:
    try:
        table = read_table(head + data, "x", columns=COLUMNS)
    except BadTable as bad:
        assert bad.sentence
    else:
        assert table.header_row is not None or table.faults


@pytest.mark.parametrize("text", ["<v>", "<row><c>", "r='A1'", "<f>1</f>"])
def test_odd_but_whole_sheets(text: str) -> None:
    bodies = {"<v>": '<row><c><v>1</v></c><c t="inlineStr"><is><t>单位</t></is></c></row>',
              "<row><c>": "<row><c/></row>", "r='A1'": "<row r='x'><c r='A1'><v>1</v></c></row>",
              "<f>1</f>": '<row r="1"><c r="A1"><f>1</f></c></row>'}
    try:
        table = read_table(sheet(bodies[text]), "x.xlsx", columns=COLUMNS)
    except BadTable as bad:
        assert bad.code == "broken"
    else:
        assert table.header_row == (1 if text == "<v>" else None)
