"""Figures of a batch: shares with margins, floors, and a score that is the year's front where it is alone."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chuangwen.kernel.scoring.rates import Rate
from chuangwen.surveys.actions import save_counts
from chuangwen.surveys.queries import OptionFigure, _moments, batch_figures


def test_shares_margins_floors_and_the_unanswered(survey):
    first, second, _third = survey.questions
    save_counts(survey.batch, {first.pk: [100, 60, 20], second.pk: [200, 0]}, by=survey.by)
    figures = batch_figures(survey.batch)
    one, two, three = figures.questions
    assert (one.answered, one.unanswered, three.answered) == (180, 20, 0)
    assert [o.rate.share for o in one.options] == ["55.6%", "33.3%", "11.1%"]
    # Wilson for 100/180 at z = 1.96 by hand: 0.4826 to 0.6262.
    assert one.options[0].margin == Decimal("7.2")
    assert one.mean is not None and one.mean.value == Fraction(130, 180)
    assert (one.verdict, two.verdict, three.verdict) == ("met", "", "")
    assert figures.asked == (one, two)
    value, margin = figures.score
    assert value == 100 * (Fraction(3, 4) * Fraction(130, 180) + Fraction(1, 4))
    # s²/(n − 1) of the first question: (100 + 15)/180 − (130/180)² over 179; the second has no spread.
    variance = (Fraction(115, 180) - Fraction(130, 180) ** 2) / 179
    assert float(margin) == pytest.approx(75 * 1.959964 * float(variance) ** 0.5, rel=1e-5)


def test_a_floor_inside_the_margin_is_open(survey):
    first = survey.questions[0]
    for counts, wanted in (([60, 0, 0], "met"), ([31, 10, 19], "open"), ([5, 5, 40], "missed")):
        save_counts(survey.batch, {first.pk: counts}, by=survey.by)
        assert batch_figures(survey.batch).questions[0].verdict == wanted


def test_alone_in_its_year_a_batch_is_the_front(survey):
    from chuangwen.assessment.counted_fronts import survey_front

    first, second, third = survey.questions
    save_counts(
        survey.batch, {first.pk: [100, 60, 20], second.pk: [120, 80], third.pk: [1, 2, 3]}, by=survey.by
    )
    front, own = survey_front(survey.edition, 2026), batch_figures(survey.batch).score
    assert front is not None and own is not None
    assert front.score.value == own[0]
    assert float(front.score.above) == pytest.approx(float(own[1]), abs=1e-9)


def test_no_answers_no_score(survey, django_assert_num_queries):
    with django_assert_num_queries(2):
        figures = batch_figures(survey.batch)
    assert figures.score is None and figures.asked == ()


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 50)), min_size=2, max_size=5))
def test_the_variance_of_the_mean_is_that_of_the_answers_written_out(options):
    n = sum(count for _mark, count in options)
    if n < 2:
        return
    figures = [OptionFigure("", Fraction(mark, 4), Rate(count, n)) for mark, count in options]
    written = [Fraction(mark, 4) for mark, count in options for _ in range(count)]
    mean = sum(written) / n
    unbiased = sum((x - mean) ** 2 for x in written) / (n - 1)
    assert _moments(figures, n) == (mean, unbiased / n)
