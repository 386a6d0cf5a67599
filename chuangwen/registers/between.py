"""Texts against each other: the same thing counted with two numbers, where no fact need know it. Pure."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from math import log
from typing import Final, NamedTuple

from chuangwen.registers.claims import Claim, claims, pairs_of
from chuangwen.registers.figures import DIFFERENT, agreement, comparable

LIKE: Final = 0.75  # weighted share of the words two figures stand in that must be common
ENOUGH: Final = 50  # figures; in fewer texts how rare a word is says little
LEAST: Final = 3  # pairs of characters; fewer words name too little
_EMPTY: Final = re.compile(
    r"截[至止].{0,5}?(?=共|已|累|现|全|，|$)|目前|今年以?来?|全市|现有|已有|共有|共计|累计|一共|达到?"
)
_YEAR: Final = re.compile(r"(\d{4})\s*年")


class Place(NamedTuple):
    """One figure of one text: the text's title, the figure as written, its sentence and line."""

    title: str
    words: str
    sentence: str
    line: int


class Disagreement(NamedTuple):
    """Two places that count the same thing differently."""

    first: Place
    second: Place
    likeness: float


class _Said(NamedTuple):
    title: str
    claim: Claim
    pairs: frozenset[str]


def disagreements(texts: Sequence[tuple[str, str]]) -> list[Disagreement]:
    """Figures of (title, text) that contradict each other, within one text too; each figure is named once at most.

    Two claims speak of the same thing when the words beside their figures are LIKE enough, rare words weighing more. A
    claim that finds its own number anywhere among its likes is left alone.
    """
    said = [
        _Said(title, claim, pairs)
        for title, text in texts
        for claim in claims(text)
        if claim.is_held and not claim.figure.is_ordinal and len(pairs := _wide(claim)) >= LEAST
    ]
    counts = Counter(pair for one in said for pair in one.pairs)
    whole = max(len(said), ENOUGH)
    weight = {pair: log(1 + whole / n) for pair, n in counts.items()}
    having: dict[str, list[int]] = defaultdict(list)
    found, named = [], set()
    for place, one in enumerate(said):
        alike = sorted(
            (
                (_likeness(one, said[other], weight), other)
                for other in {o for pair in one.pairs for o in having[pair]}
            ),
            reverse=True,
        )
        for pair in one.pairs:
            having[pair].append(place)
        alike = [each for each in alike if each[0] >= LIKE and _may_differ(one, said[each[1]])]
        if not alike or any(_agree(one, said[other]) for _share, other in alike):
            continue
        share, other = alike[0]
        if other not in named:
            named.add(place)
            found.append(Disagreement(_place(said[other]), _place(one), share))
    return found


def _wide(claim: Claim) -> frozenset[str]:
    """Pairs of the words beside the figure, without those that only say when and that there is something."""
    return frozenset(pair for pair in pairs_of(_EMPTY.sub("|", claim.near)) if len(pair) == 2)


def _likeness(one: _Said, other: _Said, weight: dict[str, float]) -> float:
    """Dice's coefficient of the weighted pairs, 0–1."""
    whole = sum(weight[pair] for pair in one.pairs) + sum(weight[pair] for pair in other.pairs)
    return 2 * sum(weight[pair] for pair in one.pairs & other.pairs) / whole if whole else 0.0


def _may_differ(one: _Said, other: _Said) -> bool:
    """Comparable units of measure, another sentence, and no two different years."""
    if (
        one.claim.sentence == other.claim.sentence
        or comparable(one.claim.figure.measure, other.claim.figure.measure) is None
    ):
        return False
    mine, theirs = _years(one.claim), _years(other.claim)
    return not mine or not theirs or bool(mine & theirs)


def _years(claim: Claim) -> set[str]:
    return set(_YEAR.findall(claim.near)) or set(_YEAR.findall(claim.sentence))


def _agree(one: _Said, other: _Said) -> bool:
    return any(_agrees(a, b) for a, b in _both(one.claim, other.claim))


def _both(one: Claim, other: Claim) -> Iterator[tuple[Claim, Claim]]:
    yield one, other
    yield other, one


def _agrees(said: Claim, kept: Claim) -> bool:
    factor = comparable(said.figure.measure, kept.figure.measure)
    if factor is None:
        return False
    return agreement(said.figure, kept.figure.value, kept.figure.relation, factor) != DIFFERENT


def _place(one: _Said) -> Place:
    return Place(one.title, one.claim.figure.words, one.claim.sentence, one.claim.line)
