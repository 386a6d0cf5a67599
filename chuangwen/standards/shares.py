"""Giving a requirement to a unit, taking it back, and deciding that it is not asked; each change is in history."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from chuangwen.kernel.people.models import Person, Unit
from chuangwen.kernel.workflow import history
from chuangwen.kernel.workflow.flow import Refused
from chuangwen.standards.models import Part, Requirement, Share


@transaction.atomic
def give_share(requirement: Requirement, unit: Unit, part: str, *, by: Person | None, reason: str = "") -> Share:
    """Makes the unit lead or helper of the requirement; a new lead takes the place of the old one, who is kept as help.

    Sent twice it changes nothing. Raises Refused for a unit no longer in use.
    """
    if not unit.is_active:
        raise Refused(_("%(unit)s已停用，换一个单位。") % {"unit": unit})
    Requirement.objects.select_for_update().get(pk=requirement.pk)  # two givers at once: one after the other
    shares = {share.unit_id: share for share in requirement.shares.all()}
    before = next((share for share in shares.values() if share.part == Part.LEAD), None)
    if part == Part.LEAD and before and before.unit_id != unit.pk:
        before.part = Part.ASSIST
        before.save(update_fields=["part"])
    share = shares.get(unit.pk) or Share(requirement=requirement, unit=unit)
    old = share.part if share.pk else ""
    share.part, share.reason = part, reason or share.reason
    share.save()
    changes = {}
    if part == Part.LEAD and (before is None or before.unit_id != unit.pk):
        changes["lead"] = (before.unit_id if before else None, unit.pk)
    elif part != Part.LEAD and old != part:
        changes["assist"] = (None, unit.pk)
        if old == Part.LEAD:
            changes["lead"] = (unit.pk, None)
    history.log_change(requirement, by_id=by.pk if by else None, changes=changes)
    return share


@transaction.atomic
def take_back_share(share: Share, *, by: Person | None) -> None:
    """Ends a unit's part in a requirement; what it did for it stays."""
    requirement = share.requirement
    column = "lead" if share.part == Part.LEAD else "assist"
    unit = share.unit_id
    share.delete()
    history.log_change(requirement, by_id=by.pk if by else None, changes={column: (unit, None)})


@transaction.atomic
def waive_requirement(requirement: Requirement, reason: str, *, by: Person | None) -> None:
    """Records that a requirement is not asked here, with the reason; an empty reason asks for it again."""
    row = Requirement.objects.select_for_update().get(pk=requirement.pk)
    old, row.waived_reason = row.waived_reason, reason.strip()
    row.waived_by = by if row.waived_reason else None
    row.save(update_fields=["waived_reason", "waived_by"])
    if old != row.waived_reason:
        history.log_change(row, by_id=by.pk if by else None, changes={"waived_reason": (old, row.waived_reason)})
