"""Months as they are closed: trial count, preview, objections and their answers, the freeze; measures for and against units."""

from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal

from django.utils import timezone

from chuangwen.assessment.closing import close_month, next_month
from chuangwen.assessment.consequences import ConsequenceFacts, record_consequence
from chuangwen.assessment.models import (
    ConsequenceKind,
    Objection,
    RankFact,
    Ranking,
    RankLine,
    RankRule,
    RankSubject,
)
from chuangwen.assessment.objection_flow import ObjectionFlow
from chuangwen.assessment.objections import raise_objection
from chuangwen.assessment.ranking_flow import RankingFlow
from chuangwen.faces.cli.demo import lives
from chuangwen.faces.cli.demo.after_month import AfterMonth
from chuangwen.faces.cli.demo.stage import Stage, fresh
from chuangwen.faces.cli.demo.world import DAY, HOUR, MINUTE, Life
from chuangwen.kernel.models import Unit
from chuangwen.problems.models import CaseKind, Source

CLOSED = 4  # so many whole months are closed; those before had too few cases to compare
OBJECTIONS = 3
# Cases of every ranked unit in the month closed last, so that all can be compared; more of those that do very well or
# badly, so that bands part: few cases tell nobody apart.
EACH, MORE = 3, 16
APART = 0.12  # this share of the units does badly, and the same share very well
WAYS = {"badly": (0, 80, 20), "well": (100, 0, 0), "": (84, 8, 8)}  # weights of on_time, late, reworked
_GROUNDS = (
    "这几件不在我单位管辖范围，派遣时已说明，应归属地。", "现场已按期处置，照片上传晚了半天。",
    "因管网抢修无法按期，已报备延期。",
)  # fmt: skip
_ADVICE = (
    "核对派遣经过，理由属实，建议采纳。",
    "照片时间在期限之后，建议不采纳。",
    "没有查到延期的申请，建议不采纳。",
)
_COMMENT = (
    "本月到期案件按期处置总体平稳，复发集中在农贸市场周边和背街小巷。名次相近的单位差别在误差内，不作先后比较；"
    "落在末档的单位对照失分事项逐件说明。"
)


class Months:
    """Begins the closing of every whole month that was lived through."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.world = stage, stage.world
        # Of its own: what is drawn here does not change the course of the cases.
        self.random = random.Random(f"{stage.deeds.seed}|months")

    def begin(self) -> None:
        stage, world = self.stage, self.world
        if stage.city is None or not stage.cast.by_role["office"]:
            return
        this = timezone.localdate(world.until).replace(day=1)
        for back in range(CLOSED, 0, -1):
            month, after = next_month(this, -back), next_month(this, 1 - back)
            if stage.on(month, 0) < world.start:
                continue
            world.begin(self._measures(month), world.at_work(stage.on(after - 4 * DAY, 16)))
            if back == 1:
                self._everybody(month)
            world.begin(self._close(month, is_last=back == 1), world.at_work(stage.on(after, 9)))

    def _everybody(self, month: dt.date) -> None:
        """Cases by telephone for every ranked unit, most of them mended in time."""
        stage, world = self.stage, self.world
        kinds = [
            kind
            for kind in stage.cast.kinds
            if not kind.needs_photo and kind.limits.get("fix", ["", ""])[1] != "calendar_day"
        ]
        quick = [
            kind
            for kind in kinds
            if kind.limits["fix"][1] == "work_hour" or Decimal(kind.limits["fix"][0]) < 4
        ]
        if not quick:
            return
        for unit in (one for one in stage.cast.units if one.is_ranked):
            for _n in range(MORE if self._way(unit) else EACH):
                kind = quick[self.random.randrange(len(quick))]
                at = stage.on(month + self.random.randrange(2, 21) * DAY, self.random.uniform(8.5, 17))
                world.begin(self._told(unit, kind), world.at_work(at))

    def _way(self, unit: Unit) -> str:
        nature = self.stage.nature(unit.code, "month")
        return "badly" if nature < APART else "well" if nature > 1 - APART else ""

    def _told(self, unit: Unit, kind: CaseKind) -> Life:
        deeds, world = self.stage.deeds, self.world
        case = deeds.report(kind, deeds.cast.spot(kind), Source.PHONE)
        yield world.desk(0.1, 1)
        case = deeds.confirm(case, kind, unit)
        course = self.random.choices((lives.on_time, lives.late, lives.reworked), WAYS[self._way(unit)])[0]
        yield from course(deeds, case, kind)

    def _measures(self, month: dt.date) -> Life:
        """A deduction for one unit and praise for another, each with its ground and document."""
        stage, world = self.stage, self.world
        units = sorted((unit for unit in stage.cast.units if unit.is_ranked), key=lambda unit: unit.code)
        for n, unit in enumerate(self.random.sample(units, min(2, len(units)))):
            kind, points = ((ConsequenceKind.DEDUCT, "1"), (ConsequenceKind.BONUS, "0.5"))[n]
            ground = ("同一路段占道经营被两次通报后仍未整改", "夜间积水处置及时，做法在全市推广")[n]
            facts = ConsequenceFacts(
                kind=kind, unit=unit, on=timezone.localdate(world.now), month=month, ground=ground,
                document=f"创建办通报第 {month.month * 2 + n} 期（示例）", points=Decimal(points), is_sample=True,
            )  # fmt: skip
            record_consequence(facts, by=stage.office, at=world.now)
        return
        yield

    def _close(self, month: dt.date, *, is_last: bool) -> Life:
        """From trial count to freeze; the latest month is closed for streets and road chiefs too."""
        stage, world = self.stage, self.world
        if not RankRule.objects.filter(subject=RankSubject.UNIT, is_current=True).exists():
            return
        subjects = [RankSubject.UNIT]
        if is_last:
            subjects += [RankSubject.STREET, RankSubject.ROAD_CHIEF, RankSubject.CHECKER]
        rankings = [close_month(subject, month, by=stage.office, at=world.now) for subject in subjects]
        yield world.at_work(world.now + 2 * HOUR)
        rankings = [
            RankingFlow.take(row, "publish", by=stage.office, at=world.now).matter
            for row in rankings if RankingFlow.why_not(row, RankingFlow.by_code["publish"], stage.office) is None
        ]  # fmt: skip
        yield world.at_work(world.now + 20 * HOUR)
        for objection in self._objections(rankings[0], OBJECTIONS if is_last else 1):
            world.begin(self._answer(objection), world.at_work(world.now + 4 * HOUR))
        until = max(row.preview_until or world.now for row in rankings)
        yield world.at_work(until + 20 * MINUTE)
        for row in rankings:
            row.refresh_from_db()
            RankingFlow.take(row, "comment", by=stage.office, given={"comment": _COMMENT}, at=world.now)
            RankingFlow.take(row, "freeze", by=stage.office, at=world.now)
        if is_last:
            AfterMonth(stage, rankings[0]).begin()

    def _objections(self, ranking: Ranking, wanted: int) -> list[Objection]:
        """Units that lost points on few rows object to one or two of them."""
        stage, world = self.stage, self.world
        made: list[Objection] = []
        lines = RankLine.objects.filter(ranking=ranking, unit__isnull=False, rank__isnull=False)
        for line in lines.select_related("unit").order_by("-rank", "pk"):
            people = stage.cast.of_unit.get(line.unit_id or 0)
            rows = RankFact.objects.filter(ranking=ranking, key=line.key, measure="fixed_in_time", value=0)
            lost = list(rows.order_by("object_id")[:2])
            if not people or not lost:
                continue
            made.append(raise_objection(line, lost, _GROUNDS[len(made)], by=fresh(people[0]), at=world.now))
            if len(made) == wanted:
                break
        return made

    def _answer(self, objection: Objection) -> Life:
        """First look by one person, decision by another; the first is granted, the others are not."""
        stage, world = self.stage, self.world
        n = _GROUNDS.index(objection.ground)
        clerk = fresh(stage.cast.by_role["clerk"][0])
        taken = ObjectionFlow.take(objection, "look", by=clerk, given={"advice": _ADVICE[n]}, at=world.now)
        yield world.at_work(world.now + 3 * HOUR)
        code, reason = (
            ("grant", "同意初核意见，退出本月得分。") if n == 0 else ("refuse", "同意初核意见，维持原得分。")
        )
        ObjectionFlow.take(taken.matter, code, by=fresh(stage.office), given={"reason": reason}, at=world.now)
