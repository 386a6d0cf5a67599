"""The measurement: figures worked out by hand, copies kept on one side, labels learnt from elsewhere."""

from __future__ import annotations

import numpy as np
import pytest

from chuangwen.problems.suggest.measure import cross_validate, judge, train_and_measure

from .messages import sample


def test_figures_of_four_answers_by_hand() -> None:
    chances = np.array([[0.95, 0.05], [0.85, 0.15], [0.65, 0.35], [0.25, 0.75]], dtype=np.float32)
    report = judge(chances, np.array([0, 1, 0, 1]), ["甲", "乙"], 2)
    assert report.accuracy == 0.75
    # 甲: 2 right of 3 told and 2 there, F1 4/5; 乙: 1 right of 1 told and 2 there, F1 2/3.
    assert report.macro_f1 == pytest.approx((4 / 5 + 2 / 3) / 2)
    # |0.95−1|, |0.85−0|, |0.65−1|, |0.75−1|, one answer in each bin.
    assert report.calibration_error == pytest.approx((0.05 + 0.85 + 0.35 + 0.25) / 4)
    assert [one.count for one in report.bins] == [0, 0, 0, 0, 0, 0, 1, 1, 1, 1]
    assert [(one.label, one.count) for one in report.labels] == [("甲", 2), ("乙", 2)]
    assert "0.7500" in str(report)


def test_full_confidence_falls_in_the_last_bin() -> None:
    report = judge(np.array([[1.0, 0.0]], dtype=np.float32), np.array([0]), ["甲", "乙"], 2)
    assert report.bins[9].count == 1
    assert report.calibration_error == 0


def test_copies_never_help_each_other() -> None:
    # Each text stands twice with a label of its own: only a leak between folds could get any right.
    texts = ["路灯不亮", "垃圾成堆", "车辆堵门", "井盖松动", "噪声扰民", "污水横流"] * 2
    labels = ["一", "二", "三", "四", "五", "六"] * 2
    assert cross_validate(texts, labels).accuracy == 0
    leaking = cross_validate(texts, labels, groups=np.arange(12))
    assert leaking.accuracy > 0


def test_rows_not_judged_are_learnt_from_only() -> None:
    texts, labels = sample()
    judged = np.array([i % 4 == 0 for i in range(len(texts))])
    report = cross_validate(texts, labels, judged=judged)
    assert report.count == judged.sum()


def test_learning_tells_its_report_or_that_there_is_none() -> None:
    texts, labels = sample()
    model, report = train_and_measure(texts, labels, kind="light")
    assert report is not None and report.count == 120
    assert report.accuracy >= 0.8
    assert model.labels == sorted(set(labels))
    assert train_and_measure(["路灯"], ["照明"])[1] is None
    with pytest.raises(ValueError, match="at least two"):
        cross_validate(["路灯"], ["照明"])
