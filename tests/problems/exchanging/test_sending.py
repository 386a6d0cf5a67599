"""Sending to a partner that listens: one on this machine, which may fail, be slow to come up, or send us elsewhere."""

from __future__ import annotations

import datetime as dt
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.utils import timezone

from chuangwen.problems.exchanging import sending
from chuangwen.problems.exchanging.giving import put_out
from chuangwen.problems.exchanging.messages import compose
from chuangwen.problems.exchanging.xml_form import read_xml
from chuangwen.problems.models import ExchangeMessage


class Listener(HTTPServer):
    answers: list[int]
    heard: list[tuple[str, dict[str, str], bytes]]


class Ear(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.heard.append((self.path, dict(self.headers), body))
        status = self.server.answers.pop(0) if self.server.answers else 200
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "/elsewhere")
        self.end_headers()

    do_GET = do_POST

    def log_message(self, *args):
        pass


@pytest.fixture
def ear():
    server = Listener(("127.0.0.1", 0), Ear)
    server.answers, server.heard = [], []
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def waiting(platform, town, ear):
    from chuangwen.problems.actions import Told, take_report

    platform.url = f"http://unit:p%40ss@127.0.0.1:{ear.server_port}/in?x=1"
    platform.save()
    case = take_report(Told(text="垃圾桶满溢", lon=113.0, lat=34.7601), by=None).case
    return put_out(
        platform,
        compose("return", {"TaskNum": "7", "RollbackMemo": "不归我们"}),
        case=case,
        entry=None,
        mark="1",
    )


def again(row):
    return ExchangeMessage.objects.get(pk=row.pk)


def test_a_message_is_sent_once(waiting, ear):
    assert sending.send_exchange() == 1 and sending.send_exchange() == 0
    path, headers, body = ear.heard[0]
    assert path == "/in?x=1" and headers["Authorization"].startswith("Basic ")
    assert read_xml(body).message.get("RollbackMemo") == "不归我们"
    assert again(waiting).state == "done" and len(ear.heard) == 1


def test_in_an_envelope_the_account_is_inside(waiting, platform, ear):
    platform.is_soap = True
    platform.save()
    assert sending.send_exchange() == 1
    _path, headers, body = ear.heard[0]
    assert "Authorization" not in headers and headers["Soapaction"] == '""'
    assert read_xml(body)[1:] == (True, "unit", "p@ss")


def test_what_fails_is_tried_again_later_and_in_the_end_left_to_a_person(waiting, ear):
    ear.answers[:] = [500] * 20
    now = timezone.now()
    for _try in range(len(sending.WAITS)):
        sending.send_exchange(now)
        now += dt.timedelta(days=2)
    row = again(waiting)
    assert (row.state, row.tries, row.next_try_at, row.error) == ("failed", 8, None, "对方答 500。")
    assert sending.send_exchange(now) == 0 and len(ear.heard) == 8
    sending.send_again(row)
    ear.answers.clear()
    assert sending.send_exchange(now) == 1 and again(row).state == "done"


def test_no_redirect_is_followed(waiting, ear):
    ear.answers[:] = [302]
    assert sending.send_exchange() == 0
    assert [path for path, _headers, _body in ear.heard] == ["/in?x=1"] and "302" in again(waiting).error


def test_nobody_there_and_no_web_address(waiting, platform, ear):
    platform.url = "http://127.0.0.1:9/"
    platform.save()
    assert sending.send_exchange() == 0 and "连不上" in again(waiting).error
    platform.url = "file:///etc/passwd"
    platform.save()
    assert sending.send_exchange(timezone.now() + dt.timedelta(hours=1)) == 0
    assert "http" in again(waiting).error


def test_two_workers_send_once(waiting, ear):
    row = again(waiting)
    mine = ExchangeMessage.objects.filter(pk=row.pk, next_try_at=row.next_try_at)
    assert mine.update(next_try_at=timezone.now() + sending.LEASE) == 1  # the other one took it
    assert sending.send_exchange() == 0 and ear.heard == []


def test_an_address_is_shown_without_its_account():
    assert sending.shown_url("https://a:b@c.invalid:8/d?e=f#g") == "https://c.invalid:8/d?e=f"
