"""A suggester for a city without closed cases yet: the catalogue's own words, with low confidence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from math import log

from chuangwen.problems.suggest.features import normalise, skeleton

SURENESS = 0.7  # never more than this without a single case to have learnt from
DOUBT = 3.0  # evidence that "none of these" has before any word is read, in the units of a rare keyword
PART = 0.35  # what sharing a pair of characters with a keyword or name is worth beside the whole keyword


class KeywordModel:
    """Scores each kind by the rare keywords, and the rare character pairs of them, that a text holds."""

    def __init__(self, rows: Iterable[tuple[str, str, str | Sequence[str]]]) -> None:
        """`rows`: (code, name, keywords as a list or as words divided by spaces)."""
        self._words: dict[str, frozenset[str]] = {}
        self._pairs: dict[str, frozenset[str]] = {}
        for code, name, keywords in rows:
            given = keywords.split() if isinstance(keywords, str) else keywords
            bare = {skeleton(word) for word in [name, *given]} - {""}
            self._words[code] = frozenset(bare)
            self._pairs[code] = frozenset(pair for word in bare for pair in _pairs(word))
        self._rarity = _rarity(self._words.values()) | _rarity(self._pairs.values())

    def predict(self, text: str, top: int = 3) -> list[tuple[str, float]]:
        """At most `top` (kind code, confidence 0–0.7) pairs, surest first; empty when no word is known."""
        bare = skeleton(normalise(text))
        pairs = _pairs(bare)
        scores = {code: self._score(code, bare, pairs) for code in self._words}
        total = sum(score * score for score in scores.values())
        best = sorted((code for code in scores if scores[code] > 0), key=lambda code: (-scores[code], code))[
            :top
        ]
        # Squares: a kind that explains more of the text takes more than its share of the sureness.
        return [(code, SURENESS * scores[code] ** 2 / (total + DOUBT)) for code in best]

    def _score(self, code: str, bare: str, pairs: frozenset[str]) -> float:
        whole = sum(self._rarity[word] * len(word) / 2 for word in self._words[code] if word in bare)
        return whole + PART * sum(self._rarity[pair] for pair in self._pairs[code] & pairs)


def _pairs(text: str) -> frozenset[str]:
    return frozenset(text[i : i + 2] for i in range(len(text) - 1))


def _rarity(sets: Iterable[frozenset[str]]) -> dict[str, float]:
    """Weight of each word by in how few kinds it stands: 1 for one kind, falling with the logarithm."""
    counts = Counter(word for one in sets for word in one)
    return {word: 1 / (1 + log(count)) for word, count in counts.items()}
