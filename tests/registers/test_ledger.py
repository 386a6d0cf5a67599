"""The fact ledger: a corrected number is a new version, two persons for one number, stated sums told when they break."""

from __future__ import annotations

from decimal import Decimal

import pytest

from chuangwen.kernel.workflow import history
from chuangwen.kernel.workflow.flow import NotAllowed, Refused
from chuangwen.registers.actions import (
    FactGiven,
    confirm_fact,
    confirm_figure,
    correct_fact,
    enter_fact,
    give_figure,
    state_sum,
)
from chuangwen.registers.claims import contradictions
from chuangwen.registers.exchange import fact_cells, preview_facts, take_in_facts
from chuangwen.registers.models import Fact, FactFigure, FactVersion
from chuangwen.registers.queries import fact_lines, facts, ledger, relations


def given(code="F-1", value=54, **more):
    words = {"name": "全天开放公厕座数", "source": "城管局报表", "measure": "座", **more}
    return FactGiven(code=code, value=Decimal(value), **words)


@pytest.fixture
def fact(town):
    return enter_fact(given(unit=town.units["cgj"]), by=town.people["clerk"])


def test_a_fact_is_entered_once_and_its_code_is_its_own(town, fact):
    again = enter_fact(given(unit=town.units["cgj"]), by=town.people["clerk"])
    assert again.pk == fact.pk and Fact.objects.count() == 1
    with pytest.raises(Refused, match="已有"):
        enter_fact(given(value=60), by=town.people["clerk"])
    with pytest.raises(NotAllowed):
        enter_fact(given("F-2"), by=town.people["liaison"])
    with pytest.raises(Refused, match="出自哪份文件"):
        enter_fact(given("F-2", source=" "), by=town.people["clerk"])


def test_a_corrected_number_is_a_new_version_and_the_old_one_stays(town, fact):
    confirm_fact(fact, by=town.people["office"])
    liaison, new = town.people["liaison"], given(value=57, unit=town.units["cgj"])
    with pytest.raises(Refused, match="为什么更正"):
        correct_fact(fact, new, by=liaison)
    changed = correct_fact(fact, new, by=liaison, reason="新开 3 座")
    old = FactVersion.objects.get()
    assert (changed.version, changed.value, changed.confirmed_by) == (2, 57, None)
    assert (old.no, old.value, old.confirmed_by, old.reason, old.replaced_by) == (
        1, 54, town.people["office"], "新开 3 座", liaison,
    )  # fmt: skip
    same = correct_fact(changed, new, by=liaison, reason="再点一次")
    assert same.version == 2 and FactVersion.objects.count() == 1
    assert [entry.step for entry in history.changes_of(fact)].count("enter") == 1


def test_better_words_are_no_new_version(town, fact):
    changed = correct_fact(fact, given(unit=town.units["cgj"], definition="含景区"), by=town.people["clerk"])
    assert (changed.version, changed.definition, FactVersion.objects.count()) == (1, "含景区", 0)


def test_another_unit_may_not_correct_and_the_owner_may_not_give_it_away(town, fact):
    with pytest.raises(NotAllowed):
        correct_fact(fact, given(value=60, unit=town.units["cgj"]), by=town.people["liaison2"], reason="x")
    with pytest.raises(NotAllowed, match="数据单位由创建办定"):
        correct_fact(fact, given(unit=town.units["jtj"]), by=town.people["liaison"], reason="x")


def test_the_liaison_gives_and_another_person_confirms(town, fact):
    liaison, head = town.people["liaison"], town.people["head"]
    row = give_figure(fact, 2025, Decimal("54"), by=liaison, source="年报")
    with pytest.raises(NotAllowed):
        confirm_figure(row, by=liaison)
    with pytest.raises(NotAllowed):
        give_figure(fact, 2025, Decimal(1), by=town.people["liaison2"])
    assert confirm_figure(row, by=head).confirmed_by == head
    assert confirm_figure(row, by=town.people["office"]).confirmed_by == head  # twice is once
    assert (
        give_figure(fact, 2025, Decimal("54"), by=liaison).confirmed_by == head
    )  # nothing new, still confirmed
    assert give_figure(fact, 2025, Decimal("55"), by=liaison).confirmed_by is None
    assert FactFigure.objects.count() == 1
    with pytest.raises(Refused, match="年度"):
        give_figure(fact, 2999, Decimal(1), by=liaison)


def test_nobody_confirms_his_own_number(town, fact):
    head = town.people["head"]
    row = give_figure(fact, 2024, Decimal(50), by=head)
    with pytest.raises(Refused, match="另一人"):
        confirm_figure(row, by=head)
    office = town.people["office"]
    mine = enter_fact(given("F-3"), by=office)
    with pytest.raises(Refused, match="另一人"):
        confirm_fact(mine, by=office)


def test_unconfirmed_facts_stand_first_and_words_find_them(town, fact):
    other = enter_fact(
        given("A-1", name="停车场个数", measure="个", source="住建局报表"), by=town.people["clerk"]
    )
    confirm_fact(other, by=town.people["office"])
    assert [row.code for row in facts()] == ["F-1", "A-1"]
    assert [row.code for row in facts(word="停车")] == ["A-1"]
    assert [row.code for row in facts(unit="cgj")] == ["F-1"]
    assert [row.code for row in facts(unit="-")] == ["A-1"]
    assert [row.code for row in facts(source="住建局")] == ["A-1"]
    assert [row.code for row in facts(unsigned=True)] == ["F-1"]


def test_each_year_is_a_number_of_its_own_to_the_matcher(town, fact, django_assert_num_queries):
    give_figure(fact, 2024, Decimal(48), by=town.people["liaison"])
    with django_assert_num_queries(1):
        assert [(row.value, row.period) for row in fact_lines()] == [(54, ""), (48, "2024年")]
    kept = ledger()
    assert contradictions("2024年全天开放公厕48座。", kept) == []
    assert [one.words for one in contradictions("2024年全天开放公厕49座。", kept)] == ["49座"]
    correct_fact(fact, given(value=57, unit=town.units["cgj"]), by=town.people["clerk"], reason="新开")
    assert [one.fact.value for one in contradictions("全天开放公厕54座。", ledger())] == [57]


def test_a_stated_sum_breaks_when_a_part_is_corrected(town, django_assert_num_queries):
    clerk = town.people["clerk"]
    parts = [
        enter_fact(given(f"L-{n}", value, name=f"文明实践{name}个数", measure="个"), by=clerk)
        for n, (name, value) in enumerate((("中心", 5), ("所", 59), ("站", 1210)))
    ]
    total = enter_fact(given("L-9", 1274, name="文明实践中心（所、站）总数", measure="个"), by=clerk)
    state_sum("S-1", "阵地", parts, by=clerk, total=total)
    state_sum("S-1", "阵地", parts, by=clerk, total=total)
    with django_assert_num_queries(3):
        (relation,) = relations()
    assert (relation.checked.verdict, [f.code for f in relation.parts]) == ("holds", ["L-0", "L-1", "L-2"])
    correct_fact(parts[1], given("L-1", 60, name="文明实践所个数", measure="个"), by=clerk, reason="新建一所")
    checked = relations()[0].checked
    assert (checked.verdict, checked.difference) == ("fails", 1)
    with pytest.raises(Refused, match="至少两项"):
        state_sum("S-2", "一项", parts[:1], by=clerk)
    with pytest.raises(Refused, match="占比要两项"):
        state_sum("S-2", "占比", parts[:2], by=clerk, kind="share")
    with pytest.raises(NotAllowed):
        state_sum("S-2", "阵地", parts, by=town.people["liaison"])


def test_the_table_out_comes_in_again_and_changes_are_shown_first(town, fact):
    header = "编号,名称,数值,比较,计量单位,来源,数据单位\n"
    preview = preview_facts(f"{header}F-1,全天开放公厕座数,54,=,座,城管局报表,城市管理局\n".encode(), "a.csv")
    assert (preview.same, preview.changes, preview.faults) == (1, [], [])
    text = f"{header}F-1,全天开放公厕座数,57,=,座,城管局报表,城市管理局\nF-2,停车场个数,50,=,个,住建局报表,\n"
    preview = preview_facts(text.encode(), "a.csv")
    assert [(one.row, one.old is None, one.is_number) for one in preview.changes] == [
        (2, False, True),
        (3, True, True),
    ]
    assert Fact.objects.get().value == 54
    with pytest.raises(Refused, match="写明理由"):
        take_in_facts(preview, "", by=town.people["clerk"])
    assert take_in_facts(preview, "年报更正", by=town.people["clerk"]) == (1, 1)
    assert Fact.objects.get(code="F-1").value == 57 and FactVersion.objects.get().value == 54
    assert fact_cells(Fact.objects.get(code="F-1"))[:3] == ["F-1", "全天开放公厕座数", 57]


def test_a_table_with_faults_names_their_rows(town, fact):
    text = "编号,名称,数值,来源,数据单位\nF-1,公厕,五十,报表,\nF-3,公厕,5,报表,没有的局\nF-4,公厕,5,报表,\nF-4,公厕,6,报表,\n"
    faults = preview_facts(text.encode(), "a.csv").faults
    assert len(faults) == 3
    assert "C2" in faults[0] and "第 3 行" in faults[1] and "第 5 行" in faults[2]
