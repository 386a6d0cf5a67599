"""What follows for units: recorded once with ground, counted while the month is open, lifted with a reason; the year's export."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal

import pytest
from django.utils import timezone
from openpyxl import load_workbook

from chuangwen.assessment.consequence_models import Consequence, SpecialFinding
from chuangwen.assessment.consequences import (
    ConsequenceFacts,
    SpecialFacts,
    add_finding,
    lift_consequence,
    record_consequence,
    record_special,
)
from chuangwen.assessment.ranking_models import Ranking
from chuangwen.assessment.year_export import save_export_map, write_year, year_rows
from chuangwen.kernel.models import Entry
from chuangwen.kernel.workflow import history
from chuangwen.kernel.workflow.flow import NotAllowed, Refused
from chuangwen.tasks.models import Task
from tests.assessment.month import line_of, month_of

ROWS = {"cgj": {"fixed_in_time": (6, 4)}, "jtj": {"fixed_in_time": (9, 1)}, "xhl": {"fixed_in_time": (9, 1)}}
DAY = dt.date(2026, 10, 20)


@pytest.fixture
def month(town):
    return month_of(town, ROWS)


def facts(town, **more):
    given = {
        "kind": "deduct", "unit": town.units["cgj"], "on": DAY, "ground": "通报第 9 号", "points": Decimal("2.5")
    }  # fmt: skip
    return ConsequenceFacts(**{**given, **more})


def test_a_deduction_counts_at_once_and_not_after_it_is_lifted(town, month):
    office = town.people["office"]
    row = record_consequence(facts(town), by=office)
    assert line_of(month, town.units["cgj"]).score == Decimal("57.5000")
    assert line_of(month, town.units["cgj"]).bonus == Decimal("-2.50")
    record_consequence(facts(town), by=office)  # sent twice
    assert Consequence.objects.count() == 1
    lift_consequence(row, "复核属误报", by=office)
    lift_consequence(row, "又一次", by=office)
    assert line_of(month, town.units["cgj"]).score == Decimal("60.0000")
    kept = Entry.objects.filter(subject="assessment.consequence", subject_id=row.pk)
    assert [entry.step for entry in kept.order_by("seq")] == ["enter", "change"]
    assert list(history.verify()) == []


def test_a_veto_takes_the_rank_and_words_alone_change_nothing(town, month):
    office = town.people["office"]
    record_consequence(facts(town, kind="interview", points=Decimal()), by=office)
    assert line_of(month, town.units["cgj"]).score == Decimal("60.0000")
    record_consequence(facts(town, kind="veto", points=Decimal(), ground="负面清单第 3 条"), by=office)
    line = line_of(month, town.units["cgj"])
    assert (line.rank, line.veto) == (None, "负面清单第 3 条")


def test_a_frozen_month_takes_no_more_points(town, month):
    office = town.people["office"]
    row = record_consequence(facts(town), by=office)
    Ranking.objects.filter(pk=month.pk).update(state="frozen")
    with pytest.raises(Refused, match="已定稿"):
        record_consequence(facts(town, ground="另一件"), by=office)
    later = record_consequence(facts(town, ground="另一件", month=dt.date(2026, 11, 9)), by=office)
    assert later.month == dt.date(2026, 11, 1)
    record_consequence(facts(town, kind="criticism", points=Decimal(), ground="不带分"), by=office)
    lift_consequence(row, "复核属误报", by=office)
    assert line_of(month, town.units["cgj"]).score == Decimal("57.5000")


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"ground": " "}, "依据"), ({"points": Decimal(-1)}, "0 到 100"), ({"points": Decimal()}, "写分数"),
        ({"month": dt.date(2026, 9, 1)}, "不能早于"), ({"kind": "fine"}, "措施"), ({"on": dt.date(2199, 1, 1)}, "还没有到"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(town, more, words):
    with pytest.raises(Refused, match=words):
        record_consequence(facts(town, **more), by=town.people["office"])


@pytest.mark.parametrize("post", ["clerk", "liaison", "leader", "nobody"])
def test_only_the_office_records(town, post):
    with pytest.raises(NotAllowed):
        record_consequence(facts(town), by=town.people[post])
    with pytest.raises(NotAllowed):
        save_export_map("表", [("", "name")], "示例", by=town.people[post])


def test_a_finding_becomes_one_task_of_the_unit(town):
    office, today = town.people["office"], timezone.localdate()
    special = record_special(
        SpecialFacts("专项巡察", town.units["cgj"], "第一组", today, today, "市委 2026-3 号"), by=office
    )
    due = today + dt.timedelta(days=10)
    made = [add_finding(special, "台账不全", due, by=office) for _twice in (1, 2)]
    assert made[0] == made[1]
    assert SpecialFinding.objects.count() == 1
    task = Task.objects.get()
    assert (task.unit, task.due_on, task.state) == (town.units["cgj"], due, "doing")
    with pytest.raises(Refused, match="晚于今天"):
        add_finding(special, "别的", today, by=office)


def test_the_years_mean_is_scaled_and_only_frozen_months_count(town, month):
    later = month_of(
        town, {"cgj": {"fixed_in_time": (8, 2)}, "jtj": {"fixed_in_time": (7, 3)}}, month=dt.date(2026, 11, 1)
    )
    Ranking.objects.filter(pk=month.pk).update(state="frozen")
    assert {row.unit.code: row.mean for row in year_rows(2026)} == {"cgj": 60, "jtj": 90, "xhl": 90}
    Ranking.objects.filter(pk=later.pk).update(state="frozen")
    rows = {row.unit.code: row for row in year_rows(2026)}
    assert {code: row.mean for code, row in rows.items()} == {"cgj": 70, "jtj": 80, "xhl": 90}
    assert {code: row.place for code, row in rows.items()} == {"xhl": 1, "jtj": 2, "cgj": 3}

    form = save_export_map(
        "目标办", [("单位", "name"), ("", "score"), ("", "month_11"), ("", "months")], "示例", by=town.people["office"],
        full=Decimal(15), decimals=1,
    )  # fmt: skip
    out = io.BytesIO()
    assert write_year(out, form, 2026) == 3
    cells = list(load_workbook(out).active.iter_rows(min_row=2, values_only=True))
    assert cells[0] == ("单位", "折算得分", "11 月得分", "定稿月数")
    assert cells[1:] == [
        ("新华路街道办", 13.5, None, 1),
        ("交通运输局", 12, 10.5, 2),
        ("城市管理局", 10.5, 12, 2),
    ]


def test_a_form_of_unknown_content_is_refused(town):
    with pytest.raises(Refused, match="没有“money”"):
        save_export_map("表", [("钱", "money")], "示例", by=town.people["office"])
    with pytest.raises(Refused, match="至少"):
        save_export_map("表", [("空", "")], "示例", by=town.people["office"])
