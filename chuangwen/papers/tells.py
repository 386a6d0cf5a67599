"""Whom each step of a paper tells: receivers one message a unit, the drafter what became of his draft."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from chuangwen.kernel.models import Entry, Post
from chuangwen.kernel.people.models import Role
from chuangwen.kernel.workflow.notices import Tell
from chuangwen.papers.models import Paper, Receipt

# Bodies outside the loop have no liaison: their own post reads what comes.
_READERS = {"supervision": Role.SUPERVISOR, "discipline": Role.DISCIPLINE}


def _units(paper: Paper, kind: str, words: str, receipts: Iterable[Receipt]) -> list[Tell]:
    line = f"{words}{paper.number} {paper.title}"
    return [
        Tell(
            paper, kind, line, unit_id=row.unit_id, role=_READERS.get(row.unit.kind, Role.LIAISON),
            url=paper.get_absolute_url(), urgent=paper.is_urgent,
        )
        for row in receipts
    ]  # fmt: skip


def _receivers(paper: Paper) -> list[Receipt]:
    return list(paper.receipts.select_related("unit").order_by("pk"))


def to_signers(paper: Paper, entry: Entry) -> list[Tell]:
    """The heads of the body's unit, and the office where there is none; never the drafter himself."""
    posts = Post.objects.in_force().exclude(person_id=paper.made_by_id or 0)
    heads = posts.filter(role=Role.HEAD, unit_id=paper.body.unit_id)
    people = sorted(set(heads.values_list("person_id", flat=True)))
    if not people:
        people = sorted(set(posts.filter(role=Role.OFFICE).values_list("person_id", flat=True)))
    words = _("公文等核稿签发：") + f"{paper.code} {paper.title}"
    return [Tell(paper, "review", words, person_id=pk, url=paper.get_absolute_url()) for pk in people]


def to_drafter(paper: Paper, entry: Entry) -> list[Tell]:
    words = {"return": _("公文退回修改："), "sign": _("公文已签发，等印发：")}[entry.step]
    line = f"{words}{paper.number or paper.code} {paper.title}"
    return [Tell(paper, entry.step, line, person_id=paper.made_by_id, url=paper.get_absolute_url())]


def issued(paper: Paper, entry: Entry) -> list[Tell]:
    words = _("收到公文：")
    if paper.reply_on:
        words = _("收到公文，%(day)s 前回复：") % {"day": paper.reply_on.strftime("%m-%d")}
    return _units(paper, "paper", words, _receivers(paper))


def urged(paper: Paper, entry: Entry) -> list[Tell]:
    """Those who have not signed for it or not replied, each once."""
    words = _("公文等你单位签收：")
    if paper.reply_on:
        words = _("公文等你单位签收回复，%(day)s 到期：") % {"day": paper.reply_on.strftime("%m-%d")}
    return _units(paper, "urge", words, [row for row in _receivers(paper) if is_missing(paper, row)])


def is_missing(paper: Paper, row: Receipt) -> bool:
    """Whether this receiver still owes something: a receipt, or from main receivers the reply that was asked for."""
    owes_reply = paper.reply_on is not None and row.part == "main" and row.replied_at is None
    return row.received_at is None or owes_reply


def withdrawn(paper: Paper, entry: Entry) -> list[Tell]:
    """Who never got it is not told that it is gone."""
    if paper.issued_at is None:
        return []
    return _units(paper, "withdrawn", _("公文已撤回，不再执行："), _receivers(paper))


def replied(paper: Paper, entry: Entry) -> list[Tell]:
    unit = entry.given.get("unit_name", "")
    line = _("%(unit)s回复了：") % {"unit": unit} + f"{paper.number} {paper.title}"
    return [Tell(paper, "replied", line, person_id=paper.made_by_id, url=paper.get_absolute_url())]
