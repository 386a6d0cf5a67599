"""Bombs in workbooks, papers and XML at the doors that read them: refused in words, in little time and memory."""

from __future__ import annotations

import io
import uuid
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from chuangwen.problems.models import Case, ExchangeMessage, ImportJob

pytestmark = [pytest.mark.django_db, pytest.mark.one_engine]
LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha">'
    + "".join(
        '<!ENTITY {} "{}">'.format(name, f"&{before};" * 10)
        for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + "]>"
)
LEAK = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY y SYSTEM "file:///%s">]>'
ONE = '<row r="1"><c r="A1" t="inlineStr"><is><t>&i;</t></is></c></row>'
SECRET = "geheim-4711"
WORKBOOK = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>%s</sheetData></worksheet>'


def package(sheet, **more):
    """An xlsx with this sheet, packed as tightly as it goes."""
    parts = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType='
        '"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>',
        "xl/workbook.xml": '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r='
        '"http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="a" sheetId="1" r:id="r1"/>'
        "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" '
        'Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": sheet,
        **more,
    }  # fmt: skip
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as book:
        for name, text in parts.items():
            book.writestr(name, text)
    return stream.getvalue()


def zip_bomb():
    """60 MB of blanks in 60 KB."""
    return package(WORKBOOK % (" " * 60_000_000))


def far_corners():
    """Two cells that span the whole sheet: 17 thousand million cells to a reader that fills it."""
    return package(
        WORKBOOK
        % '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    )


BOMBS = {
    "zip bomb": lambda _path: zip_bomb(),
    "far corners": lambda _path: far_corners(),
    "billion laughs": lambda _path: package(LAUGHS + WORKBOOK % ONE),
    "a file of this machine": lambda path: package(LEAK % path + WORKBOOK % ONE.replace("&i;", "&y;")),
    "zip in disguise": lambda _path: b"PK\x03\x04" + bytes(200),
    "markup": lambda _path: (
        b"<html><table><tr><td>\xe8\xaf\x89\xe6\xb1\x82\xe5\x86\x85\xe5\xae\xb9</td></tr></table></html>"
    ),
}


@pytest.fixture
def secret(tmp_path):
    """A file of this machine whose content nobody else has."""
    path = tmp_path / "secret.txt"
    path.write_text(SECRET, encoding="utf-8")
    return str(path).lstrip("/")


@pytest.mark.parametrize("name", BOMBS)
def test_tables_that_burst_are_refused_at_every_import(doors, secret, name):
    data = BOMBS[name](secret)
    answer = doors.platform.post("/exchange/p/orders", data, content_type="application/octet-stream")
    assert answer.status_code == 400 and answer.json()["error"].endswith("。"), answer.content[:200]
    for path in ("/import/", "/tasks/import/", "/standards/import/", "/facts/import/"):
        page = doors.desk.post(path, {"file": SimpleUploadedFile("a.xlsx", data)})
        assert page.status_code < 500, path
        if page.status_code == 302:  # kept to be looked at: the look refuses
            page = doors.desk.get(page["Location"])
            assert page.status_code < 500
        assert SECRET not in page.content.decode()
    assert not Case.objects.exists() and not ImportJob.objects.filter(state="done").exists()


@pytest.mark.parametrize("name", ["zip bomb", "billion laughs", "a file of this machine"])
def test_papers_that_burst_are_refused(name):
    from chuangwen.kernel.evidence.documents import BadDocument
    from chuangwen.kernel.evidence.office_files import Hostile, kind_of

    reaching = LEAK % "etc/hostname" + "<w>&y;</w>"
    body = {
        "zip bomb": " " * 60_000_000,
        "billion laughs": LAUGHS + "<w>&i;</w>",
        "a file of this machine": reaching,
    }[name]
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as paper:
        paper.writestr("[Content_Types].xml", "<Types/>")
        paper.writestr("word/document.xml", body)
        paper.writestr("word/_rels/document.xml.rels", body)
    with pytest.raises((Hostile, BadDocument)):
        kind_of(stream.getvalue())


XML = {
    "billion laughs": f"{LAUGHS}<Request>&i;</Request>", "a file of this machine": f"{LEAK}<Request>&y;</Request>",
    "deep": "<a>" * 100_000, "wide": "<Request " + " ".join(f"a{n}='1'" for n in range(20_000)) + "/>",
    "wrong encoding": '<?xml version="1.0" encoding="klingon"?><Request/>', "no encoding": b"\xff\x81\x00<Request/>",
    "utf-7": '<?xml version="1.0" encoding="utf-7"?>+ADw-Request/+AD4-', "xinclude":
    '<Request xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="file:///%s" parse="text"/></Request>',
}  # fmt: skip


@pytest.mark.parametrize("name", XML)
def test_xml_that_bursts_or_reaches_out(doors, keyed, town, secret, name):
    text = XML[name]
    body = text if isinstance(text, bytes) else text.replace("%s", secret).encode()
    answer = doors.platform.post("/exchange/p/", body, content_type="text/xml")
    assert answer.status_code == 400 and SECRET not in answer.content.decode()
    phone = keyed(town.people["inspector"], "forms")
    answer = phone.post(
        "/openrosa/submission", {"xml_submission_file": SimpleUploadedFile("a.xml", body, "text/xml")}
    )
    assert answer.status_code in (400, 404) and SECRET not in answer.content.decode()
    assert not any(SECRET in body for body in ExchangeMessage.objects.values_list("body", flat=True))


def test_a_table_of_orders_sent_as_everything_else(doors):
    for kind in ("text/csv", "application/xml", "multipart/form-data; boundary=x", "", "image/png"):
        answer = doors.platform.post(
            "/exchange/p/orders", '[{"诉求内容": "垃圾桶满溢"}]'.encode(), content_type=kind or "x/y"
        )
        assert answer.status_code == 200, kind
    assert Case.objects.count() == 1
    assert doors.platform.get(f"/exchange/p/orders/{uuid.uuid4()}").status_code == 404
