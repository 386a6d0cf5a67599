"""Checks of the page: paper, margins, lines and characters, page numbers, the rules of a letter.

Tolerances: 1 mm for every length (5.2.1 gives ±1 mm), half a line and half a character for what a page holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain
from typing import Final

from chuangwen.papers.format.codes import Finding, fault
from chuangwen.papers.format.measures import (
    AREA,
    CHARACTERS,
    LETTER_RULE,
    LINES,
    MARGINS,
    PAPER,
    SIZE_4,
    SONG,
)  # fmt: skip
from chuangwen.papers.format.reading import PAGE, Para, Section, Sheet
from chuangwen.papers.format.roles import Roles

MM_OFF: Final = 1.0
ROUNDING: Final = 0.05  # twips are rounded, so 37 mm may be read as 37.01
POINTS: Final = 72 / 25.4
EDGES: Final = {"top": "上", "bottom": "下", "left": "左", "right": "右"}
DASHED: Final = re.compile(rf"^[—―]\s?{PAGE}\s?[—―]$")


def page_findings(sheet: Sheet, roles: Roles) -> Iterator[Finding]:
    for at, section in enumerate(sheet.sections, 1):
        place = "全文" if len(sheet.sections) == 1 else f"第 {at} 节"
        yield from _size(section, place)
    first = sheet.sections[0]
    yield from _lines(first, roles)
    yield from _characters(first, roles)
    yield from _numbers(sheet, first)
    if roles.form == "letter":
        yield from _letter(first)


def _size(section: Section, place: str) -> Iterator[Finding]:
    upright = tuple(sorted(section.paper))
    if any(abs(a - b) > MM_OFF + ROUNDING for a, b in zip(upright, PAPER, strict=True)):
        yield fault(
            "paper_size", place, f"{section.paper[0]:.0f}×{section.paper[1]:.0f} mm", "A4（210×297 mm）"
        )
        return
    if section.paper[0] > section.paper[1]:  # a table may lie across; then its margins turn with the paper
        return
    off = False
    for side, wanted in MARGINS.items():
        found = section.margins[side]
        if abs(found - wanted) > MM_OFF + ROUNDING:
            off = True
            yield fault(
                f"margin_{side}", place, f"{EDGES[side]}边距 {found:.1f} mm", f"{wanted:.0f} mm ±1 mm"
            )
    wide = section.paper[0] - section.margins["left"] - section.margins["right"]
    high = section.paper[1] - section.margins["top"] - section.margins["bottom"]
    if not off and (abs(wide - AREA[0]) > MM_OFF + ROUNDING or abs(high - AREA[1]) > MM_OFF + ROUNDING):
        yield fault("text_area", place, f"{wide:.1f}×{high:.1f} mm", "156×225 mm")


def _plain(roles: Roles) -> list[Para]:
    """Body text and what follows it, without headings in other faces and without tables."""
    return [para for para in roles.body if len(para.words) > 10] or roles.body


def _lines(section: Section, roles: Roles) -> Iterator[Finding]:
    """How many lines fit into 225 mm, by exact spacing or by the grid."""
    for para in _plain(roles):
        pitch = para.line or (section.pitch / 20 if section.grid in _LINED and para.snaps else 0.0)
        if not pitch:
            yield fault(
                "lines",
                f"第 {para.at} 段",
                "没有固定行距，也没有文档网格",
                "每面 22 行（固定行距约 28.95 磅）",
            )
            return
        if int(AREA[1] * POINTS / pitch + ROUNDING) != LINES:
            found = f"行距 {pitch:.1f} 磅，每面 {int(AREA[1] * POINTS / pitch + ROUNDING)} 行"
            yield fault("lines", f"第 {para.at} 段", found, "每面 22 行（行距约 28.95 磅）")


_LINED: Final = ("lines", "linesAndChars", "snapToChars")


def _characters(section: Section, roles: Roles) -> Iterator[Finding]:
    """How many characters of size 3 fit into 156 mm. A text in another size is told as `body_size` alone."""
    grid = section.char_space / 4096 if section.grid in ("linesAndChars", "snapToChars") else 0.0
    for para in _plain(roles):
        pitch = 16.0 + para.main.spacing + (grid if para.snaps else 0.0)
        fits = int(AREA[0] * POINTS / pitch + ROUNDING)
        if fits != CHARACTERS:
            yield fault(
                "characters",
                f"第 {para.at} 段",
                f"字距 {pitch:.2f} 磅，每行 {fits} 字",
                "每行 28 字（字距约 15.8 磅）",
            )


# Page numbers ------------------------------------------------------------------------------------


def _numbers(sheet: Sheet, section: Section) -> Iterator[Finding]:
    feet = {
        kind: next((para for para in paras if PAGE in para.text), None)
        for kind, paras in section.feet.items()
    }
    odd, even = feet.get("default"), feet.get("even")
    if odd is None or (sheet.odd_even and even is None):
        yield fault(
            "page_number_missing",
            "页脚",
            "没有页码" if odd is None else "双页没有页码",
            "版心下边缘之下居外侧的页码",
        )
        return
    for para in (each for each in (odd, even if sheet.odd_even else None) if each is not None):
        where = "页脚（双页）" if para is even else "页脚"
        if not DASHED.match(para.words):
            yield fault(
                "page_number_dash", where, f"“{para.words.replace(PAGE, '1')}”", "“— 1 —”，左右各一条一字线"
            )
        if abs(para.size - SIZE_4) > 0.1:
            yield fault("page_number_size", where, f"{para.size:g} 磅", "4 号（14 磅）")
        if para.font not in SONG:
            yield fault("page_number_font", where, para.font or "没有指定", "宋体")
    outside = odd.align == "outside"
    if not outside and not (
        sheet.odd_even and odd.align == "right" and even is not None and even.align == "left"
    ):
        found = "单双页位置相同" if not sheet.odd_even else "单页不在右或双页不在左"
        yield fault("page_number_sides", "页脚", found, "单页居右空一字，双页居左空一字")


# Letters -----------------------------------------------------------------------------------------


def _letter(section: Section) -> Iterator[Finding]:
    first = section.feet.get("first", ())
    if not section.title_page or any(PAGE in para.text for para in first):
        yield fault("letter_first_page", "首页页脚", "首页有页码", "信函首页不显示页码")
    for where, paras in (("首页上方", section.heads.get("first", ())), ("首页下方", first)):
        yield from _letter_rule(section, where, paras)


def _letter_rule(section: Section, where: str, paras: tuple[Para, ...]) -> Iterator[Finding]:
    """A double rule of 170 mm as a border of a paragraph; a drawn line cannot be measured and is let pass."""
    ruled = [(para, border) for para in paras for border in para.borders.values()]
    if not ruled:
        if not any(para.has_drawing for para in paras):
            yield fault("letter_rules", where, "没有红色双线", "长 170 mm 的红色双线")
        return
    wide = section.paper[0] - section.margins["left"] - section.margins["right"]
    for para, (kind, _size, _colour) in ruled:
        length = wide - (para.left + para.right) * 16 / POINTS
        if "ouble" not in kind and "thi" not in kind:
            yield fault("letter_rules", where, "单线", "红色双线")
        elif abs(length - LETTER_RULE) > MM_OFF + ROUNDING:
            yield fault("letter_rules", where, f"长 {length:.0f} mm", "长 170 mm")


def all_paras(sheet: Sheet) -> Iterator[Para]:
    """Paragraphs of the text and of the first section's heads."""
    return chain(sheet.paras, *sheet.sections[0].heads.values())
