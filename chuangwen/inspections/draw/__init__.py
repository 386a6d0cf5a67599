"""Which places a round visits, who visits them and in what order: plain arithmetic, no database, no Django.

From a register to routes, each step a function that takes and gives plain values:

1. `strata_of` names the stratum of every site type × area; areas with too few places of a type are merged.
2. `allocate` spreads a wished total over the strata; `size_for_margin` says which total a wished margin needs.
3. `draw` takes the places. Every place is ranked by SHA-256 of seed and code and each stratum gives its first ones, so
   the same seed and register give the same draw on any machine. A rank can be looked up without this program:
   `printf '%s\n%s' SEED CODE | sha256sum`. What may not be drawn (resting, excluded) is passed over in that order; where
   too few remain the draw is refused with figures.
4. `compare` holds two people's draws against each other by hash, `differences` says in what they differ.
5. `assign_teams` gives each place to a team that does not answer for it; `double_share` takes the places that are
   rated twice and `assign_second` gives those to other teams.
6. `route` puts a team's places in an order that fits its days.

Whatever is wrong with what was given is raised as one `DrawFault` with all its faults, each with a kind, its figures
and a sentence. Steps 1 to 4 and `double_share` use no floating point beyond printing a coordinate. Steps 5 and 6 use
OR-Tools on whole metres, on one thread and without clocks: the same for one version of OR-Tools, not for all of them.
"""

from __future__ import annotations

from chuangwen.inspections.draw.drawing import (
    Drawn,
    LeftOut,
    StratumDrawn,
    compare,
    differences,
    double_share,
    draw,
    rank,
)
from chuangwen.inspections.draw.faults import DrawFault, Fault, FaultKind
from chuangwen.inspections.draw.margins import margin_of, size_for_margin
from chuangwen.inspections.draw.register import Site, register_hash
from chuangwen.inspections.draw.routes import Day, Stop, route
from chuangwen.inspections.draw.strata import allocate, strata_of
from chuangwen.inspections.draw.teams import Assignment, Team, assign_second, assign_teams

__all__ = [
    "Assignment",
    "Day",
    "DrawFault",
    "Drawn",
    "Fault",
    "FaultKind",
    "LeftOut",
    "Site",
    "Stop",
    "StratumDrawn",
    "Team",
    "allocate",
    "assign_second",
    "assign_teams",
    "compare",
    "differences",
    "double_share",
    "draw",
    "margin_of",
    "rank",
    "register_hash",
    "route",
    "size_for_margin",
    "strata_of",
]
