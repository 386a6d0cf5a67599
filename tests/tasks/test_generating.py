"""A year in one click, twice; requirements split into three kinds of duty; months carried over once."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chuangwen.kernel.models import Entry
from chuangwen.kernel.workflow.flow import NotAllowed, Refused
from chuangwen.tasks.actions import (
    make_drive,
    make_plan,
    make_task,
    measure_after,
    measure_drive,
    split_requirement,
)
from chuangwen.tasks.flow import TaskFlow
from chuangwen.tasks.generating import generate_year
from chuangwen.tasks.models import Drive, DriveTemplate, MonthLine, Plan, Task
from chuangwen.tasks.months import carry_over, plan_month, write_result
from chuangwen.tasks.spreading import due_before, months_left, spread

JANUARY = dt.datetime(2026, 1, 12, 1, 0, tzinfo=dt.UTC)
MARCH = dt.date(2026, 3, 1)


def generate(town, tree, at=JANUARY):
    return generate_year(tree.edition, 2026, by=town.people["office"], at=at)


def test_every_requirement_with_a_lead_gets_one_task_of_its_kind(town, tree):
    made = generate(town, tree)
    kinds = {t.requirement_id: (t.kind, t.unit.code, t.state) for t in made.tasks}
    assert kinds == {
        tree.material.pk: ("document", "cgj", "draft"), tree.site.pk: ("activity", "cgj", "draft"),
        tree.big_site.pk: ("project", "cgj", "draft"), tree.survey.pk: ("activity", "jtj", "draft"),
        tree.series.pk: ("document", "jtj", "draft"),
    }  # fmt: skip
    assert made.without_lead == 1
    assert "1 格没有主责单位" in made.sentence
    material = Task.objects.get(requirement=tree.material)
    assert material.due_on == dt.date(2026, 9, 15)  # 15 days before the material is due on 30 September
    assert list(material.assists.all()) == [town.units["jtj"]]
    assert (made.plan.parent, made.three_years.to_on) == (made.three_years, dt.date(2028, 12, 31))
    # The other four stand evenly in March to November.
    assert sorted(t.due_on for t in made.tasks if t.requirement_id != tree.material.pk) == [
        dt.date(2026, 3, 31), dt.date(2026, 5, 31), dt.date(2026, 7, 31), dt.date(2026, 9, 30),
    ]  # fmt: skip
    assert MonthLine.objects.count() == 5


def test_a_second_click_adds_only_what_is_missing(town, tree):
    first = generate(town, tree)
    again = generate(town, tree)
    assert (again.tasks, again.drives, again.known) == ([], [], 5)
    assert "没有要补的" in again.sentence
    assert (Plan.objects.count(), Task.objects.count()) == (2, 5)

    dropped = Task.objects.get(requirement=tree.site)
    TaskFlow.take(dropped, "drop", by=town.people["office"], given={"reason": "不做"})
    tree.nobody.shares.create(unit=town.units["xhl"], part="lead")
    third = generate(town, tree)
    assert [t.requirement for t in third.tasks] == [tree.nobody]
    assert (third.plan, third.known) == (first.plan, 5)


def test_the_next_year_stands_under_the_same_three_years(town, tree):
    first = generate(town, tree)
    second = generate_year(tree.edition, 2027, by=town.people["office"], at=JANUARY)
    assert second.three_years == first.three_years
    assert second.plan != first.plan
    assert len(second.tasks) == 5


def test_theme_months_come_from_their_table(town, tree):
    DriveTemplate.objects.create(
        name="环境卫生提升月", kind="theme_month", month=5, measure="环境卫生问题", source="示例"
    )
    made = generate(town, tree)
    drive = Drive.objects.get()
    assert made.drives == [drive]
    assert (drive.from_on, drive.to_on, drive.plan) == (dt.date(2026, 5, 1), dt.date(2026, 5, 31), made.plan)
    assert generate(town, tree).drives == []


def test_only_the_office_generates(town, tree):
    with pytest.raises(NotAllowed):
        generate_year(tree.edition, 2026, by=town.people["liaison"])
    assert Plan.objects.count() == 0


def test_no_generated_task_is_due_in_the_past(town, tree):
    made = generate(town, tree, at=dt.datetime(2026, 11, 22, 1, 0, tzinfo=dt.UTC))
    assert {t.due_on > dt.date(2026, 11, 22) for t in made.tasks} == {True}


def test_a_requirement_is_split_into_three_kinds_once(town, tree):
    kinds = ("project", "activity", "document")
    by, due = town.people["office"], dt.date(2026, 6, 30)
    made = split_requirement(tree.material, kinds, by=by, due_on=due)
    assert [t.kind for t in made] == list(kinds)
    assert {t.unit.code for t in made} == {"cgj"}
    assert split_requirement(tree.material, kinds, by=by, due_on=due) == []
    with pytest.raises(Refused, match="还没有主责单位"):
        split_requirement(tree.nobody, kinds, by=by, due_on=due)


def test_plans_hold_together(town):
    by = town.people["office"]
    long = make_plan("three_years", "三年", dt.date(2026, 1, 1), dt.date(2028, 12, 31), by=by)
    with pytest.raises(Refused, match="之内"):
        make_plan("year", "2030", dt.date(2030, 1, 1), dt.date(2030, 12, 31), by=by, parent=long)
    with pytest.raises(Refused, match="早于"):
        make_plan("year", "2027", dt.date(2027, 12, 31), dt.date(2027, 1, 1), by=by, parent=long)
    assert Plan.objects.count() == 1


def test_before_and_after_of_a_drive(town):
    by = town.people["office"]
    drive = make_drive(
        "hard_problem", "停车秩序", dt.date(2026, 4, 1), dt.date(2026, 6, 30), by=by, streets=[town.street]
    )
    measure_drive(drive, "before", Decimal(120), by=by)
    with pytest.raises(Refused, match="不再改"):
        measure_drive(drive, "before", Decimal(90), by=by)
    drive = measure_after(drive, Decimal(31), "三条街恢复单行", by=by)
    assert (drive.before, drive.after, drive.result) == (Decimal(120), Decimal(31), "三条街恢复单行")
    assert Entry.objects.filter(subject="tasks.drive", subject_id=drive.pk).count() == 4


def task_of(town, title="任务", **more):
    return make_task(
        by=town.people["office"],
        kind="project",
        title=title,
        due_on=dt.date(2026, 12, 31),
        at=JANUARY,
        **more,
    )


def test_what_is_not_reached_is_carried_once(town):
    by = town.people["office"]
    a, b, c = (task_of(town, name, budget=Decimal(1), unit=town.units["cgj"]) for name in "甲乙丙")
    for task in (a, b, c):
        plan_month(task, MARCH, f"{task.title}三月", by=by)
    TaskFlow.take(b, "publish", by=by, at=JANUARY)
    TaskFlow.take(b, "submit", by=town.people["liaison"], given={"note": "完"}, at=JANUARY)
    TaskFlow.take(b, "accept", by=by, at=JANUARY)
    plan_month(c, dt.date(2026, 4, 1), "丙四月", by=by)

    first = carry_over(MARCH, by=by)
    assert (first.moved, first.done) == (2, 1)
    april = {line.task.title: line for line in MonthLine.objects.filter(month=dt.date(2026, 4, 1))}
    assert {title: line.plan for title, line in april.items()} == {"甲": "甲三月", "丙": "丙四月"}
    assert {line.carried_from.plan for line in april.values()} == {"甲三月", "丙三月"}
    assert sorted(MonthLine.objects.filter(month=MARCH).values_list("state", flat=True)) == [
        "carried",
        "carried",
        "done",
    ]

    second = carry_over(MARCH, by=by)
    assert (second.moved, second.done) == (0, 0)
    assert MonthLine.objects.count() == 5
    with pytest.raises(Refused, match="已结转"):
        write_result(MonthLine.objects.get(task=a, month=MARCH), "完成一半", True, by=by)
    with pytest.raises(Refused, match="不再排月计划"):
        plan_month(Task.objects.get(pk=b.pk), MARCH, "再来", by=by)


def test_a_line_is_written_again_only_while_planned(town):
    by, task = town.people["office"], task_of(town)
    line = plan_month(task, dt.date(2026, 3, 20), "开工", by=by)
    assert line.month == MARCH
    assert plan_month(task, MARCH, "开工并围挡", by=by).pk == line.pk
    write_result(line, "已开工", True, by=by)
    with pytest.raises(Refused, match="不能再改"):
        plan_month(task, MARCH, "又改", by=by)
    assert MonthLine.objects.get().plan == "开工并围挡"


@settings(max_examples=40)
@given(count=st.integers(1, 60), today=st.dates(dt.date(2026, 1, 1), dt.date(2026, 12, 30)))
def test_spread_is_even_in_order_and_ahead(count, today):
    months = months_left(2026, today)
    days = spread(count, months)
    assert days == sorted(days)
    assert all(day > today for day in days)
    loads = [days.count(month) for month in months]
    assert max(loads) - min(loads) <= 1


@settings(max_examples=40)
@given(
    due=st.dates(dt.date(2026, 1, 1), dt.date(2027, 12, 31)), lead=st.integers(0, 90),
    today=st.dates(dt.date(2026, 1, 1), dt.date(2027, 12, 31)),
)  # fmt: skip
def test_a_task_ends_before_its_material_while_there_is_time(due, lead, today):
    found = due_before(due, lead, today)
    assert found > today
    if due > today:
        assert found <= due
