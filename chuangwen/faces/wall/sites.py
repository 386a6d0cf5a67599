"""The sites of the wall map: where each lies, whose it is, when it was last visited, what is open there."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils import timezone

from chuangwen.inspections.queries import last_visits
from chuangwen.kernel.models import Duty, Person, Place
from chuangwen.kernel.people.models import DutyKind
from chuangwen.problems.situation import Load, load_by


@dataclass(frozen=True)
class Site:
    """One site; `number` is its place in the order of streets and codes, the same on every sheet."""

    number: int
    code: str
    name: str
    type: str
    street: int | None
    unit: str
    visited: dt.date | None
    load: Load
    lon: float
    lat: float

    @property
    def state(self) -> str:
        """late, open, or clear: the shapes of the legend."""
        return "late" if self.load.late else "open" if self.load.open else "clear"


def streets() -> list[Place]:
    """The streets in the order of their codes (one query)."""
    return list(Place.objects.filter(kind="street", is_active=True).order_by("code"))


def sites_of(person: Person, now: dt.datetime, among: list[Place], street: Place | None = None) -> list[Site]:
    """The located sites in use, of one street or all, with what this person may see of them (six queries).

    `among` are all streets: a site belongs to the one its path names.
    """
    rows = Place.objects.filter(kind="site", is_active=True, lon__isnull=False, lat__isnull=False)
    if street:
        rows = rows.under(street)
    by_code = {row.code: row.pk for row in among}
    found = []
    for row in rows.values_list("pk", "code", "short_name", "name", "type__name", "path", "lon", "lat"):
        of = next((by_code[code] for code in row[5].split("/") if code in by_code), None)
        found.append((of, row))
    order = {row.pk: at for at, row in enumerate(among)}
    found.sort(key=lambda pair: (order.get(pair[0] or 0, len(order)), pair[1][1]))
    duties = Duty.objects.in_force(timezone.localdate(now)).filter(
        kind=DutyKind.SITE_UNIT, place__kind="site"
    )
    units = dict(duties.order_by("pk").values_list("place_id", "unit__short_name"))
    visits, loads = last_visits(person), load_by("site_id", person, now)
    return [
        Site(
            number, code, short or name, kind or "", of, units.get(pk) or "", visits.get(pk),
            loads.get(pk, Load()), lon, lat,
        )
        for number, (of, (pk, code, short, name, kind, _path, lon, lat)) in enumerate(found, 1)
    ]  # fmt: skip
