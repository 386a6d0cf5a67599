"""What the steps of a round ask for."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from chuangwen.inspections.models import Opinion, RoundKind, Team
from chuangwen.kernel.models import Person, Place, Unit
from chuangwen.kernel.people.models import Role

SECRET_KINDS = (RoundKind.COVERT, RoundKind.MOCK)


class TeamForm(forms.ModelForm):
    """One team: name, members, where it sets out."""

    members = forms.ModelMultipleChoiceField(
        Person.objects.filter(is_active=True).order_by("name"), label=_("成员"),
        error_messages={"required": _("至少选一人。")},
    )  # fmt: skip
    start = forms.ModelChoiceField(
        Place.objects.filter(kind="site", is_active=True, lon__isnull=False).order_by("code"),
        label=_("出发点"), required=False, to_field_name="code", widget=forms.TextInput,
        help_text=_("点位编码；不填就从第一处出发。"),
    )  # fmt: skip

    class Meta:
        model = Team
        fields = ("name", "members", "start")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        roles = (
            Role.OFFICE,
            Role.CLERK,
            Role.CHECKER,
            Role.INSPECTOR,
            Role.DISPATCHER,
            Role.SUPERVISOR,
            Role.LIAISON,
        )
        people = Person.objects.filter(is_active=True, posts__role__in=roles).distinct().order_by("name")
        self.fields["members"].queryset = people  # type: ignore[attr-defined]


class OpinionForm(forms.ModelForm):
    """One opinion of a tour or a deputies' visit; who gave it is a capacity (人大代表), never a name."""

    place = forms.ModelChoiceField(
        Place.objects.filter(is_active=True), label=_("地点"), required=False, to_field_name="code",
        widget=forms.TextInput, help_text=_("点位编码。"),
    )  # fmt: skip
    unit = forms.ModelChoiceField(Unit.objects.filter(is_active=True), label=_("答复单位"), required=False)
    giver = forms.ChoiceField(label=_("身份"))

    class Meta:
        model = Opinion
        fields = ("giver", "place", "text", "unit")

    def __init__(self, *args: Any, givers: list[str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["giver"].choices = [(g, g) for g in givers or ()]  # type: ignore[attr-defined]


class AnswerForm(forms.Form):
    """The unit's answer to an opinion."""

    answer = forms.CharField(
        label=_("答复"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("写明怎么办的，意见人要看得懂。")},
    )  # fmt: skip


def check_secret(kind: str, is_secret: bool) -> None:
    """Raises ValidationError when a kind that takes outsiders along is to be secret."""
    if is_secret and kind not in SECRET_KINDS:
        raise ValidationError(_("只有暗访和模拟测评可以保密。"))
