"""The checker finds what was planted and nothing else; our own papers are clean; hostile files are refused."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from dataclasses import replace

import pytest
from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from hypothesis import given, settings
from hypothesis import strategies as st

from chuangwen.papers.format.check import CODES, Unreadable, check
from chuangwen.papers.format.content import Attachment, Block, PaperText, Table
from chuangwen.papers.format.kinds import KINDS, sample
from chuangwen.papers.format.write import write
from tests.papers.format import planted as p

LEFT, RIGHT = WD_ALIGN_PARAGRAPH.LEFT, WD_ALIGN_PARAGRAPH.RIGHT
HALF_YEAR = (("2026年11月22日", "2026年05月02日"),)

#: (code, kind of paper, what is changed)
PLANTED = [
    ("margin_top", "notice", p.margin("top", 30)),
    ("margin_bottom", "notice", p.margin("bottom", 25.4)),
    ("margin_left", "notice", p.margin("left", 31.8)),
    ("margin_right", "notice", p.margin("right", 20)),
    ("text_area", "notice", p.margins(left=28.9, right=26.9)),
    ("lines", "notice", p.line("公文正文", 24)),
    ("lines", "circular", p.line("公文正文", 31)),
    ("characters", "notice", p.spacing("公文正文", 20)),
    ("mark_font", "notice", p.face("公文标志", "黑体")),
    ("mark_colour", "notice", p.colour("公文标志", "000000")),
    ("mark_place", "notice", p.align("公文标志", LEFT)),
    ("mark_missing", "notice", p.without("公文标志")),
    ("number_brackets", "notice", p.put("公文字号", ("〔2026〕", "[2026]"))),
    ("number_brackets", "notice", p.put("公文字号", ("〔2026〕", "（2026）"))),
    ("number_brackets", "notice", p.put("公文字号", ("〔2026〕", "〔26〕"))),
    ("number_zero", "notice", p.put("公文字号", ("12号", "012号"))),
    ("number_ordinal", "notice", p.put("公文字号", ("12号", "第12号"))),
    ("number_font", "notice", p.face("公文字号", "宋体")),
    ("number_size", "notice", p.size("公文字号", 14)),
    ("number_place", "notice", p.align("公文字号", LEFT)),
    ("signer_font", "report", p.run_face("上行文字号", "仿宋_GB2312")),
    ("signer_missing", "report", p.put("上行文字号", ("签发人：", ""))),
    ("red_rule_colour", "notice", p.style_rule("公文字号", color="000000")),
    ("red_rule_missing", "notice", p.unstyled("公文字号", "w:pPr/w:pBdr")),
    ("title_font", "notice", p.run_face("公文标题", "黑体")),
    ("title_size", "notice", p.size("公文标题", 18)),
    ("title_place", "notice", p.align("公文标题", LEFT)),
    ("title_stop", "notice", p.put("公文标题", ("通知", "通知。"))),
    ("title_kind", "notice", p.put("公文标题", ("的通知", "有关事宜"))),
    ("to_colon", "notice", p.put("公文主送", ("：", ":"))),
    ("to_colon", "notice", p.put("公文主送", ("：", ""))),
    ("to_missing", "notice", p.without("公文主送")),
    ("to_place", "notice", p.indented("公文主送", 200)),
    ("body_font", "notice", p.run_face("公文正文", "宋体")),
    ("body_size", "notice", p.size("公文正文", 14)),
    ("body_place", "notice", p.indented("公文正文", 400)),
    ("colour", "notice", p.colour("公文正文", "1F497D")),
    ("half_width", "notice", p.put("公文正文", ("，", ","))),
    ("heading_form", "notice", p.put("公文一级标题", ("一、", "一."))),
    ("heading_form", "notice", p.put("公文二级标题", ("（一）", "(一)"))),
    ("heading_order", "notice", p.without("公文二级标题")),
    ("heading_sequence", "notice", p.skipped_number),
    ("heading_font", "notice", p.run_face("公文一级标题", "仿宋_GB2312")),
    ("heading_font", "circular", p.face("公文二级标题", "仿宋_GB2312")),
    ("heading_size", "notice", p.size("公文一级标题", 18)),
    ("heading_stop", "notice", p.put("公文一级标题", ("整治范围", "整治范围。"))),
    ("noted_stop", "notice", p.put("附件说明", ("清单", "清单。"))),
    ("noted_colon", "notice", p.put("附件说明", ("：", ":"))),
    ("noted_missing", "notice", p.without("附件说明")),
    ("noted_mismatch", "notice", p.put("附件说明", ("问题清单", "任务分工表"))),
    ("noted_mismatch", "test_report", p.without("附件说明续条")),
    ("noted_place", "notice", p.unstyled("附件说明", "w:pPr/w:ind")),
    ("signature_missing", "notice", p.without("公文署名")),
    ("date_missing", "notice", p.without("成文日期")),
    ("date_form", "notice", p.put("成文日期", *HALF_YEAR)),
    ("date_form", "notice", p.put("成文日期", ("2026年11月22日", "二〇二六年五月二日"))),
    ("date_form", "report", p.put("成文日期", ("2026年11月22日", "2026.11.22"))),
    ("date_place", "notice", p.align("成文日期", LEFT)),
    ("note_brackets", "notice", p.put("公文附注", ("（", ""), ("）", ""))),
    ("attachment_page", "notice", p.no_page_break),
    ("attachment_label", "notice", p.face("附件序号", "仿宋_GB2312")),
    ("attachment_label", "notice", p.put("附件序号", ("附件", "附件："))),
    ("people_label", "minutes", p.run_face("纪要名单", "仿宋_GB2312")),
    ("people_missing", "minutes", p.without("纪要名单")),
    ("imprint_rules", "notice", p.rule("w:tbl[w:tblPr/w:tblpPr]/w:tblPr/w:tblBorders/w:top", sz="18")),
    ("imprint_rules", "notice", p.rule("w:tbl[w:tblPr/w:tblpPr]/w:tblPr/w:tblBorders/w:insideH", sz="8")),
    ("imprint_rules", "notice", p.rule("w:tbl[w:tblPr/w:tblpPr]/w:tblPr/w:tblBorders/w:bottom", val="nil")),
    ("imprint_font", "notice", p.imprint_cell(p.faced("宋体"))),
    ("imprint_size", "notice", p.imprint_cell(p.sized(16))),
    ("imprint_last", "notice", p.behind_the_imprint),
    ("imprint_missing", "notice", lambda d: d.element.body.remove(d.element.body.xpath("w:tbl[w:tblPr/w:tblpPr]")[0])),
    ("copies_stop", "notice", p.imprint_cell(p.swapped("。$", ""))),
    ("printed_on", "notice", p.imprint_cell(p.swapped("2026年11月22日", "2026年5月02日"), 1)),
    ("page_number_missing", "notice", p.no_feet),
    ("page_number_dash", "notice", p.both_feet(lambda para: [
        setattr(run, "text", run.text.replace("—", "-")) for run in para.runs if "—" in run.text])),
    ("page_number_size", "notice", p.both_feet(p.sized(10.5))),
    ("page_number_font", "notice", p.both_feet(p.faced("仿宋_GB2312"))),
    ("page_number_sides", "notice", p.one_side),
    ("page_number_sides", "notice", p.foot("even", lambda para: setattr(para, "alignment", RIGHT))),
    ("letter_rules", "assignment", p.style_rule("信函红线", val="single")),
    ("letter_rules", "assignment", p.short_letter_rule),
    ("letter_first_page", "assignment", lambda d: setattr(d.sections[0], "different_first_page_header_footer", False)),
]  # fmt: skip


def codes(data: bytes) -> list[str]:
    return [found.code for found in check(data).findings]


@pytest.mark.parametrize(
    ("code", "kind", "change"), PLANTED, ids=[f"{at}-{each[0]}" for at, each in enumerate(PLANTED)]
)
def test_one_planted_fault_is_found_and_no_other(code, kind, change):
    document = p.opened(kind)
    change(document)
    assert codes(p.saved(document)) == [code]


BY_CONTENT = [
    ("copy_number", lambda: replace(sample("notice"), copy_no="No.12")),
    ("number_missing", lambda: replace(sample("notice"), number="")),
    ("title_break", lambda: replace(sample("notice"), title="关于开展背街小巷环境卫生\n集中整\n治的通知")),
    ("length", lambda: p.long_text(5200)),
    ("length", lambda: replace(p.long_text(4200), title="关于开展市容专项整治的通知")),
    ("half_width", lambda: replace(sample("report"), title="关于创建工作(一季度)情况的报告")),
]


def test_faults_in_the_words_themselves():
    found = [codes(write(make())) for _code, make in BY_CONTENT[1:]]
    assert found == [[code] for code, _make in BY_CONTENT[1:]]


def test_a_copy_number_of_five_digits_is_found():
    document = p.opened("notice", copy_no="12")
    p.put("公文份号", ("000012", "00012"))(document)
    assert codes(p.saved(document)) == ["copy_number"]


def test_urgency_in_the_wrong_face_is_found():
    document = p.opened("notice", copy_no="12", urgency="特急")
    p.face("公文紧急程度", "仿宋_GB2312")(document)
    assert codes(p.saved(document)) == ["urgency_font"]


def test_paper_of_letter_size_is_found():
    document = p.opened("notice")
    document.sections[0].page_width, document.sections[0].page_height = p.Mm(215.9), p.Mm(279.4)
    assert codes(p.saved(document)) == ["paper_size"]


def test_a_missing_title_is_found():
    document = p.opened("scheme")
    p.without("公文标题")(document)
    assert codes(p.saved(document)) == ["title_missing"]


def test_every_code_has_a_planted_file():
    told = {code for code, *_rest in PLANTED} | {code for code, _make in BY_CONTENT}
    assert set(CODES) - told == {"urgency_font", "paper_size", "title_missing"}


@pytest.mark.parametrize("kind", KINDS)
def test_own_papers_are_clean(kind):
    text = sample(kind)
    for each in (
        text,
        replace(text, sealed=False, copy_no="7", urgency="加急"),
        replace(text, cc="", note=""),
    ):
        assert codes(write(each)) == []


HAN = st.text(alphabet="各责任单位要对照测评标准逐项核查建立问题清单明确整改时限", min_size=4, max_size=60)
BLOCKS = st.lists(
    st.one_of(
        st.builds(lambda text: Block(f"{text}。"), HAN),
        st.builds(lambda text: Table(("序号", "内容"), (("1", text), ("2", text))), HAN),
    ),
    min_size=1, max_size=6,
)  # fmt: skip


@settings(max_examples=15, deadline=None)
@given(
    form=st.sampled_from(["file", "letter"]), title=HAN, blocks=BLOCKS, name=HAN.filter(lambda text: len(text) < 26),
    day=st.dates(dt.date(2020, 1, 1), dt.date(2035, 12, 31)), sealed=st.booleans(), urgency=st.sampled_from(["", "特急"]),
    attachments=st.lists(st.builds(lambda title, text: Attachment(f"{title}清单", (Block(f"{text}。"),)), HAN, HAN), max_size=2),
)  # fmt: skip
def test_whatever_is_written_is_clean(form, title, blocks, name, day, sealed, urgency, attachments):
    text = PaperText(
        form, "notice", f"关于{title}的通知", mark="示例市创建办", number="示创建办〔2026〕1号", urgency=urgency, to="各责任单位",
        blocks=(Block("总体要求", 1), *blocks, Block("工作要求", 1), Block("加强领导。", 2, "各单位落实责任。"), Block("完毕。")),
        signature=(name,), dated_on=day, sealed=sealed, cc="市委办公室", printed_by="示例市创建办", printed_on=day,
        attachments=tuple(attachments),
    )  # fmt: skip
    assert [found.sentence for found in check(write(text)).findings] == []


# Any other file ------------------------------------------------------------------------------------


def test_a_plain_file_of_python_docx_is_told_what_it_lacks():
    document = Document()
    document.add_heading("关于做好工作的通知", 0)
    document.add_paragraph("各单位：")
    document.add_paragraph("现将有关事项通知如下。")
    found = set(codes(p.saved(document)))
    assert {
        "paper_size",
        "mark_missing",
        "number_missing",
        "date_missing",
        "page_number_missing",
        "body_font",
    } <= found


def test_a_number_made_by_word_counts_as_a_heading():
    document = p.opened("notice")
    data = p.saved(document)
    parts = {
        name: zipfile.ZipFile(io.BytesIO(data)).read(name)
        for name in zipfile.ZipFile(io.BytesIO(data)).namelist()
    }
    w = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    parts["word/numbering.xml"] = (
        f'<w:numbering xmlns:w="{w}"><w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:start w:val="1"/>'
        '<w:numFmt w:val="chineseCounting"/><w:lvlText w:val="%1、"/></w:lvl></w:abstractNum>'
        '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>'
    ).encode()
    text = parts["word/document.xml"].decode()
    numbered = '<w:pStyle w:val="PaperLevel1"/><w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>'
    for number in "一二三":
        text = text.replace(f">{number}、", ">")
    parts["word/document.xml"] = text.replace('<w:pStyle w:val="PaperLevel1"/>', numbered).encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    assert codes(out.getvalue()) == []


# Unreadable files ----------------------------------------------------------------------------------


def zipped(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
    return out.getvalue()


TYPES = b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
ENTITY = b'<!DOCTYPE a [<!ENTITY b "cc">]><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"/>'


def with_types(document: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", TYPES)
        archive.writestr("word/document.xml", document)
    return out.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        b"", b"not a file at all", b"%PDF-1.4\n%%EOF", b"PK\x03\x04broken", zipped(a_xml=b"<a/>"),
        with_types(b"\0" * 40_000_000), with_types(ENTITY), with_types(b"<w:document"), with_types(b"<a/>"),
    ],
    ids=["empty", "text", "pdf", "torn", "zip", "bomb", "entities", "cut", "no body"],
)  # fmt: skip
def test_what_is_no_paper_is_unreadable(data):
    with pytest.raises(Unreadable):
        check(data)
