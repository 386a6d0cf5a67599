"""Sums kept beside the observations: by visit, by check item and street, by pair of raters; grown, reversed, recounted.

A place nothing applies to (不涉及) counts nowhere. "Failed" is whatever is to be mended: not met, or met in part. Pairs
are counted from the moment everybody may know of the round: before that their very number would tell of it.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from chuangwen.inspections.grading import FAULTY, NOT_HERE, PASS
from chuangwen.inspections.models import Observation, PairTally, Round, State, Tally, Visit, VisitState

SUMS = ("n", "failed", "points", "full", "points_sq")
CELLS = ("both_pass", "pass_fail", "fail_pass", "both_fail")


class PairKey(NamedTuple):
    month: dt.date
    check_item_id: int
    first_by_id: int
    second_by_id: int


def line_of(row: Observation) -> tuple[int, ...]:
    """What one observation adds to its tally, in the order of SUMS."""
    if row.result == NOT_HERE:
        return (0, 0, 0, 0, 0)
    return (1, int(row.result in FAULTY), row.points, row.full, row.points**2)


def visit_sums(rows: Iterable[Observation], requirement_of: Mapping[int, int]) -> dict[str, object]:
    """The columns of a visit that its observations make."""
    rows = list(rows)
    sums: dict[str, list[int]] = {}
    for row in rows:
        if row.result != NOT_HERE:
            cell = sums.setdefault(str(requirement_of[row.check_item_id]), [0, 0])
            cell[0] += row.points
            cell[1] += row.full
    return {
        "points": sum(row.points for row in rows), "full": sum(row.full for row in rows),
        "failed": sum(row.result in FAULTY for row in rows), "sums": sums,
    }  # fmt: skip


def grow(round_id: int, street_id: int, rows: Iterable[Observation], sign: int = 1) -> None:
    """Adds (or takes away) first ratings to the tallies of their round and street, inside the caller's transaction."""
    lines: dict[int, list[int]] = defaultdict(lambda: [0] * len(SUMS))
    for row in rows:
        for at, value in enumerate(line_of(row)):
            lines[row.check_item_id][at] += sign * value
    if sign > 0:
        if lines:
            _add(round_id, street_id, sorted(lines.items()))
        return
    for pk, values in sorted(lines.items()):
        if any(values):
            added = {name: F(name) + value for name, value in zip(SUMS, values, strict=True)}
            Tally.objects.filter(round=round_id, street=street_id, check_item=pk).update(**added)


def _add(round_id: int, street_id: int, lines: list[tuple[int, list[int]]]) -> None:
    """All lines of a visit in one statement, new or known; in the order of the items, so that two visits do not lock crosswise."""
    quoted = connection.ops.quote_name
    names = [quoted(name) for name in SUMS]
    grown = ", ".join(f"{name} = inspections_tally.{name} + excluded.{name}" for name in names)
    row = f"({', '.join(['%s'] * (3 + len(SUMS)))})"
    sql = (
        f"INSERT INTO inspections_tally (round_id, street_id, check_item_id, {', '.join(names)}) "
        f"VALUES {', '.join([row] * len(lines))} ON CONFLICT (round_id, check_item_id, street_id) DO UPDATE SET {grown}"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [value for pk, values in lines for value in (round_id, street_id, pk, *values)])


def month_of(visit: Visit) -> dt.date:
    """The month a pair counts in: that of its first rating."""
    return timezone.localdate(visit.done_at).replace(day=1)


def pairs_of(
    first: Visit, second: Visit, ours: Iterable[Observation], theirs: Iterable[Observation]
) -> dict[PairKey, str]:
    """The pair of each check item both rated: key → the cell it counts in."""
    if first.by_id is None or second.by_id is None or first.done_at is None:
        return {}
    again = {row.check_item_id: row for row in theirs if row.result != NOT_HERE}
    month = month_of(first)
    return {
        PairKey(month, row.check_item_id, first.by_id, second.by_id): CELLS[
            2 * (row.result != PASS) + (again[row.check_item_id].result != PASS)
        ]
        for row in ours
        if row.result != NOT_HERE and row.check_item_id in again
    }


def grow_pairs(pairs: Mapping[PairKey, str], sign: int = 1) -> None:
    """Adds (or takes away) pairs to the tallies by month, check item and raters, inside the caller's transaction."""
    PairTally.objects.bulk_create(
        (PairTally(**key._asdict()) for key in sorted(pairs)), ignore_conflicts=True
    )
    for key, cell in sorted(pairs.items()):
        PairTally.objects.filter(**key._asdict()).update(**{cell: F(cell) + sign})


def pairs_at(visit: Visit) -> dict[PairKey, str]:
    """The pairs this visit takes part in now; none while its other rating is missing."""
    other = (
        Visit.objects.filter(round=visit.round_id, place=visit.place_id, state=VisitState.DONE)
        .exclude(pk=visit.pk)
        .first()
    )
    if other is None:
        return {}
    first, second = (other, visit) if visit.is_second else (visit, other)
    rows = {first.pk: [], second.pk: []}  # type: dict[int, list[Observation]]
    for row in Observation.objects.filter(visit__in=rows):
        rows[row.visit_id].append(row)
    return pairs_of(first, second, rows[first.pk], rows[second.pk])


def pairs_in(rounds: Iterable[int]) -> dict[PairKey, dict[str, int]]:
    """All pairs of these rounds, counted from the rows."""
    visits: dict[tuple[int, int], dict[bool, Visit]] = defaultdict(dict)
    for visit in Visit.objects.filter(round__in=list(rounds), state=VisitState.DONE).defer("sums"):
        visits[visit.round_id, visit.place_id][visit.is_second] = visit
    both = [pair for pair in visits.values() if len(pair) == 2]
    rows: dict[int, list[Observation]] = defaultdict(list)
    seen = Observation.objects.filter(visit__in=[v.pk for pair in both for v in pair.values()])
    for row in seen.only("visit_id", "check_item_id", "result"):
        rows[row.visit_id].append(row)
    found: dict[PairKey, dict[str, int]] = defaultdict(lambda: dict.fromkeys(CELLS, 0))
    for pair in both:
        first, second = pair[False], pair[True]
        for key, cell in pairs_of(first, second, rows[first.pk], rows[second.pk]).items():
            found[key][cell] += 1
    return found


def recount(row: Round) -> list[str]:
    """Makes the sums of a round anew from its rows; returns what was found wrong (nothing, if all is well)."""
    with transaction.atomic():
        Round.objects.select_for_update(of=("self",)).get(pk=row.pk)
        return [*_recount_visits(row), *_recount_tallies(row), *_recount_pairs(row)]


def _recount_visits(row: Round) -> list[str]:
    rows: dict[int, list[Observation]] = defaultdict(list)
    requirement_of: dict[int, int] = {}
    seen = Observation.objects.filter(visit__round=row).select_related("check_item").only(
        "visit_id", "check_item__requirement_id", "result", "points", "full"
    )  # fmt: skip
    for one in seen:
        rows[one.visit_id].append(one)
        requirement_of[one.check_item_id] = one.check_item.requirement_id
    wrong = []
    for visit in Visit.objects.filter(round=row):
        right = visit_sums(rows[visit.pk], requirement_of)
        if any(getattr(visit, name) != value for name, value in right.items()):
            wrong.append(f"visit {visit.pk}")
            Visit.objects.filter(pk=visit.pk).update(**right)
    return wrong


def _recount_tallies(row: Round) -> list[str]:
    right: dict[tuple[int, int], list[int]] = defaultdict(lambda: [0] * len(SUMS))
    first = Observation.objects.filter(visit__round=row, visit__is_second=False).select_related("visit")
    for one in first.only("check_item_id", "visit__street_id", "result", "points", "full"):
        for at, value in enumerate(line_of(one)):
            right[one.check_item_id, one.visit.street_id][at] += value
    wrong = []
    for tally in Tally.objects.filter(round=row):
        values = right.pop((tally.check_item_id, tally.street_id), [0] * len(SUMS))
        if [getattr(tally, name) for name in SUMS] != values:
            wrong.append(f"tally {tally.check_item_id} {tally.street_id}")
            Tally.objects.filter(pk=tally.pk).update(**dict(zip(SUMS, values, strict=True)))
    for (item, street), values in right.items():
        if any(values):
            wrong.append(f"tally {item} {street}")
        sums = dict(zip(SUMS, values, strict=True))
        Tally.objects.create(round=row, check_item_id=item, street_id=street, **sums)
    return wrong


def _recount_pairs(row: Round) -> list[str]:
    """The pairs of all months this round touches, over all rounds everybody may know of."""
    done = Visit.objects.filter(state=VisitState.DONE, done_at__isnull=False)
    # All months the round may have visits in, so that a pair left over from a visit opened again is found too.
    months = {row.from_on.replace(day=1)}
    while (after := (max(months) + dt.timedelta(days=32)).replace(day=1)) <= row.to_on:
        months.add(after)
    shown = Round.objects.filter(is_secret=False) | Round.objects.filter(state=State.RELEASED)
    rounds = {pk for month in months for pk in done.filter(
        round__in=shown, done_at__gte=_start(month), done_at__lt=_start(month + dt.timedelta(days=32)),
    ).values_list("round_id", flat=True)}  # fmt: skip
    right = {key: cells for key, cells in pairs_in(rounds).items() if key.month in months}
    wrong = []
    for tally in PairTally.objects.filter(month__in=months):
        key = PairKey(tally.month, tally.check_item_id, tally.first_by_id, tally.second_by_id)
        cells = right.pop(key, dict.fromkeys(CELLS, 0))
        if any(getattr(tally, name) != value for name, value in cells.items()):
            wrong.append(f"pair {key}")
            PairTally.objects.filter(pk=tally.pk).update(**cells)
    for key, cells in right.items():
        wrong.append(f"pair {key}")
        PairTally.objects.create(**key._asdict(), **cells)
    return wrong


def _start(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day.replace(day=1), dt.time()))
