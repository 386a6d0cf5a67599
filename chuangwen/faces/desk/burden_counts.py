"""What was asked of units in a month, in figures: by unit and kind, by who asked, in hours, saved by reuse, against last year."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Count, Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from chuangwen.dossier.models import Use
from chuangwen.kernel.models import Demand, Person, Post, Term, Unit
from chuangwen.kernel.people.models import UnitKind
from chuangwen.kernel.people.rules import Rule
from chuangwen.papers.models import Paper, PaperState
from chuangwen.tasks.meeting_models import Meeting, MeetingState

# The kinds a Demand may have, in the order of the table.
KINDS: tuple[tuple[str, Promise], ...] = (
    ("fix", _("整改")),
    ("photo", _("照片")),
    ("form", _("填表")),
    ("visit", _("现场")),
    ("paper", _("材料")),
    ("task", _("任务")),
    ("meeting", _("会议")),
)
#: Whose lines are shown: every unit, or those of one sort.
SORTS: tuple[tuple[str, Promise, tuple[str, ...]], ...] = (
    ("", _("全部单位"), ()),
    ("department", _("部门"), (UnitKind.DEPARTMENT, UnitKind.UTILITY)),
    ("street", _("镇街"), (UnitKind.STREET, UnitKind.PRECINCT)),
    ("community", _("村社区"), (UnitKind.COMMUNITY,)),
)
HOURS, WHY = (
    "burden_minutes",
    "burden_reason",
)  # the lists of terms: minutes each kind takes (as rank), explanations


@dataclass
class Line:
    """One unit, or one asker, with its counts by kind, the minutes they are estimated to take, and what was saved."""

    name: str
    code: str
    counts: dict[str, int] = field(default_factory=dict)
    minutes: int = 0
    saved: int = 0

    @property
    def whole(self) -> int:
        return sum(self.counts.values())

    @property
    def hours(self) -> Decimal:
        return hours_of(self.minutes)


@dataclass
class Sheet:
    """The month: lines of units, lines of askers, the sum, and whether an estimate of minutes is there at all."""

    lines: list[Line]
    askers: list[Line]
    total: Line
    has_minutes: bool


class Yearly(NamedTuple):
    """Papers or meetings from January to the end of the month against the same months of last year."""

    code: str
    label: str
    now: int
    before: int
    reason: str
    by: str

    @property
    def is_above(self) -> bool:
        return self.now > self.before


def hours_of(minutes: int) -> Decimal:
    """Hours with one decimal; rounded here, once."""
    return (Decimal(minutes) / 60).quantize(Decimal("0.1"))


def month_of(text: str) -> dt.date:
    """The first day of a month written 2026-11; this month for anything else."""
    try:
        return dt.date.fromisoformat(f"{text}-01")
    except ValueError:
        return timezone.localdate().replace(day=1)


def after(first: dt.date) -> dt.date:
    """The first day of the month after."""
    return (first + dt.timedelta(days=32)).replace(day=1)


def moment(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time()))


def minutes_of() -> dict[str, int]:
    """The city's estimate: minutes that one thing of a kind takes; kinds nobody estimated are not in it."""
    return dict(Term.objects.filter(list=HOURS).values_list("code", "rank"))


def sheet(rule: Rule, person: Person, first: dt.date, sort: str = "") -> Sheet:
    """The month's sheet, of the units this person may see (seven queries)."""
    start, end = moment(first), moment(after(first))
    asked = rule.filter(Demand.objects.filter(asked_at__gte=start, asked_at__lt=end), person)
    kinds = next((kinds for code, _label, kinds in SORTS if code == sort), ())
    if kinds:
        asked = asked.filter(unit__kind__in=kinds)
    minutes = minutes_of()
    by_unit = _tally(asked.values_list("unit_id", "kind").annotate(n=Count("pk")).order_by())
    units = Unit.objects.in_bulk(by_unit)
    used = dict(
        Use.objects.filter(at__gte=start, at__lt=end, item__unit__in=by_unit)
        .order_by().values_list("item__unit_id").annotate(n=Count("pk"))
    )  # fmt: skip
    lines = [
        _line(units[pk].name, units[pk].code, counts, minutes, used.get(pk, 0))
        for pk, counts in by_unit.items()
    ]
    by_asker = _tally(asked.values_list("asked_by_id", "kind").annotate(n=Count("pk")).order_by())
    total = Line(
        _t("合计"), "", {kind: sum(line.counts.get(kind, 0) for line in lines) for kind, _label in KINDS}
    )
    total.minutes, total.saved = sum(line.minutes for line in lines), sum(line.saved for line in lines)
    return Sheet(_ordered(lines), _ordered(_askers(by_asker, minutes)), total, bool(minutes))


def _tally(rows: Iterable[tuple[Any, str, int]]) -> dict[Any, dict[str, int]]:
    found: dict[Any, dict[str, int]] = {}
    for key, kind, n in rows:
        found.setdefault(key, {})[kind] = n
    return found


def _line(name: str, code: str, counts: dict[str, int], minutes: dict[str, int], used: int = 0) -> Line:
    spent = sum(n * minutes.get(kind, 0) for kind, n in counts.items())
    return Line(name, code, dict(counts), spent, used * minutes.get("paper", 0) if used else 0)


def _askers(by_asker: dict[int | None, dict[str, int]], minutes: dict[str, int]) -> list[Line]:
    """By the unit of who asked; a person with several posts is counted once, at the unit that stands first."""
    people = [pk for pk in by_asker if pk is not None]
    posts = Post.objects.in_force().filter(person__in=people).exclude(unit=None).order_by("-unit__path", "pk")
    unit_of = {
        person: (name, code)
        for person, name, code in posts.values_list("person_id", "unit__name", "unit__code")
    }
    lines: dict[tuple[str, str], dict[str, int]] = {}
    for pk, counts in by_asker.items():
        key = unit_of.get(pk, (_t("没有单位的岗位"), "")) if pk is not None else (_t("系统"), "")
        sums = lines.setdefault(key, {})
        for kind, n in counts.items():
            sums[kind] = sums.get(kind, 0) + n
    return [_line(name, code, counts, minutes) for (name, code), counts in lines.items()]


def _ordered(lines: list[Line]) -> list[Line]:
    return sorted(lines, key=lambda line: (-line.minutes, -line.whole, line.code, line.name))


# Against last year -----------------------------------------------------------------------------------


def yearly(first: dt.date) -> list[Yearly]:
    """Papers issued and meetings held this year up to the end of the month, and in the same months of last year."""
    spans = [
        (moment(day.replace(month=1)), moment(after(day)))
        for day in (first, first.replace(year=first.year - 1))
    ]
    issued = Paper.objects.filter(state__in=(PaperState.ISSUED, PaperState.WITHDRAWN))
    held = Meeting.objects.filter(state__in=(MeetingState.HELD, MeetingState.MINUTED))
    reasons = {
        code: (note, source)
        for code, note, source in Term.objects.filter(list=WHY, code__endswith=f":{first.year}").values_list(
            "code", "note", "source"
        )
    }
    return [
        Yearly(
            code, str(label), *_counted(rows, column, spans), *reasons.get(f"{code}:{first.year}", ("", ""))
        )
        for code, label, rows, column in (
            ("papers", _t("发文"), issued, "issued_at"),
            ("meetings", _t("会议"), held, "starts_at"),
        )
    ]


def _counted(rows: Any, column: str, spans: list[tuple[dt.datetime, dt.datetime]]) -> tuple[int, int]:
    now, before = (Q(**{f"{column}__gte": start, f"{column}__lt": end}) for start, end in spans)
    found = rows.aggregate(now=Count("pk", filter=now), before=Count("pk", filter=before))
    return found["now"], found["before"]
