"""What the city tells about itself month by month: received, taken, on time, satisfied; always with the denominator.

Counted are residents' own messages and the cases they became, without a covert one. A number from 1 to 4 is not told,
nor a rate of fewer than 5; where that would leave one number that a sum gives away, the next smallest is not told
either. A hand-over changes no figure.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from django.db.models import Count, F, Q
from django.db.models.functions import TruncMonth
from django.utils import timezone

from chuangwen.kernel.city import briefly
from chuangwen.kernel.models import Place
from chuangwen.kernel.scoring.rates import Rate
from chuangwen.problems.models import Case, CaseKind, Source, State, Submission, SubmissionState

MONTHS = 12
LEAST = 5  # fewer are not told
KEEP_SECONDS = 300.0

Key = tuple[str, int | None, int | None]  # month "2026-11", street, kind


class Cell(NamedTuple):
    """The counts of one month, street and kind, or sums of such."""

    received: int = 0
    taken: int = 0
    due: int = 0
    on_time: int = 0
    rated: int = 0
    satisfied: int = 0

    def plus(self, other: Cell) -> Cell:
        return Cell(*(a + b for a, b in zip(self, other, strict=True)))


class Line(NamedTuple):
    """One line of a table; `None` is a number that is not told."""

    name: str
    received: int | None
    taken: int | None
    on_time: Rate | None
    satisfied: Rate | None


def months_until(day: dt.date, count: int = MONTHS) -> list[str]:
    """That many months up to the one of the day, oldest first, as "2026-11"."""
    number = day.year * 12 + day.month - 1
    return [f"{n // 12}-{n % 12 + 1:02d}" for n in range(number - count + 1, number + 1)]


def start_of(month: str) -> dt.datetime:
    return timezone.make_aware(dt.datetime(int(month[:4]), int(month[5:]), 1))


def _by_month(rows: Any, column: str, street: str, kind: str, **counts: Any) -> Iterable[dict[str, Any]]:
    return (
        rows.order_by().values(month=TruncMonth(column), street_=F(street), kind_=F(kind)).annotate(**counts)
    )


def count(first: dt.datetime) -> dict[Key, Cell]:
    """All cells since that moment; three queries, whatever the number of rows."""
    found: dict[Key, Counter[str]] = {}
    told = Submission.objects.exclude(case__source=Source.COVERT)
    received = _by_month(
        told.filter(received_at__gte=first), "received_at", "case__street", "case__kind",
        received=Count("pk"), taken=Count("pk", filter=Q(state=SubmissionState.TAKEN)),
    )  # fmt: skip
    rated = _by_month(
        told.filter(rated_at__gte=first, is_satisfied__isnull=False), "rated_at", "case__street", "case__kind",
        rated=Count("pk"), satisfied=Count("pk", filter=Q(is_satisfied=True)),
    )  # fmt: skip
    cases = Case.objects.filter(
        fix_due_at__gte=first, fix_due_at__lt=timezone.now(), submissions__isnull=False
    )
    cases = (
        cases.exclude(source=Source.COVERT)
        .exclude(state__in=(State.VOID, State.MERGED, State.HELD))
        .distinct()
    )
    good = Q(state__in=(State.CLOSED, State.SPOT), answered_at__lte=F("fix_due_at"))
    due = _by_month(
        cases, "fix_due_at", "street", "kind",
        due=Count("pk", distinct=True), on_time=Count("pk", filter=good, distinct=True),
    )  # fmt: skip
    for rows in (received, rated, due):
        for row in rows:
            month, street, kind = row.pop("month"), row.pop("street_"), row.pop("kind_")
            found.setdefault((f"{month:%Y-%m}", street, kind), Counter()).update(row)
    return {key: Cell(**counts) for key, counts in found.items()}


def _none() -> dict[str, dict[Key, Cell]]:
    return {}


_kept = briefly(_none, seconds=KEEP_SECONDS)


def cells(today: dt.date | None = None) -> dict[Key, Cell]:
    """The cells of the last 12 months; counted once in some minutes by each process."""
    first = months_until(today or timezone.localdate())[0]
    kept = _kept()
    if first not in kept:
        kept[first] = count(start_of(first))
    return kept[first]


def told_counts(values: list[int]) -> list[int | None]:
    """The numbers that may be told: none from 1 to 4, and never just one missing, which their sum would give away."""
    hidden = {i for i, n in enumerate(values) if 0 < n < LEAST}
    if len(hidden) == 1:
        others = [i for i, n in enumerate(values) if i not in hidden and n > 0]
        if others:
            hidden.add(min(others, key=lambda i: (values[i], i)))
    return [None if i in hidden else n for i, n in enumerate(values)]


def _rate(part: int, whole: int) -> Rate | None:
    return Rate(part, whole) if whole >= LEAST or not whole else None


def _lines(named: list[tuple[str, Cell]]) -> list[Line]:
    received = told_counts([cell.received for _name, cell in named])
    taken = told_counts([cell.taken for _name, cell in named])
    return [
        Line(name, received[i], taken[i], _rate(cell.on_time, cell.due), _rate(cell.satisfied, cell.rated))
        for i, (name, cell) in enumerate(named)
    ]


def _summed(found: dict[Key, Cell], part: Callable[[Key], Any]) -> dict[Any, Cell]:
    sums: dict[Any, Cell] = {}
    for key, cell in found.items():
        sums[part(key)] = sums.get(part(key), Cell()).plus(cell)
    return sums


def by_month(today: dt.date | None = None) -> list[Line]:
    """One line for each of the last 12 months, oldest first; a month without anything is there too."""
    today = today or timezone.localdate()
    sums = _summed(cells(today), lambda key: key[0])
    return _lines([(month, sums.get(month, Cell())) for month in months_until(today)])


def by_part(month: str, part: str, today: dt.date | None = None) -> list[Line]:
    """One month by `street` or `kind`, in the order of their codes; what has none (not read yet) comes last."""
    found = {key: cell for key, cell in cells(today).items() if key[0] == month}
    sums = _summed(found, lambda key: key[1 if part == "street" else 2])
    if part == "street":
        names = list(
            Place.objects.filter(pk__in=[pk for pk in sums if pk])
            .order_by("code")
            .values_list("pk", "short_name")
        )
    else:
        names = list(
            CaseKind.objects.filter(pk__in=[pk for pk in sums if pk])
            .order_by("code")
            .values_list("pk", "name")
        )
    named = [(name, sums[pk]) for pk, name in names]
    return _lines([*named, *([("", sums[None])] if None in sums else [])])
