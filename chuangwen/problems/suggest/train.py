"""Learning a suggester from labelled texts; scikit-learn is loaded here only, and only when called."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from chuangwen.problems.suggest.duplicates import near_duplicate_groups
from chuangwen.problems.suggest.features import BLOCKS, PLANS, hashed
from chuangwen.problems.suggest.model import Array, Member, Model, softmax

Places = npt.NDArray[np.int64]

PENALTY = 0.5  # C of the linear SVM; 0.25–1 measured alike on 7,366 messages in seven subjects
FOLDS = 3  # for the confidence only
LARGEST = {"light": (2**17, 10 * 2**20), "full": (2**20, 64 * 2**20)}  # buckets, bytes of one table
FEW = 50  # below so many texts even a feature seen once is kept
SMOOTHING = 2.0  # texts with the usual mix of labels added to each feature's own
LEAST_TOLD = 0.05  # nats; what every label has in common still counts a little
UNSEEN_MARGIN = -1.2  # of a label that a fold could not learn


@dataclass(frozen=True)
class Lesson:
    """Counted texts with their labels: one sparse matrix (texts, buckets) for each block of each member.

    `wanted` (texts,) indexes `names`; `groups` (texts,) gives copies of one message the same number.
    """

    kind: str
    counts: list[list[Any]]
    names: list[str]
    wanted: Places
    groups: Places

    def some(self, index: Places) -> Lesson:
        """The same for some of the texts; names stay as they are."""
        counts = [[block[index] for block in member] for member in self.counts]
        return Lesson(self.kind, counts, self.names, self.wanted[index], self.groups[index])


def train(texts: Sequence[str], labels: Sequence[str], *, kind: str = "light", seed: int = 0) -> Model:
    """Learn from texts and their labels, both of one length. `kind`: "light" for pages, "full" for files.

    Rows without label are left out. Raises ValueError when nothing is left, or for an unknown kind.
    """
    return fit(lesson_of(texts, labels, kind), seed)


def lesson_of(texts: Sequence[str], labels: Sequence[str], kind: str, groups: Places | None = None) -> Lesson:
    """Count the features of labelled texts; rows without label are left out. Raises ValueError as `train`."""
    if kind not in PLANS:
        raise ValueError(f"unknown kind of model: {kind}")
    kept = [i for i, label in enumerate(labels) if label.strip()]
    if not kept or len(texts) != len(labels):
        raise ValueError("no labelled text to learn from")
    names = sorted({labels[i].strip() for i in kept})
    number = {name: i for i, name in enumerate(names)}
    wanted = np.array([number[labels[i].strip()] for i in kept], dtype=np.int64)
    some = [texts[i] for i in kept]
    together = near_duplicate_groups(some) if groups is None else groups[np.array(kept)]
    return Lesson(kind, _counts(some, kind, len(names)), names, wanted, together)


def fit(lesson: Lesson, seed: int = 0) -> Model:
    """Learn from a lesson. A name without a text keeps its place among the labels, with a low margin."""
    labels, wanted = len(lesson.names), lesson.wanted
    share = (np.bincount(wanted, minlength=labels) + 1) / (len(wanted) + labels)
    prior = np.asarray(share, dtype=np.float32)
    if len(set(wanted.tolist())) < 2:
        # One label only: nothing to tell apart, so being right is as sure as the rows are many (Laplace).
        return Model(
            lesson.kind, lesson.names, [], np.asarray(prior * len(wanted) / (len(wanted) + 1), np.float32)
        )
    members = [
        _member(blocks, matrices, wanted, labels, scale, seed)
        for blocks, matrices, scale in zip(
            PLANS[lesson.kind], lesson.counts, _scales(lesson, seed), strict=True
        )
    ]
    return Model(lesson.kind, lesson.names, members, prior)


def chances(model: Model, lesson: Lesson) -> Array:
    """Probabilities (texts, labels) for counted texts: what `Model.predict` gives, for many at once."""
    rows = len(lesson.wanted)
    if not model.members:
        return np.tile(model.prior, (rows, 1))
    logits = np.zeros((rows, len(model.labels)), dtype=np.float32)
    for member, matrices in zip(model.members, lesson.counts, strict=True):
        logits += member.scale * _margins(member, matrices)
    return softmax(logits)


def fold_of(groups: Places, folds: int, seed: int) -> Places:
    """The fold 0 … folds-1 of each row; rows of one group share it, and folds are even to one group."""
    unique, inverse = np.unique(groups, return_inverse=True)
    order = np.random.default_rng(seed).permutation(len(unique))
    return np.asarray((order % folds)[inverse], dtype=np.int64)


def _counts(texts: Sequence[str], kind: str, labels: int) -> list[list[Any]]:
    buckets, limit = LARGEST[kind]
    while buckets > 2**12 and buckets * labels * 2 > limit:
        buckets //= 2
    plan = PLANS[kind]
    flat = [block for member in plan for block in member]
    rows = [hashed(text, flat, buckets) for text in texts]
    matrices = [_sparse([row[i] for row in rows], buckets) for i in range(len(flat))]
    starts = np.cumsum([0] + [len(member) for member in plan]).tolist()
    return [matrices[a:b] for a, b in pairwise(starts)]


def _sparse(rows: Sequence[dict[int, int]], buckets: int) -> Any:
    from scipy.sparse import csr_matrix  # type: ignore[import-untyped]

    ends = np.cumsum([0] + [len(row) for row in rows])
    where = np.fromiter((bucket for row in rows for bucket in row), dtype=np.int32, count=ends[-1])
    times = np.fromiter((n for row in rows for n in row.values()), dtype=np.float32, count=ends[-1])
    return csr_matrix((1 + np.log(times), where, ends), shape=(len(rows), buckets))


def _weighted(blocks: Sequence[str], matrices: Sequence[Any], rarity: npt.NDArray[np.float16]) -> Any:
    """One matrix (texts, buckets): rarity applied, each block of length 1 times its own weight."""
    total: Any = None
    for block, matrix in zip(blocks, matrices, strict=True):
        part = matrix.copy()
        part.data = part.data * rarity[part.indices].astype(np.float32)
        lengths = np.sqrt(np.asarray(part.multiply(part).sum(axis=1)).ravel())
        part.data *= np.repeat(BLOCKS[block][1] / np.where(lengths > 0, lengths, 1), np.diff(part.indptr))
        total = part if total is None else total + part
    return total.astype(np.float32)


def _rarity(matrices: Sequence[Any], wanted: Places, labels: int) -> npt.NDArray[np.float16]:
    """Weight of each bucket: inverse document frequency times what it tells of the label; 0 if too rare."""
    rows, buckets = matrices[0].shape
    seen = np.max([np.bincount(matrix.indices, minlength=buckets) for matrix in matrices], axis=0)
    least = 2 if rows >= FEW else 1
    weight = (np.log((1 + rows) / (1 + seen)) + 1) * _telling(matrices, wanted, labels)
    return np.where(seen >= least, weight, 0).astype(np.float16)


def _telling(matrices: Sequence[Any], wanted: Places, labels: int) -> npt.NDArray[np.float64]:
    """Per bucket the root of the information (nats) that its presence gives on the label.

    Relative entropy of the labels of the texts having the feature against all labels, smoothed; supervised
    term weighting (Debole and Sebastiani 2003) pushes down what all subjects say: greetings, places, pleas.
    """
    buckets = matrices[0].shape[1]
    share = (np.bincount(wanted, minlength=labels) + 1) / (len(wanted) + labels)
    seen = _texts_with(matrices, buckets)
    told = np.zeros(buckets)
    for label in range(labels):  # one at a time: a table of all labels would take too much memory
        rows = np.flatnonzero(wanted == label)
        count = _texts_with([matrix[rows] for matrix in matrices], buckets)
        given = (count + SMOOTHING * share[label]) / (seen + SMOOTHING)
        told += given * np.log(given / share[label])
    return np.asarray(np.sqrt(np.maximum(told, 0) + LEAST_TOLD), dtype=np.float64)


def _texts_with(matrices: Sequence[Any], buckets: int) -> npt.NDArray[np.int64]:
    """In how many texts each bucket occurs, over all blocks."""
    total = np.zeros(buckets, dtype=np.int64)
    for matrix in matrices:
        total += np.bincount(matrix.indices, minlength=buckets)
    return total


def _member(
    blocks: list[str], matrices: Sequence[Any], wanted: Places, labels: int, scale: float, seed: int
) -> Member:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.svm import LinearSVC

    rarity = _rarity(matrices, wanted, labels)
    machine = LinearSVC(C=PENALTY, class_weight="balanced", random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        machine.fit(_weighted(blocks, matrices, rarity), wanted)
    found, offset = machine.coef_, machine.intercept_
    if len(machine.classes_) == 2:
        found, offset = np.vstack([-found, found]), np.concatenate([-offset, offset])
    weights = np.zeros((len(rarity), labels), dtype=np.float16)
    weights[:, machine.classes_] = found.T
    bias = np.full(labels, UNSEEN_MARGIN, dtype=np.float32)
    bias[machine.classes_] = offset
    return Member(blocks, weights, rarity, bias, scale)


def _margins(member: Member, matrices: Sequence[Any]) -> Array:
    weighted = _weighted(member.blocks, matrices, member.rarity)
    return np.asarray(weighted @ member.weights.astype(np.float32) + member.bias, dtype=np.float32)


def _scales(lesson: Lesson, seed: int) -> list[float]:
    """How much a unit of each member's margin says, by likelihood on unseen rows (Guo 2017)."""
    plan, labels = PLANS[lesson.kind], len(lesson.names)
    folds = fold_of(lesson.groups, FOLDS, seed)
    margins = np.zeros((len(plan), len(folds), labels), dtype=np.float32)
    usable = np.zeros(len(folds), dtype=bool)
    for fold in range(FOLDS):
        inside, outside = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
        if not len(outside) or len(set(lesson.wanted[inside].tolist())) < 2:
            continue
        usable[outside] = True
        learn, judge = lesson.some(inside), lesson.some(outside)
        for i, blocks in enumerate(plan):
            member = _member(blocks, learn.counts[i], learn.wanted, labels, 1.0, seed)
            margins[i, outside] = _margins(member, judge.counts[i])
    if usable.sum() < 2 * labels:
        return [1 / len(plan)] * len(plan)  # too few to judge by: margins of ±1 then give low confidence
    return _likeliest(margins[:, usable], lesson.wanted[usable])


def _likeliest(margins: Array, wanted: Places) -> list[float]:
    from scipy.optimize import minimize  # type: ignore[import-untyped]

    rows = np.arange(len(wanted))

    def loss(logs: npt.NDArray[np.float64]) -> float:
        chance = softmax(np.tensordot(np.exp(logs), margins, axes=1).astype(np.float32))
        return float(-np.log(np.maximum(chance[rows, wanted], 1e-9)).mean())

    start = np.full(len(margins), np.log(2.5 / len(margins)))
    bounds = [(np.log(0.05), np.log(20.0))] * len(margins)
    best = minimize(loss, start, method="Nelder-Mead", bounds=bounds)
    return [float(value) for value in np.exp(best.x)]
