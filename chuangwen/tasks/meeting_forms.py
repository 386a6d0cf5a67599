"""The forms of the steps of referrals: what the office notes of the government's weekly assignment meeting."""

from __future__ import annotations

import datetime as dt

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from chuangwen.tasks.forms import day_input


def _note() -> forms.CharField:
    return forms.CharField(
        label=_("说明"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )


def _past(form: forms.Form, day: dt.date) -> dt.date:
    if day > timezone.localdate(form.matter.now):  # type: ignore[attr-defined]
        raise forms.ValidationError(_t("日期还没有到。核对日期。"))
    return day


class ListForm(forms.Form):
    """列入: on the list of which meeting."""

    listed_on = forms.DateField(
        label=_("列入哪天的会"), widget=day_input(), error_messages={"required": _("写列入哪一天的会。")}
    )
    note = _note()


class AssignForm(forms.Form):
    """交办: on what day, by whom, until when."""

    assigned_on = forms.DateField(
        label=_("交办日期"), widget=day_input(), error_messages={"required": _("写哪一天交办的。")}
    )
    assigned_by = forms.CharField(
        label=_("交办领导"), max_length=60, error_messages={"required": _("写是谁交办的。")}
    )
    due_on = forms.DateField(
        label=_("期限"), widget=day_input(), error_messages={"required": _("写办结的期限。")}
    )
    note = _note()

    def clean_assigned_on(self) -> dt.date:
        return _past(self, self.cleaned_data["assigned_on"])

    def clean_due_on(self) -> dt.date:
        due_on: dt.date = self.cleaned_data["due_on"]
        if due_on <= timezone.localdate(self.matter.now):  # type: ignore[attr-defined]
            raise forms.ValidationError(_t("期限要晚于今天。"))
        return due_on


class OutcomeForm(forms.Form):
    outcome = forms.CharField(
        label=_("结果"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("写一句办成了什么。")},
    )
