"""Checks of the text: face, size, indent, colour, levels 一、（一）1.（1）, punctuation, length."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from chuangwen.papers.format.check_head import place
from chuangwen.papers.format.codes import LIMITS, Finding, fault
from chuangwen.papers.format.measures import FANGSONG, HEI, KAI, SIZE_3
from chuangwen.papers.format.reading import Para
from chuangwen.papers.format.roles import Heading, Roles, heading

FACES: Final = {1: HEI, 2: KAI, 3: FANGSONG, 4: FANGSONG}
SHOWN: Final = {1: "一、", 2: "（一）", 3: "1.", 4: "（1）"}
INDENT_OFF: Final = 0.3  # characters
#: Commas and such of Latin type beside a Chinese character; a time 12:30 or a figure 1,000 has digits on both sides.
HALF: Final = re.compile(r"[\u4e00-\u9fff》」』”]\s?([,;:?!()])|([,;:?!()])[\u4e00-\u9fff《“]")
HEADING_ONLY: Final = 30  # characters; a longer paragraph is text that begins with a number


def text_findings(roles: Roles) -> Iterator[Finding]:
    marked = {found.para.at for found in roles.headings}
    for para in roles.body:
        if para.at not in marked:
            yield from _body(para)
        yield from _colours(para)
        yield from _punctuation(para)
    for para in (*roles.title, *([roles.to] if roles.to else [])):
        yield from _punctuation(para, whole=para is not roles.to)
    yield from _levels(roles.headings)
    for found in roles.headings:
        yield from _heading(found)
    for _label, paras in roles.attachments:
        inner = [one for para in paras if not para.table and (one := heading(para))]
        yield from _levels(inner)
    yield from _length(roles)


def _body(para: Para) -> Iterator[Finding]:
    if _is_caption(para):
        return
    if para.font not in FANGSONG:
        yield fault("body_font", place(para), para.font or "没有指定字体", f"3 号{FANGSONG[0]}")
    if abs(para.size - SIZE_3) > 0.1:
        yield fault("body_size", place(para), f"{para.size:g} 磅", "3 号（16 磅）")
    spaces = len(para.text) - len(para.text.lstrip("　"))
    if para.align != "center" and abs(para.first + para.left + spaces - 2) > INDENT_OFF:
        yield fault(
            "body_place", place(para), f"首行缩进 {para.first + para.left + spaces:.1f} 字", "左空二字"
        )


def _is_caption(para: Para) -> bool:
    """A short centred line is the heading of a table."""
    return para.align == "center" and len(para.words) <= 40


def _colours(para: Para) -> Iterator[Finding]:
    colours = sorted({run.colour for run in para.runs if run.colour and run.text.strip()})
    if colours:
        yield fault("colour", place(para), f"颜色 {colours[0]}", "黑色")


def _punctuation(para: Para, *, whole: bool = True) -> Iterator[Finding]:
    text = para.text
    if found := heading(para):  # its brackets are told as `heading_form`
        text = text.lstrip("　 \t")[len(found.prefix) :]
    if not whole:  # the colon behind the receivers is told as `to_colon`
        text = text.rstrip()[:-1]
    if hit := HALF.search(text):
        sign = hit[1] or hit[2]
        near = text[max(0, hit.start() - 2) : hit.end() + 2]
        yield fault("half_width", place(para), f"“{near}”中的半角“{sign}”", "全角标点")


# Levels ------------------------------------------------------------------------------------------


def _levels(headings: list[Heading]) -> Iterator[Finding]:
    """Numbers go on one by one, a level begins only below the one above it."""
    counts: dict[int, int] = {}
    above = 0
    for found in headings:
        if found.level > above + 1:
            wanted = SHOWN[above + 1]
            yield fault(
                "heading_order",
                place(found.para),
                f"在{SHOWN.get(above, '正文')}之下直接用“{found.prefix}”",
                f"先用“{wanted}”",
            )
        elif found.level in counts or found.number != 1:
            wanted_number = counts.get(found.level, 0) + 1
            if found.number != wanted_number:
                yield fault(
                    "heading_sequence", place(found.para), f"序号是第 {found.number}", f"第 {wanted_number}"
                )
        counts[found.level] = found.number
        for deeper in [level for level in counts if level > found.level]:
            del counts[deeper]
        above = found.level


def _heading(found: Heading) -> Iterator[Finding]:
    para, wanted = found.para, FACES[found.level]
    if not found.is_right:
        yield fault("heading_form", place(para), f"“{found.prefix}”", f"“{SHOWN[found.level]}”这样的写法")
    first = next((run for run in para.runs if run.text.strip()), para.main)
    if first.font not in wanted:
        yield fault(
            "heading_font", place(para), first.font or "没有指定字体", f"第 {found.level} 层用{wanted[0]}"
        )
    if abs(first.size - SIZE_3) > 0.1:
        yield fault("heading_size", place(para), f"{first.size:g} 磅", "3 号（16 磅）")
    rest = [
        run
        for run in para.runs
        if run.text.strip() and run is not first and run.font not in (*wanted, *FANGSONG)
    ]
    if rest:
        yield fault("body_font", place(para), rest[0].font or "没有指定字体", f"3 号{FANGSONG[0]}")
    is_alone = len(para.words) <= HEADING_ONLY and not re.search(r"[。；]", para.words[:-1])
    alone_in_face = all(run.font == first.font for run in para.runs if run.text.strip())
    if found.level < 3 and is_alone and alone_in_face and para.words[-1] in "。；，：":
        yield fault("heading_stop", place(para), f"以“{para.words[-1]}”结尾", "单独成行的标题末尾不用标点")
    total = para.first + para.left + len(para.text) - len(para.text.lstrip("　"))
    if abs(total - 2) > INDENT_OFF:
        yield fault("body_place", place(para), f"首行缩进 {total:.1f} 字", "左空二字")


def _length(roles: Roles) -> Iterator[Finding]:
    """Characters of the text without spaces, without title, signature, attachments and tables."""
    count = sum(len(re.sub(r"\s", "", para.text)) for para in roles.body)
    for limit in LIMITS:
        if limit.words and not any(word in roles.title_text for word in limit.words):
            continue
        if count > limit.characters:
            yield fault("length", "正文", f"{count} 字", f"不超过 {limit.characters} 字")
            return
