"""Who answers for what (rows 2–7): leaders and their places, road chiefs with board text, the command
structure, forms.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from chuangwen.faces.desk.rows import dress
from chuangwen.kernel.models import Duty, Person, Place, Post, Unit
from chuangwen.kernel.people.models import LEADER_DUTIES, DutyKind, Role, UnitKind
from chuangwen.kernel.people.rules import holds
from chuangwen.kernel.places.duties import DutyFault, end_duty, give_duty
from chuangwen.kernel.screens.access import SignedIn, page
from chuangwen.problems import queries

may_edit = holds(Role.OFFICE, Role.ADMIN)
PAGE = 100
CHECKED = ((DutyKind.AREA_LEADER, "street"), (DutyKind.ROAD_LEADER, "road"), (DutyKind.SITE_LEADER, "site"))


def checks() -> list[dict[str, Any]]:
    """For towns, roads and sites: how many have exactly one leader, none, more than one (three
    queries).
    """
    found = []
    for kind, place in CHECKED:
        now = Q(duties__in=Duty.objects.in_force().filter(kind=kind))
        rows = (
            Place.objects.filter(kind=place, is_active=True)
            .annotate(n=Count("duties", filter=now))
            .order_by()
        )
        counts = rows.aggregate(
            all=Count("pk"),
            one=Count("pk", filter=Q(n=1)),
            none=Count("pk", filter=Q(n=0)),
            more=Count("pk", filter=Q(n__gt=1)),
        )
        found.append({"kind": kind, "label": DutyKind(kind).label, "gap": f"{place}_leader", **counts})
    return found


def leaders() -> list[dict[str, Any]]:
    """Every leader with his towns, roads and how many sites, the fullest hands first (two queries)."""
    people: dict[int | None, dict[str, Any]] = {
        p.pk: {"person": p, "area_leader": [], "road_leader": [], "site_leader": []}
        for p in Person.objects.filter(posts__in=Post.objects.in_force().filter(role=Role.LEADER)).distinct()
    }
    held = (
        Duty.objects.in_force()
        .filter(kind__in=LEADER_DUTIES, person__isnull=False)
        .select_related("place", "person")
    )
    for duty in held.order_by("place__code"):
        line = people.setdefault(
            duty.person_id, {"person": duty.person, "area_leader": [], "road_leader": [], "site_leader": []}
        )
        line[duty.kind].append(duty.place)
    order = sorted(
        people.values(), key=lambda x: (-sum(len(x[k]) for k in LEADER_DUTIES), x["person"].username)
    )
    return [{**line, "sites": len(line["site_leader"])} for line in order]


@page()
def overview(request: SignedIn) -> HttpResponse:
    """GET /duties/: leaders and the check that each town, road and site has exactly one; `?kind=` one
    kind of duty as a list.
    """
    kind = request.GET.get("kind", "")
    context: dict[str, Any] = {
        "kinds": DutyKind.choices,
        "kind": kind,
        "may_edit": may_edit.allows(request.user, None),
    }
    if not kind:
        lines = leaders()
        sites = [len(x["site_leader"]) for x in lines]
        context |= {
            "leaders": lines,
            "checks": checks(),
            "least": min(sites, default=0),
            "most": max(sites, default=0),
        }
        return render(request, "desk/duties.html", context)
    if kind not in DutyKind.values:
        raise Http404
    rows = (
        Duty.objects.in_force().filter(kind=kind).select_related("place", "place__parent", "unit", "person")
    )
    word = request.GET.get("q", "").strip()
    if word:
        rows = rows.filter(
            Q(place__name__contains=word)
            | Q(unit__name__contains=word)
            | Q(unit__short_name__contains=word)
            | Q(person__name__contains=word)
            | Q(board_text__contains=word)
        )
    pages = Paginator(rows.order_by("place__code", "pk"), PAGE)
    context |= {"page": pages.get_page(request.GET.get("page")), "q": word, "label": DutyKind(kind).label}
    return render(request, "desk/duty_list.html", context)


@page()
def of_leader(request: SignedIn, username: str) -> HttpResponse:
    """GET /duties/of/<person>/: one leader's list for printing: each place with its unit and open
    cases.
    """
    person = get_object_or_404(Person, username=username)
    mine = queries.places_of_leader(person)
    if not mine.duties and not person.standing.roles & {Role.LEADER}:
        raise Http404
    units: dict[int, Any] = {}
    answering = (DutyKind.SITE_UNIT, DutyKind.ROAD_CHIEF, DutyKind.AREA_UNIT)
    for duty in (
        Duty.objects.in_force()
        .filter(kind__in=answering, place__in=[d.place_id for d in mine.duties])
        .select_related("unit")
    ):
        units[duty.place_id] = duty.unit
    open_now: dict[int, int] = {}
    for row in queries.cases_of_leader(request.user, mine).values_list("street_id", "road_id", "site_id"):
        for place_id in {pk for pk in row if pk}:
            open_now[place_id] = open_now.get(place_id, 0) + 1
    lines = [
        {"duty": d, "unit": units.get(d.place_id), "open": open_now.get(d.place_id, 0)} for d in mine.duties
    ]
    posts = Post.objects.in_force().filter(person=person).select_related("unit", "area")
    return render(
        request,
        "desk/leader_print.html",
        {"of": person, "lines": lines, "posts": list(posts), "today": timezone.localdate()},
    )


class DutyForm(forms.Form):
    kind = forms.ChoiceField(label=_("责任类型"), choices=DutyKind.choices)
    place = forms.CharField(
        label=_("地点编号"), max_length=40, error_messages={"required": _("填地点编号，例如 P0001、R001。")}
    )
    unit = forms.ModelChoiceField(Unit.objects.filter(is_active=True), label=_("责任单位"), required=False)
    person = forms.CharField(label=_("责任人（登录名或姓名）"), max_length=60, required=False)
    board_text = forms.CharField(label=_("牌面文字"), max_length=200, required=False)
    from_on = forms.DateField(
        label=_("起"),
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"required": _("写从哪天起。")},
    )

    def clean_place(self) -> Place:
        place = Place.objects.filter(code=self.cleaned_data["place"].strip(), is_active=True).first()
        if place is None:
            raise forms.ValidationError(_t("没有这个地点编号，在“点位”里查到再填。"))
        return place

    def clean_person(self) -> Person | None:
        word = self.cleaned_data["person"].strip()
        if not word:
            return None
        found = list(Person.objects.filter(Q(username=word) | Q(name=word), is_active=True)[:2])
        if not found:
            raise forms.ValidationError(_t("没有这个人，先在“人员”里加上。"))
        if len(found) > 1:
            raise forms.ValidationError(_t("有同名的人，改填登录名。"))
        return found[0]


@page(may_edit, methods=("GET", "POST"))
def new(request: SignedIn) -> HttpResponse:
    """/duties/new/?kind=&place=: gives a duty; the one before ends the day before."""
    if request.method != "POST":
        start = {**request.GET.dict(), "from_on": timezone.localdate()}
        return _form(request, DutyForm(initial=start))
    form = DutyForm(request.POST)
    if not form.is_valid():
        return _form(request, form)
    given = form.cleaned_data
    try:
        duty = give_duty(
            given["kind"],
            given["place"],
            unit=given["unit"],
            person=given["person"],
            from_on=given["from_on"],
            board_text=given["board_text"],
            by=request.user,
        )
    except DutyFault as fault:
        form.add_error(None, str(fault))
        return _form(request, form)
    return redirect(f"/sites/{duty.place.code}/")


def _form(request: SignedIn, form: DutyForm) -> HttpResponse:
    code = (form.data or form.initial).get("place", "")
    place = Place.objects.filter(code=code).first() if code else None
    now = Duty.objects.in_force().filter(place=place).select_related("unit", "person") if place else []
    context = {
        "form": dress(form),
        "place": place,
        "duties": list(now),
        "title": _("登记责任"),
        "save": _("登记"),
    }
    return render(request, "desk/duty_form.html", context)


@page(may_edit, methods=("POST",))
def end(request: SignedIn, pk: int) -> HttpResponse:
    """POST /duties/<id>/end/: its last day is the given one, today when none is given."""
    duty = get_object_or_404(Duty.objects.select_related("place"), pk=pk)
    try:
        day = forms.DateField().clean(request.POST.get("to_on") or timezone.localdate().isoformat())
        end_duty(duty, day)
    except (DutyFault, forms.ValidationError) as fault:
        words = fault.messages[0] if isinstance(fault, forms.ValidationError) else str(fault)
        return render(request, "screens/refused.html", {"title": _("没有办成"), "what": words}, status=409)
    return redirect(f"/sites/{duty.place.code}/")


BRANCH = (UnitKind.COMMAND, UnitKind.GROUP, UnitKind.OFFICE_GROUP)


@page()
def organisation(request: SignedIn) -> HttpResponse:
    """GET /organisation/: the command structure as a tree with posts, terms, stand-ins and each body's
    load.
    """
    units = list(Unit.objects.filter(is_active=True).order_by("path"))
    posts: dict[int, list[Post]] = {}
    held = Post.objects.in_force().filter(unit__isnull=False).exclude(role=Role.ADMIN)
    for post in held.select_related("person", "stand_in_for__person").order_by("pk"):
        posts.setdefault(post.unit_id, []).append(post)
    load = queries.load_of_units()
    total: dict[int, dict[str, int]] = {u.pk: {"open": 0, "late": 0} for u in units}
    by_path = {u.path: u.pk for u in units}
    for unit in units:  # a body's load is its own and that of all below it
        parts = unit.path.split("/")
        for depth in range(1, len(parts) + 1):
            above = by_path.get("/".join(parts[:depth]))
            if above is not None and unit.pk in load:
                for key in ("open", "late"):
                    total[above][key] += load[unit.pk][key]
    children: dict[int | None, list[Unit]] = {}
    for unit in units:
        children.setdefault(unit.parent_id, []).append(unit)
    known = {u.pk for u in units}
    roots = [u for u in units if u.kind in BRANCH and u.parent_id not in known]
    rest = [u for u in units if u.kind not in BRANCH and not (u.parent_id in known and _branch(u, units))]
    context = {
        "roots": roots,
        "children": children,
        "posts": posts,
        "load": total,
        "rest": rest,
        "may_edit": may_edit.allows(request.user, None),
    }
    return render(request, "desk/organisation.html", context)


def _branch(unit: Unit, units: list[Unit]) -> bool:
    """Whether the unit hangs below the command."""
    tops = {u.code for u in units if u.kind in BRANCH}
    return unit.path.split("/")[0] in tops
