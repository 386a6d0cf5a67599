"""The page of 随手拍: photo, sentence, place; sent once however often it is tapped, refused without losing a word."""

from __future__ import annotations

import uuid

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chuangwen.faces.portal import proof, sender
from chuangwen.faces.portal.forms import MOST_PHOTOS, ReportForm
from chuangwen.faces.portal.pages import show
from chuangwen.kernel.evidence.images import BadPicture
from chuangwen.kernel.evidence.store import Shot
from chuangwen.kernel.models import Place
from chuangwen.kernel.places.datum import Datum, to_wgs84
from chuangwen.kernel.workflow.limits import is_within
from chuangwen.problems.following import near_public
from chuangwen.problems.models import Publication, PublicationState, Submission
from chuangwen.problems.photos import read_photo
from chuangwen.problems.submitting import Sent, recent_from, secret_of, submit
from chuangwen.problems.suggesting import suggest_kind

Faults = dict[str, str]


@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest) -> HttpResponse:
    """GET, POST /p/report/: a new message; ?join=<public id> says “I see it too”."""
    return _report(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
def report_here(request: HttpRequest, code: str) -> HttpResponse:
    """GET, POST /p/s/<code>/: from the QR code on a bin or board; the place is known."""
    site = Place.objects.filter(kind="site", code=code, is_active=True).first()
    if site is None:
        raise Http404
    return _report(request, site)


def _report(request: HttpRequest, site: Place | None) -> HttpResponse:
    if request.method == "POST":
        return _sent(request, site)
    form = ReportForm(initial={"join": request.GET.get("join", ""), "site": site.code if site else ""})
    token = proof.give(proof.bits_for(recent_from(sender.origin_of(request))))
    return _shown(request, form, token, site)


def _shown(
    request: HttpRequest, form: ReportForm, token: str, site: Place | None,
    faults: Faults | None = None, *, puzzle: bool = False, status: int = 200,
) -> HttpResponse:  # fmt: skip
    """The form with all that was typed; "back" must not bring an id that was used, so no cache keeps it."""
    if request.headers.get("X-Portal") == "fetch":
        return JsonResponse({"faults": faults or {}, "puzzle": puzzle, "token": token}, status=status)
    known = proof.read(token)
    assert known is not None  # we gave it out
    value = {name: form[name].value() or "" for name in form.fields}
    joined = _joined(str(value["join"]))
    context = {
        "form": form, "value": value, "faults": faults or {}, "token": token, "bits": known.bits, "site": site,
        "joined": joined, "needs_puzzle": puzzle, "sum": proof.sum_words(known.uid), "most_photos": MOST_PHOTOS,
        "near": _near_site(site) if site and joined is None else [],
    }  # fmt: skip
    answer = show(request, "portal/report.html", context, status=status)
    patch_cache_control(answer, no_store=True)
    return answer


def _near_site(site: Place) -> list[tuple[Publication, int]]:
    return near_public(site.lon, site.lat, None) if site.lon is not None and site.lat is not None else []


def _joined(given: str) -> Publication | None:
    try:
        uid = uuid.UUID(given)
    except ValueError:
        return None
    rows = Publication.objects.filter(uid=uid, state=PublicationState.PUBLIC, is_open=True)
    return rows.select_related("case").first()


def _sent(request: HttpRequest, site: Place | None) -> HttpResponse:
    form, token = ReportForm(request.POST), request.POST.get("token", "")
    known = proof.read(token)
    if known is None:
        token = proof.give(proof.bits_for(recent_from(sender.origin_of(request))))
        fault = _("这一页开得太久，编号过期了。内容还在，再点一次“上报”。")
        return _shown(request, form, token, site, {"all": fault}, status=422)
    if Submission.objects.filter(uid=known.uid).exists():  # a second tap, or an answer that got lost
        return _go(request, secret_of(known.uid))
    faults = {} if form.is_valid() else {k: str(v[0]) for k, v in form.errors.items()}
    photos = _photos(request, faults)
    if faults:
        if "__all__" in faults:
            faults["all"] = faults.pop("__all__")
        return _shown(request, form, token, site, faults, status=422)
    by_proof = proof.is_worked(token, request.POST.get("proof", ""), known.bits)
    if not by_proof:
        fault_of_puzzle = _puzzle_fault(request, known.uid)
        if fault_of_puzzle:
            return _shown(request, form, token, site, {"puzzle": fault_of_puzzle}, puzzle=True, status=422)
    too_many = sender.too_many(request, not by_proof)
    if too_many:
        return _shown(request, form, token, site, {"all": too_many}, puzzle=not by_proof, status=429)
    name = sender.device(request) or sender.new_device()
    submit(_message(request, form, known.uid, photos, site, name))
    answer = _go(request, secret_of(known.uid))
    sender.remember(request, answer, name)
    return answer


def _photos(request: HttpRequest, faults: Faults) -> list[Shot]:
    found: list[Shot] = []
    for upload in request.FILES.getlist("photo")[:MOST_PHOTOS]:
        try:
            found.append(Shot(read_photo(upload)))
        except BadPicture as fault:
            faults["photo"] = fault.sentence
    return found


def _puzzle_fault(request: HttpRequest, uid: uuid.UUID) -> str | None:
    typed = request.POST.get("puzzle", "")
    if not typed.strip():
        return _("网页没能自己核对，照图填字或答算术题，再点“上报”。")
    if not is_within("puzzle", str(uid), sender.PUZZLE_TRIES):
        return _("填错太多次，重新打开这一页再报；先把写的字复制下来。")
    return None if proof.is_answered(uid, typed) else _("图里的字没对上，再看一遍；看不清就答算术题。")


def _message(
    request: HttpRequest, form: ReportForm, uid: uuid.UUID, photos: list[Shot], site: Place | None, name: str
) -> Sent:
    data, point = form.cleaned_data, form.point()
    place = site or data["site"]
    if point is None and place is None:  # an older picture knows where it was taken
        pictures = (shot.kept[0] for shot in photos)
        point = next(
            ((p.lon, p.lat, Datum.WGS84) for p in pictures if p.lon is not None and p.lat is not None), None
        )
    lon, lat, datum = point or (None, None, Datum.WGS84)
    taken = data["taken_at"]
    return Sent(
        uid=uid, text=data["text"].strip(), kind=data["kind"], site=place, lon=lon, lat=lat, datum=datum,
        accuracy_m=data["accuracy_m"], address=data["address"].strip(), photos=photos, name=data["name"].strip(),
        taken_at=taken if taken and taken <= timezone.now() else None, channel="qr" if site else "portal",
        device=sender.device_of(name), origin=sender.origin_of(request), join=_joined(str(data["join"] or "")),
    )  # fmt: skip


def _go(request: HttpRequest, secret: str) -> HttpResponse:
    to = reverse("portal-follow", args=[secret])
    if request.headers.get("X-Portal") == "fetch":
        return JsonResponse({"to": to})
    answer = HttpResponseRedirect(to)
    answer.status_code = 303
    return answer


@require_POST
def suggest(request: HttpRequest) -> HttpResponse:
    """POST /p/suggest/ with text, point, site: kinds the words may mean and what is told of near by already; a part of a page."""
    if not is_within("suggest", sender.network(request), sender.SUGGESTS_HOUR):
        return HttpResponse(status=204)
    form = ReportForm(request.POST)
    form.is_valid()  # half written: what can be read is read
    data = form.cleaned_data
    text, point = str(data.get("text") or ""), form.point() if "lat" in data and "datum" in data else None
    guesses = (
        [(kind, sure) for kind, sure in suggest_kind(text) if sure >= 0.05] if len(text.strip()) >= 2 else []
    )
    spot = to_wgs84(*point) if point else None
    site = data.get("site")
    if spot is None and site is not None and site.lon is not None:
        spot = (site.lon, site.lat)
    near = near_public(*spot, guesses[0][0] if guesses else None) if spot else []
    context = {
        "kinds": [kind for kind, _sure in guesses],
        "chosen": request.POST.get("kind", ""),
        "near": near,
    }
    return render(request, "portal/_offers.html", context)


@require_safe
def puzzle(request: HttpRequest, token: str) -> HttpResponse:
    """GET /p/puzzle/<pass>.png: the picture with letters of one message."""
    known = proof.read(token)
    if known is None:
        raise Http404
    answer = HttpResponse(proof.picture_of(known.uid), content_type="image/png")
    answer["Cache-Control"] = "no-store, private"
    return answer
