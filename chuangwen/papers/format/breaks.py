"""Where the lines of a title break: even lines, trapezoid or diamond, no word torn that must stay whole (7.3.1)."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from itertools import pairwise
from typing import Final

#: Between these no line ends: inside quotation, book marks and numbers, before these signs and particles, after those.
_NOT_AT_START: Final = "，。、；：！？）》〉”’〕】%％·的了和与及或之等"
_NOT_AT_END: Final = "（《〈“‘〔【和与及或对在把被将"
_WHOLE: Final = re.compile(
    r"\d[\d.,]*[\u4e00-\u9fff]?|[A-Za-z]+|《[^》]{1,12}》|“[^”]{1,12}”|〔\d+〕|"
    r"全国文明城市|文明城市|创建工作|指挥部|办公室|人民政府|人民法院|测评体系|测评报告|实地考察|问卷调查|专项整治|整改通知书|"
    r"提示通知|交办通知|督办通知|会议纪要|责任单位|情况|通知|通报|报告|请示|方案|纪要|简报|关于|开展|印发|进一步|工作|问题|整治|"
    r"整改|督办|交办|管理|文明|创建|城市|单位|社区|街道|道路|排名|考核|测评|实施|活动|建设|环境|卫生"
)


def width(text: str) -> float:
    """In characters: a Latin letter or digit counts half."""
    return sum(1.0 if unicodedata.east_asian_width(each) in "WFA" else 0.5 for each in text)


def title_lines(title: str, longest: float = 19.0) -> tuple[str, ...]:
    """The title in lines of at most `longest` characters; breaks a person set ("\\n") are kept."""
    if "\n" in title:
        return tuple(each.strip() for each in title.split("\n") if each.strip())
    title = title.strip()
    count = max(1, -int(-width(title) // longest))
    while count < len(title):
        if found := _split(title, count, longest):
            return found
        count += 1
    return (title,)


def _split(title: str, count: int, longest: float) -> tuple[str, ...]:
    """The evenest division into `count` lines, empty where there is none."""
    places = [0, *(at for at in range(1, len(title)) if may_break(title, at)), len(title)]
    even = width(title) / count

    @cache
    def best(start: int, left: int) -> tuple[float, tuple[int, ...]]:
        if left == 1:
            rest = width(title[places[start] :])
            return ((rest - even) ** 2 if rest <= longest else float("inf")), ()
        found: tuple[float, tuple[int, ...]] = (float("inf"), ())
        for end in range(start + 1, len(places) - 1):
            size = width(title[places[start] : places[end]])
            if size > longest:
                break
            cost, more = best(end, left - 1)
            found = min(found, (cost + (size - even) ** 2, (places[end], *more)))
        return found

    cost, ends = best(0, count)
    if cost == float("inf"):
        return ()
    cuts = [0, *ends, len(title)]
    return tuple(title[a:b] for a, b in pairwise(cuts))


def may_break(title: str, at: int) -> bool:
    if title[at] in _NOT_AT_START or title[at - 1] in _NOT_AT_END:
        return False
    return not any(found.start() < at < found.end() for found in _WHOLE.finditer(title))
