"""出公文 from another matter: a case, its hand-over, a duty notice or all of an edition, a closed month, a kept forecast,
a meeting or its pack.

GET shows what will be drafted, for whom; POST drafts it and opens the draft.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, NamedTuple

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chuangwen.assessment import rules as score_rules
from chuangwen.assessment.circular import draft_circular
from chuangwen.assessment.models import Forecast
from chuangwen.assessment.ranking_models import Ranking
from chuangwen.assessment.test_report import draft_test_report
from chuangwen.faces.desk.rows import dress
from chuangwen.kernel.screens.access import SignedIn, page
from chuangwen.kernel.workflow.flow import Refused
from chuangwen.papers import queries as paper_queries
from chuangwen.papers import rules
from chuangwen.papers.composing import default_body
from chuangwen.papers.models import IssuingBody, Paper, PaperKind
from chuangwen.problems import rules as case_rules
from chuangwen.problems.models import Case, Handover
from chuangwen.problems.papers import CASE, KINDS, draft_for_cases, draft_for_handover
from chuangwen.standards import rules as standard_rules
from chuangwen.standards.actions import OPEN
from chuangwen.standards.models import DutyNotice, Edition
from chuangwen.tasks import rules as task_rules
from chuangwen.tasks.duty_papers import NOTICE, draft_duty_papers
from chuangwen.tasks.meeting_papers import MEETING, PACK, draft_minutes, draft_pack
from chuangwen.tasks.models import Meeting, Pack

MOST = 300


class Source(NamedTuple):
    """One thing papers are made of: its words, how its row is found, how it is drafted, what it is kept under."""

    label: str | Promise
    find: Callable[[SignedIn, int], Any]
    draft: Callable[[Any, dict[str, Any], SignedIn], Paper | None]
    about: str
    fields: tuple[str, ...] = ()


class FromForm(forms.Form):
    """What a maker may be told: kind, cases beside the first, ground, date to reply by, issuing body."""

    kind = forms.ChoiceField(label=gettext_lazy("文种"), choices=[(k.value, k.label) for k in KINDS])
    cases = forms.CharField(
        label=gettext_lazy("一起写的案号"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("同一个单位的案件可以写在一份里，用空格或换行隔开"),
    )  # fmt: skip
    ground = forms.CharField(label=gettext_lazy("依据"), required=False, max_length=200)
    reply_on = forms.DateField(
        label=gettext_lazy("回复期限"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    body = forms.ModelChoiceField(
        IssuingBody.objects.order_by("code", "pk"), label=gettext_lazy("发文机关"), empty_label=None
    )

    def __init__(self, *args: Any, keep: tuple[str, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in [name for name in self.fields if name not in (*keep, "body")]:
            del self.fields[name]


def _first(rule: Any, rows: Any, request: SignedIn, pk: int) -> Any:
    return rule.filter(rows, request.user).filter(pk=pk).first()


def _case(request: SignedIn, pk: int) -> Case | None:
    found: Case | None = _first(case_rules.see_case, _cases(), request, pk)
    return found


def _cases() -> Any:
    return Case.objects.select_related("unit", "street", "kind")


def _draft_cases(case: Case, given: dict[str, Any], request: SignedIn) -> Paper:
    numbers = [number for number in given["cases"].replace("，", " ").replace(",", " ").split() if number][
        :MOST
    ]
    more = list(case_rules.see_case.filter(_cases().filter(number__in=numbers), request.user))
    missing = sorted(set(numbers) - {one.number for one in more})
    if missing:
        raise Refused(_("没有案号 %(numbers)s，核对后再出。") % {"numbers": "、".join(missing[:5])})
    rows = {one.pk: one for one in (case, *more)}
    return draft_for_cases(
        given["kind"],
        rows.values(),
        by=request.user,
        body=given["body"],
        reply_on=given["reply_on"],
        ground=given["ground"],
    )


def _draft_notice(notice: DutyNotice, given: dict[str, Any], request: SignedIn) -> Paper:
    drafted = draft_duty_papers([notice], by=request.user, body=given["body"])
    if drafted.left:
        raise Refused(drafted.left[0][1])
    return drafted.made[0]


def _draft_notices(edition: Edition, given: dict[str, Any], request: SignedIn) -> None:
    notices = DutyNotice.objects.filter(edition=edition, state__in=OPEN).select_related(
        "unit", "edition__scheme"
    )
    drafted = draft_duty_papers(notices, by=request.user, body=given["body"])
    if not drafted.made:
        raise Refused(_("这个版本没有等公文的提示通知：先发通知，或已经都有公文。"))


SOURCES: dict[str, Source] = {
    "case": Source(
        gettext_lazy("案件"), _case, _draft_cases, CASE, ("kind", "cases", "ground", "reply_on")
    ),
    "handover": Source(
        gettext_lazy("移交"),
        lambda r, pk: _first(case_rules.see_handover, Handover.objects.select_related("case__unit", "to_unit"), r, pk),
        lambda row, given, r: draft_for_handover(row, by=r.user, body=given["body"]), "problems.handover",
    ),
    "notice": Source(
        gettext_lazy("提示通知"),
        lambda r, pk: _first(standard_rules.see_notice, DutyNotice.objects.select_related("unit", "edition__scheme"), r, pk),
        _draft_notice, NOTICE,
    ),
    "notices": Source(
        gettext_lazy("全部提示通知"), lambda r, pk: Edition.objects.select_related("scheme").filter(pk=pk).first(),
        _draft_notices, "",
    ),
    "ranking": Source(
        gettext_lazy("月排名"),
        lambda r, pk: _first(score_rules.see_ranking, Ranking.objects.select_related("rule"), r, pk),
        lambda row, given, r: draft_circular(row, by=r.user, body=given["body"]), "assessment.ranking",
    ),
    "meeting": Source(
        gettext_lazy("会议纪要"), lambda r, pk: _first(task_rules.see_meeting, Meeting.objects.all(), r, pk),
        lambda row, given, r: draft_minutes(row, by=r.user, body=given["body"]), MEETING,
    ),
    "pack": Source(
        gettext_lazy("会议材料"), lambda r, pk: _first(task_rules.see_pack, Pack.objects.all(), r, pk),
        lambda row, given, r: draft_pack(row, by=r.user, body=given["body"]), PACK,
    ),
    "forecast": Source(
        gettext_lazy("预测"), lambda r, pk: _first(score_rules.read, Forecast.objects.select_related("rule__edition__scheme"), r, pk),
        lambda row, given, r: draft_test_report(row, by=r.user, body=given["body"]), "assessment.forecast",
    ),
}  # fmt: skip


@page(rules.write, methods=("GET", "POST"))
def make(request: SignedIn, what: str, pk: int) -> HttpResponse:
    """/papers/from/<case|handover|notice|notices|ranking|forecast|meeting|pack>/<id>/."""
    source = SOURCES.get(what)
    row = source.find(request, pk) if source else None
    if source is None or row is None:
        raise Http404
    start = {
        "body": default_body(), "kind": PaperKind.RECTIFICATION, "reply_on": timezone.localdate() + dt.timedelta(days=7),
    }  # fmt: skip
    form, fault = FromForm(request.POST or None, keep=source.fields, initial=start), ""
    if request.method == "POST" and form.is_valid():
        try:
            paper = source.draft(row, form.cleaned_data, request)
            return redirect(paper.get_absolute_url() if paper else "/papers/?tab=draft")
        except Refused as refused:
            fault = str(refused)
    context = {
        "form": dress(form), "label": source.label, "row": row, "fault": fault, "body": start["body"],
        "before": paper_queries.papers_about(source.about, pk, request.user) if source.about else [],
        "back": row.get_absolute_url() if hasattr(row, "get_absolute_url") else "/papers/",
    }  # fmt: skip
    return render(request, "papers/from.html", context, status=409 if fault else 400 if form.errors else 200)
