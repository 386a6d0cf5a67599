"""The table of steps of a publication: draft → read by a person → public, revised, taken down, drafted again.

What the case's own steps change in it (solved, opened again, merged) comes by the clock from `public_reactions`.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from chuangwen.kernel.evidence.masking import why_not_ready
from chuangwen.kernel.models import Evidence, Person
from chuangwen.kernel.people.rules import Nobody
from chuangwen.kernel.workflow.flow import Flow, ReasonForm, Step
from chuangwen.problems import publishing, rules
from chuangwen.problems.models import Publication
from chuangwen.problems.models import PublicationState as S

EVERY = tuple(s.value for s in S)


class PictureField(forms.ModelChoiceField):
    """One of the case's own pictures, or none."""

    def __init__(self, label: Any) -> None:
        super().__init__(
            Evidence.objects.none(), label=label, required=False, empty_label=_("不放图片"),
            error_messages={"invalid_choice": _("这张图片不是这件案子的，重选一张。")},
        )  # fmt: skip


class ReviseForm(forms.Form):
    """The public words and pictures, whole: what is left empty is taken away."""

    what = forms.CharField(
        label=_("公开的事项"), max_length=60, error_messages={"required": _("写明是什么事，居民看得懂的话。")}
    )
    address = forms.CharField(label=_("公开的位置"), max_length=120, required=False)
    answer = forms.CharField(
        label=_("公开的答复"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    before = PictureField(_("整改前"))
    after = PictureField(_("整改后"))

    matter: Publication

    def full_clean(self) -> None:
        """Offers the pictures of the case at hand, which the flow names after the form was made."""
        if hasattr(self, "matter"):
            self.offer(self.matter)
        super().full_clean()

    def offer(self, publication: Publication) -> None:
        pictures = [p.pk for p in publishing.pictures_of(publication.case)]
        for side in ("before", "after"):
            self.fields[side].queryset = Evidence.objects.filter(pk__in=pictures).select_related("blob")  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("before") and data.get("before") == data.get("after"):
            raise forms.ValidationError(_t("整改前和整改后是同一张图片，换一张。"))
        if self.matter.state == S.PUBLIC:  # is seen the moment it is chosen
            for side in ("before", "after"):
                why = why_not_ready(data[side].blob) if data.get(side) else None
                if why:
                    self.add_error(side, why)
        return data


def revise(
    publication: Publication, *, by: Person | None, at: dt.datetime, what: str, address: str = "",
    answer: str = "", before: Evidence | None = None, after: Evidence | None = None,
) -> None:  # fmt: skip
    publication.what, publication.address, publication.answer = what, address, answer
    publication.before, publication.after = before, after
    publication.updated_at, publication.by = at, by


def release(publication: Publication, *, by: Person | None, at: dt.datetime) -> dict[str, Any]:
    """Copies the case's public columns as they are now; words and pictures are those that were read."""
    publishing.fill(publication, publication.case)
    publication.published_at = publication.published_at or at
    publication.updated_at, publication.by = at, by
    pictures = {side: getattr(publication, side) for side in ("before", "after")}
    return {"what": publication.what, **{k: p.blob.sha256 for k, p in pictures.items() if p}}


def renew(publication: Publication, *, by: Person | None, at: dt.datetime) -> dict[str, Any]:
    """Solved or opened again: what everybody may know without reading. A picture of the mended place must be read.

    While open, or in doubt, no picture says it was mended. A draft gets the newest one proposed.
    """
    case = publication.case
    was_open = publication.is_open
    publishing.fill(publication, case)
    if publication.is_open or publication.state != S.DRAFT:
        publication.after = publication.after if was_open == publication.is_open else None
    else:
        publication.after = publishing.last_mended(case, publishing.pictures_of(case))
    publication.updated_at = at
    return {"is_open": publication.is_open}


def doubt(publication: Publication, *, by: Person | None, at: dt.datetime) -> None:
    """Somebody says it was not solved: open again until it was looked at."""
    publication.is_open, publication.closed_at, publication.after = True, None, None
    publication.updated_at = at


def withdraw(publication: Publication, *, by: Person | None, at: dt.datetime, reason: str = "") -> None:
    publication.updated_at, publication.by = at, by


class PublicationFlow(Flow):
    """What is shown of a case, from draft to public and back."""

    subject = Publication
    title = _("公开")
    states = S
    start = S.DRAFT
    closed = frozenset({S.PUBLIC, S.WITHDRAWN})
    steps = (
        Step("draft", _("拟公开"), (), S.DRAFT, rules.desk, is_quiet=True),
        Step("publish", _("公开"), (S.DRAFT,), S.PUBLIC, rules.desk, is_main=True, guard=publishing.unready,
             work=release),
        Step("publish_itself", _("自动公开"), (S.DRAFT,), S.PUBLIC, Nobody(), by_clock=True,
             guard=publishing.unready, work=release),
        Step("revise", _("改公开的内容"), (S.DRAFT, S.PUBLIC), None, rules.desk, ReviseForm, work=revise),
        Step("renew", _("随案件更新"), EVERY, None, Nobody(), by_clock=True, work=renew),
        Step("doubt", _("反映没解决"), EVERY, None, Nobody(), by_clock=True, work=doubt),
        Step("withdraw", _("撤下"), (S.DRAFT, S.PUBLIC), S.WITHDRAWN, rules.desk, ReasonForm, work=withdraw),
        Step("lapse", _("案件已并入或作废"), (S.DRAFT, S.PUBLIC), S.WITHDRAWN, Nobody(), by_clock=True, work=withdraw),
        Step("redraft", _("重新拟稿"), (S.WITHDRAWN,), S.DRAFT, rules.desk, work=withdraw),
    )  # fmt: skip
