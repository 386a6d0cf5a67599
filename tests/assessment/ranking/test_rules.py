"""A rule is followed by the next, never edited; a unit is in one peer group."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from chuangwen.assessment.closing import close_month, rule_for
from chuangwen.assessment.rank_rules import Measured, RankRuleFacts, make_rank_rule, set_peer_group
from chuangwen.assessment.ranking_models import RankRule
from chuangwen.kernel.workflow.flow import NotAllowed, Refused
from tests.assessment.ranking.conftest import NOVEMBER, OCTOBER

pytestmark = pytest.mark.django_db
FACTS = RankRuleFacts(
    "unit",
    "2026-2",
    NOVEMBER,
    "示例",
    (Measured("fixed_in_time", "60", cap="0.98"), Measured("tasks_in_time", "40")),
)


def test_the_version_of_the_month_is_the_one_in_force_then(october):
    new = make_rank_rule(FACTS, by=october.office)
    assert make_rank_rule(FACTS, by=october.office).pk == new.pk and RankRule.objects.count() == 2
    assert (rule_for("unit", OCTOBER), rule_for("unit", NOVEMBER)) == (october.rule, new)
    assert close_month("unit", OCTOBER, by=october.office).rule_id == october.rule.pk


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"measures": (Measured("fixed_in_time", "60"), Measured("tasks_in_time", "50"))}, "应是 100"),
        ({"measures": (Measured("fixed_in_time", "多"),)}, "数字"),
        ({"measures": (Measured("accurate", "100"),)}, "不能用于"),
        ({"measures": (Measured("fixed_in_time", "50"), Measured("fixed_in_time", "50"))}, "两次"),
        ({"measures": (Measured("fixed_in_time", "100", cap="0.5", floor="0.6"),)}, "封顶"),
        ({"measures": (Measured("fixed_in_time", "100", missing="guess"),)}, "封顶"),
        ({"confidence": 1}, "置信水平"),
        ({"subject": "clicks"}, "没有这种"),
        ({"version": "示例 1"}, "换一个版本号"),
    ],
)
def test_rules_that_cannot_be(october, changed, words):
    with pytest.raises(Refused, match=words):
        make_rank_rule(replace(FACTS, **changed), by=october.office)
    assert RankRule.objects.count() == 1


def test_only_the_office(october):
    for role in ("clerk", "leader", "liaison", "admin"):
        with pytest.raises(NotAllowed):
            make_rank_rule(FACTS, by=october.people[role])
        with pytest.raises(NotAllowed):
            set_peer_group("B", "示例", [], by=october.people[role])


def test_a_unit_is_in_one_group(october):
    cgj, jtj, xhl = (october.units[code] for code in ("cgj", "jtj", "xhl"))
    other = set_peer_group("B", "配合部门", [jtj, xhl], by=october.office, rank=2)
    assert list(october.group.units.all()) == [cgj] and set(other.units.all()) == {jtj, xhl}
    ranking = close_month("unit", OCTOBER, by=october.office)
    assert dict(ranking.lines.values_list("key", "group_id")) == {
        cgj.pk: october.group.pk, jtj.pk: other.pk, xhl.pk: other.pk
    }  # fmt: skip
    set_peer_group("B", "配合部门", [xhl], by=october.office, rank=2)
    assert ranking.lines.get(key=jtj.pk).group_id == other.pk
    assert rule_for("unit", dt.date(2026, 10, 31)) == october.rule
