"""A fixed query gives the rows its queryset gives, for each new value."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db.models import Q
from django.utils import timezone

from chuangwen.kernel.fixed_query import FixedQuery
from chuangwen.kernel.models import Entry, Person, Post, Unit
from chuangwen.problems.actions import Told, take_report

pytestmark = pytest.mark.django_db


def entries(subject: str, pk: int):
    rows = Entry.objects.filter(subject=subject, subject_id=pk).select_related("by").order_by("seq")
    return rows.only("step", "at", "given", "by__name")


def test_models_with_what_they_point_to_come_out_as_from_the_queryset(town, django_assert_num_queries):
    ask = FixedQuery(entries, subject=str, pk=int)
    ask(subject="problems.case", pk=0)
    for by in (town.people["clerk"], None):
        case = take_report(Told(text="井盖丢了", lon=113.021, lat=34.752), by=by).case
        wanted = list(entries("problems.case", case.pk))
        with django_assert_num_queries(1):
            found = ask(subject="problems.case", pk=case.pk)
            assert [(e.pk, e.step, e.at, e.given, e.by and e.by.name) for e in found] == [
                (e.pk, e.step, e.at, e.given, e.by and e.by.name) for e in wanted
            ]
        assert found[0].get_deferred_fields() == wanted[0].get_deferred_fields()


def test_values_dates_moments_and_uids_reach_the_engine_in_its_own_form(town):
    posts = FixedQuery(
        lambda person, day: Post.objects.in_force(day).filter(person=person).values_list("role", "unit__path"),
        person=int, day=dt.date,
    )  # fmt: skip
    person, today = town.people["clerk"], timezone.localdate()
    wanted = list(person.posts.values_list("role", "unit__path"))
    assert wanted and posts(person=person.pk, day=today) == wanted
    assert posts(person=person.pk, day=dt.date(1990, 1, 1)) == []
    report = take_report(Told(text="井盖丢了", lon=113.021, lat=34.752), by=person)
    of_case = FixedQuery(
        lambda uid, since: Entry.objects.filter(uid=uid, at__gte=since), uid=type(report.uid), since=dt.datetime
    )
    entry = Entry.objects.get(subject_id=report.case_id)
    assert of_case.one(uid=entry.uid, since=entry.at) == entry
    assert of_case.one(uid=entry.uid, since=entry.at + dt.timedelta(microseconds=1)) is None


def test_a_shape_that_hides_a_value_is_not_prepared():
    hidden = FixedQuery(lambda name: Person.objects.filter(name__contains=name), name=str)
    with pytest.raises(TypeError, match="slot"):
        hidden(name="李")
    flat = FixedQuery(lambda pk: Unit.objects.filter(Q(pk=pk)).values_list("pk", flat=True), pk=int)
    with pytest.raises(TypeError, match="values_list"):
        flat(pk=1)
