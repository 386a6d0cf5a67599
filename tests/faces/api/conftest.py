"""Keys for the doors for programs."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from chuangwen.kernel.people.tokens import make_token


@pytest.fixture
def key():
    """key(person, *scopes) → a secret in force for a month."""

    def make(person, *scopes, days=30):
        ends_on = timezone.localdate() + dt.timedelta(days=days)
        return make_token(person, name="示例", scopes=scopes or ("read",), ends_on=ends_on, by=person)[1]

    return make


class Caller:
    """A client that shows a key and nothing else."""

    def __init__(self, client, secret):
        self.client, self.headers = client, {"Authorization": f"Bearer {secret}"}

    def get(self, path, **data):
        return self.client.get(f"/api/v1/{path}", data, headers=self.headers)

    def post(self, path, body):
        return self.client.post(
            f"/api/v1/{path}", body, content_type="application/json", headers=self.headers
        )

    def form(self, path, **data):
        return self.client.post(f"/api/v1/{path}", data, headers=self.headers)


@pytest.fixture
def caller(client, key):
    """caller(person, *scopes) → somebody who asks with a key of this person."""
    return lambda person, *scopes: Caller(client, key(person, *scopes))
