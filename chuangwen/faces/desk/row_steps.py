"""Steps taken from a list's row: one click, or a form that opens in place; without scripts the same as
pages of their own.
"""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen.faces.desk.rows import dress, row_of
from chuangwen.kernel.models import Person, Unit
from chuangwen.kernel.screens.access import SignedIn, page, row_or_404
from chuangwen.kernel.workflow.flow import BadInput, Refused, Step
from chuangwen.problems import queries, rules
from chuangwen.problems.actions import confirm_case, sign
from chuangwen.problems.flow import CaseFlow
from chuangwen.problems.models import Case, CaseKind, Prepared
from chuangwen.problems.suggesting import suggest_kind


def case_or_404(person: Person, number: str) -> Case:
    return row_or_404(rules.see_case, Case.objects.select_related(*queries.ROW), person, number=number)


def uid_of(request: HttpRequest) -> uuid.UUID | None:
    """The submission's own id from the hidden field; nothing when it is missing or no id."""
    try:
        return uuid.UUID(request.POST.get("uid", ""))
    except ValueError:
        return None


def answer_row(request: SignedIn, number: str, said: str = "", fault: str = "") -> HttpResponse:
    """The row as it is now, with what was done or why not; without scripts back to the page."""
    if not request.htmx:
        if not fault:
            return redirect("/")
        return render(request, "screens/refused.html", {"title": _("没有办成"), "what": fault}, status=409)
    case = Case.objects.select_related(*queries.ROW).get(number=number)
    row = row_of(case, request.user, timezone.now())
    if not rules.see_case.allows(request.user, case):
        row = row._replace(next=None)
    return render(request, "desk/_row.html", {"row": row, "said": said, "fault": fault})


def form_row(request: SignedIn, case: Case, title: str, form: forms.Form, action: str) -> HttpResponse:
    context = {
        "row": row_of(case, request.user, timezone.now()),
        "title": title,
        "form": dress(form, f"c{case.pk}"),
        "action": action,
    }
    return render(request, "desk/_row_form.html" if request.htmx else "desk/row_form.html", context)


@page()
def row(request: SignedIn, number: str) -> HttpResponse:
    """GET /today/row/<number>/: the row again, when its form is closed."""
    case_or_404(request.user, number)
    return answer_row(request, number)


def _step_or_404(case: Case, code: str, person: Person) -> Step:
    step = CaseFlow.by_code.get(code)
    if step is None or step.by_clock or step.is_quiet or not step.rule.allows(person, case):
        raise Http404
    return step


@page(methods=("GET", "POST"))
def step(request: SignedIn, number: str, code: str) -> HttpResponse:
    """/today/step/<number>/<step>/: GET shows the step's form in the row, POST takes the step."""
    case = case_or_404(request.user, number)
    chosen = _step_or_404(case, code, request.user)
    action = f"/today/step/{number}/{code}/"
    if request.method != "POST":
        form = chosen.form() if chosen.form else forms.Form()
        return form_row(request, case, str(chosen.label), form, action)
    try:
        CaseFlow.take(case, code, by=request.user, given=request.POST, uid=uid_of(request))
    except BadInput as fault:
        return form_row(request, case, str(chosen.label), fault.form, action)
    except Refused as fault:
        return answer_row(request, number, fault=str(fault))
    return answer_row(request, number, said=_("已办：%(step)s") % {"step": chosen.label})


class MendForm(forms.Form):
    """A wrong suggestion mended: another kind, another unit, other words."""

    kind = forms.ModelChoiceField(CaseKind.objects.filter(is_active=True), label=_("类别"))
    unit = forms.ModelChoiceField(
        Unit.objects.filter(is_active=True), label=_("责任单位"), required=False, empty_label=_("按责任规则")
    )
    what = forms.CharField(label=_("事项"), max_length=60, required=False)

    def __init__(self, *args: Any, text: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        groups: dict[str, list[tuple[int, str]]] = {}
        likely = [(kind.pk, kind.name) for kind, _sure in suggest_kind(text)] if text else []
        for pk, name, group in CaseKind.objects.filter(is_active=True).values_list("pk", "name", "group"):
            groups.setdefault(group, []).append((pk, name))
        top = [(str(_("最像的")), likely)] if likely else []
        self.fields["kind"].widget.choices = [("", "—"), *top, *groups.items()]


@page(rules.dispatcher, methods=("GET", "POST"))
def confirm(request: SignedIn, number: str) -> HttpResponse:
    """/today/confirm/<number>/: POST confirms the suggestion (核实、立案、派遣 in one), GET opens kind and
    unit to mend it.
    """
    case = case_or_404(request.user, number)
    action = f"/today/confirm/{number}/"
    text = " ".join(case.reports.values_list("text", flat=True)) if request.method != "POST" else ""
    if request.method != "POST":
        start = {"kind": case.kind_id or case.suggested_kind_id, "what": case.what}
        return form_row(request, case, _("核实派遣"), MendForm(initial=start, text=text), action)
    kind = unit = None
    what = ""
    if "kind" in request.POST:
        form = MendForm(request.POST)
        if not form.is_valid():
            return form_row(request, case, _("核实派遣"), form, action)
        kind, unit, what = form.cleaned_data["kind"], form.cleaned_data["unit"], form.cleaned_data["what"]
    try:
        done = confirm_case(case, by=request.user, kind=kind, unit=unit, what=what, uid=uid_of(request))
    except Refused as fault:
        return answer_row(request, number, fault=str(fault))
    return answer_row(request, number, said=_("已派给%(unit)s") % {"unit": done.unit})


@page(rules.dispatcher, methods=("POST",))
def confirm_many(request: SignedIn) -> HttpResponse:
    """POST /today/confirm/: confirms the chosen reports, each whole or not at all, and says which were
    left and why.
    """
    uid = uid_of(request)
    numbers = request.POST.getlist("case")[:200]
    rows = rules.see_case.filter(Case.objects.filter(number__in=numbers), request.user).select_related(
        *queries.ROW
    )
    done, left = [], []
    for case in rows.order_by("pk"):
        try:
            own = uuid.uuid5(uid, case.number) if uid else None
            done.append(confirm_case(case, by=request.user, uid=own))
        except Refused as fault:
            left.append((case, str(fault)))
    if not request.htmx and not left:
        return redirect("/")
    return render(request, "desk/confirmed.html", {"done": done, "left": left})


@page(rules.desk, methods=("POST",))
def decide_prepared(request: SignedIn, pk: int) -> HttpResponse:
    """POST /today/prepared/<id>/: signs what the clock prepared, or drops it."""
    prepared = row_or_404(rules.desk, Prepared.objects.select_related("case", "rung"), request.user, pk=pk)
    signed = request.POST.get("do") == "sign"
    try:
        sign(prepared, signed=signed, by=request.user)
    except Refused as fault:
        said, bad = str(fault), True
    else:
        said, bad = (_("已签发") if signed else _("不发")), False
    if not request.htmx:
        return redirect("/")
    return render(request, "desk/_said.html", {"said": said, "bad": bad})
