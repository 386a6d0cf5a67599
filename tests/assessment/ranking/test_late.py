"""What becomes known after a month was frozen counts in the next close, once, and says which month it is from."""

from __future__ import annotations

import pytest

from chuangwen.assessment.closing import close_month
from chuangwen.assessment.ranking_flow import RankingFlow
from chuangwen.assessment.ranking_models import RankFact, RankState
from chuangwen.problems.models import Case
from tests.assessment.ranking.conftest import NOVEMBER, OCTOBER, local, make_rule
from tests.assessment.ranking.test_flow import OVER, frozen

pytestmark = pytest.mark.django_db


def late_of(ranking):
    rows = RankFact.objects.filter(ranking=ranking, late_from__isnull=False)
    return sorted(rows.values_list("measure", "object_id", "value", "late_from"))


def test_unknown_then_counts_now_and_says_so(october):
    then = frozen(october)
    (new,) = october.cases.late("cgj")
    october.cases.good("cgj", 2, month=11)
    ranking = close_month("unit", NOVEMBER, by=october.office)
    assert late_of(ranking) == [
        ("fixed_in_time", new.pk, 0, OCTOBER), ("not_recurred", new.pk, 10000, OCTOBER), ("passed_first", new.pk, 10000, OCTOBER)
    ]  # fmt: skip
    part = ranking.lines.get(key=october.units["cgj"].pk).parts["fixed_in_time"]
    assert (part["good"], part["count"], part["late"]) == ("2", 3, 1)
    assert not RankFact.objects.filter(ranking=then, object_id=new.pk).exists()


def test_found_worse_later_counts_once_as_it_is_now(october):
    """Answered in time and counted good; sent back after the freezing, mended late: now it is 0, in November."""
    frozen(october)
    case = Case.objects.filter(unit=october.units["jtj"], reworks=0).first()
    Case.objects.filter(pk=case.pk).update(reworks=1, answered_at=local(2026, 11, 9))
    november = close_month("unit", NOVEMBER, by=october.office)
    assert late_of(november) == [
        ("fixed_in_time", case.pk, 0, OCTOBER),
        ("passed_first", case.pk, 0, OCTOBER),
    ]


def test_not_twice_in_two_later_months(october, monkeypatch):
    frozen(october)
    october.cases.late("cgj")
    november = close_month("unit", NOVEMBER, by=october.office)
    assert len(late_of(november)) == 3
    type(november).objects.filter(pk=november.pk).update(state=RankState.FROZEN)
    monkeypatch.setattr("chuangwen.assessment.closing.timezone.now", lambda: local(2027, 1, 1))
    december = close_month("unit", NOVEMBER.replace(month=12), by=october.office)
    assert late_of(december) == []


def test_what_a_void_close_counted_is_not_lost(october):
    frozen(october)
    october.cases.late("cgj")
    november = close_month("unit", NOVEMBER, by=october.office)
    RankingFlow.take(november, "void", by=october.office, given={"reason": "重算"}, at=OVER)
    assert late_of(close_month("unit", NOVEMBER, by=october.office)) == late_of(november)


def test_done_after_the_month_makes_neither_month_better(october):
    """A case open at the freezing and mended in November stays what it was in October, and is no row of November."""
    due = local(2026, 10, 20)
    case = october.cases.make("cgj", due, state="fixing")
    frozen(october)
    Case.objects.filter(pk=case.pk).update(state="answered", answered_at=local(2026, 11, 3))
    november = close_month("unit", NOVEMBER, by=october.office)
    assert not RankFact.objects.filter(ranking=november, measure="fixed_in_time", object_id=case.pk).exists()


def test_no_longer_of_the_month_stays_where_it_was_counted(october):
    """Void, merged, moved to another unit: the old row stays (an objection takes it out), the new unit's row is new."""
    frozen(october)
    void, moved = Case.objects.filter(unit=october.units["cgj"])[:2]
    Case.objects.filter(pk=void.pk).update(state="void")
    Case.objects.filter(pk=moved.pk).update(unit=october.units["jtj"])
    november = close_month("unit", NOVEMBER, by=october.office)
    rows = RankFact.objects.filter(ranking=november, measure="fixed_in_time")
    assert list(rows.values_list("key", "object_id", "late_from")) == [
        (october.units["jtj"].pk, moved.pk, OCTOBER)
    ]


def test_an_early_cutoff_leaves_the_rest_to_the_next_close(october):
    october.cases.make("cgj", local(2026, 10, 28), answered=local(2026, 10, 27))
    early = close_month("unit", OCTOBER, by=october.office, at=local(2026, 10, 25, 0))
    assert early.cutoff_at == local(2026, 10, 25, 0)
    assert early.lines.get(key=october.units["cgj"].pk).parts["fixed_in_time"]["count"] == 10
    type(early).objects.filter(pk=early.pk).update(state=RankState.FROZEN)
    november = close_month("unit", NOVEMBER, by=october.office)
    assert {row[0] for row in late_of(november)} == {"fixed_in_time", "passed_first", "not_recurred"}


def test_who_and_what_was_not_ranked_then_is_not_late_now(october):
    """A unit that joins the list and a measure that joins the rule begin with the month they join."""
    from chuangwen.kernel.models import Unit

    frozen(october)
    october.cases.late("dcj", 3)
    Unit.objects.filter(code="dcj").update(is_ranked=True)
    october.cases.good("dcj", 1, month=11)
    rule = make_rule(
        measures=[{"code": "fixed_in_time", "weight": "90"}, {"code": "tasks_in_time", "weight": "10"}],
        version="示例 2",
    )
    november = close_month("unit", NOVEMBER, by=october.office, rule=rule)
    part = november.lines.get(key=october.units["dcj"].pk).parts["fixed_in_time"]
    assert (part["count"], part["late"]) == (1, 0)
