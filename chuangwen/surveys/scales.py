"""Whether a question's options fit it: they should weigh what the question asks about."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

_NEGATION: Final = re.compile(r"(?:不太|不够|不|没有|没|未)(?=[\u4e00-\u9fff])")
# Letters that say nothing of what is asked.
_EMPTY: Final = frozenset("不没未无有的了过吗呢很较比最一般都是个您你本市我在和与或及，。？、（）() ")
_OPEN: Final = re.compile(r"如何|怎么样|怎样|好不好|什么程度")
# Scales that answer an open question ("how is …?") of whatever it asks about.
_GRADES: Final = ("好", "满意", "优", "高", "强", "明显", "到位")


def stem(options: Sequence[str]) -> str:
    """The word a scale weighs, such as 满意 of 满意|一般|不满意; "" for options that are no such scale.

    It is found where one option denies what another says: 不好 against 好, 没参加过 against 经常参加.
    """
    found = ""
    for option in options:
        for denied in _NEGATION.finditer(option):
            rest = option[denied.end() :]
            for length in range(len(rest), len(found), -1):
                word = rest[:length]
                others = (_NEGATION.sub("", o) for o in options if o != option and f"不{word}" not in o)
                if any(word in other for other in others) and not set(word) <= _EMPTY:
                    found = word
                    break
    return found


def fits(question: str, options: Sequence[str]) -> bool:
    """Whether the options can answer the question; only a scale (好|一般|不好) is judged, anything else passes.

    A scale fits when a letter of its options stands in the question too (安全吗: 安全|一般|不安全; 知晓: 知道|不知道), or
    when the question is open (如何) and the scale grades (好, 满意). So it is a warning to look, not a verdict.
    """
    word = stem(options)
    if not word:
        return True
    letters = set("".join(options)) - _EMPTY
    if letters & set(question):
        return True
    return bool(_OPEN.search(question)) and any(grade in word for grade in _GRADES)
