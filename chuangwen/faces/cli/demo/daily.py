"""What happens every day beside the cases: the clock's turns, signatures, other bodies, re-checks,
patrols, reading notices.
"""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from chuangwen.faces.cli.demo import lives, words
from chuangwen.faces.cli.demo.deeds import Deeds
from chuangwen.faces.cli.demo.world import DAY, HOUR, MINUTE, Life
from chuangwen.kernel.models import Notice
from chuangwen.problems.actions import look_at_cases, sign
from chuangwen.problems.flow import HandoverFlow
from chuangwen.problems.models import Case, Handover, Prepared, Report, State
from chuangwen.registers.models import PatrolRound, Thing

TURNS = (8.1, 11.0, 14.6, 17.8, 21.0)
PATROLS_A_DAY = 12


def clock(deeds: Deeds) -> Life:
    """The worker's clock, five turns a day, the last one at the very end."""
    world = deeds.world
    while True:
        midnight = timezone.localtime(world.now).replace(hour=0, minute=0, second=0, microsecond=0)
        turns = [midnight + days * DAY + hour * HOUR for days in (0, 1) for hour in TURNS]
        coming = next(turn for turn in turns if turn > world.now)
        yield min(coming, world.until) if world.now < world.until - MINUTE else world.until + DAY
        look_at_cases(world.now, most=10_000)


def desk(deeds: Deeds) -> Life:
    """Each working morning: sign or drop what the clock prepared, except what came up in the last two
    days.
    """
    world = deeds.world
    while True:
        yield world.at_work(_next_morning(world.now, 9.3))
        waiting = Prepared.objects.filter(decided_at__isnull=True, made_at__lt=world.now - 12 * HOUR)
        if world.until - world.now > 2 * DAY:
            for prepared in waiting.select_related("case", "rung").order_by("pk"):
                useful = (
                    prepared.case.is_open and prepared.case.unit_id and prepared.case.outside_unit_id is None
                )
                signed = bool(useful) and world.chance(0.8)
                sign(prepared, signed=signed, by=deeds.cast.anyone("clerk", "office"), at=world.now)


def bodies(deeds: Deeds) -> Life:
    """The other bodies take what was handed to them and give the outcome back some days later."""
    world = deeds.world
    while True:
        yield world.at_work(_next_morning(world.now, 10.2))
        if world.until - world.now < 3 * DAY:
            continue
        for handover in (
            Handover.objects.filter(state__in=("sent", "taken")).select_related("to_unit").order_by("pk")
        ):
            role = handover.to_unit.kind if handover.to_unit.kind == "discipline" else "supervisor"
            by = deeds.cast.anyone(role)
            if handover.state == "sent":
                HandoverFlow.take(handover, "take", by=by, at=world.now)
            elif handover.changed_at < world.now - 2 * DAY:
                given = {"outcome": "已约谈责任单位负责人，定下完成时间，并派人到场看过。"}
                HandoverFlow.take(handover, "outcome", by=by, given=given, at=world.now)


def rechecks(deeds: Deeds) -> Life:
    """Checkers go to the places that were drawn; one in twelve is not in order any more."""
    world = deeds.world
    while True:
        yield world.at_work(_next_morning(world.now, 15.5))
        if world.until - world.now < 1.5 * DAY:
            continue
        for case in Case.objects.filter(state=State.SPOT).order_by("pk"):
            if world.until - world.now > 25 * DAY and world.chance(0.08):
                case = deeds.by_checker(case, "spot_fail", reason=words.short(deeds.cast))
                world.begin(lives.fix(deeds, case), world.outside(0.5, 3))
            else:
                deeds.by_checker(case, "spot_pass", note="现场保持良好")


def patrols(deeds: Deeds) -> Life:
    """一日两巡: things and sites looked at morning and afternoon; what is found is a case of that day."""
    world, cast = deeds.world, deeds.cast
    things = list(Thing.objects.select_related("kind", "place__type").order_by("code"))
    walkers = cast.by_role["grid_keeper"] + cast.by_role["inspector"]
    while walkers and (things or cast.sites):
        yield max(_next_morning(world.now, 18.2), world.now)
        found = Case.objects.filter(
            source="patrol", reported_at__gte=world.now - 12 * HOUR, site__isnull=False
        )
        waiting = list(found.order_by("pk"))
        rounds = []
        for n in range(PATROLS_A_DAY):
            at = world.now - (9.0 if n % 2 else 3.5) * HOUR + world.random.uniform(-60, 90) * MINUTE
            case = waiting.pop(0) if waiting and n % 3 == 0 else None
            thing = world.pick(things) if things and case is None and (n % 2 or not cast.sites) else None
            place = case.site if case else (None if thing else world.pick(cast.sites))
            code = thing.kind.code if thing else place.type.code if place and place.type else ""
            rounds.append(PatrolRound(
                uid=world.uid(), thing=thing, place=place, by=world.pick(walkers), at=at,
                looked_at=_points(deeds, code),
                is_fine=case is None, note=case.what if case else "", case_number=case.number if case else "",
            ))  # fmt: skip
        PatrolRound.objects.bulk_create(rounds)


def _points(deeds: Deeds, code: str) -> list[str]:
    """What is looked at on this kind of thing or site, from the city's own list of check points."""
    terms = [term for term in deeds.cast.terms["check_point"] if term.code.startswith(f"{code}__")]
    return [term.name for term in terms[:4]] or ["外观", "周边环境"]


def _next_morning(now: dt.datetime, hour: float) -> dt.datetime:
    local = timezone.localtime(now)
    today = local.replace(hour=0, minute=0, second=0, microsecond=0) + hour * HOUR
    return today if today > local else today + DAY


def read_notices(deeds: Deeds) -> None:
    """Old notices were read after some hours, of the last day every other; none is left for a worker to
    send.
    """
    until = deeds.world.until
    fresh = []
    for notice in Notice.objects.filter(told_at__isnull=True).order_by("pk").iterator(2000):
        notice.told_at = min(notice.at + 5 * MINUTE, until)
        if notice.at < until - DAY or deeds.world.chance(0.5):
            notice.seen_at = min(notice.at + deeds.world.random.uniform(0.2, 9) * HOUR, until)
        fresh.append(notice)
    Notice.objects.bulk_update(fresh, ["told_at", "seen_at"], batch_size=300)
    told = Report.objects.filter(
        case__state=State.CLOSED, contact__gt="", told_at__isnull=True
    ).select_related("case")
    reports = list(told)
    for report in reports:
        report.told_at = report.case.closed_at
    Report.objects.bulk_update(reports, ["told_at"], batch_size=300)
