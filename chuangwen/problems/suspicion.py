"""What speaks against a resident's message, as signs with figures; pure, so that it can be tried on any flood.

A sign alone rarely decides: its points are added up, and from `Bounds.wait_from` on the message waits for a person.
Nothing is ever thrown away by software. The points are our own decision (docs/decisions/0027), not a law of nature:
what is certain not to be a report (links only, one character again and again, outside the city) waits by itself, what
is merely common (a shared network, no place) needs company. Text likeness after A. Broder, "On the resemblance and
containment of documents" (1997): the share of common two-character shingles.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

# Signs. A message's findings are {sign: figure}; labels in `submission_queries.SIGN_WORDS`.
MANY_FROM_NETWORK = "many_from_network"  # messages of this network within an hour, this one included
MANY_FROM_DEVICE = "many_from_device"  # messages of this device within a day, this one included
SAME_TEXT = "same_text"  # earlier messages of the last day with the same words
NEAR_TEXT = "near_text"  # earlier messages of the last day with nearly the same words
SAME_PHOTO = "same_photo"  # photos that were sent before
NO_PLACE = "no_place"
OUTSIDE = "outside"
ONLY_LINK = "only_link"
ONE_CHARACTER = "one_character"
TOO_SHORT = "too_short"
RUSH = "rush"  # messages from everywhere within an hour
FULL = "full"  # taken at once within an hour, when that is the bound

ALIKE = 0.5  # share of common shingles from which two texts are told as one
SHORTEST = 4  # characters that can name a thing and what is wrong with it


class Seen(NamedTuple):
    """An earlier message of the last day, as far as it matters here."""

    text: str
    like: str
    origin: str
    device: str
    minutes_ago: float
    is_taken: bool


@dataclass(frozen=True)
class Message:
    """The message in question; `photos_known` of its `photos` were sent before by somebody."""

    text: str
    has_place: bool = True
    is_outside: bool = False
    photos: int = 0
    photos_known: int = 0
    photo_like: str = ""  # the group of the message that had this photo first
    origin: str = ""
    device: str = ""
    is_phone_checked: bool = False


@dataclass(frozen=True)
class Bounds:
    """From which figures on a sign counts; a city may choose its own (`submitting.bounds`)."""

    wait_from: int = 3
    network_hour: int = 8
    device_day: int = 6
    alike_day: int = 4
    rush_hour: int = 60
    taken_hour: int = 60


@dataclass(frozen=True)
class Judged:
    """Signs with figures, their points, the group of alike messages, and whether a person must look first."""

    findings: dict[str, int] = field(default_factory=dict)
    points: int = 0
    like: str = ""
    waits: bool = False


@lru_cache(maxsize=4096)
def plain(text: str) -> str:
    """The words alone: full and half width made one, digits made 0, no space, no signs, lower case."""
    folded = unicodedata.normalize("NFKC", text).lower()
    return "".join(
        "0" if c.isdigit() else c for c in folded if c.isalnum() or unicodedata.category(c) == "So"
    )


@lru_cache(maxsize=4096)
def shingles(text: str) -> frozenset[str]:
    """Every two neighbouring characters of the plain words; the word itself where it is one character long."""
    words = plain(text)
    return frozenset(words[i : i + 2] for i in range(len(words) - 1)) or frozenset({words} - {""})


def likeness(a: str, b: str) -> float:
    """Share of common shingles (0–1) of two texts; 0 when either says nothing."""
    one, other = shingles(a), shingles(b)
    if 2 * min(len(one), len(other)) < ALIKE * max(len(one), len(other)):
        return 0.0  # far too unlike in length; spares the rest
    common = len(one & other)
    return common / (len(one) + len(other) - common) if common else 0.0


def group_key(text: str) -> str:
    """The name of the group a text begins: 32 hex characters of its plain words' SHA-256."""
    return hashlib.sha256(plain(text).encode()).hexdigest()[:32]


LINK = re.compile(
    r"(?:https?://|www\.)\S+|\b[\w-]+\.(?:com|cn|net|top|xyz|vip|cc|shop|club)\b\S*", re.I | re.A
)
CONTACT_AD = re.compile(r"(?:加?(?:微信|威信|薇信|vx|v信|qq)|扫码|代开|贷款|兼职|刷单|博彩|棋牌)", re.I)


def is_only_link(text: str) -> bool:
    """Links or an advertiser's words, and hardly anything beside them."""
    rest = LINK.sub("", text)
    if rest != text:
        return len(plain(rest)) < 12 or bool(CONTACT_AD.search(rest))
    return len(CONTACT_AD.findall(text)) >= 2


def is_one_character(text: str) -> bool:
    """One or two characters again and again, or nothing that is a word at all."""
    words = plain(text)
    if not words:
        return True
    return len(words) >= 5 and len(set(words)) <= max(2, len(words) // 12)


def judge(message: Message, seen: Sequence[Seen], bounds: Bounds, taken: int | None = None) -> Judged:
    """Weighs a message against those of the last day, newest first; `seen` may be cut at some hundreds.

    `taken` is how many were taken at once within the hour; None: those among `seen`.
    """
    found: dict[str, int] = {}
    points = _by_itself(message, found)
    like, more = _by_likeness(message, seen, bounds, found)
    points += more + _by_number(message, seen, bounds, found)
    if message.is_phone_checked:
        points -= 3
    elif message.photos and not message.photos_known and points < 2 * bounds.wait_from:
        points -= 1  # a photo nobody sent before is some work
    if taken is None:
        taken = sum(1 for row in seen if row.is_taken and row.minutes_ago <= 60)
    if taken >= bounds.taken_hour:
        found[FULL], points = taken, max(points, bounds.wait_from)
    return Judged(found, points, like, points >= bounds.wait_from)


def _by_itself(message: Message, found: dict[str, int]) -> int:
    points = 0
    for sign, holds, worth in (
        (ONLY_LINK, is_only_link(message.text), 5),
        (ONE_CHARACTER, is_one_character(message.text), 5),
        (TOO_SHORT, len(plain(message.text)) < SHORTEST, 2),
        (OUTSIDE, message.is_outside, 4),
        (NO_PLACE, not message.has_place, 1),
    ):
        if holds:
            found[sign], points = 1, points + worth
    return points


def _by_likeness(
    message: Message, seen: Sequence[Seen], bounds: Bounds, found: dict[str, int]
) -> tuple[str, int]:
    """The group of messages alike, and points for being one of many."""
    own, near, same, best, like = plain(message.text), 0, 0, 0.0, ""
    for row in seen:
        share = likeness(message.text, row.text)
        if share < ALIKE:
            continue
        near += 1
        same += plain(row.text) == own
        if share > best:
            best, like = share, row.like
    points = 0
    if near >= bounds.alike_day:
        found[NEAR_TEXT] = near
        points += 3 if near < 5 * bounds.alike_day else 5
    if same >= 2:
        found[SAME_TEXT] = same
        points += 1 if same < bounds.alike_day else 2
    if message.photos_known:
        found[SAME_PHOTO] = message.photos_known
        points += 3
    return like or message.photo_like or group_key(message.text), points


def _by_number(message: Message, seen: Sequence[Seen], bounds: Bounds, found: dict[str, int]) -> int:
    hour = [row for row in seen if row.minutes_ago <= 60]
    points = 0
    for sign, number, most in (
        (
            MANY_FROM_NETWORK,
            1 + sum(1 for r in hour if r.origin == message.origin != ""),
            bounds.network_hour,
        ),
        (MANY_FROM_DEVICE, 1 + sum(1 for r in seen if r.device == message.device != ""), bounds.device_day),
    ):
        if number > most:
            found[sign], points = number, points + (2 if number <= 3 * most else 4)
    if len(hour) >= bounds.rush_hour:
        found[RUSH], points = len(hour), points + 1
    return points


class Row(NamedTuple):
    """A waiting message in the queue: its id, group and what speaks for looking at it soon."""

    pk: int
    like: str
    text: str
    points: int
    has_photo: bool


def groups(rows: Sequence[Row]) -> list[list[Row]]:
    """Waiting messages by group, what is least like the rest first, so that a true one stands out of a flood.

    Order: small groups before large ones, then few points, then those whose words are least like any larger group's.
    Within a group those with a photo and few points come first. Ties by id.
    """
    by_like: dict[str, list[Row]] = {}
    for row in rows:
        by_like.setdefault(row.like, []).append(row)
    heads = sorted(by_like.values(), key=len, reverse=True)[:20]
    samples = [(group[0].like, group[0].text) for group in heads if len(group) > 2]

    def oddness(group: list[Row]) -> float:
        shares = [likeness(group[0].text, text) for like, text in samples if like != group[0].like]
        return round(max(shares, default=0.0), 2)

    for group in by_like.values():
        group.sort(key=lambda row: (not row.has_photo, row.points, row.pk))
    return sorted(
        by_like.values(), key=lambda g: (len(g).bit_length(), oddness(g) >= 0.25, g[0].points, g[0].pk)
    )
