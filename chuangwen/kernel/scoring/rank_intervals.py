"""可能名次 and 档: which ranks the figures leave possible, and the bands made from that as a help for reading."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction
from itertools import combinations

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

    The possible ranks are those of M. Mogstad, J. P. Romano, A. M. Shaikh & D. Wilhelm, "Inference for Ranks with
    Applications to Mobility across Neighbourhoods and Academic Achievement across Countries", Review of Economic Studies
    91 (2024) 476-518: all pairs are compared with control of the chance of even one wrong word, and the rank lies between
    1 + (how many are surely better) and the number of all − (how many are surely worse). It holds for all of them together
    with at least `confidence`. The comparisons step down by S. Holm, Scandinavian Journal of Statistics 6 (1979) 65-70, on
    normal quantiles, where they draw random numbers: the same figures give the same ranks on every machine.

    With `Ties.DENSE` equal scores count as one place. Raises ValueError for a confidence that is not between 0 and 1.
    """
    check_confidence(confidence)
    beaten_by = _surely_better(peers, confidence)
    beats: dict[int, set[int]] = {key: set() for key in peers}
    for worse, better in beaten_by.items():
        for key in better:
            beats[key].add(worse)
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


def _surely_better(peers: Mapping[int, Peer], confidence: Decimal) -> dict[int, set[int]]:
    """For each, those that are better by more than chance, all pairs together.

    Stepping down with Bonferroni's limit over the pairs not yet told apart ends where Holm's steps end, and needs few
    quantiles.
    """
    found: dict[int, set[int]] = {key: set() for key in peers}
    with localcontext(CONTEXT):
        left = sorted(_pairs(peers), reverse=True)
        told, last = 0, -1
        while told > last:
            last = told
            if told == len(left):
                break
            limit = two_sided_normal(1 - (1 - confidence) / (len(left) - told)) ** 2
            while told < len(left) and left[told][0] >= limit:
                told += 1
    for _square, better, worse in left[:told]:
        found[worse].add(better)
    return found


def _pairs(peers: Mapping[int, Peer]) -> list[tuple[Decimal, int, int]]:
    """Each pair of different scores as (squared distance in standard errors, the better, the worse)."""
    figures = {key: (decimal(peer.value), decimal(peer.variance)) for key, peer in peers.items()}
    found = []
    for one, other in combinations(sorted(peers), 2):
        apart, spread = figures[one][0] - figures[other][0], figures[one][1] + figures[other][1]
        better, worse = (one, other) if apart > 0 else (other, one)
        # Both without any doubt: different is different.
        sure = CERTAIN if apart else Decimal()
        square = apart * apart / spread if spread else sure
        found.append((square, better, worse))
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
