"""What a scheme says: the meaning of columns, the items with their other names, the rule of each table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final

COLUMNS: Final = ("record", "item", "branch", "score", "lost", "street", "departments")
OPTIONAL_COLUMNS: Final = ("lost",)
TABLES: Final = ("items", "departments", "streets", "total")
ROUNDINGS: Final = ("half_up", "half_even", "down")
TIES: Final = ("name", "records", "listed")
UNNAMED: Final = ("left_out", "between_neighbours")


@dataclass(frozen=True)
class Item:
    """One item of the test. `as_published` is the name the test's own dictionary held (None: it lacked it)."""

    name: str
    as_published: str | None
    aliases: tuple[str, ...] = ()
    edition: str = ""


@dataclass(frozen=True)
class TableRule:
    """How one table is made: which records count, decimals of full, score and rate, order of equal rates.

    `ties` is one of TIES, or the names in order. `name` is that of the one row of the total.
    """

    full: int
    score: int
    rate: int
    ties: str | tuple[str, ...] = "name"
    only_matched: bool = False
    name: str = ""


@dataclass(frozen=True)
class Scheme:
    """A test's rule of scoring as data; see schemes/suzhou-2016.yaml for what each part means."""

    title: str
    columns: Mapping[str, tuple[str, ...]]
    ignored_columns: tuple[str, ...]
    separator: str
    full: Fraction
    items: tuple[Item, ...]
    unnamed_published: str
    unnamed_corrected: str
    rounding: str
    tables: Mapping[str, TableRule]
    source: str = field(default="")
