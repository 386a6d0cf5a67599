"""Values as they are written in addresses and bodies: one spelling each, so that nothing is taken for what it is not."""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated, Any

from django.db.models import TextChoices
from django.utils.dateparse import parse_datetime
from pydantic import AfterValidator, BeforeValidator, Field, GetCoreSchemaHandler, WithJsonSchema
from pydantic_core import CoreSchema, core_schema

_PLAIN = r"^[^\u0000-\u001f\u007f]*$"  # no control characters: databases and logs choke on them
_UID = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"


def _count(value: Any) -> Any:
    if isinstance(value, str) and not re.fullmatch(r"[1-9][0-9]{0,2}", value):
        raise ValueError("not a plain number")
    return value


def _day(value: Any) -> Any:
    if isinstance(value, str):
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
            raise ValueError("not a day like 2026-11-22")
        return dt.date.fromisoformat(value)
    return value


def _truth(value: Any) -> Any:
    if isinstance(value, str) and value not in ("true", "false"):
        raise ValueError("neither true nor false")
    return value


def _moment(value: str) -> str:
    if moment_of(value) is None:
        raise ValueError("not a moment with its offset like 2026-11-22T09:30:00+08:00")
    return value


def moment_of(value: str) -> dt.datetime | None:
    """A moment from RFC 3339 text; None without an offset or for no moment."""
    try:
        found = parse_datetime(value)
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None else None


class OneOf:
    """One of the values of a TextChoices, written out where it stands: two enums may have the same name."""

    def __init__(self, choices: type[TextChoices]) -> None:
        self.values = [str(value) for value in choices.values]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.literal_schema(self.values)


Count = Annotated[int, Field(ge=1, le=200), BeforeValidator(_count)]
Day = Annotated[dt.date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
Truth = Annotated[bool, BeforeValidator(_truth)]
Word = Annotated[str, Field(min_length=1, max_length=60, pattern=_PLAIN)]
Line = Annotated[str, Field(max_length=200, pattern=_PLAIN)]
Uid = Annotated[str, Field(pattern=_UID, json_schema_extra={"format": "uuid"})]
Moment = Annotated[
    str, AfterValidator(_moment), Field(max_length=40, json_schema_extra={"format": "date-time"})
]
