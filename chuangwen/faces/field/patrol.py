"""一日两巡 on the phone: what to look at today, one tap when all is well, quick entry when not."""

from __future__ import annotations

import uuid

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from chuangwen.kernel.screens.access import SignedIn, page
from chuangwen.registers.patrols import in_reach, looks_today, note_round, object_of, patroller


@page(patroller)
def patrol(request: SignedIn) -> HttpResponse:
    """GET /patrol/: things and sites due for a look today, with how many looks were taken."""
    now = timezone.now()
    looks = looks_today(request.user, now)
    done = sum(look.done >= look.wanted for look in looks)
    return render(request, "field/patrol.html", {"looks": looks, "done": done, "now": now})


@page(patroller, methods=("POST",))
def fine(request: SignedIn) -> HttpResponse:
    """POST /patrol/fine/: 都正常, once per tap; the same uid again changes nothing."""
    row, now = object_of(str(request.POST.get("key", ""))), timezone.now()
    if row is None or not in_reach(request.user, row, timezone.localdate(now)):
        raise Http404
    try:
        uid = uuid.UUID(str(request.POST.get("uid", "")))
    except ValueError:
        uid = uuid.uuid4()
    taken = note_round(row, by=request.user, at=now, uid=uid, is_fine=True)
    if not request.htmx:
        return redirect("/patrol/")
    return render(request, "field/_looked.html", {"row": row, "round": taken})
