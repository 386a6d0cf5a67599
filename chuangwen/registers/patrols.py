"""一日两巡 (row 57): what a person is to look at today, and the record of a look; no sign-in, no track."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any, NamedTuple

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from chuangwen.kernel.city import setting
from chuangwen.kernel.models import Duty, Person, Place, Term
from chuangwen.kernel.people.models import DutyKind, Role
from chuangwen.kernel.people.rules import holds
from chuangwen.registers.models import PatrolRound, Thing

patroller = holds(Role.GRID_KEEPER, Role.INSPECTOR, Role.LIAISON)
MOST = 60  # on one page; the most overdue first


class Look(NamedTuple):
    """One thing or site to look at: `key` names it in forms, `done` of `wanted` looks were taken today."""

    key: str
    name: str
    kind: str
    where: str
    done: int
    wanted: int
    last: dt.datetime | None
    points: list[str]
    code: str
    is_thing: bool


def key_of(row: Thing | Place) -> str:
    return f"{'thing' if isinstance(row, Thing) else 'site'}:{row.code}"


def object_of(key: str) -> Thing | Place | None:
    """The thing or site a key names; None for a key that names nothing."""
    kind, _colon, code = key.partition(":")
    if kind == "thing":
        return Thing.objects.select_related("kind", "place").filter(code=code).first()
    if kind == "site":
        return Place.objects.select_related("type").filter(kind="site", code=code, is_active=True).first()
    return None


def reach(person: Person, on: dt.date) -> Q:
    """A filter for places this person patrols: in his areas by post, or sites of his unit (two queries)."""
    areas = person.standing.areas_as(Role.GRID_KEEPER, Role.INSPECTOR)
    units = person.standing.units_as(Role.LIAISON)
    q = Q(pk__in=())
    for pk, path in Place.objects.filter(pk__in=areas).values_list("pk", "path") if areas else ():
        q |= Q(pk=pk) | Q(path__gte=f"{path}/", path__lt=f"{path}0")
    if units:
        duties = Duty.objects.in_force(on).filter(kind=DutyKind.SITE_UNIT, unit__in=units)
        q |= Q(pk__in=list(duties.values_list("place_id", flat=True)))
    return q


def in_reach(person: Person, row: Thing | Place, on: dt.date) -> bool:
    """Whether this person patrols the place of this thing, or this site."""
    place = row.place_id if isinstance(row, Thing) else row.pk
    return place is not None and Place.objects.filter(reach(person, on), pk=place).exists()


def looks_today(person: Person, now: dt.datetime) -> list[Look]:
    """Things due for a check and sites in reach, the fewest looks today first; a fixed number of queries."""
    today = timezone.localdate(now)
    places = Place.objects.filter(reach(person, today))
    things = Thing.objects.filter(place__in=places, next_check_on__lte=today).select_related("kind", "place")
    rows: list[Thing | Place] = [*things.order_by("next_check_on", "pk")[:MOST]]
    sites = places.filter(kind="site", is_active=True).select_related("type", "parent").defer("shape")
    rows += list(sites.order_by("code")[:MOST])
    seen = _seen_today(rows, now)
    points = _points()
    found = [_look(row, seen.get((isinstance(row, Thing), row.pk), []), points) for row in rows]
    return sorted(found, key=lambda look: (look.done >= look.wanted, look.done))[:MOST]


def _seen_today(rows: list[Thing | Place], now: dt.datetime) -> dict[tuple[bool, int], list[dt.datetime]]:
    start = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    things = [row.pk for row in rows if isinstance(row, Thing)]
    sites = [row.pk for row in rows if isinstance(row, Place)]
    rounds = PatrolRound.objects.filter(Q(thing__in=things) | Q(place__in=sites), at__gte=start)
    seen: dict[tuple[bool, int], list[dt.datetime]] = {}
    for thing, place, at in rounds.order_by("at").values_list("thing_id", "place_id", "at"):
        seen.setdefault((True, thing) if thing else (False, place), []).append(at)
    return seen


def _points() -> dict[str, list[str]]:
    """What is looked at, by kind of thing or type of site, in the city's own words."""
    found: dict[str, list[str]] = {}
    for code, name in Term.objects.filter(list="check_point").values_list("code", "name"):
        found.setdefault(code.partition("__")[0], []).append(name)
    return found


def points_of(kind: Term | None, points: dict[str, list[str]]) -> list[str]:
    """What is looked at on this kind of thing or site; where the city says nothing, what anybody sees."""
    return points.get(kind.code, [])[:4] if kind and kind.code in points else ["外观", "周边环境"]


def _type_of(row: Thing | Place) -> Term | None:
    return row.kind if isinstance(row, Thing) else row.type


def _look(row: Thing | Place, seen: list[dt.datetime], points: dict[str, list[str]]) -> Look:
    kind = _type_of(row)
    above: Any = row.place if isinstance(row, Thing) else row.parent
    where = "" if str(above or "") == row.name else above
    return Look(
        key_of(row),
        row.name,
        str(kind or ""),
        str(where or ""),
        len(seen),
        int(setting("patrols_per_day", 2)),
        seen[-1] if seen else None,
        points_of(kind, points),
        row.code,
        isinstance(row, Thing),
    )


def note_round(
    row: Thing | Place,
    *,
    by: Person,
    at: dt.datetime,
    uid: uuid.UUID,
    is_fine: bool,
    note: str = "",
    case_number: str = "",
) -> PatrolRound:
    """Keeps one look at a thing or site; the same `uid` again returns the first row."""
    kind = _type_of(row)
    looked_at = points_of(kind, _points())
    fields = {"thing": row} if isinstance(row, Thing) else {"place": row}
    try:
        with transaction.atomic():
            return PatrolRound.objects.create(
                uid=uid,
                by=by,
                at=at,
                looked_at=looked_at,
                is_fine=is_fine,
                note=note[:200],
                case_number=case_number,
                **fields,
            )
    except IntegrityError:
        return PatrolRound.objects.get(uid=uid)
