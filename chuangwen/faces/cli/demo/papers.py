"""What is sent to units and what they send back: 提示通知, the dossier with its reviews, and the year's figures."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from chuangwen.dossier.actions import open_items
from chuangwen.faces.cli.demo.binder import Binder
from chuangwen.faces.cli.demo.stage import Stage
from chuangwen.faces.cli.demo.world import DAY, HOUR, Life
from chuangwen.kernel.models import Unit
from chuangwen.standards.actions import confirm_value, give_value, issue_notices
from chuangwen.standards.flow import DutyNoticeFlow
from chuangwen.standards.models import DutyNotice, Edition, Series

_REPLIES = (
    "已明确分管领导和联络员，标准逐条对照，材料按期报送。", "已开会分到科室，缺的两项正在补。",
    "已对照自查，无障碍；涉及协办的已与主责单位对接。", "收到，按要求落实。",
)  # fmt: skip
_SOURCES = ("年度统计报表", "业务系统导出", "部门台账汇总")


class Papers:
    """Begins notices, dossier and figures."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.world = stage, stage.world
        self.binder = Binder(stage)

    def begin(self) -> None:
        stage, world = self.stage, self.world
        if stage.city is None or not stage.cast.by_role["office"]:
            return
        world.begin(self._notices(stage.city, stage.day(4, 10), open_ones=2), stage.moment(3, 16))
        for edition in stage.editions:
            world.begin(self._dossier(edition), stage.moment(3, 4))
            world.begin(self._figures(edition), stage.moment(3, 5))
        for edition in stage.editions[1:]:  # one that is still running: some have not signed for it yet
            at = world.at_work(world.until - 4.5 * DAY)
            reply = (world.until + 3 * DAY).date()
            world.begin(self._notices(edition, reply, open_ones=6), at)

    def _notices(self, edition: Edition, reply_on: dt.date, open_ones: int) -> Life:
        """To every unit that has a part in the tree; `open_ones` of them do not answer."""
        stage, world = self.stage, self.world
        units = Unit.objects.filter(
            standard_shares__requirement__node__edition=edition, pk__in=stage.cast.of_unit
        ).distinct()
        note = "按分工对照标准，有异议的在回复里写明。"
        sent = issue_notices(
            edition, units.order_by("code"), reply_on, by=stage.office, note=note, at=world.now
        )
        silent = {notice.pk for notice in world.random.sample(sent.made, min(open_ones, len(sent.made) // 3))}
        for notice in sent.made:
            life = self._silent(notice) if notice.pk in silent else self._answered(notice)
            world.begin(life, world.desk(0.5, 10))
        return
        yield

    def _answered(self, notice: DutyNotice) -> Life:
        world, by = self.world, self.stage.cast.answerer(notice.unit_id)
        DutyNoticeFlow.take(notice, "receive", by=by, at=world.now)
        yield world.desk(2, 60)
        DutyNoticeFlow.take(notice, "reply", by=by, given={"reply": world.pick(_REPLIES)}, at=world.now)

    def _silent(self, notice: DutyNotice) -> Life:
        """Half of them signed for it; all are urged near the date."""
        world = self.world
        if world.chance(0.5):
            DutyNoticeFlow.take(notice, "receive", by=self.stage.cast.answerer(notice.unit_id), at=world.now)
        yield world.at_work(self.stage.on(notice.reply_on, 9) - DAY)
        DutyNoticeFlow.take(notice, "urge", by=self.stage.office, at=world.now)

    def _dossier(self, edition: Edition) -> Life:
        stage, world = self.stage, self.world
        opened = open_items(edition, stage.year, by=stage.office, at=world.now)
        for item in opened.made:
            if item.unit_id in stage.cast.of_unit:
                self.binder.begin(item)
        return
        yield

    def _figures(self, edition: Edition) -> Life:
        """Each unit gives its figures in autumn; another person confirms most of them."""
        rows = Series.objects.filter(requirement__node__edition=edition).select_related("unit")
        for series in rows.order_by("code"):
            if not self.world.chance(0.18):
                at = self.stage.moment(9, 20) + self.world.random.uniform(0, 50) * DAY
                self.world.begin(self._figure(series), self.world.at_work(at))
        return
        yield

    def _figure(self, series: Series) -> Life:
        stage, world = self.stage, self.world
        known = series.unit_id in stage.cast.of_unit
        by = stage.cast.answerer(series.unit_id) if known else stage.office
        row = give_value(
            series, stage.year, self._value(series), by=by, source=world.pick(_SOURCES), at=world.now
        )
        yield world.desk(4, 30) + HOUR
        others = [one for one in stage.cast.by_role["office"] if one.pk != by.pk]
        if others and not world.chance(0.15):
            confirm_value(row, by=others[0], at=world.now)

    def _value(self, series: Series) -> Decimal:
        """Near the target: four in five reach it."""
        world = self.world
        target = series.target if series.target is not None else Decimal(world.random.randrange(10, 90))
        shift = world.random.uniform(0, 0.08) if world.chance(0.8) else -world.random.uniform(0.01, 0.09)
        value = float(target) * (1 - shift if series.relation == "<=" else 1 + shift)
        if series.measure == "%":
            value = min(value, 100.0)
        return Decimal(str(round(value, 1 if value < 200 else 0)))
