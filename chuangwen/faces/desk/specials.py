"""专项巡察: special inspections of units; each finding is a task of the unit from the moment it is written down."""

from __future__ import annotations

import datetime as dt

from django import forms
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chuangwen.assessment import objection_rules as rules
from chuangwen.assessment.consequence_models import Special
from chuangwen.assessment.consequences import SpecialFacts, add_finding, record_special
from chuangwen.faces.desk.changes import change_lines
from chuangwen.faces.desk.ranking import sections
from chuangwen.faces.desk.rows import dress
from chuangwen.faces.desk.tasks import state_of
from chuangwen.kernel.models import Unit
from chuangwen.kernel.screens.access import SignedIn, page, row_or_404
from chuangwen.kernel.workflow.flow import Refused
from chuangwen.tasks.models import ENDED

SHOWN = 300
_DAY = {"type": "date"}


class SpecialForm(forms.Form):
    """One special inspection."""

    name = forms.CharField(label=gettext_lazy("名称"), max_length=100)
    unit = forms.ModelChoiceField(
        Unit.objects.filter(is_active=True).order_by("name"), label=gettext_lazy("被巡察单位")
    )
    inspectors = forms.CharField(label=gettext_lazy("巡察组"), max_length=200)
    from_on = forms.DateField(label=gettext_lazy("起"), widget=forms.DateInput(_DAY, "%Y-%m-%d"))
    to_on = forms.DateField(label=gettext_lazy("止"), widget=forms.DateInput(_DAY, "%Y-%m-%d"))
    mandate = forms.CharField(
        label=gettext_lazy("依据"), max_length=200, help_text=gettext_lazy("文件名称和文号。")
    )
    summary = forms.CharField(
        label=gettext_lazy("总体评价"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def facts(self) -> SpecialFacts:
        return SpecialFacts(**self.cleaned_data)


class FindingForm(forms.Form):
    """One finding and the day it must be mended by."""

    text = forms.CharField(
        label=gettext_lazy("问题"), max_length=300, widget=forms.Textarea(attrs={"rows": 2})
    )
    due_on = forms.DateField(label=gettext_lazy("整改期限"), widget=forms.DateInput(_DAY, "%Y-%m-%d"))


@page(rules.overview)
def index(request: SignedIn) -> HttpResponse:
    """/specials/: newest first, with how many findings are mended."""
    done = Count("findings", filter=Q(findings__task__state__in=ENDED))
    rows = Special.objects.select_related("unit").annotate(n=Count("findings"), done=done)
    return render(request, "desk/specials.html", {
        "rows": list(rows.order_by("-from_on", "-pk")[:SHOWN]), "here": "rankings", "sections": sections(request),
        "may_edit": rules.record.allows(request.user, None),
    })  # fmt: skip


@page(rules.record, methods=("GET", "POST"))
def new(request: SignedIn) -> HttpResponse:
    """/specials/new/: enters one; sent twice it is there once."""
    today = timezone.localdate()
    form = SpecialForm(request.POST or None, initial={"from_on": today, "to_on": today})
    return _entered(request, form, None)


@page(rules.record, methods=("GET", "POST"))
def edit(request: SignedIn, pk: int) -> HttpResponse:
    """/specials/<id>/edit/: mends it, with who changed what."""
    row = row_or_404(rules.record, Special.objects.select_related("unit"), request.user, pk=pk)
    start = {name: getattr(row, name) for name in SpecialForm.base_fields}
    return _entered(request, SpecialForm(request.POST or None, initial=start), row)


def _entered(request: SignedIn, form: SpecialForm, row: Special | None) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        try:
            return redirect(record_special(form.facts(), by=request.user, row=row).get_absolute_url())
        except Refused as fault:
            form.add_error(None, str(fault))
    return render(request, "desk/plain_form.html", {
        "form": dress(form), "title": str(row) if row else _("登记专项巡察"), "save": _("保存") if row else _("登记"),
        "back": row.get_absolute_url() if row else "/specials/", "log": change_lines(row) if row else [],
        "here": "rankings",
    }, status=400 if form.errors else 200)  # fmt: skip


@page(rules.overview)
def show(request: SignedIn, pk: int) -> HttpResponse:
    """/specials/<id>/: mandate, findings with their tasks, and how far they are mended."""
    return _shown(
        request, row_or_404(rules.overview, Special.objects.select_related("unit"), request.user, pk=pk)
    )


@page(rules.record, methods=("POST",))
def finding(request: SignedIn, pk: int) -> HttpResponse:
    """POST /specials/<id>/findings/: one finding, given to the unit as a task at once."""
    row = row_or_404(rules.record, Special.objects.select_related("unit"), request.user, pk=pk)
    form = FindingForm(request.POST)
    if form.is_valid():
        try:
            add_finding(row, form.cleaned_data["text"], form.cleaned_data["due_on"], by=request.user)
            return redirect(row.get_absolute_url())
        except Refused as fault:
            form.add_error(None, str(fault))
    return _shown(request, row, form)


def _shown(request: SignedIn, row: Special, form: FindingForm | None = None) -> HttpResponse:
    found = row.findings.select_related("task").order_by("due_on", "pk")
    findings = [(one, *(state_of(one.task) if one.task else ("new", ""))) for one in found]
    form = form or FindingForm(initial={"due_on": timezone.localdate() + dt.timedelta(days=15)})
    return render(request, "desk/special.html", {
        "special": row, "findings": findings, "may_edit": rules.record.allows(request.user, None), "form": dress(form),
        "done": sum(shape in ("done", "void") for _one, shape, _state in findings), "log": change_lines(row),
        "here": "rankings", "sections": sections(request),
    }, status=400 if form.errors else 200)  # fmt: skip
