"""Who may see scores, forecasts and rankings, and enter official results and incidents."""

from __future__ import annotations

from chuangwen.assessment.ranking_models import RankState, RankSubject
from chuangwen.kernel.people.models import Role
from chuangwen.kernel.people.rules import holds, in_unit, own, where

edit = holds(Role.OFFICE)
read = holds(Role.OFFICE, Role.CLERK, Role.LEADER, Role.AUDITOR)

# Rankings. Units, streets and road chiefs see them from the preview on; rankings of persons stay with the office, but for
# one's own line.
ranking_overview = holds(Role.OFFICE, Role.CLERK, Role.LEADER, Role.AUDITOR, Role.SUPERVISOR)
_told = where("state", RankState.PREVIEW, RankState.FROZEN)
_of_bodies = where("subject_kind", RankSubject.UNIT, RankSubject.STREET, RankSubject.ROAD_CHIEF)
_of_own_kind = (
    (holds(Role.DISPATCHER) & where("subject_kind", RankSubject.DISPATCHER))
    | (holds(Role.CHECKER) & where("subject_kind", RankSubject.CHECKER))
    | (holds(Role.INSPECTOR) & where("subject_kind", RankSubject.INSPECTOR))
)
see_ranking = ranking_overview | (_told & ((holds(Role.LIAISON, Role.HEAD) & _of_bodies) | _of_own_kind))

_line_told = where("ranking.state", RankState.PREVIEW, RankState.FROZEN)
_line_of_bodies = where("ranking.subject_kind", RankSubject.UNIT, RankSubject.STREET, RankSubject.ROAD_CHIEF)
_line_of_persons = where(
    "ranking.subject_kind", RankSubject.DISPATCHER, RankSubject.CHECKER, RankSubject.INSPECTOR
)
_own_line = (in_unit("unit_id", Role.LIAISON, Role.HEAD) & _line_of_bodies) | (own("key") & _line_of_persons)
# A line as it is published: score, rank, rates. The rows behind it are the office's and its own unit's.
see_line = ranking_overview | (
    _line_told & ((holds(Role.LIAISON, Role.HEAD) & _line_of_bodies) | (own("key") & _line_of_persons))
)
see_facts = ranking_overview | (_line_told & _own_line)
see_receipt = ranking_overview | in_unit("unit_id", Role.LIAISON, Role.HEAD)
