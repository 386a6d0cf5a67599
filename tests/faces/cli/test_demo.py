"""Demo life in a small city: the same twice, every state there, nothing altered, no picture falsely called
used before.
"""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import transaction

from chuangwen.faces.cli.demo.simulate import simulate
from chuangwen.kernel.models import Evidence, Notice, Post
from chuangwen.kernel.workflow import history
from chuangwen.problems.models import Case, CaseKind, Handover, Prepared, Report, Rung, Source, State
from chuangwen.registers.models import PatrolRound

# Wednesday, a working day, 10:00 in China.
END = dt.datetime(2026, 11, 18, 2, 0, tzinfo=dt.UTC)


pytestmark = pytest.mark.one_engine


@pytest.fixture
def staffed(town):
    """The small city with a liaison in every unit that answers, and three kinds with different clocks."""
    limits = {**town.kind.limits, "fix": ["4", "urgent_hour"]}
    CaseKind.objects.create(
        code="0102", group="公用设施", name="井盖缺失", keywords="井盖 窨井盖", open_when="无盖",
        close_when="盖好", limits=limits,
        unit_rule="unit", unit=town.units["cgj"], source="示例", is_component=True,
    )  # fmt: skip
    Rung.objects.create(
        rank=1, trigger="after_due", amount=1, unit="work_day", action="supervise_yellow", source="示例"
    )
    assert set(Post.objects.filter(role="liaison").values_list("unit__code", flat=True)) == {
        "cgj",
        "jtj",
        "xhl",
    }
    return town


def story():
    """Everything that may not depend on the run, without row numbers: those differ from database to
    database.
    """
    cases = Case.objects.order_by("number").values_list(
        "number",
        "state",
        "source",
        "what",
        "lon",
        "lat",
        "unit__code",
        "kind__code",
        "reported_at",
        "due_at",
        "closed_at",
    )
    steps = [
        (entry.step, entry.from_state, entry.to_state, entry.at, entry.by.username if entry.by else "")
        for entry in history.Entry.objects.select_related("by").order_by("at", "pk")
    ]
    notices = Notice.objects.order_by("at", "text").values_list("at", "text", "seen_at")
    photos = Evidence.objects.order_by("added_at", "blob__sha256").values_list(
        "added_at", "blob__sha256", "lon"
    )
    rounds = PatrolRound.objects.order_by("uid").values_list("uid", "at", "note")
    return list(cases), steps, list(notices), list(photos), list(rounds)


def test_same_seed_and_end_give_the_same_life(staffed):
    def once():
        point = transaction.savepoint()
        simulate(3, days=4, until=END, cases_a_day=1)
        told = story()
        transaction.savepoint_rollback(point)
        return told

    assert once() == once()


@pytest.fixture
def lived(staffed):
    return simulate(3, days=24, until=END, cases_a_day=1.5)


def test_life_up_to_the_end(lived):
    """One simulation looked at from every side: it is the dear part."""
    assert lived.refused == ()
    every_state_and_the_counts_of_the_morning(lived)
    all_is_proved_and_nothing_lies_in_the_future()
    pictures_are_told_apart_except_those_sent_twice()


def every_state_and_the_counts_of_the_morning(summary):
    assert set(summary.states) == set(State.values)
    assert summary.states["reported"] == 23
    returned = Case.objects.filter(state=State.FILED, returns__gt=0).count()
    assert returned == 6
    assert summary.states["answered"] >= 9
    given = Case.objects.filter(state__in=("assigned", "fixing"), is_paused=False)
    assert given.filter(due_at__lt=END).count() >= 7
    assert given.filter(due_at__range=(END, END.replace(hour=15, minute=59, second=59))).count() >= 10
    assert given.exclude(asked_extension="").exists()
    assert set(Case.objects.values_list("supervision", flat=True)) == {0, 1, 2}
    assert set(Handover.objects.values_list("state", flat=True)) >= {"sent", "taken", "recalled"}
    assert Prepared.objects.filter(is_signed__isnull=True).exists()
    assert (
        Case.objects.filter(reworks__gt=0).exists() and Case.objects.filter(recurs_of__isnull=False).exists()
    )
    assert set(Report.objects.values_list("source", flat=True)) == set(Source.values)
    assert all(Case.objects.values_list("is_sample", flat=True))


def all_is_proved_and_nothing_lies_in_the_future():
    assert list(history.verify()) == []
    assert not history.Entry.objects.filter(at__gt=END).exists()
    assert not Case.objects.filter(changed_at__gt=END).exists()
    assert not Notice.objects.filter(told_at__isnull=True).exists()  # nothing for a worker to send out
    assert (
        Notice.objects.filter(seen_at__isnull=True).exists()
        and Notice.objects.filter(seen_at__isnull=False).exists()
    )


def pictures_are_told_apart_except_those_sent_twice():
    seen, again, flagged = set(), set(), set()
    for photo in Evidence.objects.order_by("pk"):
        again |= {photo.pk} if photo.blob_id in seen else set()
        flagged |= {photo.pk} if "reused_of" in photo.findings else set()
        seen.add(photo.blob_id)
    assert len(seen) > 50
    assert flagged == again
