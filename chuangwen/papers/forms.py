"""The forms of the steps of a paper."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from chuangwen.papers.models import Receipt
from chuangwen.papers.rules import RECEIVERS


class ReceiptForm(forms.Form):
    """签收: the receipt of one of the person's units; without a number the only one, or the first still open."""

    receipt = forms.IntegerField(required=False, widget=forms.HiddenInput)

    matter: Any
    by: Any
    nothing_left = _("你单位已经签收过这份公文。")

    def is_open(self, row: Receipt) -> bool:
        return row.received_at is None

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        units = self.by.standing.units_as(*RECEIVERS) if self.by else ()
        rows = list(
            Receipt.objects.filter(paper=self.matter, unit_id__in=units).select_related("unit").order_by("pk")
        )
        wanted = cleaned.pop("receipt", None)
        if wanted is not None:
            rows = [row for row in rows if row.pk == wanted]
        if not rows:
            raise forms.ValidationError(_("你单位不在这份公文的收文单位里。"))
        left = [row for row in rows if self.is_open(row)]
        if not left:
            raise forms.ValidationError(self.nothing_left)
        return {**cleaned, "receipt": left[0]}


class ReplyForm(ReceiptForm):
    """回复: what the unit did or will do, by whom and until when."""

    reply = forms.CharField(
        label=_("回复"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("写明办到哪一步、由谁办、何时办完；办不了的写明为什么。")},
    )  # fmt: skip

    nothing_left = _("你单位已经回复过这份公文。")

    def is_open(self, row: Receipt) -> bool:
        return row.replied_at is None
