"""What a request asks for: jurisdiction, key, and the filters of the list of requests (GeoReport v2, GET requests)."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _

from chuangwen.faces.api.access import person_of, shown_key
from chuangwen.faces.api.open311.answers import Fault
from chuangwen.kernel.city import city
from chuangwen.kernel.models import Person
from chuangwen.kernel.people.token_models import Scope
from chuangwen.kernel.people.tokens import token_of

MOST = 1000  # requests of one answer
SPAN = dt.timedelta(days=90)  # of a list that names no dates, or one only
STATES = ("open", "closed")


@dataclass(frozen=True)
class Asked:
    """Which requests: by ids alone, or by kind, state and days; and which page of them."""

    ids: list[UUID] | None
    codes: list[str]
    states: list[str]
    since: dt.datetime
    until: dt.datetime
    page: int
    size: int


def check_city(given: QueryDict) -> None:
    """Raises Fault 404 for a jurisdiction that is not this city; none named is this one."""
    asked, here = given.get("jurisdiction_id", "").strip(), city()
    if asked and (here is None or asked != here.code):
        raise Fault(404, _("jurisdiction_id “%(id)s” 不是本市的，本市是 %(ours)s；也可以不填。") % {
            "id": asked[:40], "ours": here.code if here else ""})  # fmt: skip


def reader_of(request: HttpRequest) -> Person | None:
    """Whose cases are listed: the person of a key with the scope `read`; a key for reporting alone reads as a stranger.

    Raises BadKey for a key that is neither.
    """
    key = request.GET.get("api_key", "").strip()
    secret = key or shown_key(request)[1]
    if secret and token_of(secret, Scope.READ) is None and token_of(secret, Scope.REPORT) is not None:
        return None
    return person_of(request, Scope.READ, key=key)


def asked_of(given: QueryDict, now: dt.datetime) -> Asked:
    """The filters of a list. Raises Fault 400 for what cannot be read."""
    ids = given.get("service_request_id", "").strip()
    states = _several(given.get("status", ""))
    if not set(states) <= set(STATES):
        raise Fault(400, _("status 只能是 open、closed，或两个用逗号隔开。"))
    since, until = moment(given, "start_date"), moment(given, "end_date")
    if until is None:
        until = now + dt.timedelta(days=1) if since is None else since + SPAN
    since = since or until - SPAN
    if since > until:
        raise Fault(400, _("start_date 晚于 end_date，改过再查。"))
    return Asked(
        ids=_ids(ids) if ids else None, codes=_several(given.get("service_code", "")), states=states, since=since,
        until=until, page=_number(given, "page", 1, 100_000), size=min(MOST, _number(given, "page_size", MOST, 10**9)),
    )  # fmt: skip


def _several(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()][:MOST]


def _ids(text: str) -> list[UUID]:
    """The ids among the words; what is no id cannot be one of ours."""
    found = []
    for word in _several(text):
        if (known := id_of(word)) is not None:
            found.append(known)
    return found


def id_of(text: str) -> UUID | None:
    """The case id from its 32 hex characters; None for anything else."""
    return UUID(text) if re.fullmatch("[0-9a-f]{32}", text) else None


def moment(given: QueryDict, name: str) -> dt.datetime | None:
    """An ISO 8601 moment (without zone: the city's time; a day alone: its beginning); None where none is given."""
    text = given.get(name, "").strip()
    if not text:
        return None
    try:
        # A plus that was not escaped arrives as a space.
        found = parse_datetime(re.sub(r" (\d\d:?\d\d)$", r"+\1", text))
        day = parse_date(text) if found is None else None
    except ValueError:
        found = day = None
    if day is not None:
        found = dt.datetime.combine(day, dt.time())
    if found is None or not 1900 < found.year < 2200:
        raise Fault(400, _("%(name)s 写成 2026-11-22T08:30:00+08:00 这样。") % {"name": name})
    return found if found.tzinfo else timezone.make_aware(found)


def _number(given: QueryDict, name: str, default: int, most: int) -> int:
    text = given.get(name, "").strip()
    if not text:
        return default
    if not re.fullmatch("[0-9]{1,9}", text) or not 1 <= int(text) <= most:
        raise Fault(400, _("%(name)s 是从 1 起的整数。") % {"name": name})
    return int(text)
