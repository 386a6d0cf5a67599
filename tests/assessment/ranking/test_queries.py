"""What is read of a ranking: bands, change, course, and the rows behind a figure, at fixed query counts, under the rules."""

from __future__ import annotations

from decimal import Decimal

import pytest

from chuangwen.assessment.closing import close_month
from chuangwen.assessment.ranking_facts import facts, opened
from chuangwen.assessment.ranking_flow import RankingFlow
from chuangwen.assessment.ranking_models import Ranking, RankLine, RankState
from chuangwen.assessment.ranking_queries import (
    course,
    line_of,
    most_improved,
    ranking_table,
    rankings,
    row_of,
)
from tests.assessment.ranking.conftest import NOVEMBER, OCTOBER, make_rule
from tests.assessment.ranking.test_flow import PUBLISHED, frozen, previewed

pytestmark = pytest.mark.django_db


def fresh(person):
    """As a new request reads it, with posts already known."""
    person = type(person).objects.get(pk=person.pk)
    assert person.standing
    return person


def test_table_has_groups_bands_parts_and_those_not_ranked(october):
    table = ranking_table(previewed(october), person=october.office)
    (group,) = table.groups
    assert group.group == october.group and group.ranked == 2
    assert [band.number for band in group.bands] == [1]
    assert {str(row.line.unit) for row in group.unranked} == {str(october.units["xhl"])}
    assert [column.code for column in table.columns] == ["fixed_in_time", "passed_first", "not_recurred"]
    part = next(row for row in table.rows if row.line.key == october.units["cgj"].pk).parts[0]
    assert (part.good, part.count, part.rate, part.lost) == (8, 10, Decimal("0.8"), 2)
    assert sum((part.points or 0) for part in table.rows[0].parts) == pytest.approx(
        table.rows[0].line.score, abs=Decimal("1e-4")
    )


def test_queries_do_not_grow_with_lines_and_facts(october, django_assert_num_queries):
    frozen(october)
    october.cases.good("cgj", 30, month=11)
    ranking = close_month("unit", NOVEMBER, by=october.office)
    ranking, person = Ranking.objects.select_related("rule").get(pk=ranking.pk), fresh(october.office)
    with django_assert_num_queries(3):
        assert len(ranking_table(ranking, person=person).rows) == 3
    line = line_of(ranking, october.units["cgj"].pk, person)
    with django_assert_num_queries(2):
        assert row_of(line).before.ranking_id != ranking.pk
    with django_assert_num_queries(2):
        rows = opened(facts(line, "fixed_in_time", person=person)[:50], person=person)
    assert len(rows) == 30 and all(row.link.startswith("/cases/") for row in rows)
    with django_assert_num_queries(2):
        assert len(course("unit", line.key, person=person)) == 1  # a draft is in nobody's course


def test_the_rows_that_lost_come_first_and_open(october):
    ranking = previewed(october)
    line = line_of(ranking, october.units["cgj"].pk, october.office)
    rows = opened(facts(line, "fixed_in_time", person=october.office), person=october.office)
    assert [row.is_good for row in rows] == [False] * 2 + [True] * 8
    assert len(facts(line, "fixed_in_time", person=october.office, side="short")) == 2
    assert len(facts(line, "fixed_in_time", person=october.office, side="part")) == 8
    assert len(facts(line, "fixed_in_time", person=october.office, side="late")) == 0


def test_a_unit_sees_all_scores_from_the_preview_on_and_its_own_rows(october):
    mine, theirs = october.people["liaison"], october.people["liaison2"]
    ranking = close_month("unit", OCTOBER, by=october.office)
    assert not rankings(mine).exists() and line_of(ranking, october.units["cgj"].pk, mine) is None
    ranking = RankingFlow.take(ranking, "publish", by=october.office, at=PUBLISHED).matter
    for person in (mine, theirs, october.people["head"]):
        assert list(rankings(person)) == [ranking]
        assert len(ranking_table(ranking, person=person).rows) == 3
    own = line_of(ranking, october.units["cgj"].pk, mine)
    assert facts(own, "fixed_in_time", person=mine).count() == 10
    assert facts(own, "fixed_in_time", person=october.people["head"]).count() == 10
    assert facts(own, "fixed_in_time", person=theirs).count() == 0
    for role in ("nobody", "grid_keeper", "inspector", "admin"):
        assert not rankings(october.people[role]).exists()
        assert facts(own, "fixed_in_time", person=october.people[role]).count() == 0
    for role in ("office", "clerk", "leader", "auditor", "supervisor"):
        assert facts(own, "fixed_in_time", person=october.people[role]).count() == 10


def test_a_case_that_went_to_another_unit_is_counted_but_not_opened(october):
    ranking, mine = previewed(october), october.people["liaison"]
    line = line_of(ranking, october.units["cgj"].pk, mine)
    fact = facts(line, "fixed_in_time", person=mine)[0]
    from chuangwen.problems.models import Case

    Case.objects.filter(pk=fact.object_id).update(unit=october.units["jtj"])
    row = opened([fact], person=mine)[0]
    assert (row.thing, row.link, row.name) == (None, "", "") and row.fact == fact
    assert opened([fact], person=october.office)[0].thing is not None


def test_rankings_of_persons_show_each_his_own_line(town):
    from chuangwen.kernel.models import Post

    other = town.people["clerk"]
    Post.objects.create(person=other, role="inspector", from_on=OCTOBER)
    make_rule("inspector", [{"code": "valid_reports", "weight": "100"}])
    ranking = close_month("inspector", OCTOBER, by=town.people["office"])
    Ranking.objects.filter(pk=ranking.pk).update(state=RankState.PREVIEW)
    ranking.refresh_from_db()
    mine = town.people["inspector"]
    assert [line.key for line in RankLine.objects.filter(ranking=ranking)] == sorted([mine.pk, other.pk])
    assert [row.line.key for row in ranking_table(ranking, person=mine).rows] == [mine.pk]
    assert len(ranking_table(ranking, person=town.people["office"]).rows) == 2
    assert not rankings(town.people["liaison"]).exists() and list(rankings(mine)) == [ranking]


def test_change_and_most_improved(october):
    frozen(october)
    october.cases.good("cgj", 60, month=11)
    october.cases.good("jtj", 60, month=11)
    november = close_month("unit", NOVEMBER, by=october.office)
    table = ranking_table(november, person=october.office)
    assert table.before.month == OCTOBER and not table.is_rule_changed
    row = next(row for row in table.rows if row.line.key == october.units["cgj"].pk)
    assert row.change == row.line.score - row.before.score > 0
    assert most_improved(table)[0] is row and row.moved == ""
    row.line.rank_low = row.line.rank_high = 1
    row.before.rank_low, row.before.rank_high = 2, 3
    assert row.moved == "up"
    row.before.group_id = None
    assert row.moved == ""
