"""Forms of official results, events of the negative list, and versions of the rule."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from chuangwen.assessment.actions import IncidentFacts, ResultFacts, RuleFacts
from chuangwen.assessment.models import Front, Incident, NegativeRule, OfficialResult, ScoreRule
from chuangwen.standards.models import Edition, Scheme, SchemeKind

_DAY = {"type": "date"}


def _points(label: Any, **more: Any) -> forms.DecimalField:
    options: dict[str, Any] = {
        "min_value": 0,
        "max_value": 9999,
        "max_digits": 7,
        "decimal_places": 3,
        "required": False,
    }
    return forms.DecimalField(label=label, **{**options, **more})


def _weight(label: Any) -> forms.DecimalField:
    return forms.DecimalField(label=label, min_value=0, max_value=100, max_digits=5, decimal_places=2)


def _text(value: Decimal) -> str:
    """15.00 as 15, the way weights are kept."""
    return f"{value.normalize():f}"


class ResultForm(forms.Form):
    scheme = forms.ModelChoiceField(Scheme.objects.all(), label=_("测评体系"), empty_label=None)
    year = forms.IntegerField(label=_("年度"), min_value=2000, max_value=2100)
    front = forms.ChoiceField(label=_("范围"), choices=Front.choices, initial=Front.TOTAL)
    score = _points(_("得分"))
    rank = forms.IntegerField(label=_("名次"), min_value=1, max_value=5000, required=False)
    pool = forms.CharField(
        label=_("排名范围"),
        max_length=40,
        required=False,
        help_text=_("名次是在谁中间，例如：全国、河南省县市。"),
    )
    among = forms.IntegerField(label=_("参评数"), min_value=1, max_value=5000, required=False)
    ours = _points(_("当时我们的得分"), help_text=_("空着就取当年最后一次留存的得分；误差从这里学。"))
    ours_margin = _points(_("当时我们的误差"))
    source = forms.CharField(label=_("来源"), max_length=200, help_text=_("文件名称、文号或网址。"))

    def facts(self) -> ResultFacts:
        return ResultFacts(**self.cleaned_data)

    @classmethod
    def of(cls, row: OfficialResult) -> ResultForm:
        return cls(initial={name: getattr(row, name) for name in cls.base_fields})


class EntryField(forms.ModelChoiceField):
    """Entries of the negative list by scheme, each with what follows."""

    def label_from_instance(self, obj: NegativeRule) -> str:
        return f"{obj.scheme} · {obj.code} {obj.text}（{obj.get_sanction_display()}）"


class IncidentForm(forms.Form):
    rule = EntryField(
        NegativeRule.objects.select_related("scheme").order_by("scheme", "code"), label=_("负面清单条目")
    )
    on = forms.DateField(label=_("发生日期"), widget=forms.DateInput(_DAY, "%Y-%m-%d"))
    what = forms.CharField(label=_("情况"), max_length=200, help_text=_("不写当事人姓名。"))
    document = forms.CharField(label=_("依据文件"), max_length=120)
    points = _points(_("扣分"), max_digits=6, decimal_places=2, help_text=_("空着就按条目的分数。"))
    expires_on = forms.DateField(
        label=_("失效日期"),
        required=False,
        widget=forms.DateInput(_DAY, "%Y-%m-%d"),
        help_text=_("空着就按条目的月数推算。"),
    )

    def facts(self) -> IncidentFacts:
        return IncidentFacts(**self.cleaned_data)


class LiftForm(forms.Form):
    reason = forms.CharField(
        label=_("撤销原因"), max_length=Incident._meta.get_field("lifted_reason").max_length
    )


class RuleForm(forms.Form):
    edition = forms.ModelChoiceField(Edition.objects.none(), label=_("测评体系"), empty_label=None)
    dossier = _weight(_("材料权重%"))
    site = _weight(_("实地权重%"))
    survey = _weight(_("问卷权重%"))
    first_year = forms.IntegerField(label=_("周期首年"), min_value=2000, max_value=2100, required=False)
    years = forms.CharField(
        label=_("三年权重%"),
        max_length=40,
        required=False,
        help_text=_("从首年起，用逗号隔开，例如 15,25,60；空着就各年单独算。"),
    )
    minors = forms.ModelChoiceField(
        Edition.objects.none(), label=_("未成年人体系"), required=False, empty_label=_("不计入")
    )
    minors_share = forms.DecimalField(
        label=_("未成年人占比%"), min_value=0, max_value=100, max_digits=5, decimal_places=2, initial=0
    )
    minors_floor = _points(
        _("未成年人门槛"), max_digits=6, decimal_places=2, help_text=_("低于这个分数不能申报。")
    )
    goal = _points(_("目标分"), max_digits=6, decimal_places=2)
    confidence = forms.DecimalField(
        label=_("置信水平"), max_digits=4, decimal_places=3, initial=Decimal("0.950")
    )
    missing = forms.ChoiceField(
        label=_("缺数据时"), choices=ScoreRule._meta.get_field("missing").choices or ()
    )
    prior_spread = _points(
        _("未校准时的离散"),
        max_digits=6,
        decimal_places=2,
        help_text=_("还没有正式结果可学时，正式分与我们的分相差多少（标准差，分）。"),
    )
    source = forms.CharField(label=_("来源"), max_length=200, help_text=_("这套权重出自哪份文件。"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = Edition.objects.select_related("scheme").order_by("-is_current", "scheme__kind", "-year")
        self.fields["edition"].queryset = rows.exclude(scheme__kind=SchemeKind.MINORS)  # type: ignore[attr-defined]
        self.fields["minors"].queryset = rows.filter(scheme__kind=SchemeKind.MINORS)  # type: ignore[attr-defined]

    def clean_years(self) -> tuple[str, ...]:
        given = self.cleaned_data["years"].replace("，", ",").replace("、", ",")
        try:
            weights = [Decimal(part.strip()) for part in given.split(",") if part.strip()]
        except ArithmeticError as fault:
            raise forms.ValidationError(_("写数字，用逗号隔开，例如 15,25,60。")) from fault
        if any(not weight.is_finite() or not 0 <= weight <= 100 for weight in weights):
            raise forms.ValidationError(_("每个权重在 0 到 100 之间。"))
        return tuple(_text(weight) for weight in weights)

    def facts(self) -> RuleFacts:
        given = dict(self.cleaned_data)
        fronts = {name: _text(given.pop(name)) for name in ("dossier", "site", "survey")}
        return RuleFacts(fronts=fronts, **given)

    @classmethod
    def of(cls, row: ScoreRule) -> RuleForm:
        """The form as that version stands, to be changed into the next one."""
        start = {name: getattr(row, name) for name in cls.base_fields if hasattr(row, name)}
        return cls(initial={**start, **row.fronts, "years": ",".join(map(str, row.years))})
