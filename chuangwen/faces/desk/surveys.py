"""问卷: batches of questionnaires, each with its answers counted, its margins and its floors (rows 69 to 73, as counts)."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.html import format_html
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from chuangwen.faces.desk.changes import change_lines
from chuangwen.faces.desk.registers import col
from chuangwen.faces.desk.rows import dress
from chuangwen.kernel.screens.access import SignedIn, page, row_or_404
from chuangwen.kernel.screens.declare import Asked, Choice, Column, Filter, Look
from chuangwen.kernel.screens.screen import Screen
from chuangwen.kernel.screens.tables import BadTable
from chuangwen.kernel.workflow.flow import Refused
from chuangwen.standards.models import Edition, Question
from chuangwen.surveys import rules
from chuangwen.surveys.actions import BadCounts, change_batch, enter_batch, save_counts
from chuangwen.surveys.exchange import Reading, read_answers
from chuangwen.surveys.forms import BatchForm
from chuangwen.surveys.models import AnswerCount, Batch, Channel
from chuangwen.surveys.queries import QuestionFigure, batch_figures, counts_of, questions_of

MOST = 20 * 2**20
SHOWN = 100
VERDICTS = {"met": ("done", _("达到")), "missed": ("fail", _("未达到")), "open": ("new", _("未定"))}


def _link(batch: Batch, look: Look) -> Any:
    return format_html('<a href="/surveys/{}/">{}</a>', batch.pk, batch.name)


class Surveys(Screen):
    """问卷批次."""

    slug, title, model, rule, open_to = "surveys", _("问卷"), Batch, rules.read, rules.read
    order, related = ("-to_on", "pk"), ("edition__scheme",)
    columns = (
        Column("name", _("批次"), _link, lambda b, k: b.name, css="cw-what", width=30),
        col("edition", _("测评体系"), lambda b: str(b.edition), width=30),
        col("channel", _("渠道"), lambda b: str(b.get_channel_display())),
        col("from_on", _("起"), sort="from_on"), col("to_on", _("止"), sort="to_on"),
        col("given", _("发放"), css="cw-num"), col("valid", _("有效"), css="cw-num"),
        col("asked", _("已录题数"), lambda b: b.asked or 0, css="cw-num"),
        col("is_sample", _("示例")),
    )  # fmt: skip
    filters = (
        Filter("edition", _("测评体系"), lambda v, k: Q(edition=v) if v.isdigit() and len(v) < 18 else Q(pk__in=()),
               lambda k: [Choice(str(e.pk), str(e)) for e in Edition.objects.filter(batches__isnull=False)
                          .select_related("scheme").distinct()]),
        Filter("channel", _("渠道"), lambda v, k: Q(channel=v), lambda k: [Choice(*c) for c in Channel.choices]),
    )  # fmt: skip
    create = ("/surveys/new/", _("登记一批"))
    create_rule = rules.edit
    note = _("一批问卷的答案按题汇总录入，不存谁答了什么。")

    @classmethod
    def rows(cls, asked: Asked, look: Look) -> QuerySet[Any]:
        answered = AnswerCount.objects.filter(batch=OuterRef("pk")).order_by().values("batch")
        counted = answered.annotate(n=Count("question", distinct=True)).values("n")
        return super().rows(asked, look).annotate(asked=Subquery(counted))

    @classmethod
    def more(cls, request: SignedIn, asked: Asked, look: Look) -> dict[str, Any]:
        return {"here": "surveys"}


def _batch(request: SignedIn, pk: int) -> Batch:
    return row_or_404(rules.read, Batch.objects.select_related("edition__scheme"), request.user, pk=pk)


@page(rules.edit, methods=("GET", "POST"))
def new(request: SignedIn) -> HttpResponse:
    """A new batch; sent twice it is made once."""
    form = BatchForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            batch = enter_batch(form.facts(), by=request.user)
            return redirect(f"/surveys/{batch.pk}/answers/")
        except Refused as fault:
            form.add_error(None, str(fault))
    return _facts_page(request, form, _t("登记一批问卷"), "/surveys/")


@page(rules.edit, methods=("GET", "POST"))
def edit(request: SignedIn, pk: int) -> HttpResponse:
    """The batch's own facts, with who changed what."""
    batch = _batch(request, pk)
    form = BatchForm(request.POST) if request.method == "POST" else BatchForm.of(batch)
    if request.method == "POST" and form.is_valid():
        try:
            change_batch(batch, form.facts(), by=request.user)
            return redirect(f"/surveys/{pk}/")
        except Refused as fault:
            form.add_error(None, str(fault))
    return _facts_page(request, form, batch.name, f"/surveys/{pk}/", batch)


def _facts_page(
    request: SignedIn, form: BatchForm, title: str, back: str, batch: Batch | None = None
) -> HttpResponse:
    context = {"form": dress(form), "title": title, "save": _t("保存"), "back": back, "here": "surveys",
               "log": change_lines(batch) if batch else []}  # fmt: skip
    return render(request, "desk/plain_form.html", context, status=400 if form.errors else 200)


@page(rules.read)
def show(request: SignedIn, pk: int) -> HttpResponse:
    """One batch: each question's options with n and margin, its floor, and the sum with the edition's weights."""
    batch = _batch(request, pk)
    figures = batch_figures(batch)
    verdicts = [figure.verdict for figure in figures.asked]
    lowest = min((float(f.mean.low) for f in figures.asked if f.mean), default=0.0)
    floors = [float(f.question.floor) for f in figures.asked if f.question.floor is not None]
    return render(request, "desk/survey.html", {
        "batch": batch, "figures": figures, "verdicts": VERDICTS, "here": "surveys",
        "start": 0.5 if min([lowest, *floors]) >= 0.5 else 0.0,
        "counts": {code: verdicts.count(code) for code in VERDICTS},
        "doubtful": [f for f in figures.questions if not f.fits],
        "may_edit": rules.edit.allows(request.user, None), "log": change_lines(batch),
    })  # fmt: skip


class _Line:
    """One question of the entry table: what stands in its boxes, and what is wrong with it."""

    def __init__(self, question: Question, given: list[str], error: str = "", was: str = "") -> None:
        self.question, self.given, self.error, self.was = question, given, error, was
        self.words = [str(words) for words, _share in question.options]


@page(rules.edit, methods=("GET", "POST"))
def answers(request: SignedIn, pk: int) -> HttpResponse:
    """The entry table, questions × options; saved as a whole or not at all."""
    batch = _batch(request, pk)
    questions = questions_of(batch)
    if request.method != "POST":
        return _entry(
            request, batch, [_Line(q, g) for q, g in zip(questions, _saved(batch, questions), strict=True)]
        )
    typed = {
        q.pk: [request.POST.get(f"n_{q.pk}_{i}", "").strip() for i in range(len(q.options))]
        for q in questions
    }
    faults = {pk: said for pk, given in typed.items() if (said := _unreadable(given))}
    error = str(BadCounts(faults)) if faults else ""
    if not faults:
        try:
            # A question whose boxes are all empty was not asked; among filled ones an empty box is 0.
            counts = {q: [int(x or 0) for x in given] if any(given) else [] for q, given in typed.items()}
            save_counts(batch, counts, by=request.user)
            return redirect(f"/surveys/{pk}/")
        except BadCounts as bad:
            faults, error = dict(bad.faults), str(bad)
        except Refused as fault:
            error = str(fault)
    lines = [_Line(q, typed[q.pk], faults.get(q.pk, "")) for q in questions]
    return _entry(request, batch, lines, error=error)


def _saved(batch: Batch, questions: list[Question]) -> list[list[str]]:
    counts = counts_of(batch)
    return [
        [str(counts[q.pk].get(i, 0)) if q.pk in counts else "" for i in range(len(q.options))]
        for q in questions
    ]


def _unreadable(given: list[str]) -> str:
    wrong = [text for text in given if text and not (text.isascii() and text.isdigit() and len(text) <= 8)]
    return _t("“%(text)s”不是份数。写 0 或正整数。") % {"text": wrong[0][:20]} if wrong else ""


@page(rules.edit, methods=("POST",))
def import_answers(request: SignedIn, pk: int) -> HttpResponse:
    """A file fills the entry table; nothing is written before the table is saved, and the file is not kept."""
    batch = _batch(request, pk)
    questions = questions_of(batch)
    saved, file = _saved(batch, questions), request.FILES.get("file")
    error, reading = "", None
    if file is None:
        error = _t("选一个 Excel 或 CSV 文件。")
    elif (file.size or 0) > MOST:
        error = _t("文件超过 20 MB，分成几份再导入。")
    else:
        try:
            reading = read_answers(file.read(), file.name or "", batch, questions)
        except BadTable as fault:
            error = fault.sentence
    lines = []
    for question, before in zip(questions, saved, strict=True):
        read = reading.counts.get(question.pk) if reading else None
        given = before if read is None else [str(n) for n in read]
        lines.append(
            _Line(
                question,
                given,
                was="、".join(before) if read is not None and any(before) and given != before else "",
            )
        )
    return _entry(request, batch, lines, error=error, reading=reading)


def _entry(
    request: SignedIn, batch: Batch, lines: list[_Line], *, error: str = "", reading: Reading | None = None
) -> HttpResponse:
    widest = max((len(line.words) for line in lines), default=0)
    refused = bool(error) or (reading is not None and reading.is_refused)
    return render(request, "desk/survey_answers.html", {
        "batch": batch, "lines": lines, "error": error, "reading": reading, "shown": SHOWN, "here": "surveys", "widest": widest,
    }, status=400 if refused else 200)  # fmt: skip


@page(rules.read)
def export(request: SignedIn, pk: int) -> HttpResponse:
    """The batch as Excel: one row per option, in the shape the import reads back; empty counts make it a form to fill."""
    from chuangwen.kernel.screens.tables import write_table  # openpyxl is heavy and seldom wanted

    batch = _batch(request, pk)
    head: list[tuple[str, float]] = [
        (_t("问题编号"), 14), (_t("问题"), 44), (_t("选项"), 24), (_t("份数"), 8), (_t("答题数"), 8), (_t("占比%"), 8), (_t("误差±%"), 8),
    ]  # fmt: skip
    stream = BytesIO()
    lines = [line for figure in batch_figures(batch).questions for line in _lines(figure)]
    write_table(stream, head, lines, sheet=_t("答案汇总"))
    answer = HttpResponse(
        stream.getvalue(), content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    )
    answer["Content-Disposition"] = f'attachment; filename="survey-{batch.pk}.xlsx"'
    return answer


def _lines(figure: QuestionFigure) -> list[list[Any]]:
    question = figure.question
    return [
        [question.code, question.text, option.words, option.rate.numerator if figure.answered else None,
         figure.answered or None, option.rate.percent(), option.margin]
        for option in figure.options
    ]  # fmt: skip
