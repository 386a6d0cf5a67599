"""A page as printed, in millimetres from its upper left corner: lines of text from the PDF, colours from the picture."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

MM = 25.4 / 72
DOTS = 6  # a millimetre of the picture


@dataclass(frozen=True)
class Line:
    text: str
    left: float
    right: float
    top: float
    bottom: float

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2


class Page:
    def __init__(self, page: Any) -> None:
        self.width, self.height = (side * MM for side in page.get_size())
        self.lines = _lines(page, self.height)
        self._page = page

    @cached_property
    def dots(self) -> Any:
        return np.asarray(self._page.render(scale=DOTS * MM).to_pil().convert("RGB")).astype(np.int16)

    def line(self, start: str) -> Line:
        return next(each for each in self.lines if each.text.startswith(start))

    @property
    def red(self) -> Any:
        r, g, b = (self.dots[:, :, at] for at in range(3))
        return (r > 180) & (g < 110) & (b < 110)

    @property
    def dark(self) -> Any:
        return self.dots.max(axis=2) < 120

    def rules(self, mask: Any, longer: float) -> list[tuple[float, float, float, float]]:
        """(left, right, top, bottom) of unbroken horizontal rules longer than so many millimetres."""
        rows = [y for y in range(mask.shape[0]) if mask[y].sum() > longer * DOTS * 0.98]
        found: list[list[int]] = []
        for y in rows:
            if found and y - found[-1][-1] <= 1:
                found[-1].append(y)
            else:
                found.append([y])
        made = []
        for group in found:
            xs = np.flatnonzero(mask[group[0]])
            made.append((xs[0] / DOTS, (xs[-1] + 1) / DOTS, group[0] / DOTS, (group[-1] + 1) / DOTS))
        return made

    def ink(self, mask: Any, top: float, bottom: float) -> tuple[float, float]:
        """First and last row with ink between two heights."""
        rows = np.flatnonzero(mask[int(top * DOTS) : int(bottom * DOTS)].any(axis=1))
        return top + rows[0] / DOTS, top + (rows[-1] + 1) / DOTS


def _lines(page: Any, height: float) -> list[Line]:
    text = page.get_textpage()
    chars = []
    for at in range(text.count_chars()):
        word = text.get_text_range(at, 1)
        if word.strip():
            left, bottom, right, top = (side * MM for side in text.get_charbox(at))
            chars.append((word, left, right, height - top, height - bottom))
    rows: list[list[Any]] = []
    for char in sorted(chars, key=lambda each: (each[3] + each[4]) / 2):
        middle = (char[3] + char[4]) / 2
        # Commas sit low and dashes high: a line is what lies within half its height of the row's middle.
        if rows and middle - sum((each[3] + each[4]) / 2 for each in rows[-1]) / len(rows[-1]) < 3.6:
            rows[-1].append(char)
        else:
            rows.append([char])
    made = []
    for row in rows:
        row.sort(key=lambda each: each[1])
        made.append(
            Line("".join(each[0] for each in row), row[0][1], max(each[2] for each in row),
                 min(each[3] for each in row), max(each[4] for each in row))
        )  # fmt: skip
    return made
