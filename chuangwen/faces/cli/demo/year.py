"""The year’s plan: generated from the trees, edited, published, worked on, carried from month to month."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from chuangwen.faces.cli.demo.stage import Stage
from chuangwen.faces.cli.demo.work import Work
from chuangwen.faces.cli.demo.world import DAY, HOUR, Life
from chuangwen.standards.models import Edition, Method
from chuangwen.tasks.actions import make_plan, make_task, remind_tasks, revise_task
from chuangwen.tasks.flow import TaskFlow
from chuangwen.tasks.generating import generate_year
from chuangwen.tasks.models import MonthLine, MonthState, PlanKind, Task, TaskKind
from chuangwen.tasks.months import carry_over, write_result
from chuangwen.tasks.spreading import month_start

# Of the city’s own tree so many drafts are cancelled, so that the coverage page has something to find.
CANCELLED = 10
ALL_YEAR = ((12, 10), (12, 20), (12, 25))  # work at places ends with the year, not with a month
PROJECT_EVERY = 9
UNCLAIMED = (
    "文明交通劝导志愿岗", "社区邻里节", "冬季清洁家园日", "文明餐桌进门店", "读书分享会", "老年人智能手机课堂",
    "公益广告校对日", "流动科普展", "文明养犬宣传", "旧衣回收日", "非机动车停放引导",
)  # fmt: skip
_SITE_RESULTS = ("按清单逐点看过，问题已交办。", "点位看过一遍，台账已更新。", "重点点位达标，其余继续。")


class Year:
    """Begins everything that hangs on the plan."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.world = stage, stage.world
        self.work = Work(stage)

    def begin(self) -> None:
        stage, world = self.stage, self.world
        if not stage.editions or not stage.cast.by_role["office"]:
            return
        world.begin(self._plan(), stage.moment(1, 12))
        for month in range(4, 13):
            first = stage.day(month, 1)
            world.begin(self._month_ends(month_start(first - DAY)), stage.on(first - DAY, 17) - 2 * HOUR)
        world.begin(self._reminders(), stage.moment(3, 2, 8.6))

    def _plan(self) -> Life:
        stage, world = self.stage, self.world
        for edition in stage.editions:
            self._plans(edition)
            generate_year(edition, stage.year, by=stage.office, at=world.now)
        yield stage.moment(1, 27)
        tasks = list(Task.objects.select_related("requirement__node", "unit").order_by("number"))
        for n, task in enumerate(tasks):
            self._edit(task, n)
        for task in self._surplus(tasks):
            TaskFlow.take(
                task,
                "drop",
                by=stage.office,
                given={"reason": "与街道的年度任务重了，另拟一项"},
                at=world.now,
            )
        self._free()
        yield stage.moment(2, 26)
        for task in Task.objects.filter(state="draft").select_related("requirement__node").order_by("number"):
            taken = TaskFlow.take(task, "publish", by=stage.office, at=world.now)
            self.work.begin(taken.matter)

    def _plans(self, edition: Edition) -> None:
        """The three-year plan that ends this year, and the year’s under it."""
        stage, year, now = self.stage, self.stage.year, self.world.now
        more: dict[str, Any] = {
            "by": stage.office, "edition": edition, "is_sample": True, "source": "示例", "at": now
        }  # fmt: skip
        what = "" if edition == stage.city else "未成年人思想道德建设"
        name = f"{what}三年行动计划（{year - 2}—{year}）"
        long = make_plan(PlanKind.THREE_YEARS, name, dt.date(year - 2, 1, 1), stage.day(12, 31), **more,
                         goal="三年分打基础、补短板、促常态三步，每年至少一次全面模拟测评。")  # fmt: skip
        make_plan(PlanKind.YEAR, f"{year} 年{what or '创建'}年度方案", stage.day(1, 1), stage.day(12, 31), parent=long,
                  **more, goal="标准逐条有单位、有任务、有材料。")  # fmt: skip

    def _edit(self, task: Task, n: int) -> None:
        """What a person changes in the generated drafts: dates of all-year work, leaders, and what is a project."""
        stage, world = self.stage, self.world
        values: dict[str, Any] = {}
        leaders = stage.cast.by_role["leader"]
        if task.requirement and task.requirement.method == Method.SITE:
            values["due_on"] = stage.day(*world.pick(ALL_YEAR))
        if task.kind == TaskKind.PROJECT or (values and n % PROJECT_EVERY == 0):
            values["budget"] = Decimal(world.random.randrange(8, 260)) * 10_000
            if task.kind != TaskKind.PROJECT and task.requirement:
                values |= {"kind": TaskKind.PROJECT.value, "title": f"项目：{task.requirement.node.name}"}
        if leaders and (values.get("budget") or world.chance(0.12)):
            values["leader"] = world.pick(leaders)
        if values:
            revise_task(task, values, by=stage.office, at=world.now)

    def _surplus(self, tasks: list[Task]) -> list[Task]:
        mine = [
            task for task in tasks
            if task.requirement and task.requirement.node.edition_id == self.stage.editions[0].pk
            and task.requirement.method in (Method.SITE, Method.MATERIAL)
        ]  # fmt: skip
        return self.world.random.sample(mine, min(CANCELLED, len(mine) // 8))

    def _free(self) -> None:
        """Activities that wait for a unit to take them."""
        for title in UNCLAIMED:
            due = self.stage.day(12, self.world.random.randrange(5, 29))
            make_task(by=self.stage.office, at=self.world.now, kind=TaskKind.ACTIVITY, title=title, due_on=due,
                      text="自愿认领，一个单位一项。", is_sample=True, source="示例")  # fmt: skip

    def _month_ends(self, month: dt.date) -> Life:
        """Lines of work at places get a word of result; two days later the rest is carried over."""
        world, stage = self.world, self.stage
        lines = MonthLine.objects.filter(
            month=month, state=MonthState.PLANNED, task__requirement__method=Method.SITE, task__state="doing"
        )
        for line in lines.order_by("pk"):
            write_result(
                line, world.pick(_SITE_RESULTS), not world.chance(0.06), by=stage.office, at=world.now
            )
        yield world.at_work(world.now + 1.6 * DAY)
        carry_over(month, by=stage.office, at=world.now)

    def _reminders(self) -> Life:
        """The worker’s look at dates that come near; the last one at the very end."""
        world = self.world
        while True:
            remind_tasks(world.now)
            if world.now >= world.until:
                return
            yield min(world.now + 7 * DAY, world.until)
