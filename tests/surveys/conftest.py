"""A small edition with three questions, and a batch of 200 questionnaires."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import pytest

from chuangwen.standards.models import Edition, Node, Question, Requirement, Scheme
from chuangwen.surveys.actions import BatchFacts, enter_batch

GRADES = [["满意", "1"], ["一般", "0.5"], ["不满意", "0"]]


def make_questions(edition, *asked):
    """Questions as (code, text, options, points of the standard, floor), one standard each."""
    made = []
    for place, (code, text, options, full, floor) in enumerate(asked):
        node = Node.objects.create(
            edition=edition, tier="standard", code=f"S{place}", name=f"标准{place}", rank=place, full=full
        )
        requirement = Requirement.objects.create(node=node, method="survey", full=full)
        made.append(
            Question.objects.create(
                requirement=requirement, code=code, text=text, options=options, floor=floor
            )
        )
    return made


@pytest.fixture
def survey(town):
    scheme = Scheme.objects.create(code="city", name="城市体系", kind="city")
    edition = Edition.objects.create(scheme=scheme, name="2026", year=2026, full=100, is_current=True)
    questions = make_questions(
        edition,
        ("Q1", "您对窗口服务满意吗？", GRADES, 3, "0.6"),
        ("Q2", "您知道本市在创建文明城市吗？", [["知道", "1"], ["不知道", "0"]], 1, None),
        ("Q3", "您身边的志愿服务氛围浓厚吗？", [["好", "1"], ["一般", "0.5"], ["不好", "0"]], 1, None),
    )
    facts = BatchFacts(
        edition, "六月入户", "door", dt.date(2026, 6, 1), dt.date(2026, 6, 20), 250, 200, "第三方调查"
    )
    batch = enter_batch(facts, by=town.people["office"])
    return SimpleNamespace(
        scheme=scheme,
        edition=edition,
        questions=questions,
        facts=facts,
        batch=batch,
        by=town.people["office"],
    )
