"""Reads of cases for the pages: what is late, due, returned, to check, new; always under the rule,
never counted to the end.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone

from chuangwen.kernel.models import Duty, Person, Post, Unit
from chuangwen.kernel.people.models import LEADER_DUTIES, DutyKind, Role
from chuangwen.kernel.places.cells import cover
from chuangwen.kernel.places.datum import distance_m
from chuangwen.problems import rules
from chuangwen.problems.models import DONE, Case, Handover, Prepared, State, Supervision

MOST = 100  # a count on a page stops here and says 99+
OPEN_STATES = tuple(s.value for s in State if s not in DONE)
ROW = ("kind", "unit", "street", "site", "suggested_kind", "suggested_unit")

Cases = QuerySet[Case]


def open_cases(person: Person) -> Cases:
    """Cases this person may see that are not at their end; the partial indexes serve it."""
    return rules.see_case.filter(Case.objects.filter(closed_at__isnull=True, state__in=OPEN_STATES), person)


def cases_overdue(person: Person, now: dt.datetime) -> Cases:
    return open_cases(person).filter(is_paused=False, due_at__lt=now).order_by("due_at", "pk")


def end_of_day(now: dt.datetime) -> dt.datetime:
    return timezone.localtime(now).replace(hour=23, minute=59, second=59, microsecond=999999)


def cases_due_today(person: Person, now: dt.datetime) -> Cases:
    """Due from now to midnight; what is late already is in `cases_overdue`."""
    rows = open_cases(person).filter(is_paused=False, due_at__gte=now, due_at__lte=end_of_day(now))
    return rows.order_by("due_at", "pk")


def cases_returned(person: Person) -> Cases:
    """Without an owner: to be given (again) to a unit, disputed, appealed."""
    return (
        open_cases(person)
        .filter(state__in=(State.FILED, State.DISPUTED, State.APPEALED))
        .order_by("due_at", "pk")
    )


def cases_to_check(person: Person) -> Cases:
    """Answered by the unit, or drawn for a second look."""
    rows = Case.objects.filter(Q(state=State.ANSWERED, closed_at__isnull=True) | Q(state=State.SPOT))
    return rules.see_case.filter(rows, person).order_by(F("due_at").asc(nulls_last=True), "pk")


def new_reports(person: Person) -> Cases:
    return open_cases(person).filter(state__in=(State.REPORTED, State.VERIFIED)).order_by("due_at", "pk")


def extensions_asked(person: Person) -> Cases:
    return rules.see_case.filter(Case.objects.filter(asked_extension__gt=""), person).order_by("due_at", "pk")


def cases_watched(person: Person) -> Cases:
    rows = Case.objects.filter(is_watched=True, closed_at__isnull=True)
    return rules.see_case.filter(rows, person).order_by(F("due_at").asc(nulls_last=True), "pk")


def cases_held(person: Person) -> Cases:
    return open_cases(person).filter(state=State.HELD).order_by("held_until", "pk")


def cases_of_units(person: Person, *states: str) -> Cases:
    """The cases of the units this person is liaison or head of, in these states, the soonest due
    first.
    """
    rows = Case.objects.filter(closed_at__isnull=True, state__in=states or OPEN_STATES)
    return rules.responsible.filter(rows, person).order_by("due_at", "pk")


def cases_i_reported(person: Person) -> Cases:
    return Case.objects.filter(reporter=person).order_by("-reported_at", "-pk")


def cases_in_my_areas(person: Person, *states: str) -> Cases:
    """Cases in the streets of this person's posts that he may see (a covert one never)."""
    rows = rules.see_case.filter(Case.objects.filter(state__in=states), person)
    return rules.of_my_area.filter(rows, person).order_by("due_at", "pk")


def prepared_waiting(person: Person) -> QuerySet[Prepared]:
    """What the clock prepared for signature; only for those who sign."""
    rows = Prepared.objects.filter(decided_at__isnull=True).select_related("case", "case__unit", "rung")
    return rules.desk.filter(rows, person).order_by("made_at", "pk")


def handovers(person: Person) -> QuerySet[Handover]:
    rows = Handover.objects.select_related("case", "case__kind", "case__unit", "to_unit")
    return rules.see_handover.filter(rows, person).order_by("-created_at", "-pk")


class Some(NamedTuple):
    """The first rows of a list and how many there are, counted to MOST at the most."""

    rows: list[Any]
    count: int  # type: ignore[assignment]  # tuple.count is of no use here

    @property
    def words(self) -> str:
        return "99+" if self.count >= MOST else str(self.count)


def first_of(lists: Mapping[str, Cases], show: Mapping[str, int]) -> dict[str, Some]:
    """The head and the bounded count of several lists: one narrow query per list, one for all rows
    shown.
    """
    keys = {name: list(rows.values_list("pk", flat=True)[:MOST]) for name, rows in lists.items()}
    wanted = {pk for name, pks in keys.items() for pk in pks[: show.get(name, 5)]}
    found = {case.pk: case for case in Case.objects.filter(pk__in=wanted).select_related(*ROW)}
    return {
        name: Some([found[pk] for pk in pks[: show.get(name, 5)] if pk in found], len(pks))
        for name, pks in keys.items()
    }


def bounded(rows: QuerySet[Any]) -> int:
    """How many rows, counted to MOST at the most."""
    return rows.order_by()[:MOST].count()


def due_per_day(person: Person, days: list[dt.date]) -> list[int]:
    """Open cases whose running limit ends on each of these days (one query)."""
    edges = [timezone.make_aware(dt.datetime.combine(day, dt.time())) for day in days]
    spans = [(edge, edge + dt.timedelta(days=1)) for edge in edges]
    counts = {f"d{i}": Count("due_at", filter=Q(due_at__gte=a, due_at__lt=b)) for i, (a, b) in enumerate(spans)}
    # Without the states: a case without an end has an open one, and so one index answers alone.
    rows = rules.see_case.filter(Case.objects.filter(closed_at__isnull=True), person)
    rows = rows.filter(is_paused=False, due_at__gte=spans[0][0], due_at__lt=spans[-1][1])
    found = rows.aggregate(**counts)
    return [found[f"d{i}"] for i in range(len(days))]


# Plain numbers and texts only: they need no turning into Python's own.
_NEAR = ("id", "kind_id", "suggested_kind_id", "lon", "lat", "number", "what", *rules.SEEN_BY)


def _open_in(spans: list[tuple[int, int]]) -> list[tuple[Any, ...]]:
    """The columns _NEAR of open cases in these ranges of cells, 2,000 at most; each once, oldest first.

    By hand, because the ORM says ranges as one long "or", for which SQLite reads every open case; as rows to join with,
    each range is one step into the index. PostgreSQL must be told by "lateral" and an order that it is a step.
    """
    columns = ", ".join(f"c.{name}" for name in _NEAR)
    near = "FROM problems_case c WHERE c.cell BETWEEN span.low AND span.high AND c.closed_at IS NULL"
    if connection.vendor == "postgresql":
        rest = f"SELECT {columns} FROM span CROSS JOIN LATERAL (SELECT c.* {near} ORDER BY c.cell LIMIT 200) c"
    else:
        rest = f"SELECT {columns} FROM span CROSS JOIN {near.removeprefix('FROM ')}"
    sql = f"WITH span (low, high) AS (VALUES {', '.join(['(%s, %s)'] * len(spans))}) {rest} LIMIT 2000"
    with connection.cursor() as cursor:
        cursor.execute(sql, [end for span in spans for end in span])
        return sorted({row[0]: row for row in cursor.fetchall()}.values())


def similar_open(cases: list[Case], person: Person, radius_m: float = 100.0) -> dict[int, tuple[Case, int]]:
    """For each new report the nearest older open case of the same kind: {pk: (case, metres)}; one query for all.

    Of the case found only the columns of _NEAR are filled.
    """
    spots = [c for c in cases if c.lon is not None and c.lat is not None]
    if not spots:
        return {}
    spans = sorted({span for c in spots for span in cover(c.lon or 0.0, c.lat or 0.0, radius_m)})
    of_kind: dict[int | None, list[tuple[Any, ...]]] = {}
    for row in _open_in(spans):
        of_kind.setdefault(row[1] or row[2], []).append(row)
    found: dict[int, tuple[Case, int]] = {}
    for case in spots:
        kind = case.kind_id or case.suggested_kind_id
        older = [row for row in of_kind.get(kind, ()) if row[0] < case.pk] if kind else []
        close = [(round(distance_m(case.lon or 0.0, case.lat or 0.0, row[3], row[4])), row) for row in older]
        for metres, row in sorted(pair for pair in close if pair[0] <= radius_m):
            other = Case(**dict(zip(_NEAR, row, strict=True)))
            if rules.see_case.allows(person, other):
                found[case.pk] = (other, metres)
                break
    return found


class Mine(NamedTuple):
    """The places a leader answers for today, by column of the case."""

    duties: list[Duty]
    street_id: list[int]
    road_id: list[int]
    site_id: list[int]

    def q(self) -> Q:
        """Cases in these places; nothing when he answers for none."""
        q = Q(pk__in=())
        for column in ("street_id", "road_id", "site_id"):
            ids = getattr(self, column)
            if ids:
                q |= Q(**{f"{column}__in": ids})
        return q


def places_of_leader(person: Person, on: dt.date | None = None) -> Mine:
    """Town, road and sites this person answers for on that day (one query)."""
    duties = list(
        Duty.objects.in_force(on)
        .filter(person=person, kind__in=LEADER_DUTIES)
        .select_related("place")
        .order_by("pk")
    )
    by_kind = {kind: [d.place_id for d in duties if d.kind == kind] for kind in LEADER_DUTIES}
    return Mine(
        duties, by_kind[DutyKind.AREA_LEADER], by_kind[DutyKind.ROAD_LEADER], by_kind[DutyKind.SITE_LEADER]
    )


def cases_of_leader(person: Person, mine: Mine) -> Cases:
    return rules.see_case.filter(Case.objects.filter(mine.q(), closed_at__isnull=True), person)


def leader_figures(person: Person, mine: Mine, now: dt.datetime) -> dict[str, int]:
    """未销号, 超期 and 复发 in what a leader answers for; one query over open cases only."""
    late = Q(is_paused=False, due_at__lt=now)
    return cases_of_leader(person, mine).aggregate(
        open=Count("pk"), late=Count("pk", filter=late), again=Count("pk", filter=Q(recurs_of__isnull=False))
    )


def only_he_can_move(person: Person, mine: Mine, most: int = 2) -> list[Case]:
    """What waits for a leader's word in his places: whose it is in dispute, or red-carded; the latest first.

    Hand-overs are left out on purpose: a leader is not among those who may learn of one (rules.see_handover).
    """
    rows = cases_of_leader(person, mine).filter(Q(state=State.DISPUTED) | Q(supervision=Supervision.RED))
    return list(rows.select_related(*ROW).order_by("due_at", "pk")[:most])


class Change(NamedTuple):
    place: Any
    now: int
    before: int

    @property
    def more(self) -> int:
        return self.now - self.before


def got_worse(person: Person, mine: Mine, now: dt.datetime) -> list[Change]:
    """His places with more open cases than a week ago, the largest rise first.

    A week ago: reported by then and not closed by then. A case reopened since counts as open at both moments.
    """
    then = now - dt.timedelta(days=7)
    columns = ("street_id", "road_id", "site_id", "reported_at")
    seen = rules.see_case.filter(Case.objects.filter(mine.q()), person)
    open_now = list(seen.filter(closed_at__isnull=True).values_list(*columns))
    since = list(seen.filter(closed_at__gt=then, reported_at__lte=then).values_list(*columns))
    changes = []
    for duty in mine.duties:
        at = LEADER_DUTIES.index(DutyKind(duty.kind))
        here = [row for row in open_now if row[at] == duty.place_id]
        before = sum(row[3] <= then for row in here) + sum(row[at] == duty.place_id for row in since)
        changes.append(Change(duty.place, len(here), before))
    return sorted((c for c in changes if c.more > 0), key=lambda c: -c.more)


def load_of_units(units: QuerySet[Unit] | None = None) -> dict[int, dict[str, int]]:
    """Open and late cases per unit: {unit_id: {"open": …, "late": …}}; one grouped query over open
    cases.
    """
    rows = Case.objects.filter(closed_at__isnull=True, unit__isnull=False)
    if units is not None:
        rows = rows.filter(unit__in=units)
    late = Q(is_paused=False, due_at__lt=timezone.now())
    found = rows.values("unit_id").annotate(open=Count("pk"), late=Count("pk", filter=late)).order_by()
    return {row["unit_id"]: {"open": row["open"], "late": row["late"]} for row in found}


def sample_people() -> list[tuple[str, Person, Post]]:
    """One sample person for each role, with his post: of units the one with most to do, so that no first page is empty."""
    posts = Post.objects.in_force().filter(person__is_sample=True, person__is_active=True)
    load = load_of_units()
    seen: dict[str, Post] = {}
    for post in posts.select_related("person", "unit", "area").order_by("pk"):
        best = seen.get(post.role)
        if best is None or _load(load, post) > _load(load, best):
            seen[post.role] = post
    return [(str(label), seen[role].person, seen[role]) for role, label in Role.choices if role in seen]


def _load(load: dict[int, dict[str, int]], post: Post) -> int:
    return load.get(post.unit_id, {}).get("open", 0) if post.unit_id and post.role in (Role.HEAD, Role.LIAISON) else 0
