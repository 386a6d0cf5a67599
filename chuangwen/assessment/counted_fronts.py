"""The two fronts that are no draw of places: what is in the dossier, counted in full, and what residents answered."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction
from functools import cached_property
from typing import NamedTuple

from chuangwen.dossier.queries import material_states
from chuangwen.kernel.scoring.fronts import Score
from chuangwen.kernel.scoring.quantiles import CONFIDENCE, CONTEXT, two_sided_normal
from chuangwen.standards.models import Edition, Material, Method, Question, Requirement, Series, SeriesValue
from chuangwen.surveys.models import AnswerCount
from chuangwen.tasks.models import State as TaskState
from chuangwen.tasks.models import Task

# Methods whose proof is on paper; counted, not drawn.
ON_PAPER = (Method.MATERIAL, Method.SERIES, Method.OVERVIEW, Method.DEPARTMENT, Method.HOTLINE)


class Counted(NamedTuple):
    """One requirement of a counted front: its full points, the share reached (0 to 1), over how many parts."""

    full: Decimal
    share: Fraction
    parts: int


@dataclass(frozen=True)
class CountedFront:
    """A front with its requirements: score out of 100, margin 0 where all was counted."""

    score: Score
    found: Mapping[int, Counted]
    n: int  # answers behind it, or requirements counted

    @cached_property
    def losses(self) -> Mapping[int, Fraction]:
        """By requirement, the share of 1 it takes from the front; with the score they add up to 1."""
        whole = sum((Fraction(row.full) for row in self.found.values()), Fraction())
        return {key: Fraction(row.full) * (1 - row.share) / whole for key, row in self.found.items()}


def _weighted(found: Mapping[int, Counted]) -> Fraction | None:
    whole = sum((Fraction(row.full) for row in found.values()), Fraction())
    if not whole:
        return None
    return sum((Fraction(row.full) * row.share for row in found.values()), Fraction()) / whole


def paper_front(edition: Edition, year: int) -> CountedFront | None:
    """What is proved on paper now: accepted materials, confirmed figures that reach their target, finished tasks.

    A requirement's share is the share of its materials accepted (of its series that are confirmed and reach the target;
    1 when a task of it is done, for the other methods). None where the edition has no such requirement.
    """
    rows = Requirement.objects.filter(node__edition=edition, method__in=ON_PAPER, waived_reason="")
    full = {pk: (method, points) for pk, method, points in rows.values_list("pk", "method", "full")}
    states = material_states(edition, year)
    parts: dict[int, list[bool]] = defaultdict(list)
    for pk, requirement in Material.objects.filter(requirement__node__edition=edition).values_list(
        "pk", "requirement_id"
    ):
        parts[requirement].append(states.get(pk) == "accepted")
    for requirement, met in _series(edition, year):
        parts[requirement].append(met)
    done = Task.objects.filter(requirement__node__edition=edition, state=TaskState.DONE).values_list(
        "requirement_id", flat=True
    )
    finished = set(done.distinct())
    found = {}
    for pk, (method, points) in full.items():
        each = parts.get(pk) or (
            [pk in finished] if method not in (Method.MATERIAL, Method.SERIES) else [False]
        )
        found[pk] = Counted(points, Fraction(sum(each), len(each)), len(each))
    value = _weighted(found)
    return None if value is None else CountedFront(Score(100 * value), found, len(found))


def _series(edition: Edition, year: int) -> Iterable[tuple[int, bool]]:
    """(requirement, whether the confirmed figure of the year reaches the target) of every series."""
    confirmed = SeriesValue.objects.filter(
        series__requirement__node__edition=edition, year=year, confirmed_by__isnull=False
    )
    values = dict(confirmed.values_list("series_id", "value"))
    rows = Series.objects.filter(requirement__node__edition=edition)
    for pk, requirement, target, relation in rows.values_list("pk", "requirement_id", "target", "relation"):
        value = values.get(pk)
        reached = value is not None and (
            target is None or (value <= target if relation == "<=" else value >= target)
        )
        yield requirement, reached


def survey_front(edition: Edition, year: int, confidence: Decimal = CONFIDENCE) -> CountedFront | None:
    """What residents answered in the year's batches: the mean share of the mark of each question, weighed by requirement.

    The margin takes each question as a simple random sample of its own answers, s²/(n − 1) (Cochran 1977, (2.20)), and
    all questions as asked of the same people: margins add up, the most any dependence makes. None without answers.
    """
    options = {
        pk: (requirement, [Fraction(str(share)) for _words, share in choices])
        for pk, requirement, choices in Question.objects.filter(
            requirement__node__edition=edition
        ).values_list("pk", "requirement_id", "options")
    }
    counts: dict[int, dict[int, int]] = defaultdict(dict)
    rows = AnswerCount.objects.filter(batch__edition=edition, batch__to_on__year=year)
    for question, option, n in rows.values_list("question_id", "option", "n"):
        counts[question][option] = counts[question].get(option, 0) + n
    marks: dict[int, list[tuple[Fraction, Fraction, int]]] = defaultdict(list)
    for question, by_option in counts.items():
        requirement, shares = options[question]
        n = sum(by_option.values())
        if n:
            mean = sum((shares[o] * k for o, k in by_option.items()), Fraction()) / n
            spread = sum((shares[o] ** 2 * k for o, k in by_option.items()), Fraction()) / n - mean * mean
            marks[requirement].append((mean, spread / (n - 1) if n > 1 else spread, n))
    full = dict(Requirement.objects.filter(pk__in=marks).values_list("pk", "full"))
    found = {
        pk: Counted(
            full[pk], sum((m for m, _v, _n in each), Fraction()) / len(each), sum(n for _m, _v, n in each)
        )
        for pk, each in marks.items()
    }
    value = _weighted(found)
    if value is None:
        return None
    whole = sum((Fraction(row.full) for row in found.values()), Fraction())
    with localcontext(CONTEXT):
        z = two_sided_normal(confidence)
        margin = Decimal()
        for pk, each in marks.items():
            weight = Fraction(full[pk]) / whole / len(each)
            for _mean, variance, _n in each:
                deviation = (Decimal(variance.numerator) / variance.denominator).sqrt()
                margin += Decimal(weight.numerator) / weight.denominator * deviation * z
    return CountedFront(
        Score(100 * value, 100 * margin, 100 * margin),
        found,
        max(n for each in marks.values() for _m, _v, n in each),
    )
