"""What is looked at on a visit: the check items of its type of place in the editions of its round."""

from __future__ import annotations

from django.db.models import QuerySet

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
