"""The register of things at places (rows 58, 62): counts by kind, state, next check; Excel out; one form to mend a row."""

from __future__ import annotations

import io
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet, Sum
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from chuangwen.faces.desk.changes import change_lines, save_logged
from chuangwen.faces.desk.rows import dress
from chuangwen.kernel.models import Place, Term
from chuangwen.kernel.people.models import Role
from chuangwen.kernel.people.rules import holds
from chuangwen.kernel.screens.access import SignedIn, page
from chuangwen.registers.models import Thing, ThingState

may_edit = holds(Role.OFFICE, Role.CLERK, Role.ADMIN)
PAGE = 100


def chosen(asked: Any) -> QuerySet[Thing]:
    """The things the page's filters ask for: kind, state, due for a check, words."""
    rows = Thing.objects.all()
    if asked.get("kind"):
        rows = rows.filter(kind__code=asked["kind"])
    if asked.get("state"):
        rows = rows.filter(state=asked["state"])
    if asked.get("due"):
        rows = rows.filter(next_check_on__lte=timezone.localdate())
    word = asked.get("q", "").strip()
    if word:
        rows = rows.filter(Q(name__contains=word) | Q(code__startswith=word.upper()) | Q(place__name__contains=word))
    return rows.select_related("kind", "place").order_by("kind__rank", "code")


def states() -> dict[str, str]:
    """The words of the states things are in."""
    return {code: str(label) for code, label in ThingState.choices}


@page()
def register(request: SignedIn) -> HttpResponse:
    """GET /things/?kind=&state=&due=1&q=: kinds with their numbers, then the rows."""
    asked = request.GET.dict()
    due = Count("pk", filter=Q(next_check_on__lte=timezone.localdate()))
    kinds = Thing.objects.values("kind__code", "kind__name").annotate(rows=Count("pk"), pieces=Sum("count"), due=due)
    context = {
        "page": Paginator(chosen(asked), PAGE).get_page(asked.get("page")), "asked": asked, "states": states(),
        "kinds": list(kinds.order_by("kind__rank", "kind__code")), "today": timezone.localdate(),
        "may_edit": may_edit.allows(request.user, None),
    }  # fmt: skip
    return render(request, "desk/things.html", context)


@page()
def export(request: SignedIn) -> HttpResponse:
    """GET /things/export/: the chosen rows as an Excel file, at most 100,000."""
    from chuangwen.kernel.screens.table_writing import (
        write_table,  # brings openpyxl: only when a file is made
    )

    titles = [
        (_t("编码"), 12), (_t("类别"), 16), (_t("名称"), 34), (_t("地点"), 30), (_t("数量"), 8), (_t("状况"), 12),
        (_t("下次检查"), 14), (_t("来源"), 30),
    ]  # fmt: skip
    words = states()
    rows = (
        (t.code, t.kind.name, t.name, t.place.name if t.place else "", t.count, words.get(t.state, t.state), t.next_check_on, t.source)
        for t in chosen(request.GET.dict())[:100_000].iterator(2000)
    )
    stream = io.BytesIO()
    write_table(stream, titles, rows, sheet=_t("设施"))
    answer = HttpResponse(stream.getvalue(), content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
    answer["Content-Disposition"] = 'attachment; filename="things.xlsx"'
    return answer


class ThingForm(forms.ModelForm):
    place_code = forms.CharField(label=_("地点编号"), max_length=40, required=False)

    class Meta:
        model = Thing
        fields = ("code", "kind", "name", "count", "state", "next_check_on")
        widgets = {"next_check_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].queryset = Term.objects.filter(list="thing_kind")  # type: ignore[attr-defined]
        self.fields["state"] = forms.ChoiceField(label=_("状况"), required=False, choices=[("", "—"), *states().items()])
        if self.instance.place:
            self.fields["place_code"].initial = self.instance.place.code

    def clean_place_code(self) -> Place | None:
        code = self.cleaned_data["place_code"].strip()
        if not code:
            return None
        place = Place.objects.filter(code=code).first()
        if place is None:
            raise forms.ValidationError(_t("没有这个地点编号，在“点位”里查到再填。"))
        return place

    def save(self, commit: bool = True) -> Any:
        self.instance.place = self.cleaned_data["place_code"]
        return super().save(commit)


@page(may_edit, methods=("GET", "POST"))
def edit(request: SignedIn, code: str) -> HttpResponse:
    """/things/<code>/: one thing's form; `new` makes one."""
    row = Thing() if code == "new" else get_object_or_404(Thing.objects.select_related("place"), code=code)
    form = ThingForm(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid():
        save_logged(form, request.user)
        return redirect(f"/things/?kind={form.instance.kind.code}")
    title = _("新设施") if code == "new" else row.name
    context = {"form": dress(form), "title": title, "save": _("保存"), "back": "/things/", "log": change_lines(row) if row.pk else []}
    return render(request, "desk/plain_form.html", context)
