"""The forms of the steps of a 提示通知."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class ReplyForm(forms.Form):
    """What the unit answers: how it divided the work, or what it cannot do and why."""

    reply = forms.CharField(
        label=_("回复"), max_length=1000, widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("写明由谁办、何时办完；办不了的写明是哪一条、为什么。")},
    )  # fmt: skip
