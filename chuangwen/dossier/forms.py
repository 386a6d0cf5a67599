"""The forms of the dossier's steps: what a person must say for each."""

from __future__ import annotations

import hashlib
from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from chuangwen.dossier.models import Item
from chuangwen.dossier.precheck import check_item
from chuangwen.standards.models import Material


def mark_of(report: str) -> str:
    """What a page that edits a report holds, to notice that somebody else wrote meanwhile."""
    return hashlib.sha256(report.encode()).hexdigest()[:16]


class WriteForm(forms.Form):
    """The report, and the mark of the text the writer had before his eyes."""

    report = forms.CharField(
        required=False, strip=False, max_length=20_000, widget=forms.Textarea, label=_("说明报告")
    )
    seen = forms.CharField(required=False, max_length=16, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        item: Item = self.matter  # type: ignore[attr-defined]
        data["report"] = str(data.get("report") or "").replace("\r\n", "\n").strip()
        if data.get("seen") and data["seen"] != mark_of(item.report) and data["report"] != item.report:
            raise forms.ValidationError(_t("别人刚改过这份说明报告。下面留着你写的，和现在的对照后再存。"))
        return data


class SendForm(forms.Form):
    """Sending up; where the pre-check warns, a word of explanation for whoever reviews."""

    note = forms.CharField(
        label=_("说明"), required=False, max_length=300, widget=forms.Textarea(attrs={"rows": 2})
    )

    def clean_note(self) -> str:
        note = str(self.cleaned_data["note"] or "").strip()
        warned = [one for one in check_item(self.matter, by=self.by) if not one.holds]  # type: ignore[attr-defined]
        if warned and not note:
            raise forms.ValidationError(_t("有 %(n)d 处提醒，写一句说明再报。") % {"n": len(warned)})
        return note


class PassForm(forms.Form):
    note = forms.CharField(label=_("意见"), required=False, max_length=300)


class ServeForm(forms.Form):
    """Which other material this item serves as well, by the codes a person reads: 2-31 M1."""

    material = forms.CharField(
        label=_("也用于材料"), max_length=80, help_text=_("写材料编号，同号的前面加标准编号，如 2-31 M1"),
        error_messages={"required": _("写材料编号。")},
    )  # fmt: skip

    def clean_material(self) -> Material:
        item: Item = self.matter  # type: ignore[attr-defined]
        words = str(self.cleaned_data["material"]).split()
        rows = Material.objects.filter(code=words[-1]).exclude(pk=item.material_id)
        rows = rows.filter(requirement__node__edition=item.material.requirement.node.edition_id)
        if len(words) > 1:
            rows = rows.filter(requirement__node__code=words[0])
        found = list(rows.select_related("requirement__node")[:2])
        if not found:
            raise forms.ValidationError(_t("这个版本里没有这个材料编号，核对后再写。"))
        if len(found) > 1:
            raise forms.ValidationError(_t("几条标准都有这个编号，前面加上标准编号。"))
        self._unasked(item, found[0])
        return found[0]

    def _unasked(self, item: Item, material: Material) -> None:
        from chuangwen.dossier.queries import asked_by  # queries read the flow's words: a cycle if at the top

        other = asked_by(material, item.year)
        if other is not None:
            raise forms.ValidationError(_t("那份材料已经由“%(item)s”来报。") % {"item": other})


class DocumentForm(forms.Form):
    """What is said of one piece of evidence."""

    title = forms.CharField(label=_("名称"), max_length=120, required=False)
    number = forms.CharField(label=_("文号"), max_length=60, required=False)
    dated_on = forms.DateField(
        label=_("成文或拍摄日期"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("日期写成 2026-11-16 的样子。")},
    )  # fmt: skip
    address = forms.URLField(
        label=_("网址"), required=False, max_length=300, assume_scheme="https",
        error_messages={"invalid": _("网址写全，以 http:// 或 https:// 开头。")},
    )  # fmt: skip


class OpenForm(forms.Form):
    """Asking the units for the year's materials."""

    edition = forms.IntegerField()
    year = forms.IntegerField(min_value=2000, max_value=2100, error_messages={"required": _("选年度。")})
