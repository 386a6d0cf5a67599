"""The form a paper is written in: receivers, plain lines of text, attachments, dates; and of bodies and regulations."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from chuangwen.kernel.models import Unit
from chuangwen.kernel.people.models import UnitKind
from chuangwen.papers.composing import compose, mark_of, names_of
from chuangwen.papers.format.content import PaperText
from chuangwen.papers.format.kinds import KINDS
from chuangwen.papers.models import IssuingBody, Paper, PaperKind, Regulation
from chuangwen.papers.typed import attachments_of, blocks_of, typed_attachments, typed_of

TICKS = forms.CheckboxSelectMultiple
NAMES = ("attend", "leave", "observe")


def _lines(rows: int, hint: str = "") -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, "placeholder": hint} if hint else {"rows": rows})


def active_units() -> Any:
    return Unit.objects.filter(is_active=True).order_by("kind", "code")


class PaperForm(forms.Form):
    """A paper as it is typed; `as_text` is what it says, `main` who gets it."""

    body = forms.ModelChoiceField(
        IssuingBody.objects.order_by("code", "pk"), label=_("发文机关"), empty_label=None
    )
    title = forms.CharField(
        label=_("标题"), max_length=120, error_messages={"required": _("写上标题，如“关于做好……的通知”。")}
    )
    to = forms.CharField(
        label=_("主送写法"),
        max_length=300,
        required=False,
        help_text=_("不写就按勾选的单位列出，单位多时写各有关单位"),
    )
    text = forms.CharField(
        label=_("正文"), max_length=60_000, required=False, widget=_lines(18, ""),
        help_text=_("一行一段。一、（一）1.（1）开头的是标题，序号自动排；| 开头的行是表格。"),
    )  # fmt: skip
    attachments = forms.CharField(
        label=_("附件"), max_length=60_000, required=False, widget=_lines(4),
        help_text=_("每个附件以“附件：名称”一行开头，下面是它的内容。"),
    )  # fmt: skip
    cc = forms.CharField(label=_("抄送写法"), max_length=300, required=False)
    note = forms.CharField(label=_("附注"), max_length=120, required=False)
    reply_on = forms.DateField(
        label=_("回复期限"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    is_urgent = forms.BooleanField(label=_("紧急"), required=False)
    attend = forms.CharField(
        label=_("出席"), required=False, widget=_lines(2), help_text=_("一行一人或一个单位")
    )
    leave = forms.CharField(label=_("请假"), required=False, widget=_lines(1))
    observe = forms.CharField(label=_("列席"), required=False, widget=_lines(1))
    receivers = forms.ModelMultipleChoiceField(
        Unit.objects.none(), label=_("收文单位"), required=False, widget=forms.CheckboxSelectMultiple
    )
    kinds = forms.MultipleChoiceField(
        label=_("整类单位"), required=False, choices=UnitKind.choices, widget=forms.CheckboxSelectMultiple
    )
    copies = forms.ModelMultipleChoiceField(
        Unit.objects.none(), label=_("抄送单位"), required=False, widget=forms.CheckboxSelectMultiple
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("receivers", "copies"):
            units: Any = self.fields[name]
            units.queryset = active_units()
        for name in NAMES if kind != PaperKind.MINUTES else ("to",):
            del self.fields[name]
        self.fields["title"].help_text = KINDS[kind].title

    @property
    def main(self) -> list[Unit]:
        """The receivers chosen one by one and by kind."""
        chosen = {unit.pk: unit for unit in self.cleaned_data["receivers"]}
        if self.cleaned_data["kinds"]:
            chosen |= {u.pk: u for u in active_units().filter(kind__in=self.cleaned_data["kinds"])}
        return list(chosen.values())

    def as_text(self, base: PaperText) -> PaperText:
        """What was typed, over the parts of `base` that no field shows."""
        given = self.cleaned_data
        return replace(
            base,
            title=given["title"],
            to=given.get("to", ""),
            cc=given["cc"],
            blocks=blocks_of(given["text"]),
            attachments=attachments_of(given["attachments"]),
            note=given["note"],
            attend=self._names("attend"),
            leave=self._names("leave"),
            observe=self._names("observe"),
        )

    def _names(self, name: str) -> tuple[str, ...]:
        """One name a line."""
        lines = str(self.cleaned_data.get(name) or "").splitlines()
        return tuple(line.strip() for line in lines if line.strip())


def bare(paper: Paper, text: PaperText) -> PaperText:
    """The text without what follows from the body, so that another body brings its own mark and name."""
    name = paper.body.name
    return replace(
        text,
        mark="" if text.mark == mark_of(paper.kind, paper.body) else text.mark,
        signature=() if text.signature == (name,) else text.signature,
        printed_by="" if text.printed_by == name else text.printed_by,
    )


def start_of(paper: Paper, text: PaperText) -> dict[str, Any]:
    """The form's values of a draft; receivers that are written as chosen are left to follow the choice."""
    rows = list(paper.receipts.select_related("unit").order_by("pk"))
    main, copies = ([row.unit for row in rows if row.part == part] for part in ("main", "copy"))
    return {
        "body": paper.body_id, "title": text.title.replace("\n", ""), "text": typed_of(text.blocks),
        "to": "" if text.to == names_of(main) else text.to, "cc": "" if text.cc == names_of(copies) else text.cc,
        "attachments": typed_attachments(text.attachments), "note": text.note, "reply_on": paper.reply_on,
        "is_urgent": paper.is_urgent, "receivers": [unit.pk for unit in main], "copies": [unit.pk for unit in copies],
        "seen": paper.head, **{name: "\n".join(getattr(text, name)) for name in NAMES},
    }  # fmt: skip


def composed(form: PaperForm, kind: str, base: PaperText) -> PaperText:
    """The paper as it would be, for the preview."""
    given = form.cleaned_data
    return compose(kind, given["title"], form.as_text(base), given["body"], form.main, list(given["copies"]))


class BodyForm(forms.ModelForm):
    class Meta:
        model = IssuingBody
        fields = ("code", "unit", "name", "mark", "character", "signer", "source")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["mark"].help_text = _("红色大字，文件格式以“文件”结尾")
        self.fields["character"].help_text = _("发文字号开头的字，如 巩创建办")


class RegulationForm(forms.ModelForm):
    file = forms.FileField(label=_("文件"), required=False, help_text=_("Word 或 PDF，可不传"))

    class Meta:
        model = Regulation
        fields = ("code", "title", "version", "from_on", "to_on", "owner", "document", "text", "source")
        widgets = {
            "from_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "to_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "text": forms.Textarea(attrs={"rows": 14}),
        }

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        first, last = data.get("from_on"), data.get("to_on")
        if first and last and last < first:
            self.add_error("to_on", _("废止的日期早于施行的日期。"))
        return data
