"""What the steps of a round ask for."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from chuangwen.inspections.models import Opinion, RoundKind, Team
from chuangwen.kernel.models import Person, Place, Term, Unit
from chuangwen.kernel.people.models import Role
from chuangwen.standards.models import Edition

SECRET_KINDS = (RoundKind.COVERT, RoundKind.MOCK)


SECRECY = (("", _("按类型：暗访保密，其余公开")), ("yes", _("保密")), ("no", _("不保密")))
HOW = (("total", _("合计抽")), ("margin", _("误差不超过（百分点）")), ("each", _("每类抽")))


class PlanForm(forms.Form):
    """A round to be planned: kind, days, scope, and how many places by which rule."""

    kind = forms.ChoiceField(label=_("类型"), choices=RoundKind.choices, initial=RoundKind.MOCK)
    name = forms.CharField(label=_("名称"), max_length=80)
    from_on = forms.DateField(
        label=_("起"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    to_on = forms.DateField(label=_("止"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    secrecy = forms.ChoiceField(
        label=_("保密"), choices=SECRECY, required=False,
        help_text=_("保密的轮次，公布前只有制定人和考察组知道；只用于暗访和模拟测评。"),
    )  # fmt: skip
    editions = forms.ModelMultipleChoiceField(
        Edition.objects.select_related("scheme"), label=_("测评体系"), required=False,
        help_text=_("不选就用在用的版本。"),
    )  # fmt: skip
    site_types = forms.MultipleChoiceField(
        label=_("点位类型"), required=False, help_text=_("不选就是全部类型。")
    )
    streets = forms.MultipleChoiceField(label=_("镇街"), required=False, help_text=_("不选就是全市。"))
    how = forms.ChoiceField(label=_("数量"), choices=HOW, initial="total")
    size = forms.DecimalField(label=_("多少"), min_value=0, max_value=100_000, required=False)
    rest_days = forms.IntegerField(
        label=_("多少天内不重复"), min_value=0, max_value=3650, required=False, initial=30
    )
    double_share = forms.IntegerField(
        label=_("复评比例（%）"), min_value=0, max_value=100, required=False, initial=0,
        help_text=_("由另一组再评一次，看两组看法是否一致。"),
    )  # fmt: skip
    by_area = forms.BooleanField(label=_("按镇街分层"), required=False, initial=True)
    workdays = forms.BooleanField(label=_("只排工作日"), required=False, initial=True)
    places = forms.CharField(
        label=_("指定点位"), required=False, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("写点位编码，用空格隔开；写了就不抽取。"),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        types = Term.objects.filter(list="site_type").values_list("code", "name")
        streets = Place.objects.filter(kind="street", is_active=True).values_list("code", "short_name")
        self.fields["site_types"].choices = list(types)  # type: ignore[attr-defined]
        self.fields["streets"].choices = list(streets)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        check_secret(data.get("kind", ""), data.get("secrecy") == "yes")
        if data.get("from_on") and data.get("to_on") and data["to_on"] < data["from_on"]:
            self.add_error("to_on", _("止的日期早于起的日期。"))
        codes = (data.get("places") or "").replace("，", " ").replace("、", " ").split()
        known = set(Place.objects.filter(code__in=codes, is_active=True).values_list("code", flat=True))
        unknown = [code for code in codes if code not in known]
        if unknown:
            self.add_error("places", _("没有编码为 %(codes)s 的点位。") % {"codes": "、".join(unknown[:10])})
        if not codes and not data.get("size"):
            self.add_error("size", _("写明抽多少，或在下面写明点位。"))
        data["places"] = list(dict.fromkeys(codes))
        return data

    def is_secret(self) -> bool | None:
        """Secret, not secret, or (None) as the kind has it."""
        return {"yes": True, "no": False}.get(self.cleaned_data["secrecy"])

    def spec(self) -> dict[str, Any]:
        """The way of drawing, as a round keeps it."""
        data = self.cleaned_data
        found: dict[str, Any] = {
            name: data[name] for name in ("site_types", "streets", "by_area", "workdays")
        }
        found |= {
            "rest_days": data["rest_days"] or 0,
            "double_share": str(Decimal(data["double_share"] or 0) / 100),
        }
        if data["places"]:
            return found | {"places": data["places"], "rest_days": 0}
        size = data["size"]
        return found | {data["how"]: str(size / 100) if data["how"] == "margin" else int(size)}


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
