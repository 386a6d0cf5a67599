"""A second request for the same thing is known with its first, within the city's period, until it is taken back."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from chuangwen.kernel.models import Demand
from chuangwen.kernel.workflow import burden

THING = "material:12:2026"


@pytest.fixture
def first(town):
    return Demand.objects.create(
        unit=town.units["cgj"], kind="paper", subject="x.item", subject_id=1, asked_by=town.people["office"],
        asked_at=timezone.now() - dt.timedelta(days=3), purpose="实施方案", about=THING,
    )  # fmt: skip


def before(town, unit="cgj", kind="paper", about=THING, **more):
    return burden.asked_before(town.units[unit].pk, kind, about, **more)


def test_the_same_thing_of_the_same_unit_is_known_with_who_asked_when(town, first):
    assert before(town) == first
    day = timezone.localtime(first.asked_at).strftime("%Y-%m-%d")
    assert (
        burden.pointer_to(first)
        == f"{day} 已向这个单位要过：实施方案（示例 office）。用那一次的，不再要第二次。"
    )


def test_another_unit_kind_thing_or_time_is_another_request(town, first, django_assert_num_queries):
    assert before(town, unit="jtj") is None
    assert before(town, kind="photo") is None
    assert before(town, about="material:13:2026") is None
    assert before(town, at=timezone.now() + dt.timedelta(days=40)) is None
    with django_assert_num_queries(0):
        assert before(town, about="") is None and burden.asked_before(None, "paper", THING) is None


def test_a_matter_may_ask_again_for_its_own(town, first):
    assert before(town, but=("x.item", 1)) is None
    assert before(town, but=("x.item", 2)) == first


def test_what_was_taken_back_may_be_asked_for_again_and_stays_counted(town, first):
    class Taken:
        subject, pk = "x.item", 1

    burden.take_back(Taken())
    assert before(town) is None and Demand.objects.count() == 1


def test_many_units_at_once(town, first):
    units = [town.units["cgj"].pk, town.units["jtj"].pk]
    assert burden.asked_of(units, "paper", THING) == {town.units["cgj"].pk: first}
    assert burden.asked_of(units, "paper", "") == {}
