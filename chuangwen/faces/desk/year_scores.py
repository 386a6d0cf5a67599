"""年度成绩: the mean of the frozen months in the form a receiving office wants; the form is columns one edits here."""

from __future__ import annotations

from decimal import Decimal
from io import BytesIO
from typing import Any

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chuangwen.assessment import objection_rules as rules
from chuangwen.assessment.consequence_models import ExportMap
from chuangwen.assessment.year_export import (
    SOURCES,
    columns_of,
    save_export_map,
    table_of,
    write_year,
    year_rows,
)
from chuangwen.faces.desk.changes import change_lines
from chuangwen.faces.desk.ranking import XLSX, sections
from chuangwen.faces.desk.rows import dress
from chuangwen.kernel.screens.access import SignedIn, page
from chuangwen.kernel.workflow.flow import Refused

SPARE = 3  # empty columns offered below the filled ones


class FormForm(forms.Form):
    """The form of one receiving office; its columns are read beside it."""

    name = forms.CharField(
        label=gettext_lazy("名称"), max_length=80, help_text=gettext_lazy("同名的会改成这样。")
    )
    full = forms.DecimalField(label=gettext_lazy("满分"), initial=100, max_digits=6, decimal_places=2)
    decimals = forms.IntegerField(label=gettext_lazy("小数位"), initial=2, min_value=0, max_value=4)
    source = forms.CharField(
        label=gettext_lazy("来源"), max_length=200, help_text=gettext_lazy("哪个部门的哪份文件要这样报。")
    )


def _year(request: SignedIn) -> int:
    given = request.GET.get("year", "")
    if given and not (given.isascii() and given.isdigit() and 2000 <= int(given) <= 2100):
        raise Http404
    return int(given) if given else timezone.localdate().year


def _forms() -> list[ExportMap]:
    return list(ExportMap.objects.order_by("name", "pk"))


@page(rules.overview)
def show(request: SignedIn) -> HttpResponse:
    """/rankings/year/: the table of one year in one form, on screen, on paper and as Excel."""
    year, known = _year(request), _forms()
    asked = request.GET.get("form", "")
    form = next((row for row in known if str(row.pk) == asked), known[0] if known else None)
    if asked and (form is None or str(form.pk) != asked):
        raise Http404
    shown = form or ExportMap(name=_("内置"), columns=_built_in(), full=Decimal(100), decimals=2)
    if request.GET.get("export") == "xlsx":
        out = BytesIO()
        write_year(out, shown, year)
        answer = HttpResponse(out.getvalue(), content_type=XLSX)
        answer["Content-Disposition"] = f'attachment; filename="year-scores-{year}.xlsx"'
        return answer
    rows = year_rows(year)
    months = sorted({month for row in rows for month in row.scores})
    return render(request, "desk/year_scores.html", {
        "year": year, "form": shown, "known": known, "columns": columns_of(shown), "table": table_of(shown, rows),
        "months": months, "here": "rankings", "sections": sections(request), "this_year": timezone.localdate().year,
        "may_edit": rules.record.allows(request.user, None), "is_number": lambda cell: isinstance(cell, int | Decimal),
    })  # fmt: skip


def _built_in() -> list[list[str]]:
    return [["", code] for code in ("serial", "name", "group", "place", "score", "months", "bonus", "note")]


@page(rules.record, methods=("GET", "POST"))
def edit(request: SignedIn, pk: int = 0) -> HttpResponse:
    """/rankings/year/forms/<id>/: titles and contents of the columns in order; an empty content leaves the column out."""
    row = ExportMap.objects.filter(pk=pk).first()
    if pk and row is None:
        raise Http404
    start = {name: getattr(row, name) for name in FormForm.base_fields} if row else {}
    form = FormForm(request.POST or None, initial=start)
    columns: list[Any] = list(row.columns) if row else _built_in()
    if request.method == "POST":
        titles, codes = request.POST.getlist("title"), request.POST.getlist("content")
        columns = [list(pair) for pair in zip(titles, codes, strict=False)][:60]
        if form.is_valid():
            try:
                saved = save_export_map(columns=columns, by=request.user, **form.cleaned_data)
                return redirect(f"/rankings/year/?form={saved.pk}")
            except Refused as fault:
                form.add_error(None, str(fault))
    return render(request, "desk/year_form.html", {
        "form": dress(form), "row": row, "columns": [*columns, *([["", ""]] * SPARE)], "here": "rankings",
        "contents": [(code, source.title) for code, source in SOURCES.items()],
        "log": change_lines(row) if row else [],
    }, status=400 if form.errors else 200)  # fmt: skip
