"""From what was seen to points: one pure function over the six ways of grading, exact in thousandths of a point.

The figures of a rule come from the city's data (`standards.Grading.params`); this module knows only how they are used.
Fractions of a thousandth are rounded half up, once, at the end.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

FAIL, PASS, PART, NOT_HERE = 0, 1, 2, 3
FAULTY = (FAIL, PART)  # something is to be mended
MOST_COUNT = 9999


class BadGrade(ValueError):
    """A value that cannot be: the text says which and what would be right."""


class Graded(NamedTuple):
    """A result with its points and full points in thousandths; `counted` is the count as it is kept."""

    result: int
    points: int
    full: int
    counted: int | None


def grade(
    way: str, params: Mapping[str, Any], full: Decimal, *, result: int | None = None, count: int | None = None,
    band: str = "",
) -> Graded:  # fmt: skip
    """Points for one check item of full mark `full`.

    `result` is what was tapped (fail, pass, part, not here), `count` what was counted, `band` the band's letter; a
    count or band decides, the tap must not contradict it. Ways: pass_fail: all or nothing · points: each fault found
    takes the share `each` · bands: the share of the band · count_per_metre: each one missing of `count` on `metres`
    takes `each` · hotline: answered within `rings` · timed: at most `most`, or the share of `least` seen in `minutes`.

    Raises BadGrade for impossible values and rules whose figures are missing.
    """
    thousandths = _thousandths(full)
    if result == NOT_HERE:
        return Graded(NOT_HERE, 0, 0, None)
    if result not in (None, FAIL, PASS, PART):
        raise BadGrade(_("没有“%(result)s”这种结果。") % {"result": result})
    if count is not None and not 0 <= count <= MOST_COUNT:
        raise BadGrade(
            _("计数 %(count)s 不对，填 0 到 %(most)s 的整数。") % {"count": count, "most": MOST_COUNT}
        )
    share, kept = _share(way, params, result, count, band)
    found = PASS if share == 1 else FAIL if share == 0 else PART
    if (result == PASS) != (found == PASS) and result is not None:
        raise BadGrade(_("结果和计数对不上：%(count)s 时%(said)s。改其中一个。") % {
            "count": band or kept, "said": _("该得满分") if found == PASS else _("不能得满分")})  # fmt: skip
    points = int((share * thousandths).to_integral_value(ROUND_HALF_UP))
    return Graded(found, points, thousandths, kept)


def _thousandths(full: Decimal) -> int:
    value = full * 1000
    if not value.is_finite() or value < 0 or value != value.to_integral_value():
        raise BadGrade(_("分值 %(full)s 不能用，至多三位小数。") % {"full": full})
    return int(value)


def _share(
    way: str, params: Mapping[str, Any], result: int | None, count: int | None, band: str
) -> tuple[Decimal, int | None]:
    """The share of the full mark, 0 to 1, and the count to keep."""
    if way == "bands":
        return _band(params, result, count, band)
    if band:
        raise BadGrade(_("这一项不分档，去掉“%(band)s”。") % {"band": band})
    if way == "pass_fail":
        if result == PART:
            raise BadGrade(_("这一项只有达标或不达标。"))
        return _tapped(result), count
    if count is None:
        if result == PASS:
            return Decimal(1), None
        if result is None or way not in ("hotline", "timed") or "least" in params:
            raise BadGrade(_("写明计数。") if result is not None else _("没有结果，也没有计数。"))
        return Decimal(0), None
    return _counted(way, params, count), count


def _tapped(result: int | None) -> Decimal:
    if result is None:
        raise BadGrade(_("没有结果。"))
    return Decimal(result == PASS)


def _counted(way: str, params: Mapping[str, Any], count: int) -> Decimal:
    if way == "points":
        return max(Decimal(0), 1 - _figure(params, "each") * count)
    if way == "count_per_metre":
        missing = max(0, int(_figure(params, "count")) - count)
        return max(Decimal(0), 1 - _figure(params, "each") * missing)
    if way == "hotline":
        return Decimal(count <= _figure(params, "rings"))
    if way == "timed" and "least" in params:
        return min(Decimal(1), count / _figure(params, "least"))
    if way == "timed":
        return Decimal(count <= _figure(params, "most"))
    raise BadGrade(_("不认识的评分方式“%(way)s”。") % {"way": way})


def bands_of(params: Mapping[str, Any]) -> list[tuple[str, Decimal]]:
    """The bands, best first. Raises BadGrade for shares outside 0 to 1 or no bands."""
    found = [(str(name), _figure(params, name)) for name in params]
    if not found or any(not 0 <= share <= 1 for _name, share in found):
        raise BadGrade(_("评分办法的分档不对，每档写 0 到 1 之间的得分率。"))
    return sorted(found, key=lambda pair: (-pair[1], pair[0]))


def _band(params: Mapping[str, Any], result: int | None, count: int | None, band: str) -> tuple[Decimal, int]:
    bands = bands_of(params)
    names = [name for name, _share in bands]
    if band:
        if band not in names:
            raise BadGrade(
                _("没有“%(band)s”这一档，只有 %(names)s。") % {"band": band, "names": "、".join(names)}
            )
        at = names.index(band)
    elif count is not None:
        at = count
    elif result in (PASS, FAIL):
        at = 0 if result == PASS else len(bands) - 1
    else:
        raise BadGrade(_("选一档：%(names)s。") % {"names": "、".join(names)})
    if at >= len(bands):
        raise BadGrade(_("没有第 %(n)s 档，只有 %(names)s。") % {"n": at + 1, "names": "、".join(names)})
    return bands[at][1], at


def _figure(params: Mapping[str, Any], name: str) -> Decimal:
    try:
        value = Decimal(str(params[name]))
    except (KeyError, InvalidOperation) as fault:
        raise BadGrade(_("评分办法缺“%(name)s”这个参数，先在标准里补上。") % {"name": name}) from fault
    if not value.is_finite() or value < 0 or (value == 0 and name in ("least", "metres")):
        raise BadGrade(_("评分办法的参数“%(name)s”是 %(value)s，不能用。") % {"name": name, "value": value})
    return value
