"""The year's tasks in the simulated city: generated, published, claimed, worked on, handed in, some late; and demonstration sites.

Chance here has a stream of its own, so that the cases of a seed stay what they are.
"""

from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal

from django.utils import timezone

from chuangwen.faces.cli.demo.deeds import Deeds
from chuangwen.faces.cli.demo.world import DAY, HOUR, MINUTE, Life
from chuangwen.kernel.evidence import store
from chuangwen.kernel.models import Person, Place
from chuangwen.standards.models import Edition
from chuangwen.tasks.actions import claim_task, report_progress, revise_task
from chuangwen.tasks.flow import TaskFlow
from chuangwen.tasks.generating import generate_year
from chuangwen.tasks.models import Adoption, Demo, DemoVisit, State, Task, TaskKind

OPEN_SHARE = 0.08  # published without a unit
DRAFT_SHARE = 0.06  # still being thought about
LATE_SHARE = 0.08  # not handed in on the day
TRADES = 12
SOURCE = "示例"


def works(deeds: Deeds) -> Life:
    """Begins the year with one click and publishes it a day later; each task then has a life of its own."""
    world, chance = deeds.world, random.Random(f"works {deeds.seed}")
    edition = Edition.objects.filter(is_current=True).order_by("pk").first()
    if edition is None:
        return
    office = deeds.cast.by_role["office"][0]
    year = timezone.localtime(world.until).year
    made = generate_year(edition, year, by=office, at=world.now)
    yield world.at_work(world.now + DAY)
    for task in made.tasks:
        if task.unit_id not in deeds.cast.of_unit or chance.random() < DRAFT_SHARE:
            continue
        values: dict[str, object] = {}
        if task.kind == TaskKind.PROJECT:
            values["budget"] = Decimal(chance.randrange(8, 400)) * 100_000
        if chance.random() < OPEN_SHARE:
            values["unit"] = None
        if values:
            task = revise_task(task, values, by=office, at=world.now)
        TaskFlow.take(task, "publish", by=office, at=world.now)
        world.begin(_work(deeds, task.pk, random.Random(f"{deeds.seed} {task.number}")), world.now + MINUTE)
    _demos(deeds, chance)


def _work(deeds: Deeds, pk: int, chance: random.Random) -> Life:
    """One task: claimed when it is open, reported on, handed in around its date, accepted or sent back once."""
    world = deeds.world
    task = Task.objects.get(pk=pk)
    if task.state == State.OPEN:
        yield world.at_work(world.now + chance.uniform(5, 120) * DAY)
        if chance.random() < 0.4:
            return
        unit = chance.choice(deeds.cast.doers)
        task = claim_task(task, unit, by=deeds.cast.answerer(unit.pk), at=world.now)
    by = deeds.cast.answerer(task.unit_id)
    due = timezone.make_aware(dt.datetime.combine(task.due_on, dt.time(9)))
    first, last = (
        world.now,
        due + (chance.uniform(3, 20) if chance.random() < LATE_SHARE else chance.uniform(-12, -1)) * DAY,
    )
    for share in (0.35, 0.75):
        yield world.at_work(first + max(last - first, DAY) * share)
        _report(deeds, task, by, int(100 * share), chance)
    yield world.at_work(max(last, world.now + HOUR))
    task = TaskFlow.take(task, "submit", by=by, given={"note": "按要求完成，佐证已传。"}, at=world.now).matter
    yield world.at_work(world.now + chance.uniform(0.5, 3) * DAY)
    clerk = chance.choice(deeds.cast.by_role["clerk"] or deeds.cast.by_role["office"])
    if chance.random() < 0.1:
        given = {
            "reason": "照片看不出时间地点，补一张。",
            "due_on": (timezone.localdate(world.now) + 7 * DAY).isoformat(),
        }
        task = TaskFlow.take(task, "return", by=clerk, given=given, at=world.now).matter
        yield world.at_work(world.now + chance.uniform(1, 4) * DAY)
        _report(deeds, task, by, 100, chance)
        task = TaskFlow.take(task, "submit", by=by, given={"note": "已补。"}, at=world.now).matter
        yield world.at_work(world.now + DAY)
    TaskFlow.take(task, "accept", by=clerk, given={"note": "合格"}, at=world.now)


def _report(deeds: Deeds, task: Task, by: Person, percent: int, chance: random.Random) -> None:
    """Progress in words; a project says what it spent, the others bring a photo."""
    now = deeds.world.now
    given: dict[str, object] = {
        "percent": percent,
        "note": chance.choice(("按计划推进", "已过半，下周收尾", "方案已定，正在实施")),
    }
    if task.kind == TaskKind.PROJECT:
        given["spent"] = str(((task.budget or Decimal(0)) * percent / 100).quantize(Decimal(1)))
    report_progress(task, given, by=by, at=now)
    if task.kind != TaskKind.PROJECT:
        picture = deeds.album.scene(False, chance.randrange(9999))
        store.attach(picture, task, role="fixed", by=by, at=now, taken_at=now - MINUTE)
        deeds.photos += 1


def _demos(deeds: Deeds, chance: random.Random) -> None:
    """Demonstration sites of some trades, observation meetings, and places that took the practice over."""
    by_type: dict[str, list[Place]] = {}
    for site in deeds.cast.sites:
        if site.type:
            by_type.setdefault(site.type.name, []).append(site)
    today = timezone.localdate(deeds.world.now)
    for trade, sites in sorted(by_type.items(), key=lambda pair: (-len(pair[1]), pair[0]))[:TRADES]:
        demo = Demo.objects.create(
            trade=trade, place=sites[0], chosen_on=today, source=SOURCE,
            practice="责任到人、每日自查、问题当天改、结果上墙。",
        )  # fmt: skip
        for n in range(chance.randrange(3)):
            DemoVisit.objects.create(
                demo=demo,
                on=today + (10 + 20 * n) * DAY,
                guests="各镇街和同行业单位",
                count=chance.randrange(15, 60),
                note="看做法、学台账",
            )
        for place in sites[1:6]:
            adopted = chance.random() < 0.6
            Adoption.objects.create(
                demo=demo,
                place=place,
                state="adopted" if adopted else "planned",
                on=today + chance.randrange(20, 90) * DAY if adopted else None,
            )
