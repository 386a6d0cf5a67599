"""A month's ranking in the words of the page: bands, rates with their counts, rank intervals, and what moved."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chuangwen.assessment.measures import CASE, ITEM, NOTICE, RECEIPT, TASK, VISIT
from chuangwen.assessment.ranking_models import RankLine
from chuangwen.assessment.ranking_queries import Band, Column, Part, Row
from chuangwen.kernel.scoring.estimate import round_half_up
from chuangwen.kernel.screens.words import MINUS

# What the lost rows of a measure are called.
LOST: dict[str, str | Promise] = {
    "fixed_in_time": gettext_lazy("%(n)d 件超期"),
    "passed_first": gettext_lazy("%(n)d 件退回"),
    "not_recurred": gettext_lazy("%(n)d 件复发"),
    "tasks_in_time": gettext_lazy("%(n)d 项逾期"),
    "dossier_whole": gettext_lazy("%(n)d 件缺"),
    "notices_replied": gettext_lazy("%(n)d 份迟复"),
    "papers_replied": gettext_lazy("%(n)d 份迟复"),
}
COUNTED: dict[str, str | Promise] = {
    CASE: gettext_lazy("%(n)d 件案件"), TASK: gettext_lazy("%(n)d 项任务"), ITEM: gettext_lazy("%(n)d 件材料"),
    NOTICE: gettext_lazy("%(n)d 份通知"), VISIT: gettext_lazy("%(n)d 次考察"), RECEIPT: gettext_lazy("%(n)d 份公文"),
}  # fmt: skip
DIGITS = "〇一二三四五六七八九"


def said(value: Fraction | Decimal | None, places: int = 1, *, sign: bool = False) -> str:
    """A figure rounded for the page, with a real minus; unknown is a dash."""
    if value is None:
        return "—"
    rounded = round_half_up(value, places)
    if not rounded:
        return f"{abs(rounded):f}"
    return f"{'+' if sign else ''}{rounded:f}" if rounded > 0 else f"{MINUS}{-rounded:f}"


def trimmed(value: Fraction | Decimal, *, sign: bool = True) -> str:
    """Points without zeros at the end: +0.5, −1."""
    text = said(value, 2, sign=sign)
    return text.rstrip("0").rstrip(".") if "." in text else text


def percent(rate: Fraction | Decimal | None) -> str:
    return "—" if rate is None else f"{said(rate * 100)}%"


class Axis(NamedTuple):
    """One scale for all bars of a table: its ends in points; places are per cent for SVG attributes."""

    low: int
    high: int

    @property
    def middle(self) -> str:
        return said(Fraction(self.low + self.high, 2), 1).removesuffix(".0")

    def at(self, value: Fraction | Decimal) -> str:
        part = Fraction(100) * (Fraction(value) - self.low) / (self.high - self.low)
        return f"{round_half_up(min(Fraction(100), max(Fraction(), part)), 2):f}%"

    @classmethod
    def over(cls, lines: Iterable[RankLine]) -> Axis:
        """From an even number below the least interval to one above the highest, at most 100.

        Lines that are not ranked stretch it only where nobody is.
        """
        scored = [line for line in lines if line.score is not None]
        scored = [line for line in scored if line.rank is not None] or scored
        spans = [
            (line.score - (line.margin or 0), line.score + (line.margin or 0))
            for line in scored
            if line.score is not None
        ]
        if not spans:
            return cls(0, 100)
        low = max(0, int(min(low for low, _high in spans)) // 2 * 2)
        high = min(100, -(int(-max(high for _low, high in spans)) // 2 * 2))
        return cls(min(low, 96), max(high, min(low, 96) + 4))


@dataclass(frozen=True)
class Cell:
    """One rate of one line; `href` opens its rows, empty where there are none or one may not see them."""

    column: Column
    part: Part
    href: str

    @property
    def rate(self) -> str:
        return percent(self.part.rate)

    @property
    def counts(self) -> str:
        """187/190; of what is judged in parts, such as visits, how many there were."""
        if self.part.is_whole and self._sees != VISIT:
            return f"{int(self.part.good):,}/{self.part.count:,}"
        return str(COUNTED.get(self._sees, gettext_lazy("%(n)d 件"))) % {"n": self.part.count}

    @property
    def lost(self) -> str:
        """Where points were lost, in words; empty where nothing was."""
        if not self.part.lost:
            return ""
        if self._sees == VISIT:
            return self.counts
        return str(LOST.get(self.column.code, gettext_lazy("%(n)d 件失分"))) % {"n": self.part.lost}

    @property
    def _sees(self) -> str:
        return self.column.measure.sees if self.column.measure else ""


def cells_of(parts: Sequence[Part], columns: Sequence[Column], base: str) -> list[Cell]:
    """The rates of a line; `base` is the line's address, empty for who may not open its rows."""
    return [
        Cell(column, part, f"{base}{column.code}/" if base and part.count else "")
        for column, part in zip(columns, parts, strict=True)
    ]


@dataclass(frozen=True)
class Shown:
    """One line as a row of the table."""

    row: Row
    href: str
    cells: list[Cell]
    is_own: bool
    objections: int = 0

    @property
    def line(self) -> RankLine:
        return self.row.line

    @property
    def bonus(self) -> str:
        return trimmed(self.line.bonus) if self.line.bonus else ""

    @property
    def moved(self) -> tuple[str, str]:
        return moved_words(self.row)


def moved_words(row: Row) -> tuple[str, str]:
    """What changed since the month before, and its look; a move is said only where the intervals of ranks do not meet."""
    then = row.before
    if (
        then is None
        or then.rank_low is None
        or row.line.rank_low is None
        or then.group_id != row.line.group_id
    ):
        return "—", "quiet"
    if row.moved:
        return (_("↑ 升档"), "good") if row.moved == "up" else (_("↓ 降档"), "bad")
    return (_("同档") if row.line.band == then.band else _("在误差内")), "quiet"


def places_of(line: RankLine) -> str:
    """The possible ranks: 3—11, or one number where only one is possible."""
    if line.rank_low is None:
        return "—"
    return str(line.rank_low) if line.rank_low == line.rank_high else f"{line.rank_low}—{line.rank_high}"


def band_title(number: int) -> str:
    return _("第 %(n)s 档") % {"n": _chinese(number)}


def band_note(band: Band) -> str:
    """How many, which ranks, and that their order means nothing."""
    count = len(band.rows)
    first = band.first or 0
    if count == 1:
        return _("1 家 · 第 %(n)d 名") % {"n": first}
    return _("%(n)d 家 · 并列第 %(ranks)s 名 · 与档首差别在误差内，不分先后") % {
        "n": count, "ranks": f"{first}—{first + count - 1}",
    }  # fmt: skip


def _chinese(number: int) -> str:
    """1 to 99 in Chinese digits, above as they are."""
    if number > 99:
        return str(number)
    tens, ones = divmod(number, 10)
    head = "" if not tens else "十" if tens == 1 else f"{DIGITS[tens]}十"
    return head + (DIGITS[ones] if ones or not tens else "")
