"""Sentences of our own for simulated reports and answers, put together from the catalogue's words and the
place.
"""

from __future__ import annotations

from chuangwen.faces.cli.demo.cast import Cast, Spot
from chuangwen.problems.models import CaseKind, Source

_OPENERS = ("", "", "", "早上路过看到，", "昨天就有了，", "反映：", "又来说这件事，", "带孩子经过时发现，")
_TAILS = (
    "",
    "，有两三天了",
    "，影响走路",
    "，希望有人来看看",
    "，晚上更明显",
    "，边上就是学校",
    "，老人不方便",
    "，范围不大",
)
_TERSE = ("", "，一处", "，两处", "，约两平方米", "，占半边道", "，已拍照")
_DESK = (Source.PATROL, Source.VISIT, Source.TOUR, Source.COVERT, Source.RECHECK, Source.SUPERVISOR)
_DONE = (
    "已派人到现场处理",
    "已处理，现场恢复",
    "已安排班组当天处理",
    "已整改，加派人员看守",
    "已修复，试用正常",
)
_REFUTED = ("不在我单位管的范围", "权属是别的单位", "位置核对后不在本辖区", "问题种类选错")
_SHORT = ("现场还剩一处没有处理", "只处理了一半", "照片与现场不符，还要整改", "处理后又有新的")
_WAITING = ("等配件到货", "连日下雨，没法施工", "要先办占道手续", "要和产权方一起施工")


def sentence(cast: Cast, kind: CaseKind, spot: Spot, source: str) -> str:
    """One report in the words of its source; inspectors are terse, residents tell more."""
    pick = cast.world.pick
    said = pick(kind.keywords.split() or [kind.name])
    if source in _DESK:
        return f"{spot.words}，{kind.name}（{said}）{pick(_TERSE)}"
    return f"{pick(_OPENERS)}{spot.words}{said}{pick(_TAILS)}"


def done(cast: Cast, kind: CaseKind) -> str:
    closing = kind.close_when.split("，")[0]
    return f"{cast.world.pick(_DONE)}；{closing}。" if closing else cast.world.pick(_DONE)


def refuted(cast: Cast) -> str:
    return cast.word("return_reason", cast.world.pick(_REFUTED))


def short(cast: Cast) -> str:
    return cast.world.pick(_SHORT)


def waiting(cast: Cast) -> str:
    return cast.world.pick(_WAITING)
