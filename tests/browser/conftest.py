"""A few rows of everything of a year's work, so that no page of the walk is empty."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from tests.standards.conftest import tree

__all__ = ["tree"]


def _work(town: Any, today: dt.date, ahead: dt.date) -> dict[str, Any]:
    """A plan with a task and its month, a project, a campaign, a demonstration site."""
    from chuangwen.standards.models import Requirement
    from chuangwen.tasks.actions import make_drive, make_plan, make_task
    from chuangwen.tasks.flow import TaskFlow
    from chuangwen.tasks.models import Demo, DriveTemplate, MonthLine

    office, cgj = town.people["office"], town.units["cgj"]
    plan = make_plan(
        "year",
        f"{today.year} 年度方案",
        today.replace(month=1, day=1),
        today.replace(month=12, day=31),
        by=office,
    )
    drive = make_drive(
        "weakness",
        "市场整治百日行动",
        today,
        ahead,
        by=office,
        plan=plan,
        unit=cgj,
        measure="达标率",
        target=90,
    )
    need = Requirement.objects.get(node__code="1-01", method="site")
    task = make_task(
        by=office, kind="activity", title="农贸市场划行归市", due_on=ahead, plan=plan, drive=drive, requirement=need,
        unit=cgj, assists=[town.units["xhl"]],
    )  # fmt: skip
    task = TaskFlow.take(task, "publish", by=office).matter
    MonthLine.objects.create(task=task, month=today.replace(day=1), plan="完成文化街市场")
    make_task(
        by=office,
        kind="project",
        title="停车场建设",
        due_on=ahead,
        plan=plan,
        unit=cgj,
        budget=1_200_000,
        spent=300_000,
    )
    demo = Demo.objects.create(
        trade="农贸市场", place=town.site, unit=cgj, drive=drive, practice="一摊一牌", chosen_on=today
    )
    template = DriveTemplate.objects.create(
        name="春季清洁", kind="weakness", month=3, measure="案件数", source="示例"
    )
    return {"plan": plan.pk, "drive": drive.pk, "task": task.number, "demo": demo.pk, "template": template.pk}


def _round(town: Any, today: dt.date, ahead: dt.date) -> dict[str, Any]:
    """A running round over the one market, with a team that has a visit today."""
    from chuangwen.inspections.actions import draw_round, note_opinion, plan_round, set_team
    from chuangwen.inspections.flow import RoundFlow
    from chuangwen.inspections.models import Visit

    office = town.people["office"]
    spec = {"total": 1, "site_types": ["farm_market"], "workdays": False}
    row = plan_round(kind="open", name="第四十七周督导", from_on=today, to_on=ahead, by=office, spec=spec)
    set_team(row, name="第一组", members=[town.people["checker"]], by=office)
    row.refresh_from_db()
    row = draw_round(row, "seed", by=office)
    row = RoundFlow.take(row, "start", by=office).matter
    note_opinion(row, giver="市民代表", text="市场门口停车太乱。", by=office, place=town.site)
    return {"round": row.number, "visit": Visit.objects.get(round=row).uid}


def _scores(town: Any, today: dt.date) -> dict[str, Any]:
    """A batch of questionnaires, a rule of score, a published result, an event of the negative list."""
    from chuangwen.assessment.models import Incident, NegativeRule, OfficialResult, ScoreRule
    from chuangwen.standards.models import Question
    from chuangwen.surveys.actions import BatchFacts, enter_batch, save_counts

    office, edition = town.people["office"], town.edition
    batch = enter_batch(BatchFacts(edition, "六月入户", "door", today, today, 250, 200, "示例"), by=office)
    save_counts(batch, {Question.objects.get().pk: [150, 40, 10]}, by=office)
    ScoreRule.objects.create(
        edition=edition,
        fronts={"dossier": "40", "site": "40", "survey": "20"},
        years=["100"],
        goal=85,
        source="示例",
    )
    result = OfficialResult.objects.create(
        scheme=edition.scheme, year=today.year - 1, score="84.2", source="通报"
    )
    negative = NegativeRule.objects.create(
        scheme=edition.scheme, code="A1", text="通报批评", sanction="deduct", points=1, source="示例"
    )
    incident = Incident.objects.create(
        rule=negative,
        on=today,
        what="被通报",
        document="示办〔2026〕1 号",
        points=1,
        expires_on=today.replace(year=today.year + 1),
    )
    return {"survey": batch.pk, "result": result.pk, "incident": incident.pk}


@pytest.fixture
def year(tree: Any) -> dict[str, Any]:
    """The keys of the rows by name, for the addresses of the walk."""
    from chuangwen.dossier.actions import open_items
    from chuangwen.dossier.models import Item
    from chuangwen.standards.actions import issue_notices
    from chuangwen.standards.models import Requirement

    today = timezone.localdate()
    ahead = today + dt.timedelta(days=30)
    office = tree.people["office"]
    open_items(tree.edition, today.year, by=office)
    notice = issue_notices(tree.edition, [tree.units["cgj"]], ahead, by=office).made[0]
    return {
        "edition": tree.edition.pk,
        "need": Requirement.objects.filter(method="series").get().pk,
        "notice": notice.number,
        "item": Item.objects.get().pk,
        **_work(tree, today, ahead),
        **_round(tree, today, ahead),
        **_scores(tree, today),
    }
