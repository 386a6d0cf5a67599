"""What is written opens in Word: equal files for equal papers, an office's own template, nothing of it is run."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace

import pytest
from docx import Document

from chuangwen.papers.format.content import FORMS, Block, Table
from chuangwen.papers.format.kinds import sample
from chuangwen.papers.format.template import template
from chuangwen.papers.format.write import BadTemplate, write
from tests.papers.format.planted import saved, style


def texts(data):
    document = Document(io.BytesIO(data))
    return [paragraph.text for paragraph in document.paragraphs if paragraph.text]


def changed(form, change):
    document = Document(io.BytesIO(template(form)))
    change(document)
    return saved(document)


def test_equal_papers_are_equal_files():
    assert write(sample("circular")) == write(sample("circular"))
    assert write(sample("circular")) != write(replace(sample("circular"), number="示创建办〔2026〕14号"))


@pytest.mark.parametrize("form", FORMS)
def test_nothing_is_embedded_and_every_part_is_xml(form):
    with zipfile.ZipFile(io.BytesIO(template(form))) as archive:
        assert all(name.endswith((".xml", ".rels")) for name in archive.namelist())
        table = archive.read("word/fontTable.xml").decode()
    assert "embed" not in table
    assert 'w:name="仿宋_GB2312"' in table and "Noto Serif CJK SC" in table


def test_the_text_is_what_was_given():
    found = texts(
        write(
            replace(
                sample("notice"),
                blocks=(Block("第一 <段> & {{ title }}"), Block("要求", 1), Block("落实", 2)),
            )
        )
    )
    assert "第一 <段> & {{ title }}" in found
    assert "一、要求" in found and "（一）落实" in found
    assert "附件：背街小巷问题清单" in found


def test_a_table_repeats_its_head_and_fills_the_text_area():
    table = Table(("序号", "问题"), tuple((str(n), "积存垃圾") for n in range(3)))
    document = Document(
        io.BytesIO(write(replace(sample("notice"), blocks=(table,), attachments=(), attachments_note=())))
    )
    made = document.tables[0]
    assert [[cell.text for cell in row.cells] for row in made.rows][:2] == [
        ["序号", "问题"],
        ["0", "积存垃圾"],
    ]
    assert made.rows[0]._tr.xpath("w:trPr/w:tblHeader")
    assert sum(int(width) for width in made._tbl.xpath("w:tblGrid/w:gridCol/@w:w")) == pytest.approx(
        8844, abs=6
    )


def test_an_office_changes_face_and_words_of_its_template():
    def change(document):
        style(document, "公文正文").font.size = style(document, "公文标题").font.size
        document.paragraphs[-1].insert_paragraph_before("（此件公开发布）")

    made = write(sample("notice"), changed("file", change))
    assert "（此件公开发布）" in texts(made)
    assert style(Document(io.BytesIO(made)), "公文正文").font.size.pt == 22


@pytest.mark.parametrize(
    "tag",
    [
        "{{ nothing }}",
        "{{ title.__class__.__mro__ }}",
        "{% for x in",
        "{{ ''.join.__globals__ }}",
        "{%p if title %}",
    ],
)
def test_a_template_with_a_wrong_tag_is_refused(tag):
    made = changed("file", lambda document: document.paragraphs[-1].insert_paragraph_before(tag))
    with pytest.raises(BadTemplate):
        write(sample("notice"), made)


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"%PDF-1.4\n%%EOF"])
def test_what_is_no_docx_is_no_template(data):
    with pytest.raises(BadTemplate):
        write(sample("notice"), data)


def test_a_long_mark_is_narrowed_to_one_line():
    made = Document(io.BytesIO(write(replace(sample("notice"), mark="示例市" * 12 + "文件"))))
    run = next(paragraph for paragraph in made.paragraphs if paragraph.style.name == "公文标志").runs[0]
    share = int(run._r.xpath("w:rPr/w:w/@w:val")[0])
    assert share == 60 and run.font.size.pt * share / 100 * 38 <= 442
