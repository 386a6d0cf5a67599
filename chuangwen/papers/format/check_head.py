"""Checks of what stands above the text: copy number, urgency, mark, number, 签发人, red rule, title, main receivers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from chuangwen.papers.format.breaks import may_break, width
from chuangwen.papers.format.codes import Finding, fault
from chuangwen.papers.format.measures import FANGSONG, HEI, KAI, SIZE_2, SIZE_3, SONG_TITLE
from chuangwen.papers.format.reading import Para, Sheet
from chuangwen.papers.format.roles import ISSUE, KINDS, NUMBER, Roles, is_red

#: A title of these asks somebody to do something, so it must say whom.
NEED_RECEIVERS: Final = ("通知", "通知书", "请示", "通报", "函", "批复")
URGENCIES: Final = ("特急", "加急", "特提", "平急")
LONGEST_LINE: Final = 20.1  # characters of size 2 in 156 mm


def head_findings(sheet: Sheet, roles: Roles) -> Iterator[Finding]:
    yield from _corner(roles)
    yield from _mark(roles)
    yield from _number(roles)
    yield from _signer(roles)
    if roles.form != "letter":
        yield from _red_rule(roles)
    yield from _title(roles)
    yield from _to(roles)


def place(para: Para) -> str:
    """第 3 段“各镇人民政府、各…”."""
    words = re.sub(r"\s+", "", para.words)
    return f"第 {para.at} 段“{words[:8]}{'…' if len(words) > 8 else ''}”"


def sizes(code: str, para: Para, wanted: float, named: str) -> Iterator[Finding]:
    if abs(para.size - wanted) > 0.1:
        yield fault(code, place(para), f"{para.size:g} 磅", f"{named}（{wanted:g} 磅）")


def faces(code: str, para: Para, accepted: tuple[str, ...]) -> Iterator[Finding]:
    if para.font not in accepted:
        yield fault(code, place(para), para.font or "没有指定字体", accepted[0])


def _corner(roles: Roles) -> Iterator[Finding]:
    for para in roles.before:
        first = re.split(r"[\t\s]", para.words)[0]
        if first.isdigit() and para is not roles.mark and len(first) != 6:
            yield fault("copy_number", place(para), f"“{first}”，{len(first)} 位", "6 位阿拉伯数字")
        for run in para.runs:
            if run.text.strip() in URGENCIES and run.font not in HEI:
                yield fault("urgency_font", place(para), run.font or "没有指定字体", "3 号黑体")


def _mark(roles: Roles) -> Iterator[Finding]:
    mark = roles.mark
    if mark is None:
        yield fault("mark_missing", "版头", "没有", "红色的发文机关标志")
        return
    yield from faces("mark_font", mark, SONG_TITLE)
    if not is_red(mark):
        yield fault("mark_colour", place(mark), f"颜色 {mark.main.colour or '自动（黑）'}", "红色")
    if mark.align != "center":
        yield fault("mark_place", place(mark), "没有居中", "居中")


def _number(roles: Roles) -> Iterator[Finding]:
    para = roles.number
    if para is None:
        yield fault("number_missing", "版头", "没有", "机关代字〔年份〕顺序号，如 示创建办〔2026〕1号")
        return
    parts = [part.strip() for part in re.split(r"[\t\n]| {2,}|　", para.text) if part.strip()]
    text = next(part for part in parts if NUMBER.match(part) or ISSUE.match(part))
    if found := NUMBER.match(text):
        if not re.search(r"〔\d{4}〕", text):
            yield fault("number_brackets", place(para), f"“{text}”", "年份四位，用六角括号〔〕")
        if found[2]:
            yield fault("number_ordinal", place(para), f"“{text}”", "顺序号前不加“第”")
        if found[3].startswith("0"):
            yield fault("number_zero", place(para), f"“{text}”", "顺序号不编虚位，1 不写成 01")
    elif roles.form != "minutes":
        yield fault("number_missing", place(para), f"“{text}”", "机关代字〔年份〕顺序号")
    yield from faces("number_font", para, FANGSONG)
    yield from sizes("number_size", para, SIZE_3, "3 号")
    if roles.form == "file" and not roles.is_upward and para.align != "center":
        yield fault("number_place", place(para), "没有居中", "居中")


def _signer(roles: Roles) -> Iterator[Finding]:
    if not roles.is_upward or roles.form != "file":
        return
    para = next((each for each in roles.before if re.search(r"签\s*发\s*人\s*[：:]", each.text)), None)
    if para is None:
        yield fault("signer_missing", "版头", "没有", "上行文在发文字号右侧标注“签发人：姓名”")
        return
    _label, _colon, name = para.text.replace(":", "：").partition("签发人：")
    wanted = name.strip()[:1]
    run = next((run for run in reversed(para.runs) if wanted and wanted in run.text), None)
    if run is not None and run.font not in KAI:
        yield fault("signer_font", place(para), f"姓名 {run.font}", f"姓名 {KAI[0]}")


def _red_rule(roles: Roles) -> Iterator[Finding]:
    ruled = [para for para in roles.above if para.borders]
    if not ruled:
        if not any(para.has_drawing for para in roles.above):
            yield fault("red_rule_missing", "版头", "没有", "发文字号之下 4 mm 处与版心等宽的红色分隔线")
        return
    for para in ruled:
        for _kind, _size, colour in para.borders.values():
            if not re.match(r"^(F[0-9A-F]|E[0-9A-F]|D[0-9A-F]|C[0-9A-F])[0-4][0-9A-F]{3}$", colour):
                yield fault("red_rule_colour", place(para), f"颜色 {colour or '自动（黑）'}", "红色")


# Title and receivers -------------------------------------------------------------------------------


def _title(roles: Roles) -> Iterator[Finding]:
    if not roles.title:
        yield fault("title_missing", "主体", "没有", "2 号小标宋体的标题")
        return
    first, text = roles.title[0], roles.title_text
    yield from faces("title_font", first, SONG_TITLE)
    yield from sizes("title_size", first, SIZE_2, "2 号")
    if first.align != "center":
        yield fault("title_place", place(first), "没有居中", "居中")
    if text.endswith(("。", "，", "；", "：", "！")):
        yield fault("title_stop", place(first), f"以“{text[-1]}”结尾", "标题末尾不用标点")
    elif roles.form != "minutes" and not text.endswith(KINDS):
        yield fault("title_kind", place(first), f"“…{text[-6:]}”", "标题以文种结尾，如 通知、报告")
    yield from _breaks(roles)


def _breaks(roles: Roles) -> Iterator[Finding]:
    """Lines broken by hand: none torn inside a word, none longer than the text area."""
    lines = [line.strip() for para in roles.title for line in para.text.split("\n") if line.strip()]
    whole, at = "".join(lines), 0
    for line in lines[:-1]:
        at += len(line)
        if not may_break(whole, at):
            yield fault("title_break", place(roles.title[0]), f"在“{whole[at - 2 : at]}／{whole[at : at + 2]}”处回行",
                        "回行时词意完整")  # fmt: skip
    for line in lines:
        if width(line) > LONGEST_LINE and len(lines) > 1:
            yield fault(
                "title_break",
                place(roles.title[0]),
                f"一行 {width(line):g} 字，版心排不下",
                "每行不多于 20 字",
            )


def _to(roles: Roles) -> Iterator[Finding]:
    if roles.to is None:
        if roles.title and roles.title_text.endswith(NEED_RECEIVERS) and roles.form != "minutes":
            yield fault("to_missing", "标题之下", "没有", "主送机关，顶格，后标全角冒号")
        return
    if not roles.to.words.endswith("："):
        yield fault(
            "to_colon", place(roles.to), f"以“{roles.to.words[-1]}”结尾", "最后一个机关名称后标全角冒号"
        )
    if roles.to.first + roles.to.left > 0.3 or roles.to.text.startswith(("　", " ")):
        yield fault("to_place", place(roles.to), "有缩进", "居左顶格")
