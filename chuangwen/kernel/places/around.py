"""Located rows near a point by fixed queries: one for each number of index ranges that cover the circle."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from django.db.models import Q, QuerySet

from chuangwen.kernel.fixed_query import FixedQuery
from chuangwen.kernel.places.cells import cover
from chuangwen.kernel.places.models import Located

L = TypeVar("L", bound=Located)


class Around(Generic[L]):
    """`rows` narrowed to the cells that cover a circle, at most `most` of them; ask the distance of what is found.

    `rows` and its `slots` are as for FixedQuery; the call takes centre (WGS-84 degrees), radius in metres and a value
    for each slot.
    """

    def __init__(self, rows: Callable[..., QuerySet[L]], most: int, **slots: type) -> None:
        self.rows, self.most, self.slots = rows, most, slots
        self._by_ranges: dict[int, FixedQuery[L]] = {}

    def __call__(self, lon: float, lat: float, radius_m: float, **values: Any) -> list[L]:
        ranges = cover(lon, lat, radius_m)
        if len(ranges) not in self._by_ranges:
            self._by_ranges[len(ranges)] = self._made(len(ranges))
        ends = {f"low{n}": low for n, (low, _high) in enumerate(ranges)}
        ends |= {f"high{n}": high for n, (_low, high) in enumerate(ranges)}
        return self._by_ranges[len(ranges)](first=ranges[0][0], last=ranges[-1][1], **ends, **values)

    def _made(self, ranges: int) -> FixedQuery[L]:
        def narrowed(**values: Any) -> QuerySet[L]:
            q = Q()
            for n in range(ranges):
                q |= Q(cell__gte=values[f"low{n}"], cell__lte=values[f"high{n}"])
            # Said once more as one range: SQLite reads a whole index for an "or" of ranges, but not for a range.
            q &= Q(cell__gte=values["first"], cell__lte=values["last"])
            return self.rows(**{name: values[name] for name in self.slots}).filter(q)[: self.most]

        ends = ["first", "last", *(f"{end}{n}" for n in range(ranges) for end in ("low", "high"))]
        return FixedQuery(narrowed, **self.slots, **dict.fromkeys(ends, int))
