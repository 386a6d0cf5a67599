"""Who and what the loaded city has for a simulation: posts, units, kinds, places, words."""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple

from chuangwen.faces.cli.demo.world import World
from chuangwen.kernel.models import Person, Place, Post, Term, Unit
from chuangwen.kernel.places.datum import distance_m
from chuangwen.problems import routing
from chuangwen.problems.models import CaseKind


class Spot(NamedTuple):
    """Where something is found: WGS-84 degrees, words for the place, and the site when it is one."""

    lon: float
    lat: float
    words: str
    site: Place | None = None


class Cast:
    """Read once per simulation; every list in a fixed order, so that a seed always meets the same rows."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.by_role: dict[str, list[Person]] = defaultdict(list)
        self.of_unit: dict[int, list[Person]] = defaultdict(list)
        posts = Post.objects.in_force().filter(person__is_active=True).select_related("person")
        people: dict[int, Person] = {}
        # Liaisons first: a head answers only where there is none.
        for post in sorted(posts, key=lambda p: (p.role != "liaison", p.pk)):
            person = people.setdefault(post.person_id, post.person)
            self.by_role[post.role].append(person)
            if post.role in ("liaison", "head") and post.unit_id:
                self.of_unit[post.unit_id].append(person)
        self.units = list(Unit.objects.filter(is_active=True, pk__in=self.of_unit).order_by("code"))
        self.doers = [u for u in self.units if u.kind in ("department", "street", "utility")] or self.units
        self.kinds = list(CaseKind.objects.filter(is_active=True).order_by("code"))
        self.weights = [
            world.random.expovariate(1.0) * (1 if kind.is_component else 2) + 0.1 for kind in self.kinds
        ]
        self.terms: dict[str, list[Term]] = defaultdict(list)
        for term in Term.objects.order_by("list", "rank", "code"):
            self.terms[term.list].append(term)
        self._read_places()

    def _read_places(self) -> None:
        rows = Place.objects.filter(is_active=True).order_by("code")
        self.sites = list(
            rows.filter(kind="site", lon__isnull=False).select_related("type", "parent", "parent__parent")
        )
        self.roads = [r for r in rows.filter(kind="road") if (r.shape or {}).get("type") == "LineString"]
        self.shops = list(rows.filter(kind="shop", lon__isnull=False))
        by_type: dict[str, list[Place]] = defaultdict(list)
        for site in self.sites:
            by_type[site.type.name if site.type else ""].append(site)
        self._by_type = by_type
        self._fitting: dict[int, list[Place]] = {}

    def anyone(self, *roles: str) -> Person:
        """Somebody who holds one of these roles; raises LookupError when the city has nobody."""
        people = [person for role in roles for person in self.by_role[role]]
        if not people:
            raise LookupError(f"nobody holds {' or '.join(roles)}")
        return self.world.pick(people)

    def answerer(self, unit_id: int | None) -> Person:
        return self.of_unit[unit_id or 0][0]

    def other_unit(self, unit_id: int | None) -> Unit:
        return self.world.pick([unit for unit in self.doers if unit.pk != unit_id])

    def kind(self) -> CaseKind:
        return self.world.random.choices(self.kinds, self.weights)[0]

    def word(self, name: str, fallback: str) -> str:
        rows = self.terms.get(name)
        return self.world.pick(rows).name if rows else fallback

    def spot(self, kind: CaseKind) -> Spot:
        """Where a problem of this kind may be found: a site whose type shares words with the kind, else
        along a road.
        """
        world = self.world
        sites = self._sites_for(kind)
        if sites and (kind.unit_rule == "site_unit" or not self.roads or world.chance(0.6)):
            return self.at(world.pick(sites))
        if kind.unit_rule == "shop_duty" and self.shops:
            return self.at(world.pick(self.shops))
        return self._along(world.pick(self.roads)) if self.roads else self.at(world.pick(self.sites))

    def at(self, place: Place) -> Spot:
        assert place.lon is not None and place.lat is not None
        spot = self.beside(
            Spot(place.lon, place.lat, place.short_name, place if place.kind == "site" else None), 15
        )
        return spot

    def beside(self, spot: Spot, metres: float) -> Spot:
        """A point within that distance, in the city too."""
        world = self.world
        for _try in range(8):
            lon = spot.lon + world.random.uniform(-metres, metres) * 1.0e-5
            lat = spot.lat + world.random.uniform(-metres, metres) * 0.8e-5
            if (
                distance_m(lon, lat, spot.lon, spot.lat) <= metres
                and routing.locate(lon, lat).in_city is not False
            ):
                return spot._replace(lon=round(lon, 6), lat=round(lat, 6))
        return spot

    def _along(self, road: Place) -> Spot:
        for _try in range(8):
            line = (road.shape or {})["coordinates"]
            at = self.world.random.randrange(len(line) - 1)
            (x1, y1), (x2, y2), part = line[at][:2], line[at + 1][:2], self.world.random.random()
            spot = self.beside(
                Spot(x1 + (x2 - x1) * part, y1 + (y2 - y1) * part, f"{road.short_name}路边"), 8
            )
            if routing.locate(spot.lon, spot.lat).in_city is not False:
                return spot
        return self.at(self.world.pick(self.sites)) if self.sites else spot

    def _sites_for(self, kind: CaseKind) -> list[Place]:
        if kind.pk not in self._fitting:
            words = [*kind.keywords.split(), kind.name, kind.group]
            pairs = {word[i : i + 2] for word in words for i in range(len(word) - 1)}
            types = [
                name for name in self._by_type if any(name[i : i + 2] in pairs for i in range(len(name) - 1))
            ]
            found = [site for name in sorted(types) for site in self._by_type[name]]
            self._fitting[kind.pk] = found or (self.sites if kind.unit_rule == "site_unit" else [])
        return self._fitting[kind.pk]
