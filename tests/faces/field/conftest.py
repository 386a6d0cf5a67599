"""A running round with two phones of one team, and what a phone does: send pieces, send records."""

from __future__ import annotations

import hashlib
import json
import uuid

import pytest
from django.test import Client
from django.utils import timezone

from tests.inspections.conftest import ground, planned, running  # noqa: F401 - fixtures


class Phone:
    """One phone as the server sees it: a signed-in client that sends what its queue holds."""

    def __init__(self, person, **options):
        self.person, self.client = person, Client(**options)
        self.client.force_login(person)

    def piece(self, uid, data, start=0, stop=None, *, digest=None, total=None):
        stop = len(data) if stop is None else stop
        part = data[start:stop]
        return self.client.post(
            f"/field/pieces/{uid}/", part, content_type="application/octet-stream",
            headers={
                "Content-Range": f"bytes {start}-{start + len(part) - 1}/{total or len(data)}",
                "X-Sha256": digest or hashlib.sha256(data).hexdigest(),
            },
        )  # fmt: skip

    def file(self, data, role="found", item=None, *, arrives=True, **more):
        """A file as a record names it, its bytes sent before."""
        uid = uuid.uuid4()
        if arrives:
            assert self.piece(uid, data).json() == {"received": len(data), "done": True}
        digest = hashlib.sha256(data).hexdigest()
        return {"uid": str(uid), "role": role, "item": item, "sha256": digest, **more}

    def send(self, *records, clock=None, status=200):
        body = {"clock": (clock or timezone.now()).isoformat(), "records": list(records)}
        answer = self.client.post("/field/send/", json.dumps(body), content_type="application/json")
        assert answer.status_code == status, answer.content.decode()
        return answer.json()["answers"] if status == 200 else answer.json()

    def one(self, record, **more):
        return self.send(record, **more)[0]


def record(kind, given, files=(), at=None, uid=None):
    moment = at or timezone.now()
    return {
        "uid": str(uid or uuid.uuid4()), "kind": kind, "at": moment.isoformat(), "given": given, "files": list(files),
    }  # fmt: skip


@pytest.fixture
def round_of_two(running, ground):  # noqa: F811
    """A running open round whose one team has two members, so two phones hold the same visits."""
    row = running(teams=1)
    row.teams.get().members.add(ground.raters[1])
    return row


@pytest.fixture
def phones(ground):  # noqa: F811
    return Phone(ground.raters[0]), Phone(ground.raters[1])


@pytest.fixture
def visits(round_of_two):
    from chuangwen.inspections.models import Visit

    return list(
        Visit.objects.filter(round=round_of_two).select_related("round", "place").order_by("seq", "pk")
    )


def all_right(visit, **more):
    """What a phone gives for a visit where everything is right."""
    return {"visit": str(visit.uid), "seen": [], "rest": True, **more}


def item_of(visit, way):
    from chuangwen.inspections.checklist import checklist

    return next(item for item in checklist(visit) if item.code.endswith(f"-{way}")).pk
