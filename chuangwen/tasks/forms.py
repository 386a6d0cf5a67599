"""The forms of a task's steps: what a person must say for each."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from chuangwen.kernel.models import Unit
from chuangwen.kernel.people.models import Role
from chuangwen.kernel.workflow.flow import ReasonForm
from chuangwen.tasks.models import TaskKind

ANSWERING = (
    "department",
    "street",
    "utility",
    "enterprise",
    "media",
    "group",
    "office_group",
    "district_office",
)


def day_input() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def answering_units() -> Any:
    """Units that do work of their own."""
    return Unit.objects.filter(is_active=True, kind__in=ANSWERING).order_by("code")


class GiveForm(forms.Form):
    unit = forms.ModelChoiceField(
        Unit.objects.filter(is_active=True),
        label=_("单位"),
        required=False,
        error_messages={"invalid_choice": _("没有这个单位。")},
    )

    def clean_unit(self) -> Unit:
        unit = self.cleaned_data["unit"] or self.matter.unit  # type: ignore[attr-defined]
        if unit is None:
            raise forms.ValidationError(_t("选一个单位。"))
        return unit


class ClaimForm(forms.Form):
    """Which of his units a person claims for; with one unit nothing is asked."""

    unit = forms.ModelChoiceField(
        Unit.objects.filter(is_active=True), label=_("用哪个单位认领"), required=False
    )

    def clean_unit(self) -> Unit:
        mine = self.by.standing.units_as(Role.LIAISON, Role.HEAD)  # type: ignore[attr-defined]
        unit = self.cleaned_data["unit"]
        if unit is None:
            own = list(Unit.objects.filter(pk__in=mine, is_active=True)[:2])
            if len(own) != 1:
                raise forms.ValidationError(_t("你代表几个单位，选用哪一个认领。"))
            return own[0]
        if unit.pk not in mine:
            raise forms.ValidationError(_t("只能用你任职的单位认领。"))
        return unit


class ProgressForm(forms.Form):
    percent = forms.IntegerField(
        label=_("进度%"),
        min_value=0,
        max_value=100,
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value", "max_value"), _("进度写 0 到 100 的整数。")
        ),
    )
    note = forms.CharField(
        label=_("进展"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("写一句做到哪一步。")},
    )
    spent = forms.DecimalField(
        label=_("累计完成投资（元）"),
        min_value=Decimal(0),
        max_digits=16,
        decimal_places=2,
        required=False,
        error_messages=dict.fromkeys(("invalid", "min_value"), _("投资写不小于 0 的元数。")),
    )

    def clean_spent(self) -> Decimal | None:
        spent: Decimal | None = self.cleaned_data["spent"]
        if spent is not None and self.matter.kind != TaskKind.PROJECT:  # type: ignore[attr-defined]
            raise forms.ValidationError(_t("只有项目填投资。"))
        return spent


class SubmitForm(forms.Form):
    note = forms.CharField(
        label=_("完成情况"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("写一句完成了什么。")},
    )


class AcceptForm(forms.Form):
    note = forms.CharField(label=_("验收意见"), max_length=300, required=False)


def _ahead(form: Any, due_on: dt.date) -> dt.date:
    if due_on <= timezone.localdate(form.matter.now):
        raise forms.ValidationError(_t("期限要晚于今天。"))
    return due_on


class ReturnForm(ReasonForm):
    """Back to the unit: why, and a new date when the old one is over."""

    due_on = forms.DateField(label=_("新期限"), widget=day_input(), required=False)

    def clean_due_on(self) -> dt.date | None:
        due_on: dt.date | None = self.cleaned_data["due_on"]
        if due_on:
            return _ahead(self, due_on)
        if self.matter.due_on <= timezone.localdate(self.matter.now):  # type: ignore[attr-defined]
            raise forms.ValidationError(_t("原期限已到，给一个新期限。"))
        return None


class PostponeForm(ReasonForm):
    due_on = forms.DateField(
        label=_("延到"), widget=day_input(), error_messages={"required": _("写延到哪一天。")}
    )

    def clean_due_on(self) -> dt.date:
        due_on = _ahead(self, self.cleaned_data["due_on"])
        if due_on == self.matter.due_on:  # type: ignore[attr-defined]
            raise forms.ValidationError(_t("和现在的期限一样。"))
        return due_on


class ReassignForm(ReasonForm):
    unit = forms.ModelChoiceField(
        Unit.objects.filter(is_active=True), label=_("改派给"), error_messages={"required": _("选一个单位。")}
    )

    def clean_unit(self) -> Unit:
        unit: Unit = self.cleaned_data["unit"]
        if unit.pk == self.matter.unit_id:  # type: ignore[attr-defined]
            raise forms.ValidationError(_t("已经在这个单位手里。"))
        return unit
