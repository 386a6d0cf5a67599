"""Writing editions back as the template: a workbook for people, or CSV files as a pack keeps them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

from chuangwen.kernel.screens.tables import write_csv
from chuangwen.standards.exchange.layout import LAYOUTS, Layout
from chuangwen.standards.models import (
    CheckItem,
    Edition,
    Grading,
    Material,
    Node,
    Question,
    Requirement,
    Series,
    Share,
)

Rows = dict[str, list[dict[str, Any]]]


def rows_of(editions: Sequence[Edition]) -> Rows:
    """Every row of these editions by sheet and column key, in the order of the tree; nine queries an edition at most."""
    rows: Rows = {layout.name: [] for layout in LAYOUTS}
    for edition in editions:
        head = {"scheme": edition.scheme.code, "edition": edition.name}
        rows["schemes"].append({
            **head, "name": edition.scheme.name, "kind": edition.scheme.kind, "year": edition.year, "level": edition.level,
            "full": edition.full, "current": edition.is_current, "sample": edition.is_sample, "source": edition.source,
        })  # fmt: skip
        nodes = {node.pk: node for node in Node.objects.filter(edition=edition).order_by("rank", "pk")}
        for node in nodes.values():
            above = nodes[node.parent_id].code if node.parent_id else None
            rows["nodes"].append({
                **head, "code": node.code, "parent": above, "tier": node.tier, "name": node.name, "text": node.text,
                "full": node.full, "scoring": node.scoring, "level": node.level, "note": node.note, "effort": node.effort,
                "source": node.source,
            })  # fmt: skip
        for name, row in _below(edition):
            rows[name].append(head | row)
    # All rules of grading: they belong to no edition, and one not used yet would be lost otherwise.
    for each in Grading.objects.order_by("pk") if editions else ():
        rows["grading"].append({
            "code": each.code, "name": each.name, "way": each.way, "params": _json(each.params), "source": each.source,
        })  # fmt: skip
    return rows


def _json(value: Any) -> str:
    import json

    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _below(edition: Edition) -> Iterator[tuple[str, dict[str, Any]]]:
    """The rows below the standards of one edition."""
    units: dict[tuple[int, str], list[str]] = {}
    for share in (
        Share.objects.filter(requirement__node__edition=edition).select_related("unit").order_by("pk")
    ):
        units.setdefault((share.requirement_id, share.part), []).append(share.unit.code)
    needs = (
        Requirement.objects.filter(node__edition=edition).select_related("node").order_by("node__rank", "pk")
    )
    node_of: dict[int, str] = {}
    for need in needs:
        node_of[need.pk] = need.node.code
        yield "requirements", {
            "node": need.node.code, "method": need.method, "full": need.full, "text": need.text, "demand": need.demand,
            "lead": next(iter(units.get((need.pk, "lead"), [])), None),
            "assists": ";".join(units.get((need.pk, "assist"), [])), "source": need.source,
        }  # fmt: skip
    order = ("requirement__node__rank", "pk")
    inside = {"requirement__node__edition": edition}
    for m in Material.objects.filter(**inside).select_related("same_as").order_by(*order):
        yield "materials", {
            "node": node_of[m.requirement_id], "code": m.code, "kind": m.kind, "text": m.text, "count": m.count,
            "limit": m.limit, "from_on": m.from_on, "to_on": m.to_on, "due_on": m.due_on,
            "same_as": m.same_as.code if m.same_as else None, "source": m.source,
        }  # fmt: skip
    for item in CheckItem.objects.filter(**inside).select_related("site_type", "grading").order_by(*order):
        yield "check_items", {
            "node": node_of[item.requirement_id], "code": item.code, "site_type": item.site_type.code, "text": item.text,
            "grading": item.grading.code, "full": item.full, "case_kind": item.case_kind, "source": item.source,
        }  # fmt: skip
    for q in Question.objects.filter(**inside).order_by(*order):
        yield "questions", {
            "node": node_of[q.requirement_id], "code": q.code, "audience": q.audience, "text": q.text,
            "options": "|".join(words for words, _share in q.options), "floor": q.floor,
            "scores": "|".join(str(share) for _words, share in q.options), "source": q.source,
        }  # fmt: skip
    for s in Series.objects.filter(**inside).select_related("unit").order_by(*order):
        yield "series", {
            "node": node_of[s.requirement_id], "code": s.code, "name": s.name, "measure": s.measure, "target": s.target,
            "relation": s.relation, "unit": s.unit.code if s.unit else None, "source": s.source,
        }  # fmt: skip


def _cells(layout: Layout, row: dict[str, Any], words: bool) -> list[Any]:
    return [_cell(layout, column.key, row.get(column.key), words) for column in layout.columns]


def _cell(layout: Layout, key: str, value: Any, words: bool) -> Any:
    column = layout.column(key)
    if value in (None, ""):
        return None
    if column.kind == "bool":
        return ("是" if value else "否") if words else ("yes" if value else "no")
    if column.kind == "choice" and words and isinstance(column.choices, dict):
        return next(word for word, code in column.choices.items() if code == value and word != code)
    if isinstance(value, Decimal):
        plain = value.normalize()
        return plain if words and plain.as_tuple().exponent <= 0 else f"{plain:f}"  # type: ignore[operator]
    if isinstance(value, dt.date) and not words:
        return value.isoformat()
    return value


def write_workbook(stream: IO[bytes], editions: Sequence[Edition]) -> int:
    """One workbook of eight sheets with Chinese words for the choices; the number of rows of data written."""
    from openpyxl import Workbook  # heavy, and only wanted where a file is written
    from openpyxl.styles import Font

    from chuangwen.kernel.screens.table_writing import _written

    rows, count = rows_of(editions), 0
    book = Workbook(write_only=True)
    for layout in LAYOUTS:
        page = book.create_sheet(layout.title)
        page.freeze_panes = "A2"
        for number, column in enumerate(layout.columns):
            page.column_dimensions[_letters(number)].width = 40 if column.key in ("text", "scoring") else 16
        titles = [_written(page, column.titles[0]) for column in layout.columns]
        for cell in titles:
            cell.font = Font(bold=True)
        page.append(titles)
        for row in rows[layout.name]:
            page.append([_written(page, value) for value in _cells(layout, row, True)])
            count += 1
    book.save(stream)
    return count


def _letters(number: int) -> str:
    from chuangwen.kernel.screens.tables import letters

    return letters(number)


def write_folder(folder: Path, editions: Sequence[Edition]) -> int:
    """The CSV files of a pack with codes; the number of rows of data written. A sheet without rows has its header."""
    folder.mkdir(parents=True, exist_ok=True)
    rows, count = rows_of(editions), 0
    for layout in LAYOUTS:
        with (folder / f"{layout.name}.csv").open("wb") as stream:
            lines: Iterable[list[Any]] = (_cells(layout, row, False) for row in rows[layout.name])
            count += write_csv(stream, [column.titles[0] for column in layout.columns], lines)
    return count
