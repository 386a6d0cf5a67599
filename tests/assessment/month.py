"""A month's ranking with rows written by hand: three units, cases late and in time."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from chuangwen.assessment.counting import recount
from chuangwen.assessment.ranking_flow import RankingFlow
from chuangwen.assessment.ranking_models import PeerGroup, RankFact, Ranking, RankLine, RankRule

MONTH = dt.date(2026, 10, 1)
FULL = 10_000


def rule_of_units(**more):
    """按期处置 60, 一次合格 40; without shrinking, so that a score can be reckoned in the head."""
    given = {
        "subject": "unit", "version": "2026-1", "from_on": dt.date(2026, 1, 1), "source": "示例", "shrinks": False,
        "least_rows": 1, "measures": [
            {"code": "fixed_in_time", "weight": "60", "missing": "skip"},
            {"code": "passed_first", "weight": "40", "missing": "skip"},
        ], **more,
    }  # fmt: skip
    return RankRule.objects.create(**given)


def month_of(town, rows, *, month=MONTH, rule=None, preview=True, group=None):
    """A ranking whose facts are `rows`: unit code → measure → (good, bad); object ids go up from 900,001."""
    rule = rule or RankRule.objects.filter(subject="unit").first() or rule_of_units()
    office = town.people["office"]
    ranking = Ranking.objects.create(
        subject_kind="unit",
        month=month,
        rule=rule,
        cutoff_at=timezone.now() - dt.timedelta(days=1),
        state="draft",
    )
    made = RankingFlow.by_code["make"]
    RankingFlow.record(ranking, made, by=office, cleaned={}, at=timezone.now(), from_state="")
    ranking.save()
    group = group or PeerGroup.objects.get_or_create(code="a", defaults={"name": "甲 主责部门"})[0]
    number = 900_000  # far from the ids of real cases
    for code, measures in rows.items():
        unit = town.units[code]
        RankLine.objects.create(ranking=ranking, key=unit.pk, name=str(unit), unit=unit, group=group)
        for measure, (good, bad) in measures.items():
            for place in range(good + bad):
                number += 1
                RankFact.objects.create(
                    ranking=ranking, measure=measure, key=unit.pk, object_id=number,
                    value=FULL if place < good else 0,
                )  # fmt: skip
    recount(ranking)
    if preview:
        ranking = RankingFlow.take(ranking, "publish", by=office).matter
    return Ranking.objects.get(pk=ranking.pk)


def line_of(ranking, unit):
    return RankLine.objects.get(ranking=ranking, unit=unit)


def bad_rows(line, measure="fixed_in_time"):
    return list(
        RankFact.objects.filter(ranking=line.ranking, key=line.key, measure=measure, value=0).order_by("pk")
    )
