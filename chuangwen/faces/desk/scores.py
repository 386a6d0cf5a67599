"""得分: the official score to expect with its margin, where it stands on, what moved, and where points can be won back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from io import BytesIO

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chuangwen.assessment import rules
from chuangwen.assessment.forecasting import (
    Standing,
    current_rule,
    keep_forecast,
    points,
    score_of,
    standing,
    weak_items,
)  # fmt: skip
from chuangwen.assessment.kept import MOVES, Bar, Scale
from chuangwen.assessment.models import Forecast, Front
from chuangwen.kernel.scoring.fronts import Threshold
from chuangwen.kernel.scoring.weakness import Weakness, WhatIf, Why, weaknesses, what_if
from chuangwen.kernel.screens.access import SignedIn, page
from chuangwen.kernel.screens.words import day
from chuangwen.standards.models import Node, Part, Requirement, Share

FIRST = 10  # weak standards on the forecast page
FLOORS: dict[str, tuple[str, Promise]] = {
    Threshold.MET: ("done", gettext_lazy("达到")),
    Threshold.MET_OPEN: ("soon", gettext_lazy("达到，误差内可能不到")),
    Threshold.MISSED: ("late", gettext_lazy("没有达到")),
    Threshold.MISSED_OPEN: ("soon", gettext_lazy("没有达到，误差内可能达到")),
    Threshold.UNKNOWN: ("void", gettext_lazy("还没有数据")),
}


@dataclass(frozen=True)
class Row:
    """One line of the weakness list as it is shown."""

    weak: Weakness
    need: Requirement
    lead: str
    figures: Mapping[str, Fraction] = field(default_factory=dict)

    @property
    def top(self) -> Node:
        """The 测评项目 it stands under; itself where it stands alone."""
        content = self.need.node.parent
        return (content.parent or content) if content else self.need.node

    @property
    def front(self) -> str:
        return str(Front(self.weak.item.group).label)

    def figure(self, code: str, places: int = 1) -> str:
        return points(self.figures[code], places) if code in self.figures else "—"

    @property
    def rate(self) -> str:
        return f"{points(self.weak.rate * 100, 1)}%"

    @property
    def target(self) -> str:
        return f"{points(Fraction(str(self.weak.item.target)) * 100, 0)}%"


def _year(request: SignedIn) -> int:
    given = request.GET.get("year") or request.POST.get("year") or ""
    if given and not (given.isascii() and given.isdigit() and 2000 <= int(given) <= 2100):
        raise Http404
    return int(given) if given else timezone.localdate().year


def _notes(found: Standing) -> dict[str, str]:
    """What each front rests on, in words."""
    site, paper, survey, round_ = found.city.site, found.city.paper, found.city.survey, found.city.round
    notes = dict.fromkeys((f.value for f in Front), _("还没有数据"))
    if paper:
        done = sum(row.share == 1 for row in paper.found.values())
        notes["dossier"] = _("%(n)d/%(m)d 项齐 · 不是抽样，无误差") % {"n": done, "m": len(paper.found)}
    if site and round_:
        notes["site"] = _("%(n)d 个点位 · %(round)s · %(day)s") % {
            "n": site.visits,
            "round": round_.name,
            "day": day(round_.to_on),
        }
    if survey:
        notes["survey"] = _("%(n)d 份答卷") % {"n": survey.n}
    return notes


def _bars(found: Standing) -> list[Bar]:
    notes, kept = _notes(found), found.before.parts if found.before else {}
    weights = {w.key: w.percent for w in found.rule.fronts}
    bars = []
    for front in (Front.DOSSIER, Front.SITE, Front.SURVEY):
        score = found.city.scores[front.value]
        note = f"{notes[front.value]} · {_('权重 %(n)s') % {'n': f'{weights.get(front.value, 0):f}'}}"
        change = _change(found, front.value)
        note = f"{note} · {change}" if change else note
        was = score_of(kept[front.value]) if kept.get(front.value) else None
        bars.append(
            Bar(
                str(front.label),
                f"/scores/front/{front.value}/?year={found.city.year}",
                score,
                note,
                was,
            )
        )
    if found.total:
        was = score_of(kept["total"]) if kept.get("total") else None
        bars.append(Bar(_("我们的总分"), "", found.total.score, _change(found, "total"), was, is_total=True))
    return bars


def _change(found: Standing, key: str) -> str:
    """What moved since the forecast it is compared with, and whether it is more than noise; a full count has none."""
    change = found.changes.get(key)
    if change is None or found.before is None:
        return ""
    sign = "+" if change.difference >= 0 else "−"
    said = {"day": day(found.before.at), "change": f"{sign}{points(abs(change.difference), 1)}"}
    if not change.difference:
        return _("与 %(day)s 相同") % said
    if key == Front.DOSSIER:
        return _("比 %(day)s %(change)s") % said
    return _("比 %(day)s %(change)s，%(word)s") % {**said, "word": MOVES[change.move]}


def _rows(items: Sequence[Weakness], most: int | None = None) -> list[Row]:
    """The list with its standards and lead units: two queries."""
    chosen = items[:most]
    needs = Requirement.objects.select_related("node__parent__parent").in_bulk(
        [int(w.item.key) for w in chosen]
    )
    leads = dict(
        Share.objects.filter(requirement__in=needs, part=Part.LEAD).values_list(
            "requirement_id", "unit__short_name"
        )
    )
    return [
        Row(
            w,
            needs[int(w.item.key)],
            leads.get(int(w.item.key), ""),
            {r.code.value: r.figure for r in w.reasons},
        )
        for w in chosen
    ]


@page(rules.read)
def scores_page(request: SignedIn) -> HttpResponse:
    """The forecast with everything it rests on; prints on one page."""
    row, year = current_rule(), _year(request)
    if row is None:
        return render(request, "desk/scores.html", {"found": None, "here": "scores"})
    found = standing(row, year)
    bars = _bars(found)
    weak = weaknesses(weak_items(found))
    ends = [end for bar in bars if bar.score for end in (bar.score.low, bar.score.high)] + (
        [row.goal] if row.goal else []
    )
    best = sum((w.points for w in weak[:3]), Fraction())
    return render(request, "desk/scores.html", {
        "found": found, "year": year, "bars": bars, "scale": Scale.over(ends), "expected": found.expected, "points": points,
        "weak": _rows(weak, FIRST), "best": best, "missing": [b.label for b in bars if b.score is None],
        "minors": FLOORS[found.total.minors] if found.total else None, "change": _change(found, "total"),
        "history": Forecast.objects.filter(rule=row).select_related("by").order_by("-at", "-pk")[:12],
        "may_edit": rules.edit.allows(request.user, None),
        "confidence": f"{row.confidence * 100:.0f}%", "here": "scores",
    })  # fmt: skip


@page(rules.edit, methods=("POST",))
def keep(request: SignedIn) -> HttpResponse:
    """Keeps the forecast as it stands; the same forecast twice is one row."""
    row, year = current_rule(), _year(request)
    if row is None:
        raise Http404
    keep_forecast(standing(row, year), by=request.user)
    return redirect(f"/scores/?year={year}")


def _changes(request: SignedIn, keys: set[str]) -> tuple[dict[str, Fraction], list[str]]:
    """The rates tried in the address, `to_<requirement>=90` in per cent; faults name what cannot be."""
    tried: dict[str, Fraction] = {}
    faults = []
    for name in request.GET:
        text = request.GET.get(name, "")
        key = name.removeprefix("to_")
        if not name.startswith("to_") or not text.strip() or key not in keys:
            continue
        try:
            rate = Decimal(text.strip().rstrip("%％"))
        except InvalidOperation:
            faults.append(_("“%(text)s”不是数。写 0 到 100 之间的得分率。") % {"text": text})
            continue
        if not rate.is_finite() or not 0 <= rate <= 100:
            faults.append(_("“%(text)s”不在 0 到 100 之间。") % {"text": text})
            continue
        tried[key] = Fraction(rate) / 100
    return tried, faults


def _export(rows: list[Row]) -> HttpResponse:
    from chuangwen.kernel.screens.tables import write_table  # openpyxl is heavy and seldom wanted

    head: list[tuple[str, float]] = [
        (_("编号"), 10), (_("标准"), 30), (_("方法"), 8), (_("主责"), 16), (_("可追回"), 9), (_("每人日"), 9),
        (_("得分率%"), 9), (_("目标%"), 8), (_("看了几处"), 9), (_("估计不达标处"), 12), (_("工作量（人日）"), 12), (_("占总分"), 9),
    ]  # fmt: skip
    lines = [
        [
            row.need.node.code, row.need.node.name, str(row.need.get_method_display()), row.lead, Decimal(points(row.weak.points, 3)),
            Decimal(points(row.weak.per_effort, 4)) if row.weak.per_effort is not None else None, Decimal(points(row.weak.rate * 100, 2)),
            Decimal(points(Fraction(str(row.weak.item.target)) * 100, 0)), row.weak.item.visited, row.figure(Why.FAILING, 0),
            row.weak.item.effort, Decimal(points(row.weak.item.at_stake, 3)),
        ]
        for row in rows
    ]  # fmt: skip
    stream = BytesIO()
    write_table(stream, head, lines, sheet=_("弱项"))
    answer = HttpResponse(
        stream.getvalue(), content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    )
    answer["Content-Disposition"] = 'attachment; filename="weak.xlsx"'
    return answer


@page(rules.read)
def weak_page(request: SignedIn) -> HttpResponse:
    """Every standard by points that can be won back, and what the total would be with other rates."""
    row, year = current_rule(), _year(request)
    if row is None:
        return render(request, "desk/scores.html", {"found": None, "here": "scores"})
    found = standing(row, year)
    items = weak_items(found)
    tried, faults = _changes(request, {item.key for item in items})
    outcome: WhatIf | None = what_if(items, tried) if tried else None
    by_effort = request.GET.get("by") == "effort"
    rows = _rows(weaknesses(items, by_effort=by_effort))
    fronts = [
        f for f in (Front.DOSSIER, Front.SITE, Front.SURVEY) if any(r.weak.item.group == f for r in rows)
    ]
    front, unit, item = (request.GET.get(name, "") for name in ("front", "unit", "item"))
    shown = [
        r
        for r in rows
        if (not front or r.weak.item.group == front)
        and (not unit or r.lead == unit)
        and (not item or r.top.code == item)
    ]
    if request.GET.get("export") == "xlsx":
        return _export(shown)
    worth = [r for r in shown if r.weak.points > 0 or r.weak.item.key in tried or request.GET.get("all")]
    return render(request, "desk/weak.html", {
        "found": found, "year": year, "rows": worth, "left": len(shown) - len(worth), "points": points,
        "outcome": outcome, "tried": tried, "faults": faults,
        "by_effort": by_effort, "fronts": fronts, "front": front, "unit": unit, "units": sorted({r.lead for r in rows if r.lead}),
        "apart": tried.keys() - {r.weak.item.key for r in worth}, "item": item,
        "tops": sorted({(r.top.rank, r.top.code, r.top.name) for r in rows}),
        "total": found.total.score.value if found.total else None, "expected": found.expected, "here": "scores",
    })  # fmt: skip
