"""The trees of standards of a pack: what they may name is what the pack itself brings; their faults told as the pack's."""

from __future__ import annotations

from collections.abc import Iterator

from chuangwen.faces.cli.pack.faults import Fault
from chuangwen.faces.cli.pack.layout import STANDARDS, TERM_CODE, TERM_LIST
from chuangwen.faces.cli.pack.read import Pack
from chuangwen.standards.exchange.checking import Known, check_tables
from chuangwen.standards.exchange.loading import Loaded, known_here, load_tables


def known_in(pack: Pack) -> Known:
    """Units, site types and case kinds of the pack."""
    sites: dict[str, str] = {}
    for row in pack.rows("terms"):
        if row.text(TERM_LIST) == "site_type":
            sites[row.text(TERM_CODE)] = sites[row.text("名称")] = row.text(TERM_CODE)
    units = frozenset(row.text("code") for row in pack.rows("units"))
    return Known(units, sites, frozenset(), frozenset(row.text("编码") for row in pack.rows("catalogue")))


def tree_faults(pack: Pack) -> Iterator[Fault]:
    """Every fault of the trees, with file, row and column."""
    if pack.standards is None:
        return
    for fault in check_tables(pack.standards, known_in(pack)):
        yield Fault(
            f"{STANDARDS}/{fault.file}", fault.sheet, fault.row or 0, fault.title, fault.value, fault.sentence
        )


def load_trees(pack: Pack) -> Loaded | None:
    """Brings the pack's trees in; what the city decided since (units given, the edition in use) stays."""
    if pack.standards is None:
        return None
    kinds = frozenset(row.text("编码") for row in pack.rows("catalogue"))
    return load_tables(pack.standards, known=known_here(kinds), mode="merge", keep_shares=True)
