"""Sent ten times at once, stepped by two at the same moment, killed in the middle: nothing lost, doubled or half done."""

from __future__ import annotations

import threading
import uuid

import pytest
from django.db import connection

from chuangwen.kernel.models import Clock, Counter, Entry, Notice
from chuangwen.kernel.workflow import history
from chuangwen.kernel.workflow.flow import Refused
from chuangwen.problems import actions, steps
from chuangwen.problems.actions import Told, confirm_case, look_at_cases, take_report
from chuangwen.problems.flow import CaseFlow
from chuangwen.problems.models import Case, Report

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(work, times):
    """Runs `work(i)` in `times` threads that start together; returns results and exceptions."""
    gate, results = threading.Barrier(times), []

    def run(i):
        gate.wait()
        try:
            results.append(work(i))
        except Exception as fault:
            results.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(i,)) for i in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_one_report_sent_ten_times_at_once_is_one(town):
    uid = uuid.uuid4()
    results = at_once(lambda i: take_report(Told(text="垃圾", lon=113.0, lat=34.76, uid=uid), by=None), 10)
    assert [r for r in results if isinstance(r, Exception)] == []
    assert {r.pk for r in results} == {Report.objects.get().pk}
    assert (Case.objects.count(), Entry.objects.count(), Clock.objects.count()) == (1, 1, 1)


def test_ten_different_reports_at_once_get_ten_numbers(town):
    results = at_once(lambda i: take_report(Told(text=f"垃圾 {i}", lon=113.0, lat=34.76), by=None), 10)
    assert [r for r in results if isinstance(r, Exception)] == []
    assert len(set(Case.objects.values_list("number", flat=True))) == 10
    assert Counter.objects.get().value == 10


def test_two_people_at_the_same_step_one_wins(town):
    case = take_report(Told(text="垃圾", lon=113.0, lat=34.76), by=None).case
    people = [town.people["dispatcher"], town.people["clerk"]]
    given = {"kind": town.kind.pk}
    results = at_once(lambda i: CaseFlow.take(case, "verify", by=people[i], given=given), 2)
    refused = [r for r in results if isinstance(r, Exception)]
    assert len(refused) == 1 and isinstance(refused[0], Refused)
    assert Entry.objects.filter(step="verify").count() == 1
    assert list(history.verify()) == []


def test_killed_in_the_middle_leaves_nothing_half_done(town, monkeypatch):
    case = take_report(Told(text="垃圾", lon=113.0, lat=34.76), by=None).case

    def die(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(actions, "route_case", die)
    with pytest.raises(KeyboardInterrupt):
        confirm_case(case, by=town.people["dispatcher"])
    case.refresh_from_db()
    assert (case.state, Entry.objects.count(), Notice.objects.count()) == ("reported", 1, 0)
    assert list(history.verify()) == []
    monkeypatch.undo()
    assert confirm_case(case, by=town.people["dispatcher"]).state == "assigned"


def test_two_workers_look_at_a_case_once(town):
    case = confirm_case(take_report(Told(text="垃圾", lon=113.0, lat=34.76), by=None).case, by=town.people["dispatcher"])
    assert case.look_at is not None
    results = at_once(lambda i: look_at_cases(case.look_at), 2)
    assert sorted(results) == [0, 1]


def test_draw_for_recheck_is_by_seed_and_near_its_share(town):
    drawn = sum(steps.is_drawn(Case(number=f"SL-2026-11-{i:05d}", round=1)) for i in range(4000))
    # Binomial(4000, 0.05): mean 200, standard deviation 13.8; five deviations either side.
    assert 131 <= drawn <= 269
    assert steps.is_drawn(Case(number="SL-2026-11-00001", round=1)) == steps.is_drawn(Case(number="SL-2026-11-00001", round=1))
