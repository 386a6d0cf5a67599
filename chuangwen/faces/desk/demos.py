"""Demonstration sites by trade (row 55): the practice shown, the observation meetings, who took it over."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q, Sum
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen.faces.desk.changes import change_lines, save_logged
from chuangwen.faces.desk.rows import dress
from chuangwen.faces.desk.task_forms import AdoptionForm, DemoForm, VisitForm
from chuangwen.faces.desk.tasks import sections
from chuangwen.kernel.screens.access import SignedIn, page
from chuangwen.registers.models import Fact
from chuangwen.tasks import rules
from chuangwen.tasks.models import Adoption, AdoptionState, Demo, DemoVisit

FACTS = "55"  # the mechanism whose figures were published, shown beside our own


@page(rules.read)
def overview(request: SignedIn) -> HttpResponse:
    """GET /demos/: every site with its visits and how far its practice went, by trade."""
    ours: Any = {
        "is_adopted": Count("adoptions", filter=Q(adoptions__state=AdoptionState.ADOPTED), distinct=True)
    }
    rows: list[Any] = list(
        Demo.objects.select_related("place", "unit")
        .annotate(meetings=Count("visits", distinct=True), asked=Count("adoptions", distinct=True), **ours)
        .order_by("trade", "pk")
    )
    visits = DemoVisit.objects.aggregate(n=Count("pk"), guests=Sum("count"))
    context = {
        "rows": rows, "trades": len({row.trade for row in rows}), "visits": visits, "may_edit": rules.edit.allows(request.user, None),
        "adopted": sum(row.is_adopted for row in rows), "asked": sum(row.asked for row in rows),
        "facts": list(Fact.objects.filter(mechanism=FACTS).order_by("code")[:6]), "sections": sections(request.user, "/demos/"),
    }  # fmt: skip
    return render(request, "tasks/demos.html", context)


def _demo_or_404(pk: int) -> Demo:
    return get_object_or_404(Demo.objects.select_related("place__parent", "unit", "drive"), pk=pk)


@page(rules.read, methods=("GET", "POST"))
def show(request: SignedIn, pk: int) -> HttpResponse:
    """/demos/<id>/: one site; the office adds a visit or says who takes the practice over."""
    demo, may_edit = _demo_or_404(pk), rules.edit.allows(request.user, None)
    today, which = timezone.localdate(), request.POST.get("form", "")
    visit = VisitForm(
        request.POST if which == "visit" else None, instance=DemoVisit(demo=demo), initial={"on": today}
    )
    place = AdoptionForm(request.POST if which == "adoption" else None, instance=Adoption(demo=demo))
    if request.method == "POST" and may_edit:
        form = {"visit": visit, "adoption": place}.get(which)
        if form is not None and form.is_valid() and _save(form, demo, request):
            return redirect(demo.get_absolute_url())
    adoptions = list(demo.adoptions.select_related("place__parent").order_by("state", "place__code"))
    context = {
        "demo": demo, "visits": list(demo.visits.all()), "adoptions": adoptions, "may_edit": may_edit,
        "visit_form": dress(visit, "visit"), "adoption_form": dress(place, "adoption"), "log": change_lines(demo),
        "adopted": sum(a.state == AdoptionState.ADOPTED for a in adoptions), "sections": sections(request.user, "/demos/"),
        "shapes": {"planned": "new", "adopted": "done", "not": "void"},
    }  # fmt: skip
    return render(request, "tasks/demo.html", context)


def _save(form: Any, demo: Demo, request: SignedIn) -> bool:
    """Saves a visit or an adoption; a place that has one already gets its row changed instead of a second."""
    if isinstance(form, AdoptionForm):
        place = form.cleaned_data["place"]
        if place.pk == demo.place_id:
            form.add_error("place", _("这就是示范点自己，填别的点位。"))
            return False
        before = Adoption.objects.filter(demo=demo, place=place).first()
        if before is not None:
            again = AdoptionForm(request.POST, instance=before)
            again.is_valid()
            form = again
        form.instance.place = place
    save_logged(form, request.user)
    return True


@page(rules.edit, methods=("GET", "POST"))
def edit(request: SignedIn, pk: int = 0) -> HttpResponse:
    """/demos/new/ and /demos/<id>/edit/: a demonstration site's form, its history below."""
    demo = _demo_or_404(pk) if pk else Demo()
    start = {
        "chosen_on": timezone.localdate(),
        **{k: v for k, v in request.GET.items() if k in ("place", "drive", "trade")},
    }
    form = DemoForm(request.POST or None, instance=demo, initial={} if pk else start)
    if request.method == "POST" and form.is_valid():
        return redirect(save_logged(form, request.user).get_absolute_url())  # type: ignore[attr-defined]
    context = {
        "form": dress(form), "title": str(demo) if pk else _("新示范点"), "save": _("保存"),
        "back": demo.get_absolute_url() if pk else "/demos/", "log": change_lines(demo) if pk else [],
    }  # fmt: skip
    return render(request, "desk/plain_form.html", context)
