"""Two phones on one round in a bad network, browsers killed in between: nothing lost, nothing doubled.

CI plays a few schedules; `make storm N=500` plays many and prints a table of what happened.
"""

from __future__ import annotations

import datetime as dt
import os
import time
from collections import Counter
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import Client

from tests.inspections.conftest import ground  # noqa: F401 - a fixture
from tests.storm.fault_proxy import Network
from tests.storm.phone import Phone
from tests.storm.schedule import play

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SEEDS = (3, 7, 11, 19, 23, 42, 57, 101, 256, 404, 1203, 2026)
KILLED = 6  # every so manieth schedule has browsers killed in it
FIRST = int(os.environ.get("STORM_FIRST", "10000"))  # seeds of the long run begin here


def seeds():
    many = int(os.environ.get("STORM", "0"))
    return range(FIRST, FIRST + many) if many else SEEDS


@pytest.fixture
def phones(chromium, live_server, ground, tmp_path):  # noqa: F811
    from chuangwen.kernel.models import Post

    made = []
    at = urlsplit(live_server.url)
    for n, person in enumerate(ground.raters[:2]):
        Post.objects.create(
            person=person, role="grid_keeper", area=ground.town.street, from_on=dt.date(2026, 1, 1)
        )
        client = Client()
        client.force_login(person)
        network = Network((at.hostname, at.port))
        name = settings.SESSION_COOKIE_NAME
        cookie = {"name": name, "value": client.cookies[name].value, "url": network.url}
        made.append(Phone(chromium.browser_type, network, tmp_path / f"phone{n}", person, [cookie]))
    yield made
    for phone in made:
        phone.close()
        phone.network.close()


@pytest.mark.logs_errors  # cut requests are logged as such
def test_nothing_is_lost_and_nothing_doubled(phones, ground):  # noqa: F811
    from chuangwen.kernel.workflow import history

    items = [ground.items["m", way].pk for way in ("pass", "points")]
    began, sums, played, bad = time.monotonic(), Counter(), 0, []
    most_s = float(os.environ.get("STORM_SECONDS", "0")) or None
    for n, seed in enumerate(seeds()):
        if most_s and time.monotonic() - began > most_s:
            break
        outcome = play(seed, phones, ground, items, kills=n % KILLED == KILLED - 1)
        played += 1
        sums += outcome.figures
        bad += [f"seed {seed} lost: {one}" for one in outcome.lost]
        bad += [f"seed {seed} doubled: {one}" for one in outcome.doubled]
        sums["lost"] += len(outcome.lost)
        sums["doubled"] += len(outcome.doubled)
    for phone in phones:
        sums += phone.network.counts
        sums["kills"] += phone.kills
    if os.environ.get("STORM"):
        print(table(played, sums, time.monotonic() - began))
    assert bad == []
    assert played and sums["kept"] + sums["aside"] == sums["records"] and sums["aside"] >= played
    assert [one.what for one in history.verify("inspections.round")] == []


def table(played, sums, seconds):
    """The figures of a run, for people."""
    cut = ("lost_request", "unanswered", "cut_body", "cut_answer", "gateway", "off")
    lines = [
        ("schedules", played), ("records", sums["records"]), ("files", sums["files"]), ("kept", sums["kept"]),
        ("set aside", sums["aside"]), ("requests", sums["requests"]), ("cut or unanswered", sum(sums[one] for one in cut)),
        ("delivered twice", sums["doubled_request"] + sums["twinned"]), ("delivered late", sums["late"]),
        ("slowed", sums["slow"]), ("browsers killed", sums["kills"]), ("lost", sums["lost"]), ("doubled", sums["doubled"]),
        ("seconds", round(seconds)),
    ]  # fmt: skip
    return "\n" + "\n".join(f"{name:<20}{value:>10}" for name, value in lines)
