"""The built-in template of each form: a .docx with tags such as {{ title }} that an office changes in Word or WPS.

`{%p … %}`, `{%tr … %}`, `{%tc … %}` are docxtpl's tags: the whole paragraph, row or cell that holds one is taken away.
"""

from __future__ import annotations

from functools import cache
from typing import Final

from chuangwen.papers.format.content import Form
from chuangwen.papers.format.measures import FANGSONG, HEI, KAI, MARGINS, twips
from chuangwen.papers.format.sheet import NS, XML, chars, fonts, indent, package, page_number, section

TAB: Final = "<w:r><w:tab/></w:r>"


def run(text: str, font: str = "") -> str:
    return (
        f'<w:r>{f"<w:rPr>{fonts(font)}</w:rPr>" if font else ""}<w:t xml:space="preserve">{text}</w:t></w:r>'
    )


def paragraph(style: str, *runs: str) -> str:
    body = "".join(each if each.startswith("<") else run(each) for each in runs)
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr>{body}</w:p>'


def control(tag: str) -> str:
    return paragraph("PaperBody", f"{{%p {tag} %}}")


def blank(count: int = 1) -> str:
    return paragraph("PaperBlank") * count


def template(form: Form) -> bytes:
    """The built-in template of a form as .docx."""
    return _made(form)


@cache
def _made(form: Form) -> bytes:
    parts = {"footer1.xml": page_number("right"), "footer2.xml": page_number("left")}
    references = {"footer default": "rIdp1", "footer even": "rIdp2"}
    if form == "letter":
        parts |= {"header1.xml": _letter_head(), "footer3.xml": _letter_foot()}
        references |= {"header first": "rIdp3", "footer first": "rIdp4"}
    heads = {"file": _file_head, "letter": _letter_top, "minutes": _minutes_head}
    tail = _people() if form == "minutes" else _signature()
    body = heads[form]() + _title() + _blocks("blocks") + _noted() + tail + _attachments()
    body += _letter_imprint() if form == "letter" else _imprint()
    end = section(references, title_page=form == "letter")
    return package(f"{XML}<w:document {NS}><w:body>{body}{end}</w:body></w:document>", parts)


# Heads -------------------------------------------------------------------------------------------


def _corner() -> str:
    """Copy number and urgency one below the other; with one or none of them the mark stays where it is."""
    return (
        control("if copy_no") + paragraph("PaperCorner", "{{ copy_no }}") + control("endif")
        + control("if urgency") + paragraph("PaperUrgency", "{{ urgency }}") + control("endif")
        + control("if not copy_no") + blank() + control("endif") + control("if not urgency") + blank() + control("endif")
    )  # fmt: skip


def _file_head() -> str:
    """版头: copy number, urgency, red mark, number (with 签发人 upward), red rule."""
    upward = paragraph("PaperUpward", "　{{ number }}", TAB, run("签发人："), run("{{ signer }}", KAI[0]))
    return (
        _corner() + paragraph("PaperMark", "{{ mark }}") + blank(2)
        + control("if signer") + upward + control("else") + paragraph("PaperNumber", "{{ number }}") + control("endif")
        + blank(2)
    )  # fmt: skip


def _letter_head() -> str:
    """The header of a letter's first page: mark 30 mm from the edge, double rule of 170 mm 4 mm below (10.1)."""
    return (
        f"{XML}<w:hdr {NS}>{paragraph('PaperLetterMark', '{{ mark }}')}{paragraph('PaperLetterRule')}</w:hdr>"
    )


def _letter_foot() -> str:
    return f"{XML}<w:ftr {NS}>{paragraph('PaperLetterFoot')}</w:ftr>"


def _letter_top() -> str:
    return (
        paragraph("PaperLetterNumber", run("{{ beside }}", HEI[0]), run("{{ copy_no }}"), TAB, run("{{ number }}"))
        + control("if copy_no and urgency") + paragraph("PaperUrgency", "{{ urgency }}") + control("endif") + blank(2)
    )  # fmt: skip


def _minutes_head() -> str:
    """Mark and number as in a file; then the issuing office and the date above the red rule, as offices do (10.3)."""
    return (
        _corner() + paragraph("PaperMark", "{{ mark }}") + blank(1)
        + paragraph("PaperMinutesNumber", "{{ number }}") + blank(1)
        + paragraph("PaperIssuer", "{{ issuer }}", TAB, run("{{ date }}")) + blank(2)
    )  # fmt: skip


# Main part ---------------------------------------------------------------------------------------


def _title() -> str:
    return (
        paragraph("PaperTitle", "{{ title }}") + blank()
        + control("if to") + paragraph("PaperTo", "{{ to }}：") + control("endif")
    )  # fmt: skip


def _blocks(name: str) -> str:
    """One paragraph style a level; `more` is body text in the same paragraph."""
    more = run("{{ block.more }}", FANGSONG[0])
    levels = "".join(
        control(f"elif block.level == {level}")
        + paragraph(f"PaperLevel{level}", "{{ block.number }}{{ block.text }}", more)
        for level in (1, 2, 3, 4)
    )
    return (
        control(f"for block in {name}") + control("if block.head is defined") + _table() + levels
        + control("else") + paragraph("PaperBody", "{{ block.text }}") + control("endif") + control("endfor")
    )  # fmt: skip


def _table() -> str:
    """A table with its head repeated on every page; the writer sets the widths of its columns."""

    def row(source: str, *, head: bool) -> str:
        kept = "<w:cantSplit/>" + ("<w:tblHeader/>" if head else "")
        cells = (f"{{%tc for cell in {source} %}}", "{{ cell }}", "{%tc endfor %}")
        font = HEI[0] if head else ""
        made = "".join(
            f'<w:tc><w:tcPr><w:tcW w:w="1000" w:type="dxa"/><w:vAlign w:val="center"/></w:tcPr>'
            f"{paragraph('PaperCell', run(cell, font))}</w:tc>"
            for cell in cells
        )
        return f"<w:tr><w:trPr>{kept}</w:trPr>{made}</w:tr>"

    sides = "".join(
        f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="000000"/>'
        for side in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    return (
        control("if block.caption") + paragraph("PaperCaption", "{{ block.caption }}") + control("endif")
        + f'<w:tbl><w:tblPr><w:tblW w:w="{chars(28)}" w:type="dxa"/><w:jc w:val="center"/>'
        f'<w:tblBorders>{sides}</w:tblBorders><w:tblLayout w:type="fixed"/></w:tblPr>'
        f'<w:tblGrid><w:gridCol w:w="1000"/></w:tblGrid>{row("block.head", head=True)}'
        + control_row("for row in block.rows") + row("row", head=False) + control_row("endfor") + "</w:tbl>"
    )  # fmt: skip


def control_row(tag: str) -> str:
    return f"<w:tr><w:tc><w:tcPr/>{paragraph('PaperCell', f'{{%tr {tag} %}}')}</w:tc></w:tr>"


def _noted() -> str:
    """附件说明, a line below the text; with several, names stand under names."""
    return (
        control("if notes") + blank() + control("if notes|length == 1")
        + paragraph("PaperNoted", "附件：{{ notes[0] }}") + control("else") + control("for name in notes")
        + control("if loop.first") + paragraph("PaperNotedFirst", "附件：1.", TAB, run("{{ name }}"))
        + control("else") + paragraph("PaperNotedNext", "{{ loop.index }}.", TAB, run("{{ name }}"))
        + control("endif") + control("endfor") + control("endif") + control("endif")
    )  # fmt: skip


def _signature() -> str:
    """署名 over 成文日期; the writer centres one on the other. Two lines are left for the upper half of a seal."""
    return (
        control("if signature or date") + blank() + control("if sealed") + blank() + control("endif")
        + control("for name in signature") + paragraph("PaperSignature", "{{ name }}") + control("endfor")
        + control("if date") + paragraph("PaperDate", "{{ date }}") + control("endif") + control("endif")
        + control("if note") + paragraph("PaperNote", "（{{ note }}）") + control("endif")
    )  # fmt: skip


def _people() -> str:
    """出席, 请假, 列席 of minutes, a line below the text."""
    return (
        control("if people") + blank() + control("for group in people")
        + paragraph("PaperPeople", run("{{ group.label }}：", HEI[0]), run("{{ group.names }}"))
        + control("endfor") + control("endif")
        + control("if note") + paragraph("PaperNote", "（{{ note }}）") + control("endif")
    )  # fmt: skip


def _attachments() -> str:
    return (
        control("for attachment in attachments") + paragraph("PaperAttachment", "{{ attachment.label }}") + blank()
        + paragraph("PaperTitle", "{{ attachment.title }}") + blank() + _blocks("attachment.blocks") + control("endfor")
    )  # fmt: skip


# 版记 --------------------------------------------------------------------------------------------


def _floating(rows: str, borders: str) -> str:
    """A table at the foot of the text area of the page where the text ends (7.4.1); the text flows round it."""
    return (
        '<w:tbl><w:tblPr><w:tblpPr w:leftFromText="0" w:rightFromText="0" w:topFromText="142" w:vertAnchor="margin" '
        f'w:horzAnchor="page" w:tblpX="{twips(MARGINS["left"])}" w:tblpYSpec="bottom"/>'
        f'<w:tblW w:w="{chars(28)}" w:type="dxa"/><w:tblBorders>{borders}</w:tblBorders><w:tblLayout w:type="fixed"/>'
        '<w:tblCellMar><w:left w:w="0" w:type="dxa"/><w:right w:w="0" w:type="dxa"/></w:tblCellMar></w:tblPr>'
        f'<w:tblGrid><w:gridCol w:w="{chars(28)}"/></w:tblGrid>{rows}</w:tbl>'
    )


def _imprint_row(content: str, place: str) -> str:
    return (
        f'<w:tr><w:trPr><w:cantSplit/></w:trPr><w:tc><w:tcPr><w:tcW w:w="{chars(28)}" w:type="dxa"/></w:tcPr>'
        f'<w:p><w:pPr><w:pStyle w:val="PaperImprint"/>{place}</w:pPr>{content}</w:p></w:tc></w:tr>'
    )


#: One character of size 4 from both edges; a second line stands under the first name, not under 抄送.
_COPIES: Final = indent(left=3.6, right=0.9, hanging=2.7)


def _imprint() -> str:
    outer, inner = 'w:val="single" w:sz="8"', 'w:val="single" w:sz="6"'
    borders = "".join(
        f'<w:{side} {kind} w:space="0" w:color="000000"/>'
        for side, kind in (("top", outer), ("bottom", outer), ("insideH", inner))
    )
    tab = f'<w:tabs><w:tab w:val="right" w:pos="{chars(27.1)}"/></w:tabs>'
    printed = run("{{ printed_by }}") + TAB + run("{{ printed_on }}印发")
    rows = (
        control_row("if cc") + _imprint_row(run("抄送：{{ cc }}。"), _COPIES) + control_row("endif")
        + control_row("if printed_by") + _imprint_row(printed, tab + indent(left=0.9, right=0.9)) + control_row("endif")
    )  # fmt: skip
    return (
        control("if cc or printed_by") + _floating(rows, borders) + control("endif") + paragraph("PaperEnd")
    )


def _letter_imprint() -> str:
    """A letter's 版记 has receivers of copies only, no rules, no printing office (10.1)."""
    row = _imprint_row(run("抄送：{{ cc }}。"), _COPIES)
    return control("if cc") + _floating(row, "") + control("endif") + paragraph("PaperEnd")
