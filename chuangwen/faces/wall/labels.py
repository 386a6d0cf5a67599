"""Names on the screen's map without two lying over each other: what does not fit becomes one disc for several areas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from chuangwen.faces.wall.outline import HEIGHT, WIDTH, Area
from chuangwen.problems.situation import Load

SIZE = 24.0  # of the letters, in pixels of the screen
DIGIT = 15.0
LINE = 34.0
RADIUS = 38.0
TRY = (0.0, 22.0, -22.0, 44.0, -44.0)  # the name a little lower or higher


class Box(NamedTuple):
    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Box) -> bool:
        return (
            self.left < other.right and other.left < self.right
            and self.top < other.bottom and other.top < self.bottom
        )  # fmt: skip


def width_of(text: str, size: float = SIZE) -> float:
    """About how wide a text is: full-width letters are square, others a good half."""
    return sum(size if ord(letter) > 0x2E7F else size * 0.62 for letter in text)


@dataclass(frozen=True)
class Label:
    """A name with its figures at (x, y), the base line's middle; `areas` above 1 makes it a disc."""

    x: float
    y: float
    name: str
    load: Load
    areas: int = 1

    @property
    def box(self) -> Box:
        if self.areas > 1:
            half = max(RADIUS + 4, width_of("00 个镇街") / 2)
            return Box(
                self.x - half,
                self.y - RADIUS - 6 - (LINE if self.load.late else 0),
                self.x + half,
                self.y + RADIUS + LINE,
            )
        half = width_of(f"{self.name} {self.load.open:,}") / 2 + 3
        top = self.y - SIZE - (LINE if self.load.late else 0)
        return Box(self.x - half, top, self.x + half, self.y + 8)


def place(areas: Sequence[Area], loads: Mapping[int | None, Load]) -> list[Label]:
    """Labels that nowhere overlap; an area whose name does not fit shares a disc with its nearest neighbour.

    Every area is in exactly one label, so their loads add up to those of all areas.
    """
    groups = [[area] for area in areas]
    while True:
        groups.sort(key=lambda group: (-len(group), -group[0].room, group[0].code))
        labels: list[Label] = []
        for at, group in enumerate(groups):
            label = _fit(group, loads, labels)
            if label is None:
                near = min(range(at), key=lambda i: _apart(groups[i], group))
                groups[near] = groups[near] + groups.pop(at)
                break
            labels.append(label)
        else:
            return labels


def _fit(group: Sequence[Area], loads: Mapping[int | None, Load], taken: Sequence[Label]) -> Label | None:
    """The label of these areas where it lies over none of those taken and within the sheet; None where it fits nowhere."""
    load = sum((loads.get(area.pk, Load()) for area in group), Load())
    x, y = (sum(part) / len(group) for part in zip(*((area.x, area.y) for area in group), strict=True))
    name = group[0].name if len(group) == 1 else ""
    for lower in TRY:
        label = Label(x, y + lower + (SIZE / 3 if name else 0), name, load, len(group))
        box = label.box
        within = box.left >= 0 and box.right <= WIDTH and box.top >= 0 and box.bottom <= HEIGHT
        if (within or not taken) and not any(box.meets(other.box) for other in taken):
            return label
    return None


def _apart(one: Sequence[Area], other: Sequence[Area]) -> float:
    return min((a.x - b.x) ** 2 + (a.y - b.y) ** 2 for a in one for b in other)
