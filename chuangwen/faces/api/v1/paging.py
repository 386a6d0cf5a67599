"""Pages of a list by key: a cursor says after which row to go on, so that a page costs the same wherever it is."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext as _

from chuangwen.faces.api.v1.faults import Fault, Problem

DEFAULT = 50


def _column(model: type[Model], name: str) -> Any:
    return model._meta.get_field(name.lstrip("-"))


def _written(row: Model, order: tuple[str, ...]) -> str:
    values = [_column(type(row), name).value_to_string(row) for name in order]
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def _read(model: type[Model], order: tuple[str, ...], cursor: str) -> list[Any]:
    try:
        values = json.loads(
            base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        )
        if not isinstance(values, list) or len(values) != len(order):
            raise ValueError
        if not all(isinstance(value, str) and len(value) < 200 for value in values):
            raise ValueError
        return [_column(model, name).to_python(value) for name, value in zip(order, values, strict=True)]
    except (ValueError, binascii.Error, ValidationError, RecursionError) as fault:
        errors = [Fault(("query", "cursor"), "not a cursor of this list")]
        raise Problem(422, _("cursor 不是这个列表给出的。"), errors) from fault


def _after(order: tuple[str, ...], values: list[Any]) -> Q:
    found, same = Q(), Q()
    for name, value in zip(order, values, strict=True):
        field, way = name.lstrip("-"), "lt" if name.startswith("-") else "gt"
        found |= same & Q(**{f"{field}__{way}": value})
        same &= Q(**{field: value})
    return found


def cut(rows: QuerySet[Any], order: tuple[str, ...], cursor: str | None, limit: int | None) -> dict[str, Any]:
    """{"items": rows, "next": cursor or None}; `order` names columns that are never empty, the last one unique."""
    most = limit or DEFAULT
    if cursor:
        rows = rows.filter(_after(order, _read(rows.model, order, cursor)))
    found = list(rows.order_by(*order)[: most + 1])
    is_more = len(found) > most
    return {"items": found[:most], "next": _written(found[most - 1], order) if is_more else None}
