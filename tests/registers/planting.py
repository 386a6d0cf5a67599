"""Planting wrong numbers into papers whose right ones are marked, and counting what the matcher finds."""

from __future__ import annotations

import csv
import random
import re
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from pathlib import Path

from chuangwen.registers.claims import Clash, FactLine, Ledger, claims, contradictions
from chuangwen.registers.figures import figures

PACKS = Path(__file__).parents[2] / "packs"
MARK = re.compile("⟦([A-Z]{2}-\\d+)\\|([^⟧]+)⟧")
KINDS = ("digit", "swapped", "tenfold", "large", "other", "slip")


@cache
def facts(city: str) -> tuple[FactLine, ...]:
    """The facts of one pack as the matcher takes them."""
    with (PACKS / city / "facts.csv").open(encoding="utf-8-sig", newline="") as file:
        return tuple(
            FactLine(
                row["编号"], row["名称"], Decimal(row["数值"]), row["比较词"] or "=", row["计量单位"], row["时点或期间"],
                row["来源"], row["原文短语"],
            )
            for row in csv.DictReader(file)
        )  # fmt: skip


@cache
def ledger(city: str) -> Ledger:
    return Ledger(facts(city))


@dataclass
class Written:
    """A paper as a reader gets it: where its right and its planted figures stand. `marks`: (start, end, code, kind)."""

    city: str
    text: str
    marks: list[tuple[int, int, str, str]] = field(default_factory=list)


def _han(number: int) -> str:
    digits, out, rest = "零一二三四五六七八九", "", number
    for place, word in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, rest = divmod(rest, place)
        if digit:
            out += ("" if number < 20 and place == 10 else digits[digit]) + word
        elif out and rest and not out.endswith("零"):
            out += "零"
    return out


def restyled(figure: str, dice: random.Random) -> str:
    """The same figure in another hand: Chinese numerals, full-width digits, thousands set off, 万 written out."""
    way = dice.random()
    if way < 0.08 and figure.isdigit() and 10 <= int(figure) < 10000:
        return _han(int(figure))
    if way < 0.16 and figure.isdigit() and int(figure) >= 1000:
        return f"{int(figure):,}"
    if way < 0.22:
        return figure.translate(str.maketrans("0123456789.%", "０１２３４５６７８９．％"))
    if way < 0.28 and re.fullmatch(r"[\d.]+万", figure):
        return f"{Decimal(figure[:-1]) * 10000:f}".split(".")[0]
    return figure


def wrong(figure: str, kind: str, others: list[str], dice: random.Random) -> str | None:
    """A wrong figure of this kind in place of the right one; None where the figure has no such fault."""
    digits = [at for at, letter in enumerate(figure) if letter.isdigit()]
    if kind == "other":
        choice = [one for one in others if value(one) != value(figure)]
        return dice.choice(choice) if choice else None
    if kind == "tenfold":
        number = re.search(r"[\d.]+", figure)
        if number is None:
            return None
        times = Decimal(number[0]) * dice.choice((Decimal(10), Decimal("0.1")))
        if "." not in number[0] and times != times.to_integral_value():
            times = Decimal(number[0]) * 10
        return figure.replace(number[0], f"{times.normalize():f}", 1)
    if kind == "large":
        return (
            figure.replace("万", "亿")
            if "万" in figure
            else figure.replace("亿", "万")
            if "亿" in figure
            else None
        )
    if kind == "swapped":
        pairs = [
            at
            for at in digits
            if at + 1 in digits and figure[at] != figure[at + 1] and (at > digits[0] or figure[at + 1] != "0")
        ]
        if not pairs:
            return None
        at = dice.choice(pairs)
        return figure[:at] + figure[at + 1] + figure[at] + figure[at + 2 :]
    nonzero = [at for at in digits if figure[at] != "0"]
    if not nonzero:
        return None
    at = nonzero[-1] if kind == "slip" else dice.choice(digits)
    now = int(figure[at])
    if kind == "slip":
        new = now + 1 if now < 9 else now - 1
    else:
        new = dice.choice([each for each in range(10) if each != now and not (each == 0 and at == digits[0])])
    return figure[:at] + str(new) + figure[at + 1 :]


def is_rounded(new: str, right: str) -> bool:
    """Whether the new figure is the right one or its rounding (99.8% for 99.83%): then it is not wrong."""
    said, kept = value(new), value(right)
    step = Decimal(1).scaleb(int(Decimal(re.sub(r"[^\d.]", "", new) or 1).as_tuple().exponent))
    return said == kept or ("." in right and abs(said - kept) <= step / 2 and said < 1000)


def value(figure: str) -> Decimal:
    return next(figures(figure + "个")).value if "%" not in figure else Decimal(re.sub(r"[^\d.]", "", figure))


def plant(papers: list[tuple[str, str]], count: int, seed: int) -> list[Written]:
    """The papers with `count` wrong figures spread over them, in equal shares of the kinds; the rest stays right."""
    dice = random.Random(seed)
    places = [(n, m) for n, (_city, text) in enumerate(papers) for m, _mark in enumerate(MARK.finditer(text))]
    dice.shuffle(places)
    chosen: dict[tuple[int, int], tuple[str, str]] = {}
    for place in places:
        if len(chosen) == count:
            break
        marks = MARK.findall(papers[place[0]][1])
        code, right = marks[place[1]]
        others = [figure for other, figure in marks if other != code and ("%" in figure) == ("%" in right)]
        start = len(chosen) % len(KINDS)
        for kind in (*KINDS[start:], *KINDS[:start]):
            new = wrong(right, kind, others, dice)
            if new is not None and value(new) > 0 and not is_rounded(new, right):
                chosen[place] = (kind, new)
                break
    assert len(chosen) == count
    return [_write(city, text, n, chosen, dice) for n, (city, text) in enumerate(papers)]


def _write(
    city: str, text: str, n: int, chosen: dict[tuple[int, int], tuple[str, str]], dice: random.Random
) -> Written:
    out = Written(city, "")
    end = 0
    for m, mark in enumerate(MARK.finditer(text)):
        kind, figure = chosen.get((n, m), ("", mark[2]))
        out.text += text[end : mark.start()]
        begin = len(out.text)
        out.text += restyled(figure, dice)
        out.marks.append((begin, len(out.text), mark[1], kind))
        end = mark.end()
    out.text += text[end:]
    return out


@dataclass
class Count:
    """What was found. A false alarm is a flagged figure nobody planted; `unplanted` counts every figure with a unit of
    measure in the papers that was not planted, whether or not the ledger knows it."""

    planted: int = 0
    found: int = 0
    named: int = 0  # found, and the fact named is the right one
    unplanted: int = 0
    matched: int = 0  # of the unplanted, those a fact of the ledger answers for (marked in the corpus)
    false: int = 0
    missed: list[str] = field(default_factory=list)
    alarms: list[str] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        return (
            f"planted {self.planted}, found {self.found} ({self.found / self.planted:.1%}), with the right fact {self.named}; "
            f"false alarms {self.false} of {self.unplanted} unplanted figures ({self.false / self.unplanted:.1%}), "
            f"of {self.matched} that the ledger knows {self.false / self.matched:.1%}, "
            f"of {self.found + self.false} alarms {self.false / max(1, self.found + self.false):.1%}"
        )


def measure(papers: list[Written]) -> Count:
    """Runs the matcher over the papers; a planted fault is found when an alarm stands on its figure."""
    count = Count()
    for paper in papers:
        alarms = contradictions(paper.text, ledger(paper.city))
        left = list(alarms)
        for start, end, code, kind in paper.marks:
            if not kind:
                count.matched += 1
                continue
            count.planted += 1
            hit = next((one for one in alarms if one.start < end and start < one.end), None)
            if hit is None:
                count.missed.append(f"{kind} {code} {paper.text[max(0, start - 25) : end + 12]}")
                continue
            count.found += 1
            count.named += hit.fact.code == code
            count.kinds[kind] += 1
            left = [one for one in left if one is not hit]
        count.unplanted += len(claims(paper.text)) - sum(bool(mark[3]) for mark in paper.marks)
        count.false += len(left)
        count.alarms += [_said(one) for one in left]
    return count


def _said(one: Clash) -> str:
    return f"{one.words} ~ {one.fact.code} {one.fact.name} {one.fact.value} ({one.sure:.2f}): {one.sentence[:60]}"
