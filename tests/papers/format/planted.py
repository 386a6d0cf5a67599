"""Files with one fault each: our own papers, changed in one thing as a hurried hand would."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from chuangwen.papers.format.content import Block, PaperText
from chuangwen.papers.format.kinds import sample
from chuangwen.papers.format.write import write

Change = Callable[[Any], None]


@cache
def written(kind: str) -> bytes:
    return write(sample(kind))


def opened(kind: str, **given: Any) -> Any:
    data = write(replace(sample(kind), **given)) if given else written(kind)
    return Document(io.BytesIO(data))


def saved(document: Any) -> bytes:
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def style(document: Any, name: str) -> Any:
    return next(each for each in document.styles if each.name == name)


def first(document: Any, name: str) -> Any:
    return next(each for each in document.paragraphs if each.style.name == name)


def indented(name: str, hundredths: int) -> Change:
    def change(document: Any) -> None:
        props = first(document, name)._p.get_or_add_pPr()
        props.append(props.makeelement(qn("w:ind"), {qn("w:firstLineChars"): str(hundredths)}))

    return change


def unstyled(name: str, path: str) -> Change:
    """Takes something out of a style."""

    def change(document: Any) -> None:
        for node in style(document, name).element.xpath(path):
            node.getparent().remove(node)

    return change


def says(document: Any, start: str) -> Any:
    return next(each for each in document.paragraphs if each.text.startswith(start))


def put(name: str, *swaps: tuple[str, str]) -> Change:
    """Swaps words in the first paragraph of a style, whichever runs they stand in."""

    def change(document: Any) -> None:
        paragraph = first(document, name)
        for old, new in swaps:
            run = next((run for run in paragraph.runs if old in run.text), None)
            if run is None:
                run, text = paragraph.runs[0], paragraph.text
                for other in paragraph.runs[1:]:
                    other.text = ""
                run.text = text
            assert old in run.text
            run.text = run.text.replace(old, new)

    return change


def face(name: str, font: str) -> Change:
    """Another face in one style."""

    def change(document: Any) -> None:
        fonts = style(document, name).element.get_or_add_rPr().get_or_add_rFonts()
        fonts.set(qn("w:eastAsia"), font)

    return change


def run_face(name: str, font: str) -> Change:
    """Another face as direct formatting of one paragraph."""

    def change(document: Any) -> None:
        for run in first(document, name).runs:
            run._r.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)

    return change


def size(name: str, points: float) -> Change:
    def change(document: Any) -> None:
        for run in first(document, name).runs:
            run.font.size = Pt(points)

    return change


def colour(name: str, value: str) -> Change:
    def change(document: Any) -> None:
        for run in first(document, name).runs:
            run.font.color.rgb = RGBColor.from_string(value)

    return change


def align(name: str, side: WD_ALIGN_PARAGRAPH) -> Change:
    def change(document: Any) -> None:
        first(document, name).alignment = side

    return change


def margin(side: str, millimetres: float) -> Change:
    def change(document: Any) -> None:
        for section in document.sections:
            setattr(section, f"{side}_margin", Mm(millimetres))

    return change


def margins(**sides: float) -> Change:
    def change(document: Any) -> None:
        for side, millimetres in sides.items():
            margin(side, millimetres)(document)

    return change


def without(name: str) -> Change:
    """The paragraphs of a style are gone."""

    def change(document: Any) -> None:
        for paragraph in [each for each in document.paragraphs if each.style.name == name]:
            paragraph._p.getparent().remove(paragraph._p)

    return change


def foot(kind: str, change: Callable[[Any], None]) -> Change:
    """Changes the paragraph with the page number."""

    def changed(document: Any) -> None:
        section = document.sections[0]
        change({"odd": section.footer, "even": section.even_page_footer}[kind].paragraphs[0])

    return changed


def both_feet(change: Callable[[Any], None]) -> Change:
    def changed(document: Any) -> None:
        for kind in ("odd", "even"):
            foot(kind, change)(document)

    return changed


def rule(where: str, **given: str) -> Change:
    """Changes every border found under an XPath."""

    def change(document: Any) -> None:
        found = document.element.body.xpath(where)
        assert found
        for border in found:
            for name, value in given.items():
                border.set(qn(f"w:{name}"), value)

    return change


def spacing(name: str, twips: int) -> Change:
    def change(document: Any) -> None:
        style(document, name).element.get_or_add_rPr()
        for run in first(document, name).runs:
            props = run._r.get_or_add_rPr()
            node = props.makeelement(qn("w:spacing"), {qn("w:val"): str(twips)})
            props.append(node)

    return change


def line(name: str, points: float) -> Change:
    def change(document: Any) -> None:
        first(document, name).paragraph_format.line_spacing = Pt(points)

    return change


def imprint_cell(change: Callable[[Any], None], row: int = 0) -> Change:
    def changed(document: Any) -> None:
        table = next(each for each in document.tables if each.cell(0, 0).text.startswith(("抄送", "示例")))
        change(table.cell(row, 0).paragraphs[0])

    return changed


def words(run_change: Callable[[str], str]) -> Callable[[Any], None]:
    def change(paragraph: Any) -> None:
        for run in paragraph.runs:
            if run.text != run_change(run.text):
                run.text = run_change(run.text)
                return
        raise AssertionError(paragraph.text)

    return change


def sized(points: float) -> Callable[[Any], None]:
    def change(paragraph: Any) -> None:
        for run in paragraph.runs:
            run.font.size = Pt(points)

    return change


def faced(font: str) -> Callable[[Any], None]:
    def change(paragraph: Any) -> None:
        for run in paragraph.runs:
            run._r.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)

    return change


def swapped(old: str, new: str) -> Callable[[Any], None]:
    return words(lambda text: re.sub(old, new, text, count=1))


def no_feet(document: Any) -> None:
    for kind in ("odd", "even"):
        foot(kind, lambda paragraph: [run._r.getparent().remove(run._r) for run in paragraph.runs])(document)


def one_side(document: Any) -> None:
    document.settings.odd_and_even_pages_header_footer = False


def behind_the_imprint(document: Any) -> None:
    document.paragraphs[-1].add_run("此件可公开")


def no_page_break(document: Any) -> None:
    style(document, "附件序号").paragraph_format.page_break_before = False


def skipped_number(document: Any) -> None:
    """The last heading of level 1 counts one too far."""
    run = says(document, "三、").runs[0]
    run.text = run.text.replace("三、", "四、")


def style_rule(name: str, **given: str) -> Change:
    """Changes the border below the paragraphs of a style."""

    def change(document: Any) -> None:
        (border,) = style(document, name).element.xpath("w:pPr/w:pBdr/w:bottom")
        for key, value in given.items():
            border.set(qn(f"w:{key}"), value)

    return change


def short_letter_rule(document: Any) -> None:
    indent = style(document, "信函红线").element.xpath("w:pPr/w:ind")[0]
    indent.set(qn("w:left"), "0")
    indent.set(qn("w:right"), "0")


def long_text(count: int) -> PaperText:
    return replace(sample("notice"), blocks=tuple(Block("整治" * 100) for _ in range(count // 200)))
