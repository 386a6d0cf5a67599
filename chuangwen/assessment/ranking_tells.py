"""Whom each step of a month's ranking tells: the liaison of every unit that has a line."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen.assessment.ranking_models import Ranking
from chuangwen.kernel.models import Entry
from chuangwen.kernel.people.models import Role
from chuangwen.kernel.workflow.notices import Tell


def _units(ranking: Ranking, kind: str, words: str) -> list[Tell]:
    units = ranking.lines.filter(unit__isnull=False).order_by("unit_id").values_list("unit_id", flat=True)
    url = ranking.get_absolute_url()
    return [Tell(ranking, kind, words, unit_id=unit, role=Role.LIAISON, url=url) for unit in units.distinct()]


def _title(ranking: Ranking) -> str:
    return _("%(month)s %(subject)s排名") % {
        "month": ranking.month.strftime("%Y-%m"),
        "subject": ranking.get_subject_kind_display(),
    }


def published(ranking: Ranking, entry: Entry) -> list[Tell]:
    assert ranking.preview_until is not None  # the step has just set it
    until = timezone.localtime(ranking.preview_until).strftime("%m-%d %H:%M")
    return _units(
        ranking,
        "preview",
        _("%(title)s预告，%(until)s 前可申诉") % {"title": _title(ranking), "until": until},
    )


def frozen(ranking: Ranking, entry: Entry) -> list[Tell]:
    return _units(ranking, "frozen", _("%(title)s已定稿") % {"title": _title(ranking)})


def voided(ranking: Ranking, entry: Entry) -> list[Tell]:
    """A trial was never told of, so neither is its end."""
    if entry.from_state == "draft":
        return []
    return _units(ranking, "voided", _("%(title)s已作废，另行预告") % {"title": _title(ranking)})
