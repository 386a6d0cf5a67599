"""What can be said about a text alone: its length as an office counts it, what was copied, which figures it gives.

Pure: no Django, no database.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache
from typing import Final, NamedTuple

#: As the text editors of an office count 字符数（不计空格）; the page's script leaves out the same ones.
BLANK: Final = re.compile(r"[\s\u200b\u200c\u200d\u2060\ufeff]")


def count_characters(text: str) -> int:
    """Characters without blanks: a Chinese character, a letter, a digit and a mark count one each."""
    return len(BLANK.sub("", text))


# Copied text -----------------------------------------------------------------------------------------

SHINGLE: Final = 10  # characters; shorter runs are set phrases that every report of an office holds
PASSAGE: Final = 16


class Copied(NamedTuple):
    """How much of a text stands in an older one: share 0–1 of its characters, the longest passages first."""

    share: float
    passages: tuple[str, ...]


def copied_from(text: str, older: str, most: int = 5) -> Copied:
    """Compares by shingles of SHINGLE characters, blanks left out; a passage is a run of at least PASSAGE of them.

    Source: A. Broder, "On the resemblance and containment of documents" (1997): containment of `text` in `older`,
    here by characters covered, so that the share means what a reader sees.
    """
    new, old = BLANK.sub("", text), BLANK.sub("", older)
    if len(new) < SHINGLE or len(old) < SHINGLE:
        return Copied(0.0, ())
    known = {old[at : at + SHINGLE] for at in range(len(old) - SHINGLE + 1)}
    covered = [False] * len(new)
    for at in range(len(new) - SHINGLE + 1):
        if new[at : at + SHINGLE] in known:
            covered[at : at + SHINGLE] = [True] * SHINGLE
    runs = [new[first:last] for first, last in _runs(covered) if last - first >= PASSAGE]
    return Copied(sum(covered) / len(new), tuple(sorted(runs, key=len, reverse=True)[:most]))


def _runs(covered: list[bool]) -> Iterator[tuple[int, int]]:
    first = None
    for at, is_in in enumerate([*covered, False]):
        if is_in and first is None:
            first = at
        elif not is_in and first is not None:
            yield first, at
            first = None


# Figures ---------------------------------------------------------------------------------------------

_SENTENCE: Final = re.compile(r"[^。；;！!？?\n]+")
_NUMBER: Final = re.compile(
    r"(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)\s*([十百千]?[万亿]|[十百千](?![分]))?\s*(余|多)?\s*(?:个)?"
)
_SCALE: Final = {"": 1, "十": 10, "百": 100, "千": 1000, "万": 10**4, "亿": 10**8}
_TAIL: Final = re.compile(r"(总数|数量|个数|人数|家数|处数|数|量)$")
ALIKE: Final = 0.75  # of the pairs of characters of a fact's name that must stand in the sentence
#: How far a figure may lie above a fact that says "over" (余), and either side of one that says "about" (约).
OVER: Final = Decimal("1.1")
ABOUT: Final = Decimal("0.05")


class FactLine(NamedTuple):
    """One fact of the ledger: `relation` is =, ≥ or ≈."""

    code: str
    name: str
    value: Decimal
    relation: str
    measure: str
    period: str
    source: str


class Clash(NamedTuple):
    """A figure in a text that contradicts the ledger: the number as read, its sentence, the fact."""

    number: Decimal
    words: str
    sentence: str
    fact: FactLine


def figures(text: str) -> Iterator[tuple[Decimal, str, int]]:
    """(value, words, end) of every number in a text: 1,300 · 22万 · 3.5亿; without its unit of measure."""
    for found in _NUMBER.finditer(text):
        scale = found[2] or ""
        factor = 1
        for letter in scale:
            factor *= _SCALE[letter]
        yield Decimal(found[1].replace(",", "")) * factor, found[0].strip(), found.end()


def clashes(text: str, facts: list[FactLine]) -> list[Clash]:
    """Figures that contradict a fact of the same name and unit of measure; at most one for each fact.

    A sentence speaks of a fact when ALIKE of the pairs of characters of its name stand in it. One figure that
    agrees anywhere clears the fact: a report that gives last year's number beside this year's is right.
    """
    plain = unicodedata.normalize("NFKC", text)
    sentences = [(one[0], _pairs(one[0]), [*figures(one[0])]) for one in _SENTENCE.finditer(plain)]
    found = []
    for fact in facts:
        measure, name = _asked(fact.measure, fact.name)
        if not measure or len(name) < 2:
            continue
        said = [
            Clash(value, words + measure, sentence.strip(), fact)
            for sentence, pairs, numbers in sentences
            if len(name & pairs) >= ALIKE * len(name)
            for value, words, end in numbers
            if sentence[end:].startswith(measure)
        ]
        if said and not any(_agrees(one.number, fact) for one in said):
            found.append(said[0])
    return found


@lru_cache(maxsize=4096)
def _asked(measure: str, name: str) -> tuple[str, frozenset[str]]:
    """A fact's unit of measure and the pairs of its name, worked out once: a ledger has hundreds of facts."""
    plain = unicodedata.normalize("NFKC", name)
    return unicodedata.normalize("NFKC", measure), frozenset(_pairs(_TAIL.sub("", plain)))


def _pairs(text: str) -> set[str]:
    plain = re.sub(r"[\W\d]", "", text)
    return {plain[at : at + 2] for at in range(len(plain) - 1)}


def _agrees(number: Decimal, fact: FactLine) -> bool:
    if fact.relation in ("≥", ">="):
        return fact.value <= number <= fact.value * OVER
    if fact.relation in ("≈", "~"):
        return abs(number - fact.value) <= fact.value * ABOUT
    return number == fact.value
