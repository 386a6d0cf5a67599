"""Fixed queries on PostgreSQL: the server keeps each statement prepared for as long as the connection lives."""

from __future__ import annotations

from typing import Any

from django.db.backends.postgresql.base import ServerBindingCursor

NEVER_BY_ITSELF = 2**31  # the driver prepares only what asks for it, not what was said that often


class _Preparing(ServerBindingCursor):
    def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
        return super().execute(query, params, prepare=True, **options)  # type: ignore[misc]


def preparing_cursor(connection: Any) -> Any:
    """A cursor of this Django connection, logged and wrapped as all are, whose statements the server prepares."""
    connection.ensure_connection()
    raw = connection.connection
    if raw.prepare_threshold is None:  # Django turns preparing off, for its own statements are never the same
        raw.prepare_threshold = NEVER_BY_ITSELF
    return connection._prepare_cursor(_Preparing(raw))  # type: ignore[call-arg]
