"""Webhooks at the desk: addresses told of steps, what was sent to each, and sending one again."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chuangwen.faces.desk.changes import change_lines
from chuangwen.faces.desk.rows import dress
from chuangwen.kernel.models import Delivery, Person, Webhook
from chuangwen.kernel.people.models import Role
from chuangwen.kernel.people.rules import holds
from chuangwen.kernel.screens.access import SignedIn, page, row_or_404
from chuangwen.kernel.workflow import webhooks
from chuangwen.kernel.workflow.limits import first_use
from chuangwen.kernel.workflow.outgoing import BadAddress
from chuangwen.problems.flow import CaseFlow

keeper = holds(Role.OFFICE, Role.ADMIN)
SHOWN = 50
STEPS = [(f"problems.case:{step.code}", step.label) for step in CaseFlow.steps]


class WebhookForm(forms.Form):
    uid = forms.UUIDField(required=False, widget=forms.HiddenInput)
    name = forms.CharField(
        label=gettext_lazy("名称"), max_length=80, error_messages={"required": gettext_lazy("写个名称。")}
    )
    url = forms.CharField(
        label=gettext_lazy("地址"), max_length=300, help_text=gettext_lazy("http 或 https；内网地址要由运维放行网段"),
        error_messages={"required": gettext_lazy("写接收的地址。")},
    )  # fmt: skip
    username = forms.CharField(
        label=gettext_lazy("按谁的权限"), max_length=60, help_text=gettext_lazy("登录名；他看不到的案件不推送"),
        error_messages={"required": gettext_lazy("写登录名。")},
    )  # fmt: skip
    steps = forms.MultipleChoiceField(
        label=gettext_lazy("哪些步骤"), choices=STEPS, required=False, widget=forms.SelectMultiple(attrs={"size": 8}),
        help_text=gettext_lazy("不选：案件的每一步"),
    )  # fmt: skip
    ends_on = forms.DateField(
        label=gettext_lazy("到期"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"), help_text=gettext_lazy("最长一年"),
        error_messages={"required": gettext_lazy("写明用到哪天。")},
    )  # fmt: skip

    def clean_username(self) -> Person:
        found = Person.objects.filter(username=self.cleaned_data["username"].strip(), is_active=True).first()
        if found is None:
            raise forms.ValidationError(_("没有这个登录名，或已停用。"))
        return found


def _fresh(request: SignedIn) -> WebhookForm:
    start = {
        "uid": uuid.uuid4(),
        "ends_on": timezone.localdate() + dt.timedelta(days=365),
        "username": request.user.username,
    }
    return WebhookForm(initial=start)


def _listing(
    request: SignedIn, form: WebhookForm | None = None, status: int = 200, **more: Any
) -> HttpResponse:
    context = {
        "rows": list(Webhook.objects.select_related("person").order_by("-made_at", "-pk")), "today": timezone.localdate(),
        "form": dress(form or _fresh(request), "w"), "secret": "", "said": "", **more,
    }  # fmt: skip
    answer = render(request, "desk/webhooks.html", context, status=status)
    answer["Cache-Control"] = "no-store"
    return answer


@page(keeper, methods=("GET", "POST"))
def listing(request: SignedIn) -> HttpResponse:
    """/webhooks/: every address with its state; POST makes one and shows its secret this once."""
    if request.method != "POST":
        return _listing(request)
    form = WebhookForm(request.POST)
    if not form.is_valid():
        return _listing(request, form, status=422)
    given = form.cleaned_data
    try:
        with transaction.atomic():
            if given["uid"] and not first_use(f"webhook {given['uid'].hex}"):
                return _listing(request, said=_("这张表已经用过，推送在下面。"), status=409)
            made = webhooks.make_webhook(
                name=given["name"], url=given["url"], person=given["username"], steps=given["steps"],
                ends_on=given["ends_on"], by=request.user,
            )  # fmt: skip
    except (BadAddress, webhooks.BadWebhook) as fault:
        form.add_error("url" if isinstance(fault, BadAddress) else "ends_on", str(fault))
        return _listing(request, form, status=422)
    return _listing(request, secret=made.secret, made=made)


def _one(request: SignedIn, row: Webhook, said: str = "", is_bad: bool = False) -> HttpResponse:
    rows = Delivery.objects.filter(webhook=row).select_related("entry").order_by("-made_at", "-pk")
    names = dict(STEPS)
    context = {
        "row": row, "shown": Paginator(rows, SHOWN).get_page(request.GET.get("page")), "log": change_lines(row),
        "steps": [names.get(code, code) for code in row.steps], "names": names, "said": said, "is_bad": is_bad,
        "today": timezone.localdate(),
    }  # fmt: skip
    return render(request, "desk/webhook.html", context)


def _row(request: SignedIn, pk: int) -> Webhook:
    return row_or_404(keeper, Webhook.objects.select_related("person"), request.user, pk=pk)


@page(keeper)
def show(request: SignedIn, pk: int) -> HttpResponse:
    """GET /webhooks/<id>/?page=: one address and what was sent to it, the newest first."""
    return _one(request, _row(request, pk))


@page(keeper, methods=("POST",))
def switch(request: SignedIn, pk: int, to: str) -> HttpResponse:
    """POST /webhooks/<id>/<pause|resume>/: what happens in a pause is not told later."""
    row = _row(request, pk)
    webhooks.set_on(row, to == "resume", by=request.user)
    return redirect(f"/webhooks/{row.pk}/")


@page(keeper, methods=("POST",))
def test(request: SignedIn, pk: int) -> HttpResponse:
    """POST /webhooks/<id>/test/: one message of no step, sent at once; what came of it."""
    row = _row(request, pk)
    status, fault = webhooks.send_test(row)
    return _one(
        request,
        row,
        _("没送到：%(fault)s") % {"fault": fault} if fault else _("送到了，对方答 %(n)s。") % {"n": status},
        bool(fault),
    )


@page(keeper, methods=("POST",))
def again(request: SignedIn, pk: int, delivery: int) -> HttpResponse:
    """POST /webhooks/<id>/deliveries/<n>/again/: the worker sends it once more, with the same id."""
    row = _row(request, pk)
    webhooks.send_again(row_or_404(keeper, Delivery.objects.filter(webhook=row), request.user, pk=delivery))
    return redirect(f"/webhooks/{row.pk}/")
