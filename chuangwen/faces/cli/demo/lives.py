"""The courses a simulated case may run from report to end: the usual one and every side way."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Generator

from django.utils import timezone

from chuangwen.faces.cli.demo import words
from chuangwen.faces.cli.demo.cast import Spot
from chuangwen.faces.cli.demo.deeds import Deeds
from chuangwen.faces.cli.demo.world import DAY, HOUR, Life
from chuangwen.problems.models import Case, CaseKind, Source, State

Course = Callable[[Deeds, Case, CaseKind], Life]


def fix(deeds: Deeds, case: Case, low: float = 0.15, high: float = 0.85) -> Life:
    """Accepted, fixed with a photo, checked, cancelled."""
    yield deeds.fix_moment(case, 0.02, 0.12)
    if case.state == State.ASSIGNED:
        case = deeds.by_unit(case, "accept")
    yield deeds.fix_moment(case, low, high)
    case, _photo = deeds.answer(case, far=deeds.world.chance(0.015))
    yield from check(deeds, case)


def check(deeds: Deeds, case: Case) -> Life:
    yield deeds.world.desk(0.2, 3)
    case.refresh_from_db()
    if case.state == State.ANSWERED:
        deeds.by_checker(case, "pass", note="")


def on_time(deeds: Deeds, case: Case, kind: CaseKind) -> Life:
    yield from fix(deeds, case)


def late(deeds: Deeds, case: Case, kind: CaseKind) -> Life:
    """Answered some days after the limit; the ladder reminds meanwhile."""
    case = deeds.by_unit(case, "accept")
    yield deeds.world.at_work((case.fix_due_at or deeds.world.now) + deeds.world.random.uniform(0.1, 5) * DAY)
    case.refresh_from_db()
    case, _photo = deeds.answer(case)
    yield from check(deeds, case)


def dragged(deeds: Deeds, case: Case, kind: CaseKind) -> Life:
    """Left lying for weeks, up the whole ladder to the other bodies, then mended after all."""
    case = deeds.by_unit(case, "accept")
    yield deeds.world.at_work((case.fix_due_at or deeds.world.now) + deeds.world.random.uniform(18, 34) * DAY)
    case.refresh_from_db()
    case, _photo = deeds.answer(case)
    yield from check(deeds, case)


def reworked(deeds: Deeds, case: Case, kind: CaseKind) -> Life:
    """Once or twice found not done; one in four sends the first photo again."""
    world = deeds.world
    yield deeds.fix_moment(case, 0.1, 0.3)
    case, shown = deeds.answer(case)
    for _time in range(2 if world.chance(0.25) else 1):
        yield world.desk(0.2, 1.5)
        case = deeds.by_checker(case, "reject", reason=words.short(deeds.cast))
        yield deeds.fix_moment(case, 0.2, 0.5)
        case, shown = deeds.answer(case, kept=shown if world.chance(0.25) else None)
    yield from check(deeds, case)


def returned(deeds: Deeds, case: Case, kind: CaseKind) -> Life:
    """Not ours, says the unit; the next one takes it."""
    yield deeds.world.desk(0.3, 2)
    case = give_back(deeds, case)
    yield deeds.world.desk(0.1, 0.8)
    case = deeds.dispatch(case)
    yield from fix(deeds, case)


def give_back(deeds: Deeds, case: Case) -> Case:
    right = deeds.cast.other_unit(case.unit_id)
    return deeds.by_unit(case, "return", reason=words.refuted(deeds.cast), right_unit=right)


def nobody_s(deeds: Deeds, case: Case, kind: CaseKind) -> Life:
    """Three returns: the office hears the units and decides."""
    case = yield from three_returns(deeds, case)
    yield deeds.world.desk(0.5, 2)
    if case.state == State.DISPUTED:
        unit = deeds.world.pick(deeds.cast.doers)
        office = deeds.cast.anyone("office")
        heard = [one.pk for one in deeds.cast.doers[:3]]
        case = deeds.step(case, "decide", office, unit=unit, reason="按职责清单和实际管养定", heard=heard)
    else:
        case = deeds.dispatch(case)
    yield from fix(deeds, case)


def three_returns(deeds: Deeds, case: Case) -> Generator[dt.datetime, None, Case]:
    for time in range(3):
        if time:
            case = deeds.dispatch(case)
        yield deeds.world.desk(0.1, 0.5)
        case = give_back(deeds, case)
    return case


def appealed(deeds: Deeds, case: Case, kind: CaseKind) -> Life:
    """The unit objects; granted goes back to dispatch, refused goes on."""
    yield deeds.fix_moment(case, 0.05, 0.15)
    case = deeds.by_unit(case, "accept")
    yield deeds.fix_moment(case, 0.05, 0.2)
    case = deeds.by_unit(case, "appeal", reason="现场属施工围挡范围，应由建设单位处理")
    yield deeds.world.desk(1, 8)
    granted = deeds.world.chance(0.4)
    words_ = "情况属实，改派" if granted else "按责任规则仍由你单位处理"
    case = deeds.by_desk(case, "rule_appeal", granted="yes" if granted else "no", reason=words_)
    if granted:
        yield deeds.world.desk(0.1, 0.6)
        case = deeds.dispatch(case, deeds.world.pick(deeds.cast.doers))
    yield from fix(deeds, case)


def extended(deeds: Deeds, case: Case, kind: CaseKind) -> Life:
    yield deeds.fix_moment(case, 0.1, 0.4)
    case = ask_longer(deeds, case)
    yield deeds.world.desk(0.3, 4)
    yes = deeds.world.chance(0.75)
    case = deeds.by_desk(
        case, "rule_extension", granted="yes" if yes else "no", reason="同意" if yes else "工期够，不延"
    )
    yield from fix(deeds, case, 0.5, 0.95)


def ask_longer(deeds: Deeds, case: Case) -> Case:
    return deeds.by_unit(case, "ask_extension", amount="2", unit="work_day", reason=words.waiting(deeds.cast))


def held(deeds: Deeds, case: Case, kind: CaseKind) -> Life:
    """Put aside until a day; the clock takes it up again."""
    yield deeds.fix_moment(case, 0.05, 0.2)
    until = timezone.localdate(deeds.world.now) + deeds.world.random.randrange(5, 25) * DAY
    case = deeds.by_desk(case, "hold", until=until.isoformat(), reason=words.waiting(deeds.cast))
    yield timezone.make_aware(dt.datetime.combine(until, dt.time(10)))
    case.refresh_from_db()
    if case.state == State.HELD:
        case = deeds.by_desk(case, "resume")
    yield from fix(deeds, case, 0.3, 0.9)


def urged(deeds: Deeds, case: Case, kind: CaseKind) -> Life:
    case = deeds.by_unit(case, "accept")
    yield deeds.fix_moment(case, 0.5, 0.7)
    case = deeds.by_desk(case, "urge")
    yield from fix(deeds, case, 0.3, 0.9)


def supervised(deeds: Deeds, case: Case, kind: CaseKind) -> Life:
    case = deeds.by_unit(case, "accept")
    yield deeds.fix_moment(case, 0.2, 0.5)
    case = deeds.by_desk(case, "supervise", level="1", reason="群众反映集中，限期办结")
    yield from fix(deeds, case, 0.4, 0.95)


def reassigned(deeds: Deeds, case: Case, kind: CaseKind) -> Life:
    yield deeds.fix_moment(case, 0.05, 0.1)
    unit = deeds.cast.other_unit(case.unit_id)
    case = deeds.step(case, "reassign", deeds.cast.anyone("dispatcher", "office"), unit=unit)
    yield from fix(deeds, case)


COURSES: dict[Course, float] = {
    on_time: 62, late: 9, dragged: 1.2, reworked: 7, returned: 6, nobody_s: 1.5, appealed: 2.5,
    extended: 4, held: 1.5,
    urged: 2, supervised: 1.5, reassigned: 1,
}  # fmt: skip
SHORTER = {course: weight for course, weight in COURSES.items() if course not in (dragged, held)}
QUICK: dict[Course, float] = {on_time: 85, reworked: 5, returned: 6, urged: 2}


def case_life(deeds: Deeds, kind: CaseKind, spot: Spot, source: str, courses: dict[Course, float]) -> Life:
    """A report and all that follows: void, doubled by a second report, back at the same place, or one of
    the courses.
    """
    world = deeds.world
    case = deeds.report(kind, spot, source)
    if world.chance(0.04) and source != Source.COVERT:
        world.begin(second_report(deeds, case, kind, spot), world.outside(0.5, 5))
    yield world.desk(0.1, 1.8)
    if world.chance(0.03):
        reason = deeds.cast.word("void_reason", "经核实不属实")
        deeds.step(case, "void", deeds.cast.anyone("dispatcher"), reason=reason)
        return
    case = deeds.confirm(case, kind)
    course = world.random.choices(list(courses), list(courses.values()))[0]
    yield from course(deeds, case, kind)
    if world.chance(0.05):
        world.begin(
            case_life(deeds, kind, deeds.cast.beside(spot, 10), source, courses), world.outside(200, 1400)
        )


def second_report(deeds: Deeds, first: Case, kind: CaseKind, spot: Spot) -> Life:
    """Somebody else reports the same; merged while the first is open, else an own case."""
    case = deeds.report(
        kind, deeds.cast.beside(spot, 25), deeds.world.pick((Source.RESIDENT, Source.HOTLINE, Source.WECHAT))
    )
    yield deeds.world.desk(0.1, 0.8)
    first.refresh_from_db()
    if first.is_open:
        deeds.step(case, "merge", deeds.cast.anyone("dispatcher"), into=first.number)
    else:
        yield from on_time(deeds, deeds.confirm(case, kind), kind)


def history(deeds: Deeds, per_day: float) -> None:
    """Spreads reports over the half-year: fewer on days of rest, more towards the end; the last days only
    short courses.
    """
    world = deeds.world
    quiet = {kind.pk for kind in deeds.cast.kinds if _hours(kind) > 30}
    sources = list(Source.values)  # each once, so that every channel has something
    day = world.start
    while day < world.until - 1.5 * DAY:
        left = (world.until - day) / DAY
        share = (0.8 + 0.4 * (day - world.start) / (world.until - world.start)) * (
            0.5 if day.weekday() > 4 else 1.15
        )
        for _report in range(int(per_day * share + world.random.random())):
            kind = deeds.cast.kind()
            if left < 14 and kind.pk in quiet:
                continue
            at = timezone.localtime(day).replace(hour=0, minute=0, second=0, microsecond=0)
            at += max(6 * HOUR, min(22 * HOUR, world.random.gauss(12.5, 3.5) * HOUR))
            source = sources.pop() if sources else deeds.source()
            courses = QUICK if left < 20 else SHORTER if left < 60 else COURSES
            world.begin(case_life(deeds, kind, deeds.cast.spot(kind), source, courses), max(at, world.start))
        day += DAY


def _hours(kind: CaseKind) -> float:
    """About how long the fix limit is, in hours by the clock on the wall."""
    amount, unit = kind.limits.get("fix", ["3", "work_day"])
    return (
        float(amount) * {"urgent_hour": 1.0, "work_hour": 3.5, "work_day": 30.0, "calendar_day": 24.0}[unit]
    )
