"""What holds after all inheritance: theme, defaults, styles, direct formatting, automatic numbers, text boxes."""

from __future__ import annotations

import io
import re
import zipfile

import pytest

from chuangwen.papers.format.check import check
from chuangwen.papers.format.kinds import sample
from chuangwen.papers.format.reading import read
from chuangwen.papers.format.roles import NUMBER, find_roles, heading
from chuangwen.papers.format.write import write

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
THEME = (
    '<a:theme xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><a:themeElements><a:fontScheme>'
    '<a:majorFont><a:ea typeface="黑体"/></a:majorFont>'
    '<a:minorFont><a:ea typeface=""/><a:font script="Hans" typeface="{}"/></a:minorFont>'
    "</a:fontScheme></a:themeElements></a:theme>"
)


def repacked(changes, kind="notice", **more):
    """Our own paper with some parts rewritten: a function of the old text by name of the part, or a new part."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(write(sample(kind)))) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            text = old.read(name).decode()
            new.writestr(name, changes[name](text) if name in changes else text)
        for name, text in more.get("parts", {}).items():
            new.writestr(name, text)
    return out.getvalue()


def codes(data):
    return [found.code for found in check(data).findings]


def link_theme(text):
    link = (
        '<Relationship Id="rIdt" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/theme" '
        'Target="theme/theme1.xml"/></Relationships>'
    )
    return text.replace("</Relationships>", link)


def from_theme(text):
    """Normal and the defaults take their face from the theme."""
    return re.sub(r'(<w:rFonts [^>]*)w:eastAsia="仿宋_GB2312"', r'\1w:eastAsiaTheme="minorEastAsia"', text)


@pytest.mark.parametrize(
    ("face", "expected"), [("仿宋", []), ("等线", ["body_font", "imprint_font", "number_font"])]
)
def test_a_face_from_the_theme_is_found(face, expected):
    data = repacked(
        {"word/styles.xml": from_theme, "word/_rels/document.xml.rels": link_theme},
        parts={"word/theme/theme1.xml": THEME.format(face)},
    )
    assert sorted(set(codes(data)) - {"heading_font"}) == expected


def test_what_only_the_defaults_say_holds():
    def bare(text):
        return re.sub(
            r'(w:styleId="Normal">.*?</w:pPr>)<w:rPr>.*?</w:rPr>',
            r'\1<w:rPr><w:spacing w:val="-6"/></w:rPr>',
            text,
            count=1,
        )

    assert codes(repacked({"word/styles.xml": bare})) == []

    def smaller(text):
        return bare(text).replace('<w:sz w:val="32"/>', '<w:sz w:val="28"/>', 1)

    found = set(codes(repacked({"word/styles.xml": smaller})))
    assert {"body_size", "number_size", "heading_size"} <= found


def test_a_style_based_on_another_inherits_and_overrides():
    def chained(text):
        mine = (
            '<w:style w:type="paragraph" w:styleId="Mine"><w:name w:val="mine"/><w:basedOn w:val="PaperBody"/><w:rPr>'
            '<w:rFonts w:eastAsia="楷体"/></w:rPr></w:style></w:styles>'
        )
        return text.replace("</w:styles>", mine)

    data = repacked({
        "word/styles.xml": chained,
        "word/document.xml": lambda text: text.replace('w:val="PaperBody"', 'w:val="Mine"', 1),
    })  # fmt: skip
    assert codes(data) == ["body_font"]


def test_styles_in_a_circle_end():
    def circle(text):
        return text.replace('<w:name w:val="公文正文"/><w:basedOn w:val="Normal"/>',
                            '<w:name w:val="公文正文"/><w:basedOn w:val="PaperBody"/>')  # fmt: skip

    assert "lines" in codes(repacked({"word/styles.xml": circle}))


def test_a_mark_in_a_text_box_is_a_mark():
    def boxed(text):
        mark = re.search(r'<w:p><w:pPr><w:pStyle w:val="PaperMark"/>.*?</w:p>', text)[0]
        return text.replace(
            mark, f"<w:p><w:r><w:pict><w:txbxContent>{mark}</w:txbxContent></w:pict></w:r></w:p>"
        )

    assert codes(repacked({"word/document.xml": boxed})) == []


def test_a_page_number_in_a_frame_at_the_outer_edge_is_right():
    frame = '<w:pStyle w:val="PaperPage"/><w:framePr w:wrap="around" w:hAnchor="margin" w:xAlign="outside" w:y="1"/>'
    framed = repacked({
        "word/settings.xml": lambda text: text.replace("<w:evenAndOddHeaders/>", ""),
        "word/footer1.xml": lambda text: text.replace('<w:pStyle w:val="PaperPage"/>', frame),
    })  # fmt: skip
    assert codes(framed) == []


def test_deleted_text_is_not_read():
    def deleted(text):
        gone = '<w:del w:id="1"><w:r><w:delText>删</w:delText></w:r></w:del><w:del w:id="2"><w:r><w:t>删</w:t></w:r></w:del>'
        return re.sub(r'(<w:pStyle w:val="PaperTo"/></w:pPr>)', rf"\1{gone}", text)

    data = repacked({"word/document.xml": deleted})
    assert not any("删" in para.text for para in read(data).paras)


def test_a_date_moved_by_spaces_is_measured():
    def spaced(text):
        found = re.search(r'<w:p><w:pPr><w:pStyle w:val="PaperDate"/>.*?</w:p>', text)[0]
        plain = '<w:p><w:pPr><w:pStyle w:val="PaperTo"/></w:pPr><w:r><w:t xml:space="preserve">{}2026年11月22日</w:t></w:r></w:p>'
        return text.replace(found, plain.format("　" * 15 + " "))

    # 28 characters less 7 of the date less 15.5 leave 5.5: where it stands under this long name.
    assert codes(repacked({"word/document.xml": spaced})) == []
    assert codes(repacked({"word/document.xml": lambda text: spaced(text).replace("　" * 15, "　" * 6)})) == [
        "date_place"
    ]


@pytest.mark.parametrize(
    ("text", "level", "number", "right"),
    [
        ("一、总体要求", 1, 1, True), ("二十一、其他", 1, 21, True), ("十.其他", 1, 10, False), ("（三）内容", 2, 3, True),
        ("(三)内容", 2, 3, False), ("（三）、内容", 2, 3, False), ("3.内容", 3, 3, True), ("3、内容", 3, 3, False),
        ("（4）内容", 4, 4, True), ("(4)内容", 4, 4, True), ("3.5公里道路", 0, 0, True), ("一是加强领导", 0, 0, True),
        ("2026年以来", 0, 0, True),
    ],
)  # fmt: skip
def test_headings_by_their_numbers(text, level, number, right):
    para = read(write(sample("notice"))).paras[0]
    from dataclasses import replace

    found = heading(replace(para, text=text))
    if level == 0:
        assert found is None
    else:
        assert (found.level, found.number, found.is_right) == (level, number, right)


@pytest.mark.parametrize(
    "text", ["巩创建办〔2026〕12号", "巩创建办[2026]第012号", "豫文明办（2026）3号", "〔26〕1号"]
)
def test_numbers_in_any_writing_are_numbers(text):
    assert NUMBER.match(text)


@pytest.mark.parametrize("kind", ["notice", "assignment", "minutes"])
def test_the_parts_of_our_own_papers_are_found(kind):
    text, roles = sample(kind), find_roles(read(write(sample(kind))))
    assert roles.form == text.form
    assert roles.mark.words == text.mark and text.number in roles.number.text
    assert roles.title_text == text.title
    assert (roles.to.words if roles.to else "") == (f"{text.to}：" if text.to else "")
    assert [para.words for para in roles.signature] == (
        list(text.signature) if text.form != "minutes" else []
    )
    assert len(roles.attachments) == len(text.attachments)
    assert [found.level for found in roles.headings] == [
        block.level for block in text.blocks if getattr(block, "level", 0)
    ]
