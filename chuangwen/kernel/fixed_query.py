"""Queries of fixed shape whose SQL is made once per process: the ORM's work of every request, done once.

Building a wide SELECT costs the ORM more than the database needs to answer it (docs/decisions/0002), so the pages
asked most keep the SQL of their few fixed queries. The rows come out as the queryset itself would give them.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Hashable
from typing import Any, Generic, NamedTuple, TypeVar

from django.db import connection
from django.db.models import Model, QuerySet
from django.db.models.query import ModelIterable, ValuesListIterable, get_related_populators

R = TypeVar("R")


class _Slot(NamedTuple):
    name: str


class _Plan(NamedTuple):
    sql: str
    params: tuple[Any, ...]  # a _Slot where a value goes
    compiler: Any
    converters: list[Any]
    build: Callable[[Any], Any]


def _examples(slots: dict[str, type]) -> dict[str, Any]:
    """A value for each slot that no query has of its own; one of them found in the SQL's parameters marks the slot."""
    made: dict[str, Any] = {}
    for at, (name, kind) in enumerate(slots.items(), 1):
        made[name] = {
            int: 2_000_000_011 + at,  # fits a 32-bit column too
            str: f"\u2063slot {at}",
            dt.date: dt.date(1, 1, 1) + dt.timedelta(days=at),
            dt.datetime: dt.datetime(1902, 1, 1, tzinfo=dt.UTC) + dt.timedelta(days=at),
            uuid.UUID: uuid.UUID(int=0xC0FFEE00 + at),
        }[kind]
    return made


def _adapted(value: Any) -> Any:
    """The value as the ORM hands it to this engine."""
    if isinstance(value, dt.datetime):
        return connection.ops.adapt_datetimefield_value(value)
    if isinstance(value, dt.date):
        return connection.ops.adapt_datefield_value(value)
    if isinstance(value, uuid.UUID) and not connection.features.has_native_uuid_field:
        return value.hex
    return value


def _cursor() -> Any:
    """The connection's cursor; on PostgreSQL one that has the statement parsed once per connection."""
    if connection.vendor != "postgresql" or connection.queries_logged:  # a log must show the whole statement
        return connection.cursor()
    from chuangwen.kernel.fixed_postgresql import preparing_cursor  # its driver is not there on SQLite

    return preparing_cursor(connection)


class FixedQuery(Generic[R]):
    """`FixedQuery(lambda pk, day: Duty.objects.filter(...), pk=int, day=dt.date)`; call it with the same names.

    `rows` gets one plain value per slot and must give a queryset of models (with select_related, only, defer, order
    and limit) or a flat-less `values_list`, whose shape does not depend on the values. No slot may be None, and a
    value must not be changed by its column (text, whole numbers, moments and ids are not). Raises TypeError at first
    use when a slot does not reach the SQL as it is.
    """

    def __init__(self, rows: Callable[..., QuerySet[Any, R]], **slots: type) -> None:
        self.rows, self.slots = rows, slots
        self._plans: dict[str, _Plan] = {}

    def __call__(self, **values: Any) -> list[R]:
        plan = self._plans.get(connection.vendor)
        if plan is None:
            plan = self._plans[connection.vendor] = self._planned()
        params = [_adapted(values[part.name]) if isinstance(part, _Slot) else part for part in plan.params]
        with _cursor() as cursor:
            cursor.execute(plan.sql, params)
            found = cursor.fetchall()
        if plan.converters:
            found = list(plan.compiler.apply_converters(found, plan.converters))
        return [plan.build(row) for row in found]

    def one(self, **values: Any) -> R | None:
        """The first row or None."""
        found = self(**values)
        return found[0] if found else None

    def _planned(self) -> _Plan:
        examples = _examples(self.slots)
        rows = self.rows(**examples)
        compiler = rows.query.get_compiler(connection=connection)
        sql, params = compiler.as_sql()
        slots = {_adapted(example): _Slot(name) for name, example in examples.items()}
        marked = tuple(slots.get(param, param) if isinstance(param, Hashable) else param for param in params)
        if {part.name for part in marked if isinstance(part, _Slot)} != set(self.slots):
            raise TypeError(f"a slot of {sorted(self.slots)} does not reach the SQL as it is: {sql}")
        converters = compiler.get_converters(e[0] for e in compiler.select)
        return _Plan(sql, marked, compiler, converters, _builder(rows, compiler))


def _builder(rows: QuerySet[Any, Any], compiler: Any) -> Callable[[Any], Any]:
    """Makes one row of the answer from one row of the cursor, as the queryset's own iterator does."""
    if rows._iterable_class is ValuesListIterable:
        return tuple
    if rows._iterable_class is not ModelIterable or compiler.annotation_col_map:
        raise TypeError("only rows of models and values_list without annotations can be prepared")
    info = compiler.klass_info
    columns = info["select_fields"]
    start, end = columns[0], columns[-1] + 1
    model: type[Model] = info["model"]
    names = [field[0].target.attname for field in compiler.select[start:end]]
    # The stubs describe a later Django, where this takes one argument more.
    related = get_related_populators(info, compiler.select, rows.db)  # type: ignore[call-arg]

    def build(row: Any) -> Any:
        made = model.from_db(rows.db, names, row[start:end])
        for populator in related:
            populator.populate(row, made)
        return made

    return build
