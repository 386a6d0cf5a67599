"""What simulated people do, each a thin call of the real action at the simulated moment."""

from __future__ import annotations

import datetime as dt
from typing import Any

from chuangwen.faces.cli.demo import words
from chuangwen.faces.cli.demo.cast import Cast, Spot
from chuangwen.faces.cli.demo.pictures import Album
from chuangwen.faces.cli.demo.world import MINUTE, World, given
from chuangwen.kernel.evidence import store
from chuangwen.kernel.models import Person, Unit
from chuangwen.kernel.places.datum import Datum
from chuangwen.problems.actions import Told, confirm_case, take_report
from chuangwen.problems.flow import CaseFlow
from chuangwen.problems.models import Case, CaseKind, Source
from chuangwen.problems.submission_flow import SubmissionFlow
from chuangwen.problems.submitting import Sent, submit

SOURCES = {
    Source.PATROL: 30, Source.HOTLINE: 22, Source.RESIDENT: 18, Source.WECHAT: 6, Source.VISIT: 6,
    Source.TOUR: 4,
    Source.SUPERVISOR: 4, Source.PHONE: 3, Source.MAIL: 2, Source.COVERT: 2, Source.MEETING: 1,
    Source.PRESS: 1,
    Source.RECHECK: 1,
}  # fmt: skip
_BY = {
    **dict.fromkeys((Source.PATROL, Source.TOUR, Source.RECHECK), ("inspector", "grid_keeper")),
    **dict.fromkeys((Source.VISIT, Source.COVERT), ("inspector", "checker")),
    **dict.fromkeys((Source.HOTLINE, Source.PHONE, Source.MAIL), ("dispatcher",)),
    **dict.fromkeys((Source.SUPERVISOR, Source.MEETING, Source.PRESS), ("clerk", "office")),
}
_CHANNELS = {Source.HOTLINE: ("12345", "12319"), Source.PRESS: ("示例晚报",), Source.WECHAT: ("公众号",)}


class Deeds:
    """The people's hands: one world, one cast, one album."""

    def __init__(self, world: World, seed: int) -> None:
        self.seed, self.world, self.cast, self.album = seed, world, Cast(world), Album(seed)
        self._orders = 0
        self.photos = 0

    def source(self) -> str:
        return self.world.random.choices(list(SOURCES), list(SOURCES.values()))[0]

    def report(self, kind: CaseKind, spot: Spot, source: str) -> Case:
        """One report taken in; about half bring a photo, those of our own people always."""
        world, cast = self.world, self.cast
        own = source in (Source.PATROL, Source.VISIT, Source.TOUR, Source.COVERT)
        photo = own or (source in (Source.RESIDENT, Source.WECHAT) and world.chance(0.6))
        channel = world.pick(_CHANNELS[Source(source)]) if source in _CHANNELS else ""
        self._orders += 1
        told = Told(
            text=words.sentence(cast, kind, spot, source), source=source, uid=world.uid(), site=spot.site,
            lon=spot.lon,
            lat=spot.lat, datum=Datum.WGS84, accuracy_m=float(world.random.randrange(4, 20)),
            address=spot.words,
            channel=channel, order_number=f"SL{self._orders:07d}" if source == Source.HOTLINE else "",
            contact="" if own else f"0000000{self._orders:04d}", raw={"sample": True}, is_sample=True,
            kind=kind if own and world.chance(0.7) else None,
            taken_at=world.now - MINUTE if photo else None,
            photos=[self.album.scene(True, self._orders)[1]] if photo else (),
        )  # fmt: skip
        self.photos += photo
        if source == Source.RESIDENT:
            return self._sent(told)
        by = cast.anyone(*_BY[Source(source)]) if source in _BY else None
        return take_report(told, by=by, at=world.now).case

    def _sent(self, told: Told) -> Case:
        """A resident's own report, through the public door; what looks like a repeat is let in by somebody at the desk."""
        sent = Sent(
            told.uid or self.world.uid(), told.text, site=told.site, lon=told.lon, lat=told.lat, datum=told.datum,
            accuracy_m=told.accuracy_m, address=told.address, photos=told.photos, taken_at=told.taken_at, is_sample=True,
        )  # fmt: skip
        submission, _secret = submit(sent, at=self.world.now)
        if submission.case is None:
            by = self.cast.anyone("dispatcher", "clerk", "office")
            submission = SubmissionFlow.take(submission, "release", by=by, at=self.world.now).matter
        assert submission.case is not None
        return submission.case

    def confirm(self, case: Case, kind: CaseKind, unit: Unit | None = None) -> Case:
        """Verified, filed and given to a unit somebody answers for."""
        by = self.cast.anyone("dispatcher", "clerk", "office")
        if unit is None and not self._has_holder(case, kind):
            unit = self.world.pick(self.cast.doers)
        return confirm_case(case, by=by, kind=kind, unit=unit, at=self.world.now, uid=self.world.uid())

    def _has_holder(self, case: Case, kind: CaseKind) -> bool:
        from chuangwen.problems.actions import route_case

        return route_case(case, kind) in self.cast.of_unit

    def step(self, case: Case, code: str, by: Person | None = None, **values: Any) -> Case:
        taken = CaseFlow.take(
            case, code, by=by, given=given(**values), at=self.world.now, uid=self.world.uid()
        )
        fresh: Case = taken.matter
        return fresh

    def by_unit(self, case: Case, code: str, **values: Any) -> Case:
        return self.step(case, code, self.cast.answerer(case.unit_id), **values)

    def by_desk(self, case: Case, code: str, **values: Any) -> Case:
        return self.step(case, code, self.cast.anyone("clerk", "office"), **values)

    def by_checker(self, case: Case, code: str, **values: Any) -> Case:
        return self.step(case, code, self.cast.anyone("checker", "clerk", "office"), **values)

    def dispatch(self, case: Case, unit: Unit | None = None) -> Case:
        return self.step(case, "dispatch", self.cast.anyone("dispatcher", "office"), unit=unit)

    def photo(self, case: Case, role: str = "fixed", *, far: bool = False, kept: Any = None) -> Any:
        """A photo at the place; `far` taken some streets away, `kept` one that was used before."""
        world = self.world
        kept = kept or self.album.scene(False, int(case.number.rpartition("-")[2]))
        here = Spot(case.lon or 0.0, case.lat or 0.0, "")
        lon, lat = (here.lon + 0.004, here.lat) if far else self.cast.beside(here, 12)[:2]
        by = self.cast.answerer(case.unit_id) if case.unit_id in self.cast.of_unit else None
        store.attach(
            kept, case, role=role, by=by, at=world.now, round=case.round, taken_at=world.now - 3 * MINUTE,
            point=(lon, lat, Datum.WGS84), accuracy_m=8.0, uid=world.uid(), since=case.assigned_at,
        )  # fmt: skip
        self.photos += 1
        return kept

    def answer(self, case: Case, *, far: bool = False, kept: Any = None) -> tuple[Case, Any]:
        """Photo and answer of the unit; returns the case and the photo."""
        kind = case.kind
        assert kind is not None
        shown = None
        if kind.needs_photo or self.world.chance(0.5):
            shown = self.photo(case, far=far, kept=kept)
        return self.by_unit(case, "answer", note=words.done(self.cast, kind)), shown

    def fix_moment(self, case: Case, low: float, high: float) -> dt.datetime:
        """A moment when that part of what is left of the fix limit is used up; inside working time unless
        it is urgent.
        """
        world, kind = self.world, case.kind
        left = (case.fix_due_at or world.now) - world.now
        moment = world.now + left * world.random.uniform(low, high)
        urgent = bool(kind and kind.limits.get("fix", ["", ""])[1] == "urgent_hour")
        moment = moment if urgent else world.at_work(moment)
        return moment if case.fix_due_at is None or high > 1 else min(moment, case.fix_due_at - MINUTE)
