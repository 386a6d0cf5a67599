"""Doors as strangers and phones knock at them: each takes words and says what became of them."""

from __future__ import annotations

import datetime as dt
import itertools
import json
import uuid
from types import SimpleNamespace

import pytest
from django.test import Client
from django.utils import timezone

from chuangwen.kernel.people.tokens import make_token

_networks = itertools.count(1)


@pytest.fixture
def elsewhere():
    """An address nobody used before, so that no limit of a network is met."""

    def address():
        n = next(_networks)
        return f"203.{n // 65536 % 256}.{n // 256 % 256}.{n % 256}"

    return address


@pytest.fixture
def keyed(town):
    """keyed(person, *scopes) → a client that shows a key of this person."""

    def make(person, *scopes):
        ends = timezone.localdate() + dt.timedelta(days=9)
        _token, secret = make_token(person, name="示例", scopes=scopes, ends_on=ends, by=person)
        return Client(headers={"Authorization": f"Bearer {secret}"}, raise_request_exception=True)

    return make


@pytest.fixture
def doors(town, elsewhere, keyed):
    """Every door that takes a stranger's or a phone's words, by name: door(text) → the answer."""
    from chuangwen.faces.portal import proof
    from chuangwen.problems.models import Partner

    inspector, dispatcher = town.people["inspector"], town.people["dispatcher"]
    anybody, api, report = Client(), keyed(inspector, "report"), keyed(inspector, "report")
    platform = keyed(dispatcher, "exchange")
    Partner.objects.create(code="p", name="示例平台", person=dispatcher, kinds={"2": "0301"})
    desk, phone = Client(), Client()
    desk.force_login(town.people["office"])
    phone.force_login(town.people["inspector"])

    def portal(text, **more):
        given = {"token": proof.give(0), "proof": "0", "text": text, "address": "人民路 1 号", **more}
        return anybody.post("/p/report/", given, REMOTE_ADDR=elsewhere())

    def idea(text, **more):
        return anybody.post("/p/ideas/", {"uid": uuid.uuid4(), "text": text, **more}, REMOTE_ADDR=elsewhere())

    def open311(text, **more):
        given = {"service_code": "0301", "lat": "34.7601", "long": "113.0", "description": text, **more}
        return report.post("/open311/v2/requests.json", given)

    def v1(text, **more):
        body = {"uid": str(uuid.uuid4()), "what": text, "site": "S1", **more}
        return api.post("/api/v1/cases", json.dumps(body), content_type="application/json")

    def field(*texts, **more):
        now = timezone.now().isoformat()
        records = [
            {"uid": str(uuid.uuid4()), "kind": "report", "at": now, "files": [],
             "given": {"what": text, "site": "S1", **more}} for text in texts
        ]  # fmt: skip
        return phone.post(
            "/field/send/", json.dumps({"clock": now, "records": records}), content_type="application/json"
        )

    def exchange(text, **more):
        params = {
            "TaskNum": uuid.uuid4().hex,
            "MainType": "2",
            "EventDescription": text,
            "EventAddress": "人民路",
            **more,
        }
        body = json.dumps({"function": "TaskDispatch", "params": params})
        return platform.post("/exchange/p/", body, content_type="application/json")

    def orders(*texts, **more):
        body = json.dumps([{"诉求内容": text, **more} for text in texts])
        return platform.post("/exchange/p/orders", body, content_type="application/json")

    def quick(text, **more):
        return phone.post("/report/", {"uid": uuid.uuid4(), "what": text, "address": "人民路 1 号", **more})

    return SimpleNamespace(
        portal=portal, idea=idea, open311=open311, v1=v1, field=field, exchange=exchange, orders=orders, quick=quick,
        anybody=anybody, desk=desk, phone=phone, platform=platform, report=report, api=api,
    )  # fmt: skip
