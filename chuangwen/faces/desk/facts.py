"""The fact ledger: numbers papers may quote, each with source, owner and sign-off; one number with all it was and is used for."""

from __future__ import annotations

import re

from django import forms
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen.faces.desk.changes import change_lines
from chuangwen.faces.desk.facts_uses import uses_of
from chuangwen.faces.desk.rows import dress
from chuangwen.kernel.models import Unit
from chuangwen.kernel.screens.access import SignedIn, page, row_or_404
from chuangwen.kernel.workflow.flow import Refused
from chuangwen.registers import actions, rules
from chuangwen.registers.forms import FactForm, FigureForm, SumForm
from chuangwen.registers.models import Fact, FactFigure, FactSum
from chuangwen.registers.queries import facts, relations

PAGE = 100
SHOWN_SOURCE = 40  # characters of a source that tell one document from another


def _documents() -> list[tuple[str, int]]:
    """The documents numbers were taken from: a source up to the part of the document it names."""
    counts: dict[str, int] = {}
    for source, n in Fact.objects.order_by().values_list("source").annotate(n=Count("pk")):
        name = re.split(r"[，,]第|，“|（文中", source)[0]
        counts[name] = counts.get(name, 0) + n
    return sorted(counts.items(), key=lambda one: (-one[1], one[0]))[:SHOWN_SOURCE]


@page(rules.read)
def register(request: SignedIn) -> HttpResponse:
    """GET /facts/?q=&unit=&source=&unsigned=1: those nobody confirmed first."""
    asked = request.GET.dict()
    rows = facts(
        word=asked.get("q", "").strip(), unit=asked.get("unit", ""), source=asked.get("source", ""),
        unsigned=bool(asked.get("unsigned")),
    )  # fmt: skip
    counts = Fact.objects.aggregate(n=Count("pk"), unsigned=Count("pk", filter=Q(confirmed_by__isnull=True)))
    units = Unit.objects.annotate(n=Count("facts")).filter(n__gt=0).order_by("name", "pk")
    return render(request, "desk/facts.html", {
        "page": Paginator(rows, PAGE).get_page(asked.get("page")), "asked": asked, "counts": counts, "units": list(units),
        "documents": _documents(), "failing": [one for one in relations() if one.checked.verdict == "fails"],
        "may_edit": rules.edit.allows(request.user, None),
    })  # fmt: skip


def _fact(request: SignedIn, code: str) -> Fact:
    return row_or_404(
        rules.read, Fact.objects.select_related("unit", "given_by", "confirmed_by"), request.user, code=code
    )


@page(rules.read)
def show(request: SignedIn, code: str) -> HttpResponse:
    """GET /facts/<code>/: the number, its years and versions, the relations it stands in, where it is quoted."""
    return _shown(request, _fact(request, code))


def _shown(request: SignedIn, fact: Fact, fault: str = "", form: forms.Form | None = None) -> HttpResponse:
    mine = relations(FactSum.objects.filter(Q(total=fact) | Q(parts__fact=fact)).distinct())
    form = form or FigureForm(initial={"year": timezone.localdate().year - 1})
    return render(request, "desk/fact.html", {
        "fact": fact, "versions": list(fact.versions.select_related("given_by", "confirmed_by", "replaced_by")),
        "figures": list(fact.figures.select_related("given_by", "confirmed_by").order_by("-year")),
        "relations": mine, "uses": uses_of(fact, request.user), "fault": fault, "form": dress(form),
        "may_give": rules.give.allows(request.user, fact), "may_confirm": rules.confirm.allows(request.user, fact),
        "log": change_lines(fact),
    }, status=409 if fault else 400 if form.errors else 200)  # fmt: skip


def _form_page(request: SignedIn, form: forms.Form, title: str, back: str, save: str) -> HttpResponse:
    context = {"form": dress(form), "title": title, "save": save, "back": back, "log": [], "here": "facts"}
    return render(request, "desk/plain_form.html", context, status=400 if form.errors else 200)


@page(rules.edit, methods=("GET", "POST"))
def new(request: SignedIn) -> HttpResponse:
    """A number that was not in the ledger."""
    form = FactForm(request.POST or None)
    del form.fields["reason"]
    if request.method == "POST" and form.is_valid():
        try:
            return redirect(actions.enter_fact(form.given(), by=request.user).get_absolute_url())
        except Refused as fault:
            form.add_error(None, str(fault))
    return _form_page(request, form, _("登记事实"), "/facts/", _("登记"))


@page(rules.give_door, methods=("GET", "POST"))
def edit(request: SignedIn, code: str) -> HttpResponse:
    """A number corrected: the old one stays as a version."""
    fact = row_or_404(rules.give, Fact.objects.select_related("unit"), request.user, code=code)
    form = FactForm(request.POST) if request.method == "POST" else FactForm.of(fact)
    form.fields["code"].widget.attrs["readonly"] = True
    if request.method == "POST" and form.is_valid():
        try:
            actions.correct_fact(
                fact, form.given(fact.mechanism), by=request.user, reason=form.cleaned_data["reason"]
            )
            return redirect(fact.get_absolute_url())
        except Refused as fault:
            form.add_error(None, str(fault))
    return _form_page(
        request, form, _("更正：%(name)s") % {"name": fact.name}, fact.get_absolute_url(), _("更正")
    )


@page(rules.confirm_door, methods=("POST",))
def confirm(request: SignedIn, code: str) -> HttpResponse:
    """POST /facts/<code>/confirm/: confirmed by another person than who gave it."""
    fact = row_or_404(rules.confirm, Fact.objects.all(), request.user, code=code)
    try:
        actions.confirm_fact(fact, by=request.user)
    except Refused as fault:
        return _shown(request, _fact(request, code), str(fault))
    return redirect(fact.get_absolute_url())


@page(rules.give_door, methods=("POST",))
def figure(request: SignedIn, code: str) -> HttpResponse:
    """POST /facts/<code>/figures/: the number of one year."""
    fact = row_or_404(rules.give, Fact.objects.select_related("unit"), request.user, code=code)
    form = FigureForm(request.POST)
    if not form.is_valid():
        return _shown(request, fact, form=form)
    given = form.cleaned_data
    try:
        actions.give_figure(fact, given["year"], given["value"], by=request.user, source=given["source"])
    except Refused as fault:
        return _shown(request, fact, str(fault))
    return redirect(fact.get_absolute_url())


@page(rules.confirm_door, methods=("POST",))
def confirm_year(request: SignedIn, code: str, year: int) -> HttpResponse:
    """POST /facts/<code>/figures/<year>/confirm/."""
    fact = row_or_404(rules.confirm, Fact.objects.all(), request.user, code=code)
    row = row_or_404(
        rules.read, FactFigure.objects.select_related("fact"), request.user, fact=fact, year=year
    )
    try:
        actions.confirm_figure(row, by=request.user)
    except Refused as fault:
        return _shown(request, _fact(request, code), str(fault))
    return redirect(fact.get_absolute_url())


@page(rules.read, methods=("GET", "POST"))
def sums(request: SignedIn) -> HttpResponse:
    """/facts/sums/: stated relations and whether they hold; the office states new ones."""
    may_edit = rules.edit.allows(request.user, None)
    form = SumForm(request.POST if request.method == "POST" and may_edit else None)
    if may_edit and request.method == "POST" and form.is_valid():
        try:
            _state(form, request)
            return redirect("/facts/sums/")
        except Refused as fault:
            form.add_error(None, str(fault))
    context = {"relations": relations(), "form": dress(form) if may_edit else None}
    return render(request, "desk/facts_sums.html", context, status=400 if form.errors else 200)


def _state(form: SumForm, request: SignedIn) -> None:
    given = form.cleaned_data
    codes = [code for code in re.split(r"[、,，\s+]+", given["parts"]) if code]
    total = given["total"].strip()
    known = {fact.code: fact for fact in Fact.objects.filter(code__in=[*codes, total])}
    lacking = [code for code in [*codes, *([total] if total else [])] if code not in known]
    if lacking:
        raise Refused(_("台账里没有 %(codes)s。先登记，或改编号。") % {"codes": "、".join(lacking)})
    actions.state_sum(
        given["code"], given["name"], [known[code] for code in codes], by=request.user, kind=given["kind"],
        total=known.get(total), stated=given["stated"], source=given["source"],
    )  # fmt: skip
