"""One visit sent many times at once, by one phone or by two people; a case opened by two workers: once each."""

from __future__ import annotations

import uuid

import pytest

from chuangwen.inspections import tallies
from chuangwen.inspections.flow import RoundFlow
from chuangwen.inspections.models import Observation, Round, Tally, Visit
from chuangwen.inspections.releasing import open_case, release_round
from chuangwen.kernel.models import Entry
from chuangwen.kernel.workflow.flow import Refused
from chuangwen.problems.models import Case
from tests.problems.test_at_once import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_one_checklist_sent_four_times_at_once_is_one(running, send):
    row = running()
    visit = Visit.objects.filter(round=row).select_related("place", "round", "team").first()
    uid, rater = uuid.uuid4(), visit.team.members.get()
    results = at_once(lambda i: send(visit, {"pass": 0}, uid=uid, by=rater), 4)
    assert [r for r in results if isinstance(r, Exception)] == []
    assert (
        Observation.objects.count(),
        Entry.objects.filter(step="visit").count(),
        Case.objects.count(),
    ) == (3, 1, 1)
    assert sum(Tally.objects.values_list("n", flat=True)) == 3
    assert tallies.recount(row) == []


def test_two_people_at_one_visit_one_wins(ground, running, send):
    row = running()
    visit = Visit.objects.filter(round=row).select_related("place", "round", "team").first()
    people = [visit.team.members.get(), ground.people["office"]]
    results = at_once(lambda i: send(visit, by=people[i]), 2)
    assert sorted(isinstance(r, Refused) for r in results) == [False, True]
    assert Observation.objects.count() == 3 and tallies.recount(row) == []


def test_a_case_is_opened_once_by_two_workers(running, send):
    row = running(kind="covert")
    visit = Visit.objects.filter(round=row).select_related("place", "round", "team").first()
    send(visit, {"pass": 0})
    RoundFlow.take(row, "end", by=row.maker)
    seen = Observation.objects.get(result=0)
    results = at_once(
        lambda i: (
            release_round(Round.objects.get(pk=row.pk), by=row.maker) if i else open_case(seen.pk, row.now)
        ),
        2,
    )
    assert not [r for r in results if isinstance(r, Exception) and not isinstance(r, Refused)]
    assert Case.objects.count() == 1 and Case.objects.get().reports.count() == 1
