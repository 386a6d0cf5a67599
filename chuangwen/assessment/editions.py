"""Which requirements an edition has, and under which standard each stands."""

from __future__ import annotations

from chuangwen.standards.models import Edition, Requirement


def requirement_ids(edition: Edition) -> frozenset[int]:
    """Ids of all requirements of an edition."""
    return frozenset(Requirement.objects.filter(node__edition=edition).values_list("pk", flat=True))
