"""Sessions in the database, their row read by a fixed query: every request of a signed-in person asks it."""

from __future__ import annotations

import datetime as dt

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.models import Session
from django.utils import timezone

from chuangwen.kernel.fixed_query import FixedQuery

_living = FixedQuery(
    lambda key, now: Session.objects.filter(session_key=key, expire_date__gt=now), key=str, now=dt.datetime
)


class SessionStore(DatabaseStore):
    """Django's store of sessions in the database."""

    def _get_session_from_db(self) -> Session | None:
        found = _living.one(key=self.session_key, now=timezone.now()) if self.session_key else None
        if found is None:
            self._session_key = None
        return found
