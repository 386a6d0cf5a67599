"""What people do with papers beside the steps: draft and change one, sign for it and answer, send several at once."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypedDict, Unpack

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen.kernel.models import Person, Unit
from chuangwen.kernel.workflow.flow import NotAllowed, Refused, Taken
from chuangwen.papers import numbering, rules
from chuangwen.papers.composing import compose
from chuangwen.papers.flow import PaperFlow
from chuangwen.papers.format.content import BadContent, PaperText, Part, as_data, from_data
from chuangwen.papers.models import IssuingBody, Paper, PaperKind, PaperState, Receipt, ReceiverPart

TITLE = 120


class More(TypedDict, total=False):
    """What a draft may have beside its text: 抄送, a date to reply by, urgency, whether it is made up."""

    copies: Iterable[Unit]
    reply_on: dt.date | None
    is_urgent: bool
    is_sample: bool
    about: tuple[str, int] | None
    at: dt.datetime | None


def draft_paper(
    kind: str, *, title: str, content: PaperText | Sequence[Part], body: IssuingBody, by: Person,
    figures: Sequence[Mapping[str, Any]] = (), receivers: Iterable[Unit] = (), **more: Unpack[More],
) -> Paper:  # fmt: skip
    """拟稿 by a person of the office: a paper of that kind with its text, the figures it was made from, its receivers.

    `content` is the body's parts, or a whole PaperText whose empty parts (mark, 主送, 抄送, signature) are filled.
    `about` names what it was made of, such as ("assessment.ranking", 3). Raises NotAllowed for anybody else, Refused
    for an empty title or a text that is no paper.
    """
    if not rules.write.allows(by, None):
        raise NotAllowed(_("公文由创建办拟稿。"))
    return put_draft(
        kind, title=title, content=content, body=body, by=by, figures=figures, receivers=receivers, **more
    )


@transaction.atomic
def put_draft(
    kind: str, *, title: str, content: PaperText | Sequence[Part], body: IssuingBody, by: Person | None,
    figures: Sequence[Mapping[str, Any]] = (), receivers: Iterable[Unit] = (), **more: Unpack[More],
) -> Paper:  # fmt: skip
    """As `draft_paper`, for makers that follow from another step and have asked that step's rule already."""
    at = more.get("at") or timezone.now()
    main = list(dict.fromkeys(receivers))
    copies = [unit for unit in dict.fromkeys(more.get("copies") or ()) if unit not in main]
    text = _checked(compose(kind, _title(title), content, body, main, copies))
    about = more.get("about") or ("", None)
    paper = Paper(
        code=numbering.next_code(at), kind=PaperKind(kind), form=text.form, body=body, title=_flat(title), content=as_data(text),
        figures=[dict(one) for one in figures], about=about[0], about_id=about[1], reply_on=more.get("reply_on"),
        is_urgent=more.get("is_urgent", False), is_sample=more.get("is_sample", False), made_by=by,
        state=PaperState.DRAFT, created_at=at,
    )  # fmt: skip
    paper.save(force_insert=True)
    _receivers(paper, main, copies)
    given = {"receivers": len(main), "copies": len(copies), "content": _kept(text)}
    PaperFlow.record(paper, PaperFlow.by_code["draft"], by=by, cleaned=given, at=at, from_state="")
    return paper


def _flat(title: str) -> str:
    return title.replace("\n", "").strip()


def _title(title: str) -> str:
    if not _flat(title):
        raise Refused(_("公文没有标题，写上标题。"))
    if len(_flat(title)) > TITLE:
        raise Refused(_("标题 %(n)d 字，最多 %(most)d 字，缩短。") % {"n": len(_flat(title)), "most": TITLE})
    return title.strip()


def _checked(text: PaperText) -> PaperText:
    """Read back from its data: what the database will give is what was meant."""
    try:
        return from_data(as_data(text))
    except BadContent as fault:
        raise Refused(str(fault)) from fault


def _kept(text: PaperText) -> str:
    return json.dumps(as_data(text), ensure_ascii=False, sort_keys=True)


def _receivers(paper: Paper, main: Sequence[Unit], copies: Sequence[Unit]) -> None:
    paper.receipts.all().delete()
    rows = [(ReceiverPart.MAIN, unit) for unit in main] + [(ReceiverPart.COPY, unit) for unit in copies]
    Receipt.objects.bulk_create(Receipt(paper=paper, unit=unit, part=part) for part, unit in rows)


@transaction.atomic
def edit_paper(
    paper: Paper, *, title: str, content: PaperText, receivers: Iterable[Unit], by: Person,
    copies: Iterable[Unit] = (), reply_on: dt.date | None = None, is_urgent: bool = False,
    body: IssuingBody | None = None, seen: str = "", at: dt.datetime | None = None,
) -> Paper:  # fmt: skip
    """改稿: replaces text, receivers and dates of a draft; the old text stays in its history.

    `seen` is the head of history the editor read; when another changed the draft since, Refused, nothing is lost.
    Raises NotAllowed (not the office), Refused (no draft any more, no title, text that is no paper).
    """
    paper = Paper.objects.select_for_update(of=("self",)).select_related("body").get(pk=paper.pk)
    step = PaperFlow.by_code["edit"]
    why = PaperFlow.why_not(paper, step, by)
    if why:
        raise Refused(why) if rules.write.allows(by, paper) else NotAllowed(why)
    if seen and seen != paper.head:
        raise Refused(_("另一人刚改过这份稿，重新打开再改；你写的还在下面。"))
    main = list(dict.fromkeys(receivers))
    others = [unit for unit in dict.fromkeys(copies) if unit not in main]
    paper.body = body or paper.body
    text = _checked(compose(paper.kind, _title(title), content, paper.body, main, others))
    changed = _changed(paper, text)
    paper.title, paper.content = _flat(title), as_data(text)
    paper.reply_on, paper.is_urgent = reply_on, is_urgent
    paper.save(update_fields=["title", "content", "reply_on", "is_urgent", "body"])
    _receivers(paper, main, others)
    given = {"changed": changed, "receivers": len(main), "copies": len(others), "content": _kept(text)}
    PaperFlow.record(paper, step, by=by, cleaned=given, at=at or timezone.now())
    return paper


def _changed(paper: Paper, text: PaperText) -> list[str]:
    """The names of the parts that differ from what is kept."""
    new = as_data(text)
    return sorted(name for name in {*new, *paper.content} if new.get(name) != paper.content.get(name))


def receive_paper(
    paper: Paper, *, by: Person, receipt: int | None = None, at: dt.datetime | None = None, uid: uuid.UUID | None = None
) -> Taken:  # fmt: skip
    """签收 for a unit of this person: the receipt given, else the first still open. Twice is Refused, the same uid once."""
    return PaperFlow.take(paper, "receive", by=by, given={"receipt": receipt}, at=at, uid=uid)


def reply_paper(
    paper: Paper, reply: str, *, by: Person, receipt: int | None = None, at: dt.datetime | None = None,
    uid: uuid.UUID | None = None,
) -> Taken:  # fmt: skip
    """回复 for a unit of this person; with the last main receiver's reply the clock stops. A late one is taken as well."""
    return take_step(paper, "reply", by=by, given={"receipt": receipt, "reply": reply}, at=at, uid=uid)


@transaction.atomic
def take_step(
    paper: Paper, code: str, *, by: Person, given: Mapping[str, Any] | None = None, at: dt.datetime | None = None,
    uid: uuid.UUID | None = None,
) -> Taken:  # fmt: skip
    """One step as a page takes it, with what follows from it. Raises as `Flow.take`."""
    taken = PaperFlow.take(paper, code, by=by, given=given, at=at, uid=uid)
    if code == "reply" and not taken.repeated:
        left = Receipt.objects.filter(paper_id=paper.pk, part=ReceiverPart.MAIN, replied_at=None)
        if taken.matter.reply_on is not None and not left.exists():
            PaperFlow.take(paper, "all_replied", by=None, at=at)
    return taken


def issue_at_once(
    papers: Iterable[Paper], *, by: Person, at: dt.datetime | None = None
) -> list[tuple[Paper, str]]:
    """印发 several signed papers, each whole or not at all; returns those left out with the reason."""
    left = []
    for paper in papers:
        try:
            PaperFlow.take(paper, "issue", by=by, at=at)
        except Refused as fault:
            left.append((paper, str(fault)))
    return left
