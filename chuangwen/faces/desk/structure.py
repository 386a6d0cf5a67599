"""指挥体系 as a drawing that can be edited (row 3): groups, who leads, members, and the load of each box."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, NamedTuple

from django import forms
from django.db.models import Count, Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chuangwen.faces.desk.changes import change_lines
from chuangwen.faces.desk.meetings import unit_named
from chuangwen.faces.desk.rows import dress
from chuangwen.faces.desk.structure_drawing import HEAD, LINE, Box, draw
from chuangwen.faces.desk.structure_forms import GroupForm, LeadForm
from chuangwen.kernel.models import Post, Unit
from chuangwen.kernel.people.models import Role, UnitKind
from chuangwen.kernel.screens.access import SignedIn, page
from chuangwen.kernel.workflow.flow import Refused
from chuangwen.problems.queries import load_of_units
from chuangwen.tasks import rules
from chuangwen.tasks.models import ENDED, GroupMember, State, Task
from chuangwen.tasks.queries import late_q
from chuangwen.tasks.structure import (
    KINDS,
    add_group,
    add_member,
    end_group,
    end_member,
    move_group,
    rename_group,
    set_leader,
)

CHARACTERS = 11  # of a name or a line fit a box
PEOPLE = 3  # lines of people in a box; all of them stand in the roster below the drawing
OFFICES = (UnitKind.COMMAND, UnitKind.GROUP, UnitKind.OFFICE_GROUP)


class Load(NamedTuple):
    """Open and late tasks and cases of a body and all below it."""

    tasks: int = 0
    tasks_late: int = 0
    cases: int = 0
    cases_late: int = 0

    def __add__(self, other: Any) -> Load:
        return Load(*(a + b for a, b in zip(self, other, strict=True)))


class Node(NamedTuple):
    """One box with all it shows."""

    unit: Unit
    box: Box
    people: list[str]
    load: Load
    members: int

    @property
    def path(self) -> str:
        """The line from above as points of a polyline."""
        return " ".join(f"{x},{y}" for x, y in self.box.lines)

    @property
    def name(self) -> str:
        name = str(self.unit.name)
        return name if len(name) <= CHARACTERS + 2 else str(self.unit)[: CHARACTERS + 2]

    def row(self, at: int) -> int:
        """The base line of the n-th line under the name."""
        return self.box.y + HEAD + (at + 1) * LINE - 3


def groups() -> list[Unit]:
    """The bodies of the structure in force, those above first."""
    order = {kind: at for at, kind in enumerate(KINDS)}
    rows = Unit.objects.filter(is_active=True, kind__in=KINDS)
    return sorted(
        rows.select_related("parent"), key=lambda u: (u.path.count("/"), order[UnitKind(u.kind)], u.pk)
    )


def loads(units: list[Unit]) -> dict[int, Load]:
    """Each body's own work and that of all below it (two queries)."""
    rows = Task.objects.filter(unit__isnull=False).exclude(state__in=(*ENDED, State.DRAFT)).order_by()
    own: dict[int, Load] = defaultdict(Load)
    late_now = Count("pk", filter=late_q(timezone.now()))
    counted: Any = rows.values_list("unit").annotate(n=Count("pk"), late=late_now)
    for pk, n, late in counted:
        own[pk] += Load(n, late)
    for pk, found in load_of_units().items():
        own[pk] += Load(0, 0, found["open"], found["late"])
    by_path = {unit.path: unit.pk for unit in units}
    whole: dict[int, Load] = defaultdict(Load)
    for unit in units:
        parts = unit.path.split("/")
        for depth in range(1, len(parts) + 1):
            above = by_path.get("/".join(parts[:depth]))
            if above is not None:
                whole[above] += own[unit.pk]
    return whole


def posts_of(units: list[Unit]) -> dict[int, list[Post]]:
    """Posts in force by body, leaders first; administrators of the system are no part of a roster (one query)."""
    rows = Post.objects.in_force().filter(unit__in=units).exclude(role=Role.ADMIN)
    rank = {Role.LEADER: 0, Role.HEAD: 1, Role.OFFICE: 2}
    found: dict[int, list[Post]] = defaultdict(list)
    for post in rows.select_related("person", "stand_in_for__person").order_by("pk"):
        found[post.unit_id].append(post)
    for posts in found.values():
        posts.sort(key=lambda post: (rank.get(Role(post.role), 3), post.pk))
    return found


def said(post: Post) -> str:
    """组长 张某（代 李某）."""
    name = f"{post.title or post.get_role_display()} {post.person.name}"
    return f"{name}（{_('代')} {post.stand_in_for.person.name}）" if post.stand_in_for else name


def chart() -> dict[str, Any]:
    """The drawing with its boxes and the roster below it (five queries)."""
    units = groups()
    known = {unit.pk for unit in units}
    children: dict[int, list[int]] = defaultdict(list)
    for unit in units:
        if unit.parent_id in known:
            children[unit.parent_id].append(unit.pk)
    posts, load = posts_of(units), loads(units)
    members: dict[int, list[GroupMember]] = defaultdict(list)
    for member in (
        GroupMember.objects.in_force()
        .filter(group__in=units)
        .select_related("unit")
        .order_by("-is_lead", "pk")
    ):
        members[member.group_id].append(member)
    people = {unit.pk: [said(post) for post in posts[unit.pk]] for unit in units}
    rows = {unit.pk: min(len(people[unit.pk]), PEOPLE) + 2 for unit in units}
    roots = [unit.pk for unit in units if unit.parent_id not in known]
    drawing = draw(roots, children, rows)
    by_pk = {unit.pk: unit for unit in units}
    nodes = [
        Node(by_pk[box.key], box, people[box.key][:PEOPLE], load[box.key], len(members[box.key]))
        for box in drawing.boxes
    ]
    roster = [(by_pk[box.key], people[box.key], members[box.key], load[box.key]) for box in drawing.boxes]
    return {"nodes": nodes, "drawing": drawing, "roster": roster, "cut": CHARACTERS + 4}


@page(methods=("GET", "POST"))
def overview(request: SignedIn) -> HttpResponse:
    """/structure/: the drawing and the roster; POST adds a group."""
    may_edit = rules.structure.allows(request.user, None)
    form, fault = GroupForm(request.POST or None), ""
    if request.method == "POST":
        if not may_edit:
            raise Http404
        if form.is_valid():
            given = form.cleaned_data
            try:
                unit = add_group(
                    given["name"],
                    given["kind"],
                    given["parent"],
                    by=request.user,
                    short_name=given["short_name"],
                )
                return redirect(f"/structure/{unit.code}/")
            except Refused as refused:
                fault = str(refused)
    tops = sum(1 for unit in groups() if unit.kind in OFFICES)
    context = {
        **chart(), "form": dress(form), "may_edit": may_edit, "fault": fault, "tops": tops,
        "is_office": rules.overview.allows(request.user, None),
    }  # fmt: skip
    return render(
        request, "desk/structure.html", context, status=409 if fault else 400 if form.errors else 200
    )


def _group(code: str) -> Unit:
    unit = Unit.objects.select_related("parent").filter(code=code, kind__in=KINDS).first()
    if unit is None:
        raise Http404
    return unit


@page(rules.structure)
def group(request: SignedIn, code: str) -> HttpResponse:
    """GET /structure/<code>/: one group with its name, place, members and leaders, each to change."""
    return _shown(request, _group(code))


def _shown(request: SignedIn, unit: Unit, fault: str = "", lead: forms.Form | None = None) -> HttpResponse:
    units = groups()
    members = (
        GroupMember.objects.filter(group=unit).select_related("unit").order_by("to_on", "-is_lead", "pk")
    )
    inside = f"{unit.path}/"
    context = {
        "unit": unit, "fault": fault, "members": [m for m in members if m.to_on is None],
        "former": [m for m in members if m.to_on is not None][:20],
        "above": [one for one in units if one.pk != unit.pk and not one.path.startswith(inside)],
        "below": [one for one in units if one.parent_id == unit.pk],
        "posts": [(post, said(post)) for post in posts_of([unit])[unit.pk]], "lead": dress(lead or LeadForm()),
        "units": Unit.objects.filter(is_active=True).exclude(Q(pk=unit.pk) | Q(kind=UnitKind.COMMUNITY)).order_by("code"),
        "log": change_lines(unit), "load": loads([*units])[unit.pk],
    }  # fmt: skip
    return render(
        request,
        "desk/structure_group.html",
        context,
        status=409 if fault else 400 if lead and lead.errors else 200,
    )


@page(rules.structure, methods=("POST",))
def act(request: SignedIn, code: str, what: str) -> HttpResponse:
    """POST /structure/<code>/<rename|move|end|member|leave|lead>/: one change of one group."""
    unit, given, person = _group(code), request.POST, request.user
    lead = LeadForm(given) if what == "lead" else None
    try:
        if what == "rename":
            rename_group(unit, given.get("name", ""), given.get("short_name", ""), by=person)
        elif what == "move":
            move_group(unit, _group(given["parent"]) if given.get("parent") else None, by=person)
        elif what == "end":
            end_group(unit, by=person)
            return redirect("/structure/")
        elif what == "member":
            names = {
                name: one
                for one in Unit.objects.filter(is_active=True)
                for name in (one.code, one.name, str(one))
            }
            one = unit_named(given.get("unit", ""), names)
            if one is not None:
                add_member(unit, one, by=person, is_lead="is_lead" in given)
        elif what == "leave":
            key = given.get("member", "")
            member = GroupMember.objects.filter(
                group=unit, pk=int(key) if key.isdecimal() and len(key) < 18 else 0
            ).first()
            if member is None:
                raise Http404
            end_member(member, by=person)
        elif lead is not None:
            if not lead.is_valid():
                return _shown(request, unit, lead=lead)
            set_leader(unit, lead.cleaned_data["person"], lead.cleaned_data["title"], by=person)
        else:
            raise Http404
    except Refused as fault:
        return _shown(request, _group(code), str(fault))
    return redirect(f"/structure/{unit.code}/")
