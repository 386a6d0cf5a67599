"""奖惩: what followed for units, recorded with ground and paper, lifted with a reason; as list, paper and Excel."""

from __future__ import annotations

import datetime as dt
from io import BytesIO
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chuangwen.assessment import objection_rules as rules
from chuangwen.assessment.consequence_models import Consequence, ConsequenceKind
from chuangwen.assessment.consequences import (
    ConsequenceFacts,
    counts,
    lift_consequence,
    record_consequence,
    signed_points,
)
from chuangwen.assessment.forms import LiftForm
from chuangwen.faces.desk.changes import change_lines
from chuangwen.faces.desk.ranking import XLSX, sections
from chuangwen.faces.desk.ranking_table import trimmed
from chuangwen.faces.desk.rows import dress
from chuangwen.kernel.models import Person, Post, Unit
from chuangwen.kernel.people.models import Role
from chuangwen.kernel.screens.access import SignedIn, page, row_or_404
from chuangwen.kernel.workflow.flow import Refused
from chuangwen.papers.models import Paper, PaperState

SHOWN = 100
MOST = 5000  # rows of one workbook
SHAPES = {"commend": "done", "bonus": "done", "veto": "fail", "account": "up"}
_DAY = {"type": "date"}


class ConsequenceForm(forms.Form):
    """One measure taken for or against a unit."""

    kind = forms.ChoiceField(label=gettext_lazy("措施"), choices=ConsequenceKind.choices)
    unit = forms.ModelChoiceField(
        Unit.objects.filter(is_active=True).order_by("name"), label=gettext_lazy("单位")
    )
    on = forms.DateField(label=gettext_lazy("日期"), widget=forms.DateInput(_DAY, "%Y-%m-%d"))
    person = forms.ModelChoiceField(
        Person.objects.filter(
            is_active=True, pk__in=Post.objects.filter(role__in=(Role.HEAD, Role.LIAISON)).values("person_id")
        ).order_by("name", "pk"),
        label=gettext_lazy("涉及人员"), required=False, help_text=gettext_lazy("公文点名的才选；只给创建办和本单位看。"),
    )  # fmt: skip
    ground = forms.CharField(
        label=gettext_lazy("依据"),
        max_length=300,
        help_text=gettext_lazy("哪件事，按哪一条；不写当事人姓名。"),
    )
    paper = forms.ModelChoiceField(
        Paper.objects.filter(state=PaperState.ISSUED).order_by("-pk"),
        label=gettext_lazy("公文"),
        required=False,
    )
    document = forms.CharField(
        label=gettext_lazy("文件"),
        max_length=120,
        required=False,
        help_text=gettext_lazy("不在本系统的，写名称和文号。"),
    )
    points = forms.DecimalField(
        label=gettext_lazy("分数"), min_value=0, max_value=100, max_digits=5, decimal_places=2, required=False,
        help_text=gettext_lazy("不加正负号；加还是减由措施定，空着不计分。"),
    )  # fmt: skip
    month = forms.DateField(
        label=gettext_lazy("计入月份"), required=False, input_formats=["%Y-%m"],
        widget=forms.DateInput({"type": "month", "placeholder": "2026-11"}, "%Y-%m"),
        help_text=gettext_lazy("空着计入日期所在的月；已定稿的月不能再变。"),
    )  # fmt: skip

    def facts(self) -> ConsequenceFacts:
        given = {name: value for name, value in self.cleaned_data.items() if value not in (None, "")}
        return ConsequenceFacts(**given)


def _rows(request: SignedIn) -> QuerySet[Consequence]:
    rows = Consequence.objects.select_related("unit", "paper", "person")
    return rules.see_consequence.filter(rows, request.user)


def month_asked(request: HttpRequest) -> dt.date | None:
    """The month in the address; None for all. Raises Http404 for one that is no month."""
    given = request.GET.get("month", "")
    try:
        return dt.date.fromisoformat(f"{given}-01") if given else None
    except ValueError as fault:
        raise Http404 from fault


@page(rules.see_list)
def index(request: SignedIn) -> HttpResponse:
    """/consequences/: newest first, by month and kind; the same as Excel."""
    month, kind = month_asked(request), request.GET.get("kind", "")
    if kind and kind not in ConsequenceKind.values:
        raise Http404
    rows = _rows(request)
    rows = rows.filter(month=month) if month else rows
    rows = (rows.filter(kind=kind) if kind else rows).order_by("-on", "-pk")
    if request.GET.get("export") == "xlsx":
        return _export(list(rows[:MOST]))
    before = request.GET.get("before", "")
    if before.isascii() and before.isdigit() and len(before) < 18:
        last = rows.filter(pk=int(before)).first()
        rows = rows.filter(on__lt=last.on) | rows.filter(on=last.on, pk__lt=last.pk) if last else rows
    found = list(rows[: SHOWN + 1])
    asked = request.GET.copy()
    asked.pop("before", None)
    return render(request, "desk/consequences.html", {
        "rows": [(row, SHAPES.get(row.kind, "back"), _points(row)) for row in found[:SHOWN]], "kinds": ConsequenceKind.choices,
        "kind": kind, "month": month, "here": "rankings", "sections": sections(request), "asked": asked.urlencode(),
        "more": found[SHOWN - 1].pk if len(found) > SHOWN else None, "may_edit": rules.record.allows(request.user, None),
    })  # fmt: skip


def _points(row: Consequence) -> str:
    return trimmed(signed_points(row)) if row.points else _("一票否决") if counts(row) else ""


def _export(rows: list[Consequence]) -> HttpResponse:
    from chuangwen.kernel.screens.tables import write_table  # openpyxl is heavy and seldom wanted

    head: list[tuple[str, float]] = [
        (_("日期"), 12), (_("单位"), 22), (_("措施"), 12), (_("依据"), 40), (_("文件"), 26), (_("分数"), 8),
        (_("计入月份"), 10), (_("涉及人员"), 12), (_("撤销日期"), 12), (_("撤销原因"), 30),
    ]  # fmt: skip
    cells: list[list[Any]] = [
        [
            row.on, str(row.unit), row.get_kind_display(), row.ground, str(row.paper or row.document),
            signed_points(row) if row.points else None, f"{row.month:%Y-%m}",
            row.person.name if row.person else "", row.lifted_on, row.lifted_reason,
        ]
        for row in rows
    ]  # fmt: skip
    out = BytesIO()
    write_table(out, head, cells, sheet=_("奖惩"))
    answer = HttpResponse(out.getvalue(), content_type=XLSX)
    answer["Content-Disposition"] = 'attachment; filename="consequences.xlsx"'
    return answer


@page(rules.record, methods=("GET", "POST"))
def new(request: SignedIn) -> HttpResponse:
    """/consequences/new/: records one; sent twice it is there once."""
    form = ConsequenceForm(request.POST or None, initial={"on": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        try:
            record_consequence(form.facts(), by=request.user)
            return redirect("/consequences/")
        except Refused as fault:
            form.add_error(None, str(fault))
    return _form_page(request, form, _("登记奖惩"), _("登记"))


@page(rules.record, methods=("GET", "POST"))
def lift(request: SignedIn, pk: int) -> HttpResponse:
    """/consequences/<id>/lift/: lifts it with the reason; it stays in the list."""
    row = row_or_404(rules.see_consequence, Consequence.objects.select_related("unit"), request.user, pk=pk)
    form = LiftForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            lift_consequence(row, form.cleaned_data["reason"], by=request.user)
            return redirect("/consequences/")
        except Refused as fault:
            form.add_error(None, str(fault))
    return _form_page(request, form, _("撤销：%(what)s") % {"what": row}, _("撤销"), change_lines(row))


def _form_page(
    request: SignedIn, form: forms.Form, title: str, save: str, log: list[Any] | None = None
) -> HttpResponse:
    return render(request, "desk/plain_form.html", {
        "form": dress(form), "title": title, "save": save, "back": "/consequences/", "log": log or [], "here": "rankings",
    }, status=400 if form.errors else 200)  # fmt: skip
