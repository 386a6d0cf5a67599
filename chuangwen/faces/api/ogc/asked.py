"""Reading the parameters of a list of features: limit, bbox, datetime, reference system (17-069r4, 7.15)."""

from __future__ import annotations

import datetime as dt
import math
import re
from dataclasses import dataclass

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from chuangwen.faces.api.ogc.answers import Fault

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
MOST, USUAL = 10_000, 100
LIST = ("limit", "bbox", "datetime", "after", "crs", "bbox-crs")
SECOND = dt.timedelta(seconds=1)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)")

Box = tuple[float, float, float, float]
"""West, south, east and north in WGS-84 degrees, west never east of east."""


@dataclass(frozen=True)
class Asked:
    """Which features: in any of the boxes, reported from `since` and before `before`, after this key of the list."""

    limit: int = USUAL
    boxes: tuple[Box, ...] = ()
    since: dt.datetime | None = None
    before: dt.datetime | None = None
    after: str = ""


def asked_of(given: dict[str, str]) -> Asked:
    """The filters of a list. Raises Fault 400."""
    for name in ("crs", "bbox-crs"):
        check_crs(given, name)
    since, before = span(given["datetime"]) if "datetime" in given else (None, None)
    boxes = boxes_of(given["bbox"]) if "bbox" in given else ()
    return Asked(limit_of(given.get("limit", str(USUAL))), boxes, since, before, given.get("after", ""))


def check_crs(given: dict[str, str], name: str) -> None:
    if given.get(name, CRS84) != CRS84:
        raise Fault(400, _("%(name)s 只能是 %(crs)s。") % {"name": name, "crs": CRS84})


def limit_of(text: str) -> int:
    """More than the most is the most (fc-limit-response)."""
    if not re.fullmatch("[0-9]{1,9}", text) or int(text) < 1:
        raise Fault(400, _("limit 是 1 到 %(n)d 的整数。") % {"n": MOST})
    return min(MOST, int(text))


def boxes_of(text: str) -> tuple[Box, ...]:
    """One box, or two where it crosses the line of 180°; of six numbers the heights are left aside."""
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) not in (4, 6) or not all(math.isfinite(number) for number in numbers):
        raise Fault(400, _("bbox 是用逗号隔开的 4 个或 6 个数：西、南、东、北，例如 112.9,34.7,113.1,34.8。"))
    half = len(numbers) // 2
    west, south, east, north = numbers[0], numbers[1], numbers[half], numbers[half + 1]
    if max(abs(west), abs(east)) > 180 or max(abs(south), abs(north)) > 90 or south > north:
        raise Fault(400, _("bbox 的经度在 ±180、纬度在 ±90 之内，南不大于北。"))
    if west <= east:
        return ((west, south, east, north),)
    return ((west, south, 180.0, north), (-180.0, south, east, north))


def span(text: str) -> tuple[dt.datetime | None, dt.datetime | None]:
    """From and before; a moment is its whole second, as moments are written here without fractions."""
    first, slash, last = text.partition("/")
    if not slash:
        return moment(first), moment(first) + SECOND
    since = None if first in ("", "..") else moment(first)
    until = None if last in ("", "..") else moment(last)
    if (since is None and until is None) or (since and until and since > until):
        raise Fault(400, _("datetime 的时段至少有一头，起不晚于止，例如 2026-11-01T00:00:00Z/..。"))
    return since, until + SECOND if until else None


def moment(text: str) -> dt.datetime:
    """An RFC 3339 moment with its offset. Raises Fault 400."""
    try:
        found = parse_datetime(text.upper()) if _MOMENT.fullmatch(text) else None
    except ValueError:
        found = None
    if found is None or not 1900 < found.year < 2200:
        raise Fault(400, _("datetime 写成 2026-11-22T08:30:00Z 这样，带时区。"))
    return found
