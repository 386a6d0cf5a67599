"""另存的记录: what phones sent and could not be taken, beside what is there now; taken or left with a reason."""

from __future__ import annotations

from typing import Any

from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy

from chuangwen.faces.desk.evidence import sound
from chuangwen.inspections import rules
from chuangwen.inspections.exchange import band_of
from chuangwen.inspections.fieldwork import asides
from chuangwen.inspections.fieldwork.records import is_id, moment_of
from chuangwen.inspections.models import Observation, Result, Visit
from chuangwen.kernel.evidence import store
from chuangwen.kernel.models import Blob
from chuangwen.kernel.screens.access import SignedIn, page
from chuangwen.kernel.workflow import history
from chuangwen.kernel.workflow.arrival_models import SetAside
from chuangwen.kernel.workflow.flow import Refused
from chuangwen.problems.models import Case
from chuangwen.standards.models import CheckItem

MOST = 200
KINDS = {
    "visit": gettext_lazy("考察"), "skip": gettext_lazy("未能去"), "report": gettext_lazy("上报"),
    "recheck": gettext_lazy("复核"), "patrol": gettext_lazy("巡查"),
}  # fmt: skip


@page(rules.desk)
def listing(request: SignedIn) -> HttpResponse:
    """GET /asides/: the records set aside, those nobody decided on first."""
    rows = asides.seen_by(request.user)
    waiting, decided = (
        list(rows.filter(decided_at__isnull=True)[:MOST]),
        list(rows.filter(decided_at__isnull=False)[:MOST]),
    )
    context = {"open": waiting, "decided": decided, "kinds": KINDS, "subjects": _subjects(waiting + decided)}
    return render(request, "desk/asides.html", context)


def _subjects(rows: list[SetAside]) -> dict[int, str]:
    """What each is about, in a few words (two queries)."""
    ids: dict[str, set[int]] = {asides.VISIT: set(), asides.CASE: set()}
    for row in rows:
        if row.subject in ids and row.subject_id:
            ids[row.subject].add(row.subject_id)
    visits = Visit.objects.select_related("place").defer("place__shape").in_bulk(list(ids[asides.VISIT]))
    cases = Case.objects.in_bulk(list(ids[asides.CASE]))
    known: dict[str, dict[int, str]] = {
        asides.VISIT: {pk: str(visit.place) for pk, visit in visits.items()},
        asides.CASE: {pk: f"{case.number} {case.what}" for pk, case in cases.items()},
    }
    return {row.pk: known.get(row.subject, {}).get(row.subject_id or 0, "") for row in rows}


def _row(request: SignedIn, pk: int) -> SetAside:
    row = asides.seen_by(request.user).filter(pk=pk).first()
    if row is None:
        raise Http404
    return row


@page(rules.desk, methods=("GET", "POST"))
def show(request: SignedIn, pk: int) -> HttpResponse:
    """GET /asides/<id>/: one record beside what is there now; POST takes it, or leaves it with a reason."""
    row = _row(request, pk)
    if request.method != "POST":
        return _shown(request, row)
    try:
        if request.POST.get("take") == "1":
            asides.adopt(row, by=request.user)
        else:
            asides.decline(row, str(request.POST.get("reason", "")), by=request.user)
    except Refused as fault:
        return _shown(request, row, str(fault).replace("\n", "；"))
    return redirect(f"/asides/{pk}/")


def _shown(request: SignedIn, row: SetAside, fault: str = "") -> HttpResponse:
    sent = row.payload["record"]
    visit = case = None
    if row.subject == asides.VISIT and row.subject_id:
        visit = Visit.objects.select_related("place", "round", "by").filter(pk=row.subject_id).first()
    elif row.subject == asides.CASE and row.subject_id:
        case = Case.objects.filter(pk=row.subject_id).first()
    context = {
        "row": row, "kind": KINDS.get(row.kind, row.kind), "fault": fault, "visit": visit, "case": case,
        "recorded_at": moment_of(row.payload.get("clock", {}).get("at")), "clock_s": row.payload.get("clock", {}).get("clock_s"),
        "lines": _lines(sent["given"], visit) if row.kind == "visit" else [], "words": _words(sent["given"]),
        "files": list(enumerate(row.files)), "log": history.changes_of(row)[:20],
    }  # fmt: skip
    return render(request, "desk/aside.html", context, status=409 if fault else 200)


_LABELS = {
    "note": gettext_lazy("说明"), "why": gettext_lazy("未能去的原因"), "reason": gettext_lazy("理由"),
    "what": gettext_lazy("什么问题"), "address": gettext_lazy("位置"), "step": gettext_lazy("结论"),
    "key": gettext_lazy("巡查处"), "number": gettext_lazy("编号"),
}  # fmt: skip


def _words(given: dict[str, Any]) -> list[tuple[Any, str]]:
    return [(label, str(given[name])) for name, label in _LABELS.items() if given.get(name)]


def _lines(given: dict[str, Any], visit: Visit | None) -> list[dict[str, Any]]:
    """Check item by check item what the record says and what is recorded now (two queries)."""
    seen_then = given.get("seen")
    told = {
        one["item"]: one
        for one in (seen_then if isinstance(seen_then, list) else [])
        if isinstance(one, dict) and is_id(one.get("item"))
    }
    now = {}
    if visit is not None:
        rows = Observation.objects.filter(visit=visit).select_related("check_item__grading")
        now = {one.check_item_id: one for one in rows}
    items = CheckItem.objects.filter(pk__in={*told, *now}).order_by("code", "pk")
    names = dict(Result.choices)
    rest = {"result": Result.PASS} if given.get("rest") is True else {}
    return [_line(item, told.get(item.pk, rest), now.get(item.pk), names) for item in items]


def _line(
    item: CheckItem, one: dict[str, Any], seen: Observation | None, names: dict[int, Any]
) -> dict[str, Any]:
    """One check item: what the record said, what is there now, and whether they differ."""
    band, result, there = one.get("band"), one.get("result"), band_of(seen) if seen else ""
    said = band or (names.get(result) if isinstance(result, int) else None)
    is_same = seen is not None and (band == there if band else result == seen.result)
    return {
        "text": item.text, "said": said or "—", "note": str(one.get("note") or ""), "count": one.get("count"),
        "now": (there or names[seen.result]) if seen else "—", "now_note": seen.note if seen else "",
        "differs": not is_same,
    }  # fmt: skip


@page(rules.desk)
def file(request: SignedIn, pk: int, n: int) -> HttpResponseBase:
    """GET /asides/<id>/files/<n>/: one file of a record: a photo's small copy, or the recording."""
    row = _row(request, pk)
    blob = Blob.objects.filter(sha256=row.files[n]["sha256"]).first() if n < len(row.files) else None
    if blob is None:
        raise Http404
    if blob.mime.startswith("audio/"):
        answer: HttpResponseBase = sound(request, blob)
    else:
        path = store.file_of(blob.sha256, "public" if request.GET.get("large") else "thumb")
        if path is None:
            raise Http404
        answer = FileResponse(path.open("rb"), content_type="image/jpeg")
    answer["X-Content-Type-Options"], answer["Cache-Control"] = "nosniff", "private, max-age=600"
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return answer
