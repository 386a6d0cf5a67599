"""A unit objects to single rows of its previewed score; who may, until when, to what, and only once."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen.assessment import objection_rules as rules
from chuangwen.assessment.objection_flow import OPEN, ObjectionFlow
from chuangwen.assessment.ranking_models import (
    Objection,
    ObjectionState,
    RankFact,
    Ranking,
    RankLine,
    RankState,
)
from chuangwen.kernel.city import city
from chuangwen.kernel.models import Counter, Entry, Person
from chuangwen.kernel.workflow.flow import NotAllowed, Refused

MOST = 300  # rows in one objection
WHOLLY_GOOD = 10_000


def next_number(year: int) -> str:
    """The next number of the year, such as GY-SS-2026-0001."""
    row = city()
    return f"{row.prefix if row else 'CW'}-SS-{year}-{Counter.next(f'objection {year}'):04d}"


def why_closed(ranking: Ranking, at: dt.datetime | None = None) -> str:
    """Why nobody can object to this month now; empty while one can."""
    at = at or timezone.now()
    if ranking.state == RankState.DRAFT:
        return _("还在试算，预告以后才能申诉。")
    if ranking.state != RankState.PREVIEW:
        return _("排名已定稿或作废，不再受理申诉。新的事实计入下月。")
    if ranking.preview_until is None or at >= ranking.preview_until:
        until = timezone.localtime(ranking.preview_until) if ranking.preview_until else None
        return _("申诉到 %(until)s 截止。有新的事实，找创建办说明，计入下月。") % {
            "until": until.strftime("%m-%d %H:%M") if until else "—"
        }
    return ""


def raise_objection(
    line: RankLine, facts: Iterable[RankFact], ground: str, *, by: Person, at: dt.datetime | None = None,
    uid: uuid.UUID | None = None,
) -> Objection:  # fmt: skip
    """Objects to these rows of one line, all or none; sent twice with the same `uid` it is there once.

    Raises NotAllowed for anybody but the liaison or head of the line's unit, Refused outside the preview, for no row, for
    a row of another line, for one that lost nothing and for one that was objected to before. A withdrawn objection leaves
    its rows free.
    """
    at = at or timezone.now()
    wanted = {fact.pk for fact in facts}
    with transaction.atomic():
        ranking = (
            Ranking.objects.select_for_update(of=("self",)).select_related("rule").get(pk=line.ranking_id)
        )
        before = Entry.objects.filter(uid=uid, subject="assessment.objection").first() if uid else None
        if before is not None:
            return Objection.objects.get(pk=before.subject_id)
        line = RankLine.objects.select_related("unit").get(pk=line.pk)
        line.ranking = ranking
        if line.unit_id is None or not rules.of_unit.allows(by, line):
            raise NotAllowed(_("申诉由这个单位的联络员或负责人提。"))
        why = why_closed(ranking, at)
        if why:
            raise Refused(why)
        ground = ground.strip()
        if not ground:
            raise Refused(_("写明理由：哪里不对，凭什么。"))
        rows = _checked(line, wanted)
        return _raised(line, rows, ground, by, at, uid)


def _checked(line: RankLine, wanted: set[int]) -> list[RankFact]:
    """The rows, each free to be objected to; the caller holds the ranking's lock."""
    if not wanted:
        raise Refused(_("勾选不认的事项，至少一件。"))
    if len(wanted) > MOST:
        raise Refused(_("一次最多 %(n)d 件，分几次提。") % {"n": MOST})
    rows = list(RankFact.objects.filter(pk__in=wanted, ranking=line.ranking_id, key=line.key).order_by("pk"))
    if len(rows) != len(wanted):
        raise Refused(_("有的事项不在本单位这个月的得分里。刷新后重新勾选。"))
    if any(row.value >= WHOLLY_GOOD for row in rows):
        raise Refused(_("有的事项没有失分，不用申诉。去掉后再提。"))
    taken = standing_of_facts(wanted)
    if taken:
        number = min(objection.number for objection in taken.values())
        raise Refused(
            _("%(n)d 件已在申诉 %(number)s 中，一件只申诉一次。去掉后再提。")
            % {"n": len(taken), "number": number}
        )
    return rows


def _raised(
    line: RankLine, rows: list[RankFact], ground: str, by: Person, at: dt.datetime, uid: uuid.UUID | None
) -> Objection:
    objection = Objection(
        number=next_number(timezone.localdate(at).year), line=line, unit=line.unit, ground=ground[:2000],
        state=ObjectionState.RAISED, created_at=at,
    )  # fmt: skip
    objection.save(force_insert=True)
    objection.facts.set(rows)
    said = {"ground": objection.ground, "rows": [row.pk for row in rows], "line": line, "score": line.score}
    step = ObjectionFlow.by_code["raise"]
    ObjectionFlow.record(objection, step, by=by, cleaned=said, at=at, uid=uid, from_state="")
    return objection


def standing_of_facts(facts: Iterable[int]) -> dict[int, Objection]:
    """Fact id → the objection it is or was in, withdrawn ones left out; one query."""
    through = Objection.facts.through.objects.filter(rankfact__in=list(facts))
    rows = through.exclude(objection__state=ObjectionState.WITHDRAWN).select_related("objection")
    return {row.rankfact_id: row.objection for row in rows}


def open_objections(ranking: Ranking) -> int:
    """How many objections to this month wait for an answer."""
    return Objection.objects.filter(line__ranking=ranking, state__in=OPEN).count()
