"""What the steps of an objection do: the first look, the decision by another person, and the reversal that follows."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.translation import gettext as _

from chuangwen.assessment.counting import recount
from chuangwen.assessment.ranking_models import Objection, RankFact, Ranking, RankLine, RankState
from chuangwen.kernel.models import Entry, Person
from chuangwen.kernel.workflow.calendar import Limit
from chuangwen.kernel.workflow.calendar import Unit as ClockUnit
from chuangwen.kernel.workflow.flow import NotAllowed, Refused


def answer_limit(objection: Objection) -> Limit:
    """Within how many working days the unit is owed an answer, as the rule of that month says."""
    return Limit(max(objection.line.ranking.rule.answer_days, 1), ClockUnit.WORK_DAY)


def look(objection: Objection, *, by: Person | None, at: dt.datetime, advice: str) -> None:
    objection.advice = advice


def cannot_decide(objection: Objection) -> str | None:
    """A month that was frozen or made void is not changed any more."""
    if objection.line.ranking.state != RankState.PREVIEW:
        return _("这个月的排名不在预告中，不能再改。差错计入下月。")
    return None


def looked_by(objection: Objection) -> int | None:
    """Who took the first look."""
    rows = Entry.objects.filter(subject=objection.subject, subject_id=objection.pk, step="look")
    return rows.order_by("-seq").values_list("by_id", flat=True).first()


def _another(objection: Objection, by: Person | None) -> None:
    if by is not None and looked_by(objection) == by.pk:
        raise NotAllowed(_("初核和决定由两个人办。你已初核，由另一位创建办人员决定。"))


def grant(objection: Objection, *, by: Person | None, at: dt.datetime, reason: str) -> dict[str, Any]:
    """Takes the rows out and counts the month anew in the same transaction; the old and new score go into history."""
    _another(objection, by)
    ranking = Ranking.objects.select_for_update().get(pk=objection.line.ranking_id)
    if ranking.state != RankState.PREVIEW:
        raise Refused(_("这个月的排名不在预告中，不能再改。差错计入下月。"))
    before = RankLine.objects.get(pk=objection.line_id)
    facts = RankFact.objects.filter(pk__in=list(objection.facts.values_list("pk", flat=True)))
    facts.update(objection=objection)
    recount(ranking)
    after = RankLine.objects.get(pk=objection.line_id)
    objection.decision = reason
    return {
        "rows": facts.count(),
        "score": [before.score, after.score],
        "places": [_places(before), _places(after)],
        "digest": ranking.digest,
    }


def _places(line: RankLine) -> str:
    """The interval of ranks as history keeps it; empty where the line is not ranked."""
    if line.rank_low is None:
        return ""
    return f"{line.rank_low}" if line.rank_low == line.rank_high else f"{line.rank_low}—{line.rank_high}"


def refuse(objection: Objection, *, by: Person | None, at: dt.datetime, reason: str) -> None:
    _another(objection, by)
    objection.decision = reason
