"""Story 8: the unit that came last opens its score, objects to two late cases that were not its own, and gets its answer."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from chuangwen.assessment.ranking_models import Objection, RankFact, Ranking
from chuangwen.kernel.workflow import history
from chuangwen.problems.actions import Told, confirm_case, take_report
from tests.assessment.month import bad_rows, line_of, month_of

pytestmark = [pytest.mark.browser, pytest.mark.story, pytest.mark.django_db(transaction=True)]

BUDGET = 6  # figure, two rows, ground, 申诉
LATE = 17


@pytest.fixture
def last(town):
    """城市管理局 is last with 17 late cases of 40."""
    ranking = month_of(town, {
        "cgj": {"fixed_in_time": (40 - LATE, LATE), "passed_first": (38, 2)},
        "jtj": {"fixed_in_time": (38, 2), "passed_first": (39, 1)},
        "xhl": {"fixed_in_time": (37, 3), "passed_first": (38, 2)},
    })  # fmt: skip
    line = line_of(ranking, town.units["cgj"])
    for place, fact in enumerate(bad_rows(line)):
        told = Told(text=f"垃圾{place} 满溢", lon=113.0, lat=34.7601, source="resident", kind=town.kind)
        case = confirm_case(take_report(told, by=None).case, by=town.people["dispatcher"])
        RankFact.objects.filter(pk=fact.pk).update(object_id=case.pk)
    return ranking


def test_8_the_unit_that_came_last(town, last, desk):
    line = line_of(last, town.units["cgj"])
    before = line.score
    liaison = desk(town.people["liaison"])
    page = liaison.open("/")
    page.get_by_role("link", name="城市管理局").click()
    page.get_by_role("heading", name="城市管理局").wait_for()
    spent = liaison.clicks
    page.get_by_role("link", name=f"{LATE} 件超期").click()
    boxes = page.locator("input[name=fact]")
    boxes.first.wait_for()
    assert boxes.count() == LATE
    boxes.nth(3).check()
    boxes.nth(7).check()
    page.get_by_label("理由").fill("两处都在高速出入口，不是本单位路段")
    page.get_by_role("button", name="申诉").click()
    page.get_by_text("待初核").first.wait_for()
    assert liaison.clicks - spent <= BUDGET
    objection = Objection.objects.get()
    assert objection.facts.count() == 2
    assert objection.next_due_at is not None

    clerk = desk(town.people["clerk"])
    page = clerk.open(objection.get_absolute_url())
    page.get_by_label("初核意见").fill("属实，界图上不归城管")
    page.get_by_role("button", name="初核").click()
    page.get_by_text("待决定").first.wait_for()
    office = desk(town.people["office"])
    page = office.open(objection.get_absolute_url())
    page.locator("#grant_reason").fill("按道路分界图，不归你单位")
    page.get_by_role("button", name="采纳", exact=True).click()
    page.get_by_text("已剔除").first.wait_for()

    line.refresh_from_db()
    assert line.parts["fixed_in_time"]["count"] == 38
    assert line.score > before
    page = liaison.open(objection.get_absolute_url())
    page.get_by_text("剔除 2 件").wait_for()
    Ranking.objects.filter(pk=last.pk).update(preview_until=timezone.now() - dt.timedelta(minutes=1))
    page = office.open(last.get_absolute_url())
    page.get_by_role("button", name="定稿冻结").click()
    page.get_by_text("已定稿").first.wait_for()
    assert line_of(last, town.units["cgj"]).score == line.score
    assert list(history.verify()) == []
