"""Who may write, sign and see papers, and who receives one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from chuangwen.kernel.people.models import Role
from chuangwen.kernel.people.rules import ANYONE, NOTHING, Rule, Standing, holds, in_unit, where
from chuangwen.papers.models import PaperState, Receipt

RECEIVERS = (Role.LIAISON, Role.HEAD, Role.SUPERVISOR, Role.DISCIPLINE)
# Only the office, its desk, auditors and the body that takes the file may know of a hand-over (problems' rules).
SECRET = ("problems.handover",)


@dataclass(frozen=True)
class NotDrafter(Rule):
    """The person did not draft this paper himself: two persons stand for every paper that goes out."""

    def q(self, who: Standing) -> Q:
        return ~Q(made_by_id=who.person_id)

    def test(self, who: Standing, row: Any) -> bool:
        return getattr(row, "made_by_id", None) != who.person_id


@dataclass(frozen=True)
class NotSecret(Rule):
    """The paper is about nothing that only a few may know of."""

    def q(self, who: Standing) -> Q:
        return ~Q(about__in=SECRET)

    def test(self, who: Standing, row: Any) -> bool:
        return getattr(row, "about", "") not in SECRET


@dataclass(frozen=True)
class Received(Rule):
    """The paper was issued to one of the person's units; `test` reads the receivers of a loaded paper once."""

    def q(self, who: Standing) -> Q:
        units = who.units_as(*RECEIVERS)
        if not units:
            return NOTHING
        mine = Receipt.objects.filter(unit_id__in=sorted(units)).values("paper_id")
        return Q(issued_at__isnull=False, pk__in=mine)

    def test(self, who: Standing, row: Any) -> bool:
        units = who.units_as(*RECEIVERS)
        if row is None or not units or row.issued_at is None:
            return False
        return bool(units & receiver_ids(row))


def receiver_ids(paper: Any) -> set[int]:
    """The ids of the paper's receiving units, read once per loaded paper."""
    found: set[int] | None = paper.__dict__.get("_receiver_ids")
    if found is None:
        found = set(Receipt.objects.filter(paper=paper).values_list("unit_id", flat=True))
        paper.__dict__["_receiver_ids"] = found
    return found


write = holds(Role.OFFICE)
of_body = in_unit("body.unit_id", Role.HEAD) & NotSecret()
sign = (write | of_body) & NotDrafter()
receiver = Received()

_out = where("state", PaperState.ISSUED, PaperState.WITHDRAWN)
see_paper = (
    write
    | of_body
    | (holds(Role.CLERK, Role.AUDITOR) & _out)
    | (holds(Role.LEADER) & _out & NotSecret())
    | receiver
)
# The door of the list: who may have a paper to see at all.
door = holds(
    Role.OFFICE, Role.CLERK, Role.AUDITOR, Role.LEADER, Role.HEAD, Role.LIAISON, Role.SUPERVISOR, Role.DISCIPLINE
)  # fmt: skip
see_receipts = holds(Role.OFFICE, Role.CLERK, Role.AUDITOR, Role.LEADER)

templates = holds(Role.OFFICE, Role.ADMIN)
bodies = holds(Role.OFFICE, Role.ADMIN)
regulations = holds(Role.OFFICE)  # who keeps them
read_regulation = ANYONE
