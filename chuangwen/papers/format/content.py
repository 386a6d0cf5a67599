"""What an official paper consists of: its parts in the order of GB/T 9704-2012, as data that a database can keep.

No field holds a number of a level, a colon after 主送, a full stop after 附件说明: the writer sets what the form asks for.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Final, Literal, get_args

Form = Literal["file", "letter", "minutes"]
FORMS: Final[tuple[Form, ...]] = get_args(Form)
LEVELS: Final = range(5)  # 0 body, 1 一、 2 （一） 3 1. 4 （1）


class BadContent(ValueError):
    """Data that is no paper; the message is a sentence for the person at the screen."""


@dataclass(frozen=True)
class Block:
    """One paragraph. `level` 0 is body text, 1–4 a heading whose number the writer sets; `more` goes on in body type."""

    text: str
    level: int = 0
    more: str = ""


@dataclass(frozen=True)
class Table:
    """A table in the text; every row has as many cells as the head, which is repeated on each page."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str = ""


Part = Block | Table


@dataclass(frozen=True)
class Attachment:
    """One attachment, on a new page behind the signature."""

    title: str
    blocks: tuple[Part, ...] = ()


@dataclass(frozen=True)
class PaperText:
    """A whole paper. Only `form`, `kind` and `title` are needed; an empty part is not printed."""

    form: Form
    kind: str  # a code of PaperKind
    title: str  # "\n" where a line must break; else the writer breaks it evenly
    mark: str = ""  # 发文机关标志; for minutes 某某会议纪要
    number: str = ""  # 巩创建办〔2026〕12号
    copy_no: str = ""  # 份号, up to six digits
    urgency: str = ""  # 特急, 加急
    signer: tuple[str, ...] = ()  # 签发人, on upward papers only
    to: str = ""  # main receivers as they are written, without the colon
    blocks: tuple[Part, ...] = ()
    attachments_note: tuple[str, ...] = ()  # names under 附件：; empty means the titles of `attachments`
    signature: tuple[str, ...] = ()  # names of the issuing bodies
    dated_on: dt.date | None = None
    sealed: bool = True  # leaves the place of the seal
    note: str = ""  # 附注, without brackets
    cc: str = ""  # 抄送, without its label and full stop
    printed_by: str = ""
    printed_on: dt.date | None = None
    attachments: tuple[Attachment, ...] = ()
    attend: tuple[str, ...] = ()  # minutes: 出席
    leave: tuple[str, ...] = ()  # minutes: 请假
    observe: tuple[str, ...] = ()  # minutes: 列席

    @property
    def noted(self) -> tuple[str, ...]:
        """The names printed under 附件：."""
        return self.attachments_note or tuple(one.title for one in self.attachments)


# Forms of date and number --------------------------------------------------------------------------


def date_words(day: dt.date) -> str:
    """2026年1月5日: Arabic digits, no leading zero (GB/T 9704-2012, 7.3.5.4)."""
    return f"{day.year}年{day.month}月{day.day}日"


def number_words(character: str, year: int, serial: int) -> str:
    """巩创建办〔2026〕12号: hexagonal brackets, no 第, no leading zero (7.2.5). Raises BadContent."""
    if not character or not 1900 <= year <= 9999 or serial < 1:
        raise BadContent("发文字号要有机关代字、四位年份和从 1 起的顺序号。")
    return f"{character}〔{year}〕{serial}号"


_HAN: Final = "零一二三四五六七八九"


def han_number(number: int) -> str:
    """1 → 一, 21 → 二十一; up to 99. Raises ValueError beyond."""
    if not 1 <= number <= 99:
        raise ValueError(f"{number} has no number of a heading")
    tens, ones = divmod(number, 10)
    return ("" if tens < 2 else _HAN[tens]) + ("十" if tens else "") + (_HAN[ones] if ones else "")


def level_number(level: int, number: int) -> str:
    """The number in front of a heading: 一、 （一） 1. （1） (7.3.3)."""
    return (f"{han_number(number)}、", f"（{han_number(number)}）", f"{number}.", f"（{number}）")[level - 1]


def numbered(blocks: Iterable[Part]) -> Iterator[tuple[str, Part]]:
    """Every block with its number, empty for body text and tables; a higher heading starts the lower ones anew."""
    counts = [0] * len(LEVELS)
    for block in blocks:
        if isinstance(block, Table) or block.level == 0:
            yield "", block
            continue
        counts[block.level] += 1
        counts[block.level + 1 :] = [0] * (len(LEVELS) - block.level - 1)
        yield level_number(block.level, counts[block.level]), block


# To and from data ----------------------------------------------------------------------------------


def as_data(text: PaperText) -> dict[str, Any]:
    """The paper as strings, lists and dicts for JSON; empty parts are left out, dates are ISO."""
    found: dict[str, Any] = {}
    for field in fields(text):
        value = getattr(text, field.name)
        if field.name in ("form", "kind", "title", "sealed"):
            found[field.name] = value
        elif value:
            found[field.name] = _plain(value)
    return found


def _plain(value: Any) -> Any:
    match value:
        case dt.date():
            return value.isoformat()
        case Block(text=text, level=level, more=more):
            return {"text": text} | ({"level": level} if level else {}) | ({"more": more} if more else {})
        case Table(head=head, rows=rows, caption=caption):
            table = {"head": list(head), "rows": [list(row) for row in rows]}
            return table | ({"caption": caption} if caption else {})
        case Attachment(title=title, blocks=blocks):
            return {"title": title, "blocks": _plain(blocks)}
        case tuple():
            return [_plain(each) for each in value]
    return value


_TEXTS: Final = ("kind", "title", "mark", "number", "copy_no", "urgency", "to", "note", "cc", "printed_by")
_NAMES: Final = ("signer", "attachments_note", "signature", "attend", "leave", "observe")
_DAYS: Final = ("dated_on", "printed_on")
_KNOWN: Final = frozenset(field.name for field in fields(PaperText))


def from_data(data: Mapping[str, Any]) -> PaperText:
    """The paper that `as_data` wrote. Raises BadContent with the part that is wrong."""
    if not isinstance(data, Mapping):
        raise BadContent("公文内容应是一组字段。")
    if unknown := sorted(set(data) - _KNOWN):
        raise BadContent(f"公文内容有不认识的字段“{unknown[0]}”。")
    if data.get("form") not in FORMS:
        raise BadContent("公文格式应是 file（文件）、letter（信函）、minutes（纪要）之一。")
    given: dict[str, Any] = {"form": data["form"], "sealed": bool(data.get("sealed", True))}
    given |= {name: _text(data.get(name, ""), name) for name in _TEXTS}
    given |= {name: _names(data.get(name, ()), name) for name in _NAMES}
    given |= {name: _day(data.get(name), name) for name in _DAYS}
    given["blocks"] = _parts(data.get("blocks", ()), "正文")
    given["attachments"] = tuple(
        _attachment(each, at) for at, each in enumerate(_list(data.get("attachments", ()), "附件"), 1)
    )
    if not given["title"].strip():
        raise BadContent("公文没有标题，写上标题。")
    if not given["kind"]:
        raise BadContent("公文没有文种，选定文种。")
    return PaperText(**given)


_LABELS: Final = {
    "kind": "文种", "title": "标题", "mark": "发文机关标志", "number": "发文字号", "copy_no": "份号", "urgency": "紧急程度",
    "to": "主送机关", "note": "附注", "cc": "抄送", "printed_by": "印发机关", "signer": "签发人", "attachments_note": "附件说明",
    "signature": "发文机关署名", "attend": "出席", "leave": "请假", "observe": "列席", "dated_on": "成文日期", "printed_on": "印发日期",
}  # fmt: skip

#: Characters that XML cannot hold; one of them would make a file that Word refuses to open.
_UNPRINTABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str):
        raise BadContent(f"“{_LABELS.get(where, where)}”应是文字。")
    return _UNPRINTABLE.sub("", value)


def _list(value: Any, where: str) -> Sequence[Any]:
    if not isinstance(value, list | tuple):
        raise BadContent(f"“{_LABELS.get(where, where)}”应是一列。")
    return value


def _names(value: Any, where: str) -> tuple[str, ...]:
    return tuple(_text(each, where) for each in _list(value, where))


def _day(value: Any, where: str) -> dt.date | None:
    if value is None or value == "":
        return None
    try:
        return dt.date.fromisoformat(value)
    except (TypeError, ValueError):
        raise BadContent(f"“{_LABELS[where]}”应写成 2026-11-22 这样的日期。") from None


def _parts(value: Any, where: str) -> tuple[Part, ...]:
    return tuple(_part(each, f"{where}第 {at} 段") for at, each in enumerate(_list(value, where), 1))


def _part(value: Any, where: str) -> Part:
    if not isinstance(value, Mapping):
        raise BadContent(f"“{where}”应是一组字段。")
    if "head" in value:
        return _table(value, where)
    level = value.get("level", 0)
    if isinstance(level, bool) or not isinstance(level, int) or level not in LEVELS:
        raise BadContent(f"“{where}”的层次应是 0 到 4。")
    return Block(_text(value.get("text", ""), where), level, _text(value.get("more", ""), where))


def _table(value: Mapping[str, Any], where: str) -> Table:
    head = _names(value["head"], f"{where}表头")
    rows = tuple(_names(row, f"{where}表格") for row in _list(value.get("rows", ()), f"{where}表格"))
    for at, row in enumerate(rows, 1):
        if len(row) != len(head):
            raise BadContent(f"“{where}”表格第 {at} 行有 {len(row)} 格，表头有 {len(head)} 格，补齐。")
    return Table(head, rows, _text(value.get("caption", ""), f"{where}表题"))


def _attachment(value: Any, at: int) -> Attachment:
    if not isinstance(value, Mapping):
        raise BadContent(f"“附件 {at}”应是一组字段。")
    title = _text(value.get("title", ""), f"附件 {at} 名称")
    if not title.strip():
        raise BadContent(f"“附件 {at}”没有名称，写上名称。")
    return Attachment(title, _parts(value.get("blocks", ()), f"附件 {at} "))
