"""The OpenRosa doors: the list of forms, a form, its files, and where filled-in forms are sent.

Source: OpenRosa Form List, Form Manifest and Form Submission API 1.0.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import escape

from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen.faces.api.openrosa.doors import MOST_POST, XML, answer, door
from chuangwen.inspections.fieldwork.records import Clock, clock_of
from chuangwen.inspections.form_catalogue import Form, forms_of, xml_of
from chuangwen.inspections.form_intake import BAD, MOST_FILE, TOO_LARGE, take_post
from chuangwen.inspections.form_reading import MOST_XML
from chuangwen.kernel.people.models import Person

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
SUBMITTED = "xml_submission_file"
INCOMPLETE = "*isIncomplete*"


@door("GET", "HEAD")
def form_list(request: HttpRequest, person: Person) -> HttpResponse:
    """GET /openrosa/formList: the forms of the visits this person's teams still owe; ?formID= one of them, ?verbose=true."""
    wanted, verbose = request.GET.get("formID"), request.GET.get("verbose") == "true"
    rows = [form for form in forms_of(person) if not wanted or form.form_id == wanted]
    inside = "".join(_listed(request, form, verbose) for form in rows)
    return _xml(f'{HEAD}<xforms xmlns="http://openrosa.org/xforms/xformsList">{inside}</xforms>')


def _listed(request: HttpRequest, form: Form, verbose: bool) -> str:
    told = {
        "formID": form.form_id, "name": form.title, "majorMinorVersion": "", "version": form.xlsform().version,
        "hash": _hash(xml_of(form).encode()),
        "descriptionText": _("还要去 %(n)d 处。") % {"n": len(form.visits)} if verbose else "",
        "downloadUrl": _address(request, form.form_id, "form.xml"),
        "manifestUrl": _address(request, form.form_id, "manifest"),
    }  # fmt: skip
    return f"<xform>{''.join(_tag(name, value) for name, value in told.items() if value)}</xform>"


@door("GET", "HEAD")
def form(request: HttpRequest, person: Person, form_id: str) -> HttpResponse:
    """GET /openrosa/forms/<form_id>/form.xml: the form itself."""
    row = _form(person, form_id)
    return _xml(xml_of(row)) if row else _none()


@door("GET", "HEAD")
def manifest(request: HttpRequest, person: Person, form_id: str) -> HttpResponse:
    """GET /openrosa/forms/<form_id>/manifest: the files that come with the form, made for this person."""
    row = _form(person, form_id)
    if row is None:
        return _none()
    inside = "".join(
        f"<mediaFile>{_tag('filename', name)}{_tag('hash', _hash(data))}"
        f"{_tag('downloadUrl', _address(request, form_id, name))}</mediaFile>"
        for name, data in row.media().items()
    )
    return _xml(f'{HEAD}<manifest xmlns="http://openrosa.org/xforms/xformsManifest">{inside}</manifest>')


@door("GET", "HEAD")
def media(request: HttpRequest, person: Person, form_id: str, name: str) -> HttpResponse:
    """GET /openrosa/forms/<form_id>/<name>: one of these files."""
    row = _form(person, form_id)
    data = row.media().get(name) if row else None
    return _none() if data is None else HttpResponse(data, content_type="text/csv; charset=utf-8")


@door("HEAD", "POST")
def submission(request: HttpRequest, person: Person) -> HttpResponse:
    """HEAD, POST /openrosa/submission: takes a filled-in form, in as many posts as the phone needs.

    201 taken (or set aside, as the sentence says), 202 was here already, 400 no form, 404 no such form, 409 the same id
    with other content, 413 too large, 423 the round is over.
    """
    if request.method == "HEAD":
        response = HttpResponse(status=204)
        response.headers["Location"] = request.build_absolute_uri("/openrosa/submission")
        return response
    try:
        taken = _posted(request, person)
    except (MultiPartParserError, RequestDataTooBig, SuspiciousOperation, BadRequest):
        return answer(_("送来的内容不完整或太大，再发一次。"), BAD)
    taken.headers["Location"] = request.build_absolute_uri("/openrosa/submission")
    return taken


def _posted(request: HttpRequest, person: Person) -> HttpResponse:
    if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_POST:
        return answer(_("一次发得太多，让手机分几次发。"), TOO_LARGE)
    files = request.FILES
    main = files.get(SUBMITTED)
    xml = main.read(MOST_XML + 1) if main else request.POST.get(SUBMITTED, "").encode()
    if not xml:
        return answer(_("没有收到表单（xml_submission_file）。"), BAD)
    sent: dict[str, Any] = {}
    for key in files:
        for file in files.getlist(key):
            if key != SUBMITTED and (file.size or 0) > MOST_FILE:
                words = {"name": file.name, "limit": MOST_FILE // 2**20}
                return answer(_("%(name)s超过 %(limit)s MB 的上限，缩小后再发。") % words, TOO_LARGE)
            if key != SUBMITTED:
                sent[str(file.name)] = file.chunks()
    is_last = request.POST.get(INCOMPLETE, "").lower() not in ("yes", "true")
    taken = take_post(xml, sent, by=person, clock=_clock(request), is_last=is_last)
    return answer(taken.message, taken.status)


def _clock(request: HttpRequest) -> Clock:
    """The phone's clock, which it tells with every request."""
    now = timezone.now()
    try:
        told = parsedate_to_datetime(request.headers.get("Date", ""))
        return clock_of(told.replace(tzinfo=told.tzinfo or dt.UTC).isoformat(), now)
    except (TypeError, ValueError, OverflowError):
        return Clock(now)


def _form(person: Person, form_id: str) -> Form | None:
    return next((form for form in forms_of(person) if form.form_id == form_id), None)


def _none() -> HttpResponse:
    return answer(_("没有这份表单，刷新表单列表。"), 404)


def _xml(text: str) -> HttpResponse:
    return HttpResponse(text, content_type=XML)


def _tag(name: str, value: str) -> str:
    return f"<{name}>{escape(value)}</{name}>"


def _hash(data: bytes) -> str:
    return "md5:" + hashlib.md5(data, usedforsecurity=False).hexdigest()


def _address(request: HttpRequest, form_id: str, name: str) -> str:
    return request.build_absolute_uri(f"/openrosa/forms/{quote(form_id)}/{quote(name)}")
