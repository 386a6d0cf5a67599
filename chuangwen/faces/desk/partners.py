"""对接: other systems, the codes of theirs and ours, and every message between us, with what came of it."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.db.models import Count, Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _

from chuangwen.faces.desk.rows import dress
from chuangwen.kernel.models import Person, Unit
from chuangwen.kernel.screens.access import SignedIn, page
from chuangwen.kernel.workflow.flow import Refused
from chuangwen.problems import rules
from chuangwen.problems.exchanging import giving, keeping, sending, taking
from chuangwen.problems.exchanging.xml_form import without_password
from chuangwen.problems.models import Case, CaseKind, ExchangeKind, ExchangeMessage, ExchangeState, Partner

SHOWN = 100
SHAPES = {ExchangeState.WAITING: "new", ExchangeState.DONE: "done", ExchangeState.FAILED: "back"}


class PartnerForm(forms.ModelForm):
    """What is known of another system; whose rights it has decides what its messages may do."""

    class Meta:
        model = Partner
        fields = ("code", "name", "projection", "url", "is_soap", "person", "is_on", "source")
        help_texts = {
            "code": _("出现在它的网址里：/exchange/编码/"),
            "projection": _("EPSG 编号（32651、4547）或 wgs84、cgcs2000、gcj02、bd09"),
        }

    code = forms.SlugField(label=_("编码"), max_length=20, error_messages={
        "invalid": _("编码用字母、数字、- 和 _。"), "required": _("写编码。")})  # fmt: skip
    url = forms.URLField(label=_("回传地址"), max_length=300, required=False, assume_scheme="https", error_messages={
        "invalid": _("地址写成 https://主机/路径。")},
        help_text=_("不填则由对方来取。要账号的写成 https://账号:密码@主机/路径"))  # fmt: skip
    person = forms.ModelChoiceField(
        Person.objects.filter(is_active=True).order_by("name", "pk"), label=_("按谁的权限"),
        help_text=_("给它单设一个账号，再发范围为“平台交换”的令牌"),
        error_messages={"required": _("选一个账号，没有就先建一个。")},
    )  # fmt: skip


@page(rules.partner_door, methods=("GET", "POST"))
def listing(request: SignedIn) -> HttpResponse:
    """GET /partners/: the systems we exchange with; POST makes one or changes one (?edit=code), office and admin."""
    may_keep = rules.partner_keeper.allows(request.user, None)
    edited = Partner.objects.filter(code=request.GET.get("edit", "")).first() if may_keep else None
    form, fault = PartnerForm(instance=edited), ""
    if request.method == "POST" and may_keep:
        form = PartnerForm(request.POST, instance=edited)
        if form.is_valid():
            try:
                before = Partner.objects.get(pk=edited.pk) if edited else Partner()
                keeping.save_partner(before, form.cleaned_data, by=request.user)
                return redirect("/partners/")
            except Refused as refused:
                fault = str(refused)
    counts = {
        "failed": Count("messages", filter=Q(messages__state=ExchangeState.FAILED)),
        "waiting": Count("messages", filter=Q(messages__state=ExchangeState.WAITING)),
    }
    rows = list(Partner.objects.annotate(**counts).select_related("person").order_by("code"))
    for row in rows:
        row.url = sending.shown_url(row.url) if row.url else ""
    context = {"partners": rows, "form": dress(form), "fault": fault, "edited": edited, "may_keep": may_keep,
               "may_read": rules.desk.allows(request.user, None)}  # fmt: skip
    return render(request, "desk/partners.html", context, status=400 if fault or form.errors else 200)


def _partner(code: str) -> Partner:
    found = Partner.objects.filter(code=code).select_related("person").first()
    if found is None:
        raise Http404
    return found


@page(rules.desk, methods=("GET", "POST"))
def partner_page(request: SignedIn, code: str) -> HttpResponse:
    """GET /partners/<code>/: its log (by state, kind, way, their number), its codes; POST maps, replays, gives a case."""
    partner, fault, said = _partner(code), "", ""
    if request.method == "POST":
        try:
            said = _act(request, partner)
        except Refused as refused:
            fault = str(refused)
        if not fault and not said:
            return redirect(f"/partners/{code}/")
    return _shown(request, _partner(code), fault, said)


def _act(request: SignedIn, partner: Partner) -> str:
    given, act = request.POST, request.POST.get("act")
    if act == "map":
        keeping.map_code(
            partner, given.get("what", ""), given.get("theirs", ""), given.get("ours", ""), by=request.user
        )
        return ""
    if act == "replay":
        done, failed = keeping.play_all(keeping.failed_of(partner)[: keeping.MOST_AT_ONCE])
        return str(_("重放了 %(all)d 条：办成 %(done)d 条，没办成 %(failed)d 条。")) % {
            "all": done + failed, "done": done, "failed": failed}  # fmt: skip
    if act == "give":
        case = Case.objects.filter(number=given.get("number", "").strip()[:24]).first()
        if case is None or not rules.see_case.allows(request.user, case):
            raise Refused(_("没有这个案号。"))
        row = giving.give_case(case, partner, by=request.user)
        return str(_("已交给 %(name)s：%(number)s")) % {"name": partner.name, "number": row.their_id}
    raise Http404


def _shown(request: SignedIn, partner: Partner, fault: str, said: str) -> HttpResponse:
    chosen = {name: request.GET.get(name, "") for name in ("state", "kind", "way", "q", "before")}
    rows = list(_log(partner, chosen)[: SHOWN + 1])
    kinds = list(CaseKind.objects.filter(is_active=True).order_by("code"))
    units = list(Unit.objects.filter(is_active=True).order_by("code"))
    names = {
        "kinds": {kind.code: kind.name for kind in kinds},
        "units": {unit.code: str(unit) for unit in units},
    }
    context: dict[str, Any] = {
        "partner": partner, "rows": rows[:SHOWN], "more": rows[SHOWN - 1].pk if len(rows) > SHOWN else 0, "chosen": chosen,
        "states": ExchangeState.choices, "types": ExchangeKind.choices, "shapes": SHAPES, "fault": fault, "said": said,
        "unknown": taking.unknown_codes(partner), "names": names, "functions": giving.functions(),
        "failed": ExchangeMessage.objects.filter(partner=partner, state=ExchangeState.FAILED).count(),
        "url": sending.shown_url(partner.url) if partner.url else "",
    }  # fmt: skip
    return render(request, "desk/partner.html", context, status=409 if fault else 200)


def _log(partner: Partner, chosen: dict[str, str]) -> Any:
    rows = ExchangeMessage.objects.filter(partner=partner).select_related("case").defer("body")
    if chosen["state"] in ExchangeState.values:
        rows = rows.filter(state=chosen["state"])
    if chosen["kind"] in ExchangeKind.values:
        rows = rows.filter(kind=chosen["kind"])
    if chosen["way"] in ("in", "out"):
        rows = rows.filter(is_out=chosen["way"] == "out")
    if chosen["q"]:
        rows = rows.filter(their_id=chosen["q"].replace("\0", "")[:80])
    if chosen["before"].isascii() and chosen["before"].isdigit() and len(chosen["before"]) < 18:
        rows = rows.filter(pk__lt=int(chosen["before"]))
    return rows.order_by("-pk")


@page(rules.desk, methods=("GET", "POST"))
def message_page(request: SignedIn, code: str, uid: uuid.UUID) -> HttpResponse:
    """GET /partners/<code>/<id>/: one message as it was; POST plays it again, or settles it with a reason."""
    rows = ExchangeMessage.objects.select_related("partner__person", "case", "entry")
    row = rows.filter(partner__code=code, uid=uid).first()
    if row is None:
        raise Http404
    fault = ""
    if request.method == "POST":
        try:
            if request.POST.get("act") == "settle":
                giving.settle(row, request.POST.get("reason", ""), by=request.user)
            else:
                keeping.play_again(row)
            return redirect(request.path)
        except Refused as refused:
            fault = str(refused)
    context = {"row": row, "shapes": SHAPES, "fault": fault, "body": without_password(row.body)[:200_000]}
    return render(request, "desk/partner_message.html", context, status=409 if fault else 200)
