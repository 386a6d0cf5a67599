"""One item of the dossier: its page, its steps, its report and evidence, its versions."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms as django_forms
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen.dossier import actions, precheck, queries, rules
from chuangwen.dossier.flow import ItemFlow
from chuangwen.dossier.forms import DocumentForm, mark_of
from chuangwen.dossier.models import Document, Item, State, Version
from chuangwen.dossier.precheck.check import accepted
from chuangwen.dossier.precheck.finding import Finding
from chuangwen.dossier.precheck.texts import count_characters
from chuangwen.faces.desk.dossier import due_of, shape_of
from chuangwen.faces.desk.row_steps import uid_of
from chuangwen.faces.desk.rows import dress
from chuangwen.kernel.city import setting
from chuangwen.kernel.evidence import store
from chuangwen.kernel.evidence.documents import KIND_OF_MIME, PICTURES, BadDocument, download_name
from chuangwen.kernel.evidence.images import BadPicture
from chuangwen.kernel.evidence.reading import can_read
from chuangwen.kernel.models import Person
from chuangwen.kernel.screens.access import SignedIn, go, page, row_or_404
from chuangwen.kernel.screens.declare import Look
from chuangwen.kernel.workflow import history
from chuangwen.kernel.workflow.flow import BadInput, Refused
from chuangwen.standards.models import Material

RELATED = ("unit", "material__requirement__node__edition__scheme", "material__same_as", "sent_by")
# Of two steps that end a review, the one that is not of this level is no step at all here.
LEVEL_STEPS = frozenset({"pass_office", "accept"})
MOST_FILES = 20


def item_or_404(person: Person, pk: int) -> Item:
    """The item if this person may see it."""
    item = row_or_404(rules.see_item, Item.objects.select_related(*RELATED), person, pk=pk)
    vars(item)["asker"] = person
    return item


def steps_of(item: Item, person: Person) -> list[dict[str, Any]]:
    """The buttons: the main step first, keys 1–3 for the first three that can be taken."""
    offers = [o for o in ItemFlow.offers(item, person) if o.allowed or o.step.code not in LEVEL_STEPS]
    found, key, main = [], 0, False
    for offer in sorted(offers, key=lambda o: (not o.step.is_main, not o.allowed)):
        key += offer.allowed
        is_main = offer.step.is_main and offer.allowed and not main
        main = main or is_main
        shown = str(offer.step.label) + ("…" if offer.step.form else "")
        found.append(
            {
                "offer": offer,
                "label": shown,
                "key": key if offer.allowed and key <= 3 else 0,
                "is_main": is_main,
            }
        )
    return found


def _papers(item: Item) -> list[dict[str, Any]]:
    found = []
    for row in precheck.documents_of(item):
        blob = row.evidence.blob if row.evidence else None
        kind = KIND_OF_MIME[blob.mime] if blob else "link"
        found.append({
            "row": row, "kind": kind, "is_picture": kind in PICTURES, "size": blob.size if blob else 0,
            "taken_at": row.evidence.taken_at if row.evidence else None,
            "is_unread": blob is not None and kind not in PICTURES and not can_read(kind),
        })  # fmt: skip
    return found


def _findings(item: Item, person: Person) -> list[tuple[Finding, str]]:
    """What is found now while it is written; what was found when it was sent, with the word said to it, afterwards."""
    if item.state == State.DRAFT:
        return [(one, "") for one in precheck.check_item(item, by=person)]
    return [(Finding.from_json(each), str(each.get("explained", ""))) for each in item.findings]


def work_of(item: Item, person: Person) -> dict[str, Any]:
    """What of the page changes while the item is written."""
    limit = item.material.limit or int(setting("report_characters", 500))
    found = _findings(item, person)
    return {
        "item": item, "papers": _papers(item), "found": found, "steps": steps_of(item, person), "uid": uuid.uuid4(),
        "limit": limit, "characters": count_characters(item.report), "mark": mark_of(item.report),
        "may_write": item.state == State.DRAFT and rules.writer.allows(person, item),
        "stops": sum(one.holds for one, _said in found), "faults": [], "removed": None, "saved": False, "written": None,
        "accepted": accepted(item.material.kind), "most_mb": int(setting("document_megabytes", 30)),
    }  # fmt: skip


@page()
def show(request: SignedIn, pk: int) -> HttpResponse:
    """GET /dossier/<id>/: everything about one item on one page."""
    item, person = item_or_404(request.user, pk), request.user
    if item.state in ItemFlow.by_code["look"].sources and item.looked_at is None and _reviews(item, person):
        try:
            item = ItemFlow.take(item, "look", by=person).matter
            item = item_or_404(person, pk)
        except Refused:  # somebody was quicker
            item = item_or_404(person, pk)
    shape, state = shape_of(item)
    entries = history.history_of(item)
    context = {
        **work_of(item, person), "shape": shape, "state": state, "due": due_of(item, Look(person, timezone.now())),
        "holder": queries.holder(item), "log": _log(entries), "path": _path(item, entries),
        "versions": list(item.versions.select_related("by")), "serves": queries.serves(item),
        "uses": set(item.uses.values_list("material", flat=True)), "is_office": rules.office.allows(person, item),
        "node": item.material.requirement.node,
    }  # fmt: skip
    return render(request, "desk/dossier_item.html", context)


def _reviews(item: Item, person: Person) -> bool:
    """Whether this person is one of those who review the item at its level."""
    codes = {State.UNIT_CHECK: "pass_unit", State.OFFICE_CHECK: "accept", State.FINAL_CHECK: "accept_final"}
    return ItemFlow.by_code[codes[State(item.state)]].rule.allows(person, item)


def _path(item: Item, entries: list[Any]) -> list[dict[str, Any]]:
    """The levels of review with their moments, the present one marked."""
    from chuangwen.dossier.steps import levels

    order = [str(State.DRAFT), *levels(), str(State.ACCEPTED)]
    reached = {entry.to_state: entry.at for entry in entries if entry.from_state != entry.to_state}
    at = order.index(item.state) if item.state in order else -1
    return [
        {
            "label": State(state).label,
            "at": reached.get(state) if i <= at else None,
            "is_now": i == at,
            "is_done": i < at,
        }
        for i, state in enumerate(order)
    ]


def _log(entries: list[Any]) -> list[dict[str, Any]]:
    """History newest first: the step's word, who, when, what was said."""
    found = []
    for entry in reversed(entries):
        step = ItemFlow.by_code.get(entry.step)
        said = [
            str(entry.given[key])
            for key in ("reason", "note", "unit_name", "into", "title")
            if entry.given.get(key)
        ]
        if entry.given.get("characters") is not None:
            said.append(_("%(n)d 字") % {"n": entry.given["characters"]})
        found.append({
            "at": entry.at, "label": step.label if step else entry.step, "who": entry.by.name if entry.by else _("系统"),
            "text": "；".join(said), "hash": entry.hash[:4], "is_small": entry.from_state == entry.to_state,
        })  # fmt: skip
    return found


# Steps -----------------------------------------------------------------------------------------------


@page(methods=("GET", "POST"))
def step(request: SignedIn, pk: int, code: str) -> HttpResponse:
    """/dossier/<id>/steps/<step>/: GET shows the step's form, POST takes the step and goes back to the item."""
    item = item_or_404(request.user, pk)
    chosen = ItemFlow.by_code.get(code)
    if chosen is None or chosen.is_quiet or not chosen.rule.allows(request.user, item):
        raise Http404
    if request.method != "POST":
        return _form(request, item, chosen, chosen.form() if chosen.form else django_forms.Form())
    try:
        taken = ItemFlow.take(item, code, by=request.user, given=request.POST, uid=uid_of(request))
    except BadInput as fault:
        return _form(request, item, chosen, fault.form)
    except Refused as fault:
        form = chosen.form(request.POST) if chosen.form else django_forms.Form()
        return _form(request, item, chosen, form, str(fault))
    to = taken.matter.get_absolute_url() if rules.see_item.allows(request.user, taken.matter) else "/dossier/"
    return go(request, to)


def _form(
    request: SignedIn, item: Item, chosen: Any, form: django_forms.Form, fault: str = ""
) -> HttpResponse:
    context = {
        "case": item, "item": item, "title": chosen.label, "form": dress(form, "step"), "fault": fault,
        "uid": uid_of(request) or uuid.uuid4(), "action": f"/dossier/{item.pk}/steps/{chosen.code}/",
    }  # fmt: skip
    template = "desk/_step_form.html" if request.htmx else "desk/dossier_step.html"
    return render(request, template, context, status=409 if fault else 200)


@page(rules.office, methods=("POST",))
def end_use(request: SignedIn, pk: int, material: int) -> HttpResponse:
    """POST /dossier/<id>/uses/<material>/end/: the item no longer serves that material."""
    item = item_or_404(request.user, pk)
    other = row_or_404(
        rules.office, Material.objects.select_related("requirement__node"), request.user, pk=material
    )
    try:
        actions.end_use(item, other, by=request.user)
    except Refused as fault:
        return _refused(request, str(fault))
    return redirect(item.get_absolute_url())


# Writing ---------------------------------------------------------------------------------------------


@page(rules.door, methods=("POST",))
def report(request: SignedIn, pk: int) -> HttpResponse:
    """POST /dossier/<id>/report/: keeps the report; with scripts only what it changes on the page comes back."""
    item = item_or_404(request.user, pk)
    text, seen = request.POST.get("report", ""), request.POST.get("seen", "")
    try:
        actions.write_report(item, text, by=request.user, seen=seen, uid=uid_of(request))
    except BadInput as fault:
        return _marks(request, pk, [str(fault)], 409, written=text)
    except Refused as fault:
        return _marks(request, pk, [str(fault)], 409)
    return _marks(request, pk)


def _marks(
    request: SignedIn, pk: int, faults: list[str] | None = None, status: int = 200, written: str | None = None
) -> HttpResponse:
    if not request.htmx:
        return _refused(request, faults[0]) if faults else redirect(f"/dossier/{pk}/")
    item = item_or_404(request.user, pk)
    context = work_of(item, request.user) | {"faults": faults or [], "saved": not faults, "written": written}
    return render(request, "desk/_dossier_marks.html", context, status=status)


def _refused(request: SignedIn, what: str) -> HttpResponse:
    return render(request, "screens/refused.html", {"title": _("没有办成"), "what": what}, status=409)


@page(rules.door, methods=("POST",))
def add(request: SignedIn, pk: int) -> HttpResponse:
    """POST /dossier/<id>/documents/: one or more files, or an address; each is kept or refused by itself."""
    item = item_or_404(request.user, pk)
    form, uid = DocumentForm(request.POST), uid_of(request) or uuid.uuid4()
    files: list[Any] = list(request.FILES.getlist("file"))[:MOST_FILES]
    faults = [] if form.is_valid() else [str(next(iter(form.errors.values()))[0])]
    told = {key: value for key, value in form.cleaned_data.items() if value} if not faults else {}
    if len(files) > 1:
        told = {}  # one name would stand on all of them
    for number, file in enumerate(files or [None]) if not faults else ():
        try:
            actions.add_document(item, file, by=request.user, uid=uuid.uuid5(uid, str(number)), **told)
        except (BadDocument, BadPicture) as fault:
            faults.append(f"{getattr(file, 'name', '')[:40]}：{fault.sentence}")
        except Refused as fault:
            faults.append(str(fault))
    return _shown(request, pk, faults)


def _shown(request: SignedIn, pk: int, faults: list[str], removed: Document | None = None) -> HttpResponse:
    if not request.htmx:
        return _refused(request, faults[0]) if faults else redirect(f"/dossier/{pk}/#papers")
    context = work_of(item_or_404(request.user, pk), request.user) | {"faults": faults, "removed": removed}
    return render(request, "desk/_dossier_papers.html", context, status=422 if faults else 200)


def _document(request: SignedIn, pk: int, document: int) -> Document:
    """A piece of evidence of an item this person may see, taken out ones too."""
    item = item_or_404(request.user, pk)
    found = Document.objects.filter(item=item, pk=document).select_related("evidence__blob").first()
    if found is None:
        raise Http404
    return found


@page(rules.door, methods=("POST",))
def describe(request: SignedIn, pk: int, document: int) -> HttpResponse:
    """POST /dossier/<id>/documents/<n>/: its title, number and date."""
    row, form = _document(request, pk, document), DocumentForm(request.POST)
    if not form.is_valid():
        return _marks(request, pk, [str(next(iter(form.errors.values()))[0])], 422)
    given = {
        name: form.cleaned_data[name] for name in ("title", "number", "dated_on") if name in request.POST
    }
    try:
        actions.describe_document(row, given, by=request.user)
    except Refused as fault:
        return _marks(request, pk, [str(fault)], 409)
    return _marks(request, pk)


@page(rules.door, methods=("POST",))
def remove(request: SignedIn, pk: int, document: int, act: str) -> HttpResponse:
    """POST /dossier/<id>/documents/<n>/<remove|restore>/: out of the item, or back into it."""
    row = _document(request, pk, document)
    do = {"remove": actions.remove_document, "restore": actions.restore_document}.get(act)
    if do is None:
        raise Http404
    try:
        do(row, by=request.user)
    except Refused as fault:
        return _shown(request, pk, [str(fault)])
    return _shown(request, pk, [], row if act == "remove" else None)


@page()
def file(request: SignedIn, pk: int, document: int, form: str) -> HttpResponseBase:
    """GET /dossier/<id>/documents/<n>/<file|public|thumb>/: the original as a download, or a picture's clean copies."""
    row = _document(request, pk, document)
    if row.evidence is None:
        raise Http404
    path = store.file_of(row.evidence.blob.sha256, "original" if form == "file" else form)
    if path is None:
        raise Http404
    if form == "file":
        kind = KIND_OF_MIME[row.evidence.blob.mime]
        answer = FileResponse(path.open("rb"), as_attachment=True, filename=download_name(row.title, kind),
                              content_type=row.evidence.blob.mime)  # fmt: skip
    else:
        answer = FileResponse(path.open("rb"), content_type="image/jpeg")
    answer["X-Content-Type-Options"], answer["Cache-Control"] = "nosniff", "private, max-age=600"
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return answer


@page()
def version(request: SignedIn, pk: int, no: int) -> HttpResponse:
    """GET /dossier/<id>/versions/<n>/: a version as it was sent, and how it differs from the one before."""
    item = item_or_404(request.user, pk)
    rows = {
        one.no: one for one in Version.objects.filter(item=item, no__in=(no, no - 1)).select_related("by")
    }
    if no not in rows:
        raise Http404
    newer, older = rows[no], rows.get(no - 1)
    before = {paper["sha256"] or paper["address"] for paper in older.documents} if older else set()
    now = {paper["sha256"] or paper["address"] for paper in newer.documents}
    context = {
        "item": item, "version": newer, "older": older, "parts": precheck.difference(older, newer),
        "papers": [(paper, older is not None and (paper["sha256"] or paper["address"]) not in before) for paper in newer.documents],
        "gone": [paper for paper in older.documents if (paper["sha256"] or paper["address"]) not in now] if older else [],
    }  # fmt: skip
    return render(request, "desk/dossier_version.html", context)
