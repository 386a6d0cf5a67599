"""Which kind do these words mean? The learnt model where there is one, else the catalogue's own keywords."""

from __future__ import annotations

from typing import Any

from chuangwen.kernel.city import briefly
from chuangwen.problems.models import CaseKind


@briefly
def kinds() -> dict[str, CaseKind]:
    """The catalogue in force, by code."""
    return {kind.code: kind for kind in CaseKind.objects.filter(is_active=True).select_related("unit")}


def suggest_kind(text: str, most: int = 3) -> list[tuple[CaseKind, float]]:
    """The likeliest kinds with how sure (0–1), surest first; nothing when the words say nothing."""
    scores: dict[str, Any] = {}
    for code, kind in kinds().items():
        hits = sum(len(word) for word in kind.keywords.split() if word in text)
        if hits:
            scores[code] = hits
    total = sum(scores.values()) + 3
    best = sorted(scores.items(), key=lambda pair: -pair[1])[:most]
    return [(kinds()[code], value / total) for code, value in best]
