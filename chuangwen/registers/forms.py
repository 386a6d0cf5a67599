"""Forms of the fact ledger."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from chuangwen.kernel.models import Unit
from chuangwen.registers.actions import RELATIONS, FactGiven
from chuangwen.registers.models import Fact, SumKind


def _number(label: Any, *, required: bool = True) -> forms.DecimalField:
    return forms.DecimalField(label=label, max_digits=20, decimal_places=4, required=required)


class FactForm(forms.Form):
    """A number of the ledger; `reason` only where one is corrected."""

    code = forms.CharField(label=_("编号"), max_length=20)
    name = forms.CharField(label=_("名称"), max_length=120)
    definition = forms.CharField(
        label=_("口径"), max_length=300, required=False, help_text=_("数的是什么，从哪里到哪里，含不含什么。")
    )
    relation = forms.ChoiceField(
        label=_("比较"),
        choices=[(each, each) for each in RELATIONS],
        help_text=_("余、多、以上写 ≥，近、约写 ≈。"),
    )
    value = _number(_("数值"))
    measure = forms.CharField(label=_("计量单位"), max_length=20, required=False)
    period = forms.CharField(label=_("时点或期间"), max_length=60, required=False)
    source = forms.CharField(label=_("来源"), max_length=200, help_text=_("文件名称、文号，第几部分。"))
    dated_on = forms.DateField(
        label=_("来源日期"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    phrase = forms.CharField(label=_("原文"), max_length=200, required=False)
    unit = forms.ModelChoiceField(
        Unit.objects.filter(is_active=True).order_by("name", "pk"), label=_("数据单位"), required=False
    )
    reason = forms.CharField(
        label=_("更正理由"), max_length=200, required=False, help_text=_("数变了要写，旧数会留着。")
    )

    def given(self, mechanism: str = "") -> FactGiven:
        values = {name: value for name, value in self.cleaned_data.items() if name != "reason"}
        return FactGiven(**values, mechanism=mechanism)

    @classmethod
    def of(cls, fact: Fact) -> FactForm:
        values = {name: getattr(fact, name) for name in cls.base_fields if name != "reason"}
        values["value"] = f"{fact.value.normalize():f}"
        return cls(initial=values)


class FigureForm(forms.Form):
    """The number of one year."""

    year = forms.IntegerField(label=_("年度"), min_value=1990, max_value=2100)
    value = _number(_("数值"))
    source = forms.CharField(label=_("来源"), max_length=200, required=False)


class SumForm(forms.Form):
    """A stated relation; parts by their codes, in order."""

    code = forms.CharField(label=_("编号"), max_length=20)
    name = forms.CharField(label=_("名称"), max_length=120)
    kind = forms.ChoiceField(label=_("关系"), choices=SumKind.choices)
    parts = forms.CharField(
        label=_("组成"), max_length=400, help_text=_("事实编号，用顿号或空格隔开；占比先写数，后写百分比。")
    )
    total = forms.CharField(label=_("总数编号"), max_length=20, required=False)
    stated = _number(_("写明的总数"), required=False)
    source = forms.CharField(label=_("来源"), max_length=200, required=False)
