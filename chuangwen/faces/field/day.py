"""The day as the phone takes it along: one answer, and no answer where nothing changed."""

from __future__ import annotations

import hashlib

from django.http import HttpResponse
from django.middleware.csrf import get_token
from django.utils import timezone
from django.utils.cache import get_conditional_response

from chuangwen.faces.field.answers import answered, phone
from chuangwen.inspections.fieldwork.day import day_of
from chuangwen.kernel.screens.access import SignedIn
from chuangwen.kernel.workflow import history


@phone("GET")
def day(request: SignedIn) -> HttpResponse:
    """GET /field/day.json: the day of this person; If-None-Match with the last ETag gives 304 while it is the same."""
    now = timezone.now()
    found = day_of(request.user, now)
    etag = f'W/"{hashlib.sha256(history.canonical(found)).hexdigest()[:32]}"'
    unchanged = get_conditional_response(request, etag=etag)
    token = get_token(request)  # also keeps the cookie alive
    answer = unchanged or answered({"now": now.isoformat(), "csrf": token, **found})
    answer["ETag"] = etag
    return answer
