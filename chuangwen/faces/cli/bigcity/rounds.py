"""Three years of monthly rounds in the big city: visits with their observations and every sum kept of them.

Results and points come from `inspections.grading`; `inspections.tallies.recount` finds nothing wrong in the sums.
"""

from __future__ import annotations

import datetime as dt
import json
import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from chuangwen.faces.cli.bigcity.bulk import Row
from chuangwen.faces.cli.bigcity.moments import second_of, written
from chuangwen.faces.cli.bigcity.tree import SOURCE, Tree
from chuangwen.inspections import draw
from chuangwen.inspections.grading import FAIL, FAULTY, NOT_HERE, PASS, Graded, bands_of, grade
from chuangwen.inspections.models import (
    Observation,
    PairTally,
    Round,
    RoundKind,
    State,
    Tally,
    Team,
    Visit,
    VisitState,
)
from chuangwen.kernel.models import Person, Place, Post
from chuangwen.standards.models import CheckItem

TABLES: dict[str, tuple[Any, tuple[str, ...]]] = {
    "visit": (Visit, ("id", "uid", "round_id", "place_id", "site_type_id", "street_id", "stratum", "is_second", "day",
                      "state", "by_id", "done_at", "points", "full", "failed", "sums")),
    "observation": (Observation, ("id", "uid", "visit_id", "check_item_id", "result", "points", "full", "count", "at")),
    "tally": (Tally, ("round_id", "check_item_id", "street_id", "n", "failed", "points", "full", "points_sq")),
    "pair": (PairTally, ("month", "check_item_id", "first_by_id", "second_by_id", "both_pass", "pass_fail", "fail_pass",
                         "both_fail")),
}  # fmt: skip
VISITED = 0.9  # of all places in a round; a tenth of these is rated twice
SECOND = 0.1
AGREE = 0.85  # chance that the second rater sees what the first saw; else he looks for himself
NEXT = "B-KC-next"
BLOCK = 20_000
DAY, HOUR = 86_400, 3600


class Site(NamedTuple):
    """One place with what its visits carry; `good` is the chance that an item is met there."""

    pk: int
    type_id: int
    street: int
    stratum: str
    good: float


class Ways(NamedTuple):
    """One check item with its possible grades worked out once: the best, and what else may be seen."""

    item: int
    requirement: str
    best: Graded
    others: tuple[Graded, ...]


def per_type_of(observations: int, rounds: int, sites: int) -> int:
    """Check items a site type needs for so many observations; at least two."""
    return max(2, -(-observations // max(1, rounds * _visits(sites)[2])))


def _visits(sites: int) -> tuple[int, int, int]:
    """First ratings of a round, second ones, both."""
    first = max(1, round(sites * VISITED))
    second = max(1, round(first * SECOND))
    return first, second, first + second


def months_before(until: dt.date, count: int) -> list[dt.date]:
    """The first days of the last `count` months up to that of `until`, oldest first."""
    last = until.year * 12 + until.month - 1
    return [dt.date(n // 12, n % 12 + 1, 1) for n in range(last - count + 1, last + 1)]


def month_after(day: dt.date) -> dt.date:
    """The first day of the next month."""
    return (day.replace(day=1) + dt.timedelta(days=32)).replace(day=1)


def sites_of(seed: int) -> list[Site]:
    """Every active site with its street and stratum, as a draw of the whole city names them."""
    chance = random.Random(f"sites {seed}")
    streets = dict(Place.objects.filter(kind="street").values_list("code", "pk"))
    names = dict(Place.objects.filter(kind="street").values_list("pk", "short_name"))
    rows = Place.objects.filter(kind="site", is_active=True, type__isnull=False).order_by("code")
    found = []
    for pk, kind, type_name, path in rows.values_list("pk", "type_id", "type__name", "path"):
        street = next((streets[code] for code in reversed(path.split("/")) if code in streets), None)
        if street is not None:
            found.append((pk, kind, type_name, street))
    strata = draw.strata_of((kind, names[street]) for _pk, _type, kind, street in found)
    return [
        Site(pk, type_id, street, strata[kind, names[street]], 0.6 + 0.39 * chance.random())
        for pk, type_id, kind, street in found
    ]


def ways_of(item: CheckItem) -> Ways:
    """All that can be seen of one check item, by its own rule of grading."""
    way, params = item.grading.way, item.grading.params
    asked: list[Mapping[str, Any]]
    if way == "bands":
        asked = [{"band": name} for name, _share in bands_of(params)]
    elif way == "points":
        asked = [{"count": n} for n in range(4)]
    elif way == "count_per_metre":
        asked = [{"count": max(0, int(params["count"]) - n)} for n in range(4)]
    else:
        asked = [{"result": PASS}, {"result": FAIL}]
    best, *others = (grade(way, params, item.full, **what) for what in [*asked, {"result": NOT_HERE}])
    return Ways(item.pk, str(item.requirement_id), best, tuple(others))


class Looks:
    """Makes the visits of all rounds month by month; all chance comes from the seed, the database is not asked."""

    def __init__(
        self, tree: Tree, sites: Sequence[Site], rounds: Sequence[Round], raters: Sequence[int], seed: int
    ) -> None:
        self.sites, self.rounds, self.raters = sites, rounds, raters
        self.chance = random.Random(f"looks {seed}")
        self.ways = {kind: [ways_of(item) for item in items] for kind, items in tree.by_type.items()}
        self._tag = f"{random.Random(f'ids {seed}').getrandbits(32):08x}00004000"
        self._visit = self._observation = 0
        self.rows: dict[str, list[Row]] = {name: [] for name in TABLES}

    def run(self) -> Iterator[tuple[str, list[Row]]]:
        """Yields blocks of rows by table; visits before their observations."""
        for row in self.rounds:
            first, second, _both = _visits(len(self.sites))
            chosen = self.chance.sample(self.sites, first)
            start = second_of(dt.datetime.combine(row.from_on, dt.time(), dt.UTC))
            self._tally: dict[tuple[int, int], list[int]] = {}
            self._pairs: dict[tuple[int, int, int], list[int]] = {}
            for n, site in enumerate(chosen):
                at = start + (n * 20 // first) * DAY + HOUR + n * 7 % (8 * HOUR)
                self._site(row.pk, site, at, twice=n < second)
                if len(self.rows["observation"]) >= BLOCK:
                    yield from self._blocks()
            self.rows["tally"] = [(row.pk, *key, *sums) for key, sums in self._tally.items()]
            month = row.from_on.isoformat()
            self.rows["pair"] = [(month, *key, *counts) for key, counts in self._pairs.items()]
            yield from self._blocks()

    def _blocks(self) -> Iterator[tuple[str, list[Row]]]:
        for name in self.rows:
            block, self.rows[name] = self.rows[name], []
            if block:
                yield name, block

    def _site(self, round_: int, site: Site, at: int, *, twice: bool) -> None:
        ways = self.ways[site.type_id]
        chance = self.chance.random
        good = site.good
        seen = [way.best if chance() < good else way.others[int(chance() * len(way.others))] for way in ways]
        rater = self.chance.choice(self.raters)
        self._write(round_, site, at, rater, ways, seen, is_second=False)
        tally = self._tally
        for way, (result, points, full, _count) in zip(ways, seen, strict=True):
            if result == NOT_HERE:
                continue
            sums = tally.get((way.item, site.street))
            if sums is None:
                sums = tally[way.item, site.street] = [0, 0, 0, 0, 0]
            sums[0] += 1
            sums[1] += result in FAULTY
            sums[2] += points
            sums[3] += full
            sums[4] += points * points
        if not twice:
            return
        other = self.chance.choice([pk for pk in self.raters if pk != rater])
        again = [
            first
            if chance() < AGREE
            else (way.best if chance() < good else way.others[int(chance() * len(way.others))])
            for way, first in zip(ways, seen, strict=True)
        ]
        self._write(round_, site, at + DAY, other, ways, again, is_second=True)
        for way, one, two in zip(ways, seen, again, strict=True):
            if NOT_HERE not in (one.result, two.result):
                counts = self._pairs.setdefault((way.item, rater, other), [0, 0, 0, 0])
                counts[2 * (one.result != PASS) + (two.result != PASS)] += 1

    def _write(
        self,
        round_: int,
        site: Site,
        at: int,
        rater: int,
        ways: Sequence[Ways],
        seen: Sequence[Graded],
        *,
        is_second: bool,
    ) -> None:
        self._visit += 1
        visit, moment, n = self._visit, written(at), self._observation
        tag, put = f"{self._tag}8005", self.rows["observation"].append
        by: dict[str, list[int]] = {}
        whole = reached = failed = 0
        for way, (result, points, full, count) in zip(ways, seen, strict=True):
            n += 1
            put((n, f"{tag}{n:012x}", visit, way.item, result, points, full, count, moment))
            if result == NOT_HERE:
                continue
            own = by.get(way.requirement)
            if own is None:
                own = by[way.requirement] = [0, 0]
            own[0] += points
            own[1] += full
            whole += full
            reached += points
            failed += result in FAULTY
        self._observation = n
        self.rows["visit"].append((
            visit, f"{self._tag}8004{visit:012x}", round_, site.pk, site.type_id, site.street, site.stratum, int(is_second),
            moment[:10], VisitState.DONE.value, rater, moment, reached, whole, failed, json.dumps(by),
        ))  # fmt: skip


def plan_rounds(tree: Tree, sites: Sequence[Site], months: Sequence[dt.date]) -> list[Round]:
    """One mock test a month, known to all, over the whole register."""
    first = _visits(len(sites))[0]
    strata: dict[str, dict[str, int]] = {}
    for site in sites:
        strata.setdefault(site.stratum, {"N": 0, "n": 0})["N"] += 1
    for figures in strata.values():
        figures["n"] = round(figures["N"] * VISITED)
    rounds = []
    for month in months:
        rounds.append(Round(
            number=f"B-KC-{month:%Y-%m}", kind=RoundKind.MOCK, name=f"{month:%Y-%m}模拟测评", state=State.RELEASED,
            from_on=month, to_on=month.replace(day=28), seed=f"{SOURCE} {month:%Y-%m}", strata=strata, is_sample=True,
            spec={"total": first, "double_share": str(SECOND)},
        ))  # fmt: skip
    made = Round.objects.bulk_create(rounds)
    through = Round.editions.through
    through.objects.bulk_create([through(round_id=row.pk, edition_id=tree.edition.pk) for row in made])
    return made


def plan_draw(tree: Tree, day: dt.date, sites: Sequence[Site], raters: Sequence[int], teams: int = 8) -> Round:
    """A round to come with its teams, not drawn yet: what a draw is measured on. A fifth of all places, all strata."""
    total = max(len({site.stratum for site in sites}), len(sites) // 5)
    row = Round.objects.create(
        number=NEXT, kind=RoundKind.MOCK, name="待抽点的模拟测评", state=State.PLANNED, from_on=day, is_sample=True,
        to_on=day + dt.timedelta(days=27), spec={"total": total, "rest_days": 7, "double_share": str(SECOND)},
    )  # fmt: skip
    row.editions.add(tree.edition)
    for n in range(min(teams, len(raters))):
        team = Team.objects.create(round=row, name=f"{n + 1}组")
        team.members.set(raters[n::teams])
    return row


def raters_of(count: int = 24) -> list[int]:
    """People who visit: inspectors first, then whoever has a post."""
    seen = Post.objects.filter(role="inspector").order_by("pk").values_list("person_id", flat=True)
    found = list(
        dict.fromkeys(
            [*seen, *Person.objects.filter(is_active=True).order_by("pk").values_list("pk", flat=True)]
        )
    )
    return found[:count]
