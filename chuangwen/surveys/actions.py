"""Batches entered and mended, and how many gave which answer: checked as a whole, saved or not at all, and logged."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from chuangwen.kernel.people.models import Person
from chuangwen.kernel.workflow import history
from chuangwen.kernel.workflow.flow import NotAllowed, Refused
from chuangwen.standards.models import Edition, Question
from chuangwen.surveys import rules
from chuangwen.surveys.models import AnswerCount, Batch


@dataclass(frozen=True)
class BatchFacts:
    """What is known of a batch: which edition's questions, when, by which channel, how many out and back."""

    edition: Edition
    name: str
    channel: str
    from_on: dt.date
    to_on: dt.date
    given: int
    valid: int
    source: str = ""


class BadCounts(Refused):
    """Counts that cannot be; `faults` says what is wrong by question."""

    def __init__(self, faults: Mapping[int, str]) -> None:
        self.faults = faults
        super().__init__(
            _("有 %(n)d 道题的份数不对，什么都没有保存。改正标出的题再保存。") % {"n": len(faults)}
        )


def _may(by: Person) -> None:
    if not rules.edit.allows(by, None):
        raise NotAllowed(_("只有创建办能录入问卷。找创建办办理。"))


def _check(facts: BatchFacts) -> None:
    if facts.to_on < facts.from_on:
        raise Refused(_("止的日期早于起的日期。核对日期。"))
    if facts.valid > facts.given:
        raise Refused(
            _("有效 %(valid)d 份多于发放 %(given)d 份。核对份数。")
            % {"valid": facts.valid, "given": facts.given}
        )


@transaction.atomic
def enter_batch(facts: BatchFacts, *, by: Person) -> Batch:
    """Makes a batch. The same facts sent twice give the batch made first; another batch of that name is refused."""
    _may(by)
    _check(facts)
    Edition.objects.select_for_update().get(
        pk=facts.edition.pk
    )  # one writer: sent twice at once makes one row
    old = Batch.objects.filter(edition=facts.edition, name=facts.name).first()
    if old is not None:
        if all(getattr(old, key) == value for key, value in vars(facts).items()):
            return old
        raise Refused(_("“%(edition)s”已有名为“%(name)s”的批次。换一个名称，或打开那个批次修改。") % {
            "edition": facts.edition, "name": facts.name})  # fmt: skip
    batch = Batch(**vars(facts))
    _clean(batch)
    batch.save()
    history.log_change(batch, by_id=by.pk, changes={k: (None, v) for k, v in _logged(facts).items()})
    return batch


@transaction.atomic
def change_batch(batch: Batch, facts: BatchFacts, *, by: Person) -> Batch:
    """Mends a batch; refused where its answers would no longer fit: another edition, or fewer than answered a question."""
    _may(by)
    _check(facts)
    batch = Batch.objects.select_for_update().get(pk=batch.pk)
    answered = _most_answered(batch)
    if answered and facts.edition != batch.edition:
        raise Refused(_("已录入答案的批次不能换测评体系。另建一个批次。"))
    if facts.valid < answered:
        raise Refused(_("有一道题已录 %(n)d 份答案，有效份数不能更少。先改答案份数。") % {"n": answered})
    before = {key: getattr(batch, key) for key in vars(facts)}
    for key, value in vars(facts).items():
        setattr(batch, key, value)
    _clean(batch)
    batch.save()
    changes = {k: (_plain(before[k]), v) for k, v in _logged(facts).items() if _plain(before[k]) != v}
    history.log_change(batch, by_id=by.pk, changes=changes)
    return batch


def _clean(batch: Batch) -> None:
    try:
        batch.full_clean()
    except ValidationError as fault:
        raise Refused("".join(fault.messages)) from fault


def _plain(value: Any) -> Any:
    return value.pk if isinstance(value, Edition) else value


def _logged(facts: BatchFacts) -> dict[str, Any]:
    return {key: _plain(value) for key, value in vars(facts).items() if value != ""}


def _most_answered(batch: Batch) -> int:
    rows = AnswerCount.objects.filter(batch=batch).values("question").annotate(total=Sum("n"))
    return max((row["total"] for row in rows), default=0)


@transaction.atomic
def save_counts(batch: Batch, counts: Mapping[int, Sequence[int]], *, by: Person) -> int:
    """Writes the counts of these questions (key → count of each option in order; none: not asked); questions changed.

    Counts not named stay. Raises BadCounts, and writes nothing, where a question is not of the batch's edition, has
    another number of options, a count below 0, or more answers than the batch has valid questionnaires.
    """
    _may(by)
    batch = Batch.objects.select_for_update().get(pk=batch.pk)
    questions = {
        q.pk: q for q in Question.objects.filter(requirement__node__edition=batch.edition_id, pk__in=counts)
    }
    faults = {pk: said for pk, given in counts.items() if (said := _fault(batch, questions.get(pk), given))}
    if faults:
        raise BadCounts(faults)
    old: dict[int, dict[int, int]] = {}
    for row in AnswerCount.objects.filter(batch=batch, question__in=counts):
        old.setdefault(row.question_id, {})[row.option] = row.n
    changes: dict[str, tuple[Any, Any]] = {}
    for pk, given in counts.items():
        was = [old.get(pk, {}).get(i, 0) for i in range(len(questions[pk].options))] if pk in old else []
        if list(given) != was:
            changes[questions[pk].code] = (was, list(given))
    changed = [pk for pk in counts if questions[pk].code in changes]
    AnswerCount.objects.filter(batch=batch, question__in=changed).delete()
    AnswerCount.objects.bulk_create(
        AnswerCount(batch=batch, question_id=pk, option=i, n=n)
        for pk in changed
        for i, n in enumerate(counts[pk])
    )
    history.log_change(batch, by_id=by.pk, changes=changes)
    return len(changed)


def _fault(batch: Batch, question: Question | None, given: Sequence[int]) -> str:
    """What is wrong with the counts of one question; "" where nothing is."""
    if question is None:
        return _("这道题不在批次的测评体系里。重新打开批次。")
    if not given:
        return ""
    if len(given) != len(question.options):
        return _("选项数与题目不符，题目可能刚改过。重新打开批次。")
    if any(n < 0 for n in given):
        return _("份数不能小于 0。核对份数。")
    if sum(given) > batch.valid:
        return _("各选项合计 %(total)d 份，多于有效 %(valid)d 份。核对份数。") % {
            "total": sum(given), "valid": batch.valid}  # fmt: skip
    return ""
