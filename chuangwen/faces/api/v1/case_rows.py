"""Cases as they are written out: a line of the list, and the whole with its steps and photos."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from ninja import Schema
from pydantic import Field

from chuangwen.faces.api.v1.operations import Following
from chuangwen.faces.api.v1.values import OneOf
from chuangwen.kernel.evidence import store
from chuangwen.kernel.workflow import history
from chuangwen.problems.flow import CaseFlow
from chuangwen.problems.models import Case, Source, State, Supervision

ROW = ("kind", "unit", "street", "site")
SAID = ("reason", "note", "reply", "what")  # what a person wrote at a step, in the order looked for


class CaseLine(Schema):
    """One problem at one place."""

    number: str = Field(description="The case's number.", examples=["GY-2026-11-00012"])
    what: str = Field(description="What it is about, at most 60 characters.")
    state: Annotated[str, OneOf(State)] = Field(description="Where it stands.")
    state_label: str = Field(description="The state in words.")
    kind: str | None = Field(description="Code of the kind of problem, once it is known.")
    unit: str | None = Field(description="Code of the unit that answers for it, once it was given to one.")
    street: str | None = Field(description="Code of the street it lies in.")
    site: str | None = Field(description="Code of the site it is at.")
    address: str = Field(description="Where, in words.")
    lon: float | None = Field(description="Longitude, WGS-84 degrees.")
    lat: float | None = Field(description="Latitude, WGS-84 degrees.")
    source: Annotated[str, OneOf(Source)] = Field(description="Where it came from.")
    reported_at: dt.datetime = Field(description="When it was reported.")
    due_at: dt.datetime | None = Field(description="When the running limit ends.")
    is_paused: bool = Field(description="Whether the running limit is paused.")
    closed_at: dt.datetime | None = Field(description="When it was closed.")
    supervision: int = Field(description="0 none, 1 yellow, 2 red.", ge=0, le=max(Supervision.values))


class CasePage(Following):
    """One page of cases."""

    items: list[CaseLine]


class StepTaken(Schema):
    """One entry of the case's history."""

    seq: int = Field(description="Its place in the chain, from 1.")
    step: str = Field(description="Code of the step.")
    label: str = Field(description="The step in words.")
    from_state: str = Field(description="State before; empty for the first entry.")
    to_state: str = Field(description="State after.")
    at: dt.datetime
    by: str | None = Field(description="Who took it; null for the clock and for residents.")
    said: str = Field(description="What was written with it, if anything.")
    hash: str = Field(description="SHA-256 that binds the entry to the one before.")


class Photo(Schema):
    """One photo of a case."""

    id: int
    role: str = Field(description="found, fixed or check.")
    round: int = Field(description="The round of fixing it belongs to, from 1.")
    taken_at: dt.datetime | None = Field(description="When it was taken, as the phone said.")
    thumb: str = Field(description="Address of the small copy, JPEG.")
    public: str = Field(description="Address of the large copy without camera data, JPEG.")


class CaseWhole(CaseLine):
    """A case with its history and photos."""

    round: int = Field(description="The round of fixing, from 1.")
    returns: int = Field(description="How often units gave it back.")
    reworks: int = Field(description="How often a fix was sent back.")
    assigned_at: dt.datetime | None
    answered_at: dt.datetime | None
    steps: list[StepTaken]
    photos: list[Photo]


PLAIN = ("number", "what", "state", "address", "lon", "lat", "source", "reported_at", "due_at", "is_paused", "closed_at",
         "supervision")  # fmt: skip


def case_line(case: Case) -> dict[str, Any]:
    codes = {name: row.code if (row := getattr(case, name)) else None for name in ROW}
    return (
        {name: getattr(case, name) for name in PLAIN} | codes | {"state_label": str(State(case.state).label)}
    )


def _said(given: dict[str, Any]) -> str:
    return next((str(given[name]) for name in SAID if isinstance(given.get(name), str)), "")


def case_whole(case: Case) -> dict[str, Any]:
    """Everything of one case; two more queries."""
    labels = {step.code: str(step.label) for step in CaseFlow.steps}
    steps = [
        {
            "seq": one.seq, "step": one.step, "label": labels.get(one.step, one.step), "from_state": one.from_state,
            "to_state": one.to_state, "at": one.at, "by": one.by.name if one.by else None, "said": _said(one.given),
            "hash": one.hash,
        }
        for one in history.history_of(case)
    ]  # fmt: skip
    photos = [photo_line(one) for one in store.photos_of(case)]
    more = {
        name: getattr(case, name) for name in ("round", "returns", "reworks", "assigned_at", "answered_at")
    }
    return case_line(case) | more | {"steps": steps, "photos": photos}


def photo_line(one: Any) -> dict[str, Any]:
    here = f"/api/v1/photos/{one.pk}"
    return {
        "id": one.pk, "role": one.role, "round": one.round, "taken_at": one.taken_at, "thumb": f"{here}/thumb",
        "public": f"{here}/public",
    }  # fmt: skip
