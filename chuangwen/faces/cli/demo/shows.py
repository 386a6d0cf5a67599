"""Campaigns measured before and after, and the sites whose practice others come to see and take over."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TypeVar

from django.db.models import Model

from chuangwen.faces.cli.demo.stage import Stage
from chuangwen.faces.cli.demo.world import DAY, Life
from chuangwen.kernel.models import Duty, Place
from chuangwen.kernel.workflow import history
from chuangwen.registers.models import Fact
from chuangwen.standards.models import Share
from chuangwen.tasks.actions import measure_after, measure_drive
from chuangwen.tasks.models import Adoption, AdoptionState, Demo, DemoVisit, Drive

M = TypeVar("M", bound=Model)
TRADES = 12  # where the city has not said how many demonstration sites it chose
MEETINGS = 9
_PRACTICE = (
    "每天开门前按清单自查一遍，谁查谁签名，问题不过夜。", "门口设一块公示牌，写明负责人、电话和要做到的几条。",
    "志愿者和物业轮值，早晚高峰各一小时。", "把要求画成图贴在操作台上，新来的人一看就会。",
    "每周五下午集中整理一次，前后照片贴在公示栏。",
)  # fmt: skip
_NOTES = (
    "各单位带走清单一份，两周内报要不要照做。",
    "看了操作流程，问得最多的是人手怎么排。",
    "会后有四家当场定了照做。",
)


class Shows:
    """Begins campaigns and demonstration sites."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.world = stage, stage.world

    def begin(self) -> None:
        stage, world = self.stage, self.world
        if stage.city is None or not stage.cast.by_role["office"]:
            return
        world.begin(self._drives(), stage.moment(2, 27))
        world.begin(self._demos(), stage.moment(3, 18))

    def _drives(self) -> Life:
        """Each campaign gets a lead whose standards speak of the same thing, and lives from its first to its last day."""
        for drive in Drive.objects.filter(from_on__year=self.stage.year).order_by("from_on", "name"):
            self._lead(drive)
            self.world.begin(self._measured(drive), self.stage.on(drive.from_on, 9))
        return
        yield

    def _lead(self, drive: Drive) -> None:
        pairs = [drive.name[i : i + 2] for i in range(min(3, len(drive.name) - 1))]  # the first says most
        shares = Share.objects.filter(requirement__node__edition=self.stage.city, part="lead").select_related(
            "unit", "requirement__node"
        )
        best = max(
            shares.order_by("requirement__node__rank", "requirement_id"), default=None,
            key=lambda share: [pair in share.requirement.node.name for pair in pairs],
        )  # fmt: skip
        if best is not None and drive.unit_id is None:
            drive.unit = best.unit
            drive.save(update_fields=["unit"])
            change = {"unit": (None, best.unit)}
            history.log_change(drive, by_id=self.stage.office.pk, changes=change, at=self.world.now)

    def _measured(self, drive: Drive) -> Life:
        world, stage = self.world, self.stage
        rate = "率" in drive.measure  # a rate rises, a count of what is wrong falls
        before = Decimal(world.random.randrange(68, 80)) if rate else Decimal(world.random.randrange(60, 420))
        drive = measure_drive(drive, "before", before, by=stage.office, day=stage.today, at=world.now)
        drive.target = Decimal(95) if rate else (before / 5).quantize(Decimal(1))
        drive.save(update_fields=["target"])
        change = {"target": (None, drive.target)}
        history.log_change(drive, by_id=stage.office.pk, changes=change, at=world.now)
        yield world.at_work(stage.on(drive.to_on, 9) + DAY)
        left = Decimal(str(round(world.random.uniform(0.12, 0.34), 2)))
        after = before + (97 - before) * (1 - left) if rate else before * left
        words = (
            "达到目标。"
            if (after >= 95 if rate else after <= drive.target)
            else "没有到目标，剩下的转入日常清单。"
        )
        measure_after(drive, after.quantize(Decimal(1)), words, by=stage.office, at=world.now)

    def _demos(self) -> Life:
        """One site of each trade; some are visited, some of those are copied elsewhere."""
        stage, world = self.stage, self.world
        sites: dict[str, list[Place]] = {}
        for site in stage.cast.sites:
            sites.setdefault(site.type.name if site.type else "", []).append(site)
        trades = [name for name in sorted(sites) if name]
        said = Fact.objects.filter(name__contains="示范点", value__gt=0).order_by("code").first()
        wanted = min(int(said.value) if said else TRADES, len(trades))
        chosen = sorted(world.random.sample(trades, wanted))
        units = dict(
            Duty.objects.in_force().filter(kind="site_unit").order_by("pk").values_list("place_id", "unit_id")
        )
        demos = []
        for trade in chosen:
            place = world.pick(sites[trade])
            demos.append(self._enter(Demo(
                trade=trade, place=place, unit_id=units.get(place.pk), practice=world.pick(_PRACTICE),
                chosen_on=stage.today, source="示例",
            )))  # fmt: skip
        for n, demo in enumerate(world.random.sample(demos, min(MEETINGS, len(demos)))):
            others = [site for site in sites[demo.trade] if site.pk != demo.place_id]
            at = stage.moment(4 + n % 7, 14 + n % 5, 14.6)
            world.begin(self._seen(demo, others), at)
        return
        yield

    def _seen(self, demo: Demo, others: list[Place]) -> Life:
        """An observation meeting; three places plan to copy it and most have done so weeks later."""
        world, stage = self.world, self.stage
        guests = "、".join(
            unit.short_name for unit in world.random.sample(stage.cast.doers, min(5, len(stage.cast.doers)))
        )
        self._enter(DemoVisit(
            demo=demo, on=stage.today, guests=guests, count=world.random.randrange(12, 60), note=world.pick(_NOTES)
        ))  # fmt: skip
        plans = []
        for place in world.random.sample(others, min(3, len(others))):
            plans.append(self._enter(Adoption(demo=demo, place=place, state=AdoptionState.PLANNED)))
        yield world.at_work(world.now + world.random.uniform(12, 40) * DAY)
        for plan in plans:
            if world.chance(0.25):
                continue
            before, plan.state, plan.on = plan.state, AdoptionState.ADOPTED, stage.today
            if world.chance(0.12):
                plan.state, plan.note = AdoptionState.NOT, "场地小，摆不开"
            plan.save()
            change = {"state": (str(before), str(plan.state)), "on": (None, plan.on)}
            history.log_change(plan, by_id=stage.office.pk, changes=change, at=world.now)

    def _enter(self, row: M) -> M:
        """A new row with its line of history, as the page that takes it in writes it."""
        row.save(force_insert=True)
        changes = {}
        for field in row._meta.concrete_fields:
            value = getattr(row, field.attname)
            if not field.primary_key and value not in (None, ""):
                plain = value if isinstance(value, int | dt.date) else str(value)
                changes[field.name] = (None, plain)
        history.log_change(row, by_id=self.stage.office.pk, changes=changes, at=self.world.now)
        return row
