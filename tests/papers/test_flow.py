"""A paper from draft to reply: two persons, one number, frozen text, receivers who sign and answer, late ones named."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from django.utils import timezone

from chuangwen.kernel.models import Blob, Clock, Demand, Entry, Notice
from chuangwen.kernel.workflow import history
from chuangwen.kernel.workflow.flow import BadInput, NotAllowed, Refused
from chuangwen.papers import checking, queries, rules
from chuangwen.papers.actions import draft_paper, edit_paper, receive_paper, reply_paper
from chuangwen.papers.flow import PaperFlow
from chuangwen.papers.format.codes import fault as fault_of
from chuangwen.papers.format.content import Block
from chuangwen.papers.models import Paper, Receipt
from chuangwen.papers.numbering import last_serial, start_after
from chuangwen.papers.rendering import docx_of, text_of
from tests.papers.conftest import draft, issued, signed

YEAR = timezone.localdate().year
SOON = timezone.localdate() + dt.timedelta(days=5)


def take(paper, code, by, **given):
    return PaperFlow.take(paper, code, by=by, given=given).matter


def test_from_draft_to_issue(office):
    people = office.people
    paper = draft(office, reply_on=SOON)
    assert (paper.state, paper.number, paper.code) == ("draft", "", f"GW-{YEAR}-00001")
    paper = take(paper, "send", people["office"])
    assert Notice.objects.filter(kind="review").values_list("person__username", flat=True).get() == "office2"
    paper = take(paper, "sign", people["office2"])
    assert (paper.number, paper.serial, paper.signer) == (f"示创办〔{YEAR}〕1号", 1, "示例 主任")
    text = text_of(paper)
    assert (text.number, text.dated_on, text.to) == (
        paper.number,
        timezone.localdate(),
        "城市管理局、交通运输局",
    )
    paper = take(paper, "issue", people["office"])
    assert list(Receipt.objects.values_list("unit__code", "copy_no").order_by("copy_no")) == [
        ("cgj", 1),
        ("jtj", 2),
    ]
    assert Demand.objects.filter(kind="paper", until__date__gte=SOON).count() == 2
    assert Notice.objects.filter(kind="paper", unit=office.units["cgj"]).count() == 1
    clock = Clock.objects.get(subject="papers.paper", name="reply")
    assert timezone.localtime(clock.due_at).date() >= SOON
    assert [e.step for e in history.history_of(paper)] == ["draft", "send", "sign", "issue"]
    assert list(history.verify()) == []


def test_the_file_is_made_once_and_kept_by_its_hash(office):
    paper = signed(office)
    first = docx_of(paper)
    office.body.mark = "改过的标志文件"
    office.body.save()
    assert docx_of(Paper.objects.get(pk=paper.pk)) == first
    entry = Entry.objects.get(subject="papers.paper", step="sign")
    assert entry.given["sha256"] == paper.blob.sha256 and Blob.objects.count() == 1


def test_who_drafted_does_not_sign(office):
    paper = take(draft(office), "send", office.people["office"])
    with pytest.raises(NotAllowed):
        take(paper, "sign", office.people["office"])
    for post in ("clerk", "liaison", "leader", "head"):
        with pytest.raises(NotAllowed):
            take(paper, "sign", office.people[post])
    assert last_serial(office.body, YEAR) == 0


def test_the_head_of_the_bodys_unit_signs(office):
    office.body.unit = office.units["cgj"]
    office.body.save()
    paper = take(draft(office), "send", office.people["office"])
    assert Notice.objects.get(kind="review").person == office.people["head"]
    assert take(paper, "sign", office.people["head"]).state == "signed"


def test_signed_text_does_not_change(office):
    paper = signed(office)
    with pytest.raises(Refused):
        edit_paper(
            paper,
            title="别的",
            content=text_of(paper),
            receivers=[office.units["cgj"]],
            by=office.people["office"],
        )


def test_return_with_reason_and_the_text_before(office):
    office_, second = office.people["office"], office.people["office2"]
    paper = take(draft(office), "send", office_)
    with pytest.raises(BadInput):
        take(paper, "return", second, reason=" ")
    paper = take(paper, "return", second, reason="补上时间")
    assert Notice.objects.get(kind="return").person == office_
    text = text_of(paper)
    edited = edit_paper(
        paper, title="关于做好清扫的通知", content=text.__class__(**{**text.__dict__, "blocks": (Block("十日内办完。"),)}),
        receivers=[office.units["xhl"]], by=office_, copies=[office.units["jtj"], office.units["xhl"]], reply_on=SOON,
    )  # fmt: skip
    assert (edited.title, edited.reply_on) == ("关于做好清扫的通知", SOON)
    assert list(edited.receipts.values_list("unit__code", "part")) == [("jtj", "copy"), ("xhl", "main")]
    kept = queries.versions(edited)
    assert [len(one.data["blocks"]) for one in kept] == [3, 1]
    assert list(history.verify()) == []


def test_two_editors_of_one_draft(office):
    paper = draft(office)
    text, more = text_of(paper), {"receivers": [office.units["cgj"]], "by": office.people["office"]}
    edit_paper(paper, title="第一人改的", content=text, seen=paper.head, **more)
    with pytest.raises(Refused, match="另一人刚改过"):
        edit_paper(paper, title="第二人改的", content=text, seen=paper.head, **more)
    assert Paper.objects.get().title == "第一人改的"


@pytest.mark.parametrize(
    ("more", "why"),
    [({"blocks": ()}, "正文是空的"), ({"units": ()}, "没有主送"), ({"reply_on": timezone.localdate()}, "回复期限已到")],
)  # fmt: skip
def test_an_unfinished_paper_is_not_sent(office, more, why):
    paper = draft(office, **more)
    with pytest.raises(Refused, match=why):
        take(paper, "send", office.people["office"])


def test_our_own_faults_hold_the_signing_and_give_the_number_back(office, monkeypatch):
    paper = take(draft(office), "send", office.people["office"])
    fault = fault_of("mark_font", "首页", "宋体", "小标宋体")
    with monkeypatch.context() as patch:
        patch.setattr(checking, "findings_of", lambda data: [fault])
        with pytest.raises(Refused, match="1 处不合格式"):
            take(paper, "sign", office.people["office2"])
        assert (Paper.objects.get().state, last_serial(office.body, YEAR), Blob.objects.count()) == (
            "review",
            0,
            0,
        )
        patch.setattr(
            checking, "findings_of", lambda data: [fault_of("number_missing", "首页", "没有", "发文字号")]
        )
        paper = take(paper, "sign", office.people["office2"])
    assert paper.serial == 1
    assert "发文字号" in Entry.objects.get(step="sign").given["warnings"][0]


def test_units_sign_for_it_and_answer(office):
    people, paper = office.people, issued(office, reply_on=SOON)
    uid = uuid.uuid4()
    for _twice in range(2):
        receive_paper(paper, by=people["liaison"], uid=uid)
    assert Entry.objects.filter(step="receive").count() == 1
    with pytest.raises(BadInput, match="已经签收过"):
        receive_paper(paper, by=people["head"])
    with pytest.raises(NotAllowed):
        receive_paper(paper, by=people["liaison3"])
    other = Receipt.objects.get(unit=office.units["jtj"])
    with pytest.raises(BadInput, match="不在这份公文"):
        receive_paper(paper, by=people["liaison"], receipt=other.pk)
    with pytest.raises(BadInput, match="写明办到哪一步"):
        reply_paper(paper, " ", by=people["liaison"])
    reply_paper(paper, "已扫完。", by=people["head"])
    assert Clock.objects.get(name="reply").stopped_at is None
    late = timezone.now() + dt.timedelta(days=8)
    paper = reply_paper(paper, "晚了。", by=people["liaison2"], at=late).matter
    paper.refresh_from_db()
    assert Clock.objects.get(name="reply").stopped_at == late and paper.next_due_at is None
    rows = {row.unit.code: row for row in queries.receipts_of(paper)}
    today = timezone.localdate()
    assert [queries.is_late(paper, rows[c], today) for c in ("cgj", "jtj")] == [False, True]
    assert rows["jtj"].received_by == people["liaison2"]
    assert Notice.objects.filter(kind="replied", person=people["office"]).count() == 2
    assert list(history.verify()) == []


def test_urging_tells_each_missing_unit_once(office):
    people, paper = office.people, issued(office, units=("cgj", "jtj", "xhl"))
    receive_paper(paper, by=people["liaison"])
    with pytest.raises(NotAllowed):
        take(paper, "urge", people["clerk"])
    take(paper, "urge", people["office"])
    told = Notice.objects.filter(kind="urge").values_list("unit__code", flat=True)
    assert sorted(told) == ["jtj", "xhl"]
    with pytest.raises(Refused, match="今天已催过"):
        take(paper, "urge", people["office"])
    for who in ("liaison2", "liaison3"):
        receive_paper(paper, by=people[who])
    with pytest.raises(Refused, match="都签收了"):
        take(paper, "urge", people["office"])


def test_a_withdrawn_number_stays_used_and_receivers_are_told(office):
    paper = take(issued(office), "withdraw", office.people["office"], reason="日期有误")
    assert Notice.objects.filter(kind="withdrawn").count() == 2
    assert (paper.state, signed(office).serial) == ("withdrawn", 2)
    unsent = take(signed(office), "withdraw", office.people["office"], reason="不发了")
    assert (unsent.serial, Notice.objects.filter(kind="withdrawn").count()) == (3, 2)
    with pytest.raises(Refused):
        receive_paper(paper, by=office.people["liaison"])


def test_each_body_and_year_has_its_own_numbers(office):
    from chuangwen.papers.models import IssuingBody

    start_after(office.body, YEAR, 11, by=office.people["office"])
    assert signed(office).number == f"示创办〔{YEAR}〕12号"
    with pytest.raises(Refused, match="已经在这里编过号"):
        start_after(office.body, YEAR, 3, by=office.people["office"])
    other = IssuingBody.objects.create(
        code="b", unit=office.units["dcj"], name="乙", mark="乙文件", character="乙"
    )
    paper = take(draft_paper(
        "notice", title="关于乙的通知", content=[Block("正文。")], body=other, receivers=[office.units["cgj"]],
        by=office.people["office"],
    ), "send", office.people["office"])  # fmt: skip
    next_year = timezone.now().replace(year=YEAR + 1, month=6, day=1)
    paper = PaperFlow.take(paper, "sign", by=office.people["office2"], at=next_year).matter
    assert paper.number == f"乙〔{YEAR + 1}〕1号"


def test_who_sees_what(office):
    hidden, sent = draft(office, title="关于草稿的通知"), issued(office, units=("cgj",))
    secret = issued(office, units=("dcj",), about=("problems.handover", 1))
    sees = {
        "office": {hidden, sent, secret}, "office2": {hidden, sent, secret}, "clerk": {sent, secret}, "auditor": {sent, secret},
        "leader": {sent}, "liaison": {sent}, "head": {sent}, "supervisor": {secret}, "liaison2": set(), "checker": set(),
        "inspector": set(), "admin": set(), "nobody": set(), "discipline": set(),
    }  # fmt: skip
    for post, wanted in sees.items():
        person = office.people[post]
        assert set(queries.papers(person)) == wanted, post
        assert {p for p in Paper.objects.all() if rules.see_paper.allows(person, p)} == wanted, post


def test_only_the_office_drafts(office):
    for post in ("clerk", "liaison", "leader", "admin"):
        with pytest.raises(NotAllowed):
            draft(office, by=office.people[post])
    with pytest.raises(Refused, match="没有标题"):
        draft(office, title=" ")
    with pytest.raises(Refused, match="最多 120 字"):
        draft(office, title="字" * 121)
    dropped = take(draft(office), "drop", office.people["office"])
    assert dropped.state == "dropped" and Entry.objects.filter(step="drop").count() == 1


def test_minutes_name_no_receiver_on_paper(office):
    paper = draft(office, kind="minutes", title="创建工作例会", units=("cgj",))
    text = text_of(paper)
    assert (text.form, text.to, text.signature, text.mark) == ("minutes", "", (), "示例市创建办公室会议纪要")
    assert take(paper, "send", office.people["office"]).state == "review"
