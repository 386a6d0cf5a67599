"""Documents as evidence: known by content, hostile ones refused in words, kept once, their words read."""

from __future__ import annotations

import csv
import io
import struct
import zipfile
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chuangwen.kernel.evidence import documents, reading, store
from chuangwen.kernel.evidence.documents import BadDocument, download_name, ending_of, plain_name, take_in
from chuangwen.kernel.evidence.images import BadPicture
from tests.conftest import picture

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
PDF = b"%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\ntrailer\n<</Root 1 0 R>>\n%%EOF\n"


def docx(text="全市共有志愿者服务队二百支", **parts):
    from docx import Document

    book = Document()
    book.add_paragraph(text)
    table = book.add_table(rows=1, cols=2)
    table.cell(0, 0).text, table.cell(0, 1).text = "站所", "1300"
    out = io.BytesIO()
    book.save(out)
    return with_parts(out.getvalue(), **parts)


def xlsx():
    from openpyxl import Workbook

    book = Workbook()
    book.active.append(["镇街", 65])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def with_parts(data, add=(), replace=None):
    """The same package with more members, and words replaced in the relations of the document."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            body = old.read(name)
            if replace and name == replace[0]:
                body = body.replace(*replace[1:])
            new.writestr(name, body)
        for name, body in add:
            new.writestr(name, body)
    return out.getvalue()


def ole(*names, sector=512):
    """A compound file with a directory of these names: header, one part of the chain, one directory sector."""
    head = bytearray(sector)
    head[:8] = bytes.fromhex("d0cf11e0a1b11ae1")
    struct.pack_into("<H", head, 30, 9)
    struct.pack_into("<I", head, 48, 1)  # the directory begins in sector 1
    struct.pack_into("<I", head, 68, 0xFFFFFFFE)
    struct.pack_into("<109I", head, 76, 0, *[0xFFFFFFFF] * 108)
    fat = struct.pack(f"<{sector // 4}I", 0xFFFFFFFD, 0xFFFFFFFE, *[0xFFFFFFFF] * (sector // 4 - 2))
    directory = bytearray(sector)
    for i, name in enumerate(("Root Entry", *names)):
        raw = name.encode("utf-16-le") + b"\0\0"
        directory[i * 128 : i * 128 + len(raw)] = raw
        struct.pack_into("<H", directory, i * 128 + 64, len(raw))
        directory[i * 128 + 66] = 2
    return bytes(head) + fat + bytes(directory)


def code_of(data, name="", **more):
    with pytest.raises((BadDocument, BadPicture)) as caught:
        take_in(data, name, **more)
    assert len(caught.value.sentence) > 8
    assert "%(" not in caught.value.sentence
    return caught.value.code


@pytest.mark.parametrize(
    ("data", "name", "kind"),
    [
        (PDF, "通知.pdf", "pdf"),
        (docx(), "方案.docx", "docx"),
        (xlsx(), "统计表.xlsx", "xlsx"),
        (ole("WordDocument", "1Table"), "旧方案.doc", "doc"),
        (ole("WordDocument"), "旧方案.wps", "doc"),
        (ole("Workbook"), "旧表.et", "xls"),
        (picture(90), "活动.jpg", "jpeg"),
        (picture(90), "没有扩展名", "jpeg"),
        (picture(90), "photo.php.jpg", "jpeg"),
    ],
)
def test_a_document_is_known_by_its_content(data, name, kind):
    paper = take_in(data, name)
    assert (paper.kind, paper.mime) == (kind, documents.KINDS[kind][0])
    assert (paper.picture is not None) == (kind == "jpeg")


def test_ofd_is_known_and_read():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        package.writestr("OFD.xml", "<ofd:OFD xmlns:ofd='x'/>")
        package.writestr(
            "Doc_0/Pages/Page_0/Content.xml",
            "<o:TextCode X='1'>创建</o:TextCode><o:TextCode>方案</o:TextCode>",
        )
    assert take_in(out.getvalue(), "批复.ofd").kind == "ofd"
    assert reading.text_of(out.getvalue(), "ofd") == "创建方案"


@pytest.mark.parametrize(
    ("data", "name", "code"),
    [
        (b"", "空.pdf", "empty"),
        (PDF, "其实是文档.docx", "wrong_name"),
        (docx(), "其实是文档.doc", "wrong_name"),
        (picture(5), "shell.php", "wrong_name"),
        (picture(5), "报告.pdf", "wrong_name"),
        (b"<html><script>alert(1)</script>", "页面.pdf", "page"),
        (b"<svg onload=alert(1)>", "图.png", "page"),
        (b"MZ\x90\x00" + b"\0" * 200, "方案.docx", "running"),
        (b"#!/bin/sh\nrm -rf /", "方案.pdf", "running"),
        (b"Rar!\x1a\x07\x00xxxx", "材料.rar", "archive"),
        (b"plain words", "说明.txt", "not_accepted"),
        (docx(add=[("word/vbaProject.bin", b"x")]), "方案.docx", "macro"),
        (docx(replace=("[Content_Types].xml", b"wordprocessingml.document.main+xml", b"x.document.macroEnabled.main+xml")), "", "macro"),
        (docx(add=[("word/embeddings/oleObject1.bin", b"x")]), "方案.docx", "embedded"),
        (docx(add=[("word/_rels/settings.xml.rels",
                    '<Relationships><Relationship Type="http://x/attachedTemplate" TargetMode="External" Target="http://x/t.dotm"/></Relationships>')]),
         "方案.docx", "remote"),
        (docx(add=[("word/_rels/x.rels", '<!DOCTYPE a [<!ENTITY b "bbbb">]><a>&b;</a>')]), "方案.docx", "bomb"),
        (docx(add=[("word/../../evil.xml", b"x")]), "方案.docx", "broken"),
        (docx()[:-40], "方案.docx", "broken"),
        (docx() + b"<script>alert(1)</script>", "方案.docx", "polyglot"),
        (docx() + PDF, "方案.docx", "polyglot"),
        (PDF + docx(), "通知.pdf", "polyglot"),
        (picture(3) + docx(), "活动.jpg", "polyglot"),
        (PDF[:-8], "通知.pdf", "broken"),
        (PDF.replace(b"/Pages 2 0 R", b"/OpenAction<</S/JavaScript/JS(app.alert(1))>>"), "通知.pdf", "script"),
        (PDF.replace(b"/Pages 2 0 R", b"/OpenAction<</S/J#61vaScript>>"), "通知.pdf", "script"),
        (PDF.replace(b"/Root", b"/Encrypt 5 0 R/Root"), "通知.pdf", "password"),
        (ole("WordDocument", "Macros", "VBA"), "方案.doc", "macro"),
        (ole("EncryptedPackage"), "方案.docx", "password"),
        (ole("WordDocument", "ObjectPool"), "方案.doc", "embedded"),
        (ole("PowerPoint Document"), "汇报.ppt", "not_accepted"),
        (ole("WordDocument")[:600], "方案.doc", "broken"),
    ],
)  # fmt: skip
def test_a_hostile_file_is_refused_with_its_reason(data, name, code):
    assert code_of(data, name) == code


def test_a_script_inside_an_object_stream_is_found():
    packed = zlib.compress(b"<</S /JavaScript /JS (app.alert(1))>>")
    hidden = b"5 0 obj <</Type/ObjStm/N 1>>stream\n" + packed + b"\nendstream endobj\n"
    assert code_of(PDF.replace(b"trailer", hidden + b"trailer"), "通知.pdf") == "script"
    # The same letters in the pixels of a picture mean nothing.
    pixels = b"5 0 obj <</Subtype/Image>>stream\n/JavaScript \nendstream endobj\n"
    assert take_in(PDF.replace(b"trailer", pixels + b"trailer"), "通知.pdf").kind == "pdf"


def test_bombs_are_refused_before_they_are_unpacked():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", "<Types/>")
        package.writestr("word/document.xml", b"\0" * (25 * 2**20))
    assert code_of(out.getvalue(), "方案.docx") == "bomb"
    swollen = zlib.compress(b"\0" * (65 * 2**20))
    hidden = b"5 0 obj <</Type/ObjStm>>stream\n" + swollen + b"\nendstream endobj\n"
    assert code_of(PDF.replace(b"trailer", hidden + b"trailer"), "通知.pdf") == "bomb"
    assert code_of(PDF, "通知.pdf", max_bytes=20) == "too_large"


def test_a_member_named_twice_is_refused():
    out = io.BytesIO(docx())
    with pytest.warns(UserWarning), zipfile.ZipFile(out, "a") as package:
        package.writestr("word/document.xml", "<other/>")
    assert code_of(out.getvalue(), "方案.docx") == "polyglot"


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from([b"%PDF-", b"PK\x03\x04", bytes.fromhex("d0cf11e0a1b11ae1"), b"\xff\xd8\xff", b""]),
    st.binary(max_size=900),
)
def test_whatever_the_bytes_are_only_a_refusal_comes_out(head, tail):
    try:
        assert take_in(head + tail, "x.pdf").kind == "pdf"
    except (BadDocument, BadPicture) as fault:
        assert fault.sentence


def test_hostile_names_become_plain_text():
    path = DATA / "upload-hostile-lists" / "hostile_filenames.csv"
    if not path.exists():
        pytest.skip("left out: ../shared/data is absent")
    with path.open(encoding="utf-8") as file:
        names = [row["filename"].replace("\\x00", "\0") for row in csv.DictReader(file)]
    assert len(names) > 20
    for name in [*names, "a\u202egnp.exe", "..", "a" * 400 + ".pdf", "COM1"]:
        plain = plain_name(name)
        assert (
            not set(plain) & set('/\\<>:"|?*\0\n\r\u202e')
            and len(plain) <= 120
            and plain.strip(" .") == plain
        )
        assert download_name(name, "pdf").endswith(".pdf")
    assert ending_of("a" * 400 + ".pdf") == "pdf"


def test_malformed_pictures_are_kept_or_refused_never_more():
    folder = DATA / "images-malformed"
    if not folder.exists():
        pytest.skip("left out: ../shared/data is absent")
    kept, refused = set(), {}
    for path in sorted(folder.iterdir()):
        if path.suffix in (".md", ".csv"):
            continue
        try:
            kept.add(take_in(path.read_bytes(), path.name).kind)
        except (BadDocument, BadPicture) as fault:
            refused[path.name] = fault.code
    assert {"jpeg", "png", "webp"} <= kept <= documents.PICTURES
    assert refused["decompression_bomb.ico"] in ("not_accepted", "wrong_name")
    assert refused["truncated_jpeg.jpg"] == "truncated"


def test_words_of_a_document_are_read_where_there_is_a_reader():
    assert (
        reading.text_of(docx("全市共有 200 支志愿服务队"), "docx") == "全市共有 200 支志愿服务队\n站所\t1300"
    )
    assert reading.text_of(xlsx(), "xlsx") == "镇街\t65"
    assert (reading.text_of(PDF, "pdf"), reading.can_read("pdf")) == ("", False)
    assert reading.text_of(b"no package", "docx") == ""


@pytest.mark.django_db
def test_a_document_is_kept_once_and_as_it_was():
    from chuangwen.kernel.models import Blob

    first = documents.keep(take_in(PDF, "通知.pdf"), PDF)
    assert documents.keep(take_in(PDF, "再传一次.pdf"), PDF) == first
    assert Blob.objects.count() == 1
    assert store.path_of(first.sha256, "original").read_bytes() == PDF
    assert not store.path_of(first.sha256, "public").exists()
    assert (first.mime, first.size) == ("application/pdf", len(PDF))
