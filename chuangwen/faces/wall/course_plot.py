"""The course of the kept forecasts as places in a drawing: line, band, goal, the months under it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.utils import timezone

from chuangwen.assessment.forecasting import points
from chuangwen.assessment.kept import Course, expected_of

WIDTH, HEIGHT = 752, 180  # of the drawing, in pixels of the screen
LEFT, RIGHT, TOP, FOOT = 46, 96, 14, 34  # for the scale, the last value, half a line above, the months


@dataclass(frozen=True)
class Mark:
    """A place on an axis and what is written there."""

    at: float
    text: str


@dataclass(frozen=True)
class Plot:
    """What the template draws; places are units of the drawing."""

    line: str
    band: str
    dots: tuple[tuple[float, float], ...]
    rows: tuple[Mark, ...]
    columns: tuple[Mark, ...]
    goal: float | None
    value: str
    margin: str
    said: str

    width, height, left, right = WIDTH, HEIGHT, LEFT, WIDTH - RIGHT


def _steps(low: float, high: float) -> list[int]:
    """Three to five whole numbers that hold the values, even steps apart."""
    for step in (1, 2, 4, 5, 10, 20, 25, 50):
        first = int(low // step) * step
        marks = list(range(first, int(high + step), step))
        while marks[-1] < high:
            marks.append(marks[-1] + step)
        if len(marks) <= 4:
            return marks
    return [0, 100]


def _join(spots: Sequence[tuple[float, float]]) -> str:
    return "L".join(f"{x:.1f} {y:.1f}" for x, y in spots)


def plot_of(found: Course) -> Plot:
    """The drawing of a course; one month alone is a dot with its margin."""
    scores = [expected_of(row) for row in found.rows]
    goal = found.last.rule.goal
    ends: list[Decimal | Fraction] = [end for score in scores for end in (score.low, score.high)]
    ends += [goal] if goal else []
    marks = _steps(float(min(ends)), float(max(ends)))
    days = [timezone.localdate(row.at) for row in found.rows]
    ago = [12 * (days[-1].year - day.year) + days[-1].month - day.month for day in days]
    step = (WIDTH - LEFT - RIGHT) / max(1, ago[0])

    def y(value: Fraction | Decimal | int) -> float:
        share = (float(value) - marks[0]) / max(1, marks[-1] - marks[0])
        return round(HEIGHT - FOOT - share * (HEIGHT - FOOT - TOP), 1)

    x = [round(WIDTH - RIGHT - step * months, 1) for months in ago]
    line = [(at, y(score.value)) for at, score in zip(x, scores, strict=True)]
    upper = [(at, y(score.high)) for at, score in zip(x, scores, strict=True)]
    lower = [(at, y(score.low)) for at, score in zip(x, scores, strict=True)]
    last = scores[-1]
    months = [day.month for day in days]
    said = [points(score.value, 1) for score in scores]
    return Plot(
        f"M{_join(line)}",
        f"M{_join(upper)}L{_join(lower[::-1])}Z",
        tuple(line),
        tuple(Mark(y(mark), str(mark)) for mark in marks),
        tuple(Mark(at, str(month)) for at, month in zip(x, months, strict=True)),
        y(goal) if goal else None,
        said[-1],
        f"± {points(last.margin, 1)}" if last.margin else "",
        "、".join(f"{month}: {value}" for month, value in zip(months, said, strict=True)),
    )
