"""提示通知: exactly the unit's lines, once, with receipt, reply, burden and history; and who answers for a cell."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from chuangwen.kernel.models import Clock, Demand, Notice
from chuangwen.kernel.workflow import history
from chuangwen.kernel.workflow.flow import BadInput, NotAllowed, Refused
from chuangwen.standards.actions import (
    confirm_value,
    give_share,
    give_value,
    issue_notices,
    take_share,
    waive_requirement,
)
from chuangwen.standards.flow import DutyNoticeFlow
from chuangwen.standards.models import DutyLine, DutyNotice, Requirement, Series, Share

DAY = timezone.localdate() + dt.timedelta(days=10)


def send(tree, *codes, **more):
    return issue_notices(
        tree.edition, [tree.units[c] for c in codes], more.pop("on", DAY), by=tree.people["office"], **more
    )


def test_each_unit_gets_exactly_its_lines(tree):
    sent = send(tree, "cgj", "jtj", "xhl", "dcj")
    assert [(u.code, why) for u, why in sent.left] == [("dcj", "没有分到一条标准。")]
    lines = {
        n.unit.code: [(x.part, x.text, x.due_on) for x in DutyLine.objects.filter(notice=n)]
        for n in sent.made
    }
    assert lines["cgj"] == [
        ("lead", "1-01 市场干净 · 材料 2：报送说明报告。", None),
        ("lead", "说明报告：写清做法。（不超过 500 字）", dt.date(2026, 11, 20)),
        ("lead", "1-01 市场干净 · 实地 4：到市场看。", None),
    ]  # the second material is the first one again: not asked twice
    assert [part for part, _t, _d in lines["jtj"]] == ["assist", "lead"]
    assert lines["xhl"] == [("assist", "1-01 市场干净 · 材料 2：报送说明报告。", None)]
    assert {n.state for n in sent.made} == {"issued"}
    assert Demand.objects.filter(kind="paper").count() == 3
    assert Notice.objects.filter(unit=tree.units["cgj"], kind="notice").count() == 1
    clock = Clock.objects.get(subject="standards.dutynotice", subject_id=sent.made[0].pk)
    assert timezone.localtime(clock.due_at).date() >= DAY


def test_a_second_one_waits_for_the_first(tree):
    first = send(tree, "cgj").made[0]
    again = send(tree, "cgj", "jtj")
    assert [n.unit.code for n in again.made] == ["jtj"]
    assert first.number in again.left[0][1]
    with pytest.raises(IntegrityError), transaction.atomic():
        DutyNotice.objects.create(
            number="X", edition=tree.edition, unit=tree.units["cgj"], reply_on=DAY, state="issued"
        )
    DutyNoticeFlow.take(first, "withdraw", by=tree.people["office"], given={"reason": "分工有变"})
    assert len(send(tree, "cgj").made) == 1


def test_the_same_lines_are_not_asked_for_twice_after_the_reply(tree):
    first = send(tree, "cgj").made[0]
    DutyNoticeFlow.take(first, "reply", by=tree.people["liaison"], given={"reply": "已安排"})
    again = send(tree, "cgj")
    assert again.made == [] and first.number in again.left[0][1] and "不再要第二次" in again.left[0][1]
    requirement = Requirement.objects.filter(shares__unit=tree.units["cgj"]).first()
    Requirement.objects.filter(pk=requirement.pk).update(text="要求变了")
    assert len(send(tree, "cgj").made) == 1  # other lines are another request


def test_the_lines_stay_as_sent(tree):
    notice = send(tree, "cgj").made[0]
    Requirement.objects.filter(method="site").update(text="别的")
    take_share(Requirement.objects.get(method="site"), tree.units["cgj"], by=tree.people["office"])
    assert notice.lines.count() == 3 and notice.lines.filter(text__contains="到市场看").exists()


def test_receipt_and_reply_by_the_unit_only(tree):
    notice = send(tree, "cgj").made[0]
    with pytest.raises(NotAllowed):
        DutyNoticeFlow.take(notice, "receive", by=tree.people["liaison2"])
    DutyNoticeFlow.take(notice, "receive", by=tree.people["liaison"])
    with pytest.raises(BadInput):
        DutyNoticeFlow.take(notice, "reply", by=tree.people["head"], given={"reply": " "})
    done = DutyNoticeFlow.take(
        notice, "reply", by=tree.people["head"], given={"reply": "市容科办，十日内。"}
    ).matter
    assert (done.state, done.reply, done.next_due_at) == ("replied", "市容科办，十日内。", None)
    assert Clock.objects.get(subject_id=notice.pk, subject="standards.dutynotice").stopped_at
    assert Notice.objects.filter(person=tree.people["office"], kind="replied").count() == 1
    assert [e.step for e in history.history_of(done)] == ["draft", "issue", "receive", "reply"]
    assert list(history.verify()) == []


def test_urging_once_a_day_and_the_office_only(tree):
    notice = send(tree, "cgj").made[0]
    with pytest.raises(NotAllowed):
        DutyNoticeFlow.take(notice, "urge", by=tree.people["liaison"])
    DutyNoticeFlow.take(notice, "urge", by=tree.people["office"])
    with pytest.raises(Refused, match="今天已催过"):
        DutyNoticeFlow.take(notice, "urge", by=tree.people["office"])


def test_who_may_send_and_when(tree):
    with pytest.raises(NotAllowed):
        issue_notices(tree.edition, [tree.units["cgj"]], DAY, by=tree.people["clerk"])
    with pytest.raises(Refused, match="晚于今天"):
        send(tree, "cgj", on=timezone.localdate())
    assert DutyNotice.objects.count() == 0


def test_a_new_lead_leaves_the_old_one_as_help_and_history_tells(tree):
    need = Requirement.objects.get(method="site")
    office = tree.people["office"]
    for _twice in range(2):
        give_share(need, tree.units["xhl"], by=office, reason="市场在辖区")
    assert {(s.unit.code, s.part) for s in need.shares.all()} == {("xhl", "lead"), ("cgj", "assist")}
    entries = list(history.changes_of(need))
    assert len(entries) == 1
    assert entries[0].given["shares"] == ["城市管理局（主责）", "新华路街道办（主责）、城市管理局（协办）"]
    with pytest.raises(NotAllowed):
        give_share(need, tree.units["jtj"], by=tree.people["liaison"])


def test_waiving_takes_the_cell_out_of_notices_and_needs_the_office(tree):
    need = Requirement.objects.get(method="material")
    with pytest.raises(NotAllowed):
        waive_requirement(need, "不想办", by=tree.people["head"])
    waive_requirement(need, "本市没有市场", by=tree.people["office"])
    assert [line.text for line in send(tree, "cgj").made[0].lines.all()] == [
        "1-01 市场干净 · 实地 4：到市场看。"
    ]
    with pytest.raises(Refused, match="先恢复"):
        give_share(need, tree.units["jtj"], by=tree.people["office"])
    waive_requirement(need, "", by=tree.people["office"])
    need.refresh_from_db()
    assert (need.waived_reason, need.waived_by) == ("", None)
    assert Share.objects.filter(requirement=need).count() == 3


def test_a_figure_is_confirmed_by_somebody_else(tree):
    series = Series.objects.get()
    with pytest.raises(NotAllowed):
        give_value(series, 2026, Decimal(90), by=tree.people["liaison"])
    row = give_value(series, 2026, Decimal(90), by=tree.people["liaison2"])
    assert give_value(series, 2026, Decimal(90), by=tree.people["liaison2"]).pk == row.pk
    row = confirm_value(row, by=tree.people["office"])
    changed = give_value(series, 2026, Decimal(95), by=tree.people["office"])
    assert changed.pk == row.pk and changed.confirmed_by is None
    with pytest.raises(Refused, match="另一人确认"):
        confirm_value(changed, by=tree.people["office"])
    assert [e.given for e in history.changes_of(row)][-1] == {"value": [None, {"decimal": "90"}]}
