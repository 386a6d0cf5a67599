"""Giving and ending duties: a new holder's first day is the day after the old one's last, in one transaction; no row is lost."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from chuangwen.kernel.people.models import Duty, DutyKind, Person, Unit
from chuangwen.kernel.places.models import Place

# Of these a place has at most one holder at a time (row 5: exactly one leader).
SINGLE = (
    DutyKind.AREA_LEADER, DutyKind.ROAD_LEADER, DutyKind.SITE_LEADER, DutyKind.ROAD_CHIEF, DutyKind.SITE_UNIT,
    DutyKind.AREA_UNIT, DutyKind.SHOP_DUTY,
)  # fmt: skip
# What kind of place a duty is about; a street stands for towns too.
PLACES = {
    DutyKind.AREA_LEADER: ("street",), DutyKind.ROAD_LEADER: ("road",), DutyKind.SITE_LEADER: ("site",),
    DutyKind.ROAD_CHIEF: ("road",), DutyKind.SITE_UNIT: ("site",), DutyKind.AREA_UNIT: ("street", "village", "county"),
    DutyKind.GRID_KEEPER: ("grid", "village"), DutyKind.SHOP_DUTY: ("shop",), DutyKind.YARD_PAIRING: ("site", "village"),
}  # fmt: skip


class DutyFault(ValueError):
    """A duty that cannot stand; the text says why, in the user's words."""


def give_duty(
    kind: str, place: Place, *, unit: Unit | None = None, person: Person | None = None, from_on: dt.date,
    board_text: str = "", source: str = "", by: Person,
) -> Duty:  # fmt: skip
    """Gives a duty from that day on; whoever held a single one until then holds it to the day before.

    The same duty given twice is one row. Raises DutyFault for a place of the wrong kind, nobody to hold it, or
    a holder who begins on that day or later.
    """
    wanted = DutyKind(kind)
    if place.kind not in PLACES[wanted]:
        raise DutyFault(_("“%(duty)s”不能落在这一类地点上，换一个地点或换一种责任。") % {"duty": wanted.label})
    if unit is None and person is None:
        raise DutyFault(_("责任要写明单位或人。"))
    with transaction.atomic():
        Place.objects.select_for_update(of=("self",)).get(pk=place.pk)
        held: list[Duty] = list(Duty.objects.filter(Q(to_on__isnull=True) | Q(to_on__gte=from_on), kind=wanted, place=place))
        for old in held:
            if (old.unit_id, old.person_id, old.from_on) == (
                unit.pk if unit else None, person.pk if person else None, from_on,
            ):  # fmt: skip
                return old
        if wanted in SINGLE:
            _hand_on(held, from_on)
        said = source or _("%(who)s %(day)s 登记") % {"who": by.name, "day": dt.date.today().isoformat()}
        return Duty.objects.create(
            kind=wanted, place=place, unit=unit, person=person, from_on=from_on, board_text=board_text, source=said[:200]
        )


def _hand_on(held: list[Duty], from_on: dt.date) -> None:
    for old in held:
        if old.from_on >= from_on:
            raise DutyFault(
                _("%(who)s 从 %(day)s 起已担这项责任，新的要晚于这一天。") % {"who": old.holder, "day": old.from_on}
            )
        old.to_on = from_on - dt.timedelta(days=1)
        old.save(update_fields=["to_on"])


def end_duty(duty: Duty, to_on: dt.date) -> Duty:
    """Ends a duty on that day (its last). Raises DutyFault when that is before it began."""
    if to_on < duty.from_on:
        raise DutyFault(_("止的日期早于起的日期。"))
    Duty.objects.filter(pk=duty.pk).update(to_on=to_on)
    duty.to_on = to_on
    return duty
