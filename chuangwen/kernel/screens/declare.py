"""The words a screen is declared in: columns, filters, tabs, bulk steps."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db.models import Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from chuangwen.kernel.people.models import Person

Text = str | Promise


class Look(NamedTuple):
    """Who looks, and when: what cells and filters may depend on."""

    person: Person
    now: dt.datetime


@dataclass(frozen=True)
class Column:
    """One column of a list and its export.

    `cell` gives the text or markup of a row for the page, `plain` the bare value for Excel; `sort` is the
    field an index serves, empty when the column cannot be sorted by.
    """

    key: str
    title: Text
    cell: Callable[[Any, Look], Any]
    plain: Callable[[Any, Look], Any]
    sort: str = ""
    css: str = ""
    width: int = 14


class Choice(NamedTuple):
    value: str
    label: Text


@dataclass(frozen=True)
class Filter:
    """One filter: `q` turns a chosen value into a row filter; `choices` are read only when the chip is opened."""

    key: str
    label: Text
    q: Callable[[str, Look], Q]
    choices: Callable[[Look], Sequence[Choice]]
    # The words of a chosen value when its list would be long to read; None reads the list.
    name: Callable[[str], str] | None = None

    def words(self, value: str, look: Look) -> str:
        if self.name:
            return self.name(value)
        return next((str(c.label) for c in self.choices(look) if c.value == value), value)


@dataclass(frozen=True)
class Tab:
    """A named filter that stands first on the page."""

    key: str
    label: Text
    q: Callable[[Look], Q]
    order: tuple[str, ...] = ()


@dataclass(frozen=True)
class Bulk:
    """A step that can be taken for many rows at once; `why` gives the sentence why not for one row, None when it can."""

    code: str
    label: Callable[[int], str]
    why: Callable[[Any, Look], str | None]
    act: Callable[[Any, Look, str], None]
    rule: Any = None


def own_uid(uid: str, name: str) -> uuid.UUID | None:
    """One submission for many rows: each row's step has its own id, made from the form's and the row's name."""
    try:
        return uuid.uuid5(uuid.UUID(uid), name)
    except ValueError:
        return None


@dataclass
class Asked:
    """What the address asks of a list: tab, filters, order, page, words."""

    tab: str = ""
    chosen: dict[str, str] = field(default_factory=dict)
    sort: str = ""
    page: int = 1

    def query(self, **changes: Any) -> str:
        """The query string of this list with changes; an empty value leaves the key out."""
        from urllib.parse import urlencode

        values: dict[str, Any] = {"tab": self.tab, **self.chosen, "sort": self.sort, "page": self.page if self.page > 1 else ""}
        if changes and "page" not in changes:
            values["page"] = ""
        values.update(changes)
        text = urlencode({key: value for key, value in values.items() if value not in ("", None)})
        return f"?{text}" if text else "?"


def since_days(column: str, days: dict[str, int]) -> Callable[[str, Look], Q]:
    """A filter on a moment: the last so many days, or a span "2026-11-01..2026-11-30" (both days belong to it)."""

    def q(value: str, look: Look) -> Q:
        if value in days:
            return Q(**{f"{column}__gte": look.now - dt.timedelta(days=days[value])})
        first, _dots, last = value.partition("..")
        try:
            start = timezone.make_aware(dt.datetime.fromisoformat(first))
            end = timezone.make_aware(dt.datetime.fromisoformat(last)) + dt.timedelta(days=1)
        except ValueError:
            return Q(pk__in=())
        return Q(**{f"{column}__gte": start, f"{column}__lt": end})

    return q


def recent_days(*days: int) -> tuple[list[Choice], dict[str, int]]:
    """The choices 近 7 天 … and what they mean."""
    return [Choice(f"{n}d", _("近 %(n)d 天") % {"n": n}) for n in days], {f"{n}d": n for n in days}
