"""Where the queue of a phone arrives: records in, one answer with a receipt for each."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpResponse, UnreadablePostError
from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen.faces.field.answers import answered, length_of, phone
from chuangwen.inspections.fieldwork.records import MOST_RECORDS, clock_of
from chuangwen.inspections.fieldwork.taking import Answer, take_all
from chuangwen.kernel.screens.access import SignedIn

MOST_BYTES = 2 * 2**20


@phone("POST")
def send(request: SignedIn) -> HttpResponse:
    """POST /field/send/: records of one phone; each is answered for itself."""
    if length_of(request) > MOST_BYTES:
        return answered({"why": _("一次送得太多，分几次送。")}, 413)
    try:
        told = json.loads(request.body)
    except (ValueError, RecursionError, UnreadablePostError):
        return answered({"why": _("没有收全，再送一次。")}, 400)
    records = told.get("records") if isinstance(told, dict) else None
    if not isinstance(records, list):
        return answered({"why": _("没有收到记录，更新页面再送。")}, 400)
    if len(records) > MOST_RECORDS:
        return answered({"why": _("一次最多 %(n)d 条，分几次送。") % {"n": MOST_RECORDS}}, 413)
    now = timezone.now()
    clock = clock_of(told.get("clock"), now)
    answers = take_all(records, by=request.user, clock=clock)
    return answered(
        {"now": now.isoformat(), "clock_s": clock.seconds, "answers": [_plain(one) for one in answers]}
    )


def _plain(one: Answer) -> dict[str, Any]:
    receipt = None
    if one.receipt is not None:
        receipt = {"hash": one.receipt.hash, "at": one.receipt.at.isoformat(), "number": one.receipt.number}
    return {
        "uid": one.uid, "status": one.status, "receipt": receipt, "why": one.why,
        "wants": [str(uid) for uid in one.wants],
    }  # fmt: skip
