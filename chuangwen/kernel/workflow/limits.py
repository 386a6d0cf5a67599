"""How often one address or device may do one thing, without keeping who it was.

What is counted is a hash salted anew each day, so yesterday's counts belong to nobody. IPv6 addresses count by their
/64 network, which one subscriber holds whole.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import ipaddress
from typing import NamedTuple

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from chuangwen.kernel.workflow.arrival_models import PhoneCode, RateCount, SpentProof


class Limit(NamedTuple):
    """At most `most` in one window of `seconds`."""

    most: int
    seconds: int


def veiled(kind: str, value: str, now: dt.datetime | None = None) -> str:
    """The value as it is counted today: an HMAC with a key that changes each day; 64 hex characters."""
    day = timezone.localdate(now).isoformat()
    return hmac.new(
        settings.SECRET_KEY.encode(), f"{day}\0{kind}\0{value}".encode(), hashlib.sha256
    ).hexdigest()


def network_of(address: str) -> str:
    """The network one subscriber holds: an IPv4 address itself, the /64 of an IPv6 one; "" for no address."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, 64), strict=False).network_address)
    return str(found)


def count_of(key: str, seconds: int, now: dt.datetime | None = None) -> int:
    """Counts one more under this key in the window that holds this moment; returns the new count."""
    now = now or timezone.now()
    start = dt.datetime.fromtimestamp(int(now.timestamp()) // seconds * seconds, dt.UTC)
    sql = (
        "INSERT INTO kernel_ratecount (key, since, count) VALUES (%s, %s, 1) "
        "ON CONFLICT (key, since) DO UPDATE SET count = kernel_ratecount.count + 1 RETURNING count"
    )
    with connection.cursor() as cursor:
        moment = connection.ops.adapt_datetimefield_value(start)
        cursor.execute(sql, [key, moment])
        return int(cursor.fetchone()[0])


def is_within(kind: str, value: str, limit: Limit, now: dt.datetime | None = None) -> bool:
    """Counts this one; False once the limit is passed. An empty value (nothing known of the sender) is never limited."""
    return not value or count_of(veiled(kind, value, now), limit.seconds, now) <= limit.most


def first_use(nonce: str) -> bool:
    """Whether this form, puzzle or proof (at most 64 characters) is used for the first time; it counts as used from now on.

    Two at once: one of them is the first. Inside a transaction the use is taken back with it.
    """
    with transaction.atomic():
        made: bool = SpentProof.objects.get_or_create(nonce=nonce)[1]
    return made


def sweep_limits(now: dt.datetime | None = None) -> int:
    """Drops counts, used proofs and phone codes older than two days; returns how many."""
    before = (now or timezone.now()) - dt.timedelta(days=2)
    old = (
        RateCount.objects.filter(since__lt=before),
        SpentProof.objects.filter(at__lt=before),
        PhoneCode.objects.filter(until__lt=before),
    )
    return sum(rows.delete()[0] for rows in old)
