"""The rounds of the big city in small: as many observations as asked for, and no sum that a recount would change."""

from __future__ import annotations

import datetime as dt

import pytest

from chuangwen.assessment.coverage import coverage
from chuangwen.assessment.forecasting import standing, weak_items
from chuangwen.assessment.models import ScoreRule
from chuangwen.faces.cli.bench import scores
from chuangwen.faces.cli.bigcity import rounds
from chuangwen.faces.cli.bigcity.bulk import Table
from chuangwen.faces.cli.bigcity.ground import grow
from chuangwen.faces.cli.bigcity.tree import plant
from chuangwen.inspections import tallies
from chuangwen.inspections.models import Observation, PairTally, Round, Tally, Visit
from chuangwen.kernel.models import Term
from chuangwen.kernel.scoring.weakness import weaknesses

MONTHS, WANTED = 3, 1200


@pytest.fixture
def looks(town):
    """Makes the rows of the rounds from a seed, writing nothing."""
    for code in ("square", "park"):
        Term.objects.create(list="site_type", code=code, name=code)
    grow(5, sites=40, units=8)
    sites, raters = rounds.sites_of(5), rounds.raters_of()
    per_type = rounds.per_type_of(WANTED, MONTHS, len(sites))
    tree = plant(5, [2026], standards=20, per_type=per_type)
    months = rounds.months_before(dt.date(2026, 2, 9), MONTHS)
    planned = rounds.plan_rounds(tree, sites, months)
    rounds.plan_draw(tree, dt.date(2026, 3, 1), sites, raters)
    return lambda seed: list(rounds.Looks(tree, sites, planned, raters, seed).run())


@pytest.fixture
def seen(looks):
    tables = {name: Table(*what) for name, what in rounds.TABLES.items()}
    for name, rows in looks(5):
        tables[name].write(rows)


def test_months_cross_the_year():
    assert rounds.months_before(dt.date(2026, 2, 9), 3) == [
        dt.date(2025, 12, 1), dt.date(2026, 1, 1), dt.date(2026, 2, 1)
    ]  # fmt: skip
    assert rounds.month_after(dt.date(2026, 12, 31)) == dt.date(2027, 1, 1)


def test_there_is_what_was_asked_for_and_a_recount_changes_nothing(seen):
    assert WANTED <= Observation.objects.count() < 2 * WANTED
    assert Visit.objects.filter(is_second=True).count() == 4 * MONTHS  # a tenth of 36 first ones
    assert Tally.objects.exists() and PairTally.objects.exists()
    for row in Round.objects.exclude(number=rounds.NEXT):
        assert tallies.recount(row) == []


def test_same_seed_gives_the_same_rows(looks):
    assert looks(5) == looks(5)
    assert looks(5) != looks(6)


def test_everything_measured_has_something_to_measure(seen):
    asked = scores.Asked()
    assert len(asked.rounds) == len(asked.months) == MONTHS
    assert {"complete", "unit"} <= set(coverage(asked.edition, 2026).counts)
    found = standing(ScoreRule.objects.get(), 2026)
    assert set(found.city.scores) == {key for key, score in found.city.scores.items() if score}
    assert weaknesses(weak_items(found))[0].points > 0
    for name, what, _has_budget in asked.measures():
        assert what() is not None, name
