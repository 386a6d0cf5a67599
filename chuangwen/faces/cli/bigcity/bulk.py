"""Rows written fast: COPY on PostgreSQL, executemany on SQLite, with indexes and foreign keys put back
afterwards.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.core.management.color import no_style
from django.db import connection
from django.db.models import Model

Row = tuple[Any, ...]


class Table:
    """One table being filled; `columns` are field names, all other columns get the default of their field.

    Values are given as the database writes them: moments as "2026-11-22 08:30:00" in UTC, ids as numbers,
    JSON as text, truth as 0 or 1.
    """

    def __init__(self, model: type[Model], columns: Sequence[str]) -> None:
        self.model = model
        fields = {field.attname: field for field in model._meta.concrete_fields}
        if unknown := set(columns) - set(fields):
            raise LookupError(f"{model.__name__} has no {', '.join(sorted(unknown))}")
        rest = [f for name, f in fields.items() if name not in columns and not f.primary_key]
        self._tail = tuple(f.get_db_prep_save(f.get_default(), connection) for f in rest)
        self.columns = [*(fields[name].column for name in columns), *(f.column for f in rest)]
        if connection.vendor == "postgresql":
            self._tail = tuple(_plain(value) for value in self._tail)
        self.count = 0

    def write(self, rows: Sequence[Row]) -> None:
        tail = self._tail
        names = ", ".join(f'"{column}"' for column in self.columns)
        table = self.model._meta.db_table
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                end = "".join(f"\t{_text(value)}" for value in tail) + "\n"
                block = "".join("\t".join([_text(value) for value in row]) + end for row in rows)
                with cursor.cursor.copy(f'COPY "{table}" ({names}) FROM STDIN') as copy:
                    copy.write(block)
            else:
                marks = ", ".join("?" * len(self.columns))
                many = (row + tail for row in rows)
                connection.connection.executemany(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', many)
        self.count += len(rows)


def _plain(value: Any) -> Any:
    """Django's wrapped parameters (JSON) as the text COPY takes."""
    return json.dumps(value.obj, ensure_ascii=False) if hasattr(value, "obj") else value


def _text(value: Any) -> str:
    if value is None:
        return "\\N"
    if value is True or value is False:
        return "1" if value else "0"
    text = str(value)
    return (
        text.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t")
        if "\\" in text or "\n" in text
        else text
    )


@contextmanager
def hurry(models: Sequence[type[Model]]) -> Iterator[None]:
    """Without secondary indexes, foreign keys and waits for the disk on these tables; all is put back at
    the end.

    Only for a database that holds nothing to lose: a crash in between leaves it unusable.
    """
    tables = [model._meta.db_table for model in models]
    with connection.cursor() as cursor:
        again = (
            _loosen_postgres(cursor, tables)
            if connection.vendor == "postgresql"
            else _loosen_sqlite(cursor, tables)
        )
        yield
        for statement in again:
            cursor.execute(statement)
        if connection.vendor == "postgresql":
            for statement in connection.ops.sequence_reset_sql(no_style(), models):
                cursor.execute(statement)


def _loosen_sqlite(cursor: Any, tables: list[str]) -> list[str]:
    for pragma in ("foreign_keys=OFF", "journal_mode=MEMORY", "synchronous=OFF", "cache_size=-400000"):
        cursor.execute(f"PRAGMA {pragma}").fetchall()
    marks = ", ".join(["%s"] * len(tables))
    sql = (
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL "
        f"AND tbl_name IN ({marks})"
    )
    found = cursor.execute(sql, tables).fetchall()
    for name, _sql in found:
        cursor.execute(f'DROP INDEX "{name}"')
    back = ["PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "PRAGMA foreign_keys=ON"]
    return [*(sql for _name, sql in found), *back]


def _loosen_postgres(cursor: Any, tables: list[str]) -> list[str]:
    cursor.execute("SET synchronous_commit = off; SET maintenance_work_mem = '512MB'; SET TIME ZONE 'UTC'")
    cursor.execute(
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE contype = 'f' AND conrelid::regclass::text = ANY(%s)", [tables],
    )  # fmt: skip
    keys = cursor.fetchall()
    cursor.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY(%s) AND indexname NOT IN "
        "(SELECT conname FROM pg_constraint) AND schemaname = current_schema()", [tables],
    )  # fmt: skip
    indexes = cursor.fetchall()
    for table, name, _definition in keys:
        cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
    for name, _definition in indexes:
        cursor.execute(f'DROP INDEX "{name}"')
    added = [f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}' for table, name, definition in keys]
    return [*(definition for _name, definition in indexes), *added]
