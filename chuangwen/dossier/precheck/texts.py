"""What can be said about a text alone: its length as an office counts it, what was copied, which figures it gives.

Pure: no Django, no database.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache
from typing import Final, NamedTuple

from chuangwen.registers.claims import Clash, FactLine, Ledger, agreeing, contradictions
from chuangwen.registers.figures import figures as registers_figures

__all__ = ["Clash", "FactLine", "clashes", "copied_from", "count_characters", "figures"]

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

def figures(text: str) -> Iterator[tuple[Decimal, str, int]]:
    """(value, words, end) of every number in a text: 1,300 · 22万 · 3.5亿."""
    for figure in registers_figures(text):
        yield figure.value, figure.words, figure.end


def clashes(text: str, facts: list[FactLine]) -> list[Clash]:
    """Figures that contradict a fact of the ledger, at most one for each fact; a fact that one figure agrees with
    elsewhere in the text is cleared: a report that gives last year's number beside this year's is right.
    """
    ledger = _ledger(tuple(facts))
    found: dict[str, Clash] = {}
    cleared = agreeing(text, ledger)
    for clash in contradictions(text, ledger):
        if clash.fact.code not in cleared:
            found.setdefault(clash.fact.code, clash)
    return list(found.values())


@lru_cache(maxsize=4)
def _ledger(facts: tuple[FactLine, ...]) -> Ledger:
    """A ledger made ready once: it has hundreds of facts, and a page checks dozens of papers against it."""
    return Ledger(facts)
