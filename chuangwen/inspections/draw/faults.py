"""What can be wrong with a draw, its teams or its routes: a kind, its figures, and one sentence for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class FaultKind(StrEnum):
    """The names by which other layers word a fault; the figures each carries stand in `SENTENCES`."""

    EMPTY_REGISTER = "empty_register"
    NO_CODE = "no_code"
    DOUBLED_CODE = "doubled_code"
    NO_STRATUM = "no_stratum"
    NO_POINT = "no_point"
    BAD_POINT = "bad_point"
    BAD_MINUTES = "bad_minutes"
    BAD_SEED = "bad_seed"
    BAD_REST = "bad_rest"
    NOTHING_WANTED = "nothing_wanted"
    BAD_SIZE = "bad_size"
    UNKNOWN_STRATUM = "unknown_stratum"
    LARGER_THAN_STRATUM = "larger_than_stratum"
    TOO_FEW_LEFT = "too_few_left"
    UNKNOWN_EXCLUDED = "unknown_excluded"
    BAD_COUNT = "bad_count"
    BAD_MINIMUM = "bad_minimum"
    TOTAL_TOO_LARGE = "total_too_large"
    TOTAL_TOO_SMALL = "total_too_small"
    BAD_WEIGHT = "bad_weight"
    BAD_MARGIN = "bad_margin"
    BAD_CONFIDENCE = "bad_confidence"
    BAD_SHARE = "bad_share"
    BAD_HASH = "bad_hash"
    NO_TEAMS = "no_teams"
    DOUBLED_TEAM = "doubled_team"
    NOBODY_MAY = "nobody_may"
    BAD_DAY = "bad_day"
    BAD_SPEED = "bad_speed"
    BAD_DETOUR = "bad_detour"
    STOP_TOO_LONG = "stop_too_long"


SENTENCES: Mapping[FaultKind, str] = {
    FaultKind.EMPTY_REGISTER: "范围内没有点位，无从抽取。先扩大点位类型或区域的范围。",
    FaultKind.NO_CODE: "第 %(row)s 个点位没有编码，或编码含换行（“%(code)s”）。先在点位名录中改正编码。",
    FaultKind.DOUBLED_CODE: "点位编码 %(code)s 出现 %(times)s 次。名录中每个点位只保留一个编码。",
    FaultKind.NO_STRATUM: "点位 %(code)s 没有所属的层。先补全其点位类型和所在区域。",
    FaultKind.NO_POINT: "点位 %(code)s 没有坐标。先补上坐标，或将其列入排除。",
    FaultKind.BAD_POINT: "点位 %(code)s 的坐标（%(lon)s，%(lat)s）不是经纬度。先在点位名录中改正。",
    FaultKind.BAD_MINUTES: "点位 %(code)s 的停留时间为 %(minutes)s 分钟。停留时间不能为负数。",
    FaultKind.BAD_SEED: "种子“%(seed)s”不能用：种子不能为空，不能含换行，首尾不能有空格。",
    FaultKind.BAD_REST: "不重复的天数为 %(rest_days)s。填 0 或更大的整数，0 表示允许重复。",
    FaultKind.NOTHING_WANTED: "各层合计抽取 0 个点位。至少给一个层填上数量。",
    FaultKind.BAD_SIZE: "层“%(stratum)s”要抽 %(wanted)s 个。数量为 0 或更大的整数。",
    FaultKind.UNKNOWN_STRATUM: "要抽的层“%(stratum)s”（%(wanted)s 个）在名录中没有点位。核对层的名称，或取消该层。",
    FaultKind.LARGER_THAN_STRATUM: "层“%(stratum)s”要抽 %(wanted)s 个，名录中只有 %(places)s 个。减少该层数量，或合并到相近的层。",
    FaultKind.TOO_FEW_LEFT: (
        "层“%(stratum)s”要抽 %(wanted)s 个，可抽的只有 %(left)s 个，缺 %(missing)s 个："
        "共 %(places)s 个，其中 %(resting)s 个近期已抽过，%(excluded)s 个已排除。缩短不重复的天数，或减少该层数量。"
    ),
    FaultKind.UNKNOWN_EXCLUDED: "要排除的点位 %(code)s 不在名录中。核对其编码。",
    FaultKind.BAD_COUNT: "层“%(stratum)s”的点位数为 %(count)s。点位数为 0 或更大的整数。",
    FaultKind.BAD_MINIMUM: "每层最少数量为 %(minimum)s。填 0 或更大的整数。",
    FaultKind.TOTAL_TOO_LARGE: "共要抽 %(total)s 个，名录中只有 %(places)s 个。减少总数，或扩大范围。",
    FaultKind.TOTAL_TOO_SMALL: (
        "共要抽 %(total)s 个，不够分：%(strata)s 个层每层最少 %(minimum)s 个，共需 %(needed)s 个。增加总数，或合并小的层。"
    ),
    FaultKind.BAD_WEIGHT: "层“%(stratum)s”的离散程度为 %(weight)s。每个层都要有一个，且不能为负数。",
    FaultKind.BAD_MARGIN: "希望的误差为 %(margin)s。误差要大于 0。",
    FaultKind.BAD_CONFIDENCE: "置信度为 %(confidence)s。置信度在 0 与 1 之间，通常为 0.95。",
    FaultKind.BAD_SHARE: "复评比例为 %(share)s。比例在 0 与 1 之间。",
    FaultKind.BAD_HASH: "“%(hash)s”不是抽取结果的校验码。校验码为 64 位，由数字和字母 a 至 f 组成。",
    FaultKind.NO_TEAMS: "没有考察组，%(places)s 个点位无人可派。先建立考察组。",
    FaultKind.DOUBLED_TEAM: "考察组 %(team)s 出现 %(times)s 次。每个组只列一次。",
    FaultKind.NOBODY_MAY: "点位 %(code)s 无组可派：%(teams)s 个组都须回避。增加一个与其无关的组。",
    FaultKind.BAD_DAY: "每天可用 %(minutes)s 分钟。每天的时间要大于 0。",
    FaultKind.BAD_SPEED: "行进速度为每小时 %(speed)s 千米。速度要大于 0。",
    FaultKind.BAD_DETOUR: "绕行系数为 %(detour)s。路程不短于直线，系数不小于 1。",
    FaultKind.STOP_TOO_LONG: (
        "点位 %(code)s 往返加停留需 %(minutes)s 分钟，超过每天的 %(day)s 分钟。换一个较近的出发点，或延长每天的时间。"
    ),
}


@dataclass(frozen=True)
class Fault:
    """One fault. `figures` are the names and numbers its sentence speaks of."""

    kind: FaultKind
    figures: Mapping[str, object]

    @property
    def sentence(self) -> str:
        return SENTENCES[self.kind] % self.figures


class DrawFault(ValueError):
    """What was given cannot be used; `faults` holds every reason, in the order of what was given."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(fault.sentence for fault in self.faults))


def fault(kind: FaultKind, **figures: object) -> Fault:
    """A fault of that kind with its figures."""
    return Fault(kind, figures)


def refuse(faults: Iterable[Fault]) -> None:
    """Raise DrawFault if there are any faults."""
    found = tuple(faults)
    if found:
        raise DrawFault(found)
