"""From trial to frozen: who may, when not, whom it tells, and that frozen digits come out again."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from chuangwen.assessment.closing import close_month
from chuangwen.assessment.consequence_models import Consequence
from chuangwen.assessment.counting import Drifted, recompute, recount
from chuangwen.assessment.ranking_flow import RankingFlow
from chuangwen.assessment.ranking_models import Objection, RankFact, Ranking
from chuangwen.kernel.models import Notice
from chuangwen.kernel.workflow import history
from chuangwen.kernel.workflow.flow import NotAllowed, Refused
from tests.assessment.ranking.conftest import OCTOBER, local

pytestmark = pytest.mark.django_db
PUBLISHED = local(2026, 11, 2, 10)  # a Monday; three working days end on Thursday evening
OVER = local(2026, 11, 6, 9)


def previewed(october):
    ranking = close_month("unit", OCTOBER, by=october.office)
    return RankingFlow.take(ranking, "publish", by=october.office, at=PUBLISHED).matter


def frozen(october):
    return RankingFlow.take(previewed(october), "freeze", by=october.office, at=OVER).matter


def test_preview_runs_three_working_days_and_tells_every_unit(october):
    ranking = previewed(october)
    assert ranking.preview_until == local(2026, 11, 5, 18) == ranking.next_due_at
    told = Notice.objects.filter(kind="preview").order_by("unit_id")
    assert {notice.unit.code for notice in told} == {"cgj", "jtj", "xhl"}
    assert {(n.role, n.url) for n in told} == {("liaison", f"/rankings/{ranking.pk}/")}
    assert "11-05 18:00" in told[0].text


def test_freezing_waits_for_the_time_and_the_objections(october):
    ranking = previewed(october)
    with pytest.raises(Refused, match="11-05 18:00"):
        RankingFlow.take(ranking, "freeze", by=october.office, at=local(2026, 11, 5, 17))
    with pytest.raises(NotAllowed):
        RankingFlow.take(ranking, "freeze", by=october.people["clerk"], at=OVER)
    line = ranking.lines.get(key=october.units["cgj"].pk)
    objection = Objection.objects.create(
        number="S-1", line=line, unit=line.unit, ground="示例", state="raised"
    )
    with pytest.raises(Refused, match="1 件申诉"):
        RankingFlow.take(ranking, "freeze", by=october.office, at=OVER)
    with pytest.raises(Refused, match="1 件申诉"):
        RankingFlow.take(ranking, "void", by=october.office, given={"reason": "重算"}, at=OVER)
    Objection.objects.filter(pk=objection.pk).update(state="refused")
    done = RankingFlow.take(ranking, "freeze", by=october.office, at=OVER).matter
    assert (done.state, done.frozen_at, done.next_due_at) == ("frozen", OVER, None)
    assert Notice.objects.filter(kind="frozen").count() == 3
    assert [found for found in history.verify() if found.subject == "assessment.ranking"] == []


def test_frozen_digits_come_out_again(october):
    """Whatever happens to the cases, to the consequences, to names: the month stays."""
    Consequence.objects.create(
        kind="criticism", unit=october.units["cgj"], on=OCTOBER, month=OCTOBER, ground="示例", points=1
    )
    ranking = frozen(october)
    before = list(
        ranking.lines.order_by("key").values_list("key", "score", "margin", "rank", "parts", "bonus")
    )
    october.cases.late("cgj", 5)
    for case in october.cases.good("jtj", 1):
        case.delete()
    Consequence.objects.update(lifted_on=dt.date(2026, 11, 9), lifted_reason="示例")
    Consequence.objects.create(
        kind="bonus", unit=october.units["jtj"], on=OCTOBER, month=OCTOBER, ground="迟到", points=3
    )
    assert recompute(ranking) == ranking.digest and len(ranking.digest) == 64
    assert before == list(
        ranking.lines.order_by("key").values_list("key", "score", "margin", "rank", "parts", "bonus")
    )
    with pytest.raises(Refused, match="已经定稿"):
        recount(ranking)
    assert close_month("unit", OCTOBER, by=october.office).pk == ranking.pk


def test_a_changed_row_or_line_is_found(october):
    ranking = frozen(october)
    fact = RankFact.objects.filter(value=0).first()
    RankFact.objects.filter(pk=fact.pk).update(value=10000)
    with pytest.raises(Drifted, match="重算与定稿不同"):
        recompute(ranking)
    RankFact.objects.filter(pk=fact.pk).update(value=0)
    assert recompute(ranking) == ranking.digest
    ranking.lines.filter(key=october.units["jtj"].pk).update(score=Decimal("99.9999"))
    with pytest.raises(Drifted, match=str(october.units["jtj"])):
        recompute(ranking)


def test_a_granted_objection_takes_its_row_out_and_lines_stay(october):
    ranking = previewed(october)
    lines = dict(ranking.lines.values_list("key", "pk"))
    line = ranking.lines.get(key=october.units["cgj"].pk)
    objection = Objection.objects.create(
        number="S-1", line=line, unit=line.unit, ground="示例", state="granted"
    )
    late = RankFact.objects.filter(ranking=ranking, measure="fixed_in_time", value=0).first()
    RankFact.objects.filter(pk=late.pk).update(objection=objection)
    digest = ranking.digest
    recount(ranking)
    part = ranking.lines.get(pk=line.pk).parts["fixed_in_time"]
    assert (part["good"], part["count"]) == ("8", 9)
    assert dict(ranking.lines.values_list("key", "pk")) == lines and ranking.digest != digest
    assert RankFact.objects.filter(pk=late.pk).exists()


def test_consequences_of_the_month_enter_the_score_within_limits(october):
    plain = {one.key: one.score for one in close_month("unit", OCTOBER, by=october.office).lines.all()}
    ranking = Ranking.objects.get()
    cgj, jtj = october.units["cgj"], october.units["jtj"]
    for kind, unit, month, points in (
        ("deduct", cgj, OCTOBER, 15), ("criticism", cgj, OCTOBER, 10), ("bonus", jtj, OCTOBER, 9),
        ("bonus", cgj, dt.date(2026, 9, 1), 5), ("veto", jtj, dt.date(2026, 9, 1), 0),
    ):  # fmt: skip
        Consequence.objects.create(kind=kind, unit=unit, on=month, month=month, ground="示例", points=points)
    recount(ranking)
    line = {one.key: one for one in ranking.lines.all()}
    assert line[cgj.pk].bonus == -20 and line[cgj.pk].score == plain[cgj.pk] - 20
    assert line[jtj.pk].bonus == 5 and line[jtj.pk].score == plain[jtj.pk] + 5
    Consequence.objects.create(kind="veto", unit=jtj, on=OCTOBER, month=OCTOBER, ground="重大事故")
    recount(ranking)
    vetoed = ranking.lines.get(key=jtj.pk)
    assert (vetoed.veto, vetoed.why_not, vetoed.rank) == ("重大事故", "一票否决", None)
    Consequence.objects.filter(kind="veto").update(lifted_on=dt.date(2026, 11, 2))
    recount(ranking)
    assert ranking.lines.get(key=jtj.pk).rank == 1


def test_a_void_month_is_closed_anew(october):
    ranking = previewed(october)
    RankingFlow.take(ranking, "void", by=october.office, given={"reason": "规则选错"}, at=PUBLISHED)
    assert Notice.objects.filter(kind="voided").count() == 3
    again = close_month("unit", OCTOBER, by=october.office)
    assert again.pk != ranking.pk and again.state == "draft"


def test_a_frozen_month_cannot_be_void(october):
    with pytest.raises(Refused):
        RankingFlow.take(frozen(october), "void", by=october.office, given={"reason": "后悔"}, at=OVER)


def test_nothing_to_rank_is_not_published(october):
    ranking = close_month("unit", dt.date(2026, 8, 1), by=october.office)
    assert {line.why_not for line in ranking.lines.all()} == {"没有可计的数据"}
    with pytest.raises(Refused, match="没有一个对象可以排名"):
        RankingFlow.take(ranking, "publish", by=october.office, at=PUBLISHED)
