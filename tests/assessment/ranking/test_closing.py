"""Closing a month counts what the rates count, once, and keeps every row it counted."""

from __future__ import annotations

import datetime as dt

import pytest

from chuangwen.assessment.closing import close_month
from chuangwen.assessment.ranking_models import RankFact, Ranking
from chuangwen.kernel.workflow.flow import NotAllowed, Refused
from chuangwen.problems import rates
from tests.assessment.ranking.conftest import OCTOBER, local, make_rule

pytestmark = pytest.mark.django_db


def line(ranking, unit):
    return ranking.lines.get(key=unit.pk)


def test_parts_are_the_counts_of_the_month(october):
    ranking = close_month("unit", OCTOBER, by=october.office)
    part = line(ranking, october.units["cgj"]).parts["fixed_in_time"]
    assert (part["good"], part["count"], part["rate"], part["late"]) == ("8", 10, "0.8", 0)
    assert line(ranking, october.units["jtj"]).parts["passed_first"]["rate"] == "0.8"
    assert ranking.state == "draft" and ranking.cutoff_at == local(2026, 11, 1, 0)


def test_facts_agree_with_the_table_of_rates(october):
    town, cases = october.town, october.cases
    due = local(2026, 10, 20)
    cases.make("cgj", due, state="held")
    cases.make("cgj", due, state="void")
    cases.make("cgj", due, state="fixing", reworks=2, answered=due)
    cases.make("jtj", due, state="answered", answered=due - dt.timedelta(hours=1))
    cases.good("jtj", 1, recurs_of=cases.good("jtj")[0])
    cases.good("cgj", 3, month=11)
    ranking = close_month("unit", OCTOBER, by=october.office)
    period = rates.days(OCTOBER, dt.date(2026, 10, 31))
    table = {row.key: row.rates for row in rates.table("unit", period, person=town.people["office"])}
    for unit in (town.units["cgj"], town.units["jtj"]):
        parts, row = line(ranking, unit).parts, table[unit.pk]
        for code, rate in (("fixed_in_time", "fixed_in_time"), ("passed_first", "passed")):
            assert (int(parts[code]["good"]), parts[code]["count"]) == (
                row[rate].numerator,
                row[rate].denominator,
            )
        recurred = row["recurred"]
        good = recurred.denominator - recurred.numerator
        assert (int(parts["not_recurred"]["good"]), parts["not_recurred"]["count"]) == (
            good,
            recurred.denominator,
        )


def test_sent_twice_is_there_once(october):
    first = close_month("unit", OCTOBER, by=october.office)
    again = close_month("unit", dt.date(2026, 10, 20), by=october.office)
    assert first.pk == again.pk
    assert Ranking.objects.count() == 1 and RankFact.objects.filter(measure="fixed_in_time").count() == 16


def test_who_may_not_and_when_it_cannot(october):
    with pytest.raises(NotAllowed):
        close_month("unit", OCTOBER, by=october.people["liaison"])
    with pytest.raises(Refused, match="没有在用的考核规则"):
        close_month("street", OCTOBER, by=october.office)
    with pytest.raises(Refused, match="还没有开始"):
        close_month("unit", dt.date(2027, 10, 1), by=october.office)
    other = make_rule("unit", [{"code": "accurate", "weight": "100"}], version="坏")
    with pytest.raises(Refused, match="不能用于"):
        close_month("unit", OCTOBER, by=october.office, rule=other)


def test_one_case_is_listed_not_ranked(october):
    """Three measures look at it; it is one case all the same, and the rule asks for two."""
    one = line(close_month("unit", OCTOBER, by=october.office), october.units["xhl"])
    assert one.rank is None and one.score is not None and "样本 1 件" in one.why_not
