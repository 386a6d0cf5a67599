"""A paper put together from what it says and who issues it: form, mark, receivers and signature by kind and body."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from django.utils.translation import gettext as _

from chuangwen.kernel.models import Post, Unit
from chuangwen.kernel.people.models import Role
from chuangwen.papers.format.content import PaperText, Part
from chuangwen.papers.format.kinds import KINDS
from chuangwen.papers.models import Form, IssuingBody, Paper, PaperKind

URGENT: Final = "加急"
MANY: Final = 8  # beyond so many receivers the line 主送 names them together; the receipts name each


def form_of(kind: str) -> Form:
    """The form a kind is printed in."""
    return Form(KINDS[kind].form)


def mark_of(kind: str, body: IssuingBody) -> str:
    """The red mark: a file's ends in 文件, a letter's is the name alone, minutes and bulletins say what they are."""
    if kind == PaperKind.MINUTES:
        return _("%(name)s会议纪要") % {"name": body.name}
    if kind == PaperKind.BULLETIN:
        return _("%(name)s简报") % {"name": body.name}
    return body.name if form_of(kind) == Form.LETTER else body.mark


def names_of(units: Sequence[Unit]) -> str:
    """Receivers as they are written, by full name; many are said together."""
    return "、".join(unit.name for unit in units) if len(units) <= MANY else str(_("各有关单位"))


def compose(
    kind: str, title: str, content: PaperText | Sequence[Part], body: IssuingBody, receivers: Sequence[Unit] = (),
    copies: Sequence[Unit] = (),
) -> PaperText:  # fmt: skip
    """The whole paper before it has a number: parts that are given stay, empty ones come from body and receivers."""
    if isinstance(content, PaperText):
        text = replace(content, kind=str(kind), title=title)
    else:
        text = PaperText(form=KINDS[kind].form, kind=str(kind), title=title, blocks=tuple(content))
    needs = KINDS[kind].needs
    return replace(
        text,
        mark=text.mark or mark_of(kind, body),
        to=text.to or (names_of(receivers) if "to" in needs else ""),
        cc=text.cc or (names_of(copies) if copies else ""),
        signature=text.signature or ((body.name,) if "signature" in needs else ()),
        printed_by=text.printed_by or body.name,
    )


def finished(paper: Paper, text: PaperText, day: dt.date) -> PaperText:
    """The paper as it is signed: number, dates, urgency, and on upward papers who signed."""
    return replace(
        text,
        number=paper.number,
        dated_on=day,
        printed_on=day,
        urgency=URGENT if paper.is_urgent else text.urgency,
        signer=(paper.signer,) if KINDS[paper.kind].is_upward and paper.signer else (),  # 7.2.6
    )


def default_body() -> IssuingBody | None:
    """The body that issues where nobody chose one: the office's own, else the first in the register."""
    rows = IssuingBody.objects.select_related("unit").order_by("code", "pk")
    units = Post.objects.in_force().filter(role=Role.OFFICE).values("unit")
    return rows.filter(unit__in=units).first() or rows.first()


def figure(
    name: str, value: Any, *, measure: str = "", definition: str = "", link: str = ""
) -> dict[str, str]:
    """One number a paper was made from, as it is frozen with it: digits as text, where it came from."""
    return {
        "name": str(name), "value": str(value), "measure": str(measure), "definition": str(definition), "link": link,
    }  # fmt: skip
