"""What a batch says: the share of each option with its margin, each floor met or not, and one score with the weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction
from functools import cached_property

from chuangwen.kernel.scoring.estimate import Estimate, Stratum, decimal, estimate
from chuangwen.kernel.scoring.quantiles import CONFIDENCE, CONTEXT, two_sided_normal
from chuangwen.kernel.scoring.rates import Rate
from chuangwen.standards.models import Question
from chuangwen.surveys.models import AnswerCount, Batch
from chuangwen.surveys.scales import fits

# So many people that asking some leaves as many: the city's own number is not known here, and hardly matters.
EVERYBODY = 10**9
MET, MISSED, OPEN = "met", "missed", "open"


@dataclass(frozen=True)
class OptionFigure:
    """One option: its words, the share of the mark it earns, and how many of those who answered chose it."""

    words: str
    mark: Fraction
    rate: Rate

    @cached_property
    def margin(self) -> Decimal | None:
        """Half of Wilson's interval at 95 %, in per cent; None where nobody answered."""
        found = self.rate.interval(CONFIDENCE)
        return Decimal(f"{50 * (found[1] - found[0]):.1f}") if found else None


@dataclass(frozen=True)
class QuestionFigure:
    """One question of a batch; `answered` of the `valid` questionnaires have an answer, the others left it out."""

    question: Question
    options: tuple[OptionFigure, ...]
    answered: int
    valid: int
    mean: Estimate | None  # mean share of the mark, 0 to 1
    fits: bool

    @property
    def unanswered(self) -> int:
        return self.valid - self.answered

    @property
    def verdict(self) -> str:
        """The mean mark against the floor: met or missed only where the whole interval is; "" without a floor."""
        floor = self.question.floor
        if floor is None or self.mean is None:
            return ""
        return MET if self.mean.low >= floor else MISSED if self.mean.high < floor else OPEN


@dataclass(frozen=True)
class BatchFigures:
    """A batch with all questions of its edition, in the order of the tree; those not asked have no answers."""

    batch: Batch
    questions: tuple[QuestionFigure, ...]

    @property
    def asked(self) -> tuple[QuestionFigure, ...]:
        return tuple(q for q in self.questions if q.answered)

    @cached_property
    def score(self) -> tuple[Fraction, Decimal] | None:
        """Score out of 100 with its margin, over what was asked; None without answers.

        The mean mark of each requirement's questions, weighed by its points; margins of the questions add up, since all
        were asked of the same people (s²/(n − 1) each, Cochran 1977, (2.20)). The same as the year's survey front where
        the year has this batch alone.
        """
        by_requirement: dict[int, list[QuestionFigure]] = {}
        for asked in self.asked:
            by_requirement.setdefault(asked.question.requirement_id, []).append(asked)
        whole = sum(
            (Fraction(each[0].question.requirement.full) for each in by_requirement.values()), Fraction()
        )
        if not whole:
            return None
        value = Fraction()
        with localcontext(CONTEXT):
            z, margin = two_sided_normal(CONFIDENCE), Decimal()
            for each in by_requirement.values():
                weight = Fraction(each[0].question.requirement.full) / whole / len(each)
                for figure in each:
                    mean, variance = _moments(figure.options, figure.answered)
                    value += weight * mean
                    margin += decimal(weight) * decimal(variance).sqrt() * z
            return 100 * value, 100 * margin


def _moments(options: Sequence[OptionFigure], n: int) -> tuple[Fraction, Fraction]:
    """Mean mark and the variance of that mean."""
    total, squares = _sums(options)
    mean = total / n
    spread = squares / n - mean * mean
    return mean, spread / (n - 1) if n > 1 else spread


def _sums(options: Sequence[OptionFigure]) -> tuple[Fraction, Fraction]:
    total = sum((o.mark * o.rate.numerator for o in options), Fraction())
    return total, sum((o.mark**2 * o.rate.numerator for o in options), Fraction())


def questions_of(batch: Batch) -> list[Question]:
    """The questions of the batch's edition in the order of its tree; those of waived requirements are not asked."""
    rows = Question.objects.filter(requirement__node__edition=batch.edition_id, requirement__waived_reason="")
    return list(rows.select_related("requirement__node").order_by("requirement__node__rank", "code"))


def counts_of(batch: Batch) -> dict[int, dict[int, int]]:
    """Question → option → how many."""
    counts: dict[int, dict[int, int]] = {}
    for question, option, n in AnswerCount.objects.filter(batch=batch).values_list(
        "question_id", "option", "n"
    ):
        counts.setdefault(question, {})[option] = n
    return counts


def batch_figures(batch: Batch) -> BatchFigures:
    """Every figure of one batch, in two queries."""
    counts = counts_of(batch)
    return BatchFigures(batch, tuple(_figure(batch, q, counts.get(q.pk, {})) for q in questions_of(batch)))


def _figure(batch: Batch, question: Question, by_option: dict[int, int]) -> QuestionFigure:
    n = sum(by_option.values())
    options = tuple(
        OptionFigure(str(words), Fraction(str(mark)), Rate(by_option.get(place, 0), n))
        for place, (words, mark) in enumerate(question.options)
    )
    mean = None
    if n:
        total, squares = _sums(options)
        mean = estimate([Stratum(question.code, EVERYBODY, n, total, squares)])
    words = [option.words for option in options]
    return QuestionFigure(question, options, n, batch.valid, mean, fits(question.text, words))
