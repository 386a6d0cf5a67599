"""Which paragraph is what: mark, number, title, main receivers, headings, signature, date, attachments, 版记.

A role is known by words and place, only where those do not tell by look, so that a wrong look is found and not overlooked.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from chuangwen.papers.format.content import Form
from chuangwen.papers.format.reading import Para, Sheet

HAN: Final = "一二三四五六七八九十"
NUMBER: Final = re.compile(
    r"^[^\s。，、]{0,24}?\s*[〔\[［（(【{〖]\s*(\d{2,4})\s*年?[〕\]］）)】}〗]\s*(第?)\s*(\d+)\s*号"
)
ISSUE: Final = re.compile(r"^(〔\d{4}〕\d+号|[（(]?第\s*[\d一二三四五六七八九十百]+\s*[期次号][）)]?)$")
DATE: Final = re.compile(
    r"^\s*(\d{4}\s*[年.\-/]\s*\d{1,2}\s*[月.\-/]\s*\d{1,2}\s*日?|[〇○零一二三四五六七八九]{4}年[一二三四五六七八九十]+月[一二三四五六七八九十]+日)\s*$"
)
KINDS: Final = (
    "决议", "决定", "命令", "令", "公报", "公告", "通告", "意见", "通知", "通知书", "通报", "报告", "请示", "批复", "议案", "函", "纪要",
    "方案", "简报", "办法", "规定", "细则", "规划", "计划", "要点", "总结", "制度", "预案", "清单", "测评报告", "督办函",
)  # fmt: skip
#: 报告 to a superior body; one of a test or an inquiry is none.
NOT_UPWARD: Final = ("测评报告", "调研报告", "调查报告", "检测报告", "评估报告")
HEADINGS: Final = (
    (1, re.compile(rf"^([{HAN}]+)(、|[.．,，:：]|\s)")),
    (2, re.compile(rf"^([（(])([{HAN}]+)([）)])(、?)")),
    (3, re.compile(r"^(\d{1,2})([.．、])(?!\d)")),
    (4, re.compile(r"^([（(])(\d{1,2})([）)])(、?)")),
)
ATTACHMENT: Final = re.compile(r"^附\s*件\s*(\d*)\s*[：:]?$")
IMPRINT: Final = re.compile(r"^(抄送|抄报|分送|主送)\s*[：:]|印发\s*$|^印发机关")
MARKS: Final = ("文件", "纪要", "简报", "快报", "专报")
PEOPLE: Final = re.compile(r"^(出席|请假|列席|缺席|参加)\s*[：:]?")


@dataclass(frozen=True)
class Heading:
    level: int
    number: int
    para: Para
    prefix: str
    is_right: bool  # the form of the number


@dataclass
class Roles:
    """The parts found, empty or None where there is none."""

    form: Form = "file"
    before: list[Para] = field(default_factory=list)  # everything with words above the title
    above: list[Para] = field(
        default_factory=list
    )  # the same with empty paragraphs, which may carry the red rule
    mark: Para | None = None
    number: Para | None = None
    title: list[Para] = field(default_factory=list)
    to: Para | None = None
    body: list[Para] = field(default_factory=list)
    headings: list[Heading] = field(default_factory=list)
    noted: list[Para] = field(default_factory=list)
    signature: list[Para] = field(default_factory=list)
    date: Para | None = None
    notes: list[Para] = field(default_factory=list)
    people: list[Para] = field(default_factory=list)
    attachments: list[tuple[Para, list[Para]]] = field(default_factory=list)
    imprint: list[Para] = field(default_factory=list)
    after_imprint: list[Para] = field(default_factory=list)

    @property
    def title_text(self) -> str:
        return re.sub(r"\s", "", "".join(para.text for para in self.title))

    @property
    def is_upward(self) -> bool:
        return self.title_text.endswith(("请示", "报告")) and not self.title_text.endswith(NOT_UPWARD)


def find_roles(sheet: Sheet) -> Roles:
    """Goes through the paragraphs once from the top and once from the foot."""
    roles = Roles()
    filled = [para for para in sheet.paras if para.words]
    heads = [para for kind in sheet.sections[0].heads.values() for para in kind if para.words]
    rest = _imprint(filled, roles)
    rest = _head(rest, roles, heads)
    below = rest[0].at if rest else len(sheet.paras) + 1
    roles.above = [para for para in sheet.paras if para.at < below]
    rest = _title(rest, roles)
    rest = _attachments(rest, roles)
    _main(rest, roles)
    return roles


def is_red(para: Para) -> bool:
    colour = para.main.colour
    return (
        len(colour) == 6
        and int(colour[:2], 16) > 170
        and int(colour[2:4], 16) < 90
        and int(colour[4:], 16) < 90
    )


def _imprint(filled: list[Para], roles: Roles) -> list[Para]:
    """版记: from the first 抄送 or 印发 near the end on; what follows it is kept apart."""
    places = [at for at, para in enumerate(filled) if IMPRINT.search(para.words) and at >= len(filled) // 2]
    places = [at for at in places if not para_is_head(filled[at])]
    if not places:
        return filled
    first, last = places[0], places[-1]
    roles.imprint = filled[first : last + 1]
    roles.after_imprint = filled[last + 1 :]
    return filled[:first]


def para_is_head(para: Para) -> bool:
    """A heading such as 一、印发 is no 版记."""
    return any(pattern.match(para.words) for _level, pattern in HEADINGS)


def _head(rest: list[Para], roles: Roles, heads: Sequence[Para]) -> list[Para]:
    """Everything above the title: mark, number, copy number, urgency, 签发人."""
    end = next((at for at, para in enumerate(rest[:25]) if _is_title(para)), None)
    if end is None:  # no title: up to the last line that can only stand above one
        known = [at for at, para in enumerate(rest[:25]) if NUMBER.match(para.words) or _is_mark(para)]
        end = known[-1] + 1 if known else 0
    roles.before = rest[:end]
    for para in roles.before:
        parts = [part.strip() for part in re.split(r"[\t\n]| {2,}|　", para.text) if part.strip()]
        if roles.number is None and any(NUMBER.match(part) or ISSUE.match(part) for part in parts):
            roles.number = para
    marks = [para for para in heads if _is_mark(para, in_head=True)]
    marks += [para for para in roles.before if para is not roles.number and _is_mark(para)]
    roles.mark = marks[0] if marks else None
    if roles.mark in heads:
        roles.form = "letter"
    elif roles.mark is not None and roles.mark.words.endswith(MARKS[1:]):
        roles.form = "minutes"
    return rest[end:]


def _is_mark(para: Para, *, in_head: bool = False) -> bool:
    """By colour, or by what it ends with; in the head of a page only size tells."""
    if is_red(para) and para.size >= 20 and len(para.words) >= 4:
        return True
    return para.size >= 24 and (in_head or para.words.endswith(MARKS))


def _is_title(para: Para) -> bool:
    """By size, or a kind of paper at its end; never the mark or the number."""
    text = re.sub(r"\s", "", para.words)
    if (
        para.table
        or _is_mark(para)
        or is_red(para)
        or NUMBER.match(text)
        or ISSUE.match(text)
        or len(text) < 4
    ):
        return False
    return para.size >= 20 or (text.rstrip("。").endswith(KINDS) and not para.first and para.size > 0)


def _title(rest: list[Para], roles: Roles) -> list[Para]:
    for at, para in enumerate(rest):
        if at and (para.size != rest[0].size or para.size < 18 or para.align != rest[0].align):
            return rest[at:]
        if not at and not _is_title(para):
            return rest
        roles.title.append(para)
    return []


def _attachments(rest: list[Para], roles: Roles) -> list[Para]:
    """From a paragraph that is only 附件 or 附件2 on, behind the first third."""
    places = [at for at, para in enumerate(rest) if ATTACHMENT.match(para.words) and not para.table]
    for at, end in pairwise([*places, len(rest)]):
        roles.attachments.append((rest[at], rest[at + 1 : end]))
    return rest[: places[0]] if places else rest


def _main(rest: list[Para], roles: Roles) -> None:
    rest = _to(rest, roles)
    rest = _tail(rest, roles)
    at = next((at for at, para in enumerate(rest) if re.match(r"^附\s*件\s*[：:]", para.words)), len(rest))
    roles.noted = rest[at : at + 1]
    for para in rest[at + 1 :]:
        if not re.match(r"^\d+\s*[.．、]", para.words):
            break
        roles.noted.append(para)
    roles.body = [para for para in rest[:at] if not para.table]
    roles.people = (
        [para for para in roles.body if PEOPLE.match(para.words)] if roles.form == "minutes" else []
    )
    roles.body = [para for para in roles.body if para not in roles.people]
    roles.headings = [found for para in roles.body if (found := heading(para))]


def _to(rest: list[Para], roles: Roles) -> list[Para]:
    """The paragraph below the title that names receivers: ends with a colon, or stands flush left and ends no sentence."""
    if not rest or roles.form == "minutes" or heading(rest[0]) or rest[0].table:
        return rest
    text = rest[0].words
    flush = rest[0].first + rest[0].left < 0.5 and not rest[0].text.startswith(("　", "  "))
    if len(text) < 300 and (
        (re.search(r"[：:]$", text) and "。" not in text) or (flush and text[-1] not in "。！？；")
    ):
        roles.to = rest[0]
        return rest[1:]
    return rest


def _tail(rest: list[Para], roles: Roles) -> list[Para]:
    """成文日期 with 署名 above it and 附注 below it, from the foot."""
    at = next(
        (at for at in range(len(rest) - 1, -1, -1) if DATE.match(rest[at].words) and not rest[at].table), None
    )
    if at is None:
        if roles.form == "minutes":
            roles.date = next(
                (para for para in roles.before if DATE.match(re.split(r"[\t　]", para.words)[-1])), None
            )
        return rest
    roles.date, roles.notes = rest[at], rest[at + 1 :]
    start = at
    while start and at - start < 4 and _is_signature(rest[start - 1]):
        start -= 1
    roles.signature = rest[start:at]
    return rest[:start]


def _is_signature(para: Para) -> bool:
    text = para.words
    short = len(text) <= 36 and text[-1] not in "。；：，！？" and not re.match(r"^(附|\d+[.．])", text)
    apart = (
        para.align in ("right", "center")
        or para.left + para.first > 5
        or len(para.text) - len(para.text.lstrip()) > 5
    )
    return short and apart and not para.table and heading(para) is None


def heading(para: Para) -> Heading | None:
    """The heading a paragraph begins with, by its number; None for plain text."""
    text = para.text.lstrip("　 \t")
    for level, pattern in HEADINGS:
        if not (found := pattern.match(text)):
            continue
        digits = found[1] if level in (1, 3) else found[2]
        right = {
            1: found[0].endswith("、"),
            2: found[0].startswith("（") and found[0].endswith("）"),
            3: found[0].endswith((".", "．")),
            4: found[0] in (f"（{digits}）", f"({digits})"),
        }[level]
        number = int(digits) if digits.isdigit() else _counted(digits)
        return Heading(level, number, para, found[0], right)
    return None


def _counted(text: str) -> int:
    """二十一 → 21; 0 for what is no number."""
    tens, ten, ones = text.partition("十")
    if not ten:
        return HAN.find(text) + 1 if len(text) == 1 else 0
    return (HAN.find(tens) + 1 if tens else 1) * 10 + (HAN.find(ones) + 1 if ones else 0)
