"""Webhooks over a real socket: what is signed, in which order, after a failure, after a crash, and who hears nothing."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.utils import timezone

from chuangwen.kernel.models import Delivery, Entry, Post, Webhook
from chuangwen.kernel.workflow import outgoing, webhooks
from chuangwen.kernel.workflow.flow import Refused
from chuangwen.problems.actions import Told, confirm_case, hand_over, take_report
from chuangwen.problems.flow import CaseFlow


class Receiver(HTTPServer):
    """Keeps what it was sent; answers with the statuses in `answers`, then 200."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.got, self.answers = [], []
        self.url = f"http://127.0.0.1:{self.server_port}/hook?a=1"


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((self.path, dict(self.headers), body))
        self.send_response(self.server.answers.pop(0) if self.server.answers else 200)
        self.send_header("Location", "http://127.0.0.1:1/elsewhere")
        self.end_headers()

    def log_message(self, *args):
        pass


@pytest.fixture
def receiver(settings):
    settings.WEBHOOK_NETWORKS = ["127.0.0.0/8"]
    server = Receiver()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def hook(town, receiver):
    def make(person="clerk", steps=(), url=receiver.url):
        return webhooks.make_webhook(
            name="大屏", url=url, person=town.people[person], steps=steps, by=town.people["admin"],
            ends_on=timezone.localdate() + dt.timedelta(days=30),
        )  # fmt: skip

    return make


def reported(source="patrol"):
    return take_report(Told(text="张三家门口垃圾", lon=113.0, lat=34.7601, source=source), by=None).case


def bodies(receiver):
    return [json.loads(body) for _path, _headers, body in receiver.got]


def test_each_step_is_sent_once_signed_and_names_nobody(town, receiver, hook):
    row = hook()
    case = confirm_case(reported(), by=town.people["dispatcher"])
    assert webhooks.send_due() == (4, 0)
    assert webhooks.send_due() == (0, 0)
    said = bodies(receiver)
    assert [one["step"] for one in said] == ["report", "verify", "file", "dispatch"]
    assert [(one["from"], one["to"]) for one in said][-1] == ("filed", "assigned")
    assert {one["case"]["number"] for one in said} == {case.number}
    path, headers, body = receiver.got[0]
    moment, made = (part.split("=")[1] for part in headers["X-Chuangwen-Signature"].split(","))
    wanted = hmac.new(row.secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    assert (path, made) == ("/hook?a=1", wanted)
    assert headers["X-Chuangwen-Delivery"] == said[0]["id"] == str(Delivery.objects.earliest("pk").uid)
    assert "张三" not in str(said) and "示例" not in str(said) and "113" not in str(said)


def test_only_the_steps_asked_for(town, receiver, hook):
    hook(steps=["problems.case:dispatch"])
    confirm_case(reported(), by=town.people["dispatcher"])
    webhooks.send_due()
    assert [one["event"] for one in bodies(receiver)] == ["problems.case:dispatch"]


def test_a_step_taken_back_is_never_told(town, receiver, hook):
    hook()
    case = reported()
    with pytest.raises(Refused):
        CaseFlow.take(case, "accept", by=town.people["liaison"])
    assert [row.entry.step for row in Delivery.objects.all()] == ["report"]


def test_after_a_failure_it_comes_again_later_and_what_follows_waits(town, receiver, hook):
    hook()
    receiver.answers = [500]
    confirm_case(reported(), by=town.people["dispatcher"])
    now = timezone.now()
    assert webhooks.send_due(now) == (0, 1)
    assert webhooks.send_due(now) == (0, 0)
    row = Delivery.objects.earliest("pk")
    assert (row.status, row.error, row.tries) == (500, "HTTP 500", 1)
    assert dt.timedelta(seconds=25) < row.next_try_at - now < dt.timedelta(minutes=1)
    for minutes in (1, 2, 3, 4):
        webhooks.send_due(now + dt.timedelta(minutes=minutes))
    said = bodies(receiver)
    assert [one["step"] for one in said] == ["report", "report", "verify", "file", "dispatch"]
    assert said[0] == said[1]


def test_a_redirect_is_not_followed_and_counts_as_a_failure(town, receiver, hook):
    hook()
    receiver.answers = [302]
    reported()
    assert webhooks.send_due() == (0, 1)
    assert len(receiver.got) == 1


def test_killed_between_sending_and_noting_it_is_sent_again_with_the_same_id(
    town, receiver, hook, monkeypatch
):
    hook()
    reported()
    send = webhooks._send

    def killed(*args):
        send(*args)
        raise KeyboardInterrupt

    monkeypatch.setattr(webhooks, "_send", killed)
    with pytest.raises(KeyboardInterrupt):
        webhooks.send_due()
    monkeypatch.setattr(webhooks, "_send", send)
    webhooks.send_due(timezone.now() + dt.timedelta(minutes=1))
    ids = [headers["X-Chuangwen-Delivery"] for _path, headers, _body in receiver.got]
    assert len(ids) == 2 and len(set(ids)) == 1
    assert webhooks.send_due(timezone.now() + dt.timedelta(days=1)) == (0, 0)


def test_given_up_after_a_day_and_sent_again_by_hand(town, receiver, hook):
    hook()
    reported()
    receiver.answers = [503, 503]
    webhooks.send_due()
    webhooks.send_due(timezone.now() + dt.timedelta(hours=25))
    row = Delivery.objects.get()
    assert (row.next_try_at, row.sent_at, row.error) == (None, None, "HTTP 503")
    webhooks.send_again(row)
    assert webhooks.send_due() == (1, 0)


def test_an_address_that_does_not_answer_holds_up_its_own_messages_only(town, receiver, hook):
    dead = hook(url="http://127.0.0.1:9/")
    alive = hook()
    reported()
    reported()
    assert webhooks.send_due() == (2, 1)
    assert Delivery.objects.filter(webhook=dead, next_try_at__gt=timezone.now()).count() == 2
    assert Delivery.objects.filter(webhook=alive, sent_at__isnull=False).count() == 2


def test_who_may_not_see_a_case_hears_nothing_of_it(town, receiver, hook):
    hook("inspector")
    reported(source="covert")
    assert Delivery.objects.count() == 0
    reported()
    assert webhooks.send_due() == (1, 0)


@pytest.mark.parametrize("change", ["person", "post", "off", "ended"])
def test_revoked_between_the_step_and_the_sending_hears_nothing(town, receiver, hook, change):
    row, person = hook(), town.people["clerk"]
    reported()
    if change == "person":
        person.is_active = False
        person.save()
    elif change == "post":
        Post.objects.filter(person=person).update(to_on=timezone.localdate() - dt.timedelta(days=1))
    elif change == "off":
        webhooks.set_on(row, False, by=town.people["admin"])
    else:
        Webhook.objects.update(ends_on=timezone.localdate() - dt.timedelta(days=1))
    webhooks.send_due()
    assert receiver.got == [] and Delivery.objects.get().next_try_at is None


def test_a_hand_over_is_told_in_neutral_words(town, receiver, hook):
    hook()
    case = confirm_case(reported(), by=town.people["dispatcher"])
    hand_over(case, kind="supervision", to_unit=town.units["dcj"], reason="久拖", by=town.people["clerk"])
    told = Delivery.objects.latest("pk").body
    assert told["step"] == "pause" and "久拖" not in str(told) and "dcj" not in str(told)


def test_no_query_where_there_is_no_webhook(town, django_assert_num_queries):
    case = reported()
    with django_assert_num_queries(0):
        webhooks._write(case, Entry(step="accept"), None)


PRIVATE = [
    "127.0.0.1",
    "10.1.2.3",
    "192.168.1.1",
    "169.254.169.254",
    "0.0.0.0",
    "224.0.0.1",
    "::1",
    "fe80::1",
    "::ffff:10.0.0.1",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_inside_addresses_are_closed_unless_the_installation_opens_them(settings, address):
    settings.WEBHOOK_NETWORKS = []
    assert not outgoing.may_reach(address)
    assert outgoing.may_reach("114.114.114.114")
    settings.WEBHOOK_NETWORKS = ["10.0.0.0/8"]
    assert outgoing.may_reach(address) == ("10." in address)


def test_a_name_that_leads_inside_is_refused(town, settings):
    settings.WEBHOOK_NETWORKS = []
    with pytest.raises(outgoing.BadAddress, match="内部地址"):
        outgoing.post("http://localhost:9/", b"{}", {})


BAD = [
    "ftp://a.cn/",
    "file:///etc/passwd",
    "http://",
    "//a.cn",
    "http://u:p@a.cn/",
    "http://a.cn/a b",
    "http://a.cn:99999/",
    "https://例.cn/",
]


@pytest.mark.parametrize("url", BAD)
def test_addresses_that_are_none_are_refused(db, url):
    with pytest.raises(outgoing.BadAddress):
        outgoing.target_of(url)
