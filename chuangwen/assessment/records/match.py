"""Which item a record belongs to: by the test's own dictionary, and as it should have been found."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, Literal

from chuangwen.assessment.records.scheme import Scheme

How = Literal["", "published", "alias", "neighbours"]
_NUMBERED: Final = re.compile(r"(.*?)(\d+)", re.DOTALL)
_MARKS: Final = re.compile(r"[\s“”\"'‘’《》「」]")


@dataclass(frozen=True)
class Record:
    """One visit's mark: `row` as the spreadsheet counts, `score` within 0 and the scheme's full marks."""

    row: int
    record: str
    item: str
    branch: str
    score: Fraction
    street: str = ""
    departments: tuple[str, ...] = ()


@dataclass(frozen=True)
class Matching:
    """Names of the item of each record, in the order of the records; None where it matches none."""

    published: tuple[str | None, ...]
    corrected: tuple[str | None, ...]
    how: tuple[How, ...]  # how the corrected name was found


def match(records: Sequence[Record], scheme: Scheme) -> Matching:
    """Match every record twice. Published: the dictionary's name, letter by letter. Corrected: also names
    that differ only in quotes, blanks or width, aliases, and unnamed records by the rule of the scheme.
    """
    own = {item.as_published: item.as_published for item in scheme.items if item.as_published}
    published: list[str | None] = [own.get(each.item) for each in records]
    known = {_bare(name): item.name for item in scheme.items
             for name in (item.name, *item.aliases, item.as_published or item.name)}  # fmt: skip
    corrected: list[str | None] = [known.get(_bare(each.item)) if each.item else None for each in records]
    how: list[How] = [
        "published" if own_name else "alias" if name else ""
        for own_name, name in zip(published, corrected, strict=True)
    ]
    guessed = _between_neighbours(records, corrected, scheme)
    for at, name in guessed.items():
        if scheme.unnamed_published == "between_neighbours":
            published[at] = _published_name(scheme, name)
        if scheme.unnamed_corrected == "between_neighbours":
            corrected[at], how[at] = name, "published" if published[at] else "neighbours"
    return Matching(tuple(published), tuple(corrected), tuple(how))


def nearest(name: str, scheme: Scheme) -> str:
    """The dictionary's name that differs least from `name`, by at most one letter in three; empty if none.

    The first in the list among equals.
    """
    if not name:
        return ""
    best, least = "", len(name) + 1
    for item in scheme.items:
        for known in (item.as_published, item.name, *item.aliases):
            if known and 3 * abs(len(known) - len(name)) <= max(len(known), len(name)):
                away = distance(name, known)
                if away < least and 3 * away <= max(len(known), len(name)):
                    best, least = item.as_published or item.name, away
    return best


def distance(one: str, other: str) -> int:
    """Letters to put in, take out or change to get from one to the other (Levenshtein, 1966)."""
    before = list(range(len(other) + 1))
    for number, letter in enumerate(one, 1):
        row = [number]
        for at, against in enumerate(other):
            row.append(min(before[at + 1] + 1, row[at] + 1, before[at] + (letter != against)))
        before = row
    return before[-1]


def _bare(name: str) -> str:
    return _MARKS.sub("", unicodedata.normalize("NFKC", name)).casefold()


def _published_name(scheme: Scheme, name: str) -> str | None:
    return next(item.as_published for item in scheme.items if item.name == name)


def _between_neighbours(
    records: Sequence[Record], names: Sequence[str | None], scheme: Scheme
) -> dict[int, str]:
    """Item of each unnamed record whose run has one item of the same edition between its two neighbours.

    A run: records of one prefix (吴江街道48 → 吴江街道), in the order of their numbers, none with a name.
    A record with a name that matches nothing ends a run without being a neighbour.
    """
    series: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for at, each in enumerate(records):
        if numbered := _NUMBERED.fullmatch(each.record):
            series[numbered[1]].append((int(numbered[2]), at))
    found: dict[int, str] = {}
    taken = set(names)
    for run in series.values():
        run.sort()
        before: str | None = None
        waiting: list[int] = []
        for _number, at in run:
            if not records[at].item:
                waiting.append(at)
                continue
            between = _only_item_between(scheme, before, names[at])
            if waiting and between and between not in taken:
                found |= dict.fromkeys(waiting, between)
            before, waiting = names[at], []
    return found


def _only_item_between(scheme: Scheme, before: str | None, after: str | None) -> str | None:
    order = {item.name: at for at, item in enumerate(scheme.items)}
    if before is None or after is None:
        return None
    edition = scheme.items[order[before]].edition
    between = [
        item.name for item in scheme.items[order[before] + 1 : order[after]] if item.edition == edition
    ]
    return between[0] if len(between) == 1 and scheme.items[order[after]].edition == edition else None
