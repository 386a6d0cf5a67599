"""Simulates the city's work up to now from a seed number; the same seed and end moment give the same
cases.
"""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen.faces.cli.demo import daily, lives, outlook
from chuangwen.faces.cli.demo.deeds import Deeds
from chuangwen.faces.cli.demo.months import Months
from chuangwen.faces.cli.demo.openness import Openness
from chuangwen.faces.cli.demo.papers import Papers
from chuangwen.faces.cli.demo.shows import Shows
from chuangwen.faces.cli.demo.stage import Stage
from chuangwen.faces.cli.demo.today import Today
from chuangwen.faces.cli.demo.visiting import Visiting
from chuangwen.faces.cli.demo.world import DAY, World
from chuangwen.faces.cli.demo.year import Year
from chuangwen.kernel.city import forget
from chuangwen.kernel.models import Checkpoint, Entry, Notice
from chuangwen.kernel.workflow.history import make_checkpoints
from chuangwen.problems.models import Case, Prepared, Report
from chuangwen.registers.models import PatrolRound

CASES_A_DAY = 2.6  # beside those the rounds of visits open


@dataclass(frozen=True)
class Summary:
    """What was made; `states` counts cases by state, `refused` are courses this city's settings did not
    allow.
    """

    states: dict[str, int]
    reports: int
    entries: int
    photos: int
    rounds: int
    notices: int
    prepared: int
    checkpoints: int
    refused: tuple[str, ...]
    seconds: float

    def __str__(self) -> str:
        words = _(
            "案件 %(cases)d 件，经过 %(entries)d 条，照片 %(photos)d 张，巡查 %(rounds)d 次，%(s)d 秒。"
        )
        return words % {
            "cases": sum(self.states.values()), "entries": self.entries, "photos": self.photos,
            "rounds": self.rounds,
            "s": round(self.seconds),
        }  # fmt: skip


def simulate(
    seed: int, days: int = 182, until: dt.datetime | None = None, cases_a_day: float = CASES_A_DAY
) -> Summary:
    """Lives through `days` days up to `until` (aware; now when none is given) with the loaded city's
    people and places.

    All or nothing: one transaction. Needs a city with kinds, units with liaisons,
    and the posts of the office;
    raises LookupError where a post is not held by anybody.
    """
    began = time.monotonic()
    until = (until or timezone.now()).replace(microsecond=0)
    forget()
    with transaction.atomic():
        world = World(seed, until - days * DAY, until)
        deeds = Deeds(world, seed)
        for life in (daily.clock, daily.desk, daily.bodies, daily.rechecks, daily.patrols):
            world.begin(life(deeds), world.start)
        lives.history(deeds, cases_a_day)
        Today(deeds).plan()
        _whole_year(Stage(deeds))
        world.run(lambda day: make_checkpoints(day))
        daily.read_notices(deeds)
    return _summary(deeds, time.monotonic() - began)


def _whole_year(stage: Stage) -> None:
    """Plan, papers and rounds of the year, from January on; nothing in a city without a tree of standards."""
    for part in (Year(stage), Shows(stage), Papers(stage), Visiting(stage), Months(stage), Openness(stage)):
        part.begin()
    outlook.begin(stage)


def _summary(deeds: Deeds, seconds: float) -> Summary:
    states = dict(Case.objects.order_by("state").values_list("state").annotate(n=Count("pk")))
    return Summary(
        states=states, reports=Report.objects.count(), entries=Entry.objects.count(), photos=deeds.photos,
        rounds=PatrolRound.objects.count(), notices=Notice.objects.count(), prepared=Prepared.objects.count(),
        checkpoints=Checkpoint.objects.count(), refused=tuple(deeds.world.refused), seconds=seconds,
    )  # fmt: skip
