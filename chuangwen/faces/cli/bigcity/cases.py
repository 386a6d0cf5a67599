"""The stream of cases of the big city: each with its report, its whole hash chain, its clocks and its
notice.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import math
import random
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from typing import Any

from chuangwen.faces.cli.bigcity.bulk import Row
from chuangwen.faces.cli.bigcity.courses import (
    CLOSED,
    DAY,
    HOUR,
    OPEN_NEW,
    OPEN_OLD,
    Happening,
    fixed,
    given_back,
    opening,
    stopped,
    voided,
)
from chuangwen.faces.cli.bigcity.ground import Ground, Spot
from chuangwen.faces.cli.bigcity.moments import chained, moment, second_of, written
from chuangwen.kernel.city import calendar, city
from chuangwen.kernel.models import Clock, Entry, Notice
from chuangwen.kernel.places.cells import cell
from chuangwen.kernel.workflow.calendar import Limit, Unit
from chuangwen.kernel.workflow.history import canonical, typed
from chuangwen.problems.models import Case, CaseKind, Report, Source
from chuangwen.problems.steps import DEFAULT_LIMITS

SUBJECT = "problems.case"
OPEN_SHARE_DAYS = 33.0  # a case of this age is open with probability 1/e: 33 days' intake, 3 % of three years
ZONE_SECONDS = 8 * HOUR  # China's, for the day a limit starts on and the month in a case's number
TABLES: dict[str, tuple[Any, tuple[str, ...]]] = {
    "case": (Case, (
        "id", "uid", "number", "state", "entries", "head", "source", "what", "kind_id", "address",
        "street_id", "area_id",
        "road_id", "site_id", "lon", "lat", "cell", "unit_id", "reporter_id", "reported_at", "filed_at",
        "assigned_at",
        "answered_at", "closed_at", "due_at", "due_unit", "is_paused", "fix_due_at", "look_at", "round",
        "passes",
        "returns", "reworks", "supervision", "held_until", "suggested_kind_id", "suggested_unit_id",
        "confidence",
        "why_unit", "created_at", "changed_at", "is_sample",
    )),
    "report": (Report, ("id", "uid", "case_id", "source", "text", "address", "received_at")),
    "entry": (Entry, ("uid", "subject", "subject_id", "seq", "step", "from_state", "to_state", "by_id",
        "at", "given", "hash")),
    "clock": (Clock, ("subject", "subject_id", "name", "round", "amount", "unit", "started_at", "due_at",
        "paused_at",
                      "stopped_at")),
    "notice": (Notice, ("unit_id", "role", "subject", "subject_id", "kind", "text", "url", "at", "seen_at",
        "told_at")),
}  # fmt: skip
_SOURCES = (list(Source.values), [6, 24, 16, 3, 4, 1, 1, 4, 4, 28, 6, 2, 1])


class Kind:
    """One kind with everything about it prepared once: its weight, its texts and the JSON of its steps."""

    def __init__(self, row: CaseKind, chance: random.Random) -> None:
        self.row, self.pk, self.weight = row, row.pk, chance.expovariate(1.0) + 0.1
        self.words = row.keywords.split() or [row.name]
        self.limits = {stage: self._limit(stage) for stage in DEFAULT_LIMITS}
        self.verify = _json({"kind": row})
        self.file = _json(
            {"kind": row.code, "kind_name": row.name, "limits": row.limits, "open_when": row.open_when}
        )

    def _limit(self, stage: str) -> Limit:
        amount, unit = self.row.limits.get(stage) or DEFAULT_LIMITS[stage]
        return Limit(Decimal(amount), Unit(unit))


def _json(value: dict[str, Any]) -> str:
    return canonical(typed(value)).decode()


class Stream:
    """Makes cases one after another into the tables; all chance comes from the seed."""

    def __init__(self, ground: Ground, seed: int, wanted: int, until: dt.datetime, years: int = 3) -> None:
        self.ground, self.chance = ground, random.Random(f"cases {seed}")
        self.until, self.wanted = second_of(until), wanted
        self.span = years * 365 * DAY
        self.kinds = [Kind(row, self.chance) for row in ground.kinds]
        self.rows: dict[str, list[Row]] = {name: [] for name in TABLES}
        self.numbers: dict[str, int] = {}
        self._calendar, self._days = calendar(), cache(self._day_due)
        self._prefix = city().prefix  # type: ignore[union-attr]
        self._tag = f"{random.Random(f'ids {seed}').getrandbits(32):08x}00004000"
        self._entries = 0
        self._dispatch: dict[tuple[int, int], str] = {}

    def run(self) -> Iterator[tuple[str, list[Row]]]:
        """Yields blocks of rows by table, a case's own rows always in one block; asks the database for
        nothing.
        """
        chance, kinds, spots = self.chance, self.kinds, self.ground.spots
        weights = [kind.weight for kind in kinds]
        names, shares = _SOURCES
        step = self.span / self.wanted
        for start in range(0, self.wanted, 10_000):
            many = min(10_000, self.wanted - start)
            which = chance.choices(kinds, weights, k=many)
            where = chance.choices(spots, k=many)
            whence = chance.choices(names, shares, k=many)
            for n in range(many):
                at = self.until - self.span + int((start + n + chance.random()) * step)
                self._case(start + n + 1, min(at, self.until - 60), which[n], where[n], whence[n])
            for name in self.rows:
                block, self.rows[name] = self.rows[name], []
                yield name, block
        yield "counters", list(self.numbers.items())

    def _due(self, start: int, limit: Limit) -> int:
        """The due second; for whole days it is the same for all starts of one local day, so it is worked
        out once.
        """
        if limit.unit in (Unit.WORK_DAY, Unit.CALENDAR_DAY):
            return self._days((start + ZONE_SECONDS) // DAY, limit)
        return second_of(self._calendar.due(moment(start), limit))

    def _day_due(self, day: int, limit: Limit) -> int:
        return second_of(self._calendar.due(moment(day * DAY - ZONE_SECONDS + 10 * HOUR), limit))

    def _case(self, pk: int, t: int, kind: Kind, spot: Spot, source: str) -> None:
        chance, age = self.chance, (self.until - t) / DAY
        unit = kind.row.unit_id if kind.row.unit_rule == "unit" else spot.units[kind.row.unit_rule]
        unit = unit if unit in self.ground.liaisons else kind.row.unit_id or next(iter(self.ground.liaisons))
        is_open = age < 0.05 or chance.random() < math.exp(-age / OPEN_SHARE_DAYS)
        course = self._open(t, age, kind) if is_open else self._closed(t, kind)
        if course[-1].at > self.until:  # not finished by then: stands where it was
            course = [h for h in course if h.at <= self.until] or course[:1]
        self._write(pk, course, kind, spot, source, unit)

    def _closed(self, t: int, kind: Kind) -> list[Happening]:
        chance = self.chance
        end = chance.choices([name for name, _share in CLOSED], [share for _name, share in CLOSED])[0]
        if end == "void":
            return voided(t, chance)
        course = opening(t, chance)
        if end == "return":
            given_back(course, chance)
        given = course[-1].at
        due = self._due(given, kind.limits["fix"])
        part = 0.05 + 0.9 * chance.random() if chance.random() < 0.88 else 1.0 + 2 * chance.random()
        fixed(course, given + max(600, int((due - given) * part)), chance, end == "rework")
        return course

    def _open(self, t: int, age: float, kind: Kind) -> list[Happening]:
        shares = OPEN_NEW if age < 1 else OPEN_OLD
        state = self.chance.choices([name for name, _share in shares], [share for _name, share in shares])[0]
        course = opening(t, self.chance)
        due = self._due(self.until, kind.limits["fix"])
        given = self.until - int(
            (due - self.until) * 1.25 * self.chance.random()
        )  # about one in five is late
        return stopped(course, state, self.until - 60, given, self.chance)

    def _write(
        self, pk: int, course: list[Happening], kind: Kind, spot: Spot, source: str, unit: int | None
    ) -> None:
        chance = self.chance
        times: dict[str, int] = {}
        for happening in course:
            times[happening.step] = happening.at
        state, t = course[-1].after, course[0].at
        given = times.get("dispatch")
        fix_due = self._due(given, kind.limits["fix"]) if given else None
        month = written(t + ZONE_SECONDS)[:7]
        number = self.numbers[month] = self.numbers.get(month, 0) + 1
        reporter = chance.choice(self.ground.reporters) if source == "patrol" else None
        people = {"d": chance.choice(self.ground.dispatchers), "c": chance.choice(self.ground.checkers),
            "r": reporter,
                  "u": self.ground.liaisons.get(unit or 0)}  # fmt: skip
        head = self._chain(pk, course, kind, unit, people, source, fix_due)
        due, due_unit, paused = self._clocks(pk, state, times, kind, fix_due)
        name = f"{self._prefix}-{month}-{number:05d}"
        lon, lat = spot.lon + (chance.random() - 0.5) * 3e-4, spot.lat + (chance.random() - 0.5) * 2.4e-4
        closed = times.get("void") or (times.get("pass") if state in ("closed", "spot") else None)
        with_unit = given is not None and state not in ("filed", "disputed")
        said = kind.words[pk % len(kind.words)]
        what = f"{spot.words}{said}"
        steps = [happening.step for happening in course]
        self.rows["case"].append((
            pk, f"{self._tag}8001{pk:012x}", name, state, len(course), head, source, what[:60],
            kind.pk if "verify" in times else None, spot.words, spot.street, spot.area, spot.road,
            spot.site, lon, lat,
            cell(lon, lat), unit if with_unit else None, reporter, written(t), _at(times.get("file")),
            _at(given),
            _at(times.get("answer")), _at(closed), _at(due), due_unit, int(paused), _at(fix_due), None,
            1 + steps.count("reject"), steps.count("dispatch"), steps.count("return"), steps.count("reject"),
            1 if closed is None and due and due < self.until - 3 * DAY and pk % 5 == 0 else 0,
            written(self.until + 30 * DAY)[:10] if state == "held" else None, kind.pk, unit, 0.8, "[]",
            written(t),
            written(course[-1].at), 1,
        ))  # fmt: skip
        self.rows["report"].append(
            (pk, f"{self._tag}8002{pk:012x}", pk, source, what, spot.words, written(t))
        )
        if given and closed is None and unit:
            words = f"新案件：{name} {what}"[:200]
            seen = _at(given + HOUR) if given < self.until - DAY else None
            self.rows["notice"].append((unit, "liaison", SUBJECT, pk, "assigned", words, f"/cases/{name}/",
                written(given),
                                       seen, written(given)))  # fmt: skip

    def _chain(
        self, pk: int, course: list[Happening], kind: Kind, unit: int | None, people: dict[str,
            int | None], source: str,
        fix_due: int | None,
    ) -> str:  # fmt: skip
        """Writes the entries; the bytes hashed are those of `history.entry_hash`, put together from
        prepared parts.
        """
        head, add, sha = "", self.rows["entry"].append, hashlib.sha256
        rounds = 1
        for seq, (step, before, after, at, who) in enumerate(course, 1):
            by = people.get(who)
            rounds += step == "reject"
            given = self._given(step, pk, kind, unit, source, rounds, at, fix_due)
            line = (
                f'["{head}","{SUBJECT}",{pk},{seq},"{step}",'
                f'"{before}","{after}",{"null" if by is None else by},'
                f'"{chained(at)}",{given}]'
            )
            head = sha(line.encode()).hexdigest()
            self._entries += 1
            add(
                (
                    f"{self._tag}8003{self._entries:012x}",
                    SUBJECT,
                    pk,
                    seq,
                    step,
                    before,
                    after,
                    by,
                    written(at),
                    given,
                    head,
                )
            )
        return head

    def _given(
        self,
        step: str,
        pk: int,
        kind: Kind,
        unit: int | None,
        source: str,
        rounds: int,
        at: int,
        fix_due: int | None,
    ) -> str:
        """Canonical JSON: keys in order, no blanks; the same values the real steps write."""
        if step == "report":
            return f'{{"photos":[],"report":{pk},"source":"{source}"}}'
        if step == "verify":
            return kind.verify
        if step == "file":
            return kind.file
        if step == "dispatch":
            key = (kind.pk, unit or 0)
            if key not in self._dispatch:
                self._dispatch[key] = _json(
                    {"as_suggested": True, "unit_name": self.ground.unit_names[unit or 0], "why": []}
                )
            return self._dispatch[key]
        if step == "answer":
            return f'{{"findings":[],"note":"已处理，现场恢复","photos":[],"round":{rounds}}}'
        if step == "pass":
            return (
                '{"drawn":false,"on_time":true}'
                if fix_due and at <= fix_due + DAY
                else '{"drawn":false,"on_time":false}'
            )
        return {"return": '{"reason":"不在我单位管的范围","times":1}',
            "reject": '{"reason":"还剩一处没有处理","times":1}',
                "void": '{"reason":"经核实不属实"}', "appeal": '{"reason":"权属不清"}',
                "hold": '{"reason":"等配件到货"}'}.get(step, "{}")  # fmt: skip

    def _clocks(
        self, pk: int, state: str, times: dict[str, int], kind: Kind, fix_due: int | None
    ) -> tuple[int | None, str, bool]:
        """Writes the clocks; returns due moment, unit and whether it stands, as `Case.wound` would note them.

        Cases closed more than half a year ago keep their fix clock only; all others have all of theirs.
        """
        end = times.get("void") or (times.get("pass") if state in ("closed", "spot") else None)
        recent = end is None or end > self.until - 182 * DAY
        live: list[tuple[bool, int, str]] = []

        def clock(
            name: str, start: int | None, stop: int | None, paused: int | None = None, due: int | None = None
        ) -> None:
            if start is None:
                return
            limit = kind.limits[name]
            due = due or self._due(start, limit)
            if stop is None:
                live.append((paused is not None, due, limit.unit.value))
            self.rows["clock"].append((SUBJECT, pk, name, 1, str(limit.amount), limit.unit.value,
                written(start), written(due),
                                      _at(paused), _at(stop)))  # fmt: skip

        returned = times.get("return") if state in ("disputed", "filed") else None
        if recent:
            clock("verify", times["report"], times.get("file") or times.get("void"))
            clock("dispatch", times.get("file"), None if returned else times.get("dispatch"))
            check = times.get("answer")
            clock("check", check, end or times.get("reject") if state != "answered" else None)
        stands = returned or {
            "answered": times.get("answer"),
            "held": times.get("hold"),
            "appealed": times.get("appeal"),
        }.get(state)
        if "dispatch" in times:
            clock("fix", times["dispatch"], end, stands, fix_due)
        if state == "appealed":
            clock("appeal", times["appeal"], None)
        first = min(live, default=None)
        return (first[1], first[2], first[0]) if first else (None, "", False)


def _at(second: int | None) -> str | None:
    return None if second is None else written(second)
