"""Places, units and people of the big city: what the loaded pack has, grown to 5,000 sites and 150 units."""

from __future__ import annotations

import csv
import datetime as dt
import json
import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings

from chuangwen.kernel.city import forget
from chuangwen.kernel.models import Duty, Person, Place, Post, Term, Unit
from chuangwen.kernel.places.datum import Datum, to_wgs84
from chuangwen.problems import routing
from chuangwen.problems.models import CaseKind

FROM = dt.date(2020, 1, 1)
SOURCE = "示例，由种子生成"
DATA = Path("..") / "shared" / "data"


class Spot(NamedTuple):
    """A place where cases happen, resolved once: ids of street, area, road, site, and the units that
    answer for it.
    """

    lon: float
    lat: float
    street: int | None
    area: int | None
    road: int | None
    site: int | None
    words: str
    units: dict[str, int | None]


@dataclass
class Ground:
    spots: list[Spot] = field(default_factory=list)
    kinds: list[CaseKind] = field(default_factory=list)
    unit_names: dict[int, str] = field(default_factory=dict)
    liaisons: dict[int, int] = field(default_factory=dict)
    dispatchers: list[int] = field(default_factory=list)
    checkers: list[int] = field(default_factory=list)
    reporters: list[int] = field(default_factory=list)
    used: list[str] = field(
        default_factory=list
    )  # what was taken from the data folder, for the closing words


def grow(seed: int, sites: int, units: int) -> Ground:
    """Fills up the loaded city and resolves every spot; the same seed gives the same ground."""
    chance, ground = random.Random(f"ground {seed}"), Ground()
    data = (settings.ROOT / DATA).resolve()
    _real_outline(data, ground)
    _more_units(chance, units)
    _more_sites(chance, sites, data, ground)
    forget()
    _resolve(chance, ground)
    return ground


def _real_outline(data: Path, ground: Ground) -> None:
    """The city's true outline (GCJ-02, brought to WGS-84) in place of the sample one, where the data is
    there.
    """
    top = Place.objects.get(kind="city")
    path = data / "boundaries" / f"gongyi_{top.code[:6]}_gcj02.geojson"
    if not path.exists():
        return
    shape = json.loads(path.read_text(encoding="utf-8"))["features"][0]["geometry"]

    def turned(part: Any) -> Any:
        return (
            list(to_wgs84(part[0], part[1], Datum.GCJ02))
            if isinstance(part[0], float)
            else [turned(p) for p in part]
        )

    top.shape = {"type": shape["type"], "coordinates": turned(shape["coordinates"])}
    top.save(update_fields=["shape"])
    ground.used.append(path.name)


def _more_units(chance: random.Random, wanted: int) -> None:
    """Communities become units until there are enough; each gets a liaison."""
    areas = list(Place.objects.filter(kind="village").order_by("code"))
    have = Unit.objects.count()
    taken = set(Unit.objects.filter(area__isnull=False).values_list("area_id", flat=True))
    for area in [a for a in areas if a.pk not in taken][: max(0, wanted - have)]:
        code = f"big-{area.code}"
        unit = Unit.objects.create(code=code, name=area.name[:80], short_name=area.short_name[:30],
            kind="community", area=area,
                                   path=code, is_sample=True, source=SOURCE)  # fmt: skip
        person = Person.objects.create(
            username=code, name=f"示例联络员{unit.pk}", is_sample=True, password="!"
        )
        Post.objects.create(person=person, role="liaison", unit=unit, from_on=FROM)


def _more_sites(chance: random.Random, wanted: int, data: Path, ground: Ground) -> None:
    have = Place.objects.filter(kind="site").count()
    types = list(Term.objects.filter(list="site_type").order_by("rank", "code"))
    units = list(
        Unit.objects.filter(kind__in=["department", "street", "community", "utility"]).order_by("code")
    )
    shops = _shops(data, ground)
    outlines = _outlines()
    paths = dict(Place.objects.exclude(kind="site").values_list("pk", "path"))
    places: list[Place] = []
    n = 0
    while len(places) < wanted - have and n < wanted * 30:
        n += 1
        lon, lat, name = shops.pop() if shops else (*_somewhere(chance, outlines), "")
        where = routing.locate(lon, lat)
        if where.street_id is None:
            continue
        type_ = chance.choice(types)
        code = f"B{len(places):05d}"
        parent = where.area_id or where.street_id
        place = Place(kind="site", code=code, name=name or f"{type_.name}{len(places) + 1}号",
            short_name=(name or type_.name)[:40],
                      type=type_, parent_id=parent, road_id=where.road_id, is_sample=True,
                      source=SOURCE, path=f"{paths[parent]}/{code}")  # fmt: skip
        place.locate(round(lon, 6), round(lat, 6))
        places.append(place)
    Place.objects.bulk_create(places, batch_size=1000)
    made = Place.objects.filter(kind="site", code__startswith="B").order_by("code")
    Duty.objects.bulk_create(
        [
            Duty(kind="site_unit", place=place, unit=chance.choice(units), from_on=FROM, source=SOURCE)
            for place in made
        ],
        batch_size=1000,
    )


def _shops(data: Path, ground: Ground) -> list[tuple[float, float, str]]:
    path = data / "poi-gongyi" / "catering_gongyi.csv"
    if not path.exists():
        return []
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    ground.used.append(path.name)
    return [
        (*to_wgs84(float(r["lon_gcj02"]), float(r["lat_gcj02"]), Datum.GCJ02), r["name"][:40]) for r in rows
    ]


def _outlines() -> list[tuple[float, float, float, float]]:
    """The box of each street's outline, or a few kilometres around each site where a city has none."""
    boxes = []
    for shape in (
        Place.objects.filter(kind="street", shape__isnull=False)
        .order_by("code")
        .values_list("shape", flat=True)
    ):
        points = shape["coordinates"][0] if shape["type"] == "Polygon" else shape["coordinates"][0][0]
        boxes.append(
            (
                min(p[0] for p in points),
                min(p[1] for p in points),
                max(p[0] for p in points),
                max(p[1] for p in points),
            )
        )
    return boxes or [
        (s.lon - 0.01, s.lat - 0.01, s.lon + 0.01, s.lat + 0.01)
        for s in Place.objects.filter(lon__isnull=False)
    ]


def _somewhere(chance: random.Random, boxes: list[tuple[float, float, float, float]]) -> tuple[float, float]:
    west, south, east, north = chance.choice(boxes)
    return chance.uniform(west, east), chance.uniform(south, north)


def _resolve(chance: random.Random, ground: Ground) -> None:
    duties: dict[tuple[str, int], int | None] = {}
    for kind, place, unit in (
        Duty.objects.in_force().filter(unit__isnull=False).values_list("kind", "place_id", "unit_id")
    ):
        duties.setdefault((kind, place), unit)
    ground.kinds = list(CaseKind.objects.filter(is_active=True).order_by("code"))
    ground.unit_names = dict(Unit.objects.values_list("pk", "name"))
    for role, unit, person in (
        Post.objects.in_force().order_by("-pk").values_list("role", "unit_id", "person_id")
    ):
        if unit and role in ("liaison", "head"):
            ground.liaisons[unit] = person
        for name, roles in (("dispatchers", ("dispatcher", "clerk")), ("checkers", ("checker",)),
                            ("reporters", ("inspector", "grid_keeper"))):  # fmt: skip
            if role in roles:
                getattr(ground, name).append(person)
    sites = (
        Place.objects.filter(kind="site", lon__isnull=False)
        .select_related("parent", "parent__parent")
        .order_by("code")
    )
    for site in sites:
        ground.spots.append(_spot(site.lon, site.lat, routing.of_site(site), site.short_name, duties))
    for road in Place.objects.filter(kind="road", shape__isnull=False).order_by("code"):
        line = road.shape["coordinates"]
        for _n in range(60):
            at = chance.randrange(len(line) - 1)
            part = chance.random()
            lon, lat = (line[at][i] + (line[at + 1][i] - line[at][i]) * part for i in (0, 1))
            where = routing.locate(lon, lat)
            if where.in_city is not False:
                ground.spots.append(_spot(lon, lat, where, f"{road.short_name}路边", duties))


def _spot(
    lon: float, lat: float, where: routing.Where, words: str, duties: dict[tuple[str, int], int | None]
) -> Spot:
    street = duties.get(("area_unit", where.street_id or 0))
    units = {
        "area_unit": street, "shop_duty": street,
        "road_chief": duties.get(("road_chief", where.road_id or 0), street),
        "site_unit": duties.get(("site_unit", where.site_id or 0), street),
    }  # fmt: skip
    return Spot(lon, lat, where.street_id, where.area_id, where.road_id, where.site_id, words, units)
