"""月排名: one month's table by peer group, as screen, paper and Excel."""

from __future__ import annotations

from decimal import Decimal
from io import BytesIO
from typing import Any

from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chuangwen.assessment import objection_rules, rules
from chuangwen.assessment.objection_flow import OPEN
from chuangwen.assessment.objections import why_closed
from chuangwen.assessment.ranking_flow import RankingFlow
from chuangwen.assessment.ranking_models import Objection, Ranking, RankLine, RankState, RankSubject
from chuangwen.assessment.ranking_queries import GroupTable, Row, Table, ranking_table
from chuangwen.faces.desk.ranking_table import (
    Axis,
    Shown,
    band_note,
    band_title,
    cells_of,
    moved_words,
    places_of,
    said,
    trimmed,
)
from chuangwen.kernel.people.models import Person, Role
from chuangwen.kernel.people.rules import holds
from chuangwen.kernel.scoring.estimate import round_half_up
from chuangwen.kernel.screens.access import SignedIn, page, row_or_404

door = rules.ranking_overview | holds(Role.LIAISON, Role.HEAD, Role.DISPATCHER, Role.CHECKER, Role.INSPECTOR)
SHAPES = {"draft": "new", "preview": "doing", "frozen": "done", "void": "void"}
STATES = dict(RankState.choices)
PERSONS = (RankSubject.DISPATCHER, RankSubject.CHECKER, RankSubject.INSPECTOR)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


SECTIONS = (
    ("/rankings/", gettext_lazy("月排名"), door),
    ("/objections/", gettext_lazy("申诉"), objection_rules.see_list),
    ("/consequences/", gettext_lazy("奖惩"), objection_rules.see_list),
    ("/specials/", gettext_lazy("专项巡察"), objection_rules.overview),
    ("/rankings/year/", gettext_lazy("年度成绩"), objection_rules.overview),
    ("/rankings/rules/", gettext_lazy("规则"), door),
)


def sections(request: SignedIn) -> list[tuple[str, Any]]:
    """The pages about rankings this person may open, for the row of tabs."""
    return [(href, label) for href, label, rule in SECTIONS if rule.allows(request.user, None)]


def ranking_or_404(request: SignedIn, pk: int) -> Ranking:
    return row_or_404(rules.see_ranking, Ranking.objects.select_related("rule"), request.user, pk=pk)


def is_own(request: SignedIn, line: RankLine, ranking: Ranking) -> bool:
    """Whether it is a line of the person's own unit, or his own."""
    if ranking.subject_kind in PERSONS:
        return line.key == request.user.pk
    return line.unit_id in request.user.standing.units_as(Role.LIAISON, Role.HEAD)


def previews(person: Person) -> list[RankLine]:
    """The lines of the person's units in months one can still object to, for his first page; one query."""
    units = person.standing.units_as(Role.LIAISON, Role.HEAD)
    rows = RankLine.objects.filter(
        unit__in=units, ranking__state=RankState.PREVIEW, ranking__preview_until__gt=timezone.now()
    )
    return list(rows.select_related("ranking").order_by("ranking__preview_until", "pk")[:5])


def frame_of(ranking: Ranking) -> dict[str, Any]:
    """What every page of a ranking says: month, state, rule, cut-off, confidence, whether one may still object."""
    return {
        "ranking": ranking, "shape": SHAPES[ranking.state], "rule": ranking.rule, "here": "rankings",
        "confidence": f"{trimmed(ranking.rule.confidence * 100, sign=False)}%", "closed": why_closed(ranking),
        "said": said, "places_of": places_of, "rank_states": STATES,
    }  # fmt: skip


def shown(request: SignedIn, ranking: Ranking, rows: list[Row], table: Table) -> dict[int, Shown]:
    """Line id → the line as a row, with links only to what the person may open; one query."""
    asked = dict(
        Objection.objects.filter(line__ranking=ranking, state__in=OPEN)
        .order_by()
        .values_list("line_id")
        .annotate(n=Count("pk"))
    )
    found = {}
    for row in rows:
        row.line.ranking = ranking  # the rules read its state; no query a line
        base = f"{ranking.get_absolute_url()}{row.line.key}/"
        may = rules.see_facts.allows(request.user, row.line)
        cells = cells_of(row.parts, table.columns, base if may else "")
        own = is_own(request, row.line, ranking)
        found[row.line.pk] = Shown(row, base, cells, own, asked.get(row.line.pk, 0) if may else 0)
    return found


@page(door)
def show(request: SignedIn, pk: int) -> HttpResponse:
    """/rankings/<id>/: one peer group at a time, the own unit first."""
    ranking = ranking_or_404(request, pk)
    table = ranking_table(ranking, person=request.user)
    if request.GET.get("export") == "xlsx":
        return _export(ranking, table)
    chosen = _group(request, ranking, table)
    rows = _rows(chosen) if chosen else []
    seen = shown(request, ranking, rows, table)
    offers = RankingFlow.offers(ranking, request.user)
    return render(request, "desk/ranking.html", {
        **frame_of(ranking), "table": table, "chosen": chosen, "seen": seen, "columns": table.columns,
        "axis": Axis.over(row.line for row in rows), "own": [one for one in seen.values() if one.is_own],
        "makes_paper": ranking.state == RankState.FROZEN and rules.edit.allows(request.user, None),
        "offers": offers, "why": next((o.why for o in offers if not o.allowed), ""), "band_title": band_title,
        "band_note": band_note, "ranked": sum(group.ranked for group in table.groups), "path": ranking.get_absolute_url(),
        "can_move": ranking.state in ("draft", "preview"),
    })  # fmt: skip


def _rows(group: GroupTable) -> list[Row]:
    return [*(row for band in group.bands for row in band.rows), *group.unranked]


def _group(request: SignedIn, ranking: Ranking, table: Table) -> GroupTable | None:
    """The peer group asked for, else one's own, else the first; 0 is for those without a group."""
    asked = request.GET.get("group", "")
    for group in table.groups:
        if asked == str(group.group.pk if group.group else 0):
            return group
    for group in table.groups:
        if any(is_own(request, row.line, ranking) for row in _rows(group)):
            return group
    return table.groups[0] if table.groups else None


def _export(ranking: Ranking, table: Table) -> HttpResponse:
    from chuangwen.kernel.screens.tables import write_table  # openpyxl is heavy and seldom wanted

    head: list[tuple[str, float]] = [
        (_("同类组"), 16), (_("可能名次"), 10), (_("档"), 6), (_("名称"), 22), (_("得分"), 8), (_("误差"), 8),
    ]  # fmt: skip
    for column in table.columns:
        head += [
            (f"{column.label}%", 12),
            (f"{column.label} {_('分子')}", 10),
            (f"{column.label} {_('分母')}", 10),
        ]
    head += [(_("加减"), 8), (_("较上月"), 10), (_("不排名的原因"), 24)]
    cells = []
    for row in table.rows:
        line = row.line
        out: list[Any] = [
            str(line.group or ""),
            places_of(line),
            line.band,
            line.name,
            line.score,
            line.margin,
        ]
        for part in row.parts:
            rate = None if part.rate is None else round_half_up(part.rate * 100, 2)
            out += [rate, int(part.good) if part.is_whole else round_half_up(part.good, 4), part.count]
        cells.append([*out, line.bonus or None, moved_words(row)[0], line.why_not])
    note = _("%(title)s，%(state)s；规则 %(rule)s；数据截至 %(cutoff)s；区间按 %(level)s。") % {
        "title": ranking, "state": STATES[ranking.state], "rule": ranking.rule.version,
        "cutoff": timezone.localtime(ranking.cutoff_at).strftime("%Y-%m-%d %H:%M"),
        "level": f"{trimmed(Decimal(ranking.rule.confidence) * 100, sign=False)}%",
    }  # fmt: skip
    out_file = BytesIO()
    write_table(out_file, head, cells, sheet=str(ranking), note=note)
    answer = HttpResponse(out_file.getvalue(), content_type=XLSX)
    name = f"ranking-{ranking.subject_kind}-{ranking.month:%Y-%m}.xlsx"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
