"""The resources of GeoReport v2: discovery, services, service definition, requests, one request, tokens."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen.faces.api.access import BadKey, person_of
from chuangwen.faces.api.case_rows import PublicCases, SeenCases, Shown, cases_for
from chuangwen.faces.api.open311.answers import Answer, Fault, door
from chuangwen.faces.api.open311.asked import Asked, asked_of, check_city, id_of, reader_of
from chuangwen.faces.api.open311.taking import take
from chuangwen.kernel.people.token_models import Scope
from chuangwen.problems.models import Case, CaseKind, Submission
from chuangwen.problems.submitting import by_secret

SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"
CHANGED = "2026-11-23T00:00:00+08:00"  # when these doors last changed


def _iso(moment: dt.datetime | None) -> str | None:
    return timezone.localtime(moment).isoformat(timespec="seconds") if moment else None


@door("GET")
def discovery(request: HttpRequest) -> Answer:
    """GET discovery: where the doors are, in which forms, and how one gets a key."""
    endpoint = {
        "specification": SPECIFICATION, "url": request.build_absolute_uri("/open311/v2"), "changeset": CHANGED,
        "type": "production", "formats": ["text/xml", "application/json"],
    }  # fmt: skip
    data = {
        "changeset": CHANGED, "contact": str(_("接口的事问本市创建办。")),
        "key_service": str(_("上报要令牌（范围“上报问题”），由本市创建办发；读公开的事不用令牌。")),
        "endpoints": [endpoint],
    }  # fmt: skip
    return Answer("discovery", data)


def _service(kind: CaseKind) -> dict[str, Any]:
    return {
        "service_code": kind.code, "service_name": kind.name, "description": kind.open_when, "metadata": False,
        "type": "realtime", "keywords": ", ".join(kind.keywords.split()), "group": kind.group,
    }  # fmt: skip


@door("GET")
def services(request: HttpRequest) -> Answer:
    """GET services: the kinds of problems in use."""
    check_city(request.GET)
    rows = CaseKind.objects.filter(is_active=True).order_by("code")
    return Answer("services", [_service(kind) for kind in rows])


@door("GET")
def service(request: HttpRequest, code: str) -> Answer:
    """GET services/<code>: the definition of one kind; none asks for more than place and words."""
    check_city(request.GET)
    if not CaseKind.objects.filter(is_active=True, code=code).exists():
        raise Fault(404, _("没有 service_code “%(code)s”；能用的见 services.xml。") % {"code": code[:40]})
    return Answer("service_definition", {"service_code": code, "attributes": []})


@door("GET", "POST")
def requests(request: HttpRequest) -> Answer:
    """GET requests: what may be seen, the newest first. POST requests: a new one."""
    return _reported(request) if request.method == "POST" else _listed(request)


def _request(row: Shown, base: str) -> dict[str, Any]:
    """One request; nothing of it names a person."""
    return {
        "service_request_id": row.id.hex, "status": "open" if row.is_open else "closed",
        "status_notes": row.note or None, "service_name": row.kind_name or None, "service_code": row.kind,
        "description": row.what, "agency_responsible": row.unit or None, "service_notice": None,
        "requested_datetime": _iso(row.reported_at), "updated_datetime": _iso(row.updated_at),
        "expected_datetime": _iso(row.expected_at), "address": row.address or None, "address_id": None,
        "zipcode": None, "lat": row.lat, "long": row.lon, "media_url": base + row.picture if row.picture else None,
    }  # fmt: skip


def _listed(request: HttpRequest) -> Answer:
    check_city(request.GET)
    person, asked = reader_of(request), asked_of(request.GET, timezone.now())
    cases = cases_for(person)
    rows = _narrowed(cases, asked).order_by("-reported_at", "-pk")
    first = (asked.page - 1) * asked.size
    found = cases.read(rows[first : first + asked.size])
    base = request.build_absolute_uri("/").rstrip("/")
    return Answer("service_requests", [_request(row, base) for row in found], is_open=person is None)


def _narrowed(cases: PublicCases | SeenCases, asked: Asked) -> QuerySet[Any]:
    """Ids override all else, as GeoReport v2 has it."""
    rows = cases.rows()
    if asked.ids is not None:
        return rows.filter(**{f"{cases.id}__in": asked.ids})
    rows = rows.filter(reported_at__gte=asked.since, reported_at__lte=asked.until)
    if asked.codes:
        rows = rows.filter(kind__code__in=asked.codes)
    if len(set(asked.states)) == 1:
        rows = rows.filter(cases.open) if asked.states[0] == "open" else rows.exclude(cases.open)
    return rows


@door("GET")
def one(request: HttpRequest, id: str) -> Answer:
    """GET requests/<id>: one request; one that may not be seen is not there."""
    check_city(request.GET)
    person, known = reader_of(request), id_of(id)
    if known is None:
        raise Http404
    cases = cases_for(person)
    found = cases.read(cases.rows().filter(**{cases.id: known})) or _merged(cases, known)
    if not found:
        raise Fault(404, _("没有这件，或还没有公开。编号核对后再查。"))
    base = request.build_absolute_uri("/").rstrip("/")
    return Answer("service_requests", [_request(found[0], base)], is_open=person is None)


def _merged(cases: PublicCases | SeenCases, id: UUID) -> list[Shown]:
    """The case this one was merged into, if that may be seen, under the id the sender knows."""
    into = Case.objects.filter(uid=id, merged_into__isnull=False).values("merged_into__uid")
    return [replace(row, id=id) for row in cases.read(cases.rows().filter(**{f"{cases.id}__in": into}))]


def _reported(request: HttpRequest) -> Answer:
    check_city(request.POST)
    person = person_of(request, Scope.REPORT, key=request.POST.get("api_key", "").strip())
    if person is None:
        raise BadKey
    submission, secret, is_link = take(request, person)
    told: dict[str, Any] = _followed(submission) or {"token": secret}
    notices = [_("照片链接不取，照片用 media 字段直接送。")] if is_link else []
    if "token" in told:
        notices.insert(0, _("等人看过再受理；用 token 查编号。"))
    told |= {"service_notice": " ".join(notices) or None, "account_id": None}
    return Answer("service_requests", [told], is_open=False)


def _followed(submission: Submission) -> dict[str, str] | None:
    case = submission.case if submission.report_id else None
    return {"service_request_id": case.uid.hex} if case is not None else None


@door("GET")
def token(request: HttpRequest, token: str) -> Answer:
    """GET tokens/<token>: the id of the request once it is taken in; until then the token alone.

    An empty element would be read as an id by some clients, so there is none.
    """
    check_city(request.GET)
    submission = by_secret(token)
    if submission is None or submission.channel != "open311":
        raise Http404
    return Answer("service_requests", [{**(_followed(submission) or {}), "token": token}], is_open=False)
