"""Quick entry: photo, a few characters, kind and place make a report; one form for phone and desk."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _

from chuangwen.inspections.fieldwork.doing import note_problem
from chuangwen.kernel.evidence.images import BadPicture
from chuangwen.kernel.models import Place
from chuangwen.kernel.screens.access import SignedIn, page, row_or_404
from chuangwen.kernel.workflow.flow import Refused
from chuangwen.problems import rules
from chuangwen.problems.actions import OutsideCity, Told, join_report, take_report
from chuangwen.problems.forms import DeskReportForm, QuickReportForm
from chuangwen.problems.intake import Hints, hints_for, source_of
from chuangwen.problems.models import Case, Report, State
from chuangwen.problems.photos import MOST_BYTES
from chuangwen.problems.suggesting import kinds
from chuangwen.registers.models import Thing
from chuangwen.registers.patrols import object_of, patroller

MOST_PHOTOS = 6


class Frame:
    """The phone's page or the desk's: their address, form and template."""

    def __init__(self, address: str, form: type[QuickReportForm], template: str) -> None:
        self.address, self.form, self.template = address, form, template


PHONE = Frame("/report/", QuickReportForm, "field/report.html")
DESK = Frame("/cases/new/", DeskReportForm, "field/new_case.html")


@page(rules.report, methods=("GET", "POST"))
def report(request: SignedIn) -> HttpResponse:
    """GET, POST /report/: the phone's page; ?site=CODE (a QR code) or ?look=thing:CODE fills the place."""
    return _entry(request, PHONE)


@page(rules.dispatcher, methods=("GET", "POST"))
def new_case(request: SignedIn) -> HttpResponse:
    """GET, POST /cases/new/: the same at the desk, with source, channel and contact."""
    return _entry(request, DESK)


def _entry(request: SignedIn, frame: Frame) -> HttpResponse:
    if request.method == "POST":
        return _send(request, frame)
    answer = _shown(request, frame, frame.form(initial=_initial(request)))
    patch_cache_control(
        answer, no_store=True
    )  # "back" must not bring the old id again: it would swallow the next report
    return answer


def _initial(request: SignedIn) -> dict[str, Any]:
    """The place a code on the spot or a patrol names: ?site=CODE, or ?look=thing:CODE."""
    row = object_of(str(request.GET.get("look", "")))
    thing = row if isinstance(row, Thing) else None
    place = thing.place if thing else row
    site = place.code if isinstance(place, Place) and place.kind == "site" else request.GET.get("site")
    return {"site": site, "address": request.GET.get("address") or (thing.name if thing else "")}


def _given(form: QuickReportForm, name: str) -> Any:
    """A field's value, whether the form was sent whole or half written."""
    return form.cleaned_data.get(name) if form.is_bound else None


def _hints(request: SignedIn, form: QuickReportForm) -> Hints:
    site = _given(form, "site")
    if not form.is_bound and form.initial.get("site"):
        site = (
            Place.objects.filter(kind="site", code=form.initial["site"], is_active=True)
            .select_related("parent")
            .first()
        )
    return hints_for(
        request.user,
        timezone.now(),
        text=str(form.data.get("what", "")) if form.is_bound else "",
        kind=_given(form, "kind"),
        point=form.point() if form.is_bound and not form.non_field_errors() else None,
        site=site,
        address=_given(form, "address") or "",
    )


@page(rules.report, methods=("POST",))
def suggest(request: SignedIn) -> HttpResponse:
    """POST /report/suggest/: hints for a half-written report; changes nothing."""
    form = DeskReportForm(_data(request))
    form.is_valid()
    context = {
        "hints": _hints(request, form),
        "form": form,
        "chosen": str(request.POST.get("kind", "")),
        "kinds": list(kinds().values()),
    }
    return render(request, "field/_hints.html", context)


def _data(request: SignedIn) -> dict[str, Any]:
    """What was sent, with 其他… in the place of the kind when nothing was picked."""
    data = dict(request.POST.items())
    data["kind"] = data.get("kind_other") or data.get("kind") or ""
    return data


def _send(request: SignedIn, frame: Frame) -> HttpResponse:
    form = frame.form(_data(request))
    photos = [
        *request.FILES.getlist("photos"),
        *request.FILES.getlist("photo"),
    ]  # the second from other systems
    form.is_valid()
    _check_photos(form, photos)
    if not form.errors:
        try:
            return _sent(request, frame, _take(request, form, photos))
        except OutsideCity as fault:
            form.add_error("address", str(fault))
        except BadPicture as fault:
            form.add_error(None, fault.sentence)
        except Refused as fault:
            form.add_error(None, str(fault))
    if request.htmx:
        return render(request, "field/_faults.html", {"form": form}, status=422)
    return _shown(request, frame, form, status=422)


def _check_photos(form: QuickReportForm, photos: list[Any]) -> None:
    if len(photos) > MOST_PHOTOS:
        form.add_error(
            None,
            _("照片有 %(n)d 张，最多 %(most)d 张，去掉几张再报。") % {"n": len(photos), "most": MOST_PHOTOS},
        )
    if any((photo.size or 0) > MOST_BYTES for photo in photos):
        form.add_error(None, _("照片超过 20 MB，缩小后再报。"))


def _source(request: SignedIn, form: QuickReportForm) -> str:
    return str(form.cleaned_data.get("source") or source_of(request.user))


def _take(request: SignedIn, form: QuickReportForm, photos: list[Any]) -> Report:
    data, point = form.cleaned_data, form.point()
    told = Told(
        text=data["what"],
        source=_source(request, form),
        uid=data["uid"] or uuid.uuid4(),
        kind=data["kind"],
        site=data["site"],
        accuracy_m=data["accuracy_m"],
        address=data["address"],
        contact=data.get("contact", ""),
        channel=data.get("channel", ""),
        photos=photos,
        taken_at=data["taken_at"],
    )
    if point:
        told.lon, told.lat, told.datum = point
    if request.POST.get("join"):
        case = row_or_404(rules.see_case, Case.objects.all(), request.user, number=str(request.POST["join"]))
        taken = join_report(case, told, by=request.user)
    else:
        taken = take_report(told, by=request.user)
    if taken.text != told.text:  # the page was opened again from the browser's memory, with its old id
        raise Refused(_("这一页已经报过 %(number)s，刷新后再报新的。") % {"number": taken.case.number})
    note_problem(str(request.POST.get("look", "")), taken, by=request.user)
    return taken


def _sent(request: SignedIn, frame: Frame, taken: Report) -> HttpResponse:
    address = f"{PHONE.address}done/{taken.case.number}/" + ("" if frame is PHONE else "?desk=1")
    if request.htmx:
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return redirect(address)


def _shown(request: SignedIn, frame: Frame, form: QuickReportForm, status: int = 200) -> HttpResponse:
    # As it was sent, to show the form again; a NUL in it is no code and PostgreSQL would not look for it.
    site = str((form.data.get("site") if form.is_bound else form.initial.get("site")) or "").replace("\0", "")
    context = {
        "form": form,
        "frame": frame,
        "hints": _hints(request, form),
        "look": request.GET.get("look") or request.POST.get("look") or "",
        "chosen": str(form.data.get("kind", "")) if form.is_bound else "",
        "site": Place.objects.filter(kind="site", code=site, is_active=True).first() if site else None,
        "kinds": list(kinds().values()),
        "uid": form.data.get("uid") if form.is_bound else uuid.uuid4(),
    }
    return render(request, frame.template, context, status=status)


@page(rules.report)
def done(request: SignedIn, number: str) -> HttpResponse:
    """GET /report/done/<number>/: the receipt, with the number and what happens next."""
    case = row_or_404(
        rules.see_case,
        Case.objects.select_related("suggested_kind", "kind", "street"),
        request.user,
        number=number,
    )
    template = "field/done_desk.html" if request.GET.get("desk") else "field/done.html"
    context = {
        "case": case,
        "may_patrol": patroller.allows(request.user, None),
        "state": State(case.state).label,
        "reports": Report.objects.filter(case=case).order_by()[:100].count(),
    }
    return render(request, template, context)
