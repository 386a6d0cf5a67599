"""Two people close the same month at once: one ranking, every row counted once."""

from __future__ import annotations

import pytest

from chuangwen.assessment.closing import close_month
from chuangwen.assessment.ranking_flow import RankingFlow
from chuangwen.assessment.ranking_models import RankFact, Ranking
from chuangwen.kernel.models import Notice
from chuangwen.kernel.workflow.flow import Refused
from tests.assessment.ranking.conftest import OCTOBER
from tests.assessment.ranking.test_flow import PUBLISHED
from tests.problems.test_at_once import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_closed_by_three_at_once_and_published_by_two(october):
    results = at_once(lambda i: close_month("unit", OCTOBER, by=october.office), 3)
    assert len({result.pk for result in results}) == 1
    ranking = Ranking.objects.get()
    assert RankFact.objects.filter(measure="fixed_in_time").count() == 16 and ranking.lines.count() == 3
    results = at_once(lambda i: RankingFlow.take(ranking, "publish", by=october.office, at=PUBLISHED), 2)
    assert [type(result) for result in results if isinstance(result, Exception)] == [Refused]
    assert Notice.objects.filter(kind="preview").count() == 3
