"""The rounds of the year: mock tests, a secret one that is running, acceptance, guidance, tours and today's visits."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from chuangwen.faces.cli.demo import lives
from chuangwen.faces.cli.demo.sights import Sights
from chuangwen.faces.cli.demo.stage import Stage, fresh
from chuangwen.faces.cli.demo.world import DAY, HOUR, MINUTE, Life
from chuangwen.inspections.actions import answer_opinion, draw_round, note_opinion, plan_round, set_team
from chuangwen.inspections.checklist import checklist
from chuangwen.inspections.flow import RoundFlow
from chuangwen.inspections.models import Observation, Opinion, Round, RoundKind, Team, Visit
from chuangwen.inspections.recording import Circumstance, record_visit, skip_visit
from chuangwen.inspections.releasing import release_round
from chuangwen.kernel.models import Person, Place
from chuangwen.kernel.places.datum import Datum
from chuangwen.problems.models import Case, State

COVERT_TYPES = 6  # the commonest types of place are what a secret round looks at
MOCK = 78  # places of a mock test, as cities draw them
BY_CAR = {"by_area": False, "speed_km_h": "25"}
_OPINIONS = (
    ("市民代表", "小区门口晚上车停到人行道上，老人绕着走，能不能划线再加个人管。", "已划禁停线，晚高峰安排人员值守两小时。"),
    ("市民代表", "农贸市场里面比去年干净，后门的垃圾房味道大，盼着早点收。", "清运改为一天三次，加装除味设备。"),
    ("市民代表", "公厕有纸有水，就是夜里九点锁门。", "延长到二十三点，门口已贴开放时间。"),
    ("人大代表", "背街的路灯还有几段不亮，建议和改造一起做。", "已列入本年改造清单，先修好不亮的灯。"),
    ("政协委员", "窗口的适老设备有人会用、没人教，建议配志愿者。", ""),
)  # fmt: skip


@dataclass(frozen=True)
class Course:
    """One round from plan to release; moments from the first day on. `better`: see Sights."""

    kind: RoundKind
    name: str
    from_on: dt.date
    days: int
    spec: Mapping[str, Any]
    teams: int
    better: float = 1.0
    ends: bool = True
    releases: int = 4  # days after the last day
    starts: float = 8.2  # hours after the midnight of its first day
    first: int = 0  # which inspector its teams begin with
    opinions: tuple[int, ...] = field(default=())


class Visiting:
    """Begins the rounds the city has the people and places for."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.world = stage, stage.world
        self.sights = Sights(stage)
        self.walkers = stage.cast.by_role["inspector"] or stage.cast.by_role["checker"]

    def begin(self) -> None:
        stage, world = self.stage, self.world
        if stage.city is None or not stage.cast.by_role["office"] or not self.walkers or not stage.cast.sites:
            return
        for course in self._rounds():
            world.begin(self._course(course), world.at_work(stage.on(course.from_on - 6 * DAY, 10)))
        for course in self._now():
            world.begin(self._course(course), stage.on(course.from_on - DAY, 10))

    def _rounds(self) -> tuple[Course, ...]:
        """Those of the year, at dates of their own."""
        day, pairs = self.stage.day, max(1, len(self.walkers) // 2)
        mock = {**BY_CAR, "total": self._many(MOCK), "double_share": "0.10" if pairs > 1 else "0"}
        return (
            Course(RoundKind.GUIDANCE, "春季上门指导", day(4, 14), 2, self._by_hand(8, "guidance"), 1, 0.6),
            Course(RoundKind.TOUR, "五月市民巡访", day(5, 16), 1, self._by_hand(5, "tour"), 1, 0.8, opinions=(0, 1, 2)),
            Course(RoundKind.MOCK, "上半年模拟测评", day(6, 8), 5, mock, pairs, 1.0),
            Course(RoundKind.ACCEPTANCE, "整治点位验收", day(9, 8), 2, self._by_hand(8, "acceptance"), 1, 0.5),
            Course(RoundKind.DEPUTIES, "代表委员视察", day(9, 15), 1, self._by_hand(4, "deputies"), 1, 0.6,
                   opinions=(3, 4)),
            Course(RoundKind.MOCK, "下半年模拟测评", day(10, 12), 5, {**mock, "rest_days": 20}, pairs, 0.72),
        )  # fmt: skip

    def _now(self) -> tuple[Course, ...]:
        """A secret round that began the day before the end, and today's patrol of other people."""
        today = timezone.localdate(self.world.until)
        crowded = [code for code, _n in Counter(
            site.type.code for site in self.stage.cast.sites if site.type
        ).most_common(COVERT_TYPES)]  # fmt: skip
        some = {**BY_CAR, "site_types": sorted(crowded), "workdays": False}
        covert, patrol = (
            {**some, "total": self._many(20, COVERT_TYPES)},
            {**some, "total": self._many(12, COVERT_TYPES)},
        )
        week = f"第 {today.isocalendar().week} 周暗访"
        return (
            Course(
                RoundKind.COVERT, week, today - DAY, 6, {**covert, "minutes_per_day": 200}, 1, 0.8, ends=False
            ),
            Course(
                RoundKind.PATROL,
                "今日巡查",
                today,
                1,
                {**patrol, "minutes_per_day": 300},
                2,
                0.8,
                ends=False,
                starts=-6.4,
                first=2,
            ),
        )

    def _many(self, wanted: int, most_types: int = 999) -> int:
        """So many places, or a third of what a small city has; no fewer than it has types."""
        types = len({site.type_id for site in self.stage.cast.sites})
        return max(min(types, most_types), min(wanted, len(self.stage.cast.sites) // 3))

    def _by_hand(self, wanted: int, name: str) -> dict[str, Any]:
        """Places somebody chose: near one another, as a bus goes."""
        sites = self.stage.cast.sites
        first = sites[int(self.stage.nature("round", name) * len(sites))]
        near = sorted(sites, key=lambda site: (_apart(first, site), site.code))
        return {**BY_CAR, "places": [site.code for site in near[:wanted]]}

    # One round ----------------------------------------------------------------------------------------

    def _course(self, course: Course) -> Life:
        stage, world = self.stage, self.world
        maker = fresh(stage.office)
        row = plan_round(kind=course.kind, name=course.name, from_on=course.from_on, spec=course.spec, by=maker, uid=world.uid(),
                         to_on=course.from_on + (course.days - 1) * DAY, is_sample=True, at=world.now)  # fmt: skip
        for number, members in enumerate(self._teams(course), 1):
            set_team(row, name=f"第 {number} 组", members=members, by=maker, at=world.now)
        yield min(world.desk(1, 6), stage.on(course.from_on - DAY, 17))
        row.refresh_from_db()
        row = draw_round(
            row, f"{course.from_on:%Y%m%d}-{course.kind}", by=maker, at=world.now, uid=world.uid()
        )
        yield stage.on(course.from_on, course.starts)
        RoundFlow.take(row, "start", by=maker, at=world.now)
        yield from self._visits(row, course)
        if not course.ends:
            return
        yield max(stage.on(row.to_on, 18), world.now)
        RoundFlow.take(row, "end", by=maker, at=world.now)
        yield world.at_work(world.now + course.releases * DAY)
        release_round(row, by=maker, uid=world.uid(), at=world.now)
        for index in course.opinions:
            self._opinion(row, *_OPINIONS[index], maker)

    def _teams(self, course: Course) -> list[list[Person]]:
        """Teams of two, from the inspector the round begins with on."""
        people = self.walkers[course.first :] + self.walkers[: course.first]
        each = 2 if len(people) >= 2 * course.teams else 1
        return [people[n * each : (n + 1) * each] for n in range(min(course.teams, len(people)))]

    def _visits(self, row: Round, course: Course) -> Life:
        """Each visit at its turn of its day; what failed and became a case goes its way."""
        stage, world = self.stage, self.world
        rows = (
            Visit.objects.filter(round=row)
            .select_related("place", "round")
            .order_by("day", "seq", "team__name")
        )
        raters = {team.pk: [fresh(one) for one in team.members.order_by("username")] for team in
                  Team.objects.filter(round=row).order_by("pk")}  # fmt: skip
        lists: dict[int | None, Any] = {}
        for n, visit in enumerate(rows):
            yield stage.on(visit.day or row.from_on, 8.4) + (visit.seq * 29 + n % 7) * MINUTE
            by = raters[visit.team_id or 0][n % len(raters[visit.team_id or 0])]
            if course.kind == RoundKind.MOCK and n % 39 == 20:
                skip_visit(visit, "当天停业装修，门锁着", by=by, uid=world.uid(), at=world.now)
                continue
            if visit.site_type_id not in lists:
                lists[visit.site_type_id] = checklist(visit)
            items = lists[visit.site_type_id]
            if not items:
                continue
            seen = self.sights.seen(visit, items, course.better)
            place = visit.place
            how = Circumstance(
                seen_at=world.now, taken_at=world.now - MINUTE, accuracy_m=8.0,
                point=(place.lon, place.lat, Datum.WGS84) if place.lon is not None and place.lat is not None else None,
                is_accepted=not stage.nature("accepted", place.code) > 0.85 if course.kind == RoundKind.ACCEPTANCE else None,
            )  # fmt: skip
            record_visit(visit, seen, by=by, uid=world.uid(), how=how, at=world.now)
            self._follow(visit)

    def _follow(self, visit: Visit) -> None:
        """The cases this visit opened begin their own lives."""
        cases = Observation.objects.filter(visit=visit, case_id__isnull=False).values_list(
            "case_id", flat=True
        )
        for case in Case.objects.filter(pk__in=list(cases), state=State.REPORTED).order_by("number"):
            if case.reported_at == self.world.now:
                self.world.begin(self._mended(case), self.world.desk(0.4, 4))

    def _mended(self, case: Case) -> Life:
        deeds = self.stage.deeds
        case.refresh_from_db()
        if case.state != State.REPORTED:
            return
        kind = case.kind or case.suggested_kind or deeds.cast.kind()
        case = deeds.confirm(case, kind)
        if self.world.chance(0.15):
            yield from self.world.pick((lives.late, lives.reworked, lives.on_time))(deeds, case, kind)
            return
        yield deeds.fix_moment(case, 0.2, 0.8)
        if kind.needs_photo:
            deeds.photo(case, kept=deeds.album.scene(False, case.round, small=True))
        case = deeds.by_unit(
            case, "answer", note="已整改，现场照片附后。" if kind.needs_photo else "已整改。"
        )
        yield from lives.check(deeds, case)

    def _opinion(self, row: Round, giver: str, text: str, answer: str, maker: Person) -> None:
        """An opinion with a unit to answer it; most are answered some days later."""
        stage, world = self.stage, self.world
        visit = Visit.objects.filter(round=row).select_related("place").order_by("seq").first()
        unit = world.pick(stage.cast.doers)
        opinion = note_opinion(row, giver=giver, text=text, by=maker, place=visit.place if visit else None, unit=unit,
                               at=world.now, uid=world.uid())  # fmt: skip
        if answer:
            world.begin(self._answered(opinion, answer), world.desk(20, 60) + HOUR)

    def _answered(self, opinion: Opinion, answer: str) -> Life:
        by = fresh(self.stage.cast.answerer(opinion.unit_id))
        answer_opinion(opinion, answer, by=by, at=self.world.now, uid=self.world.uid())
        return
        yield


def _apart(one: Place, other: Place) -> float:
    return ((one.lon or 0) - (other.lon or 0)) ** 2 + ((one.lat or 0) - (other.lat or 0)) ** 2
