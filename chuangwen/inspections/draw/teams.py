"""Who visits what: nobody a place his unit answers for, loads as even as that allows, places of a team close together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from chuangwen.inspections.draw.faults import Fault, FaultKind, fault, refuse
from chuangwen.inspections.draw.register import Site
from chuangwen.kernel.places.datum import Point, distance_m

# Centres of the teams' places settle within a few rounds; more would change little.
_ROUNDS = 5


@dataclass(frozen=True)
class Team:
    """One team. `units`: codes of the units its members belong to; `lon`, `lat`: where it sets out, WGS-84 degrees.

    `people`: codes of its members, where known, so that nobody rates the same place twice from two teams.
    """

    code: str
    units: frozenset[str] = frozenset()
    lon: float | None = None
    lat: float | None = None
    people: frozenset[str] = frozenset()

    def may_visit(self, site: Site) -> bool:
        """No member belongs to a unit that answers for the place."""
        return self.units.isdisjoint(site.answers)


@dataclass(frozen=True)
class Assignment:
    """Places per team code, in the order they were given, and those that no team may visit."""

    by_team: Mapping[str, tuple[Site, ...]]
    nobody: tuple[Site, ...]
    teams: tuple[Team, ...]

    @property
    def faults(self) -> tuple[Fault, ...]:
        """One fault per place that nobody may visit; each can be worded for the person who plans."""
        return tuple(
            fault(FaultKind.NOBODY_MAY, code=site.code, teams=len(self.teams)) for site in self.nobody
        )

    def team_of(self) -> dict[str, str]:
        """Code of the place → code of its team."""
        return {site.code: team for team, sites in self.by_team.items() for site in sites}


def assign_teams(
    sites: Iterable[Site],
    teams: Sequence[Team],
    *,
    not_by: Mapping[str, Collection[str]] | None = None,
    load: Mapping[str, int] | None = None,
) -> Assignment:
    """Give every place to one team that may visit it.

    The numbers of places per team are as even as the conflicts allow: the sum of squares is the least there is, and
    so is the largest number (N. J. A. Harvey, R. E. Ladner, L. Lovász & T. Tamir, "Semi-matchings for bipartite graphs
    and load balancing", J. Algorithms 59, 2006, 53-78). Among all even ways the places of a team lie close together
    (centres moved as in k-means, from the teams' starts). By minimum-cost flow on whole metres.

    `not_by`: code of a place → team codes that may not visit it either; `load`: places a team already has.
    Raises DrawFault for no teams, teams named twice and places without a point.
    """
    given = tuple(sites)
    faults = [
        fault(FaultKind.DOUBLED_TEAM, team=code, times=times)
        for code, times in sorted(Counter(team.code for team in teams).items())
        if times > 1
    ]
    if given and not teams:
        faults.append(fault(FaultKind.NO_TEAMS, places=len(given)))
    refuse(faults)
    barred = not_by or {}
    may = [
        [
            at
            for at, team in enumerate(teams)
            if team.may_visit(site) and team.code not in barred.get(site.code, ())
        ]
        for site in given
    ]
    free = [at for at in range(len(given)) if may[at]]
    had = [(load or {}).get(team.code, 0) for team in teams]
    points = [given[at].point for at in free]
    chosen = _settle(points, [may[at] for at in free], had, teams) if free else []
    by_team: dict[str, list[Site]] = {team.code: [] for team in teams}
    for at, team_at in zip(free, chosen, strict=True):
        by_team[teams[team_at].code].append(given[at])
    nobody = tuple(site for site, allowed in zip(given, may, strict=True) if not allowed)
    return Assignment({code: tuple(own) for code, own in by_team.items()}, nobody, tuple(teams))


def assign_second(first: Assignment, doubles: Iterable[Site]) -> Assignment:
    """Give each place that is rated twice to a team other than its first, one that shares no member with it.

    The loads of both together are as even as can be. A place no team visits first is left out.
    """
    teams = {team.code: team for team in first.teams}
    owner = first.team_of()
    twice = [site for site in doubles if site.code in owner]
    not_by = {
        site.code: {
            team.code
            for team in first.teams
            if team.code == owner[site.code] or not team.people.isdisjoint(teams[owner[site.code]].people)
        }
        for site in twice
    }
    load = {code: len(sites) for code, sites in first.by_team.items()}
    return assign_teams(twice, first.teams, not_by=not_by, load=load)


def _settle(
    points: Sequence[Point], may: Sequence[Sequence[int]], had: Sequence[int], teams: Sequence[Team]
) -> list[int]:
    """The team of each point; best of the rounds by metres to the centres."""
    centres = _first_centres(points, teams)
    best: tuple[int, list[int]] | None = None
    for _round in range(_ROUNDS):
        metres = [[_apart(point, centre) for centre in centres] for point in points]
        chosen = _flow(metres, may, had)
        cost = sum(row[team] for row, team in zip(metres, chosen, strict=True))
        if best is not None and cost >= best[0]:
            break
        best = cost, chosen
        for at in range(len(teams)):
            own = [point for point, team in zip(points, chosen, strict=True) if team == at]
            if own:
                centres[at] = _middle(own)
    assert best is not None
    return best[1]


def _first_centres(points: Sequence[Point], teams: Sequence[Team]) -> list[Point]:
    """The start of each team; a team without one, or starting where another does, takes the place farthest from all."""
    middle = _middle(points)
    centres: list[Point] = []
    for team in teams:
        own = middle if team.lon is None or team.lat is None else (team.lon, team.lat)
        if own in centres:
            taken = tuple(centres)
            own = max(points, key=lambda point: (min(_apart(point, c) for c in taken), point))
        centres.append(own)
    return centres


def _apart(a: Point, b: Point) -> int:
    return round(distance_m(*a, *b))


def _middle(points: Sequence[Point]) -> Point:
    return sum(lon for lon, _lat in points) / len(points), sum(lat for _lon, lat in points) / len(points)


def _flow(metres: Sequence[Sequence[int]], may: Sequence[Sequence[int]], had: Sequence[int]) -> list[int]:
    """The team of each place: least sum of squared loads, then least metres."""
    # Loaded here: a web process that never plans a round should not hold the library.
    from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

    places, teams = len(metres), len(had)
    source, sink = places + teams, places + teams + 1
    # One more square must cost more than all the metres there can be.
    step = 1 + places * max(max(row) for row in metres)
    flow = SimpleMinCostFlow()
    arcs = []
    for place, allowed in enumerate(may):
        flow.add_arc_with_capacity_and_unit_cost(source, place, 1, 0)
        for team in allowed:
            arcs.append((flow.add_arc_with_capacity_and_unit_cost(place, places + team, 1, metres[place][team]),
                         place, team))  # fmt: skip
    for team in range(teams):
        for k in range(sum(team in allowed for allowed in may)):
            flow.add_arc_with_capacity_and_unit_cost(places + team, sink, 1, step * (had[team] + k))
    flow.set_node_supply(source, places)
    flow.set_node_supply(sink, -places)
    status = flow.solve()
    if status != flow.OPTIMAL:
        raise RuntimeError(f"minimum-cost flow ended with {status}")
    found = {place: team for arc, place, team in arcs if flow.flow(arc)}
    return [found[place] for place in range(places)]
