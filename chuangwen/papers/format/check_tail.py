"""Checks of what stands below the text: 附件说明, 署名, 成文日期, 附注, 附件, lists of minutes, 版记."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from chuangwen.papers.format.breaks import width
from chuangwen.papers.format.check_head import faces, place, sizes
from chuangwen.papers.format.codes import Finding, fault
from chuangwen.papers.format.measures import CHARACTERS, FANGSONG, HEI, SIZE_3, SIZE_4
from chuangwen.papers.format.reading import Para, Sheet
from chuangwen.papers.format.roles import Roles

OFF: Final = 0.75  # characters a place may be off
THICK: Final = (7, 9)  # eighths of a point around 0.35 mm
THIN: Final = (5, 6)  # around 0.25 mm
RIGHT_DATE: Final = re.compile(r"^\d{4}年([1-9]|1[0-2])月([1-9]|[12]\d|3[01])日$")


def tail_findings(sheet: Sheet, roles: Roles) -> Iterator[Finding]:
    yield from _noted(roles)
    if roles.form == "minutes":
        yield from _people(roles)
    else:
        yield from _signature(roles)
    yield from _date(roles)
    yield from _notes(roles)
    for label, _paras in roles.attachments:
        yield from _label(label)
    yield from _imprint(sheet, roles)


# 附件说明 and 附件 -----------------------------------------------------------------------------------


def _noted(roles: Roles) -> Iterator[Finding]:
    if not roles.noted:
        if roles.attachments:
            yield fault(
                "noted_missing", "正文之下", "有附件，没有附件说明", "正文下空一行左空二字写“附件：名称”"
            )
        return
    first = roles.noted[0]
    if not re.match(r"^附\s*件\s*：", first.words):
        yield fault("noted_colon", place(first), "半角冒号", "“附件”后标全角冒号")
    start = first.left + first.first + len(first.text) - len(first.text.lstrip("　"))
    if abs(start - 2) > OFF:
        yield fault("noted_place", place(first), f"左空 {start:.1f} 字", "左空二字")
    for para in roles.noted:
        if para.words[-1] in "。；，、.":
            yield fault("noted_stop", place(para), f"以“{para.words[-1]}”结尾", "附件名称后不加标点")
    yield from _matching(roles)


def _matching(roles: Roles) -> Iterator[Finding]:
    """Names and count of the attachments against what is announced; attachments in files of their own are let pass."""
    names = [_bare(re.sub(r"^\s*(附\s*件\s*[：:])?\s*(\d+[.．、])?", "", para.words)) for para in roles.noted]
    if not roles.attachments:
        return
    if len(names) != len(roles.attachments):
        yield fault(
            "noted_mismatch",
            place(roles.noted[0]),
            f"说明 {len(names)} 个，后附 {len(roles.attachments)} 个",
            "两处一致",
        )
        return
    for name, (label, paras) in zip(names, roles.attachments, strict=True):
        # A title may stand in several paragraphs; the text itself begins with an indent.
        said = _bare("".join(para.words for para in paras[:4] if not para.table))
        if not said.startswith(name):
            title = paras[0].words if paras else "没有标题"
            yield fault("noted_mismatch", place(label), f"说明是“{name}”，附件是“{title}”", "名称一致")


def _bare(text: str) -> str:
    return re.sub(r"[\s《》。；，]", "", text)


def _label(para: Para) -> Iterator[Finding]:
    if not para.new_page:
        yield fault("attachment_page", place(para), "接排在前文之后", "另面编排")
    if para.words.endswith(("：", ":")):
        yield fault("attachment_label", place(para), f"“{para.words}”", "“附件”及顺序号后不加冒号")
    elif para.font not in HEI or abs(para.size - SIZE_3) > 0.1:
        yield fault("attachment_label", place(para), f"{para.font} {para.size:g} 磅", "3 号黑体")


# 署名, 成文日期, 附注 ---------------------------------------------------------------------------------


def _signature(roles: Roles) -> Iterator[Finding]:
    if roles.date is not None and not roles.signature:
        yield fault("signature_missing", place(roles.date), "成文日期之上没有署名", "发文机关署名")


def _date(roles: Roles) -> Iterator[Finding]:
    para = roles.date
    if para is None:
        yield fault("date_missing", "正文之下", "没有", "成文日期，如 2026年1月5日")
        return
    text = re.split(r"[\t　]", para.words)[-1]
    if not RIGHT_DATE.match(text):
        yield fault("date_form", place(para), f"“{text}”", "阿拉伯数字，年份四位，月、日不编虚位")
    elif roles.form != "minutes" and roles.signature:
        yield from _date_place(para, roles.signature)


def _span(para: Para) -> tuple[float, float]:
    """Where a line stands, in characters from the left edge of the text area."""
    wide = width(para.words)
    indent = para.left + para.first + width(para.text) - width(para.text.lstrip("　 \t"))
    if para.align == "right":
        trailing = width(para.text) - width(para.text.rstrip("　 "))
        return CHARACTERS - para.right - trailing - wide, CHARACTERS - para.right - trailing
    if para.align == "center":
        middle = (indent + CHARACTERS - para.right) / 2
        return middle - wide / 2, middle + wide / 2
    return indent, indent + wide


def _date_place(date: Para, names: list[Para]) -> Iterator[Finding]:
    """Right four characters and centred under the name; or two further right than the name where no seal comes."""
    left, right = _span(date)
    spans = [_span(para) for para in names]
    widest = max(spans, key=lambda span: span[1] - span[0])
    space = CHARACTERS - right
    centred = abs((left + right) - sum(widest)) / 2 <= OFF
    longer = widest[1] - widest[0] > right - left
    sealed = centred and (abs(space - 4) <= OFF or (longer and space >= 4 - OFF))
    unsealed = abs(left - widest[0] - 2) <= OFF and min(space, CHARACTERS - widest[1]) >= 2 - OFF
    if not sealed and not unsealed:
        yield fault(
            "date_place",
            place(date),
            f"右空 {space:.1f} 字",
            "右空四字，署名以成文日期为准居中（不加盖印章时见 7.3.5.2）",
        )


def _notes(roles: Roles) -> Iterator[Finding]:
    for para in roles.notes:
        if not re.match(r"^（.*）$", para.words, re.DOTALL):
            yield fault("note_brackets", place(para), "没有全角圆括号", "附注左空二字，加圆括号")


def _people(roles: Roles) -> Iterator[Finding]:
    if not roles.people:
        if roles.mark is not None and roles.mark.words.endswith("纪要"):
            yield fault("people_missing", "正文之下", "没有", "“出席：”后标单位、姓名")
        return
    for para in roles.people:
        first = next(run for run in para.runs if run.text.strip())
        if first.font not in HEI:
            yield fault("people_label", place(para), first.font or "没有指定字体", "“出席”用 3 号黑体")
        elif not re.match(r"^(出席|请假|列席|缺席|参加)：", para.words):
            yield fault("people_label", place(para), "没有全角冒号", "“出席”后标全角冒号")


# 版记 --------------------------------------------------------------------------------------------


def _imprint(sheet: Sheet, roles: Roles) -> Iterator[Finding]:
    if not roles.imprint:
        if roles.form != "letter":
            yield fault("imprint_missing", "末面", "没有", "抄送机关、印发机关和印发日期")
        return
    for para in roles.imprint:
        yield from faces("imprint_font", para, FANGSONG)
        yield from sizes("imprint_size", para, SIZE_4, "4 号")
        if re.match(r"^(抄送|抄报)", para.words) and not para.words.endswith("。"):
            yield fault("copies_stop", place(para), f"以“{para.words[-1]}”结尾", "最后一个抄送机关后标句号")
    if roles.after_imprint:
        yield fault("imprint_last", place(roles.after_imprint[0]), "版记之后还有文字", "版记置于最后")
    if roles.form != "letter":
        yield from _printed(roles)
        yield from _rules(sheet, roles)


def _printed(roles: Roles) -> Iterator[Finding]:
    last = roles.imprint[-1]
    found = re.search(r"(\d{4}\D+\d+\D+\d+日?|\S*年\S*月\S*日)\s*印发$", last.words)
    if found is None or not RIGHT_DATE.match(found[1].strip()):
        yield fault("printed_on", place(last), f"“{last.words[-14:]}”", "印发日期写成 2026年1月5日印发")


def _rules(sheet: Sheet, roles: Roles) -> Iterator[Finding]:
    """Outer rules 0.35 mm, inner 0.25 mm, from the borders of a table or of paragraphs; drawn lines are let pass."""
    first, last = roles.imprint[0], roles.imprint[-1]
    if first.table:
        given = sheet.rules.get(first.table, {})
        outer, inner = (
            [given.get("top"), given.get("bottom")],
            [given.get("insideH")] if len(roles.imprint) > 1 else [],
        )
    else:
        outer = [first.borders.get("top"), last.borders.get("bottom")]
        inner = [
            border
            for para in roles.imprint[:-1]
            for side, border in para.borders.items()
            if side in ("bottom", "between")
        ]
        if not any(outer) and any(para.has_drawing for para in sheet.paras[first.at - 3 :]):
            return
    if not all(outer):
        yield fault("imprint_rules", place(first), "首条或末条分隔线缺", "首条和末条分隔线 0.35 mm")
    elif any(border and not THICK[0] <= border[1] <= THICK[1] for border in outer):
        wide = next(border[1] for border in outer if border and not THICK[0] <= border[1] <= THICK[1])
        yield fault(
            "imprint_rules", place(first), f"粗线 {wide / 8 / 72 * 25.4:.2f} mm", "首条和末条分隔线 0.35 mm"
        )
    elif any(border is None or not THIN[0] <= border[1] <= THIN[1] for border in inner):
        yield fault("imprint_rules", place(first), "中间分隔线粗细不对或缺", "中间分隔线 0.25 mm")
