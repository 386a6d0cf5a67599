"""Who may see and do what with reports, cases and hand-overs."""

from __future__ import annotations

from chuangwen.kernel.people.models import Role
from chuangwen.kernel.people.rules import holds, in_area, in_unit, own, where
from chuangwen.problems.models import Source

office = holds(Role.OFFICE)
leader = holds(Role.LEADER)
desk = holds(Role.OFFICE, Role.CLERK)
dispatcher = holds(Role.OFFICE, Role.CLERK, Role.DISPATCHER)
checker = holds(Role.OFFICE, Role.CLERK, Role.CHECKER)
reader = holds(Role.OFFICE, Role.CLERK, Role.DISPATCHER, Role.CHECKER, Role.LEADER, Role.AUDITOR)
# The big screen and the wall map: figures of the whole city.
wall = holds(Role.OFFICE, Role.CLERK, Role.LEADER, Role.AUDITOR)

responsible = in_unit("unit_id", Role.LIAISON, Role.HEAD)
head_of_unit = in_unit("unit_id", Role.HEAD)
of_my_area = in_area("street_id", Role.GRID_KEEPER, Role.INSPECTOR)
outside = in_unit("outside_unit_id", Role.SUPERVISOR, Role.DISCIPLINE)

# A covert finding stays with the office until it is given to a unit (row 39); then the unit sees its case.
see_case = (
    reader
    | responsible
    | own("reporter_id")
    | outside
    | (of_my_area & where("source", *(s for s in Source.values if s != Source.COVERT)))
)
# The columns `see_case` reads of a row.
SEEN_BY = ("unit_id", "reporter_id", "outside_unit_id", "street_id", "source")
report = holds(*Role.values)  # every post may report what it sees

see_handover = desk | holds(Role.AUDITOR) | in_unit("to_unit_id", Role.SUPERVISOR, Role.DISCIPLINE)
receiver = in_unit("to_unit_id", Role.SUPERVISOR, Role.DISCIPLINE)
see_report_contact = dispatcher
# Who sets up other systems, and who may open their page (the log itself is the desk's: it holds callers' numbers).
partner_keeper = holds(Role.OFFICE, Role.ADMIN)
partner_door = desk | holds(Role.ADMIN)
