"""The forms of tasks, plans, campaigns and demonstration sites as the office fills them in."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from chuangwen.kernel.models import Person, Place, Unit
from chuangwen.kernel.people.models import Role
from chuangwen.standards.models import Edition, Method, Requirement
from chuangwen.tasks.forms import answering_units, day_input
from chuangwen.tasks.models import (
    Adoption,
    Demo,
    DemoVisit,
    Drive,
    DriveTemplate,
    Plan,
    PlanKind,
    Task,
    TaskKind,
)


class PlaceField(forms.CharField):
    """A place by its code; its value is the row or None."""

    def __init__(self, **more: Any) -> None:
        super().__init__(max_length=40, **more)

    def clean(self, value: Any) -> Any:
        code = super().clean(value)
        if not code:
            return None
        place = Place.objects.filter(code=code, is_active=True).first()
        if place is None:
            raise forms.ValidationError(_t("没有这个地点编号，在“点位”里查到再填。"))
        return place


class TaskForm(forms.ModelForm):
    """A task's words and links; unit and date only while it is a draft."""

    place = PlaceField(label=_("地点编号"), required=False)
    standard = forms.CharField(
        label=_("标准编号"), max_length=30, required=False, help_text=_("在用版本里的编号，如 1-02")
    )
    method = forms.ChoiceField(label=_("测评方法"), required=False, choices=[("", "—"), *Method.choices])

    class Meta:
        model = Task
        fields = ("kind", "title", "text", "unit", "due_on", "plan", "drive", "leader", "budget", "source")
        widgets = {"due_on": day_input(), "text": forms.Textarea(attrs={"rows": 3})}

    field_order = (
        "kind",
        "title",
        "text",
        "unit",
        "due_on",
        "standard",
        "method",
        "plan",
        "drive",
        "leader",
        "place",
        "budget",
        "source",
    )

    def __init__(self, *args: Any, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        fields: dict[str, Any] = dict(self.fields)
        fields["unit"].queryset = answering_units()
        fields["unit"].empty_label = str(_("不定，由单位认领"))
        fields["plan"].queryset = Plan.objects.filter(kind=PlanKind.YEAR)
        fields["leader"].queryset = (
            Person.objects.filter(posts__role=Role.LEADER, is_active=True).distinct().order_by("username")
        )
        task = self.instance
        if task.pk and task.state != "draft":
            del self.fields["unit"], self.fields["due_on"]
        if task.place:
            self.initial["place"] = task.place.code
        if task.requirement:
            self.initial.update(standard=task.requirement.node.code, method=task.requirement.method)

    def clean_due_on(self) -> dt.date:
        due_on: dt.date = self.cleaned_data["due_on"]
        if due_on <= self.today:
            raise forms.ValidationError(_t("期限要晚于今天。"))
        return due_on

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("budget") is not None and data.get("kind") != TaskKind.PROJECT:
            self.add_error("budget", _t("只有推进项目填投资。"))
        data["requirement"] = self._requirement(data) if data.get("standard") else None
        return data

    def _requirement(self, data: dict[str, Any]) -> Requirement | None:
        rows = Requirement.objects.filter(node__code=data["standard"].strip()).select_related("node")
        same = self.instance.requirement
        rows = (
            rows.filter(node__edition=same.node.edition)
            if same
            else rows.filter(node__edition__is_current=True)
        )
        found = {row.method: row for row in rows}
        if not found:
            self.add_error("standard", _t("在用的标准里没有这个编号。"))
            return None
        if not data.get("method") and len(found) == 1:
            return next(iter(found.values()))
        if data.get("method") not in found:
            known = "、".join(str(Method(m).label) for m in found)
            self.add_error("method", _t("这个标准的方法是：%(known)s，选一种。") % {"known": known})
            return None
        return found[data["method"]]

    def values(self) -> dict[str, Any]:
        """The columns of the task as the action takes them."""
        data = self.cleaned_data
        names = (
            "kind",
            "title",
            "text",
            "unit",
            "due_on",
            "plan",
            "drive",
            "leader",
            "place",
            "budget",
            "source",
            "requirement",
        )
        return {name: data[name] for name in names if name in data}


class SplitForm(forms.Form):
    """Which kinds of duty a requirement is broken into."""

    kinds = forms.MultipleChoiceField(
        label=_("分解成"), choices=TaskKind.choices, widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("选一种以上。")},
    )  # fmt: skip
    due_on = forms.DateField(label=_("期限"), widget=day_input(), error_messages={"required": _("写期限。")})
    plan = forms.ModelChoiceField(Plan.objects.filter(kind=PlanKind.YEAR), label=_("计划"), required=False)


class GenerateForm(forms.Form):
    edition = forms.ModelChoiceField(
        Edition.objects.select_related("scheme").order_by("-is_current", "scheme", "-year"), label=_("依据版本"),
        error_messages={"required": _("选一个版本；还没有的，先在“标准”里导入。")},
    )  # fmt: skip
    year = forms.IntegerField(
        label=_("年份"), min_value=2020, max_value=2100,
        error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), _("年份写 2020 到 2100。")),
    )  # fmt: skip


class PlanForm(forms.ModelForm):
    class Meta:
        model = Plan
        fields = ("kind", "name", "parent", "edition", "from_on", "to_on", "goal", "source")
        widgets = {"from_on": day_input(), "to_on": day_input(), "goal": forms.Textarea(attrs={"rows": 4})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        parents: Any = self.fields["parent"]
        parents.queryset = Plan.objects.filter(kind=PlanKind.THREE_YEARS).exclude(pk=self.instance.pk)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        parent, first, last = data.get("parent"), data.get("from_on"), data.get("to_on")
        if data.get("kind") == PlanKind.THREE_YEARS and parent:
            self.add_error("parent", _t("三年行动计划上面没有别的计划。"))
        elif parent and first and last and not parent.from_on <= first <= last <= parent.to_on:
            span = {"a": parent.from_on, "b": parent.to_on}
            self.add_error("from_on", _t("日期要在上级计划的 %(a)s 到 %(b)s 之内。") % span)
        return data


class DriveForm(forms.ModelForm):
    class Meta:
        model = Drive
        fields = (
            "kind",
            "name",
            "plan",
            "unit",
            "from_on",
            "to_on",
            "streets",
            "scope",
            "measure",
            "case_kind",
            "target",
            "source",
        )
        widgets = {"from_on": day_input(), "to_on": day_input()}

    def __init__(self, *args: Any, kinds: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = dict(self.fields)
        fields["unit"].queryset = answering_units()
        fields["streets"].queryset = Place.objects.filter(kind="street", is_active=True).order_by("code")
        fields["streets"].help_text = _("不选就是全市")
        fields["plan"].queryset = Plan.objects.filter(kind=PlanKind.YEAR)
        self.fields["case_kind"] = forms.ChoiceField(
            label=_("按未销号案件衡量"), required=False, choices=[("", _("不按案件")), *kinds],
        )  # fmt: skip


class TemplateForm(forms.ModelForm):
    class Meta:
        model = DriveTemplate
        fields = ("name", "kind", "month", "measure", "source")


class MeasureForm(forms.Form):
    when = forms.ChoiceField(choices=[("before", _("之前")), ("after", _("之后"))])
    value = forms.DecimalField(
        label=_("数值"), max_digits=14, decimal_places=2, error_messages=dict.fromkeys(("required", "invalid"), _("写一个数。")),
    )  # fmt: skip
    result = forms.CharField(label=_("结果"), max_length=2000, required=False)


class DemoForm(forms.ModelForm):
    place = PlaceField(label=_("点位编号"), error_messages={"required": _("填点位编号，例如 P0001。")})

    class Meta:
        model = Demo
        fields = ("trade", "unit", "drive", "practice", "chosen_on", "source")
        widgets = {"chosen_on": day_input(), "practice": forms.Textarea(attrs={"rows": 4})}

    field_order = ("trade", "place", "unit", "drive", "practice", "chosen_on", "source")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        units: Any = self.fields["unit"]
        units.queryset = Unit.objects.filter(is_active=True).order_by("code")
        if self.instance.pk:
            self.initial["place"] = self.instance.place.code

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        place, trade = data.get("place"), data.get("trade")
        if (
            place
            and trade
            and Demo.objects.filter(trade=trade, place=place).exclude(pk=self.instance.pk).exists()
        ):
            self.add_error("place", _t("这个点位已是“%(trade)s”的示范点。") % {"trade": trade})
        self.instance.place = place or (self.instance.place if self.instance.pk else None)
        return data


class VisitForm(forms.ModelForm):
    class Meta:
        model = DemoVisit
        fields = ("on", "guests", "count", "note")
        widgets = {"on": day_input(), "note": forms.Textarea(attrs={"rows": 2})}


class AdoptionForm(forms.ModelForm):
    place = PlaceField(
        label=_("推广到（点位编号）"), error_messages={"required": _("填点位编号，例如 P0001。")}
    )

    class Meta:
        model = Adoption
        fields = ("state", "on", "note")
        widgets = {"on": day_input()}

    field_order = ("place", "state", "on", "note")

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("state") == "adopted" and not data.get("on"):
            self.add_error("on", _t("写哪天推广的。"))
        return data
