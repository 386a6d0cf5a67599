"""What units do with their tasks: report with proof, hand in, ask for time, claim; some are late, some wait."""

from __future__ import annotations

import datetime as dt
from typing import Any

from chuangwen.faces.cli.demo.stage import Stage
from chuangwen.faces.cli.demo.world import DAY, HOUR, Life, given
from chuangwen.kernel.models import Unit
from chuangwen.standards.models import Method
from chuangwen.tasks.actions import claim_task, report_progress
from chuangwen.tasks.flow import TaskFlow
from chuangwen.tasks.models import State, Task, TaskKind

_DONE = (
    "已按要求做完，照片附后。",
    "活动已办，参加的人有签到。",
    "文件已印发，首页附后。",
    "已完成，台账在单位。",
)
_GOING = (
    "按计划推进。",
    "已排到点位，分批做。",
    "进度正常，月底前再报一次。",
    "已开工，围挡和公益广告到位。",
)
_WAIT = ("等部门会签", "牵头人员调整，要重新排期", "场地要到下月才空出")


class Work:
    """Begins one life for each published task."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.world = stage, stage.world
        self._claims = 0
        self._asked = 0

    def begin(self, task: Task) -> None:
        world, stage = self.world, self.stage
        if task.unit_id is None:
            self._claims += 1
            if self._claims % 4 == 0:
                world.begin(self._claimed(task), stage.moment(3 + self._claims // 2, 12))
            return
        if task.unit_id not in stage.cast.of_unit:
            return
        if task.requirement and task.requirement.method == Method.SITE:
            world.begin(self._all_year(task), world.at_work(stage.on(stage.day(5, 6), 9) + self._days(0, 60)))
            return
        due = stage.on(task.due_on, 9)
        if due > world.until and world.chance(0.35):
            world.begin(self._waits(task), world.until - self._days(0.2, 1.5))
            return
        course = self._left if world.chance(0.07) else self._finished
        world.begin(course(task), world.at_work(max(due - self._days(4, 24), world.now + DAY)))

    def _days(self, low: float, high: float) -> dt.timedelta:
        return self.world.random.uniform(low, high) * DAY

    def _report(self, task: Task, percent: int, note: str, proof: bool) -> Task:
        world, stage = self.world, self.stage
        values: dict[str, Any] = {"percent": percent, "note": note}
        if task.kind == TaskKind.PROJECT and task.budget:
            values["spent"] = round(task.budget * percent / 100, 0)
        photo = stage.deeds.album.scene(False, int(task.number[-4:]) % 6, small=True)[1] if proof else None
        stage.deeds.photos += proof
        by = stage.cast.answerer(task.unit_id)
        return report_progress(task, values, by=by, photo=photo, at=world.now, uid=world.uid())

    def _step(self, task: Task, code: str, by: Any, **values: Any) -> Task:
        taken = TaskFlow.take(
            task, code, by=by, given=given(**values), at=self.world.now, uid=self.world.uid()
        )
        done: Task = taken.matter
        return done

    def _finished(self, task: Task) -> Life:
        """Proof, handed in, accepted; one in fourteen comes back once."""
        world, stage = self.world, self.stage
        holder = stage.cast.answerer(task.unit_id)
        task = self._report(task, 100, world.pick(_DONE), proof=True)
        yield world.desk(1, 12)
        task = self._step(task, "submit", holder, note=world.pick(_DONE))
        yield world.desk(2, 18)
        if world.chance(0.07):
            due_on = max(stage.today + 8 * DAY, task.due_on)
            task = self._step(task, "return", stage.desk, reason="照片看不出地点，补一张再报", due_on=due_on)
            yield world.desk(6, 20)
            task = self._report(task, 100, "已补照片。", proof=True)
            task = self._step(task, "submit", holder, note="补齐了。")
            yield world.desk(2, 18)
        self._step(task, "accept", stage.desk, note="")

    def _waits(self, task: Task) -> Life:
        """Handed in before its date and not looked at yet."""
        task = self._report(task, 100, self.world.pick(_DONE), proof=True)
        self._step(task, "submit", self.stage.cast.answerer(task.unit_id), note=self.world.pick(_DONE))
        return
        yield

    def _left(self, task: Task) -> Life:
        """Reported once and then not finished; some ask for more time."""
        world, stage = self.world, self.stage
        task = self._report(task, world.random.randrange(20, 70, 5), world.pick(_GOING), proof=False)
        self._asked += 1
        if self._asked % 3:
            return
        yield world.desk(3, 12)
        holder, asked = stage.cast.answerer(task.unit_id), max(task.due_on, stage.today) + 21 * DAY
        task = self._step(task, "ask_postponement", holder, due_on=asked, reason=world.pick(_WAIT))
        if self._asked % 2:
            yield world.desk(4, 14)
            granted = "yes" if world.chance(0.6) else "no"
            self._step(task, "rule_postponement", stage.office, granted=granted, reason="核过进度，按此办")

    def _all_year(self, task: Task) -> Life:
        """Work at places: two reports, every fifth with a picture; it goes on to the end of the year."""
        world = self.world
        first = world.random.randrange(25, 60, 5)
        task = self._report(task, first, world.pick(_GOING), proof=False)
        yield world.at_work(world.now + self._days(60, 150))
        self._report(
            task, first + world.random.randrange(10, 36, 5), world.pick(_GOING), proof=world.chance(0.2)
        )

    def _claimed(self, task: Task) -> Life:
        stage, world = self.stage, self.world
        unit: Unit = world.pick(stage.cast.doers)
        task = claim_task(task, unit, by=stage.cast.answerer(unit.pk), at=world.now, uid=world.uid())
        yield world.now + 30 * DAY + HOUR
        if task.state == State.DOING:
            self._report(task, 40, world.pick(_GOING), proof=True)
