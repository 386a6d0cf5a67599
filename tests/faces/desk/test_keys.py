"""Pages of keys and webhooks: made once, shown once, revoked, each with a line of history."""

from __future__ import annotations

import datetime as dt
import re
import uuid

import pytest
from django.utils import timezone

from chuangwen.kernel.models import Delivery, Entry, Token, Webhook
from chuangwen.kernel.people.tokens import make_token, token_of
from chuangwen.kernel.workflow import history, webhooks
from chuangwen.problems.actions import Told, take_report

IN_A_MONTH = timezone.localdate() + dt.timedelta(days=30)


def table(**more):
    return {
        "uid": str(uuid.uuid4()),
        "name": "大屏程序",
        "scopes": ["read"],
        "ends_on": IN_A_MONTH.isoformat(),
        **more,
    }


def signed_in(client, person):
    client.force_login(person)
    return client


def secret_in(answer):
    found = re.search(r'id="secret">([^<]+)<', answer.content.decode())
    return found and found[1]


def test_a_key_is_shown_once_and_works(town, client):
    signed_in(client, town.people["liaison"])
    answer = client.post("/tokens/", given := table())
    secret = secret_in(answer)
    assert answer["Cache-Control"] == "no-store" and token_of(secret, "read").person == town.people["liaison"]
    again = client.post("/tokens/", given)
    assert (again.status_code, secret_in(again), Token.objects.count()) == (409, None, 1)
    assert secret not in client.get("/tokens/").content.decode()
    entry = Entry.objects.get(subject="kernel.token")
    assert entry.by == town.people["liaison"] and secret not in str(entry.given)


def test_the_form_is_filled_in_so_far_as_can_be_known(town, client):
    for path in ("/tokens/", "/webhooks/"):
        text = signed_in(client, town.people["office"]).get(path).content.decode()
        assert re.search(
            r'type="date"[^>]*value="20\d\d-\d\d-\d\d"|value="20\d\d-\d\d-\d\d"[^>]*type="date"', text
        )


WRONG = [{"name": ""}, {"scopes": []}, {"scopes": ["all"]}, {"scopes": ["exchange"]}, {"ends_on": ""},
         {"ends_on": (IN_A_MONTH + dt.timedelta(days=400)).isoformat()}, {"ends_on": "2020-01-01"}]  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_wrong_makes_no_key(town, client, wrong):
    answer = signed_in(client, town.people["liaison"]).post("/tokens/", table(**wrong))
    assert answer.status_code == 422 and "cw-bad" in answer.content.decode()
    assert Token.objects.count() == 0


def test_revoked_by_its_owner_and_by_keepers_only(town, client):
    token, secret = make_token(
        town.people["liaison"], name="甲", scopes=["read"], ends_on=IN_A_MONTH, by=town.people["liaison"]
    )
    for post in ("nobody", "clerk", "leader"):
        assert signed_in(client, town.people[post]).post(f"/tokens/{token.pk}/revoke/").status_code == 404
        assert "甲" not in client.get("/tokens/?all=1").content.decode()
    assert token_of(secret, "read")
    signed_in(client, town.people["admin"])
    assert "甲" in client.get("/tokens/?all=1").content.decode()
    for _turn in range(2):
        assert client.post(f"/tokens/{token.pk}/revoke/").status_code == 302
    assert token_of(secret, "read") is None
    assert [e.step for e in history.changes_of(token)] == ["enter"]
    assert list(history.verify("kernel.token")) == []


def hook(**more):
    return {"uid": str(uuid.uuid4()), "name": "市平台", "url": "https://hook.example.cn/in", "username": "office", "steps": [],
            "ends_on": IN_A_MONTH.isoformat(), **more}  # fmt: skip


def test_a_webhook_is_made_once_paused_and_gone_on_with(town, client):
    signed_in(client, town.people["admin"])
    answer = client.post("/webhooks/", given := hook(steps=["problems.case:pass"]))
    row = Webhook.objects.get()
    assert secret_in(answer) == row.secret and row.steps == ["problems.case:pass"]
    assert client.post("/webhooks/", given).status_code == 409 and Webhook.objects.count() == 1
    assert (
        row.secret
        not in client.get("/webhooks/").content.decode() + client.get(f"/webhooks/{row.pk}/").content.decode()
    )
    for to, is_on in (("pause", False), ("pause", False), ("resume", True)):
        client.post(f"/webhooks/{row.pk}/{to}/")
        row.refresh_from_db()
        assert row.is_on is is_on
    assert [e.step for e in history.changes_of(row)] == ["change", "change", "enter"]
    assert row.secret not in str(list(Entry.objects.filter(subject="kernel.webhook").values()))


BAD = [{"url": "ftp://a.cn/"}, {"url": "http://a b/"}, {"username": "nobody at all"}, {"name": ""}, {"steps": ["x"]},
       {"ends_on": "2020-01-01"}, {"url": "javascript:alert(1)"}]  # fmt: skip


@pytest.mark.parametrize("wrong", BAD)
def test_what_is_wrong_makes_no_webhook(town, client, wrong):
    answer = signed_in(client, town.people["office"]).post("/webhooks/", hook(**wrong))
    assert answer.status_code == 422 and Webhook.objects.count() == 0


def test_deliveries_are_listed_and_sent_again(town, client, settings):
    settings.WEBHOOK_NETWORKS = []
    row = webhooks.make_webhook(
        name="内网", url="http://127.0.0.1:9/", person=town.people["office"], steps=[], ends_on=IN_A_MONTH,
        by=town.people["admin"],
    )  # fmt: skip
    take_report(Told(text="垃圾", lon=113.0, lat=34.7601), by=None)
    assert webhooks.send_due() == (0, 1)
    signed_in(client, town.people["office"])
    text = client.get(f"/webhooks/{row.pk}/").content.decode()
    assert "上报" in text and "内部地址" in text
    assert "内部地址" in client.post(f"/webhooks/{row.pk}/test/").content.decode()
    delivery = Delivery.objects.get()
    assert client.post(f"/webhooks/{row.pk}/deliveries/{delivery.pk}/again/").status_code == 302
    before, delivery = delivery, Delivery.objects.get()
    assert (delivery.tries, delivery.uid) == (0, before.uid) and delivery.next_try_at <= timezone.now()
    assert client.post(f"/webhooks/{row.pk}/deliveries/999/again/").status_code == 404
