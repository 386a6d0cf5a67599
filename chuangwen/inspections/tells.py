"""Whom the steps of a round tell. A hidden round tells its own teams only, in words that give nothing away."""

from __future__ import annotations

from django.utils.translation import gettext as _

from chuangwen.inspections.models import Round
from chuangwen.kernel.models import Entry, Person
from chuangwen.kernel.workflow.notices import Tell


def _members(row: Round) -> list[int]:
    return list(
        Person.objects.filter(visit_teams__round=row, is_active=True).distinct().values_list("pk", flat=True)
    )


def started(row: Round, entry: Entry) -> list[Tell]:
    """The teams learn that they have visits; what and where stands behind the link only, since mail is forwarded."""
    return [
        Tell(row, "round", _("有安排给你的考察，打开看。"), person_id=pk, url="/rounds/today/")
        for pk in _members(row)
    ]


def released(row: Round, entry: Entry) -> list[Tell]:
    words = _("%(name)s 的结果已公布。") % {"name": row.name}
    return [Tell(row, "released", words, person_id=pk, url=f"/rounds/{row.number}/") for pk in _members(row)]
