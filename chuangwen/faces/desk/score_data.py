"""What scores stand on, entered by the office: official results, the negative list with its events, the rule in words."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen.assessment import rules
from chuangwen.assessment.actions import enter_result, lift_incident, make_rule_version, register_incident
from chuangwen.assessment.forms import IncidentForm, LiftForm, ResultForm, RuleForm
from chuangwen.assessment.models import Incident, NegativeRule, OfficialResult, Sanction, ScoreRule
from chuangwen.assessment.queries import effect_of, incidents_in_force
from chuangwen.faces.desk.changes import change_lines
from chuangwen.faces.desk.rows import dress
from chuangwen.kernel.screens.access import SignedIn, page, row_or_404
from chuangwen.kernel.workflow.flow import Refused
from chuangwen.standards.models import Scheme

MOST = 300  # events shown; a city has a handful
SHAPES = {
    Sanction.DEDUCT: "soon",
    Sanction.STOP_NOMINATION: "hold",
    Sanction.STOP_YEAR: "back",
    Sanction.CANCEL: "fail",
}
GRAVITY = {sanction.value: place for place, sanction in enumerate(Sanction)}


def _form_page(
    request: SignedIn,
    form: forms.Form,
    title: str,
    back: str,
    *,
    save: str = "",
    log: list[Any] | None = None,
) -> HttpResponse:
    context = {
        "form": dress(form),
        "title": title,
        "save": save or _("保存"),
        "back": back,
        "log": log or [],
        "here": "scores",
    }
    return render(request, "desk/plain_form.html", context, status=400 if form.errors else 200)


def _first_number(given: str | None) -> int | None:
    return int(given) if given and given.isascii() and given.isdigit() and len(given) < 18 else None


# Official results -----------------------------------------------------------------------------------


@page(rules.read)
def official(request: SignedIn) -> HttpResponse:
    """Published results by year, our score of that time beside each, and how far apart they were."""
    rows = list(OfficialResult.objects.select_related("scheme").order_by("-year", "scheme", "front", "pool"))
    pairs = [row for row in rows if row.score is not None and row.ours is not None]
    return render(request, "desk/official.html", {
        "rows": rows, "pairs": len(pairs), "may_edit": rules.edit.allows(request.user, None), "here": "scores",
        "gap": {row.pk: row.score - row.ours for row in pairs if row.score is not None and row.ours is not None},
    })  # fmt: skip


@page(rules.edit, methods=("GET", "POST"))
def official_new(request: SignedIn) -> HttpResponse:
    """A result that was published; sent twice it is entered once."""
    form = ResultForm(request.POST or None, initial={"year": timezone.localdate().year})
    if request.method == "POST" and form.is_valid():
        try:
            enter_result(form.facts(), by=request.user)
            return redirect("/scores/official/")
        except Refused as fault:
            form.add_error(None, str(fault))
    return _form_page(request, form, _("录入正式结果"), "/scores/official/")


@page(rules.edit, methods=("GET", "POST"))
def official_edit(request: SignedIn, pk: int) -> HttpResponse:
    """One result mended, with who changed what."""
    row = row_or_404(rules.edit, OfficialResult.objects.select_related("scheme"), request.user, pk=pk)
    form = ResultForm(request.POST) if request.method == "POST" else ResultForm.of(row)
    if request.method == "POST" and form.is_valid():
        try:
            enter_result(form.facts(), by=request.user, row=row)
            return redirect("/scores/official/")
        except Refused as fault:
            form.add_error(None, str(fault))
    return _form_page(request, form, str(row), "/scores/official/", log=change_lines(row))


# The negative list ----------------------------------------------------------------------------------


@page(rules.read)
def negative(request: SignedIn) -> HttpResponse:
    """Events in force and what they do to the forecast, those over, and the list they stand under."""
    today = timezone.localdate()
    in_force = list(incidents_in_force(today))
    by_scheme: dict[Scheme, list[Incident]] = {}
    for row in in_force:
        by_scheme.setdefault(row.rule.scheme, []).append(row)
    past = Incident.objects.select_related("rule__scheme").exclude(pk__in=[row.pk for row in in_force])
    entries = list(NegativeRule.objects.select_related("scheme").order_by("scheme__kind", "scheme", "code"))
    entries.sort(key=lambda entry: (entry.scheme.kind, entry.scheme_id, GRAVITY[entry.sanction]))
    return render(request, "desk/negative.html", {
        "effects": [(scheme, effect_of(rows)) for scheme, rows in by_scheme.items()], "past": list(past[:MOST]),
        "entries": entries, "shapes": SHAPES, "today": today, "may_edit": rules.edit.allows(request.user, None),
        "here": "scores",
    })  # fmt: skip


@page(rules.edit, methods=("GET", "POST"))
def incident_new(request: SignedIn) -> HttpResponse:
    """An event with its document; `?rule=` names the entry it was opened from."""
    wanted = _first_number(request.GET.get("rule"))
    start = {"rule": wanted, "on": timezone.localdate()}
    form = IncidentForm(request.POST or None, initial=start)
    if request.method == "POST" and form.is_valid():
        try:
            register_incident(form.facts(), by=request.user)
            return redirect("/scores/negative/")
        except Refused as fault:
            form.add_error(None, str(fault))
    return _form_page(request, form, _("登记负面事件"), "/scores/negative/", save=_("登记"))


@page(rules.edit, methods=("GET", "POST"))
def incident_lift(request: SignedIn, pk: int) -> HttpResponse:
    """An event taken off the forecast, with the reason; it stays in the list."""
    row = row_or_404(rules.edit, Incident.objects.select_related("rule__scheme"), request.user, pk=pk)
    form = LiftForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            lift_incident(row, reason=form.cleaned_data["reason"], by=request.user)
            return redirect("/scores/negative/")
        except Refused as fault:
            form.add_error(None, str(fault))
    title = _("撤销：%(what)s") % {"what": row.what}
    return _form_page(request, form, title, "/scores/negative/", save=_("撤销"), log=change_lines(row))


# The rule -------------------------------------------------------------------------------------------


@page(rules.read)
def rule(request: SignedIn) -> HttpResponse:
    """The rules in force in words, one for each edition that has one, and the versions before them."""
    rows = list(ScoreRule.objects.select_related("edition__scheme", "minors__scheme").order_by(
        "-edition__is_current", "edition__scheme__kind", "edition__scheme", "-edition__year", "-version"))  # fmt: skip
    return render(request, "desk/score_rule.html", {
        "current": [row for row in rows if row.is_current], "past": [row for row in rows if not row.is_current],
        "years": _years, "may_edit": rules.edit.allows(request.user, None), "here": "scores",
    })  # fmt: skip


def _years(row: ScoreRule) -> list[tuple[str, str]]:
    """Year (or its place in the cycle where no first year is said) and weight."""
    return [
        (str(row.first_year + place) if row.first_year else _("第 %(n)d 年") % {"n": place + 1}, str(weight))
        for place, weight in enumerate(row.years)
    ]


@page(rules.edit, methods=("GET", "POST"))
def rule_new(request: SignedIn) -> HttpResponse:
    """A new version; `?from=` names the version it starts from. Old versions are never edited."""
    wanted = _first_number(request.GET.get("from"))
    rows = ScoreRule.objects.select_related("edition", "minors")
    start = rows.filter(pk=wanted).first() if wanted is not None else None
    form = RuleForm(request.POST) if request.method == "POST" else RuleForm.of(start) if start else RuleForm()
    if request.method == "POST" and form.is_valid():
        try:
            make_rule_version(form.facts(), by=request.user)
            return redirect("/scores/rule/")
        except Refused as fault:
            form.add_error(None, str(fault))
    return _form_page(request, form, _("计分规则新版本"), "/scores/rule/", save=_("启用新版本"))
