"""The forms of the steps: what a person must say for each."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from chuangwen.kernel.models import Unit
from chuangwen.kernel.workflow.flow import ReasonForm
from chuangwen.kernel.workflow.models import CLOCK_UNITS
from chuangwen.problems.models import Case, CaseKind, Handover, Source, Supervision


class VerifyForm(forms.Form):
    kind = forms.ModelChoiceField(
        CaseKind.objects.filter(is_active=True),
        label=_("类别"),
        required=False,
        error_messages={"invalid_choice": _("没有这个类别。")},
    )
    what = forms.CharField(label=_("事项"), max_length=60, required=False)

    def clean_kind(self) -> CaseKind:
        kind = self.cleaned_data["kind"] or self.matter.kind or self.matter.suggested_kind  # type: ignore[attr-defined]
        if kind is None:
            raise forms.ValidationError(_t("选一个类别，时限和责任单位由它定。"))
        return kind


class DispatchForm(forms.Form):
    unit = forms.ModelChoiceField(
        Unit.objects.filter(is_active=True),
        label=_("责任单位"),
        required=False,
        error_messages={"invalid_choice": _("没有这个单位。")},
    )
    note = forms.CharField(label=_("说明"), max_length=200, required=False)

    def clean_unit(self) -> Unit:
        unit = self.cleaned_data["unit"] or self.matter.unit or self.matter.suggested_unit  # type: ignore[attr-defined]
        if unit is None:
            raise forms.ValidationError(_t("责任规则没有找到单位，选一个。"))
        return unit


class ReturnForm(ReasonForm):
    """「不归我」: the reason, and the right unit when known."""

    right_unit = forms.ModelChoiceField(
        Unit.objects.filter(is_active=True), label=_("应归哪个单位"), required=False
    )


class AnswerForm(forms.Form):
    note = forms.CharField(
        label=_("怎么解决的"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("写一句怎么解决的。")},
    )  # fmt: skip


class ExtensionForm(ReasonForm):
    amount = forms.DecimalField(
        label=_("延长"), min_value=Decimal("0.5"), max_value=60, max_digits=5, decimal_places=1
    )
    unit = forms.ChoiceField(label=_("单位"), choices=CLOCK_UNITS, initial="work_day")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        amount = data.get("amount")
        if amount and data.get("unit") in ("work_day", "calendar_day") and amount != int(amount):
            raise forms.ValidationError(_t("按日延长要写整数；不足一日的改用工作时。"))
        return data


class RulingForm(ReasonForm):
    """A ruling on a request: granted or not, always with a reason."""

    granted = forms.TypedChoiceField(
        label=_("结论"), choices=[("yes", _("同意")), ("no", _("不同意"))], coerce=lambda v: v == "yes",
        error_messages={"required": _("选同意或不同意。")},
    )  # fmt: skip


class HoldForm(ReasonForm):
    until = forms.DateField(label=_("挂账至"), widget=forms.DateInput(attrs={"type": "date"}))

    def clean_until(self) -> Any:
        until = self.cleaned_data["until"]
        today = timezone.localdate(self.matter.now)  # type: ignore[attr-defined]
        if until <= today:
            raise forms.ValidationError(_t("挂账的日期要晚于今天。"))
        if (until - today).days > 366:
            raise forms.ValidationError(_t("一次挂账最长一年。"))
        return until


class DecideForm(ReasonForm):
    """The office decides whose it is, after hearing the units."""

    unit = forms.ModelChoiceField(
        Unit.objects.filter(is_active=True),
        label=_("责任单位"),
        error_messages={"required": _("定一个责任单位。")},
    )
    heard = forms.ModelMultipleChoiceField(
        Unit.objects.all(),
        label=_("已听取意见的单位"),
        error_messages={"required": _("先听取单位意见，再定责。")},
    )


class MergeForm(forms.Form):
    into = forms.CharField(
        label=_("并入案号"), max_length=24, error_messages={"required": _("填要并入的案号。")}
    )

    def clean_into(self) -> Case:
        into = Case.objects.filter(number=self.cleaned_data["into"].strip()).first()
        if into is None:
            raise forms.ValidationError(_t("没有这个案号。"))
        if into.pk == self.matter.pk:  # type: ignore[attr-defined]
            raise forms.ValidationError(_t("不能并入自己。"))
        if into.merged_into_id:
            raise forms.ValidationError(_t("那件已并入别的案件，填最后那件的案号。"))
        if not into.is_open:
            raise forms.ValidationError(_t("那件已结束，不能再并入；若又发生，按复发立案。"))
        return into


class SuperviseForm(ReasonForm):
    level = forms.TypedChoiceField(
        label=_("督办"),
        coerce=int,
        choices=[c for c in Supervision.choices if c[0]],
        error_messages={"required": _("选黄牌或红牌。")},
    )


class ReplyForm(forms.Form):
    """The answer to whoever reported: a resident, a caller, a newspaper (rows 41, 50)."""

    reply = forms.CharField(
        label=_("答复"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}), error_messages={"required": _("写答复的话。")}
    )


class SpotForm(forms.Form):
    note = forms.CharField(label=_("现场情况"), max_length=300, required=False)


class QuickReportForm(forms.Form):
    """Quick entry: one photo, ten characters, kind, place; the rest is offered."""

    uid = forms.UUIDField(widget=forms.HiddenInput)
    what = forms.CharField(
        label=_("什么问题"), max_length=200, min_length=2,
        error_messages={"required": _("写几个字说是什么问题。"), "min_length": _("多写几个字，别人才看得懂。")},
    )  # fmt: skip
    kind = forms.ModelChoiceField(CaseKind.objects.filter(is_active=True), label=_("类别"), required=False)
    source = forms.ChoiceField(label=_("来源"), choices=Source.choices, required=False)
    address = forms.CharField(label=_("位置"), max_length=120, required=False)
    lon = forms.FloatField(required=False, min_value=-180, max_value=180, widget=forms.HiddenInput)
    lat = forms.FloatField(required=False, min_value=-90, max_value=90, widget=forms.HiddenInput)
    accuracy_m = forms.FloatField(required=False, min_value=0, widget=forms.HiddenInput)
    site = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
    taken_at = forms.DateTimeField(required=False, widget=forms.HiddenInput)
    contact = forms.CharField(label=_("联系方式"), max_length=60, required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("lon") is None and not data.get("site") and not data.get("address"):
            raise forms.ValidationError(_t("说明在哪里：开定位、在图上点，或写地址。"))
        return data


class OutcomeForm(forms.Form):
    """What the other body found and decided."""

    outcome = forms.CharField(
        label=_("结果"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": _("写明结果。")},
    )


class HandoverForm(ReasonForm):
    kind = forms.ChoiceField(label=_("类型"), choices=Handover.Kind.choices)
    to_unit = forms.ModelChoiceField(
        Unit.objects.filter(kind__in=["supervision", "discipline", "command"], is_active=True), label=_("接收单位"),
        error_messages={"required": _("选接收单位。")},
    )  # fmt: skip
