"""Boxes of the command structure: every body once, none over another, lines that begin at the box above."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from chuangwen.faces.desk.structure_drawing import ACROSS, draw


@st.composite
def trees(draw_from):
    """A forest: the parent of each body is one before it, or none; and how many lines each box has."""
    size = draw_from(st.integers(1, 30))
    parents = [draw_from(st.integers(-1, at - 1)) for at in range(size)]
    return parents, draw_from(st.lists(st.integers(0, 5), min_size=size, max_size=size))


def drawn(parents, lines):
    children = {}
    for at, parent in enumerate(parents):
        children.setdefault(parent, []).append(at)
    return draw(children.get(-1, []), children, dict(enumerate(lines)))


def overlap(a, b):
    return a.x < b.x + b.width and b.x < a.x + a.width and a.y < b.y + b.height and b.y < a.y + a.height


@settings(max_examples=60, deadline=None)
@given(trees())
def test_every_body_is_drawn_once_within_the_sheet_and_none_over_another(tree):
    drawing = drawn(*tree)
    assert sorted(box.key for box in drawing.boxes) == list(range(len(tree[0])))
    for at, box in enumerate(drawing.boxes):
        assert box.x >= 0 and box.x + box.width <= drawing.width and box.y + box.height <= drawing.height
        assert not any(overlap(box, other) for other in drawing.boxes[at + 1 :])


@settings(max_examples=40, deadline=None)
@given(trees())
def test_a_line_ends_at_its_box_and_only_tops_have_none(tree):
    parents, lines = tree
    for box in drawn(parents, lines).boxes:
        assert bool(box.lines) == (parents[box.key] != -1)
        if box.lines:
            x, y = box.lines[-1]
            assert (y == box.y and box.x <= x <= box.x + box.width) or (
                x == box.x and box.y <= y <= box.y + box.height
            )


def test_the_top_of_eight_columns_stands_in_their_middle():
    drawing = drawn([-1, *([0] * ACROSS)], [3] * (ACROSS + 1))
    top, *columns = drawing.boxes
    assert len({box.y for box in columns}) == 1
    left, right = columns[0].x, columns[-1].x + columns[-1].width
    assert abs((top.x + top.width / 2) - (left + right) / 2) <= columns[0].width / 4
