"""Sentences of faults: one for each kind, each with its figures, in the words of the interface."""

from __future__ import annotations

import re

import pytest

from chuangwen.inspections.draw.faults import SENTENCES, DrawFault, Fault, FaultKind


@pytest.mark.parametrize("kind", FaultKind)
def test_every_kind_has_a_sentence_that_says_what_next(kind):
    text = SENTENCES[kind]
    sentence = Fault(kind, {name: f"<{name}>" for name in re.findall(r"%\((\w+)\)s", text)}).sentence
    assert "%" not in sentence
    assert sentence.endswith("。")
    assert not set("请您！") & set(sentence)


def test_a_refusal_holds_all_and_reads_line_by_line():
    faults = [Fault(FaultKind.EMPTY_REGISTER, {}), Fault(FaultKind.BAD_MARGIN, {"margin": 0})]
    refusal = DrawFault(faults)
    assert refusal.faults == tuple(faults)
    assert str(refusal).splitlines() == [
        "范围内没有点位，无从抽取。先扩大点位类型或区域的范围。",
        "希望的误差为 0。误差要大于 0。",
    ]
