"""Photos: served to who may see their matter, taken in for a case with the truth check said at once."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.db.models import Model
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _

from chuangwen.inspections import rules as round_rules
from chuangwen.inspections.models import Visit
from chuangwen.kernel.evidence import store, voices
from chuangwen.kernel.evidence.images import BadPicture
from chuangwen.kernel.evidence.models import EvidenceRole
from chuangwen.kernel.models import Blob, Evidence
from chuangwen.kernel.people.models import Role
from chuangwen.kernel.people.rules import Rule, holds
from chuangwen.kernel.places.datum import Datum
from chuangwen.kernel.screens.access import SignedIn, page, row_or_404
from chuangwen.kernel.workflow.flow import NotAllowed, Refused
from chuangwen.problems import rules
from chuangwen.problems.forms import PointForm, TakenField
from chuangwen.problems.models import Case, Submission
from chuangwen.problems.photos import add_photo, photos_of_round
from chuangwen.tasks import rules as task_rules
from chuangwen.tasks.models import Task

# What photos hang on → whose rule decides; a subject that is not here is shown to nobody.
SUBJECTS: dict[str, tuple[type[Model], Rule]] = {
    "problems.case": (Case, rules.see_case),
    "problems.submission": (Submission, rules.dispatcher),
    "tasks.task": (Task, task_rules.see_task),
    "inspections.visit": (Visit, round_rules.see_result),
}
ORIGINALS = holds(Role.OFFICE, Role.CLERK, Role.AUDITOR)


@page()
def photo(request: SignedIn, pk: int, form: str) -> HttpResponseBase:
    """GET /evidence/<id>/<thumb|public|original>/: to who may see its matter; a voice note plays as public."""
    found = Evidence.objects.filter(pk=pk).select_related("blob").first()
    if found is None or found.subject not in SUBJECTS or form not in store.KINDS:
        raise Http404
    model, rule = SUBJECTS[found.subject]
    row_or_404(rule, model._default_manager.only("pk"), request.user, pk=found.subject_id)
    if form == "original" and not ORIGINALS.allows(request.user, None):
        raise Http404
    etag = f'"{found.blob.sha256}-{form}"'
    if found.role == EvidenceRole.VOICE and form == "public":
        answer: HttpResponseBase = sound(request, found.blob)
    else:
        answer = get_conditional_response(request, etag=etag) or _file(found, form)
    answer["ETag"], answer["Cache-Control"] = etag, "private, max-age=600"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return answer


def sound(request: SignedIn, blob: Blob) -> HttpResponse:
    """A recording to be played: its type is one of our list, never what the sender said; one range of it where asked."""
    path = store.file_of(blob.sha256, "original")
    if path is None or blob.mime not in voices.MIMES:
        raise Http404
    data = path.read_bytes()
    answer = HttpResponse(data, content_type=blob.mime, headers={"Accept-Ranges": "bytes"})
    told = re.fullmatch(r"bytes=(\d{1,9})-(\d{0,9})", request.headers.get("Range", ""))
    if told and int(told[1]) < len(data):  # some phones play nothing without it
        first, last = int(told[1]), min(int(told[2] or len(data)), len(data) - 1)
        answer = HttpResponse(data[first : last + 1], status=206, content_type=blob.mime)
        answer["Content-Range"] = f"bytes {first}-{last}/{len(data)}"
    return answer


def _file(found: Evidence, form: str) -> FileResponse:
    path = store.file_of(found.blob.sha256, form)
    if path is None:
        raise Http404
    if form == "original":  # as it was sent, whatever a browser would make of it
        return FileResponse(
            path.open("rb"),
            as_attachment=True,
            filename=found.blob.sha256[:16],
            content_type="application/octet-stream",
        )
    return FileResponse(path.open("rb"), content_type="image/jpeg")


class PhotoForm(PointForm):
    """What a phone tells of a photo; its own id makes sending it twice harmless."""

    uid = forms.UUIDField(required=False)
    role = forms.CharField(max_length=10)
    taken_at = TakenField(required=False)


@page(methods=("POST",))
def add(request: SignedIn, number: str) -> HttpResponse:
    """POST /cases/<number>/photos/: one photo more; answers with what was found about it."""
    case = row_or_404(rules.see_case, Case.objects.all(), request.user, number=number)
    form, upload = PhotoForm(request.POST), request.FILES.get("photo")
    role = str(request.POST.get("role", ""))
    if not form.is_valid() or upload is None:
        fault = next(iter(form.errors.values()))[0] if form.errors else _("没有收到照片，重选一张再传。")
        return _shown(request, case, role, str(fault), 422)
    data = form.cleaned_data
    try:
        add_photo(
            case,
            upload,
            role=role,
            by=request.user,
            uid=data["uid"],
            point=form.point(),
            accuracy_m=data["accuracy_m"],
            taken_at=data["taken_at"],
        )
    except BadPicture as fault:
        return _shown(request, case, role, fault.sentence, 422)
    except NotAllowed as fault:
        return _shown(request, case, role, str(fault), 403)
    except Refused as fault:
        return _shown(request, case, role, str(fault), 409)
    return _shown(request, case, role) if request.htmx else redirect(f"{case.get_absolute_url()}#photos")


def _shown(request: SignedIn, case: Case, role: str, fault: str = "", status: int = 200) -> HttpResponse:
    if fault and not request.htmx:
        return render(
            request, "screens/refused.html", {"title": _("照片没有收下"), "what": fault}, status=status
        )
    context: dict[str, Any] = {
        "case": case,
        "role": role,
        "photos": photos_of_round(case, role),
        "fault": fault,
        "datum": Datum.WGS84,
    }
    return render(request, "desk/_photo_part.html", context, status=status)
