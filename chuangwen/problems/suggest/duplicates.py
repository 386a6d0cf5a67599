"""Which messages are nearly the same, so that a measurement never sees its own training text."""

from __future__ import annotations

from collections.abc import Sequence
from zlib import crc32

import numpy as np
import numpy.typing as npt

from chuangwen.problems.suggest.features import skeleton

BANDS = 32  # two hashes each: a pair half alike is met in some band with probability 0.9999
ALIKE = 0.4  # Jaccard of character pairs; the segmented and the raw copy of one message stay above it


def near_duplicate_groups(texts: Sequence[str], alike: float = ALIKE) -> npt.NDArray[np.int64]:
    """One group number per text; texts sharing at least `alike` of their character pairs share a number."""
    shingles = [_shingles(text) for text in texts]
    marks = _signatures(shingles)
    parent = list(range(len(texts)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    for band in range(BANDS):
        first: dict[bytes, int] = {}
        for i in range(len(texts)):
            j = first.setdefault(marks[i, 2 * band : 2 * band + 2].tobytes(), i)
            if j != i and root(i) != root(j) and _overlap(shingles[i], shingles[j]) >= alike:
                parent[root(i)] = root(j)
    return np.array([root(i) for i in range(len(texts))], dtype=np.int64)


def _shingles(text: str) -> npt.NDArray[np.uint64]:
    bare = skeleton(text) or "\0"
    pairs = {bare[i : i + 2] for i in range(max(1, len(bare) - 1))}
    return np.array(sorted(crc32(pair.encode()) for pair in pairs), dtype=np.uint64)


def _signatures(shingles: Sequence[npt.NDArray[np.uint64]]) -> npt.NDArray[np.uint64]:
    """Min-hashes (texts, 2 × BANDS) under multiply-add modulo 2⁶⁴, high bits taken (Broder 1997)."""
    rng = np.random.default_rng(20260101)
    factor = rng.integers(1, 2**63, 2 * BANDS, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
    shift = rng.integers(0, 2**63, 2 * BANDS, dtype=np.uint64)
    out = np.empty((len(shingles), 2 * BANDS), dtype=np.uint64)
    for i, row in enumerate(shingles):
        out[i] = ((row[:, None] * factor + shift) >> np.uint64(20)).min(axis=0)
    return out


def _overlap(left: npt.NDArray[np.uint64], right: npt.NDArray[np.uint64]) -> float:
    both = len(np.intersect1d(left, right, assume_unique=True))
    return both / (len(left) + len(right) - both)
