"""Keys for programs: one's own, made and revoked; the office and the administrator see and revoke everybody's."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django import forms
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chuangwen.faces.desk.rows import dress
from chuangwen.kernel.models import Token
from chuangwen.kernel.people.models import Role
from chuangwen.kernel.people.rules import holds, own
from chuangwen.kernel.people.token_models import Scope
from chuangwen.kernel.people.tokens import LONGEST, make_token
from chuangwen.kernel.screens.access import SignedIn, page, row_or_404
from chuangwen.kernel.workflow import history
from chuangwen.kernel.workflow.limits import first_use

keeper = holds(Role.OFFICE, Role.ADMIN)
may_see = keeper | own("person_id")
SHOWN = 200
# What a person without these scopes' uses would never need stands last; exchange is the keepers' alone.
KEEPERS_ONLY = {Scope.EXCHANGE}


class TokenForm(forms.Form):
    uid = forms.UUIDField(required=False, widget=forms.HiddenInput)
    name = forms.CharField(
        label=gettext_lazy("用途"), max_length=80, help_text=gettext_lazy("给哪个程序用，一个程序一个令牌"),
        error_messages={"required": gettext_lazy("写清给哪个程序用，以后好认。")},
    )  # fmt: skip
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("范围"), widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("至少选一个范围。"), "invalid_choice": gettext_lazy("没有这个范围。")},
    )  # fmt: skip
    ends_on = forms.DateField(
        label=gettext_lazy("到期"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("最长一年"), error_messages={"required": gettext_lazy("写明用到哪天。")},
    )  # fmt: skip

    def __init__(self, *args: Any, is_keeper: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices: Any = [c for c in Scope.choices if is_keeper or c[0] not in KEEPERS_ONLY]
        self.fields["scopes"].choices = choices  # type: ignore[attr-defined]

    def clean_ends_on(self) -> dt.date:
        ends_on: dt.date = self.cleaned_data["ends_on"]
        today = timezone.localdate()
        if not today <= ends_on <= today + LONGEST:
            raise forms.ValidationError(_("到期日从今天起，最长一年。"))
        return ends_on


def _page(request: SignedIn, form: TokenForm | None = None, status: int = 200, **more: Any) -> HttpResponse:
    is_keeper = keeper.allows(request.user, None)
    everybody = is_keeper and request.GET.get("all") == "1"
    rows = Token.objects.select_related("person")
    if not everybody:
        rows = rows.filter(person=request.user)
    fresh = {
        "uid": uuid.uuid4(),
        "ends_on": timezone.localdate() + dt.timedelta(days=180),
        "scopes": ["read"],
    }
    context = {
        "rows": list(may_see.filter(rows, request.user).order_by("-made_at", "-pk")[:SHOWN]), "everybody": everybody,
        "is_keeper": is_keeper,
        "site_url": request.build_absolute_uri("/openrosa/"), "today": timezone.localdate(),
        "scopes": dict(Scope.choices), "secret": "", "said": "",
        "form": dress(form or TokenForm(initial=fresh, is_keeper=is_keeper), "t"), **more,
    }  # fmt: skip
    answer = render(request, "desk/tokens.html", context, status=status)
    answer["Cache-Control"] = "no-store"
    return answer


@page(methods=("GET", "POST"))
def tokens(request: SignedIn) -> HttpResponse:
    """/tokens/: one's own keys (?all=1: everybody's, for keepers); POST makes one and shows its secret this once."""
    if request.method != "POST":
        return _page(request)
    form = TokenForm(request.POST, is_keeper=keeper.allows(request.user, None))
    if not form.is_valid():
        return _page(request, form, status=422)
    given = form.cleaned_data
    with transaction.atomic():
        if given["uid"] and not first_use(f"token {given['uid'].hex}"):
            return _page(
                request, said=_("这张表已经用过，令牌在下面。要再做一个，重新打开这一页。"), status=409
            )
        token, secret = make_token(
            request.user,
            name=given["name"],
            scopes=given["scopes"],
            ends_on=given["ends_on"],
            by=request.user,
        )
        history.log_change(token, by_id=request.user.pk, changes={
            "name": (None, token.name), "scopes": (None, token.scopes), "ends_on": (None, token.ends_on),
        })  # fmt: skip
    return _page(request, secret=secret, made=token)


@page(methods=("POST",))
def revoke(request: SignedIn, pk: int) -> HttpResponse:
    """POST /tokens/<id>/revoke/: the key is dead from now on; a second time changes nothing."""
    row = row_or_404(may_see, Token.objects.all(), request.user, pk=pk)
    now = timezone.now()
    with transaction.atomic():
        if Token.objects.filter(pk=row.pk, revoked_at__isnull=True).update(revoked_at=now):
            history.log_change(row, by_id=request.user.pk, changes={"revoked_at": (None, now)})
    return redirect("/tokens/" if row.person_id == request.user.pk else "/tokens/?all=1")
