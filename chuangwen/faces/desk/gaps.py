"""Gap lists (row 8): what has no person, no unit, no limit; each figure with its denominator, each row
with where to mend it.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any, NamedTuple

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from chuangwen.kernel.city import briefly
from chuangwen.kernel.models import Duty, Person, Place, Post, Unit
from chuangwen.kernel.people.models import DutyKind, Role, UnitKind
from chuangwen.kernel.people.rules import holds
from chuangwen.kernel.screens.access import SignedIn, page
from chuangwen.problems import rules
from chuangwen.problems.models import Case, CaseKind
from chuangwen.problems.queries import OPEN_STATES

may_see = rules.reader | holds(Role.ADMIN)
SHOWN = 200
ANSWERING = (UnitKind.DEPARTMENT, UnitKind.STREET, UnitKind.UTILITY)

Rows = QuerySet[Any]


class Line(NamedTuple):
    """One thing that lacks something, and the page where it is mended."""

    name: str
    detail: str
    href: str
    mend: str


class Gap(NamedTuple):
    code: str
    label: Promise
    measure: Promise
    whole: Callable[[], Rows]
    holes: Callable[[], Rows]
    line: Callable[[Any], Line]


def _in_force(kind: str) -> Exists:
    return Exists(Duty.objects.in_force().filter(kind=kind, place=OuterRef("pk")))


def _places(kind: str) -> Callable[[], Rows]:
    return lambda: Place.objects.filter(kind=kind, is_active=True).select_related("parent").order_by("code")


def _lacking(kind: str, duty: str) -> Callable[[], Rows]:
    return lambda: _places(kind)().filter(~_in_force(duty))


def _place_line(duty: str) -> Callable[[Place], Line]:
    def line(row: Place) -> Line:
        above = row.parent.short_name if row.parent else ""
        href = f"/sites/{row.code}/"
        return Line(row.name, above, href, f"/duties/new/?kind={duty}&place={row.code}")

    return line


def _two_leaders() -> Rows:
    now = Q(duties__in=Duty.objects.in_force().filter(kind=DutyKind.AREA_LEADER))
    return _places("street")().annotate(n=Count("duties", filter=now)).filter(n__gt=1)


def _units() -> Rows:
    return Unit.objects.filter(is_active=True, kind__in=ANSWERING).order_by("code")


def _units_lacking(role: str) -> Callable[[], Rows]:
    posts = Post.objects.in_force().filter(role=role, unit=OuterRef("pk"))
    return lambda: _units().filter(~Exists(posts))


def _unit_line(role: str) -> Callable[[Unit], Line]:
    return lambda row: Line(
        row.name,
        str(row.get_kind_display()),
        f"/organisation/#u{row.pk}",
        f"/posts/new/?role={role}&unit={row.code}",
    )


def _kinds() -> Rows:
    return CaseKind.objects.filter(is_active=True).order_by("code")


def _kind_line(row: CaseKind) -> Line:
    return Line(f"{row.code} {row.name}", row.group, f"/cases/?kind={row.code}", f"/kinds/{row.code}/")


def _open_cases() -> Rows:
    return Case.objects.filter(closed_at__isnull=True, state__in=OPEN_STATES).order_by("reported_at")


def _case_line(row: Case) -> Line:
    return Line(f"{row.number} {row.what}", row.address, row.get_absolute_url(), row.get_absolute_url())


def _duties() -> Rows:
    return Duty.objects.select_related("place", "unit", "person").order_by("to_on", "pk")


def _ended_duties() -> Rows:
    """Over, and nobody followed at the same place."""
    today = timezone.localdate()
    after = Duty.objects.filter(kind=OuterRef("kind"), place=OuterRef("place")).filter(
        Q(to_on__isnull=True) | Q(to_on__gt=OuterRef("to_on"))
    )
    return _duties().filter(to_on__lt=today).filter(~Exists(after))


def _duty_line(row: Duty) -> Line:
    detail = _t("%(kind)s，%(day)s 止") % {"kind": row.get_kind_display(), "day": row.to_on}
    return Line(
        f"{row.place} {row.holder}",
        detail,
        f"/sites/{row.place.code}/",
        f"/duties/new/?kind={row.kind}&place={row.place.code}",
    )


def _persons() -> Rows:
    return Person.objects.filter(is_active=True).order_by("username")


def _without_post() -> Rows:
    past = Post.objects.filter(person=OuterRef("pk"))
    return _persons().filter(Exists(past), ~Exists(past.in_force()))


def _person_line(row: Person) -> Line:
    return Line(row.name, row.username, f"/search/?q={row.name}", f"/posts/new/?person={row.username}")


GAPS = (
    Gap(
        "site_leader",
        _("点位没有分包领导"),
        _("个"),
        _places("site"),
        _lacking("site", DutyKind.SITE_LEADER),
        _place_line(DutyKind.SITE_LEADER),
    ),
    Gap(
        "site_unit",
        _("点位没有责任单位"),
        _("个"),
        _places("site"),
        _lacking("site", DutyKind.SITE_UNIT),
        _place_line(DutyKind.SITE_UNIT),
    ),
    Gap(
        "road_chief",
        _("路段没有路长单位"),
        _("段"),
        _places("road"),
        _lacking("road", DutyKind.ROAD_CHIEF),
        _place_line(DutyKind.ROAD_CHIEF),
    ),
    Gap(
        "case_unit",
        _("未销号案件没有责任单位"),
        _("件"),
        _open_cases,
        lambda: _open_cases().filter(unit__isnull=True),
        _case_line,
    ),
    Gap(
        "unit_liaison",
        _("单位没有联络员"),
        _("个"),
        _units,
        _units_lacking(Role.LIAISON),
        _unit_line(Role.LIAISON),
    ),
    Gap(
        "road_leader",
        _("路段没有分包领导"),
        _("段"),
        _places("road"),
        _lacking("road", DutyKind.ROAD_LEADER),
        _place_line(DutyKind.ROAD_LEADER),
    ),
    Gap(
        "street_leader",
        _("镇街没有分包领导"),
        _("个"),
        _places("street"),
        _lacking("street", DutyKind.AREA_LEADER),
        _place_line(DutyKind.AREA_LEADER),
    ),
    Gap(
        "street_leaders",
        _("镇街分包领导多于一人"),
        _("个"),
        _places("street"),
        _two_leaders,
        _place_line(DutyKind.AREA_LEADER),
    ),
    Gap(
        "street_unit",
        _("镇街没有属地单位"),
        _("个"),
        _places("street"),
        _lacking("street", DutyKind.AREA_UNIT),
        _place_line(DutyKind.AREA_UNIT),
    ),
    Gap(
        "shop_duty",
        _("门店没有门前责任人"),
        _("家"),
        _places("shop"),
        _lacking("shop", DutyKind.SHOP_DUTY),
        _place_line(DutyKind.SHOP_DUTY),
    ),
    Gap("unit_head", _("单位没有负责人"), _("个"), _units, _units_lacking(Role.HEAD), _unit_line(Role.HEAD)),
    Gap(
        "kind_unit",
        _("类别没有责任单位"),
        _("类"),
        _kinds,
        lambda: _kinds().filter(unit_rule="unit", unit__isnull=True),
        _kind_line,
    ),
    Gap(
        "kind_limit",
        _("类别没有处置时限"),
        _("类"),
        _kinds,
        lambda: _kinds().exclude(limits__has_key="fix"),
        _kind_line,
    ),
    Gap(
        "case_due",
        _("未销号案件没有期限"),
        _("件"),
        _open_cases,
        lambda: _open_cases().filter(due_at__isnull=True),
        _case_line,
    ),
    Gap("duty_ended", _("责任到期没有接续"), _("条"), _duties, _ended_duties, _duty_line),
    Gap("post_ended", _("任职到期的人"), _("名"), _persons, _without_post, _person_line),
)
BY_CODE = {gap.code: gap for gap in GAPS}


class Figure(NamedTuple):
    gap: Gap
    holes: int
    whole: int


def figures(gaps: tuple[Gap, ...] = GAPS) -> list[Figure]:
    """Gaps with their denominators, in the order of GAPS; small tables and open cases only."""
    return [Figure(gap, gap.holes().order_by().count(), gap.whole().order_by().count()) for gap in gaps]


@briefly
def first_figures() -> list[Figure]:
    """The five of the first page."""
    return figures(GAPS[:5])


@page(may_see)
def overview(request: SignedIn) -> HttpResponse:
    """GET /gaps/: all gaps, the open ones first in the table's order."""
    found = [figure for figure in figures() if _is_for(figure.gap, request.user)]
    context = {"gaps": found, "open": sum(1 for f in found if f.holes)}
    return render(request, "desk/gaps.html", context)


def _is_for(gap: Gap, person: Person) -> bool:
    """Lists of cases are for those who read every case; an administrator keeps the lists of places and
    people.
    """
    return gap.line is not _case_line or rules.reader.allows(person, None)


def _gap_or_404(code: str, person: Person) -> Gap:
    if code not in BY_CODE or not _is_for(BY_CODE[code], person):
        raise Http404
    return BY_CODE[code]


@page(may_see)
def rows(request: SignedIn, code: str) -> HttpResponse:
    """GET /gaps/<code>/: the things behind one figure, each with the page where it is mended."""
    gap = _gap_or_404(code, request.user)
    lines = [gap.line(row) for row in gap.holes()[:SHOWN]]
    count = len(lines) if len(lines) < SHOWN else gap.holes().order_by().count()
    context = {"gap": gap, "lines": lines, "count": count, "whole": gap.whole().order_by().count()}
    return render(request, "desk/gap.html", context)


@page(may_see)
def export(request: SignedIn, code: str) -> HttpResponse:
    """GET /gaps/<code>/export/: all rows of one gap as an Excel file."""
    from chuangwen.kernel.screens.table_writing import (
        write_table,  # brings openpyxl: only when a file is made
    )

    gap = _gap_or_404(code, request.user)
    stream = io.BytesIO()
    titles = [(_t("名称"), 40), (_t("说明"), 30), (_t("补上"), 40)]
    write_table(
        stream, titles, ((x.name, x.detail, x.mend) for x in map(gap.line, gap.holes())), sheet=str(gap.label)
    )
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    answer = HttpResponse(stream.getvalue(), content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="gap-{code}.xlsx"'
    return answer
