"""通报 of a frozen month: every unit's score as it is, no order inside a band, and nothing of persons."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from chuangwen.assessment.circular import draft_circular
from chuangwen.assessment.consequence_models import Consequence
from chuangwen.assessment.ranking_flow import RankingFlow
from chuangwen.assessment.ranking_models import Ranking, RankLine
from chuangwen.kernel.workflow.flow import NotAllowed, Refused
from chuangwen.papers.format.content import Table
from chuangwen.papers.models import Paper
from chuangwen.papers.rendering import text_of
from chuangwen.problems.models import Prepared, Rung
from tests.assessment.month import MONTH, month_of
from tests.papers.conftest import office
from tests.papers.test_makers import case

__all__ = ["office"]
ROWS = {
    "cgj": {"fixed_in_time": (187, 3), "passed_first": (180, 10)},
    "jtj": {"fixed_in_time": (30, 30), "passed_first": (30, 30)},
    "xhl": {"fixed_in_time": (186, 4), "passed_first": (181, 9)},
}


def frozen(town, rows=ROWS, **more):
    ranking = month_of(town, rows, **more)
    late = ranking.preview_until + dt.timedelta(days=1)
    return RankingFlow.take(ranking, "freeze", by=town.people["office"], at=late).matter


def tables(paper):
    text = text_of(paper)
    return [part for part in text.blocks if isinstance(part, Table)], text.attachments[0].blocks[0]


def test_scores_with_margins_and_possible_ranks(office):
    ranking = frozen(office)
    paper = draft_circular(ranking, by=office.people["office"])
    (bands, *_rest), details = tables(paper)
    lines = {line.name: line for line in RankLine.objects.filter(ranking=ranking)}
    assert {row[1] for row in bands.rows} == set(lines)
    for _band, name, score, ranks in bands.rows:
        line = lines[name]
        low, _dash, high = ranks.partition("—")
        assert (int(low), int(high or low)) == (line.rank_low, line.rank_high)
        assert abs(float(score.partition("±")[0]) - float(line.score)) < 0.051 and "±" in score
    shown = {row[0]: row[1:3] for row in details.rows}
    assert shown[lines["城市管理局"].name] == ("187/190", "180/190")
    assert paper.title == f"关于{MONTH.year}年{MONTH.month}月文明城市创建工作责任单位考核情况的通报"
    assert {f["link"] for f in paper.figures} == {
        f"{ranking.get_absolute_url()}{line.key}/" for line in lines.values()
    }
    assert sorted(r.unit.code for r in paper.receipts.select_related("unit")) == ["cgj", "jtj", "xhl"]


def test_inside_a_band_the_better_score_is_not_named_first(office):
    """Two units within the margin: the order printed is the same whichever of them has the higher score."""
    orders = []
    for month, (a, b) in (((MONTH), ("cgj", "xhl")), (MONTH.replace(month=9), ("xhl", "cgj"))):
        rows = {a: ROWS["cgj"], b: {"fixed_in_time": (185, 5), "passed_first": (180, 10)}, "jtj": ROWS["jtj"]}
        (bands, *_rest), _details = tables(
            draft_circular(frozen(office, rows, month=month), by=office.people["office"])
        )
        first = (
            RankLine.objects.filter(unit=office.units["cgj"], ranking__month=month)
            .values_list("band", flat=True)
            .get()
        )
        same = {line.name for line in RankLine.objects.filter(ranking__month=month, band=first)}
        assert {"城市管理局", "新华路街道办"} <= same
        orders.append([row[1] for row in bands.rows if row[1] in same])
    assert orders[0] == orders[1]


def test_measures_taken_are_told_and_lifted_ones_are_not(office):
    more = {"unit": office.units["jtj"], "on": MONTH, "month": MONTH, "person": office.people["liaison2"]}
    Consequence.objects.create(kind="criticism", ground="多次超期", **more)
    Consequence.objects.create(kind="deduct", ground="已经撤销的", points=2, lifted_on=MONTH, **more)
    paper = draft_circular(frozen(office), by=office.people["office"])
    cells = [cell for table in tables(paper)[0] for row in table.rows for cell in row]
    assert "多次超期" in cells and "已经撤销的" not in cells
    assert office.people["liaison2"].name not in str(paper.content)


def test_what_is_no_circular(office):
    preview = month_of(office, ROWS)
    with pytest.raises(Refused, match="还没有定稿"):
        draft_circular(preview, by=office.people["office"])
    with pytest.raises(Refused, match="不归你的岗位"):
        draft_circular(preview, by=office.people["inspector"])
    late = preview.preview_until + dt.timedelta(days=1)
    done = RankingFlow.take(preview, "freeze", by=office.people["office"], at=late).matter
    with pytest.raises(NotAllowed):
        draft_circular(done, by=office.people["clerk"])
    Ranking.objects.filter(pk=done.pk).update(subject_kind="dispatcher")
    done.refresh_from_db()
    with pytest.raises(Refused, match="人员的排名不通报"):
        draft_circular(done, by=office.people["office"])
    assert Paper.objects.count() == 0


def test_cases_of_signed_circular_rungs_are_named_once_and_have_no_paper_of_their_own(office):
    ranking = frozen(office)
    moment = timezone.make_aware(dt.datetime.combine(MONTH.replace(day=12), dt.time(10)))
    rung = Rung.objects.create(
        rank=3, trigger="after_due", amount=1, unit="work_day", action="circular", source="示例"
    )
    rows = [case(office) for _n in range(3)]
    for turn, row in ((1, rows[0]), (2, rows[0]), (1, rows[1])):
        Prepared.objects.create(
            case=row, rung=rung, round=turn, ground="超期后 3 工作日", decided_at=moment, is_signed=True
        )
    Prepared.objects.create(case=rows[2], rung=rung, ground="超期", decided_at=moment, is_signed=False)
    paper = draft_circular(ranking, by=office.people["office"])
    (named,) = [table for table in tables(paper)[0] if table.head[1] == "案号"]
    assert [line[1] for line in named.rows] == sorted(row.number for row in rows[:2])
    assert {line[3] for line in named.rows} == {"超期后 3 工作日"}
    assert Paper.objects.count() == 1
