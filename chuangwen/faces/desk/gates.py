"""What the law closes in a work application: shown to all who run the system, opened for a time with a
reason, on record.
"""

from __future__ import annotations

import datetime as dt

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chuangwen.faces.desk.rows import dress
from chuangwen.kernel import gates
from chuangwen.kernel.models import GateOpening
from chuangwen.kernel.people.models import Role
from chuangwen.kernel.people.rules import holds
from chuangwen.kernel.screens.access import SignedIn, page

may_see = holds(Role.ADMIN, Role.OFFICE, Role.AUDITOR)
may_open = holds(Role.ADMIN, Role.OFFICE)
HISTORY = 200  # openings shown; a city opens a handful a year


class OpenForm(forms.Form):
    gate = forms.ChoiceField(label=_("开哪一项"))
    ground = forms.ChoiceField(label=_("依据"), choices=GateOpening.GROUNDS)
    reason = forms.CharField(
        label=_("理由"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("写明理由，审计要看。")},
    )
    until = forms.DateTimeField(
        label=_("截止"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
        error_messages={"required": _("写明到什么时候为止。")},
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["gate"].choices = [(g.code, g.label) for g in gates.GATES.values() if g.may_open]  # type: ignore[attr-defined]


def _shown(request: SignedIn, form: OpenForm, fault: str = "") -> HttpResponse:
    now = timezone.now()
    rows = GateOpening.objects.select_related("opened_by", "closed_by").order_by("-opened_at", "-pk")
    openings = list(rows[:HISTORY])
    running = {row.gate: row for row in openings if row.closed_at is None and row.until > now}
    context = {
        "gates": list(gates.GATES.values()),
        "names": {gate.code: gate.label for gate in gates.GATES.values()},
        "running": running,
        "openings": openings,
        "form": dress(form),
        "fault": fault,
        "source": gates.SOURCE,
        "may_open": may_open.allows(request.user, None),
        "now": now,
    }
    return render(request, "desk/gates.html", context)


@page(may_see, methods=("GET", "POST"))
def overview(request: SignedIn) -> HttpResponse:
    """/gates/: what is closed by law and what is open until when; POST opens one (administrator and
    office).
    """
    if request.method != "POST" or not may_open.allows(request.user, None):
        return _shown(request, OpenForm(initial={"until": timezone.localtime() + dt.timedelta(days=1)}))
    form = OpenForm(request.POST)
    if not form.is_valid():
        return _shown(request, form)
    given = form.cleaned_data
    if gates.is_open(given["gate"]):
        return redirect("/gates/")
    try:
        gates.open_gate(
            given["gate"],
            ground=given["ground"],
            reason=given["reason"],
            until=given["until"],
            by=request.user,
        )
    except (gates.Closed, ValueError) as fault:
        return _shown(request, form, str(fault))
    return redirect("/gates/")


@page(may_open, methods=("POST",))
def close(request: SignedIn, pk: int) -> HttpResponse:
    """POST /gates/<id>/close/: closes an opening before its end."""
    row = GateOpening.objects.filter(pk=pk).first()
    if row is None:
        raise Http404
    gates.close_gate(row, by=request.user)
    return redirect("/gates/")
