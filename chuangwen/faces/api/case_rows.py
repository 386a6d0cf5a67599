"""The cases a program may be shown, as plain facts: the public ones for a stranger, else those the key's person may see.

Open311 and OGC API – Features read cases here and nowhere else, so both show the same rows. A case is known outside by
its random id, never by its number: numbers run on, and gaps in them would tell how many cases are not shown.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from chuangwen.kernel.models import Mask, Person
from chuangwen.problems import rules
from chuangwen.problems.models import DONE, Case, PublicationState, State
from chuangwen.problems.publishing import public


@dataclass(frozen=True)
class Shown:
    """One case as it is told to a program; `picture` is the path of the masked public picture, "" for none.

    `key` is what pages of a list go on from. `number`, `unit` and `expected_at` are told to persons only.
    """

    id: UUID
    key: UUID
    what: str
    kind: str
    kind_name: str
    group: str
    is_open: bool
    note: str
    street: str
    address: str
    lon: float | None
    lat: float | None
    reported_at: dt.datetime
    updated_at: dt.datetime
    closed_at: dt.datetime | None
    picture: str = ""
    number: str = ""
    unit: str = ""
    expected_at: dt.datetime | None = None


_KIND = ("kind__code", "kind__name", "kind__group")
_PLACE = ("address", "lon", "lat", "street__short_name", "reported_at", "closed_at")


def _waiting(blob: str) -> Exists:
    """Whether of this picture somebody has yet to decide what is hidden; then it is not shown."""
    return Exists(Mask.objects.filter(blob=OuterRef(blob), is_on__isnull=True))


class PublicCases:
    """What everybody may see: publications in state public, and nothing of the case but its random id."""

    id, key = "case__uid", "uid"
    open = Q(is_open=True)
    columns = (
        "case__uid",
        "uid",
        "what",
        "answer",
        "is_open",
        "updated_at",
        "before__blob__scanned_at",
        *_KIND,
        *_PLACE,
    )

    def rows(self) -> QuerySet[Any]:
        return public()

    def read(self, rows: QuerySet[Any]) -> list[Shown]:
        """The facts of these rows, in one query."""
        found = rows.annotate(waits=_waiting("before__blob")).values(*self.columns, "waits")
        return [self._shown(row) for row in found]

    def _shown(self, row: dict[str, Any]) -> Shown:
        is_ready = row["before__blob__scanned_at"] is not None and not row["waits"]
        return Shown(
            id=row["case__uid"], key=row["uid"], what=row["what"], is_open=row["is_open"], note=row["answer"],
            updated_at=row["updated_at"], picture=f"/p/picture/{row['uid']}/before/" if is_ready else "", **_same(row),
        )  # fmt: skip


class SeenCases:
    """The cases one person may see, as the desk shows them to him; never who reported one or how to reach him."""

    id, key = "uid", "uid"
    open = ~Q(state__in=DONE)
    _moments = ("reported_at", "filed_at", "assigned_at", "answered_at", "closed_at")
    columns = (
        "uid", "number", "what", "state", "fix_due_at", "unit__short_name", "unit__name", "publication__uid",
        "publication__state", "publication__what", "publication__before__blob__scanned_at", "filed_at", "assigned_at",
        "answered_at", *_KIND, *_PLACE,
    )  # fmt: skip

    def __init__(self, person: Person) -> None:
        self.person = person

    def rows(self) -> QuerySet[Any]:
        return rules.see_case.filter(Case.objects.all(), self.person)

    def read(self, rows: QuerySet[Any]) -> list[Shown]:
        """The facts of these rows, in one query."""
        found = rows.annotate(waits=_waiting("publication__before__blob")).values(*self.columns, "waits")
        return [self._shown(row) for row in found]

    def _shown(self, row: dict[str, Any]) -> Shown:
        is_public, is_open = row["publication__state"] == PublicationState.PUBLIC, row["state"] not in DONE
        scanned = row["publication__before__blob__scanned_at"] is not None
        picture = (
            f"/p/picture/{row['publication__uid']}/before/"
            if is_public and scanned and not row["waits"]
            else ""
        )
        return Shown(
            id=row["uid"], key=row["uid"], what=row["publication__what"] if is_public else row["what"], is_open=is_open,
            note=str(State(row["state"]).label), picture=picture, number=row["number"],
            updated_at=max(row[name] for name in self._moments if row[name] is not None),
            unit=row["unit__short_name"] or row["unit__name"] or "", expected_at=row["fix_due_at"] if is_open else None,
            **_same(row),
        )  # fmt: skip


def _same(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "kind": row["kind__code"] or "", "kind_name": row["kind__name"] or "", "group": row["kind__group"] or "",
        "street": row["street__short_name"] or "", "address": row["address"], "lon": row["lon"], "lat": row["lat"],
        "reported_at": row["reported_at"], "closed_at": row["closed_at"],
    }  # fmt: skip


def cases_for(person: Person | None) -> PublicCases | SeenCases:
    """The cases to be shown to this person; None is a stranger."""
    return PublicCases() if person is None else SeenCases(person)
