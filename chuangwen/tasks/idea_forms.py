"""The forms of the steps of ideas."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from chuangwen.kernel.models import Unit
from chuangwen.tasks.forms import day_input
from chuangwen.tasks.idea_models import Idea, IdeaState


class ReleaseForm(forms.Form):
    """What everybody will read: the idea in words somebody checked, without a name in them."""

    public_text = forms.CharField(
        label=_("公开的话"), max_length=300, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("去掉姓名、电话、门牌；意思不改。"),
        error_messages={"required": _("写公开的话，原话不直接公开。")},
    )  # fmt: skip
    topic = forms.CharField(label=_("主题"), max_length=30, required=False)


class MergeIdeaForm(forms.Form):
    """The idea this one says again."""

    into = forms.CharField(
        label=_("并入哪一条"), max_length=24, help_text=_("写编号，如 GY-JY-2026-001"),
        error_messages={"required": _("写要并入的编号。")},
    )  # fmt: skip

    def clean_into(self) -> Idea:
        number = self.cleaned_data["into"].strip().upper()
        into = Idea.objects.filter(number=number).first()
        if into is None:
            raise forms.ValidationError(_t("没有编号 %(number)s 的建言。") % {"number": number})
        if into.pk == self.matter.pk:  # type: ignore[attr-defined]
            raise forms.ValidationError(_t("不能并入自己。"))
        if into.state not in (IdeaState.OPEN, IdeaState.ADOPTED):
            raise forms.ValidationError(
                _t("%(number)s 现在是%(state)s，只能并入公开征集或已采纳的。")
                % {"number": number, "state": IdeaState(into.state).label}
            )
        return into

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.matter.merged.exists():  # type: ignore[attr-defined]
            raise forms.ValidationError(_t("已有别的建言并入这一条，把另一条并过来。"))
        return data


class AnswerForm(forms.Form):
    """The answer everybody reads."""

    answer = forms.CharField(
        label=_("答复"), max_length=600, widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("写答复，建言的人和大家都看得到。")},
    )  # fmt: skip


class AdoptForm(AnswerForm):
    """Who does it, until when; without a unit it is adopted without a task of its own."""

    unit = forms.ModelChoiceField(
        Unit.objects.filter(is_active=True), label=_("办理单位"), required=False, empty_label=_("不另派任务")
    )
    due_on = forms.DateField(label=_("期限"), required=False, widget=day_input())

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("unit") and not data.get("due_on") and "due_on" not in self.errors:
            self.add_error("due_on", _t("派了单位，就要写期限。"))
        return data


class DoneForm(forms.Form):
    """What was done, in words for everybody (row 76: you said, we did)."""

    done_text = forms.CharField(
        label=_("做了什么"), max_length=600, widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("写做了什么，哪里看得到。")},
    )  # fmt: skip
