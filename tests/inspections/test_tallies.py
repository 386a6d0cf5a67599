"""Sums grown visit by visit are what a full recount gives, whatever was seen, corrected or kept secret."""

from __future__ import annotations

import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from chuangwen.inspections import tallies
from chuangwen.inspections.models import Observation, PairTally, Tally, Visit
from chuangwen.inspections.recording import reopen_visit

pytestmark = pytest.mark.django_db
RESULTS = st.sampled_from([0, 1, 3])
COURSE = st.lists(
    st.tuples(st.integers(0, 11), RESULTS, st.integers(0, 4), st.sampled_from("ABC"), st.booleans()),
    min_size=1,
    max_size=10,
)


def sums(model, *names):
    return sorted(
        row for row in model.objects.values_list(*names) if any(v for v in row[-4:] if isinstance(v, int))
    )


TALLY = ("round", "check_item", "street", "n", "failed", "points", "full", "points_sq")
PAIRS = ("month", "check_item", "first_by", "second_by", *tallies.CELLS)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(course=COURSE, seed=st.integers(0, 10**6))
@example(course=[(at, 0, 1, "B", False) for at in range(12)], seed=7)
def test_increments_are_what_a_recount_gives(running, send, course, seed):
    with (
        transaction.atomic()
    ):  # each example in a city of its own: a round of another would count in its months
        _increments_are_what_a_recount_gives(running, send, course, seed)
        transaction.set_rollback(True)


def _increments_are_what_a_recount_gives(running, send, course, seed):
    row = running(total=8, double_share="0.5", seed=str(seed))
    visits = list(
        Visit.objects.filter(round=row)
        .select_related("place", "round", "team")
        .order_by("place", "is_second")
    )
    for at, result, count, band, is_reopened in course:
        visit = visits[at]
        visit.refresh_from_db()
        if visit.state == "planned":
            send(visit, {"pass": result, "points": {"count": count}, "bands": {"band": band}})
        if is_reopened:
            reopen_visit(visit, "更正", by=row.maker)
    grown = sums(Tally, *TALLY), sums(PairTally, *PAIRS)
    kept = list(
        Visit.objects.filter(round=row).order_by("pk").values_list("points", "full", "failed", "sums")
    )
    assert tallies.recount(row) == []
    Tally.objects.filter(round=row).delete()
    PairTally.objects.all().delete()
    Visit.objects.filter(round=row).update(points=0, full=0, failed=0, sums={})
    tallies.recount(row)
    assert (sums(Tally, *TALLY), sums(PairTally, *PAIRS)) == grown
    assert (
        list(Visit.objects.filter(round=row).order_by("pk").values_list("points", "full", "failed", "sums"))
        == kept
    )
    seen = Observation.objects.filter(visit__round=row, visit__is_second=False).exclude(result=3)
    assert sum(line[3] for line in grown[0] if line[0] == row.pk) == seen.count()


def test_a_recount_names_and_mends_what_is_wrong(running, send):
    row = running()
    visit = Visit.objects.filter(round=row).select_related("place", "round", "team").first()
    send(visit, {"pass": 0})
    Tally.objects.filter(round=row).update(points=99)
    Visit.objects.filter(pk=visit.pk).update(points=1)
    assert len(tallies.recount(row)) == 4
    assert tallies.recount(row) == []
