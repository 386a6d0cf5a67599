"""October of a small city: cases of three units whose counts are written out, and a rule of three measures."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import pytest
from django.utils import timezone

OCTOBER = dt.date(2026, 10, 1)
NOVEMBER = dt.date(2026, 11, 1)


def local(year, month, day, hour=12):
    return timezone.make_aware(dt.datetime(year, month, day, hour))


class Cases:
    """Makes cases as they stand, without the steps that led there."""

    def __init__(self, town):
        self.town, self.n = town, 0

    def make(self, unit, due, *, answered=None, state="closed", **more):
        from chuangwen.problems.models import Case

        self.n += 1
        return Case.objects.create(
            number=f"R{self.n:05}", source="patrol", what="示例", kind=self.town.kind, unit=self.town.units[unit],
            street=self.town.street, state=state, reported_at=due - dt.timedelta(days=3), fix_due_at=due,
            answered_at=answered, closed_at=answered if state == "closed" else None, passes=1, **more,
        )  # fmt: skip

    def good(self, unit, n=1, month=10, **more):
        due = local(2026, month, 15)
        return [self.make(unit, due, answered=due - dt.timedelta(hours=4), **more) for _ in range(n)]

    def late(self, unit, n=1, month=10, **more):
        due = local(2026, month, 15)
        return [self.make(unit, due, answered=due + dt.timedelta(days=1), **more) for _ in range(n)]


def make_rule(subject="unit", measures=None, **more):
    from chuangwen.assessment.ranking_models import RankRule

    measures = measures or [
        {"code": "fixed_in_time", "weight": "60", "missing": "skip"},
        {"code": "passed_first", "weight": "25", "missing": "skip"},
        {"code": "not_recurred", "weight": "15", "missing": "skip"},
    ]
    facts = {"version": "示例 1", "least_rows": 2, "from_on": dt.date(2026, 1, 1), "source": "示例", **more}
    return RankRule.objects.create(subject=subject, measures=measures, **facts)


@pytest.fixture
def october(town):
    """cgj: 8 good, 2 late; jtj: 5 good of 5, one of them reworked; xhl: 1 good of 1. All three ranked, one group."""
    from chuangwen.assessment.ranking_models import PeerGroup
    from chuangwen.kernel.models import Unit

    group = PeerGroup.objects.create(code="A", name="主责部门")
    units = [town.units[code] for code in ("cgj", "jtj", "xhl")]
    Unit.objects.filter(pk__in=[unit.pk for unit in units]).update(is_ranked=True)
    group.units.add(*units)
    cases = Cases(town)
    cases.good("cgj", 8)
    cases.late("cgj", 2)
    cases.good("jtj", 4)
    cases.good("jtj", 1, reworks=1)
    cases.good("xhl", 1)
    return SimpleNamespace(
        town=town, people=town.people, units=town.units, cases=cases, group=group, rule=make_rule(),
        month=OCTOBER, office=town.people["office"],
    )  # fmt: skip
