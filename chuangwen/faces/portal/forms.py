"""What the page of 随手拍 asks."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from chuangwen.kernel.models import Place
from chuangwen.problems.forms import PointForm, TakenField
from chuangwen.problems.models import CaseKind

MOST_PHOTOS = 3


class ReportForm(PointForm):
    """A sentence; everything else may be left out."""

    text = forms.CharField(
        max_length=500, min_length=2,
        error_messages={
            "required": _("写一句怎么了，例如“垃圾桶满了两天”。"),
            "min_length": _("多写几个字，别人才看得懂。"),
            "max_length": _("最多 500 字，删短后再发。"),
        },
    )  # fmt: skip
    kind = forms.ModelChoiceField(
        CaseKind.objects.filter(is_active=True), required=False, to_field_name="code",
        error_messages={"invalid_choice": _("没有这个类别，另选一个。")},
    )  # fmt: skip
    site = forms.ModelChoiceField(
        Place.objects.filter(kind="site", is_active=True).select_related("parent"), required=False,
        to_field_name="code", error_messages={"invalid_choice": _("没有这个点位，改用位置上报。")},
    )  # fmt: skip
    address = forms.CharField(
        max_length=120, required=False, error_messages={"max_length": _("位置最多 120 字，删短后再发。")}
    )
    name = forms.CharField(
        max_length=20, required=False, error_messages={"max_length": _("称呼最多 20 字。")}
    )
    join = forms.UUIDField(required=False, error_messages={"invalid": _("那件事已不在公开之列，直接上报。")})
    taken_at = TakenField(required=False)
