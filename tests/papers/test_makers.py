"""Papers made of cases, hand-overs and duty notices: exactly their rows, to exactly their units, no reporter's words."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from chuangwen.kernel.city import forget
from chuangwen.kernel.models import City, Demand
from chuangwen.kernel.workflow.flow import NotAllowed, Refused
from chuangwen.papers import queries
from chuangwen.papers.flow import PaperFlow
from chuangwen.papers.format.content import Table
from chuangwen.papers.models import Paper, PaperKind
from chuangwen.papers.rendering import text_of
from chuangwen.problems.actions import Told, confirm_case, hand_over, sign, take_report
from chuangwen.problems.models import Prepared, Rung
from chuangwen.problems.papers import draft_for_cases, draft_for_handover
from chuangwen.tasks.duty_papers import draft_duty_papers
from tests.papers.conftest import office
from tests.standards.conftest import tree
from tests.standards.test_duty_notices import send

__all__ = ["office", "tree"]


def case(town, text="南门垃圾桶满溢", kind=None):
    told = Told(
        text=text, lon=113.0, lat=34.7601, source="resident", kind=kind or town.kind, contact="13800000000"
    )
    return confirm_case(take_report(told, by=None).case, by=town.people["dispatcher"])


def words(paper):
    """All that is printed."""
    text = text_of(paper)
    cells = [cell for part in text.blocks if isinstance(part, Table) for row in part.rows for cell in row]
    return "\n".join([text.title, text.to, *(getattr(part, "text", "") for part in text.blocks), *cells])


def test_one_order_for_several_cases_of_a_unit(office):
    rows = [case(office, "南门垃圾桶满溢"), case(office, "北门垃圾堆放")]
    due = timezone.localdate() + dt.timedelta(days=5)
    paper = draft_for_cases("rectification", rows, by=office.people["office"], reply_on=due)
    said = words(paper)
    assert all(row.number in said and row.what in said for row in rows)
    assert (paper.title, text_of(paper).to) == ("关于“暴露垃圾”问题的整改通知书", "城市管理局")
    assert "13800000000" not in said and f"{due.month}月{due.day}日" in said
    assert [f["link"] for f in paper.figures] == [row.get_absolute_url() for row in rows]
    assert [r.unit.code for r in paper.receipts.all()] == ["cgj"]
    assert PaperFlow.take(paper, "send", by=office.people["office"]).matter.state == "review"


def test_what_cannot_be_one_paper(office):
    office_, two = office.people["office"], [case(office), case(office, kind=office.street_kind)]
    with pytest.raises(Refused, match="分属 2 个单位"):
        draft_for_cases("rectification", two, by=office_)
    assert draft_for_cases("circular", two, by=office_).receipts.count() == 2
    new = take_report(Told(text="垃圾", lon=113.0, lat=34.7601), by=None).case
    with pytest.raises(Refused, match="还没有派到单位"):
        draft_for_cases("supervision", [new], by=office_)
    with pytest.raises(Refused, match="没有可以写进公文"):
        draft_for_cases("supervision", [], by=office_)
    with pytest.raises(Refused, match="整改通知书"):
        draft_for_cases("report", two[:1], by=office_)
    with pytest.raises(NotAllowed):
        draft_for_cases("rectification", two[:1], by=office.people["clerk"])
    assert Paper.objects.count() == 1


@pytest.mark.parametrize(
    ("action", "kind"),
    [("supervise_yellow", "supervision"), ("supervise_red", "supervision"), ("circular", "circular")],
)
def test_a_signed_rung_leaves_a_draft(office, action, kind):
    City.objects.update(settings={"papers_of_rungs": ["supervise_yellow", "supervise_red", "circular"]})
    forget()
    row = case(office)
    rung = Rung.objects.create(
        rank=3, trigger="after_due", amount=1, unit="work_day", action=action, source="示例"
    )
    prepared = Prepared.objects.create(case=row, rung=rung, ground="超期后 1 工作日")
    sign(prepared, signed=True, by=office.people["clerk"])
    paper = Paper.objects.get()
    assert (paper.kind, paper.about, paper.about_id, paper.state) == (kind, "problems.case", row.pk, "draft")
    assert "超期后 1 工作日" in words(paper)
    assert ("红牌督办" in words(paper)) == (action == "supervise_red")
    # A second rung of the same case finds the first one's draft.
    later = Prepared.objects.create(case=row, rung=rung, ground="超期后 3 工作日", round=2)
    sign(later, signed=True, by=office.people["clerk"])
    assert Paper.objects.count() == 1


def test_a_dropped_rung_and_a_city_without_a_body_leave_none(town):
    row = case(town)
    rung = Rung.objects.create(
        rank=3, trigger="after_due", amount=1, unit="work_day", action="supervise_yellow", source="示例"
    )
    sign(Prepared.objects.create(case=row, rung=rung, ground="超期"), signed=True, by=town.people["clerk"])
    row.refresh_from_db()
    assert (row.supervision, Paper.objects.count()) == (1, 0)


def test_a_handovers_letter_is_for_the_receiving_body(office):
    handover = hand_over(
        case(office),
        kind="supervision",
        to_unit=office.units["dcj"],
        reason="久拖不改",
        by=office.people["clerk"],
    )
    paper = draft_for_handover(handover, by=office.people["office"])
    for step, by in (("send", "office"), ("sign", "office2"), ("issue", "office")):
        paper = PaperFlow.take(paper, step, by=office.people[by]).matter
    sees = [post for post, person in office.people.items() if paper in queries.papers(person)]
    assert sorted(sees) == ["auditor", "clerk", "office", "office2", "supervisor"]
    assert "久拖不改" in words(paper)


def test_one_paper_a_notice_with_exactly_its_lines(office, tree):
    notices = send(tree, "cgj", "jtj").made
    drafted = draft_duty_papers(notices, by=office.people["office"])
    assert [p.receipts.get().unit.code for p in drafted.made] == ["cgj", "jtj"]
    for notice, paper in zip(notices, drafted.made, strict=True):
        said = words(paper)
        assert all(line.text in said for line in notice.lines.all())
        (table,) = [part for part in text_of(paper).blocks if isinstance(part, Table)]
        assert len(table.rows) == notice.lines.count()
        assert paper.reply_on == notice.reply_on and paper.kind == PaperKind.DUTY_NOTICE
    again = draft_duty_papers(notices, by=office.people["office"])
    assert again.made == [] and drafted.made[0].code in again.left[0][1]
    PaperFlow.take(drafted.made[0], "drop", by=office.people["office"])
    assert len(draft_duty_papers(notices, by=office.people["office"]).made) == 1


def test_a_notice_and_its_paper_are_one_demand(office, tree):
    (notice,) = send(tree, "cgj").made
    (paper,) = draft_duty_papers([notice], by=office.people["office"]).made
    for step, by in (("send", "office"), ("sign", "office2"), ("issue", "office")):
        paper = PaperFlow.take(paper, step, by=office.people[by]).matter
    assert Demand.objects.filter(unit=office.units["cgj"], kind="paper").count() == 1


def test_notices_are_drafted_by_the_office_or_not_at_all(office, tree):
    notices = send(tree, "cgj", "jtj").made
    with pytest.raises(NotAllowed):
        draft_duty_papers(notices, by=office.people["liaison"])
    assert Paper.objects.count() == 0
