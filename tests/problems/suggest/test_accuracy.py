"""Accuracy on real messages: learnt from segmented text, judged on raw messages without a copy there."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import numpy as np
import pytest

from chuangwen.problems.suggest.measure import Report, cross_validate

FOLDER = Path(__file__).resolve().parents[4] / "shared" / "data" / "complaints-zh"


def _rows(name: str) -> list[dict[str, str]]:
    path = FOLDER / name
    if not path.exists():
        pytest.skip("left out: ../shared/data is absent")
    with gzip.open(path, "rt", encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _segmented_to_raw(kind: str) -> Report:
    # Every third segmented row: enough to tell a fall, and quick.
    segmented, raw = _rows("labelled_tokens.csv.gz")[::3], _rows("labelled_raw.csv.gz")
    texts = [row["tokens"] for row in segmented] + [row["title"] + "\u3000" + row["body"] for row in raw]
    labels = [row["label"] for row in segmented + raw]
    judged = np.arange(len(texts)) >= len(segmented)
    return cross_validate(texts, labels, judged=judged, kind=kind, folds=2)


@pytest.mark.parametrize(("kind", "least"), [("light", 0.875), ("full", 0.875)])
def test_segmented_to_raw_without_copies(kind: str, least: float) -> None:
    report = _segmented_to_raw(kind)
    print(report)
    assert report.count > 1000
    assert report.accuracy >= least
    assert report.macro_f1 >= least
    assert report.calibration_error <= 0.05


def test_raw_to_raw_without_copies() -> None:
    raw = _rows("labelled_raw.csv.gz")
    texts = [row["title"] + "\u3000" + row["body"] for row in raw]
    report = cross_validate(texts, [row["label"] for row in raw], kind="light")
    print(report)
    assert report.accuracy >= 0.85
    assert report.calibration_error <= 0.06
