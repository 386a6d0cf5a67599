"""What is looked at on a visit: the check items of its type of place in the editions of its round."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from chuangwen.inspections.grading import BadGrade, bands_of
from chuangwen.inspections.models import Visit
from chuangwen.standards.models import CheckItem, Edition


def checklist(visit: Visit) -> list[CheckItem]:
    """The check items of a visit in the order of the tree, with their grading (two queries)."""
    return list(_items(visit.round.editions.all(), visit.site_type_id))


def _items(editions: QuerySet[Edition], site_type_id: int | None) -> QuerySet[CheckItem]:
    rows = CheckItem.objects.filter(site_type=site_type_id, requirement__node__edition__in=editions)
    return (
        rows.filter(requirement__waived_reason="")
        .select_related("grading", "requirement__node__parent")
        .order_by("requirement__node__edition_id", "requirement__node__rank", "code", "pk")
    )


def checklists(
    kinds: set[tuple[int | None, tuple[int, ...]]],
) -> dict[tuple[int | None, tuple[int, ...]], list[CheckItem]]:
    """The check items of several types of place, each in the editions of its round, as `checklist` (one query)."""
    editions = {pk for _kind, pks in kinds for pk in pks}
    rows = CheckItem.objects.filter(
        site_type__in={kind for kind, _pks in kinds if kind}, requirement__node__edition__in=editions,
        requirement__waived_reason="",
    )  # fmt: skip
    rows = rows.select_related("grading", "requirement__node").order_by(
        "requirement__node__edition_id", "requirement__node__rank", "code", "pk"
    )
    found: dict[tuple[int | None, tuple[int, ...]], list[CheckItem]] = {key: [] for key in kinds}
    for item in rows:
        for (kind, pks), items in found.items():
            if item.site_type_id == kind and item.requirement.node.edition_id in pks:
                items.append(item)
    return found


def bands_asked(item: CheckItem) -> list[str]:
    """The bands a person picks from, best first; empty where the item is not graded by bands."""
    if item.grading.way != "bands":
        return []
    try:
        return [name for name, _share in bands_of(item.grading.params)]
    except BadGrade:
        return []


def count_asked(item: CheckItem) -> tuple[str, Any]:
    """What a wrong item asks to be counted, and the figure it starts with; empty where nothing is counted."""
    way, params = item.grading.way, item.grading.params
    if way == "points":
        return _("发现几处"), 1
    if way == "count_per_metre":
        wanted = {"n": params.get("count", ""), "m": params.get("metres", "")}
        return _("找到几处（%(m)s 米内要 %(n)s 处）") % wanted, ""
    if way == "timed" and "least" in params:
        wanted = {"n": params["least"], "m": params.get("minutes", "")}
        return _("%(m)s 分钟里有几次（满 %(n)s 次得满分）") % wanted, ""
    if way == "timed":
        return _("%(m)s 分钟里看到几次") % {"m": params.get("minutes", "")}, ""
    return (_("响了几声（没人接不填）"), "") if way == "hotline" else ("", "")
