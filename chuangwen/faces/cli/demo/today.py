"""The cases that stand open at the end: so many new, late, due today, returned, to check, and every other
open state.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from django.utils import timezone

from chuangwen.faces.cli.demo import lives, words
from chuangwen.faces.cli.demo.cast import Spot
from chuangwen.faces.cli.demo.deeds import Deeds
from chuangwen.faces.cli.demo.world import DAY, HOUR, MINUTE, Life
from chuangwen.kernel.models import Unit
from chuangwen.kernel.workflow.calendar import Limit
from chuangwen.kernel.workflow.calendar import Unit as ClockUnit
from chuangwen.problems.actions import hand_over
from chuangwen.problems.flow import HandoverFlow
from chuangwen.problems.models import Case, CaseKind, Handover, Source
from chuangwen.problems.steps import limit_of

Then = Callable[[Deeds, Case], Life]
TRIES = 60


class Today:
    """Plans cases backwards from the end moment: each one starts so that its running limit ends where it
    should.
    """

    def __init__(self, deeds: Deeds) -> None:
        self.deeds, self.world, self.until = deeds, deeds.world, deeds.world.until
        self.night = timezone.localtime(self.until).replace(hour=23, minute=59, second=59)
        self.open_ones: list[tuple[Case, CaseKind, Spot]] = []

    def plan(self) -> None:
        """Begins all of them; the counts are those of a supervision clerk's morning."""
        far, soon = self.until + 30 * DAY, self.until + 20 * MINUTE
        for n in range(7):
            self.with_unit(
                self.until - (n % 4 + 1) * 1.7 * DAY, self.until - HOUR, self._left_lying(n), hours=9
            )
        self._due_today(12)
        for _n in range(22):
            self.with_unit(self.night + MINUTE, far, self._in_work, hours=20)
        for _n in range(8):
            self.with_unit(self.night + MINUTE, far, _nothing, hours=20)
        for _n in range(6):
            self.before_end("dispatch", soon, self._returned)
        for _n in range(9):
            self.before_end("check", soon, self._answered)
        for times, then in ((2, self._disputed), (3, self._appealed), (8, self._held), (4, self._asking),
            (4, self._yellow),
                            (2, self._red), (2, self._sent), (2, self._taken), (1, self._recalled),
                            (2, self._doubled)):  # fmt: skip
            for _n in range(times):
                self.with_unit(self.night + DAY, far, then, hours=30)
        for times, ends in ((2, "verify"), (3, "file"), (2, "void")):
            for _n in range(times):
                self.waiting(ends)
        for n in range(23):
            self.new(merge=n < 3)
        for n in range(5):
            self.spotted(unsolved=n > 2)

    def _kind(self, needs: str = "") -> CaseKind:
        kinds = [k for k in self.deeds.cast.kinds if not needs or k.limits["fix"][1] == needs]
        return self.world.pick(kinds or self.deeds.cast.kinds)

    def with_unit(self, low: dt.datetime, high: dt.datetime, then: Then, hours: float) -> bool:
        """A case given to its unit so that the fix limit ends between two moments; reported some hours
        before.
        """
        for _try in range(TRIES):
            kind = self._kind()
            limit = limit_of("fix")(Case(kind=kind))
            at = self.world.start_for(limit, low, high)
            if at is not None and at > self.world.start + 2 * DAY and self.until - at > 30 * MINUTE:
                self._begin(kind, at, then)
                return True
        return False

    def _begin(self, kind: CaseKind, at: dt.datetime, then: Then, unit: Unit | None = None) -> None:
        def life() -> Life:
            spot = self.deeds.cast.spot(kind)
            case = self.deeds.report(kind, spot, self.deeds.source())
            yield at
            case = self.deeds.confirm(case, kind, unit)
            self.open_ones.append((case, kind, spot))
            yield from then(self.deeds, case)

        self.world.begin(life(), at - self.world.random.uniform(20, 55) * MINUTE)

    def _due_today(self, wanted: int) -> None:
        """By their own limit where the day allows it, else by an extension in calendar days that ends
        tonight.
        """
        done = 0
        for _n in range(wanted):
            low = min(self.until + 10 * MINUTE, self.night - MINUTE)
            done += (
                self.with_unit(low, self.night, self._in_work if done % 3 else _nothing, hours=10)
                if done < 5
                else 0
            )
            if done >= 5:
                break
        for _n in range(wanted - done):
            for back in range(1, 10):
                end = self.night - back * DAY
                if self.with_unit(end - DAY, end, self._until_tonight(back), hours=10):
                    break

    def before_end(self, stage: str, soon: dt.datetime, then: Callable[[dt.datetime], Then]) -> None:
        """A case whose last step starts the clock of `stage`, which is not used up at the end."""
        for _try in range(TRIES):
            kind = self._kind("work_day")
            last = self.world.start_for(limit_of(stage)(Case(kind=kind)), soon, soon + 2 * DAY)
            if last is None:
                continue
            limit = limit_of("fix")(Case(kind=kind))
            at = self.world.start_for(limit, max(last, self.until) + HOUR, self.until + 6 * DAY)
            if at is not None and at < last - 30 * MINUTE:
                self._begin(kind, at, then(last))
                return

    def new(self, merge: bool) -> None:
        """A report nobody has looked at; `merge`: of something that is already an open case."""
        at = self.world.start_for(limit_of("verify")(Case()), self.until + MINUTE, self.until + 3 * DAY)
        at = at or self.until - 20 * MINUTE

        def life() -> Life:
            kind = self._kind()
            spot = self.deeds.cast.spot(kind)
            if merge and self.open_ones:
                _case, kind, spot = self.world.pick(self.open_ones)
                spot = self.deeds.cast.beside(spot, 20)
            self.deeds.report(
                kind, spot, self.world.pick((Source.HOTLINE, Source.RESIDENT, Source.WECHAT, Source.PATROL))
            )
            yield self.until + DAY

        self.world.begin(life(), at)

    def waiting(self, last: str) -> None:
        """Verified but not filed, filed but not yet given to a unit, or not accepted as a case at all."""
        kind = self._kind("work_day")
        stage = limit_of("dispatch")(Case(kind=kind)) if last == "file" else limit_of("verify")(Case())
        at = (
            self.world.start_for(stage, self.until + MINUTE, self.until + 3 * DAY) or self.until - 20 * MINUTE
        )

        def life() -> Life:
            case = self.deeds.report(kind, self.deeds.cast.spot(kind), self.deeds.source())
            yield at + MINUTE
            by = self.deeds.cast.anyone("dispatcher")
            if last == "void":
                self.deeds.step(case, "void", by, reason=self.deeds.cast.word("void_reason", "经核实不属实"))
                return
            case = self.deeds.step(case, "verify", by, kind=kind)
            if last == "file":
                self.deeds.step(case, "file", by)

        self.world.begin(life(), at)

    def spotted(self, unsolved: bool) -> None:
        """Closed some days ago and now looked at again: drawn by hand, or the reporter says it is not
        solved.
        """
        kind = self._kind("work_hour")

        def life() -> Life:
            case = self.deeds.report(kind, self.deeds.cast.spot(kind), Source.RESIDENT)
            yield self.world.desk(0.1, 1)
            case = self.deeds.confirm(case, kind)
            yield from lives.fix(self.deeds, case, 0.2, 0.6)
            yield self.until - self.world.random.uniform(1, 20) * HOUR
            case.refresh_from_db()
            if unsolved and case.state == "closed":
                self.deeds.step(case, "unsolved")
            elif case.state == "closed":
                self.deeds.by_checker(case, "spot")

        self.world.begin(life(), self.until - self.world.random.uniform(5, 6.5) * DAY)

    # What happens to a case once its unit has it.

    def _in_work(self, deeds: Deeds, case: Case) -> Life:
        yield deeds.fix_moment(case, 0.01, 0.04)
        deeds.by_unit(case, "accept")

    def _left_lying(self, n: int) -> Then:
        def then(deeds: Deeds, case: Case) -> Life:
            yield deeds.fix_moment(case, 0.05, 0.2)
            case = deeds.by_unit(case, "accept")
            yield max(self.until - 20 * HOUR, deeds.world.now)
            if n % 3 == 0:
                case.refresh_from_db()
                deeds.by_desk(case, "urge")

        return then

    def _until_tonight(self, days: int) -> Then:
        def then(deeds: Deeds, case: Case) -> Life:
            yield deeds.fix_moment(case, 0.1, 0.3)
            case = deeds.by_unit(case, "accept")
            reason = words.waiting(deeds.cast)
            case = deeds.by_unit(case, "ask_extension", amount=days, unit="calendar_day", reason=reason)
            yield deeds.fix_moment(case, 0.1, 0.3)
            deeds.by_desk(case, "rule_extension", granted="yes", reason="同意，不再延")

        return then

    def _returned(self, last: dt.datetime) -> Then:
        def then(deeds: Deeds, case: Case) -> Life:
            yield last
            lives.give_back(deeds, case)

        return then

    def _answered(self, last: dt.datetime) -> Then:
        def then(deeds: Deeds, case: Case) -> Life:
            yield last - 20 * MINUTE
            case = deeds.by_unit(case, "accept")
            yield last
            deeds.answer(case, far=deeds.world.chance(0.15))

        return then

    def _disputed(self, deeds: Deeds, case: Case) -> Life:
        yield max(deeds.world.now, self.until - 25 * MINUTE)
        for time in range(3):
            if time:
                case = deeds.dispatch(case)
            yield deeds.world.now + 3 * MINUTE
            case = lives.give_back(deeds, case)

    def _appealed(self, deeds: Deeds, case: Case) -> Life:
        yield deeds.fix_moment(case, 0.01, 0.03)
        case = deeds.by_unit(case, "accept")
        limit = Limit(2, ClockUnit.WORK_DAY)
        late = deeds.world.start_for(limit, self.until + HOUR, self.until + 8 * DAY) or deeds.world.now
        yield max(late, deeds.world.now + MINUTE)
        deeds.by_unit(case, "appeal", reason="现场属施工围挡范围，应由建设单位处理")

    def _held(self, deeds: Deeds, case: Case) -> Life:
        yield deeds.world.now + 10 * MINUTE
        until = timezone.localdate(self.until) + deeds.world.random.randrange(6, 90) * DAY
        deeds.by_desk(
            case, "hold", until=until.isoformat(), reason=deeds.cast.word("delay_reason", "等配件到货")
        )

    def _asking(self, deeds: Deeds, case: Case) -> Life:
        yield deeds.world.now + 10 * MINUTE
        lives.ask_longer(deeds, case)

    def _yellow(self, deeds: Deeds, case: Case) -> Life:
        yield deeds.world.now + 10 * MINUTE
        deeds.by_desk(case, "supervise", level="1", reason="群众反映集中，限期办结")

    def _red(self, deeds: Deeds, case: Case) -> Life:
        yield from self._yellow(deeds, case)
        yield deeds.world.now + 12 * MINUTE
        deeds.by_desk(case, "supervise", level="2", reason="黄牌督办后仍没有进展")

    def _doubled(self, deeds: Deeds, case: Case) -> Life:
        yield deeds.world.now + 12 * MINUTE
        kind, spot = next((kind, spot) for one, kind, spot in self.open_ones if one.pk == case.pk)
        deeds.world.begin(lives.second_report(deeds, case, kind, spot), deeds.world.now + MINUTE)

    def _sent(self, deeds: Deeds, case: Case) -> Life:
        yield deeds.world.now + 15 * MINUTE
        self._hand(deeds, case)

    def _hand(self, deeds: Deeds, case: Case) -> Handover | None:
        unit = Unit.objects.filter(kind="supervision", is_active=True).order_by("pk").first()
        if unit is None:
            return None
        by = deeds.cast.anyone("clerk", "office")
        return hand_over(
            case, kind="supervision", to_unit=unit, reason="涉及多个单位，久拖不决", by=by, at=deeds.world.now
        )

    def _taken(self, deeds: Deeds, case: Case) -> Life:
        yield deeds.world.now + 15 * MINUTE
        handover = self._hand(deeds, case)
        yield deeds.world.now + 8 * MINUTE
        if handover and deeds.cast.by_role["supervisor"]:
            HandoverFlow.take(handover, "take", by=deeds.cast.anyone("supervisor"), at=deeds.world.now)

    def _recalled(self, deeds: Deeds, case: Case) -> Life:
        yield deeds.world.now + 15 * MINUTE
        handover = self._hand(deeds, case)
        yield deeds.world.now + 8 * MINUTE
        if handover:
            by = deeds.cast.anyone("office")
            HandoverFlow.take(
                handover, "recall", by=by, given={"reason": "单位已动工，先收回"}, at=deeds.world.now
            )


def _nothing(deeds: Deeds, case: Case) -> Life:
    """Given to the unit, which has not taken it yet."""
    return
    yield
