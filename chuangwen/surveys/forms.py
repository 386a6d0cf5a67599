"""The form of a batch: what is written on the bundle of questionnaires that came back."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from chuangwen.standards.models import Edition
from chuangwen.surveys.actions import BatchFacts
from chuangwen.surveys.models import Batch, Channel

_DAY = {"type": "date"}
MOST = 10_000_000


class EditionField(forms.ModelChoiceField):
    """Editions with questions; the ones in force first."""

    def __init__(self, **more: Any) -> None:
        rows = Edition.objects.filter(nodes__requirements__questions__isnull=False).distinct()
        super().__init__(
            rows.select_related("scheme").order_by("-is_current", "scheme__kind", "-year"), **more
        )

    def label_from_instance(self, obj: Edition) -> str:
        return f"{obj}"


class BatchForm(forms.Form):
    edition = EditionField(label=_("测评体系"), empty_label=None)
    name = forms.CharField(label=_("名称"), max_length=80)
    channel = forms.ChoiceField(label=_("渠道"), choices=Channel.choices)
    from_on = forms.DateField(label=_("起"), widget=forms.DateInput(_DAY, "%Y-%m-%d"))
    to_on = forms.DateField(label=_("止"), widget=forms.DateInput(_DAY, "%Y-%m-%d"))
    given = forms.IntegerField(label=_("发放份数"), min_value=1, max_value=MOST)
    valid = forms.IntegerField(label=_("有效份数"), min_value=0, max_value=MOST)
    source = forms.CharField(label=_("来源"), max_length=200, required=False)

    def facts(self) -> BatchFacts:
        """What was filled in; only of a valid form."""
        return BatchFacts(**self.cleaned_data)

    @classmethod
    def of(cls, batch: Batch) -> BatchForm:
        """The form as the batch stands."""
        return cls(initial={name: getattr(batch, name) for name in cls.base_fields})
