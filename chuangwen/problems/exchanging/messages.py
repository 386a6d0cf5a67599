"""The messages city-management platforms exchange about one task, as words; no database, no transport.

The names of functions and fields are those of the platforms ("TaskDispatch", "ApplayOpter" with its slip of the pen),
after real samples of 数字城管 in Ningbo; see docs/decisions/0033-exchange-log.md.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from django.utils.translation import gettext_lazy as _

from chuangwen.kernel.worded import WordedError

DISPATCH, FEEDBACK, RETURN, DELAY, SUSPEND = "dispatch", "feedback", "return", "delay", "suspend"
MOST_TEXT: Final = 4_000  # of one field; theirs are at most 2,000

_SENTENCES: Final = {
    "empty": _("报文是空的。"),
    "too_large": _("报文有 %(size)s KB，超过 %(limit)s KB 的上限。图片给链接，不放在报文里。"),
    "encoding": _("报文的文字编码认不出来（不是 UTF-8，也不是 GB18030）。改用 UTF-8 再发。"),
    "xml": _("报文不是完整的 XML：第 %(line)s 行第 %(column)s 列读不下去。核对标签是否成对、& 和 < 是否转义。"),
    "entities": _("报文里带有 DTD 或实体定义，一律不读。去掉 <!DOCTYPE> 再发。"),
    "json": _("报文不是完整的 JSON：第 %(line)s 行第 %(column)s 列读不下去。"),
    "shape": _("报文里没有 function 和 params。按 TaskDispatch 等报文的格式写。"),
    "function": _("不认得的报文“%(name)s”。认得的有：%(known)s。"),
    "flag": _("ApplyFlag 是“%(value)s”，只认得 1（延期）和 2（挂账）。"),
    "missing": _("报文缺少：%(fields)s。补上再发。"),
    "long": _("字段 %(field)s 有 %(count)s 个字，最多 %(limit)s 个字。改短再发。"),
    "characters": _("字段 %(field)s 里有存不下来的字符（NUL 或半个字符）。改正再发。"),
    "number": _("字段 %(field)s 的“%(value)s”不是数。改正再发。"),
    "point": _("坐标 %(x)s, %(y)s 不在 %(projection)s 里。核对坐标和对接平台页上的坐标设置。"),
    "projection": _("坐标设置“%(projection)s”不认得。在对接平台页改成 EPSG 编号或 wgs84、gcj02、bd09。"),
    "time": _("字段 %(field)s 的“%(value)s”不是认得的时间。写成 2026-03-01 08:30:00。"),
    "span": _("延期多久看不懂：“%(value)s”。写成 2 工作日 或 8 小时。"),
}  # fmt: skip


class Unreadable(WordedError):
    """A message that cannot be read; the sentence says what and where."""

    sentences = _SENTENCES


class Picture(NamedTuple):
    """A picture by link, as their messages have it."""

    name: str
    url: str


@dataclass(frozen=True)
class Shape:
    """One kind of message: its function, its fields in their order, those it must have, the list of its pictures."""

    function: str
    fields: tuple[str, ...]
    required: tuple[str, ...]
    pictures: str = ""


SHAPES: Final[Mapping[str, Shape]] = {
    DISPATCH: Shape(
        "TaskDispatch",
        ("TaskNum", "FindTime", "EventSource", "EventType", "MainType", "SubType", "DistrictCode", "DistrictName",
         "StreetCode", "StreetName", "CommunityCode", "CommunityName", "CoordinateX", "CoordinateY", "EventAddress",
         "EventDescription", "EventPositionMap", "SendTime", "DealEndTime", "SendMemo", "DealTimeLimit", "DealUnit"),
        ("TaskNum", "MainType", "EventDescription"), "EventPictures",
    ),
    FEEDBACK: Shape(
        "TaskFeedBack", ("TaskNum", "FeedbackDate", "FeedbackMemo", "FeedbackOpter"), ("TaskNum", "FeedbackMemo"),
        "FeedbackPictures",
    ),
    RETURN: Shape(
        "TaskRollBack", ("TaskNum", "RollbackOpter", "RollbackDate", "RollbackMemo"), ("TaskNum", "RollbackMemo"),
    ),
    DELAY: Shape(
        "ApplyAccredit", ("TaskNum", "ApplayOpter", "ApplyFlag", "ApplyDelayInfo", "ApplyDate", "ApplyMemo"),
        ("TaskNum", "ApplyDelayInfo", "ApplyMemo"),
    ),
    SUSPEND: Shape(
        "ApplyAccredit", ("TaskNum", "ApplayOpter", "ApplyFlag", "ApplyDelayInfo", "ApplyDate", "ApplyMemo"),
        ("TaskNum", "ApplyMemo"),
    ),
}  # fmt: skip
FLAGS: Final = {"1": DELAY, "2": SUSPEND}
# Spellings of the same field met or to be expected.
_OTHERWISE: Final = {"applyopter": "ApplayOpter"}
_NAMES: Final = {name.casefold(): name for shape in SHAPES.values() for name in shape.fields} | _OTHERWISE
_FUNCTIONS: Final = {shape.function.casefold(): kind for kind, shape in SHAPES.items() if kind != SUSPEND}
_LISTS: Final = ("eventpictures", "feedbackpictures")


@dataclass(frozen=True)
class Message:
    """One message: its kind, its fields by their names (outer blanks off, empty ones left out), its pictures."""

    kind: str
    fields: Mapping[str, str] = field(default_factory=dict)
    pictures: tuple[Picture, ...] = ()

    @property
    def task(self) -> str:
        """The number both sides know the task by."""
        return self.fields.get("TaskNum", "")

    def get(self, name: str) -> str:
        return self.fields.get(name, "")

    @property
    def mark(self) -> str:
        """The same for the same message however it is wrapped or set: kind, task, and a hash of the content."""
        content = [self.kind, sorted(self.fields.items()), [list(each) for each in self.pictures]]
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        return f"{self.kind}:{self.task[:60]}:{hashlib.sha256(text.encode()).hexdigest()[:32]}"


def compose(kind: str, fields: Mapping[str, str], pictures: Iterable[Picture] = ()) -> Message:
    """A message of ours: blanks off, empty fields out, the flag of an application set."""
    given = {name: value.strip() for name, value in fields.items() if value.strip()}
    if kind in (DELAY, SUSPEND):
        given["ApplyFlag"] = "1" if kind == DELAY else "2"
    return Message(kind, given, tuple(pictures))


def understand(function: str, given: Mapping[str, str], pictures: Iterable[Picture]) -> Message:
    """The message of a function and its parameters as any format gave them. Raises Unreadable."""
    kind = _FUNCTIONS.get(function.strip().casefold())
    if kind is None:
        known = "、".join(dict.fromkeys(shape.function for shape in SHAPES.values()))
        raise Unreadable("function", name=function.strip()[:40], known=known)
    fields = {}
    for name, value in given.items():
        _check(name, value)
        if value.strip():
            fields[_NAMES.get(name.casefold(), name)] = value.strip()
    if kind == DELAY:
        flag = fields.get("ApplyFlag", "")
        if flag not in FLAGS:
            raise Unreadable("flag", value=flag[:20])
        kind = FLAGS[flag]
    missing = [name for name in SHAPES[kind].required if name not in fields]
    if missing:
        raise Unreadable("missing", fields="、".join(missing))
    shown = tuple(each for each in pictures if each.url.strip())
    for each in shown:
        _check("picture", each.name)
        _check("picture", each.url)
    return Message(kind, fields, shown)


def is_picture_list(name: str) -> bool:
    return name.casefold() in _LISTS


def _check(name: str, value: str) -> None:
    if len(value) > MOST_TEXT or (name.casefold() == "tasknum" and len(value.strip()) > 50):
        limit = 50 if name.casefold() == "tasknum" else MOST_TEXT
        raise Unreadable("long", field=name[:40], count=len(value), limit=limit)
    if any(each == "\0" or "\ud800" <= each <= "\udfff" for each in name + value):
        raise Unreadable("characters", field=name[:40].encode("ascii", "replace").decode())


_SPAN: Final = re.compile(
    r"(?:延期|延长)?\s*(\d{1,3}(?:\.\d)?)\s*(?:个)?\s*(工作日|工作时|工作小时|自然日|日|天|小时|时)\s*"
)
_SPAN_UNITS: Final = {
    "工作日": "work_day", "工作时": "work_hour", "工作小时": "work_hour", "自然日": "calendar_day", "日": "work_day",
    "天": "work_day", "小时": "work_hour", "时": "work_hour",
}  # fmt: skip


def span_of(text: str) -> tuple[str, str]:
    """How long a delay is asked for, as (amount, clock unit): 2 工作日, 8 小时; days and hours count as working ones."""
    found = _SPAN.fullmatch(text.strip())
    if found is None:
        raise Unreadable("span", value=text[:40])
    return found[1], _SPAN_UNITS[found[2]]


def moment(message: Message, name: str) -> dt.datetime | None:
    """A time of theirs, which has no zone and is the city's own; None when the field is empty. Raises Unreadable."""
    text = message.get(name)
    if not text:
        return None
    try:
        found = dt.datetime.fromisoformat(text.replace("/", "-"))
    except ValueError as fault:
        raise Unreadable("time", field=name, value=text[:40]) from fault
    if not 1970 <= found.year < 9999:  # the ends of the calendar have no UTC
        raise Unreadable("time", field=name, value=text[:40])
    return found


def oddities(message: Message) -> list[str]:
    """Names of times that do not go together: found after sent, ended before sent, more than a year between."""
    found, sent, end = (moment(message, name) for name in ("FindTime", "SendTime", "DealEndTime"))
    odd = []
    if found and sent:
        a, b = found.replace(tzinfo=None), sent.replace(tzinfo=None)
        if a > b or (b - a).days > 366:
            odd.append("FindTime–SendTime")
    if sent and end and end.replace(tzinfo=None) < sent.replace(tzinfo=None):
        odd.append("SendTime–DealEndTime")
    return odd
