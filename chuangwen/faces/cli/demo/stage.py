"""What the year’s work needs beside the cases: the trees in force, the year they are for, heads, hands and dates."""

from __future__ import annotations

import datetime as dt
import random

from django.utils import timezone

from chuangwen.faces.cli.demo.deeds import Deeds
from chuangwen.faces.cli.demo.world import HOUR
from chuangwen.kernel.models import Person, Post
from chuangwen.standards.models import Edition, SchemeKind


class Stage:
    """Read once per simulation. The year is that of the city's tree, or the last one lived through when that is earlier."""

    def __init__(self, deeds: Deeds) -> None:
        self.deeds, self.world, self.cast = deeds, deeds.world, deeds.cast
        current = Edition.objects.filter(is_current=True).select_related("scheme")
        trees = {tree.scheme.kind: tree for tree in current.order_by("scheme__code")}
        self.city = trees.get(SchemeKind.CITY)
        self.editions = [tree for kind in (SchemeKind.CITY, SchemeKind.MINORS) if (tree := trees.get(kind))]
        self.year = min(
            self.city.year if self.city else 9999, timezone.localtime(self.world.until).date().year
        )
        heads = Post.objects.in_force().filter(role="head", person__is_active=True, unit__isnull=False)
        self.heads: dict[int, Person] = {}
        for post in heads.select_related("person").order_by("pk"):
            self.heads.setdefault(post.unit_id or 0, post.person)

    @property
    def office(self) -> Person:
        """Who keeps plans and standards: the first of the creation office."""
        return self.cast.by_role["office"][0]

    @property
    def desk(self) -> Person:
        return self.cast.anyone("clerk", "office")

    def day(self, month: int, day: int) -> dt.date:
        return dt.date(self.year, month, day)

    def moment(self, month: int, day: int, hour: float = 9.5) -> dt.datetime:
        """Working time of the year, at that hour or at the next moment somebody is at his desk."""
        return self.world.at_work(self.on(self.day(month, day), hour))

    def on(self, day: dt.date, hour: float) -> dt.datetime:
        """That hour of that day by the clock on the wall."""
        return timezone.make_aware(dt.datetime.combine(day, dt.time())) + hour * HOUR

    @property
    def today(self) -> dt.date:
        return timezone.localdate(self.world.now)

    def nature(self, *names: str) -> float:
        """A number from 0 to 1 that belongs to a name and stays the same all year, whatever happens in between."""
        return random.Random("|".join((str(self.deeds.seed), *names))).random()


def fresh(person: Person) -> Person:
    """The person read again: what his posts let him see is remembered per row, and rounds are made in between."""
    return Person.objects.get(pk=person.pk)
