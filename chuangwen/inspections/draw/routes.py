"""The order in which a team visits its places, in as few days as they fit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from chuangwen.inspections.draw.faults import Fault, FaultKind, fault, refuse
from chuangwen.inspections.draw.register import Site
from chuangwen.kernel.places.datum import Point, distance_m

if TYPE_CHECKING:
    from ortools.constraint_solver import pywrapcp

# Roads are longer than the straight line: ratios of 1.2 to 1.5 are usual in towns. A caller who knows better says so.
DETOUR = Decimal("1.3")
# A way 5,000 times round the earth: leaving out a place is never cheaper than going there.
_LEFT_OUT = 2 * 10**11
# Improvements of the first route after which the search ends; a count and no clock, so a slow machine finds the same.
_MOST_SOLUTIONS = 500


@dataclass(frozen=True)
class Stop:
    """One place of a day: minutes from setting out to arrival and to leaving, and metres from the stop before."""

    site: Site
    arrives: int
    leaves: int
    metres: int


@dataclass(frozen=True)
class Day:
    """One day of one team: stops in order, whole way and time including the way back to the start."""

    stops: tuple[Stop, ...]
    metres: int
    minutes: int

    @property
    def km(self) -> Decimal:
        return Decimal(self.metres) / 1000


@dataclass(frozen=True)
class _Ways:
    """Metres and seconds between nodes, 0 being the start; seconds stayed at each."""

    metres: list[list[int]]
    seconds: list[list[int]]
    stay: list[int]


def route(
    stops: Iterable[Site],
    *,
    start: Point | None,
    minutes_per_day: int,
    speed_km_h: Decimal | float,
    detour: Decimal | float = DETOUR,
) -> list[Day]:
    """Days with ordered stops: as few days as the search finds, then as few metres.

    Each day sets out from `start` (lon, lat) and is back there within `minutes_per_day`; without a start it begins at
    its first place and ends at its last. Ways are great circles × `detour` in whole metres at `speed_km_h` (4 to 5 on
    foot), rounded up to seconds; arrivals are rounded up to minutes. Days and order come from OR-Tools (parallel
    cheapest insertion, then local search up to a number of solutions): good, not proven best.

    Raises DrawFault for places without a point, a day, speed or detour that is none, and every place that a day
    cannot hold even alone.
    """
    sites = sorted(stops, key=lambda site: site.code)
    refuse(_faults(minutes_per_day, speed_km_h, detour))
    if not sites:
        return []
    ways = _ways(sites, start, speed_km_h, detour)
    day = minutes_per_day * 60
    refuse(_too_long(sites, ways, minutes_per_day))
    days = min(len(sites), max(1, -(-sum(ways.stay) // day)))
    for most in range(days, len(sites) + 1):
        orders = _solve(ways, most, day)
        if orders is not None:
            return [_day(order, sites, ways) for order in orders]
    # Each place fits a day alone, so this many days would do.
    raise RuntimeError(f"no route found for {len(sites)} places in as many days")


def _ways(
    sites: Sequence[Site], start: Point | None, speed_km_h: Decimal | float, detour: Decimal | float
) -> _Ways:
    points = [start, *(site.point for site in sites)]
    metres_per_hour = max(1, round(speed_km_h * 1000))
    metres = [
        [0 if a is None or b is None else round(distance_m(*a, *b) * float(detour)) for b in points]
        for a in points
    ]  # fmt: skip
    seconds = [[-(-way * 3600 // metres_per_hour) for way in row] for row in metres]
    return _Ways(metres, seconds, [0, *(site.minutes * 60 for site in sites)])


def _solve(ways: _Ways, days: int, day_seconds: int) -> list[list[int]] | None:
    """Orders of nodes for at most that many days; None where the search leaves a place out."""
    # Loaded here: a web process that never plans a round should not hold the library.
    from ortools.constraint_solver import pywrapcp, routing_enums_pb2

    size = len(ways.stay)
    manager = pywrapcp.RoutingIndexManager(size, days, 0)
    model = pywrapcp.RoutingModel(manager)
    model.SetArcCostEvaluatorOfAllVehicles(model.RegisterTransitMatrix(ways.metres))
    spent = [[stay + way for way in row] for stay, row in zip(ways.stay, ways.seconds, strict=True)]
    model.AddDimension(model.RegisterTransitMatrix(spent), 0, day_seconds, True, "time")
    for node in range(1, size):
        model.AddDisjunction([manager.NodeToIndex(node)], _LEFT_OUT)
    search = pywrapcp.DefaultRoutingSearchParameters()
    search.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    search.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GREEDY_DESCENT
    search.solution_limit = _MOST_SOLUTIONS
    found = model.SolveWithParameters(search)
    if found is None:
        return None
    orders = [_order(model, manager, found, at) for at in range(days)]
    if sum(map(len, orders)) < size - 1:
        return None
    return sorted(order for order in orders if order)


def _order(
    model: pywrapcp.RoutingModel,
    manager: pywrapcp.RoutingIndexManager,
    found: pywrapcp.Assignment,
    vehicle: int,
) -> list[int]:
    index = found.Value(model.NextVar(model.Start(vehicle)))
    order = []
    while not model.IsEnd(index):
        order.append(manager.IndexToNode(index))
        index = found.Value(model.NextVar(index))
    # Both directions are equally long; the one from the smaller code is taken, whatever the search did.
    return order if order[:1] <= order[-1:] else order[::-1]


def _day(order: Sequence[int], sites: Sequence[Site], ways: _Ways) -> Day:
    stops, at, clock, metres = [], 0, 0, 0
    for node in order:
        clock += ways.seconds[at][node]
        arrives = clock
        clock += ways.stay[node]
        stops.append(Stop(sites[node - 1], _minutes(arrives), _minutes(clock), ways.metres[at][node]))
        metres += ways.metres[at][node]
        at = node
    return Day(tuple(stops), metres + ways.metres[at][0], _minutes(clock + ways.seconds[at][0]))


def _minutes(seconds: int) -> int:
    return -(-seconds // 60)


def _faults(minutes_per_day: int, speed_km_h: Decimal | float, detour: Decimal | float) -> Iterator[Fault]:
    if minutes_per_day <= 0:
        yield fault(FaultKind.BAD_DAY, minutes=minutes_per_day)
    if not 0 < speed_km_h < 1000:
        yield fault(FaultKind.BAD_SPEED, speed=speed_km_h)
    if not 1 <= detour < 100:
        yield fault(FaultKind.BAD_DETOUR, detour=detour)


def _too_long(sites: Sequence[Site], ways: _Ways, minutes_per_day: int) -> Iterator[Fault]:
    for node, site in enumerate(sites, 1):
        alone = ways.stay[node] + ways.seconds[0][node] + ways.seconds[node][0]
        if alone > minutes_per_day * 60:
            yield fault(FaultKind.STOP_TOO_LONG, code=site.code, minutes=_minutes(alone), day=minutes_per_day)
