"""The draw itself: permanent random numbers from a seed, the first of each stratum, and hashes to compare by."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal
from enum import StrEnum
from hashlib import sha256
from typing import NamedTuple

from chuangwen.inspections.draw.faults import Fault, FaultKind, fault, refuse
from chuangwen.inspections.draw.register import Site, has_break, register_faults, register_hash

# Put before the seed of the places rated twice, so that they are not just the first of the draw.
_TWICE = "double "
_HASH = re.compile(r"[0-9a-f]{64}")


class Why(StrEnum):
    """Why a place could not be drawn."""

    RESTING = "resting"
    EXCLUDED = "excluded"


class LeftOut(NamedTuple):
    """A place that could not be drawn; `note` is the day it may be drawn again, or the reason given."""

    code: str
    why: Why
    note: str


class StratumDrawn(NamedTuple):
    """One stratum: places in the register, how many of them might be drawn, how many were."""

    stratum: str
    places: int
    free: int
    drawn: int


@dataclass(frozen=True)
class Drawn:
    """A draw: its places by stratum and rank, and all that is needed to make it again."""

    sites: tuple[Site, ...]
    strata: tuple[StratumDrawn, ...]
    left_out: tuple[LeftOut, ...]
    seed: str
    day: date
    rest_days: int
    register_hash: str
    draw_hash: str

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(site.code for site in self.sites)


def rank(seed: str, code: str) -> str:
    """The permanent random number of a place: SHA-256 (hexadecimal) of seed, line feed and code in UTF-8.

    One number per place, whatever else is in the register: a place that is added or lost moves no other, and the same
    seed keeps as many places as it can from one register to the next; a new seed draws afresh. Source: E. Ohlsson,
    "Coordination of Samples Using Permanent Random Numbers", in B. G. Cox and others (eds.), Business Survey Methods,
    Wiley 1995, 153-169 (sequential simple random sampling: the n smallest numbers of each stratum).
    """
    return sha256(f"{seed}\n{code}".encode()).hexdigest()


def draw(
    sites: Iterable[Site],
    sizes: Mapping[str, int],
    *,
    seed: str,
    day: date,
    rest_days: int = 0,
    excluded: Mapping[str, str] | None = None,
) -> Drawn:
    """Draw `sizes[stratum]` places of each stratum: those of the smallest rank that may be drawn.

    `sites` in any order; a stratum that `sizes` does not name gives none. A place last drawn less than `rest_days`
    days before `day` rests: drawn on the 1st with 30 days, it may be drawn again on the 31st. `excluded`: code →
    reason. Both are `left_out`, and named even where their stratum gives none.

    Raises DrawFault with everything wrong in the register, the sizes or the seed; with figures per stratum where too
    few places may be drawn, never giving fewer in silence.
    """
    given = tuple(sites)
    reasons = excluded or {}
    refuse([*register_faults(given), *_order_faults(given, sizes, seed, rest_days, reasons)])
    register = sorted(given, key=lambda site: site.code)
    left_out = tuple(_left_out(register, day, rest_days, reasons))
    out = {each.code for each in left_out}
    places: dict[str, list[Site]] = {}
    for site in register:
        places.setdefault(site.stratum, []).append(site)
    refuse(_shortages(places, sizes, left_out))
    chosen: list[Site] = []
    strata = []
    for stratum, members in sorted(places.items()):
        free = [site for site in members if site.code not in out]
        taken = sorted(free, key=lambda site: (rank(seed, site.code), site.code))[: sizes.get(stratum, 0)]
        chosen += taken
        strata.append(StratumDrawn(stratum, len(members), len(free), len(taken)))
    of_register = register_hash(register)
    of_draw = _draw_hash(seed, of_register, sizes, [site.code for site in chosen])
    return Drawn(
        tuple(chosen), tuple(strata), left_out, seed, day, rest_days, of_register, of_draw
    )  # fmt: skip


def compare(a_hash: str, b_hash: str) -> bool:
    """Whether two draw hashes, read or typed from paper, are the same; spaces and capitals do not matter.

    Raises DrawFault for text that is not such a hash.
    """
    typed = [re.sub(r"\s+", "", text).lower() for text in (a_hash, b_hash)]
    refuse(
        fault(FaultKind.BAD_HASH, hash=text)
        for text, read in zip((a_hash, b_hash), typed, strict=True)
        if not _HASH.fullmatch(read)
    )
    return typed[0] == typed[1]


def differences(a: Drawn, b: Drawn) -> tuple[str, ...]:
    """In what two draws differ: of seed, register, sizes, rules (day and rest) and sites. None: they are the same.

    Rules are named only where the places differ too; otherwise they made no difference.
    """
    sizes = [{row.stratum: row.drawn for row in each.strata if row.drawn} for each in (a, b)]
    places = a.codes != b.codes
    found = {
        "seed": a.seed != b.seed,
        "register": a.register_hash != b.register_hash,
        "sizes": sizes[0] != sizes[1],
        "rules": places and (a.day, a.rest_days, a.left_out) != (b.day, b.rest_days, b.left_out),
        "sites": places,
    }
    return tuple(name for name, differs in found.items() if differs)


def double_share(drawn: Drawn | Sequence[Site], share: Decimal, seed: str) -> tuple[Site, ...]:
    """The drawn places that are rated a second time: `share` of them, rounded up, by a rank of their own.

    Every drawn place has the same chance and no stratum is favoured, so no team can tell which of its places they
    are. Raises DrawFault for a share outside 0 to 1 or a seed that is none.
    """
    faults = list(_seed_faults(seed))
    if not 0 <= share <= 1:
        faults.append(fault(FaultKind.BAD_SHARE, share=share))
    refuse(faults)
    sites = drawn.sites if isinstance(drawn, Drawn) else tuple(drawn)
    count = int((share * len(sites)).to_integral_value(ROUND_CEILING))
    return tuple(sorted(sites, key=lambda site: (rank(_TWICE + seed, site.code), site.code))[:count])


def _draw_hash(seed: str, of_register: str, sizes: Mapping[str, int], codes: list[str]) -> str:
    wanted = sorted([stratum, size] for stratum, size in sizes.items() if size)
    return sha256(json.dumps([seed, of_register, wanted, codes], separators=(",", ":")).encode()).hexdigest()


def _seed_faults(seed: str) -> Iterator[Fault]:
    # A space at an end cannot be seen in a printed seed.
    if not seed or seed != seed.strip() or has_break(seed):
        yield fault(FaultKind.BAD_SEED, seed=seed)


def _order_faults(
    register: Sequence[Site], sizes: Mapping[str, int], seed: str, rest_days: int, excluded: Mapping[str, str]
) -> Iterator[Fault]:
    yield from _seed_faults(seed)
    if rest_days < 0:
        yield fault(FaultKind.BAD_REST, rest_days=rest_days)
    places = Counter(site.stratum for site in register)
    for stratum, wanted in sorted(sizes.items()):
        if wanted < 0:
            yield fault(FaultKind.BAD_SIZE, stratum=stratum, wanted=wanted)
        elif stratum not in places:
            yield fault(FaultKind.UNKNOWN_STRATUM, stratum=stratum, wanted=wanted)
        elif wanted > places[stratum]:
            yield fault(
                FaultKind.LARGER_THAN_STRATUM, stratum=stratum, wanted=wanted, places=places[stratum]
            )  # fmt: skip
    if register and not any(sizes.values()):
        yield fault(FaultKind.NOTHING_WANTED)
    known = {site.code for site in register}
    for code in sorted(excluded):
        if code not in known:
            yield fault(FaultKind.UNKNOWN_EXCLUDED, code=code)


def _left_out(
    register: Iterable[Site], day: date, rest_days: int, excluded: Mapping[str, str]
) -> Iterator[LeftOut]:
    for site in register:
        if site.code in excluded:
            yield LeftOut(site.code, Why.EXCLUDED, excluded[site.code])
        elif rest_days and site.last_drawn is not None:
            free_on = site.last_drawn + timedelta(days=rest_days)
            if day < free_on:
                yield LeftOut(site.code, Why.RESTING, free_on.isoformat())


def _shortages(
    places: Mapping[str, Sequence[Site]], sizes: Mapping[str, int], left_out: Iterable[LeftOut]
) -> Iterator[Fault]:
    why = {each.code: each.why for each in left_out}
    for stratum, wanted in sorted(sizes.items()):
        members = places.get(stratum, ())
        count = Counter(why[site.code] for site in members if site.code in why)
        left = len(members) - count.total()
        if left < wanted:
            yield fault(
                FaultKind.TOO_FEW_LEFT, stratum=stratum, wanted=wanted, left=left, missing=wanted - left,
                places=len(members), resting=count[Why.RESTING], excluded=count[Why.EXCLUDED],
            )  # fmt: skip
