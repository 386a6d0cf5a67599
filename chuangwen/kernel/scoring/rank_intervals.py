"""可能名次 and 档: which ranks the figures leave possible, and the bands made from that as a help for reading."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction

from chuangwen.kernel.scoring.estimate import decimal
from chuangwen.kernel.scoring.quantiles import CONTEXT, check_confidence, two_sided_normal
from chuangwen.kernel.scoring.ranking import Ties, ranks

CERTAIN = Decimal("Infinity")
UP, DOWN, SAME = "up", "down", ""


@dataclass(frozen=True)
class Peer:
    """One of those ranked together: its score and the variance of it, points and points²."""

    value: Fraction
    variance: Fraction


@dataclass(frozen=True)
class Place:
    """Where one stands: the rank by score, the ranks that are possible, the band (1 the best)."""

    rank: int
    low: int
    high: int
    band: int


def places(peers: Mapping[int, Peer], confidence: Decimal, ties: Ties = Ties.MIN) -> dict[int, Place]:
    """Rank, possible ranks and band of each of one group of peers.

    The possible ranks are the marginal confidence sets of M. Mogstad, J. P. Romano, A. M. Shaikh & D. Wilhelm, "Inference
    for Ranks with Applications to Mobility across Neighbourhoods and Academic Achievement across Countries", Review of
    Economic Studies 91 (2024) 476-518, doi 10.1093/restud/rdad006: one is compared with each of the others, with control
    of the chance of even one wrong word among these comparisons, and its rank lies between 1 + (how many are surely
    better) and the number of all − (how many are surely worse). Each interval holds with at least `confidence` for the one
    it is about. The comparisons step down by S. Holm, Scandinavian Journal of Statistics 6 (1979) 65-70, on normal
    quantiles, where they draw random numbers: the same figures give the same ranks on every machine.

    With `Ties.DENSE` equal scores count as one place. Raises ValueError for a confidence that is not between 0 and 1.
    """
    check_confidence(confidence)
    apart = {key: _surely_apart(key, peers, confidence) for key in peers}
    beaten_by = {
        key: {other for other in found if peers[other].value > peers[key].value}
        for key, found in apart.items()
    }
    beats = {key: found - beaten_by[key] for key, found in apart.items()}
    place_of = ranks({key: peer.value for key, peer in peers.items()}, ties)
    bands = _bands(peers, beats)

    def several(keys: set[int]) -> int:
        return len({peers[key].value for key in keys}) if ties == Ties.DENSE else len(keys)

    whole = several(set(peers))
    return {
        key: Place(place_of[key], 1 + several(beaten_by[key]), whole - several(beats[key]), bands[key])
        for key in peers
    }


def moved(low: int, high: int, before_low: int, before_high: int) -> str:
    """升档 (`up`), 降档 (`down`) or neither: said only where both months' possible ranks do not overlap."""
    if high < before_low:
        return UP
    return DOWN if low > before_high else SAME


def _surely_apart(key: int, peers: Mapping[int, Peer], confidence: Decimal) -> set[int]:
    """Those that differ from one by more than chance, all its comparisons together.

    Stepping down with Bonferroni's limit over the comparisons not yet decided ends where Holm's steps end, and needs few
    quantiles.
    """
    with localcontext(CONTEXT):
        left = sorted(_compared(key, peers), reverse=True)
        told, last = 0, -1
        while last < told < len(left):
            last = told
            limit = two_sided_normal(1 - (1 - confidence) / (len(left) - told)) ** 2
            while told < len(left) and left[told][0] >= limit:
                told += 1
    return {other for _square, other in left[:told]}


def _compared(key: int, peers: Mapping[int, Peer]) -> list[tuple[Decimal, int]]:
    """Each other one with the squared distance to it in standard errors."""
    own = peers[key]
    found = []
    for other, peer in peers.items():
        if other != key:
            apart = decimal(own.value) - decimal(peer.value)
            spread = decimal(own.variance) + decimal(peer.variance)
            # Both without any doubt: different is different.
            sure = CERTAIN if apart else Decimal()
            found.append((apart * apart / spread if spread else sure, other))
    return found


def _bands(peers: Mapping[int, Peer], beats: Mapping[int, set[int]]) -> dict[int, int]:
    """From the top: who is surely worse than the first of a band opens the next one. Equal scores are in one band."""
    band, first, before = 0, None, None
    found: dict[int, int] = {}
    for key in sorted(peers, key=lambda key: (-peers[key].value, peers[key].variance, key)):
        value = peers[key].value
        if first is None or (key in beats[first] and value != before):
            band, first = band + 1, key
        found[key], before = band, value
    return found
