"""The forms of the steps: what a person must say for each."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from chuangwen.kernel.models import Place, Unit
from chuangwen.kernel.places.datum import Datum
from chuangwen.kernel.workflow.flow import ReasonForm
from chuangwen.kernel.workflow.models import CLOCK_UNITS
from chuangwen.problems.models import Case, CaseKind, Handover, Source, Supervision
from chuangwen.problems.suggesting import kinds

_NO_POINT = {"invalid": _("坐标要写成小数的度。")}


class KindField(forms.ModelChoiceField):
    """A kind of the catalogue in force, from the list every process keeps."""

    def to_python(self, value: Any) -> CaseKind | None:
        if value in self.empty_values:
            return None
        found = next((kind for kind in kinds().values() if str(kind.pk) == str(value)), None)
        return found if found is not None else super().to_python(value)


class TakenField(forms.DateTimeField):
    """When a photo was taken, as the sender's clock has it; a moment no camera can mean counts as not told."""

    def clean(self, value: Any) -> Any:
        moment = super().clean(value)
        return moment if moment is not None and 1970 <= moment.year < 9999 else None


class VerifyForm(forms.Form):
    kind = KindField(
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
        label=_("怎么解决的"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("写一句怎么解决的。")},
    )


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
        while into.merged_into is not None:  # merged meanwhile: what it was merged into is meant
            into = into.merged_into
        if into.pk == self.matter.pk:  # type: ignore[attr-defined]
            raise forms.ValidationError(_t("不能并入自己。"))
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
        label=_("答复"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("写答复的话。")},
    )


class SpotForm(forms.Form):
    note = forms.CharField(label=_("现场情况"), max_length=300, required=False)


class PointForm(forms.Form):
    """A point as a phone or a person gives it: degrees, their datum, and how far they may be off (metres)."""

    lon = forms.FloatField(required=False, widget=forms.HiddenInput, error_messages=_NO_POINT)
    lat = forms.FloatField(required=False, widget=forms.HiddenInput, error_messages=_NO_POINT)
    datum = forms.TypedChoiceField(
        required=False,
        choices=[(d.value, d.value.upper()) for d in Datum],
        coerce=Datum,
        empty_value=Datum.WGS84,
        widget=forms.HiddenInput,
        error_messages={"invalid_choice": _("没有这种坐标系。")},
    )
    accuracy_m = forms.FloatField(
        required=False,
        min_value=0,
        max_value=100_000,
        widget=forms.HiddenInput,
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), _("精度要写米数。")),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        lon, lat = data.get("lon"), data.get("lat")
        if (lon is None) != (lat is None) and not {"lon", "lat"} & set(self.errors):
            raise forms.ValidationError(_t("只有经度或只有纬度，两个都要有。"))
        if lon is None or lat is None:
            return data
        if abs(lat) > 90 and abs(lon) <= 90 and abs(lat) <= 180:
            raise forms.ValidationError(
                _t("经度和纬度像是写反了：纬度不会是 %(lat)s，对调后再报。") % {"lat": f"{lat:g}"}
            )
        if abs(lat) > 90 or abs(lon) > 180:
            raise forms.ValidationError(_t("坐标超出地球的范围，核对经度和纬度。"))
        return data

    def point(self) -> tuple[float, float, Datum] | None:
        """(lon, lat, datum) as given, or None."""
        data = self.cleaned_data
        return (data["lon"], data["lat"], data["datum"]) if data.get("lon") is not None else None


class QuickReportForm(PointForm):
    """Quick entry: one photo, ten characters, kind, place; the rest is offered."""

    uid = forms.UUIDField(required=False, widget=forms.HiddenInput)
    what = forms.CharField(
        label=_("什么问题"),
        max_length=200,
        min_length=2,
        error_messages={
            "required": _("写几个字说是什么问题。"),
            "min_length": _("多写几个字，别人才看得懂。"),
            "max_length": _("最多 200 字，细节留到照片和现场。"),
        },
    )
    kind = forms.ModelChoiceField(
        CaseKind.objects.filter(is_active=True),
        label=_("类别"),
        required=False,
        to_field_name="code",
        empty_label=_("由系统建议"),
        error_messages={"invalid_choice": _("没有这个类别，另选一个。")},
    )
    address = forms.CharField(
        label=_("位置"), max_length=120, required=False, error_messages={"max_length": _("位置最多 120 字。")}
    )
    site = forms.ModelChoiceField(
        Place.objects.filter(kind="site", is_active=True).select_related("parent"),
        label=_("点位"),
        required=False,
        to_field_name="code",
        widget=forms.HiddenInput,
        error_messages={"invalid_choice": _("没有这个点位，改用定位或写地址。")},
    )
    taken_at = TakenField(
        required=False,
        widget=forms.HiddenInput,
        error_messages={"invalid": _("照片的时间看不懂，重选一次照片。")},
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        placed = data.get("lon") is not None or data.get("site") or data.get("address")
        if not placed and not {"lon", "lat", "site", "address"} & set(self.errors):
            self.add_error("address", _t("说明在哪里：开定位、选点位，或写地址。"))
        return data


class DeskReportForm(QuickReportForm):
    """The same at the desk: what came by telephone, letter, meeting or newspaper, and whom to answer."""

    source = forms.ChoiceField(
        label=_("来源"),
        initial=Source.PHONE,
        error_messages={"required": _("选来源。"), "invalid_choice": _("没有这个来源。")},
        choices=[(s.value, s.label) for s in Source if s not in (Source.RECHECK, Source.VISIT)],
    )
    channel = forms.CharField(
        label=_("渠道"), max_length=20, required=False, help_text=_("如 12345、报纸名、会议名")
    )
    contact = forms.CharField(
        label=_("联系方式"), max_length=60, required=False, help_text=_("只用来答复，别人看到的是掩码")
    )


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
        Unit.objects.filter(kind__in=["supervision", "discipline", "command"], is_active=True),
        label=_("接收单位"),
        error_messages={"required": _("选接收单位。")},
    )
