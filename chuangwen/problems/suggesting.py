"""Which kind do these words mean? What the city has learnt, else the catalogue's own keywords."""

from __future__ import annotations

from chuangwen.kernel.city import briefly
from chuangwen.problems.learning import city_model
from chuangwen.problems.models import CaseKind


@briefly
def kinds() -> dict[str, CaseKind]:
    """The catalogue in force, by code."""
    return {kind.code: kind for kind in CaseKind.objects.filter(is_active=True).select_related("unit")}


def suggest_kind(text: str, most: int = 3) -> list[tuple[CaseKind, float]]:
    """The likeliest kinds with how sure (0–1), surest first; nothing when the words say nothing."""
    known = kinds()
    return [(known[code], sure) for code, sure in city_model().predict(text, most) if code in known]
