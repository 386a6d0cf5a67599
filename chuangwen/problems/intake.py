"""What can be said of a report before it is sent: kinds, place, the same near by, whose it will be."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db.models import Q
from django.utils.translation import gettext as _

from chuangwen.kernel.models import Person, Place, Unit
from chuangwen.kernel.people.models import DutyKind, Role
from chuangwen.kernel.places.datum import Datum, distance_m, to_wgs84
from chuangwen.kernel.screens import words
from chuangwen.problems import routing, rules, steps
from chuangwen.problems.models import Case, CaseKind, Source, State, UnitRule
from chuangwen.problems.suggesting import suggest_kind

SURE_FROM = 0.5  # below it the suggestion is shown as 拿不准
SITES_WITHIN_M = 300.0
# Where a report of this post comes from when its form does not ask.
_SOURCES = {Role.GRID_KEEPER: Source.PATROL, Role.INSPECTOR: Source.TOUR, Role.SUPERVISOR: Source.SUPERVISOR}


def source_of(person: Person) -> str:
    """Where a report of this person comes from, by post."""
    return next((source for role, source in _SOURCES.items() if role in person.standing.roles), Source.PATROL)


class Guess(NamedTuple):
    kind: CaseKind
    percent: int
    is_sure: bool


class Near(NamedTuple):
    """An open case near by, as (case, metres, state in words, deadline)."""

    case: Case
    metres: int
    state: str
    due: words.Due


class NearSite(NamedTuple):
    place: Place
    metres: int | None


@dataclass
class Hints:
    """Everything offered while a report is written; all of it may be empty."""

    kinds: list[Guess] = field(default_factory=list)
    kind: CaseKind | None = None
    place: str = ""
    fault: str = ""
    sites: list[NearSite] = field(default_factory=list)
    near: list[Near] = field(default_factory=list)
    unit: Unit | None = None
    limit: str = ""
    why: list[str] = field(default_factory=list)


def hints_for(
    person: Person,
    now: dt.datetime,
    *,
    text: str = "",
    kind: CaseKind | None = None,
    point: tuple[float, float, Datum] | None = None,
    site: Place | None = None,
    address: str = "",
) -> Hints:
    """Hints for a half-written report, in a fixed number of queries; cases he may not see are not named."""
    guesses = suggest_kind(text) if len(text.strip()) >= 2 else []
    found = Hints(
        kinds=[Guess(k, round(100 * sure), sure >= SURE_FROM) for k, sure in guesses if sure >= 0.01]
    )
    found.kind = kind or (guesses[0][0] if guesses else None)
    spot = to_wgs84(*point) if point else None
    if spot is None and site is not None and site.lon is not None and site.lat is not None:
        spot = (site.lon, site.lat)
    where = routing.of_site(site) if site else routing.locate(*spot) if spot else routing.Where()
    found.fault = routing.where_sentence(routing.locate(*spot)) if spot else ""
    found.sites = _sites(spot, address, site)
    if spot and not found.fault:
        found.near = _near(person, now, spot, found.kind)
    if not found.fault:
        _route(found, where)
    return found


def _sites(spot: tuple[float, float] | None, address: str, site: Place | None) -> list[NearSite]:
    rows = Place.objects.filter(kind="site", is_active=True).defer("shape")
    if spot and site is None:
        close = [
            (distance_m(*spot, row.lon, row.lat), row)
            for row in rows.filter(routing.near(*spot, SITES_WITHIN_M))[:200]
            if row.lon is not None and row.lat is not None
        ]
        close.sort(key=lambda pair: pair[0])
        return [NearSite(row, round(metres)) for metres, row in close[:4] if metres <= SITES_WITHIN_M]
    word = address.strip()
    if site is None and len(word) >= 2:
        return [
            NearSite(row, None)
            for row in rows.filter(Q(name__contains=word) | Q(code=word)).order_by("name")[:4]
        ]
    return []


def _near(person: Person, now: dt.datetime, spot: tuple[float, float], kind: CaseKind | None) -> list[Near]:
    here = Case(lon=spot[0], lat=spot[1], kind=kind)
    return [
        Near(
            case,
            round(metres),
            str(State(case.state).label),
            words.due(case.due_at, case.due_unit, now, is_paused=case.is_paused),
        )
        for case, metres in routing.like(here)
        if case.is_open and rules.see_case.allows(person, case)
    ][:3]


def _route(found: Hints, where: routing.Where) -> None:
    """The unit that would get it, the limit, and why; a person decides later all the same."""
    ids = [pk for pk in where[:4] if pk]
    names = (
        {p.pk: str(p) for p in Place.objects.filter(pk__in=ids).only("pk", "name", "short_name")}
        if ids
        else {}
    )
    found.place = " · ".join(names[pk] for pk in dict.fromkeys(where[:4]) if pk in names)
    if found.kind is None:
        return
    routed = routing.route(found.kind, where)
    found.unit = Unit.objects.filter(pk=routed.unit_id).first() if routed.unit_id else None
    limit = steps.limit_of("fix")(Case(kind=found.kind))
    found.limit = words.amount(limit.amount, limit.unit)
    found.why = why_words(found.kind, routed.why, names)


def why_words(kind: CaseKind, why: list[dict[str, Any]], names: dict[int, str]) -> list[str]:
    """The chain of reasons in short sentences: the kind's rule, then the duty in force it found."""
    said = [_("“%(kind)s”的责任规则：%(rule)s") % {"kind": kind.name, "rule": UnitRule(kind.unit_rule).label}]
    for link in why:
        if "holder" in link:
            said.append(
                _("%(place)s %(duty)s：%(holder)s，%(day)s 起")
                % {
                    "place": names.get(link["place"], ""),
                    "duty": DutyKind(link["duty"]).label,
                    "holder": link["holder"],
                    "day": link["from"],
                }
            )
    if not any(link.get("unit") for link in why):
        said.append(_("这里还没有登记这种责任，由派遣员定。"))
    return said
