"""One section of a pack as it is kept: words, figures and rows, each with the link to what it was counted from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from django.utils import timezone
from django.utils.functional import Promise

from chuangwen.kernel.models import Person
from chuangwen.tasks.meeting_models import Cadence, Pack

Section = dict[str, Any]
Cell = dict[str, Any]
MOST = 15  # lines of a table that goes on a slide


class Ask(NamedTuple):
    """For whom, for which pack, at what moment. `reader` is a person of the office: all rules are asked for that person."""

    reader: Person
    pack: Pack
    now: dt.datetime

    @property
    def is_daily(self) -> bool:
        return self.pack.cadence == Cadence.DAILY

    @property
    def ahead(self) -> tuple[dt.date, dt.date]:
        """The days the pack looks forward to: its own, the week or the month from it on."""
        days = {Cadence.DAILY.value: 0, Cadence.WEEKLY.value: 6}.get(self.pack.cadence, 30)
        return self.pack.on, self.pack.on + dt.timedelta(days=days)

    @property
    def back(self) -> tuple[dt.datetime, dt.datetime]:
        """The first moment of the span looked back on and the first after it."""
        return moments(self.pack.from_on, self.pack.to_on)


def moments(first: dt.date, last: dt.date) -> tuple[dt.datetime, dt.datetime]:
    """From the first moment of one day to the first after another, on the city's clock."""
    ends = (first, last + dt.timedelta(days=1))
    start, end = (timezone.make_aware(dt.datetime.combine(day, dt.time())) for day in ends)
    return start, end


@dataclass(frozen=True)
class Figure:
    """A number with its name, what was counted, and where its rows are."""

    name: str | Promise
    value: int | str | Decimal
    link: str
    definition: str | Promise = ""

    def kept(self) -> dict[str, str]:
        return {
            "name": str(self.name), "value": str(self.value), "link": self.link, "definition": str(self.definition),
        }  # fmt: skip


def cell(text: object, link: str = "") -> Cell:
    """A cell of words."""
    return {"text": "" if text is None else str(text), "link": link, "num": False}


def number(value: object, link: str = "") -> Cell:
    """A cell of figures, set to the right."""
    return {**cell(value, link), "num": True}


def section(
    text: object, figures: Sequence[Figure] = (), columns: Sequence[object] = (), rows: Sequence[Sequence[Cell]] = ()
) -> Section:  # fmt: skip
    """What a section says, shows and lists; code and title are added by the register."""
    return {
        "text": str(text), "figures": [one.kept() for one in figures], "columns": [str(one) for one in columns],
        "rows": [list(row) for row in rows],
    }  # fmt: skip


def unit_link(path: str, code: str, **more: str) -> str:
    return f"{path}?" + "&".join([f"unit={code}", *(f"{key}={value}" for key, value in more.items())])
