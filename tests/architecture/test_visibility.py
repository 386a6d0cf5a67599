"""No channel shows a row its rule hides: every address, every post, against `see_case` and `see_handover`.

Two tests look from both sides. The wide one reads every answer of every address in the table for the number
of a case the person may not see, so a new page is covered as soon as it has its line. The exact one compares
each channel in CHANNELS with what the rule gives, so that nothing is missing either.
"""

from __future__ import annotations

import io
import json
import zipfile
from contextlib import suppress
from typing import NamedTuple

import pypdfium2
import pytest

from chuangwen.problems import rules
from tests.architecture.test_addresses import POSTS, clients, names, rows

__all__ = ["names"]
ALL = {"ours", "theirs", "covert", "handed", "closed", "reported"}
OPEN = ALL - {"closed"}


class Channel(NamedTuple):
    """An address that lists cases, and which of them it would show to somebody who may see all."""

    path: str
    shows: set[str]
    headers: dict[str, str] = {}


CHANNELS = {
    "list": Channel("/cases/", ALL),
    "list of one state": Channel("/cases/?state=reported", {"covert", "reported"}),
    "workbook": Channel("/cases/export.xlsx", ALL),
    "comma-separated": Channel("/cases/export.csv", ALL),
    "search": Channel("/search/?q=垃圾", ALL - {"theirs"}),
    "map: a tile near by": Channel("/map/cases/{tile18}.json", OPEN),
    "map: the list beside it": Channel("/map/", OPEN),
    "site": Channel("/sites/{site}/", set()),
    "rates: cases of a figure": Channel(
        "/rates/cases/?by=street&rate=filed&side=whole&from={from}&to={to}", ALL
    ),
    "rates: open cases of a kind": Channel("/rates/open/?side=whole&key={kind_id}", OPEN - {"theirs"}),
    "ranking: the rows of a figure": Channel(
        "/rankings/{ranking}/{rank_key}/fixed_in_time/", {"ours", "theirs", "covert", "handed"}
    ),
    "ranking: an objection": Channel("/objections/{objection}/", {"ours", "theirs", "covert", "handed"}),
    "gaps: cases without a unit": Channel("/gaps/case_unit/", {"covert", "reported"}),
    "gaps: the same as a workbook": Channel("/gaps/case_unit/export/", {"covert", "reported"}),
}


def read(client, path, **headers):
    """Status and all text of an answer: a page, a stream, the sheets inside a workbook, what stands in a PDF."""
    response = client.get(path, **headers)
    body = b"".join(response.streaming_content) if response.streaming else response.content
    if body[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(body)) as book:
            body = b"\n".join(book.read(name) for name in book.namelist())
    if body[:5] == b"%PDF-":
        with suppress(pypdfium2.PdfiumError):  # a unit's own file may be anything
            body = "\n".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(body)).encode()
    return response.status_code, body.decode("utf-8", errors="replace")


def may_see(life, post, name):
    return post != "stranger" and rules.see_case.allows(life.people[post], life.cases[name])


def shown(life, text):
    return {name for name, case in life.cases.items() if case.number in text}


# Who sees which of the cases above; written by hand, as everything below leans on it.
SEES = {
    "office clerk dispatcher checker leader auditor": ALL,
    "head liaison": {"ours", "handed", "closed"},
    "inspector grid_keeper": ALL - {"covert"},
    "supervisor": {"handed"},
    "nobody discipline admin": set(),
}


def asked_in(path):
    """What the person typed himself, which a page may say back to him."""
    return path.partition("=")[2] or "\0"


def test_the_city_of_these_tests_tells_posts_apart(life):
    """Otherwise the tests below would compare nothing."""
    seen = {post: {name for name in life.cases if may_see(life, post, name)} for post in POSTS}
    assert seen == {post: cases for posts, cases in SEES.items() for post in posts.split()}


# One post of each kind that is kept from something; who reads everything has nothing to leak.
KEPT_OUT = ("stranger", "nobody", "liaison", "inspector", "supervisor", "discipline", "admin")


def told(life, post, path, text):
    """What an answer tells that this post's rules hide."""
    text = text.replace(asked_in(path), "")
    yield from (name for name in shown(life, text) if not may_see(life, post, name))
    # The reason of a hand-over, its page, and the words for it.
    if post == "stranger" or not rules.see_handover.allows(life.people[post], life.handover):
        yield from (
            sign for sign in ("久拖不改", f"/handovers/{life.handover.pk}/", "外单位") if sign in text
        )


def test_no_address_tells_what_a_rule_hides(life, names):
    people, leaks = clients(life), []
    for row in rows():
        path = row["example"].format(**names)
        for post in KEPT_OUT:
            status, text = read(people[post], path)
            if status == 200:
                leaks += [f"{path} as {post}: {what}" for what in told(life, post, path, text)]
    assert leaks == []


def test_clusters_of_the_map_count_only_what_may_be_seen(life, names):
    people, wrong = clients(life), []
    for post in POSTS:
        _status, text = read(people[post], "/map/cases/{tile10}.json".format(**names))
        count = sum(pin["properties"].get("n", 1) for pin in json.loads(text)["features"])
        if count != sum(may_see(life, post, name) for name in OPEN):
            wrong.append((post, count))
    assert wrong == []


@pytest.mark.parametrize("name", CHANNELS)
def test_channel_shows_exactly_what_the_rule_gives(life, names, name):
    channel, wrong = CHANNELS[name], []
    for post, client in clients(life).items():
        status, text = read(client, channel.path.format(**names), **channel.headers)
        if status != 200:
            continue  # the door; what it does to each post is in addresses.csv
        wanted = {case for case in channel.shows if may_see(life, post, case)}
        found = shown(life, text)
        if found != wanted:
            wrong.append(f"{post}: {sorted(found)} instead of {sorted(wanted)}")
    assert wrong == []
