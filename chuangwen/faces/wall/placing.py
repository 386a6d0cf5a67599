"""Names on paper without overlap: a grid of taken boxes, tried around each point; pure arithmetic in millimetres."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from chuangwen.faces.wall.labels import Box

CELL = 12.0  # of the grid of taken boxes, mm


@dataclass
class Taken:
    """The boxes already used on a sheet, found by the cells they touch."""

    bounds: Box
    cells: dict[tuple[int, int], list[Box]] = field(default_factory=lambda: defaultdict(list))

    def _touched(self, box: Box) -> Iterator[tuple[int, int]]:
        for x in range(int(box.left // CELL), int(box.right // CELL) + 1):
            for y in range(int(box.top // CELL), int(box.bottom // CELL) + 1):
                yield x, y

    def is_free(self, box: Box) -> bool:
        """Whether the box lies within the sheet and over no other."""
        b = self.bounds
        if box.left < b.left or box.top < b.top or box.right > b.right or box.bottom > b.bottom:
            return False
        return not any(box.meets(other) for cell in self._touched(box) for other in self.cells.get(cell, ()))

    def take(self, box: Box) -> None:
        for cell in self._touched(box):
            self.cells[cell].append(box)

    def spot(self, x: float, y: float, width: float, height: float, away: float) -> Box | None:
        """Takes a free box of that size beside the point, right first, then left, below, above, aslant; None where none is free."""
        half = height / 2
        for left, top in (
            (x + away, y - half), (x - away - width, y - half), (x - width / 2, y + away), (x - width / 2, y - away - height),
            (x + away * 0.7, y + away * 0.7), (x + away * 0.7, y - away * 0.7 - height),
            (x - away * 0.7 - width, y + away * 0.7), (x - away * 0.7 - width, y - away * 0.7 - height),
        ):  # fmt: skip
            box = Box(left, top, left + width, top + height)
            if self.is_free(box):
                self.take(box)
                return box
        return None
