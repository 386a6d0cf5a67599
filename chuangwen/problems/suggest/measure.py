"""How good suggestions are on messages not learnt from: accuracy, F1, and whether 0.8 means 80 in 100."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from django.utils.translation import gettext as _

from chuangwen.problems.suggest import train as learning
from chuangwen.problems.suggest.model import Model

BINS = 10


@dataclass(frozen=True)
class Bin:
    """Suggestions whose confidence lies in one tenth: how sure on average, how often right, how many."""

    low: float
    high: float
    confidence: float
    accuracy: float
    count: int


@dataclass(frozen=True)
class LabelScore:
    """One label: share of its suggestions that are right, of its messages found, both, messages."""

    label: str
    precision: float
    recall: float
    f1: float
    count: int


@dataclass(frozen=True)
class Report:
    """Figures over `count` judged messages; `calibration_error` is the mean |confidence − accuracy|."""

    count: int
    folds: int
    accuracy: float
    macro_f1: float
    calibration_error: float
    bins: list[Bin]
    labels: list[LabelScore]

    def __str__(self) -> str:
        lines = [
            _("交叉验证（{folds} 折，近似重复的留言在同一折）：{count} 条").format(
                folds=self.folds, count=self.count
            ),
            _("准确率 {accuracy:.4f}　宏平均F1 {f1:.4f}　校准误差 {error:.4f}").format(
                accuracy=self.accuracy, f1=self.macro_f1, error=self.calibration_error
            ),
            "",
            _("置信度区间　平均置信度　实际准确率　条数"),
        ]
        lines += [
            f"{one.low:.1f}–{one.high:.1f}　　　{one.confidence:.4f}　　　{one.accuracy:.4f}　　　{one.count}"
            for one in self.bins
            if one.count
        ]
        lines += ["", _("精确率　召回率　F1　　　条数　类别")]
        lines += [
            f"{one.precision:.4f}　{one.recall:.4f}　{one.f1:.4f}　{one.count:>5}　{one.label}"
            for one in self.labels
        ]
        return "\n".join(lines)


def cross_validate(
    texts: Sequence[str],
    labels: Sequence[str],
    groups: npt.NDArray[np.int64] | None = None,
    folds: int = 5,
    *,
    kind: str = "light",
    judged: npt.NDArray[np.bool_] | None = None,
    seed: int = 0,
) -> Report:
    """Learn on all folds but one, judge on that one, for each fold.

    `groups` (texts,) keeps rows together, by default near-duplicates. `judged` (texts,) names the rows that
    count (all by default); the others only are learnt from then: learn from one source, judge on another.
    Raises ValueError when there are fewer than two groups to split.
    """
    lesson = learning.lesson_of(texts, labels, kind, groups)
    counted = np.ones(len(lesson.wanted), dtype=bool)
    if judged is not None:
        counted = judged[np.array([bool(label.strip()) for label in labels])]
    report = _crossed(lesson, counted, folds, seed)
    if report is None:
        raise ValueError("at least two different texts are needed")
    return report


def _crossed(lesson: learning.Lesson, counted: npt.NDArray[np.bool_], folds: int, seed: int) -> Report | None:
    """Measure on the rows `counted`; unless these are all rows, they are never learnt from."""
    folds = min(folds, len(set(lesson.groups[counted].tolist())))
    if folds < 2:
        return None
    fold = learning.fold_of(lesson.groups, folds, seed)
    chances = np.zeros((len(fold), len(lesson.names)), dtype=np.float32)
    learnable = counted if counted.all() else ~counted
    for one in range(folds):
        outside = np.flatnonzero((fold == one) & counted)
        inside = np.flatnonzero(learnable & ~np.isin(lesson.groups, lesson.groups[outside]))
        if len(outside) and len(inside):
            model = learning.fit(lesson.some(inside), seed)
            chances[outside] = learning.chances(model, lesson.some(outside))
    return judge(chances[counted], lesson.wanted[counted], lesson.names, folds)


def train_and_measure(
    texts: Sequence[str], labels: Sequence[str], *, kind: str = "full", folds: int = 3, seed: int = 0
) -> tuple[Model, Report | None]:
    """Learn from all labelled rows, and tell how well by cross-validation (None when too few to split).

    The texts are counted once for both, which is most of the time taken.
    """
    lesson = learning.lesson_of(texts, labels, kind)
    report = _crossed(lesson, np.ones(len(lesson.wanted), dtype=bool), folds, seed)
    return learning.fit(lesson, seed), report


def judge(
    chances: npt.NDArray[np.float32], wanted: npt.NDArray[np.int64], names: Sequence[str], folds: int
) -> Report:
    """The figures of probabilities (rows, labels) against the true label numbers (rows,)."""
    given = chances.argmax(axis=1)
    sure, right = chances.max(axis=1), given == wanted
    bins = [_bin(i, sure, right) for i in range(BINS)]
    scores = [_label_score(name, given == i, wanted == i) for i, name in enumerate(names)]
    # A label that no judged message has and none was given says nothing of the suggester.
    seen = [score for i, score in enumerate(scores) if score.count or (given == i).any()]
    return Report(
        count=len(wanted),
        folds=folds,
        accuracy=float(right.mean()),
        macro_f1=float(np.mean([score.f1 for score in seen])),
        calibration_error=sum(abs(one.confidence - one.accuracy) * one.count for one in bins) / len(wanted),
        bins=bins,
        labels=seen,
    )


def _bin(number: int, sure: npt.NDArray[np.float32], right: npt.NDArray[np.bool_]) -> Bin:
    here = np.minimum((sure * BINS).astype(int), BINS - 1) == number
    count = int(here.sum())
    confidence, accuracy = (float(sure[here].mean()), float(right[here].mean())) if count else (0.0, 0.0)
    return Bin(number / BINS, (number + 1) / BINS, confidence, accuracy, count)


def _label_score(name: str, given: npt.NDArray[np.bool_], wanted: npt.NDArray[np.bool_]) -> LabelScore:
    both, told, count = int((given & wanted).sum()), int(given.sum()), int(wanted.sum())
    f1 = 2 * both / (told + count) if told + count else 0.0
    return LabelScore(name, both / told if told else 0.0, both / count if count else 0.0, f1, count)
