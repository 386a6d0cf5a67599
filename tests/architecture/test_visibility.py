"""No channel shows a row its rule hides: every address, every post, against `see_case` and `see_handover`.

Two tests look from both sides. The wide one reads every answer of every address in the table for the number
of a case the person may not see, so a new page is covered as soon as it has its line. The exact one compares
each channel in CHANNELS with what the rule gives, so that nothing is missing either.
"""

from __future__ import annotations

import io
import zipfile
from typing import NamedTuple

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


CHANNELS = {
}  # fmt: skip


def words_of(response):
    """All text of an answer: a page, a stream, or the sheets inside a workbook."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    if body[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(body)) as book:
            body = b"\n".join(book.read(name) for name in book.namelist())
    return body.decode("utf-8", errors="replace")


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


def test_the_city_of_these_tests_tells_posts_apart(life):
    """Otherwise the tests below would compare nothing."""
    seen = {post: {name for name in life.cases if may_see(life, post, name)} for post in POSTS}
    assert seen == {post: cases for posts, cases in SEES.items() for post in posts.split()}


def test_no_address_shows_a_case_to_somebody_who_may_not_see_it(life, names):
    people, leaks = clients(life), []
    for row in rows():
        path = row["example"].format(**names)
        for post, client in people.items():
            response = client.get(path)
            if response.status_code == 200:
                found = shown(life, words_of(response))
                leaks += [f"{path} as {post}: {name}" for name in found if not may_see(life, post, name)]
    assert leaks == []


def test_no_address_tells_of_a_hand_over(life, names):
    """Its reason, its page and the body it went to are for the desk, auditors and that body."""
    people, leaks = clients(life), []
    signs = ("久拖不改", f"/handovers/{life.handover.pk}/")
    for row in rows():
        path = row["example"].format(**names)
        for post, client in people.items():
            if post != "stranger" and rules.see_handover.allows(life.people[post], life.handover):
                continue
            response = client.get(path)
            if response.status_code == 200 and any(sign in words_of(response) for sign in signs):
                leaks.append(f"{path} as {post}")
    assert leaks == []


@pytest.mark.parametrize("name", CHANNELS)
def test_channel_shows_exactly_what_the_rule_gives(life, names, name):
    channel, wrong = CHANNELS[name], []
    for post, client in clients(life).items():
        response = client.get(channel.path.format(**names))
        if response.status_code != 200:
            continue  # the door; what it does to each post is in addresses.csv
        wanted = {case for case in channel.shows if may_see(life, post, case)}
        found = shown(life, words_of(response))
        if found != wanted:
            wrong.append(f"{post}: {sorted(found)} instead of {sorted(wanted)}")
    assert wrong == []
