"""与上月比: every line of a month beside the one before, who improved most, and what of it is more than noise."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from chuangwen.assessment.ranking_models import PeerGroup
from chuangwen.assessment.ranking_queries import Row, Table, most_improved, ranking_table
from chuangwen.faces.desk.ranking import door, frame_of, is_own, ranking_or_404
from chuangwen.faces.desk.ranking_table import Axis, moved_words
from chuangwen.kernel.screens.access import SignedIn, page


@page(door)
def show(request: SignedIn, pk: int) -> HttpResponse:
    """/rankings/<id>/changes/: by group in the order of change; a changed rule is said, since scores are then no course."""
    ranking = ranking_or_404(request, pk)
    table = ranking_table(ranking, person=request.user)
    rows = table.rows
    lines = [row.line for row in rows] + [row.before for row in rows if row.before]
    return render(request, "desk/ranking_changes.html", {
        **frame_of(ranking), "table": table, "axis": Axis.over(lines), "best": most_improved(table),
        "groups": _by_change(table), "moved_words": moved_words, "path": ranking.get_absolute_url(),
        "own": {row.line.pk for row in rows if is_own(request, row.line, ranking)},
    })  # fmt: skip


def _by_change(table: Table) -> list[tuple[PeerGroup | None, list[Row]]]:
    """Each group's rows, who gained most first; those without a month before at the end."""
    found = []
    for group in table.groups:
        rows = [*(row for band in group.bands for row in band.rows), *group.unranked]
        rows.sort(key=lambda row: (row.change is None, -(row.change or 0), row.line.pk))
        found.append((group.group, rows))
    return found
