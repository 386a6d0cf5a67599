"""Batches and counts: checked as a whole, saved once, logged."""

from __future__ import annotations

import dataclasses

import pytest

from chuangwen.kernel.models import Entry
from chuangwen.kernel.workflow import history
from chuangwen.kernel.workflow.flow import NotAllowed, Refused
from chuangwen.standards.models import Edition
from chuangwen.surveys.actions import BadCounts, change_batch, enter_batch, save_counts
from chuangwen.surveys.models import AnswerCount, Batch


def test_a_batch_sent_twice_is_made_once_and_another_of_its_name_is_refused(survey):
    assert enter_batch(survey.facts, by=survey.by) == survey.batch
    with pytest.raises(Refused, match="已有名为"):
        enter_batch(dataclasses.replace(survey.facts, valid=199), by=survey.by)
    assert Batch.objects.count() == 1


@pytest.mark.parametrize(("change", "said"), [({"valid": 251}, "多于发放"), ({"to_on": None}, "早于")])
def test_impossible_batches_are_refused(survey, change, said):
    if "to_on" in change:
        change = {"from_on": survey.facts.to_on, "to_on": survey.facts.from_on}
    with pytest.raises(Refused, match=said):
        enter_batch(dataclasses.replace(survey.facts, name="另一批", **change), by=survey.by)
    assert Batch.objects.count() == 1


def test_only_the_office_enters(survey, town):
    for role in ("clerk", "leader", "auditor", "admin", "nobody"):
        with pytest.raises(NotAllowed):
            enter_batch(dataclasses.replace(survey.facts, name=role), by=town.people[role])
        with pytest.raises(NotAllowed):
            save_counts(survey.batch, {survey.questions[0].pk: [1, 1, 1]}, by=town.people[role])
    assert not AnswerCount.objects.exists()


def test_counts_are_saved_once_and_logged_with_old_and_new(survey):
    first, second, _third = survey.questions
    assert save_counts(survey.batch, {first.pk: [100, 60, 30], second.pk: [150, 50]}, by=survey.by) == 2
    assert save_counts(survey.batch, {first.pk: [100, 60, 30], second.pk: [150, 50]}, by=survey.by) == 0
    assert save_counts(survey.batch, {first.pk: [110, 60, 30]}, by=survey.by) == 1
    assert list(
        AnswerCount.objects.filter(question=first).order_by("option").values_list("n", flat=True)
    ) == [110, 60, 30]
    entries = Entry.objects.filter(subject="surveys.batch", subject_id=survey.batch.pk).order_by("seq")
    assert [e.step for e in entries] == ["enter", "change", "change"]
    assert entries[2].given == {"Q1": [[100, 60, 30], [110, 60, 30]]}
    assert list(history.verify()) == []
    assert save_counts(survey.batch, {first.pk: []}, by=survey.by) == 1  # not asked after all
    assert not AnswerCount.objects.filter(question=first).exists()


def test_one_bad_question_writes_nothing(survey):
    first, second, third = survey.questions
    other = Edition.objects.create(scheme=survey.scheme, name="2027", year=2027, full=100)
    survey.batch.refresh_from_db()
    bad = {first.pk: [150, 40, 11], second.pk: [-1, 3], third.pk: [1, 2], 10**9: [1]}
    with pytest.raises(BadCounts) as caught:
        save_counts(survey.batch, {**bad, first.pk: [1, 2, 3]}, by=survey.by)
    assert set(caught.value.faults) == {second.pk, third.pk, 10**9}
    with pytest.raises(BadCounts, match="1 道题"):
        save_counts(survey.batch, {first.pk: [150, 40, 11]}, by=survey.by)
    assert not AnswerCount.objects.exists()
    assert other.pk


def test_a_batch_does_not_shrink_below_its_answers_nor_change_its_questions(survey):
    save_counts(survey.batch, {survey.questions[0].pk: [100, 60, 30]}, by=survey.by)
    with pytest.raises(Refused, match="190"):
        change_batch(survey.batch, dataclasses.replace(survey.facts, valid=189), by=survey.by)
    other = Edition.objects.create(scheme=survey.scheme, name="2027", year=2027, full=100)
    with pytest.raises(Refused, match="不能换"):
        change_batch(survey.batch, dataclasses.replace(survey.facts, edition=other), by=survey.by)
    changed = change_batch(
        survey.batch, dataclasses.replace(survey.facts, valid=190, name="改名"), by=survey.by
    )
    assert (changed.valid, changed.name) == (190, "改名")
    last = Entry.objects.filter(subject="surveys.batch").order_by("-seq").first()
    assert last.given == {"valid": [200, 190], "name": ["六月入户", "改名"]}
