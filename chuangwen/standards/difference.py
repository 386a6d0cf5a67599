"""What is different between two editions of a tree: standards added, removed, moved, reworded, reweighted.

Pure: works on plain leaves, reads no database. Matching is deterministic: first the same words (under the same code
before another one), then the same code with similar words, then the most similar words anywhere, each standard once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Final

SAME_CODE_FROM: Final = 0.4  # how similar the words must be under one code to be taken for the same standard
ANYWHERE_FROM: Final = 0.6  # … under another code; two standards of one sample tree share 0.33 at most


class Change(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    MOVED = "moved"
    REWORDED = "reworded"
    REWEIGHTED = "reweighted"
    SAME = "same"


@dataclass(frozen=True)
class Leaf:
    """One standard as compared: `above` is the code of its parent, `cells` the points by method."""

    pk: int
    code: str
    above: str
    name: str
    text: str
    full: Decimal | None
    cells: tuple[tuple[str, Decimal], ...] = ()

    @property
    def words(self) -> str:
        return f"{self.name}：{self.text}" if self.text else self.name


@dataclass(frozen=True)
class Piece:
    """A run of text in both (`same`), only in the old (`del`) or only in the new (`ins`)."""

    kind: str
    text: str


@dataclass(frozen=True)
class Pair:
    """A standard of the old edition with its successor; one side is None for a removed or an added one."""

    old: Leaf | None
    new: Leaf | None
    changes: tuple[Change, ...]
    pieces: tuple[Piece, ...] = ()
    # Methods whose points changed: (method, before, after); None where the method is not asked for.
    cells: tuple[tuple[str, Decimal | None, Decimal | None], ...] = ()

    @property
    def is_same(self) -> bool:
        return self.changes == (Change.SAME,)


@dataclass
class Difference:
    """All pairs in the order of the new tree, the removed ones last; `counts` by change."""

    pairs: list[Pair] = field(default_factory=list)

    @property
    def counts(self) -> dict[Change, int]:
        found = Counter(change for pair in self.pairs for change in pair.changes)
        return {change: found[change] for change in Change}


def compare(old: Sequence[Leaf], new: Sequence[Leaf]) -> Difference:
    """The difference of two trees given as their standards in order."""
    partner = match(old, new)
    taken = set(partner.values())
    pairs = []
    by_new = {n: o for o, n in partner.items()}
    for number, leaf in enumerate(new):
        pairs.append(
            _pair(old[by_new[number]], leaf) if number in by_new else Pair(None, leaf, (Change.ADDED,))
        )
    pairs += [Pair(leaf, None, (Change.REMOVED,)) for number, leaf in enumerate(old) if number not in partner]
    assert len(taken) == len(partner)  # each standard has one successor at most
    return Difference(pairs)


def match(old: Sequence[Leaf], new: Sequence[Leaf]) -> dict[int, int]:
    """Which old standard became which new one, by their positions."""
    partner: dict[int, int] = {}
    free = dict.fromkeys(range(len(new)))
    for same_code in (True, False):
        by_words: dict[str, list[int]] = {}
        for n in free:
            by_words.setdefault(new[n].words, []).append(n)
        for o, leaf in enumerate(old):
            found = [
                n
                for n in by_words.get(leaf.words, [])
                if n in free and (not same_code or new[n].code == leaf.code)
            ]
            if o not in partner and found:
                partner[o] = found[0]
                del free[found[0]]
    by_code = {new[number].code: number for number in free}
    for o, leaf in enumerate(old):
        other = by_code.get(leaf.code)
        if o in partner or other is None or other not in free:
            continue
        if similarity(leaf.words, new[other].words, SAME_CODE_FROM):
            partner[o] = other
            del free[other]
    left = [o for o in range(len(old)) if o not in partner]
    likely = [
        (-score, o, n)
        for o in left
        for n in free
        if (score := similarity(old[o].words, new[n].words, ANYWHERE_FROM))
    ]
    for _score, o, n in sorted(likely):
        if o not in partner and n in free:
            partner[o] = n
            del free[n]
    return partner


def similarity(one: str, other: str, least: float) -> float:
    """How much of two texts is the same, 0–1 (Ratcliff/Obershelp); 0 when below `least`."""
    found = SequenceMatcher(None, one, other, autojunk=False)
    if found.real_quick_ratio() < least or found.quick_ratio() < least:
        return 0.0
    ratio = found.ratio()
    return ratio if ratio >= least else 0.0


def _pair(old: Leaf, new: Leaf) -> Pair:
    changes = []
    if (old.code, old.above) != (new.code, new.above):
        changes.append(Change.MOVED)
    if old.words != new.words:
        changes.append(Change.REWORDED)
    before, after = dict(old.cells), dict(new.cells)
    methods = list(dict.fromkeys([*before, *after]))
    cells = tuple((m, before.get(m), after.get(m)) for m in methods if before.get(m) != after.get(m))
    if old.full != new.full or cells:
        changes.append(Change.REWEIGHTED)
    # A name that stayed need not be read again.
    both = (old.text, new.text) if old.name == new.name else (old.words, new.words)
    pieces = tuple(changed_words(*both)) if old.words != new.words else ()
    return Pair(old, new, tuple(changes) or (Change.SAME,), pieces, cells)


def changed_words(old: str, new: str) -> list[Piece]:
    """The two texts as one, by pieces; a lone character left between two changes goes with them, to be readable."""
    spans: list[tuple[str, str, str]] = []  # kind, old text, new text
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        spans.append(("same" if tag == "equal" else "change", old[i1:i2], new[j1:j2]))
    merged: list[tuple[str, str, str]] = []
    for number, (kind, was, now) in enumerate(spans):
        inner = 0 < number < len(spans) - 1
        loose = kind == "same" and inner and len(was) <= 1
        if merged and merged[-1][0] == "change" and (kind == "change" or loose):
            merged[-1] = ("change", merged[-1][1] + was, merged[-1][2] + now)
        else:
            merged.append((kind, was, now))
    return [piece for span in merged for piece in _pieces(span)]


def _pieces(span: tuple[str, str, str]) -> Iterable[Piece]:
    kind, was, now = span
    if kind == "same":
        yield Piece("same", was)
        return
    if was:
        yield Piece("del", was)
    if now:
        yield Piece("ins", now)
