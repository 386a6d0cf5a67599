"""What is made public: the queue of drafts with their pictures side by side, one publication with its steps, bulk."""

from __future__ import annotations

import uuid
from typing import Any, NamedTuple

from django import forms
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chuangwen.faces.desk.row_steps import uid_of
from chuangwen.faces.desk.rows import dress
from chuangwen.kernel.evidence import masking
from chuangwen.kernel.models import Evidence, Mask
from chuangwen.kernel.screens.access import SignedIn, page, row_or_404
from chuangwen.kernel.workflow import history
from chuangwen.kernel.workflow.flow import BadInput, ReasonForm, Refused
from chuangwen.problems import publishing, queries, rules
from chuangwen.problems.models import Case, Publication, PublicationState, State
from chuangwen.problems.publication_flow import PublicationFlow, ReviseForm

SHOW = 24
MOST = 200  # made public at once
ROW = ("kind", "street", "case", "case__kind", "before__blob", "after__blob", "by")
TABS = (
    ("draft", gettext_lazy("待审")),
    ("solved", gettext_lazy("办好了，缺整改后")),
    ("public", gettext_lazy("已公开")),
    ("withdrawn", gettext_lazy("已撤下")),
)


def rows_of(tab: str) -> QuerySet[Publication]:
    """Publications of one tab, those that wait the oldest first, the others the newest first."""
    rows = Publication.objects.select_related(*ROW)
    if tab == "solved":
        rows = rows.filter(state=PublicationState.PUBLIC, is_open=False, after__isnull=True)
        return rows.order_by("-closed_at", "-pk")
    state = tab if tab in PublicationState.values else PublicationState.DRAFT
    by = {"draft": "created_at", "public": "-published_at"}.get(state, "-updated_at")
    return rows.filter(state=state).order_by(by, "pk" if by == "created_at" else "-pk")


class Shown(NamedTuple):
    """One picture of a publication as the desk sees it, and what is still to decide about it."""

    evidence: Evidence
    waits: int
    is_scanned: bool

    @property
    def is_ready(self) -> bool:
        return self.is_scanned and not self.waits


def pictures(rows: list[Publication]) -> dict[int, Shown]:
    """The pictures the rows show, by id of the evidence; one query for what is undecided."""
    chosen = [p for row in rows for p in (row.before, row.after) if p]
    waiting: dict[int, int] = {}
    undecided = Mask.objects.filter(blob__in=[p.blob_id for p in chosen], is_on__isnull=True)
    for blob in undecided.values_list("blob", flat=True):
        waiting[blob] = waiting.get(blob, 0) + 1
    return {p.pk: Shown(p, waiting.get(p.blob_id, 0), p.blob.scanned_at is not None) for p in chosen}


@page(rules.desk)
def queue(request: SignedIn) -> HttpResponse:
    """GET /publications/?tab=&page=: drafts with their pictures, what is public, what was taken down."""
    tab = request.GET.get("tab", "draft")
    if tab not in dict(TABS):
        raise Http404
    shown = Paginator(rows_of(tab), SHOW).get_page(request.GET.get("page"))
    rows = list(shown)
    context = {
        "tab": tab, "tabs": TABS, "rows": rows, "shown": shown, "pictures": pictures(rows), "uid": uuid.uuid4(),
        "left": [], "done": [],
    }  # fmt: skip
    return render(request, "desk/publications.html", context)


@page(rules.desk, methods=("POST",))
def publish_many(request: SignedIn) -> HttpResponse:
    """POST /publications/publish/: makes the ticked drafts public, each whole or not at all; says which were left."""
    chosen = [int(pk) for pk in request.POST.getlist("row") if pk.isdigit()][:MOST]
    rows = Publication.objects.filter(pk__in=chosen, state=PublicationState.DRAFT).order_by("pk")
    done, left = publishing.publish_many(rows.select_related(*ROW), by=request.user)
    if not left:
        return redirect("/publications/")
    fresh = list(rows_of("draft")[:SHOW])
    context = {
        "tab": "draft", "tabs": TABS, "rows": fresh, "shown": Paginator(fresh, SHOW).get_page(1),
        "pictures": pictures(fresh), "uid": uuid.uuid4(), "left": left, "done": done,
    }  # fmt: skip
    return render(request, "desk/publications.html", context, status=200)


@page(rules.desk, methods=("POST",))
def new(request: SignedIn) -> HttpResponse:
    """POST /publications/new/ with `case`: a draft by hand of a case that made none itself."""
    case = row_or_404(
        rules.see_case, Case.objects.select_related(*queries.ROW, "road"), request.user,
        number=request.POST.get("case", ""),
    )  # fmt: skip
    try:
        made = publishing.make_draft(case, by=request.user)
    except Refused as fault:
        context = {"title": _("不能公开"), "what": str(fault)}
        return render(request, "screens/refused.html", context, status=409)
    return redirect(made.get_absolute_url())


def publication_or_404(request: SignedIn, pk: int) -> Publication:
    rows = Publication.objects.select_related(*ROW, "case__street", "case__site", "case__road", "case__unit")
    return row_or_404(rules.desk, rows, request.user, pk=pk)


def _start(row: Publication) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ("what", "address", "answer", "before", "after")}


def _page(
    request: SignedIn, row: Publication, form: forms.Form | None = None, fault: str = "", status: int = 200
) -> HttpResponse:
    """One publication: what the desk knows on one side, what the public would see on the other."""
    choices = publishing.pictures_of(row.case)
    undecided = Mask.objects.filter(blob__in=[p.blob_id for p in choices], is_on__isnull=True)
    waiting = list(undecided.values_list("blob", flat=True))
    revise = form if isinstance(form, ReviseForm) else ReviseForm(initial=_start(row))
    context = {
        "row": row, "case": row.case, "fault": fault, "uid": uuid.uuid4(),
        "choices": [Shown(p, waiting.count(p.blob_id), p.blob.scanned_at is not None) for p in choices],
        "chosen": {side: str(revise[side].value() or "") for side in ("before", "after")},
        "offers": {o.step.code: o for o in PublicationFlow.offers(row, request.user)},
        "revise": dress(revise, "r"),
        "withdraw": dress(form if type(form) is ReasonForm else ReasonForm(), "w"),
        "reports": list(row.case.reports.order_by("received_at", "pk")[:5]),
        "log": history.history_of(row), "labels": {s.code: s.label for s in PublicationFlow.steps},
        "state": PublicationState(row.state).label, "case_state": State(row.case.state).label,
    }  # fmt: skip
    return render(request, "desk/publication.html", context, status=status)


@page(rules.desk)
def publication(request: SignedIn, pk: int) -> HttpResponse:
    """GET /publications/<id>/: words and pictures to read, choose and make public."""
    return _page(request, publication_or_404(request, pk))


@page(rules.desk, methods=("POST",))
def step(request: SignedIn, pk: int, code: str) -> HttpResponse:
    """POST /publications/<id>/<step>/: publish, revise, withdraw, redraft."""
    row = publication_or_404(request, pk)
    chosen = PublicationFlow.by_code.get(code)
    if chosen is None or chosen.by_clock or chosen.is_quiet:
        raise Http404
    try:
        PublicationFlow.take(row, code, by=request.user, given=request.POST, uid=uid_of(request))
    except BadInput as fault:
        return _page(request, row, form=fault.form, status=422)
    except Refused as fault:
        return _page(request, publication_or_404(request, pk), fault=str(fault), status=409)
    return redirect("/publications/" if code == "publish" else row.get_absolute_url())


@page(rules.desk)
def shown(request: SignedIn, pk: int, evidence: int) -> FileResponse:
    """GET /publications/<id>/shown/<n>/: a picture as the public would see it; 404 while something is undecided."""
    row = publication_or_404(request, pk)
    found = next((p for p in publishing.pictures_of(row.case) if p.pk == evidence), None)
    drawn = masking.drawn(found.blob, "small") if found else None
    if drawn is None:
        raise Http404
    answer = FileResponse(drawn[1].open("rb"), content_type="image/jpeg")
    answer["Cache-Control"] = "private, no-cache"
    return answer
