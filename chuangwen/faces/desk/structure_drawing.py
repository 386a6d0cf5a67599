"""Where the boxes of the command structure stand on the drawing: a chart with hanging columns, reckoned, no library.

The top stands in the middle; what is right under it stands side by side; what is below that hangs in its column.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

WIDE, GAP, INDENT = 196, 20, 18  # a box, between columns, of a box that hangs, in drawing units
HEAD, LINE, PAD = 24, 17, 12  # height of the name, of a line, above and below
UNDER, BETWEEN = 44, 16  # from the top's box to the columns, between boxes of a column
ACROSS = 8  # columns beside each other; more begin another row


@dataclass(frozen=True)
class Box:
    """One box: whose it is, its corner and size, and where the line from above begins (None for a top)."""

    key: int
    x: int
    y: int
    width: int
    height: int
    lines: tuple[tuple[int, int], ...] = ()


@dataclass
class Drawing:
    """All boxes and the size of the sheet."""

    boxes: list[Box] = field(default_factory=list)
    width: int = 0
    height: int = 0


def height_of(lines: int) -> int:
    return HEAD + lines * LINE + PAD


def draw(roots: Sequence[int], children: Mapping[int, Sequence[int]], lines: Mapping[int, int]) -> Drawing:
    """The boxes of every body reachable from `roots`; `lines` says how many lines stand under each name."""
    drawing, y = Drawing(), PAD
    for root in roots:
        y = _tree(drawing, root, children, lines, y) + 2 * BETWEEN
    drawing.width = max((box.x + box.width for box in drawing.boxes), default=0) + PAD
    drawing.height = max((box.y + box.height for box in drawing.boxes), default=0) + PAD
    return drawing


def _tree(
    drawing: Drawing, root: int, children: Mapping[int, Sequence[int]], lines: Mapping[int, int], top: int
) -> int:
    """One top with its columns; the lowest edge."""
    below = list(children.get(root, ()))
    columns = min(len(below), ACROSS) or 1
    whole = columns * (WIDE + INDENT) + (columns - 1) * GAP
    width, height = min(WIDE + 60, whole), height_of(lines.get(root, 0))
    x = PAD + (whole - width) // 2
    drawing.boxes.append(Box(root, x, top, width, height))
    bottom, middle = top + height, x + width // 2
    for start in range(0, len(below), ACROSS):
        row_top, rail = bottom + UNDER, bottom + UNDER // 2
        for at, key in enumerate(below[start : start + ACROSS]):
            left = PAD + at * (WIDE + INDENT + GAP)
            centre = left + WIDE // 2
            from_y = top + height if start == 0 else rail  # rows further down have a rail of their own
            box = Box(
                key, left, row_top, WIDE, height_of(lines.get(key, 0)),
                ((middle, from_y), (middle, rail), (centre, rail), (centre, row_top)),
            )  # fmt: skip
            drawing.boxes.append(box)
            bottom = max(bottom, _hang(drawing, box, children, lines))
    return bottom


def _hang(
    drawing: Drawing, above: Box, children: Mapping[int, Sequence[int]], lines: Mapping[int, int]
) -> int:
    """The boxes that hang below one; the lowest edge."""
    bottom = above.y + above.height
    spine = above.x + INDENT // 2
    start = bottom
    for key in children.get(above.key, ()):
        top, left = bottom + BETWEEN, above.x + INDENT
        height = height_of(lines.get(key, 0))
        middle = top + height // 2
        box = Box(key, left, top, WIDE, height, ((spine, start), (spine, middle), (left, middle)))
        drawing.boxes.append(box)
        bottom = _hang(drawing, box, children, lines)
    return bottom
