"""测评报告 of a kept forecast: its figures as they were kept, weak standards with who leads them, nothing invented."""

from __future__ import annotations

import pytest

from chuangwen.assessment.forecasting import current_rule, keep_forecast, points, standing
from chuangwen.assessment.test_report import draft_test_report
from chuangwen.kernel.workflow.flow import NotAllowed, Refused
from chuangwen.papers.flow import PaperFlow
from chuangwen.papers.format.content import Block, Table
from chuangwen.papers.rendering import text_of
from chuangwen.standards.models import Requirement
from tests.assessment.test_standing import YEAR, scored
from tests.papers.conftest import office

__all__ = ["office", "scored"]


def test_the_report_says_what_was_kept(scored, office):
    forecast = keep_forecast(standing(current_rule(), YEAR), by=office.people["office"])
    paper = draft_test_report(forecast, by=office.people["office"])
    text = text_of(paper)
    heads = [part.text for part in text.blocks if isinstance(part, Block) and part.level == 1]
    assert heads == ["测评概况", "分项结果", "存在的问题", "整改建议"]
    said = "\n".join(part.text for part in text.blocks if isinstance(part, Block))
    value, margin = points(forecast.value, 1), points(forecast.margin, 1)
    assert f"预计得分{value}±{margin}" in said and "置信水平" in said
    fronts, weak = (part for part in text.blocks if isinstance(part, Table))
    assert [row[1] for row in fronts.rows] == [figure["value"] for figure in paper.figures[1:]]
    codes = set(Requirement.objects.values_list("node__code", flat=True))
    assert weak.rows and {row[0] for row in weak.rows} <= codes
    assert (paper.about, paper.about_id) == ("assessment.forecast", forecast.pk)
    sent = PaperFlow.take(paper, "send", by=office.people["office"]).matter
    assert PaperFlow.take(sent, "sign", by=office.people["office2"]).matter.serial == 1


def test_who_may_and_what_is_needed(scored, office):
    forecast = keep_forecast(standing(current_rule(), YEAR), by=office.people["office"])
    with pytest.raises(NotAllowed):
        draft_test_report(forecast, by=office.people["leader"])
    with pytest.raises(Refused, match="不归你的岗位"):
        draft_test_report(forecast, by=office.people["liaison"])
    office.body.delete()
    with pytest.raises(Refused, match="还没有发文机关"):
        draft_test_report(forecast, by=office.people["office"])
