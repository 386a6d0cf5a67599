"""Numbers as official Chinese writes them: 14.7万余人, 三百二十场次, 约2.25亿元, 近20个, 95.2%.

Pure: no Django, no database. A figure keeps how exactly it was written, since 14.7万 and 147000 say different things.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Final, NamedTuple

EXACT, AT_LEAST, ABOUT = "=", "≥", "≈"

#: One character for one, so that places in the text stay what they are.
_PLAIN: Final = str.maketrans("０１２３４５６７８９％．～", "0123456789%.~")
_DIGITS: Final = {letter: value for value, letter in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_TENS: Final = {"十": 10, "百": 100, "千": 1000}
_LARGE: Final = {"万": 10**4, "亿": 10**8}
_SCALE: Final = {"": 1, **_TENS, **_LARGE}

# Units of measure by what they count. Inside a set they may stand for each other with the factor given; a text may
# say 54座 where the ledger says 54个, but never 人次 for 人.
THINGS: Final = frozenset("个座所处家条项件起套台辆支块篇份户株棵张册幅盏间栋片批部本宗例")
PEOPLE: Final = frozenset(["人", "名", "位"])
TURNS: Final = frozenset(["次", "场次", "场", "回", "趟", "轮次"])
_FACTORS: Final[dict[str, tuple[str, Decimal]]] = {
    **{word: ("thing", Decimal(1)) for word in THINGS},
    **{word: ("person", Decimal(1)) for word in PEOPLE},
    **{word: ("turn", Decimal(1)) for word in TURNS},
    "人次": ("person turn", Decimal(1)),
    "%": ("share", Decimal(1)),
    "元": ("money", Decimal(1)),
    "米": ("length", Decimal(1)), "公里": ("length", Decimal(1000)), "千米": ("length", Decimal(1000)),
    "平方米": ("area", Decimal(1)), "平方公里": ("area", Decimal(10**6)), "公顷": ("area", Decimal(10**4)),
    "亩": ("area", Decimal(2000) / 3), "吨": ("weight", Decimal(1000)), "公斤": ("weight", Decimal(1)),
    "小时": ("time", Decimal(60)), "分钟": ("time", Decimal(1)), "天": ("day", Decimal(1)), "年": ("year", Decimal(1)),
    **{word: (word, Decimal(1)) for word in ("期", "轮", "届", "级", "类", "种", "门")},
    "分": ("point", Decimal(1)),
}  # fmt: skip
# An activity may be counted in these as well as in 次.
_TURN_LIKE: Final = frozenset(["个", "项", "件", "起"])
_WORDS: Final = "|".join(sorted(_FACTORS, key=len, reverse=True))

_ARABIC: Final = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_HAN: Final = r"百分之[零〇一二两三四五六七八九十百点]+|[零〇一二两三四五六七八九十百千万亿]+"
_FIGURE: Final = re.compile(
    rf"(?P<number>{_ARABIC}|{_HAN})\s*(?P<more>余|多|来)?\s*(?P<scale>[十百千]?[万亿]|[十百千](?!分))?\s*(?P<over>余|多|来)?\s*"
    rf"(?P<points>个百分点)?(?P<measure>{_WORDS})?\s*(?P<after>以上|左右|上下|多(?![种样元项次家个])|余)?"
)
_DATE: Final = re.compile(
    r"\d{4}\s*年(?:度)?(?:\d{1,2}月)?(?:\d{1,2}[日号])?|(?<!\d)\d{1,2}月份?(?:\d{1,2}[日号])?|(?<![\d个])\d{1,2}[日号](?![常均])"
    r"|〔\d{4}〕\d*号?|[(（\[]\d{4}[)）\]]\d*号?|\d{1,2}[:：]\d{2}|第[\d零一二三四五六七八九十百]+号|\d+\s*号"
    r"|\d+(?:[+＋]\d+)+(?:[+＋]N)?|[A-Za-z][\w./-]*\d[\w./-]*|\d[\d-]{6,}(?!\d*[万亿余多]?(?:元|人|份|平))"
    r"|\d+(?:\.\d+)?%?\s*(?:[—–~-]|至|到)\s*\d+(?:\.\d+)?[%万亿]?"
)
_BEFORE_LEAST: Final = re.compile(r"(超过|突破|不少于|不低于|至少|超|逾)$")
_BEFORE_ABOUT: Final = re.compile(r"(大约|约|将近|近|接近|约为|左右)$")


class Figure(NamedTuple):
    """One number as written. `step` is the place of its last digit, `grain` that of its last digit that is no zero."""

    value: Decimal
    relation: str
    step: Decimal
    grain: Decimal
    measure: str
    words: str
    start: int
    end: int
    is_rounded: bool = False  # written with 万 or 亿, so that what follows the last digit was left out
    is_below: bool = False  # 近, 不足: the true number is not above
    is_ordinal: bool = False
    is_change: bool = False  # 个百分点


def plain_digits(text: str) -> str:
    """Full-width digits as plain ones; every character keeps its place."""
    return text.translate(_PLAIN)


def figures(text: str) -> Iterator[Figure]:
    """Every number of a text except dates, document numbers, codes, telephone numbers and ranges."""
    plain = plain_digits(text)
    dates = [found.span() for found in _DATE.finditer(plain)]
    at = 0
    while found := _FIGURE.search(plain, at):
        inside = next((end for start, end in dates if start <= found.start() < end), None)
        if inside is not None:
            at = max(inside, found.start() + 1)
            continue
        at = max(found.end(), found.start() + 1)
        figure = _read(found, plain)
        if figure is not None:
            yield figure


def _read(found: re.Match[str], plain: str) -> Figure | None:
    number, scale = found["number"], found["scale"] or ""
    is_han = not number[0].isdigit()
    measure = found["measure"] or ""
    if is_han:
        read = _han(number)
        if read is None or (not measure and not number.startswith("百分之")):
            return None
        value, step = read
        measure = "%" if number.startswith("百分之") else measure
    else:
        value = Decimal(number.replace(",", ""))
        step = Decimal(1).scaleb(int(value.as_tuple().exponent))
    factor = _factor(scale)
    value, step = value * factor, step * factor
    before = plain[max(0, found.start() - 4) : found.start()]
    relation, is_below = _relation(found, before)
    return Figure(
        value, relation, step, _grain(value, step), measure, found[0].strip(), found.start(), found.end(),
        is_rounded=any(mark in scale + number for mark in "万亿"), is_below=is_below,
        is_ordinal=before.endswith("第"), is_change=bool(found["points"]),
    )  # fmt: skip


def _relation(found: re.Match[str], before: str) -> tuple[str, bool]:
    if (
        found["more"]
        or found["over"]
        or found["after"] in ("以上", "余", "多")
        or _BEFORE_LEAST.search(before)
    ):
        return AT_LEAST, False
    if found["after"] in ("左右", "上下"):
        return ABOUT, False
    about = _BEFORE_ABOUT.search(before)
    if about:
        return ABOUT, "近" in about[0]
    if before.endswith(("不足", "不到")):
        return ABOUT, True
    return EXACT, False


def _factor(scale: str) -> int:
    factor = 1
    for letter in scale:
        factor *= _SCALE[letter]
    return factor


def _grain(value: Decimal, step: Decimal) -> Decimal:
    grain = step
    while value and value % (grain * 10) == 0:
        grain *= 10
    return grain


def grain_of(value: Decimal) -> Decimal:
    """The place of the last digit that is no zero: 1000 for 147000, 0.1 for 17.3."""
    normal = value.normalize()
    return Decimal(1).scaleb(int(normal.as_tuple().exponent)) if value else Decimal(1)


def _han(words: str) -> tuple[Decimal, Decimal] | None:
    """(value, place of the last digit) of a Chinese numeral; None for what is none, such as 万 alone or 一二."""
    if words.startswith("百分之"):
        whole, _dot, part = words[3:].partition("点")
        read = _han(whole)
        if read is None or any(letter not in _DIGITS for letter in part):
            return None
        digits = "".join(str(_DIGITS[letter]) for letter in part)
        return Decimal(f"{read[0]}.{digits or 0}"), Decimal(1).scaleb(-len(digits))
    total = section = digit = 0
    last = 1
    has_digit = False
    for letter in words:
        if letter in _DIGITS:
            if has_digit and digit:
                return None  # 一二, 三四: a saying, not a number
            digit, has_digit, last = _DIGITS[letter], True, 1
        elif letter in _TENS:
            if not has_digit and (section or letter != "十"):
                return None
            section += (digit or 1) * _TENS[letter]
            digit, has_digit, last = 0, False, _TENS[letter]
        else:
            if not (section or digit):
                return None
            total = (total + section + digit) * _LARGE[letter]
            section = digit = 0
            has_digit, last = False, _LARGE[letter]
    value = total + section + digit
    return (Decimal(value), Decimal(last)) if value else None


def comparable(one: str, other: str) -> Decimal | None:
    """The factor that turns a figure in `one` into `other`; None where they do not count the same sort of thing."""
    if one == other:
        return Decimal(1)
    mine, theirs = _FACTORS.get(one), _FACTORS.get(other)
    if mine is None or theirs is None:
        return None
    if mine[0] != theirs[0]:
        loose = (one in TURNS and other in _TURN_LIKE) or (other in TURNS and one in _TURN_LIKE)
        return Decimal(1) if loose else None
    return mine[1] / theirs[1]


def is_known(measure: str) -> bool:
    """Whether a unit of measure is one that texts count in; 宜 of 三宜 is not."""
    return measure in _FACTORS


# Comparing -------------------------------------------------------------------------------------------

#: How far a plain figure may lie above one that says "over" (余), and either side of one that says "about" (约).
OVER: Final = Decimal("1.1")
NEAR: Final = Decimal("0.05")
SAME, ROUNDED, DIFFERENT = "same", "rounded", "different"


def agreement(said: Figure, value: Decimal, relation: str, factor: Decimal = Decimal(1)) -> str:
    """SAME, ROUNDED (right for the digits that were written) or DIFFERENT, of a written figure and a kept one.

    Of two figures that both say "over", the written one may only be coarser:
    600多 is right where 640多 is kept, 680多 is not. A figure written
    with 万 or 亿 stands for all that round to it. `factor` turns the written unit of measure into the kept one.
    """
    number, step, grain = said.value * factor, said.step * factor, said.grain * factor
    if number == value:
        return SAME
    if factor != 1 and abs(number - value) <= value * NEAR / 10:
        return ROUNDED
    kept = grain_of(value)
    if relation in (AT_LEAST, ">="):
        if said.relation == AT_LEAST:
            return _within(value, number, grain) or DIFFERENT
        if said.relation == ABOUT:
            return ROUNDED if abs(number - value) <= max(grain / 2, value * NEAR) else DIFFERENT
        return ROUNDED if value <= number <= value * OVER or _rounds(said, number, step, value) else DIFFERENT
    if relation in (ABOUT, "~"):
        room = value * NEAR if said.relation == EXACT else min(kept / 2, value * NEAR)
        return ROUNDED if abs(number - value) <= room or _rounds(said, number, step, value) else DIFFERENT
    return _to_exact(said, number, step, grain, value)


def _to_exact(said: Figure, number: Decimal, step: Decimal, grain: Decimal, value: Decimal) -> str:
    if said.relation == AT_LEAST:
        return ROUNDED if number <= value < number + min(grain, number / 2) else DIFFERENT
    if said.relation == ABOUT:
        room = min(grain / 2, number * NEAR * 2)
        low, high = (number - room * 2, number) if said.is_below else (number - room, number + room)
        return ROUNDED if low <= value <= high else DIFFERENT
    return ROUNDED if _rounds(said, number, step, value) else DIFFERENT


def _rounds(said: Figure, number: Decimal, step: Decimal, value: Decimal) -> bool:
    """Whether the kept value rounds to what was written; whole numbers without 万 are meant exactly."""
    if not (said.is_rounded or said.measure == "%"):
        return False
    return abs(number - value) <= step / 2


def _within(number: Decimal, low: Decimal, room: Decimal) -> str:
    return ROUNDED if low <= number < low + room else ""
