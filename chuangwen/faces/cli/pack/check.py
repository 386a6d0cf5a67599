"""Checks a whole pack and lists every mistake with its place, in the order a person mends them."""

from __future__ import annotations

from chuangwen.faces.cli.pack.drives import drive_faults
from chuangwen.faces.cli.pack.faults import Fault
from chuangwen.faces.cli.pack.ground import ground_faults
from chuangwen.faces.cli.pack.links import link_faults
from chuangwen.faces.cli.pack.month import month_faults
from chuangwen.faces.cli.pack.read import Pack
from chuangwen.faces.cli.pack.scores import score_faults
from chuangwen.faces.cli.pack.trees import tree_faults
from chuangwen.faces.cli.pack.within import row_faults

__all__ = ["Fault", "check"]


def check(pack: Pack) -> list[Fault]:
    """Faults of the pack by file and row, those of reading included; an empty list means it can be loaded.

    Gaps (a street without a leader, a site without a unit) are no faults: the city mends them in the program.
    """
    found = {
        *pack.faults,
        *link_faults(pack),
        *row_faults(pack),
        *ground_faults(pack),
        *tree_faults(pack),
        *score_faults(pack),
    }
    found |= {*drive_faults(pack), *month_faults(pack)}
    return sorted(found)
