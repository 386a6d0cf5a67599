"""From the city's places to a drawn round: register, sizes, draw, teams, days. Reads only; `actions.draw_round` writes.

The draw itself is arithmetic without a database (`chuangwen.inspections.draw`). Places rest only after rounds the
maker may know of: a colleague's secret round must not show in the figures of an open one.
"""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from django.db.models import F, Max, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from chuangwen.inspections import draw as pure
from chuangwen.inspections import rules
from chuangwen.inspections.draw.faults import FaultKind, fault
from chuangwen.inspections.models import Round, State, Team, Visit
from chuangwen.inspections.spec import Spec
from chuangwen.kernel.city import calendar
from chuangwen.kernel.models import Duty, Person, Place, Post
from chuangwen.kernel.workflow.flow import Refused

AREAS = ("street", "county", "city")


class DrawRefused(Refused):
    """A draw that cannot be made; `faults` says everything wrong, each in a sentence."""

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(self.faults))


class Ground(NamedTuple):
    """One place of the register with what the round needs to know of it."""

    pk: int
    type_id: int | None
    street_id: int


@dataclass(frozen=True)
class Register:
    """The places a round may draw, as the draw takes them; `no_point` active places were left out for want of a point."""

    sites: tuple[pure.Site, ...]
    ground: Mapping[str, Ground]
    no_point: int

    @property
    def counts(self) -> dict[str, int]:
        return dict(sorted(Counter(site.stratum for site in self.sites).items()))


class Planned(NamedTuple):
    """One visit to be."""

    place_id: int
    site_type_id: int | None
    street_id: int
    stratum: str
    team_id: int
    is_second: bool
    day: dt.date
    seq: int


@dataclass(frozen=True)
class Plan:
    """A whole draw: its places, who goes where when, and what a print shows."""

    drawn: pure.Drawn
    visits: tuple[Planned, ...]
    metres: Mapping[int, int] = field(default_factory=dict)  # by team
    no_second: tuple[str, ...] = ()  # places meant for a second rating that no other team may visit

    @property
    def strata(self) -> dict[str, dict[str, int]]:
        return {row.stratum: {"N": row.places, "n": row.drawn} for row in self.drawn.strata}


def _area_of(place: Place, areas: Mapping[str, Place]) -> Place | None:
    """The street a place lies in, else the nearest area above."""
    return next((areas[code] for code in reversed(place.path.split("/")) if code in areas), None)


def _places(spec: Spec) -> list[Place]:
    rows = Place.objects.filter(is_active=True).prefetch_related("type").defer("shape", "attributes")
    if spec.places:
        return list(rows.filter(code__in=spec.places).order_by("code"))
    rows = rows.filter(kind="site", type__isnull=False)
    if spec.site_types:
        rows = rows.filter(type__list="site_type", type__code__in=spec.site_types)
    if spec.streets:
        inside = Q(pk__in=())
        for code, path in Place.objects.filter(code__in=spec.streets).values_list("code", "path"):
            inside |= Q(code=code) | Q(path__gte=f"{path}/", path__lt=f"{path}0")
        rows = rows.filter(inside)
    return list(rows.order_by("code"))


def _last_drawn(row: Round, spec: Spec, maker: Person | None) -> dict[int, dt.date]:
    """The last day each place was drawn by another round its maker may know of, as far back as places rest.

    A round that has not started rests nothing: two people who draw the same side by side must get the same.
    """
    if not spec.rest_days or spec.places:
        return {}
    since = row.from_on - dt.timedelta(days=spec.rest_days)
    rounds = Round.objects.filter(to_on__gte=since).exclude(pk=row.pk)
    rounds = rounds.exclude(state__in=(State.PLANNED, State.DRAWN, State.CANCELLED))
    visits = Visit.objects.filter(round__in=list(rounds.values_list("pk", flat=True)))
    if maker is not None:
        visits = rules.see_visit.filter(visits, maker)
    # + 0 keeps SQLite from walking the index by place, which fetches each row on its own: twice as slow.
    at = visits.annotate(at=F("place_id") + 0).values("at")
    return dict(at.annotate(on=Max(Coalesce("day", "round__from_on"))).order_by().values_list("at", "on"))


def _answerers(places: list[Place], areas: Mapping[str, Place], on: dt.date) -> dict[int, frozenset[str]]:
    """Codes of the units, and `person:<id>` of the people, that answer for each place: its own, its road's, its areas'."""
    by_place: dict[int, set[str]] = defaultdict(set)
    rows = Duty.objects.in_force(on).values_list("place_id", "unit__code", "person_id")
    for place_id, unit, person in rows:
        by_place[place_id].update(code for code in (unit, f"person:{person}" if person else None) if code)
    found = {}
    for place in places:
        chain = [place.pk, place.road_id, *(areas[c].pk for c in place.path.split("/") if c in areas)]
        found[place.pk] = frozenset().union(*(by_place.get(pk, ()) for pk in chain if pk))
    return found


def _least(places: int, spec: Spec) -> int:
    """How many places make a stratum of their own: enough that a draw in proportion gives it two, so that it has a spread."""
    return max(2, math.ceil(2 * places / spec.total)) if spec.total else 2


def register_of(row: Round, spec: Spec | None = None, maker: Person | None = None) -> Register:
    """The active places of the round's scope that have a point, with strata, duties and last days (a few queries)."""
    spec = spec or Spec.of(row.spec)
    everything = _places(spec)
    places = [place for place in everything if place.lon is not None]
    areas = {place.code: place for place in Place.objects.filter(kind__in=AREAS).defer("shape")}
    area_of = {place.pk: _area_of(place, areas) for place in places}
    kinds = {
        place.pk: (
            str(place.type or place.get_kind_display()),
            str(area_of[place.pk] or "") if spec.by_area else "",
        )
        for place in places
    }
    strata = pure.strata_of(kinds.values(), least=_least(len(kinds), spec))
    last = _last_drawn(row, spec, maker or row.maker)
    answers = _answerers(places, areas, row.from_on)
    sites = tuple(
        pure.Site(place.code, strata[kinds[place.pk]], kinds[place.pk][1], place.lon, place.lat, spec.minutes,
                  answers[place.pk], last.get(place.pk))
        for place in places
    )  # fmt: skip
    ground = {
        place.code: Ground(place.pk, place.type_id, (area_of[place.pk] or place).pk) for place in places
    }
    return Register(sites, ground, len(everything) - len(places))


def sizes_of(register: Register, spec: Spec) -> dict[str, int]:
    """How many places each stratum gives. Raises DrawRefused with every stratum that cannot."""
    counts = register.counts
    if spec.places:
        return counts
    try:
        if spec.sizes is not None or spec.each is not None:
            return _by_type(register, spec)
        if spec.margin is not None:
            total = pure.size_for_margin(counts, margin=spec.margin, minimum=spec.minimum)
            return pure.allocate(counts, total=total, minimum=spec.minimum)
        return pure.allocate(counts, total=spec.total or 0, minimum=spec.minimum)
    except pure.DrawFault as found:
        raise DrawRefused(each.sentence for each in found.faults) from found


def _by_type(register: Register, spec: Spec) -> dict[str, int]:
    """So many of each type, in proportion over its areas; all types that have too few are named at once."""
    code_of = dict(
        Place.objects.filter(pk__in=[ground.pk for ground in register.ground.values()]).values_list(
            "pk", "type__code"
        )
    )
    by_type: dict[str, Counter[str]] = defaultdict(Counter)
    for site in register.sites:
        by_type[code_of[register.ground[site.code].pk] or ""][site.stratum] += 1
    wanted = dict(spec.sizes) if spec.sizes is not None else dict.fromkeys(by_type, spec.each or 0)
    faults, sizes = [], {}
    for kind, total in sorted(wanted.items()):
        counts = by_type.get(kind, Counter())
        if total > counts.total():
            faults.append(fault(FaultKind.LARGER_THAN_STRATUM, stratum=next(iter(counts), kind).split("×")[0],
                                wanted=total, places=counts.total()))  # fmt: skip
        elif total:
            sizes.update(pure.allocate(counts, total=total, minimum=0))
    if faults:
        raise pure.DrawFault(faults)
    return sizes


class Sizes(NamedTuple):
    """What a way of drawing comes to before it is drawn: places by stratum, drawn by stratum, the margin to expect."""

    counts: dict[str, int]
    sizes: dict[str, int]
    margin: Decimal | None
    no_point: int

    @property
    def total(self) -> int:
        return sum(self.sizes.values())


def preview(row: Round, maker: Person | None = None) -> Sizes:
    """Sizes and margin of a round not drawn yet. Raises DrawRefused or BadSpec."""
    spec = Spec.of(row.spec)
    register = register_of(row, spec, maker)
    sizes = sizes_of(register, spec)
    margin = pure.margin_of(register.counts, sizes) if sizes else None
    return Sizes(register.counts, sizes, margin, register.no_point)


def teams_of(row: Round) -> list[pure.Team]:
    """The round's teams with the units and people they must keep away from."""
    teams = list(
        Team.objects.filter(round=row).select_related("start").prefetch_related("members").order_by("pk")
    )
    people = {person.pk for team in teams for person in team.members.all()}
    units: dict[int, set[str]] = defaultdict(set)
    posts = Post.objects.in_force(row.from_on).filter(person__in=people, unit__isnull=False)
    for person, code in posts.values_list("person_id", "unit__code"):
        units[person].add(code)
    found = []
    for team in teams:
        members = [person.pk for person in team.members.all()]
        keys = frozenset(f"person:{pk}" for pk in members)
        own = frozenset().union(*(units[pk] for pk in members)) | keys
        start = team.start
        found.append(
            pure.Team(str(team.pk), own, start.lon if start else None, start.lat if start else None, keys)
        )
    return found


def drawn_of(
    row: Round, seed: str, register: Register | None = None, maker: Person | None = None
) -> pure.Drawn:
    """The draw that this seed and today's register give; what two people compare. Raises DrawRefused."""
    spec = Spec.of(row.spec)
    register = register or register_of(row, spec, maker)
    teams = teams_of(row)
    barred = {
        site.code: str(_("各组都有人所在单位对它负责"))
        for site in register.sites
        if teams and not any(team.may_visit(site) for team in teams)
    }
    try:
        return pure.draw(
            register.sites,
            sizes_of(register, spec),
            seed=seed,
            day=row.from_on,
            rest_days=spec.rest_days,
            excluded=barred,
        )
    except pure.DrawFault as found:
        raise DrawRefused(each.sentence for each in found.faults) from found


def days_of(row: Round, spec: Spec) -> list[dt.date]:
    """The days of a round on which teams go out; all of them where none is a working day."""
    days = [row.from_on + dt.timedelta(days=i) for i in range((row.to_on - row.from_on).days + 1)]
    work = [day for day in days if calendar().is_workday(day)] if spec.workdays else []
    return work or days


def plan(row: Round, seed: str, maker: Person | None = None) -> Plan:
    """Draws, shares out and routes. Reads the database, writes nothing. Raises DrawRefused, BadSpec."""
    spec = Spec.of(row.spec)
    teams = teams_of(row)
    if not teams:
        raise DrawRefused([_("还没有编组。先加一个组，再抽点。")])
    if spec.double_share and len(teams) < 2:
        raise DrawRefused([_("要复评，至少要两个组。加一个组，或把复评比例改为 0。")])
    register = register_of(row, spec, maker)
    drawn = drawn_of(row, seed, register)
    try:
        first = pure.assign_teams(drawn.sites, teams)
        second = pure.assign_second(first, pure.double_share(drawn, spec.double_share, seed))
        visits, metres = _routes(row, spec, register, first, second)
    except pure.DrawFault as found:
        raise DrawRefused(each.sentence for each in found.faults) from found
    return Plan(drawn, visits, metres, tuple(site.code for site in second.nobody))


def _routes(
    row: Round, spec: Spec, register: Register, first: pure.Assignment, second: pure.Assignment
) -> tuple[tuple[Planned, ...], dict[int, int]]:
    """Each team's places in order over the days of the round. Raises DrawRefused naming teams that need more days."""
    dates = days_of(row, spec)
    names = dict(Team.objects.filter(round=row).values_list("pk", "name"))
    visits: list[Planned] = []
    metres: dict[int, int] = {}
    short = []
    for team in first.teams:
        again = {site.code for site in second.by_team[team.code]}
        sites = [*first.by_team[team.code], *second.by_team[team.code]]
        start = (team.lon, team.lat) if team.lon is not None and team.lat is not None else None
        days = pure.route(
            sites, start=start, minutes_per_day=spec.minutes_per_day, speed_km_h=spec.speed_km_h
        )
        pk = int(team.code)
        if len(days) > len(dates):
            short.append(_("“%(team)s”有 %(n)d 处，要走 %(need)d 天，只排了 %(have)d 天。加一个组，或延长日期。") % {
                "team": names[pk], "n": len(sites), "need": len(days), "have": len(dates)})  # fmt: skip
            continue
        metres[pk] = sum(day.metres for day in days)
        for date, day in zip(dates, days, strict=False):
            for seq, stop in enumerate(day.stops, 1):
                at = register.ground[stop.site.code]
                visits.append(Planned(at.pk, at.type_id, at.street_id, stop.site.stratum, pk,
                                      stop.site.code in again, date, seq))  # fmt: skip
    if short:
        raise DrawRefused(short)
    return tuple(visits), metres
