"""What the steps of a month's ranking do, and what holds them up."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen.assessment.counting import recount
from chuangwen.assessment.ranking_models import Objection, ObjectionState, Ranking
from chuangwen.kernel.city import calendar
from chuangwen.kernel.models import Person
from chuangwen.kernel.workflow.calendar import Limit
from chuangwen.kernel.workflow.calendar import Unit as ClockUnit

OPEN_OBJECTIONS = (ObjectionState.RAISED, ObjectionState.LOOKED)


def objection_limit(ranking: Ranking) -> Limit:
    """How long a unit has to object, in working days, as the rule says."""
    return Limit(max(ranking.rule.objection_days, 1), ClockUnit.WORK_DAY)


def cannot_publish(ranking: Ranking) -> str | None:
    """There is somebody to rank."""
    if not ranking.lines.filter(rank__isnull=False).exists():
        return _("没有一个对象可以排名。看各行“不排名的原因”，核对规则、参评名单和数据后作废重算。")
    return None


def publish(ranking: Ranking, *, by: Person | None, at: dt.datetime) -> dict[str, Any]:
    """Counts once more and opens the time for objections."""
    recount(ranking)
    ranking.preview_until = calendar().due(at, objection_limit(ranking))
    return {"until": ranking.preview_until, "digest": ranking.digest}


def objected(ranking: Ranking) -> str | None:
    """Objections that nobody has answered yet."""
    waiting = Objection.objects.filter(line__ranking=ranking, state__in=OPEN_OBJECTIONS).count()
    return _("还有 %(n)d 件申诉没有答复，先答复。") % {"n": waiting} if waiting else None


def cannot_freeze(ranking: Ranking) -> str | None:
    """Not before the units' time to object is over and every objection has its answer."""
    if ranking.preview_until is None or ranking.now < ranking.preview_until:
        until = timezone.localtime(ranking.preview_until) if ranking.preview_until else None
        return _("申诉时间到 %(until)s，过后再定稿。") % {
            "until": until.strftime("%m-%d %H:%M") if until else "—"
        }
    return objected(ranking)


def freeze(ranking: Ranking, *, by: Person | None, at: dt.datetime) -> dict[str, Any]:
    """The last count; from here on the same rows must give the same digits."""
    recount(ranking)
    ranking.frozen_at = at
    return {"digest": ranking.digest}


def comment(ranking: Ranking, *, by: Person | None, at: dt.datetime, comment: str) -> None:
    ranking.comment = comment
