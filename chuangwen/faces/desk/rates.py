"""统计: every rate of a period by unit, street, kind or post; each figure is a link to the cases it was made of."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen.kernel.people.models import Role
from chuangwen.kernel.people.rules import holds
from chuangwen.kernel.scoring.rates import Rate
from chuangwen.kernel.screens.access import SignedIn, page
from chuangwen.problems import rates, rules
from chuangwen.problems.models import State
from chuangwen.problems.rates import BY_CODE, SUBJECTS, Line, Period, Subject

may_open = rules.reader | holds(Role.HEAD, Role.LIAISON)
LIST = 100


@dataclass(frozen=True)
class Asked:
    """What the address asks for: first and last day, and whose table."""

    first: dt.date
    last: dt.date
    subject: Subject

    @property
    def period(self) -> Period:
        return rates.days(self.first, self.last)

    @property
    def query(self) -> dict[str, str]:
        return {"by": self.subject.code, "from": self.first.isoformat(), "to": self.last.isoformat()}

    @property
    def is_month(self) -> bool:
        return (self.first, self.last) == month_of(self.first)

    def link(self, **more: Any) -> str:
        return "?" + urlencode({**self.query, **more})


def month_of(day: dt.date) -> tuple[dt.date, dt.date]:
    """First and last day of the month that holds `day`."""
    first = day.replace(day=1)
    return first, (first + dt.timedelta(days=32)).replace(day=1) - dt.timedelta(days=1)


def asked(request: HttpRequest) -> Asked:
    """Reads by, month or from/to; this month and units by default. Raises Http404 for what cannot be read."""
    given = request.GET
    subject = SUBJECTS.get(given.get("by") or "unit")
    try:
        if given.get("from") and not given.get("month"):
            first, last = (dt.date.fromisoformat(given[name]) for name in ("from", "to"))
            rates.days(first, last)
        else:
            month = given.get("month")
            first, last = month_of(dt.date.fromisoformat(f"{month}-01") if month else timezone.localdate())
    except (KeyError, ValueError, OverflowError) as fault:
        raise Http404(_("期间没有写对，写成 2026-11 或起止日期。")) from fault
    if subject is None:
        raise Http404
    return Asked(first, last, subject)


def _sorted(lines: list[Line], by: str) -> list[Line]:
    """Sorted by a rate's code, "-" before it for high first; lines without a denominator stay last."""
    code = by.removeprefix("-")
    if code != "mean" and code not in BY_CODE:
        return lines
    values = {id(line): line.mean.value if code == "mean" else line.rates[code].value for line in lines}
    known = [line for line in lines if values[id(line)] is not None]
    known.sort(key=lambda line: values[id(line)] or 0, reverse=by.startswith("-"))
    return known + [line for line in lines if values[id(line)] is None]


@page(may_open)
def rates_page(request: SignedIn) -> HttpResponse:
    """The table of one subject and period, on screen, on paper or as Excel."""
    wanted = asked(request)
    code = wanted.subject.code
    columns = rates.rates_of(code)
    lines = rates.table(code, wanted.period, person=request.user)
    sort = request.GET.get("sort", "")
    shown = _sorted(lines, sort) if sort.removeprefix("-") in ("mean", *(c.code for c in columns)) else lines
    whole = rates.total(lines)
    if request.GET.get("export") == "xlsx":
        return _export(wanted, columns, [*shown, whole])
    before = month_of(wanted.first - dt.timedelta(days=1))[0]
    after = wanted.last + dt.timedelta(days=1)
    return render(request, "desk/rates.html", {
        "asked": wanted, "subjects": SUBJECTS.values(), "columns": columns, "lines": shown, "total": whole,
        "sort": sort, "has_mean": any(c.cohort == "due" for c in columns) and code in ("unit", "street", "kind"),
        "before": f"{before:%Y-%m}", "after": f"{after:%Y-%m}" if after <= timezone.localdate() else "",
    })  # fmt: skip


def _export(wanted: Asked, columns: list[rates.Declared], lines: list[Line]) -> HttpResponse:
    from chuangwen.kernel.screens.tables import write_table  # openpyxl is heavy and seldom wanted

    head: list[tuple[str, float]] = [(str(wanted.subject.label), 20)]
    for column in columns:
        head += [
            (f"{column.label}%", 12),
            (f"{column.label} {_('分子')}", 10),
            (f"{column.label} {_('分母')}", 10),
        ]
    rows = []
    for line in lines:
        row: list[Any] = [line.name]
        for column in columns:
            rate = line.rates.get(column.code, Rate(0, 0))
            row += [rate.percent(), rate.numerator, rate.denominator]
        rows.append([*row, line.mean.hours()])
    out = BytesIO()
    note = _("%(from)s—%(to)s，全部案件，不是抽样；一案算一次。") % {"from": wanted.first, "to": wanted.last}
    write_table(out, [*head, (_("平均处置用时（小时）"), 14)], rows, sheet=_("统计"), note=note)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    answer = HttpResponse(out.getvalue(), content_type=kind)
    name = f"rates-{wanted.subject.code}-{wanted.first}-{wanted.last}.xlsx"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _key(request: HttpRequest) -> int | None:
    """The key in the address; "none" for what belongs to nobody. Raises Http404 for no number."""
    given = request.GET.get("key", "")
    if given == "none":
        return None
    if not given.isascii() or not given.isdigit() or len(given) > 18:
        raise Http404
    return int(given)


@page(may_open)
def cases_page(request: SignedIn) -> HttpResponse:
    """The cases behind one figure."""
    wanted = asked(request)
    rate, side = BY_CODE.get(request.GET.get("rate", "")), request.GET.get("side", "part")
    one = "key" in request.GET
    if rate is None or side not in ("part", "whole") or (one and wanted.subject.code not in rate.subjects):
        raise Http404
    key = _key(request) if one else None
    rows = rates.cases_of(
        rate.code, side, wanted.period, person=request.user,
        subject=wanted.subject.code if one else "", key=key,
    )  # fmt: skip
    whose = ""
    if one and key is not None:
        row = wanted.subject.model._default_manager.filter(pk=key).first()
        whose = str(row) if row and rows.exists() else ""
    what = rate.part_text if side == "part" else rate.whole_text
    return _list(request, rows, f"{whose} {rate.label}".strip(), _("%(what)s（%(whole)s）") % {
        "what": what, "whole": rate.whole_text} if side == "part" else str(what), wanted)  # fmt: skip


def _list(request: SignedIn, rows: Any, title: str, what: str, wanted: Asked | None) -> HttpResponse:
    before = request.GET.get("before", "")
    if before.isascii() and before.isdigit() and len(before) < 19:
        rows = rows.filter(pk__lt=int(before))
    found = list(rows.select_related("kind", "unit", "street").order_by("-pk")[: LIST + 1])
    more = ""
    if len(found) > LIST:
        given = request.GET.copy()
        given["before"] = str(found[LIST - 1].pk)
        more = "?" + given.urlencode()
    return render(request, "desk/rates_cases.html", {
        "title": title, "what": what, "cases": found[:LIST], "more": more, "asked": wanted,
        "states": dict(State.choices),
    })  # fmt: skip


@page(may_open)
def open_page(request: SignedIn) -> HttpResponse:
    """Open cases by kind with the share over their limit; with `side` and `key`, the cases themselves."""
    now = timezone.now()
    side = request.GET.get("side")
    if side is None:
        lines = rates.open_by_kind(now, person=request.user)
        late = Rate(sum(x.late.numerator for x in lines), sum(x.late.denominator for x in lines))
        return render(request, "desk/rates_open.html", {"lines": lines, "late": late, "at": now})
    if side not in ("part", "whole"):
        raise Http404
    rows = rates.open_cases(now, side, person=request.user, kind=_key(request))
    title = _("未结案件中超期的") if side == "part" else _("未结案件")
    return _list(request, rows, title, _("按类别"), None)
