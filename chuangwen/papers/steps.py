"""What the steps of a paper do and what holds them up."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen.kernel.city import setting
from chuangwen.kernel.models import Demand, Entry, Person
from chuangwen.kernel.workflow import burden
from chuangwen.kernel.workflow.calendar import Limit
from chuangwen.kernel.workflow.calendar import Unit as ClockUnit
from chuangwen.kernel.workflow.flow import Refused
from chuangwen.papers import checking, numbering, rendering
from chuangwen.papers.composing import finished
from chuangwen.papers.format.content import BadContent, as_data
from chuangwen.papers.format.kinds import KINDS
from chuangwen.papers.models import Paper, Receipt, ReceiverPart
from chuangwen.papers.tells import is_missing


def review_limit(paper: Paper) -> Limit:
    amount, unit = setting("limit_paper_review", ["1", "work_day"])
    return Limit(int(amount), ClockUnit(unit))


def issue_limit(paper: Paper) -> Limit:
    amount, unit = setting("limit_paper_issue", ["1", "work_day"])
    return Limit(int(amount), ClockUnit(unit))


def reply_limit(paper: Paper) -> Limit | None:
    """Until the end of the day the reply is asked for; none where nobody is asked."""
    if paper.reply_on is None or not paper.receipts.filter(part=ReceiverPart.MAIN).exists():
        return None
    days = (paper.reply_on - timezone.localdate(paper.now)).days
    return Limit(max(days, 1), ClockUnit.CALENDAR_DAY)


def is_incomplete(paper: Paper) -> str | None:
    """What a paper needs before others read it: a text, somebody it goes to, a date that is still ahead."""
    try:
        text = rendering.text_of(paper)
    except BadContent as fault:
        return str(fault)
    if not text.blocks:
        return _("正文是空的，先写正文。")
    if not text.to and "to" in KINDS[paper.kind].needs:
        return _("没有主送机关，先选收文单位或写上主送。")
    if paper.reply_on is not None and paper.reply_on <= timezone.localdate(paper.now):
        return _("回复期限已到，退回改期限。")
    return None


def sign(paper: Paper, *, by: Person, at: dt.datetime) -> dict[str, Any]:
    """Number, date and file in one go. Raises Refused, and gives the number back, where the file is not right."""
    number = numbering.next_number(paper.body, at)
    paper.year, paper.serial, paper.number = number.year, number.serial, number.words
    paper.dated_on = timezone.localdate(at)
    paper.signer, paper.signed_by = paper.body.signer or by.name, by
    text = finished(paper, rendering.text_of(paper), paper.dated_on)
    paper.content = as_data(text)
    try:
        data = rendering.render(text)
    except rendering.UNWRITABLE as fault:
        raise Refused(str(fault)) from fault
    found = checking.findings_of(data)
    own = checking.faults_of_form(found)
    if own:
        raise Refused(
            _("排出的公文有 %(n)d 处不合格式，不能签发。%(first)s改好模板或正文再签。")
            % {"n": len(own), "first": own[0].sentence}
        )
    paper.blob = rendering.keep(data)
    return {"number": paper.number, "sha256": paper.blob.sha256, "warnings": [one.sentence for one in found]}


def issue(paper: Paper, *, by: Person, at: dt.datetime) -> dict[str, Any]:
    """Each receiver gets its copy number; main receivers and copies alike are asked to sign for it."""
    paper.issued_at = at
    rows = sorted(paper.receipts.all(), key=lambda row: (row.part != ReceiverPart.MAIN, row.pk))
    for number, row in enumerate(rows, 1):
        row.copy_no = number
    Receipt.objects.bulk_update(rows, ["copy_no"])
    purpose = _("%(number)s 的签收") if paper.reply_on is None else _("%(number)s 的签收和回复")
    until = _end_of(paper.reply_on) if paper.reply_on else None
    about = _asked_for(paper)
    main = [row.unit_id for row in rows if row.part == ReceiverPart.MAIN]
    for first in burden.asked_of(main, "paper", about, at=at).values():
        raise Refused(burden.pointer_to(first))
    asked = _asked_already(paper)
    Demand.objects.bulk_create(
        Demand(
            unit_id=row.unit_id, kind="paper", subject=paper.subject, subject_id=paper.pk, asked_by=by, asked_at=at,
            purpose=f"{purpose % {'number': paper.number}} {paper.title}"[:100],
            until=until if row.part == ReceiverPart.MAIN else None, about=about if row.part == ReceiverPart.MAIN else "",
        )
        for row in rows
        if row.unit_id not in asked
    )  # fmt: skip
    return {"receivers": len(rows)}


def _asked_already(paper: Paper) -> set[int]:
    """Units that what the paper is about has asked for a paper already: a 提示通知 and its paper are one demand."""
    if paper.about_id is None:
        return set()
    rows = Demand.objects.filter(subject=paper.about, subject_id=paper.about_id, kind="paper")
    return set(rows.values_list("unit_id", flat=True))


def _asked_for(paper: Paper) -> str:
    """One name for a reply that is asked for on one matter; a paper on none, or that wants no reply, may recur."""
    return f"{paper.kind}:{paper.about}:{paper.about_id}" if paper.reply_on and paper.about_id else ""


def _end_of(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time(23, 59, 59)))


def receive(paper: Paper, *, by: Person, at: dt.datetime, receipt: Receipt) -> dict[str, Any]:
    Receipt.objects.filter(pk=receipt.pk).update(received_at=at, received_by=by)
    return {"unit_name": str(receipt.unit)}


def reply(paper: Paper, *, by: Person, at: dt.datetime, receipt: Receipt, reply: str) -> dict[str, Any]:
    """Who replies has it: an open receipt is signed with the reply."""
    values: dict[str, Any] = {"reply": reply, "replied_at": at}
    if receipt.received_at is None:
        values |= {"received_at": at, "received_by": by}
    Receipt.objects.filter(pk=receipt.pk).update(**values)
    return {"unit_name": str(receipt.unit)}


def nothing_to_urge(paper: Paper) -> str | None:
    """One urging a day, and only while a receiver owes something."""
    if not any(is_missing(paper, row) for row in paper.receipts.all()):
        return _("收文单位都签收回复了。") if paper.reply_on else _("收文单位都签收了。")
    since = paper.now - dt.timedelta(hours=20)
    rows = Entry.objects.filter(subject=paper.subject, subject_id=paper.pk, step="urge", at__gte=since)
    return _("今天已催过。") if rows.exists() else None
