"""What the big screen shows now: read by the desk's own functions, drawn as parts of a page, kept for some seconds."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import dataclass
from typing import Any

from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from chuangwen.assessment import rules as score_rules
from chuangwen.assessment.forecasting import points
from chuangwen.assessment.kept import MOVES, Course, Kept, course, kept_fronts, lines_of
from chuangwen.faces.wall import course_plot, labels, outline
from chuangwen.kernel.city import briefly
from chuangwen.kernel.models import Person
from chuangwen.kernel.screens import words
from chuangwen.problems import rules, situation
from chuangwen.problems.situation import Load, MonthRate, Spot, Step

SECONDS = 4.0  # how old the figures may be
MOST_KEPT = 50  # views of different posts and languages in one process
PARTS = ("day", "figs", "labels", "fronts", "course", "ladder", "hot")
# A step of the ladder as a state: reminders run, a warning is near, what follows goes up.
SHAPES = {situation.REMINDED: "doing", "circular": "soon"}


@dataclass(frozen=True)
class Figures:
    """Everything the screen shows, as read at one moment for one person."""

    now: dt.datetime
    loads: dict[int | None, Load]
    reported: int
    closed: int
    month: MonthRate
    ladder: tuple[Step, ...]
    spots: tuple[tuple[Spot, words.Due], ...]
    course: Course | None
    kept: Kept | None

    @property
    def total(self) -> Load:
        return sum(self.loads.values(), Load())

    @property
    def change(self) -> str:
        """What moved since the month before, and whether it is more than noise."""
        found = self.course.change if self.course else None
        if found is None:
            return ""
        if not found.difference:
            return str(_("与上月相同"))
        sign = "+" if found.difference > 0 else words.MINUS
        said = {"change": f"{sign}{points(abs(found.difference), 1)}", "word": MOVES[found.move]}
        return str(_("比上月 %(change)s，%(word)s") % said)


def read(person: Person, now: dt.datetime) -> Figures:
    """Reads all figures; the number of queries does not depend on the size of the city."""
    today = timezone.localdate(now)
    found = course(person, today=today)
    last = lines_of(found.last, found.before) if found else kept_fronts(person)
    spots = [
        (spot, words.due(spot.case.due_at, spot.case.due_unit, now, is_paused=spot.case.is_paused))
        for spot in situation.hot_spots(person, now)
    ]
    return Figures(
        now, situation.load_by("street_id", person, now), situation.reported_today(person, now).count(),
        situation.closed_today(person, now).count(), situation.in_time_last_month(person, today),
        tuple(situation.on_ladder(person)), tuple(spots), found, last,
    )  # fmt: skip


@dataclass(frozen=True)
class Drawn:
    """The figures as they are sent: parts of the page as HTML, how dark each area is, and what tells them from others."""

    html: dict[str, str]
    fill: dict[str, int]
    version: str
    at: str  # hour and minute of the data


def shade(load: Load, most: int) -> int:
    """0 for no open case, else 1 to 4, a quarter each of what the area with most has."""
    return -(-4 * load.open // most) if load.open else 0


def draw(person: Person, now: dt.datetime) -> Drawn:
    """All parts drawn for this person in the language of the request."""
    found, areas = read(person, now), outline.sheet().areas
    context = {
        "f": found,
        "local": timezone.localtime(now),
        "labels": labels.place(areas, found.loads),
        "plot": course_plot.plot_of(found.course) if found.course else None,
        "steps": [(step, SHAPES.get(step.code, "up")) for step in found.ladder],
        "most_on_step": max((step.count for step in found.ladder), default=0),
    }
    html = {part: render_to_string(f"wall/_{part}.html", context).strip() for part in PARTS}
    most = max((found.loads.get(area.pk, Load()).open for area in areas), default=0)
    fill = {area.code: shade(found.loads.get(area.pk, Load()), most) for area in areas}
    version = hashlib.sha256(json.dumps([html, fill], sort_keys=True).encode()).hexdigest()[:20]
    return Drawn(html, fill, version, timezone.localtime(now).strftime("%H:%M"))


def _nothing() -> dict[Any, Drawn]:
    return {}


_kept = briefly(_nothing, seconds=SECONDS)


def drawn(person: Person) -> Drawn:
    """The same for everybody who may see the same, drawn anew after SECONDS."""
    kept = _kept()
    # Two people share it only when the rules give them the same rows and the same scores.
    key = (
        repr(rules.see_case.q(person.standing)),
        score_rules.read.allows(person, None),
        translation.get_language(),
    )
    if key not in kept:
        if len(kept) >= MOST_KEPT:
            kept.clear()
        kept[key] = draw(person, timezone.now())
    return kept[key]
