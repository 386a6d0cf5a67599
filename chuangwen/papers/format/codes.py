"""What can be wrong with a paper: a code, the element it concerns, the clause of GB/T 9704-2012, whether words are at fault.

Limits of length are from 《整治形式主义为基层减负若干规定》 (2024), as its press reports give them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

SOURCE: Final = "GB/T 9704-2012"
BURDEN: Final = "整治形式主义为基层减负若干规定（2024年）"
PUNCTUATION: Final = "GB/T 15834-2011"


@dataclass(frozen=True)
class Code:
    element: str
    clause: str
    is_content: bool = False  # what a person wrote, not the look of it


CODES: Final = {
    "paper_size": Code("纸张", "5.1"),
    "margin_top": Code("天头", "5.2.1"),
    "margin_bottom": Code("下白边", "5.2.1"),
    "margin_left": Code("订口", "5.2.1"),
    "margin_right": Code("右白边", "5.2.1"),
    "text_area": Code("版心", "5.2.1"),
    "lines": Code("每面行数", "5.2.3"),
    "characters": Code("每行字数", "5.2.3"),
    "copy_number": Code("份号", "7.2.1", True),
    "urgency_font": Code("紧急程度", "7.2.3"),
    "mark_missing": Code("发文机关标志", "7.2.4", True),
    "mark_font": Code("发文机关标志", "7.2.4"),
    "mark_colour": Code("发文机关标志", "7.2.4"),
    "mark_place": Code("发文机关标志", "7.2.4"),
    "number_missing": Code("发文字号", "7.2.5", True),
    "number_brackets": Code("发文字号", "7.2.5", True),
    "number_zero": Code("发文字号", "7.2.5", True),
    "number_ordinal": Code("发文字号", "7.2.5", True),
    "number_font": Code("发文字号", "7.2.5"),
    "number_size": Code("发文字号", "7.2.5"),
    "number_place": Code("发文字号", "7.2.5"),
    "signer_missing": Code("签发人", "7.2.6", True),
    "signer_font": Code("签发人", "7.2.6"),
    "red_rule_missing": Code("版头分隔线", "7.2.7"),
    "red_rule_colour": Code("版头分隔线", "7.2.7"),
    "title_missing": Code("标题", "7.3.1", True),
    "title_font": Code("标题", "7.3.1"),
    "title_size": Code("标题", "7.3.1"),
    "title_place": Code("标题", "7.3.1"),
    "title_stop": Code("标题", "7.3.1", True),
    "title_break": Code("标题", "7.3.1"),
    "title_kind": Code("标题", "7.3.1", True),
    "to_missing": Code("主送机关", "7.3.2", True),
    "to_colon": Code("主送机关", "7.3.2", True),
    "to_place": Code("主送机关", "7.3.2"),
    "body_font": Code("正文", "5.2.2"),
    "body_size": Code("正文", "5.2.2"),
    "body_place": Code("正文", "7.3.3"),
    "colour": Code("文字颜色", "5.2.4"),
    "heading_form": Code("结构层次序数", "7.3.3", True),
    "heading_order": Code("结构层次序数", "7.3.3", True),
    "heading_sequence": Code("结构层次序数", "7.3.3", True),
    "heading_font": Code("层次标题", "7.3.3"),
    "heading_size": Code("层次标题", "5.2.2"),
    "heading_stop": Code("层次标题", PUNCTUATION, True),
    "half_width": Code("标点符号", PUNCTUATION, True),
    "noted_missing": Code("附件说明", "7.3.4", True),
    "noted_stop": Code("附件说明", "7.3.4", True),
    "noted_colon": Code("附件说明", "7.3.4", True),
    "noted_place": Code("附件说明", "7.3.4"),
    "noted_mismatch": Code("附件说明", "7.3.7", True),
    "signature_missing": Code("发文机关署名", "7.3.5", True),
    "date_missing": Code("成文日期", "7.3.5", True),
    "date_form": Code("成文日期", "7.3.5.4", True),
    "date_place": Code("成文日期", "7.3.5.1"),
    "note_brackets": Code("附注", "7.3.6", True),
    "attachment_page": Code("附件", "7.3.7"),
    "attachment_label": Code("附件", "7.3.7"),
    "people_missing": Code("出席人员名单", "10.3", True),
    "people_label": Code("出席人员名单", "10.3"),
    "imprint_missing": Code("版记", "7.4", True),
    "imprint_rules": Code("版记分隔线", "7.4.1"),
    "imprint_font": Code("版记", "7.4"),
    "imprint_size": Code("版记", "7.4"),
    "imprint_last": Code("版记", "7.4"),
    "copies_stop": Code("抄送机关", "7.4.2", True),
    "printed_on": Code("印发日期", "7.4.3", True),
    "page_number_missing": Code("页码", "7.5"),
    "page_number_dash": Code("页码", "7.5"),
    "page_number_font": Code("页码", "7.5"),
    "page_number_size": Code("页码", "7.5"),
    "page_number_sides": Code("页码", "7.5"),
    "letter_rules": Code("信函红色双线", "10.1"),
    "letter_first_page": Code("信函首页页码", "10.1"),
    "length": Code("篇幅", BURDEN, True),
}


@dataclass(frozen=True)
class Limit:
    """A limit of length in characters; `words` in a title say that it holds, none of them means always."""

    characters: int
    words: tuple[str, ...]
    source: str


LIMITS: Final = (
    Limit(4000, ("专项", "专题"), BURDEN),
    Limit(5000, (), BURDEN),
)


@dataclass(frozen=True)
class Finding:
    """One fault: `place` is where, `found` what is there, `should` what should be, `clause` by what."""

    code: str
    element: str
    place: str
    found: str
    should: str
    clause: str

    @property
    def is_content(self) -> bool:
        return CODES[self.code].is_content

    @property
    def sentence(self) -> str:
        return f"{self.element}（{self.place}）：现在是{self.found}，应是{self.should}。依据 {self.clause}。"

    def as_data(self) -> dict[str, Any]:
        names = ("code", "element", "place", "found", "should", "clause")
        return {name: getattr(self, name) for name in names}


def fault(code: str, place: str, found: str, should: str) -> Finding:
    """A finding with element and clause of its code."""
    one = CODES[code]
    clause = one.clause if one.clause in (BURDEN, PUNCTUATION) else f"{SOURCE} {one.clause}"
    return Finding(code, one.element, place, found, should, clause)


MOST_PLACES: Final = 3


def gathered(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The same fault at several places told once, with the first places and how many there are."""
    groups: dict[tuple[str, str, str], list[Finding]] = {}
    for each in findings:
        groups.setdefault((each.code, each.found, each.should), []).append(each)
    told = []
    for same in groups.values():
        place = "、".join(each.place for each in same[:MOST_PLACES])
        if len(same) > MOST_PLACES:
            place += f" 等 {len(same)} 处"
        first = same[0]
        told.append(Finding(first.code, first.element, place, first.found, first.should, first.clause))
    return tuple(told)
