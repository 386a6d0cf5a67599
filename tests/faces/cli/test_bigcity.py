"""The big city in small: chains hold, clocks and states agree, the same seed gives the same rows."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import pytest

from chuangwen.faces.cli.bigcity.bulk import Table
from chuangwen.faces.cli.bigcity.cases import TABLES, Stream
from chuangwen.faces.cli.bigcity.ground import grow
from chuangwen.faces.cli.bigcity.moments import chained, moment, second_of, written
from chuangwen.kernel.models import Clock, Entry, Post
from chuangwen.kernel.workflow import clocks, history
from chuangwen.problems.models import Case, Report

END = dt.datetime(2026, 11, 18, 2, 0, tzinfo=dt.UTC)
CASES = 1500


@pytest.fixture
def ground(town):
    return grow(5, sites=40, units=8)


def written_rows(ground, seed):
    return [block for block in Stream(ground, seed, CASES, END).run() if block[0] != "counters"]


@pytest.fixture
def filled(ground):
    tables = {name: Table(*what) for name, what in TABLES.items()}
    for name, rows in written_rows(ground, 5):
        tables[name].write(rows)
    return tables


def test_moments_are_written_as_the_chain_and_the_database_write_them():
    at = dt.datetime(2026, 2, 28, 23, 59, 58, tzinfo=dt.UTC)
    second = second_of(at)
    assert (moment(second), chained(second)) == (at, at.isoformat(timespec="microseconds"))
    assert written(second) == "2026-02-28 23:59:58"


def test_chains_hold(filled):
    assert Case.objects.count() == Report.objects.count() == CASES
    assert Entry.objects.count() > 5 * CASES
    assert list(history.verify()) == []


def test_states_clocks_and_columns_agree(filled):
    states = Counter(Case.objects.values_list("state", flat=True))
    assert {"closed", "void", "reported", "assigned", "fixing"} <= set(states)
    assert 20 <= Case.objects.filter(closed_at__isnull=True).count() <= 100  # about 3 %
    for case in Case.objects.filter(closed_at__isnull=True):
        before = (case.due_at, case.due_unit, case.is_paused)
        live = clocks.running(clocks.clocks_of(case))
        case.wound(live)
        assert before == (case.due_at, case.due_unit, case.is_paused), case.state
    ended = Case.objects.filter(state__in=("closed", "void")).values_list("pk", flat=True)
    assert not Clock.objects.filter(subject_id__in=ended, stopped_at__isnull=True).exists()


def test_same_seed_gives_the_same_rows(ground):
    assert written_rows(ground, 5) == written_rows(ground, 5)
    assert written_rows(ground, 5) != written_rows(ground, 6)


def test_every_unit_given_a_case_has_somebody_to_answer(filled):
    units = set(Case.objects.filter(unit__isnull=False).values_list("unit_id", flat=True))
    assert units <= set(Post.objects.filter(role__in=("liaison", "head")).values_list("unit_id", flat=True))
