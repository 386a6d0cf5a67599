"""What a text claims in numbers, held against the fact ledger and against other texts.

Pure: no Django, no database. A claim is a figure with a unit of measure; what it counts is said by the words around
it. A fact answers for a claim when enough of its name stands there, rare pairs of characters weighing more.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from math import log
from typing import Final, NamedTuple

from chuangwen.registers.figures import (
    DIFFERENT,
    Figure,
    agreement,
    comparable,
    figures,
    is_known,
    plain_digits,
)


class FactLine(NamedTuple):
    """One fact of the ledger: `relation` is =, ≥ or ≈; `phrase` is how its source says it."""

    code: str
    name: str
    value: Decimal
    relation: str
    measure: str
    period: str
    source: str
    phrase: str = ""


class Claim(NamedTuple):
    """A figure of a text with its surroundings: words right by it, the clause before, sentence, paragraph, line from 1."""

    figure: Figure
    near: str
    beside: str
    sentence: str
    paragraph: str
    line: int
    is_held: bool  # False for what is planned, was before, or says how much more or less


class Clash(NamedTuple):
    """A claim that contradicts a fact: the words as read, its sentence and line, the fact, how sure (0–1)."""

    number: Decimal
    words: str
    sentence: str
    fact: FactLine
    line: int = 0
    start: int = 0
    end: int = 0
    sure: float = 1.0


_SENTENCE: Final = re.compile(r"[^。；;！!？?\n]+")
_CUT: Final = re.compile(r"[，,。；;：:！!？?\n（(）)]")
_STOP: Final = re.compile(r"[、，,。；;：:！!？?\n（(）)]")
_REMARK: Final = re.compile(r"[（(]([^（）()]*)[）)]")
_OPEN: Final = re.compile(r"[（(][^（）()]*$")
_ROSE: Final = re.compile(r"[增提升降减扩]")
AFTER: Final = 8  # characters behind a figure that may name what it counts, when another figure follows them
_BETWEEN: Final = re.compile(r"[、，,和与及\s]*")
_LISTED: Final = re.compile(r"[、和与]|以及")
_PART: Final = re.compile(r"^.*中有")  # “漯河好人”中有业主委员会主任12人 counts the chairmen
_AND: Final = re.compile(r"以及|[和与]")
#: Words that name nothing by themselves: what is counted stands in the clause before.
_GENERAL: Final = re.compile(
    r"总?面积|总?金额|总?价值|总?投资|总?额|总?数量?|总长|共计?|总计|合计|累计|达到?|突破|约|占|其中|分别|进行|开展|完成|举办|组织|实施|第|有|为|是|已|到|了|升|至|在|再|的"
)
_LEVEL: Final = re.compile(r"(?<=[国省市县区])家?级")
_RATE: Final = re.compile(r"比率|比例|占比")
_BLANK: Final = re.compile(r"[\W\d_]")
_TAIL: Final = re.compile(
    r"(?:总数|数量|(?:个|座|所|处|家|条|项|件|起|套|台|辆|支|块|篇|份|户|期|轮|株|人|名|次|场|场次|人次|届|类|种)数|人次|场次|数|量)$"
)
_IN_BRACKETS: Final = re.compile(r"[（(][^（）()]*[）)]")
_PLAN: Final = re.compile(
    r"计划|拟|力争|预计|目标|打算|争取|将(?!近)|下一?步|明年|再(?:增|建|招|新)|要求|不超过|不少于|最多|每(?:迟|校|村|人|个示范)"
)
_PAST: Final = re.compile(
    r"去年|上年|上一年|往年|原来?有?$|原有|此前|年前|比上|同比|环比|较.{0,6}(?:增|减|提|下)"
)
_CHANGE: Final = re.compile(r"(?:增加了|增长|提高了|下降|减少了?|翻了|提升了)$")
_YEAR: Final = re.compile(r"(\d{4})\s*年")


def claims(text: str) -> list[Claim]:
    """Every figure with a unit of measure, with the words that say what it counts."""
    plain = plain_digits(text)
    lines = plain.split("\n")
    found = []
    for one in _SENTENCE.finditer(plain):
        sentence, base = one[0], one.start()
        inside = [figure for figure in figures(sentence) if figure.measure]
        shared = _respectively(sentence, inside)
        for place, figure in enumerate(inside):
            left = inside[place - 1].end if place else 0
            right = inside[place + 1].start if place + 1 < len(inside) else len(sentence)
            near = shared.get(place) or _near(sentence, figure, left, right)
            beside = _beside(sentence[: figure.start], sentence[left : figure.start])
            held = _is_held(sentence, figure, left)
            moved = figure._replace(start=figure.start + base, end=figure.end + base)
            line = plain.count("\n", 0, moved.start)
            found.append(Claim(moved, near, beside, sentence.strip(), lines[line], line + 1, held))
    return found


def _near(sentence: str, figure: Figure, left: int, right: int) -> str:
    """The words of the figure's clause; one that names nothing is lengthened by the clause before it."""
    before, after = sentence[left : figure.start], sentence[figure.end : right]
    words = _clause(before)
    joined = _AND.split(words) if left else [words]
    words = _PART.sub(
        "", joined[-1]
    )  # 6万多户群众和1.4万户商户: what stands before 和 belongs to the figure before
    if len(joined) == 1 and not _GENERAL.sub("", _BLANK.sub("", words)):
        earlier = _OPEN.sub("", sentence[: figure.start - len(words)]).rstrip("，,、：: ")
        words = f"{_clause(earlier)}|{words}"
    shared = right < len(sentence) and not _STOP.search(after)
    after = _AND.split(after)[0][:AFTER] if shared else _STOP.split(after)[0][: 2 * AFTER]
    return f"{words}|{after}"


def _beside(before: str, own: str) -> str:
    """The clause before the figure's own, and of that the whole a part is taken from."""
    parts = _CUT.split(_REMARK.sub(r"\1", before))
    whole = _PART.match(_clause(own))
    return (parts[-2] if len(parts) > 1 else "") + (f"|{whole[0]}" if whole else "")


def _respectively(sentence: str, inside: list[Figure]) -> dict[int, str]:
    """What each figure of a list counts that 分别 ties to a list of things: 供水、供热普及率分别达到95.2%、69.1%."""
    at = sentence.find("分别")
    places = [place for place, figure in enumerate(inside) if figure.start > at]
    if at < 0 or len(places) < 2:
        return {}
    row = [places[0]]
    for place in places[1:]:
        if not _BETWEEN.fullmatch(sentence[inside[row[-1]].end : inside[place].start]):
            break
        row.append(place)
    things = [part for part in _LISTED.split(_clause(sentence[:at])) if part][-len(row) :]
    if len(things) != len(row):
        return {}
    verb = sentence[at + 2 : inside[row[0]].start]
    # 供水、供热、供气普及率: what follows the last thing is said of all of them, unless each says it itself.
    tail = things[-1][min(map(len, things[:-1])) :] if min(map(len, things)) < len(things[-1]) else ""
    return {
        place: f"{thing}{'' if thing == things[-1] else tail}|{verb}"
        for place, thing in zip(row, things, strict=True)
    }


def _clause(before: str) -> str:
    """What stands since the last comma; a remark in brackets belongs to the word before it."""
    return _CUT.split(_REMARK.sub(r"\1", before))[-1]


def _is_held(sentence: str, figure: Figure, left: int) -> bool:
    before, after = _clause(sentence[left : figure.start]), sentence[figure.end : figure.end + 9]
    return not (
        figure.is_change
        or _PLAN.search(_clause(sentence[: figure.start]))
        or _PAST.search(before)
        or _CHANGE.search(before.rstrip())
        or (before.rstrip().endswith(("由", "从")) and _ROSE.search(after))
    )


# Facts -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Known:
    fact: FactLine
    name: frozenset[str]
    phrase: frozenset[str]
    head: str  # the last two characters of the bare name: what is counted


def pairs_of(text: str) -> frozenset[str]:
    """Pairs of neighbouring characters, and the characters themselves, of the words of a text."""
    found: set[str] = set()
    for part in re.split(r"[\W\d_]+", _RATE.sub("率", _LEVEL.sub("", text))):
        found.update(part)
        found.update(part[at : at + 2] for at in range(len(part) - 1))
    return frozenset(found)


def bare_name(name: str) -> str:
    """A fact's name without what it says about counting: 城市书房座数 → 城市书房."""
    return _TAIL.sub("", _IN_BRACKETS.sub("", name)) or name


def _words_of(phrase: str) -> str:
    """A source phrase without its figures and their units of measure."""
    out, end = [], 0
    for figure in figures(phrase):
        out.append(phrase[end : figure.start])
        end = figure.end
    return "|".join([*out, phrase[end:]])


def _head(name: str) -> str:
    return _RATE.sub("率", bare_name(name))[-2:]


class Ledger:
    """Facts made ready for asking; build it once for many texts."""

    def __init__(self, facts: Iterable[FactLine]) -> None:
        rows = [fact for fact in facts if is_known(fact.measure)]
        self.known = [
            _Known(fact, pairs_of(bare_name(fact.name)), pairs_of(_words_of(fact.phrase)), _head(fact.name))
            for fact in rows
        ]
        seen: dict[str, int] = defaultdict(int)
        self.having: dict[str, list[int]] = defaultdict(list)
        for place, each in enumerate(self.known):
            for pair in each.name | each.phrase:
                seen[pair] += 1
                self.having[pair].append(place)
        whole = max(len(rows), 2)
        self.weight = {
            pair: log(1 + whole / count) * (1.0 if len(pair) == 2 else 0.35) for pair, count in seen.items()
        }
        self.full = [sum(self.weight[pair] for pair in each.name) for each in self.known]
        self.full_phrase = [sum(self.weight[pair] for pair in each.phrase) for each in self.known]

    def matches(self, claim: Claim) -> list[tuple[float, FactLine, Decimal]]:
        """(likeness 0–1, fact, factor of its unit of measure) of the facts this claim may speak of, likest first."""
        near, beside = pairs_of(claim.near), pairs_of(claim.beside)
        place_of = {
            **dict.fromkeys(pairs_of(claim.paragraph), PARAGRAPH),
            **dict.fromkeys(pairs_of(claim.sentence), FAR),
        }
        place_of.update(dict.fromkeys(beside, BESIDE))
        place_of.update(dict.fromkeys(near, 1.0))
        asked = near | beside
        places = {place for pair in asked if len(pair) == 2 for place in self.having.get(pair, ())}
        found = []
        for place in places:
            each = self.known[place]
            factor = comparable(claim.figure.measure, each.fact.measure)
            if factor is None or not self.full[place] or not _may_mean(claim, each.fact):
                continue
            likeness = self._share(each.name, place_of) / self.full[place]
            if each.phrase:
                words = self._share(each.phrase, place_of) / self.full_phrase[place]
                likeness = max(likeness, PHRASE * words + (1 - PHRASE) * likeness)
            likeness *= _same_measure(claim.figure.measure, each.fact.measure)
            likeness *= 1.0 if each.head in near else HEAD_FAR if each.head in place_of else HEADLESS
            likeness -= ORDINAL if claim.figure.is_ordinal else 0
            likeness -= SAYING if _is_saying(claim.figure) else 0
            likeness += _slip(claim.figure.value * factor, each.fact.value)
            found.append((likeness, each.fact, factor))
        return sorted(found, key=lambda one: (-one[0], one[1].code))

    def _share(self, pairs: frozenset[str], place_of: dict[str, float]) -> float:
        return sum(self.weight[pair] * place_of.get(pair, 0.0) for pair in pairs)


PHRASE: Final = 0.5  # how much the words of its source say about a fact, beside its name
BESIDE: Final = 0.68  # weight of a pair that stands in the clause before
PARAGRAPH: Final = 0.3  # weight of a pair that stands only in the paragraph
FAR: Final = 0.45  # weight of a pair that stands in the sentence, but not by the figure
GENERAL, OTHER_MEASURE = 0.95, 0.8  # for 个 in place of 座; for 户 in place of 块
FAR_OFF: Final = 0.12  # taken off where the figure is of another size than the fact: seldom a slip of the pen
HEAD_FAR, HEADLESS = 0.97, 0.8  # where what is counted stands away from the figure, or nowhere
ORDINAL: Final = 0.08  # 第9次 counts less often than it numbers
SAYING: Final = 0.15  # 两级, 三支: one Chinese numeral is oftener a way of speaking than a count
PEN: Final = 0.06  # added where one digit differs, two are changed about, or the scale is another
_ANY: Final = frozenset("个家处座所项件次场场次人名位")
ALIKE: Final = 0.43  # likeness from which a fact answers for a claim
ALIKE_ALONE, CLEAR = 0.34, 0.2  # the same where no other fact comes near
SECOND: Final = 0.15  # a fact so much less like than the likest is not looked at
CLOSE: Final = (
    0.12  # facts this near to the likest one may be meant as well: one that agrees clears the claim
)


def _same_measure(said: str, kept: str) -> float:
    if said == kept:
        return 1.0
    return GENERAL if said in _ANY and kept in _ANY else OTHER_MEASURE


def _is_saying(figure: Figure) -> bool:
    return figure.value <= 10 and not figure.words[0].isdigit()


def _slip(said: Decimal, kept: Decimal) -> float:
    """What the figures alone say: one that looks like a slip of the pen is likelier meant for the fact."""
    if not said or not kept or said == kept:
        return 0.0
    one, other = _digits(said), _digits(kept)
    if len(one) == len(other) > 1 and (
        sum(a != b for a, b in zip(one, other, strict=True)) == 1 or sorted(one) == sorted(other)
    ):
        return PEN
    ratio = max(said, kept) / min(said, kept)
    if one == other:
        return PEN if ratio in (10, 10**4) else 0.0
    return 0.0 if ratio <= 12 or Decimal("0.8") <= ratio / Decimal(10**4) <= Decimal("1.25") else -FAR_OFF


def _digits(value: Decimal) -> str:
    return f"{value.normalize():f}".replace(".", "").strip("0")


def _may_mean(claim: Claim, fact: FactLine) -> bool:
    if claim.figure.is_ordinal and claim.figure.measure != fact.measure:
        return False
    return _same_time(claim, fact)


def _same_time(claim: Claim, fact: FactLine) -> bool:
    """Whether claim and fact may speak of the same year: both name years and none is common, they do not."""
    said = set(_YEAR.findall(claim.near)) or set(_YEAR.findall(claim.sentence))
    kept = set(re.findall(r"\d{4}", fact.period))
    return not said or not kept or bool(said & kept) or "以来" in claim.sentence or "以来" in fact.period


def contradictions(text: str, ledger: Ledger) -> list[Clash]:
    """Claims that a fact of the ledger contradicts, in the order of the text.

    Within a sentence each fact answers for one claim and each claim speaks of one fact, likest pairs first; a figure
    that agrees has the better right to its fact, so that 由60家增加到65家 is no contradiction.
    """
    return [clash for clash, agrees in answered(text, ledger) if not agrees]


def agreeing(text: str, ledger: Ledger) -> set[str]:
    """Codes of the facts a text quotes rightly."""
    return {clash.fact.code for clash, agrees in answered(text, ledger) if agrees}


def answered(text: str, ledger: Ledger) -> list[tuple[Clash, bool]]:
    """Every claim a fact answers for, and whether they agree, in the order of the text."""
    by_sentence: dict[str, list[Claim]] = defaultdict(list)
    for claim in claims(text):
        if claim.is_held:
            by_sentence[claim.sentence].append(claim)
    found = [one for group in by_sentence.values() for one in _of_sentence(group, ledger)]
    return sorted(found, key=lambda one: one[0].start)


def _of_sentence(group: list[Claim], ledger: Ledger) -> Iterator[tuple[Clash, bool]]:
    pairs = []
    for place, claim in enumerate(group):
        found = ledger.matches(claim)
        clear = len(found) == 1 or (len(found) > 1 and found[0][0] - found[1][0] >= CLEAR)
        found = [one for one in found if one[0] >= (ALIKE_ALONE if clear else ALIKE)]
        for likeness, fact, factor in found:
            if likeness < found[0][0] - SECOND:
                break
            agrees = agreement(claim.figure, fact.value, fact.relation, factor) != DIFFERENT
            pairs.append((likeness + CLOSE * agrees, agrees, -place, fact.code + fact.period, fact, likeness))
    taken_facts: set[str] = set()
    taken_claims: set[int] = set()
    for _rank, agrees, place, key, fact, likeness in sorted(pairs, key=lambda one: one[:4], reverse=True):
        if key in taken_facts or place in taken_claims:
            continue
        taken_facts.add(key)
        taken_claims.add(place)
        claim = group[-place]
        figure = claim.figure
        yield (
            Clash(
                figure.value, figure.words, claim.sentence, fact, claim.line, figure.start, figure.end, min(1.0, likeness)
            ),
            agrees,
        )  # fmt: skip
