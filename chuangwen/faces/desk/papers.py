"""公文: the list with the next step in the row, and what a unit has received with 签收 and 回复 in the row."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chuangwen.faces.desk.row_steps import uid_of
from chuangwen.kernel.models import Person
from chuangwen.kernel.screens import words
from chuangwen.kernel.screens.access import SignedIn, page, row_or_404
from chuangwen.kernel.screens.declare import Asked, Bulk, Choice, Column, Filter, Look, Tab, own_uid
from chuangwen.kernel.screens.screen import Screen
from chuangwen.kernel.workflow.flow import Refused
from chuangwen.papers import queries, rules
from chuangwen.papers.actions import take_step
from chuangwen.papers.flow import PaperFlow
from chuangwen.papers.models import IssuingBody, Paper, PaperKind, PaperState, Receipt, ReceiverPart

SHAPES = {
    PaperState.DRAFT: "new", PaperState.REVIEW: "check", PaperState.SIGNED: "doing", PaperState.ISSUED: "done",
    PaperState.WITHDRAWN: "void", PaperState.DROPPED: "void",
}  # fmt: skip
WAITING = 100


def shape_of(paper: Paper) -> tuple[str, str]:
    return SHAPES[PaperState(paper.state)], str(PaperState(paper.state).label)


def due_of(paper: Paper, now: Any) -> words.Due:
    unit = "calendar_day" if paper.state == PaperState.ISSUED else "work_day"
    return words.due(paper.next_due_at, unit, now, is_done=paper.state in PaperFlow.closed)


def _what(paper: Paper, look: Look) -> SafeString:
    return format_html('<a href="{}">{}</a>', paper.get_absolute_url(), paper.title)


def _state(paper: Paper, look: Look) -> SafeString:
    return format_html('<span class="cw-state" data-s="{}">{}</span>', *shape_of(paper))


def _due(paper: Paper, look: Look) -> SafeString | str:
    due = due_of(paper, look.now)
    mark = format_html(' data-d="{}"', due.look) if due.look != "none" else ""
    return format_html('<span class="cw-due"{}>{}</span>', mark, due.text) if due.text else ""


def _answers(paper: Any, look: Look) -> str:
    """签收 3/5, 回复 2/4; nothing before it went out."""
    if paper.issued_at is None or not paper.n_all:
        return ""
    said = _("签收 %(a)d/%(n)d") % {"a": paper.n_received, "n": paper.n_all}
    if paper.reply_on:
        said += "，" + _("回复 %(a)d/%(n)d") % {"a": paper.n_replied, "n": paper.n_main}
    return said


def _next(paper: Any, look: Look) -> SafeString | str:
    """The main step of the row: one click where it asks nothing, else the paper's page."""
    for step in PaperFlow.steps:
        if not step.is_main or paper.state not in step.sources or step.code == "receive":
            continue
        if step.rule.allows(look.person, paper):
            if step.code == "sign":  # nobody signs what he did not read
                return format_html(
                    '<a class="btn btn-sm" href="{}">{}</a>', paper.get_absolute_url(), _("核稿…")
                )
            return _button(paper, step.code, str(step.label))
    is_missing = paper.n_received < paper.n_all or (paper.reply_on and paper.n_replied < paper.n_main)
    if paper.state == PaperState.ISSUED and is_missing and rules.write.allows(look.person, paper):
        return _button(paper, "urge", _("催办"))
    return ""


def _button(paper: Paper, code: str, label: str) -> SafeString:
    return format_html(
        '<button class="btn btn-sm" hx-post="{}steps/{}/" hx-swap="none">{}</button>',
        paper.get_absolute_url(), code, label,
    )  # fmt: skip


def _bulk(code: str, label: Any, rule: Any) -> Bulk:
    step = PaperFlow.by_code[code]

    def why(paper: Paper, look: Look) -> str | None:
        """State and rule, without the guard's reads; what a guard holds up is said when the step is taken."""
        if paper.state not in step.sources:
            return _("现在是%(state)s，不用办。") % {"state": PaperState(paper.state).label}
        if step.rule.allows(look.person, paper):
            return None
        return _("自己拟的由另一人签发。") if code == "sign" else _("不归你的岗位办。")

    def act(paper: Paper, look: Look, uid: str) -> None:
        take_step(paper, code, by=look.person, uid=own_uid(uid, f"{code} {paper.pk}"))

    return Bulk(code, label, why, act, rule)


def _years(look: Look) -> list[Choice]:
    rows = rules.see_paper.filter(Paper.objects.exclude(year=None), look.person)
    return [Choice(str(y), str(y)) for y in rows.order_by("-year").values_list("year", flat=True).distinct()]


def _year_q(value: str, look: Look) -> Q:
    return Q(year=int(value)) if value.isascii() and value.isdigit() and len(value) == 4 else Q(pk__in=())


def _bodies(look: Look) -> list[Choice]:
    return [
        Choice(code, name) for code, name in IssuingBody.objects.order_by("code").values_list("code", "name")
    ]


class PaperScreen(Screen):
    """公文."""

    slug = "papers"
    title = gettext_lazy("公文")
    model = Paper
    rule = rules.see_paper
    open_to = rules.door
    order = ("-pk",)
    create = ("/papers/new/", gettext_lazy("拟稿"))
    create_rule = rules.write
    related = ("body__unit", "made_by")
    links = (
        ("/papers/received/", gettext_lazy("收文"), rules.door),
        ("/papers/check/", gettext_lazy("查格式"), rules.door),
        ("/regulations/", gettext_lazy("制度"), rules.read_regulation),
        ("/papers/templates/", gettext_lazy("模板"), rules.templates),
        ("/papers/bodies/", gettext_lazy("发文机关"), rules.bodies),
    )
    columns = (
        Column("number", gettext_lazy("发文字号"), lambda p, k: p.number or p.code, lambda p, k: p.number or p.code,
               css="cw-quiet cw-one", width=22),
        Column("title", gettext_lazy("标题"), _what, lambda p, k: p.title, css="cw-what", width=50),
        Column("kind", gettext_lazy("文种"), lambda p, k: p.get_kind_display(), lambda p, k: str(p.get_kind_display()),
               css="cw-one"),
        Column("body", gettext_lazy("发文机关"), lambda p, k: p.body.character, lambda p, k: p.body.name, css="cw-one", width=24),
        Column("state", gettext_lazy("状态"), _state, lambda p, k: shape_of(p)[1], css="cw-one"),
        Column("dated", gettext_lazy("成文日期"), lambda p, k: words.day(p.dated_on) if p.dated_on else "", lambda p, k: p.dated_on,
               sort="dated_on", css="cw-one"),
        Column("answers", gettext_lazy("签收回复"), _answers, _answers, css="cw-one cw-quiet", width=22),
        Column("due", gettext_lazy("期限"), _due, lambda p, k: p.next_due_at, css="cw-one", width=17),
        Column("next", gettext_lazy("下一步"), _next, lambda p, k: "", css="cw-num"),
    )  # fmt: skip
    tabs = (
        Tab("", gettext_lazy("全部"), lambda k: Q()),
        Tab("draft", gettext_lazy("拟稿"), lambda k: Q(state=PaperState.DRAFT)),
        Tab("review", gettext_lazy("核稿"), lambda k: Q(state=PaperState.REVIEW)),
        Tab(
            "mine",
            gettext_lazy("待我签发"),
            lambda k: Q(state=PaperState.REVIEW) & rules.sign.q(k.person.standing),
        ),
        Tab("signed", gettext_lazy("待印发"), lambda k: Q(state=PaperState.SIGNED)),
        Tab("waiting", gettext_lazy("等签收回复"), lambda k: _waiting()),
    )
    filters = (
        Filter("kind", gettext_lazy("文种"), lambda v, k: Q(kind=v), lambda k: [Choice(*c) for c in PaperKind.choices]),
        Filter("state", gettext_lazy("状态"), lambda v, k: Q(state=v), lambda k: [Choice(*c) for c in PaperState.choices]),
        Filter("year", gettext_lazy("年份"), _year_q, _years),
        Filter("body", gettext_lazy("发文机关"), lambda v, k: Q(body__code=v), _bodies),
    )  # fmt: skip
    bulk = (
        _bulk("send", lambda n: _("送核 %(n)d 份") % {"n": n}, rules.write),
        _bulk("sign", lambda n: _("签发 %(n)d 份") % {"n": n}, rules.write),
        _bulk("issue", lambda n: _("印发 %(n)d 份") % {"n": n}, rules.write),
        _bulk("urge", lambda n: _("催办 %(n)d 份") % {"n": n}, rules.write),
    )

    @classmethod
    def rows(cls, asked: Asked, look: Look) -> QuerySet[Any]:
        return queries.with_counts(super().rows(asked, look))


def _waiting() -> Q:
    owes = Q(receipts__received_at__isnull=True) | Q(
        reply_on__isnull=False, receipts__part=ReceiverPart.MAIN, receipts__replied_at__isnull=True
    )
    missing = Paper.objects.filter(owes, state=PaperState.ISSUED).values("pk")
    return Q(pk__in=missing)


# What a unit received ------------------------------------------------------------------------------


def receipt_lines(person: Person, most: int = 8) -> list[Receipt]:
    """What the person's units still owe, for the first pages; one query, none for who has no unit."""
    if not person.standing.units_as(*rules.RECEIVERS):
        return []
    return list(queries.waiting_receipts(person)[:most])


@page(rules.door)
def received(request: SignedIn) -> HttpResponse:
    """GET /papers/received/: what the person's units have to sign for and answer, then what is done."""
    return _received(request)


def _received(request: SignedIn, fault: str = "", at: int = 0) -> HttpResponse:
    person, now = request.user, timezone.now()
    waiting = list(queries.waiting_receipts(person)[:WAITING])
    units = person.standing.units_as(*rules.RECEIVERS)
    done = (
        Receipt.objects.filter(
            unit_id__in=sorted(units), paper__issued_at__isnull=False, received_at__isnull=False
        )
        .exclude(pk__in=[row.pk for row in waiting])
        .select_related("paper__body", "unit")
        .order_by("-received_at", "-pk")
    )
    today = timezone.localdate(now)
    context = {
        "waiting": [(row, due_of(row.paper, now), row.part == "main" and row.paper.reply_on) for row in waiting],
        "done": [(row, queries.is_late(row.paper, row, today)) for row in done[:WAITING]],
        "fault": fault, "at": at, "has_unit": bool(units),
    }  # fmt: skip
    return render(request, "papers/received.html", context, status=409 if fault else 200)


@page(rules.door, methods=("POST",))
def answer(request: SignedIn, pk: int, code: str) -> HttpResponse:
    """POST /papers/received/<id>/<receive|reply>/: 签收 or 回复 from the row."""
    if code not in ("receive", "reply"):
        raise Http404
    rows = Receipt.objects.filter(unit_id__in=sorted(request.user.standing.units_as(*rules.RECEIVERS)))
    row = rows.filter(pk=pk).first()
    if row is None:
        raise Http404
    paper = row_or_404(rules.see_paper, Paper.objects.all(), request.user, pk=row.paper_id)
    given = {"receipt": row.pk, "reply": request.POST.get("reply", "")}
    try:
        take_step(paper, code, by=request.user, given=given, uid=uid_of(request))
    except Refused as fault:
        return _received(request, str(fault), row.pk)
    return redirect("/papers/received/")
