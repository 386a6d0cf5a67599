"""What people write into cells: numbers, dates, yes and no, choices — each in the many ways it is written."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final, Literal

from django.utils.translation import gettext as _

Kind = Literal["text", "int", "decimal", "date", "datetime", "bool", "choice"]


@dataclass(frozen=True)
class Column:
    """A column that is looked for in a table.

    `titles` are the header texts accepted for it, the first is the one shown. `choices` are the words
    allowed, or a mapping from word to value. `fill_down`: an empty cell takes the value above (merged cells).
    """

    key: str
    titles: tuple[str, ...]
    required: bool = False
    kind: Kind = "text"
    choices: Mapping[str, Any] | Sequence[str] | None = None
    max_length: int | None = None
    fill_down: bool = False


class Unreadable(ValueError):
    """A cell that does not hold what its column asks for; the message is a sentence without its place."""


_NUMBER: Final = re.compile(r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+)?(?:[eE][+-]?\d{1,2})?")
#: NUL is refused by PostgreSQL, half of a surrogate pair by UTF-8; JSON can carry both as escapes.
UNSTORABLE: Final = re.compile("[\0\ud800-\udfff]")
_DATE: Final = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?"
    r"(?:[\sT]*(?:星期[一二三四五六日])?\s*(上午|下午)?\s*(\d{1,2})\s*[:时点]\s*(\d{1,2})"
    r"\s*(?:[:分]\s*(?:(\d{1,2})(?:\.\d+)?\s*秒?)?)?)?")
_COMPACT: Final = re.compile(r"(\d{4})(\d{2})(\d{2})")
_SERIAL: Final = re.compile(r"\d{5}(?:\.\d+)?")
_YES: Final = {"是", "有", "对", "√", "✓", "✔", "1", "true", "yes", "y", "已"}
_NO: Final = {"否", "无", "没有", "错", "×", "x", "✗", "✘", "0", "false", "no", "n", "未"}
#: Day 0 of Excel's calendar for dates from 1 March 1900 on; before, Excel counts a day that never was.
_DAY_ZERO: Final = datetime(1899, 12, 30)
_LAST_SERIAL: Final = 2_958_466  # 1 January 10000
_EXACT: Final = 10**15  # a spreadsheet keeps 15 digits of a number


def plain(value: object) -> str:
    """Half-width text without outer blanks: what numbers, dates and titles are compared by."""
    return unicodedata.normalize("NFKC", str(value)).strip()


def shown(value: object) -> str:
    """A cell's value as a spreadsheet shows it, for a text column and for messages."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return format(Decimal(f"{value:.15g}"), "f") if abs(value) < 1e300 else str(value)
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds")
    return value.strip() if isinstance(value, str) else str(value)


def read_cell(column: Column, value: object) -> Any:
    """The value of a cell for `column`: str, int, Decimal, date, datetime, bool or a choice; None when empty.

    Raises `Unreadable`.
    """
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    match column.kind:
        case "int":
            return _whole(value)
        case "decimal":
            return _decimal(value)
        case "date":
            return _moment(value).date()
        case "datetime":
            return _moment(value)
        case "bool":
            return _yes_or_no(value)
        case "choice":
            return _choice(column, value)
        case "text":
            return _text(column, value)


def _text(column: Column, value: object) -> str:
    if isinstance(value, float) and abs(value) >= _EXACT:
        raise Unreadable(_("超过 15 位的数字被表格软件改动了末尾几位。把这一列设为“文本”格式，重新填写"))
    text = shown(value)
    if UNSTORABLE.search(text):
        raise Unreadable(_("里有存不下来的字符（NUL 或半个字符）。改正"))
    if column.max_length is not None and len(text) > column.max_length:
        raise Unreadable(_("有 %(count)s 个字，最多 %(limit)s 个字。改短") % {
            "count": len(text), "limit": column.max_length})
    return text


def _decimal(value: object) -> Decimal:
    if isinstance(value, float | int) and not isinstance(value, bool):
        return Decimal(f"{value:.15g}") if isinstance(value, float) else Decimal(value)
    text = plain(value).replace(" ", "").replace("−", "-")
    percent = text.endswith("%")
    text = text.removesuffix("%")
    if not isinstance(value, str) or len(text) > 40 or not text or not _NUMBER.fullmatch(text) \
            or not any(c.isdigit() for c in re.split("[eE]", text)[0]):
        raise Unreadable(_("不是数字。填写数字，不带单位"))
    number = Decimal(text.replace(",", ""))
    return number.scaleb(-2) if percent else number


def _whole(value: object) -> int:
    number = _decimal(value)
    if number != number.to_integral_value():
        raise Unreadable(_("不是整数。填写整数，不带单位"))
    if isinstance(value, float) and abs(value) >= _EXACT:
        raise Unreadable(_("超过 15 位的数字被表格软件改动了末尾几位。把这一列设为“文本”格式，重新填写"))
    return int(number)


def _moment(value: object) -> datetime:
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    if isinstance(value, date):
        return datetime.combine(value, time())
    text = plain(shown(value))
    try:
        if found := _DATE.fullmatch(text):
            year, month, day, half, hour, minute, second = found.groups()
            late = 12 if half == "下午" and int(hour) < 12 else 0
            return datetime(int(year), int(month), int(day), int(hour or 0) + late, int(minute or 0),
                            int(second or 0))
        if found := _COMPACT.fullmatch(text):
            return datetime(*map(int, found.groups()))  # type: ignore[arg-type]
        serial = float(text) if isinstance(value, int | float) or _SERIAL.fullmatch(text) else 0.0
        if not isinstance(value, bool) and 61 <= serial < _LAST_SERIAL:
            return _DAY_ZERO + timedelta(seconds=round(serial * 86_400))
    except (ValueError, OverflowError):
        pass
    raise Unreadable(_("不是认得的日期。写成 2026-03-01、2026/3/1 或 2026年3月1日"))


def _yes_or_no(value: object) -> bool:
    if isinstance(value, bool):
        return value
    word = plain(shown(value)).casefold()
    if word in _YES or word in _NO:
        return word in _YES
    raise Unreadable(_("不是“是”或“否”。填写“是”或“否”"))


def _choice(column: Column, value: object) -> Any:
    choices = column.choices or ()
    word = plain(shown(value)).casefold()
    for choice in choices:
        if plain(choice).casefold() == word:
            return choices[choice] if isinstance(choices, Mapping) else choice
    some = "、".join(list(map(str, choices))[:12]) + ("……" if len(choices) > 12 else "")
    raise Unreadable(_("不在可选的值之中。可选：%(choices)s") % {"choices": some})
